"""The article's figure of five modules, as drawn and as built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from effnet_inspect.catalog.published import ARTICLE_MODULES
from effnet_inspect.claims.alignment import LayerAlignment, LayerRow, describe_changes
from effnet_inspect.claims.claim import DOES_NOT_HOLD, HOLDS, HOLDS_IF, Cell, Evidence, Finding, Models
from effnet_inspect.claims.kinds import ForEvery, Places, Rule, grouped
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Module, Section, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.words import describe_blocks, join_comma

CAPTIONS = {
    1: "opens a sub-block",
    2: "opens the first sub-block of every block but the first",
    3: "at the side of every sub-block",
    4: "closes the first sub-block of every block",
    5: "closes the repeated sub-blocks; an Add follows",
}


def module_of(sub_block: SubBlock, number: int) -> Module | None:
    """A sub-block's module of this number; None without one."""
    return next((module for module in sub_block.modules if module.number == number), None)


def class_names(module: Module | None) -> LayerRow:
    """The classes of a module's layers; the Add that ends module 5 is drawn as a box of its own, so it is left out."""
    return tuple(layer.class_name for layer in module.layers if layer.operation != "add") if module else ()


def as_built(models: Models, number: int) -> dict[LayerRow, Places]:
    """The ways in which a module is built: the classes of its layers -> where it is built so."""
    return grouped(models, lambda sub_block: class_names(module_of(sub_block, number)))


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
        others = {row: places for row, places in built.items() if row != drawn}
        changes = "; and ".join(f"{describe_changes(drawn, row)} ({_blocks(at)})" for row, at in others.items())
        verdict = DOES_NOT_HOLD if drawn not in built else HOLDS_IF if others else HOLDS
        rows = tuple(
            (join_comma(row), (Cell(changed or "as drawn", None, not changed), Cell(_blocks(at)), Cell(len(at))))
            for row, at in built.items()
            for changed in [describe_changes(drawn, row)]
        )
        columns = ("Against the drawing", "Where", "Times")
        firsts = ((target, module_of(sub_block, self.number)) for (target, sub_block), *_ in others.values())
        return Finding(
            verdict,
            join_comma(drawn),
            changes or "as drawn, in every sub-block",
            f"only {_blocks(built[drawn])} is meant; elsewhere: {changes}" if verdict is HOLDS_IF else "",
            (Evidence("As built", columns, rows, "Layers"),),
            tuple((target, tuple(layer.name for layer in module.layers)) for target, module in firsts if module),
            (alignment_of(models, self.number),),
        )


class Placed(NamedTuple):
    """A layer, and whether it is in the stem, the final layers or a module; in a module of any make, or as drawn."""

    layer: Layer
    as_built: bool
    as_drawn: bool


def placed_layers(network: Network) -> Iterator[Placed]:
    """All layers but those of the classifier."""
    anatomy = network.anatomy
    modules = [module for each in anatomy.sub_blocks for module in each.modules if module.number]
    drawn = [module for module in modules if class_names(module) == ARTICLE_MODULES[module.number or 1]]
    ends = [layer.name for stage in network.backbone_stages if isinstance(stage, Section) for layer in stage.layers]
    in_built, in_drawn = (
        {*ends, *(layer.name for module in own for layer in module.layers)} for own in (modules, drawn)
    )
    outside = {layer.name for layer in anatomy.classifier.layers} if anatomy.classifier else set()
    for layer in network.graph:
        if layer.name not in outside:
            yield Placed(layer, layer.name in in_built, layer.name in in_drawn)


ALL_LAYERS = ForEvery(
    "layers",
    placed_layers,
    (
        Rule("Layers in stem, final layers and modules as drawn", lambda placed: placed.as_drawn),
        Rule(
            "Layers in stem, final layers and modules as built",
            lambda placed: placed.as_built,
            "the modules are taken as they are built, not as they are drawn: see module-1, module-2 and module-3",
        ),
    ),
    "no layer left over",
    lambda placed: (placed.layer,),
)


def all_from_modules(models: Models) -> Finding:
    """Take every model apart into stem, modules and final layers, and show how each module is built."""
    return ALL_LAYERS(models)._replace(alignments=tuple(alignment_of(models, number) for number in ARTICLE_MODULES))
