"""Target -> live Keras model -> LayerGraph; a variant without allocating a weight. The only place to import Keras.

Runs in a process of its own (see `worker`), which keeps TensorFlow's memory, messages and global state away
from whoever asks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from effnet_inspect.catalog.targets import BuilderTarget, BuiltTarget, Target
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph, Pair, Shape
from effnet_inspect.sources.keras.builder import build_planned
from effnet_inspect.sources.keras.config import LiveOverrides, is_model, read_config
from effnet_inspect.sources.messages import first_line

USUAL_SHAPE = (224, 224, 3)
"""Of a builder that leaves the size of its input open."""


def build_known(target: BuiltTarget) -> LayerGraph:
    """Build the model of a variant, or of another builder of Keras, without allocating a weight, and read its graph.

    Raises:
        SourceError: where it cannot be built.
    """
    import keras

    _forget_settings()
    with keras.StatelessScope(initialize_variables=False):
        try:
            model = _model(target)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise SourceError(f"Keras cannot build {target.text}: {first_line(error)}") from error
        graph = read_model(model, name=target.title, target=target)
    # Forgets the names it has given, so that the next model's do not go on counting, and the pending weights.
    keras.backend.clear_session()
    return graph


def _forget_settings() -> None:
    """Build as Keras does where nobody has settings of their own (`keras.json`)."""
    import keras

    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(1e-7)
    keras.mixed_precision.set_dtype_policy("float32")


def is_keras_model(value: object) -> bool:
    """Whether it is a model of any Keras: this one, tf_keras, or tf.keras of an older TensorFlow."""
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("to_json", "layers", "get_config"))


def _model(target: BuiltTarget) -> Any:
    import keras

    if isinstance(target, BuilderTarget):
        builder = getattr(keras.applications, target.builder)
        model = builder(weights=None, input_shape=(*target.resolution, 3) if target.resolution else None)
        is_open = None in model.input_shape[1:]
        return builder(weights=None, input_shape=USUAL_SHAPE) if is_open else model
    if not target.variant.builder:
        return build_planned(target)
    builder = getattr(keras.applications, target.variant.builder)
    return builder(weights=None, input_shape=(*target.resolution, 3), classes=1000, include_top=True)


def read_model(model: Any, *, name: str = "", target: Target | None = None) -> LayerGraph:
    """Read a live Keras model: its edges from its configuration, shapes and counts from its layers.

    Raises:
        SourceError: where the model cannot state its configuration.
    """
    config = _config(model)
    parameters: dict[str, Pair] = {}
    shapes: dict[str, Shape] = {}
    for path, layer in _layers(model, ""):
        parameters[path] = _count(layer)
        if (shape := _output_shape(layer)) is not None:
            shapes[path] = shape
    return read_config(config, name=name, target=target, overrides=LiveOverrides(parameters, shapes))


def _config(model: Any) -> dict[str, Any]:
    """The configuration with all layers: a class of somebody's own may state what it is made from instead.

    Such a model is written as the plain Functional model of the same layers, and so are those nested in it.
    """
    try:
        config: dict[str, Any] = json.loads(model.to_json())
    except (NotImplementedError, ValueError, TypeError) as error:
        if not _has_graph(model):
            raise SourceError(f"the model cannot state its configuration: {first_line(error)}") from error
        config = {}
    if not is_model(config) and _has_graph(model):
        functional = next(each for each in type(model).__mro__ if each.__name__ == "Functional")
        config = json.loads(functional(model.inputs, model.outputs, name=model.name).to_json())
    if is_model(config):
        inside = {layer.name: layer for layer in model.layers if _has_graph(layer)}
        for entry in config["config"]["layers"]:
            if inner := inside.get(str(entry["config"].get("name", entry.get("name")))):
                entry["config"] = {**_config(inner)["config"], "name": inner.name}
    return config


def _has_graph(value: Any) -> bool:
    """Whether this is a Functional or built Sequential model of any Keras, whatever its class is called."""
    kinds = {each.__name__ for each in type(value).__mro__}
    return bool(kinds & {"Functional", "Sequential"}) and bool(getattr(value, "inputs", None))


def _layers(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        path = prefix + layer.name
        if _has_graph(layer):
            yield from _layers(layer, path + "/")
        else:
            yield path, layer


def _count(layer: Any) -> Pair:
    trainable = {id(weight) for weight in layer.trainable_weights}
    sizes = [(math.prod(weight.shape), id(weight) in trainable) for weight in layer.weights]
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
