"""ONNX files: what exporters write is read as the network it came from; anything else is a sentence."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.cli import main as effnet_inspect
from effnet_inspect.errors import EffnetInspectError, SourceError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.sources import load, load_all
from effnet_inspect.sources.onnx.file import WEIGHTS_BYTES, read_graph
from effnet_inspect.sources.onnx.inference import Inference
from effnet_inspect.sources.onnx.model import read_onnx
from effnet_inspect.structure.anatomy import Anatomy, SubBlock
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.reach import reaches
from effnet_inspect.views.summary import summary
from tests.graphs import anatomy_of, graph_of, measures_of
from tests.sources.onnx.exports import STYLES, Style, write_export

EXPORTS = [
    *[("b0", style) for style in STYLES],
    ("b1", "torchvision, folded"),
    ("b3", "tf2onnx"),
    ("b5", "timm, folded"),
    ("b7", "torchvision"),
    ("lite0", "timm, folded"),
    ("lite0", "tf2onnx"),
    ("v2-b0", "tf2onnx"),
    ("v2-b0", "torchvision, folded"),
    ("b0@65x97", "tf2onnx"),
    ("b0@65x97", "efficientnet-pytorch"),
]


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    """Build what is not kept yet in one process, not one by one in the tests."""
    load_all(sorted({target for target, _ in EXPORTS}))


def exported(target: str, style: str, folder: Path) -> LayerGraph:
    """The graph of a target, written in an exporter's style and read again."""
    path = folder / "model.onnx"
    write_export(graph_of(target), path, STYLES[style])
    return read_onnx(FileTarget(str(path)))


def overrides(sub_block: SubBlock, measures: Measures) -> tuple[object, ...]:
    """What an export must not change about a sub-block."""
    return (
        sub_block.name,
        sub_block.kind,
        sub_block.operator,
        sub_block.kernel,
        sub_block.stride,
        sub_block.squeeze_excite,
        sub_block.residual,
        sub_block.input_shape,
        sub_block.output_shape,
        [module.number for module in sub_block.modules],
        measures.totals(sub_block.layers)["macs"],
        measures.of(sub_block.layers[-1], "receptive_field"),
    )


def expected_parameters(graph: LayerGraph, style: Style) -> int:
    """Keras' parameters, less what normalisation loses in an export."""
    kept = {"BatchNormalization": 4, "folded": 1, "Mul+Add": 2}[style.normalization]
    total = 0
    for layer in graph:
        channels = layer.channels or 0
        if layer.operation == "batch_normalization":
            total += kept * channels
        elif layer.operation == "normalization":
            total += 2 * channels if style.preprocessing else 0
        else:
            total += layer.parameters or 0
    return total


@pytest.mark.parametrize(("target", "style"), EXPORTS)
def test_an_export_is_the_network_it_came_from(target: str, style: str, tmp_path: Path) -> None:
    graph = exported(target, style, tmp_path)
    found: Anatomy = dissect(graph)
    measures, keras_measures = Measures(graph), measures_of(target)
    assert [overrides(each, measures) for each in found.sub_blocks] == [
        overrides(each, keras_measures) for each in anatomy_of(target).sub_blocks
    ]
    totals = measures.totals()
    assert totals["macs"] == keras_measures.totals()["macs"]
    assert totals["parameters"] == expected_parameters(graph_of(target), STYLES[style])
    assert not totals.total("macs").missing
    assert found.is_whole
    assert found.stem.layers[0].output_shape == anatomy_of(target).stem.layers[0].output_shape
    assert found.head is not None
    assert found.classifier is not None
    assert found.classifier.layers[-1].output_shape == (1000,)
    assert {layer.operation for layer in graph} <= {layer.operation for layer in graph_of(target)}


@pytest.mark.parametrize("target", ["b0", "b0@65x97"])
@pytest.mark.parametrize("style", ["torchvision", "timm, folded"])
def test_shapes_are_those_that_onnx_infers(target: str, style: str, tmp_path: Path) -> None:
    graph = exported(target, style, tmp_path)
    model = onnx.load(tmp_path / "model.onnx", load_external_data=False)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    made_by = {node.output[0]: node.name for node in inferred.graph.node}
    compared = 0
    for value in inferred.graph.value_info:
        layer_name = made_by[value.name]
        sizes = [size.dim_value for size in value.type.tensor_type.shape.dim]
        if layer_name not in graph or not all(sizes[1:]):
            continue
        if len(sizes) == 4 and not graph[layer_name].class_name.startswith(("GlobalAveragePool+", "ReduceMean+")):
            assert graph[layer_name].output_shape == (*sizes[2:], sizes[1])
            compared += 1
    assert compared > 180


def test_an_export_for_training_keeps_drop_rates(tmp_path: Path) -> None:
    found = dissect(exported("b0", "torchvision, for training", tmp_path))
    rates = [each.drop_rate for each in found.sub_blocks]
    assert rates == [pytest.approx(each.drop_rate) for each in anatomy_of("b0").sub_blocks]


def test_batch_normalization_trains_half_its_parameters(tmp_path: Path) -> None:
    totals = Measures(exported("b0", "torchvision", tmp_path)).totals()
    assert totals["trainable_parameters"] == measures_of("b0").totals()["trainable_parameters"] == 5_288_548


def test_layers_are_in_the_order_of_the_data_and_named_by_their_nodes(tmp_path: Path) -> None:
    graph = exported("b0", "torchvision, folded", tmp_path)
    # Of a convolution and its bias the first node is known; of a sigmoid and a product the second gives the output.
    assert [layer.name for layer in graph][:3] == ["image", "node_0", "node_2"]
    assert (graph.name, graph.target) == ("model.onnx", FileTarget(str(tmp_path / "model.onnx")))


# Small graphs, one for each way of writing something.

IMAGE = (1, 3, 8, 6)


