"""What the checks of the papers' statements compute: counts, stages, rates and the compound scaling."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import zip_longest

from effnet_inspect.catalog import published
from effnet_inspect.catalog.blueprints import BLUEPRINTS, round_filters
from effnet_inspect.catalog.published import FAMILY, PAPER_DROPOUT, PAPER_SCALING, PAPER_SURVIVAL
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.claims.claim import DOES_NOT_HOLD, HOLDS, Cell, Evidence, EvidenceRow, Finding, Models
from effnet_inspect.claims.kinds import BLOCKS, Reading, Table, by_model, row_of
from effnet_inspect.document import Value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.difference import differences
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.published_stages import published_stage
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
    f"{published.PAPER_GPIPE_PARAMETERS:,} parameters of GPipe, as published, divided by the model's",
    lambda network: published.PAPER_GPIPE_PARAMETERS / network.totals["parameters"],
)


def is_squeezed_mbconv(sub_block: SubBlock) -> bool:
    """Whether it is an MBConv whose squeeze-excite is narrower than what it gates."""
    gate = sub_block.module("squeeze_excite")
    gated = gate.layers[0].channels if gate else None
    return not sub_block.fused and 0 < (sub_block.squeeze_excite or 0) < (gated or 0)


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
Residual = tuple[float, float, tuple[Layer, ...]]
"""The drop rate of a residual connection, the one on the line, and the layer that adds."""


def residuals(network: Network) -> list[Residual]:
    """The residual connections of the sub-blocks."""
    share = DROP_RATE / len(network.anatomy.sub_blocks)
    every = enumerate(network.anatomy.sub_blocks)
    return [(each.drop_rate or 0.0, share * index, each.layers[-1:]) for index, each in every if each.residual]


ACCURACIES = Evidence(
    "Published in version 5 and before it, in percent",
    ("Top-1", "Top-5", "Top-1 before", "Top-5 before"),
    tuple(
        (target.upper(), tuple(map(Cell, (*published.PUBLISHED_ACCURACY[target][:2], *before))))
        for target, before in published.PAPER_FIRST_ACCURACY.items()
    ),
)


PRINTED = {
    "Operator": "operator",
    "Input resolution": "resolution",
    "Stride": "stride",
    "Channels": "channels",
    "Layers": "layers",
}
"""The columns of the papers' tables of stages, and what a PublishedStage has for them."""


def stage_table(
    of: str, columns: tuple[str, ...], printed: Sequence[Sequence[Value]], first: int, with_ratio: bool = False
) -> Table:
    """The stages of the only model against the printed rows; the first stage has the number `first`."""

    def rows(models: Models) -> Iterator[EvidenceRow]:
        (model,) = models.values()
        every = [published_stage(model, stage, with_ratio) for stage in model.backbone_stages]
        found = [[getattr(stage, PRINTED[column]) for column in columns] for stage in every]
        for number, pair in enumerate(zip_longest(found, printed, fillvalue=()), start=first):
            yield row_of(f"Stage {number}", *pair)

    expected = f"{len(printed)} stages with {join_and(columns).lower()}"
    return Table(f"Stages of {of}", columns, rows, expected, corner="Stage")


BASE, *SCALED = FAMILY
BLUEPRINT = BLUEPRINTS["v1"]
ABOUT = 0.05
"""How far "about" reaches, as a share."""
RESOLUTION_STEP = 8
"""How far, in pixels, a published resolution may lie from the scaled one."""


def scaling_constants(models: Models) -> Finding:
    """Whether alpha * beta^2 * gamma^2 is about 2, from the published constants alone."""
    alpha, beta, gamma = (PAPER_SCALING[key] for key in ("depth", "width", "resolution"))
    product, expected = alpha * beta**2 * gamma**2, f"about {published.PAPER_SCALING_PRODUCT}"
    judged = Cell(round(product, 4), expected, math.isclose(product, published.PAPER_SCALING_PRODUCT, rel_tol=ABOUT))
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
        others = {change.variation for change in differences(base.facts, model.facts)}
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
