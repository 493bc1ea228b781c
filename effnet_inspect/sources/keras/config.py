"""A Keras model's configuration -> LayerGraph: what every built model and every model file goes through.

A configuration is plain data (`model.to_json()`, `config.json` in a `.keras` file, the `model_config` of an HDF5
file). Reading it runs no code and needs no Keras. Keras 2 and 3 write edges differently; both are read. Models
nested as layers are laid open, their layers named `outer/inner`.

Two steps: `_Flattener` follows the edges through all nested models and makes one flat row of calls;
`_layer` then turns each call into a Layer, its input shapes known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import chain, count
from typing import Any

from effnet_inspect import limits
from effnet_inspect.catalog.targets import Target
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph, Shape, elements
from effnet_inspect.graph.operations import OPERATIONS, filled
from effnet_inspect.sources.files import at_resolution
from effnet_inspect.sources.keras.adapters import precision_of
from effnet_inspect.sources.keras.layers import layer_class
from effnet_inspect.sources.keras.overrides import LiveOverrides
from effnet_inspect.sources.keras.rows import Config, channels_behind
from effnet_inspect.sources.keras.settings import settings
from effnet_inspect.sources.keras.wrappers import (
    TIME_DISTRIBUTED,
    Steps,
    Unwrapped,
    apart,
    held_parameters,
    together,
    unwrapped,
)
from effnet_inspect.sources.passes import normalize
from effnet_inspect.text import clean

WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, RecursionError)
"""What plain data that are not as they ought to be lead to."""


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
    graph = LayerGraph(name or own_name, layers, tuple(dict.fromkeys(outputs)), target, vocabulary="keras")
    return normalize(graph)


def _model_entry(config: object) -> Mapping[str, Any]:
    if not isinstance(config, Mapping) or "config" not in config:
        raise SourceError("this is not a configuration of a Keras model")
    inner = config["config"]
    if isinstance(inner, list):
        return {**config, "config": {"layers": inner}}
    if not is_model(config):
        raise SourceError(
            f"the model cannot be looked into: its class {_clean(config.get('class_name'))} states hyperparameters "
            "instead of layers; name the model in code, as package.module:attribute, or save "
            "keras.Model(model.inputs, model.outputs)"
        )
    return config


def is_model(entry: Mapping[str, Any]) -> bool:
    """Whether a configuration states the layers of a model."""
    config = entry.get("config")
    return isinstance(config, Mapping) and isinstance(config.get("layers"), list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the nesting a layer stands: prefix of its name, of its weights' path, and whether it may train.

    `steps` are those for each of which the model around it is applied; `own_steps` are those of this model itself.
    """

    prefix: str = ""
    path: str = ""
    trainable: bool = True
    depth: int = 0
    steps: tuple[Steps, ...] = ()
    own_steps: Steps | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One application of one layer. `config` is the layer's and the arguments of the call that are no tensors.

    `later_outputs` are the shapes stated of inputs that are not the first output of what gives them, by position.
    `own_steps` are those that the input of a model takes apart; what `gathers` its outputs puts the last of its `steps`
    together.
    """

    name: str
    path: str
    held: Unwrapped
    config: Config
    inputs: tuple[str, ...]
    stated_shape: Shape | None
    trainable: bool
    later_outputs: Mapping[int, Shape | None] = field(default_factory=dict)
    steps: tuple[Steps, ...] = ()
    own_steps: Steps | None = None
    gathers: bool = False


@dataclass(slots=True)
class _Flattener:
    """Collects the calls; `hints` are the shapes that calls were built for by those who take their outputs."""

    calls: list[_Call] = field(default_factory=list)
    hints: dict[str, Shape] = field(default_factory=dict)
    models: int = 0
    references: int = 0

    def flatten(self, model: Mapping[str, Any], place: _Place, feeds: Sequence[str] | None = None) -> list[str]:
        """Add all calls of `model`; `feeds` are the calls outside it that its inputs take.

        Returns the names of the calls that give the model's outputs.
        """
        if place.depth > limits.NESTING:
            raise SourceError(f"the models are nested more than {limits.NESTING} deep")
        self.models += 1
        limits.within(self.models, limits.LAYERS, "nested models")
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
        entries = list(_all_named(entries))
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
            later = {
                position: shape
                for position, (source, node, output, shape) in enumerate(nodes.tensors[key])
                if output >= len(made[nodes.existing(source, node)])
            }
            arguments = _arguments(stated_nodes[key])
            stated = shapes.get((name, index, 0))
            made[key] = self._call(entries[name], place, sources, index, stated, arguments, later)
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
        later_outputs: Mapping[int, Shape | None] | None = None,
    ) -> list[str]:
        own = _name(entry)
        name = place.prefix + own + (f":{index}" if index else "")
        path = place.path + own
        held = unwrapped(entry)
        learns = all(each["config"].get("trainable", True) is not False for each in (entry, held.entry))
        trainable = place.trainable and learns
        if is_model(held.entry):
            own_steps = Steps(inputs[0], held.axes_of_steps) if inputs and held.axes_of_steps else None
            steps = (*place.steps, own_steps) if own_steps else place.steps
            inside = _Place(name + "/", path + "/", trainable, place.depth + 1, steps, own_steps)
            outputs = self.flatten(held.entry, inside, inputs)
            return outputs if own_steps is None else self._gather(outputs, name, place, own_steps, stated_shape)
        if len(inputs) == 1 and (built := _without_batch((entry.get("build_config") or {}).get("input_shape"))):
            self.hints.setdefault(inputs[0], built)
        takes_steps = held.entry["class_name"] == "InputLayer" and inputs
        self._add(
            _Call(
                name,
                path,
                held,
                {**held.entry["config"], **arguments},
                tuple(inputs),
                stated_shape,
                trainable,
                later_outputs or {},
                place.steps,
                place.own_steps if takes_steps else None,
            )
        )
        return [name]

    def _gather(
        self, outputs: Sequence[str], name: str, place: _Place, steps: Steps, stated_shape: Shape | None
    ) -> list[str]:
        """What a model gives for all steps, each of its outputs put together."""
        names = [f"{name}/output {number}" if number else name for number in range(len(outputs))]
        held = Unwrapped({"class_name": TIME_DISTRIBUTED, "config": {}}, ())
        for number, (gathered, output) in enumerate(zip(names, outputs, strict=True)):
            stated = None if number else stated_shape
            path = f"{gathered}/all steps"
            all_steps = (*place.steps, steps)
            self._add(_Call(gathered, path, held, {}, (output,), stated, True, {}, all_steps, gathers=True))
        return names

    def _add(self, call: _Call) -> None:
        self.calls.append(call)
        self.references += len(call.inputs)
        limits.within(len(self.calls), limits.LAYERS, "layers")
        limits.within(self.references, limits.REFERENCES, "references from layers to layers")


def _all_named(entries: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The layers of a Sequential model; a class of somebody's own may leave its name out, and is named by its class."""
    taken = {str(entry.get("name") or entry["config"].get("name")) for entry in entries}
    for entry in entries:
        if entry.get("name") or entry["config"].get("name"):
            yield entry
            continue
        numbered = (f"{entry['class_name']}_{number}" for number in count(1))
        name = next(each for each in chain([str(entry["class_name"])], numbered) if each not in taken)
        taken.add(name)
        yield {**entry, "name": name}


