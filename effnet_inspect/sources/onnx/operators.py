"""ONNX' operators in our own vocabulary: one row per operator, with the layer that one node of it is.

Nothing is put together here: each node becomes a layer by itself. Where a node is used in a way that the vocabulary
has no word for, its reader gives None. Output shapes come from onnx' inference; a reader states one only where
that leaves sizes open, or our rules for the operation would say something else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from effnet_inspect.graph import Layer, OperationName, Pair
from effnet_inspect.graph.operations import concatenated, matrix_product, transposed_length
from effnet_inspect.sources.onnx.calls import Call, Data
from effnet_inspect.sources.onnx.file import Node
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.passes.draft import MOVE
from effnet_inspect.sources.passes.numbers import Arithmetic, bounded, is_along_channels, with_constant
from effnet_inspect.sources.passes.resampling import resampling
from effnet_inspect.sources.passes.windows import window

TO_CHANNELS_FIRST = (0, 3, 1, 2)
TO_CHANNELS_LAST = (0, 2, 3, 1)

Reader = Callable[[Call], "Layer | None"]
NONE, ALL = slice(0), slice(None)


class Operator(NamedTuple):
    """How the nodes of one operator are read.

    Attributes:
        read: the layer, without name, inputs and parameters; None where there is no word for it.
        learned: which of its operands are trainable parameters, where they are constants.
        fixed: which of them are parameters, but not trainable.
        channels_first: whether images are channels first whatever a transpose further on makes us believe, unless the
            node says otherwise.
        keeps_order: whether it leaves the axes in their order, so that its operands are arranged as its result is.
        starts_with_data: whether the first operand has to be data for `read` to be asked.
        like: another operator that does the same to shapes, where onnx' inference does not know this one.
        takes: which of its operands are those of that operator, in their order, beside scales and zero points of
            quantised numbers; all, where none are named.
        gives_scales: whether its further results are a scale and a zero point.
        squeezes: the axes that it takes away, where it does that; None where they cannot be told.
        computes_weights: whether its weights may be data too, as in a conditional convolution.
    """

    read: Reader
    learned: slice = NONE
    fixed: slice = NONE
    channels_first: bool = False
    keeps_order: bool = False
    starts_with_data: bool = True
    like: str = ""
    takes: Sequence[int] = ()
    gives_scales: bool = False
    squeezes: Callable[[Call], list[int] | None] | None = None
    computes_weights: bool = False


def is_channels_last(node: Node) -> bool:
    """Whether a node of ONNX Runtime takes or gives images channels last."""
    return node.attributes.get("channels_last") == 1 or "Nhwc" in node.kind


def _pair(values: Sequence[int] | None) -> Pair | None:
    return (int(values[0]), int(values[1])) if values is not None and len(values) == 2 else None


def _window(call: Call, kernel: Sequence[int | None] | None) -> dict[str, Any] | None:
    """Attributes of what slides a window over the image; None where it slides over anything else."""
    size = _pair(kernel)  # type: ignore[arg-type]
    stride = _pair(call.attributes.get("strides", (1, 1)))
    dilation = _pair(call.attributes.get("dilations", (1, 1)))
    pads = call.attributes.get("pads") or (0, 0, 0, 0)
    if size is None or stride is None or dilation is None or len(pads) != 4 or min(*size, *stride, *dilation) < 1:
        return None
    automatic = call.attributes.get("auto_pad", "NOTSET")
    top, left, bottom, right = pads
    is_stated = not automatic.startswith("SAME") and automatic != "VALID"
    attributes = window(
        kernel=size,
        stride=stride,
        dilation=dilation,
        sides=(call.data.layer_shape or (None, None))[:2],
        margins=((top, bottom), (left, right)) if is_stated else ((0, 0), (0, 0)),
    )
    return {**attributes, "padding": "same"} if automatic in ("SAME_UPPER", "SAME_LOWER") else attributes


def convolution(call: Call) -> Layer | None:
    weights = call.operands[1]
    kernel = weights.shape if isinstance(weights, Data) and weights.is_image else call.weights(1, rank=4)
    window = kernel and _window(call, call.attributes.get("kernel_shape") or kernel[2:])
    if not kernel or not window or (call.has(3) and isinstance(weights, Data)):
        return None
    groups = int(call.attributes.get("group", 1))
    return Layer(
        "",
        "depthwise_convolution" if groups > 1 and kernel[1] == 1 else "convolution",
        call.node.kind,
        filters=kernel[0],
        groups=groups,
        use_bias=call.has(2),
        activation=_activation_inside(call.node),
        **window,
    )


def _activation_inside(node: Node) -> str | None:
    """Of weights that ONNX Runtime's optimiser joined with the activation after them."""
    kind = node.attributes.get("activation")
    if kind == "Clip":
        return _clip_name(node.attributes.get("activation_params"))
    return ACTIVATIONS.get(str(kind), str(kind).lower()) if kind else None


