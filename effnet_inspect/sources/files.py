"""A model file -> LayerGraph, by a table of kinds of files. No code in a file is run, and no weight is read.

Files are not trusted: what is read of them is bounded, nothing is unpacked, and whatever is wrong is a sentence.
"""

from __future__ import annotations

import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.keras_config import Facts, read_config
from effnet_inspect.sources.messages import first_line
from effnet_inspect.variants import FileTarget

MAXIMUM_CONFIG_BYTES = 32 * 1024 * 1024
"""The configuration of the deepest network that can be built here takes a fifth of it."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: what it is called, how it is recognised, and how its graph is read.

    `begins` is what its content begins with, blanks left out.
    """

    title: str
    endings: tuple[str, ...]
    begins: tuple[bytes, ...]
    read: Callable[[Path], LayerGraph]


def read_file(target: FileTarget) -> LayerGraph:
    """The graph in a model file or a SavedModel folder.

    Raises:
        SourceError: where there is no such file, or none that holds a model's architecture.
    """
    path = Path(target.path)
    try:
        if path.is_dir():
            return _read_saved_model(path)
        if not path.exists():
            raise SourceError(f"there is no file {str(path)!r}")
        if not path.is_file():
            raise SourceError(f"{str(path)!r} is no regular file, but a device, a pipe or the like")
        return _kind(path).read(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{str(path)!r} cannot be read: {reason}") from error


def _kind(path: Path) -> FileKind:
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise SourceError(f"the file {path.name} is empty")
    for kind in KINDS:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(kind.begins):
            return kind
    for kind in KINDS:
        if path.name.lower().endswith(kind.endings):
            raise SourceError(f"the file {path.name} is no {kind.title}, whatever its name: it does not begin like one")
    titles = ", ".join(f"{kind.title} ({' '.join(kind.endings)})" for kind in KINDS)
    raise SourceError(
        f"the file {path.name} is no file that can be read as a model; those are: {titles}, SavedModel folder"
    )


def _read_archive(path: Path) -> LayerGraph:
    try:
        with zipfile.ZipFile(path) as archive:
            if "config.json" not in archive.namelist():
                raise SourceError(
                    f"the file {path.name} is an archive without config.json, so it is no model saved by Keras"
                )
            with archive.open("config.json") as stream:
                text = stream.read(MAXIMUM_CONFIG_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"the file {path.name} is damaged: {first_line(error)}") from error
    return _graph(path, text)


def _read_json(path: Path) -> LayerGraph:
    with path.open("rb") as stream:
        return _graph(path, stream.read(MAXIMUM_CONFIG_BYTES + 1))


def _read_hdf5(path: Path) -> LayerGraph:
    from effnet_inspect.sources.hdf5 import read_hdf5

    text, parameters = read_hdf5(path)
    return _graph(path, text, Facts(parameters=parameters))


def _read_onnx(path: Path) -> LayerGraph:
    from effnet_inspect.sources.onnx_model import read_onnx

    return read_onnx(path)


def _read_saved_model(path: Path) -> LayerGraph:
    metadata = path / "keras_metadata.pb"
    if not (path / "saved_model.pb").is_file():
        raise SourceError(f"the folder {str(path)!r} is no SavedModel: it holds no saved_model.pb")
    if not metadata.is_file():
        raise SourceError(
            f"the SavedModel {str(path)!r} states no architecture (it has no keras_metadata.pb); "
            "save the model as a .keras file"
        )
    with metadata.open("rb") as stream:
        content = stream.read(2 * MAXIMUM_CONFIG_BYTES + 1)
    return _graph(path, _root_metadata(path, content), decode=_decode_saved_model)


def _root_metadata(path: Path, content: bytes) -> bytes:
    """The JSON of the root node: `SavedMetadata.nodes` (1), of which `node_path` (3) is `root`, its `metadata` (5)."""
    try:
        for node in _fields(content).get(1, ()):
            fields = _fields(node)
            if fields.get(3) == [b"root"]:
                return fields[5][-1]
    except (IndexError, KeyError) as error:
        raise SourceError(f"the keras_metadata.pb of {path.name} is damaged") from error
    raise SourceError(f"the keras_metadata.pb of {path.name} states no model")


def _fields(message: bytes) -> dict[int, list[bytes]]:
    """The length-delimited fields of a protocol buffer by number; numbers in it are passed over."""
    found: dict[int, list[bytes]] = {}
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, wire = key >> 3, key & 7
        if wire == 0:
            _, position = _varint(message, position)
        elif wire == 2:
            size, position = _varint(message, position)
            if position + size > len(message):
                raise IndexError(position)
            found.setdefault(number, []).append(message[position : position + size])
            position += size
        elif wire in (1, 5):
            position += 8 if wire == 1 else 4
        else:
            raise KeyError(wire)
    return found


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise IndexError(position)


def _decode(text: bytes | str) -> Any:
    return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)


def _decode_saved_model(text: bytes | str) -> Any:
    """SavedModels write tuples and shapes as objects."""
    return json.loads(text, object_hook=lambda found: found["items"] if _is_tuple(found) else found)


def _is_tuple(found: dict[str, Any]) -> bool:
    return found.get("class_name") in ("__tuple__", "TensorShape") and isinstance(found.get("items"), list)


def _graph(
    path: Path, text: bytes, facts: Facts | None = None, decode: Callable[[bytes | str], Any] = _decode
) -> LayerGraph:
    if len(text) > MAXIMUM_CONFIG_BYTES:
        raise SourceError(
            f"the configuration in {path.name} is larger than {MAXIMUM_CONFIG_BYTES // 1024**2} MiB, "
            "more than any model that can be shown"
        )
    try:
        config = decode(text)
        if isinstance(config, str):
            # json.dump(model.to_json(), file) encodes twice; people do it.
            config = decode(config)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else first_line(error)
        raise SourceError(f"the configuration in {path.name} is no JSON that can be read: {reason}") from error
    try:
        return read_config(config, name=path.name, target=str(path), facts=facts)
    except SourceError as error:
        raise SourceError(f"{path.name!r}: {error}") from error


KINDS: tuple[FileKind, ...] = (
    FileKind("Keras archive", (".keras",), (b"PK\x03\x04", b"PK\x05\x06"), _read_archive),
    FileKind("HDF5 file", (".h5", ".hdf5"), (b"\x89HDF\r\n\x1a\n",), _read_hdf5),
    FileKind("ONNX file", (".onnx",), (b"\x08",), _read_onnx),
    FileKind("JSON configuration", (".json",), (b"{", b'"', b"["), _read_json),
)
