"""What positions of small Keras models see of the image, by their gradients, and the record of it.

`python -m tests.structure.gradients` writes the record again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.codec import decode, encode

RECORD = Path(__file__).parent / "data" / "gradients.json"
Span = tuple[int, int] | None
"""The first and the last position, None where nothing is seen."""

Make = Callable[[Any, random.Random], Any]
"""What adds a layer of random shape to a tensor."""


def layer(name: str, **choices: tuple[Any, ...]) -> Make:
    """A layer of Keras, each argument one of its choices; its weights are positive, so that nothing cancels out."""

    def add(x: Any, chance: random.Random) -> Any:
        import keras

        chosen = {key: chance.choice(values) for key, values in choices.items()}
        if max(dilation := chosen.get("dilation_rate", (1, 1))) > 1 and "strides" in chosen:
            chosen["strides"] = 1
        if dilation == (1, 1):
            chosen.pop("dilation_rate", None)
        positive = keras.initializers.RandomUniform(0.5, 1.0, seed=1)
        kinds = {"SeparableConv2D": ("depthwise", "pointwise"), "DepthwiseConv2D": ("depthwise",)}
        if name.endswith(("Conv2D", "Transpose")):
            kinds_here = [f"{each}_initializer" for each in kinds.get(name, ("kernel",))]
            chosen |= dict.fromkeys(kinds_here, positive)
        return getattr(keras.layers, name)(**chosen)(x)

    return add


KERNELS = (1, 2, 3, 4, 5, (1, 3), (4, 2))
STRIDES = (1, 2, 3, (2, 1))
PADDINGS = ("same", "valid")
DILATIONS = ((1, 1), (1, 1), (2, 2), (1, 3))

LAYERS: dict[str, Make] = {
    "convolution": layer(
        "Conv2D", filters=(1,), kernel_size=KERNELS, strides=(1, 2, 3), padding=PADDINGS, dilation_rate=DILATIONS
    ),
    "depthwise": layer("DepthwiseConv2D", kernel_size=(1, 2, 3, 5), strides=(1, 2), padding=PADDINGS),
    "separable": layer("SeparableConv2D", filters=(1,), kernel_size=(2, 3, 5), strides=(1, 2), padding=PADDINGS),
    "transposed": layer(
        "Conv2DTranspose", filters=(1,), kernel_size=KERNELS, strides=STRIDES, padding=PADDINGS
    ),
    "pooling": layer("AveragePooling2D", pool_size=(2, 3), strides=(1, 2, 3), padding=PADDINGS),
    "repeating": layer("UpSampling2D", size=(2, 3, (1, 2))),
    "interpolating": layer(
        "UpSampling2D", size=(2, 3, (3, 2)), interpolation=("bilinear", "bicubic", "nearest")
    ),
    "resizing": layer("Resizing", height=(9, 14, 21), width=(10, 17), interpolation=("bilinear", "nearest", "bicubic")),
    "padding": layer("ZeroPadding2D", padding=(1, ((0, 2), (1, 0)))),
    "cropping": layer("Cropping2D", cropping=(1, ((0, 2), (1, 0)))),
}  # fmt: skip
SIDES = (23, 26)
LARGEST = 40
NUMBER = 60
"""Of models in the record."""


def random_model(seed: int, depth: int) -> Any:
    """Layers in a row; one that would leave too little, or too much to try, is left out."""
    import keras

    chance = random.Random(seed)
    image = x = keras.layers.Input((*SIDES, 1))
    for name in chance.choices(list(LAYERS), k=depth):
        try:
            after = LAYERS[name](x, chance)
        except ValueError:
            continue
        if all(2 <= side <= LARGEST for side in after.shape[1:3]):
            x = after
    return keras.Model(image, x)


def seen_by_gradients(model: Any) -> dict[tuple[int, int], tuple[int, int] | None]:
    """For each axis and output position along it the first and the last position of the input with a gradient."""
    import numpy as np
    import tensorflow as tf

    image = tf.Variable(np.random.default_rng(0).uniform(0.5, 1.0, (1, *model.input_shape[1:])).astype("float64"))
    found: dict[tuple[int, int], tuple[int, int] | None] = {}
    for axis in (0, 1):
        for position in range(model.output_shape[axis + 1]):
            with tf.GradientTape() as tape:
                output = model(image)
                total = tf.reduce_sum(tf.gather(output, [position], axis=axis + 1))
            gradient = tape.gradient(total, image)
            values = np.zeros(model.input_shape[1:]) if gradient is None else np.abs(gradient.numpy()[0])
            seen = np.flatnonzero(values.max(axis=(1 - axis, 2)) > 1e-9)
            found[axis, position] = (int(seen[0]), int(seen[-1])) if len(seen) else None
    return found


class Case(NamedTuple):
    """A network, and for each of its two axes what each output position sees of the image."""

    graph: LayerGraph
    seen: tuple[tuple[Span, ...], ...]


def case_of(seed: int) -> Case:
    """A random model of one to four layers, as its gradients have it."""
    import keras

    from effnet_inspect.sources.keras.live_model import read_model

    keras.utils.clear_session()  # so that layers are named alike in every process
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        model = random_model(seed, 1 + seed % 4)
        found = seen_by_gradients(model)
        sizes = model.output_shape[1:3]
        seen = tuple(tuple(found[axis, at] for at in range(size)) for axis, size in enumerate(sizes))
        return Case(read_model(model), seen)
    finally:
        keras.config.set_floatx(before)


@cache
def recorded() -> list[Case]:
    """The cases of the record, by their seeds."""

    def spans(axis: list[list[int] | None]) -> tuple[Span, ...]:
        return tuple((each[0], each[1]) if each else None for each in axis)

    rows = json.loads(RECORD.read_text(encoding="utf-8"))
    return [Case(decode(graph.encode()), tuple(map(spans, seen))) for graph, seen in rows]


if __name__ == "__main__":
    cases = map(case_of, range(NUMBER))
    rows = [json.dumps((encode(case.graph).decode(), case.seen)) for case in cases]
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8", newline="\n")
