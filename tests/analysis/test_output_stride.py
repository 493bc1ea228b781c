"""At an output stride every layer sees what it saw."""

from __future__ import annotations

import pytest

from effnet_inspect.analysis.output_stride import at_output_stride
from effnet_inspect.analysis.taps import stride_of
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network
from tests.graphs import network_of


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
