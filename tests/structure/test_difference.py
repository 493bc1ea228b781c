from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.anatomy import dissect
from effnet_inspect.structure.difference import (
    ComparableNetwork,
    Difference,
    Place,
    comparable,
    difference,
    same_architecture,
)
from tests import synthetic
from tests.graphs import VARIANTS, anatomy_of, graph_of, rename, with_layer, without_layers
from tests.synthetic import Specification, Stage

REPEATS = {"b0": 1, "b1": 2, "b2": 2, "b3": 3, "b4": 4, "b5": 5, "b6": 6, "b7": 7}
"""Equal numbers for equal rows of repeats, as the article states them: B2 is B1 with other channels."""

Change = Callable[[LayerGraph], LayerGraph]


def comparable_of(target: str) -> ComparableNetwork:
    return comparable(anatomy_of(target))


def altered(name: str, **attributes: Any) -> Change:
    """Other attributes of one layer."""
    return lambda graph: with_layer(graph, name, **attributes)


def without(*names: str) -> Change:
    """Some layers less."""
    return lambda graph: without_layers(graph, names)


def compared(target: str, change: Change) -> Difference:
    graph = graph_of(target)
    assert any(layer for layer in change(graph) if layer not in graph.layers), "the change changes nothing"
    return difference(comparable_of(target), comparable(dissect(change(graph))))


@pytest.mark.parametrize(("first", "second"), [*combinations_with_replacement(VARIANTS, 2)])
def test_every_pair_of_the_family(first: str, second: str) -> None:
    found = difference(comparable_of(first), comparable_of(second))
    alike = REPEATS[first] == REPEATS[second]
    expected = "same network" if first == second else "same graph" if alike else "same blocks"
    assert found.level == expected
    assert found.first_difference is None
    assert ("repeats" in found.differ) is not alike
    assert ("resolution" in found.differ) is (first != second)
    assert found.differ == difference(comparable_of(second), comparable_of(first)).differ


@pytest.mark.parametrize(
    ("second", "differ"),
    [("b0@512", ("resolution",)), ("b0@225", ("resolution",)), ("b1", ("repeats", "resolution", "rates"))],
)
def test_what_varies_from_b0(second: str, differ: tuple[str, ...]) -> None:
    assert difference(comparable_of("b0"), comparable_of(second)).differ == differ


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (altered("block4b_drop", rate=0.5), ("rates",)),
        (altered("block4b_bn", epsilon=0.5), ("constants",)),
        (altered("block4a_dwconv_pad", margins=((1, 1), (1, 1))), ("margins",)),
        (altered("normalization", scale=(2.0, 1.0, 1.0)), ("constants",)),
        (altered("rescaling", offset=(0.5,)), ("constants",)),
        (altered("block4b_se_reduce", filters=99), ("channels",)),
        (altered("block4b_dwconv", groups=240), ("channels",)),
        (altered("predictions", filters=10), ("classes",)),
        (altered("block4b_se_reduce", output_shape=(2, 2, 20)), ("resolution",)),
    ],
)
def test_what_may_vary_in_the_same_graph(change: Change, differ: tuple[str, ...]) -> None:
    found = compared("b0", change)
    assert (found.level, found.differ) == ("same graph", differ)


