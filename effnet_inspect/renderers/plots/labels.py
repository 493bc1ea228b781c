"""Where the names of points stand: beside them, and on nothing else. In points of a figure or cells of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, hypot, pi, sin
from typing import NamedTuple

Place = tuple[float, float]


class Rectangle(NamedTuple):
    """Left, bottom, right and top; either direction of y will do."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Rectangle) -> bool:
        """Whether they share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def is_inside(self, other: Rectangle) -> bool:
        """Whether it lies in another."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.bottom >= other.bottom
            and self.top <= other.top
        )

    def grown(self, by: float) -> Rectangle:
        """One whose edges are so much farther out."""
        return Rectangle(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def meets(self, start: Place, end: Place) -> bool:
        """Whether a straight line runs through it (Liang and Barsky 1984)."""
        (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
        first, last = 0.0, 1.0
        for step, room in ((-dx, x - self.left), (dx, self.right - x), (-dy, y - self.bottom), (dy, self.top - y)):
            if step == 0:
                if room < 0:
                    return False
            elif step < 0:
                first = max(first, room / step)
            else:
                last = min(last, room / step)
        return first < last


class Reach(NamedTuple):
    """How a name may stand away from its point: from how far to how far, by what steps, in how many directions.

    It is best so `clear` of lines.
    """

    nearest: float
    farthest: float
    step: float
    directions: int = 16
    clear: float = 0.0


class Label(NamedTuple):
    """A name to be placed, and how wide and high it is."""

    point: Place
    width: float
    height: float


ROUNDS = 12
THROUGH_A_LINE = 30.0
"""How many steps farther away a name may stand so that no line of the plot runs through it."""


def place(
    labels: Sequence[Label],
    marks: Sequence[Rectangle],
    lines: Sequence[tuple[Place, Place]],
    area: Rectangle,
    reach: Reach,
) -> list[Rectangle | None]:
    """A place for each name, in their order; None where none is free.

    Those that find none go first in another round, because then they have the choice.

    Args:
        labels: names with their points.
        marks: what no name may cover.
        lines: what is better not covered.
        area: where names may stand.
        reach: how far from its point a name may stand.
    """
    best: list[Rectangle | None] = [None] * len(labels)
    order = sorted(range(len(labels)), key=lambda index: (-_neighbours(labels, index, reach), index))
    for _ in range(ROUNDS):
        found: dict[int, Rectangle] = {}
        for index in order:
            if (free := _best(labels[index], [*marks, *found.values()], lines, area, reach)) is not None:
                found[index] = free
        if sum(each is not None for each in best) < len(found):
            best = [found.get(index) for index in range(len(labels))]
        left = [index for index in order if index not in found]
        if not left:
            break
        order = left + [index for index in order if index in found]
    return best


def _neighbours(labels: Sequence[Label], index: int, reach: Reach) -> int:
    (x, y), far = labels[index].point, reach.farthest + labels[index].width
    return sum(hypot(other.point[0] - x, other.point[1] - y) < far for other in labels)


def _best(
    label: Label, taken: Sequence[Rectangle], lines: Sequence[tuple[Place, Place]], area: Rectangle, reach: Reach
) -> Rectangle | None:
    best: tuple[float, Rectangle] | None = None
    for away, spot in _spots(label, reach):
        if best is not None and away / reach.step >= best[0]:
            break
        if not spot.is_inside(area) or any(spot.overlaps(other) for other in taken):
            continue
        leader = (label.point, nearest_to(label.point, spot))
        if away > reach.nearest and any(other.meets(*leader) for other in taken if not _holds(other, label.point)):
            continue
        around = spot.grown(reach.clear)
        cost = away / reach.step + THROUGH_A_LINE * sum(around.meets(*line) for line in lines)
        if best is None or cost < best[0]:
            best = cost, spot
    return best and best[1]


def _spots(label: Label, reach: Reach) -> Iterator[tuple[float, Rectangle]]:
    """Places around the point, the nearest first; to the right before all others."""
    x, y = label.point
    away = reach.nearest
    while away <= reach.farthest:
        for number in range(reach.directions):
            turn = (number + 1) // 2 * (-1) ** number * 2 * pi / reach.directions
            across, up = cos(turn), sin(turn)
            # The edge of the name that is turned to the point is so far away, whichever it is.
            left = x + across * away - label.width * (1 - across) / 2
            bottom = y + up * away - label.height * (1 - up) / 2
            yield away, Rectangle(left, bottom, left + label.width, bottom + label.height)
        away += reach.step


def nearest_to(point: Place, rectangle: Rectangle) -> Place:
    """The point of a rectangle that is nearest to another point."""
    x, y = point
    return (
        min(max(x, rectangle.left), rectangle.right),
        min(max(y, rectangle.bottom), rectangle.top),
    )


def _holds(rectangle: Rectangle, point: Place) -> bool:
    return nearest_to(point, rectangle) == point
