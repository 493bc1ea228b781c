"""Keras' convolutions and poolings over one or three axes, what prepares their input, and adaptive poolings.

Images have rules in `graph.operations`; these have none, so that everything is counted here: over any number of
axes, with the channels first or last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from effnet_inspect.graph import Shape, elements
from effnet_inspect.graph.operations import transposed_length, window_length
from effnet_inspect.sources.keras.rows import Attributes, Config, Counted, LayerClass, Shapes, counted
from effnet_inspect.sources.keras.values import activation_name, borders, several, whole

Sizes = tuple[int | None, ...]


def is_channels_first(config: Config) -> bool:
    """Whether the layer has its channels before the axes it slides along."""
    return config.get("data_format") == "channels_first"


def divided(config: Config, shape: Shape | None, rank: int) -> tuple[Sizes, int | None]:
    """The sizes that a window slides along, and the channels; None for all that is unknown."""
    if shape is None:
        return (None,) * rank, None
    if len(shape) != rank + 1:
        raise ValueError(f"its input has {len(shape)} axes, not {rank + 1}")
    return (shape[1:], shape[0]) if is_channels_first(config) else (shape[:-1], shape[-1])


def joined(config: Config, sizes: Sequence[int | None], channels: int | None) -> Shape:
    """The opposite of `divided`."""
    return (channels, *sizes) if is_channels_first(config) else (*sizes, channels)


def window_lengths(config: Config, sizes: Sizes) -> Sizes:
    """How many positions a convolution gives along each axis."""
    rank = len(sizes)
    padding = "same" if config.get("padding") in ("same", "causal") else "valid"
    return tuple(
        window_length(size, kernel, stride, padding, dilation)
        for size, kernel, stride, dilation in zip(
            sizes,
            several(config["kernel_size"], rank),
            several(config.get("strides", 1), rank),
            several(config.get("dilation_rate", 1), rank),
            strict=True,
        )
    )


def total(*counts: int | None) -> int | None:
    """The sum; None where a summand is unknown."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def with_bias(config: Config, weights: int | None, biases: int | None) -> int | None:
    """The parameters of a layer that has a bias if nothing else is said."""
    return total(weights, biases if config.get("use_bias", True) else 0)


