"""A .tflite file -> LayerGraph: what converters write for phones, in floats or in whole numbers.

Converters fold batch normalisation into the convolutions, and leave out biases that are zero: the graph is shown as it
is in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph, elements
from effnet_inspect.graph.operations import OPERATIONS, filled
from effnet_inspect.sources.exports import Names, graph_of_operators
from effnet_inspect.sources.files import at_resolution
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.tflite.file import Operator, Tensor, TfliteGraph, read_graph
from effnet_inspect.sources.tflite.operators import FUSED_ACTIVATIONS, READERS, UNKNOWN, Call, Data, Operand, steps_of


def read_tflite(target: FileTarget) -> LayerGraph:
    """Read the graph of a .tflite file; its weights are not loaded and nothing in it is run.

    Raises:
        SourceError: where tflite is not installed, or the file cannot be read.
        GraphError: where its operators do not form a graph.
    """
    path = Path(target.path)
    return graph_of_operators(_Reader(read_graph(path), target), "tensorflow lite", path.name, target)


@dataclass(slots=True)
class _Reader:
    """Goes through the operators in order; every tensor is data or a constant from then on.

    `batch` is how many images the model takes at once, None where that is open.
    """

    graph: TfliteGraph
    target: FileTarget
    layers: dict[str, Layer] = field(default_factory=dict)
    taken: dict[str, tuple[Constant, ...]] = field(default_factory=dict)
    known: dict[int, Data | Constant] = field(default_factory=dict)
    batch: int | None = None
    names: Names = field(default_factory=Names)

    def read(self) -> tuple[str, ...]:
        """Read all operators; gives the names of the layers that give the model's outputs."""
        for position, tensor in enumerate(self.graph.tensors):
            if tensor.is_constant:
                self.known[position] = _constant(tensor, position)
        for position in self.graph.inputs:
            tensor = self._tensor(position)
            name = self.names.unused(tensor.name or "input")
            shape = at_resolution(tensor.shape[1:], self.target)
            self.layers[name] = Layer(name, "input", "Input", output_shape=shape)
            self.known[position] = Data(name, shape, count=elements(shape))
            if self.batch is None and tensor.shape:
                self.batch = tensor.shape[0]
        for operator in self.graph.operators:
            self._read(operator)
        given = [self.known.get(position) for position in self.graph.outputs]
        return tuple(dict.fromkeys(each.layer for each in given if isinstance(each, Data)))

    def _tensor(self, position: int) -> Tensor:
        if not 0 <= position < len(self.graph.tensors):
            raise SourceError("an operator takes or gives a tensor that does not exist")
        return self.graph.tensors[position]

    def _operand(self, position: int) -> Operand:
        if position < 0:
            return None
        tensor = self._tensor(position)
        if position not in self.known:
            raise SourceError(f"an operator takes {tensor.name!r}, which nothing before it gives")
        return self.known[position]

    def _read(self, operator: Operator) -> None:
        operands = tuple(map(self._operand, operator.inputs))
        results = [self._tensor(position) for position in operator.outputs]
        if not results:
            return
        if any(position in self.known for position in operator.outputs):
            raise SourceError(f"the tensor {results[0].name!r} is given more than once")
        if operator.kind == "SHAPE" or not any(isinstance(each, Data) for each in operands):
            self._read_constant(operator, operands, results)
            return
        call = Call(operator.kind, operands, operator.options, results[0].shape[1:])
        row = READERS.get(operator.kind, UNKNOWN)
        layer = row.read(call)
        if layer is None:
            row, layer = UNKNOWN, UNKNOWN.read(call)
        assert layer is not None
        name, steps, count = self._add(layer, call, results[0], learned=range(len(operands))[row.learned])
        for position, result in zip(operator.outputs, results, strict=True):
            shape = filled(result.shape[1:], self.layers[name].output_shape)
            self.known[position] = Data(name, shape, steps, count)

    def _read_constant(self, operator: Operator, operands: Sequence[Operand], results: Sequence[Tensor]) -> None:
        """What a constant becomes; weights in half precision, made whole before they are used, stay the same ones."""
        first = operands[0] if operands else None
        keeps = operator.kind in ("DEQUANTIZE", "DENSIFY") and isinstance(first, Constant)
        for position, result in zip(operator.outputs, results, strict=True):
            sources = tuple(source for each in operands if isinstance(each, Constant) for source in each.sources)
            made = first if keeps else Constant(result.shape, sources=sources)
            assert isinstance(made, Constant)
            self.known[position] = made

    def _add(self, layer: Layer, call: Call, result: Tensor, learned: range) -> tuple[str, int | None, int | None]:
        """Add a layer, and the activation that an operator applies to its result.

        Gives the name of the last, how often its output is there for one image, and how many numbers that are.
        """
        name = self.names.unused(result.name or call.kind)
        inputs = tuple(dict.fromkeys(each.layer for each in call.taken))
        shapes = tuple(each.shape for each in call.taken)
        stated = layer.output_shape or result.shape[1:]
        layer = layer._replace(name=name, inputs=inputs, class_name=call.kind)
        rules = OPERATIONS.get(layer.operation)
        computed = rules.output_shape(layer, shapes) if rules else None
        layer = layer._replace(output_shape=filled(stated, computed))
        steps, count = self._steps(layer, call, result)
        layer = self.layers[name] = layer._replace(steps=steps)
        self.taken[name] = tuple(
            replace(each, trainable=True if position in learned else None)
            for position, each in enumerate(call.operands)
            if isinstance(each, Constant)
        )
        number = call.options.get("FusedActivationFunction", 0)
        if not number or layer.activation:
            return name, steps, count
        activation = self.names.unused(f"{name}:activation")
        function = FUSED_ACTIVATIONS.get(number, f"activation {number}")
        self.layers[activation] = Layer(
            activation, "activation", call.kind, (name,), layer.output_shape, activation=function, steps=steps
        )
        return activation, steps, count

    def _steps(self, layer: Layer, call: Call, result: Tensor) -> tuple[int | None, int | None]:
        """How often a layer's output is there for one image, and how many numbers that are in all."""
        if self.batch is None or not result.shape or result.shape[0] is None:
            return steps_of(call, layer)
        steps, rest = divmod(result.shape[0], self.batch or 1)
        size = elements(layer.output_shape)
        return (None, None) if rest else (steps, None if size is None else size * steps)


def _constant(tensor: Tensor, position: int) -> Constant:
    values = None if tensor.values is None else numpy.array(tensor.values, dtype=object)
    precision = None if tensor.precision == "float32" else tensor.precision
    return Constant(tensor.shape, values, sources=(f"{position}:{tensor.name}",), precision=precision)
