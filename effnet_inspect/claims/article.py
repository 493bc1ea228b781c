"""The statements of the article that explains the family by drawing it: which layers are where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import ARTICLE_MODULE_USES, ARTICLE_MODULES, FAMILY
from effnet_inspect.claims.alignment import LayerAlignment, LayerRow, describe_changes
from effnet_inspect.claims.claim import (
    ANSWERED,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IF,
    Cell,
    Check,
    Concerned,
    Evidence,
    Finding,
    Models,
    Row,
    claim,
)
from effnet_inspect.claims.kinds import (
    BLOCKS,
    Reading,
    Table,
    by_model,
    figures,
    first_column,
    for_every,
    row_of,
)
from effnet_inspect.document import Value, one_side
from effnet_inspect.graph import Layer, Pair
from effnet_inspect.structure.anatomy import Section, SubBlock, SubBlockKind
from effnet_inspect.structure.difference import ATTRIBUTES, VARIATIONS, differences, level, variations
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import format_value_of, item_of, what, where
from effnet_inspect.words import describe_blocks, join_and, join_comma, pluralize

FIRST_OF_NETWORK, FIRST_OF_BLOCK, REPEATED = SubBlockKind
WITHOUT_TOP = "the model is built without its classifier: include_top=False, weights=None"
LAYERS = (
    Reading("All layers", lambda network: len(network.graph)),
    Reading("Layers without the classifier", lambda network: network.layers_without_classifier, WITHOUT_TOP),
)
MEANT = "only the sub-blocks where it is built as drawn are meant"
BLOCKS_IN_ALL = Reading("Blocks between stem and final layers", lambda network: len(network.repeats))

Place = tuple[str, SubBlock, tuple[Layer, ...]]
"""The target of a model, one of its sub-blocks, and those of its layers that are meant."""
Ways = dict[LayerRow, list[Place]]
"""The classes of some layers, in all ways in which they are built -> where they are built so."""
Find = Callable[[Models], Ways]


def ways(models: Models, layers: Callable[[SubBlock], tuple[Layer, ...]], ignored: str = "") -> Ways:
    """The ways in which some layers of the sub-blocks are built, without those of one class."""
    found: Ways = {}
    for target, model in models.items():
        for sub_block in model.anatomy.sub_blocks:
            meant = layers(sub_block)
            if row := tuple(layer.class_name for layer in meant if layer.class_name != ignored):
                found.setdefault(row, []).append((target, sub_block, meant))
    return found


def as_built(number: int, models: Models) -> Ways:
    """The ways in which a module is built, in the sub-blocks that have it."""
    return ways(models, lambda each: next((module.layers for module in each.modules if module.number == number), ()))


def of_kind(kind: SubBlockKind, ignored: str, models: Models) -> Ways:
    """The ways in which the sub-blocks of a kind are built, wherever else there are such."""
    found = ways(models, lambda sub_block: sub_block.layers, ignored).items()
    return {row: places for row, places in found if any(sub_block.kind is kind for _, sub_block, _ in places)}


def describe_places(places: Iterable[Place]) -> str:
    """Which sub-blocks: `the first of block 1 and the repeated sub-blocks of blocks 2 to 7`."""
    blocks: dict[str, set[int]] = {"first": set(), "repeated sub-blocks": set()}
    for _, sub_block, _ in places:
        blocks["repeated sub-blocks" if sub_block.position else "first"].add(sub_block.block)
    return join_and(f"the {which} of {describe_blocks(own)}" for which, own in blocks.items() if own)


def built(find: Find, kinds: Sequence[SubBlockKind], *others: Reading[Find], drawn: LayerRow = ()) -> Table:
    """Whether layers are built in one way, as drawn or else as the first, in sub-blocks of some kinds and no others."""

    def rows(find: Find, models: Models) -> Iterator[Row]:
        found = find(models)
        for row, places in found.items():
            elsewhere = sum(sub_block.kind not in kinds for _, sub_block, _ in places)
            change = describe_changes(drawn or next(iter(found)), row)
            same = "as drawn" if drawn else pluralize(len(row), "layer")
            judged = Cell(elsewhere, 0, not elsewhere), Cell(change or same, None, not change)
            yield join_comma(row), (Cell(describe_places(places)), Cell(len(places)), *judged)

    def concerned(models: Models) -> Iterator[Concerned]:
        for row, ((target, _, layers), *_) in list(find(models).items())[0 if drawn else 1 :]:
            yield target, tuple(layer.name for layer in layers) if row != drawn else ()

    return Table(
        "As built",
        ("Where", "Times", "Elsewhere", "Change"),
        partial(rows, find),
        join_comma(drawn) if drawn else "one kind of sub-block, there and nowhere else",
        lambda table: "; and ".join(f"{cells[3].found} ({cells[0].found})" for _, cells in table.rows),
        [Reading("As built", partial(rows, each.of), each.condition) for each in others],
        concerned,
        corner="Layers",
        reference="expected",
    )


def module(number: int, kinds: Sequence[SubBlockKind]) -> Check:
    """Whether a module is built everywhere as it is drawn; where it is so in some places, these may be meant."""
    drawn, find = ARTICLE_MODULES[number], partial(as_built, number)
    as_drawn = Reading[Find]("", lambda models: {row: find(models)[row] for row in find(models) if row == drawn}, MEANT)
    return partial(with_pictures, built(find, kinds, as_drawn, drawn=drawn), (number,))


def sub_blocks_of(kind: SubBlockKind, optional: str = "") -> Table:
    """Whether all sub-blocks of a kind, and no others, are built in one way; `optional` layers may be left out."""
    without = Reading("", partial(of_kind, kind, optional), f"{optional} may be left out")
    return built(partial(of_kind, kind, ""), (kind,), *([without] if optional else []))


def with_pictures(check: Check, numbers: Iterable[int], models: Models) -> Finding:
    """What a check finds, with modules as drawn beside the ways in which they are built."""

    def alignment_of(number: int) -> LayerAlignment:
        found = as_built(number, models).items()
        located = ((describe_blocks(sub_block.block for _, sub_block, _ in places), row) for row, places in found)
        return LayerAlignment(f"Module {number}", ARTICLE_MODULE_USES[number], ARTICLE_MODULES[number], tuple(located))

    return check(models)._replace(alignments=tuple(map(alignment_of, numbers)))


Placed = tuple[Layer, bool | None]
"""A layer, and whether what it is part of is built as drawn; None for one that is in no module."""


def placed_layers(network: Network) -> Iterator[Placed]:
    """All layers but those of the classifier; stem and final layers are as drawn, whatever they are."""
    ends = (stage for stage in network.backbone_stages if isinstance(stage, Section))
    drawn = {layer.name: True for stage in ends for layer in stage.layers}
    for number in ARTICLE_MODULES:
        for row, places in as_built(number, {"": network}).items():
            drawn |= {layer.name: row == ARTICLE_MODULES[number] for *_, layers in places for layer in layers}
    outside = network.anatomy.classifier.layers if network.anatomy.classifier else ()
    return ((layer, drawn.get(layer.name)) for layer in network.graph if layer not in outside)


ALL_LAYERS = for_every(
    "layers",
    placed_layers,
    "all in stem, final layers and modules as drawn",
    lambda placed: bool(placed[1]),
    Reading(
        "In stem, final layers and modules as built",
        lambda placed: placed[1] is not None,
        "the modules are taken as they are built, not as they are drawn: see module-1, module-2 and module-3",
    ),
    layers=lambda placed: placed[:1],
)


def ends(network: Network) -> tuple[str, ...]:
    """The layers of the stem, and the final layers: their classes and kernels."""

    def words(layer: Layer) -> str:
        return f"{layer.class_name} {layer.kernel[0]}x{layer.kernel[1]}" if layer.kernel else layer.class_name

    stages = (stage for stage in network.backbone_stages if isinstance(stage, Section))
    return tuple(join_comma(map(words, stage.layers)) for stage in stages)


ENDS = ("stem", "head")


def same_ends(may_differ: Sequence[str], models: Models) -> Iterator[Row]:
    """Stem and final layers of every model, and in what they differ from the first model's."""
    first = next(iter(models.values()))
    for model in models.values():
        apart = [
            change
            for change in differences(first.facts, model.facts)
            if any(place.stage in ENDS for place in change.places)
        ]
        titles = dict.fromkeys(ATTRIBUTES[change.attribute].title or item_of(change) for change in apart)
        is_same = all(change.variation in may_differ for change in apart)
        judged = row_of("", ends(model), ends(first))[1]
        yield model.title, (*judged, Cell(join_and(titles) if titles else "nothing", "nothing", is_same))


