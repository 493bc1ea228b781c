"""Graphs laid out from a specification, layer by layer, without a framework: quick, and of any size or shape.

Written from the papers, not from `effnet_inspect`: shapes and counts are worked out here a second time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from tests.family import EXPANSIONS, KERNELS, STRIDES

BASE_CHANNELS = (16, 24, 40, 80, 112, 192, 320)
BASE_REPEATS = (1, 2, 2, 3, 3, 4, 1)


class Stage(NamedTuple):
    """One block as a specification states it."""

    kernel: int
    stride: int
    expansion: int
    channels: int
    repeats: int


class Specification(NamedTuple):
    """A whole network."""

    stem: int
    stages: tuple[Stage, ...]
    head: int
    height: int
    width: int
    drop_rate: float = 0.2


def scaled(width: float, depth: float, resolution: int) -> Specification:
    """The compound scaling of the paper's released code: widths to multiples of 8, repeats rounded up."""

    def filters(base: int) -> int:
        wanted = base * width
        rounded = max(8, int(wanted + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * wanted else rounded

    stages = tuple(
        Stage(kernel, stride, expansion, filters(channels), math.ceil(depth * repeats))
        for kernel, stride, expansion, channels, repeats in zip(
            KERNELS, STRIDES, EXPANSIONS, BASE_CHANNELS, BASE_REPEATS, strict=True
        )
    )
    return Specification(filters(32), stages, filters(1280), resolution, resolution)


def has_residual(stage: Stage, position: int, inputs: int) -> bool:
    """Whether a sub-block can add its input to its output, and so does."""
    return inputs == stage.channels and (position > 0 or stage.stride == 1)


def layers_in(specification: Specification) -> int:
    """How many layers `lay_out` makes."""
    count = 7 + 3 + 3
    inputs = specification.stem
    for stage in specification.stages:
        for position in range(stage.repeats):
            count += 10 + 3 * (stage.expansion > 1) + (position == 0 and stage.stride > 1)
            if has_residual(stage, position, inputs):
                count += 1 + (specification.drop_rate > 0)
            inputs = stage.channels
    return count


@dataclass
class _Builder:
    layers: list[Layer] = field(default_factory=list)

    def add(
        self, operation: OperationName, class_name: str, *inputs: Layer, parameters: int = 0, **attributes: Any
    ) -> Layer:
        attributes.setdefault("output_shape", inputs[0].output_shape if inputs else None)
        layer = Layer(
            f"n{len(self.layers)}",
            operation,
            class_name,
            tuple(each.name for each in inputs),
            parameters=parameters,
            trainable_parameters=attributes.pop("trainable", parameters),
            **attributes,
        )
        self.layers.append(layer)
        return layer

    def convolve(self, source: Layer, kernel: int, stride: int, filters: int, depthwise: bool = False) -> Layer:
        """A convolution, padded as the released code pads where it strides, its normalisation and activation."""
        height, width, channels = source.output_shape or ()
        assert height is not None
        assert width is not None
        assert channels is not None
        if stride > 1:
            source = self.add(
                "zero_padding",
                "ZeroPadding2D",
                source,
                margins=(_margins(height, kernel), _margins(width, kernel)),
                output_shape=(height + sum(_margins(height, kernel)), width + sum(_margins(width, kernel)), channels),
            )
        groups = channels if depthwise else 1
        source = self.add(
            "depthwise_convolution" if depthwise else "convolution",
            "DepthwiseConv2D" if depthwise else "Conv2D",
            source,
            parameters=kernel * kernel * channels * filters // groups,
            kernel=(kernel, kernel),
            stride=(stride, stride),
            dilation=(1, 1),
            padding="valid" if stride > 1 else "same",
            filters=filters,
            groups=groups,
            use_bias=False,
            output_shape=(math.ceil(height / stride), math.ceil(width / stride), filters),
        )
        return self.normalize(source)

    def normalize(self, source: Layer) -> Layer:
        channels = source.channels or 0
        return self.add(
            "batch_normalization",
            "BatchNormalization",
            source,
            parameters=4 * channels,
            trainable=2 * channels,
            use_bias=True,
            use_scale=True,
        )

    def activate(self, source: Layer) -> Layer:
        return self.add("activation", "Activation", source, activation="silu")

    def squeeze_excite(self, source: Layer, squeezed: int) -> Layer:
        channels = source.channels or 0
        branch = self.add("global_average_pooling", "GlobalAveragePooling2D", source, output_shape=(channels,))
        branch = self.add("reshape", "Reshape", branch, output_shape=(1, 1, channels))
        for inputs, filters, activation in ((channels, squeezed, "silu"), (squeezed, channels, "sigmoid")):
            branch = self.add(
                "convolution",
                "Conv2D",
                branch,
                parameters=inputs * filters + filters,
                kernel=(1, 1),
                stride=(1, 1),
                dilation=(1, 1),
                padding="same",
                filters=filters,
                groups=1,
                use_bias=True,
                activation=activation,
                output_shape=(1, 1, filters),
            )
        return self.add("multiply", "Multiply", source, branch)


def _margins(size: int, kernel: int) -> tuple[int, int]:
    half = kernel // 2
    return (half - (1 - size % 2), half)


def lay_out(specification: Specification, classes: int = 1000, name: str = "synthetic") -> LayerGraph:
    """The graph of a specification, every layer named by a number."""
    build = _Builder()
    shape = (specification.height, specification.width, 3)
    source = build.add("input", "InputLayer", output_shape=shape)
    source = build.add("rescaling", "Rescaling", source, scale=(1 / 255,))
    source = build.add("normalization", "Normalization", source, parameters=7, trainable=0)
    source = build.activate(build.convolve(source, 3, 2, specification.stem))
    for stage in specification.stages:
        for position in range(stage.repeats):
            source = _sub_block(build, source, stage, position, specification.drop_rate)
    source = build.activate(build.convolve(source, 1, 1, specification.head))
    source = build.add("global_average_pooling", "GlobalAveragePooling2D", source, output_shape=(specification.head,))
    source = build.add("dropout", "Dropout", source, rate=0.2)
    build.add(
        "dense",
        "Dense",
        source,
        parameters=specification.head * classes + classes,
        filters=classes,
        use_bias=True,
        activation="softmax",
        output_shape=(classes,),
    )
    return LayerGraph(name, tuple(build.layers))


def _sub_block(build: _Builder, entry: Layer, stage: Stage, position: int, drop_rate: float) -> Layer:
    inputs = entry.channels or 0
    source = entry
    if stage.expansion > 1:
        source = build.activate(build.convolve(source, 1, 1, inputs * stage.expansion))
    stride = 1 if position else stage.stride
    source = build.activate(build.convolve(source, stage.kernel, stride, inputs * stage.expansion, depthwise=True))
    source = build.squeeze_excite(source, max(1, inputs // 4))
    source = build.convolve(source, 1, 1, stage.channels)
    if has_residual(stage, position, inputs):
        if drop_rate:
            source = build.add("dropout", "Dropout", source, rate=drop_rate)
        source = build.add("add", "Add", source, entry)
    return source