def _transposed_convolution(call: Call) -> Layer | None:
    kernel = call.weights(1, rank=4)
    window = kernel and _window(call, call.attributes.get("kernel_shape") or kernel[2:])
    if not kernel or not window:
        return None
    groups = int(call.attributes.get("group", 1))
    filters = None if kernel[1] is None else kernel[1] * groups
    sides = call.data.layer_shape[:2] if call.data.layer_shape else (None, None)
    automatic = str(call.attributes.get("auto_pad", "NOTSET")).startswith("SAME")
    extra = _pair(call.attributes.get("output_padding", (0, 0))) or (0, 0)
    pads = call.attributes.get("pads") or (0, 0, 0, 0)
    height, width = (
        transposed_length(
            sides[axis],
            window["kernel"][axis],
            window["stride"][axis],
            "same" if automatic else "valid",
            window["dilation"][axis],
            margins=(pads[axis], pads[axis + 2]),
            output_padding=None if automatic else extra[axis],
        )
        for axis in (0, 1)
    )
    return Layer(
        "",
        "transposed_convolution",
        call.node.kind,
        filters=filters,
        groups=groups,
        use_bias=call.has(2),
        output_shape=(height, width, filters),
        **window,
    )


def _dense(call: Call) -> Layer | None:
    """`Gemm`, and `MatMul` with a matrix of weights, or of two tensors that are both data."""
    if call.kind == "MatMul" and len(call.taken) == 2:
        _, macs = matrix_product(*(each.shape for each in call.taken))
        return Layer("", "matrix_product", call.node.kind, macs=macs)
    kernel = call.weights(1, rank=2)
    if kernel is None or call.attributes.get("transA"):
        return None
    units = kernel[0 if call.attributes.get("transB") else 1]
    return Layer(
        "", "dense", call.node.kind, filters=units, use_bias=call.has(2), activation=_activation_inside(call.node)
    )


def _batch_normalization(call: Call) -> Layer:
    epsilon = float(call.attributes.get("epsilon", 1e-5))
    return Layer("", "batch_normalization", call.node.kind, use_bias=True, use_scale=True, epsilon=epsilon)


def _group_normalization(call: Call) -> Layer | None:
    """`GroupNormalization`, and `InstanceNormalization`, of which each channel is a group."""
    scale = call.weights(1, rank=1)
    stated = call.attributes.get("num_groups", scale[0] if scale else None)
    groups = None if stated is None else int(stated)
    epsilon = float(call.attributes.get("epsilon", 1e-5))
    kind = call.node.kind
    return Layer("", "group_normalization", kind, groups=groups, use_bias=True, use_scale=True, epsilon=epsilon)


def _layer_normalization(call: Call) -> Layer:
    epsilon = float(call.attributes.get("epsilon", 1e-5))
    return Layer(
        "", "layer_normalization", call.node.kind, use_bias=call.has(2), use_scale=call.has(1), epsilon=epsilon
    )


