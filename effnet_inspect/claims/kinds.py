"""The kinds of check that a claim may declare: printed figures, a table, a rule for every part, one signature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from typing import Generic, TypeVar

from effnet_inspect.claims.alignment import LayerRow, describe_changes
from effnet_inspect.claims.claim import (
    CANNOT_BE_CHECKED,
    HOLDS,
    Cell,
    Evidence,
    EvidenceRow,
    Finding,
    Models,
    Verdict,
    conclude,
    format_plain,
    row_of,
)
from effnet_inspect.document import Value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.words import describe_blocks, join_and, join_comma, pluralize

Values = Callable[[Network], Sequence[Value]]


def round_as(value: float, printed: str | int) -> str | int:
    """A number with as many decimals as the printed one has, of the same type.

    >>> round_as(7.856, "7.8"), round_as(66.66, "66"), round_as(237.0, 240)
    ('7.9', '67', 237)
    """
    return type(printed)(str(Decimal(repr(value)).quantize(Decimal(str(printed)), ROUND_HALF_UP)))


def total(key: str) -> Callable[[Network], int]:
    """What computes a model's sum of a measure."""
    return lambda network: network.totals[key]


@dataclass(frozen=True, slots=True)
class Count:
    """One way to compute a figure; `condition` is what must be granted for it to be the figure that is meant."""

    title: str
    of: Callable[[Network], float]
    condition: str = ""


@dataclass(frozen=True, slots=True)
class PrintedFigures:
    """For every model one number, which has to be the printed one to the printed digits; an int is exact.

    `counts` are the ways to compute it, the plain one first; `unit` and `scale` are those of the print.
    """

    published: Mapping[str, str | int]
    counts: tuple[Count, ...]
    unit: str = ""
    scale: int = 1

    def __call__(self, models: Models) -> Finding:
        """Check the models."""
        expected = f"{join_comma(format_plain(self.published[target]) for target in models)} {self.unit}".strip()
        return conclude(expected, {count.condition: self._evidence(count, models) for count in self.counts})

    def _evidence(self, count: Count, models: Models) -> Evidence:
        unit = f", {self.unit}" if self.unit else ""
        columns = (f"Published{unit}", f"Computed{unit}", *(["Exact"] if unit else []), "Difference, %")
        rows = tuple(self._row(count, target, models[target]) for target in models)
        return Evidence(count.title, columns, rows, reference="")

    def _row(self, count: Count, target: str, model: Network) -> EvidenceRow:
        printed, exact = self.published[target], count.of(model)
        computed = round_as(exact / self.scale, printed)
        off = Cell(round(100 * (float(printed) * self.scale / exact - 1), 1) if exact else None)
        more = (Cell(round(exact, 4)),) if self.unit else ()
        return model.title, (Cell(printed), Cell(computed, printed, computed == printed), *more, off)


Rows = Callable[[Models], Iterable[EvidenceRow]]
BLOCKS = "blocks"
"""Stands among a table's columns for one column a block, as many as there are."""


def by_model(values: Values, published: Mapping[str, Sequence[Value]]) -> Rows:
    """A row for each model, against the published row of its target."""
    return lambda models: (row_of(model.title, values(model), published[key]) for key, model in models.items())


