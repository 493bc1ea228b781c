"""Writes the networks of Keras' packages as JSON: `python -m tests.corpus.keras_models COLLECTION FOLDER [live]`.

Runs in a virtual environment with that collection's packages, see `announcing`; models whose class states no layers
are read live.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.corpus.announcing import Model, announce, write_graph


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


V2_B0: dict[str, Any] = {
    "stackwise_num_repeats": [1, 2, 2, 3, 5, 8],
    "stackwise_input_filters": [32, 16, 32, 48, 96, 112],
    "stackwise_output_filters": [16, 32, 48, 96, 112, 192],
    "stackwise_strides": [1, 2, 2, 2, 1, 2],
    "stackwise_expansion_ratios": [1, 4, 4, 4, 6, 6],
}
V2_S: dict[str, Any] = {
    "stackwise_num_repeats": [2, 4, 4, 6, 9, 15],
    "stackwise_input_filters": [24, 24, 48, 64, 128, 160],
    "stackwise_output_filters": [24, 48, 64, 128, 160, 256],
    "stackwise_strides": [1, 2, 2, 2, 1, 2],
    "stackwise_expansion_ratios": [1, 4, 4, 4, 6, 6],
}


def _keras_hub() -> Iterator[Model]:
    """By the configurations in the package itself, and two of V2, which it only has in files of its presets."""
    from keras_hub.models import EfficientNetBackbone as Backbone
    from keras_hub.models import EfficientNetImageClassifier as Classifier
    from keras_hub.src.utils.timm import convert_efficientnet as package

    for name in package.VARIANT_MAP:
        config = package.convert_backbone_config({"architecture": f"efficientnet_{name}"})
        title = f"efficientnetv2_{name}" if name.startswith("rw") else f"efficientnet_{name}"

        def backbone(config: dict[str, Any] = config) -> Any:
            return Backbone(image_shape=(224, 224, 3), **config)

        yield f"EfficientNetBackbone {title}", backbone
    for name, own in (("v2_b0", V2_B0), ("v2_s", V2_S)):
        every = {
            "stackwise_width_coefficients": [1.0] * 6,
            "stackwise_depth_coefficients": [1.0] * 6,
            "stackwise_kernel_sizes": [3] * 6,
            "stackwise_squeeze_and_excite_ratios": [0] * 3 + [0.25] * 3,
            "stackwise_block_types": ["fused"] * 3 + ["unfused"] * 3,
            "stackwise_force_input_filters": [0] * 6,
            "stackwise_nores_option": [False] * 6,
            "image_shape": (224, 224, 3),
            **own,
        }

        def make(every: dict[str, Any] = every) -> Any:
            return Classifier(backbone=Backbone(**every), num_classes=1000)

        yield f"EfficientNetImageClassifier efficientnet{name}", make


COLLECTIONS: dict[str, Callable[[], Iterator[Model]]] = {
    "keras.applications": _applications,
    "keras_efficientnet_v2": _keras_efficientnet_v2,
    "efficientnet": _efficientnet,
    "segmentation_models": _segmentation_models,
    "keras_unet_collection": _keras_unet_collection,
    "keras_cv_attention_models": _kecam,
    "keras-hub": _keras_hub,
}


def _write(model: Any, path: Path) -> dict[str, Any]:
    path = path.with_name(f"{path.name}.json")
    path.write_text(model.to_json(), encoding="utf-8")
    return {"file": str(path), "parameters": model.count_params()}


def _write_live(model: Any, path: Path) -> dict[str, Any]:
    return {"parameters": model.count_params(), **write_graph(model, path)}


if __name__ == "__main__":
    announce(COLLECTIONS[sys.argv[1]](), Path(sys.argv[2]), _write_live if sys.argv[3:] else _write)
