"""What all tests share: a cache of graphs of their own for each run, and no hurry."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

CACHE = "EFFNET_INSPECT_CACHE"
_own_folder: list[str] = []

# Whether one example takes 0.2 s says more about what else the machine does than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Give the run a cache of its own, unless one is named; all its processes share it."""
    if not os.environ.get(CACHE):
        _own_folder.append(tempfile.mkdtemp(prefix="effnet-inspect-tests-"))
        os.environ[CACHE] = _own_folder[0]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's own cache."""
    while _own_folder:
        del os.environ[CACHE]
        shutil.rmtree(_own_folder.pop(), ignore_errors=True)


COMPUTED = (
    "analysis",
    "claims",
    "conventions",
    "graph/test_resizing.py",
    "renderers/page",
    "renderers/plots",
    "renderers/test_tikz.py",
    "sources/keras",
    "sources/test_files.py",
    "sources/test_shipped.py",
    "structure",
    "test_determinism.py",
    "test_graphs.py",
    "views",
)
"""Tests of what is built, read, worked out and drawn; on another Python the samples hold it to the byte."""

LONG = (
    "sources/test_shipped.py",
    "sources/test_files.py",
    "sources/keras",
    "graph/test_resizing.py",
    "analysis",
    "test_determinism.py",
    "test_graphs.py",
)
"""Tests that take long one by one; they begin first, so that no process ends long before another."""


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what need not be tested on every Python, and order the tests."""
    for item in items:
        if _is_in(item, COMPUTED):
            item.add_marker(pytest.mark.one_python)
    items.sort(key=lambda item: not _is_in(item, LONG))


def _is_in(item: pytest.Item, places: tuple[str, ...]) -> bool:
    return any(item.path.is_relative_to(Path(__file__).parent / place) for place in places)
