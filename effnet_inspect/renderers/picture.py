"""How large a PNG may be."""

from __future__ import annotations

import math

from effnet_inspect.drawing.page import POINTS
from effnet_inspect.errors import RenderError
from effnet_inspect.limits import PIXELS

LARGEST_PNG_SIDE = 32_767
"""Cairo draws no larger, and would scale the picture down without a word."""


def check_size(name: str, width: float, height: float, dpi: int) -> None:
    """Raises RenderError where a picture so many points wide and high would have too many pixels."""
    side, area = max(width, height), width * height
    largest = int(POINTS["in"] * min(LARGEST_PNG_SIDE / side, math.sqrt(PIXELS / area)))
    if dpi > largest:
        wide, high = (length * dpi / POINTS["in"] for length in (width, height))
        advice = f"use --dpi {largest} or less, or write" if largest else "write"
        raise RenderError(
            f"{name} at {dpi} dpi would be {wide:,.0f}×{high:,.0f} pixels, and a PNG here has "
            f"{LARGEST_PNG_SIDE:,} on a side and {PIXELS:,} in all at most; {advice} SVG or PDF"
        )
