"""Pages: how wide they are, and how a figure is made to fit one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.drawing.page import GROWTH, PAGES, Page, fill, page_for, page_of_width, too_high
from effnet_inspect.errors import UsageError


@pytest.mark.parametrize(
    ("text", "points"),
    [("7.16in", 515), ("18 cm", 510), ("180mm", 510), ("500pt", 500), ("830PX", 622), ("3.5in", 252)],
)
def test_a_width_has_a_unit(text: str, points: float) -> None:
    assert page_of_width(text) == Page(points)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("7.16", "no width; write a number and one of in, cm, mm, pt, px"),
        ("wide", "no width"),
        ("-7in", "no width"),
        ("2in", "3.25 to 200 inches wide; 2in is less"),
        ("300in", "300in is more"),
    ],
)
def test_what_is_no_width_is_said(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        page_of_width(text)


def test_a_page_is_named_or_measured_and_else_a_screen() -> None:
    assert page_for("column", None) is PAGES["column"]
    assert page_for(None, "252pt") == Page(PAGES["column"].width)
    assert page_for(None, None) is PAGES["screen"]
    with pytest.raises(UsageError, match="choose one"):
        page_for("column", "7in")


@pytest.mark.parametrize(
    ("height", "dense_height", "page", "scale"),
    [
        (100, 100, Page(500), 1.0),
        (100, 100, Page(500, 160), 1.6),
        (100, 100, Page(500, 1000), 2.0),  # the narrowest page ends it
        (170, 150, Page(500, 160), 1.0),
        (170, 165, Page(500, 160), 0.93),
        (300, 290, Page(500, 160), 0.93),  # too high even so
        (170, 100, Page(500, 160), 1.6),
        (100, 100, Page(500, limit=160), 1.0),
        (170, 150, Page(500, limit=160), 1.0),
        (170, 165, Page(500, limit=160), 0.93),
    ],
)
def test_type_grows_as_far_as_the_page_allows(height: float, dense_height: float, page: Page, scale: float) -> None:
    def draw(own: Page, dense: bool) -> Diagram:
        return Diagram("d", own.width, dense_height if dense else height, captions=(Caption("a", 9, 9, 7),))

    figure = fill(page, draw)
    assert figure.width == pytest.approx(page.width)
    assert list(figure.text_sizes) == [pytest.approx(7 * scale)]


def test_a_dense_figure_does_not_grow_at_the_cost_of_what_it_shows() -> None:
    def draw(own: Page, dense: bool) -> Diagram:
        boxes = [Box(str(number), 0, 0, 9, 9, "plain") for number in range(2 if own.width < 400 else 3)]
        return Diagram("d", own.width, 90 if dense else 999, tuple(boxes), captions=(Caption("a", 9, 9, 7),))

    figure = fill(Page(500, 160), draw)
    assert len(figure.boxes) == 3
    assert list(figure.text_sizes) == [pytest.approx(7 * 1.2)]


class Counted:
    """Draws sheets whose height depends on their width, usual and dense, and counts them."""

    def __init__(self, height: Callable[[float], float], dense: Callable[[float], float]) -> None:
        self.height, self.dense = height, dense
        self.drawn = 0

    def __call__(self, page: Page, dense: bool) -> Diagram:
        self.drawn += 1
        height = (self.dense if dense else self.height)(page.width)
        return Diagram("d", page.width, height, captions=(Caption("a", 9, 9, 7),))


@pytest.mark.parametrize("page", [PAGES["slide"], PAGES["a3"], PAGES["column"], Page(960, 200), Page(2000, 9000)])
@pytest.mark.parametrize("ground", [20_000, 100_000, 300_000, 900_000, 90_000_000])
def test_few_figures_are_drawn_in_search_of_the_largest_type(ground: float, page: Page) -> None:
    draw = Counted(lambda width: ground / width, lambda width: 0.8 * ground / width)
    figure = fill(page, draw)
    assert draw.drawn <= 6
    possible = [growth for growth in GROWTH if page.height and page.width / growth >= 234]
    fitting = [growth for growth in possible if growth * growth * ground / page.width <= (page.height or 0)]
    if fitting:
        assert draw.drawn <= 5
        assert list(figure.text_sizes) == [pytest.approx(7 * fitting[0])]


def as_high_as(heights: dict[str, float], otherwise: float) -> Counted:
    named = {PAGES[name].width: height for name, height in heights.items()}  # type: ignore[index]
    return Counted(lambda width: named.get(width, otherwise), lambda width: named.get(round(width * 0.93), otherwise))


@pytest.mark.parametrize(
    ("fit", "heights", "otherwise", "sentence", "most"),
    [
        ("slide", {"slide": 540}, 9000, "", 1),
        ("screen", {}, 9000, "", 1),
        ("slide", {"slide": 700, "a3": 1000}, 2000, 'inches high, and its page 7.5: fit="a3" has room for it.', 7),
        ("column", {"a4": 700, "a3": 700, "two-columns": 900}, 1500, 'fit="a4" has room for it.', 5),
        ("a4", {}, 7200, "93 inches high, and its page 10.6: no page has room for it; do this.", 2),
    ],
)
def test_what_is_higher_than_its_page_is_said_with_the_smallest_page_that_has_room(
    fit: FitName, heights: dict[str, float], otherwise: float, sentence: str, most: int
) -> None:
    draw = as_high_as(heights, otherwise)
    figure = fill(PAGES[fit], draw)
    remark = too_high(figure, PAGES[fit], draw, "do this")
    assert remark.startswith("The figure is ") if sentence else not remark
    assert remark.endswith(sentence)
    # A page that a figure cannot fit by its ground alone is not tried.
    assert draw.drawn <= most + 4 * (sentence == "" and PAGES[fit].height is not None)
