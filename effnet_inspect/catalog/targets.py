"""The grammar of a target: how a person names the model he means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from effnet_inspect.catalog.variants import VARIANTS, Variant, variant_named
from effnet_inspect.errors import UnknownChoice, UsageError
from effnet_inspect.text import named

LEAST_RESOLUTION = 32
LARGEST_RESOLUTION = 65_536


class VariantTarget(NamedTuple):
    """A variant at a resolution, `(height, width)` in pixels."""

    variant: Variant
    resolution: tuple[int, int]
    for_weights: bool = False

    @property
    def text(self) -> str:
        """The target in its shortest spelling.

        >>> parse_target("EfficientNetB3@300").text, parse_target("B3@512x512").text, parse_target("b3@64x96").text
        ('b3', 'b3@512', 'b3@64x96')
        """
        name = self.variant.key + (f"+{WEIGHTS}" if self.for_weights else "")
        if self.resolution == (self.variant.resolution, self.variant.resolution):
            return name
        return f"{name}@{_written(self.resolution)}"

    @property
    def title(self) -> str:
        """The variant's name."""
        return self.variant.title + (" as for weights of ImageNet" if self.for_weights else "")

    @property
    def short_title(self) -> str:
        """What all variants have in common left out: `B3`, `V2-S@512`, `w1.2-d1.4`."""
        if self.variant.key not in VARIANTS:
            return self.text
        behind = self.text.removeprefix(self.variant.key)
        return self.variant.title.removeprefix("EfficientNet").lstrip("-") + behind

    @property
    def is_published(self) -> bool:
        """Whether this is a published variant at the resolution that its figures were published for."""
        return self.text in VARIANTS


class BuilderTarget(NamedTuple):
    """Another network of `keras.applications`, by its builder's name.

    `resolution` is `(height, width)` in pixels, None for the builder's own.
    """

    builder: str
    resolution: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """`ResNet50`, `ResNet50@512`, `ResNet50@512x384`."""
        return self.builder + (f"@{_written(self.resolution)}" if self.resolution else "")

    @property
    def title(self) -> str:
        """The builder's name."""
        return self.builder

    @property
    def short_title(self) -> str:
        """The same with the resolution."""
        return self.text


class FileTarget(NamedTuple):
    """A model file or a SavedModel folder, by its path as written.

    `resolution` is `(height, width)` in pixels, for a file that leaves them open; None for the file's own.
    """

    path: str
    resolution: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """`there/mine.onnx`, `there/mine.onnx@512`."""
        return named(self.path) + self.size

    @property
    def title(self) -> str:
        """The file's own name."""
        return named(os.path.basename(os.path.normpath(self.path)))  # noqa: PTH119  pathlib takes long to import

    @property
    def short_title(self) -> str:
        """The same with the resolution."""
        return self.title + self.size

    @property
    def size(self) -> str:
        """The resolution as it is written behind the path: `@512`, or nothing."""
        return f"@{_written(self.resolution)}" if self.resolution else ""


class PythonTarget(NamedTuple):
    """A model, or a function that returns one, in the user's own code: loading it runs that code.

    `resolution` is `(height, width)` in pixels, for a model that leaves them open; None for the model's own.
    """

    module: str
    attribute: str
    resolution: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """`package.module:attribute`, `package.module:attribute@512`."""
        size = f"@{_written(self.resolution)}" if self.resolution else ""
        return f"{self.module}:{self.attribute}{size}"

    @property
    def title(self) -> str:
        """The same without the resolution."""
        return f"{self.module}:{self.attribute}"

    @property
    def short_title(self) -> str:
        """The same with the resolution."""
        return self.text


BuiltTarget = VariantTarget | BuilderTarget
"""What is built here, by code that we know."""

Target = BuiltTarget | FileTarget | PythonTarget


def _written(resolution: tuple[int, int]) -> str:
    height, width = resolution
    return f"{height}" if height == width else f"{height}x{width}"


RESOLUTION = re.compile(r"(\d{1,9})(?:[x×](\d{1,9}))?")

MODEL_ENDINGS = (".keras", ".h5", ".hdf5", ".json", ".onnx", ".tflite", ".pt2", ".pt", ".pth")
"""What names a file even where none is there, so that the answer is about a file."""


def parse_target(text: str) -> Target:
    """What a person means by `text`.

    `b3`, `EfficientNetV2S`, `b3@384x512`, `b0+imagenet`, `w1.2-d1.4@300`, the path of a model file, a path with the
    size of an input that the file leaves open (`model.onnx@512`), or `package.module:attribute`. A path that is there
    is a path, unless it is the bare name of a variant: then `./b3` is.

    Raises:
        UsageError: naming what is wrong and what would do.
    """
    if sized := _file_at_a_size(text):
        return sized
    if _names_a_file(text):
        return FileTarget(text)
    name, at, size = text.strip().partition("@")
    module, _, attribute = name.partition(":")
    if all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        return PythonTarget(module, attribute, _resolution(size, text) if at else None)
    name, plus, weights = name.partition("+")
    try:
        variant = variant_named(name)
    except UnknownChoice as unknown:
        if _is_there(text):
            return FileTarget(text)
        builders = keras_builders()
        if builder := builders.get(name.lower()):
            return BuilderTarget(builder, _resolution(size, text) if at else None)
        others = [builder for builder in builders.values() if not builder.startswith("EfficientNet")]
        raise unknown.with_more(others) from None
    if plus and (weights != WEIGHTS or not variant.builder):
        raise UsageError(f"{text!r} names no network: +{WEIGHTS} goes behind a variant of which Keras has weights")
    target = VariantTarget(variant, (variant.resolution, variant.resolution), bool(plus))
    asked = target._replace(resolution=_resolution(size, text)) if at else target
    if plus and asked != target:
        raise UsageError(
            f"{target.text} is of {variant.resolution} pixels only, as Keras has weights of ImageNet with a classifier "
            f"for no other size; {asked._replace(for_weights=False).text} is the variant itself at that size"
        )
    return asked


