"""Axes: their ends, their round values, and where values lie on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.plotting import (
    Axis,
    Layers,
    Panel,
    Plot,
    Point,
    Series,
    layers_of,
    limits,
    position,
    ticks,
    with_equal_joined,
)

LINEAR, LOG = Axis("x", "quantity"), Axis("x", "quantity", log=True)


@pytest.mark.parametrize(
    ("axis", "ends", "most", "expected"),
    [
        (LINEAR, (0, 1.35e6), 8, "0, 200 k, 400 k, 600 k, 800 k, 1 M, 1.2 M"),
        (LINEAR, (0, 1.35e6), 3, "0, 500 k, 1 M"),
        (LOG, (3e6, 7e8), 8, "5 M, 10 M, 20 M, 50 M, 100 M, 200 M, 500 M"),
        (LOG, (4e6, 7e8), 5, "10 M, 30 M, 100 M, 300 M"),
        (LOG, (3e6, 7e8), 3, "10 M, 100 M"),
        (Axis("x", "share"), (0.755, 0.862), 6, "76%, 78%, 80%, 82%, 84%, 86%"),
        (Axis("x", "bytes"), (0, 52e6), 4, "0 B, 20 MB, 40 MB"),
        (Axis("x", "count"), (216, 616), 5, "300, 400, 500, 600"),
        (Axis("x", "count", log=True), (2, 1500), 9, "2, 5, 10, 20, 50, 100, 200, 500, 1,000"),
        (Axis("x", marks=((0, "Stem"), (2.5, "1"))), (0, 3), 1, "Stem, 1"),
    ],
)
def test_round_values(axis: Axis, ends: tuple[float, float], most: int, expected: str) -> None:
    assert ", ".join(text for _, text in ticks(axis, ends, most)) == expected


VALUES = st.lists(st.floats(1e-3, 1e12), min_size=1, max_size=9)
AXES = st.builds(Axis, st.just("x"), st.sampled_from(["count", "quantity"]), st.booleans(), st.booleans())


@given(AXES, VALUES, st.integers(2, 12))
def test_all_values_lie_on_the_axis_and_ticks_are_few_and_in_order(axis: Axis, values: list[float], most: int) -> None:
    ends = limits(axis, values)
    assert ends[0] < ends[1]
    assert all(-1e-9 <= position(axis, ends, value) <= 1 + 1e-9 for value in values)
    found = [value for value, _ in ticks(axis, ends, most)]
    assert found == sorted(set(found))
    assert len(found) <= most or axis.log
    assert all(-1e-6 < position(axis, ends, value) < 1 + 1e-6 for value in found)


def test_every_title_is_named_once() -> None:
    series = tuple(Series(title, (Point(0, 1),)) for title in ("b", "a"))
    panel = Panel("p", LINEAR, LINEAR, series)
    assert Plot("t", (panel, panel)).series == ("b", "a")


def panel_of(*series: Series, log: bool = False) -> Panel:
    return Panel("", Axis("x"), Axis("y", log=log), series)


def steps(title: str, *values: float) -> Series:
    return Series(title, tuple(Point(at, value) for at, value in enumerate(values)), "steps")


def test_what_is_equal_in_one_panel_alone_stays_apart() -> None:
    one, other = steps("one", 1, 2), steps("other", 1, 2)
    both = [panel_of(one, other), panel_of(one, other)]
    assert [[each.title for each in panel.series] for panel in with_equal_joined(both)] == [["one = other"]] * 2
    differing = [both[0], panel_of(one, steps("other", 1, 3))]
    assert with_equal_joined(differing) == tuple(differing)
    missing = [both[0], panel_of(one)]
    assert with_equal_joined(missing) == tuple(missing)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([(9, 8, 7, 6), (9, 8, 7, 6)], [(0, 1), (1, 0)]),
        ([(9, 8, 7, 6), (9, 8.01, 1, 2)], [(0, 1), (1, 0)]),
        ([(9, 8, 7, 6), (8, 7, 6, 5)], [(0, 0), (0, 0)]),
        # Values far below the largest lie on one line, and are not nearly equal.
        ([(1, 2, 3, 900), (2, 4, 6, 800)], [(0, 0), (0, 0)]),
        ([(9, 8, 7, 6), (9, 8, 7, 6), (9, 8, 7, 6)], [(0, 2), (1, 1), (2, 0)]),
        ([(9, 8, 7, 6), (1, 1, 1, 1), (9, 8, 7, 6)], [(0, 1), (0, 0), (1, 0)]),
    ],
)
@pytest.mark.parametrize("log", [False, True])
def test_layers_are_of_lines_that_hide_each_other(
    values: list[tuple[float, ...]], expected: list[tuple[int, int]], log: bool
) -> None:
    series = [steps(str(at), *each) for at, each in enumerate(values)]
    found = layers_of([panel_of(*series, log=log)])
    assert list(found.values()) == [Layers(*each) for each in expected]
