"""The README tells the truth: every command in it is run, and prints what is written under it.

A block fenced as `console` holds lines `$ effnet-inspect ...`, each followed by what it prints in a pipe 80
columns wide; a line `...` stands for any number of lines. Other commands are not run.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from effnet_inspect.cli import main

README = Path(__file__).parents[1] / "README.md"
ELIDED = "..."


def examples(text: str) -> list[tuple[str, list[str]]]:
    """The commands of all console blocks with the lines under them."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line.rstrip())
    return [(command, output) for command, output in found if command.startswith("effnet-inspect")]


def agrees(written: list[str], printed: str) -> bool:
    """Whether the written lines are the printed ones, trailing empty lines and elided parts aside."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ELIDED else re.escape(line) + r"[ \t]*\n"
        for line in "\n".join(written).strip("\n").splitlines()
    )
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


@pytest.mark.parametrize(
    ("written", "printed", "expected"),
    [
        (["a", "b"], "a\nb\n", True),
        (["a", "b", ""], "a\nb  \n\n", True),
        (["a", "c"], "a\nb\n", False),
        (["a"], "a\nb\n", False),
        (["a", "...", "d"], "a\nb\nc\nd\n", True),
        (["a", "...", "d"], "a\nd\n", True),
        (["a", "..."], "a\nb\n", True),
        (["...", "x"], "a\nb\n", False),
    ],
)
def test_agreeing(written: list[str], printed: str, expected: bool) -> None:
    assert agrees(written, printed) is expected


def test_examples_are_found() -> None:
    text = "x\n```console\n$ pip install .\nno\n$ effnet-inspect a\none\n\ntwo\n```\n```sh\n$ effnet-inspect b\n```\n"
    assert examples(text) == [("effnet-inspect a", ["one", "", "two"])]


@pytest.mark.parametrize(("command", "written"), examples(README.read_text(encoding="utf-8")))
def test_an_example_prints_what_the_readme_says(
    command: str, written: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(main, shlex.split(command, comments=True)[1:], prog_name="effnet-inspect")
    assert "Traceback" not in result.output
    assert not written or agrees(written, result.output), result.output


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"effnet-inspect {name}" in README.read_text(encoding="utf-8")


def test_its_python_examples_hold() -> None:
    assert doctest.testfile(str(README), module_relative=False, encoding="utf-8").failed == 0
