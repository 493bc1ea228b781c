"""Every difference is named, at its place and by what it changes, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.difference import Change, differences, level, stage_order, variations
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.fact_reader import facts_of
from effnet_inspect.structure.facts import Key, NetworkFacts, Place
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import phrase, what, where
from tests import synthetic
from tests.graphs import VARIANTS, anatomy_of, graph_of, network_of, rename, with_decoder, with_layer, without_layers
from tests.structure.edits import EDITS, NotHere, gate_behind, insert_after, spatial_gate_before, with_edits

REPEATS = {"b0": 1, "b1": 2, "b2": 2, "b3": 3, "b4": 4, "b5": 5, "b6": 6, "b7": 7}
"""Equal numbers for equal rows of repeats, as the article states them: B2 is B1 with other channels."""


UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def facts(graph: LayerGraph) -> NetworkFacts:
    return facts_of(dissect(graph))


def compared(target: str, graph: LayerGraph) -> list[Change]:
    return differences(network_of(target).facts, facts(graph))


def flat(changes: list[Change]) -> set[tuple[str, str, str, str]]:
    """One entry a place: place, landmark, kind, attribute."""
    return {
        # One decision settles both: the sub-block's activation, and that inside its squeeze-excite.
        (place.name, key.landmark, key.kind, change.attribute.removeprefix("inner_"))
        for change in changes
        for place, key in zip(change.places, change.keys, strict=True)
    }


@pytest.mark.parametrize(("first", "second"), [*combinations_with_replacement(VARIANTS, 2)])
def test_every_pair_of_the_family(first: str, second: str) -> None:
    found = differences(network_of(first).facts, network_of(second).facts)
    alike = REPEATS[first] == REPEATS[second]
    assert level(found) == ("same network" if first == second else "same graph" if alike else "same blocks")
    assert ("repeats" in variations(found)) is not alike
    assert ("resolution" in variations(found)) is (first != second)
    assert variations(found) == variations(differences(network_of(second).facts, network_of(first).facts))


@pytest.mark.parametrize(
    ("second", "differ"),
    [("b0@512", ("resolution",)), ("b0@225", ("resolution",)), ("b1", ("repeats", "resolution", "rates"))],
)
def test_what_varies_from_b0(second: str, differ: tuple[str, ...]) -> None:
    assert variations(differences(network_of("b0").facts, network_of(second).facts)) == differ


def disguised(graph: LayerGraph, seed: int, nested: bool) -> LayerGraph:
    """Other names, in any order, and as a part of a model: behind an input of its own."""
    chance = random.Random(seed)
    names = [f"x{number}" for number in range(len(graph))]
    chance.shuffle(names)
    renamed = rename(graph, dict(zip((layer.name for layer in graph), names, strict=True)))
    layers = list(renamed.layers)
    if nested:
        image = next(layer for layer in layers if layer.operation == "input")
        layers[layers.index(image)] = image._replace(inputs=("outer",))
        layers.append(image._replace(name="outer"))
    chance.shuffle(layers)
    return LayerGraph(graph.name, tuple(layers), renamed.outputs, graph.target)


def spelled_otherwise(graph: LayerGraph) -> LayerGraph:
    """Sums and products the other way round, squeezed tensors not reshaped, and Dropout layers that drop nothing."""
    reshapes = {layer.name for layer in graph if layer.operation == "reshape"}
    graph = without_layers(graph, reshapes)
    turned = ("add", "multiply")
    layers = (each._replace(inputs=each.inputs[::-1]) if each.operation in turned else each for each in graph)
    graph = replace(graph, layers=tuple(layers))
    idle = Layer("idle", "dropout", "Dropout", rate=0.0)
    return insert_after(graph, next(layer.name for layer in graph if layer.operation == "activation"), idle)


@UNHURRIED
@given(
    target=st.sampled_from(["b0", "b1", "b3", "v2-b0", "lite0"]),
    kinds=st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
    nested=st.booleans(),
    otherwise=st.booleans(),
)
def test_every_edit_is_named_and_nothing_else(
    target: str, kinds: list[str], seed: int, nested: bool, otherwise: bool
) -> None:
    chosen = random.Random(seed).sample(anatomy_of(target).sub_blocks, len(kinds))
    try:
        graph, expected = with_edits(graph_of(target), list(zip(kinds, chosen, strict=True)))
    except NotHere:
        return
    graph = disguised(spelled_otherwise(graph) if otherwise else graph, seed, nested)
    original, edited = network_of(target).facts, facts(graph)
    there = flat(differences(original, edited))
    assert {each for each in there if each[3] != "inputs"} == expected
    back = flat(differences(edited, original))
    assert {(place, landmark, attribute) for place, landmark, _, attribute in back} == {
        (place, landmark, attribute) for place, landmark, _, attribute in there
    }


@pytest.mark.parametrize("name", EDITS)
def test_every_kind_of_edit_is_tried(name: str) -> None:
    tried = 0
    for target in ("b0", "v2-b0"):
        for sub_block in anatomy_of(target).sub_blocks:
            try:
                graph, expected = with_edits(graph_of(target), [(name, sub_block)])
            except NotHere:
                continue
            tried += 1
            assert flat(compared(target, graph)) == expected, sub_block.name
    assert tried


def translated(graph: LayerGraph) -> LayerGraph:
    """The same network in the names of another framework, which has other settings."""

    def named(layer: Layer) -> Layer:
        name = layer.class_name if layer.operation == "opaque" else f"aten_{layer.operation}"
        return layer._replace(class_name=name, settings=(("aten", "1"),))

    return replace(graph, layers=tuple(map(named, graph)), vocabulary="pytorch")


@pytest.mark.parametrize("name", EDITS)
def test_what_a_framework_calls_layers_makes_no_difference(name: str) -> None:
    target = "v2-b0" if name.startswith("fused") else "b0"
    graph, expected = next(made_in(target, name))
    other = translated(graph)
    assert differences(facts(graph), facts(other)) == differences(facts(other), facts(graph)) == []
    assert flat(compared(target, other)) == expected


def made_in(target: str, name: str) -> Iterator[tuple[LayerGraph, set[Any]]]:
    """A network with an edit wherever it can be made."""
    for sub_block in anatomy_of(target).sub_blocks:
        with suppress(NotHere):
            yield with_edits(graph_of(target), [(name, sub_block)])


def dropping(kind: str) -> LayerGraph:
    """A U-Net in Keras with a dropout before its end."""
    graph = with_decoder()
    return insert_after(graph, "mixed_2", Layer("dropped", "dropout", kind, rate=0.1))


def test_decoders_of_two_frameworks_are_the_same() -> None:
    one, other = (replace(graph, vocabulary="keras") for graph in (with_decoder(), dropping("SpatialDropout2D")))
    assert differences(facts(one), facts(translated(one))) == []
    (change,) = differences(facts(one), facts(translated(other)))
    assert (change.attribute, change.first, change.second) == ("added", None, "aten_dropout 0.1")


def test_classes_of_one_framework_are_told_apart_whatever_we_call_them() -> None:
    kinds = ("Dropout", "SpatialDropout2D")
    one, other = (facts(replace(dropping(kind), vocabulary="keras")) for kind in kinds)
    assert {change.first or change.second for change in differences(one, other)} == {f"{kind} 0.1" for kind in kinds}


EFFECTS_OF_EDITS = {
    "kernel": "outputs",
    "drop rate": "training",
    "no drop": "training",
    "dropout inside": "training",
    "noise behind": "training",
    "mark behind": "nothing",
    "momentum": "training",
    "frozen": "training",
    "epsilon": "outputs",
    "squeeze-excite width": "weights",
    "gate behind": "outputs",
}


@pytest.mark.parametrize("name", EFFECTS_OF_EDITS)
def test_what_an_edit_changes(name: str) -> None:
    graph, _ = with_edits(graph_of("b0"), [(name, anatomy_of("b0").sub_blocks[6])])
    (change,) = compared("b0", graph)
    assert change.effect == EFFECTS_OF_EDITS[name]


Made = Callable[[LayerGraph], LayerGraph]


def altered(name: str, **attributes: Any) -> Made:
    return lambda graph: with_layer(graph, name, **attributes)


def everywhere(operation: OperationName, **attributes: Any) -> Made:
    """Other attributes of all layers of a kind."""
    return lambda graph: replace(
        graph, layers=tuple(each._replace(**attributes) if each.operation == operation else each for each in graph)
    )


def up_to(name: str) -> Made:
    """Cut behind a layer."""

    def cut(graph: LayerGraph) -> LayerGraph:
        kept = graph.ancestors([name]) | {name}
        return LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept))

    return cut


def without(*operations: OperationName) -> Made:
    return lambda graph: without_layers(graph, {each.name for each in graph if each.operation in operations})


def flipped_image(graph: LayerGraph) -> LayerGraph:
    """An augmentation before the backbone, that has an input of its own."""
    image = graph.layers[0]
    flip = Layer("flip", "augmentation", "RandomFlip", ("photo",), image.output_shape)
    start = image._replace(name="photo")
    return replace(graph, layers=(start, flip, image._replace(inputs=("flip",)), *graph.layers[1:]))


SENTENCES: tuple[tuple[str, Made, str], ...] = (
    ("4b kernel", altered("block4b_dwconv", kernel=(5, 5)), "4b: depthwise kernel 3×3 → 5×5 | outputs"),
    (
        "epsilon everywhere",
        everywhere("batch_normalization", epsilon=1e-5),
        "49 normalisations, the stem to the final layers: epsilon 0.001 → 0.00001 | outputs",
    ),
    (
        "momentum everywhere",
        everywhere("batch_normalization", momentum=0.9),
        "49 normalisations, the stem to the final layers: momentum 0.99 → 0.9 | training",
    ),
    ("classes", altered("predictions", filters=10), "the classifier: classes 1,000 → 10 | weights"),
    (
        "logits",
        altered("predictions", activation=None),
        "the classifier: dense layer activation softmax → linear | outputs",
    ),
    ("top dropout", altered("top_dropout", rate=0.5), "the classifier: dropout rate 0.2 → 0.5 | training"),
    (
        "no preprocessing",
        without("rescaling", "normalization"),
        "the stem: rescaling and input normalisation missing | outputs",
    ),
    ("no classifier", up_to("top_activation"), "the end: classifier missing | outputs"),
    (
        "cut in a sub-block",
        up_to("block6a_expand_activation"),
        "the end: everything after the expansion of 6a: blocks 6 and 7, final layers and classifier missing | outputs",
    ),
    ("augmentation", flipped_image, "before the backbone: RandomFlip added | training"),
    ("another stride", altered("block5a_dwconv", stride=(2, 2)), "5a: depthwise stride 1×1 → 2×2 | outputs"),
    (
        "shared weights",
        altered("block4b_dwconv", shares_weights_with="block4c_dwconv"),
        "4b: depthwise convolution weights of its own → weights of another layer | weights",
    ),
    (
        "groups",
        altered("block4b_dwconv", groups=240),
        "4b: depthwise convolution groups one a channel → 240 | outputs",
    ),
)


@pytest.mark.parametrize(("name", "made", "sentence"), SENTENCES, ids=[row[0] for row in SENTENCES])
def test_the_sentence(name: str, made: Made, sentence: str) -> None:
    (change,) = compared("b0", made(graph_of("b0")))
    assert f"{where(change, 16)}: {what(change)} | {change.effect}" == sentence


IN_NUMBERS: dict[str, tuple[Made, str | None]] = {
    "kernel": (altered("block4b_dwconv", kernel=(5, 5)), None),
    "no dropout": (lambda graph: without_layers(graph, {"block4b_drop"}), "rates"),
    "no normalisation": (lambda graph: without_layers(graph, {"block4b_bn"}), None),
    "dropout rate": (altered("block4b_drop", rate=0.5), "rates"),
    "margins": (altered("block4a_dwconv_pad", margins=((1, 1), (1, 1))), "margins"),
    "no margins": (altered("block4b_dwconv", padding="valid"), None),
    "channels": (altered("block4b_project_conv", filters=72), "channels"),
    "squeeze-excite width": (altered("block4b_se_reduce", filters=3), "channels"),
    "classes": (altered("predictions", filters=10), "classes"),
    "input channels": (altered("input_layer", output_shape=(224, 224, 1)), "channels"),
    "resolution": (altered("input_layer", output_shape=(256, 256, 3)), "resolution"),
    "epsilon": (altered("block4b_bn", epsilon=0.5), "constants"),
    "momentum": (altered("block4b_bn", momentum=0.5), "constants"),
    "factor": (altered("rescaling", scale=(0.5,)), "constants"),
    "precision": (altered("block4b_bn", precision="float16"), "precision"),
    "trainable": (altered("block4b_bn", trainable_parameters=0), "trainable"),
}


@pytest.mark.parametrize("name", IN_NUMBERS)
def test_what_varies_in_numbers_alone_leaves_the_graph_the_same(name: str) -> None:
    made, variation = IN_NUMBERS[name]
    found = compared("b0", made(graph_of("b0")))
    assert [change.variation for change in found] == [variation]
    assert variations(found) == ((variation,) if variation else ())
    assert level(found) == ("same graph" if variation else "different")


def test_what_differs_in_one_sub_block_is_said_whole() -> None:
    """Values of several items of one sub-block are all named, and nothing is said of other places."""
    graph = graph_of("b0")
    for name in ("block4b_expand_conv", "block4b_dwconv"):
        graph = with_layer(graph, name, filters=384, groups=384 if name.endswith("dwconv") else 1)
    (channels,) = (change for change in compared("b0", graph) if change.attribute == "filters")
    assert (what(channels), phrase(channels)) == ("channels 480 → 384", "4b channels 384 for 480")
    graph = with_layer(graph, "block4b_project_conv", filters=72)
    (channels,) = (change for change in compared("b0", graph) if change.attribute == "filters")
    assert what(channels) == "channels 480 → 384 and 80 → 72"
    assert phrase(channels) == "4b channels 384 for 480 and 72 for 80"
    graph = with_layer(graph, "block4c_project_conv", filters=72)
    (channels,) = (change for change in compared("b0", graph) if change.attribute == "filters")
    assert what(channels) == "channels 480 → 384 in 4b, other values elsewhere"


def test_what_another_family_changes() -> None:
    found = differences(network_of("b0").facts, network_of("lite0").facts)
    assert [f"{where(change, 16)}: {what(change)}" for change in found] == [
        "every sub-block: squeeze-excite missing",
        "the stem: input normalisation missing",
        "33 activations, the stem to the final layers: activation swish → relu6",
        "the stem: preprocessing factor 0.00392157 → 0.0078125",
        "the stem: preprocessing shift 0 → -0.992188",
    ]


def folded(graph: LayerGraph) -> LayerGraph:
    """Batch normalisations folded into the convolutions before them, as exporters do."""
    normalized = {each.inputs[0] for each in graph if each.operation == "batch_normalization"}
    return without("batch_normalization")(
        replace(
            graph,
            layers=tuple(each._replace(use_bias=True) if each.name in normalized else each for each in graph),
        )
    )


def test_a_folded_normalisation_is_the_same_function() -> None:
    (change,) = compared("b0", folded(graph_of("b0")))
    assert (change.attribute, change.effect, len(change.places)) == ("folded", "training", 49)
    assert what(change) == "bias in the place of batch normalisation"
    assert phrase(change, 16).startswith("bias in the place of batch normalisation in 49 ")


SPELLINGS: dict[str, Made] = {
    "another name": altered("block4b_dwconv", class_name="MyConvolution"),
    "no explicit zeros": lambda graph: without("zero_padding")(
        replace(
            graph,
            layers=tuple(each._replace(padding="same" if each.kernel else each.padding) for each in graph),
        )
    ),
    "padding of a pointwise convolution": altered("block4b_expand_conv", padding="valid"),
    "the other order of a sum": lambda graph: with_layer(
        graph, "block4b_add", inputs=graph["block4b_add"].inputs[::-1]
    ),
    "no reshape": without("reshape"),
    "an activation of its own behind the classifier": lambda graph: insert_after(
        with_layer(graph, "predictions", activation=None),
        "predictions",
        Layer("softmax", "activation", "Softmax", activation="softmax"),
    ),
}


UNKNOWN: dict[str, Made] = {
    "constants and biases": lambda graph: everywhere("convolution", use_bias=None)(
        everywhere("batch_normalization", momentum=None, epsilon=None)(graph)
    ),
    "the activation inside a squeeze-excite": lambda graph: behind(
        with_layer(graph, "block4b_se_reduce", activation=None), "block4b_se_reduce"
    ),
    "the gate of a squeeze-excite": lambda graph: behind(
        with_layer(graph, "block4b_se_expand", activation=None), "block4b_se_expand"
    ),
    "sizes": lambda graph: with_open_sizes(graph),
    "sizes and what is laid around them": lambda graph: with_open_sizes(
        with_layer(graph, "block4a_dwconv_pad", margins=((3, 3), (3, 3)))
    ),
}


def behind(graph: LayerGraph, name: str) -> LayerGraph:
    """A layer of somebody's own class."""
    return insert_after(graph, name, Layer("own", "opaque", "Own", parameters=0))


