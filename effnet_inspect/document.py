"""What a view says, free of how it looks: the narrow waist between views and renderers.

Numbers stay numbers here; a column's `kind` says how a renderer writes them. No units, no padding, no colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "count", "quantity", "bytes", "share", "ratio", "number", "size", "flag", "verdict", "per_row"]
"""How a value is written.

text: as it is. count: a whole number, exact. quantity: a whole number, rounded for people, exact in data.
bytes: likewise. share: a fraction of 1. ratio: a factor. number: any number, as short as it is exact.
size: sides joined by a cross, or one side. flag: yes or no. verdict: the word, with a sign that tells it without
colour. per_row: of a column whose rows each have a kind.
"""

Value = str | int | float | bool | tuple[int | None, ...] | None


def one_side(sides: tuple[int | None, ...] | None) -> Value:
    """Height and width as one number where they are equal; None without two of them.

    >>> one_side((3, 3)), one_side((112, 96, 32)), one_side((1000,)), one_side(None)
    (3, (112, 96), None, None)
    """
    if sides is None or len(sides) < 2:
        return None
    return sides[0] if sides[0] == sides[1] else sides[:2]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Where width is short the columns with the highest `drop_priority` are hidden first; those with 0 stay. `wrap` is
    for running text: its cells may be broken into several lines, and take the width that the other columns leave.
    Columns that `paginate` are never hidden: where they do not fit side by side they continue below, in groups, each
    with the other columns repeated before it.
    """

    key: str
    title: str
    kind: Kind = "text"
    drop_priority: int = 0
    wrap: bool = False
    paginate: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether its cells are read from their right end; words and signs are read from their left."""
        return self.kind not in ("text", "flag", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `level` is its depth in the hierarchy, `marked` names the columns whose cells stand out.

    `kind` is that of its cells in `per_row` columns. A row that may `collapse` has one value throughout: people
    read it in the line of such rows under the table, programs get it like any other.
    """

    values: tuple[Value, ...]
    level: int = 0
    role: Literal["row", "total"] = "row"
    marked: frozenset[str] = frozenset()
    kind: Kind = "text"
    collapse: bool = False

    def kind_in(self, column: Column) -> Kind:
        """How this row's cell in `column` is written."""
        return self.kind if column.kind == "per_row" else column.kind


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `notes` are sentences that belong under it, `collapsed_label` begins the line of the collapsed rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    caption: str = ""
    collapsed_label: str = ""

    @property
    def label_column(self) -> int | None:
        """The index of the column that names the rows, where their levels show: the first of text."""
        return next((index for index, column in enumerate(self.columns) if column.kind == "text"), None)

    @property
    def expanded_rows(self) -> tuple[Row, ...]:
        """The rows that do not collapse."""
        return tuple(row for row in self.rows if not row.collapse)


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One labelled value of a document's head."""

    label: str
    value: Value
    kind: Kind = "text"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a command has to say.

    `lead` is the answer in a sentence, where there is one; `header` stands above the tables, `notes` below.
    `data` is the same for programs: plain JSON values, the documented contract of the command.
    """

    title: str
    tables: tuple[Table, ...] = ()
    header: tuple[HeaderField, ...] = ()
    lead: str = ""
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
