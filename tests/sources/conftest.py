"""What the tests of sources share: a folder of model files, made once for the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 600.0
"""Seconds that a test process waits for another that makes the files."""


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Let one of the test processes work while the others wait; `lock` is a folder that is there meanwhile."""
    started = time.monotonic()
    while True:
        try:
            lock.mkdir()
            break
        except FileExistsError:
            assert time.monotonic() - started < PATIENCE, f"{lock} was left by a run that did not end"
            time.sleep(0.05)
    try:
        yield
    finally:
        lock.rmdir()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `tests.sources.models` fills, by the first of the test processes."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "models"
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
            unfinished = folder.with_suffix(".unfinished")
            unfinished.mkdir(exist_ok=True)
            command = [sys.executable, "-m", "tests.sources.models", str(unfinished)]
            made = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert not made.returncode, made.stderr
            unfinished.rename(folder)
    return folder
