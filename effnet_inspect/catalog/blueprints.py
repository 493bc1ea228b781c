"""The families' tables of stages, and the plan of sub-blocks that scaling makes of them.

What the papers publish, as data: EfficientNet (arXiv 1905.11946, table 1), EfficientNetV2 (arXiv 2104.00298, table 4,
and its reference implementation for B, M, L and XL), EfficientNet-Lite and EfficientNet-EdgeTPU (their reference
implementations). A plan is
what ought to be built; what was built is read from its graph, never from here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from effnet_inspect.catalog.variants import Variant
from effnet_inspect.words import position_letters

DIVISOR = 8
DROP_CONNECT_RATE = 0.2


class Stage(NamedTuple):
    """One row of a table of stages: a block at width and depth 1.

    `filters` is the number of output channels, `stride` that of the first sub-block, `squeeze_excite` the ratio of
    the bottleneck to the sub-block's input channels, 0 for none. `expands_from` is the width that the expansion of the
    first sub-block multiplies, unscaled, where it is not that of its input.
    """

    repeats: int
    kernel: int
    stride: int
    expansion: float
    filters: int
    squeeze_excite: float = 0.25
    fused: bool = False
    expands_from: int = 0


class Blueprint(NamedTuple):
    """What the networks of one family have in common.

    Attributes:
        stages: the blocks, unscaled.
        stem: channels of the first convolution, unscaled; `head` those of the last.
        activation: of every convolution but the projections.
        scale, offset: of the pixels (0 to 255) before the stem.
        normalizes: whether a Normalization layer follows.
        mean, variance: what it is given; empty where it learns them from data.
        pads: whether strided convolutions have their padding as a layer of its own.
        fixed_ends: Lite: stem and head keep their width, the first and the last block their depth.
        rounds_up: whether a rounded width more than a tenth too small goes up one step.
        momentum: of the batch normalisations' running mean.
        depthwise_name: of the depthwise layers, in Keras' naming.
    """

    stages: tuple[Stage, ...]
    stem: int = 32
    head: int = 1280
    activation: str = "swish"
    scale: float = 1 / 255
    offset: float = 0.0
    normalizes: bool = False
    mean: tuple[float, ...] = ()
    variance: tuple[float, ...] = ()
    pads: bool = False
    fixed_ends: bool = False
    rounds_up: bool = False
    momentum: float = 0.99
    depthwise_name: str = "dwconv"

    @property
    def activation_function(self) -> str:
        """The activation as graphs name it."""
        return {"swish": "silu"}.get(self.activation, self.activation)


_V1 = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def _without_squeeze_excite(stages: tuple[Stage, ...]) -> Iterator[Stage]:
    for row in stages:
        yield Stage(row.repeats, row.kernel, row.stride, row.expansion, row.filters, squeeze_excite=0)


def _fused(repeats: int, stride: int, expansion: int, filters: int) -> Stage:
    return Stage(repeats, 3, stride, expansion, filters, squeeze_excite=0, fused=True)


def _v2(stem: int, *stages: Stage) -> Blueprint:
    return Blueprint(stages, stem, scale=1 / 128, offset=-1, momentum=0.9, depthwise_name="dwconv2")


BLUEPRINTS: dict[str, Blueprint] = {
    "v1": Blueprint(_V1, normalizes=True, pads=True, rounds_up=True),
    "lite": Blueprint(
        tuple(_without_squeeze_excite(_V1)),
        activation="relu6",
        scale=1 / 128,
        offset=-127 / 128,
        pads=True,
        fixed_ends=True,
        rounds_up=True,
    ),
    "edgetpu": Blueprint(
        (
            Stage(1, 3, 1, 4, 24, squeeze_excite=0, fused=True, expands_from=24),
            _fused(2, 2, 8, 32),
            _fused(4, 2, 8, 48),
            Stage(5, 5, 2, 8, 96, squeeze_excite=0),
            Stage(4, 5, 1, 8, 144, squeeze_excite=0),
            Stage(2, 5, 2, 8, 192, squeeze_excite=0),
        ),
        activation="relu",
        scale=1 / 128,
        offset=-127 / 128,
        pads=True,
        rounds_up=True,
    ),
    "v2": Blueprint(
        (
            _fused(1, 1, 1, 16),
            _fused(2, 2, 4, 32),
            _fused(2, 2, 4, 48),
            Stage(3, 3, 2, 4, 96),
            Stage(5, 3, 1, 6, 112),
            Stage(8, 3, 2, 6, 192),
        ),
        normalizes=True,
        mean=(0.485, 0.456, 0.406),
        variance=(0.229**2, 0.224**2, 0.225**2),
        momentum=0.9,
        depthwise_name="dwconv2",
    ),
    "v2-s": _v2(
        24,
        _fused(2, 1, 1, 24),
        _fused(4, 2, 4, 48),
        _fused(4, 2, 4, 64),
        Stage(6, 3, 2, 4, 128),
        Stage(9, 3, 1, 6, 160),
        Stage(15, 3, 2, 6, 256),
    ),
    "v2-m": _v2(
        24,
        _fused(3, 1, 1, 24),
        _fused(5, 2, 4, 48),
        _fused(5, 2, 4, 80),
        Stage(7, 3, 2, 4, 160),
        Stage(14, 3, 1, 6, 176),
        Stage(18, 3, 2, 6, 304),
        Stage(5, 3, 1, 6, 512),
    ),
    "v2-l": _v2(
        32,
        _fused(4, 1, 1, 32),
        _fused(7, 2, 4, 64),
        _fused(7, 2, 4, 96),
        Stage(10, 3, 2, 4, 192),
        Stage(19, 3, 1, 6, 224),
        Stage(25, 3, 2, 6, 384),
        Stage(7, 3, 1, 6, 640),
    ),
    "v2-xl": _v2(
        32,
        _fused(4, 1, 1, 32),
        _fused(8, 2, 4, 64),
        _fused(8, 2, 4, 96),
        Stage(16, 3, 2, 4, 192),
        Stage(24, 3, 1, 6, 256),
        Stage(32, 3, 2, 6, 512),
        Stage(8, 3, 1, 6, 640),
    ),
}
"""By the variant's key where it has a table of its own, else by its family."""


