"""TensorFlow's checkpoints: a file `.index` with names, shapes and types, and files `.data-...` with the numbers.

The index is a table of LevelDB: blocks of entries in the order of their keys, of which each is written as what it has
more than the one before, a block that says where the blocks are, and a footer that says where that one is. A value is a
protocol buffer, `BundleEntryProto`. The numbers are not read, but for one text: what Keras has kept in TensorFlow's way
has keys that count layers, and that text says what they are called.

https://github.com/google/leveldb/blob/main/doc/table_format.md describes the table, and
`tensorflow/core/protobuf/tensor_bundle.proto` and `trackable_object_graph.proto` the messages.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from effnet_inspect import limits
from effnet_inspect.checkpoints.checkpoint import Array, Content
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.archives import mebibytes
from effnet_inspect.sources.protobuf import Budget, Field, TooMuch, fields, varint

INDEX = ".index"
DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")

FOOTER_BYTES = 48
MAGIC_NUMBER = (0xDB4775248B80FB57).to_bytes(8, "little")
NOT_PACKED = 0

TYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64", 9: "int64",
    10: "bool", 11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16", 15: "qint16", 16: "quint16", 17: "uint16",
    18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64", 24: "float8_e5m2",
    25: "float8_e4m3fn", 29: "int4", 30: "uint4",
}  # fmt: skip
"""`tensorflow.DataType` -> what NumPy calls it."""

STRING = "string"

OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""The key of the text that says what the arrays of objects are called."""

OF_AN_OBJECT = "/.ATTRIBUTES/"
"""What keys of arrays of objects have in them."""


@dataclass(slots=True)
class _Entry:
    """What the index says of an array."""

    dtype: str = "unknown"
    shape: list[int] = field(default_factory=list)
    shard: int = 0
    offset: int = 0
    size: int = 0


def index_of(path: Path) -> Path:
    """The index that a file or a folder of TensorFlow's belongs to; the path itself where there is none.

    A checkpoint may be named by its index, by its numbers, by what both begin with, or by the SavedModel it is in.
    """
    begin = path.with_name(DATA.sub("", path.name))
    candidates = (begin.with_name(begin.name + INDEX), path / "variables" / f"variables{INDEX}")
    is_another = begin != path or not path.is_file()
    return next((each for each in candidates if is_another and each.is_file()), path)


def read_index(path: Path) -> Content:
    """The arrays that the index names; texts are none.

    Raises:
        SourceError: where it is damaged, or larger than that of any network that can be shown.
    """
    if path.stat().st_size > limits.HEADER_BYTES:
        raise SourceError(f"the index {path.name} is larger than {mebibytes(limits.HEADER_BYTES)}")
    # One for all that is read: what each part may hold, a thousand parts may not.
    budget = Budget(limits.FIELDS, limits.HEADER_BYTES)
    try:
        pairs = _bounded(_pairs(path.read_bytes()))
        entries = {key.decode(errors="replace"): _entry(value, budget) for key, value in pairs if key}
    except TooMuch as error:
        raise SourceError(f"the index {path.name} is too large: {error}") from error
    except (ValueError, EOFError, IndexError) as error:
        raise SourceError(f"the file {path.name} is damaged: it is no index of a checkpoint of TensorFlow") from error
    names = _names_of_objects(path, entries.get(OBJECTS), budget)
    arrays = [
        Array(names.get(key, key), tuple(entry.shape), entry.dtype)
        for key, entry in entries.items()
        if entry.dtype != STRING
    ]
    return Content(
        arrays, order="objects" if names else None, elsewhere=sum(each.stat().st_size for each in _data(path))
    )


