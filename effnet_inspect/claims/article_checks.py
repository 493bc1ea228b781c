"""What the checks of the article's statements compute: above all which layers are where, as drawn and as built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from effnet_inspect.catalog.published import ARTICLE_MODULE_USES, ARTICLE_MODULES
from effnet_inspect.claims.alignment import LayerAlignment, LayerRow, describe_changes
from effnet_inspect.claims.claim import Cell, Concerned, Evidence, EvidenceRow, Finding, Models, Verdict
from effnet_inspect.claims.kinds import Reading, Table, first_column, for_every
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Section, SubBlock, SubBlockKind
from effnet_inspect.structure.difference import ATTRIBUTES, VARIATIONS, differences, level, variations
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import format_value_of, item_of, what, where
from effnet_inspect.words import describe_blocks, join_and, join_comma, pluralize


class Place(NamedTuple):
    """A sub-block of a model, and those of its layers that are meant."""

    target: str
    sub_block: SubBlock
    layers: tuple[Layer, ...]

    @property
    def concerned(self) -> Concerned:
        """The layers by their names."""
        return self.target, tuple(layer.name for layer in self.layers)


Ways = dict[LayerRow, list[Place]]
"""The classes of some layers, in all ways in which they are built -> where they are built so."""


def ways(models: Models, layers: Callable[[SubBlock], tuple[Layer, ...]], ignored: str = "") -> Ways:
    """The ways in which some layers of the sub-blocks are built, without those of one class."""
    found: Ways = {}
    for target, model in models.items():
        for sub_block in model.anatomy.sub_blocks:
            meant = layers(sub_block)
            if row := tuple(layer.class_name for layer in meant if layer.class_name != ignored):
                found.setdefault(row, []).append(Place(target, sub_block, meant))
    return found


def as_built(models: Models, number: int) -> Ways:
    """The ways in which a module is built, in the sub-blocks that have it."""
    return ways(models, lambda each: next((module.layers for module in each.modules if module.number == number), ()))


def alignment_of(models: Models, number: int) -> LayerAlignment:
    """A module as drawn beside the ways in which it is built."""
    built = tuple((_blocks(places), row) for row, places in as_built(models, number).items())
    return LayerAlignment(f"Module {number}", ARTICLE_MODULE_USES[number], ARTICLE_MODULES[number], built)


def _blocks(places: Iterable[Place]) -> str:
    return describe_blocks(place.sub_block.block for place in places)


@dataclass(frozen=True, slots=True)
class ModuleFigure:
    """Whether a module is built everywhere as it is drawn; where it is in some blocks only, these may be meant."""

    number: int

    def __call__(self, models: Models) -> Finding:
        """Check the models."""
        drawn, built = ARTICLE_MODULES[self.number], as_built(models, self.number)
        rows: list[EvidenceRow] = []
        for row, places in built.items():
            change = describe_changes(drawn, row)
            judged = Cell(change or "as drawn", None, not change)
            rows.append((join_comma(row), (judged, Cell(_blocks(places)), Cell(len(places)))))
        others = [places for row, places in built.items() if row != drawn]
        changes = "; and ".join(
            f"{judged.found} ({where.found})" for _, (judged, where, _) in rows if not judged.agrees
        )
        verdict = Verdict.HOLDS_IF if drawn in built and others else Verdict.DOES_NOT_HOLD if others else Verdict.HOLDS
        return Finding(
            verdict,
            join_comma(drawn),
            changes or "as drawn, in every sub-block",
            f"only {_blocks(built[drawn])} is meant; elsewhere: {changes}" if drawn in built and others else "",
            (Evidence("As built", ("Against the drawing", "Where", "Times"), tuple(rows), "Layers"),),
            tuple(first.concerned for first, *_ in others),
            (alignment_of(models, self.number),),
        )


Placed = tuple[Layer, bool | None]
"""A layer, and whether what it is part of is built as drawn; None for one that is in no module."""


def placed_layers(network: Network) -> Iterator[Placed]:
    """All layers but those of the classifier; stem and final layers are as drawn, whatever they are."""
    ends = (stage for stage in network.backbone_stages if isinstance(stage, Section))
    as_drawn = {layer.name: True for stage in ends for layer in stage.layers}
    for number, drawn in ARTICLE_MODULES.items():
        for row, places in as_built({"": network}, number).items():
            as_drawn |= {layer.name: row == drawn for place in places for layer in place.layers}
    outside = network.anatomy.classifier.layers if network.anatomy.classifier else ()
    return ((layer, as_drawn.get(layer.name)) for layer in network.graph if layer not in outside)


AS_BUILT = "the modules are taken as they are built, not as they are drawn: see module-1, module-2 and module-3"
ALL_LAYERS = for_every(
    "layers",
    placed_layers,
    lambda placed: placed[:1],
    "no layer left over",
    Reading("Layers in stem, final layers and modules as drawn", lambda placed: bool(placed[1])),
    Reading("Layers in stem, final layers and modules as built", lambda placed: placed[1] is not None, AS_BUILT),
)


def all_from_modules(models: Models) -> Finding:
    """Take every model apart into stem, modules and final layers, and show how each module is built."""
    return ALL_LAYERS(models)._replace(alignments=tuple(alignment_of(models, number) for number in ARTICLE_MODULES))


def describe_places(places: Iterable[Place]) -> str:
    """Which sub-blocks: `the first of block 1 and the repeated sub-blocks of blocks 2 to 7`."""
    blocks: dict[str, set[int]] = {"first": set(), "repeated sub-blocks": set()}
    for _, sub_block, _ in places:
        blocks["repeated sub-blocks" if sub_block.position else "first"].add(sub_block.block)
    return join_and(f"the {which} of {describe_blocks(own)}" for which, own in blocks.items() if own)


def only_kind(kind: SubBlockKind, optional: str = "") -> Table:
    """Whether all sub-blocks of a kind, and no others, are made of layers of the same classes.

    `optional` is a class of layers that, on a condition, may be there or not.
    """

    def of_kind(models: Models, ignored: str = "") -> Ways:
        found = ways(models, lambda sub_block: sub_block.layers, ignored).items()
        return {row: places for row, places in found if any(place.sub_block.kind is kind for place in places)}

    def rows(ignored: str, models: Models) -> Iterator[EvidenceRow]:
        found = of_kind(models, ignored)
        for row, places in found.items():
            elsewhere = sum(place.sub_block.kind is not kind for place in places)
            change = describe_changes(next(iter(found)), row)
            judged = Cell(elsewhere, 0, not elsewhere), Cell(change or "–", None, not change)
            yield pluralize(len(row), "layer"), (Cell(describe_places(places)), Cell(len(places)), *judged)

    title = "Sub-blocks by their layers"
    without = Reading(f"{title}, without {optional}", partial(rows, optional), f"{optional} may be left out")
    return Table(
        title,
        ("Where", "Times", "Elsewhere", "Against the first"),
        partial(rows, ""),
        "one kind of sub-block, there and nowhere else",
        lambda table: "; ".join(f"{name} in {cells[0].found}" for name, cells in table.rows),
        [without] if optional else (),
        lambda models: (first.concerned for first, *_ in [*of_kind(models).values()][1:]),
        corner="Made of",
        reference="expected",
    )


def ends(network: Network) -> tuple[str, ...]:
    """The layers of the stem, and the final layers: their classes and kernels."""

    def words(layer: Layer) -> str:
        return f"{layer.class_name} {layer.kernel[0]}x{layer.kernel[1]}" if layer.kernel else layer.class_name

    stages = (stage for stage in network.backbone_stages if isinstance(stage, Section))
    return tuple(join_comma(map(words, stage.layers)) for stage in stages)


def growth(level: Sequence[str], models: Models) -> Iterator[EvidenceRow]:
    """The sub-blocks of every model: more than the one before has, or as many in those that are `level`."""
    before = 0
    for target, model in models.items():
        count, least = sum(model.repeats), before + (target not in level)
        yield model.title, (Cell(count, least, count == least if target in level else count >= least),)
        before = count


def kernels(network: Network) -> tuple[str, ...]:
    """The kernel sizes of every block's sub-blocks."""
    blocks = ([str(sub_block.kernel[0]) for sub_block in block.sub_blocks] for block in network.anatomy.blocks)
    return tuple("/".join(dict.fromkeys(sizes)) for sizes in blocks)


