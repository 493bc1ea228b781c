"""Which published variant a network is, how far, and what is changed in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.catalog.blueprints import plan
from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.fact_reader import facts_of
from effnet_inspect.structure.identity import Identity, identify, sentence
from tests import synthetic
from tests.graphs import anatomy_of, graph_of, network_of, variant_target, with_layer, without_layers, without_stem
from tests.structure.edits import insert_after, with_edits
from tests.synthetic import Specification, Stage

EVERY = (
    *("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "v2-b0", "v2-b1", "v2-b2", "v2-b3", "v2-s", "v2-m"),
    *("lite0", "lite4", "es", "em", "el"),
)


def identity_of(graph: LayerGraph) -> Identity:
    anatomy = dissect(graph)
    return identify(anatomy, facts_of(anatomy))


@pytest.mark.parametrize("target", EVERY)
def test_every_variant_is_itself(target: str) -> None:
    found = network_of(target).identity
    assert found.variant is not None
    assert (found.variant.key, found.extent, found.changes) == (target, "", ())
    assert (found.is_exact, found.similarity) == (True, 1.0)


SCALED: list[tuple[str, str, str]] = [
    ("w1.4-d1.8", "b4", ", the same network as EfficientNet-B4"),
    ("w1.19-d1.4", "b3", ""),  # another number of channels in its final layers alone
    ("w1-d1.8", "w1-d1.8", ""),
]
"""What was asked for, a graph with the sub-blocks of that, and what is said behind its own name."""


@pytest.mark.parametrize(("asked", "built", "said"), SCALED, ids=[row[0] for row in SCALED])
def test_a_scaling_of_ones_own_is_itself_and_the_variant_that_it_equals(asked: str, built: str, said: str) -> None:
    target = variant_target(asked)
    head = plan(target.variant).head
    graph = with_layer(graph_of(built), "top_conv", filters=head)
    found = identity_of(replace(graph, target=target))
    assert (found.variant, found.extent, found.is_exact) == (target.variant, "", True)
    assert sentence(found) == f"This is {target.title}{said}."


def with_another_stem() -> LayerGraph:
    return with_layer(graph_of("b0"), "stem_conv", kernel=(7, 7), padding="same")


def with_a_hidden_layer() -> LayerGraph:
    hidden = Layer("hidden", "dense", "Dense", ("top_dropout",), (256,), 327936, 327936, filters=256, use_bias=True)
    return with_layer(
        replace(graph_of("b0"), layers=(*graph_of("b0").layers, hidden)), "predictions", inputs=("hidden",)
    )


def everywhere(graph: LayerGraph, operation: OperationName, **attributes: object) -> LayerGraph:
    return replace(
        graph,
        layers=tuple(each._replace(**attributes) if each.operation == operation else each for each in graph),  # type: ignore[arg-type]
    )


def edited(*names: str, target: str = "b0") -> LayerGraph:
    """Edits in 4a, 4b, 4c and so on."""
    sub_blocks = [each for each in anatomy_of(target).sub_blocks if each.block >= 4]
    return with_edits(graph_of(target), list(zip(names, sub_blocks, strict=False)))[0]


def up_to(name: str, graph: LayerGraph) -> LayerGraph:
    kept = graph.ancestors([name]) | {name}
    return LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept))


def with_marks() -> LayerGraph:
    """A layer that does nothing behind every sub-block, as a public package writes its networks."""
    graph = graph_of("b0")
    for each in anatomy_of("b0").sub_blocks:
        graph = insert_after(graph, each.layers[-1].name, Layer(f"mark_{each.name}", "identity", "Identity"))
    return graph


def without_squeeze_excites() -> LayerGraph:
    graph = graph_of("b0")
    for each in anatomy_of("b0").sub_blocks:
        graph = with_edits(graph, [("no squeeze-excite", each)])[0]
    return graph


def with_kernels_exchanged() -> LayerGraph:
    """The kernels of blocks 4 and 5."""
    graph = graph_of("b0")
    for each in anatomy_of("b0").sub_blocks:
        if each.block in (4, 5):
            layer = next(layer for layer in each.layers if layer.operation == "depthwise_convolution")
            kernel = (5, 5) if each.block == 4 else (3, 3)
            graph = with_layer(graph, layer.name, kernel=kernel, padding="same")
    return without_layers(graph, {"block4a_dwconv_pad"})


def without_block(number: int) -> LayerGraph:
    """B0 in which what follows a block takes what the block takes."""
    graph = graph_of("b0")
    layers = anatomy_of("b0").blocks[number - 1].layers
    entry = layers[0].inputs[0]
    kept = [layer for layer in graph if layer not in layers]
    turned = (
        layer._replace(inputs=tuple(entry if name == layers[-1].name else name for name in layer.inputs))
        for layer in kept
    )
    return replace(graph, layers=tuple(turned))


def with_a_deeper_stem() -> LayerGraph:
    more = Layer(
        "more", "convolution", "Conv2D", output_shape=(112, 112, 32), kernel=(3, 3), stride=(1, 1), padding="same",
        filters=32, groups=1, use_bias=False,
    )  # fmt: skip
    return insert_after(graph_of("b0"), "stem_activation", more)


def with_groups(channels: int) -> LayerGraph:
    """B0 with groups of several channels in its depthwise convolutions."""
    graph = graph_of("b0")
    for layer in graph:
        if layer.operation == "depthwise_convolution":
            groups = (layer.filters or channels) // channels
            graph = with_layer(graph, layer.name, operation="convolution", groups=groups)
    return graph


def convolution(name: str, source: str, sides: int, filters: int, kernel: int = 1, **attributes: Any) -> Layer:
    return Layer(
        name, "convolution", "Conv2D", (source,), (sides, sides, filters), kernel=(kernel, kernel), stride=(1, 1),
        padding="same", filters=filters, groups=1, use_bias=True, **attributes,
    )  # fmt: skip


def with_an_adapter() -> LayerGraph:
    """B0 behind a convolution that makes an image of 13 channels one of three."""
    graph = graph_of("b0")
    image = Layer("image", "input", "InputLayer", output_shape=(224, 224, 13))
    inner = graph.layers[0]._replace(inputs=("adapter",))
    return replace(graph, layers=(image, convolution("adapter", "image", 224, 3, 3), inner, *graph.layers[1:]))


def with_pyramid(last: str) -> LayerGraph:
    """B0 up to a layer, and a decoder's convolutions of several dilations side by side on its output."""
    graph = up_to(last, graph_of("b0"))
    sides, _, channels = graph[last].output_shape or (0, 0, 0)
    layers = []
    for rate in (2, 4, 6):
        window = Layer(
            f"window{rate}", "depthwise_convolution", "DepthwiseConv2D", (last,), (sides, sides, channels),
            kernel=(3, 3), stride=(1, 1), padding="same", dilation=(rate, rate), filters=channels,
        )  # fmt: skip
        layers += [window, convolution(f"branch{rate}", window.name, sides or 0, 256, activation="relu")]
    joined = tuple(layer.name for layer in layers if layer.operation == "convolution")
    together = Layer("together", "concatenate", "Concatenate", joined, (sides, sides, 768))
    return replace(graph, layers=(*graph.layers, *layers, together), outputs=("together",))


