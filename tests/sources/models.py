"""Models as users have them: `python -m tests.sources.models FOLDER` makes all of them with Keras in one process.

Starting TensorFlow takes seconds, so all tests share one folder of files: see the fixture `models` in `conftest`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from effnet_inspect.catalog.targets import VariantTarget
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.sources.codec import encode

V2 = ("v2-b2", "v2-b3", "v2-s", "v2-l")
"""Rounded widths and scaled depths, six blocks, seven blocks: the others differ from these in numbers alone."""

NARROW = VARIANTS["v2-m"]._replace(key="narrow", family="v2-m", width=0.02, depth=0.3, builder="")
"""So narrow that its blocks 6 and 7 are alike in everything."""

SIDE = 96


def write_planned(folder: Path) -> None:
    """V2 as our own builder makes it, where a target would give Keras' own."""
    from effnet_inspect.sources.live import build

    rows = [VARIANTS[key]._replace(builder="") for key in V2]
    for variant in (*rows, NARROW):
        target = VariantTarget(variant, (variant.resolution, variant.resolution))
        (folder / f"{variant.key}.graph").write_bytes(encode(replace(build(target), target=None)))


def backbone(builder: str = "EfficientNetB0", **options: Any) -> Any:
    """One of Keras' networks without weights and, unless asked for, without top."""
    import keras

    shape = options.pop("shape", (SIDE, SIDE, 3))
    options = {"include_top": False, "input_shape": shape, **options}
    return getattr(keras.applications, builder)(weights=None, **options)


def renamed() -> Any:
    """All layers are called otherwise."""
    import keras

    model = backbone(include_top=True, classes=5)
    numbers = iter(range(10_000))

    def rename(layer: Any) -> Any:
        config = layer.get_config()
        return type(layer).from_config({**config, "name": f"part_{next(numbers)}"})

    return keras.models.clone_model(model, clone_function=rename)


def with_head(base: Any, x: Any) -> Any:
    """A classifier of one's own on a backbone of one's own."""
    from keras import layers

    x = layers.GlobalAveragePooling2D()(base(x))
    x = layers.Dense(64, activation="relu")(x)
    return layers.Dense(5, activation="softmax")(layers.Dropout(0.3)(x))


def nested() -> Any:
    """The backbone is one layer of the model."""
    import keras

    image = keras.Input((SIDE, SIDE, 3))
    return keras.Model(image, with_head(backbone(), image))


def nested_of_any_size() -> Any:
    """The backbone takes any size, the model around it does not."""
    import keras

    image = keras.Input((SIDE, SIDE, 3))
    return keras.Model(image, with_head(backbone(shape=(None, None, 3)), image))


def nested_twice() -> Any:
    """The backbone is a layer of a model that is a layer."""
    import keras

    image = keras.Input((SIDE, SIDE, 3))
    inner = keras.Model(image, backbone()(image), name="features")
    again = keras.Input((SIDE, SIDE, 3))
    return keras.Model(again, with_head(inner, again))


def sequential() -> Any:
    """Transfer learning as the guides do it."""
    import keras
    from keras import layers

    return keras.Sequential([backbone(), layers.GlobalAveragePooling2D(), layers.Dense(5)])


def preprocessed() -> Any:
    """Behind the user's own resizing, augmentation and arithmetic."""
    import keras
    from keras import layers

    image = keras.Input((200, 300, 3))
    x = layers.Resizing(SIDE, SIDE)(image)
    x = layers.RandomFlip()(x)
    return keras.Model(image, with_head(backbone(), x / 127.5 - 1.0))


def unet() -> Any:
    """Encoder of a U-Net with four taps."""
    import keras
    from keras import layers

    base = backbone()
    taps = [f"block{name}_expand_activation" for name in ("6a", "4a", "3a", "2a")]
    x = base.output
    for name, filters in zip(taps, (64, 48, 32, 24), strict=True):
        x = layers.UpSampling2D(2)(x)
        x = layers.Concatenate()([x, base.get_layer(name).output])
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.Activation("relu")(x)
    x = layers.Conv2DTranspose(16, 3, strides=2, padding="same")(x)
    return keras.Model(base.input, layers.Conv2D(1, 1, activation="sigmoid")(x))


