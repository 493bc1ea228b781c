"""Files of weights -> the names, shapes and types of their arrays, by a table of kinds of files.

No number of a weight is read, and no code in a file is run. Files are not trusted: what is read of them is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from effnet_inspect.checkpoints.checkpoint import MODEL, Array, Checkpoint, Content, SavedLayer
from effnet_inspect.checkpoints.tensorflow import INDEX, index_of
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.messages import reason
from effnet_inspect.text import named

HEAD_BYTES = 16


@dataclass(frozen=True, slots=True)
class CheckpointKind:
    """One kind of file: what it is called, how it is recognised, and what reads it.

    `is_of` is asked with what the file begins with, and its name. `reader` is `module:function` in this package.
    """

    title: str
    suffixes: tuple[str, ...]
    is_of: Callable[[bytes, str], bool]
    reader: str

    def read(self, path: Path) -> Content:
        """What is in a file of this kind."""
        module, function = self.reader.split(":")
        read: Any = getattr(import_module(f"{__name__}.{module}"), function)
        content: Content = read(path)
        return content


ZIP, HDF5, PICKLE = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x80"

CHECKPOINT_KINDS: tuple[CheckpointKind, ...] = (
    CheckpointKind(
        "Keras archive", (".keras",), lambda head, name: head.startswith(ZIP) and name.endswith(".keras"),
        "keras:read_archive",
    ),
    CheckpointKind(
        "PyTorch archive", (".pt", ".pth", ".bin"), lambda head, name: head.startswith(ZIP), "pytorch:read_archive"
    ),
    CheckpointKind("HDF5 file", (".h5", ".hdf5"), lambda head, name: head.startswith(HDF5), "keras:read_hdf5"),
    CheckpointKind(
        "safetensors file", (".safetensors",), lambda head, name: head[8:9] == b"{", "safetensors:read_safetensors"
    ),
    CheckpointKind(
        "TensorFlow checkpoint", (INDEX,), lambda head, name: name.endswith(INDEX), "tensorflow:read_index"
    ),
    CheckpointKind(
        "PyTorch pickle", (".pt", ".pth", ".bin"), lambda head, name: head.startswith(PICKLE), "pytorch:read_pickles"
    ),
)  # fmt: skip


def read_checkpoint(path: Path) -> Checkpoint:
    """What a file of weights holds.

    Raises:
        SourceError: where there is no such file, or none of a kind that is known, or it is damaged.
    """
    try:
        path = index_of(path)
        if not path.exists():
            raise SourceError(f"there is no file {str(path)!r}")
        if not path.is_file():
            raise SourceError(f"{str(path)!r} is not a regular file; weights are read from one file")
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        kind = next((each for each in CHECKPOINT_KINDS if each.is_of(head, path.name.lower())), None)
        if kind is None:
            raise SourceError(f"the file {path.name} {_what_instead(head)}; those are: {_kinds()}")
        content = kind.read(path)
        if not content.arrays:
            raise SourceError(f"the file {path.name} holds no weights")
        layers = tuple(
            layer._replace(name=named(layer.name), arrays=_cleaned(layer.arrays)) for layer in content.layers
        )
        return Checkpoint(
            path.name,
            kind.title,
            path.stat().st_size + content.elsewhere,
            _cleaned(content.arrays),
            layers,
            content.order,
        )
    except (OSError, ValueError) as error:
        raise SourceError(f"{str(path)!r} cannot be read: {reason(error)}") from error


def _cleaned(arrays: Iterable[Array]) -> tuple[Array, ...]:
    return tuple(each._replace(name=named(each.name)) for each in arrays)


def _what_instead(head: bytes) -> str:
    return "is not a file of weights of a known kind" if head else "is empty, and no file of weights"


def _kinds() -> str:
    return ", ".join(f"{kind.title} ({' '.join(kind.suffixes)})" for kind in CHECKPOINT_KINDS)


__all__ = ["CHECKPOINT_KINDS", "MODEL", "Array", "Checkpoint", "SavedLayer", "read_checkpoint"]
