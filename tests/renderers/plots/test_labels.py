"""Names beside points: on nothing else, in their area, the nearest place first."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effnet_inspect.renderers.plots.labels import Label, Reach, Rectangle, nearest_to, place

AREA = Rectangle(0, 0, 100, 100)
REACH = Reach(3, 40, 2)


@pytest.mark.parametrize(
    ("start", "end", "meets"),
    [
        ((0, 15), (50, 15), True),
        ((0, 0), (50, 5), False),
        ((12, 12), (18, 18), True),
        ((0, 30), (30, 0), True),
        ((0, 45), (45, 0), False),
        ((15, 0), (15, 5), False),
        ((30, 0), (30, 50), False),
    ],
)
def test_a_line_meets_a_rectangle(start: tuple[float, float], end: tuple[float, float], meets: bool) -> None:
    assert Rectangle(10, 10, 20, 20).meets(start, end) is meets
    assert Rectangle(10, 10, 20, 20).meets(end, start) is meets


def test_a_name_stands_to_the_right_where_it_can() -> None:
    (spot,) = place([Label((50, 50), 20, 8)], [Rectangle(48, 48, 52, 52)], [], AREA, REACH)
    assert spot == pytest.approx(Rectangle(53, 46, 73, 54))
    (spot,) = place([Label((95, 50), 20, 8)], [], [], AREA, REACH)
    assert spot is not None
    assert spot.is_inside(AREA)


def test_a_name_keeps_off_lines_and_marks() -> None:
    line = ((0.0, 50.0), (100.0, 50.0))
    (spot,) = place([Label((50, 50), 20, 8)], [Rectangle(48, 48, 52, 52)], [line], AREA, REACH)
    assert spot is not None
    assert not spot.meets(*line)
    assert nearest_to((50, 50), spot)[1] != 50


def test_where_there_is_no_room_there_is_no_name() -> None:
    assert place([Label((50, 50), 200, 8)], [], [], AREA, REACH) == [None]


POINTS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12, unique=True)


@settings(deadline=None, max_examples=60)
@given(POINTS)
def test_no_name_is_on_another_or_on_a_mark(points: list[tuple[int, int]]) -> None:
    marks = [Rectangle(x - 2, y - 2, x + 2, y + 2) for x, y in points]
    area = Rectangle(-60, -20, 360, 320)
    spots = place([Label((x, y), 30, 8) for x, y in points], marks, [], area, REACH)
    placed = [spot for spot in spots if spot]
    assert len(placed) >= len(points) - 1
    assert all(spot.is_inside(area) for spot in placed)
    assert not any(one.overlaps(other) for one, other in combinations(placed, 2))
    assert not any(spot.overlaps(mark) for spot in placed for mark in marks)


def test_a_crowd_finds_room_for_everybody() -> None:
    points = [(50 + dx, 50 + dy) for dx in (-4, 0, 4) for dy in (-4, 0, 4)]
    marks = [Rectangle(x - 1, y - 1, x + 1, y + 1) for x, y in points]
    assert None not in place([Label((x, y), 18, 7) for x, y in points], marks, [], AREA, REACH)