def fpn() -> Any:
    """Encoder of a feature pyramid with three taps and no final layers in use."""
    import keras
    from keras import layers

    base = backbone("EfficientNetV2B0")
    taps = [base.get_layer(f"block{name}_add").output for name in ("3b", "5e", "6h")]
    lateral = [layers.Conv2D(64, 1)(tap) for tap in taps]
    levels = [lateral[2]]
    for level in (lateral[1], lateral[0]):
        levels.append(layers.Add()([level, layers.UpSampling2D(2)(levels[-1])]))
    return keras.Model(base.input, [layers.Conv2D(64, 3, padding="same")(level) for level in levels])


def two_backbones() -> Any:
    """Two networks of different variants, side by side."""
    import keras
    from keras import layers

    image = keras.Input((SIDE, SIDE, 3))
    first, second = backbone(), backbone("EfficientNetV2B0")
    pooled = [layers.GlobalAveragePooling2D()(base(image)) for base in (first, second)]
    return keras.Model(image, layers.Dense(5)(layers.Concatenate()(pooled)))


def siamese() -> Any:
    """One network, its weights used twice."""
    import keras
    from keras import layers

    base = backbone(pooling="avg")
    left, right = keras.Input((SIDE, SIDE, 3)), keras.Input((SIDE, SIDE, 3))
    return keras.Model([left, right], layers.Dense(1)(layers.Subtract()([base(left), base(right)])))


