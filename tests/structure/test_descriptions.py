"""What layers are called, in the words of where they come from and in ours, and what they change."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.graph import Layer, OperationName
from effnet_inspect.structure.descriptions import (
    Called,
    changes_of,
    counted,
    described,
    does_nothing,
    meant,
    named,
    telling,
)
from effnet_inspect.structure.roles import Item


def layer(operation: OperationName, class_name: str, **attributes: Any) -> Layer:
    return Layer("layer", operation, class_name, **attributes)


BLUR = layer("depthwise_convolution", "DepthwiseConv2D", kernel=(3, 3), filters=8, parameters=0)

WORDS: tuple[tuple[Layer, str, str, str], ...] = (
    (
        layer("convolution", "Conv2D", kernel=(7, 5), filters=1, activation="sigmoid"),
        *("Conv2D 7×5 to 1 channel, sigmoid", "Conv2D 7×5 to 1 channel, sigmoid"),
        "convolution 7×5 to 1 channel, sigmoid",
    ),
    (
        layer("convolution", "Conv2D", kernel=(1, 1), filters=64),
        *("Conv2D 1×1 to 64 channels", "Conv2D 1×1", "convolution 1×1 to 64 channels"),
    ),
    (
        layer("depthwise_convolution", "DepthwiseConv2D", kernel=(3, 3), filters=8, parameters=72),
        *("DepthwiseConv2D 3×3", "DepthwiseConv2D 3×3", "depthwise convolution 3×3"),
    ),
    (
        BLUR,
        *("blur pooling (DepthwiseConv2D) 3×3", "blur pooling (DepthwiseConv2D) 3×3"),
        "blur pooling (depthwise convolution) 3×3",
    ),
    (
        layer("depthwise_convolution", "D", kernel=(3, 3), parameters=0, shares_weights_with="other"),
        *("D 3×3", "D 3×3", "depthwise convolution 3×3"),
    ),
    (
        layer("dropout", "SpatialDropout2D", rate=0.1),
        *("SpatialDropout2D 0.1", "SpatialDropout2D 0.1", "dropout 0.1"),
    ),
    (layer("activation", "Activation"), "Activation (linear)", "Activation (linear)", "activation (linear)"),
    (layer("activation", "Re", activation="relu"), "Re (relu)", "Re (relu)", "activation (relu)"),
    (layer("dense", "Dense", filters=10), "Dense to 10 channels", "Dense", "dense to 10 channels"),
    (layer("multiply", "Multiply"), "Multiply", "Multiply", "multiply"),
    (layer("opaque", "Riddle"), "Riddle", "Riddle", "Riddle"),
)
"""A layer, its words, those without its width, and what it is in our words."""


@pytest.mark.parametrize(("one", "words", "short", "meaning"), WORDS, ids=[row[1] for row in WORDS])
def test_a_layer_in_words(one: Layer, words: str, short: str, meaning: str) -> None:
    assert (described(one), described(one, with_width=False), meant(one)) == (words, short, meaning)


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        (layer("dropout", "Dropout", rate=0.5), "training"),
        (layer("augmentation", "RandomFlip"), "training"),
        (layer("activation", "Activation"), "nothing"),
        (layer("activation", "Activation", activation="relu"), "outputs"),
        (layer("identity", "Identity"), "nothing"),
        (layer("reshape", "Reshape"), "outputs"),
    ],
)
def test_what_a_layer_changes_that_somebody_added(one: Layer, changes: str) -> None:
    assert changes_of(one) == changes


@pytest.mark.parametrize(
    ("one", "is_idle"),
    [
        (layer("input", "InputLayer"), True),
        (layer("dropout", "Dropout", rate=0.0), True),
        (layer("dropout", "Dropout", rate=0.5), False),
        (layer("dropout", "Dropout"), False),
        (layer("activation", "Activation"), False),
    ],
)
def test_what_does_nothing(one: Layer, is_idle: bool) -> None:
    assert does_nothing(one) is is_idle


def test_layers_that_only_arrange_are_told_where_there_are_no_others() -> None:
    reshape, add = layer("reshape", "Reshape"), layer("add", "Add")
    assert list(telling([reshape, add, layer("input", "InputLayer")])) == [add]
    assert list(telling([reshape])) == [reshape]


def test_an_attention_is_named_with_what_it_holds() -> None:
    layers = (layer("convolution", "Conv2D", kernel=(1, 1), filters=20), layer("multiply", "Multiply"))
    assert named(Item("between", "attention", layers, "squeeze-excite"), described) == (
        "squeeze-excite (Conv2D 1×1 and Multiply)"
    )
    assert named(Item("between", "added", layers), described) == "Conv2D 1×1 to 20 channels and Multiply"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Add", "Conv2D 1×1", "Conv2D 3×3"], "3 layers (2 Conv2D, 1 Add)"),
        (["A", "B", "C", "D"], "4 layers (1 A, 1 B, 1 C, 1 D)"),
        (["A", "B", "C", "D", "E", "E"], "6 layers (2 E, 1 A, 1 B, 1 C, …)"),
    ],
)
def test_many_layers_are_counted_by_kind(words: list[str], said: str) -> None:
    assert counted(words) == said


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        (Called("Dropout", "dropout", "keras"), Called("Dropout", "other", "keras"), True),
        (Called("Dropout", "dropout", "keras"), Called("AlphaDropout", "dropout", "keras"), False),
        (Called("Dropout", "dropout", "keras"), Called("aten", "dropout", "pytorch"), True),
        (Called("Dropout", "dropout", "keras"), Called("Dropout", "other", "pytorch"), False),
        (Called("Dropout", "dropout", None), Called("aten", "dropout", "pytorch"), False),
        (Called("Dropout", "dropout", "keras"), Called("aten", "dropout", None), False),
        (Called("Dropout", "dropout", "keras"), "Dropout", False),
    ],
)
def test_names_of_one_vocabulary_are_held_against_each_other_and_others_by_meaning(
    one: Called, other: object, are_alike: bool
) -> None:
    assert (one == other) is are_alike
    assert str(one) == "Dropout"