def _plain(operation: OperationName) -> Reader:
    return lambda call: Layer("", operation, call.node.kind)


def _activation(name: str) -> Reader:
    return lambda call: Layer("", "activation", call.node.kind, activation=name)


def _clip(call: Call) -> Layer:
    low, high = call.numbers(1, "min"), call.numbers(2, "max")
    return Layer("", "activation", call.node.kind, activation=_clip_name((*(low or (None,)), *(high or ()))))


def _clip_name(bounds: Sequence[Any] | None) -> str:
    """What clipping between a lower and, where there is one, an upper bound is called."""
    if not bounds or bounds[0] != 0:
        return "clip"
    return f"relu{bounds[1]:g}" if len(bounds) > 1 else "relu"


def _swish(call: Call) -> Layer:
    """`x * sigmoid(alpha * x)`."""
    name = "silu" if call.attributes.get("alpha", 1.0) == 1.0 else "quick_gelu"
    return Layer("", "activation", call.node.kind, activation=name)


def _bound(call: Call) -> Layer | None:
    """The larger one of data; or a bound, of which `Max(x, 0)` is ReLU."""
    if not call.constants:
        return Layer("", "maximum", call.node.kind) if call.node.kind == "Max" else None
    if len(call.taken) != 1 or len(call.constants) != 1:
        return None
    return bounded(call.node.kind == "Min", call.node.kind, call.constants[0])


ARITHMETIC: dict[str, Arithmetic] = {"Add": "add", "Sum": "add", "Sub": "subtract", "Mul": "multiply", "Div": "divide"}

ELEMENTWISE: dict[str, OperationName] = {
    "Add": "add",
    "Sum": "add",
    "Mul": "multiply",
    "Sub": "subtract",
    "Mean": "average",
}


def _elementwise(call: Call) -> Layer | None:
    if call.constants:
        return _with_constant(call)
    operation = ELEMENTWISE.get(call.kind)
    return Layer("", operation, call.node.kind) if operation else None


def _with_constant(call: Call) -> Layer | None:
    """A sum or a product with a constant: by one number, by one for each channel, by noise, or by anything else."""
    kind, written = call.kind, call.node.kind
    if len(call.operands) != 2 or (isinstance(call.operands[0], Constant) and kind in ("Sub", "Div")):
        return None
    (constant,) = call.constants
    scales = kind in ("Mul", "Div")
    if constant.quantizes:
        return Layer("", "identity", written)
    if constant.random:
        return Layer("", "dropout", written) if scales else None
    if not is_along_channels(constant, call.data.shape, call.data.behind_channels):
        return Layer("", "multiply" if scales else "add", written)
    if kind not in ARITHMETIC:
        return None
    return with_constant(ARITHMETIC[kind], written, constant, call.data.layer_shape)


def _dropout(call: Call) -> Layer:
    """Dropout does nothing at inference; it does where the model was exported for training."""
    if not (call.numbers(2) or [False])[0]:
        return Layer("", "identity", call.node.kind)
    return Layer("", "dropout", call.node.kind, rate=float((call.numbers(1) or [0.5])[0]))


def _transpose(call: Call) -> Layer | None:
    """Nothing at all between channels first and channels last, as the layers' shapes are the same for both."""
    data = call.data
    axes = call.attributes.get("perm") or tuple(reversed(range(len(data.shape or ()))))
    if data.shape is not None and sorted(axes) != list(range(len(data.shape))):
        return None
    swaps = data.shape is not None and axes == (TO_CHANNELS_FIRST if data.channels_last else TO_CHANNELS_LAST)
    return Layer("", "identity" if swaps else MOVE, call.node.kind)


def _global_pooling(operation: OperationName) -> Reader:
    def read(call: Call) -> Layer | None:
        if call.data.shape is not None and not call.data.is_image:
            return None
        shape = (1, 1, call.data.channels) if call.data.shape else None
        return Layer("", operation, call.node.kind, output_shape=shape)

    return read


