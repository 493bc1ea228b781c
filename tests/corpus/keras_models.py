"""Writes the networks of Keras' packages as JSON: `python keras_models.py COLLECTION FOLDER`.

Runs in a virtual environment with that collection's packages, without this project; see `torch_models`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Model = tuple[str, Callable[[], Any]]


def _applications() -> Iterator[Model]:
    import keras

    for name in sorted(dir(keras.applications)):
        if name.startswith("EfficientNet"):
            yield name, lambda name=name: getattr(keras.applications, name)(weights=None)  # type: ignore[misc]


def _keras_efficientnet_v2() -> Iterator[Model]:
    import keras_efficientnet_v2 as package

    for name in sorted(dir(package)):
        if name.startswith("EfficientNetV"):
            yield name, lambda name=name: getattr(package, name)(pretrained=None)  # type: ignore[misc]


def _efficientnet() -> Iterator[Model]:
    import efficientnet.tfkeras as package

    for name in [*(f"EfficientNetB{number}" for number in range(8)), "EfficientNetL2"]:
        if hasattr(package, name):
            yield name, lambda name=name: getattr(package, name)(weights=None)  # type: ignore[misc]


def _segmentation_models() -> Iterator[Model]:
    os.environ["SM_FRAMEWORK"] = "tf.keras"
    import segmentation_models as package

    for architecture in ("Unet", "FPN", "Linknet"):
        for number in (0, 3):

            def make(architecture: str = architecture, number: int = number) -> Any:
                builder = getattr(package, architecture)
                return builder(f"efficientnetb{number}", encoder_weights=None, input_shape=(256, 256, 3))

            yield f"{architecture} efficientnetb{number}", make


def _keras_unet_collection() -> Iterator[Model]:
    from keras_unet_collection import models

    for backbone in ("EfficientNetB0", "EfficientNetB7"):

        def make(backbone: str = backbone) -> Any:
            return models.unet_2d((128, 128, 3), [64, 128, 256, 512], 2, backbone=backbone, weights=None)

        yield f"unet_2d {backbone}", make


def _kecam() -> Iterator[Model]:
    from keras_cv_attention_models import efficientnet as package

    for name in sorted(dir(package)):
        if name.startswith("EfficientNet"):
            yield name, lambda name=name: getattr(package, name)(pretrained=None)  # type: ignore[misc]


COLLECTIONS: dict[str, Callable[[], Iterator[Model]]] = {
    "keras.applications": _applications,
    "keras_efficientnet_v2": _keras_efficientnet_v2,
    "efficientnet": _efficientnet,
    "segmentation_models": _segmentation_models,
    "keras_unet_collection": _keras_unet_collection,
    "keras_cv_attention_models": _kecam,
}


def main(collection: str, folder: Path) -> None:
    """Write the networks one after another, each when the one before was read."""
    for name, make in COLLECTIONS[collection]():
        line: dict[str, Any] = {"name": name}
        try:
            model = make()
            line["parameters"] = model.count_params()
            path = folder / f"{name.replace(' ', '-')}.json"
            path.write_text(model.to_json(), encoding="utf-8")
            line["file"] = str(path)
        except Exception as error:  # whatever a package does wrong is a result
            line["error"] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(json.dumps(line), flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
