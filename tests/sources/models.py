"""Models as users have them: `python -m tests.sources.models FOLDER` makes all of them with Keras in one process.

Starting TensorFlow takes seconds, so all tests share one folder of files: see the fixture `models` in `conftest`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from effnet_inspect.sources.codec import encode
from effnet_inspect.variants import VARIANTS, VariantTarget

V2 = tuple(row.key for row in VARIANTS.values() if row.family == "v2" and row.builder)


def write_planned(folder: Path) -> None:
    """V2 as our own builder makes it, where a target would give Keras' own."""
    from effnet_inspect.sources.build import build

    for key in V2:
        variant = replace(VARIANTS[key], builder="")
        target = VariantTarget(variant, (variant.resolution, variant.resolution))
        (folder / f"{key}.graph").write_bytes(encode(build(target)))


def main(folder: Path) -> None:
    """Write everything."""
    write_planned(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
