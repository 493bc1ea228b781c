"""What layers see of the input, against the gradients of small Keras models, position by position."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.reach import ITSELF, NOTHING, Reach, joined, reaches

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
CASES = [(seed, 1 + seed % 4) for seed in range(28)]


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


@pytest.mark.one_python
@pytest.mark.parametrize(("seed", "depth"), CASES)
def test_what_is_seen_is_what_has_a_gradient(seed: int, depth: int) -> None:
    import keras

    from effnet_inspect.sources.keras.live_model import read_model

    keras.config.set_floatx("float64")
    try:
        model = random_model(seed, depth)
        graph = read_model(model)
        (end,) = graph.outputs
        field = reaches(graph)[end]
        assert field is not None
        for (axis, position), seen in seen_by_gradients(model).items():
            told = field[axis].at(position)
            size = model.output_shape[axis + 1]
            # Nearer to the edges some of what is told lies beyond them: in the input, or in a layer between.
            if size // 3 <= position <= 2 * size // 3 and told and told[0] >= 0 and told[1] < SIDES[axis]:
                assert told == seen, (axis, position)
            elif seen is not None:
                assert told is not None
                assert told[0] <= seen[0], (axis, position)
                assert seen[1] <= told[1], (axis, position)
    finally:
        keras.config.set_floatx("float32")


def table(*rows: Layer) -> LayerGraph:
    """Layers behind an image of 8 rows and 12 columns."""
    return LayerGraph("table", (Layer("image", "input", "InputLayer", output_shape=(8, 12, 3)), *rows))


def plain(
    name: str, operation: OperationName, *inputs: str, shape: tuple[int, ...] | None = None, **more: Any
) -> Layer:
    return Layer(name, operation, "X", inputs, shape, **more)


CONV = plain("conv", "convolution", "image", shape=(8, 12, 4), kernel=(3, 3), stride=(1, 1), padding="same")
POOL = plain("pool", "global_average_pooling", "conv", shape=(4,))
GATE = plain("gate", "reshape", "pool", shape=(1, 1, 4))
UNKNOWN = plain("riddle", "opaque", "conv", shape=(8, 12, 4))
OPEN_POOL = plain("open", "global_average_pooling", "riddle", shape=(4,))
MIXED = plain("mixed", "other_convolution", "pool", shape=(4, 1))
SMALL = plain("small", "convolution", "image", shape=(4, 6, 4), kernel=(1, 1), stride=(2, 2), padding="same")


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ((CONV, POOL), (8, 12)),
        ((CONV, plain("flat", "flatten", "conv", shape=(384,))), (8, 12)),
        ((CONV, plain("flat", "reshape", "conv", shape=(384,))), (8, 12)),
        ((CONV, plain("rows", "reshape", "conv", shape=(96, 4))), None),
        ((CONV, plain("same", "reshape", "conv", shape=(8, 12, 4))), (3, 3)),
        ((CONV, POOL, plain("dense", "dense", "pool", shape=(5,))), (8, 12)),
        ((CONV, POOL, GATE), (8, 12)),
        ((CONV, POOL, GATE, plain("gated", "multiply", "conv", "gate", shape=(8, 12, 4))), (3, 3)),
        ((CONV, POOL, GATE, plain("context", "add", "conv", "gate", shape=(8, 12, 4))), (8, 12)),
        # Whatever is made of numbers that saw the whole map saw no more than that; where it weighs, it is left aside.
        ((CONV, POOL, MIXED), (8, 12)),
        ((CONV, POOL, MIXED, plain("gated", "multiply", "conv", "mixed", shape=(8, 12, 4))), (3, 3)),
        ((CONV, UNKNOWN, OPEN_POOL, plain("gated", "multiply", "conv", "open", shape=(8, 12, 4))), (3, 3)),
        ((CONV, UNKNOWN, plain("gated", "multiply", "conv", "riddle", shape=(8, 12, 4))), None),
        ((CONV, UNKNOWN), None),
        ((CONV, UNKNOWN, plain("sum", "add", "conv", "riddle", shape=(8, 12, 4))), None),
        # Neighbours of the one are two pixels apart, those of the other one.
        ((CONV, SMALL, plain("both", "add", "conv", "small", shape=(8, 12, 4))), None),
        ((SMALL, plain("all", "global_max_pooling", "small", shape=(4,))), (7, 11)),
        ((CONV, plain("stretched", "resizing", "conv", shape=(16, 24, 4))), None),
        ((CONV, plain("kept", "resizing", "conv", shape=(8, 12, 4))), (3, 3)),
        ((plain("words", "input", shape=(5,)), plain("dense", "dense", "words", shape=(5,))), None),
        ((CONV, plain("words", "input", shape=(1,)), plain("sum", "add", "conv", "words", shape=(8, 12, 4))), (3, 3)),
    ],
)  # fmt: skip
def test_what_sees_everything_nothing_or_who_knows_what(rows: tuple[Layer, ...], field: tuple[int, int] | None) -> None:
    assert Measures(graph := table(*rows)).of(graph[rows[-1].name], "receptive_field") == field


def test_where_the_field_is_lost_is_said_once() -> None:
    behind = plain("behind", "add", "riddle", "conv", shape=(8, 12, 4))
    measures = Measures(graph := table(CONV, UNKNOWN, behind))
    assert measures.unseen([graph["conv"]]) == ()
    words = plain("words", "input", shape=(5,))
    beside = Measures(table(words, plain("dense", "dense", "words", shape=(5,))))
    assert beside.unseen(beside.graph) == (), "what does not look at the image has no field to be told"
    said = ("The local receptive field cannot be determined from riddle on.",)
    assert measures.unseen([graph["behind"], graph["riddle"], graph["conv"]]) == said


def test_positions_that_see_the_same_have_no_stride() -> None:
    assert Measures(graph := table(CONV, POOL)).of(graph["pool"], "effective_stride") is None


def test_two_ways_that_are_not_centred_alike_are_seen_together() -> None:
    ways = (Reach(((0, 2),), 1), Reach(((-3, -1), (-2, 0)), 2))
    assert joined(ways) == Reach(((-3, 2),), 1)
    assert joined((ITSELF, NOTHING)) == ITSELF
    assert joined((ITSELF, Reach(((0, 7),), 0))) == Reach(((0, 7),), 0)


def test_what_repeats_itself_too_late_is_not_followed() -> None:
    assert ITSELF.through(lambda o: (o,), 4096, 4095) is not None
    assert ITSELF.through(lambda o: (o,), 4097, 4096) is None
