"""Words, lists and counts as a sentence has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def listed(values: Iterable[object], last: str = " and ") -> str:
    """Values in a sentence, the last one after a word of its own.

    >>> listed(["channels"]), listed(["B1", "B4", "B7"]), listed((3, 5), " or ")
    ('channels', 'B1, B4 and B7', '3 or 5')
    """
    words = [str(value) for value in values]
    return last.join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else series(words)


def series(values: Iterable[object]) -> str:
    """Values in a row: figures, where their order is what is said.

    >>> series((3, 3, 5)), series(())
    ('3, 3, 5', 'none')
    """
    return ", ".join(map(str, values)) or "none"


def plural(noun: str, number: int) -> str:
    """The noun as it stands behind a number.

    >>> [plural("layer", number) for number in (0, 1, 2)]
    ['layers', 'layer', 'layers']
    """
    return noun if number == 1 else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """How many there are.

    >>> counted(1, "layer"), counted(1028, "layer")
    ('1 layer', '1,028 layers')
    """
    return f"{number:,} {plural(noun, number)}"


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
    return f"{plural('block', len(numbers))} {listed(words)}"
