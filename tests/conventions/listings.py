"""The names and shapes that packages save, as `state_dictionaries.py` listed them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from effnet_inspect.choices import CodeBase

FOLDER = Path(__file__).parent / "data"

LISTINGS = tuple(sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz")))
"""`timm-b1`: package and variant; `-bare` is behind those that end before the classifier."""


def listed(name: str) -> dict[str, tuple[int, ...]]:
    """The arrays of one listing: name -> shape."""
    found = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return {array: tuple(shape) for array, shape in found["arrays"]}


def is_bare(name: str) -> bool:
    """Whether the network of a listing ends before its classifier."""
    return name.endswith("-bare")


def package_and_variant(name: str) -> tuple[CodeBase, str]:
    """The code base and the variant of a listing."""
    content = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return content["package"].split()[0], content["variant"]
