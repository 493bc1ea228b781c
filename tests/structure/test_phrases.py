"""Differences in words: seen from the first of two networks, and as a change of a known one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.difference import Change, differences
from effnet_inspect.structure.facts import Key, Place
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import item_of, phrase, what, where
from tests.graphs import anatomy_of, graph_of, network_of, with_layer
from tests.structure.edits import with_edits


def edited(*names: str) -> LayerGraph:
    """B0 with edits in 4b."""
    return with_edits(graph_of("b0"), [(name, anatomy_of("b0").sub_blocks[6]) for name in names])[0]


def altered(layer: str, **attributes: Any) -> LayerGraph:
    return with_layer(graph_of("b0"), layer, **attributes)


Said = tuple[Callable[[], LayerGraph], str, str]

OF_EDITS: dict[str, tuple[str, str]] = {
    "kernel": ("depthwise kernel 3×3 → 9×9", "4b depthwise kernel 9×9 for 3×3"),
    "dilation": ("depthwise dilation 1×1 → 2×2", "4b depthwise dilation 2×2 for 1×1"),
    "computed weights": (
        "depthwise convolution weights learned → computed from the input",
        "4b depthwise convolution weights computed from the input for learned",
    ),
    "no normalisation": (
        "normalisation missing after the depthwise convolution",
        "normalisation missing after the depthwise convolution in 4b",
    ),
    "group normalisation": (
        "batch normalisation → group normalisation after the projection",
        "4b group normalisation for batch normalisation after the projection",
    ),
    "second normalisation": (
        "BatchNormalization added after the projection",
        "BatchNormalization added after the projection in 4b",
    ),
    "another order": (
        "normalisation before activation → activation before normalisation after the expansion",
        "4b activation before normalisation for normalisation before activation after the expansion",
    ),
    "scaled shortcut": ("Rescaling added", "Rescaling after 4b"),
    "another activation": (
        "activation swish → elu after the expansion",
        "4b activation elu for swish after the expansion",
    ),
    "no activation": (
        "activation missing after the depthwise convolution",
        "activation missing after the depthwise convolution in 4b",
    ),
    "activated projection": (
        "activation added after the projection",
        "activation added after the projection in 4b",
    ),
    "activated sum": (
        "activation added after the residual connection",
        "activation added after the residual connection in 4b",
    ),
    "normalised sum": (
        "normalisation added after the residual connection",
        "normalisation added after the residual connection in 4b",
    ),
    "bias": ("expansion without bias → with bias", "4b expansion with bias"),
    "dropout inside": (
        "Dropout 0.1 added after the depthwise convolution",
        "Dropout 0.1 added after the depthwise convolution in 4b",
    ),
    "no squeeze-excite": ("squeeze-excite missing", "squeeze-excite missing in 4b"),
    "squeeze-excite width": ("squeeze-excite width 20 → 3", "4b squeeze-excite width 3 for 20"),
    "squeeze-excite activation": (
        "activation of the squeeze-excite swish → elu",
        "4b activation of the squeeze-excite elu for swish",
    ),
    "squeeze-excite gate": (
        "squeeze-excite gate sigmoid → hard sigmoid",
        "4b squeeze-excite gate hard sigmoid for sigmoid",
    ),
    "squeeze-excite pooling": (
        "global average pooling → global max pooling",
        "4b global max pooling for global average pooling",
    ),
    "squeeze-excite normalised": (
        "BatchNormalization added in the squeeze-excite",
        "BatchNormalization added in the squeeze-excite in 4b",
    ),
    "squeeze-excite deepened": (
        "Conv2D 1×1, silu added in the squeeze-excite",
        "Conv2D 1×1, silu added in the squeeze-excite in 4b",
    ),
    "squeeze-excite without bias": ("squeeze-excite with bias → without bias", "4b squeeze-excite without bias"),
    "squeeze-excite frozen": ("squeeze-excite trainable → frozen", "4b squeeze-excite frozen"),
    "squeeze-excite added": ("squeeze-excite joint multiply → add", "4b squeeze-excite joint add for multiply"),
    "concatenation": (
        "residual connection add → concatenate",
        "4b residual connection concatenate for add",
    ),
    "drop rate": ("dropout rate 0.075 → 0.7", "4b dropout rate 0.7 for 0.075"),
    "no drop": ("dropout missing", "dropout missing in 4b"),
    "epsilon": (
        "normalisation epsilon 0.001 → 0.5 after the projection",
        "4b normalisation epsilon 0.5 for 0.001 after the projection",
    ),
    "frozen": ("projection trainable → frozen", "4b projection frozen"),
    "mark behind": ("Activation (linear) added", "Activation (linear) after 4b"),
    "convolution behind": ("Conv2D 3×3 to 80 channels added", "Conv2D 3×3 to 80 channels after 4b"),
    "expansion over nine positions": (
        "expansion kernel 1×1 → 3×3",
        "4b expansion kernel 3×3 for 1×1",
    ),
    "shuffled channels": (
        "Permute added after the depthwise convolution",
        "Permute added after the depthwise convolution in 4b",
    ),
    "gate behind": (
        "spatial gate (Conv2D 7×7 to 1 channel, sigmoid and Multiply) added",
        "spatial gate (Conv2D 7×7 to 1 channel, sigmoid and Multiply) after 4b",
    ),
}

OF_ATTRIBUTES: dict[str, Said] = {
    "settings": (
        partial(altered, "block4b_dwconv", settings=(("depth_multiplier", "2"),)),
        "depthwise convolution settings depth_multiplier 1 → depth_multiplier 2",
        "4b depthwise convolution settings depth_multiplier 2 for depth_multiplier 1",
    ),
    "precision of a normalisation": (
        partial(altered, "block4b_bn", precision="float16"),
        "normalisation precision float32 → float16 after the depthwise convolution",
        "4b normalisation precision float16 for float32 after the depthwise convolution",
    ),
    "precision of a convolution": (
        partial(altered, "block4b_dwconv", precision="float16"),
        "depthwise convolution precision float32 → float16",
        "4b depthwise convolution precision float16 for float32",
    ),
    "no padding": (
        partial(altered, "block4b_dwconv", padding="valid"),
        "depthwise convolution padding same → none",
        "4b depthwise convolution padding none for same",
    ),
    "margins": (
        partial(altered, "block4a_dwconv_pad", margins=((1, 1), (1, 1))),
        "depthwise convolution padding same → 1+1 and 1+1",
        "4a depthwise convolution padding 1+1 and 1+1 for same",
    ),
    "scale": (
        partial(altered, "block4b_bn", use_scale=False),
        "normalisation with scale → without scale after the depthwise convolution",
        "4b normalisation without scale",
    ),
    "offset": (
        partial(altered, "block4b_bn", use_bias=False),
        "normalisation with offset → without offset after the depthwise convolution",
        "4b normalisation without offset",
    ),
    "weights of another layer": (
        partial(altered, "block4b_dwconv", shares_weights_with="block4c_dwconv"),
        "depthwise convolution weights of its own → weights of another layer",
        "4b depthwise convolution weights of another layer",
    ),
    "operator": (
        partial(altered, "block4b_dwconv", operation="convolution", groups=1),
        "MBConv → Fused-MBConv",
        "4b Fused-MBConv for MBConv",
    ),
    "a residual connection that is narrowed behind it": (
        partial(edited, "concatenation", "convolution behind"),
        "residual connection add → concatenate and Conv2D 3×3 to 80 channels",
        "4b residual connection concatenate and Conv2D 3×3 to 80 channels for add",
    ),
    "input channels": (
        partial(altered, "input_layer", output_shape=(224, 224, 1)),
        "input channels 3 → 1",
        "input channels 1 for 3",
    ),
    "pooling": (
        partial(altered, "avg_pool", operation="global_max_pooling"),
        "global average pooling → global max pooling",
        "global max pooling for global average pooling",
    ),
    "bias of the classifier": (
        partial(altered, "predictions", use_bias=False),
        "dense layer with bias → without bias",
        "dense layer without bias",
    ),
    "dropout of the classifier": (
        partial(altered, "top_dropout", rate=0.5),
        "dropout rate 0.2 → 0.5",
        "dropout rate 0.5 for 0.2",
    ),
}


@pytest.mark.parametrize("name", OF_EDITS)
def test_what_an_edit_is_called(name: str) -> None:
    (change,) = differences(network_of("b0").facts, Network(edited(name)).facts)
    assert (what(change), phrase(change)) == OF_EDITS[name]


@pytest.mark.parametrize("name", OF_ATTRIBUTES)
def test_what_another_attribute_is_called(name: str) -> None:
    made, *said = OF_ATTRIBUTES[name]
    (change,) = differences(network_of("b0").facts, Network(made()).facts)
    assert [what(change), phrase(change)] == said


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("dropout inside", ""),
        ("no squeeze-excite", "squeeze-excite"),
        ("kernel", "depthwise convolution"),
        ("second normalisation", ""),
    ],
)
def test_an_item_in_words(name: str, item: str) -> None:
    (change,) = differences(network_of("b0").facts, Network(edited(name)).facts)
    assert item_of(change) == item


def change_in(*places: Place, kind: str | None = "normalization") -> Change:
    key = Key("projection", kind)  # type: ignore[arg-type]
    return Change(places, (key,) * len(places) if kind else (), "epsilon", 0.001, 0.5)


ROW = tuple(Place(f"block {number}", f"{number}a") for number in range(1, 9))
STEM, HEAD, IMAGE, CLASSIFIER = map(Place, ("stem", "head", "image", "classifier"))


@pytest.mark.parametrize(
    ("change", "sub_blocks", "text"),
    [
        (change_in(*ROW[:1]), 8, "1a"),
        (change_in(*ROW[:2], *ROW[:2]), 8, "1a and 2a"),
        (change_in(*ROW[:7]), 8, "1a, 2a, 3a, 4a, 5a, 6a and 7a"),
        (change_in(*ROW[:7]), 7, "1a, 2a, 3a, 4a, 5a, 6a and 7a"),
        (change_in(*ROW), 8, "every sub-block"),
        (change_in(*ROW), 9, "8 normalisations, 1a to 8a"),
        (change_in(*ROW, kind="pooling"), 9, "8 places, 1a to 8a"),
        (change_in(STEM, *ROW[:3]), 8, "the stem, 1a, 2a and 3a"),
        (change_in(STEM, *ROW[:3], HEAD), 8, "5 normalisations, the stem to the final layers"),
        (change_in(STEM, *ROW[:3], HEAD, kind=None), 8, "5 places, the stem to the final layers"),
        (
            change_in(*(Place(f"block {number}") for number in range(1, 6)), kind=None),
            8,
            "5 blocks, block 1 to block 5",
        ),
        (change_in(IMAGE, CLASSIFIER), 8, "the input and the classifier"),
        (change_in(ROW[0])._replace(is_surplus=True), 8, "1a, as a repeat of the one before"),
    ],
)
def test_places_in_words(change: Change, sub_blocks: int, text: str) -> None:
    assert where(change, sub_blocks) == text
