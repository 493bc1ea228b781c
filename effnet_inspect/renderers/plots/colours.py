"""Colours of the series of a plot: lines on the paper of the diagrams' themes.

They keep a contrast of 3 with the paper, and a CIELAB distance of 20 from each other, with and without deuteranopia.
Where there are more series than colours, the colours come again with other dashes.
"""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.renderers.palette import Ground

SERIES: dict[Ground, tuple[str, ...]] = {
    "light": ("#1f5fa8", "#c2410c", "#0c977b", "#5d11d0", "#486024", "#b30f92"),
    "dark": ("#6fb1f5", "#f08a4b", "#b3efd7", "#8842f0", "#d9f8aa", "#f368bb"),
}
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.5), (1, 1.2), (5, 1.2, 1, 1.2))
"""Lengths of strokes and gaps as multiples of the line's width; the first is a whole line."""


class Stroke(NamedTuple):
    """How a series is drawn."""

    colour: str
    dashes: tuple[float, ...]


def strokes(ground: Ground, number: int) -> list[Stroke]:
    """As many strokes, each another one as long as there are others."""
    colours = SERIES[ground]
    return [Stroke(colours[at % len(colours)], DASHES[at // len(colours) % len(DASHES)]) for at in range(number)]
