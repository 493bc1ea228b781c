"""Where results go: standard output, a terminal, a file."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.command_line import run

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


class TestOutput:
    def test_the_table_goes_to_standard_output(self) -> None:
        result = run("summary", "b0")
        assert result.exit_code == 0
        assert result.stderr == ""
        assert result.stdout.startswith("EfficientNet-B0\n")
        assert "385,814,752" in result.stdout
        assert "\x1b" not in result.stdout

    @pytest.mark.parametrize(
        ("name", "beginning"),
        [
            ("x.txt", "EfficientNet-B0"),
            ("x.json", "{"),
            ("x.csv", "level,stage,"),
            ("x.md", "## "),
            ("x.markdown", "## "),
            ("x.HTML", "<!DOCTYPE html>"),
            ("x.tex", "% "),
        ],
    )
    def test_the_ending_chooses_the_format(self, name: str, beginning: str, tmp_path: Path) -> None:
        path = tmp_path / name
        result = run("summary", "b0", "--out", str(path))
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == f"Wrote {path}\n"
        assert path.read_text(encoding="utf-8").startswith(beginning)
        assert list(tmp_path.iterdir()) == [path]

    def test_the_format_is_stronger_than_the_ending(self, tmp_path: Path) -> None:
        run("summary", "b0", "--out", str(tmp_path / "x.txt"), "--format", "json")
        assert json.loads((tmp_path / "x.txt").read_text(encoding="utf-8"))["format"] == 1

    @pytest.mark.parametrize("name", ["terminal", "json", "csv", "markdown", "html", "latex"])
    def test_a_file_holds_what_a_pipe_gets(self, name: str, tmp_path: Path) -> None:
        run("summary", "b0", "--out", str(tmp_path / "x"), "--format", name)
        assert (tmp_path / "x").read_text(encoding="utf-8") == run("summary", "b0", "--format", name).stdout

    def test_a_dash_is_standard_output(self) -> None:
        assert run("summary", "b0", "--out", "-", "-f", "csv").stdout == run("summary", "b0", "-f", "CSV").stdout

    @posix
    def test_a_device_takes_it(self) -> None:
        assert run("summary", "b0", "--out", os.devnull, "--format", "json").exit_code == 0
        assert not Path(os.devnull).is_file()

    @posix
    @pytest.mark.parametrize("out", ["model.json", "./model.json", "gone/../model.json", "link.json", "twin.json"])
    @pytest.mark.parametrize("command", ["summary model.json", "compare b0 model.json"])
    def test_the_model_that_is_read_is_not_written_over(
        self, command: str, out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        model = tmp_path / "model.json"
        model.write_text("{}")
        (tmp_path / "link.json").symlink_to("model.json")
        os.link(model, tmp_path / "twin.json")
        result = run(*command.split(), "--out", out)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "would take the place of the model that is read" in result.stderr
        assert model.read_text() == "{}"

    @posix
    def test_a_circle_of_links_is_one_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").symlink_to("a.json")
        result = run("summary", "b0", "--out", str(tmp_path / "a.json"))
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.endswith("a.json: Too many levels of symbolic links.\n")

    def test_levels_deepen(self) -> None:
        lengths = []
        for level in ("block", "sub-block", "module", "layer"):
            rows = list(csv.reader(io.StringIO(run("summary", "b0", "--level", level, "--format", "csv").stdout)))
            assert {len(row) for row in rows} == {len(rows[0])}
            lengths.append(len(rows))
        # A title and eleven parts with their total; the three that have no sub-blocks stand on their levels too.
        assert lengths == [12, 12 + 16 + 3, 12 + 16 + 3 * 16 + 6, 12 + 16 + 3 * 16 + 6 + 240]

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("terminal", f"\nPart{' ' * 13}MACs\n"),
            ("csv", "level,part,macs\n"),
            ("markdown", "| Part | MACs |\n"),
            ("html", '<th>Part</th>\n<th class="number">MACs</th>\n</tr>'),
            ("latex", "    Part & MACs "),
        ],
    )
    def test_columns_are_chosen_in_every_format_of_tables(self, name: str, expected: str) -> None:
        assert expected in run("summary", "b0", "--columns", "part, macs", "--format", name).stdout

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (
                "summary b0 --columns part,mac",
                "Unknown column 'mac', did you mean 'macs'? Choose from: stage, within, part, ",
            ),
            ("compare b0 b1 --columns b2", "Unknown column 'b2'. Choose from: place, difference, changes, part, b0"),
            ("verify -s paper --columns all,x", "Unknown column 'all'"),
            ("variants --columns mac", "Unknown column 'mac', did you mean 'macs'? Choose from: title, target,"),
            ("summary b0 --columns part -f json", "--columns chooses columns of tables; 'json' has none."),
            ("compare b0 b1 --columns part -o x.svg", "--columns chooses columns of tables; 'svg' has none."),
            ("summary b0 --preset paper --fold", "The preset 'paper' is a table of its own"),
        ],
    )
    def test_a_wrong_column_is_answered_with_the_names(self, arguments: str, sentence: str) -> None:
        result = run(*arguments.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert sentence in result.stderr

    def test_spellings_of_a_target_print_the_same(self) -> None:
        assert run("summary", "EfficientNetB0@224").stdout == run("summary", "b0").stdout


def on_terminal(*arguments: str, columns: int = 80, environment: dict[str, str] | None = None) -> tuple[str, str]:
    """What a person sees on a terminal so wide, and what goes to standard error, itself another terminal."""
    import fcntl
    import pty
    import struct
    import termios

    mains, sides = [], []
    for _ in range(2):
        main_end, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        mains.append(main_end)
        sides.append(side)
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")}
    running = subprocess.Popen(
        [sys.executable, "-m", "effnet_inspect", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=sides[0],
        stderr=sides[1],
        env={**plain, "TERM": "xterm-256color", **(environment or {})},
    )
    for side in sides:
        os.close(side)
    with ThreadPoolExecutor() as pool:
        seen = list(pool.map(_read_to_the_end, mains))
    running.wait(60)
    return seen[0].replace("\r\n", "\n"), seen[1].replace("\r\n", "\n")


def _read_to_the_end(end: int) -> str:
    pieces = []
    with suppress(OSError):  # Linux says so where nobody holds the other end any more
        while piece := os.read(end, 65_536):
            pieces.append(piece)
    os.close(end)
    return b"".join(pieces).decode()


@posix
class TestTerminal:
    @pytest.mark.parametrize("columns", [60, 80, 140])
    def test_the_table_fits_and_has_colour(self, columns: int) -> None:
        seen, said = on_terminal("summary", "b0", columns=columns)
        assert said == ""
        assert "\x1b[1m" in seen
        lines = re.sub(r"\x1b\[[0-9;]*m", "", seen).splitlines()
        assert lines[0] == "EfficientNet-B0"
        assert max(map(len, lines)) <= columns

    @pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_no_colour_where_none_is_wanted(self, environment: dict[str, str]) -> None:
        seen, _ = on_terminal("summary", "b0", environment=environment)
        assert "\x1b" not in seen
        assert max(map(len, seen.splitlines())) <= 80

    def test_progress_goes_to_standard_error_and_is_wiped(self) -> None:
        seen, said = on_terminal("compare", "b0@64", "b0@96", "--no-cache")
        assert "Building b0@64 with Keras" in said
        assert "0/2" in said
        assert "Building" not in seen
        assert said.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))

    def test_other_formats_are_plain_and_whole(self) -> None:
        seen, _ = on_terminal("summary", "b0", "--format", "csv")
        assert seen == run("summary", "b0", "--format", "csv").stdout


@pytest.mark.parametrize(
    "line", ["summary b1..b3", "diagram all", "map all --to timm", f"weights {__file__} --into b1..b2"]
)
def test_several_models_are_too_many(line: str) -> None:
    result = run(*line.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert "models, and this takes one; to see several: effnet-inspect compare" in result.stderr
