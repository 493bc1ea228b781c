"""One node with what it takes: the data that depend on the model's input, and constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from effnet_inspect.graph import Shape
from effnet_inspect.sources.onnx.file import Dimensions, Node
from effnet_inspect.sources.passes import Constant

Batch = Literal["stated", "open", "gone"]
"""What a tensor's first axis is: the batch as the file has it, one that it leaves open and that stands here as 1, or
no batch any more, where a batch of 1 was squeezed away."""


@dataclass(frozen=True, slots=True)
class Data:
    """A tensor that depends on the model's input; `shape` is the file's, with the batch axis."""

    layer: str
    shape: Dimensions | None
    channels_last: bool = False
    batch: Batch = "stated"

    @property
    def is_image(self) -> bool:
        """Whether it has two sides and channels."""
        return self.shape is not None and len(self.shape) == 4

    @property
    def sides(self) -> tuple[int, int]:
        """The axes of an image's rows and columns."""
        return (1, 2) if self.channels_last else (2, 3)

    @property
    def channel_axis(self) -> int:
        """The axis of an image's channels, or the last one of anything else."""
        return 1 if self.is_image and not self.channels_last else len(self.shape or ()) - 1

    @property
    def behind_channels(self) -> int:
        """How many axes there are behind that of the channels."""
        return len(self.shape or ()) - 1 - self.channel_axis

    @property
    def channels(self) -> int | None:
        """The channels of an image."""
        return self.shape[self.channel_axis] if self.shape and self.is_image else None

    @property
    def layer_shape(self) -> Shape | None:
        """As a Layer has it: without the batch axis, channels last."""
        if self.shape is not None and self.is_image and not self.channels_last:
            return (self.shape[2], self.shape[3], self.shape[1])
        return self.shape if self.shape is None or self.batch == "gone" else self.shape[1:]

    def with_layer_shape(self, shape: Shape | None) -> Dimensions | None:
        """A shape as a Layer has it, in the order of this tensor."""
        if shape is None:
            return None
        if self.batch == "gone":
            return shape
        batch = self.shape[0] if self.shape else None
        if len(shape) == 3 and not self.channels_last:
            return (batch, shape[2], shape[0], shape[1])
        return (batch, *shape)


Operand = Data | Constant | None


@dataclass(frozen=True, slots=True)
class Call:
    """A node and its operands, in their order; what is left out is None.

    `kind` is the operator of ONNX that it works like: mostly its own.
    """

    node: Node
    operands: tuple[Operand, ...]
    kind: str = ""

    @property
    def attributes(self) -> Any:
        """The node's attributes."""
        return self.node.attributes

    @property
    def taken(self) -> list[Data]:
        """The operands that are data."""
        return [each for each in self.operands if isinstance(each, Data)]

    @property
    def data(self) -> Data:
        """The first of them."""
        return self.taken[0]

    @property
    def constants(self) -> list[Constant]:
        """The operands that are constants."""
        return [each for each in self.operands if isinstance(each, Constant)]

    def has(self, index: int) -> bool:
        """Whether the operand at `index` is given."""
        return len(self.operands) > index and self.operands[index] is not None

    def weights(self, index: int, rank: int) -> Dimensions | None:
        """The shape of the constant at `index`; None where there is none of that rank."""
        operand = self.operands[index]
        shape = operand.shape if isinstance(operand, Constant) else None
        return shape if shape is not None and len(shape) == rank else None

    def sizes(self, index: int) -> list[Any] | None:
        """The values of the constant at `index`, some of which may be None; None where they are unknown."""
        operand = self.operands[index] if index < len(self.operands) else None
        known = isinstance(operand, Constant) and operand.values is not None
        return operand.values.ravel().tolist() if known else None  # type: ignore[union-attr]

    def numbers(self, index: int, attribute: str = "") -> list[Any] | None:
        """Values that newer versions of ONNX take as an operand and older ones as an attribute; None if unknown."""
        if self.has(index):
            values = self.sizes(index)
            return None if values is None or None in values else values
        value = self.attributes.get(attribute)
        return None if value is None else list(value) if isinstance(value, tuple) else [value]