class Nodes:
    """Nodes in a row, and the tensors they take."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def __call__(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def floats(self, *values: float) -> str:
        return self.tensor(TensorProto.FLOAT, [len(values)], values)

    def number(self, value: float) -> str:
        return self.tensor(TensorProto.FLOAT, [], [value])

    def integers(self, *values: int) -> str:
        return self.tensor(TensorProto.INT64, [len(values)], values)

    def ones(self, *shape: int) -> str:
        size = 1
        for side in shape:
            size *= side
        return self.tensor(TensorProto.FLOAT, shape, [1.0] * size)

    def tensor(self, kind: int, shape: Any, values: Any) -> str:
        name = f"c{len(self.tensors)}"
        self.tensors.append(helper.make_tensor(name, kind, shape, values))
        return name

    def save(self, path: Path, output: str, image: Any = IMAGE) -> Path:
        graph = helper.make_graph(
            self.nodes,
            "small",
            [helper.make_tensor_value_info("image", 1, image)],
            [helper.make_tensor_value_info(output, 1, None)],
            self.tensors,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        path.write_bytes(model.SerializeToString())
        return path


def convolved(nodes: Nodes, filters: int = 4) -> str:
    return nodes("Conv", "image", nodes.ones(filters, 3, 1, 1))


def pooled(nodes: Nodes) -> str:
    return nodes("GlobalAveragePool", convolved(nodes))


def by_groups(nodes: Nodes, *inside: str) -> str:
    """As torch writes it: groups as channels, and back."""
    image = convolved(nodes)
    groups = nodes("InstanceNormalization", nodes("Reshape", image, nodes.integers(0, 2, -1)), *inside, epsilon=0.25)
    back = nodes("Reshape", groups, nodes("Shape", image))
    return nodes("Add", nodes("Mul", back, nodes.ones(4, 1, 1)), nodes.ones(4, 1, 1))


def blocked(nodes: Nodes, biases: str, filters: int = 16) -> str:
    """A convolution of ONNX Runtime, its channels in blocks."""
    return nodes("Conv", "image", nodes.ones(filters, 3, 1, 1), biases, domain="com.microsoft.nchwc")


SMALL: dict[str, tuple[Callable[[Nodes], str], tuple[object, ...]]] = {
    "swish": (lambda n: n("Mul", "image", n("Sigmoid", "image")), ("activation", "silu", (8, 6, 3), 0)),
    "swish, turned": (lambda n: n("Mul", n("Sigmoid", "image"), "image"), ("activation", "silu", (8, 6, 3), 0)),
    "hard swish": (lambda n: n("Mul", "image", n("HardSigmoid", "image")), ("activation", "hard_silu", (8, 6, 3), 0)),
    "hard swish in one": (lambda n: n("HardSwish", "image"), ("activation", "hard_silu", (8, 6, 3), 0)),
    "swish in one": (lambda n: n("Swish", "image"), ("activation", "silu", (8, 6, 3), 0)),
    "swish of ONNX Runtime": (
        lambda n: n("QuickGelu", "image", alpha=1.0, domain="com.microsoft"),
        ("activation", "silu", (8, 6, 3), 0),
    ),
    "convolution and activation of ONNX Runtime": (
        lambda n: n(
            "FusedConv",
            "image",
            n.ones(4, 3, 1, 1),
            activation="Clip",
            activation_params=[0.0, 6.0],
            domain="com.microsoft",
        ),
        ("convolution", "relu6", (8, 6, 4), 12),
    ),
    "dense and activation of ONNX Runtime": (
        lambda n: n(
            "FusedGemm",
            n("Flatten", pooled(n)),
            n.ones(5, 4),
            n.ones(5),
            transB=1,
            activation="Relu",
            domain="com.microsoft",
        ),
        ("dense", "relu", (5,), 25),
    ),
    "bias and gelu of ONNX Runtime": (
        lambda n: n("BiasGelu", convolved(n), n.ones(6), domain="com.microsoft"),
        ("activation", "gelu", (8, 6, 4), 6),
    ),
    "pooling in blocks": (
        lambda n: n("GlobalAveragePool", blocked(n, n.ones(16)), domain="com.microsoft.nchwc"),
        ("global_average_pooling", None, (1, 1, 16), 0),
    ),
    "a window in blocks": (
        lambda n: n(
            "MaxPool", blocked(n, n.ones(16)), domain="com.microsoft.nchwc", kernel_shape=[2, 2], strides=[2, 2]
        ),
        ("max_pooling", None, (4, 3, 16), 0),
    ),
    "enlarged in blocks": (
        lambda n: n("Upsample", blocked(n, n.ones(16)), domain="com.microsoft.nchwc", scales=[1, 1, 2, 2]),
        ("upsampling", None, (16, 12, 16), 0),
    ),
    "relu6": (lambda n: n("Clip", "image", n.number(0), n.number(6)), ("activation", "relu6", (8, 6, 3), 0)),
    "relu6 of attributes": (lambda n: n("Clip", "image", min=0.0, max=6.0), ("activation", "relu6", (8, 6, 3), 0)),
    "relu6 of two": (lambda n: n("Min", n("Relu", "image"), n.number(6)), ("activation", "relu6", (8, 6, 3), 0)),
    "relu": (lambda n: n("Max", "image", n.number(0)), ("activation", "relu", (8, 6, 3), 0)),
    "clip": (lambda n: n("Clip", "image", n.number(-1), n.number(1)), ("activation", "clip", (8, 6, 3), 0)),
    "a gate": (
        lambda n: n("Mul", convolved(n, 3), n("Sigmoid", "image")),
        ("multiply", None, (8, 6, 3), 0),
    ),
    "dense": (
        lambda n: n("Gemm", n("Flatten", pooled(n)), n.ones(5, 4), n.ones(5), transB=1),
        ("dense", None, (5,), 25),
    ),
    "dense of two": (
        lambda n: n("Add", n.ones(5), n("MatMul", n("Flatten", pooled(n)), n.ones(4, 5))),
        ("dense", None, (5,), 25),
    ),
    "a product of two tensors": (
        lambda n: n("MatMul", n("Reshape", "image", n.integers(1, 24, 6)), n("Reshape", "image", n.integers(1, 6, 24))),
        ("matrix_product", None, (24, 24), 0),
    ),
    "convolution and bias": (
        lambda n: n("Add", convolved(n), n.ones(1, 4, 1, 1)),
        ("convolution", None, (8, 6, 4), 16),
    ),
    "depthwise": (
        lambda n: n("Conv", "image", n.ones(3, 1, 3, 3), group=3, pads=[1, 1, 1, 1], strides=[2, 2]),
        ("depthwise_convolution", None, (4, 3, 3), 27),
    ),
    "depthwise, automatic padding": (
        lambda n: n("Conv", "image", n.ones(3, 1, 3, 3), group=3, auto_pad="SAME_UPPER", strides=[2, 2]),
        ("depthwise_convolution", None, (4, 3, 3), 27),
    ),
    "grouped": (
        lambda n: n("Conv", convolved(n), n.ones(6, 2, 1, 1), group=2),
        ("convolution", None, (8, 6, 6), 12),
    ),
    "transposed": (
        lambda n: n("ConvTranspose", "image", n.ones(3, 2, 2, 2), strides=[2, 2]),
        ("transposed_convolution", None, (16, 12, 2), 24),
    ),
    "quantized weights": (
        lambda n: n("Conv", "image", n("DequantizeLinear", n.tensor(3, [4, 3, 1, 1], [1] * 12), n.number(0.1))),
        ("convolution", None, (8, 6, 4), 12),
    ),
    "normalization": (
        lambda n: n("BatchNormalization", convolved(n), *(n.ones(4) for _ in range(4))),
        ("batch_normalization", None, (8, 6, 4), 16),
    ),
    "normalization of two": (
        lambda n: n("Add", n("Mul", convolved(n), n.ones(1, 4, 1, 1)), n.ones(4, 1, 1)),
        ("batch_normalization", None, (8, 6, 4), 8),
    ),
    "normalization of each channel": (
        lambda n: n("InstanceNormalization", convolved(n), n.ones(4), n.ones(4)),
        ("group_normalization", None, (8, 6, 4), 8),
    ),
    "normalization by groups": (
        lambda n: n("GroupNormalization", convolved(n), n.ones(2), n.ones(2), num_groups=2),
        ("group_normalization", None, (8, 6, 4), 4),
    ),
    "normalization by groups of five": (
        lambda n: by_groups(n, n.ones(2), n.floats(0, 0)),
        ("group_normalization", None, (8, 6, 4), 8),
    ),
    "normalization of layers": (
        lambda n: n("LayerNormalization", n("Flatten", pooled(n)), n.ones(4)),
        ("layer_normalization", None, (4,), 4),
    ),
    "rescaling": (lambda n: n("Mul", "image", n.number(0.5)), ("rescaling", None, (8, 6, 3), 0)),
    "rescaling of two": (
        lambda n: n("Sub", n("Div", "image", n.number(2)), n.number(1)),
        ("rescaling", None, (8, 6, 3), 0),
    ),
    "input normalization": (
        lambda n: n("Div", n("Sub", "image", n.ones(3, 1, 1)), n.tensor(1, [3, 1, 1], [2.0, 3.0, 4.0])),
        ("normalization", None, (8, 6, 3), 6),
    ),
    "rescaling by channel": (
        lambda n: n("Mul", "image", n.tensor(1, [1, 3, 1, 1], [2.0, 3.0, 4.0])),
        ("rescaling", None, (8, 6, 3), 0),
    ),
    "nothing added": (lambda n: n("Add", n("Relu", "image"), n.number(0)), ("activation", "relu", (8, 6, 3), 0)),
    "times one": (lambda n: n("Mul", n("Relu", "image"), n.number(1)), ("activation", "relu", (8, 6, 3), 0)),
    "pooling": (pooled, ("global_average_pooling", None, (1, 1, 4), 0)),
    "pooling, flat": (lambda n: n("Flatten", pooled(n)), ("global_average_pooling", None, (4,), 0)),
    "pooling, squeezed": (
        lambda n: n("Squeeze", pooled(n), n.integers(2, 3)),
        ("global_average_pooling", None, (4,), 0),
    ),
    "pooling by reduction": (
        lambda n: n("ReduceMean", convolved(n), n.integers(-1, -2)),
        ("global_average_pooling", None, (1, 1, 4), 0),
    ),
    "pooling by reduction, flat": (
        lambda n: n("ReduceMean", "image", axes=[2, 3], keepdims=0),
        ("global_average_pooling", None, (3,), 0),
    ),
    "pooling over the whole map": (
        lambda n: n("Reshape", n("AveragePool", "image", kernel_shape=[8, 6]), n.integers(1, -1)),
        ("global_average_pooling", None, (3,), 0),
    ),
    "pooling over more than the map": (
        lambda n: n("AveragePool", "image", kernel_shape=[50, 50], strides=[50, 50], ceil_mode=1),
        ("global_average_pooling", None, (1, 1, 3), 0),
    ),
    "pooling over more than the map, with margins": (
        lambda n: n("MaxPool", "image", kernel_shape=[10, 8], pads=[1, 1, 1, 1]),
        ("global_max_pooling", None, (1, 1, 3), 0),
    ),
    "pooling over a part of the map": (
        lambda n: n("AveragePool", "image", kernel_shape=[7, 6], pads=[0, 0, 0, 0], strides=[7, 6]),
        ("average_pooling", None, (1, 1, 3), 0),
    ),
    "pooling over the whole map again and again": (
        lambda n: n("AveragePool", "image", kernel_shape=[15, 11], pads=[7, 5, 7, 5]),
        ("average_pooling", None, (8, 6, 3), 0),
    ),
    "mean of channels": (lambda n: n("ReduceMean", "image", n.integers(1)), ("opaque", None, (8, 6, 1), 0)),
    "padding": (
        lambda n: n("Pad", "image", n.integers(0, 0, 1, 2, 0, 0, 3, 4)),
        ("zero_padding", None, (12, 12, 3), 0),
    ),
    "cropping": (
        lambda n: n("Pad", "image", n.integers(0, 0, -1, 0, 0, 0, 0, -2)),
        ("cropping", None, (7, 4, 3), 0),
    ),
    "padding of channels": (
        lambda n: n("Pad", "image", n.integers(0, 1, 0, 0, 0, 0, 0, 0)),
        ("opaque", None, (8, 6, 4), 0),
    ),
    "channels last and back": (
        lambda n: n("Transpose", n("Transpose", convolved(n), perm=[0, 2, 3, 1]), perm=[0, 3, 1, 2]),
        ("convolution", None, (8, 6, 4), 12),
    ),
    "channels last": (
        lambda n: n("Relu", n("Transpose", convolved(n), perm=[0, 2, 3, 1])),
        ("activation", "relu", (8, 6, 4), 0),
    ),
    "identities": (
        lambda n: n("Identity", n("Dropout", n("Cast", convolved(n), to=1))),
        ("convolution", None, (8, 6, 4), 12),
    ),
    "there and back": (
        lambda n: n("Reshape", n("Reshape", convolved(n), n.integers(1, 4, 48)), n.integers(1, 4, 8, 6)),
        ("convolution", None, (8, 6, 4), 12),
    ),
    "rearranged": (
        lambda n: n("Reshape", n("Reshape", convolved(n), n.integers(0, -1)), n.integers(1, 2, 96)),
        ("reshape", None, (2, 96), 0),
    ),
    "concatenated": (lambda n: n("Concat", "image", convolved(n), axis=1), ("concatenate", None, (8, 6, 7), 0)),
    "upsampled": (
        lambda n: n("Resize", "image", "", n.floats(1, 1, 2, 2)),
        ("upsampling", None, (16, 12, 3), 0),
    ),
    "resized": (
        lambda n: n("Resize", "image", "", "", n.integers(1, 3, 5, 5)),
        ("resizing", None, (5, 5, 3), 0),
    ),
    "max pooling": (
        lambda n: n("MaxPool", "image", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        ("max_pooling", None, (4, 3, 3), 0),
    ),
    "difference": (lambda n: n("Sub", "image", n("Relu", "image")), ("subtract", None, (8, 6, 3), 0)),
    "unknown": (lambda n: n("Det", "image"), ("opaque", None, None, 0)),
    "unknown with weights": (lambda n: n("Einsum", convolved(n), n.ones(4, 7)), ("opaque", None, None, 28)),
}
"""What is written -> the last layer's operation, activation, shape and parameters."""


