"""What a framework's error says, short enough to be part of a sentence of ours."""

from __future__ import annotations


def first_line(error: BaseException, otherwise: str = "") -> str:
    """The first line of the error's message; where it has none, `otherwise` or the name of its class.

    >>> first_line(ValueError("no\\nmore")), first_line(EOFError()), first_line(EOFError(), "no message")
    ('no', 'EOFError', 'no message')
    """
    return (str(error).strip().splitlines() or [otherwise or type(error).__name__])[0]
