"""Pages: how wide they are, and how a figure is made to fit one."""

from __future__ import annotations

import pytest

from effnet_inspect.drawing import Caption, Diagram
from effnet_inspect.drawing.page import PAGES, Page, fill, page_for, page_of_width
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
    assert page_for(None, "252pt") == PAGES["column"]
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
        (300, 290, Page(500, 160), 1.0),
    ],
)
def test_type_grows_as_far_as_the_page_allows(height: float, dense_height: float, page: Page, scale: float) -> None:
    def draw(own: Page, dense: bool) -> Diagram:
        return Diagram("d", own.width, dense_height if dense else height, captions=(Caption("a", 9, 9, 7),))

    figure = fill(page, draw)
    assert figure.width == pytest.approx(page.width)
    assert list(figure.text_sizes) == [pytest.approx(7 * scale)]
