"""The article's figures of modules and sub-blocks, as drawn and as built: which layers are where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from effnet_inspect.catalog.published import ARTICLE_MODULES
from effnet_inspect.claims.alignment import LayerAlignment, LayerRow, describe_changes
from effnet_inspect.claims.claim import Cell, Concerned, Evidence, EvidenceRow, Finding, Models, Verdict
from effnet_inspect.claims.kinds import Reading, Table, for_every
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Section, SubBlock, SubBlockKind
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.words import describe_blocks, join_and, join_comma, pluralize

CAPTIONS = {
    1: "opens a sub-block",
    2: "opens the first sub-block of every block but the first",
    3: "stands at the side of every sub-block",
    4: "closes the first sub-block of every block",
    5: "closes the repeated sub-blocks",
}
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


def first_of(places: Places, layers: Callable[[SubBlock], Iterable[Layer]]) -> Concerned:
    """The layers meant of the first of some sub-blocks."""
    target, sub_block = places[0]
    return target, tuple(layer.name for layer in layers(sub_block))


def layers_of(sub_block: SubBlock, number: int) -> tuple[Layer, ...]:
    """The layers of a sub-block's module of this number; none where it has no such module."""
    return next((module.layers for module in sub_block.modules if module.number == number), ())


def as_built(models: Models, number: int) -> dict[LayerRow, Places]:
    """The ways in which a module is built: the classes of its layers -> where it is built so."""
    return grouped(models, lambda sub_block: tuple(layer.class_name for layer in layers_of(sub_block, number)))


def alignment_of(models: Models, number: int) -> LayerAlignment:
    """A module as drawn beside the ways in which it is built."""
    ways = tuple((_blocks(places), row) for row, places in as_built(models, number).items())
    return LayerAlignment(f"Module {number}", CAPTIONS[number], ARTICLE_MODULES[number], ways)


def _blocks(places: Places) -> str:
    return describe_blocks(sub_block.block for _, sub_block in places)


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
            tuple(first_of(places, lambda each: layers_of(each, self.number)) for places in others),
            (alignment_of(models, self.number),),
        )


Placed = tuple[Layer, bool | None]
"""A layer, and whether what it is part of is built as drawn; None for one that is in no module."""


def placed_layers(network: Network) -> Iterator[Placed]:
    """All layers but those of the classifier; stem and final layers are as drawn, whatever they are."""
    ends = (stage for stage in network.backbone_stages if isinstance(stage, Section))
    as_drawn = {layer.name: True for stage in ends for layer in stage.layers}
    for sub_block in network.anatomy.sub_blocks:
        for number, drawn in ARTICLE_MODULES.items():
            layers = layers_of(sub_block, number)
            as_drawn |= dict.fromkeys(
                (layer.name for layer in layers), drawn == tuple(layer.class_name for layer in layers)
            )
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


def describe_places(places: Places) -> str:
    """Which sub-blocks: `the first of block 1 and the repeated sub-blocks of blocks 2 to 7`."""
    first = [sub_block.block for _, sub_block in places if not sub_block.position]
    repeated = [sub_block.block for _, sub_block in places if sub_block.position]
    both = (("first", first), ("repeated sub-blocks", repeated))
    return join_and(f"the {which} of {describe_blocks(blocks)}" for which, blocks in both if blocks)


def only_kind(kind: SubBlockKind, optional: str = "") -> Table:
    """Whether all sub-blocks of a kind, and no others, are made of layers of the same classes.

    `optional` is a class of layers that, on a condition, may be there or not.
    """

    def ways(models: Models, ignored: str = "") -> dict[LayerRow, Places]:
        def row(each: SubBlock) -> LayerRow:
            return tuple(name for name in signature(each, Strictness.CLASSES) if name != ignored)

        return {
            names: places
            for names, places in grouped(models, row).items()
            if any(each.kind is kind for _, each in places)
        }

    def rows(ignored: str, models: Models) -> Iterator[EvidenceRow]:
        found = ways(models, ignored)
        for row, places in found.items():
            elsewhere = sum(each.kind is not kind for _, each in places)
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
        lambda models: (first_of(places, lambda each: each.layers) for places in [*ways(models).values()][1:]),
        corner="Made of",
        reference="expected",
    )
