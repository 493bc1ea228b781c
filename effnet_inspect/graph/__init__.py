"""Layers and the edges between them: what every source delivers and everything else reads.

Nothing here knows a framework, and nothing here measures or draws. Shapes are without the batch axis,
channels last: `(height, width, channels)`, with None where a size is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from effnet_inspect.catalog.targets import Target
from effnet_inspect.errors import GraphError

Pair = tuple[int, int]
Shape = tuple[int | None, ...]

OperationName = Literal[
    "convolution",
    "depthwise_convolution",
    "transposed_convolution",
    "separable_convolution",
    "other_convolution",
    "dense",
    "matrix_product",
    "attention",
    "recurrent",
    "embedding",
    "batch_normalization",
    "layer_normalization",
    "group_normalization",
    "normalization",
    "other_normalization",
    "max_pooling",
    "average_pooling",
    "other_pooling",
    "input",
    "rescaling",
    "activation",
    "dropout",
    "augmentation",
    "encoding",
    "identity",
    "zero_padding",
    "cropping",
    "upsampling",
    "resizing",
    "global_average_pooling",
    "global_max_pooling",
    "reshape",
    "flatten",
    "rearrangement",
    "add",
    "subtract",
    "multiply",
    "maximum",
    "minimum",
    "average",
    "concatenate",
    "opaque",
]
"""What a layer does; each has its row in `operations`. An unknown one is `opaque`."""


Vocabulary = Literal["keras", "onnx", "tensorflow lite", "pytorch"]
"""Whose names the classes of a graph's layers have."""


def elements(shape: Sequence[int | None] | None) -> int | None:
    """How many numbers something of this shape holds; None where a size is unknown.

    >>> elements((7, 7, 3)), elements(()), elements((None, 7, 3)), elements(None)
    (147, 1, None, None)
    """
    sizes = [size for size in shape or () if size is not None]
    return None if shape is None or len(sizes) < len(shape) else math.prod(sizes)


class Layer(NamedTuple):
    """One layer of a network, in the vocabulary of `effnet_inspect.operations`.

    Attributes that an operation does not have are None. `filters` is the number of output channels of a
    convolution or the units of a dense layer. `margins` are the rows and columns added around the input,
    `((top, bottom), (left, right))`. `shares_weights_with` names the layer that owns the weights where one
    set of weights is applied several times; the parameters are counted there only. `parameters` is None where
    the source does not state them. `groups` are those of a convolution or of a group normalisation; `momentum` is
    that of a batch normalisation's running mean, as Keras writes it; `precision` is the type of the weights, one of
    `precision.PRECISIONS`, where it is not float32. `multiplier` is how many channels the depthwise part of a
    separable convolution makes of one. `macs` are stated by the source for operations that have too many forms for a
    rule. `steps` is how often the layer is applied to one input, once for each frame of a film for example: the shape
    is that of one step, the cost that of all; None where their number is unknown. `settings` are what the source states
    beside all this, by name; None where the source has no such settings.
    """

    name: str
    operation: OperationName
    class_name: str
    inputs: tuple[str, ...] = ()
    output_shape: Shape | None = None
    parameters: int | None = 0
    trainable_parameters: int | None = 0
    kernel: Pair | None = None
    stride: Pair | None = None
    dilation: Pair | None = None
    padding: str | None = None
    margins: tuple[Pair, Pair] | None = None
    filters: int | None = None
    groups: int | None = None
    use_bias: bool | None = None
    use_scale: bool | None = None
    activation: str | None = None
    rate: float | None = None
    epsilon: float | None = None
    momentum: float | None = None
    scale: tuple[float, ...] | None = None
    offset: tuple[float, ...] | None = None
    shares_weights_with: str | None = None
    precision: str | None = None
    multiplier: int | None = None
    macs: int | None = None
    steps: int | None = 1
    settings: tuple[tuple[str, str], ...] | None = None

    @property
    def data_inputs(self) -> tuple[str, ...]:
        """The inputs without those that a convolution takes as its weights, where they are computed."""
        is_convolution = self.operation in ("convolution", "depthwise_convolution")
        return self.inputs[:1] if is_convolution else self.inputs

    @property
    def is_model_input(self) -> bool:
        """Whether the model takes something here; a model within it has inputs too, which are given something."""
        return self.operation == "input" and not self.inputs

    @property
    def channels(self) -> int | None:
        """Channels of the output; None where unknown."""
        return self.output_shape[-1] if self.output_shape else None


class BuiltBy(NamedTuple):
    """Which releases built a graph, and where it was kept since: in this package or in the cache; None for nowhere.

    `resized_from` is the target that was built, where the graph is that at another input size.
    """

    keras: str
    tensorflow: str
    kept_in: Literal["package", "cache"] | None = None
    resized_from: str | None = None


