"""What a view says, free of how it looks: the narrow waist between views and renderers.

Numbers stay numbers here; a column's `kind` says how a renderer writes them. No units, no padding, no colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "count", "quantity", "bytes", "share", "ratio", "number", "size", "flag", "verdict", "varied"]
"""How a value is written.

text: as it is. count: a whole number, exact. quantity: a whole number, rounded for people, exact in data.
bytes: likewise. share: a fraction of 1. ratio: a factor. number: any number, as short as it is exact.
size: sides joined by a cross, or one side. flag: yes or no. verdict: the word, with a sign that tells it without
colour. varied: of a column whose rows each have a kind.
"""

Value = str | int | float | bool | tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Where room is short the columns with the highest `leaves` go first; those with 0 stay. `wraps` is for running
    text: its cells may be broken into several lines, and take the room that the other columns leave. Columns that
    `continues` never leave: where they do not fit side by side they go on below, in groups, each with the other
    columns repeated before it.
    """

    key: str
    title: str
    kind: Kind = "text"
    leaves: int = 0
    wraps: bool = False
    continues: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether its cells are read from their right end; words and signs are read from their left."""
        return self.kind not in ("text", "flag", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `level` is its depth in the hierarchy, `marked` names the columns whose cells stand out.

    `kind` is that of its cells in `varied` columns. A row that `folds` has one value throughout: people read it
    in the line of such rows under the table, programs get it like any other.
    """

    values: tuple[Value, ...]
    level: int = 0
    role: Literal["row", "total"] = "row"
    marked: frozenset[str] = frozenset()
    kind: Kind = "text"
    folds: bool = False

    def kind_in(self, column: Column) -> Kind:
        """How this row's cell in `column` is written."""
        return self.kind if column.kind == "varied" else column.kind


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `notes` are sentences that belong under it, `folded` begins the line of the rows that fold."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    caption: str = ""
    folded: str = ""

    @property
    def naming(self) -> int | None:
        """The index of the column that names the rows, where their levels show: the first of text."""
        return next((index for index, column in enumerate(self.columns) if column.kind == "text"), None)

    @property
    def unfolded(self) -> tuple[Row, ...]:
        """The rows that do not fold."""
        return tuple(row for row in self.rows if not row.folds)


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value of a document's head."""

    label: str
    value: Value
    kind: Kind = "text"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a command has to say.

    `lead` is the answer in a sentence, where there is one; `facts` stand above the tables, `notes` below.
    `data` is the same for programs: plain JSON values, the documented contract of the command.
    """

    title: str
    tables: tuple[Table, ...] = ()
    facts: tuple[Fact, ...] = ()
    lead: str = ""
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
