"""Programs of single operators, as plain records: no PyTorch is needed to read them."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.graph import Layer, elements
from effnet_inspect.sources.passes.resampling import resampling
from effnet_inspect.sources.torch.live_module import graph_of
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight
from effnet_inspect.structure.measures import Measures

X = Reference("x")


def program(*nodes: Node, weights: dict[str, Weight] | None = None, shape: Dimensions = (1, 8, 6, 6)) -> Program:
    return Program({"x": shape}, weights or {}, nodes, (nodes[-1].name,))


def layer_of(kind: str, result: Dimensions, *, weights: dict[str, Weight] | None = None, **arguments: Any) -> Layer:
    """The layer that one operator is, of an image of 6 by 6 with 8 channels."""
    node = Node("y", kind, {"self": X, **arguments}, (result,))
    return graph_of(program(node, weights=weights), "one", None).layers[-1]


IMAGE = (1, 8, 6, 6)
NEAREST = resampling("nearest", "asymmetric", "floor")
EXACT = resampling("nearest", "half_pixel", "round_prefer_ceil")
END_UPON_END = resampling("bicubic", "align_corners", "")

CASES: tuple[tuple[str, Dimensions, dict[str, Any], dict[str, Any]], ...] = (
    ("relu_", IMAGE, {}, {"operation": "activation", "activation": "relu"}),
    ("hardtanh", IMAGE, {"min_val": 0, "max_val": 6}, {"activation": "relu6"}),
    ("clamp", IMAGE, {"min": -1, "max": 1}, {"activation": "clip"}),
    ("clamp", IMAGE, {"min": 0}, {"activation": "relu"}),
    ("max_pool2d", (1, 8, 3, 3), {"kernel_size": [2, 2]}, {"operation": "max_pooling", "stride": (2, 2)}),
    (
        "avg_pool2d",
        (1, 8, 3, 3),
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"operation": "average_pooling", "kernel": (3, 3), "margins": ((1, 1), (1, 1))},
    ),
    ("adaptive_avg_pool2d", (1, 8, 1, 1), {}, {"operation": "global_average_pooling", "output_shape": (1, 1, 8)}),
    ("adaptive_avg_pool2d", (1, 8, 2, 3), {}, {"operation": "average_pooling", "kernel": (3, 2), "stride": (3, 2)}),
    ("adaptive_avg_pool2d", (1, 8, 4, 4), {}, {"operation": "other_pooling"}),
    ("mean", (1, 8), {"dim": [-1, -2]}, {"operation": "global_average_pooling", "output_shape": (8,)}),
    ("mean", (1, 1, 6, 6), {"dim": [1]}, {"operation": "other_pooling", "output_shape": (6, 6, 1)}),
    ("sum", (8, 6, 6), {"dim": [0]}, {"operation": "other_pooling"}),
    ("pad", (1, 8, 7, 9), {"pad": [1, 2, 0, 1]}, {"operation": "zero_padding", "margins": ((0, 1), (1, 2))}),
    ("pad", (1, 8, 5, 6), {"pad": [0, 0, -1, 0]}, {"operation": "cropping", "margins": ((1, 0), (0, 0))}),
    ("upsample_nearest2d", (1, 8, 12, 12), {}, {"operation": "upsampling", "stride": (2, 2)}),
    ("upsample_bilinear2d", (1, 8, 9, 9), {}, {"operation": "resizing", "output_shape": (9, 9, 8)}),
    ("upsample_nearest2d", (1, 8, 9, 9), {}, {"settings": NEAREST}),
    ("_upsample_nearest_exact2d", (1, 8, 3, 3), {}, {"operation": "resizing", "output_shape": (3, 3, 8)}),
    (
        "_upsample_nearest_exact2d",
        (1, 8, 3, 3),
        {},
        {"settings": EXACT},
    ),
    (
        "upsample_bicubic2d",
        (1, 8, 3, 3),
        {"align_corners": True},
        {"settings": END_UPON_END},
    ),
    ("mul", IMAGE, {"other": 0.5}, {"operation": "rescaling", "scale": (0.5,)}),
    ("sub", IMAGE, {"other": 2}, {"operation": "rescaling", "offset": (-2.0,)}),
    ("dropout", IMAGE, {"p": 0.3}, {"operation": "dropout", "rate": 0.3}),
    ("transpose", (1, 8, 6, 6), {}, {"operation": "reshape"}),
    ("cumsum", IMAGE, {}, {"operation": "opaque", "class_name": "cumsum"}),
)


@pytest.mark.parametrize(("kind", "result", "arguments", "expected"), CASES)
def test_one_operator(kind: str, result: Dimensions, arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    layer = layer_of(kind, result, **arguments)
    assert {name: getattr(layer, name) for name in expected} == expected


@pytest.mark.parametrize(("kind", "arguments"), [("dropout", {"p": 0}), ("pad", {"pad": [0, 0]}), ("contiguous", {})])
def test_what_changes_nothing_is_no_layer(kind: str, arguments: dict[str, Any]) -> None:
    assert layer_of(kind, IMAGE, **arguments).operation == "input"


def convolution(name: str, source: str, weight: str, module: str, result: Dimensions, **arguments: Any) -> Node:
    given = {"input": Reference(source), "weight": Reference(weight), **arguments}
    return Node(name, "conv2d", given, (result,), module, name)


def test_a_module_s_own_name_goes_to_what_takes_its_weights() -> None:
    weights = {"w": Weight("stem.weight", (4, 8, 3, 3), True)}
    pad = Node("pad", "pad", {"self": X, "pad": [0, 1, 0, 1]}, ((1, 8, 7, 7),), "stem", "stem")
    conv = convolution("conv", "pad", "w", "stem", (1, 4, 3, 3), stride=[2, 2])
    conv = Node("conv", "conv2d", conv.arguments, conv.shapes, "stem", "stem")
    graph = graph_of(program(pad, conv, weights=weights), "padded", None)
    assert [layer.name for layer in graph] == ["x", "stem.pad", "stem"]
    assert (graph["stem"].parameters, graph["stem"].stride) == (288, (2, 2))


def test_stochastic_depth_is_dropout_at_the_rate_of_its_noise() -> None:
    noise = Node("noise", "bernoulli_", {"self": X, "p": 0.75}, ((1, 1, 1, 1),), "drop", "drop")
    made = Node("made", "new_empty", {"self": X}, ((1, 1, 1, 1),), "drop", "drop")
    noise = Node("noise", "bernoulli_", {"self": Reference("made"), "p": 0.75}, ((1, 1, 1, 1),), "drop", "drop")
    scaled = Node("scaled", "div_", {"self": Reference("noise"), "other": 0.75}, ((1, 1, 1, 1),), "drop", "drop")
    product = Node("y", "mul", {"self": X, "other": Reference("scaled")}, (IMAGE,), "drop", "drop")
    graph = graph_of(program(made, noise, scaled, product), "dropped", None)
    assert [(layer.name, layer.operation, layer.rate) for layer in graph][1:] == [("drop", "dropout", 0.25)]


def test_what_works_in_place_changes_what_it_takes() -> None:
    weights = {"w": Weight("conv.weight", (8, 8, 1, 1), True)}
    conv = convolution("conv", "x", "w", "conv", IMAGE)
    act = Node("act", "relu_", {"self": Reference("conv")}, (IMAGE,), "act", "act")
    total = Node("total", "add", {"self": Reference("conv"), "other": X}, (IMAGE,))
    graph = graph_of(program(conv, act, total, weights=weights), "in place", None)
    assert graph["add"].inputs == ("act", "x")


def test_parts_of_a_tensor_are_layers_and_results_of_an_unknown_operator_are_not() -> None:
    halves = ((1, 4, 6, 6), (1, 4, 6, 6))
    split = Node("split", "chunk", {"self": X, "chunks": 2}, halves)
    items = [Node(f"item{at}", "getitem", {"of": Reference("split"), "at": at}, halves[:1]) for at in (0, 1)]
    total = Node("total", "add", {"self": Reference("item0"), "other": Reference("item1")}, halves[:1])
    graph = graph_of(program(split, *items, total), "split", None)
    assert [layer.operation for layer in graph] == ["input", "reshape", "reshape", "add"]
    odd = Node("odd", "odd", {"self": X}, halves)
    item = Node("item", "getitem", {"of": Reference("odd"), "at": 1}, halves[:1])
    act = Node("act", "relu", {"self": Reference("item")}, halves[:1])
    assert [layer.operation for layer in graph_of(program(odd, item, act), "odd", None)] == [
        "input",
        "opaque",
        "activation",
    ]


def test_a_learned_factor_is_a_parameter() -> None:
    layer = layer_of("mul", IMAGE, weights={"g": Weight("gamma", (8, 1, 1), True)}, other=Reference("g"))
    assert (layer.operation, layer.parameters, layer.trainable_parameters) == ("multiply", 8, 8)


def test_weights_that_are_computed_count_what_they_are_made_of() -> None:
    weights = {"w": Weight("conv.weight", (4, 8, 3, 3), True), "gain": Weight("conv.gain", (4, 1, 1, 1), True)}
    scaled = Node(
        "scaled", "mul", {"self": Reference("w"), "other": Reference("gain")}, ((4, 8, 3, 3),), "conv", "conv"
    )
    conv = convolution("conv", "x", "scaled", "conv", (1, 4, 4, 4))
    assert graph_of(program(scaled, conv, weights=weights), "standardised", None).layers[-1].parameters == 288 + 4


PRODUCTS: tuple[tuple[str, str, Dimensions, dict[str, Any], Dimensions, int], ...] = (
    ("one image", "linear", (1, 7, 5), {"weight": (3, 5)}, (1, 7, 3), 7 * 5 * 3),
    ("of two images each", "linear", (2, 7, 5), {"weight": (3, 5)}, (2, 7, 3), 7 * 5 * 3),
    ("the columns of a map", "linear", (1, 6, 7, 5), {"weight": (3, 5)}, (1, 6, 7, 3), 6 * 7 * 5 * 3),
    ("the columns of two maps each", "linear", (2, 6, 7, 5), {"weight": (3, 5)}, (2, 6, 7, 3), 6 * 7 * 5 * 3),
    ("with an offset", "addmm", (1, 5), {"self": (3,), "mat2": (5, 3)}, (1, 3), 5 * 3),
    ("a matrix of weights", "matmul", (1, 6, 7, 5), {"other": (5, 3)}, (1, 6, 7, 3), 6 * 7 * 5 * 3),
    ("a film", "conv3d", (1, 2, 4, 6, 6), {"weight": (3, 2, 2, 3, 3)}, (1, 3, 3, 4, 4), 3 * 4 * 4 * (2 * 2 * 9 * 3)),
    ("two films each", "conv1d", (2, 4, 9), {"weight": (3, 4, 2)}, (2, 3, 8), 8 * (4 * 2 * 3)),
)


@pytest.mark.parametrize(
    ("kind", "shape", "weights", "result", "macs"), [row[1:] for row in PRODUCTS], ids=[row[0] for row in PRODUCTS]
)
def test_products_are_counted_for_one_image(
    kind: str, shape: Dimensions, weights: dict[str, Dimensions], result: Dimensions, macs: int
) -> None:
    data = {"linear": "input", "addmm": "mat1", "matmul": "self"}.get(kind, "input")
    given = {name: Reference(name) for name in weights}
    node = Node("y", kind, {data: X, **given}, (result,))
    kept = {name: Weight(f"m.{name}", size, True) for name, size in weights.items()}
    graph = graph_of(program(node, weights=kept, shape=shape), "product", None)
    assert Measures(graph).totals().exact("macs") == macs
    assert graph.layers[-1].parameters == sum(elements(size) or 0 for size in weights.values())


@pytest.mark.parametrize(
    ("equation", "shape", "macs"),
    [
        ("bchw,cd->bdhw", (8, 3), 6 * 6 * 8 * 3),
        ("b c h w, c -> b h w", (8,), 6 * 6 * 8),
        ("...c,cd->...d", (8, 3), None),
    ],
)
def test_a_sum_of_products_is_counted_by_its_indices(equation: str, shape: Dimensions, macs: int | None) -> None:
    weights = {"w": Weight("m.w", shape, True)}
    layer_given = Node("y", "einsum", {"equation": equation, "tensors": [X, Reference("w")]}, (IMAGE,))
    graph = graph_of(program(layer_given, weights=weights), "sum", None)
    assert Measures(graph).totals().exact("macs") == macs


def test_windows_on_the_axis_of_the_batch_are_steps() -> None:
    cut = Node("cut", "reshape", {"self": X}, ((4, 8, 3, 3),))
    weights = {"w": Weight("c.weight", (2, 8, 1, 1), True)}
    graph = graph_of(program(cut, convolution("c", "cut", "w", "c", (4, 2, 3, 3)), weights=weights), "cut", None)
    assert [layer.steps for layer in graph] == [1, 4, 4]
    assert Measures(graph).totals()["macs"] == 4 * 9 * 8 * 2
    unknown = Node("cut", "reshape", {"self": X}, ((None, 8, 3, 3),))
    graph = graph_of(program(unknown, convolution("c", "cut", "w", "c", (None, 2, 3, 3)), weights=weights), "cut", None)
    assert Measures(graph).totals().exact("macs") is None


def test_attention_counts_both_products() -> None:
    heads = (1, 2, 9, 4)
    node = Node("y", "scaled_dot_product_attention", {"query": X, "key": X, "value": X}, (heads,))
    assert graph_of(program(node, shape=heads), "attention", None).layers[-1].macs == 2 * (2 * 9 * 9 * 4)