def classified(last: str, units: int) -> LayerGraph:
    """Cut after a layer, with a classifier of its own behind."""
    graph = up_to(last, graph_of("b0"))
    pooled = Layer("pooled", "global_average_pooling", "Pool", (last,), (graph[last].channels,))
    own = Layer("own", "dense", "Dense", ("pooled",), (units,), filters=units, use_bias=True)
    return replace(graph, layers=(*graph.layers, pooled, own), outputs=("own",))


def headed(last: str, filters: int) -> LayerGraph:
    """Cut after a layer, with final layers and a classifier of its own behind."""
    graph = classified(last, 7)
    top = convolution("top", last, 14, filters, activation="silu")
    return with_layer(replace(graph, layers=(*graph.layers, top)), "pooled", inputs=("top",))


def without_the_last_sub_block() -> LayerGraph:
    """B1 without 7b, and with other final layers."""
    graph = graph_of("b1")
    return with_layer(
        without_layers(graph, {layer.name for layer in anatomy_of("b1").sub_blocks[-1].layers}), "top_conv", filters=640
    )


def with_a_dense_skip() -> LayerGraph:
    """The expansion of 5a takes the features of 4a too."""
    graph = graph_of("b0")
    joined = Layer("joined", "concatenate", "Concat", ("block4c_add", "block4a_project_bn"), (14, 14, 160))
    with_skip = replace(graph, layers=(*graph.layers, joined))
    return with_layer(with_skip, "block5a_expand_conv", inputs=("joined",), filters=960)


