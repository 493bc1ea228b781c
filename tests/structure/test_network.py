"""A graph with all that is found in it: its names, its stages, its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.catalog.targets import FileTarget, PythonTarget, Target
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network, stage_numbers
from tests.family import FAMILY
from tests.graphs import graph_of, network_of, variant_target


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
