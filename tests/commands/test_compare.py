"""The command `compare`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from effnet_inspect.choices import COMPARISON_VIEW_NAMES
from effnet_inspect.commands import output
from effnet_inspect.views.compare.aspects import USUAL, choices
from tests.command_line import process, run

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


@pytest.mark.parametrize(
    ("arguments", "aspects"),
    [
        ((), USUAL),
        (("--by", "channels"), ("channels",)),
        (("--by", "channels", "--by", "Kernel"), ("channels", "kernel")),
        (("--by", "macs, channels,macs"), ("macs", "channels")),
        (("--by", "all"), choices()),
    ],
)
def test_the_command_shows_what_is_asked_for(arguments: tuple[str, ...], aspects: tuple[str, ...]) -> None:
    result = run("compare", "b0", "b1", *arguments, "--format", "json")
    assert tuple(json.loads(result.stdout)["aspects"]) == aspects


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("b0", "--by", "chanels"), "Unknown aspect 'chanels', did you mean 'channels'?"),
        (("b0", "--by", ""), "Unknown aspect ''."),
        (("b1..b99",), "Unknown variant 'b99'"),
        (("b0", "--only-differences"), "One model alone has no differences"),
        ((), "Missing argument 'TARGET...'"),
    ],
)
def test_what_cannot_be_compared(arguments: tuple[str, ...], sentence: str) -> None:
    result = run("compare", *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""


def test_the_command_offers_every_aspect() -> None:
    told = " ".join(run("compare", "--help").stdout.split())
    assert f"{', '.join(choices())}; or all" in told
    assert f"[default: {', '.join(USUAL)}]" in told


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_command_draws_it(ending: str, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    result = run("compare", "b0", "b1", "--out", str(path))
    assert result.exit_code == 0
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("view", COMPARISON_VIEW_NAMES)
def test_a_view_without_a_format_is_an_svg(view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal in a file that is named by it."""
    assert run("compare", "b0", "b1", "--view", view).stdout_bytes.startswith(b"<?xml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "is_terminal", lambda stream: stream is sys.stdout)
    result = run("compare", "b0", "b1", "--view", view, "--theme", "dark")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Wrote b0-b1-{view}-dark.svg\n")
    assert [path.name for path in tmp_path.iterdir()] == [f"b0-b1-{view}-dark.svg"]


def test_a_shell_completes_an_aspect() -> None:
    words = {"COMP_WORDS": "effnet-inspect compare b0 --by ma", "COMP_CWORD": "4"}
    done = process(environment={**words, "_EFFNET_INSPECT_COMPLETE": "bash_complete"})
    assert done.stdout.split() == [b"plain,macs"]