def same_in_all(values: Values, context: Values = lambda network: ()) -> Rows:
    """A row for each model, against that of the first; `context` is what follows without being judged."""

    def rows(models: Models) -> Iterator[EvidenceRow]:
        first = values(next(iter(models.values())))
        for model in models.values():
            name, cells = row_of(model.title, values(model), first)
            yield name, (*cells, *map(Cell, context(model)))

    return rows


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of computed values, which have to be those of published rows, or of the first model.

    `found` says what the graphs have; `alternatives` are other rows by the condition on which they are the ones
    meant; `layers` are named of the models whose row does not agree; `agreed` is the verdict where all rows do.
    """

    title: str
    columns: tuple[str, ...]
    rows: Rows
    expected: str
    found: Callable[[Evidence], str] = lambda evidence: evidence.summary
    alternatives: Mapping[str, Rows] = field(default_factory=dict)
    layers: Callable[[Network], Iterable[Layer]] = lambda network: ()
    agreed: Verdict = HOLDS
    corner: str = "Model"
    reference: str = "published"

    def __call__(self, models: Models) -> Finding:
        """Check the models."""
        every = {"": self.rows, **self.alternatives}
        readings = {condition: self._evidence(tuple(rows(models))) for condition, rows in every.items()}
        wrong = {name for name, cells in readings[""].rows if not all(cell.agrees for cell in cells)}
        concerned = ((target, model) for target, model in models.items() if model.title in wrong)
        layers = ((target, tuple(layer.name for layer in self.layers(model))) for target, model in concerned)
        return conclude(self.expected, readings, self.found, layers, self.agreed)

    def _evidence(self, rows: tuple[EvidenceRow, ...]) -> Evidence:
        blocks = max(len(cells) for _, cells in rows) - len(self.columns) + 1
        numbers = tuple(str(number) for number in range(1, blocks + 1))
        columns = (numbers if column == BLOCKS else (column,) for column in self.columns)
        return Evidence(self.title, tuple(chain(*columns)), rows, self.corner, self.reference)


def first_column(evidence: Evidence) -> str:
    """The values of a table's first column: one where it is the same in all rows."""
    values = [format_plain(cells[0].found) for _, cells in evidence.rows]
    return f"{values[0]} in every model" if len({*values}) == 1 else join_comma(values)


def first_row(evidence: Evidence) -> str:
    """The values of a table's first row, where they are the same in all rows."""
    cells = [
        (column, format_plain(cell.found)) for column, cell in zip(evidence.columns, evidence.rows[0][1], strict=False)
    ]
    values = "; ".join(f"{column}: {text}" for column, text in cells if not column.isdigit())
    values = values or join_comma(text for _, text in cells)
    return f"the same in every model: {values}" if evidence.agrees else f"not the same: {evidence.summary}"


Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Part]):
    """What has to be true of a part; `condition` is what must be granted for this to be what is claimed."""

    title: str
    is_kept: Callable[[Part], bool]
    condition: str = ""


@dataclass(frozen=True, slots=True)
class ForEvery(Generic[Part]):
    """A rule that every part of every model has to keep; a model without such parts keeps none.

    `noun` is what the `parts` of a model are called, `rules` are the ways to understand the claim, the plain one
    first; `layers` are named of a part that keeps no rule; `columns` and `context` are what else there is to see.
    """

    noun: str
    parts: Callable[[Network], Iterable[Part]]
    rules: tuple[Rule[Part], ...]
    expected: str
    layers: Callable[[Part], Iterable[Layer]]
    columns: tuple[str, ...] = ()
    context: Values = lambda network: ()

    def __call__(self, models: Models) -> Finding:
        """Check the models."""
        readings = {rule.condition: self._evidence(rule, models) for rule in self.rules}
        return conclude(self.expected, readings, self._describe, self._layers(models))

    def _evidence(self, rule: Rule[Part], models: Models) -> Evidence:
        rows: list[EvidenceRow] = []
        for model in models.values():
            kept = [rule.is_kept(part) for part in self.parts(model)]
            judged = Cell(sum(kept), len(kept), all(kept) and bool(kept))
            rows.append((model.title, (Cell(len(kept)), judged, *map(Cell, self.context(model)))))
        columns = (self.noun.capitalize(), "As claimed", *self.columns)
        return Evidence(rule.title, columns, tuple(rows), reference="")

    def _describe(self, evidence: Evidence) -> str:
        every, kept = (sum(int(str(cells[index].found)) for _, cells in evidence.rows) for index in (0, 1))
        return f"all {every} {self.noun}" if evidence.agrees else f"{kept} of {every} {self.noun}"

    def _layers(self, models: Models) -> Iterator[tuple[str, tuple[str, ...]]]:
        for target, model in models.items():
            broken = (part for part in self.parts(model) if not any(rule.is_kept(part) for rule in self.rules))
            yield target, tuple(layer.name for part in broken for layer in self.layers(part))