def _convolution(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    filters, groups = whole(config["filters"]), whole(config.get("groups", 1))
    per_filter = None if channels is None else channels // groups
    weights = elements((*several(config["kernel_size"], len(sizes)), per_filter, filters))
    lengths = window_lengths(config, sizes)
    macs = elements((*lengths, weights))
    return Counted(joined(config, lengths, filters), with_bias(config, weights, filters), macs)


def _depthwise(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    made = elements((channels, whole(config.get("depth_multiplier", 1))))
    weights = elements((*several(config["kernel_size"], len(sizes)), made))
    lengths = window_lengths(config, sizes)
    return Counted(joined(config, lengths, made), with_bias(config, weights, made), elements((*lengths, weights)))


def _separable(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    filters = whole(config["filters"])
    made = elements((channels, whole(config.get("depth_multiplier", 1))))
    per_channel = math.prod(several(config["kernel_size"], len(sizes))) + filters
    weights = elements((per_channel, made))
    lengths = window_lengths(config, sizes)
    return Counted(joined(config, lengths, filters), with_bias(config, weights, filters), elements((*lengths, weights)))


def _transposed(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    rank, filters = len(sizes), whole(config["filters"])
    kernels = several(config["kernel_size"], rank)
    strides = several(config.get("strides", 1), rank)
    dilations = several(config.get("dilation_rate", 1), rank)
    stated = config.get("output_padding")
    extra = (None,) * rank if stated is None else several(stated, rank, 0)
    lengths = tuple(
        transposed_length(
            sizes[axis],
            kernels[axis],
            strides[axis],
            config.get("padding", "valid"),
            dilations[axis],
            output_padding=extra[axis],
        )
        for axis in range(rank)
    )
    weights = elements((*kernels, channels, filters))
    return Counted(joined(config, lengths, filters), with_bias(config, weights, filters), elements((*sizes, weights)))


def _pooling(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    windows = several(config.get("pool_size", 2), len(sizes))
    strides = windows if config.get("strides") is None else several(config["strides"], len(sizes))
    lengths = [
        window_length(size, window, stride, config.get("padding", "valid"))
        for size, window, stride in zip(sizes, windows, strides, strict=True)
    ]
    return Counted(joined(config, lengths, channels))


def _global_pooling(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    return Counted(joined(config, (1,) * len(sizes), channels) if config.get("keepdims") else (channels,))


def _adaptive_pooling(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    return Counted(joined(config, several(config["output_size"], len(sizes)), channels))


def _zero_padding(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    added = [sum(border) for border in borders(config.get("padding", 1), len(sizes))]
    lengths = [total(size, more) for size, more in zip(sizes, added, strict=True)]
    return Counted(joined(config, lengths, channels))


def _cropping(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    cut = [sum(border) for border in borders(config.get("cropping", 1), len(sizes))]
    lengths = [total(size, -less) for size, less in zip(sizes, cut, strict=True)]
    return Counted(joined(config, lengths, channels))


def _upsampling(config: Config, sizes: Sizes, channels: int | None) -> Counted:
    factors = several(config.get("size", 2), len(sizes))
    lengths = [elements(each) for each in zip(sizes, factors, strict=True)]
    return Counted(joined(config, lengths, channels))


Windowed = Callable[[Config, Sizes, int | None], Counted]


def _along(rank: int, counts: Windowed) -> Callable[[Config, Shapes], Counted]:
    def of_inputs(config: Config, inputs: Shapes) -> Counted:
        shape = inputs[0] if inputs else None
        if shape is not None and len(shape) == rank + 1:
            return counts(config, *divided(config, shape, rank))
        # Keras 2 takes more axes in front.
        is_told = shape is not None and len(shape) > rank and not is_channels_first(config)
        found = counts(config, (None,) * rank, shape[-1] if shape and is_told else None)
        return replace(found, shape=None)

    return of_inputs


def _named_attributes(config: Config, input_shape: Shape | None) -> Attributes:
    return {
        "padding": str(config.get("padding", "valid")),
        "use_bias": bool(config.get("use_bias", True)),
        "activation": activation_name(config.get("activation")),
    }


def _rows(rank: int) -> dict[str, LayerClass]:
    def convolution(counts: Windowed) -> LayerClass:
        return counted("other_convolution", _along(rank, counts), _named_attributes)

    pooling, everywhere = (counted("other_pooling", _along(rank, each)) for each in (_pooling, _global_pooling))
    return {
        f"Conv{rank}D": convolution(_convolution),
        f"Conv{rank}DTranspose": convolution(_transposed),
        f"DepthwiseConv{rank}D": convolution(_depthwise),
        f"SeparableConv{rank}D": convolution(_separable),
        f"AveragePooling{rank}D": pooling,
        f"MaxPooling{rank}D": pooling,
        f"GlobalAveragePooling{rank}D": everywhere,
        f"GlobalMaxPooling{rank}D": everywhere,
        f"ZeroPadding{rank}D": counted("rearrangement", _along(rank, _zero_padding)),
        f"Cropping{rank}D": counted("rearrangement", _along(rank, _cropping)),
        f"UpSampling{rank}D": counted("rearrangement", _along(rank, _upsampling)),
    }


def _adaptive(rank: int) -> dict[str, LayerClass]:
    row = counted("other_pooling", _along(rank, _adaptive_pooling))
    return {f"AdaptiveAveragePooling{rank}D": row, f"AdaptiveMaxPooling{rank}D": row}


WINDOWED_LAYERS: dict[str, LayerClass] = {**_rows(1), **_rows(3), **_adaptive(1), **_adaptive(2), **_adaptive(3)}