@pytest.mark.parametrize("target", ["b0", "b3"])
@pytest.mark.parametrize(
    ("change", "sub_block", "module", "layer", "attribute", "values"),
    [
        (altered("block4b_dwconv", kernel=(5, 5)), "4b", 1, "block4b_dwconv", "kernel", ((3, 3), (5, 5))),
        (altered("block6a_dwconv", kernel=(7, 7)), "6a", 2, "block6a_dwconv", "kernel", ((5, 5), (7, 7))),
        (altered("block7a_dwconv", stride=(2, 2)), "7a", 2, "block7a_dwconv", "stride", ((1, 1), (2, 2))),
        (altered("block4c_dwconv", stride=(2, 2)), "4c", 1, "block4c_dwconv", "stride", ((1, 1), (2, 2))),
        (
            altered("block5c_expand_activation", activation="relu"),
            "5c",
            1,
            "block5c_expand_activation",
            "activation",
            ("silu", "relu"),
        ),
        (
            altered("block2b_se_expand", activation="hard_sigmoid"),
            "2b",
            3,
            "block2b_se_expand",
            "activation",
            ("sigmoid", "hard_sigmoid"),
        ),
        (altered("block3a_project_conv", use_bias=True), "3a", 4, "block3a_project_conv", "bias", (False, True)),
        (without("block3b_drop", "block3b_add"), "3b", 5, "block3b_drop", "residual connection", (True, False)),
        (without("block6c_drop"), "6c", 5, "block6c_drop", "operation", ("dropout", "add")),
        (
            altered("block4b_dwconv", shares_weights_with="block4c_dwconv"),
            "4b",
            1,
            "block4b_dwconv",
            "sharing of weights",
            (False, True),
        ),
        (altered("stem_conv", use_bias=True), None, None, "stem_conv", "bias", (False, True)),
        (
            altered("predictions", activation="linear"),
            None,
            None,
            "predictions",
            "activation",
            ("softmax", "linear"),
        ),
    ],
)
def test_one_change_is_found_at_its_place(
    target: str,
    change: Change,
    sub_block: str | None,
    module: int | None,
    layer: str,
    attribute: str,
    values: tuple[object, object],
) -> None:
    found = compared(target, change)
    assert found.level == "different"
    assert found.first_difference is not None
    place = found.first_difference.places[0]
    assert isinstance(place, Place)
    assert (place.sub_block, place.module, place.layer) == (sub_block, module, layer)
    assert (found.first_difference.attribute, found.first_difference.values) == (attribute, values)


def test_another_expansion_is_no_matter_of_channels() -> None:
    found = compared("b0", altered("block7a_expand_conv", filters=1153))
    place = Place("block 7", 7, "7a")
    assert found.first_difference == ((place, place), "expansion", (6.0, 1153 / 192))
    assert found.level == "different"


def test_a_change_is_found_in_a_model_with_other_repeats() -> None:
    changed = comparable(dissect(altered("block4b_dwconv", kernel=(5, 5))(graph_of("b3"))))
    first_difference = difference(comparable_of("b0"), changed).first_difference
    assert first_difference is not None
    assert first_difference.sentence("B0", "mine") == (
        "B0 and mine first differ in sub-block 4b, module 1 of B0 and sub-block 5a, module 2 of mine, "
        "at block4b_dwconv: kernel 3×3 against kernel 5×5."
    )


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (
            "b0",
            "v2-b0",
            "b0 and v2-b0 first differ in the stem: zero padding (stem_conv_pad) against convolution (stem_conv).",
        ),
        ("v2-s", "v2-m", "v2-s and v2-m first differ at sub-block 7a, which only v2-m has."),
        ("v2-m", "v2-s", "v2-m and v2-s first differ at sub-block 7a, which only v2-m has."),
    ],
)
def test_other_families(first: str, second: str, sentence: str) -> None:
    found = difference(comparable_of(first), comparable_of(second), ("stem", "blocks", "head"))
    assert found.first_difference is not None
    assert found.first_difference.sentence(first, second) == sentence


def test_an_openers_change_is_found_behind_other_repeats() -> None:
    changed = comparable(dissect(altered("block5a_dwconv", kernel=(7, 7))(graph_of("b3"))))
    first_difference = difference(comparable_of("b0"), changed).first_difference
    assert first_difference is not None
    assert first_difference.sentence("B0", "mine") == (
        "B0 and mine first differ in sub-block 5a, module 2, at block5a_dwconv: kernel 5×5 against kernel 7×7."
    )


def test_names_do_not_matter() -> None:
    graph = graph_of("b0")
    renamed = rename(graph, {layer.name: f"x{index}" for index, layer in enumerate(reversed(graph.layers))})
    assert difference(comparable_of("b0"), comparable(dissect(renamed))) == Difference("same network")


def with_tail(*layers: Layer) -> ComparableNetwork:
    """B0 with layers behind its classifier."""
    graph = graph_of("b0")
    return comparable(dissect(replace(graph, layers=(*graph.layers, *layers), outputs=(layers[-1].name,))))


def tail(operation: OperationName, *inputs: str, class_name: str = "X", name: str = "tail", **attributes: Any) -> Layer:
    return Layer(name, operation, class_name, inputs or ("predictions",), (1000,), **attributes)


