"""A model file -> LayerGraph, by a table of kinds of files, told by what they begin with.

Where several kinds begin alike, as all archives do, the file's name decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from effnet_inspect.catalog.targets import FileTarget, PythonTarget, Target
from effnet_inspect.errors import SourceError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import LayerGraph, Pair, Shape
from effnet_inspect.sources.gate import admitted
from effnet_inspect.sources.messages import reason


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: what it is called, how it is recognised, and what reads it.

    `magic` is what its content begins with, blanks left out, or has after `skips` bytes. `reader` is `module:function`
    in this package, imported when there is such a file.
    """

    title: str
    suffixes: tuple[str, ...]
    magic: tuple[bytes, ...]
    reader: str
    skips: int = 0

    def is_of(self, head: bytes) -> bool:
        """Whether content that begins like this is of this kind."""
        return (head[self.skips :] if self.skips else head.lstrip(BLANKS)).startswith(self.magic)

    def read(self, target: FileTarget) -> LayerGraph:
        """The graph in a file of this kind."""
        module, function = self.reader.split(":")
        read: Any = getattr(import_module(f"effnet_inspect.sources.{module}"), function)
        graph: LayerGraph = read(target)
        return graph


FILE_KINDS: tuple[FileKind, ...] = (
    FileKind("Keras archive", (".keras",), (b"PK\x03\x04", b"PK\x05\x06"), "keras.files:read_archive"),
    FileKind("HDF5 file", (".h5", ".hdf5"), (b"\x89HDF\r\n\x1a\n",), "keras.files:read_hdf5"),
    FileKind("TensorFlow Lite file", (".tflite", ".lite"), (b"TFL3",), "tflite.model:read_tflite", skips=4),
    FileKind("ONNX file", (".onnx",), (b"\x08",), "onnx.model:read_onnx"),
    FileKind("PyTorch archive", (".pt2", ".pt", ".pth"), (b"PK\x03\x04",), "torch.files:read_archive"),
    FileKind("PyTorch pickle", (".pt", ".pth"), (b"\x80",), "torch.files:read_pickle"),
    FileKind("JSON configuration", (".json",), (b"{", b'"', b"["), "keras.files:read_json"),
)

FOLDER_KIND = FileKind("SavedModel folder", (), (), "keras.files:read_saved_model")

LONGEST_MAGIC = 64
BLANKS = b"\xef\xbb\xbf \t\r\n"


def read_file(target: FileTarget) -> LayerGraph:
    """The graph in a model file or a SavedModel folder.

    Raises:
        SourceError: where there is no such file, or none that holds a model's architecture, or one for images of
            another size than the target has.
    """
    return of_the_size_asked_for(admitted(_read(target)), target)


def of_the_size_asked_for(graph: LayerGraph, target: FileTarget | PythonTarget) -> LayerGraph:
    """The graph, where it takes images of the size that the target states.

    Raises:
        SourceError: where its images have another size, or it takes none.
    """
    images = [shape[:2] for each in graph if each.operation == "input" and len(shape := each.output_shape or ()) == 3]
    if target.resolution is None or target.resolution in images:
        return graph
    if not images:
        raise SourceError(f"{target.title} takes no images, so it cannot be read at a size of them")
    size, asked = (format_value(each, "size") for each in (images[0], target.resolution))
    if None in images[0] and _fits(images[0], target.resolution):
        raise SourceError(f"{target.title} leaves the size of its images open, but {asked} is none that it takes")
    raise SourceError(f"{target.title} takes images of {size} and of no other size, so it cannot be read at {asked}")


def at_resolution(shape: Shape | None, target: Target | None) -> Shape | None:
    """The shape of an input, with the height and width that it leaves open as the target has them."""
    resolution = target.resolution if isinstance(target, (FileTarget, PythonTarget)) else None
    if resolution is None or shape is None or len(shape) != 3:
        return shape
    return (*resolution, shape[2]) if _fits(shape[:2], resolution) else shape


def _fits(sides: Shape, resolution: Pair) -> bool:
    return all(size in (None, wanted) for size, wanted in zip(sides, resolution, strict=True))


def _read(target: FileTarget) -> LayerGraph:
    path = Path(target.path)
    try:
        if path.is_dir():
            return FOLDER_KIND.read(target)
        if not path.exists():
            raise SourceError(f"there is no file {str(path)!r}")
        if not path.is_file():
            raise SourceError(f"{str(path)!r} is not a regular file, but a device, a pipe or the like")
        return _kind(path).read(target)
    except (OSError, ValueError) as error:
        raise SourceError(f"{str(path)!r} cannot be read: {reason(error)}") from error


def _kind(path: Path) -> FileKind:
    with path.open("rb") as stream:
        head = stream.read(LONGEST_MAGIC)
    if not head:
        raise SourceError(f"the file {path.name} is empty")
    alike = [kind for kind in FILE_KINDS if kind.is_of(head)]
    for kind in (*(each for each in alike if path.name.lower().endswith(each.suffixes)), *alike):
        return kind
    for kind in FILE_KINDS:
        if path.name.lower().endswith(kind.suffixes):
            raise SourceError(f"the file {path.name} does not begin like {kind.title}s do, whatever its name")
    titles = ", ".join(f"{kind.title} ({' '.join(kind.suffixes)})" for kind in FILE_KINDS)
    raise SourceError(
        f"the file {path.name} is not a model file of a known kind; those are: {titles}, {FOLDER_KIND.title}"
    )
