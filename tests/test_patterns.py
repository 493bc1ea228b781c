"""Patterns on small graphs, where every way can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.patterns import Branch, Join, Match, NotFollowedBy, Pattern, Step


def is_a(operation: str) -> Callable[[Layer], bool]:
    return lambda layer: layer.operation == operation


A, B, C = (Step(is_a(name)) for name in "abc")


def chain(operations: str) -> LayerGraph:
    """`in` and then one layer an operation, each named by its operation and position."""
    rows = [Layer("in", "input", "Input")]
    for position, operation in enumerate(operations):
        rows.append(Layer(f"{operation}{position}", operation, operation, (rows[-1].name,)))
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
        Layer("side", "a", "A", ("in",)),
        Layer("gate", "b", "B", ("in", "side")),
        Layer("after", "c", "C", ("gate",)),
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
    elsewhere = (*rows[:2], Layer("other", "a", "A", ("in",)), Layer("gate", "b", "B", ("other", "side")))
    assert not pattern.match(LayerGraph("elsewhere", elsewhere), Match("in", "in"))


def test_a_join_closes_on_the_entry_of_the_whole_match() -> None:
    rows = (
        Layer("in", "input", "Input"),
        Layer("a0", "a", "A", ("in",)),
        Layer("b1", "b", "B", ("a0",)),
        Layer("sum", "c", "C", ("in", "b1")),
    )
    residual = A + B + Join(is_a("c"))
    assert ways(residual, LayerGraph("residual", rows)) == ["a0 b1 sum"]
    inner = (*rows[:3], Layer("sum", "c", "C", ("a0", "b1")))
    assert ways(residual, LayerGraph("inner", inner)) == []


def test_a_step_takes_no_layer_with_a_second_input() -> None:
    rows = (Layer("in", "input", "Input"), Layer("x", "a", "A", ("in",)), Layer("y", "a", "A", ("in", "x")))
    assert ways(A, LayerGraph("two", rows)) == ["x"]


def test_the_inner_role_is_the_one_that_stays() -> None:
    (match,) = (A.named("inner") + B).named("outer").match(chain("ab"), Match("in", "in"))
    assert [role for role, _ in match.taken] == ["inner", "outer"]
