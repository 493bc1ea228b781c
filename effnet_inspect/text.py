"""Text that others wrote, as it may be shown: the one gate for names, classes, operators, targets and file names.

What commands a terminal, begins a line, turns the direction of reading, is half a character or cannot be seen becomes
`�`. Escaping for a format is the affair of its renderer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
NAMELESS = "(no name)"
"""Stands for a name or class that is blank, which nobody could see, and which Graphviz cannot draw."""

LONGEST_SENTENCE = 1000
"""Characters of what is said of a failure; a file's own texts in it may be of any length."""

LONGEST_NUMBER = 18
"""Digits of a number that others wrote; any such number takes 64 bits at most."""

_CONTROLS = "\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f"
_UNSEEN = "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
_UNSEEN += "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
_NO_CHARACTERS = "\\ud800-\\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
# Written out, not asked of Python, whose releases know different versions of Unicode.
_NEVER_SHOWN = f"{_CONTROLS}{_UNSEEN}{_NO_CHARACTERS}"

Anything = TypeVar("Anything")


@cache
def _never_shown(*, lines: bool) -> re.Pattern[str]:
    """What is replaced, in a text of several lines or of one; compiled where there is a text that may need it."""
    return re.compile(f"[{'' if lines else chr(10)}{_NEVER_SHOWN}]")


def clean(text: str) -> str:
    r"""The text as one line.

    >>> clean("block\x1b[31m\n4a"), clean("naïve 模型"), clean("\ud800\u202e")
    ('block�[31m�4a', 'naïve 模型', '��')
    """
    return text if text.isascii() and text.isprintable() else _never_shown(lines=False).sub(REPLACEMENT, text)


def named(text: str) -> str:
    """The text as a name: one line, and never blank.

    >>> named("top_conv"), named(" ")
    ('top_conv', '(no name)')
    """
    cleaned = clean(text)
    return NAMELESS if not cleaned or cleaned.isspace() else cleaned


def decimal(text: str) -> int | None:
    """The number that is written in the digits 0 to 9 alone; None where it is none, or one of more than 18 digits.

    Python says of more characters that they are digits than it reads, and it does not read numbers of any length.

    >>> decimal("014"), decimal("²"), decimal("-1"), decimal("")
    (14, None, None, None)
    """
    is_written_so = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_written_so else None


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and end.

    >>> shortened("squeeze_excite", 8), shortened("conv", 8)
    ('sque…ite', 'conv')
    """
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}…{text[len(text) - (longest - 1) // 2 :]}"


KEEPS_LINES = "keeps lines"
"""Metadata of a dataclass' field whose text has several lines."""


def all_clean(value: Anything, *, lines: bool = False) -> Anything:
    """A value with all texts in it cleaned, whatever it is made of; the same object where all are clean.

    Args:
        value: text, or lists, mappings and dataclasses that hold some.
        lines: True keeps the ends of lines.
    """
    cleaned: Any = _all_clean(value, lines)
    return cleaned  # type: ignore[no-any-return]


def _all_clean(value: Any, lines: bool) -> Any:
    if isinstance(value, str):
        return _never_shown(lines=True).sub(REPLACEMENT, value) if lines else clean(value)
    if isinstance(value, (int, float)) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        parts = [_all_clean(each, lines) for each in value]
        return value if all(map(_is_same, parts, value)) else getattr(type(value), "_make", type(value))(parts)
    if isinstance(value, Mapping):
        return {_all_clean(key, lines): _all_clean(each, lines) for key, each in value.items()}
    return _clean_record(value, lines) if hasattr(value, "__dataclass_fields__") else value


def _clean_record(value: Any, lines: bool) -> Any:
    before = {name: getattr(value, name) for name in value.__dataclass_fields__}
    fields = value.__dataclass_fields__
    after = {name: _all_clean(each, lines or KEEPS_LINES in fields[name].metadata) for name, each in before.items()}
    changes = {name: each for name, each in after.items() if each is not before[name]}
    if not changes:
        return value
    from dataclasses import replace  # what takes long to import is not needed for clean texts

    return replace(value, **changes)


def _is_same(one: object, other: object) -> bool:
    return one is other
