"""A program's calls one to one as layers, named by the modules that make them.

A tensor is either data (it depends on the model's input) or a constant. Calls that data reach become a layer each; all
others are followed to the constants they make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer
from effnet_inspect.sources.exports import Names
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.passes.draft import MOVE
from effnet_inspect.sources.torch.calls import Call, Data
from effnet_inspect.sources.torch.in_place import ITEM, SPLITS, without_changes_in_place
from effnet_inspect.sources.torch.operators import DIGITS, READERS, unknown
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight

MAKE_NOISE = frozenset({"rand", "rand_like", "randn", "randn_like", "bernoulli", "uniform", "normal"})

WITHOUT_DATA = MAKE_NOISE | {
    *("empty_like", "zeros_like", "ones_like", "full_like", "new_empty", "new_zeros", "new_ones", "new_full"),
}
"""What makes constants: of data that it takes only the shape matters."""

KEEP_VALUES = frozenset({"view", "reshape", "squeeze", "unsqueeze", "to", "clone", "detach", "lift_fresh_copy"})
"""What arranges the numbers of a constant anew, in their order."""

RUNNING = ("running_mean", "running_var")
"""What a batch normalisation keeps and does not learn."""


@dataclass(slots=True)
class Reader:
    """Goes through the calls in order; every tensor is data or a constant from then on.

    `layers` and `taken` have what was read: the layers by their names, and the constants that each one takes. `weights`
    has the parameters by their owners, and the running statistics that are taken.
    """

    program: Program
    layers: dict[str, Layer] = field(default_factory=dict)
    taken: dict[str, tuple[Constant, ...]] = field(default_factory=dict)
    weights: dict[str, Constant] = field(default_factory=dict)
    tensors: dict[str, Data | Constant] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    rates: dict[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(init=False)

    def read(self) -> tuple[str, ...]:
        """Read all calls; gives the names of the layers that give the model's outputs."""
        self.program = without_changes_in_place(self.program)
        self.names = names_of(self.program)
        self.tensors.update({name: _constant(weight) for name, weight in self.program.weights.items()})
        self.weights.update({each.sources[0]: each for each in self._parameters()})
        for name, shape in self.program.inputs.items():
            data = Data(self.names[name], shape)
            self.layers[data.layer] = Layer(data.layer, "input", "input", output_shape=data.layer_shape)
            self.tensors[name] = data
        for node in self.program.nodes:
            self._read(node)
        given = [self.tensors.get(name) for name in self.program.outputs]
        return tuple(dict.fromkeys(each.layer for each in given if isinstance(each, Data)))

    def _parameters(self) -> Iterator[Constant]:
        return (each for each in self.tensors.values() if isinstance(each, Constant) and each.sources)

    def _read(self, node: Node) -> None:
        try:
            self._understand(node)
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            place = node.module or "the model"
            raise SourceError(f"the operator {node.name!r} in {place} does not make sense as {node.kind}") from error

    def _understand(self, node: Node) -> None:
        call = Call(node, {name: self._operand(value) for name, value in node.arguments.items()})
        if all(shape is None for shape in node.shapes):  # an assertion, or a number that nobody can know
            self.tensors[node.name] = Constant()
        elif call.kind in WITHOUT_DATA or not call.taken:
            self._read_constant(call)
        elif call.kind in SPLITS:
            self.parts.add(node.name)
            self.tensors[node.name] = call.data
        elif call.kind == ITEM and self.parts.intersection(node.references()):
            self._add(call, Layer("", MOVE, "part"))
        elif call.kind == ITEM:
            self.tensors[node.name] = replace(call.data, shape=call.result or call.data.shape)
        else:
            read = READERS.get(call.kind, unknown)
            self._add(call, read(call) or unknown(call))

    def _operand(self, value: Any) -> Any:
        if isinstance(value, Reference):
            return self.tensors[value.name]
        if isinstance(value, (list, tuple)):
            return [self._operand(each) for each in value]
        return value

    def _read_constant(self, call: Call) -> None:
        """The result of a call all of whose operands are constants, or of which only the shape of data matters."""
        node, operands = call.node, call.constants
        sources = tuple(dict.fromkeys(source for each in operands for source in each.sources))
        is_random = call.kind in MAKE_NOISE or any(each.random for each in operands)
        values = operands[0].values if operands and call.kind in KEEP_VALUES else None
        if values is not None and None not in (call.result or ()):
            values = values.reshape(call.result)
        constant = Constant(call.result, values, sources, random=is_random)
        self.tensors[node.name] = constant
        if is_random and call.kind == "div" and isinstance(call.get("other"), (int, float)):
            self.rates[node.name] = round(1 - call.arguments["other"], DIGITS)

    def _add(self, call: Call, layer: Layer) -> None:
        """A new layer, and what the call's results are."""
        node, taken = call.node, call.taken
        first = next((each for each in taken if each.is_image), taken[0])
        shape = call.result
        is_turned = call.kind == "permute" and layer.operation == "identity"
        data = Data(self.names[node.name], shape or first.shape, first.channels_last != is_turned)
        if layer.operation == "dropout" and layer.rate is None:
            rates = [self.rates[name] for name in node.references() if name in self.rates]
            layer = layer._replace(rate=rates[0] if rates else None)
        inputs = tuple(each.layer for each in taken)
        self.layers[data.layer] = layer._replace(
            name=data.layer,
            inputs=inputs,
            output_shape=None if shape is None else data.layer_shape,
            steps=self._steps(shape),
            macs=None if layer.macs is None or not shape or not shape[0] else layer.macs // shape[0],
        )
        self.taken[data.layer] = tuple(self._constants(call))
        self.tensors[node.name] = data

    def _steps(self, shape: Dimensions | None) -> int | None:
        """How often a layer's output is there for one image: windows and positions may stand where the batch does."""
        if not shape:
            return 1
        size, batch = shape[0], self.program.batch
        return None if size is None or not batch or size % batch else size // batch

    def _constants(self, call: Call) -> Iterator[Constant]:
        """What a call takes beside data; running statistics are parameters that nobody learns."""
        fixed = {value.name for name, value in call.node.arguments.items() if name in RUNNING and value is not None}
        for name in call.node.references():
            constant = self.tensors[name]
            if isinstance(constant, Data):
                continue
            if name in fixed and name in self.program.weights:
                owner = self.program.weights[name].owner
                constant = self.weights[owner] = replace(constant, sources=(owner,), trainable=False)
            yield constant


