"""Rows of several networks side by side: what stands in each, and what each lacks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

Member = TypeVar("Member")


def aligned(
    rows: Sequence[Sequence[Member]], key: Callable[[Member], Hashable]
) -> tuple[tuple[Member | None, ...], ...]:
    """The rows with equal members side by side, None where a row has none, every row in its own order.

    >>> aligned(["abd", "acd"], key=str)
    (('a', 'a'), ('b', None), (None, 'c'), ('d', 'd'))
    """
    keys: list[Hashable] = []
    found: list[list[Member | None]] = []
    for done, row in enumerate(rows):
        own = [key(member) for member in row]
        new_keys: list[Hashable] = []
        new_found: list[list[Member | None]] = []
        for tag, start, end, own_start, own_end in SequenceMatcher(None, keys, own, autojunk=False).get_opcodes():
            for index in range(start, end):
                member = row[own_start + index - start] if tag == "equal" else None
                new_keys.append(keys[index])
                new_found.append([*found[index], member])
            if tag != "equal":
                new_keys += own[own_start:own_end]
                new_found += [[*[None] * done, member] for member in row[own_start:own_end]]
        keys, found = new_keys, new_found
    return tuple(tuple(members) for members in found)
