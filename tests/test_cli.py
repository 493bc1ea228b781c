"""The command line: what it prints where, what it exits with, and that every failure is one sentence."""

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
from click.testing import CliRunner, Result

from effnet_inspect import __version__
from effnet_inspect.cli import main
from tests.conftest import CACHE, graph_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


@pytest.fixture(scope="module", autouse=True)
def _kept() -> None:
    graph_of("b0")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False, prog_name="effnet-inspect")


def process(
    *arguments: str, environment: dict[str, str] | None = None, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *before, "-m", "effnet_inspect", *arguments],
        capture_output=True,
        env={**os.environ, **(environment or {})},
        timeout=120,
    )


class TestErrors:
    """One sentence on standard error, nothing on standard output, the right exit code."""

    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            (("summary", "b99"), 2, ("Unknown variant 'b99'", "Choose from: b0, b1")),
            (("summary", "b0@5"), 2, ("resolution 5", "32 is the least")),
            (("summary", "b0@wide"), 2, ("'wide' in 'b0@wide' is no resolution",)),
            (("summary", "b0", "--level", "blok"), 2, ("Unknown level 'blok', did you mean 'block'?",)),
            (("summary", "b0", "--level", ""), 2, ("Unknown level ''", "Choose from: block")),
            (("summary", "b0", "--format", "jsno"), 2, ("Unknown format", "'jsno', did you mean 'json'?")),
            (("summary", "b0", "--block", "8"), 2, ("There is no block 8", "blocks 1 to 7")),
            (("summary", "b0", "--block", "0"), 2, ("There is no block 0",)),
            (("summary", "b0", "--block", "x"), 2, ("'x' is not a valid int",)),
            (("summary", "b0", "--out", "x.jsn"), 2, ("'.jsn' of 'x.jsn'", "did you mean '.json'?")),
            (("summary", "b0", "--out", "x"), 2, ("'' of 'x' names no format", "--format")),
            (("summary", "b0", "--out", "missing/x.txt"), 1, ("Cannot write missing/x.txt", "No such file")),
            (("summary", "b0", "--out", "."), 2, ("is a directory",)),
            (("summary",), 2, ("Missing argument 'TARGET'",)),
            (("summary", "b0", "b1"), 2, ("unexpected extra argument",)),
            (("summary", "b0", "--leve", "block"), 2, ("No such option", "--level")),
            (("sumary", "b0"), 2, ("Unknown command 'sumary', did you mean 'summary'?",)),
        ],
    )
    def test_usage(
        self,
        arguments: tuple[str, ...],
        code: int,
        words: tuple[str, ...],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = run(*arguments)
        assert result.exit_code == code
        assert result.stdout == ""
        for word in words:
            assert word in result.stderr
        assert result.stderr.splitlines()[-1].startswith("Error: ")
        assert "Traceback" not in result.stderr
        assert list(tmp_path.iterdir()) == []

    def test_no_command_shows_the_help(self) -> None:
        result = run()
        assert result.exit_code == 2
        assert "Commands:" in result.output


class TestHelp:
    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_every_command_has_one(self, option: str) -> None:
        assert "Usage: effnet-inspect [OPTIONS] COMMAND" in run(option).stdout
        for name, command in main.commands.items():
            result = run(name, option)
            assert result.exit_code == 0
            assert f"Usage: effnet-inspect {name}" in result.stdout
            assert (command.help or "").splitlines()[0] in " ".join(result.stdout.split())
            assert command.get_short_help_str(), name

    def test_version(self) -> None:
        assert run("--version").stdout == f"effnet-inspect, version {__version__}\n"


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
            ("x.csv", "stage,"),
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

    def test_levels_deepen(self) -> None:
        lengths = []
        for level in ("block", "sub-block", "module", "layer"):
            rows = list(csv.reader(io.StringIO(run("summary", "b0", "--level", level, "--format", "csv").stdout)))
            assert {len(row) for row in rows} == {len(rows[0])}
            lengths.append(len(rows))
        assert lengths == [12, 12 + 16, 12 + 16 + 3 * 16, 12 + 16 + 3 * 16 + 240]

    def test_spellings_of_a_target_print_the_same(self) -> None:
        assert run("summary", "EfficientNetB0@224").stdout == run("summary", "b0").stdout


class TestCacheCommand:
    def test_says_where_and_empties(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(CACHE, str(tmp_path))
        assert run("cache").stdout == f"0 graphs, 0 B, in {tmp_path}\n"
        from effnet_inspect.sources.cache import Cache

        Cache(tmp_path).put(graph_of("b0"))
        assert run("cache").stdout.startswith("1 graph, ")
        assert run("cache", "--clear").stdout == f"Removed 1 graph from {tmp_path}\n"
        assert run("cache", "--clear").stdout == f"Removed 0 graphs from {tmp_path}\n"


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
        seen, said = on_terminal("summary", "b0@64", "--no-cache")
        assert "Building EfficientNet-B0 with Keras" in said
        assert "Building" not in seen
        assert said.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))

    def test_other_formats_are_plain_and_whole(self) -> None:
        seen, _ = on_terminal("summary", "b0", "--format", "csv")
        assert seen == run("summary", "b0", "--format", "csv").stdout


FRAMEWORKS = ("keras", "tensorflow", "h5py", "onnx", "numpy")

