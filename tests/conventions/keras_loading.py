"""What Keras does with files of weights: `python -m tests.conventions.keras_loading` asks it, in ten minutes.

Writes `data/keras-loading.tar.xz`: models, as JSON, files of their weights of two kinds, and `outcomes.json`, which has
for each file, model and call of `load_weights` what Keras said where it raised an error, how many arrays of the model
it changed, and how many there are.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).parent / "data" / "keras-loading.tar.xz"

SUFFIXES = (".weights.h5", ".h5")

CALLS: dict[str, dict[str, bool]] = {
    "plain": {},
    "skipping": {"skip_mismatch": True},
    "by name": {"by_name": True},
    "by name, skipping": {"by_name": True, "skip_mismatch": True},
}

SAVED, FRESH = 2, 1
"""What is in all arrays of a file, and of a model before it is loaded."""


def _models() -> dict[str, Callable[[], Any]]:
    """By name; Keras is imported here and not before, so that tests may read the names without it."""
    import keras
    from keras import layers
    from keras.src.applications.efficientnet import EfficientNet

    def network(**settings: Any) -> Any:
        settings = {"classes": 10, "input_shape": (32, 32, 3), "name": "small", **settings}
        return EfficientNet(0.25, 0.2, 32, weights=None, weights_name="", **settings)

    def features(**settings: Any) -> Any:
        return network(include_top=False, pooling="avg", **settings)

    def decoded() -> Any:
        """A U-Net: its decoder has convolutions and normalisations beside those of the network."""
        inner = features()
        x = layers.UpSampling2D(2)(inner.get_layer("block6a_expand_activation").output)
        x = layers.Concatenate()([x, inner.get_layer("block4a_expand_activation").output])
        x = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(x))
        return keras.Model(inner.input, layers.Conv2D(1, 1, name="mask")(x))

    def two_outputs() -> Any:
        inner = features()
        hidden = layers.Dense(7, name="hidden")(inner.output)
        return keras.Model(inner.input, [layers.Dense(3, name="b")(hidden), layers.Dense(2, name="a")(inner.output)])

    def frozen() -> Any:
        inner = features()
        inner.trainable = False
        return keras.Sequential([keras.Input((32, 32, 3)), inner, layers.Dense(10, name="predictions")])

    def within_a_model() -> Any:
        images = keras.Input((32, 32, 3))
        x = layers.Conv2D(3, 1, name="adapter")(images)
        return keras.Model(images, layers.Dense(10, name="predictions")(features()(x)))

    return {
        "flat": network,
        "flat with 4 classes": lambda: network(classes=4),
        "of grey images": lambda: network(input_shape=(32, 32, 1)),
        "another classifier": lambda: (
            lambda inner: keras.Model(inner.input, layers.Dense(10, name="cats")(inner.output))
        )(features()),
        "features": features,
        "nested": lambda: keras.Sequential(
            [keras.Input((32, 32, 3)), features(), layers.Dense(10, name="predictions")]
        ),
        "nested and frozen": frozen,
        "behind an adapter": within_a_model,
        "deeper": lambda: EfficientNet(0.25, 0.6, 32, weights=None, weights_name="", classes=10, name="deeper"),
        "decoded": decoded,
        "two outputs": two_outputs,
    }


def main(folder: Path) -> None:
    """Build all models, save the weights of each, and load them into all."""
    makers = _models()
    import keras
    import numpy

    warnings.simplefilter("ignore")
    outcomes, models = [], {}
    for name, make in makers.items():
        keras.utils.clear_session()
        models[name] = model = make()
        (folder / f"{name}.json").write_text(model.to_json())
        for weight in model.weights:
            weight.assign(numpy.full(weight.shape, SAVED, weight.dtype))
        for suffix in SUFFIXES:
            path = folder / f"{name}{suffix}"
            (model.save_weights if suffix == ".weights.h5" else model.save)(path)
    for into, model in models.items():
        for name in models:
            for suffix in SUFFIXES:
                for call, options in CALLS.items():
                    if "by_name" in options and suffix != ".h5":
                        continue
                    for weight in model.weights:
                        weight.assign(numpy.full(weight.shape, FRESH, weight.dtype))
                    try:
                        model.load_weights(folder / f"{name}{suffix}", **options)
                        raised = ""
                    except Exception as error:
                        raised = str(error)
                    changed = sum(
                        bool((weight.numpy() == numpy.array(SAVED, weight.dtype)).all()) for weight in model.weights
                    )
                    outcomes.append([f"{name}{suffix}", into, call, raised, changed, len(model.weights)])
    (folder / "outcomes.json").write_text(json.dumps(outcomes))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, tarfile.open(ARCHIVE, "w:xz") as archive:
        main(Path(made))
        for path in sorted(Path(made).iterdir()):
            entry = tarfile.TarInfo(path.name)
            entry.size = path.stat().st_size
            with path.open("rb") as stream:
                archive.addfile(entry, stream)
