from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import pytest

from effnet_inspect.anatomy import dissect
from effnet_inspect.difference import Difference, Outline, Place, difference, outline, same_architecture
from effnet_inspect.graph import Layer, LayerGraph
from tests.conftest import VARIANTS, anatomy_of, graph_of, rename

REPEATS = {"b0": 1, "b1": 2, "b2": 2, "b3": 3, "b4": 4, "b5": 5, "b6": 6, "b7": 7}
"""Equal numbers for equal rows of repeats, as the article states them: B2 is B1 with other channels."""

Change = Callable[[LayerGraph], LayerGraph]


def outline_of(target: str) -> Outline:
    return outline(anatomy_of(target))


def with_layer(name: str, **attributes: Any) -> Change:
    """The graph with other attributes of one layer."""

    def change(graph: LayerGraph) -> LayerGraph:
        return replace(
            graph,
            layers=tuple(replace(layer, **attributes) if layer.name == name else layer for layer in graph),
        )

    return change


def without(*names: str) -> Change:
    """The graph without some layers; who took their output takes their first input."""

    def change(graph: LayerGraph) -> LayerGraph:
        source = {name: graph[name].inputs[0] for name in names}

        def rewired(name: str) -> str:
            while name in source:
                name = source[name]
            return name

        kept = [layer for layer in graph if layer.name not in source]
        return replace(
            graph,
            layers=tuple(replace(layer, inputs=tuple(map(rewired, layer.inputs))) for layer in kept),
            outputs=tuple(map(rewired, graph.outputs)),
        )

    return change


def compared(target: str, change: Change) -> Difference:
    graph = graph_of(target)
    assert any(layer for layer in change(graph) if layer not in graph.layers), "the change changes nothing"
    return difference(outline_of(target), outline(dissect(change(graph))))


@pytest.mark.parametrize(("first", "second"), [*combinations_with_replacement(VARIANTS, 2)])
def test_every_pair_of_the_family(first: str, second: str) -> None:
    found = difference(outline_of(first), outline_of(second))
    alike = REPEATS[first] == REPEATS[second]
    expected = "same network" if first == second else "same graph" if alike else "same blocks"
    assert found.level == expected
    assert found.parting is None
    assert ("repeats" in found.differ) is not alike
    assert ("resolution" in found.differ) is (first != second)
    assert found.differ == difference(outline_of(second), outline_of(first)).differ


@pytest.mark.parametrize(
    ("second", "differ"),
    [("b0@512", ("resolution",)), ("b0@225", ("resolution",)), ("b1", ("repeats", "resolution", "rates"))],
)
def test_what_varies_from_b0(second: str, differ: tuple[str, ...]) -> None:
    assert difference(outline_of("b0"), outline_of(second)).differ == differ


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (with_layer("block4b_drop", rate=0.5), ("rates",)),
        (with_layer("block4b_bn", epsilon=0.5), ("constants",)),
        (with_layer("block4a_dwconv_pad", margins=((1, 1), (1, 1))), ("margins",)),
        (with_layer("block4b_se_reduce", filters=99), ("channels",)),
        (with_layer("block4b_se_reduce", output_shape=(2, 2, 20)), ("resolution",)),
    ],
)
def test_what_may_vary_in_the_same_graph(change: Change, differ: tuple[str, ...]) -> None:
    found = compared("b0", change)
    assert (found.level, found.differ) == ("same graph", differ)


@pytest.mark.parametrize("target", ["b0", "b3"])
@pytest.mark.parametrize(
    ("change", "sub_block", "module", "layer", "trait", "values"),
    [
        (with_layer("block4b_dwconv", kernel=(5, 5)), "4b", 1, "block4b_dwconv", "kernel", ((3, 3), (5, 5))),
        (with_layer("block6a_dwconv", kernel=(7, 7)), "6a", 2, "block6a_dwconv", "kernel", ((5, 5), (7, 7))),
        (with_layer("block7a_dwconv", stride=(2, 2)), "7a", 2, "block7a_dwconv", "stride", ((1, 1), (2, 2))),
        (with_layer("block4c_dwconv", stride=(2, 2)), "4c", 1, "block4c_dwconv", "stride", ((1, 1), (2, 2))),
        (
            with_layer("block5c_expand_activation", activation="relu"),
            "5c",
            1,
            "block5c_expand_activation",
            "activation",
            ("silu", "relu"),
        ),
        (
            with_layer("block2b_se_expand", activation="hard_sigmoid"),
            "2b",
            3,
            "block2b_se_expand",
            "activation",
            ("sigmoid", "hard_sigmoid"),
        ),
        (with_layer("block3a_project_conv", use_bias=True), "3a", 4, "block3a_project_conv", "bias", (False, True)),
        (without("block3b_drop", "block3b_add"), "3b", 5, "block3b_drop", "residual connection", (True, False)),
        (without("block6c_drop"), "6c", 5, "block6c_drop", "operation", ("dropout", "add")),
        (with_layer("stem_conv", use_bias=True), None, None, "stem_conv", "bias", (False, True)),
        (
            with_layer("predictions", activation="linear"),
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
    trait: str,
    values: tuple[object, object],
) -> None:
    found = compared(target, change)
    assert found.level == "different"
    assert found.parting is not None
    place = found.parting.places[0]
    assert isinstance(place, Place)
    assert (place.sub_block, place.module, place.layer) == (sub_block, module, layer)
    assert (found.parting.trait, found.parting.values) == (trait, values)


def test_a_change_is_found_in_a_model_with_other_repeats() -> None:
    changed = outline(dissect(with_layer("block4b_dwconv", kernel=(5, 5))(graph_of("b3"))))
    parting = difference(outline_of("b0"), changed).parting
    assert parting is not None
    assert parting.sentence("B0", "mine") == (
        "B0 and mine part first in sub-block 4b, module 1 of B0 and sub-block 5a, module 2 of mine, "
        "at block4b_dwconv: kernel 3×3 against kernel 5×5."
    )


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (
            "b0",
            "v2-b0",
            "b0 and v2-b0 part first in the stem: zero padding (stem_conv_pad) against convolution (stem_conv).",
        ),
        ("v2-s", "v2-m", "v2-s and v2-m part first where v2-m has sub-block 7a and v2-s nothing."),
        ("v2-m", "v2-s", "v2-m and v2-s part first where v2-m has sub-block 7a and v2-s nothing."),
    ],
)
def test_other_families(first: str, second: str, sentence: str) -> None:
    found = difference(outline_of(first), outline_of(second), ("stem", "blocks", "head"))
    assert found.parting is not None
    assert found.parting.sentence(first, second) == sentence


