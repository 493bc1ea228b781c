"""What the checks of the papers' statements compute: counts, stages, rates and the compound scaling."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

from effnet_inspect.catalog import published
from effnet_inspect.catalog.blueprints import BLUEPRINTS, round_filters
from effnet_inspect.catalog.published import (
    FAMILY,
    PAPER_DROPOUT,
    PAPER_GPIPE_PARAMETERS,
    PAPER_SCALING,
    PAPER_SCALING_PRODUCT,
    PAPER_SURVIVAL,
)
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.claims.claim import DOES_NOT_HOLD, HOLDS, Cell, Evidence, EvidenceRow, Finding, Models
from effnet_inspect.claims.kinds import BLOCKS, Reading, Rows, Table, by_model, row_of
from effnet_inspect.document import Value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Block, SubBlock
from effnet_inspect.structure.difference import DIFFERENT, difference
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and


def total(key: str, times: int = 1) -> Callable[[Network], int]:
    """What computes a model's sum of a measure, or a multiple of it."""
    return lambda network: times * network.totals[key]


ALL_PARAMETERS = Reading("All parameters", total("parameters"))
TRAINABLE = Reading("Trainable parameters", total("trainable_parameters"), "only the trainable parameters are counted")
APART = "a multiplication and an addition are counted apart"
FLOPS = (
    Reading("Multiply-accumulates", total("macs")),
    Reading("Multiplications and additions", total("macs", 2), APART),
)
"""What the papers may mean by FLOPs, of one image."""
SMALLER = Reading(
    f"{PAPER_GPIPE_PARAMETERS:,} parameters of GPipe, as published, divided by the model's",
    lambda network: PAPER_GPIPE_PARAMETERS / network.totals["parameters"],
)


def has_squeeze_excite(sub_block: SubBlock) -> bool:
    """Whether it is an MBConv in which fewer channels than it has gate them."""
    gate = sub_block.module("squeeze_excite")
    return not sub_block.fused and gate is not None and (sub_block.squeeze_excite or 0) < (gate.layers[0].channels or 0)


def activations(network: Network) -> Iterator[Layer]:
    """Every activation of the backbone; the sigmoid that gates a squeeze-excite and the final softmax are no such."""
    layers = (layer for stage in network.backbone_stages for layer in stage.layers)
    return (layer for layer in layers if layer.activation not in (None, "sigmoid"))


DROPOUT = "Rate of the Dropout before the classifier"
STEP = (PAPER_DROPOUT["b7"] - PAPER_DROPOUT["b0"]) / (len(FAMILY) - 1)
LINE = {target: (PAPER_DROPOUT["b0"] + STEP * index,) for index, target in enumerate(FAMILY)}
ROUNDED_LINE = {target: (round(rate, 1),) for target, (rate,) in LINE.items()}

rates_against = partial(by_model, lambda network: (network.anatomy.dropout_rate,))

DROP_RATE = round(1 - PAPER_SURVIVAL, 10)
RISING = f"{DROP_RATE:g} · index / number of sub-blocks"
ENDS = f"{PAPER_SURVIVAL} is where the line ends: the drop rate is {RISING}"
Residual = tuple[SubBlock, float]


def residuals(network: Network) -> list[Residual]:
    """The sub-blocks with a residual connection, each with its index as a share of all sub-blocks."""
    sub_blocks = network.anatomy.sub_blocks
    return [(each, index / len(sub_blocks)) for index, each in enumerate(sub_blocks) if each.residual]


def is_on_the_line(residual: Residual) -> bool:
    """Whether a drop rate is as large as its place makes it."""
    return math.isclose(residual[0].drop_rate or 0.0, DROP_RATE * residual[1], abs_tol=1e-6)


ACCURACIES = Evidence(
    "Published in version 5 and before it, in percent",
    ("Top-1", "Top-5", "Top-1 before", "Top-5 before"),
    tuple(
        (target.upper(), tuple(map(Cell, (*published.PUBLISHED_ACCURACY[target][:2], *before))))
        for target, before in published.PAPER_FIRST_ACCURACY.items()
    ),
)


def has_strided_end(network: Network) -> bool:
    """Whether the last block has a larger stride than 1."""
    return network.anatomy.blocks[-1].first.stride[0] > 1


CLASSIFIER_WORDS = {"global_average_pooling": "Pooling", "dense": "FC"}


