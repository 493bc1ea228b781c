"""What all tests share: the published variants' graphs, built once for the whole run."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from functools import cache

import pytest

from effnet_inspect.anatomy import Anatomy, dissect
from effnet_inspect.graph import LayerGraph
from effnet_inspect.measures import Measures
from effnet_inspect.sources import load, load_all

VARIANTS = ("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7")

CACHE = "EFFNET_INSPECT_CACHE"
_own_folder: list[str] = []


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Give the run a cache of its own, unless one is named, and fill it in one process before the workers start."""
    config = session.config
    if _is_worker(config):
        return
    if not os.environ.get(CACHE):
        _own_folder.append(tempfile.mkdtemp(prefix="effnet-inspect-tests-"))
        os.environ[CACHE] = _own_folder[0]
    if getattr(config.option, "numprocesses", None) and not config.option.collectonly:
        load_all(VARIANTS)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's own cache."""
    while _own_folder and not _is_worker(config):
        folder = _own_folder.pop()
        del os.environ[CACHE]
        shutil.rmtree(folder, ignore_errors=True)


@cache
def graph_of(target: str) -> LayerGraph:
    """The graph of a target."""
    return load(target)


@cache
def anatomy_of(target: str) -> Anatomy:
    """Its anatomy."""
    return dissect(graph_of(target))


@cache
def measures_of(target: str) -> Measures:
    """Its measures."""
    return Measures(graph_of(target))


def rename(graph: LayerGraph, new_names: dict[str, str]) -> LayerGraph:
    """The same graph with other layer names; names that `new_names` lacks stay."""

    def new(name: str) -> str:
        return new_names.get(name, name)

    return replace(
        graph,
        outputs=tuple(map(new, graph.outputs)),
        layers=tuple(
            replace(
                layer,
                name=new(layer.name),
                inputs=tuple(map(new, layer.inputs)),
                shares_weights_with=layer.shares_weights_with and new(layer.shares_weights_with),
            )
            for layer in graph
        ),
    )
