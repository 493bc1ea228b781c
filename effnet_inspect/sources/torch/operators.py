"""PyTorch's operators (ATen) in our own vocabulary: one row per operator, with the layer that one call of it is.

Nothing is put together here: each call becomes a layer by itself. Where an operator is used in a way that the
vocabulary has no word for, its reader gives None. Output shapes are those that the program states. MACs that a reader
states are those of the whole call, for all that stands on its first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from effnet_inspect.graph import Layer, OperationName, Pair, elements
from effnet_inspect.graph.operations import matrix_product
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.passes.draft import MOVE
from effnet_inspect.sources.passes.numbers import Arithmetic, bounded, is_along_channels, with_constant
from effnet_inspect.sources.passes.resampling import resampling
from effnet_inspect.sources.passes.windows import window
from effnet_inspect.sources.torch.calls import Call, Data
from effnet_inspect.sources.torch.in_place import WRITTEN

TO_CHANNELS_FIRST = [0, 3, 1, 2]
TO_CHANNELS_LAST = [0, 2, 3, 1]

Reader = Callable[[Call], "Layer | None"]


def _window(call: Call, kernel: Pair, usual_stride: Pair = (1, 1)) -> dict[str, Any]:
    padding = call.get("padding", 0)
    stride = call.pair("stride", 1) if call.get("stride") else usual_stride
    attributes: dict[str, Any] = {"kernel": kernel, "stride": stride, "dilation": call.pair("dilation", 1)}
    if isinstance(padding, str):
        return {**attributes, "padding": padding}
    rows, columns = call.pair("padding", 0)
    return window(**attributes, sides=call.data.layer_shape[:2], margins=((rows, rows), (columns, columns)))


def _convolution(call: Call) -> Layer | None:
    """Weights are filters, channels of a group, rows, columns; they may be computed from data."""
    weights = call.shape_of("weight")
    data = call.get("input")
    if weights is None or None in weights or not isinstance(data, Data) or len(weights) != len(data.shape):
        return None
    if len(weights) != 4:
        return _other_convolution(call, weights)
    groups = int(call.get("groups", 1))
    return Layer(
        "",
        "depthwise_convolution" if groups > 1 and weights[1] == 1 else "convolution",
        call.kind,
        filters=weights[0],
        groups=groups,
        use_bias=call.has("bias"),
        **_window(call, (weights[2] or 1, weights[3] or 1)),
    )


def _other_convolution(call: Call, weights: tuple[int | None, ...]) -> Layer | None:
    """In one or three dimensions."""
    result = call.result or (None,)
    size, results = elements(weights), elements((result[0], *result[2:]))
    macs = None if size is None or results is None else size * results
    return Layer("", "other_convolution", call.kind, filters=weights[0], use_bias=call.has("bias"), macs=macs)


def _transposed_convolution(call: Call) -> Layer | None:
    weights = call.shape_of("weight")
    if weights is None or len(weights) != 4 or not call.data.is_image:
        return None
    groups = int(call.get("groups", 1))
    return Layer(
        "",
        "transposed_convolution",
        call.kind,
        filters=None if weights[1] is None else weights[1] * groups,
        groups=groups,
        use_bias=call.has("bias"),
        **_window(call, (weights[2] or 1, weights[3] or 1)),
    )


def _dense(call: Call) -> Layer | None:
    weights = call.arguments.get("weight")
    if isinstance(weights, Data):
        return _product(call)
    if weights is None or weights.shape is None or len(weights.shape) != 2:
        return None
    return _by_weights(call, call.data, weights.shape[0], weights.shape[1], has_bias=call.has("bias"))


def _by_weights(call: Call, data: Data, units: int | None, features: int | None, *, has_bias: bool) -> Layer:
    """A product with a matrix of weights: dense where the last axis, which it multiplies, is that of the channels."""
    if data.channel_axis == len(data.shape) - 1:
        return Layer("", "dense", call.kind, filters=units, use_bias=has_bias)
    macs = elements((*(call.result or (None,)), features))
    return Layer("", "matrix_product", call.kind, filters=units, use_bias=has_bias, macs=macs)


FACTORS = (("mat1", "mat2"), ("batch1", "batch2"), ("self", "other"), ("self", "mat2"), ("input", "weight"))
"""What operators call the two matrices that they multiply."""


def _product(call: Call) -> Layer | None:
    """A product of matrices: of two that are data, or of data and a matrix of weights."""
    for pair in FACTORS:
        one, other = map(call.arguments.get, pair)
        if isinstance(one, Data) and isinstance(other, Constant) and other.shape and len(other.shape) == 2:
            units, features = other.shape[1], other.shape[0]
            return _by_weights(call, one, units, features, has_bias=call.kind == "addmm")
        if isinstance(one, (Data, Constant)) and isinstance(other, (Data, Constant)):
            second = other.shape
            if pair == ("input", "weight") and second:
                second = (*second[:-2], *second[:-3:-1])
            _, macs = matrix_product(one.shape, second)
            return Layer("", "matrix_product", call.kind, macs=macs)
    return None


def _sum_of_products(call: Call) -> Layer | None:
    """`einsum` of two tensors, which multiplies once for each combination of the indices in its equation."""
    operands = [each for each in call.get("tensors", ()) if isinstance(each, (Data, Constant))]
    indices = str(call.get("equation", "")).replace(" ", "").partition("->")[0].split(",")
    shapes = [each.shape for each in operands]
    ranks = [None if shape is None else len(shape) for shape in shapes]
    if len(operands) != 2 or ranks != [*map(len, indices)] or not "".join(indices).isalpha():
        return None
    pairs = [zip(row, shape or (), strict=True) for row, shape in zip(indices, shapes, strict=True)]
    sizes = {index: size for row in pairs for index, size in row}
    return Layer("", "matrix_product", call.kind, macs=elements([*sizes.values()]))


def _attention(call: Call) -> Layer | None:
    """Scaled dot products: queries with keys, and what comes of them with values."""
    queries, keys, values = (call.shape_of(name) for name in ("query", "key", "value"))
    if not queries or not keys or not values or None in (*queries, *keys, *values):
        return None
    positions = math.prod(size or 0 for size in queries[:-1]) * (keys[-2] or 0)
    return Layer("", "attention", call.kind, macs=positions * ((queries[-1] or 0) + (values[-1] or 0)))


def _batch_normalization(call: Call) -> Layer:
    """PyTorch's momentum is the share of what is new, that of Keras the share of what is kept."""
    momentum = call.arguments.get("momentum")
    return Layer(
        "",
        "batch_normalization",
        call.kind,
        use_bias=call.has("bias"),
        use_scale=call.has("weight"),
        epsilon=call.get("eps"),
        momentum=None if momentum is None else round(1 - momentum, DIGITS),
    )


