"""A Keras model's configuration -> LayerGraph: what every built model and every model file goes through.

A configuration is plain data (`model.to_json()`, `config.json` in a `.keras` file, the `model_config` of an HDF5
file). Reading it runs no code and needs no Keras. Keras 2 and 3 write edges differently; both are read. Models
nested as layers are laid open, their layers named `outer/inner`.

Two steps: `_Flattener` follows the edges through all nested models and makes one flat row of calls;
`_layer` then turns each call into a Layer, its input shapes known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.operations import OPERATIONS
from effnet_inspect.sources.keras_layers import KERAS_LAYERS, OPAQUE, WITHOUT_WEIGHTS, Config

MAXIMUM_NESTING = 32
MAXIMUM_LAYERS = 50_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What a live model states of its layers, by path: stronger than what its configuration implies.

    `parameters` holds (total, trainable); `shapes` are without the batch axis, channels last.
    """

    parameters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)


def read_config(config: object, *, name: str = "", target: str = "", facts: Facts | None = None) -> LayerGraph:
    """Read a model's configuration, `{"class_name": ..., "config": {...}}` as `model.to_json()` writes it.

    Args:
        config: the decoded configuration; it need not be trusted.
        name: the graph's name; without it the model's own.
        target: what the graph was asked for by.
        facts: counts and shapes of the live model, where there is one.

    Raises:
        SourceError: where this is no configuration of a model with a graph of layers.
        GraphError: where its layers do not form a graph.
    """
    model = _model_entry(config)
    flattener = _Flattener()
    try:
        outputs = flattener.flatten(model, _Place())
        layers = _layers(flattener.calls, facts or Facts())
    except CycleError as error:
        raise SourceError(f"the model's layers form a cycle through {error.args[1][0]!r}") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise SourceError(f"the model's configuration cannot be read: {error!r}") from error
    own_name = str(model["config"].get("name") or "model")
    return LayerGraph(name or own_name, layers, tuple(dict.fromkeys(outputs)), target)


def _model_entry(config: object) -> Mapping[str, Any]:
    if not isinstance(config, Mapping) or "config" not in config:
        raise SourceError("this is no configuration of a Keras model")
    inner = config["config"]
    if isinstance(inner, list):
        return {**config, "config": {"layers": inner}}
    if not _is_model(config):
        raise SourceError(
            f"the class {config.get('class_name')!r} states no graph of layers; "
            "only Functional and Sequential models do"
        )
    return config


