"""The vocabulary of operations: for each, the output shape, the parameters, the MACs and the window it looks through.

One row per operation. Sources use the shape and parameter rules where a file states neither; the measures use
the MAC and window rules. MACs (multiply-accumulates) are those of convolutions, dense layers and matrix products,
biases not counted; every other known operation is listed here with no MACs, so that only an unknown one is uncounted.
Operations that have too many forms for a rule are counted by their source: the layer states its shape, its parameters
and its MACs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from effnet_inspect.graph import Layer, OperationName, Pair, Shape, elements

Shapes = tuple[Shape | None, ...]

Sees = Literal[
    "the same", "a window", "windows of others", "neighbours", "a shifted one", "a cropped one", "everything",
    "a new shape", "unknown",
]  # fmt: skip
"""Which positions of its input an output position sees.

windows of others: those whose windows it lies in, where each input position is spread over a window. neighbours: those
that are nearest after the sides have been stretched. a new shape: the same where the sides stay as they are.
"""


class Operation(NamedTuple):
    """What is known about one operation.

    Attributes:
        name: the word used in `Layer.operation`.
        title: for people, in the field's terms.
        output_shape: from the layer and its input shapes; None where it cannot be told.
        parameters: (total, trainable) from the layer and its input shapes; None where it cannot be told.
        macs: from the layer and its input shapes, per image; None where it cannot be told.
        sees: which positions of the input an output position sees; `structure.reach` has a rule for each.
    """

    name: OperationName
    title: str
    output_shape: Callable[[Layer, Shapes], Shape | None]
    parameters: Callable[[Layer, Shapes], Pair | None]
    macs: Callable[[Layer, Shapes], int | None]
    sees: Sees = "the same"

    @property
    def windowed(self) -> bool:
        """Whether a window slides over the input, with a kernel, a stride and padding."""
        return self.sees == "a window"


def _first(shapes: Shapes) -> Shape | None:
    return shapes[0] if shapes else None


def _same(layer: Layer, shapes: Shapes) -> Shape | None:
    return _first(shapes)


def _stated(layer: Layer, shapes: Shapes) -> Shape | None:
    return layer.output_shape


def _stated_parameters(layer: Layer, shapes: Shapes) -> Pair | None:
    if layer.parameters is None or layer.trainable_parameters is None:
        return None
    return (layer.parameters, layer.trainable_parameters)


def _stated_macs(layer: Layer, shapes: Shapes) -> int | None:
    return layer.macs


def _none(layer: Layer, shapes: Shapes) -> Pair:
    return (0, 0)


def _no_macs(layer: Layer, shapes: Shapes) -> int:
    return 0


def _uncounted(layer: Layer, shapes: Shapes) -> None:
    return None


def window_length(size: int | None, kernel: int, stride: int, padding: str | None, dilation: int = 1) -> int | None:
    """Output length of a window sliding over `size` positions; `size` includes any explicit margins.

    >>> window_length(225, 3, 2, "valid"), window_length(224, 3, 2, "same"), window_length(None, 3, 2, "same")
    (112, 112, None)
    """
    if size is None:
        return None
    if padding == "same":
        return math.ceil(size / stride)
    return (size - dilation * (kernel - 1) - 1) // stride + 1


def same_margins(size: int | None, reached: int, stride: int) -> Pair | None:
    """What Keras' padding "same" adds before and after; the odd one comes after.

    >>> same_margins(224, 3, 2), same_margins(225, 3, 2), same_margins(None, 3, 1), same_margins(None, 3, 2)
    ((0, 1), (1, 1), (1, 1), None)
    """
    if stride == 1:
        total = reached - 1
    elif size is None:
        return None
    else:
        total = max((-(-size // stride) - 1) * stride + reached - size, 0)
    return (total // 2, total - total // 2)


def transposed_length(
    size: int | None,
    kernel: int,
    stride: int,
    padding: str | None,
    dilation: int = 1,
    *,
    margins: Pair = (0, 0),
    output_padding: int | None = None,
) -> int | None:
    """Output length of a transposed convolution over `size` positions.

    `margins` are cut off at both ends. Without `output_padding`, the positions beyond the last window, the output has
    at least `stride` positions for each of the input, and exactly those where the padding is "same".

    >>> transposed_length(7, 3, 2, "same"), transposed_length(7, 3, 2, "valid"), transposed_length(7, 2, 3, "valid")
    (14, 15, 21)
    >>> transposed_length(7, 3, 2, "valid", margins=(1, 1), output_padding=1), transposed_length(None, 3, 2, "same")
    (14, None)
    """
    if size is None:
        return None
    if padding == "same" and output_padding is None:
        return size * stride
    reached = (kernel - 1) * dilation + 1
    last = max(reached, stride) if output_padding is None else reached + output_padding
    return (size - 1) * stride + last - (2 * (reached // 2) if padding == "same" else sum(margins))


def concatenated(shapes: Sequence[Shape | None], axis: int = -1) -> Shape | None:
    """The shape of what is joined along an axis; None where a shape is unknown or has another rank.

    >>> concatenated([(7, 7, 96), (7, 7, 8)]), concatenated([(3, 7), (None, 7)], 0), concatenated([(7,), None])
    ((7, 7, 104), (None, 7), None)
    """
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) != len(shapes) or any(len(shape) != len(known[0]) for shape in known):
        return None
    sizes = [size for shape in known if (size := shape[axis]) is not None]
    joined = list(known[0])
    joined[axis] = sum(sizes) if len(sizes) == len(known) else None
    return tuple(joined)


def _spatial(shapes: Shapes) -> Shape | None:
    shape = _first(shapes)
    return shape if shape is not None and len(shape) == 3 else None


def _slide(layer: Layer, shapes: Shapes, channels: int | None) -> Shape | None:
    shape = _spatial(shapes)
    if shape is None or layer.kernel is None:
        return None
    if layer.margins:
        shape = _grow(shape, layer.margins)
    stride = layer.stride or (1, 1)
    dilation = layer.dilation or (1, 1)
    height, width = (
        window_length(shape[axis], layer.kernel[axis], stride[axis], layer.padding, dilation[axis]) for axis in (0, 1)
    )
    return (height, width, channels)


def _grow(shape: Shape, margins: tuple[Pair, Pair]) -> Shape:
    height, width = (
        None if shape[axis] is None else shape[axis] + sum(margins[axis])  # type: ignore[operator]
        for axis in (0, 1)
    )
    return (height, width, shape[2])


def _convolution_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    return _slide(layer, shapes, layer.filters)


def _transposed_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _spatial(shapes)
    if layer.output_shape is not None:
        return layer.output_shape
    if shape is None or layer.kernel is None:
        return None
    stride = layer.stride or (1, 1)
    dilation = layer.dilation or (1, 1)
    margins = layer.margins or ((0, 0), (0, 0))
    height, width = (
        transposed_length(
            shape[axis], layer.kernel[axis], stride[axis], layer.padding, dilation[axis], margins=margins[axis]
        )
        for axis in (0, 1)
    )
    return (height, width, layer.filters)


def _pooled_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _spatial(shapes)
    return _slide(layer, shapes, shape[2]) if shape else None


def _padded_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _spatial(shapes)
    return _grow(shape, layer.margins) if shape and layer.margins else None


def _cropped_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _spatial(shapes)
    if not shape or not layer.margins:
        return None
    (top, bottom), (left, right) = layer.margins
    return _grow(shape, ((-top, -bottom), (-left, -right)))


def _upsampled_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _spatial(shapes)
    if shape is None or layer.stride is None:
        return None
    height, width = (
        None if shape[axis] is None else shape[axis] * layer.stride[axis]  # type: ignore[operator]
        for axis in (0, 1)
    )
    return (height, width, shape[2])


def _channels_only(layer: Layer, shapes: Shapes) -> Shape | None:
    if layer.output_shape is not None:
        return layer.output_shape
    shape = _first(shapes)
    return (shape[-1],) if shape else None


def _flat_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _first(shapes)
    return None if shape is None else (elements(shape),)


def _dense_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    shape = _first(shapes)
    return (*shape[:-1], layer.filters) if shape else None


def broadcast(shapes: Sequence[Shape | None]) -> Shape | None:
    """The shape of an element-wise operation on several inputs; None where one of theirs is unknown.

    >>> broadcast([(7, 7, 96), (1, 1, 96)]), broadcast([(None, 7, 96), (96,)]), broadcast([(7, 7, 96), None])
    ((7, 7, 96), (None, 7, 96), None)
    """
    known = [shape for shape in shapes if shape is not None]
    if len(known) != len(shapes) or not known:
        return None
    rank = max(map(len, known))
    sizes: list[int | None] = []
    for axis in range(-rank, 0):
        here = [shape[axis] for shape in known if len(shape) >= -axis]
        larger = [size for size in here if size is not None and size > 1]
        sizes.append(larger[0] if larger else None if None in here else 1)
    return tuple(sizes)


def filled(stated: Shape | None, computed: Shape | None) -> Shape | None:
    """The shape that is stated, with sizes that it leaves open as the rules of the operation have them.

    >>> filled((None, 7, 96), (14, 7, 96)), filled(None, (7, 96)), filled((None, 96), (7, 7, 96))
    ((14, 7, 96), (7, 96), (None, 96))
    """
    if stated is None or computed is None:
        return computed if stated is None else stated
    if len(stated) != len(computed):
        return stated
    return tuple(other if size is None else size for size, other in zip(stated, computed, strict=True))


def matrix_product(one: Shape | None, other: Shape | None) -> tuple[Shape | None, int | None]:
    """The shape and the MACs of a product of matrices: rows times columns, for each of what is before these axes.

    >>> matrix_product((8, 49, 64), (8, 64, 10)), matrix_product((2, 3), None)
    (((8, 49, 10), 250880), (None, None))
    """
    if one is None or other is None or min(len(one), len(other)) < 2:
        return (None, None)
    ahead = broadcast([one[:-2], other[:-2]])
    if ahead is None:
        return (None, None)
    return ((*ahead, one[-2], other[-1]), elements((*ahead, *one[-2:], other[-1])))


def _broadcast_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    return broadcast(shapes)


def _concatenated_shape(layer: Layer, shapes: Shapes) -> Shape | None:
    return layer.output_shape or concatenated(shapes)


def _kernel_area(layer: Layer) -> int:
    return layer.kernel[0] * layer.kernel[1] if layer.kernel else 1


def _inputs_per_filter(layer: Layer, shapes: Shapes) -> int | None:
    shape = _first(shapes)
    if not shape or shape[-1] is None:
        return None
    return shape[-1] // (layer.groups or 1)


def _weighted(layer: Layer, weights: int, biases: int) -> Pair:
    total = weights + (biases if layer.use_bias else 0)
    return (total, total)


def _convolution_parameters(layer: Layer, shapes: Shapes) -> Pair | None:
    fan_in = _inputs_per_filter(layer, shapes)
    if fan_in is None or layer.filters is None:
        return None
    return _weighted(layer, _kernel_area(layer) * fan_in * layer.filters, layer.filters)


def _channels(shapes: Shapes) -> int | None:
    shape = _first(shapes)
    return shape[-1] if shape else None


def _normalization_parameters(layer: Layer, shapes: Shapes) -> Pair | None:
    if layer.scale is not None:
        return (0, 0)
    channels = _channels(shapes)
    return None if channels is None else (2 * channels + 1, 0)


def _batch_normalization_parameters(layer: Layer, shapes: Shapes) -> Pair | None:
    channels = _channels(shapes)
    if channels is None:
        return None
    learned = bool(layer.use_scale) + bool(layer.use_bias)
    return ((2 + learned) * channels, learned * channels)


def _layer_normalization_parameters(layer: Layer, shapes: Shapes) -> Pair | None:
    channels = _channels(shapes)
    if channels is None:
        return None
    learned = (bool(layer.use_scale) + bool(layer.use_bias)) * channels
    return (learned, learned)


def _positions(layer: Layer) -> int | None:
    return None if layer.output_shape is None else elements(layer.output_shape[:-1])


def _convolution_macs(layer: Layer, shapes: Shapes) -> int | None:
    positions = _positions(layer)
    fan_in = _inputs_per_filter(layer, shapes)
    if positions is None or fan_in is None or layer.filters is None:
        return None
    return positions * _kernel_area(layer) * fan_in * layer.filters


def _transposed_macs(layer: Layer, shapes: Shapes) -> int | None:
    shape = _first(shapes)
    positions = None if shape is None else elements(shape[:-1])
    fan_in = _inputs_per_filter(layer, shapes)
    if positions is None or fan_in is None or layer.filters is None:
        return None
    return positions * _kernel_area(layer) * fan_in * layer.filters


def _separable_weights(layer: Layer, shapes: Shapes) -> int | None:
    """Of the depthwise and of the pointwise part; each is used once at every position."""
    channels = _channels(shapes)
    if channels is None or layer.filters is None:
        return None
    return (_kernel_area(layer) + layer.filters) * channels * (layer.multiplier or 1)


def _separable_parameters(layer: Layer, shapes: Shapes) -> Pair | None:
    weights = _separable_weights(layer, shapes)
    return None if weights is None else _weighted(layer, weights, layer.filters or 0)


def _separable_macs(layer: Layer, shapes: Shapes) -> int | None:
    positions, weights = _positions(layer), _separable_weights(layer, shapes)
    return None if positions is None or weights is None else positions * weights


def _counted(name: OperationName, title: str, *, sees: Sees = "unknown", has_macs: bool = True) -> Operation:
    """What its source counts."""
    macs = _stated_macs if has_macs else _no_macs
    return Operation(name, title, _stated, _stated_parameters, macs, sees)


def _free(
    name: OperationName,
    title: str,
    shape: Callable[[Layer, Shapes], Shape | None] = _same,
    sees: Sees = "the same",
) -> Operation:
    return Operation(name, title, shape, _none, _no_macs, sees)


OPERATIONS: dict[OperationName, Operation] = {
    row.name: row
    for row in (
        Operation(
            "convolution",
            "convolution",
            _convolution_shape,
            _convolution_parameters,
            _convolution_macs,
            sees="a window",
        ),
        Operation(
            "depthwise_convolution",
            "depthwise convolution",
            _convolution_shape,
            _convolution_parameters,
            _convolution_macs,
            sees="a window",
        ),
        Operation(
            "transposed_convolution",
            "transposed convolution",
            _transposed_shape,
            _convolution_parameters,
            _transposed_macs,
            sees="windows of others",
        ),
        Operation(
            "separable_convolution",
            "separable convolution",
            _convolution_shape,
            _separable_parameters,
            _separable_macs,
            sees="a window",
        ),
        _counted("other_convolution", "convolution in one or three dimensions"),
        _counted("matrix_product", "matrix product"),
        _counted("attention", "attention"),
        _counted("recurrent", "recurrent layer"),
        _counted("embedding", "embedding"),
        Operation("dense", "dense", _dense_shape, _convolution_parameters, _convolution_macs),
        Operation("batch_normalization", "batch normalisation", _same, _batch_normalization_parameters, _no_macs),
        Operation("layer_normalization", "layer normalisation", _same, _layer_normalization_parameters, _no_macs),
        Operation("group_normalization", "group normalisation", _same, _layer_normalization_parameters, _no_macs),
        Operation("normalization", "input normalisation", _same, _normalization_parameters, _no_macs),
        _counted("other_normalization", "normalisation of other axes", sees="the same", has_macs=False),
        _counted("other_pooling", "pooling of other windows", has_macs=False),
        Operation("max_pooling", "max pooling", _pooled_shape, _none, _no_macs, sees="a window"),
        Operation("average_pooling", "average pooling", _pooled_shape, _none, _no_macs, sees="a window"),
        _free("input", "input", _stated),
        _free("rescaling", "rescaling"),
        Operation("activation", "activation", _same, _stated_parameters, _no_macs),
        _free("dropout", "dropout"),
        _free("augmentation", "augmentation"),
        _counted("encoding", "encoding", has_macs=False),
        _free("identity", "identity"),
        _free("zero_padding", "zero padding", _padded_shape, "a shifted one"),
        _free("cropping", "cropping", _cropped_shape, "a cropped one"),
        _free("upsampling", "upsampling", _upsampled_shape, "neighbours"),
        _free("resizing", "resizing", _stated, "neighbours"),
        _free("global_average_pooling", "global average pooling", _channels_only, "everything"),
        _free("global_max_pooling", "global max pooling", _channels_only, "everything"),
        _free("reshape", "reshape", _stated, "a new shape"),
        _free("flatten", "flatten", _flat_shape, "everything"),
        _counted("rearrangement", "rearrangement", has_macs=False),
        _free("add", "add", _broadcast_shape),
        _free("subtract", "subtract", _broadcast_shape),
        _free("multiply", "multiply", _broadcast_shape),
        _free("maximum", "maximum", _broadcast_shape),
        _free("minimum", "minimum", _broadcast_shape),
        _free("average", "average", _broadcast_shape),
        _free("concatenate", "concatenate", _concatenated_shape),
        Operation("opaque", "unknown operation", _stated, _uncounted, _uncounted, "unknown"),
    )
}

WITH_KERNEL: frozenset[OperationName] = frozenset(
    {
        *("convolution", "depthwise_convolution", "transposed_convolution", "separable_convolution"),
        *("other_convolution", "dense"),
    }
)
"""Operations that multiply their input by a kernel of weights."""

ENLARGING: frozenset[OperationName] = frozenset({"upsampling", "transposed_convolution"})
"""Operations whose stride multiplies the sides of their input."""
