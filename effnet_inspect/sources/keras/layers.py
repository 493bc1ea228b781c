"""Keras' layer classes in our own vocabulary: one row per class, with where its attributes are found.

Read from configurations, that is from plain data: neither Keras nor TensorFlow is needed, and nothing is run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from effnet_inspect.graph import OperationName, Pair, Shape, elements
from effnet_inspect.graph.operations import transposed_length

Config = Mapping[str, Any]
Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LayerClass:
    """How one Keras class reads: its operation, and the attributes of `graph.Layer` its configuration states.

    `holds_weights` is False for what is unknown but for this: that it is a plain function. `reads` says, of a
    configuration, the shape of the input and whether the model has channels first, whether the operation is what
    such a layer does; where it is not, the layer is unknown.
    """

    operation: OperationName
    attributes: Callable[[Config, Shape | None], Attributes] = lambda config, input_shape: {}
    holds_weights: bool = True
    reads: Callable[[Config, Shape | None, bool], bool] = lambda config, input_shape, channels_first: True


LARGEST_SIZE = 2**31


def whole(value: Any, least: int = 1) -> int:
    """A size or a count.

    Raises:
        ValueError: where it is none, or not from `least` to LARGEST_SIZE.
    """
    number = int(value)
    if not least <= number <= LARGEST_SIZE:
        raise ValueError(f"{number} is not a size")
    return number


def finite(value: Any) -> float:
    """A number.

    Raises:
        ValueError: where it is none, infinite or not a number.
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    return number


def pair(value: Any, least: int = 1) -> Pair:
    """Keras writes a square size as one number or as a pair."""
    if isinstance(value, (list, tuple)):
        return (whole(value[0], least), whole(value[-1], least))
    return (whole(value, least), whole(value, least))


def margins(value: Any) -> tuple[Pair, Pair]:
    """Padding or cropping: one number, (rows, columns), or ((top, bottom), (left, right))."""
    if not isinstance(value, (list, tuple)):
        value = (value, value)
    return (pair(value[0], 0), pair(value[1], 0))


