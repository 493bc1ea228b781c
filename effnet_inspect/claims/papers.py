"""The statements of the papers that introduced EfficientNet, arXiv 1905.11946, and EfficientNetV2, arXiv 2104.00298."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import zip_longest
from operator import attrgetter

from effnet_inspect.catalog import published
from effnet_inspect.catalog.blueprints import BLUEPRINTS, round_filters
from effnet_inspect.catalog.published import FAMILY, PAPER_DROPOUT, PAPER_FAMILY_V2, PAPER_SCALING, PAPER_SURVIVAL
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.claims.claim import (
    CANNOT_BE_CHECKED,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IF,
    Cell,
    Evidence,
    Models,
    Row,
    claim,
)
from effnet_inspect.claims.kinds import (
    Reading,
    Table,
    against,
    by_model,
    figures,
    first_column,
    for_every,
    row_of,
    unchecked,
)
from effnet_inspect.document import Value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Stage, SubBlock
from effnet_inspect.structure.difference import differences
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.published_stages import published_stage
from effnet_inspect.words import join_and, join_comma

TRAINABLE = "only the trainable parameters are counted"
APART = "a multiplication and an addition are counted apart"
PARAMETERS = (
    Reading("All parameters", lambda network: network.totals["parameters"]),
    Reading("Trainable parameters", lambda network: network.totals["trainable_parameters"], TRAINABLE),
)
FLOPS = (
    Reading("Multiply-accumulates", lambda network: network.totals["macs"]),
    Reading("Multiplications and additions", lambda network: 2 * network.totals["macs"], APART),
)
SUB_BLOCKS = attrgetter("anatomy.sub_blocks")
SMALLER = Reading(
    f"{published.PAPER_PEERS['GPipe'].parameter_count:,} parameters of GPipe, as published, divided by the model's",
    lambda network: published.PAPER_PEERS["GPipe"].parameter_count / network.totals["parameters"],
)


def is_squeezed_mbconv(sub_block: SubBlock) -> bool:
    """Whether it is an MBConv whose squeeze-excite is narrower than what it gates."""
    gate = sub_block.module("squeeze_excite")
    gated = gate.layers[0].channels if gate else None
    return not sub_block.fused and 0 < (sub_block.squeeze_excite or 0) < (gated or 0)


def has_small_kernels(sub_block: SubBlock) -> bool:
    """Whether one convolution is 3x3, and all others are 1x1."""
    sizes = [layer.kernel for layer in sub_block.layers if layer.kernel]
    return sizes.count((3, 3)) == 1 and sizes.count((1, 1)) == len(sizes) - 1


def activations(network: Network) -> Iterator[Layer]:
    """Every activation of the backbone; a sigmoid that gates and the final softmax are no such."""

    def gates(layer: Layer) -> bool:
        users = network.graph.consumers(layer.name)
        return layer.activation == "sigmoid" and all(user.operation == "multiply" for user in users)

    layers = (layer for stage in network.backbone_stages for layer in stage.layers)
    return (layer for layer in layers if layer.activation is not None and not gates(layer))


STEP = (PAPER_DROPOUT["b7"] - PAPER_DROPOUT["b0"]) / (len(FAMILY) - 1)
LINE = {target: (PAPER_DROPOUT["b0"] + STEP * index,) for index, target in enumerate(FAMILY)}
ROUNDED_LINE = {target: (round(rate, 1),) for target, (rate,) in LINE.items()}


def top_dropout(network: Network) -> tuple[float | None]:
    """The rate of the Dropout before the classifier."""
    return (network.anatomy.dropout_rate,)


DROP_RATE = round(1 - PAPER_SURVIVAL, 10)
RISING = f"drop rate {DROP_RATE:g} · index / number of sub-blocks"
Residual = tuple[float, float, tuple[Layer, ...]]
"""The drop rate of a residual connection, the one on the line, and the layer that adds."""


def residuals(network: Network) -> list[Residual]:
    """The residual connections of the sub-blocks."""
    share = DROP_RATE / len(network.anatomy.sub_blocks)
    every = enumerate(network.anatomy.sub_blocks)
    return [(each.drop_rate or 0.0, share * index, each.layers[-1:]) for index, each in every if each.residual]


def _largest_rate(network: Network) -> float:
    return round(max(each.drop_rate or 0.0 for each in network.anatomy.sub_blocks), 4)


LARGEST_RATE: dict[str, Callable[[Network], Value]] = {"Largest drop rate": _largest_rate}
STOCHASTIC_DEPTH = for_every(
    "residual sub-blocks",
    residuals,
    f"survival probability {PAPER_SURVIVAL}, a drop rate of {DROP_RATE:g}",
    lambda residual: residual[0] == DROP_RATE,
    Reading(
        RISING.capitalize(),
        lambda residual: math.isclose(*residual[:2], abs_tol=1e-6),
        f"{PAPER_SURVIVAL} is where the line ends: {RISING}",
    ),
    layers=lambda residual: residual[2],
    more=LARGEST_RATE,
)


def _ends_with_stride_1(network: Network) -> bool:
    return network.anatomy.blocks[-1].stride == (1, 1)


LAST_STAGE = for_every(
    "last blocks",
    lambda network: (network,),
    "no last block of stride 1",
    lambda network: not _ends_with_stride_1(network),
    Reading(
        "None in V2-S, one in the others",
        lambda network: _ends_with_stride_1(network) == (network.key != "v2-s"),
        "only V2-S is meant: V2-M and V2-L have such a block",
    ),
    more={
        "Blocks": lambda network: len(network.repeats),
        "Strides": lambda network: join_comma(max(block.stride) for block in network.anatomy.blocks),
    },
)
ACCURACIES = Evidence(
    "Published in version 5 and before it, in percent",
    ("Top-1", "Top-5", "Top-1 before", "Top-5 before"),
    tuple((target.upper(), tuple(map(Cell, printed))) for target, printed in published.PAPER_ACCURACIES.items()),
)
STAGE_COLUMNS = ("Operator", "Input resolution", "Stride", "Channels", "Layers")
"""The titles of what the papers' tables state of a stage."""