CHANGED = "This is EfficientNet-B0 with"

SENTENCES: tuple[tuple[str, Callable[[], LayerGraph], str], ...] = (
    ("itself", lambda: graph_of("b0"), "This is EfficientNet-B0."),
    ("no stem", without_stem, "This is EfficientNet-B0 with 1 change: stem missing."),
    (
        "another stem",
        with_another_stem,
        "This is EfficientNet-B0 with 1 change: stem's kernel 7×7 for 3×3.",
    ),
    (
        "a hidden layer",
        with_a_hidden_layer,
        "This is EfficientNet-B0 with 1 change: Dense to 256 channels added in the classifier.",
    ),
    (
        "classes",
        lambda: with_layer(graph_of("b3"), "predictions", filters=5),
        "This is EfficientNet-B3 up to the classifier, which has 5 classes.",
    ),
    (
        "no classifier",
        lambda: up_to("top_activation", graph_of("b4")),
        "This is EfficientNet-B4 up to the final layers, without its classifier.",
    ),
    ("a block", lambda: up_to("block5c_add", graph_of("b0")), "This is EfficientNet-B0 up to block 5."),
    (
        "part of a block",
        lambda: up_to("block5b_add", graph_of("b0")),
        "This is EfficientNet-B0 up to a part of block 5.",
    ),
    (
        "part of a block, classified",
        lambda: classified("block6b_add", 7),
        "This is EfficientNet-B0 up to a part of block 6, with a classifier of 7 classes.",
    ),
    (
        "a block, classified by one unit",
        lambda: classified("block4c_add", 1),
        "This is EfficientNet-B0 up to block 4, with a classifier of 1 class.",
    ),
    (
        "one class",
        lambda: with_layer(graph_of("b0"), "predictions", filters=1),
        "This is EfficientNet-B0 up to the classifier, which has 1 class.",
    ),
    (
        "part of a sub-block",
        lambda: up_to("block6a_expand_activation", graph_of("b0")),
        "This is EfficientNet-B0 cut after the expansion of 6a.",
    ),
    (
        "a sub-block before its sum",
        lambda: up_to("block4b_project_bn", graph_of("b0")),
        "This is EfficientNet-B0 cut after the projection of 4b.",
    ),
    (
        "a sub-block before its last normalisation",
        lambda: up_to("block5a_project_conv", graph_of("b0")),
        "This is EfficientNet-B0 cut after the projection of 5a.",
    ),
    (
        "too little of a network",
        lambda: up_to("block2b_add", graph_of("b0")),
        "This has 3 MBConv sub-blocks: too few to tell of which network.",
    ),
    (
        "groups of eight channels",
        lambda: with_groups(8),
        "This is EfficientNet-B0 with 1 change: other groups in every sub-block.",
    ),
    ("an adapter of channels", with_an_adapter, "This is EfficientNet-B0."),
    ("a pyramid on block 6", lambda: with_pyramid("block6d_add"), "This is EfficientNet-B0 up to block 6."),
    (
        "a pyramid on the final layers",
        lambda: with_pyramid("top_activation"),
        "This is EfficientNet-B0 up to the final layers, without its classifier.",
    ),
    (
        "a beginning that several share",
        lambda: up_to("block2c_add", graph_of("b1")),
        "This begins like EfficientNet-B1 and EfficientNet-B2, up to block 2.",
    ),
    (
        "three changes",
        lambda: edited("no squeeze-excite", "kernel", "gate behind"),
        (
            f"{CHANGED} 3 changes: squeeze-excite missing in 4a; 4b depthwise kernel 9×9 for 3×3; spatial gate (Conv2D "
            "7×7 to 1 channel, sigmoid and Multiply) after 4c."
        ),
    ),
    ("marks", with_marks, "This is EfficientNet-B0 with 1 change: Identity after every sub-block."),
    (
        "another activation",
        lambda: everywhere(graph_of("b0"), "activation", activation="relu"),
        f"{CHANGED} 1 change: activation relu for swish in 33 activations, the stem to the final layers.",
    ),
    (
        "nothing squeezed",
        without_squeeze_excites,
        (
            "This is EfficientNet-Lite0 with 1 change: activation swish for relu6 in 33 activations, the stem to the "
            "final layers."
        ),
    ),
    (
        "exchanged kernels",
        with_kernels_exchanged,
        (
            f"{CHANGED} 2 changes: depthwise kernel 5×5 for 3×3 in 4a, 4b and 4c; depthwise kernel 3×3 for 5×5 in 5a, "
            "5b and 5c."
        ),
    ),
    (
        "block 5 taken out",
        lambda: without_block(5),
        f"{CHANGED} 2 changes: block 5 missing; 6a expansion ratio 8.4 for 6.",
    ),
    (
        "the last sub-block taken out, and other final layers",
        without_the_last_sub_block,
        (
            "This is EfficientNet-B1 with 2 changes: sub-blocks 1 for 2 in block 7; final convolution channels 640 for "
            "1,280."
        ),
    ),
    (
        "part of a block, with final layers of its own",
        lambda: headed("block5b_add", 640),
        "This is EfficientNet-B0 up to a part of block 5, with a classifier of 7 classes.",
    ),
    (
        "a block, with a change",
        lambda: up_to("block5c_add", edited("no squeeze-excite")),
        "This is EfficientNet-B0 up to block 5, with 1 change: squeeze-excite missing in 4a.",
    ),
    (
        "a classifier of one's own with a hidden layer",
        lambda: with_layer(with_a_hidden_layer(), "predictions", filters=5),
        "This is EfficientNet-B0 up to the classifier, which has 5 classes.",
    ),
    ("block 7 taken out", lambda: without_block(7), f"{CHANGED} 1 change: block 7 missing."),
    (
        "a stem of two convolutions",
        with_a_deeper_stem,
        f"{CHANGED} 1 change: Conv2D 3×3 to 32 channels added after the stem's convolution in the stem.",
    ),
    (
        "a convolution between sub-blocks",
        lambda: with_edits(graph_of("b0"), [("convolution behind", anatomy_of("b0").sub_blocks[7])])[0],
        f"{CHANGED} 1 change: Conv2D 3×3 to 80 channels after 4c.",
    ),
    (
        "training alone",
        lambda: everywhere(graph_of("b0"), "dropout", rate=0.9),
        "This is EfficientNet-B0.",
    ),
)


