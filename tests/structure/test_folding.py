"""Folded normalisation: found by its biases, and counted as before."""

from __future__ import annotations

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.folding import folded_into, lost_by_folding
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary import summary
from tests.graphs import graph_of, network_of


def folded(target: str) -> Network:
    """A variant's graph with every batch normalisation folded into the convolution before it."""
    graph = graph_of(target)
    gone = {layer.name: layer.inputs[0] for layer in graph if layer.operation == "batch_normalization"}
    into = {graph[name].name for name in gone.values()}

    def changed(layer: Layer) -> Layer:
        layer = layer._replace(inputs=tuple(gone.get(name, name) for name in layer.inputs))
        if layer.name not in into:
            return layer
        counted = (layer.parameters or 0) + (layer.filters or 0)
        return layer._replace(use_bias=True, parameters=counted, trainable_parameters=counted)

    layers = tuple(changed(layer) for layer in graph if layer.name not in gone)
    return Network(LayerGraph("folded", layers, tuple(gone.get(name, name) for name in graph.outputs)))


@pytest.mark.parametrize(("target", "convolutions"), [("b0", 49), ("v2-b0", 59)])
def test_the_parameters_before_folding_are_those_of_the_variant(target: str, convolutions: int) -> None:
    network, whole = folded(target), network_of(target)
    layers = folded_into(network.anatomy)
    # Keras' own normalisation of the input, of B0, is no batch normalisation.
    assert len(layers) == convolutions
    assert network.totals["parameters"] + lost_by_folding(layers) == whole.totals["parameters"]
    (note,) = [note for note in summary(network).notes if "folded" in note]
    assert note == (
        f"Batch normalisation is folded into {convolutions} convolutions; "
        f"counted as layers of its own, the network has {whole.totals['parameters']:,} parameters."
    )


def test_a_network_that_normalises_has_nothing_folded() -> None:
    assert folded_into(network_of("b0").anatomy) == ()
    assert not [note for note in summary(network_of("b0")).notes if "folded" in note]
