"""A live Keras model -> LayerGraph, whatever its class: by its layers, and by those that its own layers hold.

A class of somebody's own that makes layers in its constructor and calls them in `call` states neither in its
configuration. Called once with a tensor that has a shape and no numbers, it leaves a graph of its layers behind, as a
Functional model has it; nothing is computed.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

from effnet_inspect.catalog.targets import PythonTarget, Target
from effnet_inspect.errors import SourceError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import LayerGraph, Pair, Shape
from effnet_inspect.sources.keras.config import is_model, read_config
from effnet_inspect.sources.keras.overrides import LiveOverrides
from effnet_inspect.sources.keras.wrappers import unwrapped
from effnet_inspect.sources.messages import first_line, shared_in_part

USUAL_SHAPE = (224, 224, 3)
"""Of a model that leaves the size of its input open."""

PACKAGES = ("keras", "tf_keras", "tensorflow")
"""Whose classes are known, or are no layers that hold others."""


def read_model(model: Any, *, name: str = "", target: Target | None = None) -> LayerGraph:
    """Read a live Keras model: its edges from its configuration, shapes and counts from its layers.

    A model that has no graph before it is called is called at the size that the target states, at that of the data it
    was built for, or at the usual one.

    Raises:
        SourceError: where the model has no graph, and cannot be called for one.
    """
    return _LiveModel(target).read(model, name)


class _LiveModel:
    """One model that is being read; what was traced is kept, as names may be new each time."""

    def __init__(self, target: Target | None) -> None:
        self.target = target
        self.resolution = target.resolution if isinstance(target, PythonTarget) else None
        self.traced: dict[int, Any] = {}

    def read(self, model: Any, name: str) -> LayerGraph:
        """The graph of the whole model."""
        stated = self._stated(model)
        remark = ""
        if not is_model(stated) and not _has_graph(model):
            shape, is_new = self._shape_for(model), not getattr(model, "built", True)
            model = self._called(model, [shape])
            stated = self._stated(model)
            size = format_value(shape[:2], "size")
            remark = f"The model has no graph before it is called; this is what a call at {size} leaves behind."
            if is_new:
                remark += " The call has made its weights, too."
        parameters: dict[str, Pair] = {}
        shapes: dict[str, Shape] = {}
        holders: dict[int, str] = {}
        owners: dict[str, str] = {}
        in_part: list[str] = []
        for path, layer in self._layers(model, ""):
            others = {id(weight) for weight in layer.weights if holders.setdefault(id(weight), path) != path}
            parameters[path] = _count(layer, others)
            if others and len(others) == len(layer.weights):
                owners[path] = holders[id(layer.weights[0])]
            elif others:
                in_part.append(path)
            if self.resolution is None and (given := _output_shape(layer)) is not None:
                shapes[path] = given
        graph = read_config(
            self._config(model, stated),
            name=name,
            target=self.target,
            overrides=LiveOverrides(parameters, shapes, owners),
        )
        if in_part:
            remark = " ".join(filter(None, (remark, shared_in_part(in_part))))
        return replace(graph, remarks=(*graph.remarks, remark)) if remark else graph

    def _shape_for(self, model: Any) -> Shape:
        """What to call a model with: the size that is asked for, or else what it was built for, or the usual."""
        asked = (*(self.resolution or (None, None)), None)
        return tuple(
            next(size for size in sizes if size is not None)
            for sizes in zip(asked, _shape_built_for(model), USUAL_SHAPE, strict=True)
        )

    def _stated(self, model: Any) -> dict[str, Any]:
        """The configuration as the model states it; empty where it states none."""
        try:
            config: dict[str, Any] = json.loads(model.to_json())
        except (NotImplementedError, ValueError, TypeError):
            return {}
        return config

    def _config(self, model: Any, stated: dict[str, Any]) -> dict[str, Any]:
        """The stated configuration with all layers: a class of somebody's own may state what it is made from instead.

        Such a model is written as the plain Functional model of the same layers, and so are those nested in it.
        """
        config = stated
        if not is_model(config) and _has_graph(model):
            functional = next(each for each in type(model).__mro__ if each.__name__ == "Functional")
            config = json.loads(functional(model.inputs, model.outputs, name=model.name).to_json())
        if is_model(config):
            # A class of somebody's own may leave the name out; an input is no layer of a Sequential model.
            for entry, layer in zip(reversed(config["config"]["layers"]), reversed(model.layers), strict=False):
                entry.setdefault("name", layer.name)
            inside = {layer.name: inner for layer in model.layers if (inner := self._inside(layer)) is not None}
            for entry in config["config"]["layers"]:
                name = str(entry["config"].get("name") or entry.get("name"))
                if (inner := inside.get(name)) is not None:
                    # What remains of the entry are its name and its edges.
                    for key in ("module", "registered_name", "build_config"):
                        entry.pop(key, None)
                    entry["class_name"] = "Functional"
                    entry["config"] = {**self._config(inner, self._stated(inner))["config"], "name": name}
        return config

    def _inside(self, layer: Any) -> Any:
        """The model that a layer is, or that a call of it leaves behind; None for a layer that is none."""
        if _has_graph(layer):
            return layer
        if id(layer) not in self.traced:
            self.traced[id(layer)] = self._traced(layer)
        return self.traced[id(layer)]

    def _traced(self, layer: Any) -> Any:
        """The model of the layers that a layer of somebody's own holds, where they have all of its weights."""
        if type(layer).__module__.split(".")[0] in PACKAGES or not _held(layer):
            return None
        try:
            entry = {"class_name": type(layer).__name__, "config": layer.get_config()}
        except NotImplementedError:
            entry = {"class_name": type(layer).__name__, "config": {}}
        inputs = _inputs(layer)
        if unwrapped(entry).wrappers or not inputs:
            return None
        try:
            inner = self._called(layer, inputs)
        except SourceError:
            return None
        return inner if _count(inner) == _count(layer) else None

    def _called(self, layer: Any, shapes: Sequence[Shape]) -> Any:
        """The Functional model that a call with tensors of these shapes leaves behind.

        Raises:
            SourceError: where the call fails, or leaves no graph, because it computes with numbers.
        """
        package = sys.modules[_package(layer)]
        try:
            tensors = [package.Input(shape) for shape in shapes]
            given = tensors[0] if len(tensors) == 1 else tensors
            return package.Model(tensors, layer.call(given), name=layer.name)
        except Exception as error:  # any code of the user's may be in there
            raise SourceError(
                f"the model has no graph, and calling {type(layer).__name__} leaves none: {first_line(error)}"
            ) from error

    def _layers(self, model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for layer in model.layers:
            path = prefix + layer.name
            if (inner := self._inside(layer)) is not None:
                yield from self._layers(inner, path + "/")
            else:
                yield path, layer


def _package(layer: Any) -> str:
    """The package whose Keras a layer is of."""
    names = [each.__module__.split(".")[0] for each in type(layer).__mro__]
    return next((name for name in names if name in ("keras", "tf_keras")), "keras")


def _held(layer: Any) -> list[Any]:
    """The layers that a layer holds."""
    if hasattr(layer, "_flatten_layers"):
        return list(layer._flatten_layers(include_self=False))
    return []


def _inputs(layer: Any) -> list[Shape]:
    """The shapes that a layer was called with; none where it was called in several ways, or with what is no tensor."""
    try:
        given = layer.input
    except (AttributeError, ValueError):
        return []
    tensors = given if isinstance(given, (list, tuple)) else [given]
    shapes = [getattr(tensor, "shape", None) for tensor in tensors]
    return [] if None in shapes else [tuple(shape[1:]) for shape in shapes if shape is not None]


def _shape_built_for(model: Any) -> Shape:
    """The shape of the data that a model was built for, where that is one image; None for what it leaves open."""
    built = getattr(model, "_build_shapes_dict", None)
    shapes = list(built.values()) if isinstance(built, dict) else []
    shape = shapes[0] if len(shapes) == 1 else None
    is_image = isinstance(shape, (list, tuple)) and len(shape) == len(USUAL_SHAPE) + 1
    return tuple(shape[1:]) if is_image and shape is not None else (None,) * len(USUAL_SHAPE)


def _has_graph(value: Any) -> bool:
    """Whether this is a Functional or built Sequential model of any Keras, whatever its class is called."""
    kinds = {each.__name__ for each in type(value).__mro__}
    return bool(kinds & {"Functional", "Sequential"}) and bool(getattr(value, "inputs", None))


def _count(layer: Any, others: Container[int] = ()) -> Pair:
    """The numbers in a layer's variables, and those that train; `others` are variables that are counted elsewhere."""
    trainable = {id(weight) for weight in layer.trainable_weights}
    own = [weight for weight in layer.weights if id(weight) not in others]
    sizes = [(math.prod(weight.shape), id(weight) in trainable) for weight in own]
    return sum(size for size, _ in sizes), sum(size for size, learns in sizes if learns)


def _output_shape(layer: Any) -> Shape | None:
    """None for a layer that was called more than once: each call has a shape of its own."""
    try:
        output = layer.output
    except (AttributeError, ValueError):
        return None
    shape = getattr(output, "shape", None)
    if shape is None or getattr(layer, "data_format", None) == "channels_first":
        return None
    return tuple(shape[1:])