def test_an_openers_change_is_found_behind_other_repeats() -> None:
    changed = outline(dissect(with_layer("block5a_dwconv", kernel=(7, 7))(graph_of("b3"))))
    parting = difference(outline_of("b0"), changed).parting
    assert parting is not None
    assert parting.sentence("B0", "mine") == (
        "B0 and mine part first in sub-block 5a, module 2, at block5a_dwconv: kernel 5×5 against kernel 7×7."
    )


def test_names_do_not_matter() -> None:
    graph = graph_of("b0")
    renamed = rename(graph, {layer.name: f"x{index}" for index, layer in enumerate(reversed(graph.layers))})
    assert difference(outline_of("b0"), outline(dissect(renamed))) == Difference("same network")


def test_the_order_of_an_additions_inputs_does_not_matter() -> None:
    graph = graph_of("b0")
    swapped = with_layer("block4b_add", inputs=graph["block4b_add"].inputs[::-1])
    assert compared("b0", swapped).level == "same network"


def test_parts_may_be_left_out() -> None:
    graph = graph_of("b0")
    cut = replace(graph, layers=graph.layers[:-3], outputs=("top_activation",))
    found = difference(outline_of("b0"), outline(dissect(cut)))
    assert found.parting is not None
    assert found.level == "different"
    assert found.parting.places == (Place("classifier"), None)
    assert (
        found.parting.sentence("B0", "mine") == "B0 and mine part first where B0 has the classifier and mine nothing."
    )
    inner = difference(outline_of("b0"), outline(dissect(cut)), parts=("stem", "blocks"))
    assert inner == Difference("same network")


def test_an_output_of_its_own() -> None:
    graph = graph_of("b0")
    tapped = replace(graph, outputs=("block4a_project_bn", *graph.outputs))
    parting = difference(outline_of("b0"), outline(dissect(tapped))).parting
    assert parting is not None
    assert parting.sentence("B0", "mine") == (
        "B0 and mine part first in sub-block 4a, module 4, at block4a_project_bn: "
        "without an output of its own against with an output of its own."
    )


def test_a_layer_only_one_network_has() -> None:
    graph = graph_of("b0")
    extra = Layer("extra", "activation", "Activation", ("predictions",), (1000,), activation="relu")
    longer = replace(graph, layers=(*graph.layers, extra), outputs=("extra",))
    found = difference(outline_of("b0"), outline(dissect(longer)))
    assert found.level == "different"


def test_parameters_of_unknown_layers_are_told_apart() -> None:
    graph = graph_of("b0")

    def with_riddle(parameters: int) -> Outline:
        riddle = Layer("riddle", "opaque", "Riddle", ("predictions",), (1000,), parameters, parameters)
        return outline(dissect(replace(graph, layers=(*graph.layers, riddle), outputs=("riddle",))))

    assert difference(with_riddle(5), with_riddle(5)).level == "same network"
    assert difference(with_riddle(5), with_riddle(77)) == Difference("same graph", ("unknown",))


@pytest.mark.parametrize(
    ("place", "area"),
    [
        (Place("after"), "layers after it"),
        (Place("beside"), "layers beside it"),
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
        (with_layer("block4b_dwconv", kernel=(5, 5)), False),
        (with_layer("stem_conv", filters=40), False),
    ],
)
def test_one_architecture_may_be_written_in_other_layers(change: Change, same: bool) -> None:
    assert same_architecture(outline_of("b0"), outline(dissect(change(graph_of("b0"))))) is same


def test_other_variants_are_other_architectures() -> None:
    assert not same_architecture(outline_of("b0"), outline_of("b1"))
    assert not same_architecture(outline_of("b1"), outline_of("b2"))