@pytest.mark.parametrize(("name", "made", "said"), SENTENCES, ids=[row[0] for row in SENTENCES])
def test_the_sentence(name: str, made: Callable[[], LayerGraph], said: str) -> None:
    assert sentence(identity_of(made())) == said


def test_blocks_keep_their_numbers_where_one_sub_block_is_changed() -> None:
    anatomy = dissect(edited("no squeeze-excite", "kernel", "no residual"))
    assert [each.name for each in anatomy.sub_blocks] == [each.name for each in anatomy_of("b0").sub_blocks]


def with_a_kernel_of_its_own(graph: LayerGraph) -> LayerGraph:
    return with_edits(graph, [("kernel", anatomy_of("b0").sub_blocks[6])])[0]


@pytest.mark.parametrize(
    ("made", "cost"),
    [
        (lambda: without_block(7), 0.6),
        (lambda: up_to("block6d_add", graph_of("b0")), 0.05),
        (lambda: classified("block6d_add", 7), 0.6),
        (lambda: with_layer(classified("block6d_add", 7), "pooled", operation="global_max_pooling"), 0.6),
        (lambda: with_layer(classified("block6d_add", 7), "pooled", operation="flatten"), 0.6),
    ],
    ids=["taken out", "cut off", "pooled", "pooled by maximum", "flattened"],
)
def test_a_block_that_is_missing_weighs_little_only_where_a_network_is_cut_off(
    made: Callable[[], LayerGraph], cost: float
) -> None:
    (found,) = dissect(with_a_kernel_of_its_own(made())).nearest
    assert found.variant.key == "b0"
    assert found.cost == pytest.approx(0.3 + cost)


