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

from effnet_inspect.catalog.targets import Target
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.sources.files import at_resolution
from effnet_inspect.sources.keras.layers import LARGEST_SIZE, Config, layer_class
from effnet_inspect.sources.passes import normalize

MAXIMUM_NESTING = 32
MAXIMUM_LAYERS = 20_000
MAXIMUM_NAME = 500
MAXIMUM_RANK = 8

WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, RecursionError)
"""What plain data that are not as they ought to be lead to."""


@dataclass(frozen=True, slots=True)
class LiveOverrides:
    """What a live model states of its layers, by path: stronger than what its configuration implies.

    `parameters` holds (total, trainable); `shapes` are without the batch axis, channels last.
    """

    parameters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)


def read_config(
    config: object, *, name: str = "", target: Target | None = None, overrides: LiveOverrides | None = None
) -> LayerGraph:
    """Read a model's configuration, `{"class_name": ..., "config": {...}}` as `model.to_json()` writes it.

    Args:
        config: the decoded configuration; it need not be trusted.
        name: the graph's name; without it the model's own.
        target: what the graph was asked for by.
        overrides: counts and shapes of the live model, where there is one.

    Raises:
        SourceError: where this is no configuration of a model with a graph of layers.
        GraphError: where its layers do not form a graph.
    """
    model = _model_entry(config)
    flattener = _Flattener()
    try:
        outputs = flattener.flatten(model, _Place())
        layers = _layers(flattener, overrides or LiveOverrides(), target)
    except CycleError as error:
        raise SourceError(f"the model's layers form a cycle through {error.args[1][0]!r}") from error
    except WRONG as error:
        raise SourceError(f"the model's configuration cannot be read: {_reason(error)}") from error
    own_name = _clean(model["config"].get("name") or "model")
    return normalize(LayerGraph(name or own_name, layers, tuple(dict.fromkeys(outputs)), target))


