"""Networks without MBConv sub-blocks, divided where their resolution changes."""

from __future__ import annotations

import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.resolutions import divide_by_resolution

Row = tuple[tuple[str, OperationName, int | None], ...]


def laid_out(row: Row) -> LayerGraph:
    """Layers one after the other, each with its operation and the side of what it gives; 0 is no image."""
    layers: list[Layer] = []
    for name, operation, side in row:
        shape = (8,) if side == 0 else (side, side, 8)
        layers.append(Layer(name, operation, "X", (layers[-1].name,) if layers else (), shape))
    return LayerGraph("row", tuple(layers))


DIVIDED: dict[str, tuple[Row, dict[str, str]]] = {
    "halved": (
        (("image", "input", 64), ("a", "convolution", 64), ("b", "convolution", 32), ("c", "convolution", 16)),
        {"Stage 1": "image a", "Stage 2": "b", "Stage 3": "c"},
    ),
    "odd sides": (
        (("image", "input", 64), ("a", "convolution", 31), ("b", "convolution", 33), ("c", "convolution", 15)),
        {"Stage 1": "image", "Stage 2": "a b", "Stage 3": "c"},
    ),
    "zeros around an image": (
        (("image", "input", 64), ("zeros", "zero_padding", 67), ("a", "convolution", 32), ("b", "convolution", 32)),
        {"Stage 1": "image", "Stage 2": "zeros a b"},
    ),
    "enlarged again": (
        (
            *(("image", "input", 64), ("a", "convolution", 32), ("b", "convolution", 16)),
            *(("up", "upsampling", 32), ("c", "convolution", 32)),
        ),
        {"Stage 1": "image", "Stage 2": "a", "Stage 3": "b", "Stage 4": "up c"},
    ),
    "a classifier": (
        (
            *(("image", "input", 64), ("a", "convolution", 32), ("pool", "global_average_pooling", 0)),
            *(("drop", "dropout", 0), ("dense", "dense", 0), ("softmax", "activation", 0)),
        ),
        {"Stage 1": "image", "Stage 2": "a", "Classifier": "pool drop dense softmax"},
    ),
    "a classifier on one position": (
        (("image", "input", 64), ("a", "convolution", 32), ("pool", "global_average_pooling", 1), ("d", "dense", 1)),
        {"Stage 1": "image", "Stage 2": "a", "Classifier": "pool d"},
    ),
    "what is no classifier": (
        (("image", "input", 64), ("a", "convolution", 32), ("pool", "global_average_pooling", 0), ("b", "opaque", 0)),
        {"Stage 1": "image", "Stage 2": "a", "Layers after": "pool b"},
    ),
    "a vector between images": (
        (("image", "input", 64), ("flat", "flatten", 0), ("square", "reshape", 32), ("a", "convolution", 32)),
        {"Stage 1": "image flat", "Stage 2": "square a"},
    ),
    "sizes left open": (
        (("image", "input", None), ("a", "convolution", None), ("pool", "global_average_pooling", 0)),
        {"Stage 1": "image a", "Classifier": "pool"},
    ),
    "no image": ((("numbers", "input", 0), ("dense", "dense", 0)), {"Layers after": "numbers dense"}),
}


@pytest.mark.parametrize("name", DIVIDED)
def test_a_stage_is_what_has_one_resolution(name: str) -> None:
    row, stages = DIVIDED[name]
    graph = laid_out(row)
    anatomy = divide_by_resolution(graph)
    found = {stage.title: " ".join(layer.name for layer in stage.layers) for stage in anatomy.stages}
    assert found == stages
    assert [(stage.name, stage.of) for stage in anatomy.resolution_stages] == [
        ("stage", str(number)) for number, title in enumerate(stages, start=1) if title.startswith("Stage")
    ]
    assert anatomy.input_shape == graph.layers[0].output_shape
    assert (anatomy.backbone, anatomy.backbones, anatomy.stem.layers, anatomy.blocks) == (1, 0, (), ())
    assert anatomy.stem.output_shape == graph.layers[0].output_shape
