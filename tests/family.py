"""The published family as data: what the papers and the released code state of B0..B7, and sums over that.

Nothing here is read from a graph; `parameters` and `macs` are written from the architecture's description
alone, so that the tests hold two independent countings against each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

KERNELS = (3, 3, 5, 3, 5, 5, 3)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
EXPANSIONS = (1, 6, 6, 6, 6, 6, 6)
CLASSES = 1000


class Member(NamedTuple):
    """One variant: resolution, sub-blocks per block, widths, layers with and without the top, parameters, MACs.

    `giga_macs` is rounded to four decimals.
    """

    resolution: int
    repeats: tuple[int, ...]
    stem: int
    channels: tuple[int, ...]
    head: int
    layers: tuple[int, int]
    parameters: tuple[int, int]
    giga_macs: float


B0_CHANNELS = (16, 24, 40, 80, 112, 192, 320)
B1_REPEATS = (2, 3, 3, 4, 4, 5, 2)

FAMILY: dict[str, Member] = {
    "b0": Member(224, (1, 2, 2, 3, 3, 4, 1), 32, B0_CHANNELS, 1280, (240, 237), (5_330_571, 4_049_571), 0.3858),
    "b1": Member(240, B1_REPEATS, 32, B0_CHANNELS, 1280, (342, 339), (7_856_239, 6_575_239), 0.6868),
    "b2": Member(
        260, B1_REPEATS, 32, (16, 24, 48, 88, 120, 208, 352), 1408, (342, 339), (9_177_569, 7_768_569), 0.9936
    ),
    "b3": Member(
        300,
        (2, 3, 3, 5, 5, 6, 2),
        40,
        (24, 32, 48, 96, 136, 232, 384),
        1536,
        (387, 384),
        (12_320_535, 10_783_535),
        1.8271,
    ),
    "b4": Member(
        380,
        (2, 4, 4, 6, 6, 8, 2),
        48,
        (24, 32, 56, 112, 160, 272, 448),
        1792,
        (477, 474),
        (19_466_823, 17_673_823),
        4.3938,
    ),
    "b5": Member(
        456,
        (3, 5, 5, 7, 7, 9, 3),
        48,
        (24, 40, 64, 128, 176, 304, 512),
        2048,
        (579, 576),
        (30_562_527, 28_513_527),
        10.2664,
    ),
    "b6": Member(
        528,
        (3, 6, 6, 8, 8, 11, 3),
        56,
        (32, 40, 72, 144, 200, 344, 576),
        2304,
        (669, 666),
        (43_265_143, 40_960_143),
        19.0676,
    ),
    "b7": Member(
        600,
        (4, 7, 7, 10, 10, 13, 4),
        64,
        (32, 48, 80, 160, 224, 384, 640),
        2560,
        (816, 813),
        (66_658_687, 64_097_687),
        37.7459,
    ),
}

EXACT_MACS = {"b0": 385_814_752, "b7": 37_745_884_192}

STEM_CLASSES = (
    "InputLayer",
    "Rescaling",
    "Normalization",
    "ZeroPadding2D",
    "Conv2D",
    "BatchNormalization",
    "Activation",
)
HEAD_CLASSES = ("Conv2D", "BatchNormalization", "Activation")
CLASSIFIER_CLASSES = ("GlobalAveragePooling2D", "Dropout", "Dense")
DEPTHWISE_CLASSES = ("DepthwiseConv2D", "BatchNormalization", "Activation")
MODULE_CLASSES: dict[str, tuple[str, ...]] = {
    "1": DEPTHWISE_CLASSES,
    "1 after an expansion": (*HEAD_CLASSES, *DEPTHWISE_CLASSES),
    "2": (*HEAD_CLASSES, *DEPTHWISE_CLASSES),
    "2 with stride": (*HEAD_CLASSES, "ZeroPadding2D", *DEPTHWISE_CLASSES),
    "3": ("GlobalAveragePooling2D", "Reshape", "Conv2D", "Conv2D"),
    "4": ("Multiply", "Conv2D", "BatchNormalization"),
    "5": ("Multiply", "Conv2D", "BatchNormalization", "Dropout", "Add"),
}
"""The modules as Keras builds them."""


class Cost(NamedTuple):
    """Parameters and multiply-accumulates of one convolution or dense layer, with its normalisation."""

    parameters: int
    macs: int


def _convolution(positions: int, area: int, inputs: int, outputs: int, after: int) -> Cost:
    """`after` counts the parameters that follow per output channel: 4 of a normalisation, or 1 of a bias."""
    weights = area * inputs * outputs
    return Cost(weights + after * outputs, weights * positions)


def _costs(member: Member, height: int, width: int) -> Iterator[Cost]:
    yield Cost(7, 0)  # the input's normalisation: mean and variance of three channels, and a count
    height, width = math.ceil(height / 2), math.ceil(width / 2)
    yield _convolution(height * width, 9, 3, member.stem, 4)
    inputs = member.stem
    for block, repeats in enumerate(member.repeats):
        outputs = member.channels[block]
        for position in range(repeats):
            expanded = inputs * EXPANSIONS[block]
            if EXPANSIONS[block] > 1:
                yield _convolution(height * width, 1, inputs, expanded, 4)
            if not position:
                height, width = math.ceil(height / STRIDES[block]), math.ceil(width / STRIDES[block])
            yield _convolution(height * width, KERNELS[block] ** 2, 1, expanded, 4)
            squeezed = max(1, inputs // 4)
            yield _convolution(1, 1, expanded, squeezed, 1)
            yield _convolution(1, 1, squeezed, expanded, 1)
            yield _convolution(height * width, 1, expanded, outputs, 4)
            inputs = outputs
    yield _convolution(height * width, 1, inputs, member.head, 4)
    yield _convolution(1, 1, member.head, CLASSES, 1)


def cost(member: Member, height: int | None = None, width: int | None = None) -> Cost:
    """Parameters and MACs of a whole model, by default at its own resolution."""
    costs = list(_costs(member, height or member.resolution, width or member.resolution))
    return Cost(sum(each.parameters for each in costs), sum(each.macs for each in costs))
