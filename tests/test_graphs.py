"""What the tests themselves have to keep to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.graphs import CACHE

ROOT = Path(__file__).parents[1]


WITHOUT_SHIPPED = """
import sys, pytest
from effnet_inspect.sources import shipped
shipped.get = lambda target: None
sys.exit(pytest.main(sys.argv[1:]))
"""
"""Collects as where another Keras is installed, for which no graph comes with the package."""


def test_collecting_the_tests_builds_no_model(tmp_path: Path) -> None:
    """So that one quick test is quick alone, too."""
    folder = tmp_path / "graphs"
    command = [
        sys.executable,
        "-c",
        WITHOUT_SHIPPED,
        "--collect-only",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "tests",
    ]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, CACHE: str(folder)}, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout.decode()[-2000:]
    assert not folder.exists()
