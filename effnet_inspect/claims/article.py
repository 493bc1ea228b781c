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
    Claim,
    Entry,
    Evidence,
    EvidenceRow,
    Finding,
    Models,
    conclude,
)
from effnet_inspect.claims.kinds import (
    BLOCKS,
    Count,
    OneSignature,
    PrintedFigures,
    Table,
    by_model,
    first_column,
    first_row,
    same_in_all,
)
from effnet_inspect.claims.modules import ModuleFigure, all_from_modules
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Section, SubBlockKind
from effnet_inspect.structure.difference import VARYING, WORDS, difference
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and, join_comma

entry = partial(Entry, "article")
COMMON_THINGS = "section “Common Things In All”"
MODULES = "figure of the five modules"
FIGURES = "architecture figures of B0 to B7"
SUB_BLOCKS = "figure of the three sub-blocks"
TEXT = "text after the paper's table"


def ends(network: Network) -> tuple[str, ...]:
    """The classes of the layers of the stem, and of the final layers."""
    stages = [stage for stage in network.backbone_stages if isinstance(stage, Section)]
    return tuple(join_comma(layer.class_name for layer in stage.layers) for stage in stages)


def layers_of_ends(network: Network) -> Iterator[Layer]:
    """The layers of the stem, and the final layers."""
    return (layer for stage in network.backbone_stages if isinstance(stage, Section) for layer in stage.layers)


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


def depthwise_layers(network: Network) -> Iterator[Layer]:
    """The depthwise convolutions of all sub-blocks."""
    layers = (layer for sub_block in network.anatomy.sub_blocks for layer in sub_block.layers)
    return (layer for layer in layers if layer.operation == "depthwise_convolution")


def stage_resolutions(network: Network) -> tuple[int | str | None, ...]:
    """The resolution at the input of every block and at the end of the last, and the blocks' strides."""
    blocks = network.anatomy.blocks
    shapes = (*(block.input_shape for block in blocks), blocks[-1].output_shape)
    return (*(shape[0] if shape else None for shape in shapes), join_comma(block.first.stride[0] for block in blocks))


def describe_resolutions(evidence: Evidence) -> str:
    """The input resolutions, and the strides where they are shared."""
    strides = {str(cells[-1].found) for _, cells in evidence.rows}
    shared = f"what they share are the strides of the blocks, {min(strides)}" if len(strides) == 1 else "strides differ"
    return f"{first_column(evidence)}; {shared}"


MAY_DIFFER = {"resolution": "the resolution, with the padding that follows from it,", "rates": "the dropout rates"}
"""What may differ in one architecture besides the channels, in words."""


def same_but_channels(models: Models) -> Finding:
    """Whether two networks are one graph in which nothing but the channels differs."""
    first, second = models.values()
    found = difference(first.comparable, second.comparable)
    place = found.first_difference

    def table(*granted: str) -> Evidence:
        rows = [_differing(first, second, key, key in granted) for key in found.differ]
        if place:
            rows = [(place.attribute, (Cell(str(place.values[0])), Cell(str(place.values[1]), None, False)))]
        columns = (first.title, second.title, "Layers")
        title = "What differs, with the first values that do"
        return Evidence(title, columns, tuple(rows) or ((found.level, (Cell(None), Cell(None))),), "What")

    readings = {"": table("channels")}
    if others := [words for key, words in MAY_DIFFER.items() if key in found.differ]:
        readings[f"{join_and(others)} may differ too"] = table("channels", *MAY_DIFFER)
    said = f"{found.level}; what differs: {join_comma(WORDS[key] for key in found.differ)}"
    places = zip(models, place.places if place else (), strict=False)
    return conclude(
        f"{second.title} = {first.title} but for the channels",
        readings,
        place.sentence(first.title, second.title) if place else said,
        ((target, (where.layer,)) for target, where in places if where and where.layer),
    )


def _differing(first: Network, second: Network, key: str, granted: bool) -> EvidenceRow:
    """What differs: its first values that do in the two networks, and in how many layers."""
    shared = [(stage, second.stages[name]) for name, stage in first.stages.items() if name in second.stages]
    layers = [pair for one, other in shared for pair in zip(one.layers, other.layers, strict=False)]
    value = VARYING[key][1] if key in VARYING else lambda layer: None
    values = [(value(one), value(other)) for one, other in layers if value(one) != value(other)]
    here, there = values[0] if values else (None, None)
    if isinstance(here, tuple) and isinstance(there, tuple):
        here, there = next(pair for pair in zip_longest(here, there) if pair[0] != pair[1])
    return WORDS[key], (Cell(str(here)), Cell(str(there), None, granted), Cell(len(values)))


