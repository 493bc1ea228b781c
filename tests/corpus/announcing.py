"""How the scripts that build a collection's models hand them over, one after another.

Each file is announced by a line of JSON on standard output, and is deleted by who reads it before the line is
answered, so that few are there at a time. The scripts run in an environment that has the collection's packages, and
nothing of this project's needs: whoever imports its code does so only to read a model live.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Model = tuple[str, Callable[[], Any]]
"""Name, and what makes it."""


def announce(models: Iterable[Model], folder: Path, write: Callable[[Any, Path], dict[str, Any]]) -> None:
    """Make each of the models and have it written; what `write` hands back is said of it, and what goes wrong, too."""
    for name, make in models:
        line: dict[str, Any] = {"name": name}
        path = folder / name.replace(" ", "-")
        try:
            line |= write(make(), path)
        except Exception as error:  # whatever a package does wrong is a result
            line["error"] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(json.dumps(line), flush=True)
        sys.stdin.readline()


def write_graph(model: Any, path: Path) -> dict[str, Any]:
    """Read a model live, with this project's code, and write its graph down."""
    from effnet_inspect.sources.codec import encode
    from effnet_inspect.sources.live import read_live

    path = path.with_name(f"{path.name}.graph")
    started = time.perf_counter()
    path.write_bytes(encode(read_live(model)))
    return {"file": str(path), "seconds": time.perf_counter() - started}
