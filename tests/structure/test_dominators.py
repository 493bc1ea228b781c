"""Dominators, against their definition: what is on every path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.dominators import Dominators

Wiring = list[list[int]]


def laid_out(wiring: Wiring) -> LayerGraph:
    """A graph whose layer n + 1 takes those layers before it that `wiring[n]` names."""
    layers = [Layer("0", "input", "InputLayer")]
    for number, sources in enumerate(wiring, start=1):
        inputs = tuple(str(source % number) for source in sources)
        layers.append(Layer(str(number), "add" if len(inputs) > 1 else "activation", "X", inputs))
    return LayerGraph("graph", tuple(layers))


def reachable(graph: LayerGraph, without: str | None = None) -> set[str]:
    """What the image reaches, on paths that avoid a layer."""
    found: set[str] = set()
    for layer in graph:
        if layer.name != without and (layer.name == "0" or any(name in found for name in layer.inputs)):
            found.add(layer.name)
    return found


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=3), min_size=1, max_size=14))
def test_a_dominator_is_on_every_path(wiring: Wiring) -> None:
    graph = laid_out(wiring)
    dominators = Dominators(graph, graph.layers[0])
    for layer in graph:
        expected = {name for name in reachable(graph) if layer.name not in reachable(graph, name)}
        assert set(dominators.chain(layer.name)) == expected | {layer.name}


RESIDUAL = laid_out([[0], [1], [2], [3, 1], [4]])
"""0, 1, a residual connection around 2 and 3 that 4 closes, 5."""


@pytest.mark.parametrize(
    ("last", "steps"),
    [
        ("1", [("0", "1", 1)]),
        ("4", [("0", "1", 1), ("1", "4", 3)]),
        ("5", [("0", "1", 1), ("1", "4", 3), ("4", "5", 1)]),
    ],
)
def test_steps(last: str, steps: list[tuple[str, str, int]]) -> None:
    found = Dominators(RESIDUAL, RESIDUAL.layers[0]).steps("0", last)
    assert [(step.entry.name, step.exit.name, len(step.layers)) for step in found] == steps
    assert [step.is_single for step in found] == [count == 1 for *_, count in steps]


def test_a_web_that_is_too_large_is_no_step() -> None:
    dominators = Dominators(RESIDUAL, RESIDUAL.layers[0])
    assert dominators.between("1", "4", largest=2) is None


def test_computed_weights_are_no_data() -> None:
    image = Layer("0", "input", "InputLayer")
    weights = Layer("weights", "dense", "Dense", ("0",))
    convolution = Layer("convolution", "convolution", "Conv", ("0", "weights"), kernel=(1, 1))
    dominators = Dominators(LayerGraph("graph", (image, weights, convolution)), image)
    (step,) = dominators.steps("0", "convolution")
    assert step.is_single


def test_almost_linear_in_layers() -> None:
    """Two rows of eight thousand layers, and sums of those side by side: only the image is before both."""
    rows = [[[max(3 * at - 2, 0)], [max(3 * at - 1, 0)], [3 * at + 1, 3 * at + 2]] for at in range(8_000)]
    graph = laid_out([sources for row in rows for sources in row])
    dominators = Dominators(graph, graph.layers[0])
    assert dominators.chain("24000") == ["0", "24000"]
    assert len(dominators.chain("23999")) == 8_001
