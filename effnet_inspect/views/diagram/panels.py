"""Panels of one width, side by side in lines that are as wide as the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")

APART = 12.0
LEVEL = 40.0
"""How far below the end of the shortest column a panel still stands in an earlier one, or there were gaps amid them."""


def place_panels(
    things: Sequence[Thing],
    place: Callable[[Thing, float, float, float], float],
    *,
    room: float,
    narrowest: float,
    widest: float,
    packed: bool = False,
) -> float:
    """Place a panel for each thing, as many beside each other as fit; all in points.

    Args:
        things: at least one.
        place: given a thing, its panel's left, top and width, draws the panel and returns where that ends.
        room: width of the page within its margins.
        narrowest: of a panel, where the page has room for it.
        widest: of a panel; lines that are narrower than the page stand in its middle.
        packed: whether each panel stands in a column that ends about first so far, and not in a line with others.

    Returns:
        the left end of all lines.

    >>> ends = []
    >>> place_panels("abc", lambda thing, x, top, width: ends.append((thing, x, top, width)) or top + 50,
    ...              room=212, narrowest=90, widest=100)
    0.0
    >>> ends
    [('a', 0.0, 0.0, 100.0), ('b', 112.0, 0.0, 100.0), ('c', 0.0, 62.0, 100.0)]
    """
    columns = max(min(int((room + APART) / (narrowest + APART)), len(things)), 1)
    lines = -(-len(things) // columns)
    columns = -(-len(things) // lines)
    width = min((room + APART) / columns - APART, widest)
    left = (room + APART - columns * (width + APART)) / 2
    if packed:
        ends = [0.0] * columns
        for thing in things:
            at = next(column for column, end in enumerate(ends) if end <= min(ends) + LEVEL)
            ends[at] = place(thing, left + at * (width + APART), ends[at], width) + APART
        return left
    top = 0.0
    for start in range(0, len(things), columns):
        row = things[start : start + columns]
        bottoms = [place(thing, left + at * (width + APART), top, width) for at, thing in enumerate(row)]
        top = max(bottoms) + APART
    return left