def stage_table(printed: Sequence[Sequence[Value]], second: str, *, first: int) -> Table:
    """The stages of the only model against the printed rows, numbered from `first`; `second` titles their second."""
    columns = ("Operator", second, "Channels", "Layers")
    with_ratio = any("SE" in str(row[0]) for row in printed)

    def facts(network: Network, stage: Stage) -> dict[str, Value]:
        return dict(zip(STAGE_COLUMNS, published_stage(network, stage, with_ratio), strict=True))

    def rows(models: Models) -> Iterator[Row]:
        (model,) = models.values()
        found = [[facts(model, stage)[column] for column in columns] for stage in model.backbone_stages]
        for number, pair in enumerate(zip_longest(found, printed, fillvalue=()), start=first):
            yield row_of(f"Stage {number}", *pair)

    return Table("Stages", columns, rows, f"{len(printed)} stages with {join_and(columns).lower()}", corner="Stage")


ABOUT = 0.05
"""How far "about" reaches, as a share."""


def _product(models: Models) -> Iterator[Row]:
    alpha, beta, gamma = (PAPER_SCALING[key] for key in ("depth", "width", "resolution"))
    product, about = alpha * beta**2 * gamma**2, published.PAPER_SCALING_PRODUCT
    yield f"{alpha} · {beta}² · {gamma}²", (Cell(f"{product:.3f}", f"about {about}", abs(product / about - 1) < ABOUT),)


SCALING_CONSTANTS = Table("From the three constants", ("Product",), _product, "a product of about 2", corner="")


def _macs(network: Network) -> int:
    return network.totals["macs"]


def _macs_on_maps(network: Network) -> int:
    """Without those at a single position, which there are as many of at any resolution."""
    on_maps = [layer for layer in network.graph if any(side != 1 for side in (layer.output_shape or ())[:-1])]
    return network.measures.totals(on_maps)["macs"]


def _squared(macs: Callable[[Network], int], models: Models) -> Iterator[Row]:
    """The MACs of every model, which should be the first's as often as its pixels are."""
    first = next(iter(models.values()))
    for model in models.values():
        growth = Fraction((model.resolution or 0) ** 2, (first.resolution or 1) ** 2)
        count, expected = macs(model), macs(first) * growth
        yield model.title, (Cell(float(growth)), Cell(count, round(expected), count == expected))


