"""Differences in words: `4b depthwise convolution: kernel 5×5 for 3×3`, `squeeze-excite missing in 5c`."""

from __future__ import annotations

from effnet_inspect.structure.difference import ATTRIBUTES, Change
from effnet_inspect.structure.facts import Fact, Settings, format_fact
from effnet_inspect.structure.roles import ItemKind, Landmark
from effnet_inspect.words import join_and, pluralize

LANDMARKS: dict[Landmark, str] = {
    "expansion": "expansion",
    "depthwise": "depthwise convolution",
    "fused": "fused convolution",
    "projection": "projection",
    "attention": "attention",
    "residual": "residual connection",
    "stem": "stem's convolution",
    "head": "final convolution",
}

PLACED: dict[Landmark, str] = {
    "entry": " before the first convolution",
    "beside": " beside the depthwise convolution",
    "shortcut": " on the shortcut",
    "branch": " in a branch beside it",
}
"""Where something added stands that follows no convolution."""


ITEMS: dict[tuple[Landmark | None, ItemKind], str] = {
    ("attention", "attention"): "squeeze-excite",
    ("residual", "joint"): "residual connection",
    ("residual", "dropout"): "dropout",
    ("classifier", "dropout"): "dropout",
    ("classifier", "dense"): "dense layer",
    ("classifier", "normalization"): "normalisation",
    ("classifier", "convolution"): "convolution",
    (None, "convolution"): "{landmark}",
    (None, "normalization"): "normalisation",
    (None, "activation"): "activation",
    (None, "preprocessing"): "preprocessing",
    (None, "pooling"): "pooling",
}
"""An item in words, by landmark and kind or by kind alone."""

NAMED_BY_VALUE: frozenset[ItemKind] = frozenset({"attention", "preprocessing", "pooling", "dense"})
"""Items that are called by what they are."""

NOUNS: dict[ItemKind, str] = {
    "normalization": "normalisation",
    "activation": "activation",
    "convolution": "convolution",
    "dropout": "dropout",
}
"""What several items of one kind are called."""

SAID_BY_THEIR_VALUES = frozenset(
    {"normalization", "joint", "attention", "pooling", "preprocessing", "order", "holds", "operator"}
)
"""Attributes whose values need no name before them."""

SWITCHES = {
    "bias": ("without bias", "with bias"),
    "scale": ("without scale", "with scale"),
    "offset": ("without offset", "with offset"),
    "trainable": ("frozen", "trainable"),
    "gate_bias": ("without bias at its gate", "with bias at its gate"),
    "gate_trainable": ("with a frozen gate", "with a trainable gate"),
    "shared": ("weights of its own", "weights of another layer"),
}
"""Attributes that are on or off, and what they then are called."""

PLACES = {
    "stem": "the stem",
    "head": "the final layers",
    "classifier": "the classifier",
    "before": "before the backbone",
    "after": "after the backbone",
    "other_branches": "other branches",
    "part": "the cut sub-block",
    "image": "the input",
    "network": "the network",
    "end": "the end",
}
"""The places that are no sub-blocks, in words."""

MOST_PLACES = 4
MOST_SUB_BLOCKS = 7
"""How many places, and how many sub-blocks with their short names, are named one by one."""


def item_of(change: Change) -> str:
    """The item that differs; empty where it is the whole stage, or not the same everywhere."""
    key = change.key
    if key is None:
        return ""
    if key.kind == "added" and change.attribute != "added":
        return "layers"
    if key.kind in NAMED_BY_VALUE and change.attribute == "presence":
        return join_and(dict.fromkeys(str(first or second) for first, second in change.values))
    if key[:2] == ("classifier", "dense") and change.attribute == "units":
        return ""
    pattern = ITEMS.get((key.landmark, key.kind)) or ITEMS.get((None, key.kind), "")
    return pattern.format(landmark=LANDMARKS.get(key.landmark, key.landmark))


def where(change: Change, sub_blocks: int = 0) -> str:
    """The places: `4b`, `every sub-block`, `49 normalisations, the stem to 7a`; `sub_blocks` are all.

    Sub-blocks that only one network has are held against its own: `4d, as a repeat of the one before`.
    """
    against = ", as a repeat of the one before" if change.is_surplus else ""
    return _places(change, sub_blocks) + against


def _places(change: Change, sub_blocks: int) -> str:
    names = [place.sub_block or PLACES.get(place.stage, place.stage) for place in change.places]
    unique = list(dict.fromkeys(names))
    in_blocks = [place.sub_block for place in change.places if place.sub_block]
    if len(unique) <= (MOST_SUB_BLOCKS if len(in_blocks) == len(names) else MOST_PLACES):
        return join_and(unique)
    if len(in_blocks) == len(names) and len(unique) == sub_blocks:
        return "every sub-block"
    kinds = {key.kind for key in change.keys}
    noun = NOUNS.get(next(iter(kinds)), "place") if len(kinds) == 1 else "place" if in_blocks else "block"
    return f"{pluralize(len(names), noun)}, {unique[0]} to {unique[-1]}"