DIGITS = 12
"""Of a momentum, so that 1 - (1 - 0.99) is 0.99 again."""


def _group_normalization(call: Call) -> Layer:
    """Also over instances, of which each channel is a group."""
    groups = call.get("num_groups", call.data.channels)
    return Layer("", "group_normalization", call.kind, groups=groups, **_normalization(call))


def _layer_normalization(call: Call) -> Layer | None:
    if len(call.get("normalized_shape", ())) != 1:
        return Layer("", "other_normalization", call.kind)
    return Layer("", "layer_normalization", call.kind, **_normalization(call))


def _normalization(call: Call) -> dict[str, Any]:
    return {"use_bias": call.has("bias"), "use_scale": call.has("weight"), "epsilon": call.get("eps", USUAL_EPSILON)}


USUAL_EPSILON = 1e-5
"""Of normalisations whose files leave it out."""


def _pooling(operation: OperationName) -> Reader:
    def read(call: Call) -> Layer | None:
        if not call.data.is_image:
            return Layer("", "other_pooling", call.kind)
        kernel = call.pair("kernel_size", 1)
        return Layer("", operation, call.kind, **_window(call, kernel, usual_stride=kernel))

    return read


def _adaptive_pooling(operation: OperationName, over_all: OperationName) -> Reader:
    """To a size of the result: over everything, over nothing, or over windows that lie side by side."""

    def read(call: Call) -> Layer | None:
        result = call.result
        if not call.data.is_image or result is None or len(result) != 4:
            return Layer("", "other_pooling", call.kind)
        before, after = call.data.shape[2:], result[2:]
        if after == (1, 1):
            return Layer("", over_all, call.kind)
        if before == after:
            return Layer("", "identity", call.kind)
        sizes = [divmod(one or 0, other or 1) for one, other in zip(before, after, strict=True)]
        if any(rest for _, rest in sizes):
            return Layer("", "other_pooling", call.kind)
        kernel = (sizes[0][0], sizes[1][0])
        return Layer("", operation, call.kind, kernel=kernel, stride=kernel, dilation=(1, 1), padding="valid")

    return read