@dataclass(frozen=True, slots=True, eq=False)
class SubBlockDesign:
    """What the papers' tables settle of one MBConv or Fused-MBConv: of a planned one, and of one found in a graph.

    `kernel` and `stride` are (height, width); `expansion` is the ratio of expanded to input channels; `filters` the
    output channels, None where a graph leaves them open. `squeeze_excite` is the width of the bottleneck in
    channels, `drop_rate` that of the Dropout before a residual connection; each None without one.
    """

    block: int
    position: int
    fused: bool
    kernel: tuple[int, int]
    stride: tuple[int, int]
    expansion: float
    filters: int | None
    squeeze_excite: int | None
    residual: bool
    drop_rate: float | None

    @property
    def name(self) -> str:
        """`4b` is the second sub-block of block 4."""
        return f"{self.block}{position_letters(self.position)}"

    @property
    def operator(self) -> str:
        """As the papers write it: `MBConv6`, `Fused-MBConv4`."""
        return f"{'Fused-' if self.fused else ''}MBConv{round(self.expansion, 2):g}"


class Plan(NamedTuple):
    """A network after scaling, in channels and sub-blocks."""

    blueprint: Blueprint
    stem: int
    sub_blocks: tuple[SubBlockDesign, ...]
    head: int


def blueprint_of(variant: Variant) -> Blueprint:
    """The table of stages a variant is scaled from."""
    return BLUEPRINTS.get(variant.key) or BLUEPRINTS[variant.family]


def plan(variant: Variant) -> Plan:
    """Scale a variant's table of stages by its width and depth.

    >>> from effnet_inspect.catalog.variants import VARIANTS
    >>> [each.name for each in plan(VARIANTS["b0"]).sub_blocks][:5], plan(VARIANTS["b7"]).head
    (['1a', '2a', '2b', '3a', '3b'], 2560)
    """
    blueprint = blueprint_of(variant)
    repeats = [_repeats(blueprint, index, variant.depth) for index in range(len(blueprint.stages))]
    stem = blueprint.stem if blueprint.fixed_ends else round_filters(blueprint.stem, variant.width, blueprint)
    head = blueprint.head if blueprint.fixed_ends else round_filters(blueprint.head, variant.width, blueprint)
    sub_blocks: list[SubBlockDesign] = []
    channels = stem
    for number, (stage, count) in enumerate(zip(blueprint.stages, repeats, strict=True), start=1):
        filters = round_filters(stage.filters, variant.width, blueprint)
        for position in range(count):
            stride = 1 if position else stage.stride
            residual = stride == 1 and channels == filters
            expansion = stage.expansion
            if stage.expands_from and not position:
                expansion *= round_filters(stage.expands_from, variant.width, blueprint) / channels
            rate = DROP_CONNECT_RATE * len(sub_blocks) / sum(repeats)
            sub_blocks.append(
                SubBlockDesign(
                    block=number,
                    position=position,
                    fused=stage.fused,
                    kernel=(stage.kernel, stage.kernel),
                    stride=(stride, stride),
                    expansion=expansion,
                    filters=filters,
                    squeeze_excite=max(1, int(channels * stage.squeeze_excite)) if stage.squeeze_excite else None,
                    residual=residual,
                    drop_rate=rate if residual and rate else None,
                )
            )
            channels = filters
    return Plan(blueprint, stem, tuple(sub_blocks), head)


def _repeats(blueprint: Blueprint, index: int, depth: float) -> int:
    repeats = blueprint.stages[index].repeats
    if blueprint.fixed_ends and index in (0, len(blueprint.stages) - 1):
        return repeats
    return math.ceil(depth * repeats)


def round_filters(filters: int, width: float, blueprint: Blueprint) -> int:
    """Channels after scaling: a multiple of 8, and for V1 never more than a tenth below the exact value.

    >>> round_filters(24, 1.1, BLUEPRINTS["v1"]), round_filters(1280, 1.2, BLUEPRINTS["v1"])
    (24, 1536)
    """
    exact = filters * width
    rounded = max(DIVISOR, int(exact + DIVISOR / 2) // DIVISOR * DIVISOR)
    if blueprint.rounds_up and rounded < 0.9 * exact:
        rounded += DIVISOR
    return rounded
