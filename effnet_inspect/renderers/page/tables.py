"""Tables of a page, as the template takes them: texts, how they are written, what they link to, how they are sorted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from effnet_inspect.document import Column, Row, Table, Value
from effnet_inspect.formatting import cell_text, collapsed_pieces, column_notes
from effnet_inspect.webpage import PageSection


class ShownCell(NamedTuple):
    """A cell; `rank` is its place among those of its column, None where it has no value."""

    text: str
    classes: str
    link: str
    rank: int | None


class ShownHead(NamedTuple):
    """The head of a column."""

    title: str
    classes: str


class ShownRow(NamedTuple):
    """A row; `anchor` names the part that it is of."""

    cells: tuple[ShownCell, ...]
    total: bool
    anchor: str


class ShownTable(NamedTuple):
    """A table; one that `sorts` can be put in another order by its columns."""

    title: str
    heads: tuple[ShownHead, ...]
    rows: tuple[ShownRow, ...]
    notes: tuple[str, ...]
    sorts: bool


class ShownSection(NamedTuple):
    """Tables under a heading."""

    id: str
    title: str
    lead: str
    tables: tuple[ShownTable, ...]
    notes: tuple[str, ...]
    folds: bool


def section_of(section: PageSection, anchors: Collection[str]) -> ShownSection:
    """The section; a cell that is the anchor of a part links to it."""
    tables = []
    for number, table in enumerate(section.tables):
        people = table.meant_for("people")
        own = section.anchors if number == 0 else ()
        tables.append(_table(people, own, anchors))
    name = "-".join(section.title.lower().split())
    return ShownSection(name, section.title, section.lead, tuple(tables), section.notes, section.folds)


def _table(table: Table, own: Sequence[str], anchors: Collection[str]) -> ShownTable:
    rows = table.expanded_rows
    ranks = [_ranks([row.values[place] for row in rows]) for place in range(len(table.columns))]
    shown = []
    for index, row in enumerate(rows):
        anchor = own[index] if index < len(own) else ""
        cells = tuple(
            _cell(table, row, place, anchor if place == table.label_column else "", anchors, ranks[place][index])
            for place in range(len(table.columns))
        )
        shown.append(ShownRow(cells, row.role == "total", anchor))
    heads = tuple(ShownHead(column.title, _classes(column)) for column in table.columns)
    notes = (" · ".join(collapsed_pieces(table)), *table.notes, table.caption, column_notes(table.columns))
    return ShownTable(table.title, heads if rows else (), tuple(shown), tuple(filter(None, notes)), bool(own))


def _cell(table: Table, row: Row, place: int, anchor: str, anchors: Collection[str], rank: int | None) -> ShownCell:
    column = table.columns[place]
    text = cell_text(row, place, column)
    is_name = column.kind == "text" and text in anchors
    return ShownCell(text, _classes(column, column.key in row.marked), anchor or (text if is_name else ""), rank)


def _classes(column: Column, is_marked: bool = False) -> str:
    kind = "number" if column.is_numeric else "wraps" if column.wrap else ""
    return " ".join(filter(None, (kind, "mark" if is_marked else "")))


def _ranks(values: Sequence[Value]) -> list[int | None]:
    """The place of each value among all; equal ones have one place.

    >>> _ranks([30, None, 7, 30]), _ranks(["b", "a"]), _ranks([(7, 7), (14, 14)])
    ([1, None, 0, 1], [1, 0], [0, 1])
    """
    ordered = sorted({_order(value) for value in values if value is not None})
    return [None if value is None else ordered.index(_order(value)) for value in values]


def _order(value: Value) -> tuple[float, str]:
    """Numbers by their size, sizes by their first side, words by their letters."""
    if isinstance(value, tuple):
        return _order(value[0]) if value[0] is not None else (-1, "")
    return (float(value), "") if isinstance(value, int | float) else (0, str(value))
