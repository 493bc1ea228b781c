"""What the terminal showed, kept as files: `EFFNET_INSPECT_GOLDENS=write pytest tests` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent


def assert_golden(name: str, text: str) -> None:
    """Hold `text` against the golden file `name`, or make it the golden where the environment says so."""
    path = FOLDER / name
    if os.environ.get("EFFNET_INSPECT_GOLDENS") == "write":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text
