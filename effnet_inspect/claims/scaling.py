"""The paper's compound scaling, checked against the family that it is said to give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from effnet_inspect.catalog.blueprints import BLUEPRINTS, round_filters
from effnet_inspect.catalog.published import FAMILY, PAPER_SCALING, PAPER_SCALING_PRODUCT
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.claims.claim import Cell, Evidence, EvidenceRow, Finding, Models
from effnet_inspect.claims.kinds import BLOCKS, Reading, Table, row_of
from effnet_inspect.structure.difference import DIFFERENT, difference
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

BASE, *SCALED = FAMILY
BLUEPRINT = BLUEPRINTS["v1"]
ABOUT = 0.05
"""How far "about" reaches, as a share."""
RESOLUTION_STEP = 8
"""How far, in pixels, a published resolution may lie from the scaled one."""


def scaling_constants(models: Models) -> Finding:
    """Whether alpha * beta^2 * gamma^2 is about 2, from the published constants alone."""
    alpha, beta, gamma = (PAPER_SCALING[key] for key in ("depth", "width", "resolution"))
    product = alpha * beta**2 * gamma**2
    is_about = math.isclose(product, PAPER_SCALING_PRODUCT, rel_tol=ABOUT)
    cells = (Cell(alpha), Cell(beta), Cell(gamma), Cell(round(product, 4), f"about {PAPER_SCALING_PRODUCT}", is_about))
    return Table(
        "Computed from the three constants",
        ("alpha", "beta", "gamma", "Product"),
        lambda models: [("alpha · beta² · gamma²", cells)],
        f"about {PAPER_SCALING_PRODUCT}",
        lambda table: f"{alpha} · {beta}² · {gamma}² = {product:.3f}",
        corner="",
    )(models)


def resolution_squared(models: Models) -> Finding:
    """Whether the operations grow with the square of the resolution, to one percent."""
    small, large = models.values()
    factor = (large.resolution or 0) / (small.resolution or 1)
    macs = [model.totals["macs"] for model in (small, large)]
    ratio = macs[1] / macs[0] if macs[0] else 0.0
    is_square = math.isclose(ratio, factor**2, rel_tol=0.01)
    cells = (*map(Cell, macs), Cell(round(ratio, 4), f"about {factor**2:g}", is_square))
    return Table(
        "Growth of the MACs",
        (*(f"{model.title} at {model.resolution}" for model in (small, large)), "Times"),
        lambda models: [("MACs", cells)],
        f"{factor**2:g} times the operations at {factor:g} times the resolution",
        lambda table: f"{ratio:.3f} times (squeeze-excite and the dense layer do not grow)",
        corner="",
    )(models)


Interval = tuple[float, float]


def _least_factor(before: int, after: int) -> float:
    """The least factor that scales `before` channels to at least `after`, found by halving."""
    low, high = 0.0, 1024.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if round_filters(before, middle, BLUEPRINT) >= after else (middle, high)
    return high


Sizes = Callable[[Network], Sequence[int | None]]
DIMENSIONS: dict[str, tuple[Sizes, Callable[[int, int], Interval]]] = {
    "depth": (lambda network: network.repeats, lambda before, after: ((after - 1) / before, after / before)),
    "width": (
        lambda network: network.channels,
        lambda before, after: (_least_factor(before, after), _least_factor(before, after + 1)),
    ),
    "resolution": (
        lambda network: (network.resolution or 1,),
        lambda before, after: ((after - RESOLUTION_STEP) / before, (after + RESOLUTION_STEP) / before),
    ),
}
"""What is scaled: its sizes in a network, and the factors that lead from one size to another, least and greatest."""


def phi_of(dimension: str, base: Network, model: Network) -> Interval:
    """The values of phi that explain one dimension of a model; none where the sizes are not as many."""
    sizes, factors = DIMENSIONS[dimension]
    if len(sizes(base)) != len(sizes(model)):
        return math.inf, -math.inf
    pairs = zip(sizes(base), sizes(model), strict=True)
    lows, highs = zip(*(factors(before or 0, after or 0) for before, after in pairs), strict=True)
    low, high = (
        math.log(factor) / math.log(PAPER_SCALING[dimension]) if factor > 0 else -math.inf
        for factor in (max(lows), min(highs))
    )
    return low, high


def describe_interval(interval: Interval) -> str:
    """The values between two bounds, in words.

    >>> describe_interval((-math.inf, 1)), describe_interval((1, 0.5)), describe_interval((0.5, 1.25))
    ('up to 1.00', 'none', '0.50 to 1.25')
    """
    low, high = interval
    return "none" if low >= high else f"{low:.2f} to {high:.2f}" if low > -math.inf else f"up to {high:.2f}"


def _phi_rows(models: Models) -> Iterator[EvidenceRow]:
    for target in SCALED:
        ranges = [phi_of(dimension, models[BASE], models[target]) for dimension in DIMENSIONS]
        low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
        cells = (Cell(describe_interval(each)) for each in ranges)
        yield models[target].title, (*cells, Cell(describe_interval((low, high)), None, low < high))


def _without_phi(table: Evidence) -> str:
    without = [name for name, cells in table.rows if not cells[-1].agrees]
    return f"no phi fits {join_and(without)}" if without else "there is one for each"


COMPOUND_SCALING = Table(
    "Values of phi for which scaling B0 gives the model",
    (*(f"phi by {dimension}" for dimension in DIMENSIONS), "phi that fits all"),
    _phi_rows,
    "one phi for each of B1 to B7",
    _without_phi,
)


def _scaled_rows(rounded: bool, models: Models) -> Iterator[EvidenceRow]:
    """For every model its sub-blocks and channels, against B0's times its depth and width; how much else differs."""
    base = models[BASE]
    for target in SCALED:
        model, depth, width = models[target], VARIANTS[target].depth, VARIANTS[target].width
        depths = [depth * count for count in base.repeats]
        widths = [width * (count or 0) for count in base.channels]
        if rounded:
            depths = [math.ceil(count) for count in depths]
            widths = [round_filters(count or 0, width, BLUEPRINT) for count in base.channels]
        yield f"{model.title} depth", (Cell(depth), Cell(None), *row_of("", model.repeats, depths)[1], Cell(None))
        yield f"{model.title} width", (Cell(width), *row_of("", model.channels, widths)[1])
        found = difference(base.comparable, model.comparable)
        others = {*found.differ, *([DIFFERENT] if found.first_difference else [])} - SCALED_TRAITS
        others -= {"rates"} if rounded else set()
        yield f"{model.title} else", (Cell(len(others), 0, not others),)


SCALED_TRAITS = {"repeats", "channels", "resolution"}
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