def _name(entry: Mapping[str, Any]) -> str:
    return _bounded(entry.get("name") or entry["config"]["name"])


def _bounded(value: object) -> str:
    """A name as it is: what cannot be shown may be all that tells two apart. A long one would be repeated inside."""
    name = str(value)
    if len(name) > limits.NAME:
        raise SourceError(f"the name {name[:20]!r}... has {len(name):,} characters, {limits.NAME} are the most")
    return name


def _clean(value: object) -> str:
    """A name as it can be shown."""
    return clean(_bounded(value))


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, KeyError):
        return f"there is no {str(error)[: limits.NAME]}"
    return str(error)[: limits.NAME] or type(error).__name__


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
            yield (_bounded(name), int(index), int(output), _without_batch(value["config"].get("shape")))
            return
        for inner in value.values():
            yield from _tensors(inner)
    elif isinstance(value, (list, tuple)):
        if _is_reference(value):
            yield (_bounded(value[0]), value[1], value[2], None)
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
    known = {key: named[key] for key in ("axis", "keepdims", "reverse") if key in named}
    known["argument_names"] = tuple(_argument_names(node))
    return {**known, "constant": numbers[0]} if numbers else known


def _argument_names(node: object) -> Iterator[str | int]:
    """For each tensor that a call takes, the name of the argument it is given as, or its position.

    Keras 2 does not tell several arguments from one that is a list; all it gives without a name count as the first.
    """
    if isinstance(node, Mapping):
        for part in node.values():
            named = part.items() if isinstance(part, Mapping) else enumerate(part if isinstance(part, list) else ())
            for name, value in named:
                yield from (name for _ in _tensors(value))
    elif isinstance(node, (list, tuple)):
        if not _is_reference(node):
            for each in node:
                yield from _argument_names(each)
            return
        yield 0
        for argument in node[3:]:
            for name, value in argument.items() if isinstance(argument, Mapping) else ():
                yield from (name for _ in _tensors(value))


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
    limits.within(len(shape), limits.RANK, "axes of a shape")
    return tuple(None if size is None else int(size) for size in shape[1:])


