"""Graphs with one thing changed: what a check has to notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from tests.graphs import graph_of


class NothingToEdit(Exception):
    """The graph has no layer that the edit is about."""


Edit = Callable[[LayerGraph], LayerGraph]


def changed(pattern: str, **attributes: Any) -> Edit:
    """Give the layers whose whole name matches these attributes; a callable is applied to the present value."""

    def new(layer: Layer) -> Layer:
        if not re.fullmatch(pattern, layer.name):
            return layer
        values = {name: value(getattr(layer, name)) if callable(value) else value for name, value in attributes.items()}
        return layer._replace(**values)

    def edit(graph: LayerGraph) -> LayerGraph:
        _names(graph, pattern)
        return replace(graph, layers=tuple(map(new, graph)))

    return edit


def without(pattern: str) -> Edit:
    """Take the layers out whose whole name matches; what came to them goes to where they led."""

    def edit(graph: LayerGraph) -> LayerGraph:
        gone = _names(graph, pattern)

        def source(name: str) -> str:
            while name in gone:
                name = graph[name].inputs[0]
            return name

        layers = (layer._replace(inputs=tuple(map(source, layer.inputs))) for layer in graph if layer.name not in gone)
        return replace(graph, layers=tuple(layers), outputs=tuple(map(source, graph.outputs)))

    return edit


def before(pattern: str, operation: OperationName, class_name: str) -> Edit:
    """Put a layer of this class in front of every layer whose whole name matches."""

    def edit(graph: LayerGraph) -> LayerGraph:
        names = _names(graph, pattern)
        return replace(graph, layers=tuple(_with_layer_in_front(graph, names, operation, class_name)))

    return edit


def _with_layer_in_front(
    graph: LayerGraph, names: frozenset[str], operation: OperationName, class_name: str
) -> Iterable[Layer]:
    for layer in graph:
        if layer.name in names:
            new = Layer(f"{layer.name}_front", operation, class_name, layer.inputs, graph[layer.inputs[0]].output_shape)
            yield new
            yield layer._replace(inputs=(new.name,))
        else:
            yield layer


def beside(operation: OperationName, class_name: str) -> Edit:
    """Hang a layer on the input that leads nowhere."""
    return lambda graph: replace(
        graph,
        layers=(*graph.layers, Layer("extra", operation, class_name, (graph.layers[0].name,))),
    )


def in_turn(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(graph: LayerGraph) -> LayerGraph:
        for each in edits:
            graph = each(graph)
        return graph

    return edit


def instead(other: str) -> Edit:
    """The network of another target in this one's place."""
    return lambda graph: replace(graph_of(other), target=graph.target)


def _names(graph: LayerGraph, pattern: str) -> frozenset[str]:
    """The layers meant; an edit that would change nothing is a mistake in the test."""
    names = frozenset(layer.name for layer in graph if re.fullmatch(pattern, layer.name))
    if not names:
        raise NothingToEdit(f"no layer of {graph.name} matches {pattern}")
    return names