def numbers(value: Any) -> tuple[float, ...] | None:
    """A factor or one per channel; None where the configuration states none."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        value = value.get("config", {}).get("value", value.get("value"))
    flat: list[float] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (list, tuple)):
            waiting.extend(reversed(item))
        elif isinstance(item, (int, float)):
            flat.append(finite(item))
    return tuple(flat) or None


def activation_name(value: Any) -> str | None:
    """The function's name; `swish` is called `silu`; of an object, the name it is registered under.

    >>> activation_name("swish"), activation_name("linear"), activation_name({"class_name": "ReLU", "config": {}})
    ('silu', None, 'relu')
    """
    if isinstance(value, Mapping):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("registered_name") or value.get("class_name")
        if isinstance(value, str):
            value = value.split(">")[-1]
    if not isinstance(value, str):
        return None
    name = value.lower()
    return {"swish": "silu", "linear": None}.get(name, name)


def _window(config: Config) -> Attributes:
    return {
        "kernel": pair(config["kernel_size"]),
        "stride": pair(config.get("strides", 1)),
        "dilation": pair(config.get("dilation_rate", 1)),
        "padding": str(config.get("padding", "valid")),
        "use_bias": bool(config.get("use_bias", True)),
        "activation": activation_name(config.get("activation")),
    }


def _convolution(config: Config, input_shape: Shape | None) -> Attributes:
    return {**_window(config), "filters": whole(config["filters"]), "groups": whole(config.get("groups", 1))}


def _transposed_convolution(config: Config, input_shape: Shape | None) -> Attributes:
    attributes = _convolution(config, input_shape)
    if config.get("output_padding") is None or not input_shape:
        return attributes
    extra = pair(config["output_padding"], 0)
    sides = [
        transposed_length(
            input_shape[axis],
            attributes["kernel"][axis],
            attributes["stride"][axis],
            attributes["padding"],
            attributes["dilation"][axis],
            output_padding=extra[axis],
        )
        for axis in (0, 1)
    ]
    return {**attributes, "output_shape": (*sides, attributes["filters"])}


def _depthwise(config: Config, input_shape: Shape | None) -> Attributes:
    channels = input_shape[-1] if input_shape else None
    multiplier = whole(config.get("depth_multiplier", 1))
    filters = None if channels is None else channels * multiplier
    return {**_window(config), "filters": filters, "groups": channels}


def _dense(config: Config, input_shape: Shape | None) -> Attributes:
    return {
        "filters": whole(config["units"]),
        "use_bias": bool(config.get("use_bias", True)),
        "activation": activation_name(config.get("activation")),
    }


def _batch_normalization(config: Config, input_shape: Shape | None) -> Attributes:
    return {
        "use_bias": bool(config.get("center", True)),
        "use_scale": bool(config.get("scale", True)),
        "epsilon": finite(config.get("epsilon", 1e-3)),
        "momentum": finite(config.get("momentum", 0.99)),
    }


def _group_normalization(config: Config, input_shape: Shape | None) -> Attributes:
    """Of -1 groups every channel is one of its own."""
    groups = int(config.get("groups", 32))
    channels = input_shape[-1] if input_shape else None
    return {
        "use_bias": bool(config.get("center", True)),
        "use_scale": bool(config.get("scale", True)),
        "epsilon": finite(config.get("epsilon", 1e-3)),
        "groups": channels if groups == -1 else whole(groups),
    }


def _layer_normalization(config: Config, input_shape: Shape | None) -> Attributes:
    """Scaled by the root mean square alone, it has a scale and no offset, whatever else is asked for."""
    is_scaled_alone = bool(config.get("rms_scaling"))
    return {
        "use_bias": bool(config.get("center", True)) and not is_scaled_alone,
        "use_scale": bool(config.get("scale", True)) or is_scaled_alone,
        "epsilon": finite(config.get("epsilon", 1e-3)),
    }


def _along_channels(config: Config, input_shape: Shape | None, channels_first: bool) -> bool:
    """Whether `axis`, which counts the batch, is that of the channels and no other."""
    if not input_shape:
        return True
    axis = config.get("axis", -1)
    channels = (1, -3) if channels_first and len(input_shape) == 3 else (len(input_shape), -1)
    axes = axis if isinstance(axis, (list, tuple)) else (axis,)
    return len(axes) == 1 and axes[0] in channels


def _along_channels_or_given(config: Config, input_shape: Shape | None, channels_first: bool) -> bool:
    return config.get("mean") is not None or _along_channels(config, input_shape, channels_first)


def _pooling(config: Config, input_shape: Shape | None) -> Attributes:
    size = pair(config.get("pool_size", 2))
    stride = config.get("strides")
    return {
        "kernel": size,
        "stride": size if stride is None else pair(stride),
        "padding": str(config.get("padding", "valid")),
    }


def _global_pooling(config: Config, input_shape: Shape | None) -> Attributes:
    if config.get("keepdims") and input_shape:
        return {"output_shape": (1, 1, input_shape[-1])}
    return {}


def _reshape(config: Config, input_shape: Shape | None) -> Attributes:
    target = [int(size) for size in config["target_shape"]]
    known = math.prod(size for size in target if size > 0)
    whole = elements(input_shape)
    rest = None if whole is None or known == 0 else whole // known
    return {"output_shape": tuple(rest if size < 0 else size for size in target)}


def _activation(config: Config, input_shape: Shape | None) -> Attributes:
    return {"activation": activation_name(config.get("activation"))}


def _relu(config: Config, input_shape: Shape | None) -> Attributes:
    ceiling = config.get("max_value")
    return {"activation": "relu" if ceiling is None else f"relu{finite(ceiling):g}"}


def _named(name: str) -> Callable[[Config, Shape | None], Attributes]:
    return lambda config, input_shape: {"activation": name}


def _dropout(config: Config, input_shape: Shape | None) -> Attributes:
    return {"rate": finite(config.get("rate", 0.0))}


def _drop_connect(config: Config, input_shape: Shape | None) -> Attributes:
    return {"rate": finite(config.get("drop_connect_rate", 0.0))}


def _rescaling(config: Config, input_shape: Shape | None) -> Attributes:
    return {"scale": numbers(config.get("scale")), "offset": numbers(config.get("offset"))}


def _normalization(config: Config, input_shape: Shape | None) -> Attributes:
    """Keras computes (x - mean) / max(sqrt(variance), 1e-7); given both, it holds no weights."""
    mean, variance = numbers(config.get("mean")), numbers(config.get("variance"))
    if mean is None or variance is None or len(mean) != len(variance):
        return {}
    deviations = [max(math.sqrt(each), 1e-7) for each in variance]
    return {
        "scale": tuple(1 / deviation for deviation in deviations),
        "offset": tuple(-each / deviation for each, deviation in zip(mean, deviations, strict=True)),
    }


def _mean_over_positions(config: Config, input_shape: Shape | None) -> Attributes:
    if not input_shape:
        return {}
    return {"output_shape": (1, 1, input_shape[-1]) if config.get("keepdims") else (input_shape[-1],)}


def _reshaped(config: Config, input_shape: Shape | None) -> Attributes:
    return _reshape({"target_shape": list(config["newshape"])[1:]}, input_shape)


def _scaled(factor: Callable[[float], float]) -> Callable[[Config, Shape | None], Attributes]:
    return lambda config, input_shape: {"scale": (factor(finite(config["constant"])),), "offset": (0.0,)}


def _shifted(sign: int) -> Callable[[Config, Shape | None], Attributes]:
    return lambda config, input_shape: {"scale": (1.0,), "offset": (sign * finite(config["constant"]),)}


def _upsampling(config: Config, input_shape: Shape | None) -> Attributes:
    return {"stride": pair(config.get("size", 2))}


def _resizing(config: Config, input_shape: Shape | None) -> Attributes:
    channels = input_shape[-1] if input_shape else None
    return {"output_shape": (whole(config["height"]), whole(config["width"]), channels)}


def _zero_padding(config: Config, input_shape: Shape | None) -> Attributes:
    return {"margins": margins(config.get("padding", 1))}


def _cropping(config: Config, input_shape: Shape | None) -> Attributes:
    return {"margins": margins(config.get("cropping", 0))}


KERAS_LAYERS: dict[str, LayerClass] = {
    "InputLayer": LayerClass("input"),
    "Rescaling": LayerClass("rescaling", _rescaling),
    "Normalization": LayerClass("normalization", _normalization, reads=_along_channels_or_given),
    "ZeroPadding2D": LayerClass("zero_padding", _zero_padding),
    "Cropping2D": LayerClass("cropping", _cropping),
    "Conv2D": LayerClass("convolution", _convolution),
    "DepthwiseConv2D": LayerClass("depthwise_convolution", _depthwise),
    "Conv2DTranspose": LayerClass("transposed_convolution", _transposed_convolution),
    "Dense": LayerClass("dense", _dense),
    "BatchNormalization": LayerClass("batch_normalization", _batch_normalization, reads=_along_channels),
    "BatchNormalizationV1": LayerClass("batch_normalization", _batch_normalization, reads=_along_channels),
    "SyncBatchNormalization": LayerClass("batch_normalization", _batch_normalization, reads=_along_channels),
    "GroupNormalization": LayerClass("group_normalization", _group_normalization, reads=_along_channels),
    "LayerNormalization": LayerClass("layer_normalization", _layer_normalization, reads=_along_channels),
    "Activation": LayerClass("activation", _activation),
    "ReLU": LayerClass("activation", _relu),
    "LeakyReLU": LayerClass("activation", _named("leaky_relu")),
    "ELU": LayerClass("activation", _named("elu")),
    "Softmax": LayerClass("activation", _named("softmax")),
    "GlobalAveragePooling2D": LayerClass("global_average_pooling", _global_pooling),
    "GlobalMaxPooling2D": LayerClass("global_max_pooling", _global_pooling),
    "AveragePooling2D": LayerClass("average_pooling", _pooling),
    "MaxPooling2D": LayerClass("max_pooling", _pooling),
    "Reshape": LayerClass("reshape", _reshape),
    "Flatten": LayerClass("flatten"),
    "Multiply": LayerClass("multiply"),
    "Add": LayerClass("add"),
    "Subtract": LayerClass("subtract"),
    "Maximum": LayerClass("maximum"),
    "Average": LayerClass("average"),
    "Concatenate": LayerClass("concatenate", holds_weights=False, reads=_along_channels),
    "Dropout": LayerClass("dropout", _dropout),
    "SpatialDropout2D": LayerClass("dropout", _dropout),
    "GaussianDropout": LayerClass("dropout", _dropout),
    "GaussianNoise": LayerClass("augmentation"),
    "UpSampling2D": LayerClass("upsampling", _upsampling),
    "Resizing": LayerClass("resizing", _resizing),
    "CenterCrop": LayerClass("resizing", _resizing),
    "RandomFlip": LayerClass("augmentation"),
    "RandomRotation": LayerClass("augmentation"),
    "RandomZoom": LayerClass("augmentation"),
    "RandomTranslation": LayerClass("augmentation"),
    "RandomContrast": LayerClass("augmentation"),
    "RandomBrightness": LayerClass("augmentation"),
    "Identity": LayerClass("identity"),
    "Lambda": LayerClass("opaque", holds_weights=False),
}

PACKAGES_LAYERS: dict[tuple[str, str], LayerClass] = {
    ("efficientnet", "FixedDropout"): LayerClass("dropout", _dropout),
    ("keras_efficientnets", "Swish"): LayerClass("activation", _named("silu")),
    ("keras_efficientnets", "DropConnect"): LayerClass("dropout", _drop_connect),
}
"""Layers that published implementations of EfficientNet define for themselves, by package and class."""

ACTIVATION_FUNCTIONS: dict[str, LayerClass] = {
    "sigmoid": LayerClass("activation", _named("sigmoid")),
    "silu": LayerClass("activation", _named("silu")),
    "swish": LayerClass("activation", _named("silu")),
    "relu": LayerClass("activation", _named("relu")),
    "relu6": LayerClass("activation", _named("relu6")),
    "hardswish": LayerClass("activation", _named("hard_silu")),
    "hardsilu": LayerClass("activation", _named("hard_silu")),
    "softmax": LayerClass("activation", _named("softmax")),
}

FUNCTIONS_OF_ONE: dict[str, LayerClass] = {
    **ACTIVATION_FUNCTIONS,
    "multiply": LayerClass("rescaling", _scaled(lambda constant: constant)),
    "truedivide": LayerClass("rescaling", _scaled(lambda constant: 1 / constant)),
    "add": LayerClass("rescaling", _shifted(1)),
    "subtract": LayerClass("rescaling", _shifted(-1)),
    "mean": LayerClass("global_average_pooling", _mean_over_positions),
    "reshape": LayerClass("reshape", _reshaped),
    "cast": LayerClass("identity"),
    "identity": LayerClass("identity"),
}
"""Functions called on one tensor, or on a tensor and a number (`constant`), by their name in Keras."""

FUNCTIONS_OF_MORE: dict[str, LayerClass] = {
    "multiply": LayerClass("multiply"),
    "add": LayerClass("add"),
    "subtract": LayerClass("subtract"),
    "maximum": LayerClass("maximum"),
    "concatenate": LayerClass("concatenate", holds_weights=False, reads=_along_channels),
}
"""Functions called on several tensors."""

TENSORFLOW_NAMES = {
    "mul": "multiply",
    "truediv": "truedivide",
    "divide": "truedivide",
    "sub": "subtract",
    "reduce_mean": "mean",
    "concat": "concatenate",
}
"""What TensorFlow calls functions that Keras calls otherwise."""

OPAQUE = LayerClass("opaque")
OPAQUE_FUNCTION = LayerClass("opaque", holds_weights=False)


def layer_class(
    entry: Mapping[str, Any], config: Config, inputs: Sequence[Shape | None], channels_first: bool = False
) -> LayerClass:
    """How a layer's entry in a configuration reads.

    `inputs` are the shapes of its inputs, channels last even where the model that the entry is from has them first.
    """
    found = _class_named(entry, config, len(inputs))
    if found.reads(config, inputs[0] if inputs else None, channels_first):
        return found
    return OPAQUE if found.holds_weights else OPAQUE_FUNCTION


def _class_named(entry: Mapping[str, Any], config: Config, tensors: int) -> LayerClass:
    class_name = str(entry["class_name"])
    module = str(entry.get("module") or "keras")
    if class_name in ("TFOpLambda", "SlicingOpLambda"):
        name = str(config.get("function")).split(".")[-1].strip("_").lower()
        return _function(TENSORFLOW_NAMES.get(name, name), config, tensors)
    if module.startswith(("keras.src.ops.", "keras.ops")):
        return _function(class_name.lower(), config, tensors)
    package = module.split(".")[0]
    if (package, class_name) in PACKAGES_LAYERS:
        return PACKAGES_LAYERS[package, class_name]
    if package in ("keras", "tensorflow", "tf_keras") and not entry.get("registered_name"):
        return KERAS_LAYERS.get(class_name, OPAQUE)
    return OPAQUE


def _function(name: str, config: Config, tensors: int) -> LayerClass:
    found = (FUNCTIONS_OF_ONE if tensors == 1 else FUNCTIONS_OF_MORE).get(name, OPAQUE_FUNCTION)
    if found.operation == "global_average_pooling" and config.get("axis") not in ([1, 2], [-3, -2]):
        return OPAQUE_FUNCTION
    if found.operation == "rescaling" and not config.get("constant"):
        return OPAQUE_FUNCTION
    return found
