"""The shapes that one node gives, as onnx' own shape inference knows them.

Node by node and not for a whole model at once, because files are untrusted: inference over a model follows constants
without bound (a few dozen `Concat` of a shape with itself take gigabytes), while here our own small constants are
all it is given, and ranks are bounded. What it does not know, or refuses, stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from effnet_inspect.limits import RANK, SIZE
from effnet_inspect.sources.onnx.file import Dimensions, Node
from effnet_inspect.sources.passes import Constant

Given = tuple[Dimensions | None, Constant | None]
"""An operand: its shape, and what it is where it is a constant."""


class Inference:
    """Shapes of the outputs of nodes, for one file's versions of the operators."""

    def __init__(self, versions: Mapping[str, int], aliases: Mapping[str, str]) -> None:
        import onnx

        self._onnx = onnx
        self._versions = [onnx.helper.make_opsetid(domain, version) for domain, version in versions.items()]
        self._version_of = {"": 1, **{"" if name == "ai.onnx" else name: each for name, each in versions.items()}}
        self._aliases = aliases
        self._schemas: dict[str, Any] = {}

    def shapes(self, node: Node, operands: Sequence[Given | None]) -> dict[str, Dimensions]:
        """By the outputs' names; without those that cannot be told.

        Args:
            node: an inner graph in it is not followed.
            operands: one for each of its inputs, None where that is left out.
        """
        if node.kind == "Reshape" and (sizes := _sizes_that_are_open(operands)):
            return dict.fromkeys(node.outputs, sizes)
        try:
            schema = self._schema(node.kind)
            given = {name: each for name, each in zip(node.inputs, operands, strict=True) if name and each}
            types = {name: self._type(*each) for name, each in given.items()}
            values = {name: self._values(each[1]) for name, each in given.items() if each[1] and each[1].numbers()}
            inferred = self._onnx.shape_inference.infer_node_outputs(
                schema, self._written(node), types, values, opset_imports=self._versions
            )
        except Exception:  # onnx raises all kinds; each means that it does not know
            return {}
        shapes = {name: _dimensions(each.tensor_type) for name, each in inferred.items()}
        return {name: shape for name, shape in shapes.items() if shape is not None and len(shape) <= RANK}

    def _schema(self, kind: str) -> Any:
        if kind not in self._schemas:
            domain, _, name = self._aliases.get(kind, kind).rpartition(".")
            self._schemas[kind] = self._onnx.defs.get_schema(name, self._version_of[domain], domain)
        return self._schemas[kind]

    def _written(self, node: Node) -> Any:
        if node.kind not in self._aliases:
            return node.written
        written = self._onnx.NodeProto()
        written.CopyFrom(node.written)
        written.domain, _, written.op_type = self._aliases[node.kind].rpartition(".")
        written.input[:] = node.inputs
        return written

    def _type(self, shape: Dimensions | None, constant: Constant | None) -> Any:
        known = None if shape is None or len(shape) > RANK else shape
        return self._onnx.helper.make_tensor_type_proto(_element_type(constant), known)

    def _values(self, constant: Constant | None) -> Any:
        assert constant is not None
        return self._onnx.helper.make_tensor("", _element_type(constant), constant.shape, constant.numbers())


FLOAT, INT64 = 1, 7


def _element_type(constant: Constant | None) -> int:
    """Sizes and positions are whole numbers; of what else there is, the type makes no difference to shapes."""
    numbers = constant.numbers() if constant else None
    return INT64 if numbers and all(isinstance(each, int) for each in numbers) else FLOAT


def _sizes_that_are_open(operands: Sequence[Given | None]) -> Dimensions | None:
    """What is reshaped to, where some sizes are not fixed: onnx takes all of them or none."""
    sizes = operands[1][1] if len(operands) > 1 and operands[1] else None
    if sizes is None or sizes.values is None or sizes.numbers() is not None or sizes.values.size > RANK:
        return None
    known: list[int | None] = sizes.values.ravel().tolist()
    return tuple(known) if all(size is None or size > 0 for size in known) else None


def _dimensions(tensor: Any) -> Dimensions | None:
    if not tensor.HasField("shape"):
        return None
    return tuple(each.dim_value if 0 < each.dim_value < SIZE else None for each in tensor.shape.dim)