class StageRow(NamedTuple):
    """One stage; a block's operators are those of all its sub-blocks, with the squeeze-excite ratio and without."""

    with_ratio: str
    operator: str
    stride: int | None
    resolution: int | None
    channels: int | None
    layers: int


def stages_of(network: Network) -> Iterator[StageRow]:
    """The stages, the stem first; `resolution` is that of the input."""
    classifier = network.anatomy.classifier
    operations = {layer.operation for layer in classifier.layers} if classifier else set()
    final = [word for operation, word in CLASSIFIER_WORDS.items() if operation in operations]
    for stage, channels in zip(network.backbone_stages, network.channels, strict=True):
        resolution = stage.input_shape[0] if stage.input_shape else None
        if isinstance(stage, Block):
            columns = zip(*map(_operators, stage.sub_blocks), strict=True)
            with_ratio, plain = (join_and(dict.fromkeys(column), " / ") for column in columns)
            yield StageRow(with_ratio, plain, stage.first.stride[0], resolution, channels, len(stage.sub_blocks))
        else:
            is_stem = stage is network.anatomy.stem
            words = [f"Conv{layer.kernel[0]}x{layer.kernel[1]}" for layer in stage.convolutions if layer.kernel]
            strides = [layer.stride[0] for layer in stage.convolutions if layer.stride and is_stem]
            operator = " & ".join(words if is_stem else [*words, *final])
            yield StageRow(operator, operator, strides[-1] if strides else None, resolution, channels, 1)


def _operators(sub_block: SubBlock) -> tuple[str, str]:
    text = f"{sub_block.operator}, k{sub_block.kernel[0]}x{sub_block.kernel[1]}"
    channels, squeezed = sub_block.input_shape and sub_block.input_shape[-1], sub_block.squeeze_excite
    return f"{text}, SE{squeezed / channels:g}" if squeezed and channels else text, text


def by_stage(values: Callable[[StageRow], Sequence[Value]], published: Sequence[Sequence[Value]], first: int) -> Rows:
    """A row for each stage of the only model, against the published rows; the first stage has the number `first`."""
    return lambda models: (
        row_of(f"Stage {number}", *pair)
        for model in models.values()
        for number, pair in enumerate(zip_longest(map(values, stages_of(model)), published, fillvalue=()), start=first)
    )


BASE, *SCALED = FAMILY
BLUEPRINT = BLUEPRINTS["v1"]
ABOUT = 0.05
"""How far "about" reaches, as a share."""
RESOLUTION_STEP = 8
"""How far, in pixels, a published resolution may lie from the scaled one."""


def scaling_constants(models: Models) -> Finding:
    """Whether alpha * beta^2 * gamma^2 is about 2, from the published constants alone."""
    alpha, beta, gamma = (PAPER_SCALING[key] for key in ("depth", "width", "resolution"))
    product, expected = alpha * beta**2 * gamma**2, f"about {PAPER_SCALING_PRODUCT}"
    judged = Cell(round(product, 4), expected, math.isclose(product, PAPER_SCALING_PRODUCT, rel_tol=ABOUT))
    row = ("alpha · beta² · gamma²", (Cell(alpha), Cell(beta), Cell(gamma), judged))
    table = Evidence("Computed from the three constants", ("alpha", "beta", "gamma", "Product"), (row,), corner="")
    found = f"{alpha} · {beta}² · {gamma}² = {product:.3f}"
    return Finding(HOLDS if judged.agrees else DOES_NOT_HOLD, expected, found, evidence=(table,))


def resolution_squared(models: Models) -> Finding:
    """Whether the operations grow with the square of the resolution, to one percent."""
    small, large = models.values()
    factor = (large.resolution or 0) / (small.resolution or 1)
    macs = [model.totals["macs"] for model in (small, large)]
    ratio = macs[1] / macs[0] if macs[0] else 0.0
    judged = Cell(round(ratio, 4), f"about {factor**2:g}", math.isclose(ratio, factor**2, rel_tol=0.01))
    columns = (*(f"{model.title} at {model.resolution}" for model in (small, large)), "Times")
    table = Evidence("Growth of the MACs", columns, (("MACs", (*map(Cell, macs), judged)),), corner="")
    return Finding(
        HOLDS if judged.agrees else DOES_NOT_HOLD,
        f"{factor**2:g} times the operations at {factor:g} times the resolution",
        f"{ratio:.3f} times (squeeze-excite and the dense layer do not grow)",
        evidence=(table,),
    )