def _layers(flattener: _Flattener, overrides: LiveOverrides, target: Target | None) -> tuple[Layer, ...]:
    calls = flattener.calls
    channels_first = any(call.config.get("data_format") == "channels_first" for call in calls)
    made: dict[str, Layer] = {}
    owners: dict[str, str] = {}
    for call in calls:
        if call.name in made:
            raise SourceError(f"the layer name {call.name!r} is used more than once")
        owner = owners.setdefault(overrides.owner_of(call.path), call.name)
        inputs = tuple(
            call.later_outputs[position] if position in call.later_outputs else made[name].output_shape
            for position, name in enumerate(call.inputs)
        )
        steps = [apart((made[each.source].output_shape,), each.axes, channels_first)[0] for each in call.steps]
        try:
            if call.gathers:
                layer = _gathered(call, inputs, steps, channels_first)
            else:
                layer = _layer(call, inputs, owner, overrides, channels_first, flattener.hints.get(call.name), target)
        except WRONG as error:
            raise SourceError(f"the layer {call.name!r} cannot be read: {_reason(error)}") from error
        made[call.name] = (
            layer._replace(steps=elements([size for sizes in steps for size in sizes])) if steps else layer
        )
    return tuple(made.values())


def _gathered(call: _Call, inputs: tuple[Shape | None, ...], steps: list[Shape], channels_first: bool) -> Layer:
    """What puts the outputs of all steps together: the last of the steps are its own, and done with here."""
    shape = together(steps.pop(), inputs[0], channels_first)
    _check(shape)
    return Layer(call.name, "identity", _clean(call.held.entry["class_name"]), call.inputs, shape)


def _layer(
    call: _Call,
    inputs: tuple[Shape | None, ...],
    owner: str,
    overrides: LiveOverrides,
    channels_first: bool,
    hint: Shape | None,
    target: Target | None,
) -> Layer:
    config, held = call.config, call.held
    steps, inputs = apart(inputs, held.axes_of_steps, channels_first) if held.axes_of_steps else ((), inputs)
    row = layer_class(held.entry, config, inputs, channels_first)
    stated = call.stated_shape
    if row.operation == "input":
        fed = inputs[0] if inputs else None
        if call.own_steps:
            _, (fed,) = apart(inputs, call.own_steps.axes, channels_first)
        stated = fed or _without_batch(config.get("batch_shape") or config.get("batch_input_shape"))
    if channels_first:
        stated = channels_behind(stated) if not (row.operation == "input" and inputs) else stated
        hint = channels_behind(hint)
        if len(config.get("target_shape") or ()) == 3:
            config = {**config, "target_shape": channels_behind(tuple(config["target_shape"]))}
    if row.operation == "input" and not inputs:
        stated = at_resolution(stated, target)
    layer = Layer(call.name, row.operation, _clean(held.class_name()), call.inputs)
    layer = layer._replace(**row.read(config, inputs, channels_first), settings=settings(config))
    layer = layer._replace(precision=precision_of(config) if row.holds_weights else None)
    rule = OPERATIONS[row.operation]
    computed = stated if row.operation == "input" else rule.output_shape(layer, inputs)
    if steps:
        if channels_first and row.operation.endswith("convolution") and row.counts is None:
            # The rules for images want the channels last; behind an axis of steps they stay where Keras has them.
            macs = rule.macs(layer._replace(output_shape=computed), inputs)
            layer = layer._replace(operation="other_convolution", macs=macs)
        computed = together(steps, computed, channels_first)
        layer = layer._replace(macs=elements((*steps, layer.macs)))
    shape = filled(overrides.shapes.get(call.path) or stated or computed or hint, computed)
    _check(shape)
    if owner != call.name:
        return layer._replace(output_shape=shape, parameters=0, trainable_parameters=0, shares_weights_with=owner)
    counted = overrides.parameters_of(call.path)
    if counted is None and (own := rule.parameters(layer, inputs)):
        counted = held_parameters(held, own, inputs[0] if inputs else None)
    if counted is None and not row.holds_weights:
        counted = (0, 0)
    total, trainable = counted or (None, None)
    if not call.trainable and trainable is not None:
        trainable = 0
    return layer._replace(output_shape=shape, parameters=total, trainable_parameters=trainable)


def _check(shape: Shape | None) -> None:
    for size in shape or ():
        if size is not None and not 0 < size <= limits.SIZE:
            raise ValueError(f"its output has {size} positions along an axis")
