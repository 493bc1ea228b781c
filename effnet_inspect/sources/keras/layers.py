"""Keras' layer classes in our own vocabulary: one row per class, in the module of its kind.

To add a class, add a row there: `images` for what `graph.operations` has rules for, `windows`, `recurrent`, `attention`
or `others` for what is counted from its configuration alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from effnet_inspect.sources.keras.attention import ATTENTION_LAYERS
from effnet_inspect.sources.keras.functions import function
from effnet_inspect.sources.keras.images import IMAGE_LAYERS
from effnet_inspect.sources.keras.others import OTHER_LAYERS
from effnet_inspect.sources.keras.packages import foreign_class
from effnet_inspect.sources.keras.recurrent import RECURRENT_LAYERS
from effnet_inspect.sources.keras.rows import OPAQUE, OPAQUE_FUNCTION, Config, LayerClass, Shapes
from effnet_inspect.sources.keras.windows import WINDOWED_LAYERS

KERAS_LAYERS: dict[str, LayerClass] = {
    **IMAGE_LAYERS,
    **WINDOWED_LAYERS,
    **RECURRENT_LAYERS,
    **ATTENTION_LAYERS,
    **OTHER_LAYERS,
}


def layer_class(entry: Mapping[str, Any], config: Config, inputs: Shapes, channels_first: bool = False) -> LayerClass:
    """How a layer's entry in a configuration reads.

    `inputs` are the shapes of its inputs, channels last even where the model that the entry is from has them first.
    """
    found = _class_named(entry, config, len(inputs))
    while not found.reads(config, inputs[0] if inputs else None, channels_first):
        found = found.otherwise or (OPAQUE if found.holds_weights else OPAQUE_FUNCTION)
    return found


def _class_named(entry: Mapping[str, Any], config: Config, tensors: int) -> LayerClass:
    class_name = str(entry["class_name"])
    module = str(entry.get("module") or "keras")
    if class_name in ("TFOpLambda", "SlicingOpLambda"):
        return function(str(config.get("function")).split(".")[-1].strip("_").lower(), config, tensors)
    if module.startswith(("keras.src.ops.", "keras.ops")):
        return function(class_name.lower(), config, tensors)
    if is_keras_own(entry) and class_name in KERAS_LAYERS:
        return KERAS_LAYERS[class_name]
    return foreign_class(class_name, config, tensors) or OPAQUE


def is_keras_own(entry: Mapping[str, Any]) -> bool:
    """Whether nothing says that the class is somebody else's; files of Keras 2 do not say whose a class is."""
    package = str(entry.get("module") or "keras").split(".")[0]
    return package in ("keras", "tensorflow", "tf_keras") and not entry.get("registered_name")
