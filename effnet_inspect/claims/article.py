"""The statements of the article that explains the family by drawing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest

from effnet_inspect.catalog.published import (
    ARTICLE_BLOCKS,
    ARTICLE_CHANNELS,
    ARTICLE_LAYERS,
    ARTICLE_SUB_BLOCKS,
    FAMILY,
)
from effnet_inspect.claims.claim import (
    ANSWERED,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IF,
    Cell,
    Entry,
    Evidence,
    EvidenceRow,
    Finding,
    Models,
)
from effnet_inspect.claims.kinds import (
    BLOCKS,
    Count,
    Reading,
    Table,
    by_model,
    first_column,
    first_row,
    printed_figures,
)
from effnet_inspect.claims.modules import CAPTIONS, ModuleFigure, all_from_modules, only_kind
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Section, SubBlockKind
from effnet_inspect.structure.difference import VARYING, WORDS, difference
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and, join_comma

entry = partial(Entry, "article")
COMMON_THINGS = "section “Common Things In All”"
MODULES = "figure of the five modules"
SUB_BLOCKS = "figure of the three sub-blocks"
TEXT = "text after the paper's table"


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


MAY_DIFFER = {"resolution": "the resolution, with the padding that follows from it,", "rates": "the dropout rates"}
"""What may differ in one architecture besides the channels, in words."""


def same_but_channels(models: Models) -> Finding:
    """Whether two networks are one graph in which nothing but the channels differs."""
    first, second = models.values()
    found = difference(first.comparable, second.comparable)
    place = found.first_difference
    stages = [(stage, second.stages[key]) for key, stage in first.stages.items() if key in second.stages]
    layers = [pair for one, other in stages for pair in zip(one.layers, other.layers, strict=False)]

    def rows(granted: Sequence[str], models: Models) -> Iterator[EvidenceRow]:
        if place:
            yield place.attribute, (Cell(str(place.values[0])), Cell(str(place.values[1]), None, False))
        for key in found.differ:
            _, value = VARYING.get(key, ("", lambda layer: None))
            pairs = [(value(one), value(other)) for one, other in layers if value(one) != value(other)]
            # Of a shape or the like, the first side that differs.
            tuples = (each if isinstance(each, tuple) else (each,) for each in (pairs or [(None, None)])[0])
            here, there = next((sides for sides in zip_longest(*tuples) if sides[0] != sides[1]), (None, None))
            yield WORDS[key], (Cell(str(here)), Cell(str(there), None, key in granted), Cell(len(pairs)))
        if not place and not found.differ:
            yield found.level, (Cell(None), Cell(None))

    title = "What differs, with the first values that do"
    others = [words for key, words in MAY_DIFFER.items() if key in found.differ]
    granted = Reading(title, partial(rows, ["channels", *MAY_DIFFER]), f"{join_and(others)} may differ too")
    said = f"{found.level}; what differs: {join_comma(WORDS[key] for key in found.differ)}"
    places = zip(models, place.places if place else (), strict=False)
    return Table(
        title,
        (first.title, second.title, "Layers"),
        partial(rows, ["channels"]),
        f"{second.title} = {first.title} but for the channels",
        lambda table: place.sentence(first.title, second.title) if place else said,
        [granted] if others else (),
        lambda models: ((target, (where.layer,)) for target, where in places if where and where.layer),
        corner="What",
    )(models)


WITHOUT_CLASSIFIER = "the model is built without its classifier: include_top=False, weights=None"
LAYERS = (
    Count("All layers", lambda network: len(network.graph)),
    Count("Layers without the classifier", lambda network: network.layers_without_classifier, WITHOUT_CLASSIFIER),
)
MODULE_ROWS = (
    (1, HOLDS_IF, "b1 --block 1", ": DepthwiseConv2D, BatchNormalization, Activation"),
    (2, DOES_NOT_HOLD, "b0 --block 5", ", with two depthwise convolutions and a ZeroPadding between them"),
    (3, DOES_NOT_HOLD, "b0 --block 1", ": GlobalAveragePooling, Rescaling, Conv2D, Conv2D"),
    (4, HOLDS, "b0 --block 2", ": Multiply, Conv2D, BatchNormalization"),
    (5, HOLDS, "b0 --block 2", ": Multiply, Conv2D, BatchNormalization, Dropout; an Add follows"),
)
"""The figure of the modules: their numbers, verdicts, where to see them, and what is drawn."""
CLAIMS = (
    entry("layers", f"text of {COMMON_THINGS}", tuple(ARTICLE_LAYERS), HOLDS_IF, "summary b7").says(
        "EfficientNet-B0 has 237 layers, EfficientNet-B7 has 813.", printed_figures(ARTICLE_LAYERS, *LAYERS)
    ),
    entry("common-ends", COMMON_THINGS, FAMILY, HOLDS, "summary b0 --level layer").says(
        "The stem and the final layers are the same in all eight models.",
        Table(
            "Layers of the stem and of the final layers",
            ("Stem", "Final layers"),
            by_model(ends),
            "one stem and one row of final layers for all",
            first_row,
            reference="first model",
        ),
    ),
    entry("seven-blocks", COMMON_THINGS, FAMILY, HOLDS, "summary b0").says(
        "Every model has seven blocks between stem and final layers.",
        Table(
            "Blocks between stem and final layers",
            ("Blocks",),
            by_model(lambda network: (len(network.repeats),), dict.fromkeys(FAMILY, (ARTICLE_BLOCKS,))),
            f"{ARTICLE_BLOCKS} blocks in every model",
            first_column,
        ),
    ),
    entry("modules", MODULES, FAMILY, HOLDS_IF, "summary b0 --level module", True).says(
        "All layers of all models can be made from the stem, five modules and the final layers.", all_from_modules
    ),
    *(
        entry(f"module-{number}", MODULES, FAMILY, verdict, f"summary {shown_by} --level layer", True).says(
            f"Module {number} {CAPTIONS[number]}{layers}.", ModuleFigure(number)
        )
        for number, verdict, shown_by, layers in MODULE_ROWS
    ),
    entry("sub-block-1", SUB_BLOCKS, FAMILY, HOLDS, "summary b1 --block 1").says(
        "Sub-block 1 is used once only, as the first of block 1.", only_kind(SubBlockKind.FIRST_OF_NETWORK)
    ),
    entry("sub-block-2", SUB_BLOCKS, FAMILY, HOLDS_IF, "summary b0 --block 5 --level layer").says(
        "Sub-block 2 is the first of every other block.",
        only_kind(SubBlockKind.FIRST_OF_BLOCK, optional="ZeroPadding2D"),
    ),
    entry("sub-block-3", SUB_BLOCKS, FAMILY, DOES_NOT_HOLD, "summary b1 --block 1 --level layer").says(
        "Sub-block 3 is every sub-block that is not the first of its block.", only_kind(SubBlockKind.REPEATED)
    ),
    entry("sub-blocks", "architecture figures of B0 to B7", FAMILY, HOLDS, "summary b7 --level sub-block --fold").says(
        "The number of sub-blocks in each of the seven blocks of B0 to B7, as drawn in the architecture figures.",
        Table(
            "Sub-blocks of the blocks 1 to 7",
            (BLOCKS,),
            by_model(lambda network: network.repeats, ARTICLE_SUB_BLOCKS),
            "56 numbers, as drawn",
        ),
    ),
    entry("sub-blocks-grow", COMMON_THINGS, FAMILY, HOLDS_IF, "summary b2").says(
        "The number of sub-blocks increases from B0 to B7.",
        Table(
            "Sub-blocks in all",
            ("Sub-blocks",),
            partial(growth, []),
            "more sub-blocks from each model to the next",
            first_column,
            (Reading("Sub-blocks in all", partial(growth, ["b2"]), "not taken strictly: B2 has as many as B1"),),
            reference="at least",
        ),
    ),
    entry("b2-like-b1", "caption of the figure of B1", ("b1", "b2"), HOLDS_IF, "compare b1 b2").says(
        "The architecture of B2 is that of B1; only the numbers of channels differ.", same_but_channels
    ),
    entry("kernel-sizes", TEXT, FAMILY, ANSWERED, "summary b7").says(
        "Open question: do the kernel sizes change from model to model, or stay the same?",
        Table(
            "Kernel sizes of the blocks 1 to 7",
            (BLOCKS,),
            by_model(kernels),
            "(the author does not know, and asks)",
            first_row,
            agreed=ANSWERED,
            reference="first model",
        ),
    ),
    entry("resolution", TEXT, FAMILY, DOES_NOT_HOLD, "summary b7").says(
        "The resolution remains the same for the whole family.",
        Table(
            "Input resolution of each stage in pixels, and strides of the blocks",
            ("Input", BLOCKS, "Final", "Strides"),
            by_model(resolutions),
            "one input resolution for the whole family",
            describe_resolutions,
            reference="as B0",
        ),
    ),
    entry("channels", "last table", tuple(ARTICLE_CHANNELS), HOLDS, "summary b7").says(
        "The channels of the nine stages of B1 to B7.",
        Table(
            "Channels of stem, blocks and final layers",
            ("Stem", BLOCKS, "Final"),
            by_model(lambda network: network.channels, ARTICLE_CHANNELS),
            "63 numbers, as tabulated",
        ),
    ),
)
