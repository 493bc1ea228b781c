"""Lines as they are painted: corners as quarter circles, arrows with room for their heads. Knows no file format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from effnet_inspect.drawing import Point

CURVE = 0.5523
"""How far the control points of a quarter circle lie, as a part of its radius."""


def rounded(points: Sequence[Point], radius: float) -> Iterable[Point]:
    """A polyline as a chain of cubic Bézier segments, every corner a quarter circle where there is room.

    The first point, then three for every segment: two control points and its end.

    >>> list(rounded(((0, 0), (9, 0)), 5))
    [(0, 0), (3.0, 0.0), (6.0, 0.0), (9, 0)]
    """
    here = points[0]
    yield here
    for index in range(1, len(points)):
        corner = points[index]
        if index == len(points) - 1:
            yield from _straight(here, corner)
            return
        after = points[index + 1]
        room = min(radius, distance(points[index - 1], corner) / 2, distance(corner, after) / 2)
        begin, end = towards(corner, points[index - 1], room), towards(corner, after, room)
        yield from _straight(here, begin)
        yield towards(begin, corner, room * CURVE)
        yield towards(end, corner, room * CURVE)
        yield end
        here = end


def _straight(start: Point, end: Point) -> Iterable[Point]:
    length = distance(start, end)
    yield towards(start, end, length / 3)
    yield towards(end, start, length / 3)
    yield end


def distance(start: Point, end: Point) -> float:
    """How far it is from one point to another."""
    return float(((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5)


def towards(start: Point, end: Point, length: float) -> Point:
    """The point so far from `start` in the direction of `end`.

    >>> towards((0, 0), (0, 10), 4)
    (0.0, 4.0)
    """
    whole = distance(start, end)
    part = length / whole if whole else 0.0
    return (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