Interval = tuple[float, float]
SIZES: dict[str, Callable[[Network], Sequence[int | None]]] = {
    "depth": lambda network: network.repeats,
    "width": lambda network: network.channels,
    "resolution": lambda network: (network.resolution or 1,),
}
"""What is scaled, and its sizes in a network."""


def _factors(dimension: str, before: int, after: int) -> Interval:
    """The factors that scale one size to another, from the least on to the greatest."""
    if dimension == "width":
        return _least_factor(before, after), _least_factor(before, after + 1)
    below, above = (1, 0) if dimension == "depth" else (RESOLUTION_STEP, RESOLUTION_STEP)
    return (after - below) / before, (after + above) / before


def _least_factor(before: int, after: int) -> float:
    """The least factor, in very small steps, that scales `before` channels to at least `after`."""
    steps = 2**50
    return bisect_left(range(2**60), after, key=lambda step: round_filters(before, step / steps, BLUEPRINT)) / steps


def phi_of(dimension: str, base: Network, model: Network) -> Interval:
    """The values of phi that explain one dimension of a model; none where the sizes are not as many."""
    before, after = SIZES[dimension](base), SIZES[dimension](model)
    if len(before) != len(after):
        return math.inf, -math.inf
    factors = [_factors(dimension, small or 0, large or 0) for small, large in zip(before, after, strict=True)]
    bounds = max(low for low, _ in factors), min(high for _, high in factors)
    low, high = (math.log(bound, PAPER_SCALING[dimension]) if bound > 0 else -math.inf for bound in bounds)
    return low, high


def describe_interval(interval: Interval) -> str:
    """The values between two bounds, in words.

    >>> describe_interval((-math.inf, 1)), describe_interval((1, 0.5)), describe_interval((0.5, 1.25))
    ('up to 1.00', 'none', '0.50 to 1.25')
    """
    low, high = interval
    return "none" if low >= high else f"{low:.2f} to {high:.2f}" if low > -math.inf else f"up to {high:.2f}"


def _phi_rows(models: Models) -> Iterator[EvidenceRow]:
    for model in (models[target] for target in SCALED):
        ranges = [phi_of(dimension, models[BASE], model) for dimension in SIZES]
        low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
        yield (
            model.title,
            (*map(Cell, map(describe_interval, ranges)), Cell(describe_interval((low, high)), None, low < high)),
        )


def _without_phi(table: Evidence) -> str:
    without = [name for name, cells in table.rows if not cells[-1].agrees]
    return f"no phi fits {join_and(without)}" if without else "there is one for each"


COMPOUND_SCALING = Table(
    "Values of phi for which scaling B0 gives the model",
    (*(f"phi by {dimension}" for dimension in SIZES), "phi that fits all"),
    _phi_rows,
    "one phi for each of B1 to B7",
    _without_phi,
)


def _scaled_rows(rounded: bool, models: Models) -> Iterator[EvidenceRow]:
    """For every model its sub-blocks and channels, against B0's times its depth and width; how much else differs."""
    base = models[BASE]
    for target in SCALED:
        model, depth, width = models[target], VARIANTS[target].depth, VARIANTS[target].width
        depths = [math.ceil(depth * count) if rounded else depth * count for count in base.repeats]
        channels = [count or 0 for count in base.channels]
        widths = [round_filters(count, width, BLUEPRINT) if rounded else width * count for count in channels]
        yield f"{model.title} depth", (Cell(depth), Cell(None), *row_of("", model.repeats, depths)[1], Cell(None))
        yield f"{model.title} width", (Cell(width), *row_of("", model.channels, widths)[1])
        found = difference(base.comparable, model.comparable)
        others = {*found.differ, *([DIFFERENT] if found.first_difference else [])}
        others -= {"repeats", "channels", "resolution", *(["rates"] if rounded else [])}
        yield f"{model.title} else", (Cell(len(others), 0, not others),)


SCALED_TITLE = "Sub-blocks and channels, against B0's times depth and width, and how much else differs"
ROUNDED = (
    "sub-blocks are rounded up, and channels to multiples of 8 but never down by more than a tenth, "
    "and the dropout rates are left aside"
)
SCALED_FROM_B0 = Table(
    SCALED_TITLE,
    ("Times", "Stem", BLOCKS, "Final"),
    partial(_scaled_rows, False),
    "sub-blocks of B0 times a depth, channels of B0 times a width, and nothing else that differs",
    others=[Reading(SCALED_TITLE, partial(_scaled_rows, True), ROUNDED)],
    reference="B0 scaled",
)
