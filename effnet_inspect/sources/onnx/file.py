"""An ONNX file -> its graph as plain data. The only place that imports onnx.

Weights are never read: long tensors are left out while the file is gone through, only their
names, types and shapes stay; external data are not opened. What is left, a few hundred kilobytes for any
EfficientNet, is decoded by onnx. Files are untrusted: nothing in them is run, and all sizes are bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.protobuf import Budget, field_bytes, fields

WEIGHTS_BYTES = 2048
CONSTANT_BYTES = 16 * 1024
MAXIMUM_VALUES = 64

Dimensions = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant of the file. `values` are flat, in row-major order; None where there are more than a few.

    `is_index` is true of whole numbers as they state shapes and positions, which are no weights. `zeros_at_end` is how
    many zeros a vector ends with, None where that was not read. `precision` is the numbers' type, None for float32.
    """

    shape: tuple[int, ...]
    values: tuple[int | float, ...] | None = None
    is_index: bool = False
    zeros_at_end: int | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One node. `kind` is the operator's name, with its domain before it where that is not ONNX' own.

    Attributes are numbers, texts, tuples of them, and `Tensor`. `captured` names the tensors that the node's
    inner graphs (branches, loop bodies) take from outside. An input left out is an empty name. `written` is the
    node as onnx has it.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    captured: tuple[str, ...] = ()
    written: Any = None


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """What a file holds. Shapes are as the file has them, with the batch axis; None where a size is not fixed.

    `versions` has the version of each set of operators, by its domain.
    """

    nodes: tuple[Node, ...]
    tensors: Mapping[str, Tensor]
    inputs: Mapping[str, Dimensions | None]
    outputs: tuple[str, ...]
    shapes: Mapping[str, Dimensions | None]
    versions: Mapping[str, int] = field(default_factory=dict)


def read_graph(path: Path) -> OnnxGraph:
    """Read the graph of an ONNX file, without its weights.

    Raises:
        SourceError: where onnx is not installed, or this is no ONNX file, or a damaged one.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise SourceError(f"reading {path.name} needs onnx: pip install effnet-inspect[onnx]") from error
    try:
        with path.open("rb") as stream:
            data = _without_weights(stream)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise SourceError(f"{path.name} is no ONNX file, or is damaged: {error}") from error
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError as error:
        raise SourceError(f"{path.name} is no ONNX file, or is damaged: it cannot be decoded") from error
    if not model.graph.node:
        raise SourceError(f"{path.name} is no ONNX file, or its graph is empty")
    nodes = model.graph.node
    limits.within(len(nodes), limits.LAYERS, f"nodes in {path.name}")
    parts = sum(len(node.input) + len(node.output) + len(node.attribute) for node in nodes)
    limits.within(parts, limits.FIELDS, f"inputs, outputs and attributes of nodes in {path.name}")
    try:
        return _graph(model.graph, {_text(each.domain): each.version for each in model.opset_import})
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the graph in {path.name} is damaged: {error}") from error


MESSAGES: dict[str, dict[int, str]] = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "initializer", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "constant", 6: "graph", 10: "constant", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "initializer", 2: "initializer"},
}
"""Message of an ONNX file -> the messages in it that may hold weights, by the number of their field."""

REMARKS = {"model": (6, 14), "graph": (10, 16), "node": (6, 9)}
"""Message -> its fields of documentation and metadata, of which exporters write more than of the graph itself."""

WHOLE_BYTES = {"initializer": WEIGHTS_BYTES, "constant": CONSTANT_BYTES}
"""Tensor -> how long it may be to be read with its values."""

KEPT_OF_TENSORS = (1, 2, 8)
"""The fields of a tensor's axes, type and name."""

STORED_ELSEWHERE = b"\x70\x01"
"""The field `data_location: EXTERNAL` of a tensor."""


def _without_weights(stream: IO[bytes]) -> bytes:
    """The file's bytes, every long tensor replaced by its name, type and shape."""
    stream.seek(0, 2)
    end = stream.tell()
    stream.seek(0)
    return _slim(stream, end, "model", Budget(limits.FIELDS, limits.GRAPH_BYTES))


def _slim(stream: IO[bytes], end: int, kind: str, budget: Budget, depth: int = 0) -> bytes:
    """The message from the stream's position to `end`, without weights."""
    if depth > limits.NESTING:
        raise ValueError(f"its parts are nested more than {limits.NESTING} deep")
    pieces: list[bytes] = []
    for found in fields(stream, end, budget):
        if found.number in REMARKS.get(kind, ()):
            continue
        inner = MESSAGES[kind].get(found.number) if found.content is not None else None
        length = found.end - found.start
        if inner is None and kind == "attribute" and length > limits.ATTRIBUTE_BYTES:
            raise ValueError(f"it has an attribute of more than {limits.ATTRIBUTE_BYTES // limits.MEBIBYTE} MiB")
        if inner is None or length <= WHOLE_BYTES.get(inner, WEIGHTS_BYTES):
            pieces.append(budget.read(stream, found.start, found.end))
        elif inner in WHOLE_BYTES:
            kept = [
                budget.read(stream, part.start, part.end)
                for part in fields(stream, found.end, budget)
                if part.number in KEPT_OF_TENSORS
            ]
            pieces.append(field_bytes(found.number, b"".join(kept) + STORED_ELSEWHERE))
        else:
            pieces.append(field_bytes(found.number, _slim(stream, found.end, inner, budget, depth + 1)))
    return b"".join(pieces)


