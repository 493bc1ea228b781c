"""The frame in which ONNX nodes are read: what each tensor is, which layers there are so far, who owns which weights.

A tensor is either data (it depends on the model's input) or a constant. Nodes are read in order, each by its
operator; an operator adds a layer, changes one that it turns out to be part of, or passes its data through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, Shape
from effnet_inspect.operations import OPERATIONS
from effnet_inspect.sources.onnx_constants import Constant, evaluate, of_shape, of_tensor
from effnet_inspect.sources.onnx_file import Dimensions, Node, OnnxGraph, Tensor

TO_CHANNELS_FIRST = (0, 3, 1, 2)
TO_CHANNELS_LAST = (0, 2, 3, 1)

ASK_FOR_SHAPE = frozenset({"Shape"})
MAKE_NOISE = frozenset({"RandomUniformLike", "RandomNormalLike", "Bernoulli"})
WEIGHTED = frozenset({"convolution", "depthwise_convolution", "transposed_convolution", "dense"})

KEEP_ORDER = frozenset(
    {"Add", "Sub", "Mul", "Div", "Min", "Max", "Clip", "Relu", "Sigmoid", "HardSigmoid", "Swish", "HardSwish", "Tanh"}
    | {"Pad", "Concat", "Resize", "Dropout", "Identity", "Cast", "CastLike", "QuantizeLinear", "DequantizeLinear"}
)
"""Operators that leave the axes in their order."""


@dataclass(frozen=True, slots=True)
class Data:
    """A tensor that depends on the model's input.

    `shape` is the file's, with the batch axis. `alone` says that one node takes it and nobody else, so that the
    two may become one layer. `weighted` says that a convolution or dense layer is upstream.
    """

    layer: str
    shape: Dimensions | None
    channels_last: bool = False
    weighted: bool = False
    alone: bool = True

    @property
    def is_image(self) -> bool:
        return self.shape is not None and len(self.shape) == 4

    @property
    def channel_axis(self) -> int:
        return 3 if self.channels_last else 1

    @property
    def channels(self) -> int | None:
        return self.shape[self.channel_axis] if self.shape and self.is_image else None

    @property
    def layer_shape(self) -> Shape | None:
        """As a Layer has it: without the batch axis, channels last."""
        if self.shape is None:
            return None
        if self.is_image and not self.channels_last:
            return (self.shape[2], self.shape[3], self.shape[1])
        return self.shape[1:]

    def with_layer_shape(self, shape: Shape | None) -> Dimensions | None:
        """A shape as a Layer has it, in the order of this tensor."""
        batch = self.shape[0] if self.shape else None
        if shape is None:
            return None
        if len(shape) == 3 and not self.channels_last:
            return (batch, shape[2], shape[0], shape[1])
        return (batch, *shape)


Operand = Data | Constant | None
Operator = Callable[["Reader", Node, list[Operand]], "Data | None"]
"""Reads one node; None where it is used in a way that our vocabulary has no word for."""


def total_size(constants: Sequence[Constant]) -> int | None:
    """How many numbers the constants hold together; None where one does not say."""
    sizes = [each.size for each in constants]
    return None if None in sizes else sum(size for size in sizes if size is not None)


@dataclass(slots=True)
class Reader:
    """Goes through the nodes in order; every tensor is data or a constant from then on.

    `operators` says how each kind of node is read; what it lacks, or declines, becomes an opaque layer.
    `taken_by` has the data that a layer takes first, by the layer's name, and `owners` the layer that was the
    first to use some weights, by the weights' names.
    """

    graph: OnnxGraph
    operators: Mapping[str, Operator]
    layers: dict[str, Layer] = field(default_factory=dict)
    data: dict[str, Data] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)
    taken_by: dict[str, Data] = field(default_factory=dict)
    owners: dict[tuple[str, ...], str] = field(default_factory=dict)
    users: Counter[str] = field(default_factory=Counter)
    channels_last: set[str] = field(default_factory=set)
    repeated_names: Counter[str] = field(default_factory=Counter)

    def read(self) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """All layers, and the names of those that give the model's outputs."""
        for node in self.graph.nodes:
            if node.kind not in ASK_FOR_SHAPE:
                self.users.update((*node.inputs, *node.captured))
        self.users.update(self.graph.outputs)
        self.constants = {name: of_tensor(tensor, name) for name, tensor in self.graph.tensors.items()}
        nodes = self._in_order()
        self._note_transposed(nodes)
        for name, shape in self.graph.inputs.items():
            if name in self.users:
                self._add_input(name, shape)
        for node in nodes:
            self._read(node)
        outputs = [self.data[name].layer for name in self.graph.outputs if name in self.data]
        return tuple(self.layers.values()), tuple(dict.fromkeys(outputs))

    def _in_order(self) -> list[Node]:
        """The nodes, each after those it takes from; the format demands that order, but files are not trusted."""
        makers: dict[str, int] = {}
        for index, node in enumerate(self.graph.nodes):
            for name in filter(None, node.outputs):
                if name in makers or name in self.constants or name in self.graph.inputs:
                    raise SourceError(f"the tensor {name!r} is made more than once")
                makers[name] = index
        order = TopologicalSorter(
            {
                index: [makers[name] for name in (*node.inputs, *node.captured) if name in makers]
                for index, node in enumerate(self.graph.nodes)
            }
        )
        try:
            return [self.graph.nodes[index] for index in order.static_order()]
        except CycleError as error:
            node = self.graph.nodes[error.args[1][0]]
            raise SourceError(f"the nodes form a cycle through {node.name or node.kind!r}") from error

    def _add_input(self, name: str, shape: Dimensions | None) -> None:
        data = Data(name, shape, channels_last=name in self.channels_last)
        self.layers[name] = Layer(name, "input", "Input", output_shape=data.layer_shape)
        self.data[name] = replace(data, alone=self.users[name] == 1)

    def _read(self, node: Node) -> None:
        try:
            self._understand(node)
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            raise SourceError(f"the node {node.name or node.kind!r} does not make sense as {node.kind}") from error

    def _understand(self, node: Node) -> None:
        operands = [self._operand(node, name) for name in node.inputs]
        inner = [self._operand(node, name) for name in node.captured]
        if node.kind in ASK_FOR_SHAPE and operands and operands[0]:
            self.constants[node.outputs[0]] = of_shape(operands[0].shape, node)
            return
        # Of a tensor to cast alike, only the type matters; of one to make noise alike, only the shape.
        carried = operands[:1] if node.kind == "CastLike" else [*operands, *inner]
        if node.kind in MAKE_NOISE or not any(isinstance(each, Data) for each in carried):
            self._read_constant(node, [None if isinstance(each, Data) else each for each in operands])
            return
        read = self.operators.get(node.kind)
        result = read(self, node, operands) if read else None
        result = result or self._add_opaque(node, [*operands, *inner])
        for index, name in enumerate(node.outputs):
            if name:
                self._keep(name, result if index == 0 else replace(result, shape=None))

    def _add_opaque(self, node: Node, operands: list[Operand]) -> Data:
        """What there is no word for: shown by the operator's name, with its parameters as the file states them."""
        return self.add(node, operands, Layer("", "opaque", node.kind), shape=None, learned=operands)

    def _operand(self, node: Node, name: str) -> Operand:
        if not name:
            return None
        found = self.data.get(name) or self.constants.get(name)
        if found is None:
            raise SourceError(f"the node {node.name or node.kind!r} takes {name!r}, which nothing gives")
        return found

    def _read_constant(self, node: Node, operands: list[Constant | None]) -> None:
        if node.kind == "Constant" and node.outputs:
            self.constants[node.outputs[0]] = of_tensor(_stated(node), node.outputs[0])
            return
        for name in filter(None, node.outputs):
            self.constants[name] = evaluate(node, operands)

    def _keep(self, name: str, result: Data) -> None:
        """Note what a tensor is; where our own rules leave its shape open, the file may state it."""
        shape = result.shape or self.graph.shapes.get(name)
        if result.shape is None and shape is not None:
            result = replace(result, shape=shape)
            if self.layers[result.layer].output_shape is None:
                self.update(result.layer, output_shape=result.layer_shape)
        self.data[name] = replace(result, alone=result.alone and self.users[name] == 1)

    def add(
        self,
        node: Node,
        operands: Sequence[Operand],
        layer: Layer,
        *,
        shape: Any = ...,
        learned: Sequence[Operand] = (),
        fixed: Sequence[Operand] = (),
    ) -> Data:
        """A new layer for a node; its output has the first data operand's order of axes.

        Args:
            node: what is read.
            operands: its operands; those that are data become the layer's inputs.
            layer: without name, inputs, shape and parameters, which are found here.
            shape: as the file has it; without it the operation's rule tells it.
            learned: the constants that are its trainable parameters.
            fixed: those that are parameters, but not trainable.
        """
        taken = [each for each in operands if isinstance(each, Data)]
        first = next((each for each in taken if each.is_image), taken[0])
        layer = replace(layer, name=self._name(node), inputs=tuple(each.layer for each in taken))
        layer = self._with_parameters(layer, learned, fixed)
        if shape is ...:
            rule = OPERATIONS[layer.operation].output_shape
            shape = first.with_layer_shape(rule(layer, tuple(each.layer_shape for each in taken)))
        weighted = layer.operation in WEIGHTED or any(each.weighted for each in taken)
        result = Data(layer.name, shape, first.channels_last, weighted)
        if shape is not None and len(shape) == 4 and not first.is_image:
            result = replace(result, channels_last=not self.channels_last.isdisjoint(node.outputs))
        self.layers[layer.name] = replace(layer, output_shape=result.layer_shape)
        self.taken_by[layer.name] = taken[0]
        return result

    def _with_parameters(self, layer: Layer, learned: Sequence[Operand], fixed: Sequence[Operand]) -> Layer:
        """The layer with its parameters counted, once where several layers have the same.

        A layer shares its weights whole or not at all. Exporters store equal vectors once, so that in a model
        fresh from its initialisers all biases and all normalisations of a width look shared: only layers with a
        kernel can share, and what follows a layer that does.
        """
        learnable, weights = (
            [each for each in group if isinstance(each, Constant) and each.sources]
            for group in (learned, (*learned, *fixed))
        )
        if not weights:
            return layer
        owner = self.owners.setdefault(tuple(source for each in weights for source in each.sources), layer.name)
        has_kernel = any(sum(size != 1 for size in each.shape or ()) > 1 for each in weights)
        if owner != layer.name and (has_kernel or self.layers[layer.inputs[0]].shares_weights_with):
            return replace(layer, shares_weights_with=owner)
        return replace(
            layer,
            parameters=total_size(weights),
            trainable_parameters=total_size(learnable),
        )

    def _name(self, node: Node) -> str:
        candidates = [each for each in (node.name, *node.outputs[:1]) if each] or [node.kind]
        for candidate in candidates:
            if candidate not in self.layers:
                return candidate
        while True:
            self.repeated_names[candidates[0]] += 1
            name = f"{candidates[0]}:{self.repeated_names[candidates[0]]}"
            if name not in self.layers:
                return name

    def update(self, name: str, **changes: Any) -> Layer:
        """Change a layer that a later node turned out to be part of."""
        self.layers[name] = replace(self.layers[name], **changes)
        return self.layers[name]

    def joined(self, data: Data, node: Node, **changes: Any) -> Data:
        """The layer that gives `data`, which also does what this node does."""
        layer = self.layers[data.layer]
        self.update(data.layer, class_name=f"{layer.class_name}+{node.kind}", **changes)
        return replace(data, alone=True)

    def _note_transposed(self, nodes: Sequence[Node]) -> None:
        """Find the tensors that are channels last: those that a transpose to channels first follows."""
        for node in reversed(nodes):
            is_transpose = node.kind == "Transpose" and node.attributes.get("perm") == TO_CHANNELS_FIRST
            if is_transpose or (node.kind in KEEP_ORDER and self.channels_last.intersection(node.outputs)):
                self.channels_last.update(node.inputs)


def _stated(node: Node) -> Tensor:
    """The value of a `Constant` node, which has several ways to say it."""
    for value in node.attributes.values():
        if isinstance(value, Tensor):
            return value
        if isinstance(value, tuple):
            return Tensor((len(value),), value, is_index=all(isinstance(each, int) for each in value))
        if isinstance(value, (int, float)):
            return Tensor((), (value,))
    return Tensor(())
