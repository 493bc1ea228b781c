"""What the tests of sources share: a folder of model files, made once for the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 600.0


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `tests.sources.models` fills; the first of the test processes makes it, the others wait."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "models"
    whole, failed = folder.with_suffix(".whole"), folder.with_suffix(".failed")
    try:
        folder.mkdir()
    except FileExistsError:
        started = time.monotonic()
        while not whole.exists() and not failed.exists() and time.monotonic() - started < PATIENCE:
            time.sleep(0.1)
        assert whole.exists(), "the test models could not be made"
        return folder
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "tests.sources.models", str(folder)]
    made = subprocess.run(command, env=environment, capture_output=True, text=True)
    (failed if made.returncode else whole).touch()
    assert not made.returncode, made.stderr
    return folder
