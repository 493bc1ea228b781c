"""Protocol buffers without their schema: rows of fields, each with its number, kind and length.

What is not wanted is skipped by its length and never read. Files are untrusted, so that what may be looked at
is bounded by a budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
LARGEST_SHIFT = 63
LARGEST_VARINT = 2**64 - 1


class TooMuch(ValueError):
    """More than is looked at of any file, whether it is damaged or not."""


@dataclass(slots=True)
class Budget:
    """How many fields may be looked at, and how many bytes may still be read."""

    fields: int
    unread_bytes: int
    looked_at: int = 0

    def count_field(self) -> None:
        """Raises TooMuch where too many fields have been looked at."""
        self.looked_at += 1
        if self.looked_at > self.fields:
            raise TooMuch(f"it has more than {self.fields:,} parts")

    def read(self, stream: IO[bytes], start: int, end: int) -> bytes:
        """The bytes from `start` to `end`; raises TooMuch where too many have been read."""
        self.unread_bytes -= end - start
        if self.unread_bytes < 0:
            raise TooMuch("it holds too much besides its weights")
        stream.seek(start)
        return stream.read(end - start)


class Field(NamedTuple):
    """Where a field stands: `start` is where its number begins, `content` where its bytes do, None if it has none.

    `value` is that of a field that is a number of variable length, without its sign.
    """

    number: int
    start: int
    content: int | None
    end: int
    value: int | None = None


def fields(stream: IO[bytes], end: int, budget: Budget) -> Iterator[Field]:
    """Every field from the stream's position up to `end`.

    The stream stands at a field's content when the field is handed out, and is put at its end afterwards.

    Raises:
        ValueError, EOFError: where these are no fields; TooMuch, which is one, where they are too many.
    """
    start = stream.tell()
    while start < end:
        budget.count_field()
        key = varint(stream)
        kind = key & 7
        content = value = None
        if kind == VARINT:
            value = varint(stream)
            stop = stream.tell()
        elif kind == BYTES:
            length = varint(stream)
            content = stream.tell()
            stop = content + length
        elif kind in (FIXED_64, FIXED_32):
            stop = stream.tell() + (8 if kind == FIXED_64 else 4)
        else:
            stop = -1
        if stop < 0 or key >> 3 == 0:
            raise ValueError("it is not made of protocol buffer fields")
        if stop > end:
            raise ValueError("it ends too early")
        yield Field(key >> 3, start, content, stop, value)
        stream.seek(stop)
        start = stop


def field_bytes(number: int, content: bytes) -> bytes:
    """A field of bytes as a protocol buffer writes it."""
    return _written_varint(number << 3 | BYTES) + _written_varint(len(content)) + content


def varint(stream: IO[bytes]) -> int:
    """A number of variable length, of at most 64 bits; raises ValueError or EOFError where there is none."""
    value = shift = 0
    while True:
        byte = stream.read(1)
        if not byte:
            raise EOFError("it ends too early")
        value |= (byte[0] & 0x7F) << shift
        shift += 7
        is_last = byte[0] < 0x80
        if value > LARGEST_VARINT or (shift > LARGEST_SHIFT and not is_last):
            raise ValueError("it is not made of protocol buffer fields")
        if is_last:
            return value


def _written_varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
