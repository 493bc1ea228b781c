"""A graph at another output stride: strides become dilations."""

from __future__ import annotations

from collections.abc import Mapping

from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.graph.operations import OPERATIONS, same_margins
from effnet_inspect.graph.resizing import Margins, recomputed


def at_output_stride(graph: LayerGraph, strides: Mapping[str, int | None], most: int) -> LayerGraph:
    """The graph without the strides behind `most`; what comes later is dilated instead and sees what it saw.

    A layer that loses its stride keeps its window; every layer behind it looks as many times as far apart.

    Args:
        graph: any graph.
        strides: input pixels between neighbouring outputs of each layer, as the graph is.
        most: how many there may be.
    """
    rates: dict[str, int] = {}

    def changed(layer: Layer, shapes: tuple[Shape | None, ...]) -> Layer:
        rate = max((rates[name] for name in layer.inputs), default=1)
        rates[layer.name] = rate
        row = OPERATIONS[layer.operation]
        users = graph.consumers(layer.name)
        if layer.operation == "zero_padding" and len(users) == 1 and users[0].kernel:
            taker = users[0]
            if rate > 1 or _loses(taker, strides, most):
                return layer._replace(margins=_around(taker, rate))
        if not row.windowed or layer.kernel is None:
            return layer
        loses = _loses(layer, strides, most)
        if rate == 1 and not loses:
            return layer
        dilation = layer.dilation or (1, 1)
        new = layer._replace(dilation=(dilation[0] * rate, dilation[1] * rate))
        if loses:
            rates[layer.name] = rate * max(layer.stride or (1, 1))
            new = new._replace(stride=(1, 1))
        return new._replace(margins=_around(layer, rate)) if layer.margins else new

    images = {layer.name: layer.output_shape for layer in graph if not layer.inputs}
    return recomputed(graph, images, changed)


def _loses(layer: Layer, strides: Mapping[str, int | None], most: int) -> bool:
    stride = strides[layer.name]
    is_strided = OPERATIONS[layer.operation].windowed and max(layer.stride or (1, 1)) > 1
    return is_strided and stride is not None and stride > most


def _around(layer: Layer, rate: int) -> Margins:
    """Zeros that keep the size of a map: without a stride they are the same at any size."""
    kernel, dilation = layer.kernel or (1, 1), layer.dilation or (1, 1)
    first, second = (same_margins(None, (kernel[axis] - 1) * dilation[axis] * rate + 1, 1) or (0, 0) for axis in (0, 1))
    return (first, second)
