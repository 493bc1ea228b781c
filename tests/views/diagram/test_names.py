"""Names of any length and script: no figure is wider than its page, and no text wider than its box."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import pytest

from effnet_inspect.choices import FitName
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.figures import figure as figure_of
from effnet_inspect.views.diagram import VIEWS, DiagramOptions, diagram
from tests.geometry import faults
from tests.graphs import graph_of, rename, with_decoder
from tests.views.diagram.test_backbones import twins
from tests.views.diagram.test_decoder import u_net
from tests.views.diagram.test_layers_box import LONG_CLASSES

LONG = "experiments_of_november_with_a_larger_head_and_without_augmentation_repeated_by_somebody_else_"
WIDE = "编码器第四阶段的深度可分离卷积层与归一化层名称"
PICTURES = "🧪🧬🔬" * 12

MODELS = {
    "a network": lambda: graph_of("b0"),
    "a decoder and a branch": with_decoder,
    "a U-Net": u_net,
    "two backbones": twins,
}


def named(graph: LayerGraph, words: str) -> LayerGraph:
    """The graph and all of its layers with `words` in their names."""
    renamed = rename(graph, {layer.name: f"{words}{layer.name}{words}" for layer in graph})
    return replace(renamed, name=f"{words}.keras", target=None)


@pytest.mark.parametrize("fit", ["screen", "column"])
@pytest.mark.parametrize("words", [LONG, WIDE, PICTURES], ids=["long", "wide", "pictures"])
@pytest.mark.parametrize("model", MODELS)
def test_an_architecture_is_as_wide_as_its_page(model: str, words: str, fit: FitName) -> None:
    figure = diagram(Network(named(MODELS[model](), words)), DiagramOptions("architecture", page=PAGES[fit]))
    assert figure.width == PAGES[fit].width
    assert faults(figure) == []


@pytest.mark.parametrize("fit", ["screen", "column"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_as_wide_as_its_page(view: str, fit: FitName) -> None:
    for words in (LONG, WIDE):
        network = Network(named(graph_of("b0"), words))
        figure = diagram(network, DiagramOptions(view, 3 if view == "block" else None, page=PAGES[fit]))  # type: ignore[arg-type]
        assert figure.width == PAGES[fit].width
        assert faults(figure) == []


@pytest.mark.parametrize("fit", ["screen", "column"])
@pytest.mark.parametrize("view", VIEWS)
def test_names_of_classes_are_whole_in_every_view(view: str, fit: FitName) -> None:
    graph = graph_of("b0")
    longer = dict(zip(sorted({layer.class_name for layer in graph}), cycle(LONG_CLASSES), strict=False))
    renamed = [layer._replace(class_name=longer[layer.class_name]) for layer in graph]
    network = Network(replace(graph, layers=tuple(renamed)))
    figure = diagram(network, DiagramOptions(view, 3 if view == "block" else None, page=PAGES[fit]))  # type: ignore[arg-type]
    assert faults(figure) == []
    assert [box.label for box in figure.boxes if "…" in box.label] == []


@pytest.mark.parametrize("fit", PAGES)
def test_a_comparison_is_as_wide_as_its_page(fit: FitName) -> None:
    networks = [Network(named(graph_of("b0"), words)) for words in (LONG, WIDE)]
    figure = figure_of([*networks, Network(graph_of("v2-b0"))], "growth", PAGES[fit])
    assert figure.width == PAGES[fit].width
    assert faults(figure) == []
