"""Target -> live Keras model -> LayerGraph; a variant without allocating a weight. The only place to import Keras.

Runs in a process of its own (see `worker`), which keeps TensorFlow's memory, messages and global state away
from whoever asks.
"""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph, Pair, Shape
from effnet_inspect.sources.keras_builder import build_planned
from effnet_inspect.sources.keras_config import Facts, read_config
from effnet_inspect.sources.messages import first_line
from effnet_inspect.variants import PythonTarget, VariantTarget

STACK_BYTES = 512 * 1024 * 1024
RECURSION_LIMIT = 1_000_000

Result = TypeVar("Result")


def build(target: VariantTarget | PythonTarget) -> LayerGraph:
    """Build the model of a variant with Keras, or have the user's code make one, and read its graph.

    Raises:
        SourceError: where it cannot be built.
    """
    if isinstance(target, PythonTarget):
        return _on_a_deep_stack(lambda: _run(target))
    return _on_a_deep_stack(lambda: _build(target))


def _build(target: VariantTarget) -> LayerGraph:
    import keras

    with keras.StatelessScope(initialize_variables=False):
        try:
            model = (_build_by_name if target.variant.builder else build_planned)(target)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise SourceError(f"Keras cannot build {target.text}: {first_line(error)}") from error
        graph = read_model(model, name=target.title, target=target.text)
    # Forgets the names it has given, so that the next model's do not go on counting, and the pending weights.
    keras.backend.clear_session()
    return graph


def _run(target: PythonTarget) -> LayerGraph:
    """Import the user's module, and call what is asked for unless it is a model already."""
    from importlib import import_module

    try:
        found = import_module(target.module)
        for name in target.attribute.split("."):
            found = getattr(found, name)
        model = found() if callable(found) and not _is_model(found) else found
    except (Exception, SystemExit) as error:
        reason = first_line(error, "no message")
        raise SourceError(f"running {target.text} failed: {type(error).__name__}: {reason}") from error
    if not _is_model(model):
        raise SourceError(
            f"running {target.text} gives no Keras model, but {type(model).__module__}.{type(model).__qualname__}"
        )
    return read_model(model, name=target.title, target=target.text)


def _is_model(value: object) -> bool:
    """Whether it is a model of any Keras: this one, tf_keras, or tf.keras of an older TensorFlow."""
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("to_json", "layers", "get_config"))


def _build_by_name(target: VariantTarget) -> Any:
    import keras

    builder = getattr(keras.applications, target.variant.builder)
    return builder(weights=None, input_shape=(*target.resolution, 3), classes=1000, include_top=True)


def read_model(model: Any, *, name: str = "", target: str = "") -> LayerGraph:
    """Read a live Keras model: its edges from its configuration, shapes and counts from its layers.

    Raises:
        SourceError: where the model cannot state its configuration.
    """
    try:
        config = json.loads(model.to_json())
    except (NotImplementedError, ValueError, TypeError) as error:
        raise SourceError(f"the model cannot state its configuration: {first_line(error)}") from error
    parameters: dict[str, Pair] = {}
    shapes: dict[str, Shape] = {}
    for path, layer in _layers(model, ""):
        parameters[path] = _count(layer)
        if (shape := _output_shape(layer)) is not None:
            shapes[path] = shape
    return read_config(config, name=name, target=target, facts=Facts(parameters, shapes))


def _layers(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        path = prefix + layer.name
        if getattr(layer, "layers", None):
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


def _on_a_deep_stack(work: Callable[[], Result]) -> Result:
    """Run `work` where Keras' recursion over the graph has room: it goes one call deep for every layer."""
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # handed on to the caller's thread
            failure.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if failure:
        raise failure[0]
    return outcome[0]
