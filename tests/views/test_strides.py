"""A block strides wherever one of its sub-blocks does: every view says so of the block."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.diagram import DiagramOptions, diagram
from effnet_inspect.views.page.tree import tree_of
from effnet_inspect.views.summary import summary
from tests.graphs import graph_of, network_of, with_layer


def later() -> Network:
    """B0 whose block 4 strides in its second sub-block."""
    graph = with_layer(graph_of("b0"), "block4a_dwconv", stride=(1, 1))
    return Network(with_layer(graph, "block4b_dwconv", stride=(2, 2)))


def in_a_figure(view: str) -> Callable[[Network], object]:
    def captions(network: Network) -> object:
        figure = diagram(network, DiagramOptions(view))  # type: ignore[arg-type]
        return sorted(caption.text for caption in figure.captions if "stride" in caption.text)

    return captions


def in_tooltips(network: Network) -> object:
    tips = (frame.tooltip.splitlines() for frame in diagram(network, DiagramOptions("layers")).frames if frame.tooltip)
    return [lines[1] for lines in tips if lines[0] == "Block 4"]


SAID: dict[str, Callable[[Network], object]] = {
    "architecture": in_a_figure("architecture"),
    "layers": in_a_figure("layers"),
    "tooltips": in_tooltips,
    "page": lambda network: [
        part.cells[0].note for part in tree_of([network]).parts if part.kind == "stage" and part.cells[0]
    ],
    "compare": lambda network: compare([network], CompareOptions(("stride",))).data["aspects"]["stride"],
    "summary": lambda network: [row.values[6] for row in summary(network).tables[0].rows if row.values[2] != "Total"],
}


@pytest.mark.parametrize("view", SAID)
def test_it_is_the_blocks_stride_that_is_said(view: str) -> None:
    moved, published = later(), network_of("b0")
    assert moved.anatomy.blocks[3].first.stride == (1, 1)
    said = SAID[view](published)
    assert SAID[view](moved) == said
    assert said
