"""Colours of series: seen on the paper, told from each other, and their own in every theme."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

from effnet_inspect.plotting import Layers
from effnet_inspect.renderers.palette import THEMES, Ground, dark_counterparts
from effnet_inspect.renderers.plots.colours import DASHES, SERIES, strokes
from tests.renderers.test_image import contrast, lightness_and_hue


@pytest.mark.parametrize("ground", SERIES)
@pytest.mark.parametrize("deuteranopic", [False, True])
def test_they_are_seen_and_told_apart(ground: Ground, deuteranopic: bool) -> None:
    for colour in SERIES[ground]:
        assert contrast(colour, THEMES[ground].paper) >= 3, colour
    for one, other in combinations(SERIES[ground], 2):
        assert dist(*(lightness_and_hue(colour, deuteranopic) for colour in (one, other))) >= 20, (one, other)


def test_a_light_one_turns_into_one_dark_one() -> None:
    assert len(SERIES["light"]) == len(SERIES["dark"]) == len(set(SERIES["light"]))
    assert not set(SERIES["light"]) & set(dark_counterparts())


def test_as_many_as_there_are_look_different() -> None:
    most = len(SERIES["light"]) * len(DASHES)
    assert len(set(strokes("light", [Layers()] * most))) == most
    colours = len(SERIES["light"])
    assert [each.dashes for each in strokes("light", [Layers()] * colours)] == [()] * colours


@pytest.mark.parametrize("number", [2, 3, 4])
def test_lines_upon_each_other_differ_without_their_colours(number: int) -> None:
    found = strokes("light", [Layers(at, number - 1 - at) for at in range(number)])
    assert len({stroke.dashes for stroke in found}) == number
    widths = [stroke.width for stroke in found]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > widths[-1] == strokes("light", [Layers()])[0].width


def test_a_colour_that_comes_again_is_told_from_a_line_upon_another() -> None:
    colours = len(SERIES["light"])
    found = strokes("light", [*[Layers(0, 1)] * colours, *[Layers(1, 0)] * colours])
    assert len(set(found)) == 2 * colours
