"""Words, lists and counts as a sentence has them, and the letters of sub-blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def join_and(values: Iterable[object], last: str = " and ") -> str:
    """Values in a sentence, the last one after a word of its own.

    >>> join_and(["channels"]), join_and(["B1", "B4", "B7"]), join_and((3, 5), " or ")
    ('channels', 'B1, B4 and B7', '3 or 5')
    """
    words = [str(value) for value in values]
    return last.join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else join_comma(words)


def join_runs(names: Iterable[str]) -> str:
    """Names in a title; at least three that count up are told by the first and the last.

    >>> join_runs(["B0", "B1", "B2", "B3", "L2"]), join_runs(["V2-B0", "V2-B1"]), join_runs(["B2", "B1", "B0"])
    ('B0–B3 and L2', 'V2-B0 and V2-B1', 'B2, B1 and B0')
    """
    runs: list[list[str]] = []
    for name in names:
        if runs and _next(runs[-1][-1]) == name:
            runs[-1].append(name)
        else:
            runs.append([name])
    return join_and(word for run in runs for word in ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else run))


def _next(name: str) -> str:
    """The name with a number at its end that is one more; nothing of a name without one."""
    stem = name.rstrip("0123456789")
    number = name[len(stem) :]
    return f"{stem}{int(number) + 1}" if number else ""


def pieces(sentence: str) -> list[str]:
    """The words of a sentence that is broken into lines: a number stays with what it is the number of.

    >>> pieces("in repeats of blocks 2–6")
    ['in', 'repeats', 'of', 'blocks 2–6']
    """
    return re.split(r" (?!\d)", sentence)


def join_comma(values: Iterable[object]) -> str:
    """Values in a row: figures, where their order is what is said.

    >>> join_comma((3, 3, 5)), join_comma(())
    ('3, 3, 5', 'none')
    """
    return ", ".join(map(str, values)) or "none"


def said_of(title: str, sentence: str) -> str:
    """A sentence on one of several networks, with its name; a second colon would separate nothing.

    >>> said_of("B0", "Its size is open."), said_of("B0", "Not drawn: classifier (1000).")
    ('B0: Its size is open.', 'Not drawn in B0: classifier (1000).')
    """
    label, colon, rest = sentence.partition(": ")
    return f"{label} in {title}: {rest}" if colon and ". " not in label else f"{title}: {sentence}"


def within_a_sentence(title: str) -> str:
    """A title as a sentence has it: what begins with capitals, as MACs do, keeps them.

    >>> within_a_sentence("All MACs"), within_a_sentence("MACs on maps"), within_a_sentence("")
    ('all MACs', 'MACs on maps', '')
    """
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def plural(noun: str, number: int) -> str:
    """The noun as it stands behind a number.

    >>> [plural("layer", number) for number in (0, 1, 2)]
    ['layers', 'layer', 'layers']
    >>> plural("class", 2)
    'classes'
    """
    return noun if number == 1 else f"{noun}es" if noun.endswith("s") else f"{noun}s"


def pluralize(number: int, noun: str) -> str:
    """How many there are.

    >>> pluralize(1, "layer"), pluralize(1028, "layer")
    ('1 layer', '1,028 layers')
    """
    return f"{number:,} {plural(noun, number)}"


def describe_blocks(numbers: Iterable[int], to: str = " to ") -> str:
    """Numbers of blocks in a sentence; `to` joins the ends of a run.

    >>> describe_blocks([1]), describe_blocks([7, 5]), describe_blocks([1, 2, 3, 4, 6], to="–")
    ('block 1', 'blocks 5 and 7', 'blocks 1–4 and 6')
    """
    ordered = sorted(set(numbers))
    runs: list[list[int]] = []
    for number in ordered:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [
        word for run in runs for word in ([f"{run[0]}{to}{run[-1]}"] if len(run) > 2 else [str(each) for each in run])
    ]
    return f"{plural('block', len(ordered))} {join_and(words)}"


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


def abbreviate(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are.

    >>> abbreviate(("a", "b")), abbreviate(("a", "b", "c"), most=2)
    ('a, b', 'a, b and 1 more')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
