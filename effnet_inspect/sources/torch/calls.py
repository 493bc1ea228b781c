"""One call of an operator with what it takes: the data that depend on the model's input, and constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from effnet_inspect.graph import Shape
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.torch.program import Dimensions, Node


@dataclass(frozen=True, slots=True)
class Data:
    """A tensor that depends on the model's input; `shape` is PyTorch's, with the batch axis."""

    layer: str
    shape: Dimensions
    channels_last: bool = False

    @property
    def is_image(self) -> bool:
        """Whether it has two sides and channels."""
        return len(self.shape) == 4

    @property
    def sides(self) -> tuple[int, int]:
        """The axes of an image's rows and columns."""
        return (1, 2) if self.channels_last else (2, 3)

    @property
    def channel_axis(self) -> int:
        """The axis of an image's channels, or the last one of anything else."""
        return 1 if self.is_image and not self.channels_last else len(self.shape) - 1

    @property
    def behind_channels(self) -> int:
        """How many axes there are behind that of the channels."""
        return len(self.shape) - 1 - self.channel_axis

    @property
    def channels(self) -> int | None:
        """The channels of an image, or the features of anything else."""
        return self.shape[self.channel_axis] if self.shape else None

    @property
    def layer_shape(self) -> Shape:
        """As a Layer has it: without the batch axis, channels last."""
        if self.is_image and not self.channels_last:
            return (self.shape[2], self.shape[3], self.shape[1])
        return self.shape[1:]


@dataclass(frozen=True, slots=True)
class Call:
    """A node, and its arguments by name with their defaults: data and constants in the place of references."""

    node: Node
    arguments: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The operator's name, whether it works in place or not."""
        return self.node.kind.removesuffix("_")

    def get(self, name: str, otherwise: Any = None) -> Any:
        """The argument of this name; `otherwise` where it is not given."""
        value = self.arguments.get(name)
        return otherwise if value is None else value

    def has(self, name: str) -> bool:
        """Whether an argument is given."""
        return self.arguments.get(name) is not None

    def _tensors(self) -> Iterator[Data | Constant]:
        for value in self.arguments.values():
            for each in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(each, (Data, Constant)):
                    yield each

    @property
    def taken(self) -> list[Data]:
        """The arguments that are data."""
        return [each for each in self._tensors() if isinstance(each, Data)]

    @property
    def constants(self) -> list[Constant]:
        """The arguments that are constants."""
        return [each for each in self._tensors() if isinstance(each, Constant)]

    @property
    def data(self) -> Data:
        """The first of the data."""
        return self.taken[0]

    @property
    def result(self) -> Dimensions | None:
        """The shape of the first result."""
        return self.node.shapes[0] if self.node.shapes else None

    def shape_of(self, name: str) -> Dimensions | None:
        """The shape of a tensor among the arguments; None where it is none."""
        value = self.arguments.get(name)
        return value.shape if isinstance(value, (Data, Constant)) else None

    def pair(self, name: str, otherwise: int) -> tuple[int, int]:
        """Two whole numbers for rows and columns, of which PyTorch takes one for both."""
        value = self.arguments.get(name)
        values: Sequence[int] = [value] if isinstance(value, int) else value or [otherwise]
        return (int(values[0]), int(values[-1]))

    def axes(self, name: str) -> list[int]:
        """Axes, none of which is counted from the end."""
        value = self.arguments.get(name)
        values = [] if value is None else [value] if isinstance(value, int) else value
        return sorted(axis % max(len(self.data.shape), 1) for axis in values)
