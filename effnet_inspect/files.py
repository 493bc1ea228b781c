"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from errno import ELOOP
from pathlib import Path

from effnet_inspect.errors import RenderError


def save(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; see `write_atomically`.

    Raises:
        RenderError: where it cannot be written.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path` and move into place, so that a reader sees the old file or the whole new one.

    A device or a pipe is written to; through a link, what it points to is replaced.

    Raises:
        OSError: where the folder is missing or not writable, or links lead in a circle; nothing is left behind.
    """
    try:
        path = path.resolve()
    except RuntimeError as error:  # so says Python before 3.13 of a circle of links
        raise OSError(ELOOP, os.strerror(ELOOP), str(path)) from error
    if path.is_symlink():  # later ones leave it as it is
        raise OSError(ELOOP, os.strerror(ELOOP), str(path))
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with beside.open("xb") as stream:
            stream.write(content)
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
