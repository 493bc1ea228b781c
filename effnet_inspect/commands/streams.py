"""The process' own streams: what is said on them, and that none of them can make a command fail for another reason."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

from effnet_inspect.errors import RenderError
from effnet_inspect.text import clean


def occupy_closed() -> None:
    """Open what a shell closed (`2>&-`) to nowhere, or the next file opened would take its number and its messages."""
    for number in range(3):
        if not _is_open(number):
            os.open(os.devnull, os.O_RDWR)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def say(sentence: str) -> None:
    """Write a line to standard output.

    Raises:
        RenderError: where that cannot be written.
    """
    write(f"{clean(sentence)}\n".encode())


def tell(sentence: str) -> None:
    """Write a line to standard error, if anybody listens: what was done is done all the same."""
    try:
        click.echo(clean(sentence), err=True)
    except OSError:
        _give_up(sys.stderr)


def write(content: bytes) -> None:
    """Write to standard output.

    Raises:
        RenderError: where that is closed or full.
        BrokenPipeError: where the reader has seen enough.
    """
    output: TextIO | None = sys.stdout
    if output is None:
        raise RenderError("standard output is closed")
    try:
        output.buffer.write(content)
        output.buffer.flush()
    except BrokenPipeError:
        raise  # click ends quietly
    except OSError as error:
        _give_up(output)
        raise RenderError(f"cannot write to standard output: {error.strerror or error}") from error


def failure(error: OSError) -> str:
    """What is to be said where something could not be read, or, without its name, not be written by click."""
    if error.filename is not None:
        return f"cannot read or write {error.filename!r}: {error.strerror or error}"
    _give_up(sys.stdout)
    return f"cannot write to standard output: {error.strerror or error}"


def _give_up(stream: TextIO) -> None:
    """Write nothing more: what could not be written is still waiting, and Python would try again on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