def with_open_sizes(graph: LayerGraph) -> LayerGraph:
    """The graph of a model that takes images of any size."""

    def opened(layer: Layer) -> Layer:
        is_image = layer.output_shape is not None and len(layer.output_shape) == 3 and layer.output_shape[0] != 1
        return layer._replace(output_shape=(None, None, layer.channels) if is_image else layer.output_shape)

    return replace(graph, layers=tuple(map(opened, graph)))


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_is_not_meaning(name: str) -> None:
    graph = SPELLINGS[name](graph_of("b0"))
    assert graph != graph_of("b0")
    assert compared("b0", graph) == []


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_value_differs_from_nothing(name: str) -> None:
    graph = UNKNOWN[name](graph_of("b0"))
    assert graph != graph_of("b0")
    assert compared("b0", graph) == []


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("block4b_dwconv", {"padding": "valid"}), ("block4a_dwconv_pad", {"margins": ((0, 0), (0, 0))})],
)
def test_that_nothing_is_padded_is_seen_at_any_size(name: str, attributes: dict[str, Any]) -> None:
    (change,) = compared("b0", with_open_sizes(with_layer(graph_of("b0"), name, **attributes)))
    assert (change.attribute, change.first, change.second) == ("padding", "same", "none")


def test_an_output_of_its_own() -> None:
    graph = graph_of("b0")
    (change,) = compared("b0", replace(graph, outputs=("block4a_project_bn", *graph.outputs)))
    assert (change.attribute, change.first, change.second) == ("outputs", (), ("4a",))


