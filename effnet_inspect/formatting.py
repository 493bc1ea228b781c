"""Values as people read them: one writer for each kind of value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from effnet_inspect.errors import UsageError

if TYPE_CHECKING:
    from effnet_inspect.document import Column, Document, Joint, Kind, Row, Table, Value

MISSING = "–"
TIMES = "×"

SIGNS = {"holds": "✓", "holds with a condition": "±", "does not hold": "✗", "answered": "→", "cannot be checked": "?"}
"""The signs before verdicts; all one column wide, and in every terminal's font."""

UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def format_value(value: Value, kind: Kind) -> str:
    """The value as text.

    >>> [format_value(385_814_752, kind) for kind in ("count", "quantity", "bytes")]
    ['385,814,752', '385.8 M', '385.8 MB']
    >>> format_value(0.1234, "share"), format_value((112, 112, 32), "size"), format_value((None, 3), "size")
    ('12.3%', '112×112×32', '?×3')
    >>> from effnet_inspect.document import Joint
    >>> format_value(Joint((224, 224), (112, 112)), "sizes"), format_value(Joint((32, 64), (16, 32)), "sizes")
    ('224 → 112', '32×64 → 16×32')
    >>> format_value(Joint("MBConv6", (5, 5)), "operation"), format_value(Joint("Dense", None), "operation")
    ('MBConv6 k5×5', 'Dense')
    >>> format_value(None, "count")
    '–'
    >>> format_value("does not hold", "verdict")
    '✗ does not hold'
    """
    return MISSING if value is None else _WRITERS[kind](value)


def cell_text(row: Row, index: int, column: Column) -> str:
    """The cell of `row` in `column`, the table's column `index`.

    Empty where a total has no value, and where a row has no number in the first column: there only some are numbered.
    """
    value = row.values[index]
    is_numbering = index == 0 and column.kind != "text"
    is_empty = value is None and (row.role == "total" or is_numbering)
    return "" if is_empty else format_value(value, row.kind_in(column))


def collapsed_pieces(table: Table) -> list[str]:
    """The rows that fold, as what one line says of them: `The same in both: Stem = 32`, `Block 1 = 16`."""
    name, first = table.label_column or 0, next((at for at, column in enumerate(table.columns) if column.paginate), -1)
    pieces = [
        f"{row.values[name]} = {cell_text(row, first, table.columns[first])}" for row in table.rows if row.collapse
    ]
    return [f"{table.collapsed_label}: {pieces[0]}", *pieces[1:]] if pieces else []


def facts_in_words(document: Document) -> list[tuple[str, str]]:
    """A document's head: each value, and what it is of."""
    return [
        (format_value(fact.value, fact.kind), f"{fact.label}{f' ({fact.remark})' if fact.remark else ''}".strip())
        for fact in document.header
    ]


def column_notes(columns: Iterable[Column]) -> str:
    """What is said of the columns that are shown."""
    return " ".join(dict.fromkeys(column.note for column in columns if column.note))


def format_si(number: float) -> str:
    """Four significant digits with a decimal prefix.

    >>> [format_si(number) for number in (999, 1000, 37_745_884_192, 999_999)]
    ['999', '1.000 k', '37.75 G', '1.000 M']
    """
    for unit, prefix in UNITS:
        if abs(number) >= unit * 0.99995:
            scaled = number / unit
            digits = 3 if scaled < 9.9995 else 2 if scaled < 99.995 else 1 if scaled < 999.95 else 0
            return f"{scaled:.{digits}f} {prefix}"
    return f"{number:g}"


def format_rounded(number: float, unit: str = "") -> str:
    """A number that is round already, as short as it is exact, with a decimal prefix.

    >>> [format_rounded(number) for number in (26_000_000, 4.1e9, 0, 500)], format_rounded(2e6, "B")
    (['26 M', '4.1 G', '0', '500'], '2 MB')
    """
    for size, prefix in UNITS:
        if abs(number) >= size:
            return f"{number / size:g} {prefix}{unit}"
    return f"{number:g} {unit}".rstrip()


_PREFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12}


def parse_quantity(text: str) -> float:
    """The number that an amount means: `10M`, `0.39 G`, `2.5e6`, `4,049,571`; B is the billion of papers, 10⁹.

    Raises:
        UsageError: where it is not one.

    >>> parse_quantity("10M"), parse_quantity("0.39 G"), parse_quantity("4,049,571")
    (10000000.0, 390000000.0, 4049571.0)
    """
    match = re.fullmatch(r"([\d,]*\.?\d+(?:e\+?\d+)?) ?([kmgbt]?)", text.strip().lower())
    if not match:
        raise UsageError(f"{text!r} is not a valid amount; write for example 10M, 0.4G or 5330571")
    return float(match[1].replace(",", "")) * _PREFIXES[match[2]]


def parse_bytes(text: str) -> float:
    """The number of bytes that an amount of memory means: `11GB`, `11 G`, `16GiB`.

    Raises:
        UsageError: where it is not one.

    >>> parse_bytes("11GB"), parse_bytes("0.5 g"), parse_bytes("16GiB")
    (11000000000.0, 500000000.0, 17179869184.0)
    """
    match = re.fullmatch(r"(\d*\.?\d+) ?([kmgt]?)(i?)b?", text.strip().lower())
    if not match or (match[3] and not match[2]):
        raise UsageError(f"{text!r} is not an amount of memory; write for example 11GB or 16GiB")
    power = "kmgt".index(match[2]) + 1 if match[2] else 0
    unit: int = 1024 if match[3] else 1000
    return float(match[1]) * float(unit**power)


def _bytes(value: Any) -> str:
    text = format_si(value)
    return f"{text}B" if text[-1].isalpha() else f"{text} B"


def _size(value: Any) -> str:
    sides = value if isinstance(value, tuple) else (value,)
    return TIMES.join("?" if side is None else str(side) for side in sides)


def _sizes(value: Joint) -> str:
    """Squares by one side, as networks' resolutions are spoken of."""
    sizes = [size for size in value if size is not None]
    if all(len(set(size)) == 1 for size in sizes):
        sizes = [size[:1] for size in sizes]
    texts = iter(sizes)
    return " → ".join(MISSING if size is None else _size(next(texts)) for size in value)


def _operation(value: Joint) -> str:
    return f"{value.first or MISSING} k{_size(value.second)}" if value.second else str(value.first or MISSING)


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    "text": str,
    "count": lambda value: value if isinstance(value, str) else f"{value:,}",
    "quantity": format_si,
    "rounded": format_rounded,
    "bytes": _bytes,
    "share": lambda value: "100%" if value == 1 else f"{value * 100:.1f}%",
    "ratio": lambda value: f"{TIMES}{value:.2f}",
    "number": lambda value: f"{value:g}",
    "size": _size,
    "sizes": _sizes,
    "operation": _operation,
    "flag": lambda value: "yes" if value else "no",
    "per_row": str,
    "verdict": lambda value: f"{SIGNS[value]} {value}",
}