@pytest.mark.parametrize(
    ("operation", "level"),
    [
        ("add", "same network"),
        ("multiply", "same network"),
        ("maximum", "same network"),
        ("average", "same network"),
        ("subtract", "different"),
        ("concatenate", "different"),
    ],
)
def test_the_order_of_inputs_matters_where_it_changes_the_result(operation: OperationName, level: str) -> None:
    inputs = ("predictions", "top_dropout")
    found = difference(with_tail(tail(operation, *inputs)), with_tail(tail(operation, *inputs[::-1])))
    assert found.level == level
    if found.first_difference:
        assert (found.first_difference.attribute, found.first_difference.values) == ("inputs", (inputs, inputs[::-1]))


@pytest.mark.parametrize("name", ["block4b_add", "block4b_se_excite"])
def test_the_order_of_inputs_does_not_matter_within_a_sub_block(name: str) -> None:
    swapped = altered(name, inputs=graph_of("b0")[name].inputs[::-1])
    assert compared("b0", swapped).level == "same network"


@pytest.mark.parametrize(
    ("mine", "theirs", "place", "values"),
    [
        (
            tail("opaque", class_name="Riddle"),
            tail("opaque", class_name="Enigma"),
            "the layers after the backbone, at tail",
            "class Riddle against class Enigma",
        ),
        (
            tail("add", "predictions", "top_dropout"),
            tail("add", "predictions", "avg_pool"),
            "the layers after the backbone, at tail",
            "inputs predictions and top_dropout against inputs predictions and avg_pool",
        ),
        (
            tail("activation", activation="relu"),
            tail("activation", name="other"),
            "the classifier",
            "activation relu (tail) against no activation (other)",
        ),
        (
            tail("resizing"),
            tail("rescaling"),
            "the layers after the backbone, at tail",
            "resizing against rescaling",
        ),
    ],
)
def test_what_differs_behind_the_backbone_is_said(mine: Layer, theirs: Layer, place: str, values: str) -> None:
    first_difference = difference(with_tail(mine), with_tail(theirs)).first_difference
    assert first_difference is not None
    assert first_difference.sentence("A", "B") == f"A and B first differ in {place}: {values}."


def bare(*stages: Stage) -> ComparableNetwork:
    """A network of these stages without residual connections: a block may begin like another's repetition."""
    graph = synthetic.lay_out(Specification(16, stages, 64, 64, 64))
    drops = [
        layer for layer in graph if layer.operation == "dropout" and graph.consumers(layer.name)[0].operation == "add"
    ]
    cut = {layer.name for drop in drops for layer in (drop, *graph.consumers(drop.name))}
    return comparable(dissect(without_layers(graph, cut)))


FIRST = Stage(3, 1, 1, 16, 1)


@pytest.mark.parametrize(
    ("mine", "theirs", "places", "attribute"),
    [
        pytest.param(
            (Stage(3, 2, 6, 24, 3), Stage(5, 1, 6, 40, 1)),
            (Stage(3, 2, 6, 24, 2), Stage(3, 1, 6, 32, 1)),
            ("2c", None),
            "presence",
            id="the next block begins like one more repetition",
        ),
        pytest.param(
            (Stage(3, 2, 6, 24, 3), Stage(5, 1, 6, 40, 1)),
            (Stage(3, 2, 6, 24, 2), Stage(7, 1, 6, 40, 1)),
            ("3a", "3a"),
            "kernel",
            id="the next blocks resemble each other as much",
        ),
        pytest.param(
            (Stage(3, 2, 6, 24, 3),),
            (Stage(3, 2, 6, 24, 2), Stage(5, 1, 6, 40, 1)),
            ("2c", "3a"),
            "kernel",
            id="only one has another block",
        ),
        pytest.param(
            (Stage(3, 2, 6, 24, 3), Stage(5, 1, 6, 40, 1)),
            (Stage(3, 2, 6, 24, 2), Stage(5, 1, 6, 40, 1)),
            None,
            "",
            id="a repetition more",
        ),
        pytest.param((Stage(3, 2, 6, 24, 3),), (Stage(3, 2, 6, 24, 2),), None, "", id="a repetition more at the end"),
    ],
)
def test_where_blocks_of_other_lengths_part(
    mine: tuple[Stage, ...], theirs: tuple[Stage, ...], places: tuple[str | None, str | None] | None, attribute: str
) -> None:
    networks = (bare(FIRST, *mine), bare(FIRST, *theirs))
    for pair, expected in ((networks, places), (networks[::-1], places and places[::-1])):
        found = difference(*pair, parts=("blocks",))
        if expected is None:
            assert (found.level, found.first_difference) == ("same blocks", None)
            continue
        assert found.level == "different"
        assert found.first_difference is not None
        assert tuple(place and place.sub_block for place in found.first_difference.places) == expected
        assert found.first_difference.attribute == attribute


