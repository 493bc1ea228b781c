"""The kinds of check that a claim may declare: a table of values, printed figures, a rule for every part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from effnet_inspect.claims.claim import Cell, Check, Concerned, Evidence, Finding, Models, Row, Verdict, format_plain
from effnet_inspect.document import Value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_comma, within_a_sentence

Values = Callable[[Network], Sequence[Value]]
Rows = Callable[[Models], Iterable[Row]]
SCALES = {"M": 10**6, "B": 10**9}
"""Units that are powers of ten."""
BLOCKS = "blocks"
"""Stands among a table's columns for one column a block, as many as there are."""

Of = TypeVar("Of", covariant=True)
Part = TypeVar("Part")


@dataclass(frozen=True)
class Reading(Generic[Of]):
    """One way to understand a claim; `condition` is what must be granted for it to be the one that is meant.

    `of` is what it makes of the models: the rows of a table, the figure of one model, whether a part keeps a rule.
    Without a title it has that of the plain reading.
    """

    title: str
    of: Of
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values, some of which have to be the expected ones: a claim holds in the first reading where all are.

    `title`, `columns` and `rows` are of the plain reading, `others` are further ones; BLOCKS among the columns stands
    for one a block. `expected` is what is published, in short, `found` says of each table what the graphs have. Where
    the plain reading agrees, the verdict is `agreed`; where not, `layers` are concerned.
    """

    title: str
    columns: tuple[str, ...]
    rows: Rows
    expected: str
    found: Callable[[Evidence], str] = lambda table: table.summary
    others: Sequence[Reading[Rows]] = ()
    layers: Callable[[Models], Iterable[Concerned]] = lambda models: ()
    agreed: Verdict = Verdict.HOLDS
    corner: str = "Model"
    reference: str = "published"

    def __call__(self, models: Models) -> Finding:
        """Check the models."""
        tried: dict[str, Evidence] = {}
        verdict, condition = Verdict.DOES_NOT_HOLD, ""
        for reading in (Reading(self.title, self.rows), *self.others):
            key = title = reading.title
            if not title or title in tried:
                key, title = f"if {reading.condition}", f"{self.title}, if {reading.condition}"
            table = self._evidence(title, tuple(reading.of(models)))
            if table.rows or not tried:
                tried[key] = table
            if table.agrees:
                verdict, condition = (Verdict.HOLDS_IF if reading.condition else self.agreed), reading.condition
                break
        said = {key: self.found(table) if table.rows else "nothing of it" for key, table in tried.items()}
        titled = (f"{within_a_sentence(key)}: {text}" for key, text in said.items())
        found = "; ".join(titled) if len({*said.values()}) > 1 else said[self.title]
        layers = () if verdict is self.agreed else tuple(concerned for concerned in self.layers(models) if concerned[1])
        return Finding(verdict, self.expected, found, condition, tuple(tried.values()), layers)

    def _evidence(self, title: str, rows: tuple[Row, ...]) -> Evidence:
        blocks = max((len(cells) for _, cells in rows), default=0) - len(self.columns) + 1
        numbers = tuple(str(number) for number in range(1, blocks + 1))
        columns = (numbers if column == BLOCKS else (column,) for column in self.columns)
        return Evidence(title, tuple(chain(*columns)), rows, self.corner, self.reference)


def row_of(name: str, found: Sequence[Value], expected: Sequence[Value]) -> Row:
    """A row in which every value should be the one expected; where either is missing, they disagree."""
    return name, tuple(Cell(has, says, has == says) for has, says in zip_longest(found, expected))


def each_model(cells: Callable[[str, Network], Iterable[Cell]]) -> Rows:
    """A row for each model, of the cells that its target and the model itself have."""
    return lambda models: ((model.title, tuple(cells(target, model))) for target, model in models.items())


def against(values: Values, published: Mapping[str, Sequence[Value]]) -> Rows:
    """A row for each model, against the published row of its target."""
    return each_model(lambda target, model: row_of("", values(model), published[target])[1])


def by_model(
    title: str,
    columns: tuple[str, ...],
    values: Values,
    published: Mapping[str, Sequence[Value]] | None = None,
    *,
    expected: str = "",
    **more: Any,
) -> Table:
    """For every model a row of values, which have to be the published ones; without them, those of the first model.

    `expected` says so in short, `more` is what else a Table takes.
    """
    if published:
        numbers = f"{sum(map(len, published.values()))} numbers"
        return Table(title, columns, against(values, published), expected or numbers, **more)

    def rows(models: Models) -> Iterator[Row]:
        first = values(next(iter(models.values())))
        return (row_of(model.title, values(model), first) for model in models.values())

    defaults: dict[str, Any] = {"found": first_row, "reference": "first model"}
    return Table(title, columns, rows, expected or "the same in every model", **{**defaults, **more})


def first_column(table: Evidence) -> str:
    """The values of a table's first column."""
    return join_comma(format_plain(cells[0].found) for _, cells in table.rows)


