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

PYTORCH_PICKLE = "data.pkl"
"""What the pickle is called in an archive by `torch.save`, within its folder."""

_LOCAL_HEADER = 30
_NAME_LENGTH, _EXTRA_LENGTH = slice(26, 28), slice(28, 30)


class Archive:
    """An open archive: the names of what it holds, and the content of one by its name."""

    def __init__(self, name: str, file: IO[bytes], archive: zipfile.ZipFile) -> None:
        self._name = name
        self._file = file
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

    def window(self, member: str) -> Window:
        """The content of one that is stored as it is, to be read where it stands.

        Raises:
            SourceError: where it is packed.
        """
        return Window(self._file, self._archive.getinfo(member))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at a path, while it is open.

    Raises:
        SourceError: where it is damaged.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(Directory(file)) as archive:
            yield Archive(path.name, file, archive)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"the file {path.name} is damaged: {first_line(error)}") from error


class Directory(io.BufferedIOBase):
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


class Window(io.RawIOBase):
    """A file that is stored in an archive as it is, read where it stands."""

    def __init__(self, file: IO[bytes], entry: zipfile.ZipInfo) -> None:
        """Raises SourceError where it is packed, or its place is none."""
        super().__init__()
        if entry.compress_type != zipfile.ZIP_STORED:
            raise SourceError(f"{entry.filename} in it is packed, and is not unpacked")
        file.seek(entry.header_offset)
        header = file.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER:
            raise SourceError(f"{entry.filename} in it has no beginning")
        lengths = (int.from_bytes(header[part], "little") for part in (_NAME_LENGTH, _EXTRA_LENGTH))
        self._file, self._start, self._size, self._at = file, file.tell() + sum(lengths), entry.file_size, 0

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """The next bytes, as many as fit."""
        self._file.seek(self._start + self._at)
        content = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        """As of any file."""
        return self._at

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True


def mebibytes(number: int) -> str:
    """A bound in bytes, for people.

    >>> mebibytes(2 * 1024 * 1024)
    '2 MiB'
    """
    return f"{number // limits.MEBIBYTE} MiB"