def _bounded(pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """The same, as long as names and arrays are no more than a network has."""
    bytes_of_names = 0
    for found, (key, value) in enumerate(pairs, start=1):
        limits.within(found, limits.ARRAYS, "arrays")
        bytes_of_names += len(key)
        limits.within(bytes_of_names, limits.HEADER_BYTES, "characters in all names")
        yield key, value


def _pairs(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the table, in their order."""
    footer = content[-FOOTER_BYTES:]
    if len(footer) < FOOTER_BYTES or not footer.endswith(MAGIC_NUMBER):
        raise ValueError("it has no footer")
    stream = io.BytesIO(footer)
    _place(stream)
    read = 0
    for _, handle in _block(content, *_place(stream)):
        offset, size = _place(io.BytesIO(handle))
        read += size
        if read > len(content):
            raise ValueError("its blocks are longer than itself")
        yield from _block(content, offset, size)


def _place(stream: io.BytesIO) -> tuple[int, int]:
    return varint(stream), varint(stream)


def _block(content: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block; behind it stand how it is packed and a sum to check it by."""
    end = offset + size
    if content[end] != NOT_PACKED:
        raise ValueError("it is packed")
    restarts = int.from_bytes(content[end - 4 : end], "little")
    stream = io.BytesIO(content[offset : end - 4 - 4 * restarts])
    length = len(stream.getbuffer())
    if end < 4 or size < 4 + 4 * restarts:
        raise ValueError("its blocks have no end")
    key = b""
    while stream.tell() < length:
        shared, own, value = varint(stream), varint(stream), varint(stream)
        limits.within(max(shared, own), limits.NAME, "characters in a name")
        if shared > len(key):
            raise ValueError("a key has more of the one before than that has")
        key = key[:shared] + _exactly(stream, own)
        yield key, _exactly(stream, value)


def _exactly(stream: io.BytesIO, count: int) -> bytes:
    if count > len(stream.getbuffer()) - stream.tell():
        raise EOFError("it ends too early")
    return stream.read(count)


def _fields(message: bytes, budget: Budget) -> Iterator[tuple[Field, bytes]]:
    """The fields of a message, each with its bytes."""
    for each in fields(io.BytesIO(message), len(message), budget):
        yield each, message[each.content : each.end] if each.content is not None else b""


def _entry(message: bytes, budget: Budget) -> _Entry:
    """`BundleEntryProto`: 1 type, 2 shape, 3 file, 4 offset, 5 size."""
    entry = _Entry()
    for each, content in _fields(message, budget):
        number = each.value or 0
        if each.number == 1:
            entry.dtype = TYPES.get(number, "unknown")
        elif each.number == 2:
            entry.shape = list(_sizes(content, budget))
            limits.within(len(entry.shape), limits.RANK, "axes of an array")
        elif each.number == 3:
            entry.shard = number
        elif each.number == 4:
            entry.offset = number
        elif each.number == 5:
            entry.size = number
    return entry


def _sizes(shape: bytes, budget: Budget) -> Iterator[int]:
    """`TensorShapeProto`: 2 an axis, with its size in 1."""
    for axis, content in _fields(shape, budget):
        if axis.number == 2:
            size = next((each.value or 0 for each, _ in _fields(content, budget) if each.number == 1), 0)
            limits.within(size, limits.SIZE, "positions along an axis")
            yield size


def _names_of_objects(path: Path, entry: _Entry | None, budget: Budget) -> Mapping[str, str]:
    """Key -> the name of the variable, as the text on objects has it; empty where it is not to be had.

    Raises:
        SourceError: where the file with the numbers is there, and the text not in its place.
    """
    if entry is None or entry.dtype != STRING or entry.size > limits.HEADER_BYTES:
        return {}
    data = next((each for each in _data(path) if f".data-{entry.shard:05d}-of-" in each.name), None)
    if data is None:
        return {}
    if entry.offset + entry.size > data.stat().st_size:
        raise SourceError(f"the file {data.name} is damaged: it is shorter than {path.name} says")
    with data.open("rb") as stream:
        stream.seek(entry.offset)
        content = io.BytesIO(stream.read(entry.size))
    try:
        # A text: how long it is, a sum to check that by, and itself.
        length = varint(content)
        content.seek(4, io.SEEK_CUR)
        return dict(_names(_exactly(content, length), budget))
    except TooMuch as error:
        raise SourceError(f"the text on objects in {data.name} is too large: {error}") from error
    except (ValueError, EOFError) as error:
        raise SourceError(
            f"the file {data.name} is damaged: the text on objects is not where {path.name} says"
        ) from error


def _data(path: Path) -> list[Path]:
    """The files with the numbers."""
    begin = path.name.removesuffix(INDEX)
    beside = (each for each in path.parent.iterdir() if each.name.startswith(begin) and DATA.search(each.name))
    return sorted(each for each in beside if DATA.sub("", each.name) == begin and each.is_file())


def _names(graph: bytes, budget: Budget) -> Iterator[tuple[str, str]]:
    """`TrackableObjectGraph`: 1 an object, of which 2 is an array: 2 its variable's name, 3 its key."""
    for node, inside in _fields(graph, budget):
        for part, attribute in _fields(inside, budget) if node.number == 1 else ():
            texts = {each.number: text for each, text in _fields(attribute, budget)} if part.number == 2 else {}
            name, key = (texts.get(number, b"").decode(errors="replace") for number in (2, 3))
            if name and key:
                yield key, name
