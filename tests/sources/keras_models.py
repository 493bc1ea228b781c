"""Writes what live Keras models state of themselves: `python -m tests.sources.keras_models FOLDER`.

For each model its configuration and, by layer, its counts and its output shape, read from Keras' public
attributes alone. Runs in a process of its own, so that no test imports TensorFlow.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from tests.family import FAMILY

Size = tuple[int | None, int | None]

MODELS: dict[str, tuple[str, Size]] = {
    **{key: (key, (member.resolution, member.resolution)) for key, member in FAMILY.items()},
    "b0 odd": ("b0", (33, 33)),
    "b0 oblong": ("b0", (225, 322)),
    "b0 open": ("b0", (None, None)),
    "b0 open height": ("b0", (None, 97)),
}
"""Name -> variant and input size; None where the model takes any."""


def main(folder: Path) -> None:
    """Build all models and write one file each."""
    import keras

    for name, (variant, size) in MODELS.items():
        with keras.StatelessScope(initialize_variables=False):
            builder = getattr(keras.applications, f"EfficientNet{variant.upper()}")
            stated = _stated(builder(weights=None, input_shape=(*size, 3), include_top=None not in size))
        keras.backend.clear_session()
        (folder / f"{name}.json").write_text(json.dumps(stated))


def _stated(model: Any) -> dict[str, Any]:
    return {
        "config": json.loads(model.to_json()),
        "parameters": model.count_params(),
        "layers": {
            layer.name: {
                "class_name": type(layer).__name__,
                "parameters": layer.count_params(),
                "trainable": sum(math.prod(weight.shape) for weight in layer.trainable_weights),
                "shape": layer.output.shape[1:],
            }
            for layer in model.layers
        },
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