def first_row(table: Evidence) -> str:
    """The values of a table's first row, where they are the same in all rows; those of blocks without their numbers."""
    if not table.agrees:
        return f"not the same: {table.summary}"
    words = [(column, format_plain(cell.found)) for column, cell in zip(table.columns, table.rows[0][1], strict=False)]
    titled = "; ".join(f"{column}: {text}" for column, text in words if not column.isdigit())
    return f"the same in every model: {titled or join_comma(text for _, text in words)}"


def round_as(value: float, printed: str | int) -> str | int:
    """A number with as many decimals as the printed one has, of the same type.

    >>> round_as(7.856, "7.8"), round_as(66.66, "66"), round_as(237.0, 240)
    ('7.9', '67', 237)
    """
    return type(printed)(str(Decimal(repr(value)).quantize(Decimal(str(printed)), ROUND_HALF_UP)))


def figures(published: Mapping[str, str | int], *counts: Reading[Callable[[Network], float]], unit: str = "") -> Table:
    """For every model one number, which has to be the printed one to the printed digits; an int is exact.

    `counts` are the ways to compute it, the plain one first; `unit` is that of the print, M and B being scales.
    """
    scale = SCALES.get(unit, 1)

    def cells(count: Callable[[Network], float], target: str, model: Network) -> Iterator[Cell]:
        printed, exact = published[target], count(model)
        computed = round_as(exact / scale, printed)
        yield from (Cell(printed), Cell(computed, printed, computed == printed))
        yield from [Cell(round(exact, 4))] if unit else []
        yield Cell(round(100 * (float(printed) * scale / exact - 1), 1) if exact else None)

    titles = (f"Published, {unit}", f"Computed, {unit}", "Exact") if unit else ("Published", "Computed")
    expected = f"{join_comma(map(format_plain, published.values()))} {unit}".strip()
    plain, *others = (Reading(each.title, each_model(partial(cells, each.of)), each.condition) for each in counts)
    return Table(plain.title, (*titles, "Difference, %"), plain.of, expected, others=others, reference="")


def own_layers(part: Any) -> Iterable[Layer]:
    """The layer itself, or those that a part of a network has."""
    return (part,) if isinstance(part, Layer) else getattr(part, "layers", ())


def for_every(
    noun: str,
    parts: Callable[[Network], Iterable[Part]],
    expected: str,
    rule: Callable[[Part], bool],
    *others: Reading[Callable[[Part], bool]],
    layers: Callable[[Part], Iterable[Layer]] = own_layers,
    more: Mapping[str, Callable[[Network], Value]] = MappingProxyType({}),
) -> Table:
    """A rule that every part of every model has to keep; a model without such parts keeps none.

    `noun` is what the `parts` of a model are called, `rule` is the plain reading of what is `expected`, `others` are
    further ones; `layers` are named of a part that keeps no rule; `more` is what else there is to see, by column.
    """

    def cells(rule: Callable[[Part], bool], target: str, model: Network) -> Iterator[Cell]:
        kept = [rule(part) for part in parts(model)]
        yield from (Cell(len(kept)), Cell(sum(kept), len(kept), all(kept) and bool(kept)))
        yield from (Cell(value(model)) for value in more.values())

    def found(table: Evidence) -> str:
        every, kept = (sum(int(str(cells[index].found)) for _, cells in table.rows) for index in (0, 1))
        return f"all {every} {noun}" if table.agrees else f"{kept} of {every} {noun}"

    def broken(models: Models) -> Iterator[Concerned]:
        for target, model in models.items():
            wrong = (part for part in parts(model) if not any(each.of(part) for each in rules))
            yield target, tuple(layer.name for part in wrong for layer in layers(part))

    rules = (Reading(expected, rule), *others)
    columns = (noun.capitalize(), "As claimed", *more)
    plain, *rest = (Reading(each.title, each_model(partial(cells, each.of)), each.condition) for each in rules)
    return Table(plain.title, columns, plain.of, expected, found, rest, broken, reference="")


NO_ACCURACY = "an accuracy belongs to trained weights and to a data set, a graph has neither"


def unchecked(expected: str, reason: str = NO_ACCURACY, evidence: tuple[Evidence, ...] = ()) -> Check:
    """A claim about weights, which are not here; `evidence` is what is published."""
    found = "no weights are here: models are built without them, and nothing is downloaded"
    return lambda models: Finding(Verdict.CANNOT_BE_CHECKED, expected, found, reason, evidence)
