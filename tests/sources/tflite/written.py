"""Writes small .tflite files, operator by operator, as the format's own classes lay them out."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import flatbuffers
import tflite


class Tensor(NamedTuple):
    """A tensor; `numbers` are those of a constant, in the type `kind`. `signature` has -1 where a size is open."""

    name: str
    shape: Sequence[int]
    numbers: Sequence[float] = ()
    kind: str = "FLOAT32"
    signature: Sequence[int] = ()


class Operator(NamedTuple):
    """An operator on tensors by their position, with the number of each option by its name in the format."""

    kind: str
    inputs: Sequence[int]
    outputs: Sequence[int]
    options_kind: str = ""
    options: Mapping[str, int] = MappingProxyType({})


FORMATS = {"FLOAT32": "f", "FLOAT16": "e", "INT32": "i", "INT8": "b"}


def write(path: Path, tensors: Sequence[Tensor], operators: Sequence[Operator], inputs: Sequence[int] = (0,)) -> None:
    """Write a file whose outputs are those of the last operator; a kind that is no operator's name is a custom one."""
    builder = flatbuffers.Builder(1024)
    contents = [b"", *(struct.pack(f"<{len(each.numbers)}{FORMATS[each.kind]}", *each.numbers) for each in tensors)]
    buffers = [_buffer(builder, content) for content in contents]
    rows = [_tensor(builder, each, position + 1) for position, each in enumerate(tensors)]
    codes = [_code(builder, each.kind) for each in operators]
    steps = [_operator(builder, each, position) for position, each in enumerate(operators)]
    vectors = [
        _offsets(builder, tflite.SubGraphStartTensorsVector, rows),
        _numbers(builder, tflite.SubGraphStartInputsVector, inputs),
        _numbers(builder, tflite.SubGraphStartOutputsVector, operators[-1].outputs if operators else ()),
        _offsets(builder, tflite.SubGraphStartOperatorsVector, steps),
    ]
    tflite.SubGraphStart(builder)
    for add, vector in zip(
        (tflite.SubGraphAddTensors, tflite.SubGraphAddInputs, tflite.SubGraphAddOutputs, tflite.SubGraphAddOperators),
        vectors,
        strict=True,
    ):
        add(builder, vector)
    graph = tflite.SubGraphEnd(builder)
    lists = (
        _offsets(builder, tflite.ModelStartOperatorCodesVector, codes),
        _offsets(builder, tflite.ModelStartSubgraphsVector, [graph]),
        _offsets(builder, tflite.ModelStartBuffersVector, buffers),
    )
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    for add, vector in zip(
        (tflite.ModelAddOperatorCodes, tflite.ModelAddSubgraphs, tflite.ModelAddBuffers), lists, strict=True
    ):
        add(builder, vector)
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))


def _buffer(builder: Any, content: bytes) -> int:
    data = builder.CreateByteVector(content) if content else None
    tflite.BufferStart(builder)
    if data is not None:
        tflite.BufferAddData(builder, data)
    return int(tflite.BufferEnd(builder))


def _tensor(builder: Any, tensor: Tensor, buffer: int) -> int:
    name = builder.CreateString(tensor.name)
    shape = _numbers(builder, tflite.TensorStartShapeVector, tensor.shape)
    signature = _numbers(builder, tflite.TensorStartShapeSignatureVector, tensor.signature)
    tflite.TensorStart(builder)
    tflite.TensorAddName(builder, name)
    tflite.TensorAddShape(builder, shape)
    if tensor.signature:
        tflite.TensorAddShapeSignature(builder, signature)
    tflite.TensorAddType(builder, getattr(tflite.TensorType, tensor.kind))
    tflite.TensorAddBuffer(builder, buffer)
    return int(tflite.TensorEnd(builder))


def _code(builder: Any, kind: str) -> int:
    number = getattr(tflite.BuiltinOperator, kind, None)
    custom = builder.CreateString(kind) if number is None else None
    number = tflite.BuiltinOperator.CUSTOM if number is None else number
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(number, 127))
    tflite.OperatorCodeAddBuiltinCode(builder, number)
    if custom is not None:
        tflite.OperatorCodeAddCustomCode(builder, custom)
    return int(tflite.OperatorCodeEnd(builder))


def _operator(builder: Any, operator: Operator, code: int) -> int:
    inputs = _numbers(builder, tflite.OperatorStartInputsVector, operator.inputs)
    outputs = _numbers(builder, tflite.OperatorStartOutputsVector, operator.outputs)
    options = None
    if operator.options_kind:
        getattr(tflite, f"{operator.options_kind}Start")(builder)
        for name, number in operator.options.items():
            getattr(tflite, f"{operator.options_kind}Add{name}")(builder, number)
        options = getattr(tflite, f"{operator.options_kind}End")(builder)
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    if options is not None:
        tflite.OperatorAddBuiltinOptionsType(builder, getattr(tflite.BuiltinOptions, operator.options_kind))
        tflite.OperatorAddBuiltinOptions(builder, options)
    return int(tflite.OperatorEnd(builder))


def _numbers(builder: Any, start: Callable[[Any, int], Any], numbers: Sequence[int]) -> int:
    start(builder, len(numbers))
    for number in reversed(numbers):
        builder.PrependInt32(number)
    return int(builder.EndVector())


def _offsets(builder: Any, start: Callable[[Any, int], Any], offsets: Iterable[int]) -> int:
    listed = list(offsets)
    start(builder, len(listed))
    for offset in reversed(listed):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
