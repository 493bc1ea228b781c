"""Where sub-blocks begin and end, where connections lead past them, around several of them or side by side in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.identity import sentence
from effnet_inspect.structure.network import Network
from effnet_inspect.words import pluralize
from tests.graphs import graph_of, with_layer, without_layers
from tests.structure.edits import insert_after

Edit = Callable[[], LayerGraph]


def skip_around(variant: str, entry: str, *names: str) -> LayerGraph:
    """One residual connection around sub-blocks that have none of their own, from a layer's output on."""
    graph = graph_of(variant)
    graph = without_layers(graph, {f"block{name}_{part}" for name in names for part in ("drop", "add")})
    return insert_after(graph, f"block{names[-1]}_project_bn", Layer("long", "add", "Add", ("", entry)))


def joined_to(graph: LayerGraph, behind: str, *side: Layer) -> LayerGraph:
    """Layers beside the trunk, the last of which is concatenated to what leaves one of its layers."""
    graph = replace(graph, layers=(*graph, *side))
    rows, columns, channels = graph[behind].output_shape or (None, None, None)
    assert channels is not None
    width = channels + (side[-1].channels or 0)
    both = Layer("both", "concatenate", "Concatenate", ("", side[-1].name), (rows, columns, width))
    return insert_after(graph, behind, both)


def pooled() -> LayerGraph:
    """The end of block 2, pooled, beside that of block 3."""
    pool = Layer("pooled", "average_pooling", "AveragePooling2D", ("block2b_add",), (28, 28, 24), kernel=(2, 2))
    return joined_to(graph_of("b0"), "block3b_add", pool)


def convolved() -> LayerGraph:
    """The image itself, convolved by two layers, beside the end of block 4; a depthwise one is no sub-block there."""
    mixed = Layer(
        "mixed", "convolution", "Conv2D", ("input_layer",), (14, 14, 8), 24, kernel=(1, 1), stride=(16, 16), filters=8,
        groups=1,
    )  # fmt: skip
    looked = Layer(
        "looked", "depthwise_convolution", "DepthwiseConv2D", ("mixed",), (14, 14, 8), 72, kernel=(3, 3), stride=(1, 1),
        padding="same", filters=8, groups=8,
    )  # fmt: skip
    return joined_to(graph_of("b0"), "block4c_add", mixed, looked)


def beside() -> LayerGraph:
    """Two depthwise convolutions that take the same, and are added."""
    graph = graph_of("b0")
    own = graph["block4b_dwconv"]
    other = own._replace(name="other", kernel=(7, 7))
    graph = replace(graph, layers=(*graph, other))
    return insert_after(graph, own.name, Layer("sum", "add", "Add", ("", "other")))


def grouped() -> LayerGraph:
    """An expansion in groups."""
    return with_layer(graph_of("b0"), "block5c_expand_conv", groups=4)


def with_itself() -> LayerGraph:
    """A depthwise convolution whose input is added, as re-parametrised ones are trained."""
    graph = graph_of("b0")
    own = graph["block5b_dwconv"]
    return insert_after(graph, own.name, Layer("sum", "add", "Add", ("", own.inputs[0])))


def branch() -> LayerGraph:
    """A second way from the input of a sub-block to its sum, beside the input itself."""
    graph = graph_of("b0")
    total = graph["block5b_add"]
    side = Layer(
        "side", "convolution", "Conv2D", (total.inputs[1],), (14, 14, 112), kernel=(1, 1), filters=112, groups=1
    )
    return with_layer(replace(graph, layers=(*graph, side)), total.name, inputs=(*total.inputs, "side"))


def looked_around(behind: str) -> LayerGraph:
    """What a large kernel and a pointwise convolution make of a layer's output weighs that output."""
    graph = graph_of("b0")
    shape = graph[behind].output_shape
    channels = graph[behind].channels or 0
    far = Layer(
        "far", "depthwise_convolution", "DepthwiseConv2D", (behind,), shape, 49 * channels, kernel=(7, 7),
        stride=(1, 1), padding="same", filters=channels, groups=channels,
    )  # fmt: skip
    weights = Layer(
        "weights", "convolution", "Conv2D", ("far",), shape, kernel=(1, 1), stride=(1, 1), filters=channels, groups=1,
        activation="sigmoid",
    )  # fmt: skip
    return insert_after(graph, behind, far, weights, Layer("weighed", "multiply", "Multiply", (behind, "weights")))


