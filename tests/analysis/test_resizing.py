"""Graphs at another size are what is built at that size; at an output stride every layer sees what it saw."""

from __future__ import annotations

from functools import cache

import pytest

from effnet_inspect.analysis.resizing import at_output_stride, at_size
from effnet_inspect.analysis.taps import stride_of
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources import load_all
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network
from tests.graphs import graph_of, network_of

BUILT = ("b0", "b3", "b5", "v2-s", "lite0", "es", "ResNet50", "MobileNetV2", "NASNetMobile", "Xception")
AT = ("225x300", "331")


@cache
def built() -> dict[str, LayerGraph]:
    """Networks at their own size and at others, made in one process."""
    targets = [f"{name}{at}" for name in BUILT for at in ("", *(f"@{size}" for size in AT))]
    return dict(zip(targets, load_all(targets), strict=True))


@pytest.mark.parametrize("size", AT)
@pytest.mark.parametrize("name", BUILT)
def test_it_is_what_is_built_at_that_size(name: str, size: str) -> None:
    there = built()[f"{name}@{size}"]
    height, _, width = size.partition("x")
    here = at_size(built()[name], (int(height), int(width or height)))
    assert [(layer.name, layer.output_shape, layer.margins) for layer in here] == [
        (layer.name, layer.output_shape, layer.margins) for layer in there
    ]


def test_its_own_size_changes_nothing() -> None:
    assert at_size(graph_of("b0"), (224, 224)) == graph_of("b0")


def test_a_model_of_open_size_keeps_its_padding() -> None:
    graph = graph_of("b0")
    shapes = [at_size(graph, (75, 75), rebuilt=rebuilt)["stem_bn"].output_shape for rebuilt in (True, False)]
    assert shapes == [(38, 38, 32), (37, 37, 32)]


@pytest.mark.parametrize("stride", [16, 8, 4])
@pytest.mark.parametrize("target", ["b0", "b0@448", "v2-b0"])
def test_what_is_dilated_sees_what_it_saw(target: str, stride: int) -> None:
    network = network_of(target)
    apart = {layer.name: stride_of(network, layer) for layer in network.graph}
    held = Network(at_output_stride(network.graph, apart, stride))
    for layer in network.graph:
        assert held.measures.of(held.graph[layer.name], "receptive_field") == network.measures.of(
            layer, "receptive_field"
        ), layer.name
    resolution = network.resolution or 0
    assert held.graph["top_activation"].output_shape == (resolution // stride, resolution // stride, 1280)
    assert held.totals["parameters"] == network.totals["parameters"]
    assert held.totals["macs"] > network.totals["macs"]


def test_an_output_stride_that_is_not_exceeded_changes_nothing() -> None:
    network = network_of("b0")
    apart = {layer.name: stride_of(network, layer) for layer in network.graph}
    assert at_output_stride(network.graph, apart, 32) == network.graph
    assert Measures(network.graph).totals()["macs"] == 385_814_752