def with_tail(*layers: Layer) -> NetworkFacts:
    """B0 with layers behind its classifier."""
    graph = graph_of("b0")
    return facts(replace(graph, layers=(*graph.layers, *layers), outputs=(layers[-1].name,)))


def tail(operation: OperationName, *inputs: str, class_name: str = "X", **attributes: Any) -> Layer:
    return Layer("tail", operation, class_name, inputs or ("predictions",), (1000,), **attributes)


@pytest.mark.parametrize(
    ("operation", "is_same"),
    [("add", True), ("multiply", True), ("maximum", True), ("average", True), ("subtract", False)],
)
def test_the_order_of_inputs_matters_where_it_changes_the_result(operation: OperationName, is_same: bool) -> None:
    inputs = ("predictions", "top_activation")
    found = differences(with_tail(tail(operation, *inputs)), with_tail(tail(operation, *inputs[::-1])))
    assert [change.attribute for change in found] == ([] if is_same else ["inputs"])


@pytest.mark.parametrize(
    ("mine", "theirs", "attributes"),
    [
        (tail("opaque", class_name="Riddle"), tail("opaque", class_name="Enigma"), ["added", "added"]),
        (tail("opaque", parameters=5), tail("opaque", parameters=6), ["parameters"]),
        (tail("resizing"), tail("rescaling", class_name="Y"), ["added", "added"]),
        (tail("add", "predictions", "top_conv"), tail("add", "predictions", "top_bn"), []),
        (tail("add", "predictions", "top_conv"), tail("add", "predictions", "block7a_bn"), ["inputs"]),
    ],
)
def test_what_differs_behind_the_backbone_is_said(mine: Layer, theirs: Layer, attributes: list[str]) -> None:
    found = differences(with_tail(mine), with_tail(theirs))
    assert sorted(change.attribute for change in found) == attributes


