"""`effnet-inspect page`: where the page goes."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from effnet_inspect.commands import output
from tests.command_line import run
from tests.graphs import graph_of

BEGINS = "<!DOCTYPE html>\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph_of("b0")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser is asked to show."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


@pytest.mark.parametrize("arguments", [(), ("-o", "-")])
def test_a_pipe_gets_the_page(arguments: tuple[str, ...], shown: list[str]) -> None:
    result = run("page", "b0", *arguments)
    assert result.stdout.startswith(BEGINS)
    assert not list(Path.cwd().iterdir())
    assert not shown


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("b0",), "b0.html"),
        (("b0@448",), "b0@448.html"),
        (("b0", "b1"), "b0-b1.html"),
        (("b0", "-o", "mine.HTM"), "mine.HTM"),
    ],
)
def test_a_terminal_gets_a_file(
    arguments: tuple[str, ...], name: str, monkeypatch: pytest.MonkeyPatch, shown: list[str]
) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda stream: stream is not None)
    result = run("page", *arguments)
    assert result.stdout == ""
    assert result.stderr.endswith(f"Wrote {name}\n")
    assert Path(name).read_text(encoding="utf-8").startswith(BEGINS)
    assert shown == []


@pytest.mark.parametrize(("arguments", "name"), [((), "b0.html"), (("--out", "b 0.html"), "b 0.html")])
def test_the_browser_is_opened_where_that_is_asked(arguments: tuple[str, ...], name: str, shown: list[str]) -> None:
    assert run("page", "b0", "--open", *arguments).exit_code == 0
    assert shown == [Path(name).resolve().as_uri()]
    assert Path(name).exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("page b0 --open -o -", "--open opens a file, and --out - writes none; name one."),
        (
            "page b0 -o b0.svg",
            "'.svg' is not supported by page; to draw, use: effnet-inspect diagram TARGET -o b0.svg.",
        ),
        ("page b0 -o b0", "'b0' has no file extension; write b0.html or add --format."),
        ("page b99", "Unknown variant 'b99', did you mean 'b8'? Choose from: b0, b1"),
    ],
)
def test_a_mistake_is_answered_in_one_line(line: str, said: str, shown: list[str]) -> None:
    result = run(*line.split())
    assert (result.exit_code, result.stdout, shown) == (2, "", [])
    assert result.stderr.startswith(f"Error: {said}")
    assert result.stderr.count("\n") == 1


def test_a_page_does_not_take_the_place_of_its_model(shown: list[str]) -> None:
    Path("model.html").write_text("{}")
    result = run("page", "./model.html", "-o", "model.html")
    assert result.exit_code == 2
    assert Path("model.html").read_text() == "{}"
