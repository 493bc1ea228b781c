"""Every command's tables in terminals of any width, of models whose names are long or of wide characters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from effnet_inspect.analysis.freezing import Choice
from effnet_inspect.document import Document
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.terminal import render
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import compare
from effnet_inspect.views.cost import cost
from effnet_inspect.views.freeze import freeze
from effnet_inspect.views.results import results
from effnet_inspect.views.sizes import SizesOptions, sizes
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.taps import taps
from tests.graphs import graph_of, with_decoder
from tests.views.diagram.test_names import LONG, WIDE, named

VIEWS: dict[str, Callable[[Network, Network], Document]] = {
    "summary": lambda one, _: summary(one),
    "layers": lambda one, _: summary(one, SummaryOptions("layer", block=2)),
    "found": lambda one, _: summary(one, SummaryOptions(find="op:depthwise")),
    "compare": lambda one, other: compare([one, other]),
    "taps": lambda one, _: taps(one),
    "freeze": lambda one, _: freeze(one, Choice("4b")),
    "sizes": lambda one, _: sizes(one, SizesOptions(((512, 512), (456, 456)))),
    "held": lambda one, _: sizes(one, SizesOptions(((512, 512),), 16)),
    "cost": lambda one, other: cost([one, other]),
}


NARROW: dict[str, Callable[[], Document]] = {
    "cost": lambda: cost([Network(graph_of("b0"))]),
    "freeze": lambda: freeze(Network(graph_of("b0")), Choice("4b")),
    "results": lambda: results([Network(graph_of(key)) for key in ("b0", "b1")]),
    "summary": lambda: summary(Network(graph_of("v2-b0"))),
    "taps": lambda: taps(Network(graph_of("b0"))),
}


@pytest.mark.parametrize("view", NARROW)
def test_half_a_terminal_is_wide_enough_for_names_of_usual_length(view: str) -> None:
    shown = render(NARROW[view]().meant_for("people"), Options(width=40))
    assert max(map(cell_len, shown.split("\n"))) <= 40


@pytest.mark.parametrize("words", [LONG, WIDE], ids=["long", "wide"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_line_is_wider_than_the_terminal(view: str, words: str) -> None:
    networks = [Network(named(graph, words)) for graph in (with_decoder(), graph_of("v2-b0"))]
    document = VIEWS[view](networks[0], networks[1])
    for width in (60, 80, 140):
        shown = render(document.meant_for("people"), Options(width=width))
        assert max(map(cell_len, shown.split("\n"))) <= width