RESOLUTION_SQUARED = Table(
    "All MACs",
    ("Times the pixels", "MACs"),
    partial(_squared, _macs),
    "MACs that are as many times those of the first as its pixels",
    others=[
        Reading(
            "MACs on maps",
            partial(_squared, _macs_on_maps),
            "the layers that work on one position are left aside: those of squeeze-excite, and the classifier",
        )
    ],
    reference="first model, times the pixels",
)
BASE, *SCALED = FAMILY
PHIS = [step / 100 for step in range(1001)]
RESOLUTION_STEP = 8
"""How far, in pixels, a published resolution may lie from the scaled one."""
SIZES: dict[str, Callable[[Network], Sequence[int | None]]] = {
    "depth": lambda network: network.repeats,
    "width": lambda network: network.channels,
    "resolution": lambda network: (network.resolution,),
}
"""What is scaled, and its sizes in a network."""
SCALES: dict[str, Callable[[int, float, int], bool]] = {
    "depth": lambda before, factor, after: abs(before * factor - after) < 1,
    "width": lambda before, factor, after: round_filters(before, factor, BLUEPRINTS["v1"]) == after,
    "resolution": lambda before, factor, after: abs(before * factor - after) <= RESOLUTION_STEP,
}
"""Whether a factor, with the rounding of each, makes one size of another."""


def phis(dimension: str, base: Network, model: Network) -> list[float]:
    """The values of phi, in steps of 0.01, for which one dimension of the base becomes the model's."""
    pairs = list(zip_longest(SIZES[dimension](base), SIZES[dimension](model)))
    factors = ((phi, PAPER_SCALING[dimension] ** phi) for phi in PHIS)
    return [phi for phi, factor in factors if all(SCALES[dimension](a or 0, factor, b or 0) for a, b in pairs)]


def _phi_rows(models: Models) -> Iterator[Row]:
    for model in (models[target] for target in SCALED):
        fitting = [phis(dimension, models[BASE], model) for dimension in SIZES]
        common = sorted(set(fitting[0]).intersection(*fitting[1:]))
        words = [f"{each[0]:.2f} to {each[-1]:.2f}" if each else "none" for each in (*fitting, common)]
        yield model.title, (*map(Cell, words[:-1]), Cell(words[-1], None, bool(common)))


COMPOUND_SCALING = Table(
    "Values of phi, in steps of 0.01, for which scaling B0 gives the model",
    (*(f"phi by {dimension}" for dimension in SIZES), "phi that fits all"),
    _phi_rows,
    "one phi for each of B1 to B7",
    lambda table: f"no phi fits {join_and([name for name, cells in table.rows if not cells[-1].agrees]) or 'none'}",
)


def _squeeze(sub_block: SubBlock) -> float | None:
    """The ratio of its squeeze-excite to its input channels, which whole numbers keep to an eighth only."""
    channels = sub_block.input_shape[-1] if sub_block.input_shape else None
    return round(8 * sub_block.squeeze_excite / channels) / 8 if sub_block.squeeze_excite and channels else None


def _scaled_rows(rounded: bool, models: Models) -> Iterator[Row]:
    """For every model how many of its sizes are not B0's times its depth and width; what else differs."""
    base = models[BASE]
    for target in SCALED:
        model, (*_, width, depth, side, _, _) = models[target], VARIANTS[target]
        depths = [math.ceil(depth * count) if rounded else depth * count for count in base.repeats]
        channels = [count or 0 for count in base.channels]
        widths = [round_filters(count, width, BLUEPRINTS["v1"]) if rounded else width * count for count in channels]
        pairs = zip_longest((*model.repeats, *model.channels), (*depths, *widths))
        wrong = sum(has != says for has, says in pairs)
        others = {str(change.variation) for change in differences(base.facts, model.facts)}
        others -= {"repeats", "channels", "resolution", *(["rates"] if rounded else [])}
        squeezed = sum(_squeeze(each) != _squeeze(base.anatomy.sub_blocks[1]) for each in model.anatomy.sub_blocks)
        judged = (Cell(each, 0, not each) for each in (wrong, squeezed, len(others)))
        yield model.title, (Cell(depth), Cell(width), Cell(model.resolution, side, model.resolution == side), *judged)


