"""Every published variant, one row each, and the grammar of a target: how a person names the model he means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from effnet_inspect.errors import UnknownChoice, UsageError

LEAST_RESOLUTION = 32
LARGEST_RESOLUTION = 65_536


@dataclass(frozen=True, slots=True)
class Variant:
    """A published variant, or one of the user's own scaling.

    Width, depth, resolution (pixels a side, of evaluation) and dropout are the coefficients it is scaled by, as
    published. `builder` is its name in `keras.applications`, empty where Keras has none.
    """

    key: str
    title: str
    family: str
    width: float
    depth: float
    resolution: int
    dropout: float
    builder: str = ""


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
        Variant("b8", "EfficientNet-B8", "v1", 2.2, 3.6, 672, 0.5),
        Variant("l2", "EfficientNet-L2", "v1", 4.3, 5.3, 800, 0.5),
        Variant("v2-b0", "EfficientNetV2-B0", "v2", 1.0, 1.0, 224, 0.2, "EfficientNetV2B0"),
        Variant("v2-b1", "EfficientNetV2-B1", "v2", 1.0, 1.1, 240, 0.2, "EfficientNetV2B1"),
        Variant("v2-b2", "EfficientNetV2-B2", "v2", 1.1, 1.2, 260, 0.3, "EfficientNetV2B2"),
        Variant("v2-b3", "EfficientNetV2-B3", "v2", 1.2, 1.4, 300, 0.3, "EfficientNetV2B3"),
        Variant("v2-s", "EfficientNetV2-S", "v2", 1.0, 1.0, 384, 0.2, "EfficientNetV2S"),
        Variant("v2-m", "EfficientNetV2-M", "v2", 1.0, 1.0, 480, 0.3, "EfficientNetV2M"),
        Variant("v2-l", "EfficientNetV2-L", "v2", 1.0, 1.0, 480, 0.4, "EfficientNetV2L"),
        Variant("v2-xl", "EfficientNetV2-XL", "v2", 1.0, 1.0, 512, 0.4),
        Variant("lite0", "EfficientNet-Lite0", "lite", 1.0, 1.0, 224, 0.2),
        Variant("lite1", "EfficientNet-Lite1", "lite", 1.0, 1.1, 240, 0.2),
        Variant("lite2", "EfficientNet-Lite2", "lite", 1.1, 1.2, 260, 0.3),
        Variant("lite3", "EfficientNet-Lite3", "lite", 1.2, 1.4, 280, 0.3),
        Variant("lite4", "EfficientNet-Lite4", "lite", 1.4, 1.8, 300, 0.3),
    )
}

LARGEST_WIDTH = 32.0
LARGEST_DEPTH = 32.0
SCALED_RESOLUTION = 224

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


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A model file or a SavedModel folder, by its path as written."""

    path: str

    @property
    def text(self) -> str:
        """The path."""
        return self.path

    @property
    def title(self) -> str:
        """The file's own name."""
        return os.path.basename(os.path.normpath(self.path))  # noqa: PTH119  pathlib takes long to import


@dataclass(frozen=True, slots=True)
class PythonTarget:
    """A model, or a function that returns one, in the user's own code: loading it runs that code."""

    module: str
    attribute: str

    @property
    def text(self) -> str:
        """`package.module:attribute`."""
        return f"{self.module}:{self.attribute}"

    @property
    def title(self) -> str:
        """The same."""
        return self.text


Target = VariantTarget | FileTarget | PythonTarget

MODEL_ENDINGS = (".keras", ".h5", ".hdf5", ".json", ".onnx")
"""What names a file even where none is there, so that the answer is about a file."""

_PYTHON = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*(?:\.[^\W\d]\w*)*)")


def parse_target(text: str) -> Target:
    """What a person means by `text`.

    `b3`, `EfficientNetV2S`, `b3@384x512`, `w1.2-d1.4@300`, the path of a model file, or `package.module:attribute`.

    Raises:
        UsageError: naming what is wrong and what would do.
    """
    if _names_a_file(text):
        return FileTarget(text)
    if python := _PYTHON.fullmatch(text):
        return PythonTarget(python[1], python[2])
    name, at, size = text.strip().partition("@")
    if at and _names_a_file(name):
        raise UsageError(f"the input size of a file cannot be changed, as {text!r} asks; leave {at + size!r} out")
    try:
        variant = _variant(name)
    except UnknownChoice:
        if _is_there(text):
            return FileTarget(text)
        raise
    return VariantTarget(variant, _resolution(size, text) if at else (variant.resolution, variant.resolution))


