"""The operators of TensorFlow Lite in our own vocabulary: one row per operator, with the layer that one of them is.

Where an operator is used in a way that the vocabulary has no word for, its reader gives None. Output shapes are those
that the file states.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from effnet_inspect.graph import Layer, OperationName, Pair, Shape, elements
from effnet_inspect.graph.operations import matrix_product
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.passes.draft import GATHER, MOVE, SPREAD
from effnet_inspect.sources.passes.numbers import Arithmetic, bounded, is_along_channels, with_constant
from effnet_inspect.sources.passes.resampling import resampling

NONE, ALL = slice(0), slice(None)
SAME = 0
"""The padding SAME; the only other one is VALID."""


@dataclass(frozen=True, slots=True)
class Data:
    """A tensor that depends on the model's input; its shape is without the batch axis.

    `steps` is how often this shape is there for one image, where windows or positions stand on the batch axis, and
    `count` how many numbers there are for one image in all; None where they are unknown.
    """

    layer: str
    shape: Shape | None
    steps: int | None = 1
    count: int | None = None


Operand = Data | Constant | None


@dataclass(frozen=True, slots=True)
class Call:
    """An operator and its operands, in their order; what is left out is None. `result` is its output's shape."""

    kind: str
    operands: tuple[Operand, ...]
    options: Mapping[str, Any]
    result: Shape

    @property
    def taken(self) -> list[Data]:
        """The operands that are data."""
        return [each for each in self.operands if isinstance(each, Data)]

    def has(self, index: int) -> bool:
        """Whether the operand at `index` is given."""
        return len(self.operands) > index and self.operands[index] is not None

    def weights(self, index: int) -> tuple[int, int, int, int] | None:
        """The shape of the four-dimensional constant at `index`; None where there is none."""
        operand = self.operands[index] if index < len(self.operands) else None
        shape = operand.shape if isinstance(operand, Constant) else None
        if shape is None or len(shape) != 4 or None in shape:
            return None
        return (shape[0] or 0, shape[1] or 0, shape[2] or 0, shape[3] or 0)

    @property
    def features(self) -> int | None:
        """The columns of the matrix of weights at index 1."""
        operand = self.operands[1] if len(self.operands) > 1 else None
        return operand.shape[-1] if isinstance(operand, Constant) and operand.shape else None

    def numbers(self, index: int) -> list[Any] | None:
        """The values of the constant at `index`; None where they are unknown."""
        operand = self.operands[index] if index < len(self.operands) else None
        return operand.numbers() if isinstance(operand, Constant) else None

    @property
    def image(self) -> tuple[int | None, int | None, int | None] | None:
        """The shape of the first operand that is data, where it is an image."""
        shape = self.taken[0].shape
        return (shape[0], shape[1], shape[2]) if shape is not None and len(shape) == 3 else None


Reader = Callable[[Call], "Layer | None"]


class Row(NamedTuple):
    """How one operator is read; `learned` says which of its operands are parameters, where they are constants."""

    read: Reader
    learned: slice = NONE


def _window(call: Call, kernel: Pair) -> dict[str, Any]:
    options = call.options
    return {
        "kernel": kernel,
        "stride": (options.get("StrideH", 1), options.get("StrideW", 1)),
        "dilation": (options.get("DilationHFactor", 1), options.get("DilationWFactor", 1)),
        "padding": "same" if options.get("Padding", SAME) == SAME else "valid",
    }


def _weighted(
    call: Call, operation: OperationName, filters: int, kernel: Pair, groups: int | None, bias: int = 2, **more: Any
) -> Layer:
    """A layer with a kernel; `bias` is where its bias is among the operands."""
    return Layer(
        "",
        operation,
        call.kind,
        filters=filters,
        groups=groups,
        use_bias=call.has(bias),
        activation=_fused_activation(call),
        **_window(call, kernel),
        **more,
    )


def _convolution(call: Call) -> Layer | None:
    """Weights are filters, rows, columns, channels; fewer channels than the image has are those of a group."""
    weights, image = call.weights(1), call.image
    if weights is None or image is None:
        return None
    filters, height, width, channels = weights
    groups = (image[2] or channels) // channels if channels else 1
    operation: OperationName = "depthwise_convolution" if groups > 1 and channels == 1 else "convolution"
    return _weighted(call, operation, filters, (height, width), groups)


def _depthwise_convolution(call: Call) -> Layer | None:
    """Weights are 1, rows, columns, filters."""
    weights, image = call.weights(1), call.image
    if weights is None or image is None:
        return None
    _, height, width, filters = weights
    return _weighted(call, "depthwise_convolution", filters, (height, width), image[2])


