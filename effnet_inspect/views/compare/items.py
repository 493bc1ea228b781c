"""What items of a place are called in the figure of differences: `depthwise convolution k5×5, 480 channels`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from effnet_inspect.formatting import format_value
from effnet_inspect.structure.difference import ATTRIBUTES, Change
from effnet_inspect.structure.facts import Fact, Key, format_fact
from effnet_inspect.structure.phrases import (
    ITEMS,
    LANDMARKS,
    SAID_BY_THEIR_VALUES,
    SWITCHES,
    format_value_of,
)

SETTINGS = {
    "kernel": "k{}",
    "stride": "stride {}",
    "rate": "rate {}",
    "expansion": "expansion {}",
    "filters": "{} channels",
    "width": "{} channels",
    "units": "{} channels",
}
"""Facts that tell items of one kind apart, and how they are written."""

SAID_BY_TITLE = frozenset({"activation", "added", "presence"})
"""Attributes that are in the title, or in there being an item."""

SECTIONS = frozenset({"stem", "head"})
"""Landmarks whose place says already what they are."""

USUAL: dict[str, Fact] = {"stride": (1, 1)}
"""Values that need not be said."""


def item_words(key: Key, facts: Mapping[str, Fact], changes: Sequence[Change], is_first: bool) -> list[str]:
    """What it is, then what differs, then what else tells it from others of its kind.

    Args:
        key: names the item.
        facts: its facts in one of two networks.
        changes: how it differs.
        is_first: whether the facts are those of the first network.
    """
    differing = {change.attribute for change in changes}
    words = [_title(key, facts)]
    words += (_setting(name, facts[name]) for name in SETTINGS if name in facts and name in differing)
    words += _differing(changes, is_first)
    words += (
        _setting(name, facts[name])
        for name in SETTINGS
        if name in facts and name not in differing and facts[name] != USUAL.get(name)
    )
    return words


def _title(key: Key, facts: Mapping[str, Fact]) -> str:
    if key.kind == "joint":
        return f"residual connection ({format_fact(facts['joint'])})"
    if said := facts.get(key.kind):
        return format_fact(said)
    if key.landmark in SECTIONS:
        return key.kind
    pattern = ITEMS.get((key.landmark, key.kind)) or ITEMS.get((None, key.kind), key.kind)
    return pattern.format(landmark=LANDMARKS.get(key.landmark, key.landmark)).removesuffix(" convolution")


def _setting(name: str, value: Fact) -> str:
    if name == "stride" and isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return SETTINGS[name].format(format_value(value, "count") if isinstance(value, int) else format_fact(value))


def _differing(changes: Sequence[Change], is_first: bool) -> Iterator[str]:
    """The values of attributes that are not among those that are said anyway."""
    for change in changes:
        attribute = change.attribute
        if attribute in SETTINGS or attribute in SAID_BY_THEIR_VALUES or attribute in SAID_BY_TITLE:
            continue
        value = format_value_of(change, change.first if is_first else change.second)
        yield value if attribute in SWITCHES else f"{ATTRIBUTES[attribute].title} {value}"
