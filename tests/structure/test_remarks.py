"""What is said of what a graph leaves open."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.remarks import remarks_on
from tests.graphs import graph_of, rename, with_layer

STEPS = (
    "Layers that are applied step by step, as to the frames of a film or the windows of a map, count for {}; "
    "shapes are of one."
)
AGAIN = "{} of the 4 layers {} again: {} are distinct, and weights are counted once."
UNKNOWN = "Unknown layers: {}. Where the model does not state the output shape of such a layer, it is unknown."

REMARKS: tuple[tuple[tuple[dict[str, Any], ...], list[str]], ...] = (
    (({}, {}, {}), []),
    (({"steps": 8}, {"steps": 4}, {}), [STEPS.format("all 8 steps")]),
    (({"steps": None}, {}, {}), [STEPS.format("every step")]),
    (({"steps": None}, {"steps": 2}, {}), [STEPS.format("all 2 steps")]),
    (({}, {"shares_weights_with": "layer 0"}, {}), [AGAIN.format(1, "applies another", 3)]),
    (
        ({}, {"shares_weights_with": "layer 0"}, {"shares_weights_with": "layer 0"}),
        [AGAIN.format(2, "apply others", 2)],
    ),
    (({"operation": "opaque", "class_name": "Riddle"}, {}, {}), [UNKNOWN.format("Riddle")]),
    (
        (
            {"operation": "opaque", "class_name": "Riddle", "steps": 3},
            {"operation": "opaque", "class_name": "Enigma"},
            {"operation": "opaque", "class_name": "Riddle", "shares_weights_with": "layer 0"},
        ),
        [AGAIN.format(1, "applies another", 3), STEPS.format("all 3 steps"), UNKNOWN.format("Enigma, Riddle ×2")],
    ),
)
"""Attributes of three layers behind an image, and what is said of them."""


@pytest.mark.parametrize(("attributes", "remarks"), REMARKS)
def test_what_is_said_of_layers(attributes: tuple[dict[str, Any], ...], remarks: list[str]) -> None:
    layers = [Layer("image", "input", "InputLayer")]
    for number, each in enumerate(attributes):
        usual: dict[str, Any] = {"operation": "activation", "class_name": "ReLU"}
        layers.append(Layer(name=f"layer {number}", inputs=(layers[-1].name,), **usual | each))
    assert list(remarks_on(LayerGraph("row", tuple(layers)))) == remarks


def test_names_may_put_the_start_of_a_block_where_the_numbers_of_the_variant_do_not() -> None:
    graph = with_layer(graph_of("b0"), "block4b_dwconv", kernel=(5, 5))
    names = {layer.name: layer.name.replace("block4", "block9") for layer in graph if "block4" in layer.name}
    later = {old: new for old, new in names.items() if not old.startswith("block4a")}
    assert dissect(graph).remarks == ()
    (remark,) = dissect(rename(graph, later)).remarks
    begins = "the layers' names put the start of a block before 4b"
    assert remark == f"Blocks have the numbers that they have in the nearest variant, but {begins}."
    assert dissect(rename(graph, names)).remarks == ()