def _transposed_convolution(call: Call) -> Layer | None:
    """Its first operand is the shape of its result."""
    weights, image = call.weights(1), call.image
    if weights is None or image is None:
        return None
    filters, height, width, _ = weights
    return _weighted(call, "transposed_convolution", filters, (height, width), 1, 3, output_shape=call.result)


def _dense(call: Call) -> Layer | None:
    kernel = call.operands[1] if len(call.operands) > 1 else None
    if not isinstance(kernel, Constant) or kernel.shape is None or len(kernel.shape) != 2:
        return None
    activation = _fused_activation(call)
    return Layer("", "dense", call.kind, filters=kernel.shape[0], use_bias=call.has(2), activation=activation)


def _product(call: Call) -> Layer | None:
    """A product of two tensors that are both data, either of which may be turned."""
    if len(call.taken) < 2:
        return None
    one, other = (
        (*each.shape[:-2], *each.shape[:-3:-1]) if each.shape and call.options.get(turned) else each.shape
        for each, turned in zip(call.taken, ("AdjX", "AdjY"), strict=False)
    )
    shape, macs = matrix_product(one, other)
    return Layer("", "matrix_product", call.kind, output_shape=shape or call.result, macs=macs)


def _pooling(operation: OperationName) -> Reader:
    def read(call: Call) -> Layer | None:
        size = (call.options.get("FilterHeight", 0), call.options.get("FilterWidth", 0))
        return Layer("", operation, call.kind, **_window(call, size)) if call.image and min(size) > 0 else None

    return read


def _reduction(operation: OperationName) -> Reader:
    """A mean or maximum over both sides of the image is a global pooling."""

    def read(call: Call) -> Layer | None:
        axes = call.numbers(1)
        if call.image is None or not axes or {axis % 4 for axis in axes} != {1, 2}:
            return None
        return Layer("", operation, call.kind, output_shape=call.result)

    return read


def _pad(call: Call) -> Layer | None:
    pads = call.numbers(1)
    if call.image is None or not pads or len(pads) != 8 or any((*pads[:2], *pads[6:])):
        return None
    return Layer("", "zero_padding", call.kind, margins=((pads[2], pads[3]), (pads[4], pads[5])))