def _model_entry(config: object) -> Mapping[str, Any]:
    if not isinstance(config, Mapping) or "config" not in config:
        raise SourceError("this is not a configuration of a Keras model")
    inner = config["config"]
    if isinstance(inner, list):
        return {**config, "config": {"layers": inner}}
    if not _is_model(config):
        raise SourceError(
            f"the class {_clean(config.get('class_name'))!r} states no graph of layers; "
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
    """One application of one layer. `config` is the layer's and the arguments of the call that are no tensors."""

    name: str
    path: str
    entry: Mapping[str, Any]
    config: Config
    inputs: tuple[str, ...]
    stated_shape: Shape | None
    trainable: bool


@dataclass(slots=True)
class _Flattener:
    """Collects the calls; `hints` are the shapes that calls were built for by those who take their outputs."""

    calls: list[_Call] = field(default_factory=list)
    hints: dict[str, Shape] = field(default_factory=dict)
    models: int = 0

    def flatten(self, model: Mapping[str, Any], place: _Place, feeds: Sequence[str] | None = None) -> list[str]:
        """Add all calls of `model`; `feeds` are the calls outside it that its inputs take.

        Returns the names of the calls that give the model's outputs.
        """
        if place.depth > MAXIMUM_NESTING:
            raise SourceError(f"the models are nested more than {MAXIMUM_NESTING} deep")
        self.models += 1
        if self.models > MAXIMUM_LAYERS:
            raise SourceError(f"the model has more than {MAXIMUM_LAYERS:,} nested models")
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
            current = self._call(entry, place, current, 0, None, {})
        return current

    def _functional(self, config: Config, place: _Place, feeds: Sequence[str] | None) -> list[str]:
        entries: dict[str, Mapping[str, Any]] = {_name(entry): entry for entry in config["layers"]}
        if len(entries) != len(config["layers"]):
            raise SourceError("the model has two layers of one name")
        stated_nodes = {
            (name, index): node
            for name, entry in entries.items()
            for index, node in enumerate(entry.get("inbound_nodes") or [[]])
        }
        nodes = _Nodes({key: tuple(_tensors(node)) for key, node in stated_nodes.items()})
        shapes = {tensor[:3]: tensor[3] for tensors in nodes.tensors.values() for tensor in tensors if tensor[3]}
        inputs = [tensor[0] for tensor in _tensors(config["input_layers"])]
        made: dict[tuple[str, int], list[str]] = {}
        order = TopologicalSorter(
            {
                key: [nodes.existing(source, index) for source, index, _, _ in tensors]
                for key, tensors in nodes.tensors.items()
            }
        )
        for key in order.static_order():
            name, index = key
            sources = [
                _pick(made[nodes.existing(source, node)], output) for source, node, output, _ in nodes.tensors[key]
            ]
            if feeds is not None and name in inputs:
                position = inputs.index(name)
                sources = [feeds[position]] if position < len(feeds) else []
            arguments = _arguments(stated_nodes[key])
            made[key] = self._call(entries[name], place, sources, index, shapes.get((name, index, 0)), arguments)
        return [
            _pick(made[nodes.existing(name, index)], output)
            for name, index, output, _ in _tensors(config["output_layers"])
        ]

    def _call(
        self,
        entry: Mapping[str, Any],
        place: _Place,
        inputs: Sequence[str],
        index: int,
        stated_shape: Shape | None,
        arguments: Config,
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
        if len(inputs) == 1 and (built := _without_batch((entry.get("build_config") or {}).get("input_shape"))):
            self.hints.setdefault(inputs[0], built)
        config = {**entry["config"], **arguments}
        self.calls.append(_Call(name, path, entry, config, tuple(inputs), stated_shape, trainable))
        return [name]


def _name(entry: Mapping[str, Any]) -> str:
    return _clean(entry.get("name") or entry["config"]["name"])


def _clean(value: object) -> str:
    """A name as it can be shown: what is not printable (controls of a terminal, half characters) becomes `�`."""
    name = str(value)
    if len(name) > MAXIMUM_NAME:
        raise SourceError(f"the name {name[:20]!r}... has {len(name):,} characters, {MAXIMUM_NAME} are the most")
    return (
        name
        if name.isprintable()
        else "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)
    )


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, KeyError):
        return f"there is no {str(error)[:MAXIMUM_NAME]}"
    return str(error)[:MAXIMUM_NAME] or type(error).__name__


class _Nodes:
    """The calls of all layers of one model, each with the tensors it takes."""

    def __init__(self, tensors: dict[tuple[str, int], tuple[_Tensor, ...]]) -> None:
        self.tensors = tensors
        self.last = dict(tensors.keys())

    def existing(self, name: str, index: int) -> tuple[str, int]:
        """Keras 2 counts the calls of a nested model from 1, Keras 3 from 0."""
        if (name, index) in self.tensors or name not in self.last:
            return (name, index)
        return (name, self.last[name])


def _pick(outputs: Sequence[str], index: int) -> str:
    return outputs[index] if index < len(outputs) else outputs[-1]


_Tensor = tuple[str, int, int, Shape | None]


def _tensors(value: object) -> Iterator[_Tensor]:
    """All tensors named in the arguments of a call, in order: layer, call, output, shape where stated."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, index, output = value["config"]["keras_history"]
            yield (_clean(name), int(index), int(output), _without_batch(value["config"].get("shape")))
            return
        for inner in value.values():
            yield from _tensors(inner)
    elif isinstance(value, (list, tuple)):
        if _is_reference(value):
            yield (_clean(value[0]), value[1], value[2], None)
            value = value[3:]
        for inner in value:
            yield from _tensors(inner)


def _is_reference(value: Sequence[object]) -> bool:
    return len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int) and isinstance(value[2], int)


def _arguments(node: object) -> dict[str, Any]:
    """What a call is given beside tensors: by name, and as `constant` the first number where a tensor came before.

    Keras 3 writes `{"args": [tensor, 127.5], "kwargs": {...}}`, Keras 2 `[[name, call, output, {"y": 127.5}], ...]`.
    """
    if isinstance(node, Mapping):
        positional = node.get("args") or ()
        named = dict(node.get("kwargs") or {})
        starts_with_tensor = positional and not isinstance(positional[0], (int, float))
        numbers = [each for each in positional if isinstance(each, (int, float))] if starts_with_tensor else []
    else:
        named = next((dict(each[3]) for each in _references(node) if isinstance(each[-1], Mapping)), {})
        numbers = [named["y"]] if isinstance(named.get("y"), (int, float)) else []
    known = {key: named[key] for key in ("axis", "keepdims") if key in named}
    return {**known, "constant": numbers[0]} if numbers else known


def _references(node: object) -> Iterator[Sequence[Any]]:
    if isinstance(node, (list, tuple)):
        if _is_reference(node):
            yield node
        else:
            for each in node[:1]:
                yield from _references(each)


def _without_batch(shape: object) -> Shape | None:
    if not isinstance(shape, (list, tuple)) or not shape or isinstance(shape[0], (list, tuple)):
        return None
    if len(shape) > MAXIMUM_RANK:
        raise ValueError(f"a shape has {len(shape)} axes")
    return tuple(None if size is None else int(size) for size in shape[1:])


def _layers(flattener: _Flattener, overrides: LiveOverrides, target: Target | None) -> tuple[Layer, ...]:
    calls = flattener.calls
    channels_first = any(call.config.get("data_format") == "channels_first" for call in calls)
    made: dict[str, Layer] = {}
    owners: dict[str, str] = {}
    for call in calls:
        if call.name in made:
            raise SourceError(f"the layer name {call.name!r} is used more than once")
        owner = owners.setdefault(call.path, call.name)
        inputs = tuple(made[name].output_shape for name in call.inputs)
        try:
            layer = _layer(call, inputs, owner, overrides, channels_first, flattener.hints.get(call.name), target)
        except WRONG as error:
            raise SourceError(f"the layer {call.name!r} cannot be read: {_reason(error)}") from error
        made[call.name] = layer
    return tuple(made.values())


def _layer(
    call: _Call,
    inputs: tuple[Shape | None, ...],
    owner: str,
    overrides: LiveOverrides,
    channels_first: bool,
    hint: Shape | None,
    target: Target | None,
) -> Layer:
    config = call.config
    row = layer_class(call.entry, config, inputs, channels_first)
    stated = call.stated_shape
    if row.operation == "input":
        fed = inputs[0] if inputs else None
        stated = fed or _without_batch(config.get("batch_shape") or config.get("batch_input_shape"))
    if channels_first:
        stated = _channels_last(stated) if not (row.operation == "input" and inputs) else stated
        hint = _channels_last(hint)
        if len(config.get("target_shape") or ()) == 3:
            config = {**config, "target_shape": _channels_last(tuple(config["target_shape"]))}
    if row.operation == "input" and not inputs:
        stated = at_resolution(stated, target)
    layer = Layer(call.name, row.operation, _clean(call.entry["class_name"]), call.inputs)
    layer = replace(layer, **row.attributes(config, inputs[0] if inputs else None))
    rule = OPERATIONS[row.operation]
    computed = stated if row.operation == "input" else rule.output_shape(layer, inputs)
    shape = _filled(overrides.shapes.get(call.path) or stated or computed or hint, computed)
    if shape is None and row.operation == "opaque" and len(inputs) == 1:
        shape = inputs[0]
    _check(shape)
    if owner != call.name:
        return replace(layer, output_shape=shape, shares_weights_with=owner)
    counted = overrides.parameters.get(call.path) or rule.parameters(layer, inputs)
    if counted is None and not row.holds_weights:
        counted = (0, 0)
    total, trainable = counted or (None, None)
    if not call.trainable and trainable is not None:
        trainable = 0
    return replace(layer, output_shape=shape, parameters=total, trainable_parameters=trainable)


def _filled(shape: Shape | None, computed: Shape | None) -> Shape | None:
    """A nested model states shapes for any input; what is known of the one it is given fills the gaps."""
    if shape is None or computed is None or len(shape) != len(computed):
        return shape
    return tuple(other if size is None else size for size, other in zip(shape, computed, strict=True))


def _check(shape: Shape | None) -> None:
    for size in shape or ():
        if size is not None and not 0 < size <= LARGEST_SIZE:
            raise ValueError(f"its output has {size} positions along an axis")


def _channels_last(shape: Shape | None) -> Shape | None:
    return (shape[1], shape[2], shape[0]) if shape is not None and len(shape) == 3 else shape
