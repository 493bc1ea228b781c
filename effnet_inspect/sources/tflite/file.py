"""A .tflite file -> its graph as plain data. The only place that imports tflite.

The file is mapped, not loaded: of weights only names, types and shapes are looked at. Files are untrusted: nothing in
them is run, every number of things is bounded, and a place outside the file is an error.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from effnet_inspect import limits
from effnet_inspect.errors import SourceError

OPERANDS = 4096
"""Of one operator."""

MAXIMUM_VALUES = 64

Dimensions = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the file, with the batch axis; a size that is not fixed is None.

    `values` are those of a small constant, flat, in row-major order. `precision` is the numbers' type.
    """

    name: str
    shape: Dimensions
    precision: str = "float32"
    is_constant: bool = False
    values: tuple[int | float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. `kind` is its name in the format, or that of a custom one; an input left out is -1."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TfliteGraph:
    """What the first subgraph of a file holds; operators, inputs and outputs name tensors by their position."""

    operators: tuple[Operator, ...]
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(path: Path) -> TfliteGraph:
    """Read the graph of a .tflite file, without its weights.

    Raises:
        SourceError: where tflite is not installed, or this is no such file, or a damaged one.
    """
    try:
        import tflite
    except ImportError as error:
        raise SourceError(f"reading {path.name} needs tflite: pip install effnet-inspect[tflite]") from error
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _Reading(tflite, tflite.Model.GetRootAs(content, 0), content).graph()
    except (struct.error, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise SourceError(f"{path.name} is no TensorFlow Lite file, or is damaged") from error


SLIDING = ("Padding", "StrideH", "StrideW", "FusedActivationFunction")
DILATED = ("DilationHFactor", "DilationWFactor")

OPTIONS: dict[str, tuple[str, ...]] = {
    "Conv2DOptions": (*SLIDING, *DILATED),
    "DepthwiseConv2DOptions": (*SLIDING, *DILATED),
    "TransposeConvOptions": SLIDING,
    "Pool2DOptions": (*SLIDING, "FilterHeight", "FilterWidth"),
    "FullyConnectedOptions": ("FusedActivationFunction",),
    "ConcatenationOptions": ("Axis", "FusedActivationFunction"),
    "BatchMatMulOptions": ("AdjX", "AdjY"),
    "AddOptions": ("FusedActivationFunction",),
    "SubOptions": ("FusedActivationFunction",),
    "MulOptions": ("FusedActivationFunction",),
    "DivOptions": ("FusedActivationFunction",),
    "ResizeBilinearOptions": ("AlignCorners", "HalfPixelCenters"),
    "ResizeNearestNeighborOptions": ("AlignCorners", "HalfPixelCenters"),
}
"""What is read of the options of operators, by the names that the format's own classes give it."""

NUMBERS = {
    "FLOAT32": ("float32", "f"),
    "FLOAT16": ("float16", "e"),
    "FLOAT64": ("float64", "d"),
    "BFLOAT16": ("bfloat16", ""),
    "INT8": ("int8", "b"),
    "UINT8": ("uint8", "B"),
    "INT16": ("int16", "h"),
    "INT32": ("int32", "i"),
    "INT64": ("int64", "q"),
    "BOOL": ("bool", "?"),
    "INT4": ("int4", ""),
}
"""The format's types of numbers -> our name, and how `struct` reads one; what has none is not read."""


class _Reading:
    """One file that is being read."""

    def __init__(self, tflite: Any, model: Any, content: mmap.mmap) -> None:
        self.tflite = tflite
        self.model = model
        self.content = content
        self.name_bytes = self.references = 0
        self.kinds = _names(tflite.BuiltinOperator)
        self.option_kinds = _names(tflite.BuiltinOptions)
        self.types = _names(tflite.TensorType)

    def graph(self) -> TfliteGraph:
        """The first subgraph: others are bodies of loops and branches."""
        if not self.model.SubgraphsLength():
            raise ValueError
        graph = self.model.Subgraphs(0)
        tensors, operators = graph.TensorsLength(), graph.OperatorsLength()
        limits.within(tensors, limits.REFERENCES, "tensors")
        limits.within(operators, limits.LAYERS, "operators")
        return TfliteGraph(
            tuple(self._operator(graph.Operators(index)) for index in range(operators)),
            tuple(self._tensor(graph.Tensors(index)) for index in range(tensors)),
            self._positions(graph.InputsLength(), graph.Inputs),
            self._positions(graph.OutputsLength(), graph.Outputs),
        )

    def _positions(self, length: int, at: Callable[[int], int]) -> tuple[int, ...]:
        limits.within(length, OPERANDS, "operands of one operator")
        self.references += length
        limits.within(self.references, limits.REFERENCES, "references from operators to tensors")
        return tuple(int(at(index)) for index in range(length))

    def _text(self, written: bytes | None) -> str:
        self.name_bytes += len(written or b"")
        limits.within(self.name_bytes, limits.CONFIGURATION_BYTES, "bytes of names")
        return (written or b"").decode("utf-8", "replace")

    def _operator(self, operator: Any) -> Operator:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        kind = self.kinds.get(number, f"operator {number}")
        if kind == "CUSTOM":
            kind = self._text(code.CustomCode()) or kind
        return Operator(
            kind,
            self._positions(operator.InputsLength(), operator.Inputs),
            self._positions(operator.OutputsLength(), operator.Outputs),
            self._options(operator),
        )

    def _options(self, operator: Any) -> dict[str, Any]:
        kind = self.option_kinds.get(operator.BuiltinOptionsType(), "")
        table = operator.BuiltinOptions()
        if kind not in OPTIONS or table is None:
            return {}
        options = getattr(self.tflite, kind)()
        options.Init(table.Bytes, table.Pos)
        return {name: getattr(options, name)() for name in OPTIONS[kind]}

    def _tensor(self, tensor: Any) -> Tensor:
        rank = tensor.ShapeLength()
        limits.within(rank, limits.RANK, "axes of one tensor")
        open_axes = tensor.ShapeSignatureLength() == rank
        sizes = [int((tensor.ShapeSignature if open_axes else tensor.Shape)(axis)) for axis in range(rank)]
        precision, number = NUMBERS.get(self.types.get(tensor.Type(), ""), ("float32", ""))
        values = self._values(tensor.Buffer(), number)
        return Tensor(
            self._text(tensor.Name()),
            tuple(None if size < 0 else size for size in sizes),
            precision,
            is_constant=values is not None,
            values=values or None,
        )

    def _values(self, position: int, number: str) -> tuple[int | float, ...] | None:
        """The numbers in a buffer, where they are few; nothing where they are many, None where there are none."""
        if not 0 < position < self.model.BuffersLength():
            return None
        buffer = self.model.Buffers(position)
        size = buffer.DataLength()
        if not size:
            # What is too large for the format is behind it, at an offset.
            return () if buffer.Size() else None
        if not number or size > MAXIMUM_VALUES * struct.calcsize(number):
            return ()
        written = bytes(buffer.Data(index) for index in range(size))
        return struct.unpack(f"<{size // struct.calcsize(number)}{number}", written)


def _names(vocabulary: Any) -> dict[int, str]:
    return {value: name for name, value in vars(vocabulary).items() if isinstance(value, int)}
