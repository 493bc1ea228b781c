"""Writes a LayerGraph as the ONNX file that an exporter would write: the same node patterns, without its framework.

The patterns are those seen in real exports: of Keras 3.15 through tf2onnx 1.17, and of timm 1.0, torchvision 0.28
and efficientnet-pytorch 0.7 through both exporters of torch 2.13. All weights are said to be in a file beside,
which does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

from effnet_inspect.graph import Layer, LayerGraph

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """How an exporter writes what can be written in several ways.

    `normalization` is "BatchNormalization", "folded" (into the convolution before it) or "Mul+Add".
    `pooling` is an operator, with `+Squeeze` where a squeeze follows. `padding` is "Pad", "computed" (its amounts
    come from a chain of nodes, as in efficientnet-pytorch) or "convolution" (its own attribute).
    """

    name: str
    channels_last: bool = False
    preprocessing: bool = False
    normalization: str = "BatchNormalization"
    pooling: str = "GlobalAveragePool"
    padding: str = "convolution"
    dense: str = "Gemm"
    flatten: str = "Flatten"
    training: bool = False
    dynamic_batch: bool = False
    stated_shapes: bool = False


STYLES = {
    style.name: style
    for style in (
        Style("torchvision"),
        Style("torchvision, folded", normalization="folded"),
        Style("torchvision, for training", training=True),
        Style("timm, folded", normalization="folded", pooling="ReduceMean", flatten="computed", dynamic_batch=True),
        Style("efficientnet-pytorch", padding="computed"),
        Style("torch.export", normalization="folded", pooling="ReduceMean", flatten="Reshape", stated_shapes=True),
        Style(
            "tf2onnx",
            channels_last=True,
            preprocessing=True,
            normalization="Mul+Add",
            pooling="GlobalAveragePool+Squeeze",
            padding="Pad",
            dense="MatMul",
            dynamic_batch=True,
        ),
    )
}


def write_export(graph: LayerGraph, path: Path, style: Style) -> None:
    """Write `graph` to `path` in the style of an exporter."""
    path.write_bytes(_Exporter(graph, style).model().SerializeToString())


@dataclass(slots=True)
class _Exporter:
    graph: LayerGraph
    style: Style
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)
    tensor: dict[str, str] = field(default_factory=dict)
    margins: dict[str, tuple[int, ...]] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)

    def model(self) -> Any:
        for layer in self.graph:
            self.tensor[layer.name] = getattr(self, f"_{layer.operation}")(layer)
        image = self.graph.layers[0]
        assert image.output_shape is not None
        height, width, channels = image.output_shape
        batch = "batch" if self.style.dynamic_batch else 1
        sizes = [batch, height, width, channels] if self.style.channels_last else [batch, channels, height, width]
        stated = []
        if self.style.stated_shapes:
            stated = [
                helper.make_tensor_value_info(self.tensor[layer.name], 1, self._shape(layer))
                for layer in self.graph
                if layer.operation == "convolution"
            ]
        result = self.tensor[self.graph.outputs[0]]
        graph = helper.make_graph(
            self.nodes,
            "main_graph",
            [helper.make_tensor_value_info("image", 1, sizes)],
            [helper.make_tensor_value_info(result, 1, [batch, self.graph[self.graph.outputs[0]].channels])],
            self.weights,
            value_info=stated,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)

    @staticmethod
    def _shape(layer: Layer) -> list[int | None]:
        assert layer.output_shape is not None
        height, width, channels = layer.output_shape
        return [1, channels, height, width]

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"node_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [f"{name}_output"], name, **attributes))
        return f"{name}_output"

    def _weight(self, *shape: int) -> str:
        weight = TensorProto(name=f"weight_{len(self.weights)}", data_type=TensorProto.FLOAT, dims=shape)
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value="weights.bin")
        self.weights.append(weight)
        return str(weight.name)

    def _integers(self, *values: int) -> str:
        name = f"integers_{len(self.weights)}"
        self.weights.append(helper.make_tensor(name, TensorProto.INT64, [len(values)], values))
        return name

    def _number(self, value: float) -> str:
        name = f"number_{len(self.weights)}"
        self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name

    def _constant(self, *values: int) -> str:
        tensor = helper.make_tensor("", TensorProto.INT64, [len(values)], values)
        return self._node("Constant", value=tensor)

    def _source(self, layer: Layer) -> str:
        return self.tensor[layer.inputs[0]]

    def _channels(self, layer: Layer) -> int:
        channels = self.graph[layer.inputs[0]].channels
        assert channels is not None
        return channels

    def _input(self, layer: Layer) -> str:
        return "image"

    def _rescaling(self, layer: Layer) -> str:
        if not self.style.preprocessing:
            return self._source(layer)
        return self._node("Mul", self._source(layer), self._number((layer.scale or (1.0,))[0]))

    def _normalization(self, layer: Layer) -> str:
        if not self.style.preprocessing:
            return self._source(layer)
        shifted = self._node("Add", self._source(layer), self._weight(1, 1, 1, self._channels(layer)))
        return self._node("Mul", shifted, self._weight(1, 1, 1, self._channels(layer)))

    def _zero_padding(self, layer: Layer) -> str:
        assert layer.margins is not None
        (top, bottom), (left, right) = layer.margins
        source = self._source(layer)
        if self.style.padding == "convolution":
            self.margins[layer.name] = (top, left, bottom, right)
            return source
        if self.style.padding == "computed":
            return self._node("Pad", source, self._computed_pads(top, left, bottom, right), self._number(0.0))
        if self._is_before_the_first_convolution(layer):
            return self._node("Pad", source, self._integers(0, top, left, 0, 0, bottom, right, 0))
        return self._node("Pad", source, self._integers(0, 0, top, left, 0, 0, bottom, right))

    def _is_before_the_first_convolution(self, layer: Layer) -> bool:
        """Where tf2onnx leaves the image channels last."""
        upstream = {self.graph[name].operation for name in self.graph.ancestors([layer.name])}
        return self.style.channels_last and "convolution" not in upstream

    def _computed_pads(self, top: int, left: int, bottom: int, right: int) -> str:
        """As torch writes `F.pad`: what the caller gave, last axis first, then turned into ONNX' order."""
        given = self._constant(left, right, top, bottom)
        zeros = self._node(
            "ConstantOfShape", self._constant(4), value=helper.make_tensor("", TensorProto.INT64, [1], [0])
        )
        pairs = self._node("Reshape", self._node("Concat", given, zeros, axis=0), self._constant(-1, 2))
        turned = self._node(
            "Slice", pairs, self._constant(-1), self._constant(-(2**63) + 1), self._constant(0), self._constant(-1)
        )
        flat = self._node("Reshape", self._node("Transpose", turned, perm=[1, 0]), self._constant(-1))
        return self._node("Cast", flat, to=TensorProto.INT64)

    def _convolution(self, layer: Layer) -> str:
        source = self._source(layer)
        before = self.graph[layer.inputs[0]]
        if self._is_before_the_first_convolution(layer):
            source = self._node("Transpose", source, perm=[0, 3, 1, 2])
        assert layer.kernel is not None
        assert layer.stride is not None
        assert layer.filters is not None
        groups = layer.groups or 1
        follower = self.graph.consumers(layer.name)
        folds = self.style.normalization == "folded" and follower[0].operation == "batch_normalization"
        inputs = [source, self._weight(layer.filters, self._channels(layer) // groups, *layer.kernel)]
        if layer.use_bias or folds:
            inputs.append(self._weight(layer.filters))
        if folds:
            self.folded.add(follower[0].name)
        sides = [(size - 1) // 2 for size in layer.kernel] if layer.padding == "same" else [0, 0]
        pads = self.margins.get(before.name, (*sides, *sides))
        made = self._node(
            "Conv", *inputs, kernel_shape=layer.kernel, strides=layer.stride, group=groups, pads=pads, dilations=[1, 1]
        )
        return self._activated(made, layer.activation)

    _depthwise_convolution = _convolution

    def _activated(self, source: str, activation: str | None) -> str:
        if activation in ("silu", "swish"):
            return self._node("Mul", source, self._node("Sigmoid", source))
        if activation == "sigmoid":
            return self._node("Sigmoid", source)
        if activation == "relu6":
            return self._node("Clip", source, self._number(0.0), self._number(6.0))
        return self._node("Softmax", source) if activation else source

    def _activation(self, layer: Layer) -> str:
        return self._activated(self._source(layer), layer.activation)

    def _batch_normalization(self, layer: Layer) -> str:
        source, channels = self._source(layer), self._channels(layer)
        if layer.name in self.folded:
            return source
        if self.style.normalization == "Mul+Add":
            scaled = self._node("Mul", source, self._weight(1, channels, 1, 1))
            return self._node("Add", scaled, self._weight(1, channels, 1, 1))
        weights = [self._weight(channels) for _ in range(4)]
        return self._node("BatchNormalization", source, *weights, epsilon=layer.epsilon or 1e-3)

    def _global_average_pooling(self, layer: Layer) -> str:
        kind, _, squeeze = self.style.pooling.partition("+")
        axes = self._integers(2, 3)
        inputs = [self._source(layer)] + [axes] * (kind == "ReduceMean")
        pooled = self._node(kind, *inputs)
        if squeeze:
            return self._node("Squeeze", pooled, axes)
        if self.graph.consumers(layer.name)[0].operation == "reshape":
            return pooled
        if self.style.flatten == "Reshape":
            return self._node("Reshape", pooled, self._integers(1, self._channels(layer)))
        if self.style.flatten == "computed":
            shape = self._node("Shape", pooled)
            batch = self._node("Gather", shape, self._node("Constant", value_int=0), axis=0)
            sizes = self._node("Concat", self._node("Unsqueeze", batch, self._integers(0)), self._constant(-1), axis=0)
            return self._node("Reshape", pooled, sizes)
        return self._node("Flatten", pooled)

    def _reshape(self, layer: Layer) -> str:
        if not self.style.pooling.endswith("+Squeeze"):
            return self._source(layer)
        return self._node("Reshape", self._source(layer), self._integers(-1, self._channels(layer), 1, 1))

    def _dropout(self, layer: Layer) -> str:
        source = self._source(layer)
        if not self.style.training:
            return source
        if self.graph[layer.inputs[0]].operation == "batch_normalization":
            kept = self._node("Div", source, self._number(1 - (layer.rate or 0)))
            noise = self._node("Floor", self._node("RandomUniformLike", source))
            return self._node("Mul", kept, noise)
        training = helper.make_tensor("", TensorProto.BOOL, [], [True])
        return self._node("Dropout", source, self._number(layer.rate or 0), self._node("Constant", value=training))

    def _multiply(self, layer: Layer) -> str:
        return self._node("Mul", *(self.tensor[name] for name in reversed(layer.inputs)))

    def _add(self, layer: Layer) -> str:
        return self._node("Add", *(self.tensor[name] for name in layer.inputs))

    def _dense(self, layer: Layer) -> str:
        assert layer.filters is not None
        source, channels, units = self._source(layer), self._channels(layer), layer.filters
        if self.style.dense == "Gemm":
            made = self._node("Gemm", source, self._weight(units, channels), self._weight(units), transB=1)
        else:
            made = self._node("Add", self._node("MatMul", source, self._weight(channels, units)), self._weight(units))
        return self._activated(made, layer.activation)
