"""A plan -> live Keras model, with public Keras layers alone: for what `keras.applications` has no name for.

Layers, their order and their names are those of `keras.applications`: on B0..B7 both give the same graph.
Initialisers, which no graph shows, are left as Keras sets them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from effnet_inspect.catalog.blueprints import Blueprint, Plan, SubBlockDesign, plan
from effnet_inspect.catalog.targets import VariantTarget
from effnet_inspect.graph import Pair

CLASSES = 1000


def build_planned(target: VariantTarget) -> Any:
    """The Keras model of a variant, with its classifier of 1000 classes; needs Keras, allocates what Keras does."""
    import keras

    variant = target.variant
    planned = plan(variant)
    network = _Network(planned)
    image = keras.layers.Input((*target.resolution, 3))
    x = network.stem(image)
    for sub_block in planned.sub_blocks:
        x = network.sub_block(x, sub_block)
    x = network.convolve(x, "top_", planned.head, 1)
    x = keras.layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = keras.layers.Dropout(variant.dropout, name="top_dropout")(x)
    x = keras.layers.Dense(CLASSES, activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name=variant.key)


class _Network:
    """The pieces of one network: each method adds layers to a tensor and returns the new tensor."""

    def __init__(self, planned: Plan) -> None:
        from keras import layers

        self.layers = layers
        self.planned = planned
        self.blueprint: Blueprint = planned.blueprint

    def stem(self, x: Any) -> Any:
        blueprint = self.blueprint
        x = self.layers.Rescaling(blueprint.scale, blueprint.offset)(x)
        if blueprint.normalizes:
            x = self.layers.Normalization(mean=blueprint.mean or None, variance=blueprint.variance or None)(x)
        return self.convolve(x, "stem_", self.planned.stem, 3, stride=2)

    def sub_block(self, entry: Any, planned: SubBlockDesign) -> Any:
        name = f"block{planned.name}_"
        expanded = round(entry.shape[-1] * planned.expansion)
        x = (self._fused if planned.fused else self._mobile)(entry, planned, name, expanded)
        if planned.residual:
            if planned.drop_rate:
                x = self.layers.Dropout(planned.drop_rate, noise_shape=(None, 1, 1, 1), name=name + "drop")(x)
            x = self.layers.Add(name=name + "add")([x, entry])
        return x

    def _fused(self, x: Any, planned: SubBlockDesign, name: str, expanded: int) -> Any:
        if planned.expansion == 1:
            return self.convolve(x, name + "project_", planned.filters, planned.kernel[0], stride=planned.stride[0])
        x = self.convolve(x, name + "expand_", expanded, planned.kernel[0], stride=planned.stride[0])
        return self.convolve(x, name + "project_", planned.filters, 1, activates=False)

    def _mobile(self, x: Any, planned: SubBlockDesign, name: str, expanded: int) -> Any:
        if planned.expansion != 1:
            x = self.convolve(x, name + "expand_", expanded, 1)
        depthwise = name + self.blueprint.depthwise_name
        x, padding = self._pad(x, depthwise + "_pad", planned.kernel[0], planned.stride[0])
        x = self.layers.DepthwiseConv2D(
            planned.kernel, strides=planned.stride, padding=padding, use_bias=False, name=depthwise
        )(x)
        x = self._normalize(name)(x)
        x = self._activation(name + "activation")(x)
        if planned.squeeze_excite:
            x = self._squeeze_excite(x, planned.squeeze_excite, name + "se_", expanded)
        return self.convolve(x, name + "project_", planned.filters, 1, activates=False)

    def _squeeze_excite(self, x: Any, width: int, name: str, expanded: int) -> Any:
        gate = self.layers.GlobalAveragePooling2D(name=name + "squeeze")(x)
        gate = self.layers.Reshape((1, 1, expanded), name=name + "reshape")(gate)
        gate = self.layers.Conv2D(width, 1, padding="same", activation=self.blueprint.activation, name=name + "reduce")(
            gate
        )
        gate = self.layers.Conv2D(expanded, 1, padding="same", activation="sigmoid", name=name + "expand")(gate)
        return self.layers.Multiply(name=name + "excite")([x, gate])

    def convolve(
        self, x: Any, name: str, filters: int | None, kernel: int, *, stride: int = 1, activates: bool = True
    ) -> Any:
        """A convolution and its normalisation, and its activation unless it projects."""
        x, padding = self._pad(x, name + "conv_pad", kernel, stride)
        x = self.layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False, name=name + "conv")(x)
        x = self._normalize(name)(x)
        return self._activation(name + "activation")(x) if activates else x

    def _normalize(self, name: str) -> Callable[[Any], Any]:
        return self.layers.BatchNormalization(momentum=self.blueprint.momentum, name=name + "bn")  # type: ignore[no-any-return]

    def _activation(self, name: str) -> Callable[[Any], Any]:
        if self.blueprint.activation == "relu6":
            return self.layers.ReLU(max_value=6, name=name)  # type: ignore[no-any-return]
        return self.layers.Activation(self.blueprint.activation, name=name)  # type: ignore[no-any-return]

    def _pad(self, x: Any, name: str, kernel: int, stride: int) -> tuple[Any, str]:
        if stride == 1 or not self.blueprint.pads:
            return x, "same"
        margins = tuple(_margins(size, kernel) for size in x.shape[1:3])
        return self.layers.ZeroPadding2D(margins, name=name)(x), "valid"


def _margins(size: int | None, kernel: int) -> Pair:
    """Rows or columns before and after, so that a stride of 2 keeps the centres; an unknown size acts as even."""
    half = kernel // 2
    return (half - 1 + (size or 0) % 2, half)
