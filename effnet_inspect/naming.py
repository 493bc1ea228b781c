"""How sub-blocks are named, as Keras and the article do: `4b` is the second of block 4."""

from __future__ import annotations


def position_letters(position: int) -> str:
    """Letters for the position of a sub-block in its block, from 0; there is no end to them.

    >>> [position_letters(position) for position in (0, 25, 26, 52)]
    ['a', 'z', 'aa', 'ba']
    """
    letters = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters
