"""The command `cache`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import run
from tests.graphs import CACHE, graph_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


def test_says_where_and_empties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path))
    assert run("cache").stdout == f"0 graphs, 0 B, in {tmp_path}\n"
    from effnet_inspect.sources.cache import Cache

    Cache(tmp_path).put(graph_of("b0"))
    assert run("cache").stdout.startswith("1 graph, ")
    assert run("cache", "--clear").stdout == f"Removed 1 graph from {tmp_path}\n"
    assert run("cache", "--clear").stdout == f"Removed 0 graphs from {tmp_path}\n"
