"""The grid of the architecture figure: columns of one width in lines as wide as the page, and room between them."""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT
from effnet_inspect.views.diagram.look import Look

BOX_WIDTHS = (56.5, 104.0)
"""The narrowest and the widest boxes: on a wider page fewer lines come before wider boxes."""
LABEL_SIZES = (TEXT, HEADING)
LABEL_WIDTH = 7.9
"""Of the widest label, `Sub-block 3′`, in ems."""
GUTTER = 24.0
"""Between columns: room for the way up to the next one, and for the residuals and brackets of that."""
LEFT = 12.5
"""Of the first column of a line: room for the same."""
RIGHT = 9.0
RAIL = 8.0
"""How far left of a box its residual runs."""


class Grid(NamedTuple):
    """The left end of the first column, the width of each, the room between them, and how many are in a line.

    All in points. `size` and `note_size` are those of the type in boxes as wide as a column; `for_taps` is in `left`
    and in `gutter`, the room for what a decoder or an output takes.
    """

    left: float
    width: float
    gutter: float
    in_line: int
    size: float
    note_size: float
    for_taps: float

    def x(self, place: int) -> float:
        """The left of a column, the first of a line being 0."""
        return self.left + place * (self.width + self.gutter)

    @property
    def tap_rail(self) -> float:
        """How far left of a box runs what is taken of it."""
        return RAIL + self.for_taps - 1


def grid_for(columns: int, look: Look, for_taps: float) -> Grid:
    """The grid for so many columns, in as few lines as boxes of the narrowest width allow."""
    left, gutter = LEFT + for_taps, GUTTER + for_taps
    room = look.room - left - RIGHT + gutter
    lines = -(-columns // int(room / (BOX_WIDTHS[0] + gutter)))
    in_line = -(-columns // lines)
    width = min(room / in_line - gutter, BOX_WIDTHS[1])
    size = min(max((width - 2) / LABEL_WIDTH, LABEL_SIZES[0]), LABEL_SIZES[1])
    return Grid(left, width, gutter, in_line, size, max(size * 0.92, SMALLEST), for_taps)