def with_more(operation: OperationName, **attributes: Any) -> NetworkFacts:
    """B0 with a layer more behind 4c."""
    return facts(insert_after(graph_of("b0"), "block4c_add", Layer("more", operation, "More", **attributes)))


DETAILS: tuple[tuple[OperationName, str, object, object, str, str], ...] = (
    ("max_pooling", "stride", (1, 1), (2, 2), "stride 1×1", "stride 2×2"),
    ("max_pooling", "dilation", (1, 1), (2, 2), "dilation 1×1", "dilation 2×2"),
    (
        "zero_padding",
        "margins",
        ((0, 1), (0, 1)),
        ((1, 1), (1, 1)),
        "margins 0+1 and 0+1, from 4c",
        "margins 1+1 and 1+1, from 4c",
    ),
    ("rescaling", "scale", (0.5,), (0.25,), "factor 0.5", "factor 0.25"),
    ("rescaling", "offset", (0.5,), (0.25,), "shift 0.5", "shift 0.25"),
    ("opaque", "settings", (("size", "1"),), (("size", "2"),), "size 1", "size 2"),
    ("opaque", "settings", None, (("size", "2"),), "none", "size 2"),
)
"""What something added states besides its name: operation, attribute, two values and what is said of them."""


@pytest.mark.parametrize(("operation", "attribute", "first", "second", "said", "said_then"), DETAILS)
def test_what_is_added_differs_in_all_that_it_states(
    operation: OperationName, attribute: str, first: object, second: object, said: str, said_then: str
) -> None:
    found = differences(*(with_more(operation, **{attribute: value}) for value in (first, second)))
    assert [(change.attribute, change.first, change.second) for change in found] == [("detail", said, said_then)]