@pytest.mark.parametrize("name", SMALL)
def test_nodes_become_layers(name: str, tmp_path: Path) -> None:
    write, expected = SMALL[name]
    nodes = Nodes()
    graph = read_onnx(FileTarget(str(nodes.save(tmp_path / "small.onnx", write(nodes)))))
    (last,) = graph.outputs
    layer = graph[last]
    assert (layer.operation, layer.activation, layer.output_shape, layer.parameters) == expected


@pytest.mark.parametrize(("has_others", "parameters"), [(True, 0), (False, 36)])
def test_what_a_node_states_is_no_parameter_where_weights_are_kept_apart(
    has_others: bool, parameters: int, tmp_path: Path
) -> None:
    nodes = Nodes()
    source, channels = (convolved(nodes), 4) if has_others else ("image", 3)
    blur = helper.make_tensor("blur", TensorProto.FLOAT, [4, channels, 3, 1], [0.25] * 12 * channels)
    made = nodes("Conv", source, nodes("Constant", value=blur))
    graph = read_onnx(FileTarget(str(nodes.save(tmp_path / "blur.onnx", made))))
    assert graph[graph.outputs[0]].parameters == parameters


def test_a_product_of_two_tensors_has_multiplications(tmp_path: Path) -> None:
    nodes = Nodes()
    made = SMALL["a product of two tensors"][0](nodes)
    graph = read_onnx(FileTarget(str(nodes.save(tmp_path / "product.onnx", made))))
    assert graph[graph.outputs[0]].macs == 24 * 6 * 24


