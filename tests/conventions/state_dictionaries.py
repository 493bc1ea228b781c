"""Lists the names and shapes of what packages save: `python tests/conventions/state_dictionaries.py`.

Runs in whatever environment has some of the packages, without this project, and writes one file into `data/` for each
network of each package that is there. PyTorch's "meta" device makes no weights.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"

BARE = "-bare"
"""Behind the variant, of a network that ends before its classifier."""

Listing = list[tuple[str, list[int]]]


def _of_torch(make: Callable[[], Any]) -> Listing:
    import torch

    with torch.device("meta"):
        return [(name, list(tensor.shape)) for name, tensor in make().state_dict().items()]


def _timm() -> Iterator[tuple[str, Listing]]:
    import timm

    names = {
        "b1": "efficientnet_b1", "v2-s": "tf_efficientnetv2_s", "v2-b0": "tf_efficientnetv2_b0",
        "lite0": "efficientnet_lite0", "es": "efficientnet_es",
    }  # fmt: skip
    for variant, name in names.items():
        yield variant, _of_torch(partial(timm.create_model, name, pretrained=False))


def _efficientnet_pytorch() -> Iterator[tuple[str, Listing]]:
    from efficientnet_pytorch import EfficientNet

    yield "b1", _of_torch(lambda: EfficientNet.from_name("efficientnet-b1"))


def _torchvision() -> Iterator[tuple[str, Listing]]:
    from torchvision import models

    yield "b1", _of_torch(models.efficientnet_b1)
    yield "v2-s", _of_torch(models.efficientnet_v2_s)


def _transformers() -> Iterator[tuple[str, Listing]]:
    from transformers import EfficientNetConfig, EfficientNetForImageClassification, EfficientNetModel

    config = EfficientNetConfig(
        width_coefficient=1.0, depth_coefficient=1.1, image_size=240, hidden_dim=1280, num_labels=1000
    )
    yield "b1", _of_torch(lambda: EfficientNetForImageClassification(config))
    yield f"b1{BARE}", _of_torch(lambda: EfficientNetModel(config))


def _keras() -> Iterator[tuple[str, Listing]]:
    import keras

    names = {"b1": "EfficientNetB1", "v2-s": "EfficientNetV2S", "v2-b0": "EfficientNetV2B0"}
    for variant, name in names.items():
        # In a session that has layers of this class already, Keras numbers those that it names itself.
        keras.utils.clear_session()
        model = getattr(keras.applications, name)(weights=None)
        yield variant, [(weight.path, list(weight.shape)) for weight in model.variables]


def _keras_hub() -> Iterator[tuple[str, Listing]]:
    # What the package converts timm's weights with; the package itself imports what reads texts.
    from keras_hub.src.models.efficientnet.efficientnet_backbone import EfficientNetBackbone
    from keras_hub.src.models.efficientnet.efficientnet_image_classifier import EfficientNetImageClassifier
    from keras_hub.src.utils.timm.convert_efficientnet import convert_backbone_config

    for variant in ("b1", "lite0", "es"):
        config = convert_backbone_config({"architecture": f"efficientnet_{variant}"})
        model = EfficientNetImageClassifier(EfficientNetBackbone(**config), 1000)
        yield variant, [(weight.path, list(weight.shape)) for weight in model.weights]


PACKAGES: dict[str, tuple[str, Callable[[], Iterator[tuple[str, Listing]]]]] = {
    "timm": ("timm", _timm),
    "efficientnet-pytorch": ("efficientnet_pytorch", _efficientnet_pytorch),
    "torchvision": ("torchvision", _torchvision),
    "transformers": ("transformers", _transformers),
    "keras": ("keras", _keras),
    "keras-hub": ("keras_hub", _keras_hub),
}
"""Package -> its module, and what lists its networks."""

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for package, (module, listings) in PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            continue
        for variant, listing in listings():
            content = {"package": f"{package} {version(package)}", "variant": variant.removesuffix(BARE)}
            text = json.dumps({**content, "arrays": listing})
            path = FOLDER / f"{package}-{variant}.json.gz"
            path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
            sys.stdout.write(f"{path.name}: {len(listing)} arrays\n")
