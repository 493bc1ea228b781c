"""Which published variant a row of sub-blocks is nearest to, and which sub-block corresponds to which.

A row is aligned with the planned rows of all variants by edit distance over sub-blocks, so that a changed kernel
does not shift the numbers of the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from effnet_inspect.catalog.blueprints import Plan, SubBlockDesign, plan
from effnet_inspect.catalog.relatives import RELATIVES
from effnet_inspect.catalog.variants import VARIANTS, Variant
from effnet_inspect.structure.designs import design_signature, operator_signature, skeleton

LEAST_SUB_BLOCKS = 4
"""Fewer sub-blocks make no variant out of a network that is cut short: many begin alike."""

GAP = 0.6
"""Cost of a sub-block that only one row has; of one that is altogether other it is more than 1."""

REPETITION = 0.35
"""Cost of a sub-block that only one row has, and that is like the one before: depth is scaled so."""

CUT = 0.05
"""Cost of a planned sub-block behind the end of the row."""

COSTS = {
    "fused": 0.4,
    "kernel": 0.3,
    "stride": 0.35,
    "expansion": 0.1,
    "filters": 0.1,
    "attention": 0.05,
    "residual": 0.1,
}

LEAST_LIKENESS = 0.87
"""From which likeness on a network is a variant with changes, and not only near to one."""


SHORT_ROW = 8
MOST_COST_OF_SHORT_ROWS = 0.45
"""Fewer sub-blocks than this are a variant's only where little is changed: short rows resemble each other."""

LEAST_SIMILARITY, LEAST_NEARNESS = 2 / 3, 0.8
"""From which share of equal sub-blocks and which likeness on the blocks of a network are numbered as the variant's."""

OTHER_ACTIVATION = 1.0
"""Cost of an activation that is not the variant's, of the whole network; all squeeze-excites of B0 missing cost 0.8."""

ACTIVATION_DECISION, ATTENTION_DECISION = 0.5, 0.6
"""What these two cost at most where it is to be said which variant is the nearest, not how near it is.

Each is one decision for the whole network, however many sub-blocks there are: B4 without squeeze-excite is B4, and not
Lite4 with other repeats, channels and another activation. Behind another activation no layer is missing and every
weight still fits, so that B0 with ReLU6 is B0, and not Lite0 with squeeze-excite. B0 without squeeze-excite and Lite0
with swish are one and the same graph, which is called by the smaller change: Lite0 with swish.
"""

Pair2 = tuple[int, int]


class Traits(NamedTuple):
    """What the tables of stages do not say of sub-blocks, but variants differ in.

    `attention` says of each sub-block whether it has one, of whatever kind; `activation` is the commonest of the
    network, None without any. `ends` says that final layers and a pooling follow, so that nothing was cut off.
    """

    attention: tuple[bool, ...]
    activation: str | None
    ends: bool = False


class Pair(NamedTuple):
    """A sub-block of the row and the planned one it corresponds to, as indices; None where one has none."""

    own: int | None
    planned: int | None


class Nearest(NamedTuple):
    """The variant that a row is nearest to.

    `similarity` is the share of sub-blocks that have the planned operator, kernel, stride and residual connection,
    `is_exact` whether all have everything that the tables of stages state. `cost` is what all differences weigh,
    `distance` the same with decisions for the whole network as one, by which the nearest is chosen. `is_complete` is
    False where the row ends before the planned one does.
    """

    variant: Variant
    plan: Plan
    pairs: tuple[Pair, ...]
    similarity: float
    is_exact: bool
    is_complete: bool
    cost: float
    distance: float = 0.0

    @property
    def ends(self) -> tuple[int, int]:
        """The planned channels of stem and final layers, which may differ where no sub-block does."""
        return self.plan.stem, self.plan.head

    @property
    def next_planned(self) -> SubBlockDesign | None:
        """The sub-block that the variant has where the row ends; None where the row is complete."""
        reached = max((pair.planned for pair in self.pairs if pair.planned is not None), default=-1)
        return self.plan.sub_blocks[reached + 1] if reached + 1 < len(self.plan.sub_blocks) else None

    @property
    def is_variant(self) -> bool:
        """Whether the network may be called by the variant's name, changed or not."""
        is_long = len(self.pairs) >= SHORT_ROW
        return self.likeness >= LEAST_LIKENESS and (is_long or self.cost <= MOST_COST_OF_SHORT_ROWS)

    @property
    def is_near(self) -> bool:
        """Whether its blocks are numbered as the variant's."""
        is_long = len(self.pairs) >= SHORT_ROW
        return self.is_variant or (is_long and self.similarity >= LEAST_SIMILARITY and self.likeness >= LEAST_NEARNESS)

    @property
    def likeness(self) -> float:
        """How alike the rows are, from 0 to 1: what all differences of their sub-blocks weigh."""
        return max(0.0, 1 - self.cost / max(len(self.pairs), 1))


