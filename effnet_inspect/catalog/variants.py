"""Every published variant, one row each, and variants of one's own scaling."""

from __future__ import annotations

import re
from typing import NamedTuple

from effnet_inspect.errors import UnknownChoice, UsageError, nearest


class Variant(NamedTuple):
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
        Variant("es", "EfficientNet-EdgeTPU-S", "edgetpu", 1.0, 1.0, 224, 0.2),
        Variant("em", "EfficientNet-EdgeTPU-M", "edgetpu", 1.0, 1.1, 240, 0.2),
        Variant("el", "EfficientNet-EdgeTPU-L", "edgetpu", 1.2, 1.4, 300, 0.3),
    )
}

SCALED = {
    "b0": "baseline",
    "w1.4-d1": "wider",
    "w1-d1.8": "deeper",
    "b0@380": "higher resolution",
    "b4": "compound",
}
"""Compound scaling by targets: the coefficients of B4, each alone and all together."""

ALSO = ", a scaling such as w1.2-d1.4, a builder of keras.applications such as ResNet50, or a model file"
"""What names a model besides the variants, in a sentence."""

LARGEST_WIDTH = 32.0
LARGEST_DEPTH = 32.0
SCALED_RESOLUTION = 224


def _plain(name: str) -> str:
    """A name without what people write in one way or another.

    >>> _plain("EfficientNetV2-S"), _plain("efficientnet_b3"), _plain("v2-b0")
    ('v2s', 'b3', 'v2b0')
    """
    return "".join(name.lower().split()).replace("-", "").replace("_", "").removeprefix("efficientnet")


_BY_SPELLING = {_plain(name): row for row in VARIANTS.values() for name in (row.key, row.title)}


def variant_named(name: str) -> Variant:
    if scaled := re.fullmatch(r"w(-?[\d.]\S*|nan|-?inf)-d(-?[\d.]\S*|nan|-?inf)", name.strip().lower()):
        return scaled_variant(_coefficient("width", scaled[1]), _coefficient("depth", scaled[2]))
    found = _BY_SPELLING.get(_plain(name))
    if found is None:
        raise UnknownChoice("variant", name, VARIANTS, ALSO, meant=_meant(name))
    return found


_ELSEWHERE = re.compile(r"(?:.*[/:])?(?:timm_|tf_|keras_)?(.+?)(?:\.\w+|_(?:ns|ap|aa|jft|in1k|in21\w*|imagenet))*")
"""What other packages write around a variant's name: where it is from, what it was trained on."""


def _meant(name: str) -> str | None:
    """The variant that a name of another package is of, or that it is nearest to.

    >>> [_meant(name) for name in ("tf_efficientnet_b4_ns", "efficientnet_b0.ra_in1k", "efficientnet_b33", "unet")]
    ['b4', 'b0', 'b3', None]
    >>> [_meant(name) for name in ("effnet-b3", "Efficentnet_v2_s", "b9", "v2-b9", "model")]
    ['b3', 'v2-s', 'b8', 'v2-b3', None]
    """
    there = _ELSEWHERE.fullmatch(name.strip().lower())
    plain = _plain(there[1]) if there else ""
    spelling = plain if plain in _BY_SPELLING else nearest(_plain(name), _BY_SPELLING)
    spelling = spelling or _behind_a_misspelling(plain) or _of_another_number(plain)
    return _BY_SPELLING[spelling].key if spelling else None


def _behind_a_misspelling(plain: str) -> str | None:
    """The variant's name at the end of one that begins much like `efficientnet`."""
    ends = [each for each in _BY_SPELLING if plain.endswith(each) and nearest(plain[: -len(each)], ["efficientnet"])]
    return max(ends, key=len, default=None)


def _of_another_number(plain: str) -> str | None:
    """The variant's name that differs in its number alone, and in that the least."""
    wanted = _NUMBERED.fullmatch(plain)
    numbered = [found for each in _BY_SPELLING if (found := _NUMBERED.fullmatch(each))]
    near = [found for found in numbered if wanted and found[1] == wanted[1]]
    return min(near, key=lambda found: abs(int(found[2]) - int(wanted[2])))[0] if wanted and near else None


_NUMBERED = re.compile(r"(.*?)([0-9]{1,9})")


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
        raise UsageError(f"the {kind} coefficient {text!r} is not a number; write for example w1.2-d1.4") from None
