"""Built graphs, kept in the user's cache folder so that a model is built once.

An entry's name holds everything that could change the graph: the target, the versions of Keras and TensorFlow,
and the schema of the entry. Whatever is wrong with an entry or the folder, the graph is built again; the
cache is never a reason to fail.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from effnet_inspect import __version__
from effnet_inspect.catalog.targets import BuiltTarget
from effnet_inspect.files import write_atomically
from effnet_inspect.graph import LayerGraph
from effnet_inspect.limits import CONFIGURATION_BYTES
from effnet_inspect.sources.codec import SCHEMA, decode, encode

SUFFIX = ".graph"


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of built graphs. `Cache.of_user()` is the usual one; EFFNET_INSPECT_CACHE names another."""

    folder: Path

    @staticmethod
    def of_user() -> Cache:
        """The user's cache folder, by the platform's custom."""
        named = os.environ.get("EFFNET_INSPECT_CACHE")
        if named:
            return Cache(Path(named))
        from platformdirs import user_cache_path

        return Cache(user_cache_path("effnet-inspect", appauthor=False))

    def path(self, target: BuiltTarget) -> Path:
        """Where the graph of `target` is kept."""
        key = "\n".join(
            (target.text, __version__, str(SCHEMA), *(f"{name} {framework_version(name)}" for name in FRAMEWORKS))
        )
        readable = re.sub(r"[^a-z0-9.@-]+", "_", target.text.lower())[:60]
        return self.folder / f"{readable}-{zlib.crc32(key.encode()):08x}{SUFFIX}"

    def get(self, target: BuiltTarget) -> LayerGraph | None:
        """The graph kept for `target`; None where there is none or it cannot be used."""
        path = self.path(target)
        try:
            # Opening a pipe would wait for whoever writes into it.
            if not path.is_file() or path.stat().st_size > CONFIGURATION_BYTES:
                return None
            graph = decode(path.read_bytes(), "cache")
        except (OSError, ValueError, RecursionError):
            return None
        return graph if graph.target == target else None

    def put(self, graph: LayerGraph) -> bool:
        """Keep a graph under its target; False where the folder does not let us."""
        assert isinstance(graph.target, BuiltTarget), "only variants are kept"
        path = self.path(graph.target)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not path.is_file():
                return False
            write_atomically(path, encode(graph))
        except OSError:
            return False
        return True

    def entries(self) -> Iterator[Path]:
        """The files of all kept graphs, by name; links that lead nowhere are among them, folders and pipes are not."""
        try:
            # `Path.glob` says nothing of a folder that cannot be looked into, from Python 3.13 on.
            names = os.listdir(self.folder)  # noqa: PTH208
        except (FileNotFoundError, NotADirectoryError):
            names = []
        found = sorted(self.folder / name for name in names if name.endswith(SUFFIX))
        return (path for path in found if path.is_symlink() or path.is_file())

    def clear(self) -> int:
        """Remove all kept graphs and what an interrupted write left; returns how many files went."""
        removed = 0
        for path in (*self.entries(), *self.folder.glob(f".*{SUFFIX}.*")):
            path.unlink(missing_ok=True)
            removed += 1
        return removed


FRAMEWORKS = ("keras", "tensorflow")


@cache
def package_folder(name: str) -> Path | None:
    """Where a package is installed, without importing it; None where it is not."""
    from importlib.util import find_spec

    spec = find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


@cache
def framework_version(name: str) -> str:
    """The installed version of a package, without importing it; empty where it is not installed.

    The name of the `.dist-info` folder beside the package says it at once; `importlib.metadata`, which takes
    as long to import as all the rest of this program, is asked only where that folder has another name.
    """
    package = package_folder(name)
    if package is None:
        return ""
    pattern = re.compile(rf"{name}-(\d[^-]*)\.dist-info", re.IGNORECASE)
    for entry in package.parent.iterdir():
        if found := pattern.fullmatch(entry.name):
            return found.group(1)
    from importlib import metadata

    distributions = metadata.packages_distributions().get(name, [])
    return " ".join(f"{each} {metadata.version(each)}" for each in sorted(set(distributions)))
