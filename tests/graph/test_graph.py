"""Layers and edges: what makes a graph, and what does not."""

from __future__ import annotations

import itertools

import pytest

from effnet_inspect.errors import GraphError
from effnet_inspect.graph import Layer, LayerGraph
from tests.family import FAMILY
from tests.graphs import graph_of


def layer(name: str, *inputs: str) -> Layer:
    return Layer(name, "identity", "Identity", inputs)


DIAMOND = (layer("a"), layer("b", "a"), layer("c", "a"), layer("d", "b", "c"))


def test_the_order_depends_on_the_edges_alone() -> None:
    orders = {tuple(each.name for each in LayerGraph("diamond", layers)) for layers in itertools.permutations(DIAMOND)}
    assert orders == {("a", "b", "c", "d")}


@pytest.mark.parametrize(
    ("layers", "outputs", "sentence"),
    [
        ((), (), "the model 'x' has no layers"),
        ((layer("a"), layer("a")), (), "the layer name 'a' is used more than once"),
        ((layer("a", "b"),), (), "layer 'a' takes its input from 'b', which is not a layer"),
        ((layer("a", "a"),), (), "layer 'a' is part of a cycle"),
        ((layer("a", "b"), layer("b", "a")), (), "is part of a cycle"),
        ((layer("s"), layer("a", "b", "s"), layer("b", "a"), layer("t", "s")), ("t",), "is part of a cycle"),
        ((layer("a"),), ("z",), "the output 'z' is not a layer"),
    ],
)
def test_what_is_no_graph(layers: tuple[Layer, ...], outputs: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(GraphError, match=sentence):
        LayerGraph("x", layers, outputs)


def test_looking_around() -> None:
    graph = LayerGraph("diamond", DIAMOND)
    assert len(graph) == 4
    assert "a" in graph
    assert "z" not in graph
    assert graph.outputs == ("d",)
    assert [each.name for each in graph.consumers("a")] == ["b", "c"]
    assert [each.name for each in graph.producers(graph["d"])] == ["b", "c"]
    assert graph.ancestors(["d"]) == {"a", "b", "c"}
    assert graph.descendants(["a"]) == {"b", "c", "d"}
    assert graph.descendants(["b", "c"]) == {"d"}
    with pytest.raises(GraphError, match="'diamond' has no layer 'z'"):
        graph["z"]


def test_the_same_input_taken_twice_is_one_consumer() -> None:
    graph = LayerGraph("square", (layer("a"), layer("b", "a", "a")))
    assert [each.name for each in graph.consumers("a")] == ["b"]


def test_layers_that_no_output_needs_come_last() -> None:
    graph = LayerGraph("spare", (layer("spare", "a"), layer("a"), layer("b", "a")), ("b",))
    assert [each.name for each in graph] == ["a", "b", "spare"]


def test_equal_where_the_layers_are() -> None:
    assert LayerGraph("diamond", DIAMOND) == LayerGraph("diamond", DIAMOND[::-1])
    assert LayerGraph("diamond", DIAMOND) != LayerGraph("diamond", DIAMOND[:3])


def test_deeper_than_the_recursion_limit() -> None:
    depth = 50_000
    rows = [layer("0"), *(layer(str(number), str(number - 1)) for number in range(1, depth))]
    graph = LayerGraph("deep", tuple(reversed(rows)))
    assert graph.layers[-1].name == str(depth - 1)
    assert len(graph.ancestors([str(depth - 1)])) == depth - 1


@pytest.mark.parametrize("variant", FAMILY)
def test_every_layer_comes_after_its_inputs(variant: str) -> None:
    seen: set[str] = set()
    for each in graph_of(variant):
        assert seen.issuperset(each.inputs)
        seen.add(each.name)
