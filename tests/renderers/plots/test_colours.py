"""Colours of series: seen on the paper, told from each other, and their own in every theme."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

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
    assert len(set(strokes("light", most))) == most
    assert [each.dashes for each in strokes("light", len(SERIES["light"]))] == [()] * len(SERIES["light"])
