"""What the library hands back, as a notebook asks for it."""

from __future__ import annotations

import re
from typing import Any

import pytest

import effnet_inspect
from effnet_inspect.document import Document
from effnet_inspect.results import Figure, Report
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
