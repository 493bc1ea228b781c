"""Files of weights for the tests: written here, or by PyTorch and kept in `data/`."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


Groups = Mapping[str, Mapping[str, tuple[str, list[tuple[int, ...]]]]]


def kept(name: str, folder: Path) -> Path:
    """A file that PyTorch wrote, unpacked into `folder`."""
    path = folder / name
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


def write_safetensors(path: Path, arrays: Mapping[str, tuple[int, ...]], dtype: str = "F32") -> Path:
    """A header with these arrays, and no numbers behind it."""
    header = {name: {"dtype": dtype, "shape": list(shape), "data_offsets": [0, 0]} for name, shape in arrays.items()}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    return path


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


class Calls:
    """An object whose pickle calls a function with arguments when Python reads it."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments


def pickled(value: Any) -> bytes:
    """As PyTorch pickles."""
    return pickle.dumps(value, protocol=2)