def own_blocks(
    swish: Callable[[Any], Any], *, dense_gate: bool = False, stages: tuple[tuple[int, ...], ...] = ()
) -> Any:
    """A small EfficientNet as people write it themselves; stages are (repeats, kernel, stride, expansion, filters)."""
    import keras
    from keras import layers

    stages = stages or ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80))
    image = keras.Input((SIDE, SIDE, 3))

    def normalized(x: Any) -> Any:
        return layers.BatchNormalization()(x)

    x = swish(normalized(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(image)))
    for repeats, kernel, stride, expansion, filters in stages:
        for position in range(repeats):
            entry, channels = x, x.shape[-1]
            if expansion > 1:
                x = swish(normalized(layers.Conv2D(channels * expansion, 1, use_bias=False)(x)))
            depthwise = layers.DepthwiseConv2D(
                kernel, strides=1 if position else stride, padding="same", use_bias=False
            )
            x = swish(normalized(depthwise(x)))
            gate = layers.GlobalAveragePooling2D()(x)
            if dense_gate:
                gate = swish(layers.Dense(max(1, channels // 4))(gate))
                gate = layers.Dense(x.shape[-1], activation="sigmoid")(gate)
                gate = layers.Reshape((1, 1, x.shape[-1]))(gate)
            else:
                gate = layers.Reshape((1, 1, x.shape[-1]))(gate)
                gate = swish(layers.Conv2D(max(1, channels // 4), 1)(gate))
                gate = layers.Activation("sigmoid")(layers.Conv2D(x.shape[-1], 1)(gate))
            x = layers.Multiply()([x, gate])
            x = normalized(layers.Conv2D(filters, 1, use_bias=False)(x))
            if position:
                x = layers.Add()([x, entry])
    return keras.Model(image, x)


def swish_function(x: Any) -> Any:
    """As a product of the tensor and its sigmoid."""
    from keras import ops

    return x * ops.sigmoid(x)


def swish_lambda(x: Any) -> Any:
    """As a Lambda layer."""
    from keras import layers, ops

    return layers.Lambda(lambda each: each * ops.sigmoid(each))(x)


def swish_layer(x: Any) -> Any:
    """As a layer of one's own."""
    import keras

    class Swish(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return keras.ops.silu(inputs)

    return Swish()(x)


def riddle_layer(x: Any) -> Any:
    """As a layer of one's own whose name says nothing."""
    import keras
    from keras import ops

    class Riddle(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return inputs * ops.sigmoid(inputs)

    return Riddle()(x)


def swish_activation(x: Any) -> Any:
    """As Keras has it."""
    from keras import layers

    return layers.Activation("swish")(x)


def without_dropout() -> Any:
    """Dropout and drop connect 0: their layers vanish."""
    import keras

    model = backbone(include_top=True)
    kept = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            kept[layer.name] = layer.output
            continue
        sources = [kept[parent.operation.name] for parent in _parents(layer)]
        if isinstance(layer, keras.layers.Dropout):
            kept[layer.name] = sources[0]
        else:
            copy = type(layer).from_config(layer.get_config())
            kept[layer.name] = copy(sources if len(sources) > 1 else sources[0])
    return keras.Model(kept[model.layers[0].name], kept[model.layers[-1].name])


def _parents(layer: Any) -> list[Any]:
    return [_Parent(tensor._keras_history.operation) for tensor in layer._inbound_nodes[0].input_tensors]


class _Parent:
    def __init__(self, operation: Any) -> None:
        self.operation = operation


def small_cnn() -> Any:
    """Convolutions, but no EfficientNet."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def states_a_number() -> Any:
    """A model of a class that states what it is made from instead of its layers."""
    import keras
    from keras import layers

    image = keras.Input((16, 16, 3))
    x = image
    for _ in range(4):
        x = layers.ReLU()(layers.Conv2D(4, 3)(x))

    class Backbone(keras.Model):  # type: ignore[misc]
        def get_config(self) -> dict[str, Any]:
            return {"convolutions": 4}

    return Backbone(image, x)


def nested_in_a_model() -> Any:
    """The same within another model."""
    import keras
    from keras import layers

    image = keras.Input((16, 16, 3))
    return keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(states_a_number()(image))))


def perceptron() -> Any:
    """No convolution at all."""
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((20,)), layers.Dense(10, activation="relu"), layers.Dense(2)])


SAME_BORDERS = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 3, 1, 6, 40), (2, 3, 1, 6, 40), (2, 5, 2, 6, 80))

MODELS: dict[str, Callable[[], Any]] = {
    "plain": lambda: backbone(include_top=True, classes=5),
    "without-top": backbone,
    "pooled": lambda: backbone(pooling="avg"),
    "renamed": renamed,
    "nested": nested,
    "nested-of-any-size": nested_of_any_size,
    "nested-twice": nested_twice,
    "sequential": sequential,
    "preprocessed": preprocessed,
    "unet": unet,
    "fpn": fpn,
    "two-backbones": two_backbones,
    "siamese": siamese,
    "grey": lambda: backbone(shape=(SIDE, SIDE, 1)),
    "four-channels": lambda: backbone("EfficientNetV2B0", shape=(SIDE, SIDE, 4)),
    "wide": lambda: backbone(shape=(64, 160, 3)),
    "unknown-size": lambda: backbone(shape=(None, None, 3)),
    "fixed-batch": lambda: backbone(input_tensor=_batch_of_eight()),
    "without-dropout": without_dropout,
    "swish-activation": lambda: own_blocks(swish_activation),
    "swish-function": lambda: own_blocks(swish_function),
    "swish-lambda": lambda: own_blocks(swish_lambda),
    "swish-layer": lambda: own_blocks(swish_layer),
    "dense-gate": lambda: own_blocks(swish_activation, dense_gate=True),
    "same-borders": lambda: own_blocks(swish_activation, stages=SAME_BORDERS),
    "mobilenet-v2": lambda: backbone("MobileNetV2", include_top=True),
    "mobilenet-v3": lambda: backbone("MobileNetV3Large", include_top=True),
    "resnet50": lambda: backbone("ResNet50", include_top=True),
    "densenet121": lambda: backbone("DenseNet121", include_top=True),
    "small-cnn": small_cnn,
    "perceptron": perceptron,
}


def _batch_of_eight() -> Any:
    import keras

    return keras.Input(batch_shape=(8, SIDE, SIDE, 3))


def write_models(folder: Path) -> None:
    """The configuration of every model; of some a whole file as well."""
    import keras

    for name, make in MODELS.items():
        with keras.StatelessScope(initialize_variables=False):
            (folder / f"{name}.json").write_text(make().to_json())
        keras.utils.clear_session()
    nested().save(folder / "nested.keras")
    own = own_blocks(riddle_layer)
    own.save(folder / "own.h5")
    (folder / "own.json").write_text(own.to_json())
    own.save_weights(folder / "own.weights.h5")


def main(folder: Path) -> None:
    """Write everything. Collecting garbage among so many layers would take longer than making them."""
    gc.disable()
    write_models(folder)
    write_planned(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