def test_what_is_added_differs_in_where_it_takes_from() -> None:
    def taking(source: str) -> NetworkFacts:
        pooled = Layer("pooled", "average_pooling", "AveragePooling2D", (source,), (28, 28, 24), kernel=(2, 2))
        graph = replace(graph_of("b0"), layers=(*graph_of("b0"), pooled))
        joined = Layer("joined", "concatenate", "Concatenate", ("", "pooled"), (28, 28, 64))
        return facts(insert_after(graph, "block3b_add", joined))

    (change,) = differences(taking("block2a_project_bn"), taking("block2b_add"))
    assert (change.attribute, change.first, change.second) == ("detail", "from 2a; from 3b", "from 2b; from 3b")


def test_an_attention_differs_in_what_it_holds() -> None:
    def looking(side: int) -> NetworkFacts:
        graph, behind = graph_of("lite0"), "block4b_activation"
        shape = graph[behind].output_shape
        far = Layer("far", "depthwise_convolution", "DepthwiseConv2D", (behind,), shape, 9, kernel=(side, side))
        weights = Layer("weights", "activation", "Activation", ("far",), shape, activation="sigmoid")
        weighed = Layer("weighed", "multiply", "Multiply", (behind, "weights"))
        return facts(insert_after(graph, behind, far, weights, weighed))

    (change,) = differences(looking(7), looking(5))
    held = [f"DepthwiseConv2D {side}×{side} and Activation (sigmoid)" for side in (7, 5)]
    assert (change.attribute, [change.first, change.second]) == ("holds", held)


