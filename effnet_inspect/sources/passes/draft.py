"""A graph on its way into the vocabulary, what constants its layers take, and the one way to change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from effnet_inspect.graph import Layer, LayerGraph, OperationName, Shape, elements
from effnet_inspect.graph.patterns import Match, Pattern

# A draft is made of the graph's own layers, whose type knows the finished vocabulary only.
SCALE = cast("OperationName", "scale")
SHIFT = cast("OperationName", "shift")
MOVE = cast("OperationName", "move")
UNBLOCK = cast("OperationName", "unblock")
SPREAD = cast("OperationName", "spread")
GATHER = cast("OperationName", "gather")
"""Operations that a draft has beside the vocabulary, and that no pass leaves behind: a factor for each channel, an
offset for each channel, what moves or repeats values otherwise than in their order, what takes away the channels that
fill up the last block of channels, what makes several maps of every second or third position of one, and what puts
these together again. The constants of the last two are the step, and what is added or cut off at the edges."""

ARRANGING = frozenset({"reshape", "flatten", "identity", MOVE, SPREAD, GATHER})
"""Operations that compute nothing."""

AT_MOST = "at_most"
"""The activation `min(x, number)`, which no pass leaves behind either; the number is the layer's constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A tensor that does not depend on the model's input.

    `values` is an array of Python numbers, None where they are many or unknown; a single unknown number is None.
    `sources` names the weights it was made from. `random` is true of noise drawn anew at each run; `quantizes` of
    scales and zero points that follow the data at each run. `trainable` says whether the layer that takes it learns
    it; None where it is no parameter of that layer. `zeros_at_end` is how many zeros a vector ends with, None where
    unknown. `precision` is the type in which its weights are stored, None for float32.
    """

    shape: Shape | None = None
    values: Any = None
    sources: tuple[str, ...] = ()
    random: bool = False
    quantizes: bool = False
    trainable: bool | None = None
    zeros_at_end: int | None = None
    precision: str | None = None

    @property
    def size(self) -> int | None:
        """Number of elements; None where unknown."""
        return elements(self.shape)

    def numbers(self) -> list[Any] | None:
        """The values, flat; None where they are not known, or one of them is not."""
        if self.values is None:
            return None
        flat = self.values.ravel().tolist()
        return None if None in flat else flat


@dataclass(frozen=True, slots=True)
class Draft:
    """A graph, and the constants that its layers take, by the layer's name.

    `keeps_first_name` says which name a layer has that was made of several: the first one's, if it has weights by
    which people know it, or else that of the last one that computes, whose output it gives. `weights` are all weights
    by their names, where a name is one tensor; None where an exporter may have stored equal tensors once.
    """

    graph: LayerGraph
    constants: Mapping[str, tuple[Constant, ...]] = field(default_factory=dict)
    keeps_first_name: bool = False
    weights: Mapping[str, Constant] | None = None

    def constants_of(self, layer: Layer) -> tuple[Constant, ...]:
        """The constants that a layer takes."""
        return self.constants.get(layer.name, ())

    def is_alone(self, layer: Layer) -> bool:
        """Whether one layer takes what this one gives, and nobody else."""
        return len(self.graph.consumers(layer.name)) == 1 and layer.name not in self.graph.outputs

    def matches(self, pattern: Pattern) -> Iterator[tuple[Layer, ...]]:
        """Where `pattern` matches, in the order of the data, and only its last layer is needed by others.

        Of several ways to match the preferred one is given, and no layer is in two matches.
        """
        used: set[str] = set()
        for entry in self.graph:
            for match in pattern.match(self.graph, Match(entry.name, entry.name)):
                layers = match.layers()
                if used.isdisjoint(layer.name for layer in layers) and all(map(self.is_alone, layers[:-1])):
                    used.update(layer.name for layer in layers)
                    yield layers


class Edit:
    """Changes to a draft, collected and then made at once."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._layers = {layer.name: layer for layer in draft.graph}
        self._constants = dict(draft.constants)
        self._instead: dict[str, str] = {}
        self._beside: dict[str, set[str]] = {}

    def change(self, layer: Layer, *, constants: tuple[Constant, ...] | None = None, **changes: Any) -> None:
        """Another operation or other attributes, and other constants where they are given."""
        self._layers[layer.name] = layer._replace(**changes)
        if constants is not None:
            self._constants[layer.name] = constants

    def join(self, layers: tuple[Layer, ...], **changes: Any) -> None:
        """Make one layer of a row of layers: the first, with all operators' names and all constants."""
        has_weights = any(each.sources for each in self._constants.get(layers[0].name, ()))
        computing = [layer for layer in layers if layer.operation not in ARRANGING] or layers
        kept = layers[0] if self.draft.keeps_first_name and has_weights else computing[-1]
        constants = tuple(each for layer in layers for each in self._constants.get(layer.name, ()))
        for layer in layers:
            del self._layers[layer.name]
            self._instead[layer.name] = kept.name
        class_name = "+".join(layer.class_name for layer in layers)
        self._layers[kept.name] = layers[0]._replace(name=kept.name, class_name=class_name, **changes)
        self._constants[kept.name] = constants

    def split(self, layer: Layer, *parts: Layer) -> None:
        """Put a row of layers in a layer's place; the first has its name and constants, the last gives its output."""
        del self._layers[layer.name]
        self._layers.update({part.name: part for part in parts})
        self._instead[layer.name] = parts[-1].name
        self._beside.update({part.name: {each.name for each in parts} for part in parts})

    def new_name(self, layer: Layer, part: str) -> str:
        """A name for a part of a layer, that no layer has."""
        name = f"{layer.name}:{part}"
        while name in self._layers:
            name += "'"
        return name

    def drop(self, layer: Layer) -> None:
        """Leave a layer out; whatever took its output takes its input."""
        del self._layers[layer.name]
        self._instead[layer.name] = layer.inputs[0]

    def done(self) -> Draft:
        """The changed draft; the same one where nothing changed."""
        if all(self._layers.get(layer.name) is layer for layer in self.draft.graph):
            return self.draft
        now: dict[str, str] = {}
        for layer in self.draft.graph:  # each after its inputs, so that rows of dropped layers resolve in one go
            target = self._instead.get(layer.name, layer.name)
            now[layer.name] = now.get(target, target)
        layers = tuple(self._rewired(layer, now) for layer in self._layers.values())
        graph = self.draft.graph
        outputs = tuple(dict.fromkeys(now[name] for name in graph.outputs))
        changed = replace(graph, layers=layers, outputs=outputs)
        return replace(self.draft, graph=changed, constants=self._constants)

    def _rewired(self, layer: Layer, now: Mapping[str, str]) -> Layer:
        beside = self._beside.get(layer.name, set())
        inputs = tuple([name if name in beside else now[name] for name in layer.inputs])
        owner = layer.shares_weights_with if layer.shares_weights_with in self._layers else None
        if (inputs, owner) == (layer.inputs, layer.shares_weights_with):
            return layer
        return layer._replace(inputs=inputs, shares_weights_with=owner)
