"""What all tests share: a cache of graphs of their own for each run."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

CACHE = "EFFNET_INSPECT_CACHE"
_own_folder: list[str] = []


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
