"""One figure of every layer, as it is told here and as another says: what the oracles' scripts print, a line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Comparison(NamedTuple):
    """How many figures of one kind were compared in a network, how many agree, and the first that do not."""

    oracle: str
    network: str
    figure: str
    cells: int
    agree: int
    differing: tuple[str, ...] = ()


def compare(oracle: str, network: str, figure: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """Print how far the figures of `theirs` are those of `ours`; one that is missing there does not agree."""
    differing = [f"{name}: {ours.get(name)} here, {value} there" for name, value in theirs.items()
                 if ours.get(name) != value]  # fmt: skip
    found = Comparison(oracle, network, figure, len(theirs), len(theirs) - len(differing), tuple(differing[:3]))
    print(json.dumps(found._asdict()), flush=True)
