"""What a network costs in memory and in memory traffic, from its graph: for one forward pass, and for training.

Conventions, which `views.cost` names. Every layer's output is a tensor of its own, nothing is fused and nothing
computed in place; what only renames its input (dropout at inference, reshaping, identity) has none. A tensor is alive
from the layer that makes it to the last one that takes it; layers run one after another in graph order. Every layer
reads its inputs and its weights, and writes its output. For the backward pass all outputs are kept, but those in front
of all that trains where layers there are frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from effnet_inspect.choices import DtypeName, OptimizerName
from effnet_inspect.graph import Layer, LayerGraph, OperationName, elements
from effnet_inspect.graph.operations import WITH_KERNEL
from effnet_inspect.graph.trainable import is_frozen
from effnet_inspect.structure.measures import Total
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.regions import find_trunks
from effnet_inspect.structure.roles import items_of
from effnet_inspect.words import abbreviate


class Dtype(NamedTuple):
    """Bytes of an activation, and of a weight, its gradient and the optimizer's state of it."""

    activation: int
    weight: int


DTYPES: dict[DtypeName, Dtype] = {
    "float32": Dtype(4, 4),
    "mixed_float16": Dtype(2, 4),
    "float16": Dtype(2, 2),
    "bfloat16": Dtype(2, 2),
}

SLOTS: dict[OptimizerName, int] = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2, "adamw": 2}
"""How many numbers an optimizer keeps beside each trainable parameter, as Keras has them by default."""

RENAMING: frozenset[OperationName] = frozenset({"reshape", "flatten", "identity"})
"""What gives its input another name or shape, without a copy."""

KINDS: dict[str, frozenset[OperationName]] = {
    "convolution": WITH_KERNEL | {"matrix_product"},
    "normalisation": frozenset(
        {
            "batch_normalization",
            "layer_normalization",
            "group_normalization",
            "normalization",
            "other_normalization",
            "rescaling",
        }
    ),
    "activation": frozenset({"activation"}),
    "squeeze-excite": frozenset(),
    "attention": frozenset({"attention"}),
    "padding": frozenset({"zero_padding", "cropping"}),
    "addition": frozenset({"add"}),
    "pooling": frozenset(
        {"max_pooling", "average_pooling", "other_pooling", "global_average_pooling", "global_max_pooling"}
    ),
    "other": frozenset(),
}
"""What layers are counted as; squeeze-excite, or attention of another kind, is whatever belongs to one."""


class Conditions(NamedTuple):
    """Under what a network is run: images at once, types, optimizer, and the memory in bytes that there is."""

    batch: int = 1
    dtype: DtypeName = "float32"
    optimizer: OptimizerName = "adam"
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class PartCost:
    """One stage: bytes of weights, the most that is alive while it runs, bytes moved, bytes kept for training, MACs.

    `is_exact` is False where some layer of it is not wholly known.
    """

    title: str
    weights: int
    peak: int
    moved: int
    kept: int
    macs: int
    is_exact: bool

    @property
    def macs_per_byte(self) -> float | None:
        """The arithmetic intensity; None where something is unknown, or nothing moves."""
        return self.macs / self.moved if self.is_exact and self.moved else None


class Unknown(NamedTuple):
    """Layers of which something is unknown: the size of their output, their parameters, their MACs."""

    sizes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()

    def sentences(self, *, has_limit: bool) -> Iterator[str]:
        """What is unknown, and which figures are lower bounds for it; `has_limit` where a largest batch is told."""
        batch = ", and the largest batch at most" if has_limit else ""
        if self.sizes:
            yield (
                f"The outputs of {abbreviate(self.sizes)} are of unknown size: peak, moved, kept and total are at "
                f"least what is shown{batch}."
            )
        if self.parameters:
            yield (
                f"The parameters of {abbreviate(self.parameters)} cannot be determined: weights, moved, gradients, "
                f"optimizer and total are at least what is shown{batch}."
            )
        if self.macs:
            yield f"The MACs of {abbreviate(self.macs)} cannot be determined: MACs are at least what is shown."
        if any(self):
            yield "Shares are of the bytes that are known; MACs per byte are told where both are."


