"""The published variants' graphs, built once for the whole run when a test first asks for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from effnet_inspect.catalog.targets import VariantTarget, parse_target
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.sources import load, load_all, shipped
from effnet_inspect.structure.anatomy import Anatomy
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network

VARIANTS = ("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7")
MANY = (*VARIANTS, "v2-b0", "v2-b1", "v2-b2", "v2-b3", "v2-s", "v2-m", "v2-l", "lite0")
"""What most tests are about: where this Keras would build others than come along, all are built in one process."""

CACHE = "EFFNET_INSPECT_CACHE"
"""The variable that names the folder of built graphs."""


def variant_target(text: str) -> VariantTarget:
    """The target that names a variant."""
    target = parse_target(text)
    assert isinstance(target, VariantTarget)
    return target


@cache
def graph_of(target: str) -> LayerGraph:
    """The graph of a target."""
    if target in MANY and shipped.get(variant_target(target)) is None:
        load_all(MANY)
    return load(target)


@cache
def network_of(target: str) -> Network:
    """The network of a target."""
    return Network(graph_of(target))


def anatomy_of(target: str) -> Anatomy:
    """Its anatomy."""
    return network_of(target).anatomy


def measures_of(target: str) -> Measures:
    """Its measures."""
    return network_of(target).measures


def rename(graph: LayerGraph, new_names: dict[str, str]) -> LayerGraph:
    """The same graph with other layer names; names that `new_names` lacks stay."""

    def new(name: str) -> str:
        return new_names.get(name, name)

    return replace(
        graph,
        outputs=tuple(map(new, graph.outputs)),
        layers=tuple(
            layer._replace(
                name=new(layer.name),
                inputs=tuple(map(new, layer.inputs)),
                shares_weights_with=layer.shares_weights_with and new(layer.shares_weights_with),
            )
            for layer in graph
        ),
    )


def models_of(networks: Iterable[Network]) -> dict[str, Network]:
    """Networks by the target each was asked for by."""
    return {network.key: network for network in networks}


def with_layer(graph: LayerGraph, layer_name: str, **attributes: Any) -> LayerGraph:
    """The graph with other attributes of one layer."""
    assert layer_name in graph
    layers = tuple(layer._replace(**attributes) if layer.name == layer_name else layer for layer in graph)
    return replace(graph, layers=layers)


def without_layers(graph: LayerGraph, names: Collection[str]) -> LayerGraph:
    """The graph without some layers; what took their output takes their first input."""

    def source(name: str) -> str:
        while name in names:
            name = graph[name].inputs[0]
        return name

    return replace(
        graph,
        layers=tuple(
            layer._replace(inputs=tuple(map(source, layer.inputs))) for layer in graph if layer.name not in names
        ),
        outputs=tuple(map(source, graph.outputs)),
    )


def without_stem() -> LayerGraph:
    """B0 given what the stem would give, as an input."""
    graph = graph_of("b0")
    entry = next(layer for layer in graph if layer.name == "block1a_dwconv").inputs[0]
    stem = {entry, *graph.ancestors([entry])}
    start = Layer(entry, "input", "InputLayer", output_shape=graph[entry].output_shape)
    return LayerGraph("B0 without its stem", (start, *(layer for layer in graph if layer.name not in stem)))


def extractor(*names: str) -> LayerGraph:
    """B0 that gives some of its layers, and ends with the last of them."""
    graph = graph_of("b0")
    kept = {*names, *graph.ancestors(names)}
    return LayerGraph("features", tuple(layer for layer in graph if layer.name in kept), names)


def with_decoder() -> LayerGraph:
    """B0 without head, a decoder that taps its blocks, and a branch that leads nowhere near."""
    graph = graph_of("b0")
    taps = ("block6a_expand_activation", "block4a_expand_activation", "block3a_expand_activation")
    head = graph.descendants(["block7a_project_bn"])
    layers = [layer for layer in graph if layer.name not in head]
    last, side = "block7a_project_bn", 7
    for index, tap in enumerate(taps):
        side *= 2
        wide = graph[tap].channels or 0
        up, joined, mixed = f"up_{index}", f"joined_{index}", f"mixed_{index}"
        channels = next(layer for layer in layers if layer.name == last).channels or 0
        layers += [
            Layer(up, "upsampling", "UpSampling2D", (last,), (side, side, channels), stride=(2, 2)),
            Layer(joined, "concatenate", "Concatenate", (up, tap), (side, side, channels + wide)),
            Layer(mixed, "convolution", "Conv2D", (joined,), (side, side, 64), 9 * 64 * (channels + wide),
                  kernel=(3, 3), stride=(1, 1), filters=64, groups=1),
        ]  # fmt: skip
        last = mixed
    layers += [
        Layer("metadata", "input", "InputLayer", output_shape=(8,)),
        Layer("scaled", "rescaling", "Rescaling", ("metadata",), (8,)),
    ]
    return LayerGraph("B0 with a decoder", tuple(layers))
