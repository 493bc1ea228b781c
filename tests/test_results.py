"""What the library hands back, as a notebook asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

import effnet_inspect
from effnet_inspect.document import Document
from effnet_inspect.results import Figure, PlotReport, Report
from effnet_inspect.structure import network as structure
from tests.graphs import graph_of

HOSTILE = "</style><script>alert(1)</script>\u202e"


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (lambda: effnet_inspect.load("b0"), {"text/html", "text/plain"}),
        (lambda: effnet_inspect.summary("b0"), {"text/html", "text/plain"}),
        (lambda: effnet_inspect.compare("b0", "b1"), {"text/html", "text/plain"}),
        (lambda: effnet_inspect.diagram("b0", block=4), {"text/html", "text/plain"}),
        (lambda: effnet_inspect.plot("accuracy"), {"text/html", "text/plain"}),
    ],
)
def test_a_notebook_is_given_what_it_can_show(made: Any, shown: set[str]) -> None:
    bundle = made()._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == shown
    assert all(bundle.values())


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: effnet_inspect.load("b0@333x32"), "<Network 'b0@333x32'>"),
        (lambda: effnet_inspect.load(structure.Network(graph_of("b1"))), "<Network 'b1'>"),
        (lambda: effnet_inspect.summary("b0"), "<Report 'EfficientNet-B0'>"),
        (lambda: effnet_inspect.plot("accuracy"), "<PlotReport 'Accuracy against parameters'>"),
        (lambda: Report(Document(title="a\u202eb")), "<Report 'a\ufffdb'>"),
    ],
)
def test_what_a_shell_shows_names_it(made: Any, said: str) -> None:
    assert repr(made()) == said


def test_a_report_is_printed_as_on_a_terminal() -> None:
    report = effnet_inspect.taps("b0")
    assert str(report) == report.to_text()
    assert str(report).startswith("Where to tap EfficientNet-B0\n224×224×3 input\n")


def test_a_page_shows_itself_in_a_frame() -> None:
    frame = effnet_inspect.page("b0")._repr_html_()
    assert frame.startswith('<iframe srcdoc="')
    assert frame.count("<") == 2  # all of the page is quoted


def test_a_fragment_changes_nothing_around_it() -> None:
    fragment = effnet_inspect.summary("b0").to_fragment()
    style = re.search(r"<style>\n(.*?)\n</style>", fragment, re.DOTALL)
    assert style is not None
    assert all(selector.startswith(".effnet-inspect") for rule in style[1].splitlines()
               for selector in rule.partition(" {")[0].split(", "))  # fmt: skip
    assert "<body" not in fragment
    assert fragment.count("<div") == fragment.count("</div")


def test_texts_stay_texts() -> None:
    fragment = Report(Document(title=HOSTILE)).to_fragment()
    assert "<script" not in fragment
    assert "\u202e" not in fragment


def test_a_network_of_the_structure_keeps_what_was_worked_out() -> None:
    plain = structure.Network(graph_of("b0"))
    anatomy = plain.anatomy
    shown = effnet_inspect.load(plain)
    assert isinstance(shown, effnet_inspect.Network)
    assert shown.anatomy is anatomy
    assert effnet_inspect.load(shown) is shown


def test_a_figure_in_a_page_is_no_wider_than_it_is() -> None:
    figure = effnet_inspect.diagram("b0")
    assert isinstance(figure, Figure)
    assert re.fullmatch(r"<Figure 'EfficientNet-B0', \d+×\d+ pt>", repr(figure))
    assert f"width: {figure.diagram.width:.0f}pt" in figure.to_fragment()


MANY = (
    *(f"b{number}" for number in range(8)),
    "l2",
    "v2-s",
    "v2-m",
    "v2-l",
    "v2-xl",
    "lite0",
    "lite4",
    "es",
    "em",
    "el",
)
TOO_HIGH: dict[str, Callable[[], Figure | PlotReport]] = {
    "a diagram": lambda: effnet_inspect.diagram("b0", view="poster", fit="column"),
    "a comparison": lambda: effnet_inspect.chart("b0", "v2-b0", view="diff", fit="column"),
    "a plot": lambda: effnet_inspect.plot("scaling", *MANY, fit="column"),
}


@pytest.mark.parametrize("make", TOO_HIGH.values(), ids=TOO_HIGH)
def test_what_is_to_be_said_of_a_figure_stands_below_it_and_is_a_warning_when_it_is_saved(
    make: Callable[[], Figure | PlotReport], tmp_path: Path
) -> None:
    figure = make()
    bundle = figure._repr_mimebundle_()
    assert 'fit="' in figure.remark
    assert bundle["text/html"].endswith(f"{escape(figure.remark)}</p>")
    assert bundle["text/plain"].endswith(figure.remark)
    with pytest.warns(UserWarning, match=re.escape(f"figure.svg: {figure.remark}")) as told:
        figure.save(tmp_path / "figure.svg")
    assert [each.filename for each in told] == [__file__]


def test_what_has_no_remark_has_no_caption_and_no_warning(tmp_path: Path) -> None:
    figure = effnet_inspect.diagram("b0", fit="column")
    assert figure.remark == ""
    assert "<p" not in figure.to_fragment()
    figure.save(tmp_path / "figure.svg")
