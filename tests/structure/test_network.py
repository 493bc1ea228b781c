"""A graph with all that is found in it: its names, its stages, its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.catalog.targets import FileTarget, PythonTarget, Target
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.anatomy import StageKey
from effnet_inspect.structure.facts import Place
from effnet_inspect.structure.network import Network, changes_between, stage_numbers
from tests.family import FAMILY
from tests.graphs import extractor, graph_of, network_of, variant_target, with_layer, without_stem
from tests.structure.test_anatomy import two_backbones


@pytest.mark.parametrize("key", FAMILY)
def test_numbers_of_the_family(key: str) -> None:
    member, network = FAMILY[key], network_of(key)
    assert network.repeats == member.repeats
    assert network.channels == (member.stem, *member.channels, member.head)
    assert network.resolution == member.resolution
    assert (network.totals["layers"], network.layers_without_classifier) == member.layers
    assert network.backbone_stages == network.anatomy.stages[:-1]
    assert network.identity.variant is network.variant


NAMES: list[tuple[Target | None, tuple[str, str, str], str | None, float | None]] = [
    (variant_target("b3"), ("b3", "mine", "B3"), "b3", 81.6),
    (variant_target("b3@512"), ("b3@512", "mine", "B3@512"), "b3", None),
    (variant_target("b3@300x301"), ("b3@300x301", "mine", "B3@300x301"), "b3", None),
    (variant_target("v2-s"), ("v2-s", "mine", "V2-S"), "v2-s", 83.9),
    (variant_target("w1.2-d1.4@300"), ("w1.2-d1.4@300", "mine", "w1.2-d1.4@300"), "w1.2-d1.4", None),
    (FileTarget("there/b3.keras"), ("there/b3.keras", "mine", "b3.keras"), None, None),
    (FileTarget("b3"), ("b3", "mine", "b3"), None, None),
    (FileTarget("saved/"), ("saved/", "mine", "saved"), None, None),
    (PythonTarget("mine", "b3"), ("mine:b3", "mine", "mine:b3"), None, None),
    (None, ("mine", "mine", "mine"), None, None),
]


@pytest.mark.parametrize(("target", "names", "variant", "top1"), NAMES, ids=[str(row[1][0]) for row in NAMES])
def test_names_and_what_is_published(
    target: Target | None, names: tuple[str, str, str], variant: str | None, top1: float | None
) -> None:
    network = Network(replace(graph_of("b0"), name="mine", target=target))
    assert (network.key, network.name, network.title) == names
    assert (network.variant and network.variant.key) == variant
    accuracy = network.published_accuracy
    assert (accuracy and accuracy.top1) == top1


def test_every_stage_by_its_key_with_its_sums() -> None:
    network = network_of("b0")
    blocks = [("block", number) for number in range(1, 8)]
    assert list(network.stages) == [("stem", 0), *blocks, ("head", 0), ("classifier", 0)]
    for key, stage in network.stages.items():
        assert stage.key == key
        assert network.totals_of(stage)["macs"] == network.measures.totals(stage.layers)["macs"]


HEADLESS = ("block7a_project_bn",)


def cut() -> Network:
    graph = graph_of("b0")
    kept = graph.ancestors(HEADLESS) | set(HEADLESS)
    return Network(LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept)))


def with_surroundings() -> Network:
    graph = graph_of("b0")
    more = (
        Layer("lonely_input", "input", "InputLayer"),
        Layer("lonely", "activation", "ReLU", ("lonely_input",)),
        Layer("side", "identity", "Identity", ("block3a_project_bn",)),
    )
    return Network(LayerGraph("more", (*graph.layers, *more)))


def test_stages_are_numbered_as_in_the_papers() -> None:
    def numbers(*networks: Network) -> dict[str, Any]:
        return {key[0] + str(key[1] or ""): number for number, key in stage_numbers(networks)}

    of_b0 = {"stem": 1, **{f"block{number}": number + 1 for number in range(1, 8)}, "head": 9, "classifier": None}
    assert numbers(network_of("b0")) == of_b0
    assert list(numbers(network_of("b0"))) == list(of_b0)
    of_v2 = {"stem": 1, **{f"block{number}": number + 1 for number in range(1, 7)}, "head": 8, "classifier": None}
    assert numbers(network_of("v2-b0")) == of_v2
    assert numbers(network_of("v2-b0"), network_of("b0")) == of_b0
    assert numbers(cut()) == {"stem": 1, **{f"block{number}": number + 1 for number in range(1, 8)}}
    of_blocks = {f"block{number}": number + 1 for number in range(1, 8)}
    assert numbers(Network(without_stem())) == {"before": None, "stem": 1, **of_blocks, "head": 9, "classifier": None}
    assert numbers(with_surroundings()) == {**of_b0, "after": None, "other_branches": None}


def test_what_is_not_there() -> None:
    assert cut().layers_without_classifier == len(cut().graph)
    assert len(cut().backbone_stages) == 8
    plain = Network(LayerGraph("plain", (Layer("image", "input", "InputLayer", output_shape=(8, 8, 3)),)))
    assert (plain.name, plain.totals["layers"]) == ("plain", 1)
    assert (plain.anatomy.blocks, plain.anatomy.backbones, plain.repeats, plain.channels) == ((), 0, (), (3,))
    with pytest.raises(UsageError, match="there is no backbone 2"):
        Network(graph_of("b0"), backbone=2).anatomy  # noqa: B018  likewise


def test_what_is_found_is_found_once() -> None:
    network = Network(graph_of("b0"))
    for name in ("anatomy", "measures", "totals", "identity", "facts", "stages"):
        assert getattr(network, name) is getattr(network, name), name


OPEN = (None, None, 3)
SIZES: tuple[tuple[Target | None, tuple[int | None, ...], bool, bool, bool], ...] = (
    (variant_target("b0"), (224, 224, 3), False, False, False),
    (variant_target("b0"), (224, 224, 3), True, True, False),
    (FileTarget("mine.keras"), (224, 224, 3), False, False, False),
    (FileTarget("mine.keras"), (224, 224, 3), True, True, True),
    (FileTarget("mine.keras"), (224, None, 3), False, True, True),
    (FileTarget("mine.keras", (224, 224)), (224, 224, 3), False, True, False),
    (None, (224, 224, 3), False, False, False),
    (None, (224, 224, 3), True, True, True),
    (None, OPEN, False, True, True),
    (None, (224, 224), False, False, False),
)
"""Target, shape of the image, whether the source leaves sizes open; whether they are, and whether one is assumed."""


@pytest.mark.parametrize(("target", "shape", "is_told", "is_open", "is_assumed"), SIZES)
def test_which_sizes_are_open_and_which_are_assumed(
    target: Target | None, shape: tuple[int | None, ...], is_told: bool, is_open: bool, is_assumed: bool
) -> None:
    graph = replace(with_layer(graph_of("b0"), "input_layer", output_shape=shape), target=target)
    network = Network(graph, leaves_size_open=is_told)
    assert (network.leaves_size_open, network.is_size_assumed) == (is_open, is_assumed)


def test_a_size_that_is_assumed_is_no_size() -> None:
    sized, *others = (
        Network(replace(graph_of(target), target=None), leaves_size_open=is_open)
        for target, is_open in (("b0", False), ("b0", True), ("b0@512", True))
    )
    assert changes_between(*others) != []
    for other in others:
        (change,) = changes_between(sized, other)
        assert (change.attribute, change.first, change.second) == ("resolution", (224, 224), "any size")
        (change,) = changes_between(other, sized)
        assert (change.attribute, change.first, change.second) == ("resolution", "any size", (224, 224))


@pytest.mark.parametrize(
    ("vocabulary", "target", "framework"),
    [
        ("keras", None, "keras"),
        ("pytorch", FileTarget("mine.pt2"), "pytorch"),
        ("onnx", FileTarget("mine.onnx"), None),
        ("keras", variant_target("b0"), None),
        (None, None, None),
    ],
)
def test_the_framework_of_a_model_of_ones_own(vocabulary: Any, target: Target | None, framework: str | None) -> None:
    assert Network(replace(graph_of("b0"), vocabulary=vocabulary, target=target)).framework == framework


@pytest.mark.parametrize(
    ("target", "changed", "is_called"),
    [
        (variant_target("b0"), {}, True),
        (variant_target("b0@512"), {}, True),
        (variant_target("b1"), {}, False),
        (None, {}, False),
        (variant_target("b0"), {"kernel": (5, 5)}, False),
    ],
)
def test_whether_a_network_is_what_it_is_called(
    target: Target | None, changed: dict[str, Any], is_called: bool
) -> None:
    graph = with_layer(graph_of("b0"), "block4b_dwconv", **changed)
    assert Network(replace(graph, target=target)).is_what_it_is_called is is_called


@pytest.mark.parametrize(
    ("place", "first", "count"),
    [
        (Place("block 4", "4b"), "block4b_expand_conv", 15),
        (Place("stem"), "input_layer", 7),
        (Place("head"), "top_conv", 3),
        (Place("classifier"), "avg_pool", 3),
        (Place("block 4"), "block4a_expand_conv", 44),
        (Place("part", "4b"), "block4b_expand_conv", 15),
        (Place("after"), None, 0),
    ],
)
def test_the_layers_at_a_place(place: Place, first: str | None, count: int) -> None:
    layers = network_of("b0").layers_at(place)
    assert (layers[0].name if layers else None, len(layers)) == (first, count)


def test_a_part_of_a_sub_block_is_as_deep_as_it_stands() -> None:
    def keys(network: Network) -> list[StageKey]:
        return [stage.key for stage in network.stages_in_depth]

    assert keys(network_of("b0")) == [("stem", 0), *(("block", number) for number in range(1, 8)), ("head", 0)]
    part = Network(extractor("block4a_expand_activation"))
    assert keys(part) == [("stem", 0), ("block", 1), ("block", 2), ("block", 3), ("part", 0)]


def test_every_backbone_in_turn() -> None:
    assert network_of("b0").all_backbones == (network_of("b0"),)
    found = Network(two_backbones()).all_backbones
    assert [(each.backbone, each.is_backbone_chosen, each.repeats) for each in found] == [
        (1, True, FAMILY["b0"].repeats),
        (2, True, FAMILY["b1"].repeats),
    ]


def test_what_the_source_leaves_open_is_said_before_what_the_structure_does() -> None:
    graph = replace(graph_of("b0"), remarks=("Said by the source.",))
    first, second = Network(with_layer(graph, "top_activation", operation="opaque", class_name="Riddle")).remarks
    assert first == "Said by the source."
    assert second.startswith("Unknown layers: Riddle.")


def test_classes_that_are_unknown_are_told_once() -> None:
    graph = graph_of("b0")
    for name, kind in (("block4b_activation", "Riddle"), ("block5b_activation", "Enigma"), ("block6b_bn", "Riddle")):
        graph = with_layer(graph, name, operation="opaque", class_name=kind)
    assert network_of("b0").unknown_classes == ()
    assert Network(graph).unknown_classes == ("Riddle", "Enigma")


@pytest.mark.parametrize(
    ("precisions", "expected"),
    [
        ({}, ("float32",)),
        ({"predictions": "float16"}, ("float32", "float16")),
        ({"predictions": "mixed_float16", "top_conv": "mixed_bfloat16"}, ("float32",)),
        ({None: "int8", "predictions": None}, ("int8", "float32")),
    ],
)
def test_the_types_of_the_weights_are_told_the_commonest_first(
    precisions: dict[str | None, str | None], expected: tuple[str, ...]
) -> None:
    layers = (layer._replace(precision=precisions.get(layer.name, precisions.get(None))) for layer in graph_of("b0"))
    assert Network(replace(graph_of("b0"), layers=tuple(layers))).precisions == expected


def test_a_network_without_weights_is_of_the_usual_type() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3), parameters=0, precision="float16")
    assert Network(LayerGraph("plain", (image,))).precisions == ("float32",)


def test_channels_that_nothing_tells_are_unknown() -> None:
    graph = graph_of("b0")
    bare = replace(graph, layers=tuple(layer._replace(output_shape=None) for layer in graph))
    assert network_of("b0").channels == (32, 16, 24, 40, 80, 112, 192, 320, 1280)
    assert set(Network(bare).channels) == {None}