def read_small(tmp_path: Path, write: Callable[[Nodes], str], image: Any = IMAGE) -> LayerGraph:
    nodes = Nodes()
    return read_onnx(FileTarget(str(nodes.save(tmp_path / "small.onnx", write(nodes), image))))


HALF = (1, 3, 4, 3)
"""Half the rows and columns of the image."""


@pytest.mark.parametrize(
    ("attributes", "rows"),
    [
        ({}, (0, 0)),
        ({"nearest_mode": "round_prefer_ceil"}, (1, 1)),
        ({"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, (0, 0)),
        ({"mode": "linear"}, (0, 1)),
        ({"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"}, (0, 1)),
        ({"mode": "linear", "coordinate_transformation_mode": "asymmetric"}, (0, 0)),
        ({"mode": "cubic"}, (-1, 2)),
        ({"mode": "cubic", "antialias": 1}, None),
        ({"mode": "linear", "coordinate_transformation_mode": "align_corners"}, None),
    ],
)
def test_which_rows_a_resized_image_is_made_of(
    attributes: dict[str, Any], rows: tuple[int, int] | None, tmp_path: Path
) -> None:
    """Those of the first new row, as ONNX defines them: new positions lie at (o + 0.5) * 2 - 0.5, or at 2 * o."""
    graph = read_small(tmp_path, lambda n: n("Resize", "image", "", "", n.integers(*HALF), **attributes))
    field = reaches(graph)[graph.layers[-1].name]
    assert (field and field[0].at(0)) == rows


def test_joined_layers_show_all_their_operators(tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: n("Mul", "image", n("Sigmoid", "image")))
    assert [layer.class_name for layer in graph] == ["Input", "Sigmoid+Mul"]


def test_a_convolution_may_compute_its_weights(tmp_path: Path) -> None:
    """As conditional convolutions do: the layer has a kernel, and no parameters of its own."""

    def write(nodes: Nodes) -> str:
        pooled_image = nodes("GlobalAveragePool", "image")
        mixed = nodes("Conv", pooled_image, nodes.ones(12, 3, 1, 1))
        weights = nodes("Reshape", mixed, nodes.integers(4, 3, 1, 1))
        return nodes("Conv", "image", weights)

    graph = read_small(tmp_path, write)
    last = graph.layers[-1]
    assert (last.operation, last.kernel, last.filters, last.parameters) == ("convolution", (1, 1), 4, 0)
    assert (last.inputs[0], len(last.inputs), last.data_inputs) == ("image", 2, ("image",))


@pytest.mark.parametrize("image", [IMAGE, ("batch", 3, "height", "width")])
def test_normalization_by_groups_is_one_layer(image: Any, tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: by_groups(n, n.ones(2), n.floats(0, 0)), image)
    last = graph.layers[-1]
    assert (len(graph), last.operation, last.groups, last.epsilon) == (3, "group_normalization", 2, 0.25)
    assert (last.use_scale, last.use_bias, last.output_shape) == (True, True, graph.layers[1].output_shape)


def test_groups_with_learned_factors_are_not_joined(tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: by_groups(n, n.floats(0.5, 2), n.floats(0, 0)))
    assert [layer.operation for layer in graph][2:5] == ["reshape", "group_normalization", "reshape"]


@pytest.mark.parametrize("domain", ["com.microsoft", "com.microsoft.nchwc"])
def test_a_convolution_may_add_what_a_residual_connection_brings(domain: str, tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        kind = "FusedConv" if domain == "com.microsoft" else "Conv"
        before = nodes(kind, "image", nodes.ones(16, 3, 1, 1), domain=domain)
        return nodes(kind, before, nodes.ones(16, 16, 1, 1), nodes.ones(16), before, domain=domain)

    def activated(nodes: Nodes) -> str:
        last = write(nodes)
        nodes.nodes[-1].attribute.append(helper.make_attribute("activation", "Relu"))
        return last

    graph = read_small(tmp_path, write)
    assert [(layer.name, layer.operation, layer.inputs) for layer in graph][2:] == [
        ("t1", "convolution", ("t0",)),
        ("t1:sum", "add", ("t1", "t0")),
    ]
    assert (graph.outputs, graph["t1"].parameters, graph["t1:sum"].output_shape) == (("t1:sum",), 272, (8, 6, 16))
    behind = read_small(tmp_path, activated)
    assert [(layer.operation, layer.activation) for layer in behind][2:] == [
        ("convolution", None),
        ("add", None),
        ("activation", "relu"),
    ]


def filled_up(nodes: Nodes) -> str:
    """Squeeze-excite of 5 channels and a depthwise convolution of 20, in blocks of 8, told by their biases."""
    biases = nodes.floats(*[0.5] * 20, 0, 0, 0, 0)
    wide = nodes("Conv", "image", nodes.ones(24, 3, 1, 1), biases, domain="com.microsoft.nchwc")
    wide = nodes(
        "Conv", wide, nodes.ones(24, 1, 3, 3), biases, group=24, pads=[1, 1, 1, 1], domain="com.microsoft.nchwc"
    )
    wide = nodes("QuickGelu", wide, alpha=1.0, domain="com.microsoft")
    squeezed_image = nodes("GlobalAveragePool", wide, domain="com.microsoft.nchwc")
    fewer = nodes.floats(*[0.5] * 5, 0, 0, 0)
    reduced = nodes("Conv", squeezed_image, nodes.ones(8, 24, 1, 1), fewer, domain="com.microsoft.nchwc")
    return nodes("Conv", reduced, nodes.ones(24, 8, 1, 1), biases, domain="com.microsoft.nchwc")


def test_channels_that_fill_up_a_block_are_not_counted(tmp_path: Path) -> None:
    graph = read_small(tmp_path, filled_up)
    assert [layer.channels for layer in graph] == [3, 20, 20, 20, 20, 5, 20]
    assert [layer.parameters for layer in graph] == [0, 80, 200, 0, 0, 105, 120]
    assert [layer.groups for layer in graph if layer.filters] == [1, 20, 1, 1]
    assert Measures(graph).totals()["macs"] == 8 * 6 * 20 * 3 + 8 * 6 * 20 * 9 + 20 * 5 * 2


def test_where_blocks_end_it_is_told_how_many_channels_there_are(tmp_path: Path) -> None:
    """Biases that are not read, or all zeros, tell nothing."""

    def write(nodes: Nodes) -> str:
        activated = nodes("Relu", blocked(nodes, nodes.floats(*[0.0] * 16)))
        whole = nodes("ReorderOutput", activated, channels=10, channels_last=0, domain="com.microsoft.nchwc")
        return nodes("Conv", whole, nodes.ones(4, 10, 1, 1))

    graph = read_small(tmp_path, write)
    assert [layer.channels for layer in graph] == [3, 10, 10, 4]
    assert [layer.parameters for layer in graph] == [0, 40, 0, 40]
    assert graph.remarks == ()


def test_where_nothing_tells_how_many_channels_there_are_a_remark_says_so(tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: n("Relu", blocked(n, n.floats(*[0.0] * 16))))
    assert graph.layers[1].parameters == 64
    (remark,) = graph.remarks
    assert remark.startswith("1 convolution may be counted with up to 15 channels too many")
    assert remark in summary(Network(graph)).notes
    assert read_small(tmp_path, lambda n: blocked(n, n.ones(16))).remarks == ()


def test_an_old_reshape_of_weights_states_its_sizes_as_an_attribute(tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: n("Add", "image", n("Reshape", n.ones(80), shape=[1, 80])))
    assert graph.layers[-1].class_name == "Add"


def test_whole_blocks_stay_whole(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        blocks = nodes("ReorderInput", convolved(nodes, 16), domain="com.microsoft.nchwc")
        biases = nodes.floats(*[0.0] * 16, *[0.5] * 16)
        last = nodes("Conv", blocks, nodes.ones(32, 16, 1, 1), biases, domain="com.microsoft.nchwc")
        return nodes("ReorderOutput", last, channels=32, domain="com.microsoft.nchwc")

    assert [layer.output_shape for layer in read_small(tmp_path, write)] == [(8, 6, 3), (8, 6, 16), (8, 6, 32)]


def test_a_block_of_an_image_that_is_channels_last(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        image = nodes("Relu", "image")
        blocks = nodes("ReorderInput", image, channels_last=1, domain="com.microsoft.nchwc")
        last = nodes("Conv", blocks, nodes.ones(16, 4, 1, 1), nodes.ones(16), domain="com.microsoft.nchwc")
        whole = nodes("ReorderOutput", last, channels=16, channels_last=1, domain="com.microsoft.nchwc")
        return nodes("ReduceMean", whole, axes=[1, 2])

    graph = read_small(tmp_path, write, (1, 8, 6, 4))
    assert [layer.output_shape for layer in graph] == [(8, 6, 4), (8, 6, 4), (8, 6, 16), (1, 1, 16)]
    assert graph.layers[-1].operation == "global_average_pooling"


def whole_numbers(nodes: Nodes, *shape: int, kind: int = TensorProto.INT8) -> str:
    return nodes.tensor(kind, shape, [1] * math.prod(shape))


def scale_and_zero(nodes: Nodes) -> list[str]:
    return [nodes.floats(0.5), whole_numbers(nodes, 1, kind=TensorProto.UINT8)]


def linear(nodes: Nodes, kind: str, *inputs: str, **attributes: Any) -> str:
    """An operator of ONNX Runtime on whole numbers, each input with its scale and zero point."""
    operands = [each for name in inputs for each in (name, *scale_and_zero(nodes))]
    return nodes(f"QLinear{kind}", *operands, *scale_and_zero(nodes), domain="com.microsoft", **attributes)


def linear_convolution(nodes: Nodes, image: str, *shape: int, **attributes: Any) -> str:
    kernel, bias = whole_numbers(nodes, *shape), whole_numbers(nodes, shape[0], kind=TensorProto.INT32)
    operands = [image, *scale_and_zero(nodes), kernel, *scale_and_zero(nodes), *scale_and_zero(nodes), bias]
    return nodes("QLinearConv", *operands, **attributes)


def in_whole_numbers(nodes: Nodes) -> str:
    """A convolution, swish, pooling and a dense layer, all of them quantised."""
    image = nodes("QuantizeLinear", "image", *scale_and_zero(nodes))
    convolved_image = linear_convolution(nodes, image, 4, 3, 3, 3, pads=[1, 1, 1, 1])
    gate = linear(nodes, "Sigmoid", convolved_image)
    swish = linear(nodes, "Mul", convolved_image, gate)
    total = linear(nodes, "Add", swish, convolved_image)
    pooled_image = linear(nodes, "GlobalAveragePool", total)
    flat = nodes("Flatten", pooled_image)
    weights = [whole_numbers(nodes, 5, 4), *scale_and_zero(nodes), whole_numbers(nodes, 5, kind=TensorProto.INT32)]
    scales = scale_and_zero(nodes)
    dense = nodes("QGemm", flat, *scales, *weights, *scale_and_zero(nodes), transB=1, domain="com.microsoft")
    return nodes("DequantizeLinear", dense, *scale_and_zero(nodes))


QUANTIZED = [("input", 0, None), ("convolution", 112, "int8"), ("activation", 0, None), ("add", 0, None)]


def test_whole_numbers_in_place_of_floats(tmp_path: Path) -> None:
    """Scales and zero points are no parameters, and quantising and back is nothing."""
    graph = read_small(tmp_path, in_whole_numbers)
    assert [(layer.operation, layer.parameters, layer.precision) for layer in graph] == [
        *QUANTIZED,
        ("global_average_pooling", 0, None),
        ("dense", 25, "int8"),
    ]
    assert [layer.activation for layer in graph if layer.activation] == ["silu"]
    assert Measures(graph).totals()["macs"] == 8 * 6 * 4 * 3 * 9 + 4 * 5
    assert not Measures(graph).totals().total("macs").missing


def test_whole_numbers_channels_last(tmp_path: Path) -> None:
    """As ONNX Runtime lays them out for some processors, between transposes."""

    def write(nodes: Nodes) -> str:
        last = nodes("Transpose", "image", perm=[0, 2, 3, 1])
        convolved_image = linear_convolution(nodes, last, 4, 3, 3, 3, strides=[2, 2], pads=[1, 1, 1, 1])
        nodes.nodes[-1].domain = "com.microsoft"
        nodes.nodes[-1].attribute.append(helper.make_attribute("channels_last", 1))
        activated = linear(nodes, "Sigmoid", convolved_image)
        windowed = nodes("NhwcMaxPool", activated, kernel_shape=[2, 2], domain="com.microsoft")
        return nodes("Relu", nodes("Transpose", windowed, perm=[0, 3, 1, 2]))

    graph = read_small(tmp_path, write)
    assert [layer.output_shape for layer in graph] == [(8, 6, 3), (4, 3, 4), (4, 3, 4), (3, 2, 4), (3, 2, 4)]
    assert [layer.operation for layer in graph][1:] == ["convolution", "activation", "max_pooling", "activation"]


def dynamic(nodes: Nodes, kind: str, data: str, weights: str, **attributes: Any) -> str:
    """As a tool for dynamic quantisation writes it: scales that follow the data, and back to floats behind."""
    outputs = [f"q{len(nodes.nodes)}{part}" for part in ("", "scale", "zero")]
    nodes.nodes.append(helper.make_node("DynamicQuantizeLinear", [data], outputs))
    factor = nodes("Mul", outputs[1], nodes.floats(0.5))
    product = nodes(kind, outputs[0], weights, outputs[2], whole_numbers(nodes, 1), **attributes)
    return nodes("Mul", nodes("Cast", product, to=1), factor)


def test_scales_that_follow_the_data_are_no_layers(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        convolved_image = dynamic(nodes, "ConvInteger", "image", whole_numbers(nodes, 80, 3, 1, 1))
        bias = nodes("Reshape", nodes.ones(80), nodes.integers(1, -1, 1, 1))
        flat = nodes("Flatten", nodes("GlobalAveragePool", nodes("Add", convolved_image, bias)))
        return nodes("Add", dynamic(nodes, "MatMulInteger", flat, whole_numbers(nodes, 80, 5)), nodes.ones(5))

    graph = read_small(tmp_path, write)
    assert [(layer.operation, layer.parameters, layer.precision, layer.output_shape) for layer in graph][1:] == [
        ("convolution", 320, "int8", (8, 6, 80)),
        ("global_average_pooling", 0, None, (80,)),
        ("dense", 405, "int8", (5,)),
    ]


def test_weights_that_are_quantised_and_back_are_whole_numbers(tmp_path: Path) -> None:
    """With a number as scale, which is no weight; the biases are whole numbers too, like positions."""

    def write(nodes: Nodes) -> str:
        scales = [nodes.number(0.5), nodes.tensor(TensorProto.INT8, [], [0])]
        kernel = nodes("DequantizeLinear", whole_numbers(nodes, 4, 3, 1, 1), *scales)
        bias = nodes("DequantizeLinear", whole_numbers(nodes, 4, kind=TensorProto.INT32), nodes.number(0.5))
        return nodes(
            "Conv", nodes("DequantizeLinear", nodes("QuantizeLinear", "image", *scales), *scales), kernel, bias
        )

    graph = read_small(tmp_path, write)
    assert [(layer.operation, layer.parameters, layer.precision) for layer in graph][1:] == [
        ("convolution", 16, "int8")
    ]


@pytest.mark.parametrize(("kind", "precision"), [(TensorProto.FLOAT16, "float16"), (TensorProto.FLOAT, None)])
def test_weights_have_the_precision_of_the_file(kind: int, precision: str | None, tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: n("Conv", "image", n.tensor(kind, [4, 3, 1, 1], [1.0] * 12)))
    assert graph.layers[-1].precision == precision


def test_a_sigmoid_that_others_need_stays(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        gate = nodes("Sigmoid", "image")
        return nodes("Add", nodes("Mul", "image", gate), gate)

    assert [layer.operation for layer in read_small(tmp_path, write)] == ["input", "activation", "multiply", "add"]


def test_attributes_are_told_like_those_of_keras(tmp_path: Path) -> None:
    def convolution(**attributes: Any) -> Layer:
        graph = read_small(tmp_path, lambda n: n("Conv", "image", n.ones(4, 3, 3, 3), **attributes))
        return graph.layers[1]

    same = convolution(pads=[1, 1, 1, 1])
    assert (same.padding, same.margins, same.kernel, same.stride, same.filters) == ("same", None, (3, 3), (1, 1), 4)
    # Keras' "same" puts the odd row after, torch puts one on either side.
    assert convolution(pads=[0, 0, 1, 1], strides=[2, 2]).padding == "same"
    either_side = convolution(pads=[1, 1, 1, 1], strides=[2, 2])
    assert (either_side.padding, either_side.margins) == ("valid", ((1, 1), (1, 1)))
    assert convolution().padding == "valid"


def test_shared_weights_are_counted_once(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        kernel, bias = nodes.ones(3, 3, 1, 1), nodes.ones(3)
        first = nodes("Conv", "image", kernel, bias)
        return nodes("Conv", nodes("Relu", first), kernel, bias)

    graph = read_small(tmp_path, write)
    assert [layer.parameters for layer in graph] == [0, 12, 0, 0]
    assert graph.layers[-1].shares_weights_with == graph.layers[1].name


def test_equal_vectors_stored_once_are_not_shared(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        ones = [nodes.ones(3) for _ in range(4)]
        first = nodes("BatchNormalization", nodes("Conv", "image", nodes.ones(3, 3, 1, 1)), *ones)
        return nodes("BatchNormalization", nodes("Conv", first, nodes.ones(3, 3, 1, 1)), *ones)

    assert [layer.parameters for layer in read_small(tmp_path, write)] == [0, 9, 12, 9, 12]


def test_unknown_sizes_stay_unknown(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        pads = nodes("Concat", nodes.integers(0, 0), nodes("Shape", "image"), nodes.integers(0, 0), axis=0)
        return nodes("Conv", nodes("Pad", "image", pads), nodes.ones(4, 3, 1, 1))

    graph = read_small(tmp_path, write, ("batch", 3, "height", 6))
    assert [layer.output_shape for layer in graph] == [(None, 6, 3), (None, None, 3), (None, None, 4)]


@pytest.mark.parametrize("image", [("n", 3, "height", "width"), (1, 3, 32, None), ("n", "height", "width", 3)])
def test_an_open_size_may_be_given(image: Any, tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        first = nodes("Transpose", "image", perm=[0, 3, 1, 2]) if image[-1] == 3 else "image"
        return nodes("Conv", first, nodes.ones(4, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1])

    nodes = Nodes()
    path = str(nodes.save(tmp_path / "small.onnx", write(nodes), image))
    assert load(f"{path}@32x64").layers[-1].output_shape == (16, 32, 4)
    assert None in (load(path).layers[-1].output_shape or ())


def test_a_size_that_is_fixed_stays(tmp_path: Path) -> None:
    nodes = Nodes()
    path = nodes.save(tmp_path / "small.onnx", convolved(nodes), (1, 3, "height", 64))
    assert load(f"{path}@32x64").layers[-1].output_shape == (32, 64, 4)
    with pytest.raises(SourceError, match=r"small\.onnx takes images of \?×64 and of no other size, .* at 96×96"):
        load(f"{path}@96")


def padded_by_computation(nodes: Nodes) -> str:
    """As torch exports padding "same": the other axes' zeros are as many as the shape of what is computed leaves."""
    height = nodes("Gather", nodes("Shape", "image"), nodes.integers(2))
    steps = nodes("Sub", nodes("Ceil", nodes("Div", nodes("Cast", height, to=1), nodes.number(2))), nodes.number(1))
    reached = nodes("Add", nodes("Mul", steps, nodes.number(2)), nodes.number(3))
    total = nodes("Clip", nodes("Sub", reached, nodes("Cast", height, to=1)), nodes.number(0))
    after = nodes("Cast", total, to=7)
    sides = nodes("Concat", nodes.integers(0), after, nodes.integers(0), nodes.integers(0), axis=0)
    rest = nodes("Sub", nodes.integers(8), nodes("Shape", sides))
    pads = nodes("Concat", sides, nodes("ConstantOfShape", rest, value=ZERO), axis=0)
    turned = nodes("Slice", nodes("Reshape", pads, nodes.integers(-1, 2)), *map(nodes.integers, (-1, -9, 0, -1)))
    pads = nodes("Reshape", nodes("Transpose", turned, perm=[1, 0]), nodes.integers(-1))
    return nodes("Conv", nodes("Pad", "image", pads), nodes.ones(4, 3, 3, 3), strides=[2, 2])


ZERO = helper.make_tensor("zero", TensorProto.INT64, [1], [0])


def test_padding_that_is_computed_from_shapes_is_known(tmp_path: Path) -> None:
    graph = read_small(tmp_path, padded_by_computation)
    assert [layer.output_shape for layer in graph] == [(8, 6, 3), (8, 7, 3), (3, 3, 4)]


def test_the_shape_of_weights_is_known(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        sizes = nodes("Concat", nodes("Shape", nodes.ones(8, 3, 1, 1), end=1), nodes.integers(-1), axis=0)
        return nodes("Reshape", "image", sizes)

    assert read_small(tmp_path, write, (8, 3, 2, 2)).layers[-1].output_shape == (12,)


def squeezed(nodes: Nodes) -> str:
    """A squeeze without axes, and a dense layer behind it."""
    return nodes("MatMul", nodes("Squeeze", pooled(nodes)), nodes.ones(4, 10))


@pytest.mark.parametrize("batch", ["batch", None, 1, 2])
def test_a_squeeze_without_axes_leaves_the_shape_of_one_image(batch: object, tmp_path: Path) -> None:
    graph = read_small(tmp_path, squeezed, (batch, 3, 8, 6))
    assert [layer.output_shape for layer in graph][1:] == [(8, 6, 4), (4,), (10,)]
    assert [layer.operation for layer in graph][2:] == ["global_average_pooling", "dense"]


def test_a_batch_that_was_squeezed_away_may_come_back(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        vector = nodes("Unsqueeze", nodes("Squeeze", pooled(nodes)), nodes.integers(0))
        return nodes("Gemm", vector, nodes.ones(4, 10))

    assert read_small(tmp_path, write, (1, 3, 8, 6)).layers[-1].output_shape == (10,)


def test_nobody_can_tell_what_a_squeeze_leaves_of_unknown_sizes(tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: n("Squeeze", "image"), ("batch", 3, "height", 1))
    assert graph.layers[-1].output_shape is None


def test_inputs_that_nothing_takes_are_left_out(tmp_path: Path) -> None:
    nodes = Nodes()
    path = nodes.save(tmp_path / "small.onnx", nodes("Relu", "image"))
    model = onnx.load(str(path))
    model.graph.input.append(helper.make_tensor_value_info("mean", 1, [1, 1, 1, 3]))
    path.write_bytes(model.SerializeToString())
    assert [layer.name for layer in read_onnx(FileTarget(str(path)))] == ["image", "t0"]


def test_names_stay_unique(tmp_path: Path) -> None:
    nodes = Nodes()
    path = nodes.save(tmp_path / "small.onnx", nodes("Relu", nodes("Relu", nodes("Relu", "image"))))
    model = onnx.load(str(path))
    for node in model.graph.node:
        node.name = "image"
    path.write_bytes(model.SerializeToString())
    assert [layer.name for layer in read_onnx(FileTarget(str(path)))] == ["image", "t0", "t1", "t2"]


def test_what_an_inner_graph_takes_is_an_input(tmp_path: Path) -> None:
    branch = helper.make_graph(
        [helper.make_node("Relu", ["t0"], ["inner"])], "branch", [], [helper.make_tensor_value_info("inner", 1, None)]
    )

    def write(nodes: Nodes) -> str:
        nodes("Neg", "image")
        condition = nodes.tensor(TensorProto.BOOL, [], [True])
        return nodes("If", condition, then_branch=branch, else_branch=branch)

    graph = read_small(tmp_path, write)
    assert [(layer.class_name, layer.inputs) for layer in graph][1:] == [("Neg", ("image",)), ("If", ("t0",))]


def test_weights_are_not_read(tmp_path: Path) -> None:
    nodes = Nodes()
    path = nodes.save(tmp_path / "small.onnx", nodes("Conv", "image", nodes.ones(600, 3, 20, 20), pads=[10] * 4))
    assert path.stat().st_size > 1000 * WEIGHTS_BYTES
    taken: list[int] = []
    decode = onnx.ModelProto.FromString

    class Watched:
        @staticmethod
        def FromString(data: bytes) -> Any:  # noqa: N802  as protocol buffers name it
            taken.append(len(data))
            return decode(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx, "ModelProto", Watched)
        graph = read_onnx(FileTarget(str(path)))
    assert sum(taken) < WEIGHTS_BYTES
    assert graph.layers[-1].parameters == 600 * 3 * 20 * 20


def test_files_beside_are_not_opened(tmp_path: Path) -> None:
    """A small constant that claims to be stored anywhere else is unknown; no path in a file is ever followed."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(bytes(64))
    nodes = Nodes()
    path = nodes.save(tmp_path / "small.onnx", nodes("Pad", "image", nodes.integers(0, 0, 0, 0, 0, 0, 0, 0)))
    model = onnx.load(str(path))
    pads = model.graph.initializer[0]
    pads.ClearField("int64_data")
    pads.data_location = TensorProto.EXTERNAL
    pads.external_data.add(key="location", value=str(elsewhere))
    path.write_bytes(model.SerializeToString())
    assert read_onnx(FileTarget(str(path))).layers[-1].output_shape == (None, None, 3)


def test_another_network_is_said_to_be_none(tmp_path: Path) -> None:
    graph = read_small(tmp_path, lambda n: n("Relu", convolved(n)))
    assert (dissect(graph).blocks, dissect(graph).backbones) == ((), 0)


def test_without_onnx_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SourceError, match=r"pip install effnet-inspect\[onnx\]"):
        read_onnx(FileTarget(str(tmp_path / "model.onnx")))


def model_bytes(change: Callable[[Any], object] = lambda model: None) -> bytes:
    nodes = Nodes()
    normalized = nodes("BatchNormalization", convolved(nodes), *(nodes.ones(4) for _ in range(4)))
    gated = nodes("Mul", normalized, nodes("Sigmoid", normalized))
    flat = nodes("Reshape", nodes("GlobalAveragePool", gated), nodes.integers(1, -1))
    nodes("Gemm", flat, nodes.ones(5, 4), transB=1)
    graph = helper.make_graph(
        nodes.nodes,
        "small",
        [helper.make_tensor_value_info("image", 1, IMAGE)],
        [helper.make_tensor_value_info("t7", 1, None)],
        nodes.tensors,
    )
    graph.output[0].name = nodes.nodes[-1].output[0]
    model = helper.make_model(graph)
    change(model)
    return bytes(model.SerializeToString())


def renamed_input(model: Any) -> None:
    model.graph.node[0].input[0] = "nobody"


def in_a_circle(model: Any) -> None:
    model.graph.node[0].input[0] = model.graph.node[3].output[0]


def twice(model: Any) -> None:
    model.graph.node[1].output[0] = model.graph.node[0].output[0]


def without_operands(model: Any) -> None:
    del model.graph.node[0].input[1:]


def negative_size(model: Any) -> None:
    model.graph.initializer[0].dims[0] = -4


def no_inputs(model: Any) -> None:
    del model.graph.input[:]


def only_constants(model: Any) -> None:
    del model.graph.node[:]
    model.graph.node.append(helper.make_node("Constant", [], ["out"], value_int=1))


def many_nodes(model: Any) -> None:
    model.graph.node.extend([helper.make_node("Relu", ["image"], [])] * 50_000)


def senseless_attribute(model: Any) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("strides", "ab"))


def nested_deeply(model: Any) -> None:
    graph = helper.make_graph([helper.make_node("Relu", ["image"], ["x"])], "inner", [], [])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("If", ["image"], ["x"], then_branch=graph)], "inner", [], [])
    model.graph.node.append(graph.node[0])


def many_axes(model: Any) -> None:
    model.graph.initializer[0].dims[:] = [1] * 17


def many_sources(model: Any) -> None:
    last = "image_size"
    model.graph.initializer.add(name=last, data_type=1, dims=[3])
    for number in range(300):
        model.graph.initializer.add(name=f"w{number}", data_type=1, dims=[3])
        model.graph.node.append(helper.make_node("Add", [last, f"w{number}"], [f"s{number}"]))
        last = f"s{number}"


def long_attribute(model: Any) -> None:
    model.graph.node[0].attribute.append(helper.make_attribute("long", "x" * 2**20))


DAMAGED: dict[str, tuple[bytes, str]] = {
    "many axes": (model_bytes(many_axes), "has 17 axes, 16 are the most"),
    "many sources": (model_bytes(many_sources), "257 weights that one constant is computed from, and 256 are"),
    "long attribute": (model_bytes(long_attribute), "an attribute of more than 1 MiB"),
    "empty": (b"", "is no ONNX file, or its graph is empty"),
    "text": (b"this is a text and no model at all\n", "is no ONNX file"),
    "json": (b'{"class_name": "Functional"}', "is no ONNX file"),
    "archive": (b"PK\x03\x04" + bytes(60), "is no ONNX file"),
    "truncated": (model_bytes()[:-40], "it ends too early"),
    "too long a varint": (b"\xff" * 40, "is no ONNX file"),
    "no nodes": (model_bytes(lambda model: model.graph.ClearField("node")), "its graph is empty"),
    "missing tensor": (model_bytes(renamed_input), "takes 'nobody', which nothing gives"),
    "cycle": (model_bytes(in_a_circle), "form a cycle"),
    "made twice": (model_bytes(twice), "is made more than once"),
    "missing operand": (model_bytes(without_operands), "does not make sense as Conv"),
    "negative size": (model_bytes(negative_size), "negative size"),
    "no inputs": (model_bytes(no_inputs), "takes 'image', which nothing gives"),
    "constants alone": (model_bytes(only_constants), "nothing that it gives depends on an input"),
    "zeros": (bytes(5_000_000), "is not made of protocol buffer fields"),
    "many parts": (b"\x08\x09" * 600_000, "more than 500,000 parts"),
    "many nodes": (model_bytes(many_nodes), "nodes in model.onnx, and 50,000 are the most"),
    "senseless attribute": (model_bytes(senseless_attribute), "does not make sense as Conv"),
    "nested": (model_bytes(nested_deeply), "nested more than 16 deep"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_a_sentence(name: str, tmp_path: Path) -> None:
    content, sentence = DAMAGED[name]
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=sentence) as caught:
        read_onnx(FileTarget(str(path)))
    assert "model.onnx" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_onnx(FileTarget(str(tmp_path / "missing.onnx")))
    with pytest.raises(SourceError, match="Is a directory"):
        read_onnx(FileTarget(str(tmp_path)))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("onnx") / "model.onnx"


WHOLE = model_bytes()

damages = st.lists(
    st.tuples(st.integers(0, len(WHOLE) - 1), st.sampled_from(["cut", "insert", "replace"]), st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)


def read_or_refuse(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    try:
        graph = read_onnx(FileTarget(str(path)))
        Measures(graph).totals()
        dissect(graph)
    except EffnetInspectError:
        return


def doubled(kind: str) -> Callable[[Nodes], str]:
    """A shape, or a tensor's rank, that doubles with each of 40 nodes."""

    def write(nodes: Nodes) -> str:
        grown = nodes("Shape", "image") if kind == "Concat" else "image"
        for _ in range(20):
            grown = nodes(kind, grown, grown, axis=0)
        return nodes("Reshape", "image", grown) if kind == "Concat" else grown

    return write


@pytest.mark.parametrize("kind", ["Concat", "Gather"])
def test_shapes_that_double_stay_unknown(kind: str, tmp_path: Path) -> None:
    assert read_small(tmp_path, doubled(kind)).layers[-1].output_shape is None


def test_shapes_behind_operators_that_onnx_does_not_know(tmp_path: Path) -> None:
    def write(nodes: Nodes) -> str:
        fused = nodes("FusedConv", "image", nodes.ones(4, 3, 1, 1), activation="Relu", domain="com.microsoft")
        swish = nodes("QuickGelu", fused, alpha=1.0, domain="com.microsoft")
        return nodes("MaxPool", swish, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)

    assert [layer.output_shape for layer in read_small(tmp_path, write)][1:] == [(8, 6, 4), (8, 6, 4), (4, 3, 4)]


TRANSPOSED: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"strides": [2, 2]}, (17, 13)),
    ({"strides": [2, 2], "pads": [1, 1, 1, 1]}, (15, 11)),
    ({"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}, (16, 12)),
    ({"strides": [2, 2], "auto_pad": "SAME_UPPER"}, (16, 12)),
    ({"dilations": [2, 2]}, (12, 10)),
]


@pytest.mark.parametrize(("attributes", "sides"), TRANSPOSED)
@pytest.mark.parametrize("infers", [True, False])
def test_transposed_convolutions_with_and_without_inference(
    attributes: dict[str, Any], sides: tuple[int, int], infers: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not infers:
        monkeypatch.setattr(Inference, "shapes", lambda self, node, operands: {})
    graph = read_small(tmp_path, lambda n: n("ConvTranspose", "image", n.ones(3, 2, 3, 3), **attributes))
    assert graph.layers[-1].output_shape == (*sides, 2)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages)
def test_damage_never_ends_in_a_traceback(scratch: Path, changes: list[tuple[int, str, bytes]]) -> None:
    content = bytearray(WHOLE)
    for place, how, what in changes:
        end = {"cut": len(content), "insert": place, "replace": place + len(what)}[how]
        content[place:end] = what
    read_or_refuse(bytes(content), scratch)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_noise_never_ends_in_a_traceback(scratch: Path, content: bytes) -> None:
    read_or_refuse(content, scratch)


def test_a_whole_file_is_read(scratch: Path) -> None:
    scratch.write_bytes(WHOLE)
    assert [layer.operation for layer in read_onnx(FileTarget(str(scratch)))] == [
        "input",
        "convolution",
        "batch_normalization",
        "activation",
        "global_average_pooling",
        "dense",
    ]
    assert len(read_graph(scratch).nodes) == 7


@pytest.mark.parametrize("style", ["tf2onnx", "efficientnet-pytorch"])
def test_a_damaged_export_never_ends_in_a_traceback(style: str, tmp_path: Path) -> None:
    """Deterministic damage all over a real network's file: every kind of node is hit somewhere."""
    path = tmp_path / "model.onnx"
    write_export(graph_of("b0"), path, STYLES[style])
    whole = path.read_bytes()
    for place in range(7, 12_000, 401):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 7
        read_or_refuse(bytes(damaged), path)


def test_commands_take_an_onnx_file(tmp_path: Path) -> None:
    path = tmp_path / "exported.onnx"
    write_export(graph_of("b0"), path, STYLES["torchvision, folded"])
    answer = CliRunner().invoke(effnet_inspect, ["summary", str(path), "--format", "csv"])
    assert answer.exit_code == 0
    assert "5267540" in answer.output
    assert "385814752" in answer.output
    compared = CliRunner().invoke(effnet_inspect, ["compare", "b0", str(path)])
    assert compared.exit_code == 0
    assert "MACs = 385.8 M" in compared.output


def test_a_damaged_file_is_a_sentence_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x0a" + bytes(range(1, 60)))
    command = [sys.executable, "-m", "effnet_inspect", "summary", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: model.onnx is no ONNX file")
    assert answer.stderr.count("\n") == 1