def describe_ends(table: Evidence) -> str:
    """In what which models differ from the first, or what is the same in all."""
    if table.agrees:
        stem, final, _ = table.rows[0][1]
        return f"the same in every model: {stem.found}; and {final.found}"
    apart = {name: str(cells[-1].found) for name, cells in table.rows if not all(cell.agrees for cell in cells)}
    return "; ".join(
        f"{join_and(name for name in apart if apart[name] == what)}: other {what}"
        for what in dict.fromkeys(apart.values())
    )


def growth(level: Sequence[str], models: Models) -> Iterator[Row]:
    """The sub-blocks of every model: more than the one before has, or as many in those that are `level`."""
    before = 0
    for target, model in models.items():
        count, least = sum(model.repeats), before + (target not in level)
        yield model.title, (Cell(count, least, count == least if target in level else count >= least),)
        before = count


def side_of(sides: Pair) -> str:
    """Height and width in short: one number where they are equal."""
    return "x".join(map(str, sides if len(set(sides)) > 1 else sides[:1]))


def kernels(network: Network) -> tuple[str, ...]:
    """The kernel sizes of every block's sub-blocks."""
    blocks = ([side_of(sub_block.kernel) for sub_block in block.sub_blocks] for block in network.anatomy.blocks)
    return tuple("/".join(dict.fromkeys(sizes)) for sizes in blocks)


