"""The command `plot`: what it writes where, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from effnet_inspect.choices import PLOT_NAMES
from effnet_inspect.commands import output
from tests.command_line import run


@pytest.mark.parametrize("kind", PLOT_NAMES)
def test_a_pipe_gets_the_plot_and_every_point(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("plot", kind, "b0", "b7")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    assert "┤" in result.stdout
    points = json.loads(run("plot", kind, "b0", "b7", "--format", "json").stdout)["points"]
    table = result.stdout.split("─\n")[-1].split("\n\n")[0].splitlines()
    assert len(table) == len(points)


def test_a_terminal_gets_the_plot_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    text = run("plot", "cost", "b0").stdout
    assert "\x1b[" in text
    assert "Place" not in text
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("plot", "cost", "b0").stdout


@pytest.mark.parametrize("kind", PLOT_NAMES)
def test_csv_has_every_point_of_the_json(kind: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run("plot", kind, "b0", "--format", "csv").stdout)))
    written = json.loads(run("plot", kind, "b0", "--format", "json").stdout)
    assert written["kind"] == kind
    assert len(rows) == len(written["points"])
    assert [row["model"] for row in rows] == [point["model"] for point in written["points"]]


BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "csv": b"model,", "json": b"{", "tex": b"% \\use"}


@pytest.mark.parametrize("suffix", BEGINNINGS)
@pytest.mark.parametrize("kind", ["cost", "scaling"])
def test_a_file_is_written_in_the_format_of_its_name(suffix: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"plot.{suffix}"
    result = run("plot", kind, "b0", "--fit", "column", "--out", str(file))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Wrote {file}\n")
    assert file.read_bytes().startswith(BEGINNINGS[suffix])


def test_boxes_can_be_had_in_every_format_of_diagrams() -> None:
    assert run("plot", "scaling", "b0", "-f", "tikz").stdout.startswith("% In a paper")
    assert run("plot", "scaling", "b0", "-f", "dot").stdout.startswith("digraph")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("plot acuracy", "unknown kind 'acuracy', did you mean 'accuracy'?"),
        ("plot cost b0 --x macs", "--x says what the accuracy is plotted against; it does not go with 'cost'"),
        ("plot accuracy b0@512", "no accuracy of B0@512 has been published"),
        ("plot cost b0 -f tikz", "a plot with axes cannot be written as tikz; use svg, png or pdf"),
        ("plot accuracy --x depth", "unknown x 'depth'"),
        ("plot cost nothing", "nothing"),
        ("plot", "Missing argument 'KIND'"),
    ],
)
def test_what_cannot_be_plotted_is_said(line: str, sentence: str) -> None:
    result = run(*line.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence.lower() in result.stderr.lower()
