"""How an image of another size is made of the old one, as settings of a layer: in Keras' words where it has any."""

from __future__ import annotations

import json
from typing import Literal

Coordinates = Literal["half_pixel", "asymmetric", "align_corners"]
"""Where a new position lies among the old ones: centre upon centre, first upon first, or both ends upon both ends."""

Rounding = Literal["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]
"""Which of two neighbours is the nearest, as ONNX calls it."""


def resampling(
    interpolation: str, coordinates: Coordinates | str, rounding: Rounding | str, *, antialias: bool = False
) -> tuple[tuple[str, str], ...]:
    """The settings, each value as JSON has it; `rounding` is one of the nearest position alone."""
    stated = {"antialias": antialias, "coordinates": coordinates, "interpolation": interpolation}
    if interpolation == "nearest":
        stated["rounding"] = rounding
    return tuple((name, json.dumps(value)) for name, value in stated.items())
