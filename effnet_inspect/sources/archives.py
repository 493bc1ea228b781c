"""Zip archives that are not trusted: what is read of them is bounded, and nothing is unpacked."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.messages import first_line


class Archive:
    """An open archive: the names of what it holds, and the content of one by its name."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self._name = name
        self._archive = archive
        self.names = archive.namelist()

    def read(self, member: str, most: int) -> bytes:
        """The content; at most `most` bytes and one more, by which it is seen to be too long.

        Raises:
            SourceError: where it is packed by a method that cannot be unpacked piece by piece.
        """
        if self._archive.getinfo(member).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SourceError(f"the file {self._name} is packed by a method that no framework uses")
        with self._archive.open(member) as stream:
            return stream.read(most + 1)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at a path, while it is open.

    Raises:
        SourceError: where it is damaged.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(_Directory(file)) as archive:
            yield Archive(path.name, archive)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"the file {path.name} is damaged: {first_line(error)}") from error


class _Directory(io.BufferedIOBase):
    """An archive, of which not much may be read at once: what is said to be in it may be more than can be kept."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; raises SourceError where they are too many."""
        rest = limits.DIRECTORY_BYTES + 1
        content = self._file.read(rest if size is None or size < 0 else min(size, rest))
        if len(content) == rest:
            raise SourceError(f"what the archive says it holds takes more than {mebibytes(limits.DIRECTORY_BYTES)}")
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Always."""
        return True


def mebibytes(number: int) -> str:
    """A bound in bytes, for people.

    >>> mebibytes(2 * 1024 * 1024)
    '2 MiB'
    """
    return f"{number // limits.MEBIBYTE} MiB"
