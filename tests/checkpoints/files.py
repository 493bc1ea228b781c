"""Files of weights for the tests: written here, or by PyTorch and kept in `data/`."""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import pickle
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from effnet_inspect.checkpoints.tensorflow import MAGIC_NUMBER
from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions import CONVENTIONS, named
from effnet_inspect.library import load
from effnet_inspect.sources.protobuf import field_bytes

DATA = Path(__file__).parent / "data"


Groups = Mapping[str, Mapping[str, tuple[str, list[tuple[int, ...]]]]]


def kept(name: str, folder: Path) -> Path:
    """A file that PyTorch wrote, unpacked into `folder`."""
    path = folder / name
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


def write_safetensors(path: Path, arrays: Mapping[str, tuple[int, ...]], dtype: str = "F32") -> Path:
    """A header with these arrays, and behind it nothing but a hole of their size."""
    header, end = {}, 0
    for name, shape in arrays.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    os.truncate(path, 8 + len(text) + end)
    return path


def arrays_of(
    target: str, code_base: CodeBase, *, classes: int = 1000, channels: int = 3
) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a published network's weights in a code base, with other classes or channels."""
    found = named(load(target), CONVENTIONS[code_base])
    arrays = {}
    for name, slot in found.by_name.items():
        shape = [0 if size is None else size for size in slot.shape or ()]
        if slot.role == "classifier":
            shape[-1] = classes
        elif slot.role == "stem":
            shape[2] = channels
        arrays[name] = tuple(shape[axis] for axis in found.convention.order(slot) or range(len(shape)))
    return {**arrays, **dict.fromkeys(found.counters, ())}


@contextmanager
def beside_the_examples() -> Iterator[None]:
    """In a folder with the files of weights that the examples of the documentation name: it is the current one."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        arrays = {f"module.{name}": shape for name, shape in arrays_of("b3", "timm", classes=5).items()}
        write_safetensors(Path(folder) / "cats.safetensors", arrays)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)


def write_pytorch(path: Path, content: bytes) -> Path:
    """An archive as PyTorch writes them, with this pickle in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", "3\n")
    return path


def write_weights_h5(path: Any, layers: Groups) -> None:
    """HDF5 as Keras 3 writes weights: top group -> group of a layer -> its name, and the shapes of its variables."""
    import h5py

    with h5py.File(path, "w") as file:
        for top, groups in layers.items():
            for group, (name, shapes) in groups.items():
                variables = file.create_group(f"{top}/{group}/vars")
                variables.attrs["name"] = name
                for index, shape in enumerate(shapes):
                    variables.create_dataset(str(index), shape, "float32")


def weights_h5(layers: Groups) -> bytes:
    """The same as bytes."""
    stream = io.BytesIO()
    write_weights_h5(stream, layers)
    return stream.getvalue()


def write_index(
    path: Path, blocks: Iterable[Iterable[tuple[bytes, bytes]]], *, packed: int = 0, times: int = 1
) -> Path:
    """A table as TensorFlow writes the index of a checkpoint: blocks of keys and values, each key written whole.

    `packed` says how a block is, and each is named so many `times`.
    """
    content, places = b"", []
    for block in blocks:
        places.append((len(content), written := _block(block)))
        content += written + bytes([packed]) + bytes(4)
    handles = [(b"%06d" % number, varint(at) + varint(len(each))) for number, (at, each) in enumerate(places * times)]
    index = _block(handles)
    handle = varint(len(content)) + varint(len(index))
    footer = (varint(0) + varint(0) + handle).ljust(40, b"\0") + MAGIC_NUMBER
    path.write_bytes(content + index + bytes(5) + footer)
    return path


def _block(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    entries = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in pairs)
    return entries + bytes(4) + (1).to_bytes(4, "little")


def entry(shape: Iterable[int], dtype: int = 1) -> bytes:
    """What an index says of an array."""
    axes = b"".join(field_bytes(2, b"\x08" + varint(size)) for size in shape)
    return b"\x08" + varint(dtype) + field_bytes(2, axes)


def varint(value: int) -> bytes:
    """A number of variable length."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*written, value))


class Calls:
    """An object whose pickle calls a function with arguments when Python reads it."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments


def pickled(value: Any) -> bytes:
    """As PyTorch pickles."""
    return pickle.dumps(value, protocol=2)