def nearest_variants(
    row: Sequence[SubBlockDesign],
    traits: Traits,
    asked: Variant | None = None,
) -> tuple[Nearest, ...]:
    """The variants that a row equals, as far as it goes; else the one that it is nearest to, if any is near.

    Args:
        row: the designs of the sub-blocks, in order.
        traits: what a design does not say.
        asked: a variant that was asked for, also one of one's own scaling; it comes first where the row equals it, and
            is followed by those that are the same network up to the classifier.
    """
    known = [] if asked is None or asked.key in VARIANTS else [asked]
    exact = [found for variant in (*known, *VARIANTS.values()) if (found := _exact(row, traits, variant))]
    if exact:
        complete = [found for found in exact if found.is_complete]
        return tuple(each for each in complete if each.ends == complete[0].ends) or tuple(exact)
    if len(row) < LEAST_SUB_BLOCKS:
        return ()
    found = min((_aligned(row, traits, variant) for variant in VARIANTS.values()), key=lambda each: each.distance)
    return (found,) if found.likeness > 0 else ()


def numbers_by_plan(found: Nearest, own: Sequence[int]) -> list[int]:
    """The block of each sub-block of a row: that of the planned one it corresponds to.

    What corresponds to none is in the block before; behind the last one it is where it is by structure, which `own`
    tells, so that a block more at the end is one.
    """
    planned = {pair.own: found.plan.sub_blocks[pair.planned].block for pair in found.pairs
               if pair.own is not None and pair.planned is not None}  # fmt: skip
    last = max(planned, default=0)
    numbers: list[int] = []
    for index in range(len(own)):
        behind = own[index] - own[index - 1] if index > last else 0
        numbers.append(planned.get(index) or (numbers[-1] + behind if numbers else 1))
    return numbers


def relative_named(row: Sequence[SubBlockDesign]) -> str | None:
    """The name of another published network of MBConv sub-blocks with this row, at whatever width; None without."""
    own = [_without_width(each.kernel, each.stride, each.expansion, each.squeeze_excite is not None) for each in row]
    return next((name for name in RELATIVES if own == _relative(name)), None)


@cache
def _relative(name: str) -> list[tuple[object, ...]]:
    rows = []
    for each in RELATIVES[name]:
        for position in range(each.repeats):
            stride = 1 if position else each.stride
            rows.append(_without_width((each.kernel,) * 2, (stride,) * 2, each.expansion, bool(each.squeeze_excite)))
    return rows


def _without_width(kernel: Pair2, stride: Pair2, expansion: float, attention: bool) -> tuple[object, ...]:
    """What a width multiplier leaves; widths are rounded to eights, so that ratios are not exact."""
    return (kernel, stride, round(expansion * 2), attention)


@cache
def _plan(variant: Variant) -> Plan:
    return plan(variant)


def _exact(row: Sequence[SubBlockDesign], traits: Traits, variant: Variant) -> Nearest | None:
    planned = _plan(variant)
    if len(row) > len(planned.sub_blocks) or len(row) < min(LEAST_SUB_BLOCKS, len(planned.sub_blocks)):
        return None
    if traits.activation not in (None, planned.blueprint.activation_function):
        return None
    pairs = zip(row, planned.sub_blocks, strict=False)
    if not all(
        operator_signature(one) == operator_signature(other)
        and (one.squeeze_excite is None) == (other.squeeze_excite is None)
        for one, other in pairs
    ):
        return None
    everything = all(
        design_signature(one) == design_signature(other) for one, other in zip(row, planned.sub_blocks, strict=False)
    )
    indices = tuple(Pair(index, index) for index in range(len(row)))
    complete = len(row) == len(planned.sub_blocks)
    return Nearest(variant, planned, indices, 1.0, everything, complete, 0.0)