SCALED_TITLE = "Sub-blocks and channels against B0's, times depth and width, and what else differs"
SCALED_FROM_B0 = Table(
    SCALED_TITLE,
    ("Depth", "Width", "Resolution", "Sizes off", "Squeezes off", "Differences"),
    partial(_scaled_rows, False),
    "sub-blocks of B0 times a depth, channels of B0 times a width, and nothing else that differs",
    others=[
        Reading(
            SCALED_TITLE,
            partial(_scaled_rows, True),
            "sub-blocks are rounded up, and channels to multiples of 8 but never down by more than a tenth, "
            "and the dropout rates are left aside",
        )
    ],
    reference="",
)

ACTIVATION = for_every(
    "activations", activations, "SiLU but for the sigmoids of gates", lambda layer: layer.activation == "silu"
)
DROPOUT = by_model(
    "Rate of the Dropout before the classifier",
    ("Rate",),
    top_dropout,
    LINE,
    expected=f"linear from {PAPER_DROPOUT['b0']} to {PAPER_DROPOUT['b7']}",
    found=first_column,
    others=[Reading("", against(top_dropout, ROUNDED_LINE), "the rates are rounded to one decimal")],
    reference="on the line",
)
KERNELS_OF_V2 = for_every("sub-blocks", SUB_BLOCKS, "3x3, and 1x1 before and behind it", has_small_kernels)
CLAIMS = (
    claim("stages", ("b0",), HOLDS, "summary b0", stage_table(published.PAPER_STAGES, "Input resolution", first=1)),
    claim(
        "squeeze-excite",
        FAMILY,
        HOLDS,
        "summary b0 --level module",
        for_every("sub-blocks", SUB_BLOCKS, "squeeze-excite in every MBConv", is_squeezed_mbconv),
    ),
    claim("scaling-constants", (), HOLDS, "verify --claim scaling-constants", SCALING_CONSTANTS),
    claim("compound-scaling", FAMILY, DOES_NOT_HOLD, "verify --claim compound-scaling", COMPOUND_SCALING),
    claim("scaled-from-b0", FAMILY, HOLDS_IF, "verify --claim scaled-from-b0", SCALED_FROM_B0),
    claim("resolution-squared", ("b0", "b0@448"), HOLDS_IF, "summary b0@448", RESOLUTION_SQUARED),
    claim(
        "parameters", FAMILY, DOES_NOT_HOLD, "summary b1", figures(published.PAPER_PARAMETERS, *PARAMETERS, unit="M")
    ),
    claim("flops", FAMILY, DOES_NOT_HOLD, "summary b4", figures(published.PAPER_FLOPS, *FLOPS, unit="B")),
    claim(
        "smaller-than-gpipe", ("b7",), HOLDS, "summary b7", figures(published.PAPER_GPIPE_RATIO, SMALLER, unit="times")
    ),
    claim("activation", FAMILY, HOLDS, "summary b0 --level layer --format json", ACTIVATION),
    claim("dropout", FAMILY, HOLDS_IF, "verify --claim dropout", DROPOUT),
    claim("stochastic-depth", FAMILY, HOLDS_IF, "summary b0 --format json", STOCHASTIC_DEPTH),
    claim(
        "accuracy", (), CANNOT_BE_CHECKED, "variants", unchecked("77.1 to 84.3 % (version 5)", evidence=(ACCURACIES,))
    ),
    claim("v2-stages", ("v2-s",), HOLDS, "summary v2-s", stage_table(published.PAPER_V2_STAGES, "Stride", first=0)),
    claim("v2-kernels", PAPER_FAMILY_V2, HOLDS, "summary v2-m", KERNELS_OF_V2),
    claim("v2-last-stage", PAPER_FAMILY_V2, HOLDS_IF, "summary v2-l", LAST_STAGE),
    claim(
        "v2-parameters",
        PAPER_FAMILY_V2,
        DOES_NOT_HOLD,
        "summary v2-l",
        figures(published.PAPER_V2_PARAMETERS, PARAMETERS[0], unit="M"),
    ),
    claim(
        "v2-flops", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-s", figures(published.PAPER_V2_FLOPS, *FLOPS, unit="B")
    ),
)
