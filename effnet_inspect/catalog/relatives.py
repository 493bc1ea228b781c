"""Other published networks of MBConv sub-blocks, so that they are called by their own names.

MobileNetV2 (arXiv 1801.04381, table 2), MobileNetV3 (arXiv 1905.02244, tables 1 and 2) and MnasNet (arXiv 1807.11626,
figure 7, and its reference implementation for B1).
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """Equal sub-blocks in a row; `stride` is that of the first, `expansion` of all."""

    repeats: int
    kernel: int
    stride: int
    expansion: float
    filters: int
    squeeze_excite: bool = False


RELATIVES: dict[str, tuple[Row, ...]] = {
    "MobileNetV2": (
        Row(1, 3, 1, 1, 16),
        Row(2, 3, 2, 6, 24),
        Row(3, 3, 2, 6, 32),
        Row(4, 3, 2, 6, 64),
        Row(3, 3, 1, 6, 96),
        Row(3, 3, 2, 6, 160),
        Row(1, 3, 1, 6, 320),
    ),
    "MobileNetV3-Large": (
        Row(1, 3, 1, 1, 16),
        Row(1, 3, 2, 4, 24),
        Row(1, 3, 1, 3, 24),
        Row(1, 5, 2, 3, 40, squeeze_excite=True),
        Row(2, 5, 1, 3, 40, squeeze_excite=True),
        Row(1, 3, 2, 6, 80),
        Row(1, 3, 1, 2.5, 80),
        Row(2, 3, 1, 2.3, 80),
        Row(2, 3, 1, 6, 112, squeeze_excite=True),
        Row(3, 5, 2, 6, 160, squeeze_excite=True),
    ),
    "MobileNetV3-Small": (
        Row(1, 3, 2, 1, 16, squeeze_excite=True),
        Row(1, 3, 2, 4.5, 24),
        Row(1, 3, 1, 88 / 24, 24),
        Row(1, 5, 2, 4, 40, squeeze_excite=True),
        Row(2, 5, 1, 6, 40, squeeze_excite=True),
        Row(2, 5, 1, 3, 48, squeeze_excite=True),
        Row(3, 5, 2, 6, 96, squeeze_excite=True),
    ),
    "MnasNet-A1": (
        Row(1, 3, 1, 1, 16),
        Row(2, 3, 2, 6, 24),
        Row(3, 5, 2, 3, 40, squeeze_excite=True),
        Row(4, 3, 2, 6, 80),
        Row(2, 3, 1, 6, 112, squeeze_excite=True),
        Row(3, 5, 2, 6, 160, squeeze_excite=True),
        Row(1, 3, 1, 6, 320),
    ),
    "MnasNet-B1": (
        Row(1, 3, 1, 1, 16),
        Row(3, 3, 2, 3, 24),
        Row(3, 5, 2, 3, 40),
        Row(3, 5, 2, 6, 80),
        Row(2, 3, 1, 6, 96),
        Row(4, 5, 2, 6, 192),
        Row(1, 3, 1, 6, 320),
    ),
}
"""By name; their widths are those of width multiplier 1."""
