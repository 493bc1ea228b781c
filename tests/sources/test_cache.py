"""The cache's good days and its bad ones: whatever happens to it, a graph comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources import Doing, load, load_all, worker
from effnet_inspect.sources import cache as home
from effnet_inspect.sources.cache import Cache, framework_version
from effnet_inspect.sources.codec import encode
from tests.graphs import CACHE, graph_of, variant_target

B0, B1 = variant_target("b0"), variant_target("b1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, still missing, and nothing that comes with the package."""
    monkeypatch.setattr("effnet_inspect.sources.shipped.get", lambda target: None)
    monkeypatch.setenv(CACHE, str(tmp_path / "graphs"))
    return tmp_path / "graphs"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked of the worker, which hands out graphs that are known instead of building them."""
    asked: list[str] = []

    def known(targets: list[str], started: Callable[[str], None]) -> list[LayerGraph]:
        for target in targets:
            started(target)
        asked.extend(targets)
        return graphs(targets)

    monkeypatch.setattr(worker, "build_apart", known)
    return asked


@pytest.fixture(scope="module", autouse=True)
def _known() -> None:
    graph_of("b0"), graph_of("b1")


def graphs(targets: list[str]) -> list[LayerGraph]:
    return [graph_of(target) for target in targets]


def test_built_once(folder: Path, built: list[str]) -> None:
    first = load("b0")
    assert load("EfficientNetB0") == first == graph_of("b0")
    assert load("b0@224") == first
    assert built == ["b0"]
    assert [path.suffix for path in folder.iterdir()] == [home.SUFFIX]


def test_all_at_once_in_the_order_asked_for(folder: Path, built: list[str]) -> None:
    load("b1")
    told: list[Doing] = []
    found = load_all(["b0", "b1", "B0"], progress=told.append)
    assert [graph.target for graph in found] == [B0, B1, B0]
    assert built == ["b1", "b0"]
    assert told == [Doing("Building b0 with Keras: TensorFlow takes seconds to start", 0, 1)]


def test_progress_counts_what_takes_time(folder: Path, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("effnet_inspect.sources.files.read_file", lambda target: graph_of("b0"))
    load("b1")
    told: list[Doing] = []
    load_all(["b0", "b1", "model.json"], progress=told.append)
    assert [(doing.sentence.partition(":")[0], doing.done, doing.total) for doing in told] == [
        ("Reading model.json", 0, 2),
        ("Building b0 with Keras", 1, 2),
    ]


def test_without_the_cache_nothing_is_read_or_kept(folder: Path, built: list[str]) -> None:
    load("b0", use_cache=False)
    load("b0", use_cache=False)
    assert built == ["b0", "b0"]
    assert not folder.exists()


def damaged(data: bytes) -> bytes:
    return data.replace(b"Conv2D", b"Conv3D", 1)


def foreign(data: bytes) -> bytes:
    return encode(graph_of("b1"))


BAD_DAYS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "half-written": lambda data: data[: len(data) // 2],
    "damaged": damaged,
    "another target's": foreign,
    "text": lambda data: b"hello\n",
    "binary": lambda data: bytes(range(256)) * 10,
    "twice": lambda data: data + data,
}


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_entry_is_built_again_and_mended(day: str, folder: Path, built: list[str]) -> None:
    load("b0")
    (entry,) = folder.iterdir()
    good = entry.read_bytes()
    entry.write_bytes(BAD_DAYS[day](good))
    assert load("b0") == graph_of("b0")
    assert built == ["b0", "b0"]
    assert entry.read_bytes() == good
    assert load("b0") == graph_of("b0")
    assert built == ["b0", "b0"]


def spoiled(**changes: Any) -> bytes:
    """The entry of b0 with other values under a right checksum, in every kind of its layers."""
    body = json.loads(encode(graph_of("b0")).partition(b" ")[2])
    for name, value in changes.items():
        if name in body:
            body[name] = value
        for kind in body["kinds"] if name not in body else ():
            kind[body["fields"].index(name)] = value
    text = json.dumps(body).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


@pytest.mark.parametrize(
    "changes",
    [
        {"output_shape": "text"},
        {"output_shape": [-1, 0, None]},
        {"parameters": 10**4000},
        {"operation": "nonsense"},
        {"kernel": [3]},
        {"class_name": "\x1b[31mred"},
        {"name": "\x1b[31mred"},
        {"name": {"a": 1}},
    ],
    ids=str,
)
def test_an_entry_that_says_what_no_graph_says_is_built_again(
    changes: dict[str, Any], folder: Path, built: list[str]
) -> None:
    load("b0")
    (entry,) = folder.iterdir()
    entry.write_bytes(spoiled(**changes))
    assert load("b0") == graph_of("b0")
    assert built == ["b0", "b0"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_in_the_entrys_place(folder: Path, built: list[str]) -> None:
    folder.mkdir()
    os.mkfifo(Cache(folder).path(B0))
    assert load("b0") == graph_of("b0")
    assert list(Cache(folder).entries()) == []


@pytest.mark.parametrize("changed", ["keras", "tensorflow", "schema", "version"])
def test_another_version_has_entries_of_its_own(changed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = Cache(tmp_path).path(B0)
    if changed == "schema":
        monkeypatch.setattr(home, "SCHEMA", -1)
    elif changed == "version":
        monkeypatch.setattr(home, "__version__", "99")
    else:
        monkeypatch.setattr(home, "framework_version", lambda name: framework_version(name) + ".1" * (name == changed))
    assert Cache(tmp_path).path(B0) != before


def test_targets_have_entries_of_their_own(tmp_path: Path) -> None:
    texts = ["b0", "b1", "b0@225", "b0@225x224", "b0@224x225", "v2-b0", "lite0", "w1-d1", "w1-d1.1", "w1.1-d1"]
    paths = [Cache(tmp_path).path(variant_target(text)) for text in texts]
    assert len(set(paths)) == len(texts)
    assert {path.parent for path in paths} == {tmp_path}
    assert all(len(path.name) < 100 for path in paths)


def test_a_folder_in_the_entrys_place(folder: Path, built: list[str]) -> None:
    Cache(folder).path(B0).mkdir(parents=True)
    assert load("b0") == graph_of("b0")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_where_the_folder_should_be(
    place: str, tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv(CACHE, str(tmp_path / place))
    assert load("b0") == graph_of("b0")
    assert (tmp_path / "file").read_text() == "mine"
    assert list(Cache.of_user().entries()) == []
    assert Cache.of_user().clear() == 0


def test_a_folder_that_cannot_be_written(folder: Path, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(home, "write_atomically", refuse)
    assert load("b0") == graph_of("b0")
    assert not Cache(folder).put(graph_of("b0"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(folder: Path, built: list[str]) -> None:
    folder.mkdir(mode=0o500)
    assert load("b0") == graph_of("b0")
    assert list(folder.iterdir()) == []


def test_no_home_to_keep_anything_in(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (CACHE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", os.devnull)
    assert load("b0") == graph_of("b0")


def test_entries_and_clearing(folder: Path, built: list[str]) -> None:
    load_all(["b0", "b1"])
    kept = Cache(folder)
    (folder / "notes.txt").write_text("mine")
    (folder / f".b0-00000000{home.SUFFIX}.1234abcd").write_text("half")
    assert [path.name[:2] for path in kept.entries()] == ["b0", "b1"]
    assert kept.clear() == 3
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert kept.clear() == 0


def test_where_the_user_keeps_things(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(CACHE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "effnet-inspect" in str(Cache.of_user().folder)
    assert Cache.of_user().folder.is_relative_to(tmp_path) or sys.platform == "win32"


def test_versions_are_the_installed_ones() -> None:
    from importlib import metadata

    assert framework_version("keras") == metadata.version("keras")
    assert framework_version("click") == metadata.version("click")
    assert framework_version("no_such_package") == ""


WRITER = """
import sys
from effnet_inspect.sources.cache import Cache
from effnet_inspect.sources import load
graph = load("b0")
from pathlib import Path
cache = Cache(Path(sys.argv[1]))
for _ in range(60):
    assert cache.put(graph)
    kept = cache.get(graph.target)
    assert kept == graph, kept
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    assert Cache(tmp_path).get(B0) == graph_of("b0")
    assert len(list(tmp_path.iterdir())) == 1
