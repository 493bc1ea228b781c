"""Writes what live Keras models state of themselves: `python -m tests.sources.keras.small_models FOLDER`.

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

LAYERS: dict[str, tuple[str, dict[str, Any]]] = {
    "layer normalisation": ("LayerNormalization", {}),
    "layer normalisation without offset": ("LayerNormalization", {"center": False}),
    "layer normalisation without scale": ("LayerNormalization", {"scale": False}),
    "layer normalisation by an axis in a list": ("LayerNormalization", {"axis": [3]}),
    "batch normalisation of the last axis": ("BatchNormalization", {"axis": 3, "scale": False}),
    "input normalisation": ("Normalization", {}),
    "input normalisation, given": ("Normalization", {"axis": None, "mean": 1.0, "variance": 2.0}),
    "transposed": ("Conv2DTranspose", {"strides": 2}),
    "transposed, same": ("Conv2DTranspose", {"strides": 2, "padding": "same"}),
    "transposed with output padding": ("Conv2DTranspose", {"strides": 2, "output_padding": 1}),
    "transposed with output padding, same": (
        "Conv2DTranspose",
        {"strides": 2, "padding": "same", "output_padding": 0},
    ),
    "transposed, even kernel, same": (
        "Conv2DTranspose",
        {"kernel_size": (4, 5), "strides": (2, 3), "padding": "same", "output_padding": (1, 0)},
    ),
    "transposed and dilated": ("Conv2DTranspose", {"dilation_rate": 2}),
    "transposed and dilated, with output padding": ("Conv2DTranspose", {"dilation_rate": 2, "output_padding": 0}),
    "concatenation of channels": ("Concatenate", {"axis": 3}),
}
"""Name -> class and arguments of a layer for an image of LAYER_INPUT."""

REFUSED_BY_SOME = (
    "transposed with output padding, same",
    "transposed, even kernel, same",
    "transposed and dilated, with output padding",
)
"""Those of LAYERS that not every release of Keras makes: Keras 3.3 to 3.7, for example, take no padding of 0."""

OTHER_AXES: dict[str, tuple[str, dict[str, Any]]] = {
    "layer normalisation over everything": ("LayerNormalization", {"axis": (1, 2, 3)}),
    "batch normalisation of rows": ("BatchNormalization", {"axis": 1}),
    "one input normalisation for all": ("Normalization", {"axis": None}),
    "concatenation of rows": ("Concatenate", {"axis": 1}),
}
"""Layers of known classes that do not work along the channels."""

LAYER_INPUT = (32, 32, 8)


def main(folder: Path) -> None:
    """Build all models and write one file each; of a layer that this Keras refuses to make, why it does."""
    import keras

    for name, (variant, size) in MODELS.items():
        with keras.StatelessScope(initialize_variables=False):
            builder = getattr(keras.applications, f"EfficientNet{variant.upper()}")
            stated = _stated(builder(weights=None, input_shape=(*size, 3), include_top=None not in size))
        keras.backend.clear_session()
        (folder / f"{name}.json").write_text(json.dumps(stated))
    for name, (class_name, arguments) in (LAYERS | OTHER_AXES).items():
        try:
            with keras.StatelessScope(initialize_variables=False):
                stated = _stated(_around(class_name, arguments))
        except ValueError as error:
            if name not in REFUSED_BY_SOME:
                raise
            stated = {"refused": str(error)}
        (folder / f"{name}.json").write_text(json.dumps(stated))


def _around(class_name: str, arguments: dict[str, Any]) -> Any:
    """A model of one layer; a convolution has 4 filters of 3x3, and what joins has its input twice.

    It is made anew from its configuration: Keras 3.12 writes no `output_padding` into it, so that the model
    that is read from there is another than the one that was built.
    """
    import keras

    if class_name == "Conv2DTranspose":
        arguments = {"filters": 4, "kernel_size": 3, **arguments}
    image = keras.Input(LAYER_INPUT)
    layer = getattr(keras.layers, class_name)(**arguments)
    model = keras.Model(image, layer([image, image] if class_name == "Concatenate" else image))
    return keras.Model.from_config(model.get_config())


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