def _is_model(entry: Mapping[str, Any]) -> bool:
    config = entry.get("config")
    return isinstance(config, Mapping) and isinstance(config.get("layers"), list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the nesting a layer stands: prefix of its name, of its weights' path, and whether it may train."""

    prefix: str = ""
    path: str = ""
    trainable: bool = True
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Call:
    """One application of one layer."""

    name: str
    path: str
    entry: Mapping[str, Any]
    inputs: tuple[str, ...]
    stated_shape: Shape | None
    trainable: bool


@dataclass(slots=True)
class _Flattener:
    calls: list[_Call] = field(default_factory=list)

    def flatten(self, model: Mapping[str, Any], place: _Place, feeds: Sequence[str] | None = None) -> list[str]:
        """Add all calls of `model`; `feeds` are the calls outside it that its inputs take.

        Returns the names of the calls that give the model's outputs.
        """
        if place.depth > MAXIMUM_NESTING:
            raise SourceError(f"the models are nested more than {MAXIMUM_NESTING} deep")
        config = model["config"]
        if "input_layers" in config and "output_layers" in config:
            return self._functional(config, place, feeds)
        return self._sequential(config, place, feeds)

    def _sequential(self, config: Config, place: _Place, feeds: Sequence[str] | None) -> list[str]:
        entries: list[Mapping[str, Any]] = list(config["layers"])
        if not entries:
            raise SourceError(f"the model {config.get('name')!r} has no layers")
        if entries[0].get("class_name") != "InputLayer":
            shape = entries[0]["config"].get("batch_input_shape") or config.get("build_input_shape")
            first = {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": shape}}
            entries.insert(0, first)
        current = list(feeds or ())
        for entry in entries:
            current = self._call(entry, place, current, 0, None)
        return current

    def _functional(self, config: Config, place: _Place, feeds: Sequence[str] | None) -> list[str]:
        entries: dict[str, Mapping[str, Any]] = {_name(entry): entry for entry in config["layers"]}
        nodes = {
            (name, index): tuple(_tensors(node))
            for name, entry in entries.items()
            for index, node in enumerate(entry.get("inbound_nodes") or [[]])
        }
        shapes = {tensor[:3]: tensor[3] for tensors in nodes.values() for tensor in tensors if tensor[3]}
        inputs = [tensor[0] for tensor in _tensors(config["input_layers"])]
        made: dict[tuple[str, int], list[str]] = {}
        order = TopologicalSorter(
            {
                key: [_existing(nodes, source, index) for source, index, _, _ in tensors]
                for key, tensors in nodes.items()
            }
        )
        for key in order.static_order():
            name, index = key
            sources = [_pick(made[_existing(nodes, source, node)], output) for source, node, output, _ in nodes[key]]
            if feeds is not None and name in inputs:
                position = inputs.index(name)
                sources = [feeds[position]] if position < len(feeds) else []
            made[key] = self._call(entries[name], place, sources, index, shapes.get((name, index, 0)))
        return [
            _pick(made[_existing(nodes, name, index)], output)
            for name, index, output, _ in _tensors(config["output_layers"])
        ]

    def _call(
        self,
        entry: Mapping[str, Any],
        place: _Place,
        inputs: Sequence[str],
        index: int,
        stated_shape: Shape | None,
    ) -> list[str]:
        own = _name(entry)
        name = place.prefix + own + (f":{index}" if index else "")
        trainable = place.trainable and entry["config"].get("trainable", True) is not False
        path = place.path + own
        wrapped = entry["config"].get("layer") if entry["class_name"] == "TimeDistributed" else None
        for model in (entry, wrapped):
            if isinstance(model, Mapping) and _is_model(model):
                inside = _Place(name + "/", path + "/", trainable, place.depth + 1)
                return self.flatten(model, inside, inputs)
        if len(self.calls) >= MAXIMUM_LAYERS:
            raise SourceError(f"the model has more than {MAXIMUM_LAYERS:,} layers")
        self.calls.append(_Call(name, path, entry, tuple(inputs), stated_shape, trainable))
        return [name]


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or entry["config"]["name"])


def _existing(nodes: Mapping[tuple[str, int], object], name: str, index: int) -> tuple[str, int]:
    """Keras 2 counts the calls of a nested model from 1, Keras 3 from 0."""
    if (name, index) in nodes or (name, 0) not in nodes:
        return (name, index)
    return (name, max(call for layer, call in nodes if layer == name))


def _pick(outputs: Sequence[str], index: int) -> str:
    return outputs[index] if index < len(outputs) else outputs[-1]


def _tensors(value: object) -> Iterator[tuple[str, int, int, Shape | None]]:
    """All tensors named in the arguments of a call, in order: layer, call, output, shape where stated."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, index, output = value["config"]["keras_history"]
            yield (str(name), int(index), int(output), _without_batch(value["config"].get("shape")))
            return
        for inner in value.values():
            yield from _tensors(inner)
    elif isinstance(value, (list, tuple)):
        if _is_reference(value):
            yield (value[0], value[1], value[2], None)
            value = value[3:]
        for inner in value:
            yield from _tensors(inner)


def _is_reference(value: Sequence[object]) -> bool:
    return len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int) and isinstance(value[2], int)


def _without_batch(shape: object) -> Shape | None:
    if not isinstance(shape, (list, tuple)) or not shape or isinstance(shape[0], (list, tuple)):
        return None
    return tuple(None if size is None else int(size) for size in shape[1:])


def _layers(calls: Sequence[_Call], facts: Facts) -> tuple[Layer, ...]:
    channels_first = any(call.entry["config"].get("data_format") == "channels_first" for call in calls)
    made: dict[str, Layer] = {}
    owners: dict[str, str] = {}
    for call in calls:
        owner = owners.setdefault(call.path, call.name)
        inputs = tuple(made[name].output_shape for name in call.inputs)
        made[call.name] = _layer(call, inputs, owner, facts, channels_first)
    return tuple(made.values())


def _layer(call: _Call, inputs: tuple[Shape | None, ...], owner: str, facts: Facts, channels_first: bool) -> Layer:
    class_name = str(call.entry["class_name"])
    row = KERAS_LAYERS.get(class_name, OPAQUE) if _is_from_keras(call.entry) else OPAQUE
    config: Config = call.entry["config"]
    stated = call.stated_shape
    if row.operation == "input":
        fed = inputs[0] if inputs else None
        stated = fed or _without_batch(config.get("batch_shape") or config.get("batch_input_shape"))
    if channels_first:
        stated = _channels_last(stated) if not (row.operation == "input" and inputs) else stated
        if len(config.get("target_shape") or ()) == 3:
            config = {**config, "target_shape": _channels_last(tuple(config["target_shape"]))}
    layer = Layer(call.name, row.operation, class_name, call.inputs)
    layer = replace(layer, **row.attributes(config, inputs[0] if inputs else None))
    rule = OPERATIONS[row.operation]
    shape = facts.shapes.get(call.path) or stated or rule.output_shape(layer, inputs)
    if owner != call.name:
        return replace(layer, output_shape=shape, shares_weights_with=owner)
    counted = facts.parameters.get(call.path) or rule.parameters(layer, inputs)
    if counted is None and class_name in WITHOUT_WEIGHTS:
        counted = (0, 0)
    total, trainable = counted or (None, None)
    if not call.trainable and trainable is not None:
        trainable = 0
    return replace(layer, output_shape=shape, parameters=total, trainable_parameters=trainable)


def _is_from_keras(entry: Mapping[str, Any]) -> bool:
    """Whether the class is Keras' own; Keras 2 does not say, so its class names are taken at their word."""
    module = str(entry.get("module") or "keras")
    return module.split(".")[0] in ("keras", "tensorflow", "tf_keras") and not entry.get("registered_name")


def _channels_last(shape: Shape | None) -> Shape | None:
    return (shape[1], shape[2], shape[0]) if shape is not None and len(shape) == 3 else shape