IMPORTED = f"""
import sys
from effnet_inspect.cli import main
try:
    main(sys.argv[1:])
finally:
    loaded = [name for name in {FRAMEWORKS} if name in sys.modules]
    print("frameworks:", *loaded, file=sys.stderr)
"""


class TestProcess:
    @pytest.mark.parametrize(
        "arguments",
        [("--help",), ("--version",), ("summary", "--help"), ("summary", "b0"), ("summary", "b99"), ("cache",)],
    )
    def test_no_framework_is_imported(self, arguments: tuple[str, ...]) -> None:
        done = subprocess.run([sys.executable, "-c", IMPORTED, *arguments], capture_output=True, timeout=60)
        assert done.stderr.decode().splitlines()[-1] == "frameworks:"

    @pytest.mark.parametrize("arguments", [("--help",), ("summary", "b99")])
    def test_nothing_heavy_is_imported_for_a_word(self, arguments: tuple[str, ...]) -> None:
        done = process(*arguments, before=("-X", "importtime"))
        imported = {line.split("|")[-1].strip() for line in done.stderr.decode().splitlines() if "|" in line}
        assert "effnet_inspect.cli" in imported
        assert not {name for name in imported if name.split(".")[0] in ("rich", "json", "platformdirs", "pathlib")}
        assert not imported & {"effnet_inspect.anatomy", "effnet_inspect.graph", "effnet_inspect.sources"}

    @pytest.mark.parametrize(
        "environment",
        [
            {"TERM": "dumb"},
            {"TERM": "no-such-terminal"},
            {"TERM": ""},
            {"NO_COLOR": "1"},
            {"FORCE_COLOR": "1"},
            {"COLUMNS": "20"},
            {"LANG": "C", "LC_ALL": "C"},
            {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        ],
    )
    def test_a_pipe_gets_the_same_bytes_whatever_the_environment(self, environment: dict[str, str]) -> None:
        done = process("summary", "b0", environment=environment)
        assert done.returncode == 0
        assert done.stdout.decode("utf-8") == run("summary", "b0").stdout
        assert b"\x1b" not in done.stdout
        assert done.stderr == b""

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
    def test_errors_can_be_said_in_any_encoding(self, encoding: str) -> None:
        done = process("summary", "bü×9", environment={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
        assert b"Unknown variant" in done.stderr

    @posix
    @pytest.mark.parametrize("command", ["summary b0 --level layer", "summary b0 --format json", "--help"])
    def test_a_reader_that_leaves_early_is_no_error(self, command: str) -> None:
        line = f"{sys.executable} -m effnet_inspect {command} | head -n 1"
        done = subprocess.run(line, shell=True, capture_output=True, timeout=60)
        assert done.stdout.count(b"\n") == 1
        assert done.stderr == b""

    @posix
    @pytest.mark.parametrize(
        ("command", "code", "out", "said"),
        [
            ("summary b0 >&-", 1, b"", b"Error: Standard output is closed.\n"),
            ("summary b0 2>&-", 0, b"EfficientNet-B0", b""),
            ("nope 2>&-", 2, b"", b""),
        ],
    )
    def test_a_closed_stream_is_no_traceback(self, command: str, code: int, out: bytes, said: bytes) -> None:
        line = f"{sys.executable} -m effnet_inspect {command}"
        done = subprocess.run(line, shell=True, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout[: len(out)], done.stderr) == (code, out, said)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize("command", ["summary b0 > /dev/full", "summary b0 -f json -o /dev/full"])
    def test_a_full_disk_is_one_sentence(self, command: str) -> None:
        done = subprocess.run(
            f"{sys.executable} -m effnet_inspect {command}", shell=True, capture_output=True, timeout=60
        )
        assert done.returncode == 1
        assert done.stdout == b""
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith("Error: ")
        assert "No space left on device" in line

    def test_a_model_that_cannot_be_built_is_one_sentence(self, tmp_path: Path) -> None:
        """No Keras to be found: the sentence comes from the process that builds."""
        (tmp_path / "keras.py").write_text("raise ImportError('no keras here')")
        done = process("summary", "b0", "--no-cache", environment={"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"})
        assert done.returncode == 1
        assert done.stdout == b""
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith("Error: ")
        assert "no keras here" in line

    @posix
    def test_without_a_home(self) -> None:
        cleared = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "effnet_inspect", "cache"],
            capture_output=True,
            env={**cleared, "HOME": "/nonexistent"},
            timeout=60,
        )
        assert done.returncode == 0
        assert done.stdout.startswith(b"0 graphs")

    def test_the_installed_command_is_the_module(self) -> None:
        from importlib.metadata import PackageNotFoundError, distribution

        try:
            scripts = distribution("effnet-inspect").entry_points
        except PackageNotFoundError:
            pytest.skip("effnet-inspect is not installed here")
        (script,) = [each for each in scripts if each.group == "console_scripts"]
        assert script.load() is main


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("diagram b0 --block 0", "There is no block 0"),
        ("summary b0 --block 0", "There is no block 0"),
        ("diagram b0 --block 4 --expand", "--expand goes with the view 'architecture'"),
        ("compare b0 b1 --by macs --out growth.svg", "'svg' is a drawing"),
        ("compare b0 b1 --only-differences --format png", "'png' is a drawing"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    command: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())
