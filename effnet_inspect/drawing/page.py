"""The page that a figure is made for: its width, its height where it has one, and the sizes of type on it.

A figure is laid out for the width, so that no text on it is smaller than SMALLEST when it is printed at that width.
Where the page has a height, too, everything grows as far as both allow.
"""

from __future__ import annotations

import re
from bisect import bisect_left
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

LEAST_PART = 0.3
"""Of the ground of a figure that is as low as it can be on one page: less no other page needs for it."""
MUCH_MORE = 1.1
"""How many times as many letters a figure has with smaller type, where it has that for their sake."""

POINTS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "px": 0.75}
"""How many points a unit has."""


class Page(NamedTuple):
    """Width and height in points (1/72 inch), without margins; without a height as high as it needs to be.

    Both are whole numbers, as those of pages in PDFs are. A column of a paper has no height of its own: a figure in it
    does not grow, but `limit` is how high it may be.
    """

    width: float
    height: float | None = None
    limit: float | None = None

    @property
    def most(self) -> float | None:
        """How high a figure may be; None where any height will do."""
        return self.height or self.limit

    def enlarged(self, by: float) -> Page:
        """A page of the same shape, its sides so many times as long."""
        return Page(self.width * by, self.height and self.height * by, self.limit and self.limit * by)

    def has_room_for(self, figure: Diagram) -> bool:
        """Whether a figure that was drawn for it is no higher."""
        return self.most is None or figure.height <= self.most


PAGE_OF_A_JOURNAL = 680.0
"""Height of its text, with room for a caption."""
PAGES: dict[FitName, Page] = {
    "screen": Page(622),
    "slide": Page(960, 540),
    "a4": Page(510, 757),
    "a4-landscape": Page(757, 510),
    "a3": Page(757, 1106),
    "a3-landscape": Page(1106, 757),
    "column": Page(252, limit=PAGE_OF_A_JOURNAL),
    "two-columns": Page(515, limit=PAGE_OF_A_JOURNAL),
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


Draw = Callable[[Page, bool], Diagram]
"""Makes a figure: told for how large a page, and whether to be dense.

It is to be dense where it would otherwise be higher than the page at the usual size of type.
"""


def fill(page: Page, draw: Draw) -> Diagram:
    """What `draw` makes for a page, as large as the page allows; as low as it can be where even that is higher."""
    figure = _filling(page, draw)
    return replace(figure, width=page.width, height=ceil(figure.height))


def _grown(page: Page, draw: Draw, growth: float, *, dense: bool) -> Diagram:
    """A figure for the page with type that is so many times as large as usual."""
    return scaled(draw(page.enlarged(1 / growth), dense), growth)


def _filling(page: Page, draw: Draw) -> Diagram:
    is_dense = not page.has_room_for(usual := draw(page, False))
    if is_dense:
        smaller = _grown(page, draw, REDUCTION, dense=True)
        if not page.has_room_for(smaller):
            return min(usual, smaller, key=lambda each: each.height)
        larger = _grown(page, draw, 1.0, dense=True)
        if not page.has_room_for(larger) or _letters(smaller) > MUCH_MORE * _letters(larger):
            return smaller
        usual = larger
    return usual if page.height is None else _largest(page, draw, usual, is_dense=is_dense)


def _largest(page: Page, draw: Draw, usual: Diagram, *, is_dense: bool) -> Diagram:
    """The figure with the largest type for which the page has room, as if what is larger had always less of it."""
    drawn: dict[float, Diagram] = {}

    def fits(growth: float) -> bool:
        larger = drawn[growth] = _grown(page, draw, growth, dense=is_dense)
        # A dense figure leaves out what has no room: it does not grow at the cost of more.
        return page.has_room_for(larger) and (not is_dense or _shows_as_much(larger, usual))

    possible = [growth for growth in GROWTH if page.width / growth >= NARROWEST]
    first = bisect_left(possible, True, key=fits)
    return drawn[possible[first]] if first < len(possible) else usual


def _shows_as_much(figure: Diagram, other: Diagram) -> bool:
    """Whether it has as many boxes, and no fewer letters."""
    return len(figure.boxes) == len(other.boxes) and _letters(figure) >= _letters(other)


def _letters(figure: Diagram) -> int:
    boxes, frames, captions = figure.boxes, figure.frames, figure.captions
    texts = [
        *(box.label + box.note for box in boxes),
        *(each.label for each in frames),
        *(each.text for each in captions),
    ]
    return sum(len("".join(text.split())) for text in texts)


def too_high(figure: Diagram, page: Page, draw: Draw, lower: str) -> str:
    """A sentence where what `draw` has made for a page is higher than that; else none.

    The sentence names the smallest page that has room for the figure; where none has, it says `lower`, what makes the
    figure lower. Options are told as the library takes them.
    """
    if page.has_room_for(figure):
        return ""
    others = sorted((own.width * own.most, name) for name, own in PAGES.items() if own.most)
    likely = (name for area, name in others if area > LEAST_PART * figure.width * figure.height)
    fits = next((f'fit="{name}" has room for it' for name in likely if _has_room(PAGES[name], draw)), "")
    advice = fits or "; ".join(filter(None, ("no page has room for it", lower)))
    height, most = _inches(figure.height, page.most or 0)
    return f"The figure is {height} inches high, and its page {most}: {advice}."


def _has_room(page: Page, draw: Draw) -> bool:
    """Whether a figure fits a page when it is as low as it can be there."""
    return page.has_room_for(_grown(page, draw, REDUCTION, dense=True))


def _inches(*points: float) -> list[str]:
    """Lengths in inches with as few decimals as tell them apart; rounded up, so that the longer one is so in words."""
    for digits in (1, 2, 3):
        written = [f"{ceil(each / POINTS['in'] * 10**digits) / 10**digits:g}" for each in points]
        if len(set(written)) == len(written):
            break
    return written
