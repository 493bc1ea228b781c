"""Models that hold several EfficientNets: each is drawn under its name, and what is around them."""

from __future__ import annotations

import pytest

from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram import DiagramOptions, diagram
from tests.geometry import faults
from tests.graphs import anatomy_of, graph_of, rename

SIDES = {"left": "b0", "right": "b2"}


def twins(*, shared_input: bool = False) -> LayerGraph:
    """Two backbones, and a layer that takes what both give; they may have one input and its preparation."""
    layers: list[Layer] = []
    if shared_input:
        layers += [
            Layer("image", "input", "InputLayer", output_shape=(224, 224, 3)),
            Layer("noise", "augmentation", "GaussianNoise", ("image",), (224, 224, 3)),
        ]
    for side, target in SIDES.items():
        graph = graph_of("b0" if shared_input else target)
        renamed = rename(graph, {layer.name: f"{side}/{layer.name}" for layer in graph})
        cut = [layer for layer in renamed if layer.name.split("/")[1] not in ("top_dropout", "predictions")]
        if shared_input:
            first, second, *rest = cut
            assert first.operation == "input"
            cut = [Layer(second.name, second.operation, second.class_name, ("noise",), second.output_shape), *rest]
        layers += cut
    ends = tuple(f"{side}/avg_pool" for side in SIDES)
    layers += [
        Layer("both", "concatenate", "Concatenate", ends, (2688,)),
        Layer("verdict", "dense", "Dense", ("both",), (5,), 5 * 2689, filters=5),
    ]
    return LayerGraph("twins", tuple(layers))


def drawn(graph: LayerGraph, backbone: int | None = None, fit: FitName = "screen") -> Diagram:
    return diagram(Network(graph, backbone), DiagramOptions("architecture", page=PAGES[fit]))


def test_each_is_drawn_and_named() -> None:
    figure = drawn(twins())
    titles = [caption.text for caption in figure.captions if caption.text.startswith("Backbone")]
    assert titles == ["Backbone 1: EfficientNet-B0", "Backbone 2: EfficientNet-B2"]
    keys = {box.key for box in figure.boxes}
    for number, target in enumerate(SIDES.values(), start=1):
        assert {f"{number} {block.first.name}" for block in anatomy_of(target).blocks} <= keys
    assert [frame.label for frame in figure.frames if frame.key.startswith("2 ")].count("×2") == 2


def test_what_joins_them_has_an_arrow_from_each_and_its_output() -> None:
    figure = drawn(twins())
    (around,) = [box for box in figure.boxes if box.key == "around"]
    assert "output verdict 5" in around.note
    assert {path.tail for path in figure.paths if path.head == "around"} == {"1 head", "2 head"}


def test_one_that_is_chosen_is_drawn_alone() -> None:
    figure = drawn(twins(), backbone=2)
    assert not [caption.text for caption in figure.captions if caption.text.startswith("Backbone")]
    assert "7b" in {box.key for box in figure.boxes}


def test_what_leads_to_both_is_drawn_with_each() -> None:
    figure = drawn(twins(shared_input=True))
    assert {"1 before", "2 before"} <= {box.key for box in figure.boxes}
    assert faults(figure) == []


@pytest.mark.parametrize("fit", PAGES)
def test_nothing_overlaps(fit: FitName) -> None:
    figure = drawn(twins(), fit=fit)
    assert faults(figure) == []
    assert min(figure.text_sizes) >= 6


def test_what_takes_nothing_of_a_backbone_has_no_arrow_from_it() -> None:
    layers = [layer._replace(inputs=layer.inputs[:1]) if layer.name == "both" else layer for layer in twins()]
    figure = drawn(LayerGraph("twins", tuple(layer for layer in layers if layer.name != "right/avg_pool")))
    assert faults(figure) == []
    (left,) = [caption.text for caption in figure.captions if caption.text.endswith(": EfficientNet-B0")]
    number = left.removeprefix("Backbone ").partition(":")[0]
    assert {path.tail for path in figure.paths if path.head == "around"} == {f"{number} head"}
