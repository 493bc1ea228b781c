"""What a framework's error says, short enough to be part of a sentence of ours."""

from __future__ import annotations


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