WEIGHTS = "imagenet"
"""Behind a variant: as Keras builds it for its weights of ImageNet, which has a layer more in the first family."""


def keras_builders() -> dict[str, str]:
    """The builders of the installed `keras.applications` by name in lower case, found without importing Keras."""
    from importlib.util import find_spec

    found = find_spec("keras")
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        for place in ("applications", "api/applications"):
            try:
                with open(f"{folder}/{place}/__init__.py", encoding="utf-8") as file:  # noqa: PTH123  likewise
                    names = re.findall(r"\b([A-Z]\w*)(?: as \1)?,?$", file.read(), re.MULTILINE)
            except OSError:
                continue
            return {name.lower(): name for name in names}
    return {}


def _file_at_a_size(text: str) -> FileTarget | None:
    """`model.onnx@512`; None for what names no file, or a file whose own name has an `@`."""
    path, at, size = text.rpartition("@")
    if not at or _is_there(text) or not (_names_a_file(path) or _is_there(path)):
        return None
    is_model = path.lower().endswith(MODEL_ENDINGS) and not _names_a_file(size)
    return FileTarget(path, _resolution(size, text)) if is_model or RESOLUTION.fullmatch(size) else None


def _names_a_file(text: str) -> bool:
    return "/" in text or os.sep in text or text.lower().endswith(MODEL_ENDINGS)


def _is_there(text: str) -> bool:
    return bool(text.strip()) and "\0" not in text and os.path.exists(text)  # noqa: PTH110  likewise


ALL = "b0..b7"
"""What the word `all` stands for: the family of the article and the paper."""


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
    start, dots, end = (ALL if name.lower() == "all" else name).partition("..")
    if not (dots and start and end) or any(mark in start + end for mark in "./\\"):
        return [parse_target(word)]
    first, last = variant_named(start), variant_named(end)
    row = [variant for variant in VARIANTS.values() if variant.family == first.family]
    if first not in row or last not in row:
        raise UsageError(f"{word!r} is not a range: {first.title} and {last.title} belong to different families")
    here, there = row.index(first), row.index(last)
    chosen = row[here : there + 1] if here <= there else row[there : here + 1][::-1]
    return [parse_target(f"{variant.key}{at}{size}") for variant in chosen]


def _resolution(size: str, text: str) -> tuple[int, int]:
    match = RESOLUTION.fullmatch(size.strip().lower())
    if not match:
        name = text.strip().removesuffix(f"@{size}")
        raise UsageError(f"{size!r} in {text!r} is not a resolution; write {name}@512 or @384x512, in pixels")
    height = int(match[1])
    sides = (height, int(match[2] or height))
    for side in sides:
        if not LEAST_RESOLUTION <= side <= LARGEST_RESOLUTION:
            raise UsageError(
                f"the resolution {side} in {text!r} is out of range: "
                f"{LEAST_RESOLUTION} is the least and {LARGEST_RESOLUTION} the largest"
            )
    return sides


MOST_SIZES = 100
STEP = 32
"""Of a range of sizes, where none is written: what the sizes of an EfficientNet fit at."""


def parse_sizes(words: Iterable[str]) -> list[tuple[int, int]]:
    """The sizes that `words` name, `(height, width)`: `456`, `384x512`, and ranges such as `224..512:32`.

    Raises:
        UsageError: for a word that names none, or too many of them.

    >>> parse_sizes(["456", "384x512", "224..288"])
    [(456, 456), (384, 512), (224, 224), (256, 256), (288, 288)]
    """
    sizes = [size for word in words for size in _sizes(word.strip().lower())]
    if len(sizes) > MOST_SIZES:
        raise UsageError(f"these are {len(sizes):,} sizes: {MOST_SIZES} at most are shown at once")
    return list(dict.fromkeys(sizes))


def _sizes(word: str) -> list[tuple[int, int]]:
    if span := re.fullmatch(r"(\d{1,5})\.\.(\d{1,5})(?::(\d{1,5}))?", word):
        first, last, step = int(span[1]), int(span[2]), int(span[3] or STEP)
        if not step:
            raise UsageError(f"the step of {word!r} is 0 pixels; write for example 224..512:32")
        if last < first:
            raise UsageError(f"{word!r} is an empty range of sizes; write for example 224..512:32")
        found = [(side, side) for side in range(first, last + 1, step)]
    elif single := RESOLUTION.fullmatch(word):
        found = [(int(single[1]), int(single[2] or single[1]))]
    else:
        raise UsageError(f"{word!r} is not a size; write 456, 384x512 or a range such as 224..512:32, in pixels")
    if any(not 0 < side <= LARGEST_RESOLUTION for size in found for side in size):
        raise UsageError(f"the size {word!r} is out of range: 1 is the least and {LARGEST_RESOLUTION} the largest")
    return found
