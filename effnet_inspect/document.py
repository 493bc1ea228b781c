"""What a view says, free of how it looks: the narrow waist between views and renderers.

Numbers stay numbers here; a column's `kind` says how a renderer writes them. No units, no padding, no colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from effnet_inspect.errors import UnknownChoice, UsageError
from effnet_inspect.text import KEEPS_LINES

Kind = Literal[
    "text",
    "count",
    "quantity",
    "rounded",
    "bytes",
    "share",
    "ratio",
    "number",
    "size",
    "sizes",
    "operation",
    "flag",
    "verdict",
    "per_row",
]
"""How a value is written.

text: as it is. count: a whole number, exact. quantity: a whole number, rounded for people, exact in data. rounded: one
that was rounded before, as short as it is. bytes: as a quantity. share: a fraction of 1. ratio: a factor. number: any
number, as short as it is exact. size: sides joined by a cross, or one side. sizes: a Joint of two sizes, from one to
the other. operation: a Joint of a name and a kernel. flag: yes or no. verdict: the word, with a sign that tells it
without colour. per_row: of a column whose rows each have a kind.
"""

Size = tuple[int | None, ...]


class Joint(NamedTuple):
    """Two values that people read as one; programs have a column for each."""

    first: str | Size | None
    second: Size | None


Value = str | int | float | bool | Size | Joint | None

Audience = Literal["everyone", "people", "programs"]
"""Who gets a column without asking for it."""

EVERY_COLUMN = "all"
"""The word that asks for every column."""


def one_side(sides: tuple[int | None, ...] | None) -> Value:
    """Height and width as one number where they are equal; None without two of them.

    >>> one_side((3, 3)), one_side((112, 96, 32)), one_side((1000,)), one_side(None)
    (3, (112, 96), None, None)
    """
    if sides is None or len(sides) < 2:
        return None
    return sides[0] if sides[0] == sides[1] else sides[:2]


class Column(NamedTuple):
    """A column.

    Where width is short the columns with the highest `drop_priority` are hidden first; those with 0 stay. `wrap` is
    for running text: its cells may be broken into several lines, and take the width that the other columns leave.
    Columns that `paginate` are never hidden: where they do not fit side by side they continue below, in groups, each
    with the other columns repeated before it. `keep_end` is for long names: where width is short their ends are shown.
    `bars` are drawn beside shares of a whole. `note` is a sentence for whoever sees the column.
    """

    key: str
    title: str
    kind: Kind = "text"
    drop_priority: int = 0
    wrap: bool = False
    paginate: bool = False
    keep_end: bool = False
    bars: bool = False
    note: str = ""
    audience: Audience = "everyone"

    @property
    def is_numeric(self) -> bool:
        """Whether its cells are read from their right end; words and signs are read from their left."""
        return self.kind not in ("text", "operation", "flag", "verdict")


class Row(NamedTuple):
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
    levels: tuple[str, ...] = ()

    def kind_in(self, column: Column) -> Kind:
        """How this row's cell in `column` is written."""
        return self.kind if column.kind == "per_row" else column.kind


class Table(NamedTuple):
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

    def meant_for(self, audience: Audience) -> Table:
        """The table with the columns that this audience gets."""
        return self._with([index for index, each in enumerate(self.columns) if each.audience in (audience, "everyone")])

    def with_columns(self, keys: Iterable[str], *, keep_priorities: bool = False) -> Table:
        """The table with those of its columns that are asked for, in that order.

        None of them is hidden where width is short, unless they are to keep their priorities.
        """
        places = {column.key: index for index, column in enumerate(self.columns)}
        chosen = self._with([places[key] for key in keys if key in places])
        if keep_priorities:
            return chosen
        columns = (column._replace(drop_priority=0, audience="everyone") for column in chosen.columns)
        return chosen._replace(columns=tuple(columns))

    def with_columns_of_priority_below(self, limit: int) -> Table:
        """The table without the columns that are hidden as soon as one of this priority is, or sooner."""
        return self._with([index for index, each in enumerate(self.columns) if each.drop_priority < limit])

    def _with(self, places: list[int]) -> Table:
        if places == list(range(len(self.columns))):
            return self
        rows = (row._replace(values=tuple([row.values[place] for place in places])) for row in self.rows)
        return self._replace(columns=tuple(self.columns[place] for place in places), rows=tuple(rows))


class Later(Mapping[str, Any]):
    """Data that are made when they are first asked for: people who read a table need none.

    >>> made = Later(lambda: {"format": 1})
    >>> made["format"], len(made), list(made)
    (1, 1, ['format'])
    """

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Any]:
        return self._make()

    def __getitem__(self, key: str) -> Any:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class HeaderField(NamedTuple):
    """One labelled value of a document's head."""

    label: str
    value: Value
    kind: Kind = "text"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a command has to say.

    `lead` is the answer in a sentence, where there is one; `header` stands above the tables, `notes` below.
    `tidy` is what programs read as one table, where people read several. `code` are lines to paste into a program; a
    document that has them says nothing else to people. `data` is the same for programs: plain JSON values, the
    documented contract of the command.
    """

    title: str
    tables: tuple[Table, ...] = ()
    header: tuple[HeaderField, ...] = ()
    lead: str = ""
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    tidy: Table | None = None
    code: str = field(default="", metadata={KEEPS_LINES: True})

    def meant_for(self, audience: Audience, columns: Iterable[str] = ()) -> Document:
        """The tables and columns that this audience gets, or the columns asked for by key, without the data.

        Raises:
            UnknownChoice: where no table has such a column.
            UsageError: where people get code, and ask for columns.
        """
        tables = (self.tidy,) if self.tidy and audience == "programs" else self.tables
        if not (asked := tuple(columns)):
            return replace(self, tables=tuple(table.meant_for(audience) for table in tables), data={})
        if self.code and audience == "people":
            raise UsageError("code has no columns to choose; tables have them, and CSV")
        # A document without rows has no table for people, but it has the same columns.
        named = tables or ((self.tidy,) if self.tidy else ())
        known = tuple(dict.fromkeys(column.key for table in named for column in table.columns))
        if asked == (EVERY_COLUMN,):
            asked = known
        if unknown := [key for key in asked if key not in known]:
            raise UnknownChoice("column", unknown[0], known)
        chosen = (table.with_columns(asked) for table in tables)
        return replace(self, tables=tuple(table for table in chosen if table.columns), data={})
