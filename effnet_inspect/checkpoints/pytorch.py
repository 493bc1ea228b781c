"""PyTorch's files: an archive with one pickle that has names and shapes, or, of old, a row of pickles."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from effnet_inspect import limits
from effnet_inspect.checkpoints.checkpoint import Array, Content
from effnet_inspect.checkpoints.pickles import Tensor, read_pickle
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.archives import PYTORCH_PICKLE, mebibytes, opened

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
"""The first value in a file of before PyTorch 1.6; the release and the machine follow, then the state dictionary."""

BEFORE_THE_STATE = 3


def read_archive(path: Path) -> Content:
    """The arrays in an archive, by `torch.save`.

    Raises:
        SourceError: where it is damaged, or has more in it than tensors in dictionaries.
    """
    with opened(path) as archive:
        pickle = next((name for name in archive.names if name.split("/")[-1] == PYTORCH_PICKLE), None)
        if pickle is None:
            raise SourceError(f"the file {path.name} is an archive without weights in it that can be read")
        content = archive.read(pickle, limits.PICKLE_BYTES)
    if len(content) > limits.PICKLE_BYTES:
        raise SourceError(f"the names and shapes in {path.name} take more than {mebibytes(limits.PICKLE_BYTES)}")
    return Content(list(_arrays(read_pickle(io.BytesIO(content), path.name))))


def read_pickles(path: Path) -> Content:
    """The arrays in a file of before PyTorch 1.6, or in a plain pickle of tensors.

    Raises:
        SourceError: as `read_archive` does.
    """
    with path.open("rb") as file:
        stream = io.BytesIO(file.read(limits.PICKLE_BYTES))
    found = read_pickle(stream, path.name)
    if found == MAGIC_NUMBER:
        for _ in range(BEFORE_THE_STATE):
            found = read_pickle(stream, path.name)
    return Content(list(_arrays(found)))


def _arrays(value: Any) -> Iterator[Array]:
    """The tensors in dictionaries and lists, however nested, under names joined by points."""
    waiting: list[tuple[Any, str, int]] = [(value, "", 0)]
    found = 1
    while waiting:
        item, name, depth = waiting.pop()
        if depth > limits.NESTING:
            raise SourceError(f"its dictionaries are nested more than {limits.NESTING} deep")
        if isinstance(item, Tensor):
            yield Array(name, item.shape, item.dtype)
        elif isinstance(item, (dict, list)):
            found += len(item)
            limits.within(found, limits.ARRAYS, "values in dictionaries and lists")
            inside = item.items() if isinstance(item, dict) else enumerate(item)
            begin = f"{name}." if name else ""
            waiting += [(each, f"{begin}{key}"[: limits.NAME], depth + 1) for key, each in reversed(list(inside))]
