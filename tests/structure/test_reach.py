"""What layers see of the input, against the gradients of small Keras models, position by position."""

from __future__ import annotations

import json
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
        ((plain("conv", "convolution", "image", kernel=(3, 3), stride=(1, 1), padding="same"), POOL), None),
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


def like(operation: OperationName, rows: int | None, columns: int | None, **more: Any) -> Layer:
    """A layer behind the image, with an output of this size."""
    return plain("behind", operation, "image", shape=(rows, columns, 3), **more)  # type: ignore[arg-type]


def resized(rows: int | None, columns: int | None, interpolation: str = "bilinear", **settings: Any) -> Layer:
    stated = {"interpolation": interpolation, **settings}
    return like("resizing", rows, columns, settings=tuple((name, json.dumps(each)) for name, each in stated.items()))


def window(
    operation: OperationName, rows: int | None, kernel: int, stride: int, dilation: int = 1, **more: Any
) -> Layer:
    """One that works on rows alone."""
    pairs = {"kernel": (kernel, 1), "stride": (stride, 1), "dilation": (dilation, 1)}
    return like(operation, rows, 12, **{"padding": "same", **pairs, **more})


POSITIONS: dict[str, tuple[Layer, tuple[Any, ...], int]] = {
    # At strides that divide the size the margins of SAME are even where they can be; zeros before what they are not.
    "same": (window("convolution", 4, 5, 2), ((-1, 3),), 2),
    "valid": (window("convolution", 6, 3, 1, padding="valid"), ((0, 2),), 1),
    "dilated": (window("convolution", 8, 3, 1, 2), ((-2, 2),), 1),
    "with margins": (window("convolution", 8, 3, 1, margins=((2, 0), (0, 0))), ((-2, 0),), 1),
    # Position o of the result has what 2 * i + tap = o + cut meets.
    "transposed": (window("transposed_convolution", 16, 3, 2), ((-1, 0), (0, 0)), 1),
    "transposed, shorter": (window("transposed_convolution", 15, 3, 2), ((0, 0), (0, 1)), 1),
    "transposed, valid": (window("transposed_convolution", 17, 3, 2, padding="valid"), ((-1, 0), (0, 0)), 1),
    "transposed, of unknown size": (window("transposed_convolution", None, 5, 2), ((-1, 0), (-1, 1)), 1),
    "transposed, valid, of unknown size": (
        window("transposed_convolution", None, 5, 2, padding="valid"), ((-2, 0), (-1, 0)), 1
    ),
    "transposed, dilated": (window("transposed_convolution", 8, 3, 1, 2), ((-2, 2),), 1),
    "transposed, no overlap": (window("transposed_convolution", 24, 2, 3), ((0, 0), (0, 0), None), 1),
    # Old positions are at their centres, 0.5, 1.5, ...; the new ones of half the size at 0.25, 0.75, ...
    "bilinear": (resized(16, 12), ((-1, 0), (0, 1)), 1),
    "bilinear, halved": (resized(4, 12), ((0, 1),), 2),
    "bilinear, two thirds": (resized(12, 12), ((-1, 0), (0, 1), (1, 2)), 2),
    "bilinear, a third": (resized(24, 12), ((-1, 0), (0, 0), (0, 1)), 1),
    "first upon first, a third": (resized(24, 12, coordinates="asymmetric"), ((0, 0), (0, 1), (0, 1)), 1),
    "first upon first": (resized(16, 12, coordinates="asymmetric"), ((0, 0), (0, 1)), 1),
    "bicubic": (resized(16, 12, "bicubic"), ((-2, 1), (-1, 2)), 1),
    "lanczos3": (resized(16, 12, "lanczos3"), ((-3, 2), (-2, 3)), 1),
    "nearest": (resized(16, 12, "nearest"), ((0, 0), (0, 0)), 1),
    "nearest, halved": (resized(4, 12, "nearest"), ((1, 1),), 2),
    "nearest, halved, first": (resized(4, 12, "nearest", coordinates="asymmetric", rounding="floor"), ((0, 0),), 2),
    "nearest, halved, as ONNX": (resized(4, 12, "nearest", rounding="round_prefer_floor"), ((0, 0),), 2),
    "nearest, as ONNX": (resized(16, 12, "nearest", rounding="round_prefer_floor"), ((0, 0), (0, 0)), 1),
    "nearest, up": (resized(16, 12, "nearest", coordinates="asymmetric", rounding="ceil"), ((0, 0), (1, 1)), 1),
    "nearest, down": (resized(16, 12, "nearest", rounding="floor"), ((-1, -1), (0, 0)), 1),
    "as it was": (resized(8, 12, "area"), ((0, 0),), 1),
    "made larger": (like("upsampling", 16, 12, stride=(2, 1)), ((0, 0), (0, 0)), 1),
    "zeros before": (like("zero_padding", 11, 12, margins=((3, 0), (0, 0))), ((-3, -3),), 1),
    "cropped": (like("cropping", 5, 12, margins=((3, 0), (0, 0))), ((3, 3),), 1),
    "one by one": (like("activation", 8, 12), ((0, 0),), 1),
}  # fmt: skip
"""A layer behind an image of 8 rows; what its positions see of these, and how far on each next row of them is."""