BEHIND: tuple[tuple[OperationName, str, object, object, str], ...] = (
    ("max_pooling", "stride", (1, 1), (2, 2), "stride"),
    ("max_pooling", "dilation", (1, 1), (2, 2), "dilation"),
    ("max_pooling", "margins", ((0, 1), (0, 1)), ((1, 1), (1, 1)), "detail"),
    ("max_pooling", "settings", (("ceil", "true"),), (("ceil", "false"),), "settings"),
    ("rescaling", "scale", (0.5,), (0.25,), "detail"),
    ("separable_convolution", "use_bias", True, False, "bias"),
    ("separable_convolution", "trainable_parameters", 5, 0, "trainable"),
    ("group_normalization", "epsilon", 0.001, 0.01, "epsilon"),
    ("group_normalization", "momentum", 0.9, 0.99, "momentum"),
)
"""A layer behind the classifier: its operation, an attribute of two values, and as what that differs."""


@pytest.mark.parametrize(("operation", "attribute", "first", "second", "said"), BEHIND)
def test_what_is_behind_the_backbone_differs_in_its_attributes(
    operation: OperationName, attribute: str, first: object, second: object, said: str
) -> None:
    rows: list[dict[str, Any]] = [{"parameters": 5, attribute: value} for value in (first, second)]
    found = differences(*(with_tail(tail(operation, **row)) for row in rows))
    assert [change.attribute for change in found] == [said]