def resolutions(network: Network) -> tuple[Value, ...]:
    """The resolution of the input, at the start of every block and at the end of the last, and the blocks' strides."""
    blocks = network.anatomy.blocks
    shapes = (*(block.input_shape for block in blocks), blocks[-1].output_shape)
    sides = map(one_side, (network.anatomy.input_shape, *shapes))
    return (*sides, join_comma(side_of(block.stride) for block in blocks))


def describe_resolutions(table: Evidence) -> str:
    """The input resolutions, and the strides where they are shared."""
    strides = list(dict.fromkeys(str(cells[-1].found) for _, cells in table.rows))
    shared = f"what they share are the strides of the blocks, {strides[0]}" if len(strides) == 1 else "strides differ"
    return f"{first_column(table)}; {shared}"


MAY_DIFFER = {"resolution": "the resolution", "rates": "the dropout rates"}
"""What may differ in one architecture besides the channels, in words."""


def same_but_channels(models: Models) -> Finding:
    """Whether two networks are one graph in which nothing but the channels differs."""
    first, second = models.values()
    changes = differences(first.facts, second.facts)
    parting = next((change for change in changes if change.variation is None), None)
    differ = variations(changes)
    others = [MAY_DIFFER.get(key, "") for key in differ if key != "channels"]
    rows: list[Row] = []
    for change in changes:
        here, there = (format_value_of(change, value) for value in (change.first, change.second))
        cells = Cell(here), Cell(there, None, change.variation == "channels"), Cell(len(change.places))
        rows.append((ATTRIBUTES[change.attribute].title or item_of(change), cells))
    holds_if = others and all(others) and not parting
    return Finding(
        HOLDS_IF if holds_if else DOES_NOT_HOLD if others or parting else HOLDS,
        f"{second.title} = {first.title} but for the channels",
        f"{where(parting)}: {what(parting)}"
        if parting
        else f"{level(changes)}; what differs: {join_comma(VARIATIONS[key] for key in differ)}",
        f"{join_and(others)} may differ too" if holds_if else "",
        (Evidence("What differs, with the first values that do", (*models, "Places"), tuple(rows), "What"),),
        tuple(
            (target, tuple(layer.name for layer in network.layers_at(parting.places[0])))
            for target, network in models.items()
            if parting
        ),
    )


