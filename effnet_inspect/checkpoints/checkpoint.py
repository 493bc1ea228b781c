"""What a file of weights holds: arrays, of which names, shapes and types are known, and no number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Array(NamedTuple):
    """One array; `dtype` is written as NumPy writes it."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file of weights: its name, what kind of file it is, its size in bytes, and its arrays in their order there."""

    name: str
    kind: str
    size: int
    arrays: tuple[Array, ...]
