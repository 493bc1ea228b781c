"""The page that a figure is made for: its width, its height where it has one, and the sizes of type on it.

A figure is laid out for the width, so that no text on it is smaller than SMALLEST when it is printed at that width.
Where the page has a height, too, everything grows as far as both allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import NamedTuple

from effnet_inspect.choices import FIT_NAMES, FitName
from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.canvas import scaled
from effnet_inspect.errors import UsageError

SMALLEST = 6.5
"""Size of the smallest type, in points: 8.7 pixels on a screen."""
TEXT = 7.0
LABEL = 7.5
HEADING = 9.0
TITLE = 13.0

NARROWEST = 234.0
"""Width that every figure can be laid out for, in points: 3.25 inches, a column of a journal."""
GROWTH = (2.5, 2.25, 2.0, 1.8, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1)
"""How much larger than usual the type may be on a page with a height, the largest first."""
REDUCTION = 0.93
"""How much smaller it may be there, where it would be too high otherwise: the smallest type has 6 points."""

POINTS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "px": 0.75}
"""How many points a unit has."""


class Page(NamedTuple):
    """Width and height in points (1/72 inch), without margins; without a height as high as it needs to be.

    Both are whole numbers, as those of pages in PDFs are.
    """

    width: float
    height: float | None = None

    def enlarged(self, by: float) -> Page:
        """A page of the same shape, its sides so many times as long."""
        return Page(self.width * by, self.height and self.height * by)


PAGES: dict[FitName, Page] = {
    "screen": Page(622),
    "slide": Page(960, 540),
    "a4": Page(510, 757),
    "a4-landscape": Page(757, 510),
    "a3": Page(757, 1106),
    "a3-landscape": Page(1106, 757),
    "column": Page(252),
    "two-columns": Page(515),
}
"""The screen is a README on GitHub, 830 pixels wide; paper has margins of 15 mm; columns are IEEE's."""
assert tuple(PAGES) == FIT_NAMES


def page_of_width(text: str) -> Page:
    """The page that is as wide as said: `7.16in`, `18cm`, `180 mm`, `500pt`, `830px`.

    Raises:
        UsageError: where that is no width, or less than every figure needs.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(in|cm|mm|pt|px)\s*", text.lower())
    if not match:
        raise UsageError(f"{text!r} is no width; write a number and one of {', '.join(POINTS)}, such as 7.16in")
    width = float(match[1]) * POINTS[match[2]]
    if not NARROWEST <= width <= _WIDEST:
        raise UsageError(
            f"a figure can be {NARROWEST / POINTS['in']:g} to {_WIDEST / POINTS['in']:g} inches wide; "
            f"{text.strip()} is {'less' if width < NARROWEST else 'more'}"
        )
    return Page(int(width + 0.01))


_WIDEST = 14_400.0
"""Of a page in a PDF, 200 inches."""


def page_for(fit: FitName | None, width: str | None) -> Page:
    """The page that was asked for; the screen where nothing was.

    Raises:
        UsageError: where both are given, or the width is none.
    """
    if fit and width:
        raise UsageError(f"--fit {fit} and --width {width} both say how wide the figure is; choose one")
    return page_of_width(width) if width else PAGES[fit or "screen"]


def fill(page: Page, draw: Callable[[Page, bool], Diagram]) -> Diagram:
    """What `draw` makes for a page, as large as the page allows.

    `draw` is told for how large a page, and whether to be dense. It is where the figure would otherwise be higher than
    the page at the usual size of type; one that is higher even so stays as it is.
    """
    figure = _filling(page, draw)
    return replace(figure, width=page.width, height=ceil(figure.height))


def _filling(page: Page, draw: Callable[[Page, bool], Diagram]) -> Diagram:
    usual = draw(page, False)
    if page.height is None:
        return usual
    if usual.height > page.height:
        for size in (1.0, REDUCTION):
            smaller = scaled(draw(page.enlarged(1 / size), True), size)
            if smaller.height <= page.height:
                return smaller
        return usual
    for growth in GROWTH:
        if page.width / growth < NARROWEST:
            continue
        larger = scaled(draw(page.enlarged(1 / growth), False), growth)
        if larger.height <= page.height:
            return larger
    return usual