MODULES = partial(with_pictures, ALL_LAYERS, tuple(ARTICLE_MODULES))
SUB_BLOCKS = by_model(
    "Sub-blocks of the blocks 1 to 7",
    (BLOCKS,),
    lambda network: network.repeats,
    published.ARTICLE_SUB_BLOCKS,
    expected="49 numbers as drawn, and 7 of B2 as those of B1",
)
SUB_BLOCKS_GROW = Table(
    "Sub-blocks in all",
    ("Sub-blocks",),
    partial(growth, []),
    "more sub-blocks from each model to the next",
    first_column,
    others=[Reading("", partial(growth, ["b2"]), "not taken strictly: B2 has as many as B1")],
    reference="at least",
)
COMMON_ENDS = Table(
    "Layers",
    ("Stem", "Final layers", "Differs"),
    partial(same_ends, []),
    "the same in every model",
    describe_ends,
    others=[Reading("", partial(same_ends, ["channels"]), "the channels may differ")],
    reference="first model",
)
KERNEL_SIZES = by_model(
    "Kernel sizes of the blocks", (BLOCKS,), kernels, expected="(the author does not know, and asks)", agreed=ANSWERED
)
RESOLUTION = by_model(
    "Input resolution of each stage in pixels, and strides of the blocks",
    ("Input", BLOCKS, "Final", "Strides"),
    resolutions,
    expected="one input resolution for the whole family",
    found=describe_resolutions,
    reference="as B0",
)
CHANNELS = by_model(
    "Output channels", ("Stem", BLOCKS, "Final"), lambda network: network.channels, published.ARTICLE_CHANNELS
)
CLAIMS = (
    claim("layers", ("b0", "b7"), HOLDS_IF, "summary b7", figures(published.ARTICLE_LAYERS, *LAYERS)),
    claim("common-ends", FAMILY, HOLDS_IF, "compare b0..b7", COMMON_ENDS),
    claim("seven-blocks", FAMILY, HOLDS, "summary b0", figures(published.ARTICLE_BLOCKS, BLOCKS_IN_ALL)),
    claim("modules", FAMILY, HOLDS_IF, "summary b0 --level module", MODULES, has_picture=True),
    *(
        claim(f"module-{number}", FAMILY, verdict, f"summary {see} --level layer", module(number, kinds), True)
        for number, kinds, verdict, see in (
            (1, (FIRST_OF_NETWORK, REPEATED), HOLDS_IF, "b1 --block 1"),
            (2, (FIRST_OF_BLOCK,), DOES_NOT_HOLD, "b0 --block 5"),
            (3, tuple(SubBlockKind), DOES_NOT_HOLD, "b0 --block 1"),
            (4, (FIRST_OF_NETWORK, FIRST_OF_BLOCK), HOLDS, "b0 --block 2"),
            (5, (REPEATED,), HOLDS, "b0 --block 2"),
        )
    ),
    claim("sub-block-1", FAMILY, HOLDS, "summary b1 --block 1", sub_blocks_of(FIRST_OF_NETWORK)),
    claim("sub-block-2", FAMILY, HOLDS_IF, "summary b0 --block 5", sub_blocks_of(FIRST_OF_BLOCK, "ZeroPadding2D")),
    claim("sub-block-3", FAMILY, DOES_NOT_HOLD, "summary b1 --block 1 --level layer", sub_blocks_of(REPEATED)),
    claim("sub-blocks", FAMILY, HOLDS, "summary b7 --level sub-block --fold", SUB_BLOCKS),
    claim("sub-blocks-grow", FAMILY, HOLDS_IF, "summary b2", SUB_BLOCKS_GROW),
    claim("b2-like-b1", ("b1", "b2"), HOLDS_IF, "compare b1 b2", same_but_channels),
    claim("kernel-sizes", FAMILY, ANSWERED, "summary b7", KERNEL_SIZES),
    claim("resolution", FAMILY, DOES_NOT_HOLD, "summary b7", RESOLUTION),
    claim("channels", tuple(published.ARTICLE_CHANNELS), HOLDS, "summary b7", CHANNELS),
)