def _names_a_file(text: str) -> bool:
    return "/" in text or os.sep in text or text.lower().endswith(MODEL_ENDINGS)


def _is_there(text: str) -> bool:
    return bool(text.strip()) and "\0" not in text and os.path.exists(text)  # noqa: PTH110  likewise


def named_variant(target: str) -> Variant | None:
    """The variant that a target's text names, at whatever resolution; None where it names a file or code.

    >>> [variant and variant.title for variant in map(named_variant, ("b3@512", "mine.keras"))]
    ['EfficientNet-B3', None]
    """
    try:
        return _variant(target.partition("@")[0])
    except UsageError:
        return None


ALL = "b0..b7"
"""What the word `all` stands for: the family of the article and the paper."""

_RANGE = re.compile(r"(?P<first>[^./\\@]+)\.\.(?P<last>[^./\\@]+)(?P<at>@.*)?")


def expand_targets(words: Iterable[str]) -> list[Target]:
    """The targets that `words` name, in order; `b1..b7`, `b3..b0@224` and `all` name several.

    Raises:
        UsageError: for a word that names nothing, or a range from one family into another.

    >>> [target.text for target in expand_targets(["b1..b3", "b0@512"])]
    ['b1', 'b2', 'b3', 'b0@512']
    """
    return [target for word in words for target in _expanded(word.strip())]


def _expanded(word: str) -> list[Target]:
    name, at, size = word.partition("@")
    match = _RANGE.fullmatch(f"{ALL}{at}{size}" if name.lower() == "all" else word)
    if not match:
        return [parse_target(word)]
    first, last = _variant(match["first"]), _variant(match["last"])
    row = [variant for variant in VARIANTS.values() if variant.family == first.family]
    if first not in row or last not in row:
        raise UsageError(f"the range {word!r} is none: {first.title} and {last.title} are in no one family of variants")
    start, end = row.index(first), row.index(last)
    chosen = row[start : end + 1] if start <= end else row[end : start + 1][::-1]
    return [parse_target(f"{variant.key}{match['at'] or ''}") for variant in chosen]


def _variant(name: str) -> Variant:
    if scaled := re.fullmatch(r"w(-?[\d.]\S*|nan|-?inf)-d(-?[\d.]\S*|nan|-?inf)", name.strip().lower()):
        return scaled_variant(_coefficient("width", scaled[1]), _coefficient("depth", scaled[2]))
    plain = re.sub(r"[\s_-]", "", name.lower())
    found = _BY_SPELLING.get(plain.removeprefix("efficientnet"))
    if found is None:
        raise UnknownChoice("variant", name, VARIANTS, ", a scaling such as w1.2-d1.4, or a model file")
    return found


def scaled_variant(width: float, depth: float) -> Variant:
    """EfficientNet scaled by coefficients of one's own; dropout and resolution are those of B0.

    Raises:
        UsageError: where a coefficient is not above 0, or larger than can be built.

    >>> scaled_variant(1.2, 1.4).key, scaled_variant(2, 3.0).title
    ('w1.2-d1.4', 'EfficientNet of width 2 and depth 3')
    """
    for kind, value, largest in (("width", width, LARGEST_WIDTH), ("depth", depth, LARGEST_DEPTH)):
        if not 0 < value <= largest:
            raise UsageError(f"the {kind} coefficient {value:g} is out of range: it lies above 0 and up to {largest:g}")
    width_text, depth_text = (repr(float(value)).removesuffix(".0") for value in (width, depth))
    title = f"EfficientNet of width {width_text} and depth {depth_text}"
    return Variant(f"w{width_text}-d{depth_text}", title, "v1", width, depth, SCALED_RESOLUTION, 0.2)


def _coefficient(kind: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"the {kind} coefficient {text!r} is no number; write for example w1.2-d1.4") from None


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