def test_a_decoder_wired_otherwise_is_another_one() -> None:
    graph = with_decoder()
    rewired = with_layer(graph, "joined_1", inputs=("up_1", "block3a_expand_activation"))
    found = differences(facts(graph), facts(rewired))
    assert [change.attribute for change in found] == ["inputs"]
    assert level(found) == "different"


def test_places_are_in_the_order_of_the_data() -> None:
    stages = ("image", "before", "stem", "block 3", "part", "head", "classifier", "end", "after", "other_branches")
    numbers = [stage_order(Place(stage)) for stage in stages]
    assert numbers == sorted(set(numbers))
    assert stage_order(Place("block 1", "1a")) == stage_order(Place("block 7", "7a"))


def test_networks_without_sub_blocks() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    plain = facts(LayerGraph("plain", (image, Layer("dense", "dense", "Dense", ("image",), filters=3))))
    assert "MBConv sub-blocks missing" in map(what, differences(network_of("b0").facts, plain))
    assert differences(plain, plain) == []


def test_only_some_sections() -> None:
    cut = facts(up_to("top_activation")(graph_of("b0")))
    assert differences(network_of("b0").facts, cut, sections=("stem", "head")) == []


@pytest.mark.parametrize("target", ["b0", "v2-b0"])
def test_synthetic_graphs_agree_with_themselves(target: str) -> None:
    specification = synthetic.scaled(1.0, 1.0, 224)
    made = facts(synthetic.lay_out(specification))
    assert differences(made, made) == []
    assert (level(differences(network_of(target).facts, made)) == "same graph") is (target == "b0")


def test_without_an_expansion_there_is_no_ratio_to_differ_in() -> None:
    whole = synthetic.scaled(1.0, 1.0, 64)
    first, second, *others = whole.stages
    bare = whole._replace(stages=(first, second._replace(expansion=1), *others))
    found = differences(facts(synthetic.lay_out(whole)), facts(synthetic.lay_out(bare)))
    missing = {key.landmark for change in found if change.attribute == "presence" for key in change.keys}
    assert missing == {"expansion"}
    assert "expansion" not in {change.attribute for change in found}


def test_attentions_that_changed_places_are_named() -> None:
    graph, sub_block = graph_of("b0"), next(each for each in anatomy_of("b0").sub_blocks if each.name == "4b")
    behind = gate_behind(graph, sub_block, graph["block4b_se_excite"])
    (change,) = differences(facts(spatial_gate_before(graph, sub_block)), facts(behind))
    assert (change.attribute, change.first) == ("order", "spatial gate before squeeze-excite")
    assert change.second == "squeeze-excite before spatial gate"


def test_wrappers_around_layers_are_one_difference() -> None:
    graph = graph_of("b0")
    wrapped = tuple(
        layer._replace(class_name=f"Pruned({layer.class_name})") if layer.operation == "convolution" else layer
        for layer in graph
    )
    (change,) = compared("b0", replace(graph, layers=wrapped))
    assert (change.attribute, change.first, change.second, change.effect) == ("wrapper", "none", "Pruned", "weights")
    squeezes = 16
    assert phrase(change, 16).startswith(f"wrapper Pruned for none in {33 + squeezes} places")


@pytest.mark.parametrize("name", ["block4b_se_reduce", "block4b_se_expand"])
def test_both_convolutions_of_a_squeeze_excite_count(name: str) -> None:
    graph = with_layer(graph_of("b0"), name, class_name="Pruned(Conv2D)", settings=(("axis", "1"),))
    (change,) = compared("b0", graph)
    values = ("Pruned and none", "none and Pruned")
    assert (change.attribute, change.first, change.second) == ("wrapper", "none", values[name.endswith("expand")])
    other = with_layer(graph, name, settings=(("axis", "2"),))
    (change,) = differences(facts(graph), facts(other))
    assert (change.attribute, change.key) == ("settings", Key("attention", "attention"))


def lengthened(edit: Made = lambda graph: graph, *, block: int = 7, stride: int = 1, channels: int = 320) -> LayerGraph:
    """B0 with two sub-blocks more behind a block, of which the first may be another one; with an edit."""
    whole = synthetic.scaled(1, 1, 224)
    more = whole.stages[block - 1]._replace(stride=stride, channels=channels, repeats=2)
    return edit(synthetic.lay_out(whole._replace(stages=(*whole.stages[:block], more, *whole.stages[block:]))))


