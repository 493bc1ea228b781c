"""Patterns on small graphs, where every way can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.graph.patterns import Branch, Join, Match, NotFollowedBy, Pattern, Step

OPERATIONS: dict[str, OperationName] = {"a": "activation", "b": "dropout", "c": "identity", "d": "flatten"}
"""What the letters of the graphs below stand for."""


def is_a(letter: str) -> Callable[[Layer], bool]:
    return lambda layer: layer.operation == OPERATIONS[letter]


A, B, C = (Step(is_a(name)) for name in "abc")


def layer(name: str, letter: str, inputs: tuple[str, ...]) -> Layer:
    return Layer(name, OPERATIONS[letter], letter, inputs)


def chain(operations: str) -> LayerGraph:
    """`in` and then one layer an operation, each named by its operation and position."""
    rows = [Layer("in", "input", "Input")]
    for position, operation in enumerate(operations):
        rows.append(layer(f"{operation}{position}", operation, (rows[-1].name,)))
    return LayerGraph(operations, tuple(rows))


def ways(pattern: Pattern, graph: LayerGraph) -> list[str]:
    return [" ".join(layer.name for layer in way.layers()) for way in pattern.match(graph, Match("in", "in"))]


@pytest.mark.parametrize(
    ("pattern", "operations", "expected"),
    [
        (A, "a", ["a0"]),
        (A, "b", []),
        (A + B, "ab", ["a0 b1"]),
        (A + B, "ac", []),
        (A | B, "b", ["b0"]),
        (A | B | C, "c", ["c0"]),
        (A.optional() + B, "ab", ["a0 b1"]),
        (A.optional() + B, "b", ["b0"]),
        (A + B.optional(), "ab", ["a0 b1", "a0"]),
        (A + B.optional() + C.optional(), "abc", ["a0 b1 c2", "a0 b1", "a0"]),
        (A + NotFollowedBy(B), "ab", []),
        (A + NotFollowedBy(B), "ac", ["a0"]),
        (A + NotFollowedBy(B) + C, "ac", ["a0 c1"]),
        ((A + B) | (A + C), "ac", ["a0 c1"]),
        (A + (B + C).optional(), "abd", ["a0"]),
    ],
)
def test_ways_along_a_chain(pattern: Pattern, operations: str, expected: list[str]) -> None:
    graph = chain(operations)
    assert ways(pattern, graph) == expected
    found = pattern.first(graph, "in")
    assert (found is None) is (not expected)
    if found:
        assert " ".join(layer.name for layer in found.layers()) == expected[0]


def test_a_branch_comes_back_to_where_it_left() -> None:
    rows = (
        Layer("in", "input", "Input"),
        layer("side", "a", ("in",)),
        layer("gate", "b", ("in", "side")),
        layer("after", "c", ("gate",)),
    )
    pattern = Branch(A.named("side"), Join(is_a("b")).named("gate")) + C.named("after")
    (match,) = pattern.match(LayerGraph("gated", rows), Match("in", "in"))
    assert match.cursor == "after"
    assert [(role, layer.name) for role, layer in match.taken] == [
        ("side", "side"),
        ("gate", "gate"),
        ("after", "after"),
    ]
    assert [layer.name for layer in match.layers("gate", "side")] == ["side", "gate"]
    elsewhere = (
        *rows[:2],
        layer("other", "a", ("in",)),
        layer("gate", "b", ("other", "side")),
    )
    assert not pattern.match(LayerGraph("elsewhere", elsewhere), Match("in", "in"))


def test_a_join_closes_on_the_entry_of_the_whole_match() -> None:
    rows = (
        Layer("in", "input", "Input"),
        layer("a0", "a", ("in",)),
        layer("b1", "b", ("a0",)),
        layer("sum", "c", ("in", "b1")),
    )
    residual = A + B + Join(is_a("c"))
    assert ways(residual, LayerGraph("residual", rows)) == ["a0 b1 sum"]
    inner = (*rows[:3], layer("sum", "c", ("a0", "b1")))
    assert ways(residual, LayerGraph("inner", inner)) == []


def test_a_step_takes_no_layer_with_a_second_input() -> None:
    rows = (
        Layer("in", "input", "Input"),
        layer("x", "a", ("in",)),
        layer("y", "a", ("in", "x")),
    )
    assert ways(A, LayerGraph("two", rows)) == ["x"]


def test_the_inner_role_is_the_one_that_stays() -> None:
    (match,) = (A.named("inner") + B).named("outer").match(chain("ab"), Match("in", "in"))
    assert [role for role, _ in match.taken] == ["inner", "outer"]