Places = list[tuple[str, SubBlock]]
"""Sub-blocks, each with the target of its model."""


def grouped(models: Models, row: Callable[[SubBlock], LayerRow]) -> dict[LayerRow, Places]:
    """The sub-blocks by the row of layers that each has; those without one are left out."""
    found: dict[LayerRow, Places] = {}
    for target, model in models.items():
        for sub_block in model.anatomy.sub_blocks:
            if names := row(sub_block):
                found.setdefault(names, []).append((target, sub_block))
    return found


@dataclass(frozen=True, slots=True)
class OneSignature:
    """Whether all sub-blocks in some places, and no others, are made of layers of the same classes.

    `belongs` tells the places; `optional` is a class of layers that, on a condition, may be there or not.
    """

    belongs: Callable[[SubBlock], bool]
    optional: str = ""

    def __call__(self, models: Models) -> Finding:
        """Check the models."""
        readings = {"": self._evidence(models, "")}
        if self.optional:
            readings[f"{self.optional} may be left out"] = self._evidence(models, self.optional)
        return conclude(
            "one kind of sub-block, there and nowhere else",
            readings,
            lambda evidence: "; ".join(f"{name} in {cells[0].found}" for name, cells in evidence.rows),
            ((at[0][0], tuple(layer.name for layer in at[0][1].layers)) for at in [*self._kinds(models).values()][1:]),
        )

    def _kinds(self, models: Models, ignored: str = "") -> dict[LayerRow, Places]:
        kinds = grouped(
            models, lambda each: tuple(name for name in signature(each, Strictness.CLASSES) if name != ignored)
        )
        return {names: places for names, places in kinds.items() if any(self.belongs(each) for _, each in places)}

    def _evidence(self, models: Models, ignored: str) -> Evidence:
        kinds = self._kinds(models, ignored)
        rows: list[EvidenceRow] = []
        for names, places in kinds.items():
            elsewhere = sum(not self.belongs(sub_block) for _, sub_block in places)
            change = describe_changes(next(iter(kinds)), names)
            judged = Cell(elsewhere, 0, not elsewhere), Cell(change or "–", None, not change)
            cells = (Cell(describe_places(each for _, each in places)), Cell(len(places)), *judged)
            rows.append((pluralize(len(names), "layer"), cells))
        columns = ("Where", "Times", "Elsewhere", "Against the first")
        title = f"Sub-blocks by their layers{f', without {ignored}' if ignored else ''}"
        return Evidence(title, columns, tuple(rows), "Made of", "expected")


def describe_places(sub_blocks: Iterable[SubBlock]) -> str:
    """Which sub-blocks: `the first of block 1 and the repeated sub-blocks of blocks 2 to 7`."""
    blocks: dict[str, set[int]] = {"first": set(), "repeated sub-blocks": set()}
    for sub_block in sub_blocks:
        blocks["repeated sub-blocks" if sub_block.position else "first"].add(sub_block.block)
    return join_and(f"the {which} of {describe_blocks(own)}" for which, own in blocks.items() if own)


NO_ACCURACY = "an accuracy belongs to trained weights and to a data set, a graph has neither"


@dataclass(frozen=True, slots=True)
class NotCheckable:
    """A claim about weights, which are not here; `evidence` is what is published."""

    reason: str
    expected: str
    evidence: tuple[Evidence, ...] = ()

    def __call__(self, models: Models) -> Finding:
        """Say why there is no verdict."""
        found = "no weights are here: models are built without them, and nothing is downloaded"
        return Finding(CANNOT_BE_CHECKED, self.expected, found, self.reason, self.evidence)