def _constant(weight: Weight) -> Constant:
    values = None if weight.values is None else numpy.array(weight.values, dtype=object)
    sources = (weight.owner,) if weight.trainable is not None else ()
    return Constant(weight.shape, values, sources, trainable=weight.trainable, precision=weight.precision)


def names_of(program: Program) -> dict[str, str]:
    """The layers' names, all different: modules' paths, and where a module makes several calls, theirs behind it.

    A module's own name has the call that takes its weights, or else the first, where no other module is inside.
    """
    calls: dict[tuple[str, str], list[Node]] = {}
    reached = set(program.inputs)
    for node in program.nodes:
        if reached.intersection(node.references()) and node.kind.removesuffix("_") not in WITHOUT_DATA:
            reached.add(node.name)
            calls.setdefault((node.module, node.call), []).append(node)
    holders = {path[:end] for path, _ in calls for end in _dots(path)}
    main = set()
    for (module, _), nodes in calls.items():
        heavy = [node for node in nodes if not program.weights.keys().isdisjoint(node.references())]
        if module and (heavy or module not in holders):
            main.add((heavy or nodes)[0].name)
    names, unused = {}, Names().unused
    for name in program.inputs:
        names[name] = unused(name)
    for node in program.nodes:
        if node.name in reached:
            kind = node.kind.strip("_")
            behind = f"{node.module}.{kind}" if node.module else kind
            names[node.name] = unused(node.module if node.name in main else behind)
    return names


def _dots(path: str) -> Iterator[int]:
    return (index for index, character in enumerate(path) if character == ".")