def pruned() -> LayerGraph:
    """B0 with fewer channels inside its sub-blocks, each time another number."""
    graph = graph_of("b0")
    for number, each in enumerate(anatomy_of("b0").sub_blocks):
        for item in each.items:
            if item.kind == "convolution" and item.landmark in ("expansion", "depthwise"):
                width = (item.layer.filters or 0) * (60 + number) // 100
                groups = width if item.landmark == "depthwise" else 1
                graph = with_layer(graph, item.layer.name, filters=width, groups=groups)
    return graph


def test_a_pruned_network_is_its_variant_with_other_widths() -> None:
    found = identity_of(pruned())
    assert found.variant is not None
    assert (found.variant.key, found.is_exact) == ("b0", False)
    assert {change.attribute for change in found.changes} == {"filters", "expansion"}
    assert [len(block.sub_blocks) for block in dissect(pruned()).blocks] == [1, 2, 2, 3, 3, 4, 1]


def laid_out(*stages: Stage) -> LayerGraph:
    return synthetic.lay_out(Specification(32, stages, 64, 96, 96))


def test_a_network_of_its_own_is_only_near() -> None:
    graph = laid_out(Stage(3, 1, 1, 16, 1), Stage(3, 2, 6, 24, 2), Stage(7, 2, 4, 48, 4), Stage(7, 2, 4, 160, 5))
    found = identity_of(graph)
    assert found.variant is None
    assert sentence(found).startswith("This is an MBConv network, nearest EfficientNet")
    assert found.changes == ()


@pytest.mark.parametrize("width", [1, 1.4])
def test_a_relative_is_called_by_its_own_name(width: float) -> None:
    rows = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (3, 3, 2, 6, 32), (4, 3, 2, 6, 64), (3, 3, 1, 6, 96), (3, 3, 2, 6, 160))
    stages = [Stage(kernel, stride, expansion, int(filters * width) // 8 * 8, repeats)
              for repeats, kernel, stride, expansion, filters in (*rows, (1, 3, 1, 6, 320))]  # fmt: skip
    graph = laid_out(*stages)
    for each in dissect(graph).sub_blocks:
        graph = with_edits(graph, [("no squeeze-excite", each)])[0]
    found = identity_of(graph)
    assert sentence(found) == "This is MobileNetV2, an MBConv network, no EfficientNet."
    assert (found.variant, found.nearest) == (None, ())


def test_a_network_without_sub_blocks_is_none() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    found = identity_of(LayerGraph("plain", (image, Layer("dense", "dense", "Dense", ("image",), filters=3))))
    assert sentence(found).startswith("This is no EfficientNet: it has no MBConv sub-blocks.")
    assert (found.variant, found.similarity, found.is_exact) == (None, 0.0, False)


def test_what_cannot_be_looked_into_is_not_denied() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    riddle = Layer("riddle", "opaque", "Backbone", ("image",), (2, 2, 64), parameters=None)
    said = sentence(identity_of(LayerGraph("wrapped", (image, riddle))))
    assert said.startswith(
        "No MBConv sub-blocks are seen here, but Backbone cannot be looked into: name the model in it"
    )


def test_groups_that_do_not_narrow_are_of_other_networks() -> None:
    """As in ResNeXt and RegNet: behind its convolution of groups a block is as wide as in it, or wider."""
    layers = [Layer("image", "input", "InputLayer", output_shape=(32, 32, 3)), convolution("stem", "image", 32, 32, 3)]
    for number in range(6):
        before = layers[-1].name
        width = 64 * (number // 2 + 1)
        one = convolution(f"one{number}", before, 32, width, activation="relu")
        groups = convolution(f"groups{number}", one.name, 32, width, 3, activation="relu")._replace(groups=width // 8)
        layers += [one, groups, convolution(f"last{number}", groups.name, 32, 2 * width, activation="relu")]
    assert sentence(identity_of(LayerGraph("groups", tuple(layers)))).startswith("This is no EfficientNet")


def test_an_expansion_is_held_against_what_its_convolution_takes() -> None:
    first = next(each for each in dissect(with_a_dense_skip()).sub_blocks if each.name == "5a")
    assert first.expansion == 6