def _aligned(row: Sequence[SubBlockDesign], traits: Traits, variant: Variant) -> Nearest:
    planned = _plan(variant)
    cost, pairs = _alignment(row, traits, planned.sub_blocks)
    matched = [(pair.own, pair.planned) for pair in pairs if pair.own is not None and pair.planned is not None]
    attentions = [(traits.attention[i], planned.sub_blocks[j].squeeze_excite is not None) for i, j in matched]
    distance = cost
    if (True, True) not in attentions:
        apart = sum(own != other for own, other in attentions) * COSTS["attention"]
        distance += min(apart, ATTENTION_DECISION) - apart
    if traits.activation not in (None, planned.blueprint.activation_function):
        cost += OTHER_ACTIVATION
        distance += ACTIVATION_DECISION
    alike = sum(skeleton(row[i]) == skeleton(planned.sub_blocks[j]) for i, j in matched)
    reached = max((pair.planned for pair in pairs if pair.planned is not None and pair.own is not None), default=-1)
    within = tuple(pair for pair in pairs if pair.own is not None or (pair.planned or 0) <= reached)
    is_complete = reached == len(planned.sub_blocks) - 1
    return Nearest(variant, planned, within, alike / len(within) if within else 0.0, False, is_complete, cost, distance)


def _difference(one: SubBlockDesign, attention: bool, other: SubBlockDesign) -> float:
    cost = 0.0
    cost += COSTS["fused"] * (one.fused != other.fused)
    cost += COSTS["kernel"] * (one.kernel != other.kernel)
    cost += COSTS["stride"] * (one.stride != other.stride)
    cost += COSTS["residual"] * (one.residual != other.residual)
    cost += COSTS["attention"] * (attention != (other.squeeze_excite is not None))
    if one.expansion != other.expansion:
        cost += COSTS["expansion"] * (0.5 if (one.expansion > 1) == (other.expansion > 1) else 1)
    if one.filters and other.filters and one.filters != other.filters:
        cost += min(COSTS["filters"], COSTS["filters"] * abs(math.log(one.filters / other.filters)))
    return cost


def _alignment(
    row: Sequence[SubBlockDesign], traits: Traits, planned: Sequence[SubBlockDesign]
) -> tuple[float, tuple[Pair, ...]]:
    """The cheapest way to pair two rows, the later sub-blocks of the planned one being cheap to miss."""
    apart = _differences(row, traits.attention, planned)
    own_gaps, planned_gaps = _gaps(row), _gaps(planned)
    behind = planned_gaps if traits.ends else [CUT] * len(planned)
    costs = [[0.0]]
    for gap in planned_gaps if row else behind:
        costs[0].append(costs[0][-1] + gap)
    for index, own_gap in enumerate(own_gaps):
        above = costs[-1]
        line = [above[0] + own_gap]
        gaps = behind if index == len(row) - 1 else planned_gaps
        for (diagonal, beside), difference, gap in zip(pairwise(above), apart[index], gaps, strict=True):
            line.append(min(diagonal + difference, beside + own_gap, line[-1] + gap))
        costs.append(line)
    pairs: list[Pair] = []
    i, j = len(row), len(planned)
    while i or j:
        gaps = behind if i == len(row) else planned_gaps
        if i and j and costs[i][j] == costs[i - 1][j - 1] + apart[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append(Pair(i, j))
        elif j and costs[i][j] == costs[i][j - 1] + gaps[j - 1]:
            j -= 1
            pairs.append(Pair(None, j))
        else:
            i -= 1
            pairs.append(Pair(i, None))
    return costs[-1][-1], tuple(reversed(pairs))


def _differences(
    row: Sequence[SubBlockDesign], attention: Sequence[bool], planned: Sequence[SubBlockDesign]
) -> list[list[float]]:
    """Of each sub-block of a row what sets it apart from each planned one; rows repeat themselves."""
    known: dict[tuple[object, ...], list[float]] = {}
    differences = []
    for one, attends in zip(row, attention, strict=True):
        key = (*skeleton(one), one.expansion, one.filters, attends)
        if key not in known:
            known[key] = [_difference(one, attends, each) for each in planned]
        differences.append(known[key])
    return differences


def _gaps(row: Sequence[SubBlockDesign]) -> list[float]:
    """What it costs to miss each sub-block."""
    return [REPETITION if index and _repeats(row[index - 1], each) else GAP for index, each in enumerate(row)]


def _repeats(one: SubBlockDesign, other: SubBlockDesign) -> bool:
    """Whether a sub-block is like the one before, but for the latter's change of resolution and width."""
    return (
        other.stride == (1, 1)
        and one.filters == other.filters
        and (one.fused, one.kernel) == (other.fused, other.kernel)
    )