def _reduction(operation: OperationName) -> Reader:
    """A mean or maximum over both sides of the image is a global pooling."""

    def read(call: Call) -> Layer:
        is_global = call.data.is_image and tuple(call.axes("dim")) == call.data.sides
        return Layer("", operation if is_global else "other_pooling", call.kind)

    return read


def _pad(call: Call) -> Layer | None:
    """Pads are those of the last axis first."""
    pads = call.get("pad", ())
    if None in pads:
        return Layer("", "zero_padding" if call.data.is_image else MOVE, call.kind)
    pads = [int(each) for each in pads]
    if not any(pads):
        return Layer("", "identity", call.kind)
    if call.get("mode", "constant") != "constant" or call.get("value", 0):
        return Layer("", MOVE, call.kind)
    if not call.data.is_image or call.data.channels_last or any(pads[4:]):
        return None
    left, right, top, bottom = (*pads, 0, 0)[:4]
    if max(pads) <= 0:
        return Layer("", "cropping", call.kind, margins=((-top, -bottom), (-left, -right)))
    return Layer("", "zero_padding", call.kind, margins=((top, bottom), (left, right)))


def _resize(interpolation: str, *, exact: bool = False) -> Reader:
    def read(call: Call) -> Layer | None:
        if not call.data.is_image or call.result is None or len(call.result) != 4:
            return None
        coordinates = "asymmetric" if interpolation == "nearest" and not exact else "half_pixel"
        settings = resampling(
            interpolation,
            "align_corners" if call.get("align_corners") else coordinates,
            "round_prefer_ceil" if exact else "floor",
            antialias=call.kind.endswith("_aa"),
        )
        before, after = call.data.shape[2:], call.result[2:]
        sizes = [divmod(one or 0, other or 1) for one, other in zip(after, before, strict=True)]
        if all(times and not rest for times, rest in sizes):
            stride = (sizes[0][0], sizes[1][0])
            return Layer("", "upsampling", call.kind, stride=stride, settings=settings)
        return Layer("", "resizing", call.kind, settings=settings)

    return read


def _permute(call: Call) -> Layer:
    """Nothing at all between channels first and channels last, as the layers' shapes are the same for both."""
    rank = len(call.data.shape)
    axes = [axis % rank for axis in call.get("dims", ())]
    swaps = call.data.is_image and axes == (TO_CHANNELS_FIRST if call.data.channels_last else TO_CHANNELS_LAST)
    return Layer("", "identity" if swaps else MOVE, call.kind)


def _move(call: Call) -> Layer:
    """A slice of everything and an expansion to the same size move nothing."""
    is_same = call.kind in ("slice", "expand", "narrow") and call.result == call.data.shape
    return Layer("", "identity" if is_same else MOVE, call.kind)


ARITHMETIC: dict[str, Arithmetic] = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "true_divide": "divide",
}

ELEMENTWISE: dict[str, OperationName] = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "multiply",
    "true_divide": "multiply",
    "maximum": "maximum",
    "minimum": "minimum",
}


def _elementwise(call: Call) -> Layer | None:
    operands = [_as_constant(call.arguments.get(name)) for name in ("self", "other")]
    if call.get("alpha", 1) != 1:
        return None
    if all(isinstance(each, Data) for each in operands):
        return Layer("", ELEMENTWISE[call.kind], call.kind)
    constant = next((each for each in operands if isinstance(each, Constant)), None)
    is_reversed = isinstance(operands[0], Constant) and call.kind in ("sub", "div")
    if constant is None or is_reversed:
        return None
    scales = ARITHMETIC.get(call.kind) in ("multiply", "divide")
    if constant.random:
        return Layer("", "dropout", call.kind) if scales else None
    if call.kind not in ARITHMETIC:
        return bounded(call.kind == "minimum", call.kind, constant)
    # A learned factor is no normalisation that was worked out beforehand: in PyTorch that is an operator of its own.
    is_learned = bool(constant.sources) and (scales or constant.size == 1)
    if is_learned or not is_along_channels(constant, call.data.shape, call.data.behind_channels):
        return Layer("", ELEMENTWISE[call.kind], call.kind)
    return with_constant(ARITHMETIC[call.kind], call.kind, constant, call.data.layer_shape)