@dataclass(frozen=True, slots=True)
class LayerGraph:
    """A network: its layers, each after all of its inputs, in an order that depends on the edges alone.

    `layers` may be given in any order; `outputs` may be left out, then every layer that nothing consumes is
    one. `target` is what the graph was asked for by, None where it was made by hand. `remarks` are sentences on what
    its source does not tell. `built_by` says who built it, None where it was read. `vocabulary` says whose names the
    classes of layers have, None where that is not known.

    Raises:
        GraphError: for a name used twice, an input that is not a layer, a cycle, or no layer at all.

    >>> graph = LayerGraph("tiny", (Layer("b", "activation", "ReLU", ("a",)), Layer("a", "input", "InputLayer")))
    >>> [layer.name for layer in graph.layers], graph.outputs
    (['a', 'b'], ('b',))
    """

    name: str
    layers: tuple[Layer, ...]
    outputs: tuple[str, ...] = ()
    target: Target | None = None
    remarks: tuple[str, ...] = ()
    built_by: BuiltBy | None = field(default=None, compare=False)
    vocabulary: Vocabulary | None = field(default=None, compare=False)
    _by_name: dict[str, Layer] = field(init=False, repr=False, compare=False)
    _consumers: dict[str, tuple[Layer, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {layer.name: layer for layer in self.layers}
        if not by_name:
            raise GraphError(f"the model {self.name!r} has no layers")
        if len(by_name) != len(self.layers):
            raise GraphError(f"the layer name {_first_repeated(self.layers)!r} is used more than once")
        consumers: dict[str, list[Layer]] = {name: [] for name in by_name}
        for layer in self.layers:
            for name in dict.fromkeys(layer.inputs):
                if name not in by_name:
                    raise GraphError(f"layer {layer.name!r} takes its input from {name!r}, which is not a layer")
                consumers[name].append(layer)
        outputs = self.outputs or tuple(name for name, users in consumers.items() if not users)
        for name in outputs:
            if name not in by_name:
                raise GraphError(f"the output {name!r} is not a layer")
        ordered = _in_order(by_name, outputs)
        position = {layer.name: index for index, layer in enumerate(ordered)}
        in_order = {
            name: tuple(sorted(users, key=lambda user: position[user.name]) if len(users) > 1 else users)
            for name, users in consumers.items()
        }
        object.__setattr__(self, "layers", ordered)
        object.__setattr__(self, "outputs", outputs)
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_consumers", in_order)

    def __getitem__(self, name: str) -> Layer:
        try:
            return self._by_name[name]
        except KeyError:
            raise GraphError(f"the model {self.name!r} has no layer {name!r}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def consumers(self, name: str) -> tuple[Layer, ...]:
        """The layers that take the output of the layer `name`, in graph order."""
        return self._consumers[name]

    def producers(self, layer: Layer) -> tuple[Layer, ...]:
        """The layers whose outputs `layer` takes, in the order it takes them."""
        return tuple(self._by_name[name] for name in layer.inputs)

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """Names of all layers from which one of `names` can be reached, without `names` themselves."""
        return self._reach(names, lambda name: self._by_name[name].inputs)

    def descendants(self, names: Iterable[str]) -> set[str]:
        """Names of all layers that can be reached from one of `names`, without `names` themselves."""
        return self._reach(names, lambda name: tuple(layer.name for layer in self._consumers[name]))

    @staticmethod
    def _reach(names: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
        start = set(names)
        seen: set[str] = set()
        waiting = list(start)
        while waiting:
            for name in step(waiting.pop()):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return seen - start


def _first_repeated(layers: tuple[Layer, ...]) -> str:
    seen: set[str] = set()
    for layer in layers:
        if layer.name in seen:
            return layer.name
        seen.add(layer.name)
    raise AssertionError("no name is repeated")


def _in_order(by_name: dict[str, Layer], outputs: tuple[str, ...]) -> tuple[Layer, ...]:
    """Depth first from the outputs, inputs in their order; what no output needs comes last.

    An explicit stack, because real graphs are deeper than Python's recursion limit.
    """
    done: dict[str, Layer] = {}
    opened: set[str] = set()
    for start in (*outputs, *by_name):
        way = [(start, iter(by_name[start].inputs))] if start not in done else []
        while way:
            name, inputs = way[-1]
            for needed in inputs:
                if needed not in done:
                    opened.add(name)
                    if needed in opened:
                        raise GraphError(f"layer {needed!r} is part of a cycle")
                    way.append((needed, iter(by_name[needed].inputs)))
                    break
            else:
                done[name] = by_name[name]
                way.pop()
    return tuple(done.values())


JOINING_MAPS: frozenset[OperationName] = frozenset({"add", "subtract", "multiply", "concatenate"})


def maps_fit(graph: LayerGraph) -> bool:
    """Whether the maps that one layer joins have the same height and width, or one position, wherever known."""
    return next(unequal_joints(graph), None) is None


def unequal_joints(graph: LayerGraph) -> Iterator[tuple[Layer, tuple[Shape, ...]]]:
    """The layers that cannot join what they take, each with the sides of its maps."""
    for layer in graph:
        maps = maps_of([before.output_shape for before in graph.producers(layer)])
        if layer.operation in JOINING_MAPS and not are_equal(maps):
            yield layer, tuple(dict.fromkeys(maps))


def maps_of(shapes: Iterable[Shape | None]) -> list[Shape]:
    """Height and width of those that are maps."""
    return [shape[:2] for shape in shapes if shape is not None and len(shape) == 3]


def are_equal(maps: Sequence[Shape]) -> bool:
    """Whether maps can be joined: their sides are equal, one position or unknown."""
    return all(len({side for side in sides if side not in (None, 1)}) <= 1 for sides in zip(*maps, strict=True))
