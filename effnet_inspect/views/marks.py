"""A letter or a number for each part of a network, where its name has no room, and what these stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from effnet_inspect.structure.anatomy import Block, SectionName, Stage
from effnet_inspect.words import plural

INITIALS: dict[SectionName, str] = {
    "before": "B",
    "stem": "S",
    "part": "P",
    "head": "F",
    "classifier": "C",
    "after": "A",
    "other_branches": "O",
}
"""What stands for a part; what has a number is named by that."""


def mark_of(stage: Stage) -> str:
    """`4` of a block, `F` of the final layers."""
    return str(stage.number) if isinstance(stage, Block) else INITIALS.get(stage.name) or stage.of


def meanings(stages: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What marks stand for, numbers in a row in one.

    Args:
        stages: titles and marks, in the order of the data.

    >>> list(meanings([("Stem", "S"), ("Block 1", "1"), ("Block 2", "2"), ("Final layers", "F"), ("Decoder 1", "D1")]))
    ['S stem', '1–2 blocks', 'F final layers', 'D1 decoder']
    """
    for kind, group in groupby(stages, lambda each: each[0].split()[0] if each[1][-1].isdigit() else each[0]):
        found = [mark for _, mark in group]
        words = kind[0].lower() + kind[1:]
        words = plural(words, len(found)) if found[0].isdigit() else words
        yield f"{'–'.join(dict.fromkeys((found[0], found[-1])))} {words}"