def inside_out() -> LayerGraph:
    """Two depthwise convolutions around what narrows and widens, in one residual connection."""
    graph = skip_around("b0", "block6a_project_bn", "6b", "6c")
    gone = {layer.name for layer in graph if re.match("block6b_(expand|se)|block6c_(se|project)", layer.name)}
    return without_layers(graph, gone)


def before_expansion() -> LayerGraph:
    """A depthwise convolution more in a residual connection, before the expansion."""
    graph = graph_of("b0")
    entry = graph["block4b_expand_conv"].inputs[0]
    first = graph["block4b_dwconv"]._replace(name="first", inputs=(entry,), output_shape=(14, 14, 80), filters=80)
    return with_layer(replace(graph, layers=(*graph, first)), "block4b_expand_conv", inputs=("first",))


WEIGHED = "attention (DepthwiseConv2D 7×7, Conv2D 1×1, sigmoid and Multiply)"

ADDED = "added before the first convolution in"

TOLD: list[tuple[Edit, str, tuple[str, ...]]] = [
    (
        lambda: skip_around("b0", "block6a_project_bn", "6b", "6c"),
        "b0",
        ("residual connection missing in 6b and 6c", "Add after 6c"),
    ),
    (
        lambda: skip_around("b0", "block6a_project_bn", "6b", "6c", "6d"),
        "b0",
        ("residual connection missing in 6b, 6c and 6d", "Add after 6d"),
    ),
    (
        lambda: skip_around("b7", "block1a_project_bn", "1b", "1c"),
        "b7",
        ("residual connection missing in 1b and 1c", "Add after 1c"),
    ),
    (
        lambda: skip_around("v2-s", "block2a_project_bn", "2b", "2c"),
        "v2-s",
        ("residual connection missing in 2b and 2c", "Add after 2c"),
    ),
    (pooled, "b0", (f"AveragePooling2D 2×2 and Concatenate {ADDED} 4a", "4a expansion ratio 3.75 for 6")),
    (
        convolved,
        "b0",
        (
            f"Conv2D 1×1 to 8 channels, DepthwiseConv2D 3×3 and Concatenate {ADDED} 5a",
            "5a expansion ratio 5.45 for 6",
        ),
    ),
    (lambda: looked_around("block4c_add"), "b0", (f"{WEIGHED} after 4c",)),
    (lambda: looked_around("block7a_project_bn"), "b0", (f"{WEIGHED} after 7a",)),
    (
        lambda: with_layer(graph_of("b0"), "block4b_add", operation="multiply"),
        "b0",
        ("4b residual connection multiply for add",),
    ),
    (grouped, "b0", ("5c expansion groups 4 for 1",)),
    (with_itself, "b0", ("Add added beside the depthwise convolution in 5b",)),
    (
        branch,
        "b0",
        (
            "Conv2D 1×1 to 112 channels added in a branch beside it in 5b",
            "5b inputs of the residual connection 3 for 2",
        ),
    ),
    (
        beside,
        "b0",
        (
            "4b depthwise kernel 7×7 for 3×3",
            "DepthwiseConv2D 3×3 and Add added beside the depthwise convolution in 4b",
        ),
    ),
]


@pytest.mark.parametrize(("edit", "variant", "changes"), TOLD)
def test_connections_hide_no_sub_block_and_are_told_where_they_are(
    edit: Edit, variant: str, changes: tuple[str, ...]
) -> None:
    network, published = Network(edit()), Network(graph_of(variant))
    anatomy = network.anatomy
    said = sentence(network.identity, is_whole=anatomy.is_whole)
    assert said == f"This is {published.name} with {pluralize(len(changes), 'change')}: {'; '.join(changes)}."
    assert anatomy.is_whole
    assert anatomy.taps == ()
    assert [each.name for each in anatomy.sub_blocks] == [each.name for each in published.anatomy.sub_blocks]


def test_what_stands_before_an_expansion_begins_no_sub_block() -> None:
    anatomy = Network(before_expansion()).anatomy
    assert [each.name for each in anatomy.sub_blocks if each.block == 4] == ["4a", "4b", "4c"]


def test_a_sub_block_turned_inside_out_is_one() -> None:
    anatomy = Network(inside_out()).anatomy
    assert [each.name for each in anatomy.sub_blocks if each.block == 6] == ["6a", "6b", "6c"]


def test_layers_of_a_sub_block_are_in_the_order_of_the_data() -> None:
    graph = pooled()
    (sub_block,) = (each for each in Network(graph).anatomy.sub_blocks if each.name == "4a")
    names = [layer.name for layer in sub_block.layers]
    assert names == [layer.name for layer in graph if layer.name in names]
