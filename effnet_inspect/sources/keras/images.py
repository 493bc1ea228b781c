"""Keras' layers for images, and those that work on any tensor element by element: what makes up most networks.

Their shapes, parameters and MACs follow from the rules of `graph.operations`. What such a layer does to other axes
than usual is counted as in `others`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from effnet_inspect.graph import OperationName, Shape, elements
from effnet_inspect.graph.operations import transposed_length
from effnet_inspect.sources.keras.others import (
    batch_normalization,
    concatenation,
    dense,
    group_normalization,
    input_normalization,
    layer_normalization,
)
from effnet_inspect.sources.keras.rows import (
    Attributes,
    Config,
    Counted,
    LayerClass,
    Shapes,
    along_channels,
    counted,
    named,
)
from effnet_inspect.sources.keras.values import activation_name, finite, margins, numbers, open_sizes, pair, whole


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


def _separable(config: Config, input_shape: Shape | None) -> Attributes:
    return {
        **_window(config),
        "filters": whole(config["filters"]),
        "multiplier": whole(config.get("depth_multiplier", 1)),
    }


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


def _along_channels_or_given(config: Config, input_shape: Shape | None, channels_first: bool) -> bool:
    return config.get("mean") is not None or along_channels(config, input_shape, channels_first)


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


def reshaped(config: Config, input_shape: Shape | None) -> Attributes:
    target = open_sizes(config["target_shape"])
    known = math.prod(size for size in target if size > 0)
    whole = elements(input_shape)
    rest = None if whole is None or known == 0 else whole // known
    return {"output_shape": tuple(rest if size < 0 else size for size in target)}


def _activation(config: Config, input_shape: Shape | None) -> Attributes:
    return {"activation": activation_name(config.get("activation"))}


def _relu(config: Config, input_shape: Shape | None) -> Attributes:
    ceiling = config.get("max_value")
    return {"activation": "relu" if ceiling is None else f"relu{finite(ceiling):g}"}


def _dropout(config: Config, input_shape: Shape | None) -> Attributes:
    return {"rate": finite(config.get("rate", 0.0))}


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


def _upsampling(config: Config, input_shape: Shape | None) -> Attributes:
    return {"stride": pair(config.get("size", 2))}


def _resizing(config: Config, input_shape: Shape | None) -> Attributes:
    channels = input_shape[-1] if input_shape else None
    return {"output_shape": (whole(config["height"]), whole(config["width"]), channels)}


def _zero_padding(config: Config, input_shape: Shape | None) -> Attributes:
    return {"margins": margins(config.get("padding", 1))}


def _cropping(config: Config, input_shape: Shape | None) -> Attributes:
    return {"margins": margins(config.get("cropping", 0))}


def _last_is_channels(config: Config, input_shape: Shape | None, channels_first: bool) -> bool:
    return not (channels_first and input_shape is not None and len(input_shape) == 3)


def _along_channels(
    operation: OperationName,
    attributes: Callable[[Config, Shape | None], Attributes],
    counts: Callable[[Config, Shapes], Counted],
) -> LayerClass:
    """A normalisation, which along other axes than the channels is counted only."""
    return LayerClass(operation, attributes, reads=along_channels, otherwise=counted("other_normalization", counts))


IMAGE_LAYERS: dict[str, LayerClass] = {
    "InputLayer": LayerClass("input"),
    "Rescaling": LayerClass("rescaling", _rescaling),
    "Normalization": LayerClass(
        "normalization",
        _normalization,
        reads=_along_channels_or_given,
        otherwise=counted("other_normalization", input_normalization),
    ),
    "ZeroPadding2D": LayerClass("zero_padding", _zero_padding),
    "Cropping2D": LayerClass("cropping", _cropping),
    "Conv2D": LayerClass("convolution", _convolution),
    "DepthwiseConv2D": LayerClass("depthwise_convolution", _depthwise),
    "SeparableConv2D": LayerClass("separable_convolution", _separable),
    "Conv2DTranspose": LayerClass("transposed_convolution", _transposed_convolution),
    "Dense": LayerClass("dense", _dense, reads=_last_is_channels, otherwise=counted("matrix_product", dense)),
    "BatchNormalization": _along_channels("batch_normalization", _batch_normalization, batch_normalization),
    "BatchNormalizationV1": _along_channels("batch_normalization", _batch_normalization, batch_normalization),
    "SyncBatchNormalization": _along_channels("batch_normalization", _batch_normalization, batch_normalization),
    "GroupNormalization": _along_channels("group_normalization", _group_normalization, group_normalization),
    "LayerNormalization": _along_channels("layer_normalization", _layer_normalization, layer_normalization),
    "Activation": LayerClass("activation", _activation),
    "ReLU": LayerClass("activation", _relu),
    "LeakyReLU": LayerClass("activation", named("leaky_relu")),
    "ELU": LayerClass("activation", named("elu")),
    "Softmax": LayerClass("activation", named("softmax")),
    "GlobalAveragePooling2D": LayerClass("global_average_pooling", _global_pooling),
    "GlobalMaxPooling2D": LayerClass("global_max_pooling", _global_pooling),
    "AveragePooling2D": LayerClass("average_pooling", _pooling),
    "MaxPooling2D": LayerClass("max_pooling", _pooling),
    "Reshape": LayerClass("reshape", reshaped),
    "Flatten": LayerClass("flatten"),
    "Multiply": LayerClass("multiply"),
    "Add": LayerClass("add"),
    "Subtract": LayerClass("subtract"),
    "Maximum": LayerClass("maximum"),
    "Average": LayerClass("average"),
    "Concatenate": LayerClass("concatenate", reads=along_channels, otherwise=counted("rearrangement", concatenation)),
    "Dropout": LayerClass("dropout", _dropout),
    "SpatialDropout2D": LayerClass("dropout", _dropout),
    "GaussianDropout": LayerClass("dropout", _dropout),
    "GaussianNoise": LayerClass("augmentation"),
    "UpSampling2D": LayerClass("upsampling", _upsampling),
    "Resizing": LayerClass("resizing", _resizing),
    "RandomCrop": LayerClass("resizing", _resizing),
    "CenterCrop": LayerClass("resizing", _resizing),
    "RandomFlip": LayerClass("augmentation"),
    "RandomRotation": LayerClass("augmentation"),
    "RandomZoom": LayerClass("augmentation"),
    "RandomTranslation": LayerClass("augmentation"),
    "RandomContrast": LayerClass("augmentation"),
    "RandomBrightness": LayerClass("augmentation"),
    "Identity": LayerClass("identity"),
}