def what(change: Change) -> str:
    """What differs, as seen from the first network: `depthwise kernel 3×3 → 5×5`, `squeeze-excite missing`."""
    if change.attribute in ("added", "presence", "folded") or _is_extra(change):
        return _of_presence(change)
    pairs = [[format_value_of(change, value) for value in pair] for pair in _told(change)]
    values = join_and(f"{first} → {second}" for first, second in pairs)
    example = f"{_subject(change)} {values}{_position(change)}".strip()
    if len(pairs) < len(set(change.values)):
        return f"{example} in {change.places[0].name}, other values elsewhere"
    return example


def _told(change: Change) -> list[tuple[Fact, Fact]]:
    """The pairs of values that are said: all of one place, and else the first."""
    every = list(dict.fromkeys(change.values))
    return every if every and len(set(change.places)) == 1 else [(change.first, change.second)]


def phrase(change: Change, sub_blocks: int = 0) -> str:
    """What is changed, and where, of a network that is held against another: `4b depthwise kernel 5×5 for 3×3`."""
    place = _places(change, sub_blocks)
    if change.attribute == "added" and change.key and change.key.landmark == "between":
        return f"{change.second or change.first}{'' if change.first is None else ' missing'} after {place}"
    if change.attribute in ("added", "presence", "folded") or _is_extra(change):
        return _of_presence(change) + (f" in {place}" if change.keys else "")
    pairs = [[format_value_of(change, value) for value in pair] for pair in _told(change)]
    values = join_and(f"{second} for {first}" for first, second in pairs)
    words = f"{_subject(change)} {values}{_position(change)}".strip()
    if change.attribute in SWITCHES:
        words = f"{_subject(change)} {pairs[0][1]}".strip()
    elif len(pairs) < len(set(change.values)):
        words = f"other {ATTRIBUTES[change.attribute].title}"
    if len(set(change.places)) == 1 and change.places[0].sub_block:
        return f"{place} {words}"
    landmark = change.key.landmark if change.key else ""
    return words if change.places[0].stage in ("image", landmark) and len(change.places) == 1 else f"{words} in {place}"


def _is_extra(change: Change) -> bool:
    """Whether only one of two squeeze-excites has more than the usual layers."""
    return change.attribute == "extra" and "nothing" in (change.first, change.second)


def format_value_of(change: Change, value: Fact) -> str:
    """One of the values of a difference, in words."""
    if isinstance(change.first, Settings) and isinstance(change.second, Settings):
        apart = change.first.apart_from(change.second)
        side = 0 if value is change.first else 1
        return join_and(f"{name} {values[side]}" for name, values in apart.items())
    if change.attribute in SWITCHES:
        return SWITCHES[change.attribute][bool(value)]
    return format_fact(value)


def _position(change: Change) -> str:
    """After which convolution a normalisation or an activation stands; empty for all else."""
    key = change.key
    is_behind = (
        key is not None
        and key.kind in ("normalization", "activation", "attention")
        and key.landmark in LANDMARKS
        and key.landmark != "attention"
    )
    return f" after the {LANDMARKS[key.landmark]}" if key and is_behind else ""


def _of_presence(change: Change) -> str:
    if change.attribute == "extra":
        return (
            f"{change.second} added in the squeeze-excite"
            if change.first == "nothing"
            else (f"{change.first} missing in the squeeze-excite")
        )
    if change.attribute == "folded":
        there, before = ("bias", "batch normalisation") if change.second else ("batch normalisation", "a bias")
        return f"{item_of(change)} {there} in the place of {before}".strip()
    if change.attribute == "added":
        place = ""
        if change.key and change.key.landmark in LANDMARKS:
            place = f" after the {LANDMARKS[change.key.landmark]}"
        elif change.key:
            place = PLACED.get(change.key.landmark, "")
        return f"{change.second or change.first} {'added' if change.first is None else 'missing'}{place}"
    name = item_of(change) or str(change.first or change.second)
    return f"{name} {'added' if change.first is None else 'missing'}{_position(change)}"


def _subject(change: Change) -> str:
    """The item and its attribute, neither said twice."""
    item, title = item_of(change), ATTRIBUTES[change.attribute].title
    if change.attribute in SAID_BY_THEIR_VALUES:
        return "residual connection" if change.attribute == "joint" else ""
    if change.attribute in SWITCHES:
        return item
    if not item or title in item or item in title:
        return max(item, title, key=len)
    short = item.removesuffix(" convolution") if change.attribute in ("kernel", "stride", "dilation") else item
    return f"{short} {title}"
