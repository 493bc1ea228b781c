"""Words in a row, such as those below an axis: as near to where they belong as they can, and none on another."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum


def spread(middles: Sequence[float], widths: Sequence[float], room: float, blank: float) -> list[float]:
    """Where words in a row have their middles: as near to where they belong as they stand apart and within the room.

    >>> spread([10, 12, 40], [4, 4, 4], 41, 1)
    [8.5, 13.5, 39.0]
    """
    groups: list[tuple[list[float], list[float]]] = []
    for middle, width in zip(middles, widths, strict=True):
        groups.append(([middle], [width]))
        while len(groups) > 1 and _end(groups[-2], room, blank) + blank > _start(groups[-1], room, blank):
            (before, before_widths), (after, after_widths) = groups[-2:]
            groups[-2:] = [(before + after, before_widths + after_widths)]
    placed = []
    for group in groups:
        at = _start(group, room, blank)
        for width in group[1]:
            placed.append(at + width / 2)
            at += width + blank
    return placed


def _length(group: tuple[list[float], list[float]], blank: float) -> float:
    return fsum(group[1]) + blank * (len(group[1]) - 1)


def _start(group: tuple[list[float], list[float]], room: float, blank: float) -> float:
    """Where words that touch begin, so that they are on average where they belong."""
    offset, wanted = 0.0, []
    for middle, width in zip(*group, strict=True):
        wanted.append(middle - offset - width / 2)
        offset += width + blank
    return max(min(fsum(wanted) / len(wanted), room - _length(group, blank)), 0.0)


def _end(group: tuple[list[float], list[float]], room: float, blank: float) -> float:
    return _start(group, room, blank) + _length(group, blank)