@dataclass(frozen=True, slots=True)
class Cost:
    """What one network costs, in bytes.

    `peak` is the most that activations take at once in a forward pass, at `peak_layer`; `moved` is what is read and
    written, `by_kind` the same by kinds of layers. For training `kept` are all outputs, `gradients` those of the
    trainable parameters, `optimizer` its state; `not_kept` counts the layers whose outputs no gradient needs, as frozen
    ones stand in front of all that trains. `largest_batch` is how many images fit, None where the memory is not
    given. Figures to which something `unknown` belongs are lower bounds, the batch an upper one.
    """

    weights: int
    peak: int
    peak_layer: str
    moved: int
    macs: int
    by_kind: dict[str, int]
    kept: int
    not_kept: int
    gradients: int
    optimizer: int
    largest_batch: int | None
    parts: tuple[PartCost, ...]
    unknown: Unknown

    @property
    def is_exact(self) -> bool:
        """Whether nothing is unknown."""
        return not any(self.unknown)

    @property
    def macs_per_byte(self) -> float | None:
        """The arithmetic intensity of a forward pass; None where something is unknown."""
        return (self.macs / self.moved if self.moved else 0.0) if self.is_exact else None

    @property
    def training(self) -> int:
        """Everything that is there in a forward pass in training, and the gradients."""
        return self.weights + max(self.kept, self.peak) + self.gradients + self.optimizer

    @property
    def lower_bounds(self) -> tuple[str, ...]:
        """Sentences on the figures that are lower bounds; none where all are exact."""
        return tuple(self.unknown.sentences(has_limit=self.largest_batch is not None))


def cost_of(network: Network, conditions: Conditions | None = None) -> Cost:
    """What a network costs."""
    conditions = conditions or Conditions()
    return _Walk(network, conditions).cost()


def moved_bytes(network: Network, conditions: Conditions | None = None) -> dict[str, Total]:
    """The bytes that each layer reads and writes in a forward pass, by its name.

    They are a lower bound where the size of its weights, or of a tensor that it takes or makes, is unknown.
    """
    return _Walk(network, conditions or Conditions()).moved()


def sum_of(totals: Iterable[Total]) -> Total:
    """The sum of sums, which lacks what any of them lacks."""
    found = list(totals)
    return Total(sum(each.value for each in found), tuple(name for each in found for name in each.missing))


