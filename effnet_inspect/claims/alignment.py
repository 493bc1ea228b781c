"""Rows of layers side by side: as a source draws them, and as they are built."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from effnet_inspect.words import join_comma

LayerRow = tuple[str, ...]
Pairing = tuple[str | None, str | None]


class LayerAlignment(NamedTuple):
    """One row of layers as drawn, and all the ways in which it is built, each with its place: `(location, row)`."""

    title: str
    caption: str
    reference: LayerRow
    actual: tuple[tuple[str, LayerRow], ...]


def align(reference: Sequence[str], actual: Sequence[str]) -> tuple[Pairing, ...]:
    """Two rows side by side; None where one of them has nothing.

    They are matched from their ends: of runs of equal length `SequenceMatcher` takes the first, and the ends of the
    modules are what the drawings have right.

    >>> align(("Pool", "Rescaling"), ("Pool", "Reshape")), align(("Conv2D", "Add"), ("Add",))
    ((('Pool', 'Pool'), ('Rescaling', 'Reshape')), (('Conv2D', None), ('Add', 'Add')))
    """
    old, new = reference[::-1], actual[::-1]
    pairs: list[Pairing] = []
    for _, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        pairs += zip_longest(old[start:end], new[new_start:new_end])
    return tuple(reversed(pairs))


def describe_changes(reference: Sequence[str], actual: Sequence[str]) -> str:
    """What was done to one row of layers to make the other; empty where they are equal.

    >>> describe_changes(("Pool", "Rescaling", "Conv2D"), ("Reshape", "Conv2D", "Add"))
    'Reshape in place of Rescaling; no Pool; Add added'
    """
    pairs = align(reference, actual)
    changes = [f"{new} in place of {old}" for old, new in pairs if old and new and old != new]
    missing = [f"no {join_comma(names)}" for names in [[old for old, new in pairs if not new]] if names]
    added = [f"{join_comma(names)} added" for names in [[new for old, new in pairs if not old]] if names]
    return "; ".join((*changes, *missing, *added))
