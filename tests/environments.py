"""Virtual environments for what runs apart from the tests, with packages that this project does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

TORCH = ("torch==2.13.0", "numpy")


def make_environment(folder: Path, needs: Sequence[str], alone: Sequence[str] = ()) -> Path:
    """The Python of a new virtual environment, with packages and what they need, and others without that."""
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *needs], check=True)
    if alone:
        subprocess.run([*pip, "--no-deps", *alone], check=True)
    return python
