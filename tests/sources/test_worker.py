"""The process that builds: its answers, its failures, and that it never outlives who asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect.catalog.targets import parse_target
from effnet_inspect.errors import SourceError
from effnet_inspect.sources import load_all
from effnet_inspect.sources.codec import encode
from effnet_inspect.sources.worker import build_apart
from tests.graphs import graph_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def started(target: str) -> None:
    pass


def answering(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Put another program in the worker's place; it is given the targets."""
    real = subprocess.Popen

    def other(command: Sequence[str], **options: Any) -> Any:
        return real([sys.executable, "-c", program, *command[6:]], **options)

    monkeypatch.setattr(subprocess, "Popen", other)


def test_a_real_build_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    (graph,) = build_apart(["b0"], told.append)
    assert graph == graph_of("b0")
    assert told == ["b0"]
    assert capfd.readouterr() == ("", "")


def test_nothing_to_build_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "raise SystemExit(1)")
    assert list(build_apart([], started)) == []


def test_answers_come_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for target in ("b0", "b1"):
        (tmp_path / target).write_bytes(encode(graph_of(target)))
    answering(
        monkeypatch,
        "import sys, pathlib\n"
        "for target in sys.argv[1:]:\n"
        f"    data = (pathlib.Path({str(tmp_path)!r}) / target).read_bytes()\n"
        "    sys.stdout.buffer.write(b'graph ' + data)",
    )
    assert [graph.target for graph in build_apart(["b1", "b0"], started)] == [parse_target("b1"), parse_target("b0")]


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("print('error Keras cannot build it')", "Keras cannot build it"),
        ("pass", "the process that builds b0 ended: it said nothing"),
        ("import sys; sys.exit('no module named keras')", "the process that builds b0 ended: no module named keras"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the process that builds b0 ended"),
        ("raise MemoryError('x')", "the process that builds b0 ended: MemoryError: x"),
        (
            "import sys; sys.stdout.buffer.write(b'graph 00000000 half')",
            "the process that builds b0 ended within its answer",
        ),
        ("import sys; sys.stdout.buffer.write(b'graph')", "the process that builds b0 ended"),
    ],
)
def test_failures_are_one_sentence(program: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, program)
    with pytest.raises(SourceError, match=sentence) as caught:
        list(build_apart(["b0"], started))
    assert "\n" not in str(caught.value)


def test_what_is_left_unread_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    number = tmp_path / "pid"
    answering(
        monkeypatch,
        "import os, pathlib, sys, time\n"
        f"pathlib.Path({str(number)!r}).write_text(str(os.getpid()))\n"
        "print('error first', flush=True)\n"
        "time.sleep(600)",
    )
    with pytest.raises(SourceError, match="first"):
        list(build_apart(["b0", "b1"], started))
    assert is_gone(int(number.read_text()))


SHADOWS = ("random", "types", "json", "keras", "tensorflow", "numpy", "click", "effnet_inspect")
RAN = "open('RAN', 'w').close()\nraise RuntimeError('this was run')\n"


@pytest.mark.parametrize("search_path", ["", "."], ids=["working folder", "search path"])
def test_what_lies_around_is_neither_run_nor_obeyed(search_path: str, tmp_path: Path) -> None:
    """Files named like modules in the working folder, and settings of Keras in the home folder."""
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(RAN)
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras/keras.json").write_text('{"image_data_format": "channels_first", "floatx": "float16"}')
    script = "import sys; sys.path[:0] = sys.argv[2:]; from effnet_inspect.sources.worker import build_apart\n"
    script += "from effnet_inspect.sources.codec import encode\n"
    script += "import pathlib, os; os.chdir(sys.argv[1])\n"
    script += "sys.stdout.buffer.write(encode(*build_apart(['b0'], print)))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), *filter(None, [search_path])],
        capture_output=True,
        env={**os.environ, "HOME": str(tmp_path), "KERAS_HOME": str(tmp_path / ".keras"), "KERAS_BACKEND": "none"},
    )
    assert done.stdout.partition(b"\n")[2] == encode(graph_of("b0")), done.stderr.decode()
    assert not (tmp_path / "RAN").exists()


PATCHES = """
import keras

class Plain(keras.layers.BatchNormalization):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, scale=False, **named)

keras.layers.BatchNormalization = Plain

def model():
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.BatchNormalization(name="own")])
"""


def test_user_code_reaches_no_other_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "patches.py").write_text(PATCHES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EFFNET_INSPECT_CACHE", str(tmp_path / "kept"))
    patched, own = load_all(["patches:model", "lite0"])
    assert patched["own"].parameters == 3 * 3
    assert own == graph_of("lite0")
    assert load_all(["lite0"]) == [own]


def test_user_code_is_asked_and_answers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asks.py").write_text("model = input('name? ')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=r"running asks:model failed: EOFError: .* closed to it"):
        list(build_apart(["asks:model"], started, runs_user_code=True))


def is_gone(number: int) -> bool:
    """Whether a process has ended, or does within two seconds."""
    for _ in range(20):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{number}/stat").exists() and Path(f"/proc/{number}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.1)
    return False


def children(number: int) -> list[int]:
    """The running children of a process."""
    path = Path(f"/proc/{number}/task/{number}/children")
    return [int(child) for child in path.read_text().split()]


@posix
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_is_stopped_while_building_leaves_no_process_behind(number: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "effnet_inspect", "summary", "b7", "--no-cache"],
        env={**os.environ, "EFFNET_INSPECT_CACHE": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Tests that run in the background, or under nohup, hand down that they ignore it.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    for _ in range(200):
        if found := children(process.pid):
            break
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(number)
    out, said = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert out == b""
    assert b"Traceback" not in said
    assert found
    assert all(is_gone(child) for child in found)
    assert list(tmp_path.iterdir()) == []
