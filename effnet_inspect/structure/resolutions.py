"""LayerGraph -> Anatomy where there are no MBConv sub-blocks: a stage for each halving of the resolution."""

from __future__ import annotations

import math

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.graph.operations import ENLARGING
from effnet_inspect.structure.anatomy import Anatomy, Section, section_of

CLASSIFYING: frozenset[OperationName] = frozenset(
    {
        "global_average_pooling",
        "global_max_pooling",
        "flatten",
        "reshape",
        "dropout",
        "batch_normalization",
        "layer_normalization",
        "identity",
        "dense",
        "activation",
    }
)
"""What a classifier consists of."""


def divide_by_resolution(graph: LayerGraph) -> Anatomy:
    """A network without MBConv sub-blocks: a stage for each halving of the resolution, and what is behind the last."""
    levels = _levels(graph)
    stages: dict[tuple[int, bool], list[Layer]] = {}
    last = max((index for index, layer in enumerate(graph) if layer.name in levels), default=-1)
    here = (0, False)
    for layer in graph.layers[: last + 1]:
        here = levels.get(layer.name, here)
        stages.setdefault(here, []).append(layer)
    rest = graph.layers[last + 1 :]
    sections = tuple(
        section
        for number, layers in enumerate(stages.values(), start=1)
        if (section := section_of(graph, "stage", layers, str(number)))
    )
    classifies = all(layer.operation in CLASSIFYING for layer in rest)
    first = graph.layers[0].output_shape
    return Anatomy(
        graph=graph,
        stem=Section("stem", (), first, first),
        blocks=(),
        part=None,
        head=None,
        classifier=section_of(graph, "classifier", rest if classifies else ()),
        before=None,
        after=section_of(graph, "after", () if classifies else rest),
        other_branches=None,
        backbone=1,
        backbones=0,
        resolution_stages=sections,
    )


def _levels(graph: LayerGraph) -> dict[str, tuple[int, bool]]:
    """How often the resolution has been halved at each layer that gives an image, and whether it has been enlarged.

    Zeros around an image are of the level of what takes them, and sizes that a border makes odd are rounded.
    """
    found: dict[str, tuple[int, bool]] = {}
    enlarged: dict[str, bool] = {}
    largest = max((sides[0] or 0 for layer in graph if (sides := _sides(layer))), default=0)
    for layer in graph:
        enlarged[layer.name] = layer.operation in ENLARGING or any(enlarged[name] for name in layer.inputs)
        if sides := _sides(layer):
            level = round(math.log2(largest / sides[0])) if sides[0] and largest else 0
            found[layer.name] = (level, enlarged[layer.name])
    for layer in reversed(graph.layers):
        users = graph.consumers(layer.name)
        if layer.operation == "zero_padding" and users and users[0].name in found:
            found[layer.name] = found[users[0].name]
    return found


def _sides(layer: Layer) -> tuple[int | None, ...] | None:
    """Height and width of an image-like output of more than one position."""
    shape = layer.output_shape
    return shape[:2] if shape and len(shape) == 3 and shape[:2] != (1, 1) else None
