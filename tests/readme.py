"""The examples in the README: finding them, running them, and writing their output again.

A block fenced as `console` contains lines `$ effnet-inspect ...`, each followed by what it prints in a pipe; a line
`...` stands for any number of lines. Other commands are not run.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from effnet_inspect.cli import main
from tests.checkpoints.files import beside_the_examples

README = Path(__file__).parents[1] / "README.md"
ELIDED = "..."

_CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```)", re.MULTILINE | re.DOTALL)


def examples(text: str) -> list[tuple[str, list[str]]]:
    """The commands in all console blocks, each with the lines below it."""
    found = [example for block in _CONSOLE.findall(text) for example in _split(block)]
    return [(command, output) for command, output in found if command.startswith("effnet-inspect")]


def _split(block: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line.rstrip())
    return found


def run(command: str) -> str:
    """What a command prints in a pipe; the files that it writes are lost."""
    with beside_the_examples(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        return CliRunner().invoke(main, shlex.split(command)[1:], prog_name="effnet-inspect").output


def agrees(written: list[str], printed: str) -> bool:
    """Whether the written lines are the printed ones, apart from empty lines at the end and what `...` stands for."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ELIDED else re.escape(line) + r"[ \t]*\n"
        for line in "\n".join(written).strip("\n").splitlines()
    )
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


def refreshed(text: str) -> str:
    """The text with the output of its examples written again.

    Where a line `...` is, as many lines are written before and after it as there were.
    """

    def refresh(block: re.Match[str]) -> str:
        lines: list[str] = []
        for command, written in _split(block[0]):
            lines += [f"$ {command}", *_output(command, written)]
        return "\n".join(lines) + "\n"

    return _CONSOLE.sub(refresh, text)


def _output(command: str, written: list[str]) -> list[str]:
    if not command.startswith("effnet-inspect"):
        return written
    printed = [line.rstrip() for line in run(command).strip("\n").splitlines()]
    if ELIDED not in written:
        return printed
    before, after = written.index(ELIDED), len(written) - written.index(ELIDED) - 1
    return [*printed[:before], ELIDED, *printed[len(printed) - after :]]
