"""What a row about a Keras class is: how its configuration is turned into the attributes of a layer.

Read from configurations, that is from plain data: neither Keras nor TensorFlow is needed, and nothing is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from effnet_inspect.graph import OperationName, Shape

Config = Mapping[str, Any]
Attributes = dict[str, Any]
Shapes = Sequence[Shape | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a layer makes, holds and computes; None where it cannot be told.

    `shape` is that of its first output, its axes in Keras' own order, without the batch. `parameters` are all,
    `frozen` those among them that are never trained.
    """

    shape: Shape | None
    parameters: int | None = 0
    macs: int | None = 0
    frozen: int | None = 0

    def attributes(self) -> Attributes:
        """As `graph.Layer` names them."""
        is_known = self.parameters is not None and self.frozen is not None
        return {
            "output_shape": self.shape,
            "parameters": self.parameters,
            "trainable_parameters": self.parameters - self.frozen if is_known else None,  # type: ignore[operator]
            "macs": self.macs,
        }


@dataclass(frozen=True, slots=True)
class LayerClass:
    """How one Keras class reads: its operation, and the attributes of `graph.Layer` its configuration states.

    `holds_weights` is False for what is unknown but for this: that it is a plain function. `reads` says, of a
    configuration, the shape of the input and whether the model has channels first, whether the operation is what
    such a layer does; where it is not, the layer is `otherwise`, or else unknown. `counts` gives, for an operation
    that has no rules for it, what they would: from the configuration and the shapes of all inputs, in Keras' own order.
    """

    operation: OperationName
    attributes: Callable[[Config, Shape | None], Attributes] = lambda config, input_shape: {}
    holds_weights: bool = True
    reads: Callable[[Config, Shape | None, bool], bool] = lambda config, input_shape, channels_first: True
    counts: Callable[[Config, Shapes], Counted] | None = None
    otherwise: LayerClass | None = None

    def read(self, config: Config, inputs: Shapes, channels_first: bool = False) -> Attributes:
        """The attributes of a layer with this configuration; the shapes are ours, the channels last."""
        found = self.attributes(config, inputs[0] if inputs else None)
        if self.counts is None:
            return found
        counted = self.counts(config, [channels_before(shape) for shape in inputs] if channels_first else inputs)
        attributes = {**found, **counted.attributes()}
        if channels_first:
            attributes["output_shape"] = channels_behind(counted.shape)
        return attributes


OPAQUE = LayerClass("opaque")
OPAQUE_FUNCTION = LayerClass("opaque", holds_weights=False)


def counted(
    operation: OperationName,
    counts: Callable[[Config, Shapes], Counted],
    attributes: Callable[[Config, Shape | None], Attributes] = lambda config, input_shape: {},
) -> LayerClass:
    """A row of a class that is counted here, not by the rules of its operation."""
    return LayerClass(operation, attributes, counts=counts)


def unchanged(config: Config, inputs: Shapes) -> Counted:
    """Counts of what holds nothing, computes no products and keeps the shape."""
    return Counted(inputs[0] if inputs else None)


def named(name: str) -> Callable[[Config, Shape | None], Attributes]:
    """The attributes of an activation of this name."""
    return lambda config, input_shape: {"activation": name}


def along_channels(config: Config, input_shape: Shape | None, channels_first: bool) -> bool:
    """Whether `axis`, which counts the batch, is that of the channels and no other."""
    if not input_shape:
        return True
    axis = config.get("axis", -1)
    channels = (1, -3) if channels_first and len(input_shape) == 3 else (len(input_shape), -1)
    axes = axis if isinstance(axis, (list, tuple)) else (axis,)
    return len(axes) == 1 and axes[0] in channels


def channels_behind(shape: Shape | None) -> Shape | None:
    """The shape of an image that Keras states channels first, as it is written here; others are as they are."""
    return (shape[1], shape[2], shape[0]) if shape is not None and len(shape) == 3 else shape


def channels_before(shape: Shape | None) -> Shape | None:
    """The opposite of `channels_behind`.

    >>> channels_before((8, 9, 3)), channels_behind((3, 8, 9)), channels_before((16, 3))
    ((3, 8, 9), (8, 9, 3), (16, 3))
    """
    return (shape[2], shape[0], shape[1]) if shape is not None and len(shape) == 3 else shape


def axes_of(value: Any, rank: int) -> tuple[int, ...]:
    """Positions in a shape of `rank` axes without the batch, of one or several axes that count the batch.

    Raises:
        ValueError: where there is no such axis, or it is that of the batch.
    """
    axes = value if isinstance(value, (list, tuple)) else (value,)
    found = tuple(int(axis) - 1 if int(axis) >= 0 else int(axis) + rank for axis in axes)
    if any(not 0 <= axis < rank for axis in found):
        raise ValueError(f"there is no axis {value}")
    return found
