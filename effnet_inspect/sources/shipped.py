"""Graphs that come with the package: those of the published variants and of what claims and figures are about, as
Keras built them. At another input size they are what follows from it, which is what Keras would build there.

A graph serves only where the installed Keras would build the same: its major version is that which built the graph,
and the source of the builder is the same to the byte. Both are told without importing Keras. What `keras.applications`
has no builder for is built by our own, which comes with the package as well.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from effnet_inspect.catalog.published import KERAS_IMAGENET_LAYERS
from effnet_inspect.catalog.targets import BuiltTarget, VariantTarget
from effnet_inspect.catalog.variants import SCALED, VARIANTS, Variant
from effnet_inspect.files import write_atomically
from effnet_inspect.graph import LayerGraph
from effnet_inspect.graph.resizing import at_size
from effnet_inspect.sources.cache import framework_version, package_folder
from effnet_inspect.sources.codec import decode, encode
from effnet_inspect.words import join_and, pluralize

FOLDER = Path(__file__).with_name("graphs")
MANIFEST = FOLDER / "built_by.json"
SUFFIX = ".graph.z"


TARGETS = tuple(text for text in dict.fromkeys((*VARIANTS, *KERAS_IMAGENET_LAYERS, *SCALED)) if "@" not in text)
"""The targets whose graphs come along, each at its own size: variants, and what claims and figures are about."""


class Manifest(NamedTuple):
    """Which releases built the graphs, and the hashes of the builders' sources, by the name of their module."""

    keras: str
    tensorflow: str
    builders: dict[str, str]


def get(target: BuiltTarget) -> LayerGraph | None:
    """The graph of `target` that comes with the package, or follows from one that does.

    None where there is none, or where it does not serve.
    """
    if not isinstance(target, VariantTarget):
        return None
    kept = target._replace(resolution=(target.variant.resolution,) * 2)
    if kept.text not in TARGETS or not serves(target.variant):
        return None
    try:
        graph = decode(zlib.decompress(_path(kept).read_bytes()), "package")
    except (OSError, ValueError, zlib.error):
        return None
    if graph.target != kept:
        return None
    if target == kept:
        return graph
    built_by = graph.built_by and graph.built_by._replace(resized_from=kept.text)
    return replace(at_size(graph, target.resolution), target=target, built_by=built_by)


def serves(variant: Variant) -> bool:
    """Whether the installed Keras would build what comes with the package."""
    manifest, builder = read_manifest(), _builder(variant)
    if manifest is None or _major(framework_version("keras")) != _major(manifest.keras):
        return False
    return builder is None or manifest.builders.get(builder) == _hash(builder)


def write(graphs: Iterable[LayerGraph]) -> None:
    """Put the graphs of TARGETS, built afresh, in place of those that are there."""
    builders = {name: _hash(name) for variant in VARIANTS.values() if (name := _builder(variant))}
    keras, tensorflow = framework_version("keras"), framework_version("tensorflow")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for graph in graphs:
        assert isinstance(graph.target, VariantTarget)
        write_atomically(_path(graph.target), zlib.compress(encode(graph), 9))
    stated = json.dumps({"keras": keras, "tensorflow": tensorflow, "builders": builders}, indent=2)
    write_atomically(MANIFEST, f"{stated}\n".encode())


def sentences() -> Iterator[str]:
    """What comes with the package, and what of it does not serve here."""
    manifest = read_manifest()
    if manifest is None:
        return
    who = f"Keras {manifest.keras} and TensorFlow {manifest.tensorflow}"
    graphs = pluralize(len(TARGETS), "graph")
    yield f"{graphs} come with effnet-inspect, built by {who}; other input sizes follow from them"
    if unlike := [variant.key for variant in VARIANTS.values() if not serves(variant)]:
        installed = framework_version("keras")
        yield f"Keras {installed} may build others, so that these are built here: {join_and(unlike)}"


@cache
def read_manifest() -> Manifest | None:
    """Who built the graphs; None where the package came without them."""
    try:
        return Manifest(**json.loads(MANIFEST.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _path(target: VariantTarget) -> Path:
    return FOLDER / f"{target.text}{SUFFIX}"


def _builder(variant: Variant) -> str | None:
    """The module of `keras.applications` that builds a variant; None where our own builder does."""
    if not variant.builder:
        return None
    return "efficientnet_v2" if variant.builder.startswith("EfficientNetV2") else "efficientnet"


@cache
def _hash(builder: str) -> str | None:
    """Length and checksum of a builder's source in the installed Keras; None where it has no such file.

    A checksum will do among releases of Keras, and `hashlib` takes longer to import than all graphs to read.
    """
    folder = package_folder("keras")
    try:
        source = (Path(folder or "") / f"src/applications/{builder}.py").read_bytes()
    except OSError:
        return None
    return f"{len(source)} bytes, CRC-32 {zlib.crc32(source):08x}"


def _major(version: str) -> str:
    return version.partition(".")[0]
