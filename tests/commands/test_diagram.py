"""The command `diagram`: what it draws, and where to: a file, a pipe, or on a terminal a file that it names."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from effnet_inspect.commands import output
from tests.command_line import run

DATA = Path(__file__).parents[1] / "sources" / "data"

FILES = {
    "b0": "b0.svg",
    "B0@224": "b0.svg",
    "b0@64": "b0@64.svg",
    "b0 --view stem": "b0-stem.svg",
    "b0 --view architecture --expand -f dot": "b0-expanded.dot",
    "b0 --theme dark": "b0-dark.svg",
    "b0 --view modules --theme auto --fit column": "b0-modules-column-auto.svg",
    "b0 --labels paper --width 7.16in": "b0-paper-7.16in.svg",
    "b0 --heat macs": "b0-macs.svg",
    "b0 -v shape --heat bytes -f dot": "b0-shape-bytes.dot",
    "b0 --block 4": "b0-block-4.svg",
    "b0 -v block -b 2 -f png --dpi 36": "b0-block-2.png",
    "b0 -o mine.gv": "mine.gv",
    "b0 -f dot -o mine.txt": "mine.txt",
    "my~model.json": "my_model.svg",
    "./my~model.json -v sub-blocks": "my_model-sub-blocks.svg",
}


@pytest.mark.parametrize("line", FILES)
def test_on_a_terminal_the_file_is_named_by_what_is_drawn(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "is_terminal", lambda stream: stream is sys.stdout)
    model = tmp_path / "my~model.json"
    model.write_bytes(gzip.decompress((DATA / "efficientnet-1.1.1-b0.json.gz").read_bytes()))
    result = run("diagram", *line.split())
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Wrote {FILES[line]}\n")
    assert {path.name for path in tmp_path.iterdir()} == {model.name, FILES[line]}


@pytest.mark.parametrize(
    ("name", "beginning"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_a_pipe_gets_the_figure(name: str, beginning: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("diagram", "b0", "--format", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes.startswith(beginning)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["diagram b0 --out - -f png", "diagram b0 -o - -f pdf", "compare b0 b1 -f png"])
def test_a_terminal_gets_no_picture(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda stream: stream is sys.stdout)
    result = run(*line.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert "terminal cannot show P" in result.stderr


def test_a_figure_is_as_wide_as_said() -> None:
    assert 'width="252pt"' in run("diagram", "b0", "--fit", "column").stdout
    assert 'width="515pt"' in run("compare", "b0", "b1", "-f", "svg", "--width", "7.16in").stdout
    result = run("diagram", "b0", "--width", "1in")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "figure can be 3.25 to 200 inches wide; 1in is less" in result.stderr


HIGH = {
    "diagram b0 --view sub-blocks --fit column": " inches high, and its page 9.5: --fit two-columns has room for it.",
    "diagram l2 --block 6 --expand --fit slide": "no page has room for it; without --expand it is lower.",
    "compare b0 b7 --view diff --fit column --format svg": ": --fit two-columns has room for it.",
}


@pytest.mark.parametrize("line", HIGH)
def test_what_is_higher_than_its_page_is_said_in_one_sentence_beside_the_figure(line: str, tmp_path: Path) -> None:
    piped = run(*line.split())
    assert piped.exit_code == 0
    assert "<svg" in piped.stdout
    (sentence,) = piped.stderr.splitlines()
    assert sentence.startswith("The figure is ")
    assert sentence.endswith(HIGH[line])
    filed = run(*line.split(), "-o", str(tmp_path / "a.svg"))
    assert filed.stderr.splitlines() == [f"Wrote {tmp_path / 'a.svg'}", sentence]


@pytest.mark.parametrize("line", ["diagram b0 --fit column", "compare b0..b7 --view shape --fit slide -f svg"])
def test_of_what_fits_nothing_is_said(line: str) -> None:
    assert run(*line.split()).stderr == ""