def resolutions(network: Network) -> tuple[int | str | None, ...]:
    """The resolution of the input, at the start of every block and at the end of the last, and the blocks' strides."""
    blocks = network.anatomy.blocks
    shapes = (*(block.input_shape for block in blocks), blocks[-1].output_shape)
    sides = (shape[0] if shape else None for shape in shapes)
    return (network.resolution, *sides, join_comma(block.first.stride[0] for block in blocks))


def describe_resolutions(table: Evidence) -> str:
    """The input resolutions, and the strides where they are shared."""
    strides = {str(cells[-1].found) for _, cells in table.rows}
    shared = f"what they share are the strides of the blocks, {min(strides)}" if len(strides) == 1 else "strides differ"
    return f"{first_column(table)}; {shared}"


MAY_DIFFER = {"resolution": "the resolution", "rates": "the dropout rates"}
"""What may differ in one architecture besides the channels, in words."""


def same_but_channels(models: Models) -> Finding:
    """Whether two networks are one graph in which nothing but the channels differs."""
    first, second = models.values()
    changes = differences(first.facts, second.facts)
    differ = variations(changes)
    parting = next((change for change in changes if change.variation is None), None)

    def rows(granted: Sequence[str], models: Models) -> Iterator[EvidenceRow]:
        for change in changes:
            here, there = (format_value_of(change, value) for value in (change.first, change.second))
            name = ATTRIBUTES[change.attribute].title or item_of(change)
            yield name, (Cell(here), Cell(there, None, change.variation in granted), Cell(len(change.places)))
        if not changes:
            yield level(changes), (Cell(None), Cell(None))

    title = "What differs, with the first values that do"
    others = [words for key, words in MAY_DIFFER.items() if key in differ]
    granted = Reading(title, partial(rows, ["channels", *MAY_DIFFER]), f"{join_and(others)} may differ too")
    said = f"{level(changes)}; what differs: {join_comma(VARIATIONS[key] for key in differ)}"
    return Table(
        title,
        (first.title, second.title, "Places"),
        partial(rows, ["channels"]),
        f"{second.title} = {first.title} but for the channels",
        lambda table: f"{where(parting)}: {what(parting)}" if parting else said,
        [granted] if others else (),
        lambda models: (
            (target, tuple(layer.name for layer in network.layers_at(parting.places[0])))
            for target, network in models.items()
            if parting
        ),
        corner="What",
    )(models)
