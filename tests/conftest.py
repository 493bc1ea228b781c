"""What all tests share: the published variants' graphs, built once for the whole run."""

from __future__ import annotations

from functools import cache

import pytest

from effnet_inspect.anatomy import Anatomy, dissect
from effnet_inspect.graph import LayerGraph
from effnet_inspect.measures import Measures
from effnet_inspect.sources import load, load_all

VARIANTS = ("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7")


@pytest.fixture(scope="session", autouse=True)
def _kept_graphs() -> None:
    """Build what is not kept yet in one process, not one by one in the tests."""
    load_all(VARIANTS)


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
