"""What layers see of the input, against the gradients of small Keras models, position by position."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.reach import ITSELF, NOTHING, Reach, joined, reaches
from tests.structure.gradients import NUMBER, SIDES, case_of, recorded


@pytest.mark.parametrize("seed", range(NUMBER))
def test_what_is_seen_is_what_has_a_gradient(seed: int) -> None:
    graph, seen_along = recorded()[seed]
    (end,) = graph.outputs
    field = reaches(graph)[end]
    assert field is not None
    for axis, row in enumerate(seen_along):
        for position, seen in enumerate(row):
            told = field[axis].at(position)
            # Nearer to the edges some of what is told lies beyond them: in the input, or in a layer between.
            is_inside = len(row) // 3 <= position <= 2 * len(row) // 3
            if is_inside and told and told[0] >= 0 and told[1] < SIDES[axis]:
                assert told == seen, (axis, position)
            elif seen is not None:
                assert told is not None
                assert told[0] <= seen[0], (axis, position)
                assert seen[1] <= told[1], (axis, position)


@pytest.mark.parametrize("seed", range(0, NUMBER, 4))
def test_what_is_recorded_is_what_keras_gives(seed: int) -> None:
    found, kept = case_of(seed), recorded()[seed]
    assert found.seen == kept.seen
    shapes = [[(layer.operation, layer.output_shape) for layer in case.graph] for case in (found, kept)]
    assert shapes[0] == shapes[1]


def table(*rows: Layer) -> LayerGraph:
    """Layers behind an image of 8 rows and 12 columns."""
    return LayerGraph("table", (Layer("image", "input", "InputLayer", output_shape=(8, 12, 3)), *rows))


def plain(
    name: str, operation: OperationName, *inputs: str, shape: tuple[int, ...] | None = None, **more: Any
) -> Layer:
    return Layer(name, operation, "X", inputs, shape, **more)


CONV = plain("conv", "convolution", "image", shape=(8, 12, 4), kernel=(3, 3), stride=(1, 1), padding="same")
POOL = plain("pool", "global_average_pooling", "conv", shape=(4,))
GATE = plain("gate", "reshape", "pool", shape=(1, 1, 4))
UNKNOWN = plain("riddle", "opaque", "conv", shape=(8, 12, 4))
OPEN_POOL = plain("open", "global_average_pooling", "riddle", shape=(4,))
MIXED = plain("mixed", "other_convolution", "pool", shape=(4, 1))
SMALL = plain("small", "convolution", "image", shape=(4, 6, 4), kernel=(1, 1), stride=(2, 2), padding="same")


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ((CONV, POOL), (8, 12)),
        ((CONV, plain("flat", "flatten", "conv", shape=(384,))), (8, 12)),
        ((CONV, plain("flat", "reshape", "conv", shape=(384,))), (8, 12)),
        ((CONV, plain("rows", "reshape", "conv", shape=(96, 4))), None),
        ((CONV, plain("same", "reshape", "conv", shape=(8, 12, 4))), (3, 3)),
        ((CONV, POOL, plain("dense", "dense", "pool", shape=(5,))), (8, 12)),
        ((CONV, POOL, GATE), (8, 12)),
        ((CONV, POOL, GATE, plain("gated", "multiply", "conv", "gate", shape=(8, 12, 4))), (3, 3)),
        ((CONV, POOL, GATE, plain("context", "add", "conv", "gate", shape=(8, 12, 4))), (8, 12)),
        # Whatever is made of numbers that saw the whole map saw no more than that; where it weighs, it is left aside.
        ((CONV, POOL, MIXED), (8, 12)),
        ((CONV, POOL, MIXED, plain("gated", "multiply", "conv", "mixed", shape=(8, 12, 4))), (3, 3)),
        ((CONV, UNKNOWN, OPEN_POOL, plain("gated", "multiply", "conv", "open", shape=(8, 12, 4))), (3, 3)),
        ((CONV, UNKNOWN, plain("gated", "multiply", "conv", "riddle", shape=(8, 12, 4))), None),
        ((CONV, UNKNOWN), None),
        ((CONV, UNKNOWN, plain("sum", "add", "conv", "riddle", shape=(8, 12, 4))), None),
        # Neighbours of the one are two pixels apart, those of the other one.
        ((CONV, SMALL, plain("both", "add", "conv", "small", shape=(8, 12, 4))), None),
        ((SMALL, plain("all", "global_max_pooling", "small", shape=(4,))), (7, 11)),
        ((CONV, plain("stretched", "resizing", "conv", shape=(16, 24, 4))), None),
        ((CONV, plain("kept", "resizing", "conv", shape=(8, 12, 4))), (3, 3)),
        ((plain("words", "input", shape=(5,)), plain("dense", "dense", "words", shape=(5,))), None),
        ((CONV, plain("words", "input", shape=(1,)), plain("sum", "add", "conv", "words", shape=(8, 12, 4))), (3, 3)),
    ],
)  # fmt: skip
def test_what_sees_everything_nothing_or_who_knows_what(rows: tuple[Layer, ...], field: tuple[int, int] | None) -> None:
    assert Measures(graph := table(*rows)).of(graph[rows[-1].name], "receptive_field") == field


def test_where_the_field_is_lost_is_said_once() -> None:
    behind = plain("behind", "add", "riddle", "conv", shape=(8, 12, 4))
    measures = Measures(graph := table(CONV, UNKNOWN, behind))
    assert measures.unseen([graph["conv"]]) == ()
    words = plain("words", "input", shape=(5,))
    beside = Measures(table(words, plain("dense", "dense", "words", shape=(5,))))
    assert beside.unseen(beside.graph) == (), "what does not look at the image has no field to be told"
    said = ("The local receptive field cannot be determined from riddle on.",)
    assert measures.unseen([graph["behind"], graph["riddle"], graph["conv"]]) == said


def test_positions_that_see_the_same_have_no_stride() -> None:
    assert Measures(graph := table(CONV, POOL)).of(graph["pool"], "effective_stride") is None


def test_two_ways_that_are_not_centred_alike_are_seen_together() -> None:
    ways = (Reach(((0, 2),), 1), Reach(((-3, -1), (-2, 0)), 2))
    assert joined(ways) == Reach(((-3, 2),), 1)
    assert joined((ITSELF, NOTHING)) == ITSELF
    assert joined((ITSELF, Reach(((0, 7),), 0))) == Reach(((0, 7),), 0)


def test_what_repeats_itself_too_late_is_not_followed() -> None:
    assert ITSELF.through(lambda o: (o,), 4096, 4095) is not None
    assert ITSELF.through(lambda o: (o,), 4097, 4096) is None