def _reduction(operation: OperationName) -> Reader:
    """A mean or maximum over both sides of the image is a global pooling."""

    def read(call: Call) -> Layer | None:
        data, axes = call.data, call.numbers(1, "axes")
        if not data.is_image or not axes or {axis % 4 for axis in axes} != set(data.sides):
            return None
        shape = (1, 1, data.channels) if call.attributes.get("keepdims", 1) else (data.channels,)
        return Layer("", operation, call.node.kind, output_shape=shape)

    return read


def _pooling(operation: OperationName) -> Reader:
    def read(call: Call) -> Layer | None:
        window = _window(call, call.attributes.get("kernel_shape"))
        return Layer("", operation, call.node.kind, **window) if window else None

    return read


def _pad(call: Call) -> Layer | None:
    data, pads = call.data, call.numbers(1, "pads")
    value = call.numbers(2, "value") or [0]
    if not data.is_image or call.attributes.get("mode", "constant") != "constant" or value != [0] or call.has(3):
        return None
    if pads is None:
        return Layer("", "zero_padding", call.node.kind, output_shape=(None, None, data.channels))
    if len(pads) != 8:
        return None
    (top, left), (bottom, right) = ([int(pads[axis + offset]) for axis in data.sides] for offset in (0, 4))
    if sum(map(abs, pads)) != sum(map(abs, (top, left, bottom, right))):
        return None
    if not any(pads):
        return Layer("", "identity", call.node.kind)
    if max(top, left, bottom, right) <= 0:
        return Layer("", "cropping", call.node.kind, margins=((-top, -bottom), (-left, -right)))
    return Layer("", "zero_padding", call.node.kind, margins=((top, bottom), (left, right)))


def _squeezed(call: Call) -> list[int] | None:
    """The axes stated; without any, every axis of size 1, but not a batch that is counted as 1 only because it is open.

    Of sizes that are unknown nobody can tell.
    """
    shape = call.data.shape
    if shape is None:
        return None
    if call.has(1) or "axes" in call.attributes:
        stated = [axis % len(shape) for axis in call.numbers(1, "axes") or ()]
        return stated if stated and all(shape[axis] in (1, None) for axis in stated) else None
    judged = [*range(1 if call.data.batch == "open" else 0, len(shape))]
    if any(shape[axis] is None for axis in judged):
        return None
    return [axis for axis in judged if shape[axis] == 1]


def _concatenate(call: Call) -> Layer:
    shapes = None if call.constants else [each.shape for each in call.taken]
    shape = concatenated(shapes, int(call.attributes.get("axis", 1))) if shapes else None
    laid_out = replace(call.data, shape=shape).layer_shape
    return Layer("", "concatenate", call.node.kind, output_shape=laid_out)


def _resize(call: Call) -> Layer | None:
    data = call.data
    scales = call.numbers(1 if call.kind == "Upsample" else 2, "scales")
    if not data.is_image:
        return None
    settings = _interpolation(call)
    if scales and len(scales) == 4:
        height, width = (float(scales[axis]) for axis in data.sides)
        if height >= 1 and width >= 1 and height.is_integer() and width.is_integer():
            return Layer("", "upsampling", call.node.kind, stride=(int(height), int(width)), settings=settings)
    sizes = call.sizes(3) or []
    rows, columns = (sizes[axis] for axis in data.sides) if len(sizes) == 4 else (None, None)
    return Layer("", "resizing", call.node.kind, output_shape=(rows, columns, data.channels), settings=settings)


def _interpolation(call: Call) -> tuple[tuple[str, str], ...]:
    """How values between positions are made, in Keras' words where it has any."""
    usual, rounding = ("asymmetric", "floor") if call.kind == "Upsample" else ("half_pixel", "round_prefer_floor")
    mode = str(call.attributes.get("mode", "nearest"))
    return resampling(
        {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode),
        str(call.attributes.get("coordinate_transformation_mode", usual)).removeprefix("pytorch_"),
        str(call.attributes.get("nearest_mode", rounding)),
        antialias=bool(call.attributes.get("antialias", 0)),
    )