class _Walk:
    def __init__(self, network: Network, conditions: Conditions) -> None:
        self.network = network
        self.graph: LayerGraph = network.graph
        self.conditions = conditions
        self.dtype = DTYPES[conditions.dtype]
        self.sizes = {layer.name: self._size(layer) for layer in self.graph}
        self.owner = _owners(self.graph)
        self.needed = _needed_by_gradients(self.graph)

    def _size(self, layer: Layer) -> int:
        """Bytes of a layer's output for the whole batch; 0 where they are unknown."""
        count = elements(layer.output_shape) or 0
        return count * (layer.steps or 1) * self.conditions.batch * self.dtype.activation

    def cost(self) -> Cost:
        totals = self.network.totals
        alive = self._alive()
        weights = totals["parameters"] * self.dtype.weight
        trainable = totals["trainable_parameters"] * self.dtype.weight
        per_image = self._kept(self.graph.layers) // self.conditions.batch
        fixed = weights + trainable * (1 + SLOTS[self.conditions.optimizer])
        peak_layer = max(alive, key=lambda name: alive[name])
        most = max(per_image, alive[peak_layer] // self.conditions.batch)
        largest = None
        if self.conditions.memory is not None and most:
            largest = max(int((self.conditions.memory - fixed) // most), 0)
        return Cost(
            weights=weights,
            peak=alive[peak_layer],
            peak_layer=peak_layer,
            moved=sum(map(self._moved, self.graph)),
            macs=totals["macs"] * self.conditions.batch,
            by_kind=self._by_kind(),
            kept=per_image * self.conditions.batch,
            not_kept=len(self.graph) - len(self.needed),
            gradients=trainable,
            optimizer=trainable * SLOTS[self.conditions.optimizer],
            largest_batch=largest,
            parts=tuple(
                PartCost(
                    title=stage.title,
                    weights=sum(layer.parameters or 0 for layer in stage.layers) * self.dtype.weight,
                    peak=max(alive[layer.name] for layer in stage.layers),
                    moved=sum(map(self._moved, stage.layers)),
                    kept=self._kept(stage.layers),
                    macs=self.network.totals_of(stage)["macs"] * self.conditions.batch,
                    is_exact=not any(self._unknown(stage.layers)),
                )
                for stage in self.network.anatomy.stages
                if stage.layers
            ),
            unknown=self._unknown(self.graph.layers),
        )

    def _unknown(self, layers: Sequence[Layer]) -> Unknown:
        totals = self.network.measures.totals(layers)
        return Unknown(*(totals.total(key).missing for key in ("activations", "parameters", "macs")))

    def _alive(self) -> dict[str, int]:
        """The bytes that are alive while each layer runs."""
        last = {name: name for name in self.sizes}
        for layer in self.graph:
            for name in layer.inputs:
                last[self.owner[name]] = layer.name
        for name in self.graph.outputs:
            last[self.owner[name]] = ""
        ending: dict[str, list[str]] = {}
        for name, user in last.items():
            if self.owner[name] == name:
                ending.setdefault(user, []).append(name)
        now, alive = 0, {}
        for layer in self.graph:
            if self.owner[layer.name] == layer.name:
                now += self.sizes[layer.name]
            alive[layer.name] = now
            now -= sum(self.sizes[name] for name in ending.get(layer.name, ()))
        return alive

    def moved(self) -> dict[str, Total]:
        """What each layer reads and writes."""
        sizes = self.network.measures.column("activations")
        unknown = {name for name, size in sizes.items() if size is None}

        def is_unknown(layer: Layer) -> bool:
            return self._moves(layer) and (layer.parameters is None or bool(unknown & {layer.name, *layer.inputs}))

        return {
            layer.name: Total(self._moved(layer), (layer.name,) if is_unknown(layer) else ()) for layer in self.graph
        }

    def _moves(self, layer: Layer) -> bool:
        return self.owner[layer.name] == layer.name and layer.operation != "input"

    def _moved(self, layer: Layer) -> int:
        if not self._moves(layer):
            return 0
        read = sum(self.sizes[name] for name in layer.inputs)
        # Weights that several layers share are held once, and read by each.
        owner = self.graph[layer.shares_weights_with or layer.name]
        return read + self.sizes[layer.name] + (owner.parameters or 0) * self.dtype.weight

    def _kept(self, layers: Sequence[Layer]) -> int:
        """Dropout makes a tensor in training."""
        kept = (layer for layer in layers if layer.operation not in RENAMING and layer.name in self.needed)
        return sum(self.sizes[layer.name] for layer in kept)

    def _by_kind(self) -> dict[str, int]:
        attention = {
            layer.name: "squeeze-excite" if item.attention == "squeeze-excite" else "attention"
            for trunk in find_trunks(self.graph)
            for region in trunk.regions
            for item in items_of(region)
            if item.kind == "attention"
            for layer in item.layers
        }
        kinds = {operation: kind for kind, operations in KINDS.items() for operation in operations}
        found = dict.fromkeys(KINDS, 0)
        for layer in self.graph:
            kind = attention.get(layer.name) or kinds.get(layer.operation, "other")
            found[kind] += self._moved(layer)
        return found


def _needed_by_gradients(graph: LayerGraph) -> set[str]:
    """The layers whose outputs are kept: all; with frozen ones those behind something that trains, and what they take.

    A layer of unknown parameters may train.
    """
    if not any(map(is_frozen, graph)):
        return {layer.name for layer in graph}
    needed: set[str] = set()
    learning: set[str] = set()
    for layer in graph:
        if layer.trainable_parameters != 0 or not learning.isdisjoint(layer.inputs):
            learning.add(layer.name)
            needed.update(*(_renamed(graph, name) for name in layer.inputs))
    return needed | learning


def _renamed(graph: LayerGraph, name: str) -> Iterator[str]:
    """A layer, and those whose tensor its output is."""
    yield name
    while graph[name].operation in RENAMING and graph[name].inputs:
        name = graph[name].inputs[0]
        yield name


def _owners(graph: LayerGraph) -> dict[str, str]:
    """For each layer, the one whose tensor its output is: another one where it only renames its input."""
    owner: dict[str, str] = {}
    for layer in graph:
        renames = layer.operation in RENAMING or layer.operation in ("dropout", "input", "augmentation")
        owner[layer.name] = owner[layer.inputs[0]] if renames and layer.inputs else layer.name
    return owner