def test_parts_may_be_left_out() -> None:
    graph = graph_of("b0")
    cut = replace(graph, layers=graph.layers[:-3], outputs=("top_activation",))
    found = difference(comparable_of("b0"), comparable(dissect(cut)))
    assert found.first_difference is not None
    assert found.level == "different"
    assert found.first_difference.places == (Place("classifier"), None)
    assert (
        found.first_difference.sentence("B0", "mine")
        == "B0 and mine first differ at the classifier, which only B0 has."
    )
    inner = difference(comparable_of("b0"), comparable(dissect(cut)), parts=("stem", "blocks"))
    assert inner == Difference("same network")


def test_an_output_of_its_own() -> None:
    graph = graph_of("b0")
    tapped = replace(graph, outputs=("block4a_project_bn", *graph.outputs))
    first_difference = difference(comparable_of("b0"), comparable(dissect(tapped))).first_difference
    assert first_difference is not None
    assert first_difference.sentence("B0", "mine") == (
        "B0 and mine first differ in sub-block 4a, module 4, at block4a_project_bn: "
        "without an output of its own against with an output of its own."
    )


def test_a_layer_only_one_network_has() -> None:
    graph = graph_of("b0")
    extra = Layer("extra", "activation", "Activation", ("predictions",), (1000,), activation="relu")
    longer = replace(graph, layers=(*graph.layers, extra), outputs=("extra",))
    found = difference(comparable_of("b0"), comparable(dissect(longer)))
    assert found.level == "different"


def test_parameters_of_unknown_layers_are_told_apart() -> None:
    graph = graph_of("b0")

    def with_riddle(parameters: int) -> ComparableNetwork:
        riddle = Layer("riddle", "opaque", "Riddle", ("predictions",), (1000,), parameters, parameters)
        return comparable(dissect(replace(graph, layers=(*graph.layers, riddle), outputs=("riddle",))))

    assert difference(with_riddle(5), with_riddle(5)).level == "same network"
    assert difference(with_riddle(5), with_riddle(77)) == Difference("same graph", ("unknown",))


@pytest.mark.parametrize(
    ("place", "area"),
    [
        (Place("after"), "the layers after the backbone"),
        (Place("other_branches"), "other branches"),
        (Place("stem"), "the stem"),
        (Place("block 4", 4, "4b", 1), "sub-block 4b, module 1"),
    ],
)
def test_places_are_said_in_words(place: Place, area: str) -> None:
    assert place.area == area


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (without("rescaling", "normalization"), True),
        (without("stem_conv_pad", "block4b_bn"), True),
        (altered("block4b_dwconv", kernel=(5, 5)), False),
        (altered("block4b_se_reduce", filters=99), False),
        (altered("block5c_expand_activation", activation="relu"), False),
        (without("block3b_drop", "block3b_add"), False),
        (altered("stem_conv", filters=40), False),
        (altered("stem_activation", activation="relu"), False),
        (altered("top_conv", filters=1408), False),
        (altered("top_activation", activation="relu"), False),
        (altered("predictions", activation="linear"), True),
    ],
)
def test_one_architecture_may_be_written_in_other_layers(change: Change, same: bool) -> None:
    assert same_architecture(comparable_of("b0"), comparable(dissect(change(graph_of("b0"))))) is same


def test_a_network_without_any_residual_connection_is_another_architecture() -> None:
    graph = graph_of("b0")
    residual = {layer.name for layer in graph if layer.name.endswith(("_drop", "_add"))}
    anatomy = dissect(without_layers(graph, residual))
    assert [len(block.sub_blocks) for block in anatomy.blocks] == [1, 2, 2, 3, 3, 4, 1]
    assert not same_architecture(comparable_of("b0"), comparable(anatomy))


def test_a_network_without_its_final_layers_is_another_architecture() -> None:
    graph = graph_of("b0")
    cut = replace(graph, layers=graph.layers[:-6], outputs=("block7a_project_bn",))
    assert dissect(cut).head is None
    assert not same_architecture(comparable_of("b0"), comparable(dissect(cut)))


def test_other_variants_are_other_architectures() -> None:
    assert not same_architecture(comparable_of("b0"), comparable_of("b1"))
    assert not same_architecture(comparable_of("b1"), comparable_of("b2"))
