"""What a framework's error says, short enough to be part of a sentence of ours, and what several sources say alike."""

from __future__ import annotations

from collections.abc import Sequence

from effnet_inspect.words import abbreviate


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read: what the system says, and of what Python says only that it is damaged.

    >>> reason(FileNotFoundError(2, "No such file or directory")), reason(ValueError("invalid literal for int()"))
    ('No such file or directory', 'it is damaged, or not of the kind that it seems to be')
    """
    return getattr(error, "strerror", None) or "it is damaged, or not of the kind that it seems to be"


def first_line(error: BaseException, otherwise: str = "") -> str:
    """The first line of the error's message; where it has none, `otherwise` or the name of its class.

    >>> first_line(ValueError("no\\nmore")), first_line(EOFError()), first_line(EOFError(), "no message")
    ('no', 'EOFError', 'no message')
    """
    return (str(error).strip().splitlines() or [otherwise or type(error).__name__])[0]


def shared_in_part(names: Sequence[str]) -> str:
    """Of layers that have some of their weights from others, and some of their own.

    >>> shared_in_part(["conv"])
    'Some weights of conv are those of other layers too, and are counted there only.'
    """
    return f"Some weights of {abbreviate(names)} are those of other layers too, and are counted there only."