def _graph(graph: Any, versions: Mapping[str, int]) -> OnnxGraph:
    tensors = {_text(each.name): _tensor(each) for each in graph.initializer}
    for sparse in graph.sparse_initializer:
        tensors[_text(sparse.values.name)] = Tensor(_dimensions(sparse.dims))
    return OnnxGraph(
        nodes=tuple(_node(node) for node in graph.node),
        tensors=tensors,
        inputs={_text(each.name): _shape(each) for each in graph.input if _text(each.name) not in tensors},
        outputs=tuple(_text(each.name) for each in graph.output),
        shapes={_text(each.name): _shape(each) for each in (*graph.value_info, *graph.output)},
        versions=versions,
    )


def _text(value: str | bytes) -> str:
    """Texts that are not well encoded come as bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _shape(value: Any) -> Dimensions | None:
    """None where the rank is not stated either."""
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    if len(tensor.shape.dim) > limits.RANK:
        raise ValueError(f"a tensor has {len(tensor.shape.dim):,} axes, {limits.RANK} are the most")
    return tuple(size.dim_value if size.dim_value > 0 else None for size in tensor.shape.dim)


def _node(node: Any) -> Node:
    attributes: dict[str, Any] = {}
    captured: dict[str, None] = {}
    for attribute in node.attribute:
        read = ATTRIBUTES.get(attribute.type)
        if read:
            attributes[_text(attribute.name)] = read(attribute)
        for inner in (attribute.g, *attribute.graphs):
            captured.update(dict.fromkeys(_taken_from_outside(inner)))
    domain = _text(node.domain)
    kind = _text(node.op_type) if domain in ("", "ai.onnx") else f"{domain}.{_text(node.op_type)}"
    return Node(
        kind,
        _text(node.name),
        tuple(map(_text, node.input)),
        tuple(map(_text, node.output)),
        attributes,
        tuple(captured),
        node,
    )


def _taken_from_outside(graph: Any, depth: int = 0) -> Iterator[str]:
    if depth > limits.INNER_GRAPHS:
        raise ValueError(f"its graphs are nested more than {limits.INNER_GRAPHS} deep")
    own = {_text(each.name) for each in (*graph.input, *graph.initializer)}
    for node in graph.node:
        inner = [name for each in node.attribute for name in _taken_from_outside(each.g, depth + 1)]
        yield from (name for name in (*map(_text, node.input), *inner) if name and name not in own)
        own.update(map(_text, node.output))


ATTRIBUTES: dict[int, Any] = {
    1: lambda attribute: attribute.f,
    2: lambda attribute: attribute.i,
    3: lambda attribute: attribute.s.decode(errors="replace"),
    4: lambda attribute: _tensor(attribute.t),
    6: lambda attribute: tuple(attribute.floats),
    7: lambda attribute: tuple(attribute.ints),
}
"""`AttributeProto.AttributeType` -> how its value is taken; types that no operator here needs are left out."""

NUMBERS: dict[int, tuple[str, str]] = {
    1: ("<f4", "float_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("|b1", "int32_data"),
    10: ("<f2", ""),
    11: ("<f8", "double_data"),
}
"""`TensorProto.DataType` -> the numbers' layout, and the field that holds them where `raw_data` does not."""

INDEX_TYPES = (6, 7, 9)
FLOAT = 1
STORED_HERE = 0


def _dimensions(dims: Any) -> tuple[int, ...]:
    if len(dims) > limits.RANK:
        raise ValueError(f"a tensor has {len(dims):,} axes, {limits.RANK} are the most")
    shape = tuple(dims)
    if any(size < 0 for size in shape):
        raise ValueError("a tensor has a negative size")
    return shape


def _precision(data_type: int) -> str | None:
    import onnx

    names: Any = onnx.TensorProto.DataType
    return None if data_type == FLOAT or data_type not in names.values() else str(names.Name(data_type)).lower()


def _tensor(tensor: Any) -> Tensor:
    """A tensor's shape, and its values where they are few and in the file itself."""
    import numpy

    shape = _dimensions(tensor.dims)
    size = math.prod(shape)
    unread = Tensor(shape, is_index=tensor.data_type in INDEX_TYPES, precision=_precision(tensor.data_type))
    is_small = size <= MAXIMUM_VALUES or (len(shape) == 1 and size <= WEIGHTS_BYTES)
    if not is_small or tensor.data_location != STORED_HERE or tensor.data_type not in NUMBERS:
        return unread
    layout, alternative = NUMBERS[tensor.data_type]
    if tensor.HasField("raw_data"):
        if len(tensor.raw_data) != size * numpy.dtype(layout).itemsize:
            return unread
        values = numpy.frombuffer(tensor.raw_data, layout).tolist()
    else:
        values = list(getattr(tensor, alternative, ()))
    if len(values) != size:
        return unread
    zeros = len(list(takewhile(lambda value: value == 0, reversed(values)))) if len(shape) == 1 else None
    return replace(unread, values=tuple(values) if size <= MAXIMUM_VALUES else None, zeros_at_end=zeros)
