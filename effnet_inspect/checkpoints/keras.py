"""Keras' files of weights: HDF5 of Keras 3, where layers are numbered by class, and of before, where they are named."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from effnet_inspect import limits
from effnet_inspect.checkpoints.checkpoint import Array
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.archives import Directory, Window
from effnet_inspect.sources.keras.hdf5 import Held, read_arrays
from effnet_inspect.sources.messages import first_line

WEIGHTS = "model.weights.h5"

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "normalization": ("mean", "variance", "count"),
    "conv2d": ("kernel", "bias"),
    "depthwise_conv2d": ("kernel", "bias"),
    "dense": ("kernel", "bias"),
}
"""What Keras 3 calls the group of a layer of a class, without its number -> the variables in it, by theirs."""

OLD_NAMES = {"depthwise_kernel": "kernel"}
"""Names of variables before Keras 3 -> in Keras 3."""


def read_hdf5(path: Path) -> list[Array]:
    """The arrays in a file of weights, or of a whole model, in HDF5.

    Raises:
        SourceError: where it is damaged, or parts of it are elsewhere.
    """
    return _named(read_arrays(path, path.name))


def read_archive(path: Path) -> list[Array]:
    """The arrays in a `.keras` archive.

    Raises:
        SourceError: where it is damaged, or holds no weights.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(Directory(file)) as archive:
            if WEIGHTS not in archive.namelist():
                raise SourceError(f"the archive {path.name} holds no weights")
            return _named(read_arrays(Window(file, archive.getinfo(WEIGHTS)), path.name))  # type: ignore[arg-type]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError(f"the file {path.name} is damaged: {first_line(error)}") from error


def _named(held: Sequence[Held]) -> list[Array]:
    limits.within(len(held), limits.ARRAYS, "arrays")
    return [Array(name, each.shape, each.dtype) for each, name in zip(held, _names(held), strict=True)]


def _names(held: Sequence[Held]) -> Iterator[str]:
    """By layer and variable, where the file tells them; else by the groups that the array is in."""
    for each in held:
        path = each.path
        if "vars" in path[:-1] and path[-1].isdigit():
            group = path[path.index("vars") - 1] if path.index("vars") else ""
            variables = VARIABLES.get(re.sub(r"_\d+$", "", group), ())
            number = int(path[-1][:4])
            is_known = path[0] in ("layers", "_layer_checkpoint_dependencies") and number < len(variables)
            yield f"{each.layer or group}/{variables[number]}" if is_known else "/".join(path)
        elif path[0] == "optimizer_weights" or len(path) < 2:
            yield "/".join(path)
        else:
            variable = path[-1].split(":")[0]
            yield f"{path[-2]}/{OLD_NAMES.get(variable, variable)}"
