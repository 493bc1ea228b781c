"""ONNX' operators in our own vocabulary: one row per operator, with how its nodes are read.

What exporters take apart is put together again, so that the same network gives the same layers whoever wrote
the file: `x * sigmoid(x)` is one SiLU, a matrix product and its bias one dense layer, a product and a sum per
channel one normalisation. Transposes between channels first and channels last leave the graph.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from effnet_inspect.graph import Layer, Pair, elements
from effnet_inspect.operations import broadcast
from effnet_inspect.sources.onnx_constants import Constant
from effnet_inspect.sources.onnx_file import Dimensions, Node
from effnet_inspect.sources.onnx_reader import (
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
    WEIGHTED,
    Data,
    Operand,
    Operator,
    Reader,
    total_size,
)

MAXIMUM_AXES = 64


def _numbers(operands: Sequence[Operand], index: int) -> list[Any] | None:
    """Values of the constant operand at `index`; None where it is missing or unknown."""
    operand = operands[index] if index < len(operands) else None
    return operand.numbers() if isinstance(operand, Constant) else None


def _operand_or_attribute(node: Node, operands: Sequence[Operand], index: int, name: str) -> list[Any] | None:
    """Newer versions of ONNX made operands of what were attributes."""
    if len(operands) > index and operands[index] is not None:
        return _numbers(operands, index)
    value = node.attributes.get(name)
    return None if value is None else list(value) if isinstance(value, tuple) else [value]


def _has(operands: Sequence[Operand], index: int) -> bool:
    return len(operands) > index and operands[index] is not None


def _pair(values: Sequence[int] | None) -> Pair | None:
    return (int(values[0]), int(values[1])) if values is not None and len(values) == 2 else None


def _channels_first(data: Data) -> Data:
    """Convolutions and pooling see channels first, whatever a transpose further on made us believe."""
    return replace(data, channels_last=False)


def _window(node: Node, data: Data, kernel: Sequence[int] | None) -> dict[str, Any] | None:
    """Attributes of what slides a window over the image; None where it slides over anything else."""
    size = _pair(kernel)
    stride = _pair(node.attributes.get("strides", (1, 1)))
    dilation = _pair(node.attributes.get("dilations", (1, 1)))
    pads = node.attributes.get("pads") or (0, 0, 0, 0)
    if size is None or stride is None or dilation is None or len(pads) != 4 or min(*size, *stride, *dilation) < 1:
        return None
    attributes: dict[str, Any] = {"kernel": size, "stride": stride, "dilation": dilation, "padding": "valid"}
    automatic = node.attributes.get("auto_pad", "NOTSET")
    top, left, bottom, right = pads
    margins = ((top, bottom), (left, right))
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        attributes["padding"] = "same"
    elif automatic != "VALID" and any(pads):
        sides = (data.layer_shape or (None, None))[:2]
        reached = tuple((size[axis] - 1) * dilation[axis] + 1 for axis in (0, 1))
        if margins == tuple(_same_margins(sides[axis], reached[axis], stride[axis]) for axis in (0, 1)):
            attributes["padding"] = "same"
        else:
            attributes["margins"] = margins
    return attributes


def _same_margins(size: int | None, reached: int, stride: int) -> Pair | None:
    """What Keras' padding "same" adds before and after; the odd one comes after."""
    if stride == 1:
        total = reached - 1
    elif size is None:
        return None
    else:
        total = max((math.ceil(size / stride) - 1) * stride + reached - size, 0)
    return (total // 2, total - total // 2)


def _convolution(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    data, kernel = operands[0], operands[1]
    if not isinstance(data, Data) or not isinstance(kernel, Constant) or len(kernel.shape or ()) != 4:
        return None
    if _has(operands, 3):
        return None
    data = _channels_first(data)
    assert kernel.shape is not None
    window = _window(node, data, node.attributes.get("kernel_shape") or kernel.shape[2:])  # type: ignore[arg-type]
    if window is None:
        return None
    groups = int(node.attributes.get("group", 1))
    transposed = node.kind == "ConvTranspose"
    filters, fan_in = kernel.shape[0], kernel.shape[1]
    if transposed and fan_in is not None:
        filters = fan_in * groups
    is_depthwise = groups > 1 and fan_in == 1 and not transposed
    operation = "depthwise_convolution" if is_depthwise else "convolution"
    layer = Layer(
        "",
        "transposed_convolution" if transposed else operation,
        node.kind,
        filters=filters,
        groups=groups,
        use_bias=_has(operands, 2),
        activation=_activation_inside(node),
        **window,
    )
    shape = _transposed_shape(node, data, layer) if transposed else ...
    return reader.add(node, [data], layer, shape=shape, learned=operands[1:3])


def _activation_inside(node: Node) -> str | None:
    """Of a convolution that ONNX Runtime's optimiser joined with the activation after it."""
    kind = node.attributes.get("activation")
    if kind == "Clip":
        return _clip_name(node.attributes.get("activation_params"))
    return ACTIVATIONS.get(str(kind), str(kind).lower()) if kind else None


def _transposed_shape(node: Node, data: Data, layer: Layer) -> Dimensions | None:
    if not data.shape or not layer.kernel or not layer.stride or not layer.dilation:
        return None
    extra = _pair(node.attributes.get("output_padding", (0, 0))) or (0, 0)
    pads = node.attributes.get("pads") or (0, 0, 0, 0)
    automatic = str(node.attributes.get("auto_pad", "NOTSET")).startswith("SAME")
    sides: list[int | None] = []
    for axis in (0, 1):
        size, stride = data.shape[axis + 2], layer.stride[axis]
        reached = (layer.kernel[axis] - 1) * layer.dilation[axis] + 1
        whole = None if size is None else stride * (size - 1) + extra[axis] + reached - pads[axis] - pads[axis + 2]
        sides.append(size * stride if automatic and size is not None else whole)
    return (data.shape[0], layer.filters, *sides)


def _dense(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """`Gemm`, and `MatMul` with a matrix of weights."""
    data, kernel = operands[0], operands[1]
    if not isinstance(data, Data) or not isinstance(kernel, Constant) or len(kernel.shape or ()) != 2:
        return None
    if node.attributes.get("transA") or kernel.shape is None:
        return None
    units = kernel.shape[0 if node.attributes.get("transB") else 1]
    layer = Layer("", "dense", node.kind, filters=units, use_bias=_has(operands, 2))
    shape = None if data.shape is None else (*data.shape[:-1], units)
    return reader.add(node, [data], layer, shape=shape, learned=operands[1:3])


def _batch_normalization(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    data = operands[0]
    if not isinstance(data, Data):
        return None
    layer = Layer(
        "",
        "batch_normalization",
        node.kind,
        use_bias=True,
        use_scale=True,
        epsilon=float(node.attributes.get("epsilon", 1e-5)),
    )
    return reader.add(node, [_channels_first(data)], layer, learned=operands[1:3], fixed=operands[3:5])


def _activation(name: str) -> Operator:
    def read(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
        data = operands[0]
        if not isinstance(data, Data):
            return None
        return reader.add(node, [data], Layer("", "activation", node.kind, activation=name), learned=operands[1:])

    return read


def _clip(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    low = _operand_or_attribute(node, operands, 1, "min")
    high = _operand_or_attribute(node, operands, 2, "max")
    return _activation(_clip_name((*(low or (None,)), *(high or ()))))(reader, node, operands[:1])


def _clip_name(bounds: Sequence[Any] | None) -> str:
    """What clipping between a lower and, where there is one, an upper bound is called."""
    if not bounds or bounds[0] != 0:
        return "clip"
    return f"relu{bounds[1]:g}" if len(bounds) > 1 else "relu"


def _swish(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """`x * sigmoid(alpha * x)`."""
    name = "silu" if node.attributes.get("alpha", 1.0) == 1.0 else "quick_gelu"
    return _activation(name)(reader, node, operands[:1])


def _bound(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """`Max(x, 0)` is ReLU, `Min(relu(x), 6)` is ReLU6; among data the larger one."""
    taken = [each for each in operands if isinstance(each, Data)]
    if len(taken) == len(operands):
        return reader.add(node, operands, Layer("", "maximum", node.kind)) if node.kind == "Max" else None
    bounds = [number for each in operands if isinstance(each, Constant) for number in each.numbers() or [None]]
    (data,) = taken if len(taken) == 1 else (None,)
    if data is None or len(bounds) != 1 or bounds[0] is None:
        return None
    before = reader.layers[data.layer]
    if node.kind == "Max" and bounds[0] == 0:
        return _activation("relu")(reader, node, [data])
    if node.kind == "Min" and before.activation == "relu" and before.operation == "activation" and data.alone:
        return reader.joined(data, node, activation=f"relu{bounds[0]:g}")
    return _activation("clip")(reader, node, [data])


GATES = {"sigmoid": "silu", "hard_sigmoid": "hard_silu"}
"""Activation -> what `x` times it is called."""

ELEMENTWISE = {"Add": "add", "Sum": "add", "Mul": "multiply", "Sub": "subtract", "Mean": "average"}


def _elementwise(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    taken = [each for each in operands if isinstance(each, Data)]
    if len(taken) < len(operands):
        return _with_constant(reader, node, operands)
    if node.kind == "Mul":
        for gate, other in (operands, operands[::-1]):
            assert isinstance(gate, Data)
            assert isinstance(other, Data)
            layer = reader.layers[gate.layer]
            if layer.activation in GATES and layer.inputs == (other.layer,) and gate.alone and gate != other:
                return reader.joined(gate, node, activation=GATES[layer.activation])
    if node.kind not in ELEMENTWISE:
        return None
    return reader.add(
        node, operands, Layer("", ELEMENTWISE[node.kind], node.kind), shape=broadcast([each.shape for each in taken])
    )


def _with_constant(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """A sum or a product with a constant: part of a normalisation, of a layer's bias, of dropout, or a rescaling."""
    if len(operands) != 2:
        return None
    data, constant = operands if isinstance(operands[0], Data) else operands[::-1]
    if not isinstance(data, Data) or not isinstance(constant, Constant):
        return None
    if isinstance(operands[0], Constant) and node.kind in ("Sub", "Div"):
        return None
    scales = node.kind in ("Mul", "Div")
    if constant.random:
        return _dropout_by_noise(reader, node, data) if scales else None
    if not _is_along_channels(data, constant):
        return reader.add(node, [data], Layer("", "multiply" if scales else "add", node.kind), learned=[constant])
    is_one_number = constant.size == 1
    if data.weighted and not is_one_number:
        return _normalize(reader, node, data, constant, scales)
    return _rescale(reader, node, data, constant, scales)


def _is_along_channels(data: Data, constant: Constant) -> bool:
    """Whether a constant is one number, or one for each channel."""
    if constant.shape is None or data.shape is None:
        return constant.size == 1
    axis = data.channel_axis if data.is_image else len(data.shape) - 1
    behind = len(data.shape) - 1 - axis
    sizes = dict(enumerate(reversed(constant.shape)))
    return all(size == 1 or position == behind for position, size in sizes.items())


def _normalize(reader: Reader, node: Node, data: Data, constant: Constant, scales: bool) -> Data:
    """Behind weights, a factor and an offset per channel are a batch normalisation worked out beforehand."""
    before = reader.layers[data.layer]
    size = total_size([constant])
    if not scales and data.alone and before.use_bias is False and before.shares_weights_with is None:
        is_open = before.operation in WEIGHTED or before.operation == "batch_normalization"
        if is_open and before.activation is None:
            return reader.joined(
                data,
                node,
                use_bias=True,
                parameters=_sum(before.parameters, size),
                trainable_parameters=_sum(before.trainable_parameters, size),
            )
    layer = Layer("", "batch_normalization", node.kind, use_scale=scales, use_bias=not scales)
    return reader.add(node, [data], layer, learned=[constant])


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _rescale(reader: Reader, node: Node, data: Data, constant: Constant, scales: bool) -> Data:
    """Before any weights, or by one number: a rescaling; a shift and then a factor per channel normalise the input."""
    before = reader.layers[data.layer]
    values = constant.numbers()
    factors = values and tuple(1 / value if node.kind == "Div" and value else float(value) for value in values)
    shifts = values and tuple(-float(value) if node.kind == "Sub" else float(value) for value in values)
    if (factors == (1.0,) and scales) or (shifts == (0.0,) and not scales):
        return data
    if data.alone and before.operation == "rescaling":
        shifted_by_channel = before.class_name in ("Add", "Sub") and (before.offset is None or len(before.offset) > 1)
        if scales and shifted_by_channel and constant.size != 1:
            parameters = None if constant.size is None else 2 * constant.size
            return reader.joined(data, node, operation="normalization", offset=None, parameters=parameters)
        if not scales and before.class_name in ("Mul", "Div") and constant.size == 1:
            return reader.joined(data, node, offset=shifts)
    told = {"scale": factors} if scales else {"offset": shifts}
    return reader.add(node, [data], Layer("", "rescaling", node.kind, **told))


def _dropout_by_noise(reader: Reader, node: Node, data: Data) -> Data:
    """`x / keep * noise`: stochastic depth in a model exported for training."""
    before = reader.layers[data.layer]
    if data.alone and before.operation == "rescaling" and before.class_name == "Div" and before.scale:
        return reader.joined(data, node, operation="dropout", rate=1 - 1 / before.scale[0], scale=None)
    return reader.add(node, [data], Layer("", "dropout", node.kind))


def _alias(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """What changes nothing that we look at."""
    return operands[0] if isinstance(operands[0], Data) else None


def _dropout(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """Dropout does nothing at inference; it is a layer where the model was exported for training."""
    data = operands[0]
    if not isinstance(data, Data) or not (_numbers(operands, 2) or [False])[0]:
        return _alias(reader, node, operands)
    rate = _numbers(operands, 1) or [0.5]
    return reader.add(node, [data], Layer("", "dropout", node.kind, rate=float(rate[0])))


def _transpose(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    data = operands[0]
    if not isinstance(data, Data):
        return None
    if data.shape is None:
        return reader.add(node, [data], Layer("", "reshape", node.kind), shape=None)
    axes = node.attributes.get("perm") or tuple(reversed(range(len(data.shape))))
    if sorted(axes) != list(range(len(data.shape))):
        return None
    shape = tuple(data.shape[axis] for axis in axes)
    if axes == (TO_CHANNELS_FIRST if data.channels_last else TO_CHANNELS_LAST):
        return replace(data, shape=shape, channels_last=not data.channels_last)
    return reader.add(node, [_channels_first(data)], Layer("", "reshape", node.kind), shape=shape)


def _new_shape(node: Node, data: Data, operands: list[Operand]) -> Dimensions | None:
    """The shape that an operator which only rearranges gives; None where it cannot be told."""
    old = data.shape
    if node.kind == "Reshape":
        target = _known_sizes(operands, node)
        return None if target is None else _reshaped(old, target, bool(node.attributes.get("allowzero")))
    if old is None:
        return None
    if node.kind == "Flatten":
        axis = int(node.attributes.get("axis", 1))
        return (elements(old[:axis]), elements(old[axis:]))
    axes = _operand_or_attribute(node, operands, 1, "axes")
    if node.kind == "Squeeze":
        gone = {axis % len(old) for axis in axes} if axes else {axis for axis, size in enumerate(old) if size == 1}
        return tuple(size for axis, size in enumerate(old) if axis not in gone)
    if axes is None:
        return None
    rank = len(old) + len(axes)
    if rank > MAXIMUM_AXES:
        return None
    new = {axis % rank for axis in axes}
    rest = iter(old)
    return tuple(1 if axis in new else next(rest) for axis in range(rank))


def _known_sizes(operands: list[Operand], node: Node) -> list[int | None] | None:
    """The sizes a `Reshape` asks for; a single one may be unknown."""
    if len(operands) > 1:
        asked = operands[1]
        return asked.values.ravel().tolist() if isinstance(asked, Constant) and asked.values is not None else None
    return list(node.attributes.get("shape", ())) or None


def _reshaped(old: Dimensions | None, target: list[int | None], keeps_zero: bool) -> Dimensions | None:
    """A target may say 0, which keeps the old size, and -1 once, which is what remains."""
    sizes = list(target)
    for axis, size in enumerate(target):
        if size == 0 and not keeps_zero:
            sizes[axis] = old[axis] if old and axis < len(old) else None
    if -1 not in sizes:
        return tuple(sizes)
    before: Dimensions = old or (None,)
    has_open_batch = before[0] is None and sizes[0] in (None, -1)
    if has_open_batch and sizes[0] == -1:
        return (None, *sizes[1:])
    # A batch of open size goes through unchanged, so that it may be left out on both sides.
    first = 1 if has_open_batch else 0
    whole, rest = elements(before[first:]), elements([size for size in sizes[first:] if size != -1])
    remaining = whole // rest if whole and rest else None
    return tuple(remaining if size == -1 else size for size in sizes)


def _rearrange(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """Reshape, Flatten, Squeeze, Unsqueeze: several in a row are one, and one that changes nothing is none."""
    data = operands[0]
    if not isinstance(data, Data):
        return None
    shape = _new_shape(node, data, operands)
    before = reader.layers[data.layer]
    source = reader.taken_by.get(data.layer)
    joins = data.alone and before.operation in ("reshape", "flatten") and before.class_name != "Transpose"
    old = source.shape if joins and source else data.shape
    if shape is not None and old is not None and shape[1:] == old[1:] and None not in shape[1:]:
        if not joins or source is None:
            return data
        del reader.layers[data.layer]
        return source
    if shape is not None and before.operation in GLOBAL and data.alone and data.is_image and len(shape) == 2:
        flat = replace(data, shape=shape)
        return reader.joined(flat, node, output_shape=flat.layer_shape)
    operation = "flatten" if node.kind == "Flatten" else "reshape"
    if joins and source:
        del reader.layers[data.layer]
        data = source
    return reader.add(node, [data], Layer("", operation, node.kind), shape=shape)


def _global_pooling(operation: str) -> Operator:
    def read(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
        data = operands[0]
        if not isinstance(data, Data) or (data.shape is not None and not data.is_image):
            return None
        data = _channels_first(data)
        shape = (data.shape[0], data.shape[1], 1, 1) if data.shape else None
        return reader.add(node, [data], Layer("", operation, node.kind), shape=shape)

    return read


def _reduce(operation: str) -> Operator:
    """A mean or maximum over both sides of the image is a global pooling."""

    def read(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
        data = operands[0]
        axes = _operand_or_attribute(node, operands, 1, "axes")
        if not isinstance(data, Data) or not data.shape or not data.is_image or not axes:
            return None
        reduced = {axis % 4 for axis in axes}
        if reduced != {0, 1, 2, 3} - {0, data.channel_axis}:
            return None
        keeps = bool(node.attributes.get("keepdims", 1))
        sizes = [1 if axis in reduced else size for axis, size in enumerate(data.shape) if keeps or axis not in reduced]
        return reader.add(node, [data], Layer("", operation, node.kind), shape=tuple(sizes))

    return read


def _pooling(operation: str) -> Operator:
    def read(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
        data = operands[0]
        if not isinstance(data, Data):
            return None
        data = _channels_first(data)
        window = _window(node, data, node.attributes.get("kernel_shape"))
        if window is None:
            return None
        layer = Layer("", operation, node.kind, **window)
        rounds_up = node.attributes.get("ceil_mode")
        return reader.add(node, [data], layer, shape=None) if rounds_up else reader.add(node, [data], layer)

    return read


def _pad(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    data = operands[0]
    value = _numbers(operands, 2) or [node.attributes.get("value", 0)]
    if not isinstance(data, Data) or not data.is_image or node.attributes.get("mode", "constant") != "constant":
        return None
    if value != [0] or _has(operands, 3):
        return None
    pads = _operand_or_attribute(node, operands, 1, "pads")
    layer = Layer("", "zero_padding", node.kind)
    if pads is None:
        assert data.shape is not None
        unknown = data.with_layer_shape((None, None, data.channels))
        return reader.add(node, [data], layer, shape=unknown)
    if len(pads) != 8:
        return None
    rows, columns = (1, 2) if data.channels_last else (2, 3)
    margins = ((int(pads[rows]), int(pads[rows + 4])), (int(pads[columns]), int(pads[columns + 4])))
    if sum(map(abs, pads)) != sum(abs(each) for side in margins for each in side):
        return None
    if not any(pads):
        return data
    if all(each <= 0 for side in margins for each in side):
        cropped = ((-margins[0][0], -margins[0][1]), (-margins[1][0], -margins[1][1]))
        return reader.add(node, [data], replace(layer, operation="cropping", margins=cropped))
    return reader.add(node, [data], replace(layer, margins=margins))


def _concatenate(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    taken = [each for each in operands if isinstance(each, Data)]
    shapes = [each.shape for each in operands if each is not None]
    first = shapes[0]
    if first is None or any(shape is None or len(shape) != len(first) for shape in shapes):
        return reader.add(node, taken, Layer("", "concatenate", node.kind), shape=None)
    axis = int(node.attributes.get("axis", 1)) % len(first)
    sizes = [shape[axis] for shape in shapes if shape is not None]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    shape = (*first[:axis], total, *first[axis + 1 :])
    return reader.add(node, taken, Layer("", "concatenate", node.kind), shape=shape)


def _resize(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    data = operands[0]
    if not isinstance(data, Data) or not data.is_image or not data.shape:
        return None
    scales = _operand_or_attribute(node, operands, 1 if node.kind == "Upsample" else 2, "scales")
    rows, columns = (1, 2) if data.channels_last else (2, 3)
    if scales and len(scales) == 4:
        height, width = float(scales[rows]), float(scales[columns])
        if height >= 1 and width >= 1 and height.is_integer() and width.is_integer():
            return reader.add(node, [data], Layer("", "upsampling", node.kind, stride=(int(height), int(width))))
        sides = [_scaled(data.shape[rows], height), _scaled(data.shape[columns], width)]
    else:
        asked = operands[3] if len(operands) > 3 else None
        sizes = asked.values.ravel().tolist() if isinstance(asked, Constant) and asked.values is not None else []
        sides = [sizes[rows], sizes[columns]] if len(sizes) == 4 else [None, None]
    shape = data.with_layer_shape((sides[0], sides[1], data.channels))
    return reader.add(node, [data], Layer("", "resizing", node.kind), shape=shape)


def _scaled(size: int | None, factor: float) -> int | None:
    return None if size is None or not 0 < factor < 1e6 else math.floor(size * factor)


def _moved(reader: Reader, node: Node, operands: list[Operand]) -> Data | None:
    """What only moves or repeats values; its shape is what the file states."""
    return reader.add(node, operands, Layer("", "reshape", node.kind), shape=None)


GLOBAL = frozenset({"global_average_pooling", "global_max_pooling"})

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

OPERATORS: dict[str, Operator] = {
    **{kind: _activation(name) for kind, name in ACTIVATIONS.items()},
    "Swish": _swish,
    "com.microsoft.QuickGelu": _swish,
    "Clip": _clip,
    "Min": _bound,
    "Max": _bound,
    "Conv": _convolution,
    "com.microsoft.FusedConv": _convolution,
    "ConvTranspose": _convolution,
    "Gemm": _dense,
    "MatMul": _dense,
    "BatchNormalization": _batch_normalization,
    "Add": _elementwise,
    "Sub": _elementwise,
    "Mul": _elementwise,
    "Div": _elementwise,
    "Sum": _elementwise,
    "Mean": _elementwise,
    "GlobalAveragePool": _global_pooling("global_average_pooling"),
    "GlobalMaxPool": _global_pooling("global_max_pooling"),
    "ReduceMean": _reduce("global_average_pooling"),
    "ReduceMax": _reduce("global_max_pooling"),
    "AveragePool": _pooling("average_pooling"),
    "MaxPool": _pooling("max_pooling"),
    "Reshape": _rearrange,
    "Flatten": _rearrange,
    "Squeeze": _rearrange,
    "Unsqueeze": _rearrange,
    "Transpose": _transpose,
    **dict.fromkeys(("Expand", "Gather", "Slice", "Split", "Tile", "DepthToSpace", "SpaceToDepth"), _moved),
    "Pad": _pad,
    "Concat": _concatenate,
    "Resize": _resize,
    "Upsample": _resize,
    "Dropout": _dropout,
    "Identity": _alias,
    "Cast": _alias,
    "CastLike": _alias,
    "QuantizeLinear": _alias,
    "DequantizeLinear": _alias,
}
"""ONNX operator -> how it is read. Whatever is not here becomes an opaque layer."""
