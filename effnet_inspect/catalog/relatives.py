"""Other published networks of MBConv sub-blocks, so that they are called by their own names.

MobileNetV2 (arXiv 1801.04381, table 2), MobileNetV3 (arXiv 1905.02244, tables 1 and 2) and MnasNet (arXiv 1807.11626,
figure 7, and its reference implementation for B1).
"""

from __future__ import annotations

from effnet_inspect.catalog.blueprints import Stage


def _bare(repeats: int, kernel: int, stride: int, expansion: float, filters: int) -> Stage:
    return Stage(repeats, kernel, stride, expansion, filters, squeeze_excite=0)


RELATIVES: dict[str, tuple[Stage, ...]] = {
    "MobileNetV2": (
        _bare(1, 3, 1, 1, 16),
        _bare(2, 3, 2, 6, 24),
        _bare(3, 3, 2, 6, 32),
        _bare(4, 3, 2, 6, 64),
        _bare(3, 3, 1, 6, 96),
        _bare(3, 3, 2, 6, 160),
        _bare(1, 3, 1, 6, 320),
    ),
    "MobileNetV3-Large": (
        _bare(1, 3, 1, 1, 16),
        _bare(1, 3, 2, 4, 24),
        _bare(1, 3, 1, 3, 24),
        Stage(1, 5, 2, 3, 40),
        Stage(2, 5, 1, 3, 40),
        _bare(1, 3, 2, 6, 80),
        _bare(1, 3, 1, 2.5, 80),
        _bare(2, 3, 1, 2.3, 80),
        Stage(2, 3, 1, 6, 112),
        Stage(3, 5, 2, 6, 160),
    ),
    "MobileNetV3-Small": (
        Stage(1, 3, 2, 1, 16),
        _bare(1, 3, 2, 4.5, 24),
        _bare(1, 3, 1, 88 / 24, 24),
        Stage(1, 5, 2, 4, 40),
        Stage(2, 5, 1, 6, 40),
        Stage(2, 5, 1, 3, 48),
        Stage(3, 5, 2, 6, 96),
    ),
    "MnasNet-A1": (
        _bare(1, 3, 1, 1, 16),
        _bare(2, 3, 2, 6, 24),
        Stage(3, 5, 2, 3, 40),
        _bare(4, 3, 2, 6, 80),
        Stage(2, 3, 1, 6, 112),
        Stage(3, 5, 2, 6, 160),
        _bare(1, 3, 1, 6, 320),
    ),
    "MnasNet-B1": (
        _bare(1, 3, 1, 1, 16),
        _bare(3, 3, 2, 3, 24),
        _bare(3, 5, 2, 3, 40),
        _bare(3, 5, 2, 6, 80),
        _bare(2, 3, 1, 6, 96),
        _bare(4, 5, 2, 6, 192),
        _bare(1, 3, 1, 6, 320),
    ),
}
"""By name; their widths are those of width multiplier 1."""
