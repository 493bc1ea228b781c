"""Colours of the series of a plot: lines on the paper of the diagrams' themes.

They keep a contrast of 3 with the paper, and a CIELAB distance of 20 from each other, with and without deuteranopia.
Where there are more series than colours, the colours come again with other dashes; of lines upon each other the lower
one is seen beside and between the strokes of the upper one, also in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from effnet_inspect.plotting import Layers
from effnet_inspect.renderers.palette import Ground

SERIES: dict[Ground, tuple[str, ...]] = {
    "light": ("#1f5fa8", "#c2410c", "#0c977b", "#5d11d0", "#486024", "#b30f92"),
    "dark": ("#6fb1f5", "#f08a4b", "#b3efd7", "#8842f0", "#d9f8aa", "#f368bb"),
}
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.5), (1, 1.2), (5, 1.2, 1, 1.2))
"""Lengths of strokes and gaps as multiples of the line's width; the first is a whole line."""


WIDTH = 1.3
WIDER = 1.3
"""By how much a line is wider than one that lies upon it."""
MOST_WIDER = 2


class Stroke(NamedTuple):
    """How a series is drawn; lengths of strokes and gaps are multiples of the width."""

    colour: str
    dashes: tuple[float, ...] = ()
    width: float = WIDTH


def strokes(ground: Ground, layers: Sequence[Layers]) -> list[Stroke]:
    """As many strokes as there are layers, each another one as long as there are others.

    Of lines upon each other the lower ones are wider, and the upper ones are dashed.
    """
    colours = SERIES[ground]
    found: list[Stroke] = []
    for at, layer in enumerate(layers):
        colour = colours[at % len(colours)]
        used = [stroke.dashes for stroke in found if stroke.colour == colour]
        start = layer.below % len(DASHES)
        dashes = next((each for each in DASHES[start:] if each not in used), DASHES[start])
        found.append(Stroke(colour, dashes, WIDTH + WIDER * min(layer.above, MOST_WIDER)))
    return found
