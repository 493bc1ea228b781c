"""Running the command line, within the process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from effnet_inspect.cli import main


def run(*arguments: str) -> Result:
    """What a command answers; an exception that it lets through goes on."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False, prog_name="effnet-inspect")


def process(
    *arguments: str, environment: Mapping[str, str] | None = None, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    """The same in a process of its own; `before` goes to Python itself."""
    return subprocess.run(
        [sys.executable, *before, "-m", "effnet_inspect", *arguments],
        capture_output=True,
        env={**os.environ, **(environment or {})},
        timeout=120,
    )


def run_with_keras(module: str, path: Path) -> None:
    """Run a module of the tests that builds with Keras and writes to `path`, so that no test imports TensorFlow."""
    subprocess.run(
        [sys.executable, "-m", module, str(path)],
        check=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
    )
