"""Which published variant a network is, and what it is but for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from effnet_inspect.anatomy import dissect
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.identity import identify, sentence
from tests.conftest import VARIANTS, anatomy_of, graph_of


@pytest.mark.parametrize("target", VARIANTS)
def test_every_variant_is_itself(target: str) -> None:
    (found,) = identify(anatomy_of(target))
    assert (found.variant.key, found.extent, found.otherwise) == (target, "", ())


def without_a_stem() -> LayerGraph:
    graph = graph_of("b0")
    cut = {layer.name for layer in anatomy_of("b0").stem.layers} - {"input_layer"}
    image = replace(graph["input_layer"], output_shape=(112, 112, 32))
    layers = [
        replace(layer, inputs=tuple("input_layer" if name in cut else name for name in layer.inputs))
        for layer in graph
        if layer.name not in cut and layer.name != "input_layer"
    ]
    return LayerGraph("stemless", (image, *layers), graph.outputs)


def with_another_stem() -> LayerGraph:
    graph = graph_of("b0")
    wide = replace(graph["stem_conv"], kernel=(7, 7))
    return replace(graph, layers=tuple(wide if layer.name == "stem_conv" else layer for layer in graph))


def with_a_hidden_layer() -> LayerGraph:
    graph = graph_of("b0")
    hidden = Layer("hidden", "dense", "Dense", ("top_dropout",), (256,), 327936, 327936, filters=256, use_bias=True)
    last = replace(graph["predictions"], inputs=("hidden",))
    others = [layer for layer in graph if layer.name != "predictions"]
    return replace(graph, layers=(*others, hidden, last))


@pytest.mark.parametrize(
    ("graph", "but"),
    [
        (without_a_stem(), "but for its stem."),
        (with_another_stem(), "but for its stem."),
        (with_a_hidden_layer(), "but for its hidden dense layers."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_what_is_not_as_in_the_table_is_said(graph: LayerGraph, but: str) -> None:
    said = sentence(identify(dissect(graph)))
    assert said.startswith("This is EfficientNet-B0")
    assert said.endswith(but)
