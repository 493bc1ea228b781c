"""Target -> Keras model -> LayerGraph, without allocating a weight. The only place to import Keras.

Runs in a process of its own (see `worker`), which keeps TensorFlow's memory, messages and global state away
from whoever asks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from effnet_inspect.catalog.targets import BuilderTarget, BuiltTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import BuiltBy, LayerGraph
from effnet_inspect.sources.cache import framework_version
from effnet_inspect.sources.keras.builder import build_planned
from effnet_inspect.sources.keras.live_model import USUAL_SHAPE, read_model
from effnet_inspect.sources.messages import first_line


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
    return replace(graph, built_by=BuiltBy(framework_version("keras"), framework_version("tensorflow")))


def _forget_settings() -> None:
    """Build as Keras does where nobody has settings of their own (`keras.json`)."""
    import keras

    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(1e-7)
    keras.mixed_precision.set_dtype_policy("float32")


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
    shape = (*target.resolution, 3)
    if not target.for_weights:
        return builder(weights=None, input_shape=shape, classes=1000, include_top=True)
    with _without_downloads(sys.modules[builder.__module__]):
        return builder(weights="imagenet", input_shape=shape, classes=1000, include_top=True)


@contextmanager
def _without_downloads(module: Any) -> Iterator[None]:
    """Have a module of `keras.applications` build what it would load weights into, and load none."""
    import keras

    with (
        patch.object(module.file_utils, "get_file", lambda *names, **options: ""),
        patch.object(keras.Model, "load_weights", lambda *names, **options: None),
    ):
        yield
