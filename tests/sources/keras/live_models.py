"""Live models of people's own classes: `python -m tests.sources.keras.live_models FOLDER` reads all in one process.

Of each the encoded graph is written, or the sentence that says why there is none.
"""

# Keras states no types, and these are classes of its kinds.
# mypy: disable-error-code="misc"

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from effnet_inspect.catalog.targets import PythonTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.codec import encode
from effnet_inspect.sources.files import of_the_size_asked_for
from effnet_inspect.sources.keras.live_model import read_model


def _models() -> dict[str, Callable[[], Any]]:
    """By name; Keras is imported here and not before, so that tests may read the names without it."""
    import keras
    import numpy
    from keras import layers

    def network(shape: tuple[int | None, ...] = (32, 32, 3)) -> Any:
        return keras.applications.EfficientNetB0(weights=None, include_top=False, input_shape=shape, pooling="avg")

    class Subclassed(keras.Model):
        """Makes its layers in the constructor, and calls them in `call`."""

        def __init__(self) -> None:
            super().__init__()
            self.features = network((None, None, 3))
            self.classify = layers.Dense(5)

        def call(self, images: Any) -> Any:
            return self.classify(self.features(images / 255.0))

    class Block(layers.Layer):
        """Holds layers."""

        def __init__(self, filters: int, **named: Any) -> None:
            super().__init__(**named)
            self.convolution = layers.Conv2D(filters, 3, padding="same", use_bias=False)
            self.normalization = layers.BatchNormalization()

        def call(self, x: Any) -> Any:
            return keras.activations.relu(self.normalization(self.convolution(x))) + x

    class Outer(layers.Layer):
        """Holds layers that hold layers."""

        def __init__(self, **named: Any) -> None:
            super().__init__(**named)
            self.first, self.second = Block(8), Block(8)

        def call(self, x: Any) -> Any:
            return self.second(self.first(x))

    class Scaled(layers.Layer):
        """Holds a layer, and a weight of its own beside."""

        def __init__(self, **named: Any) -> None:
            super().__init__(**named)
            self.convolution = layers.Conv2D(8, 1)

        def build(self, shape: Any) -> None:
            self.factor = self.add_weight(shape=(8,), name="factor")
            self.convolution.build(shape)

        def call(self, x: Any) -> Any:
            return self.convolution(x) * self.factor

    class Numeric(layers.Layer):
        """Computes with numbers, and so cannot be called without any."""

        def __init__(self, **named: Any) -> None:
            super().__init__(**named)
            self.convolution = layers.Conv2D(8, 1)

        def build(self, shape: Any) -> None:
            self.convolution.build(shape)

        def compute_output_shape(self, shape: Any) -> Any:
            return (*shape[:3], 8)

        def call(self, x: Any) -> Any:
            return self.convolution(numpy.asarray(x))

    class Hyperparameters(keras.Model):
        """A Functional model that states what it was made from."""

        def __init__(self, filters: int) -> None:
            image = layers.Input((16, 16, 8))
            super().__init__(image, Block(filters, name="inner")(image))
            self.filters = filters

        def get_config(self) -> dict[str, Any]:
            return {"filters": self.filters}

    class Nameless(Block):
        """States its filters, and leaves out what Keras needs."""

        def get_config(self) -> dict[str, Any]:
            return {"filters": self.convolution.filters}

    class Grey(keras.Model):
        """Made for one channel, at any size."""

        def __init__(self) -> None:
            super().__init__()
            self.convolution = layers.Conv2D(4, 3)

        def build(self, shape: Any) -> None:
            self.convolution.build(shape)
            self.built = True

        def call(self, x: Any) -> Any:
            return self.convolution(x)

    def built(*sides: int | None) -> Any:
        model = Grey()
        model.build((None, *sides, 1))
        return model

    class Failing(keras.Model):
        """Takes something else than an image."""

        def call(self, x: Any) -> Any:
            return x["image"]

    def tied(variables: int) -> Any:
        """Two convolutions, the second of which has some of its variables from the first."""
        one, other = layers.Conv2D(8, 3, name="one"), layers.Conv2D(8, 3, name="other")
        model = around(one, other)
        other._tracker.unlock()
        other._trainable_variables[:variables] = one._trainable_variables[:variables]
        return model

    def around(*row: Any) -> Any:
        image = layers.Input((16, 16, 8))
        x = image
        for layer in row:
            x = layer(x)
        return keras.Model(image, x)

    return {
        "subclassed": Subclassed,
        "subclassed@64": Subclassed,
        "block": lambda: around(Block(8, name="one"), Block(8, name="two")),
        "block of blocks": lambda: around(Outer(name="outer")),
        "with a weight of its own": lambda: around(Scaled(name="own")),
        "of numbers": lambda: around(Numeric(name="own")),
        "hyperparameters": lambda: Hyperparameters(8),
        "hyperparameters, nested": lambda: around(Hyperparameters(8), layers.ReLU()),
        "tied": lambda: tied(2),
        "tied in part": lambda: tied(1),
        "open": lambda: network((None, None, 3)),
        "open@96x64": lambda: network((None, None, 3)),
        "fixed@96": network,
        "failing": Failing,
        "nameless in a row": lambda: keras.Sequential([layers.Input((16, 16, 8)), Nameless(8), Nameless(8)]),
        "grey": lambda: built(None, None),
        "grey@64": lambda: built(None, None),
        "grey of 48": lambda: built(48, None),
        "grey of 48@64": lambda: built(48, 48),
    }


NAMES = (
    *("subclassed", "subclassed@64", "block", "block of blocks", "with a weight of its own", "of numbers"),
    *("hyperparameters", "hyperparameters, nested", "tied", "tied in part", "open", "open@96x64", "fixed@96"),
    *("failing", "nameless in a row", "grey", "grey@64", "grey of 48", "grey of 48@64"),
)


def main(folder: Path) -> None:
    """Read them all."""
    models = _models()
    assert tuple(models) == NAMES
    for name, make in models.items():
        size = name.partition("@")[2]
        sides = [int(side) for side in size.split("x")] if size else []
        target = PythonTarget("mine", "model", (sides[0], sides[-1]) if sides else None)
        try:
            graph = of_the_size_asked_for(read_model(make(), name="mine:model", target=target), target)
            (folder / f"{name}.graph").write_bytes(encode(graph))
        except SourceError as error:
            (folder / f"{name}.error").write_text(str(error), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