def _as_constant(value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return Constant((), numpy.array(value, dtype=object)) if is_number else value


def _clamp(call: Call) -> Layer:
    """`hardtanh` and `clamp` between two bounds, either of which may be left out."""
    low, high = (call.arguments.get(name) for name in BOUNDS.get(call.kind, ("min", "max")))
    name = "clip" if low != 0 else "relu" if high is None else f"relu{high:g}"
    return Layer("", "activation", call.kind, activation=name)


BOUNDS = {"hardtanh": ("min_val", "max_val")}


def _dropout(call: Call) -> Layer:
    rate = float(call.get("p", 0))
    return Layer("", "dropout", call.kind, rate=rate) if rate else Layer("", "identity", call.kind)


def _plain(operation: OperationName) -> Reader:
    return lambda call: Layer("", operation, call.kind)


def _activation(name: str) -> Reader:
    return lambda call: Layer("", "activation", call.kind, activation=name)


ACTIVATIONS: dict[str, str] = {
    "relu": "relu",
    "relu6": "relu6",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "hardswish": "hard_silu",
    "hardsigmoid": "hard_sigmoid",
    "tanh": "tanh",
    "gelu": "gelu",
    "elu": "elu",
    "selu": "selu",
    "celu": "celu",
    "mish": "mish",
    "leaky_relu": "leaky_relu",
    "prelu": "prelu",
    "softplus": "softplus",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
}

MOVING = (
    *("slice", "select", "narrow", "index", "index_select", "gather", "split", "split_with_sizes", "chunk", "unbind"),
    *("expand", "expand_as", "repeat", "stack", "flip", "roll", "unfold", "pixel_shuffle", "pixel_unshuffle", "tile"),
    *("transpose", "t", "channel_shuffle", "repeat_interleave", "movedim", "im2col", "col2im"),
    *(WRITTEN, "copy", "fill", "zero", "masked_fill", "index_put", "slice_scatter", "select_scatter", "where"),
)

SAME = ("alias", "clone", "contiguous", "detach", "lift_fresh", "lift_fresh_copy", "to", "type_as", "identity")

READERS: dict[str, Reader] = {
    **{kind: _activation(name) for kind, name in ACTIVATIONS.items()},
    **dict.fromkeys(("hardtanh", "clamp", "clamp_min"), _clamp),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution),
    "conv_transpose2d": _transposed_convolution,
    "linear": _dense,
    **dict.fromkeys(("matmul", "mm", "bmm", "addmm", "baddbmm"), _product),
    "einsum": _sum_of_products,
    "scaled_dot_product_attention": _attention,
    "batch_norm": _batch_normalization,
    "group_norm": _group_normalization,
    "instance_norm": _group_normalization,
    "layer_norm": _layer_normalization,
    "rms_norm": _plain("other_normalization"),
    "avg_pool2d": _pooling("average_pooling"),
    "max_pool2d": _pooling("max_pooling"),
    "adaptive_avg_pool2d": _adaptive_pooling("average_pooling", "global_average_pooling"),
    "adaptive_max_pool2d": _adaptive_pooling("max_pooling", "global_max_pooling"),
    "mean": _reduction("global_average_pooling"),
    "amax": _reduction("global_max_pooling"),
    **{kind: _plain("other_pooling") for kind in ("sum", "amin", "std", "var", "logsumexp")},
    "pad": _pad,
    "constant_pad_nd": _pad,
    "upsample_nearest2d": _resize("nearest"),
    "_upsample_nearest_exact2d": _resize("nearest", exact=True),
    "upsample_bilinear2d": _resize("bilinear"),
    "upsample_bicubic2d": _resize("bicubic"),
    "_upsample_bilinear2d_aa": _resize("bilinear"),
    "_upsample_bicubic2d_aa": _resize("bicubic"),
    "cat": _plain("concatenate"),
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout"), _dropout),
    **{kind: _plain("reshape") for kind in ("view", "reshape", "_unsafe_view", "squeeze", "unsqueeze", "unflatten")},
    "flatten": _plain("flatten"),
    "permute": _permute,
    **dict.fromkeys(MOVING, _move),
    **{kind: _plain("identity") for kind in SAME},
}
"""Operator -> how it is read. Whatever is not here becomes an opaque layer."""


def unknown(call: Call) -> Layer:
    """How an operator is read that there is no word for: by its name, with its parameters."""
    return Layer("", "opaque", call.kind)
