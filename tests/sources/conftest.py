"""What the tests of sources share: a folder of model files, made once for the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graphs import alone


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
