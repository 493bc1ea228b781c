"""Labels over things of different heights: each stands on a pole, as low as it can without touching anything.

The lowest things get theirs first. A label never spans the place of a pole that is still to come, so that the labels of
a row that descends become stairs beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""

POLE = 0.5
"""Width of a pole."""
CLEARANCE = 1.5
TO_TEXT = 2.0
"""From a pole to the words beside it."""
ABOVE = 3.0
"""From a thing to its label."""
HIGHEST = 400.0


class Labelled(NamedTuple):
    """What gets a label: its left, right and top, and the width and height of the words."""

    left: float
    right: float
    top: float
    width: float
    height: float


class Flag(NamedTuple):
    """Where a label stands: the left and top of the words, the x of its pole and how far up that goes."""

    x: float
    y: float
    pole: float
    pole_top: float


def place_flags(things: Sequence[Labelled], obstacles: Sequence[Rectangle], room: float) -> list[Flag | None]:
    """A flag for each thing, in their order; None for one that finds no place.

    Args:
        things: from left to right; y goes downwards.
        obstacles: what no label may cover; poles may end on it.
        room: the right end of where labels may stand; the left is 0.

    >>> place_flags([Labelled(0, 5, 0, 40, 8), Labelled(10, 60, 20, 40, 8)], [(0, 0, 5, 40), (10, 20, 60, 40)], 60)
    [Flag(x=2.5, y=-11.0, pole=0.25, pole_top=-11.0), Flag(x=12.5, y=9.0, pole=10.25, pole_top=9.0)]
    """
    valley = max(range(len(things)), key=lambda index: (things[index].top, index), default=0)
    poles = [thing.left + POLE / 2 if at <= valley else thing.right - POLE / 2 for at, thing in enumerate(things)]
    found: dict[int, Flag | None] = {}
    words: list[Rectangle] = []
    standing: list[Rectangle] = []
    for index in sorted(range(len(things)), key=lambda at: (-things[at].top, -at)):
        thing = things[index]
        coming = [(poles[at], things[at].top) for at in range(len(things)) if at != index and at not in found]
        taken = [*obstacles, *words, *standing]
        flag = next(
            (
                each
                for each in _places(thing, poles[index], index <= valley, room)
                if _is_free(each, thing, taken, coming, words)
            ),
            None,
        )
        found[index] = flag
        if flag:
            words.append((flag.x, flag.y, flag.x + thing.width, flag.y + thing.height))
            standing.append((flag.pole - POLE, flag.pole_top, flag.pole + POLE, thing.top))
    return [found[index] for index in range(len(things))]


def _places(thing: Labelled, pole: float, is_right: bool, room: float) -> Iterator[Flag]:
    """Where a flag may stand: on the usual side of its pole as low as possible, then where else there is room."""
    beside = pole + POLE / 2 + TO_TEXT
    on_the_left = pole - POLE / 2 - TO_TEXT - thing.width
    xs = [beside, min(beside, room - thing.width)] if is_right else [on_the_left, max(on_the_left, 0.0)]
    for x in xs:
        if x < 0 or x + thing.width > room + 0.01:
            continue
        y = thing.top - ABOVE - thing.height
        while y > thing.top - HIGHEST:
            is_under = x < pole < x + thing.width
            yield Flag(x, y, pole, y + thing.height if is_under else y)
            y -= 1.0


def _is_free(
    flag: Flag,
    thing: Labelled,
    taken: Sequence[Rectangle],
    coming: Sequence[tuple[float, float]],
    words: Sequence[Rectangle],
) -> bool:
    left, right = flag.x - CLEARANCE, flag.x + thing.width + CLEARANCE
    top, bottom = flag.y - CLEARANCE, flag.y + thing.height + CLEARANCE
    if any(one < right and left < other and high < bottom and top < low for one, high, other, low in taken):
        return False
    if any(left < pole < right and flag.y < their_top for pole, their_top in coming):
        return False
    return not any(
        one - 1 < flag.pole < other + 1 and flag.pole_top < low and high < thing.top for one, high, other, low in words
    )
