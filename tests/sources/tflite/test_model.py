"""TensorFlow Lite files: real ones as the converter writes them, and small ones operator by operator."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources import load
from effnet_inspect.sources.passes.resampling import resampling
from effnet_inspect.structure.folding import folded_into, lost_by_folding
from effnet_inspect.structure.identity import sentence
from effnet_inspect.structure.network import Network
from tests.graphs import network_of
from tests.sources.tflite.converted import CONVERTED, DATA, PREFIX
from tests.sources.tflite.written import Operator, Tensor, write


def converted(name: str, folder: Path) -> LayerGraph:
    path = folder / f"{name}.tflite"
    path.write_bytes(gzip.decompress((DATA / f"{PREFIX}{name}.tflite.gz").read_bytes()))
    return load(str(path))


PRECISION = {"b0-float16": "float16", "lite0": None, "lite0-int8": "int8", "v2-b0": None}


@pytest.mark.parametrize("name", CONVERTED)
def test_what_the_converter_writes_is_the_variant(name: str, tmp_path: Path) -> None:
    graph = converted(name, tmp_path)
    network, built = Network(graph), network_of(CONVERTED[name][0])
    assert sentence(network.identity) == sentence(built.identity)
    assert network.totals["macs"] == built.totals["macs"]
    normalizes = sum(layer.parameters or 0 for layer in built.graph if layer.operation == "normalization")
    kept = sum(layer.parameters or 0 for layer in graph if layer.operation == "normalization")
    before_folding = (network.totals["parameters"] or 0) + lost_by_folding(folded_into(network.anatomy))
    assert before_folding + normalizes - kept == built.totals["parameters"]
    weights = [layer for layer in graph if layer.parameters and layer.operation in ("convolution", "dense")]
    assert {layer.precision for layer in weights} == {PRECISION[name]}


IMAGE = Tensor("image", (1, 8, 6, 4), signature=(-1, 8, 6, 4))


def weights(*shape: int, name: str = "weights") -> Tensor:
    size = 1
    for each in shape:
        size *= each
    return Tensor(name, shape, [0.5] * size)


def numbers(*values: int, shape: tuple[int, ...] | None = None) -> Tensor:
    return Tensor("numbers", shape or (len(values),), values, "INT32")


NEAREST = resampling("nearest", "asymmetric", "floor")
WINDOW = {"Padding": 1, "StrideH": 2, "StrideW": 1}

CASES: dict[str, tuple[list[Tensor], str, str, dict[str, int], dict[str, Any]]] = {
    "a convolution": (
        [weights(5, 3, 3, 4), weights(5, name="bias"), Tensor("y", (1, 3, 4, 5))],
        "CONV_2D", "Conv2DOptions", WINDOW,
        {"operation": "convolution", "kernel": (3, 3), "stride": (2, 1), "padding": "valid", "filters": 5, "groups": 1,
         "use_bias": True, "parameters": 185, "activation": None, "output_shape": (3, 4, 5), "precision": None},
    ),
    "a convolution without bias, activated": (
        [weights(5, 1, 1, 4), Tensor("y", (1, 8, 6, 5))],
        "CONV_2D", "Conv2DOptions", {"StrideH": 1, "StrideW": 1, "FusedActivationFunction": 3},
        {"padding": "same", "use_bias": False, "parameters": 20, "activation": "relu6"},
    ),
    "a convolution of groups": (
        [weights(6, 1, 1, 2), Tensor("y", (1, 8, 6, 6))],
        "CONV_2D", "Conv2DOptions", {"StrideH": 1, "StrideW": 1},
        {"operation": "convolution", "groups": 2, "parameters": 12},
    ),
    "a depthwise convolution, dilated": (
        [weights(1, 3, 3, 4), Tensor("y", (1, 8, 6, 4))],
        "DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions",
        {"StrideH": 1, "StrideW": 1, "DilationHFactor": 2, "DilationWFactor": 2},
        {"operation": "depthwise_convolution", "filters": 4, "groups": 4, "dilation": (2, 2), "parameters": 36},
    ),
    "a transposed convolution": (
        [numbers(1, 16, 12, 5), weights(5, 2, 2, 4), Tensor("y", (1, 16, 12, 5))],
        "TRANSPOSE_CONV", "TransposeConvOptions", {"StrideH": 2, "StrideW": 2},
        {"operation": "transposed_convolution", "filters": 5, "stride": (2, 2), "parameters": 80,
         "output_shape": (16, 12, 5)},
    ),
    "a pooling": (
        [Tensor("y", (1, 4, 3, 4))],
        "MAX_POOL_2D", "Pool2DOptions", {"StrideH": 2, "StrideW": 2, "FilterHeight": 2, "FilterWidth": 2},
        {"operation": "max_pooling", "kernel": (2, 2), "stride": (2, 2), "output_shape": (4, 3, 4)},
    ),
    "a mean over the map": (
        [numbers(1, 2), Tensor("y", (1, 4))],
        "MEAN", "ReducerOptions", {"KeepDims": 0},
        {"operation": "global_average_pooling", "output_shape": (4,)},
    ),
    "zeros around": (
        [numbers(0, 0, 0, 1, 2, 3, 0, 0, shape=(4, 2)), Tensor("y", (1, 9, 11, 4))],
        "PAD", "", {},
        {"operation": "zero_padding", "margins": ((0, 1), (2, 3)), "output_shape": (9, 11, 4)},
    ),
    "another size, by a whole number": (
        [numbers(16, 18), Tensor("y", (1, 16, 18, 4))],
        "RESIZE_BILINEAR", "ResizeBilinearOptions", {"HalfPixelCenters": 1},
        {"operation": "upsampling", "stride": (2, 3), "settings": resampling("bilinear", "half_pixel", "")},
    ),
    "another size": (
        [numbers(10, 10), Tensor("y", (1, 10, 10, 4))],
        "RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", {"HalfPixelCenters": 0},
        {"operation": "resizing", "output_shape": (10, 10, 4), "settings": NEAREST},
    ),
    "another size, end upon end": (
        [numbers(15, 11), Tensor("y", (1, 15, 11, 4))],
        "RESIZE_BILINEAR", "ResizeBilinearOptions", {"AlignCorners": 1},
        {"operation": "resizing", "settings": resampling("bilinear", "align_corners", "")},
    ),
    "times a number": (
        [Tensor("factor", (), [0.25]), Tensor("y", (1, 8, 6, 4))],
        "MUL", "MulOptions", {},
        {"operation": "rescaling", "scale": (0.25,), "parameters": 0},
    ),
    "at least zero": (
        [Tensor("floor", (), [0.0]), Tensor("y", (1, 8, 6, 4))],
        "MAXIMUM", "", {},
        {"operation": "activation", "activation": "relu"},
    ),
    "a class of somebody's own": (
        [weights(3, 7), Tensor("y", (1, 2))],
        "Riddle", "", {},
        {"operation": "opaque", "class_name": "Riddle", "parameters": 21, "output_shape": (2,)},
    ),
    "a convolution with weights in whole numbers": (
        [Tensor("weights", (5, 1, 1, 4), [1] * 20, "INT8"), Tensor("bias", (5,), [1] * 5, "INT32"),
         Tensor("y", (1, 8, 6, 5))],
        "CONV_2D", "Conv2DOptions", {"StrideH": 1, "StrideW": 1},
        {"parameters": 25, "precision": "int8"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_operator_is_a_layer(name: str, tmp_path: Path) -> None:
    tensors, kind, options_kind, options, expected = CASES[name]
    row = [IMAGE, *tensors]
    order = range(len(row) - 1)
    inputs = [*order[1:], 0] if kind == "TRANSPOSE_CONV" else list(order)
    path = tmp_path / "small.tflite"
    write(path, row, [Operator(kind, inputs, [len(row) - 1], options_kind, options)])
    graph = load(str(path))
    layer = graph["y"]
    assert {attribute: getattr(layer, attribute) for attribute in expected} == expected
    assert (layer.inputs, graph["image"].output_shape) == (("image",), (8, 6, 4))


def test_an_operator_that_activates_its_sum_is_two_layers(tmp_path: Path) -> None:
    path = tmp_path / "sum.tflite"
    sum_ = Operator("ADD", [0, 1], [2], "AddOptions", {"FusedActivationFunction": 1})
    write(path, [IMAGE, IMAGE._replace(name="other"), IMAGE._replace(name="sum")], [sum_], inputs=(0, 1))
    graph = load(str(path))
    assert [(layer.name, layer.operation, layer.inputs) for layer in graph if layer.inputs] == [
        ("sum", "add", ("image", "other")),
        ("sum:activation", "activation", ("sum",)),
    ]


def test_open_sides_are_filled_where_a_size_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "open.tflite"
    image = Tensor("image", (1, 1, 1, 4), signature=(-1, -1, -1, 4))
    result = Tensor("y", (1, 1, 1, 5), signature=(-1, -1, -1, 5))
    operator = Operator("CONV_2D", [0, 1], [2], "Conv2DOptions", {"StrideH": 2, "StrideW": 2})
    write(path, [image, weights(5, 3, 3, 4), result], [operator])
    assert load(str(path))["y"].output_shape == (None, None, 5)
    assert load(f"{path}@65")["y"].output_shape == (33, 33, 5)


def test_weights_made_whole_before_use_are_counted_where_they_are_used(tmp_path: Path) -> None:
    path = tmp_path / "half.tflite"
    tensors = [
        IMAGE, Tensor("half", (5, 1, 1, 4), [0.5] * 20, "FLOAT16"), Tensor("whole", (5, 1, 1, 4)),
        Tensor("y", (1, 8, 6, 5)),
    ]  # fmt: skip
    options = {"StrideH": 1, "StrideW": 1}
    write(path, tensors, [Operator("DEQUANTIZE", [1], [2]), Operator("CONV_2D", [0, 2], [3], "Conv2DOptions", options)])
    graph = load(str(path))
    assert [(layer.name, layer.parameters, layer.precision) for layer in graph if layer.inputs] == [
        ("y", 20, "float16")
    ]


def test_a_product_of_two_tensors_has_multiplications(tmp_path: Path) -> None:
    path = tmp_path / "product.tflite"
    row = [Tensor("one", (1, 24, 6)), Tensor("other", (1, 10, 6)), Tensor("y", (1, 24, 10))]
    write(path, row, [Operator("BATCH_MATMUL", [0, 1], [2], "BatchMatMulOptions", {"AdjY": 1})], inputs=(0, 1))
    layer = load(str(path))["y"]
    assert (layer.operation, layer.output_shape, layer.macs) == ("matrix_product", (24, 10), 24 * 6 * 10)


ONE_STEP = {"Padding": 1, "StrideH": 1, "StrideW": 1}

DILATED: tuple[tuple[str, int, tuple[int, int], tuple[int, ...], tuple[int, ...], dict[str, Any]], ...] = (
    (
        "as Keras writes it",
        1,
        (2, 2),
        (2, 2, 2, 2),
        (0, 0, 0, 0),
        {"dilation": (2, 2), "padding": "same", "margins": None},
    ),
    ("of any batch", -1, (2, 2), (2, 2, 2, 2), (0, 0, 0, 0), {"dilation": (2, 2), "padding": "same", "margins": None}),
    ("filled up to a multiple", 1, (3, 2), (3, 4, 2, 2), (0, 1, 0, 0), {"dilation": (3, 2), "padding": "same"}),
    ("without margins", 1, (2, 1), (0, 0, 0, 0), (0, 0, 0, 0), {"dilation": (2, 1), "padding": "valid"}),
    ("on one side alone", 1, (2, 2), (4, 0, 4, 0), (0, 0, 0, 0), {"margins": ((4, 0), (4, 0)), "padding": "valid"}),
)


def dilated(path: Path, batch: int, block: tuple[int, int], added: tuple[int, ...], cut: tuple[int, ...]) -> LayerGraph:
    """A convolution of 3×3 on each of the maps that are made of every second or third position of one of 8×6."""
    count = block[0] * block[1]
    inside = ((8 + added[0] + added[1]) // block[0], (6 + added[2] + added[3]) // block[1])
    height, width = ((inside[axis] - 2) * block[axis] for axis in (0, 1))
    result = (height - sum(cut[:2]), width - sum(cut[2:]), 5)

    def of(name: str, number: int, *sizes: int) -> Tensor:
        return Tensor(name, (number, *sizes), signature=(batch if batch < 0 else number, *sizes))

    tensors = [
        of("image", 1, 8, 6, 4), numbers(*block), numbers(*added, shape=(2, 2)), of("spread", count, *inside, 4),
        weights(5, 3, 3, 4), of("convolved", count, inside[0] - 2, inside[1] - 2, 5), numbers(*cut, shape=(2, 2)),
        of("gathered", 1, *result),
    ]  # fmt: skip
    operators = [
        Operator("SPACE_TO_BATCH_ND", [0, 1, 2], [3]),
        Operator("CONV_2D", [3, 4], [5], "Conv2DOptions", ONE_STEP),
        Operator("BATCH_TO_SPACE_ND", [5, 1, 6], [7]),
    ]
    write(path, tensors, operators)
    return load(str(path))


@pytest.mark.parametrize(("name", "batch", "block", "added", "cut", "expected"), DILATED)
def test_a_dilated_convolution_is_one_layer(
    name: str,
    batch: int,
    block: tuple[int, int],
    added: tuple[int, ...],
    cut: tuple[int, ...],
    expected: dict[str, Any],
    tmp_path: Path,
) -> None:
    graph = dilated(tmp_path / "dilated.tflite", batch, block, added, cut)
    assert [layer.operation for layer in graph] == ["input", "convolution"]
    layer = graph.layers[-1]
    assert {attribute: getattr(layer, attribute) for attribute in expected} == expected
    height, width, filters = layer.output_shape or ()
    assert Network(graph).totals.exact("macs") == (height or 0) * (width or 0) * 9 * 4 * (filters or 0)


@pytest.mark.parametrize("batch", [1, -1])
def test_what_is_no_dilated_convolution_counts_for_all_its_maps(batch: int, tmp_path: Path) -> None:
    """More is cut off than was added, which no margins do."""
    graph = dilated(tmp_path / "cut.tflite", batch, (2, 2), (0, 0, 0, 0), (1, 1, 0, 0))
    assert [(layer.operation, layer.steps) for layer in graph] == [
        ("input", 1), ("reshape", 4), ("convolution", 4), ("reshape", 1),
    ]  # fmt: skip
    assert Network(graph).totals.exact("macs") == 4 * (2 * 1) * 9 * 4 * 5


@pytest.mark.parametrize("batch", [1, 2, -1])
def test_positions_on_the_axis_of_the_batch_count(batch: int, tmp_path: Path) -> None:
    path = tmp_path / "positions.tflite"
    many = abs(batch)

    def of(name: str, first: int, *sizes: int) -> Tensor:
        return Tensor(name, (first, *sizes), signature=(-1 if batch < 0 else first, *sizes))

    tensors = [
        of("image", many, 8, 6, 4), numbers(-1, 4), of("rows", many * 48, 4), weights(7, 4), of("y", many * 48, 7),
        numbers(-1, 8, 6, 7), of("map", many, 8, 6, 7),
    ]  # fmt: skip
    operators = [
        Operator("RESHAPE", [0, 1], [2]),
        Operator("FULLY_CONNECTED", [2, 3], [4], "FullyConnectedOptions"),
        Operator("RESHAPE", [4, 5], [6]),
    ]
    write(path, tensors, operators)
    graph = load(str(path))
    assert [layer.steps for layer in graph] == [1, 48, 48, 1]
    assert Network(graph).totals.exact("macs") == 48 * 4 * 7


def test_a_factor_for_each_channel_of_what_has_one_makes_as_many(tmp_path: Path) -> None:
    """As the converter writes the scale of a layer normalisation, which is no batch normalisation."""
    path = tmp_path / "scaled.tflite"
    tensors = [
        IMAGE, weights(1, 3, 3, 4), Tensor("one", (1, 8, 6, 1)), weights(1, 1, 1, 16, name="gamma"),
        Tensor("y", (1, 8, 6, 16)),
    ]  # fmt: skip
    options = {"StrideH": 1, "StrideW": 1}
    operators = [Operator("CONV_2D", [0, 1], [2], "Conv2DOptions", options), Operator("MUL", [2, 3], [4], "MulOptions")]
    write(path, tensors, operators)
    layer = load(str(path))["y"]
    assert (layer.operation, layer.output_shape, layer.parameters) == ("multiply", (8, 6, 16), 16)


WRONG: dict[str, tuple[list[Operator], str]] = {
    "nothing before": ([Operator("RELU", [1], [2])], "an operator takes 'b', which nothing before it gives"),
    "no such tensor": ([Operator("RELU", [9], [1])], "an operator takes or gives a tensor that does not exist"),
    "given twice": ([Operator("RELU", [0], [1]), Operator("RELU", [0], [1])], "'b' is given more than once"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(name: str, tmp_path: Path) -> None:
    operators, said = WRONG[name]
    path = tmp_path / "wrong.tflite"
    write(path, [Tensor(each, (1, 8, 6, 4)) for each in "abc"], operators)
    with pytest.raises(SourceError, match=f"wrong.tflite: .*{said}"):
        load(str(path))


def test_a_file_that_was_cut_or_altered_is_no_traceback(tmp_path: Path) -> None:
    whole = tmp_path / "whole.tflite"
    write(whole, [IMAGE, Tensor("y", (1, 8, 6, 4))], [Operator("RELU", [0], [1])])
    content = whole.read_bytes()
    path = tmp_path / "damaged.tflite"
    refused = 0
    for position in range(8, len(content), 3):
        for damaged in (content[:position], content[:position] + b"\xff" + content[position + 1 :]):
            path.write_bytes(damaged)
            try:
                load(str(path))
            except SourceError:
                refused += 1
    assert refused > len(content) // 4
