"""ONNX nodes one to one as layers: what each tensor is, what shape it has, and which order its axes have.

A tensor is either data (it depends on the model's input) or a constant. Nodes that data reach become a layer each;
all others are followed to the constants they make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from effnet_inspect.catalog.targets import Target
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer
from effnet_inspect.graph.operations import OPERATIONS, filled
from effnet_inspect.sources.exports import Names
from effnet_inspect.sources.files import at_resolution
from effnet_inspect.sources.onnx.calls import Batch, Call, Data, Operand
from effnet_inspect.sources.onnx.constants import evaluate, of_shape, of_tensor
from effnet_inspect.sources.onnx.file import Dimensions, Node, OnnxGraph, Tensor
from effnet_inspect.sources.onnx.inference import Inference
from effnet_inspect.sources.onnx.operators import LEARNS_ALL, TO_CHANNELS_FIRST, Operator, is_channels_last
from effnet_inspect.sources.onnx.runtime import INTO_BLOCKS, OPERATORS, OUT_OF_BLOCKS, may_be_padded
from effnet_inspect.sources.passes import Constant

ASK_FOR_SHAPE = frozenset({"Shape"})
MAKE_NOISE = frozenset({"RandomUniformLike", "RandomNormalLike", "Bernoulli"})
ALIASES = {kind: row.like for kind, row in OPERATORS.items() if row.like}


@dataclass(slots=True)
class Reader:
    """Goes through the nodes in order; every tensor is data or a constant from then on.

    `layers` and `taken` have what was read: the layers by their names, and the constants that each one takes. `unsure`
    names those of which nothing tells whether some of their channels only fill up a block.
    """

    graph: OnnxGraph
    target: Target | None = None
    layers: dict[str, Layer] = field(default_factory=dict)
    taken: dict[str, tuple[Constant, ...]] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    tensors: dict[str, Data | Constant] = field(default_factory=dict)
    channels_last: set[str] = field(default_factory=set)
    names: Names = field(default_factory=Names)
    inference: Inference = field(init=False)
    keeps_weights_apart: bool = field(init=False)

    def __post_init__(self) -> None:
        self.inference = Inference(self.graph.versions, ALIASES)
        self.keeps_weights_apart = any(len(tensor.shape) > 1 for tensor in self.graph.tensors.values())

    def read(self) -> tuple[str, ...]:
        """Read all nodes; gives the names of the layers that give the model's outputs."""
        self.tensors.update({name: of_tensor(tensor, name) for name, tensor in self.graph.tensors.items()})
        nodes = self._in_order()
        self._note_transposed(nodes)
        needed = {name for node in nodes if node.kind not in ASK_FOR_SHAPE for name in (*node.inputs, *node.captured)}
        for name, shape in self.graph.inputs.items():
            if name in needed or name in self.graph.outputs:
                self._add_input(name, shape)
        for node in nodes:
            self._read(node)
        given = [self.tensors.get(name) for name in self.graph.outputs]
        return tuple(dict.fromkeys(each.layer for each in given if isinstance(each, Data)))

    def _in_order(self) -> list[Node]:
        """The nodes, each after those it takes from; the format demands that order, but files are not trusted."""
        makers: dict[str, int] = {}
        for index, node in enumerate(self.graph.nodes):
            for name in filter(None, node.outputs):
                if name in makers or name in self.tensors or name in self.graph.inputs:
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

    def _note_transposed(self, nodes: Sequence[Node]) -> None:
        """Find the tensors that are channels last: those that a transpose to channels first follows."""
        keeps_order = {kind for kind, row in OPERATORS.items() if row.keeps_order}
        for node in reversed(nodes):
            is_transpose = node.kind == "Transpose" and node.attributes.get("perm") == TO_CHANNELS_FIRST
            takes_last = node.kind != OUT_OF_BLOCKS and is_channels_last(node)
            if (
                is_transpose
                or takes_last
                or (node.kind in keeps_order and self.channels_last.intersection(node.outputs))
            ):
                self.channels_last.update(node.inputs)

    def _add_input(self, name: str, shape: Dimensions | None) -> None:
        batch: Batch = "stated"
        if shape is not None and len(shape) == 4 and shape[0] is None:
            batch = "open"
            shape = (1, *shape[1:])  # layers say nothing of the batch, and what is reshaped has known sizes with one
        data = Data(name, shape, name in self.channels_last, batch)
        if (sized := at_resolution(data.layer_shape, self.target)) != data.layer_shape:
            data = replace(data, shape=data.with_layer_shape(sized))
        self.layers[name] = Layer(self.names.unused(name), "input", "Input", output_shape=data.layer_shape)
        self.tensors[name] = data

    def _read(self, node: Node) -> None:
        try:
            self._understand(node)
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            raise SourceError(f"the node {node.name or node.kind!r} does not make sense as {node.kind}") from error

    def _understand(self, node: Node) -> None:
        operands = tuple(self._operand(node, name) for name in node.inputs)
        inner = tuple(self._operand(node, name) for name in node.captured)
        if node.kind in ASK_FOR_SHAPE and operands and isinstance(operands[0], Data):
            self.tensors[node.outputs[0]] = of_shape(operands[0].shape, node)
            return
        # Of a tensor to cast alike, only the type matters; of one to make noise alike, only the shape.
        carried = operands[:1] if node.kind == "CastLike" else (*operands, *inner)
        if node.kind in MAKE_NOISE or not any(isinstance(each, Data) for each in carried):
            self._read_constant(node, [None if isinstance(each, Data) else each for each in operands])
            return
        row, layer = OPERATORS.get(node.kind, LEARNS_ALL), None
        if row.takes:
            kept = [index for index in row.takes if index < len(operands)]
            node = replace(node, inputs=tuple(node.inputs[index] for index in kept))
            operands = tuple(operands[index] for index in kept)
        if row.channels_first:
            last = is_channels_last(node)
            operands = tuple(replace(each, channels_last=last) if isinstance(each, Data) else each for each in operands)
        call = Call(node, operands, row.like or node.kind)
        if not row.starts_with_data or isinstance(operands[0], Data):
            layer = row.read(call)
        if layer is None or row is LEARNS_ALL:
            row, call = LEARNS_ALL, Call(node, (*operands, *inner), node.kind)
        self._add(call, row, layer or row.read(call), operands)

    def _operand(self, node: Node, name: str) -> Operand:
        if not name:
            return None
        if name not in self.tensors:
            raise SourceError(f"the node {node.name or node.kind!r} takes {name!r}, which nothing gives")
        return self.tensors[name]

    def _read_constant(self, node: Node, operands: list[Constant | None]) -> None:
        if node.kind == "Constant" and node.outputs:
            held = of_tensor(_stated(node), node.outputs[0])
            # Exporters that keep weights as the file's tensors make nodes of what nobody learns, such as a blur.
            self.tensors[node.outputs[0]] = replace(held, sources=()) if self.keeps_weights_apart else held
            return
        for name in filter(None, node.outputs):
            self.tensors[name] = evaluate(node, operands)

    def _add(self, call: Call, row: Operator, layer: Layer | None, operands: tuple[Operand, ...]) -> None:
        """A new layer, and what the node's outputs are."""
        assert layer is not None
        takes_all = row.computes_weights or not row.starts_with_data
        node, taken = call.node, call.taken if takes_all else call.taken[:1]
        first = next((each for each in taken if each.is_image), taken[0])
        given = [
            None if each is None else (each.shape, each if isinstance(each, Constant) else None) for each in operands
        ]
        squeezed = row.squeezes(call) if row.squeezes else None
        if row.like and is_channels_last(node):
            inferred = {}
        elif squeezed is None or first.shape is None:
            inferred = self.inference.shapes(node, given)
        else:
            kept = tuple(size for axis, size in enumerate(first.shape) if axis not in squeezed)
            inferred = dict.fromkeys(node.outputs[:1], kept)
        wanted = [each for each in (node.name, *node.outputs[:1]) if each] or [node.kind]
        layer = layer._replace(name=self.names.unused(*wanted), inputs=tuple(each.layer for each in taken))
        rule = OPERATIONS.get(layer.operation)
        computed = layer.output_shape
        if computed is None and rule and not call.attributes.get("ceil_mode"):
            computed = rule.output_shape(layer, tuple(each.layer_shape for each in taken))
        shape = computed
        for index, name in reversed([*enumerate(node.outputs)]):
            if index and row.gives_scales:
                self.tensors[name] = Constant((), quantizes=True)
                continue
            known = inferred.get(name) or self.graph.shapes.get(name)
            channels_last = self._is_channels_last(call, layer, first, name, known)
            data = Data(layer.name, known, channels_last, _batch(taken, known, squeezed))
            if index == 0:
                shape = filled(data.layer_shape, computed)
                data = replace(data, shape=replace(data, shape=known or first.shape).with_layer_shape(shape))
            if name:
                self.tensors[name] = data
        self.layers[layer.name] = layer._replace(output_shape=shape)
        if may_be_padded(call):
            self.unsure.append(layer.name)
        positions = range(len(call.operands))
        self.taken[layer.name] = tuple(
            replace(
                each,
                trainable=_trainable(position, positions, row),
                # Quantised biases are whole numbers, like positions.
                sources=each.sources or (node.inputs[position : position + 1] if row.takes else ()),
            )
            for position, each in enumerate(call.operands)
            if isinstance(each, Constant)
        )

    def _is_channels_last(self, call: Call, layer: Layer, first: Data, name: str, shape: Dimensions | None) -> bool:
        """A node's result has its data's order of axes, unless a transpose turns it or it has become an image."""
        if call.node.kind == "Transpose":
            return layer.operation == "identity" and not first.channels_last
        if call.node.kind in (INTO_BLOCKS, OUT_OF_BLOCKS):
            return call.node.kind == OUT_OF_BLOCKS and is_channels_last(call.node)
        if shape is not None and len(shape) == 4 and not first.is_image:
            return name in self.channels_last
        return first.channels_last


def _batch(taken: Sequence[Data], shape: Dimensions | None, squeezed: Sequence[int] | None) -> Batch:
    """What the first axis of a node's result is; what gives a tensor without a batch another rank gives it a batch."""
    first = taken[0]
    if first.batch == "gone":
        same_rank = shape is None or first.shape is None or len(shape) == len(first.shape)
        return "gone" if same_rank else "stated"
    if squeezed and 0 in squeezed:
        return "gone"
    return "open" if any(each.batch == "open" for each in taken) else "stated"


def _trainable(position: int, positions: range, row: Operator) -> bool | None:
    if position in positions[row.learned]:
        return True
    return False if position in positions[row.fixed] else None


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