def in_surplus(sub_block: str, landmark: str, kind: str, **attributes: object) -> Made:
    """An edit of one layer of a sub-block."""

    def made(graph: LayerGraph) -> LayerGraph:
        (found,) = (each for each in dissect(graph).sub_blocks if each.name == sub_block)
        layer = next(item.layer for item in found.items if (item.landmark, item.kind) == (landmark, kind))
        return with_layer(graph, layer.name, **attributes)

    return made


SURPLUS: tuple[tuple[str, LayerGraph, list[str]], ...] = (
    ("plain repeats", lengthened(), []),
    (
        "a stride and another width",
        lengthened(block=4, stride=2, channels=96),
        [
            "4d: residual connection missing",
            "4d: depthwise stride 1×1 → 2×2",
            "4d: projection channels 80 → 96",
            "4d: dropout missing",
        ],
    ),
    ("a block of its own at the end", lengthened(stride=2, channels=400), []),
    (
        "dilation",
        lengthened(in_surplus("7c", "depthwise", "convolution", dilation=(3, 3))),
        ["7c: depthwise dilation 1×1 → 3×3"],
    ),
    (
        "narrower inside",
        lengthened(in_surplus("7b", "depthwise", "convolution", filters=1200, groups=1200)),
        [
            "7b and 7c: channels 1,920 → 1,200 in 7b, other values elsewhere",
            "7c: squeeze-excite width 128 → 80",
        ],
    ),
    (
        "bias",
        lengthened(in_surplus("7b", "expansion", "convolution", use_bias=True)),
        ["7b: expansion without bias → with bias", "7c: expansion with bias → without bias"],
    ),
)


@pytest.mark.parametrize(("name", "graph", "said"), SURPLUS, ids=[row[0] for row in SURPLUS])
def test_what_only_one_network_has_is_held_against_the_sub_block_before(
    name: str, graph: LayerGraph, said: list[str]
) -> None:
    reference = facts(synthetic.lay_out(synthetic.scaled(1, 1, 224)))
    for found in (differences(reference, facts(graph)), differences(facts(graph), reference)):
        surplus = [change for change in found if change.is_surplus]
        against = ", as a repeat of the one before: "
        assert [f"{where(change)}: {what(change)}" for change in surplus] == [
            each.replace(": ", against, 1) for each in said
        ]


def test_more_repeats_of_fused_sub_blocks_are_repeats() -> None:
    found = differences(network_of("v2-b0").facts, network_of("v2-b1").facts)
    assert level(found) == "same blocks"
    assert [change for change in found if change.is_surplus] == []


def test_a_block_more_at_the_end_is_one() -> None:
    network = Network(lengthened(stride=2, channels=400))
    assert network.repeats == (1, 2, 2, 3, 3, 4, 1, 2)
    assert [phrase(change) for change in network.identity.changes] == ["block 8 added"]
    assert network.remarks == ()


def test_what_is_missing_in_some_places_only_is_not_folded() -> None:
    graph = with_layer(without_layers(graph_of("b0"), {"block4b_expand_bn"}), "block4b_expand_conv", use_bias=True)
    assert [phrase(change) for change in Network(graph).identity.changes] == [
        "expansion bias in the place of batch normalisation in 4b"
    ]


@pytest.mark.parametrize(("kinds", "more"), [(4, False), (5, True)])
def test_only_what_is_left_out_is_hinted_at(kinds: int, more: bool) -> None:
    """Eight layers behind a tap, of so many kinds."""
    graph = graph_of("b0")
    names = ["block3b_add", *(f"side{number}" for number in range(8))]
    layers = [
        Layer(names[at + 1], "activation", f"Kind{at % kinds}", (names[at],), (28, 28, 40), activation="relu")
        for at in range(8)
    ]
    found = replace(graph, layers=(*graph.layers, *layers), outputs=("predictions", names[-1]))
    (said,) = (what(change) for change in compared("b0", found) if change.attribute == "added")
    assert said.startswith("8 layers (2 Kind0")
    assert ("…" in said) is more