@pytest.mark.parametrize("name", POSITIONS)
def test_which_rows_the_positions_of_a_layer_see(name: str) -> None:
    layer, spans, advance = POSITIONS[name]
    field = reaches(table(layer))["behind"]
    assert field is not None
    assert repr(field[0]) == repr(Reach(spans, advance)), "whole numbers, not only equal ones"
    assert field[1] == ITSELF


OPEN = Layer("image", "input", "InputLayer", output_shape=(None, None, 3))


@pytest.mark.parametrize(
    ("kernel", "stride", "span"),
    [(3, 1, (-1, 1)), (5, 1, (-2, 2)), (3, 2, (0, 2)), (5, 2, (-1, 3)), (7, 2, (-2, 4)), (1, 2, (0, 0))],
)
def test_where_the_size_is_open_the_stride_divides_it(kernel: int, stride: int, span: tuple[int, int]) -> None:
    field = reaches(LayerGraph("open", (OPEN, window("convolution", None, kernel, stride))))["behind"]
    assert field is not None
    assert repr(field[0]) == repr(Reach((span,), stride))


@pytest.mark.parametrize(
    "layer",
    [
        like("activation", 4, 12),
        like("zero_padding", 9, 12),
        like("cropping", 7, 12),
        resized(None, 24),
        resized(16, None),
        resized(16, 24, "area"),
        resized(16, 24, antialias=True),
        resized(16, 24, crop_to_aspect_ratio=True),
        resized(16, 24, pad_to_aspect_ratio=True),
        resized(16, 24, coordinates="align_corners"),
        resized(16, 24, "nearest", rounding="at random"),
        plain("behind", "convolution", "image", shape=(8, 12, 3)),
        plain("behind", "transposed_convolution", "image", shape=(8, 12, 3)),
        plain("behind", "reshape", "image", shape=(12, 8, 3)),
    ],
    ids=lambda layer: f"{layer.operation} {layer.output_shape} {layer.settings or ''}",
)
def test_what_cannot_be_told(layer: Layer) -> None:
    assert reaches(table(layer))["behind"] is None


def test_one_position_serves_all_where_it_is_spread() -> None:
    whole = plain("whole", "convolution", "image", shape=(1, 1, 3), kernel=(8, 12), stride=(1, 1), padding="valid")
    spread = plain("spread", "add", "image", "whole", shape=(8, 12, 3))
    field = reaches(table(whole, spread))["spread"]
    assert repr(field) == repr((Reach(((0, 7),), 0), Reach(((0, 11),), 0)))


def test_what_weighs_is_one_number_for_each_channel() -> None:
    def behind(shape: tuple[int, ...]) -> object:
        riddle = plain("riddle", "opaque", "conv", shape=shape)
        product = plain("product", "multiply", "conv", "riddle", shape=(8, 12, 4))
        return Measures(graph := table(CONV, riddle, product)).of(graph["product"], "receptive_field")

    assert [behind(shape) for shape in ((1, 1, 4), (4,), (1, 12, 4), (2, 2, 4))] == [(3, 3), (3, 3), None, None]


def test_a_product_of_what_sees_everything_sees_it() -> None:
    dense = plain("dense", "dense", "pool", shape=(4,))
    graph = table(CONV, POOL, dense, plain("product", "multiply", "pool", "dense", shape=(4,)))
    assert Measures(graph).of(graph["product"], "receptive_field") == (8, 12)


SQUARE = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kernel": (3, 1)}, (3, 1)),
        ({"kernel": (3, 3), "dilation": (1, 2)}, (3, 5)),
        ({"kernel": (3, 3), "stride": (1, 2), "shape": (8, 4, 3)}, (3, 3)),
    ],
)
def test_height_and_width_are_told_apart_also_in_square_images(more: dict[str, Any], field: tuple[int, int]) -> None:
    own = {"shape": (8, 8, 3), "stride": (1, 1), "padding": "same", **more}
    square = plain("square", "convolution", "image", **{**own, "kernel": (3, 3), "shape": (8, 8, 3), "stride": (1, 1),
                                                         "dilation": (1, 1)})  # fmt: skip
    behind = plain("behind", "convolution", "square", **own)
    measures = Measures(graph := LayerGraph("square", (SQUARE, square, behind)))
    assert measures.of(graph["behind"], "receptive_field") == (field[0] + 2, field[1] + 2)


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
    assert repr(joined(ways)) == repr(Reach(((-3, 2),), 1)), "whole numbers, not only equal ones"
    assert repr(ITSELF.through(lambda o: (o,), 2, 2)) == repr(ITSELF)
    assert joined((ITSELF, NOTHING)) == ITSELF
    assert joined((NOTHING, NOTHING)) == joined(()) == NOTHING
    assert joined((ITSELF, Reach(((0, 0),), 2))) is None, "they drift apart"
    assert joined((ITSELF, Reach(((0, 7),), 0))) == Reach(((0, 7),), 0)


def test_what_repeats_itself_too_late_is_not_followed() -> None:
    assert ITSELF.through(lambda o: (o,), 4096, 4095) is not None
    assert ITSELF.through(lambda o: (o,), 4097, 4096) is None
    assert Reach(((0, 0), (0, 0), (1, 1)), 2).through(lambda o: (o,), 2000, 1999) is None
    longest = Reach(tuple((o * 4095 // 4096,) * 2 for o in range(4096)), 4095)
    assert joined((longest, longest)) == longest
    assert joined((longest, Reach(((0, 0),) * 3, 3 * 4095 // 4096))) is None