WITHOUT_CLASSIFIER = "the model is built without its classifier: include_top=False, weights=None"
LAYERS = (
    Count("All layers", lambda network: len(network.graph)),
    Count("Layers without the classifier", lambda network: network.layers_without_classifier, WITHOUT_CLASSIFIER),
)
CLAIMS = (
    Claim(
        entry("layers", f"text of {COMMON_THINGS}", tuple(ARTICLE_LAYERS), HOLDS_IF, "summary b7"),
        "EfficientNet-B0 has 237 layers, EfficientNet-B7 has 813.",
        PrintedFigures(ARTICLE_LAYERS, LAYERS),
    ),
    Claim(
        entry("common-ends", COMMON_THINGS, FAMILY, HOLDS, "summary b0 --level layer"),
        "The stem and the final layers are the same in all eight models.",
        Table(
            "Layers of the stem and of the final layers",
            ("Stem", "Final layers"),
            same_in_all(ends),
            "one stem and one row of final layers for all",
            first_row,
            layers=layers_of_ends,
            reference="first model",
        ),
    ),
    Claim(
        entry("seven-blocks", COMMON_THINGS, FAMILY, HOLDS, "summary b0"),
        "Every model has seven blocks between stem and final layers.",
        Table(
            "Blocks between stem and final layers",
            ("Blocks",),
            by_model(lambda network: (len(network.repeats),), dict.fromkeys(FAMILY, (ARTICLE_BLOCKS,))),
            f"{ARTICLE_BLOCKS} blocks in every model",
            first_column,
        ),
    ),
    Claim(
        entry("modules", MODULES, FAMILY, HOLDS_IF, "summary b0 --level module", True),
        "All layers of all models can be made from the stem, five modules and the final layers.",
        all_from_modules,
    ),
    Claim(
        entry("module-1", MODULES, FAMILY, HOLDS_IF, "summary b1 --block 1 --level layer", True),
        "Module 1 opens a sub-block: DepthwiseConv2D, BatchNormalization, Activation.",
        ModuleFigure(1),
    ),
    Claim(
        entry("module-2", MODULES, FAMILY, DOES_NOT_HOLD, "summary b0 --block 5 --level layer", True),
        "Module 2 opens the first sub-block of every block but the first, with two depthwise convolutions and "
        "a ZeroPadding between them.",
        ModuleFigure(2),
    ),
    Claim(
        entry("module-3", MODULES, FAMILY, DOES_NOT_HOLD, "summary b0 --block 1 --level layer", True),
        "Module 3, at the side of every sub-block: GlobalAveragePooling, Rescaling, Conv2D, Conv2D.",
        ModuleFigure(3),
    ),
    Claim(
        entry("module-4", MODULES, FAMILY, HOLDS, "summary b0 --block 2 --level layer", True),
        "Module 4 closes the first sub-block of every block: Multiply, Conv2D, BatchNormalization.",
        ModuleFigure(4),
    ),
    Claim(
        entry("module-5", MODULES, FAMILY, HOLDS, "summary b0 --block 2 --level layer", True),
        "Module 5 closes the repeated sub-blocks: Multiply, Conv2D, BatchNormalization, Dropout; an Add follows.",
        ModuleFigure(5),
    ),
    Claim(
        entry("sub-block-1", SUB_BLOCKS, FAMILY, HOLDS, "summary b1 --block 1"),
        "Sub-block 1 is used once only, as the first of block 1.",
        OneSignature(lambda sub_block: sub_block.kind is SubBlockKind.FIRST_OF_NETWORK),
    ),
    Claim(
        entry("sub-block-2", SUB_BLOCKS, FAMILY, HOLDS_IF, "summary b0 --block 5 --level layer"),
        "Sub-block 2 is the first of every other block.",
        OneSignature(lambda sub_block: sub_block.kind is SubBlockKind.FIRST_OF_BLOCK, optional="ZeroPadding2D"),
    ),
    Claim(
        entry("sub-block-3", SUB_BLOCKS, FAMILY, DOES_NOT_HOLD, "summary b1 --block 1 --level layer"),
        "Sub-block 3 is every sub-block that is not the first of its block.",
        OneSignature(lambda sub_block: sub_block.kind is SubBlockKind.REPEATED),
    ),
    Claim(
        entry("sub-blocks", FIGURES, FAMILY, HOLDS, "summary b7 --level sub-block --fold"),
        "The number of sub-blocks in each of the seven blocks of B0 to B7, as drawn in the architecture figures.",
        Table(
            "Sub-blocks of the blocks 1 to 7",
            (BLOCKS,),
            by_model(lambda network: network.repeats, ARTICLE_SUB_BLOCKS),
            "56 numbers, as drawn",
        ),
    ),
    Claim(
        entry("sub-blocks-grow", COMMON_THINGS, FAMILY, HOLDS_IF, "summary b2"),
        "The number of sub-blocks increases from B0 to B7.",
        Table(
            "Sub-blocks in all",
            ("Sub-blocks",),
            partial(growth, ()),
            "more sub-blocks from each model to the next",
            first_column,
            {"not taken strictly: B2 has as many as B1": partial(growth, ("b2",))},
            reference="at least",
        ),
    ),
    Claim(
        entry("b2-like-b1", "caption of the figure of B1", ("b1", "b2"), HOLDS_IF, "compare b1 b2"),
        "The architecture of B2 is that of B1; only the numbers of channels differ.",
        same_but_channels,
    ),
    Claim(
        entry("kernel-sizes", TEXT, FAMILY, ANSWERED, "summary b7"),
        "Open question: do the kernel sizes change from model to model, or stay the same?",
        Table(
            "Kernel sizes of the blocks 1 to 7",
            (BLOCKS,),
            same_in_all(kernels),
            "(the author does not know, and asks)",
            first_row,
            layers=depthwise_layers,
            agreed=ANSWERED,
            reference="first model",
        ),
    ),
    Claim(
        entry("resolution", TEXT, FAMILY, DOES_NOT_HOLD, "summary b7"),
        "The resolution remains the same for the whole family.",
        Table(
            "Input resolution of each stage in pixels, and strides of the blocks",
            ("Input", BLOCKS, "Final", "Strides"),
            same_in_all(lambda network: (network.resolution,), stage_resolutions),
            "one input resolution for the whole family",
            describe_resolutions,
            reference="first model",
        ),
    ),
    Claim(
        entry("channels", "last table", tuple(ARTICLE_CHANNELS), HOLDS, "summary b7"),
        "The channels of the nine stages of B1 to B7.",
        Table(
            "Channels of stem, blocks and final layers",
            ("Stem", BLOCKS, "Final"),
            by_model(lambda network: network.channels, ARTICLE_CHANNELS),
            "63 numbers, as tabulated",
        ),
    ),
)
