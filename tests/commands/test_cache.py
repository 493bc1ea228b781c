"""The command `cache`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.command_line import run
from tests.graphs import CACHE, graph_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


def test_says_where_and_empties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    kept, shipped, *_ = run("cache").stdout.splitlines()
    assert kept == f"0 graphs, 0 B, in {tmp_path}"
    assert shipped.startswith("30 graphs come with effnet-inspect, built by Keras 3.")
    from effnet_inspect.sources.cache import Cache

    Cache(tmp_path).put(graph_of("b0"))
    assert run("cache").stdout.startswith("1 graph, ")
    assert run("cache", "--clear").stdout == f"Removed 1 graph from {tmp_path}\n"
    assert run("cache", "--clear").stdout == f"Removed 0 graphs from {tmp_path}\n"


@posix
def test_what_is_no_entry_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    (tmp_path / "folder.graph").mkdir()
    (tmp_path / "dangling.graph").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.graph")
    assert run("cache").stdout.startswith(f"1 graph, 7 B, in {tmp_path}\n")
    assert run("cache", "--clear").stdout == f"Removed 1 graph from {tmp_path}\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.graph", "pipe.graph"]


@posix
@pytest.mark.parametrize("arguments", [(), ("--clear",)])
def test_a_folder_that_cannot_be_is_one_sentence(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, "x" * 300)
    result = run("cache", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("xxx: File name too long.\n")
