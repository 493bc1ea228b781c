"""What a model in Keras gives: `python -m tests.conventions.keras_outputs FILE` writes weights, images and outputs."""

from __future__ import annotations

import sys
from pathlib import Path


def main(path: Path) -> None:
    """B0 with weights and statistics drawn at random, and what it makes of two images."""
    import keras
    import numpy

    random = numpy.random.default_rng(7)
    model = keras.applications.EfficientNetB0(weights=None, classifier_activation=None, input_shape=(64, 64, 3))
    for weight in model.weights:
        if weight.path.startswith("normalization"):
            continue  # what others leave to whoever prepares the images
        is_spread = weight.path.endswith(("gamma", "variance"))
        fan = int(numpy.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 100
        drawn = random.uniform(0.5, 1.5, weight.shape) if is_spread else random.normal(0, fan**-0.5, weight.shape)
        weight.assign(drawn.astype("float32"))
    images = random.uniform(0, 255, (2, 64, 64, 3)).astype("float32")
    weights = {weight.path: weight.numpy() for weight in model.weights}
    numpy.savez(path, images=images, outputs=model(images, training=False).numpy(), **weights)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