ACTIVATIONS: dict[str, str] = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "HardSwish": "hard_silu",
    "Tanh": "tanh",
    "Elu": "elu",
    "Selu": "selu",
    "Celu": "celu",
    "Gelu": "gelu",
    "Mish": "mish",
    "LeakyRelu": "leaky_relu",
    "PRelu": "prelu",
    "ThresholdedRelu": "thresholded_relu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
}

ONNX_OPERATORS: dict[str, Operator] = {
    **{
        kind: Operator(_activation(name), learned=slice(1, None), keeps_order=True)
        for kind, name in ACTIVATIONS.items()
    },
    "Swish": Operator(_swish, keeps_order=True, like="Relu"),
    "Clip": Operator(_clip, keeps_order=True),
    "Min": Operator(_bound, keeps_order=True, starts_with_data=False),
    "Max": Operator(_bound, keeps_order=True, starts_with_data=False),
    "Conv": Operator(convolution, learned=slice(1, 3), channels_first=True, computes_weights=True),
    "ConvTranspose": Operator(_transposed_convolution, learned=slice(1, 3), channels_first=True),
    "Gemm": Operator(_dense, learned=slice(1, 3)),
    "MatMul": Operator(_dense, learned=slice(1, 3), computes_weights=True),
    "BatchNormalization": Operator(_batch_normalization, learned=slice(1, 3), fixed=slice(3, 5), channels_first=True),
    **{
        kind: Operator(_group_normalization, learned=slice(1, 3), channels_first=True)
        for kind in ("InstanceNormalization", "GroupNormalization")
    },
    "LayerNormalization": Operator(_layer_normalization, learned=slice(1, 3)),
    **{
        kind: Operator(_elementwise, learned=ALL, keeps_order=True, starts_with_data=False)
        for kind in (*ELEMENTWISE, "Div")
    },
    "GlobalAveragePool": Operator(_global_pooling("global_average_pooling"), channels_first=True),
    "GlobalMaxPool": Operator(_global_pooling("global_max_pooling"), channels_first=True),
    "ReduceMean": Operator(_reduction("global_average_pooling")),
    "ReduceMax": Operator(_reduction("global_max_pooling")),
    "AveragePool": Operator(_pooling("average_pooling"), channels_first=True),
    "MaxPool": Operator(_pooling("max_pooling"), channels_first=True),
    "Reshape": Operator(_plain("reshape")),
    "Flatten": Operator(_plain("flatten")),
    "Squeeze": Operator(_plain("reshape"), squeezes=_squeezed),
    "Unsqueeze": Operator(_plain("reshape")),
    "Transpose": Operator(_transpose),
    **{
        kind: Operator(_plain(MOVE), starts_with_data=False)
        for kind in ("Expand", "Gather", "Slice", "Split", "Tile", "DepthToSpace", "SpaceToDepth")
    },
    "Pad": Operator(_pad, keeps_order=True),
    "Concat": Operator(_concatenate, keeps_order=True, starts_with_data=False),
    "Resize": Operator(_resize, keeps_order=True),
    "Upsample": Operator(_resize, keeps_order=True),
    "Dropout": Operator(_dropout, keeps_order=True),
    **{
        kind: Operator(_plain("identity"), keeps_order=True)
        for kind in ("Identity", "Cast", "CastLike", "QuantizeLinear", "DequantizeLinear")
    },
    "DynamicQuantizeLinear": Operator(_plain("identity"), keeps_order=True, gives_scales=True),
}
"""ONNX operator -> how it is read."""


LEARNS_ALL = Operator(_plain("opaque"), learned=ALL, starts_with_data=False)
"""How a node is read that there is no word for: by its name, with its parameters as the file states them."""
