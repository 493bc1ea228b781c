"""Lists and numbers as a sentence has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def listed(values: Iterable[object], last: str = ", ") -> str:
    """Values in a sentence.

    >>> listed((3, 3, 5)), listed(("B1", "B4", "B7"), " and ")
    ('3, 3, 5', 'B1, B4 and B7')
    """
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + last + words[-1] if words else "none"


def blocks_in_words(numbers: Sequence[int]) -> str:
    """Numbers of blocks, in order.

    >>> blocks_in_words([1]), blocks_in_words([5, 7]), blocks_in_words([1, 2, 3, 4, 6])
    ('block 1', 'blocks 5 and 7', 'blocks 1 to 4 and 6')
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [
        word
        for run in runs
        for word in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run])
    ]
    return f"block{'s' * (len(numbers) > 1)} {listed(words, ' and ')}"
