"""A graph at another size of its input: shapes recomputed by the rules of operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from effnet_inspect.graph import JOINING_MAPS, Layer, LayerGraph, Pair, Shape, are_equal, maps_of
from effnet_inspect.graph.operations import OPERATIONS

Margins = tuple[Pair, Pair]

STATED = frozenset(
    layer_operation
    for layer_operation, row in OPERATIONS.items()
    if row.output_shape(Layer("x", layer_operation, "X", output_shape=(1, 2, 3)), ()) == (1, 2, 3)
)
"""The operations whose output shape is that which their source states, or may be."""


def at_size(graph: LayerGraph, size: Pair, *, rebuilt: bool = True) -> LayerGraph:
    """The graph with images of another height and width, in pixels.

    Args:
        graph: any graph; inputs that are not like images stay as they are.
        size: height and width.
        rebuilt: whether the padding that Keras' builders choose by the parity of a size is chosen anew, as they do;
            otherwise it stays, as in a model whose input is open.
    """

    def resized(layer: Layer) -> Shape | None:
        # Films have their frames before height and width.
        shape = layer.output_shape
        return (*shape[:-3], *size, shape[-1]) if shape and len(shape) in (3, 4) else shape

    windows = dict(parity_windows(graph)) if rebuilt else {}
    images = {layer.name: resized(layer) for layer in graph if layer.is_model_input}
    return recomputed(graph, images, lambda layer, shapes: _with_parity(layer, shapes, windows.get(layer.name)))


def recomputed(
    graph: LayerGraph,
    inputs: Mapping[str, Shape | None],
    changed: Callable[[Layer, tuple[Shape | None, ...]], Layer] = lambda layer, shapes: layer,
) -> LayerGraph:
    """The graph with the shapes that follow from those of its inputs.

    What an operation does not tell of its output is kept where its inputs are as they were, and unknown elsewhere; so
    are the multiplications that a source has counted, and what joins maps of unequal sides.

    Args:
        graph: any graph.
        inputs: the shapes of its inputs by name.
        changed: what becomes of a layer, from it and its input shapes.
    """
    shapes: dict[str, Shape | None] = {}
    layers = []
    for layer in graph:
        given = tuple(_of_a_step(layer, shapes[name]) for name in layer.inputs)
        before = tuple(_of_a_step(layer, each.output_shape) for each in graph.producers(layer))
        new = changed(layer, given)
        if layer.name in inputs:
            shape = inputs[layer.name]
        elif given == before and new == layer:
            shape = layer.output_shape
        elif layer.operation == "input":
            shape = given[0]
        else:
            shape = _computed(new, given)
            new = new._replace(macs=None)
        shapes[layer.name] = shape
        layers.append(new if new.output_shape == shape else new._replace(output_shape=shape))
    return replace(graph, layers=tuple(layers))


def _of_a_step(layer: Layer, shape: Shape | None) -> Shape | None:
    """What a layer takes at once, of a film one image where it is applied to each."""
    return shape[1:] if layer.steps != 1 and shape is not None and len(shape) == 4 else shape


def _computed(layer: Layer, given: tuple[Shape | None, ...]) -> Shape | None:
    if layer.operation in JOINING_MAPS and not are_equal(maps_of(given)):
        return None
    if layer.operation not in STATED:
        return OPERATIONS[layer.operation].output_shape(layer, given)
    stated = layer.output_shape
    if stated is None or len(stated) != 3 or stated[:2] == (1, 1) or layer.operation == "resizing":
        # What has no positions, or a size of its own, has them at any size of the input.
        return None if layer.operation in ("opaque", "reshape") and _depends(stated, given) else stated
    return OPERATIONS[layer.operation].output_shape(layer._replace(output_shape=None), given)


def _depends(stated: Shape | None, given: tuple[Shape | None, ...]) -> bool:
    """Whether a shape may depend on the size of the input: it is a row of positions, made from maps."""
    return stated is not None and len(stated) == 2 and any(shape is not None and len(shape) == 3 for shape in given)


def parity_windows(graph: LayerGraph) -> Iterable[tuple[str, Pair]]:
    """The zero paddings that are what Keras' builders choose for their size, each with the kernel of what takes it."""
    for layer in graph:
        before = graph[layer.inputs[0]].output_shape if layer.inputs else None
        if layer.operation != "zero_padding" or not before or len(before) != 3:
            continue
        for user in graph.consumers(layer.name):
            kernel, stride = user.kernel, user.stride
            if kernel and stride and max(stride) > 1 and layer.margins == parity_margins(before, kernel):
                yield layer.name, kernel


def parity_margins(shape: Shape, kernel: Pair) -> Margins:
    """What Keras' builders pad before a strided convolution: less at the beginning where a side is even, or unknown.

    >>> parity_margins((112, 75, 96), (3, 3)), parity_margins((112, 75, 96), (5, 5))
    (((0, 1), (1, 1)), ((1, 2), (2, 2)))
    """
    height, width = ((kernel[axis] // 2 - 1 + (shape[axis] or 0) % 2, kernel[axis] // 2) for axis in (0, 1))
    return (height, width)


def _with_parity(layer: Layer, shapes: tuple[Shape | None, ...], kernel: Pair | None) -> Layer:
    shape = shapes[0] if shapes else None
    return layer._replace(margins=parity_margins(shape, kernel)) if kernel and shape else layer
