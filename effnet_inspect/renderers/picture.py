"""How large a PNG may be, and how a PDF ends at its edges."""

from __future__ import annotations

import math
import re

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


BLEED = 1
"""How many points a PDF is painted beyond each edge of its page.

A viewer rounds the page up to whole pixels, and shows its own white in what the figure does not cover.
"""
_BOX_IN_PDF = re.compile(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]")


def without_bleed(document: bytes) -> bytes:
    """A PDF whose page ends where the figure does, BLEED within what is painted, no byte longer or shorter."""

    def page(box: re.Match[bytes]) -> bytes:
        width, height = (float(side) - BLEED for side in box.groups())
        return b"/MediaBox [%d %d %g %g]" % (BLEED, BLEED, width, height)

    # Blanks, because a PDF tells by offsets where its parts are.
    document, count = _BOX_IN_PDF.subn(lambda box: page(box).ljust(len(box[0])), document)
    assert count == 1, "a figure is one page"
    return document
