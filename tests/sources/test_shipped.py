"""Graphs that come with the package: they are what this Keras builds, and serve nowhere else."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from effnet_inspect.catalog.targets import WEIGHTS
from effnet_inspect.graph import BuiltBy, LayerGraph
from effnet_inspect.graph.resizing import at_size
from effnet_inspect.sources import load, shipped, worker
from effnet_inspect.sources.cache import framework_version
from tests.graphs import variant_target

B0, B8 = variant_target("b0"), variant_target("b8")

SERVE = [text for text in shipped.TARGETS if shipped.serves(variant_target(text).variant)]

SIZES = ("225x300", "331", "32x45", "640")
"""Odd and even ones, larger and smaller; of the networks each has one."""


@pytest.mark.one_python
@pytest.mark.skipif(not SERVE, reason="this Keras has other builders than those of the graphs that come along")
def test_all_are_what_keras_builds_here_at_another_size_and_what_follows_from_that_at_their_own() -> None:
    """Layer by layer: equal graphs have equal layers, in one order."""
    others = [key if key.endswith(WEIGHTS) else f"{key}@{size}" for key, size in zip(SERVE, cycle(SIZES), strict=False)]
    built = worker.build_apart(others, lambda target: None)
    for key, other, graph in zip(SERVE, others, built, strict=True):
        assert graph.built_by == BuiltBy(framework_version("keras"), framework_version("tensorflow"))
        assert graph == shipped.get(variant_target(other)), other
        own = variant_target(key)
        kept = shipped.get(own)
        assert kept == replace(at_size(graph, own.resolution), target=own), key
        assert kept is not None
        assert kept.vocabulary == graph.vocabulary == "keras"


def test_there_is_one_for_every_target_and_nothing_else() -> None:
    files = {path.name for path in shipped.FOLDER.iterdir()}
    assert files == {shipped.MANIFEST.name, *(f"{text}{shipped.SUFFIX}" for text in shipped.TARGETS)}
    assert sum((shipped.FOLDER / name).stat().st_size for name in files) < 180_000


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of graphs of the test's own."""
    for path in shipped.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    monkeypatch.setattr(shipped, "MANIFEST", tmp_path / shipped.MANIFEST.name)
    shipped.read_manifest.cache_clear()
    monkeypatch.setattr(shipped, "framework_version", lambda name: "3.99.0")
    stated = json.loads((tmp_path / "built_by.json").read_text())
    monkeypatch.setattr(shipped, "_hash", lambda builder: stated["builders"][builder])
    return tmp_path


@pytest.fixture(autouse=True)
def _forget() -> None:
    shipped.read_manifest.cache_clear()


def test_any_release_of_the_same_major_version_with_the_same_builder_will_do(own: Path) -> None:
    graph = shipped.get(B0)
    assert graph is not None
    assert graph.target == B0
    assert graph.built_by is not None
    assert graph.built_by.kept_in == "package"


Change = Callable[[Path, pytest.MonkeyPatch], None]


def _damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "b0.graph.z").write_bytes(b"nothing")


def _exchange(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "b0.graph.z").write_bytes((folder / "b1.graph.z").read_bytes())


def _remove_manifest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "built_by.json").unlink()


def _other_schema(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.loads(zlib.decompress((folder / "b0.graph.z").read_bytes()).partition(b" ")[2])
    text = json.dumps({**body, "schema": 0}).encode()
    (folder / "b0.graph.z").write_bytes(zlib.compress(b"%08x %s\n" % (zlib.crc32(text), text)))


def _other_major_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "framework_version", lambda name: "4.0.0")


def _no_keras(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "framework_version", lambda name: "")


def _other_builder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_hash", lambda builder: "another one")


CHANGES: tuple[Change, ...] = (
    _damage,
    _exchange,
    _remove_manifest,
    _other_schema,
    _other_major_version,
    _no_keras,
    _other_builder,
)


@pytest.mark.parametrize("change", CHANGES)
def test_where_it_does_not_serve_the_model_is_built(change: Change, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(own, monkeypatch)
    shipped.read_manifest.cache_clear()
    assert shipped.get(B0) is None


def test_another_builder_does_not_concern_what_our_own_builds(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _other_builder(own, monkeypatch)
    assert shipped.get(B8) is not None
    assert [line for line in shipped.sentences() if "b0" in line and "b8" not in line]


@pytest.mark.parametrize(
    ("text", "resized_from"),
    [
        ("lite0", None),
        ("b0+imagenet", None),
        ("b0@225", "b0"),
        ("w1.4-d1@96x64", "w1.4-d1"),
    ],
)
def test_what_comes_along_is_there_at_every_size(text: str, resized_from: str | None, own: Path) -> None:
    graph = shipped.get(variant_target(text))
    assert graph is not None
    assert graph.target == variant_target(text)
    assert graph.built_by == BuiltBy("3.15.1", "2.21.0", "package", resized_from)


def test_what_does_not_come_along_is_built(own: Path) -> None:
    assert shipped.get(variant_target("w1.1-d1.1")) is None


def test_the_hash_is_that_of_the_installed_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "package_folder", lambda name: tmp_path)
    shipped._hash.cache_clear()
    assert shipped._hash("efficientnet") is None
    source = tmp_path / "src" / "applications" / "efficientnet.py"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    shipped._hash.cache_clear()
    one = shipped._hash("efficientnet")
    source.write_text("two")
    shipped._hash.cache_clear()
    assert one != shipped._hash("efficientnet") is not None
    shipped._hash.cache_clear()


def test_what_is_written_is_read_back(own: Path) -> None:
    graph = shipped.get(B0)
    assert graph is not None
    shipped.write([replace(graph, built_by=BuiltBy("3.99.0", "2.99.0"))])
    shipped.read_manifest.cache_clear()
    again = shipped.get(B0)
    assert again == graph
    assert again.built_by == BuiltBy("3.99.0", "2.99.0", "package")
    assert sorted(path.name for path in own.iterdir()) == ["b0.graph.z", "built_by.json"]


def test_no_cache_does_not_ask_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = LayerGraph(load("b0").name, load("b0").layers, target=B0)
    asked: list[str] = []

    def build(targets: list[str], started: object) -> list[LayerGraph]:
        asked.extend(targets)
        return [graph]

    monkeypatch.setattr(worker, "build_apart", build)
    assert load("b0", use_cache=False).built_by is None
    assert asked == ["b0"]
    assert asked == ["b0"]
