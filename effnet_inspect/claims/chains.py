"""Rows of layers side by side: as a source draws them, and as they are built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from effnet_inspect.words import series

Row = tuple[str, ...]
Pairing = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Chains:
    """One row of layers as drawn, and all the ways in which it is built, each with where: `(where, row)`."""

    title: str
    use: str
    drawn: Row
    built: tuple[tuple[str, Row], ...]


def aligned(drawn: Sequence[str], built: Sequence[str]) -> tuple[Pairing, ...]:
    """Two rows side by side with as few differences as can be; None where one of them has nothing.

    >>> aligned(("Pool", "Rescaling"), ("Pool", "Reshape"))
    (('Pool', 'Pool'), ('Rescaling', 'Reshape'))
    >>> aligned(("Conv2D", "Add"), ("Add",))
    (('Conv2D', None), ('Add', 'Add'))
    """

    @cache
    def best(a: int, b: int) -> tuple[int, tuple[Pairing, ...]]:
        """The cheapest way to pair the first `a` with the first `b`, and its cost."""
        ways = []
        if a and b:
            cost, pairs = best(a - 1, b - 1)
            ways.append((cost + (drawn[a - 1] != built[b - 1]), (*pairs, (drawn[a - 1], built[b - 1]))))
        if a:
            cost, pairs = best(a - 1, b)
            ways.append((cost + 1, (*pairs, (drawn[a - 1], None))))
        if b:
            cost, pairs = best(a, b - 1)
            ways.append((cost + 1, (*pairs, (None, built[b - 1]))))
        return min(ways, key=lambda way: way[0], default=(0, ()))

    return best(len(drawn), len(built))[1]


def changes(drawn: Sequence[str], built: Sequence[str]) -> str:
    """What was done to one row of layers to make the other.

    >>> changes(("Pool", "Rescaling", "Conv2D"), ("Pool", "Reshape", "Conv2D", "Add"))
    'Reshape in place of Rescaling; Add added'
    >>> changes(("Conv2D", "Add"), ("Conv2D",)), changes(("Add",), ("Add",))
    ('no Add', '')
    """
    pairs = aligned(drawn, built)
    replaced = [f"{new} in place of {old}" for old, new in pairs if old and new and old != new]
    gone = [old for old, new in pairs if old and not new]
    new = [new for old, new in pairs if new and not old]
    return "; ".join([*replaced, *([f"no {series(gone)}"] if gone else []), *([f"{series(new)} added"] if new else [])])
