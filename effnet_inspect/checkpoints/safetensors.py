"""The header of a safetensors file: eight bytes that say how long it is, and JSON.

https://github.com/huggingface/safetensors describes the format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from effnet_inspect import limits
from effnet_inspect.checkpoints.checkpoint import Array, Content
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.archives import mebibytes
from effnet_inspect.sources.messages import first_line

LENGTH_BYTES = 8

TYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
    "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
    "F8_E4M3": "float8_e4m3", "F8_E5M2": "float8_e5m2",
}  # fmt: skip
"""The format's names of types -> NumPy's."""

REMARKS = "__metadata__"


def read_safetensors(path: Path) -> Content:
    """The arrays that the header names.

    Raises:
        SourceError: where the header is damaged, or larger than that of any network that can be shown.
    """
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        if length > limits.HEADER_BYTES:
            raise SourceError(f"the header of {path.name} is larger than {mebibytes(limits.HEADER_BYTES)}")
        text = stream.read(length)
    if len(text) < length:
        raise SourceError(f"the file {path.name} is damaged: it ends within its header")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else first_line(error)
        raise SourceError(f"the header of {path.name} is not JSON that can be read: {reason}") from error
    if not isinstance(header, dict):
        raise SourceError(f"the header of {path.name} is no table of arrays")
    limits.within(len(header), limits.ARRAYS, "arrays")
    return Content(list(_arrays(path.name, header)))


def _arrays(file: str, header: dict[str, Any]) -> Iterator[Array]:
    for name, entry in header.items():
        if name == REMARKS:
            continue
        shape = entry.get("shape") if isinstance(entry, dict) else None
        dtype = entry.get("dtype") if isinstance(entry, dict) else None
        if not isinstance(shape, list) or not all(_is_size(size) for size in shape) or not isinstance(dtype, str):
            raise SourceError(f"the file {file} is damaged: {name!r} in it has no shape or no type")
        limits.within(len(shape), limits.RANK, f"axes of {name!r}")
        yield Array(name, tuple(shape), TYPES.get(dtype, dtype.lower()))


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value <= limits.SIZE
