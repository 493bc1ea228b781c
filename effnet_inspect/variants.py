"""Every published variant, one row each, and the grammar of a target: how a person names the model he means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from effnet_inspect.errors import UnknownChoice, UsageError

LEAST_RESOLUTION = 32
LARGEST_RESOLUTION = 65_536


@dataclass(frozen=True, slots=True)
class Variant:
    """A published variant.

    Width, depth, resolution (pixels a side) and dropout are the coefficients it is built from, as published.
    `builder` is its name in `keras.applications`.
    """

    key: str
    title: str
    family: str
    width: float
    depth: float
    resolution: int
    dropout: float
    builder: str


VARIANTS: dict[str, Variant] = {
    row.key: row
    for row in (
        Variant("b0", "EfficientNet-B0", "v1", 1.0, 1.0, 224, 0.2, "EfficientNetB0"),
        Variant("b1", "EfficientNet-B1", "v1", 1.0, 1.1, 240, 0.2, "EfficientNetB1"),
        Variant("b2", "EfficientNet-B2", "v1", 1.1, 1.2, 260, 0.3, "EfficientNetB2"),
        Variant("b3", "EfficientNet-B3", "v1", 1.2, 1.4, 300, 0.3, "EfficientNetB3"),
        Variant("b4", "EfficientNet-B4", "v1", 1.4, 1.8, 380, 0.4, "EfficientNetB4"),
        Variant("b5", "EfficientNet-B5", "v1", 1.6, 2.2, 456, 0.4, "EfficientNetB5"),
        Variant("b6", "EfficientNet-B6", "v1", 1.8, 2.6, 528, 0.5, "EfficientNetB6"),
        Variant("b7", "EfficientNet-B7", "v1", 2.0, 3.1, 600, 0.5, "EfficientNetB7"),
    )
}

_BY_SPELLING = {re.sub(r"[^a-z0-9.]", "", key): row for key, row in VARIANTS.items()}


@dataclass(frozen=True, slots=True)
class VariantTarget:
    """A variant at a resolution, `(height, width)` in pixels."""

    variant: Variant
    resolution: tuple[int, int]

    @property
    def text(self) -> str:
        """The target in its shortest spelling.

        >>> parse_target("EfficientNetB3@300").text, parse_target("B3@512x512").text, parse_target("b3@64x96").text
        ('b3', 'b3@512', 'b3@64x96')
        """
        height, width = self.resolution
        if height == width == self.variant.resolution:
            return self.variant.key
        return f"{self.variant.key}@{height}" + (f"x{width}" if width != height else "")

    @property
    def title(self) -> str:
        """The variant's name."""
        return self.variant.title


Target = VariantTarget


def parse_target(text: str) -> Target:
    """What a person means by `text`: `b3`, `EfficientNetB3`, `efficientnet-b3`, `b3@512`, `b3@384x512`.

    Raises:
        UsageError: naming what is wrong and what would do.
    """
    name, at, size = text.strip().partition("@")
    variant = _variant(name)
    return VariantTarget(variant, _resolution(size, text) if at else (variant.resolution, variant.resolution))


def _variant(name: str) -> Variant:
    plain = re.sub(r"[\s_-]", "", name.lower())
    found = _BY_SPELLING.get(plain.removeprefix("efficientnet"))
    if found is None:
        raise UnknownChoice("variant", name, VARIANTS)
    return found


def _resolution(size: str, text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})(?:[x×](\d{1,9}))?", size.strip().lower())
    if not match:
        raise UsageError(
            f"{size!r} in {text!r} is no resolution; write {text.split('@')[0]}@512 or @384x512, in pixels"
        )
    height = int(match[1])
    sides = (height, int(match[2] or height))
    for side in sides:
        if not LEAST_RESOLUTION <= side <= LARGEST_RESOLUTION:
            raise UsageError(
                f"the resolution {side} in {text!r} is out of range: "
                f"{LEAST_RESOLUTION} is the least and {LARGEST_RESOLUTION} the largest"
            )
    return sides
