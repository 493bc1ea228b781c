"""The documents tell the truth: the examples print what is written below them, and what is named is there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from effnet_inspect.commands import COMMANDS
from tests.check import LINTERS
from tests.readme import README, agrees, examples, refreshed, run

ROOT = README.parent
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
DOCUMENTS = (README, CONTRIBUTING, ROOT / "sample_output" / "README.md")
MOST_LINES = 200
TEST_COMMAND = "pip install '.[test]' && pytest"


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


def test_the_output_of_examples_is_written_again() -> None:
    text = "x\n```console\n$ effnet-inspect --version\nold\n$ ls\nkept\n```\ny\n"
    assert (
        refreshed(text)
        == f"x\n```console\n$ effnet-inspect --version\n{run('effnet-inspect --version')}$ ls\nkept\n```\ny\n"
    )


def test_as_many_lines_are_written_again_as_there_were() -> None:
    printed = run("effnet-inspect --help").splitlines()
    text = refreshed("```console\n$ effnet-inspect --help\none\ntwo\n...\nlast\n```\n")
    assert text.splitlines()[2:-1] == [*printed[:2], "...", printed[-1]]


@pytest.mark.parametrize(("command", "written"), examples(README.read_text(encoding="utf-8")))
def test_an_example_prints_what_the_readme_says(command: str, written: list[str]) -> None:
    printed = run(command)
    assert "Traceback" not in printed
    assert agrees(written, printed), f"run python -m tests.samples; it prints now:\n{printed}"


def test_its_python_examples_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"effnet-inspect {name}" in README.read_text(encoding="utf-8")


def test_it_is_a_front_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < MOST_LINES


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_links_to_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert links or document == CONTRIBUTING
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for link in links:
        path, _, heading = link.partition("#")
        assert not path or (document.parent / path).exists(), link
        assert not heading or heading in headings, link


def test_what_contributing_names_is_there() -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:effnet_inspect|tests|sample_output|\.ci)/[\w./]*)`", text))
    assert len(paths) > 10
    assert not [path for path in paths if not (ROOT / path).exists()]
    for table, path in re.findall(r"`([A-Z_]{4,}|[A-Z]\w+)`\s(?:in|to)\s`(effnet_inspect/[\w./]+)`", text):
        assert re.search(rf"^(class )?{table}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), table


def test_the_tree_is_the_tree() -> None:
    block = CONTRIBUTING.read_text(encoding="utf-8").split("```\neffnet_inspect/\n")[1].split("```")[0]
    named = re.findall(r"^  ([\w.]+)", block, re.MULTILINE)
    package = ROOT / "effnet_inspect"
    there = {path.name for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert set(named) | {"__init__.py"} == there


@pytest.mark.parametrize("path", ["README.md", ".ci/run"])
def test_the_test_command_is_the_same_everywhere(path: str) -> None:
    assert TEST_COMMAND in [line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]


def test_pre_commit_runs_the_linters_of_the_check() -> None:
    entries = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {entry.removesuffix(" --fix") for entry in entries} == {
        " ".join(word for word in linter if word not in {"--check", "."}) for linter in LINTERS
    }
