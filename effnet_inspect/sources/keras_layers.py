"""Keras' layer classes in our own vocabulary: one row per class, with where its attributes are found.

Read from configurations, that is from plain data: neither Keras nor TensorFlow is needed, and nothing is run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from effnet_inspect.graph import Pair, Shape

Config = Mapping[str, Any]
Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LayerClass:
    """How one Keras class reads: its operation, and the attributes of `graph.Layer` its configuration states."""

    operation: str
    attributes: Callable[[Config, Shape | None], Attributes] = lambda config, input_shape: {}


def pair(value: Any) -> Pair:
    """Keras writes a square size as one number or as a pair."""
    if isinstance(value, (list, tuple)):
        return (int(value[0]), int(value[-1]))
    return (int(value), int(value))


def margins(value: Any) -> tuple[Pair, Pair]:
    """Padding or cropping: one number, (rows, columns), or ((top, bottom), (left, right))."""
    if not isinstance(value, (list, tuple)):
        value = (value, value)
    return (pair(value[0]), pair(value[1]))


def numbers(value: Any) -> tuple[float, ...] | None:
    """A factor or one per channel; None where the configuration states none."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        value = value.get("config", {}).get("value", value.get("value"))
    flat: list[float] = []
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, (list, tuple)):
            waiting = list(item) + waiting
        elif isinstance(item, (int, float)):
            flat.append(float(item))
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
    return {**_window(config), "filters": int(config["filters"]), "groups": int(config.get("groups", 1))}


def _depthwise(config: Config, input_shape: Shape | None) -> Attributes:
    channels = input_shape[-1] if input_shape else None
    multiplier = int(config.get("depth_multiplier", 1))
    filters = None if channels is None else channels * multiplier
    return {**_window(config), "filters": filters, "groups": channels}


def _dense(config: Config, input_shape: Shape | None) -> Attributes:
    return {
        "filters": int(config["units"]),
        "use_bias": bool(config.get("use_bias", True)),
        "activation": activation_name(config.get("activation")),
    }


def _batch_normalization(config: Config, input_shape: Shape | None) -> Attributes:
    return {
        "use_bias": bool(config.get("center", True)),
        "use_scale": bool(config.get("scale", True)),
        "epsilon": float(config.get("epsilon", 1e-3)),
    }


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
    whole = None if input_shape is None or None in input_shape else math.prod(input_shape)  # type: ignore[arg-type]
    rest = None if whole is None or known == 0 else whole // known
    return {"output_shape": tuple(rest if size < 0 else size for size in target)}


def _activation(config: Config, input_shape: Shape | None) -> Attributes:
    return {"activation": activation_name(config.get("activation"))}


def _relu(config: Config, input_shape: Shape | None) -> Attributes:
    ceiling = config.get("max_value")
    return {"activation": "relu" if ceiling is None else f"relu{float(ceiling):g}"}


def _named(name: str) -> Callable[[Config, Shape | None], Attributes]:
    return lambda config, input_shape: {"activation": name}


def _dropout(config: Config, input_shape: Shape | None) -> Attributes:
    return {"rate": float(config.get("rate", 0.0))}


def _rescaling(config: Config, input_shape: Shape | None) -> Attributes:
    return {"scale": numbers(config.get("scale")), "offset": numbers(config.get("offset"))}


def _upsampling(config: Config, input_shape: Shape | None) -> Attributes:
    return {"stride": pair(config.get("size", 2))}


def _resizing(config: Config, input_shape: Shape | None) -> Attributes:
    channels = input_shape[-1] if input_shape else None
    return {"output_shape": (int(config["height"]), int(config["width"]), channels)}


def _zero_padding(config: Config, input_shape: Shape | None) -> Attributes:
    return {"margins": margins(config.get("padding", 1))}


def _cropping(config: Config, input_shape: Shape | None) -> Attributes:
    return {"margins": margins(config.get("cropping", 0))}


KERAS_LAYERS: dict[str, LayerClass] = {
    "InputLayer": LayerClass("input"),
    "Rescaling": LayerClass("rescaling", _rescaling),
    "Normalization": LayerClass("normalization"),
    "ZeroPadding2D": LayerClass("zero_padding", _zero_padding),
    "Cropping2D": LayerClass("cropping", _cropping),
    "Conv2D": LayerClass("convolution", _convolution),
    "DepthwiseConv2D": LayerClass("depthwise_convolution", _depthwise),
    "Conv2DTranspose": LayerClass("transposed_convolution", _convolution),
    "Dense": LayerClass("dense", _dense),
    "BatchNormalization": LayerClass("batch_normalization", _batch_normalization),
    "BatchNormalizationV1": LayerClass("batch_normalization", _batch_normalization),
    "SyncBatchNormalization": LayerClass("batch_normalization", _batch_normalization),
    "LayerNormalization": LayerClass("layer_normalization"),
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
    "Concatenate": LayerClass("concatenate"),
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
    "Sigmoid": LayerClass("activation", _named("sigmoid")),
    "Silu": LayerClass("activation", _named("silu")),
    "Relu": LayerClass("activation", _named("relu")),
    "Relu6": LayerClass("activation", _named("relu6")),
    "HardSwish": LayerClass("activation", _named("hard_silu")),
    "HardSilu": LayerClass("activation", _named("hard_silu")),
}

WITHOUT_WEIGHTS = frozenset({"Lambda", "TFOpLambda", "SlicingOpLambda"})
"""Opaque classes that hold a function and no weights."""

OPAQUE = LayerClass("opaque")