def _resize(call: Call) -> Layer | None:
    image, result = call.image, call.result
    if image is None or len(result) != 3:
        return None
    is_centred = call.options.get("HalfPixelCenters")
    settings = resampling(
        "nearest" if call.kind == "RESIZE_NEAREST_NEIGHBOR" else "bilinear",
        "align_corners" if call.options.get("AlignCorners") else "half_pixel" if is_centred else "asymmetric",
        "round_prefer_ceil" if is_centred else "floor",
    )
    known = [(before, after) for before, after in zip(image[:2], result[:2], strict=True) if before and after]
    if len(known) == 2 and all(after % before == 0 for before, after in known):
        height, width = (after // before for before, after in known)
        return Layer("", "upsampling", call.kind, stride=(height, width), settings=settings)
    return Layer("", "resizing", call.kind, output_shape=result, settings=settings)


def _concatenate(call: Call) -> Layer:
    return Layer("", "concatenate", call.kind, output_shape=call.result)


def _elementwise(operation: OperationName) -> Reader:
    """Of two tensors, or of one and a constant."""

    def read(call: Call) -> Layer | None:
        constants = [each for each in call.operands if isinstance(each, Constant)]
        if not constants:
            return Layer("", operation, call.kind)
        reverses = isinstance(call.operands[0], Constant) and call.kind in ("SUB", "DIV")
        if len(call.operands) != 2 or reverses:
            return None
        if not is_along_channels(constants[0], call.taken[0].shape):
            return Layer("", operation, call.kind, output_shape=call.result)
        if call.kind not in ARITHMETIC:
            return bounded(call.kind == "MINIMUM", call.kind, constants[0])
        return with_constant(ARITHMETIC[call.kind], call.kind, constants[0], call.taken[0].shape)

    return read


ARITHMETIC: dict[str, Arithmetic] = {"ADD": "add", "SUB": "subtract", "MUL": "multiply", "DIV": "divide"}


def _activation(name: str) -> Reader:
    return lambda call: Layer("", "activation", call.kind, activation=name)


def _plain(operation: OperationName) -> Reader:
    return lambda call: Layer("", operation, call.kind, output_shape=call.result)


def _fused_activation(call: Call) -> str | None:
    return FUSED_ACTIVATIONS.get(call.options.get("FusedActivationFunction", 0))


FUSED_ACTIVATIONS: dict[int, str] = {1: "relu", 2: "relu_n1_to_1", 3: "relu6", 4: "tanh", 5: "sign_bit"}
"""What an operator may apply to its result, by the format's numbers; 0 is nothing."""

ACTIVATIONS: dict[str, str] = {
    "RELU": "relu",
    "RELU6": "relu6",
    "RELU_N1_TO_1": "relu_n1_to_1",
    "LOGISTIC": "sigmoid",
    "TANH": "tanh",
    "HARD_SWISH": "hard_silu",
    "ELU": "elu",
    "GELU": "gelu",
    "LEAKY_RELU": "leaky_relu",
    "PRELU": "prelu",
    "SOFTMAX": "softmax",
    "LOG_SOFTMAX": "log_softmax",
}

MOVING = (
    *("TRANSPOSE", "SLICE", "STRIDED_SLICE", "SPLIT", "SPLIT_V", "GATHER", "GATHER_ND", "TILE", "BROADCAST_TO"),
    *("PACK", "UNPACK", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH", "MIRROR_PAD", "REVERSE_V2"),
)

KEEP_ORDER = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
"""What leaves all numbers in their order."""

READERS: dict[str, Row] = {
    **{kind: Row(_activation(name), learned=slice(1, None)) for kind, name in ACTIVATIONS.items()},
    "CONV_2D": Row(_convolution, learned=slice(1, 3)),
    "DEPTHWISE_CONV_2D": Row(_depthwise_convolution, learned=slice(1, 3)),
    "TRANSPOSE_CONV": Row(_transposed_convolution, learned=slice(1, 4, 2)),
    "FULLY_CONNECTED": Row(_dense, learned=slice(1, 3)),
    "BATCH_MATMUL": Row(_product, learned=ALL),
    "AVERAGE_POOL_2D": Row(_pooling("average_pooling")),
    "MAX_POOL_2D": Row(_pooling("max_pooling")),
    "MEAN": Row(_reduction("global_average_pooling")),
    "REDUCE_MAX": Row(_reduction("global_max_pooling")),
    "PAD": Row(_pad),
    "RESIZE_BILINEAR": Row(_resize),
    "RESIZE_NEAREST_NEIGHBOR": Row(_resize),
    "CONCATENATION": Row(_concatenate),
    "ADD": Row(_elementwise("add"), learned=ALL),
    "SUB": Row(_elementwise("subtract"), learned=ALL),
    "MUL": Row(_elementwise("multiply"), learned=ALL),
    "DIV": Row(_elementwise("multiply"), learned=ALL),
    "MAXIMUM": Row(_elementwise("maximum")),
    "MINIMUM": Row(_elementwise("minimum")),
    **{kind: Row(_plain("reshape")) for kind in KEEP_ORDER},
    "SPACE_TO_BATCH_ND": Row(_plain(SPREAD)),
    "BATCH_TO_SPACE_ND": Row(_plain(GATHER)),
    **{kind: Row(_plain(MOVE)) for kind in MOVING},
    **{kind: Row(_plain("identity")) for kind in ("CAST", "QUANTIZE", "DEQUANTIZE")},
}
"""Operator -> how it is read. Whatever is not here becomes an opaque layer."""


def steps_of(call: Call, layer: Layer) -> tuple[int | None, int | None]:
    """How often the result of an operator is there for one image, and how many numbers that are in all.

    For files that leave the batch axis open; by what the operator does to it.
    """
    before, size = call.taken[0], elements(layer.output_shape)
    steps, count = before.steps, before.count
    if layer.operation in (SPREAD, GATHER):
        block = math.prod(call.numbers(1) or ()) or None
        spread = layer.operation == SPREAD
        steps = None if steps is None or block is None else steps * block if spread else steps // block
    elif layer.operation == "dense" or call.kind in KEEP_ORDER:
        if layer.operation == "dense" and count is not None:
            features = call.features
            count = count // features * layer.filters if features and layer.filters else None
        if size and count is not None and count % size == 0:
            return count // size, count
        return (steps, None) if size is None and count is None else (None, count)
    return steps, None if steps is None or size is None else steps * size


UNKNOWN = Row(_plain("opaque"), learned=ALL)
"""How an operator is read that there is no word for: by its name, with its parameters as the file states them."""
