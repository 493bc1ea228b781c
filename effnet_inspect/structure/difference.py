"""Two networks, or a network and a plan, compared fact by fact: every difference, where it is, what it changes.

`phrases` says it in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple

from effnet_inspect.structure.descriptions import Called, counted
from effnet_inspect.structure.facts import Fact, Facts, Key, NetworkFacts, Place, PlaceFacts
from effnet_inspect.structure.roles import ItemKind, Landmark
from effnet_inspect.words import describe_blocks, join_and

Effect = Literal["outputs", "weights", "cost", "training", "nothing"]
"""What a difference changes, the worst first; `weights` is the outputs, and weights that do not load."""

EFFECTS: dict[Effect, str] = {
    "outputs": "outputs",
    "weights": "weights do not fit",
    "cost": "cost",
    "training": "training only",
    "nothing": "nothing",
}


class Attribute(NamedTuple):
    """An attribute of an item: what it is called, what a difference in it changes.

    `variation` names what varies where two networks have one graph and differ in numbers only; None where a difference
    makes another graph.
    """

    title: str
    effect: Effect
    variation: str | None = None


ATTRIBUTES: dict[str, Attribute] = {
    "presence": Attribute("", "outputs"),
    "repeats": Attribute("sub-blocks", "outputs", "repeats"),
    "operator": Attribute("operator", "outputs"),
    "weights": Attribute("weights", "outputs"),
    "expansion": Attribute("expansion ratio", "weights"),
    "joint": Attribute("residual connection", "outputs"),
    "attention": Attribute("attention", "outputs"),
    "joins": Attribute("joint", "outputs"),
    "extra": Attribute("layers", "outputs"),
    "holds": Attribute("attention", "outputs"),
    "kernel": Attribute("kernel", "outputs"),
    "stride": Attribute("stride", "outputs"),
    "dilation": Attribute("dilation", "outputs"),
    "normalization": Attribute("normalisation", "outputs"),
    "activation": Attribute("activation", "outputs"),
    "inner_activation": Attribute("activation of the squeeze-excite", "outputs"),
    "gate": Attribute("gate", "outputs"),
    "order": Attribute("order", "outputs"),
    "added": Attribute("", "outputs"),
    "inputs": Attribute("inputs", "outputs"),
    "summands": Attribute("inputs of the residual connection", "outputs"),
    "outputs": Attribute("intermediate outputs", "outputs"),
    "preprocessing": Attribute("preprocessing", "outputs"),
    "pooling": Attribute("pooling", "outputs"),
    "padding": Attribute("padding", "outputs"),
    "groups": Attribute("groups", "outputs"),
    "bias": Attribute("bias", "outputs"),
    "gate_bias": Attribute("bias of the gate", "outputs"),
    "settings": Attribute("settings", "outputs"),
    "detail": Attribute("settings", "outputs"),
    "scale": Attribute("scale", "outputs"),
    "offset": Attribute("offset", "outputs"),
    "filters": Attribute("channels", "weights", "channels"),
    "width": Attribute("squeeze-excite width", "weights", "channels"),
    "channels": Attribute("input channels", "weights", "channels"),
    "shared": Attribute("sharing of weights", "weights"),
    "parameters": Attribute("parameters", "weights", "unknown"),
    "units": Attribute("classes", "weights", "classes"),
    "epsilon": Attribute("epsilon", "outputs", "constants"),
    "factor": Attribute("factor", "outputs", "constants"),
    "shift": Attribute("shift", "outputs", "constants"),
    "precision": Attribute("precision", "outputs", "precision"),
    "wrapper": Attribute("wrapper", "weights"),
    "resolution": Attribute("resolution", "cost", "resolution"),
    "rate": Attribute("dropout rate", "training", "rates"),
    "momentum": Attribute("momentum", "training", "constants"),
    "trainable": Attribute("trainable", "training", "trainable"),
    "gate_trainable": Attribute("trainable gate", "training", "trainable"),
    "folded": Attribute("batch normalisation", "training"),
}
"""Every attribute, the worst first."""

VARIATIONS = {
    "repeats": "repeats",
    "classes": "classes",
    "channels": "channels",
    "resolution": "resolution",
    "rates": "dropout rates",
    "constants": "constants",
    "margins": "padding margins",
    "precision": "precision",
    "trainable": "what is trained",
    "unknown": "parameters of unknown layers",
}
"""What may vary in one graph, in words."""

VARYING_BY_PLACE = frozenset({"repeats", "filters", "groups", "width", "rate", "expansion"})
"""Attributes whose values follow from the place: where they differ in many places, that is one difference."""

DECIDED_ONCE = frozenset(
    {"activation", "inner_activation", "epsilon", "momentum", "trainable", "precision", "wrapper", "scale", "offset"}
    | {"normalization", "groups", "filters", "bias", "folded", "weights", "gate_bias", "gate_trainable"}
)
"""Attributes that are one decision for the whole network, whatever item they are of."""

ALIASES = {"inner_activation": "activation", "gate_bias": "bias", "gate_trainable": "trainable"}
"""Attributes that the same decision settles."""

MOST_NAMED = 4
"""How many added layers are named one by one."""

OWN_ATTRIBUTES = frozenset({"residual", "shortcut", "branch", "entry", "attention", "between"})
"""The landmarks that sub-blocks of either operator have."""

FOLLOWING_DEPTH = frozenset({"rate"})
"""Attributes that no sub-block repeats from the one before: they grow with the depth."""

IN_TRAINING: frozenset[ItemKind] = frozenset({"dropout"})
"""Items that do nothing at inference."""

OPERATOR = Key("region", "operator")

RESIDUAL = Key("residual", "joint")
PROJECTION = Key("projection", "convolution")
WIDENING: tuple[Key, ...] = (Key("expansion", "convolution"), Key("depthwise", "convolution"))
SPATIAL: tuple[Key, ...] = (Key("depthwise", "convolution"), Key("fused", "convolution"))

ENDS = {"head": "final layers", "classifier": "classifier"}
"""The sections behind the blocks; with the blocks before them they are missing where a network is cut."""


class Change(NamedTuple):
    """One difference, in all the places where it is.

    `keys` are the items that differ, one for each place; empty for the image, a block or a section as a whole. `first`
    and `second` are the values in the first place, None where an item is missing there. `values` are all pairs of
    values. `adds` is what something added changes. `is_surplus` tells that only one network has these sub-blocks:
    then `first` is what a repeat of the sub-block before would have, and `second` what is there.
    """

    places: tuple[Place, ...]
    keys: tuple[Key, ...]
    attribute: str
    first: Fact
    second: Fact
    values: tuple[tuple[Fact, Fact], ...] = ()
    adds: Effect | None = None
    is_surplus: bool = False

    @property
    def effect(self) -> Effect:
        """What it changes."""
        if self.adds:
            return self.adds
        if self.keys and all(key.kind in IN_TRAINING for key in self.keys):
            return "training"
        return ATTRIBUTES[self.attribute].effect

    @property
    def variation(self) -> str | None:
        """What varies, one of VARIATIONS, where it is in numbers alone; a dropout that is missing is one of rate 0."""
        if self.attribute == "presence" and self.keys and all(key.kind == "dropout" for key in self.keys):
            return "rates"
        if self.attribute == "padding" and "none" not in (self.first, self.second):
            return "margins"
        return ATTRIBUTES[self.attribute].variation

    @property
    def key(self) -> Key | None:
        """The item, where it is the same in all places."""
        return self.keys[0] if len({key[:2] for key in self.keys}) == 1 else None


def differences(first: NetworkFacts, second: NetworkFacts, *, sections: Iterable[str] | None = None) -> list[Change]:
    """All differences between two networks, the worst first; equal ones in several places are one.

    Args:
        first: the reference.
        second: the network that is compared with it.
        sections: which sections are compared, and no image; all of both without it.
    """
    found = _merged(_differences(first, second, None if sections is None else frozenset(sections)))
    order, effects = list(ATTRIBUTES), list(EFFECTS)
    return sorted(
        found, key=lambda change: (effects.index(change.effect), order.index(change.attribute), -len(change.places))
    )


def _differences(first: NetworkFacts, second: NetworkFacts, sections: frozenset[str] | None) -> Iterator[Change]:
    for attribute, value in first.image.items():
        if value != second.image.get(attribute, value):
            yield Change((Place("image"),), (), attribute, value, second.image[attribute])
    if bool(first.blocks) != bool(second.blocks):
        yield Change((Place("network"),), (), "presence", *_one_of(first.blocks, "MBConv sub-blocks"))
        return
    yield from _missing_ends(first, second, sections)
    for name in dict.fromkeys((*first.sections, *second.sections)):
        if sections is not None and name not in sections:
            continue
        one, other = first.sections.get(name), second.sections.get(name)
        if one and other:
            yield from _in_place(one, other)
        elif name not in ENDS:
            yield from _only_in_one(name, one, other)
    for number, (own, others) in enumerate(zip(first.blocks, second.blocks, strict=False), start=1):
        for one_place, other_place in zip(own, others, strict=False):
            yield from _in_place(one_place, other_place)
        if own and others and len(own) != len(others):
            yield Change((Place(f"block {number}"),), (), "repeats", len(own), len(others))
            longer = max((first, own), (second, others), key=lambda each: len(each[1]))
            yield from _surplus(*longer, min(len(own), len(others)))


def _surplus(network: NetworkFacts, block: Sequence[PlaceFacts], shared: int) -> Iterator[Change]:
    """In what the sub-blocks behind the shared ones, which the other network has not, do not repeat the one before."""
    for index in range(shared, len(block)):
        surplus = block[index]
        for change in _in_place(_repeated(network, block[index - 1], surplus), surplus):
            if change.attribute not in FOLLOWING_DEPTH:
                yield change._replace(is_surplus=True)


def _repeated(network: NetworkFacts, before: PlaceFacts, surplus: PlaceFacts) -> PlaceFacts:
    """What repeats a sub-block: without its stride, with a residual connection, at the width that it leaves.

    A dropout of rate 0 is none, and the rates grow with the depth.
    """
    items = {key: dict(facts) for key, facts in before.items.items()}
    for key in SPATIAL:
        if items.get(key, {}).get("stride", (1, 1)) != (1, 1):
            items[key].pop("padding", None)
            items[key]["stride"] = (1, 1)
    everywhere = (place for block in network.blocks for place in block)
    joint = next((place.items[RESIDUAL] for place in everywhere if RESIDUAL in place.items), None)
    for key in dict.fromkeys((*surplus.items, RESIDUAL)):
        if key not in items and key.kind in IN_TRAINING:
            items[key] = surplus.items[key]
        elif key not in items and key == RESIDUAL and joint:
            items[key] = dict(joint)
    _widen(items, surplus)
    return PlaceFacts(surplus.place, items)


def _widen(items: dict[Key, Facts], surplus: PlaceFacts) -> None:
    """The widths that follow from the one that enters, where that is the block's own; they are rounded down."""
    ratio = items.get(OPERATOR, {}).get("expansion", 1)
    leaving, widened = (items.get(key, {}).get("filters") for key in (PROJECTION, WIDENING[-1]))
    if not isinstance(leaving, int) or not isinstance(widened, int) or not isinstance(ratio, int | float):
        return
    factor = leaving * ratio / widened
    widths = [(key, "filters") for key in (*WIDENING, SPATIAL[-1])] + [(Key("attention", "attention"), "width")]
    for key, attribute in widths:
        width, there = items.get(key, {}).get(attribute), surplus.items.get(key, {}).get(attribute)
        if isinstance(width, int) and isinstance(there, int):
            fits = width * factor - 1 < there < (width + 1) * factor
            items[key][attribute] = there if fits else round(width * factor)


def _one_of(first: object, value: Fact) -> tuple[Fact, Fact]:
    """The value in the one that has it: the first network where `first` is true, else the second."""
    return (value, None) if first else (None, value)


def _missing_ends(first: NetworkFacts, second: NetworkFacts, sections: frozenset[str] | None) -> Iterator[Change]:
    """What only one of two networks has of the last blocks, final layers and classifier, as one difference each way."""
    missing: tuple[list[int], list[int]] = ([], [])
    for number, (own, others) in enumerate(zip_longest(first.blocks, second.blocks), start=1):
        if bool(own) != bool(others):
            missing[not own].append(number)
    for numbers, network, other in zip(missing, (second, first), (first, second), strict=True):
        ends = [
            title
            for name, title in ENDS.items()
            if name in other.sections and name not in network.sections and (sections is None or name in sections)
        ]
        last = len(network.blocks)
        inner = [number for number in numbers if number < last]
        if inner:
            yield Change((Place("network"),), (), "presence", *_one_of(network is second, describe_blocks(inner)))
        outer = [number for number in numbers if number > last]
        names = [describe_blocks(outer), *ends] if outer else ends
        if names:
            part = network.sections.get("part")
            what = (f"everything after the {part.place.sub_block}: " if part else "") + join_and(names)
            yield Change((Place("end"),), (), "presence", *_one_of(network is second, what))


def _only_in_one(name: str, one: PlaceFacts | None, other: PlaceFacts | None) -> Iterator[Change]:
    """A section around the backbone, which only one network has, as one difference."""
    there = one or other
    if there is None or not there.items or name == "part":
        return
    if name == "stem":
        yield Change((Place(name),), (), "presence", *_one_of(one, "stem"))
        return
    effect = _worst(facts.get("effect") for facts in there.items.values())
    key = next(iter(there.items))
    first, second = _one_of(one, _listed(there))
    yield Change((there.place,), (key,), "added", first, second, adds=effect)


def _listed(there: PlaceFacts) -> str:
    """What a section consists of: all of it where that is little, else what there is most of."""
    named = [str(facts["added"]) for facts in there.items.values()]
    return join_and(named) if len(named) <= MOST_NAMED else counted(named)


def _worst(effects: Iterable[Fact]) -> Effect:
    found = set(effects)
    return next((effect for effect in EFFECTS if effect in found), "outputs")


def _in_place(one: PlaceFacts, other: PlaceFacts) -> Iterator[Change]:
    place = other.place
    own, others = ({key: facts for key, facts in each.items.items() if key.kind != "added"} for each in (one, other))
    operators = [each[OPERATOR]["operator"] if OPERATOR in each else None for each in (own, others)]
    if operators[0] != operators[1]:
        yield Change((place,), (OPERATOR,), "operator", operators[0], operators[1])
        own, others = (
            {key: facts for key, facts in each.items() if key.landmark in OWN_ATTRIBUTES} for each in (own, others)
        )
    own, others = _without_parts_of_missing(own, others), _without_parts_of_missing(others, own)
    folded = {*_folded(own, others), *_folded(others, own)}
    for key, facts in own.items():
        if key in others:
            yield from _in_item(place, key, facts, others[key], folded)
        elif key.landmark not in folded or key.kind != "normalization":
            yield Change((place,), (key,), "presence", _presence(facts), None)
    for key, facts in others.items():
        if key not in own and (key.landmark not in folded or key.kind != "normalization"):
            yield Change((place,), (key,), "presence", None, _presence(facts))
    shared, order = [key for key in own if key in others], [key for key in others if key in own]
    if moved := [(a, b) for a, b in zip(shared, order, strict=True) if a != b]:
        before, after = (
            " before ".join(_item_in_words(key, own[key]) for key in row) for row in zip(*moved, strict=True)
        )
        yield Change((place,), (moved[0][0],), "order", before, after)
    yield from _added(place, one, other)


def _without_parts_of_missing(own: dict[Key, Facts], others: dict[Key, Facts]) -> dict[Key, Facts]:
    """Without the normalisation and activation of a convolution that the other network lacks: they go with it."""
    missing = {key.landmark for key in own if key.kind == "convolution" and key not in others}
    if not missing:
        return own
    return {key: facts for key, facts in own.items() if key.landmark not in missing or key.kind == "convolution"}


def _folded(own: dict[Key, Facts], others: dict[Key, Facts]) -> Iterator[Landmark]:
    """Where a normalisation became the bias of its convolution, as exporters do: the function is the same."""
    for key in own:
        if key.kind == "normalization" and not key.number and key not in others:
            convolution = Key(key.landmark, "convolution")
            biases = [each.get(convolution, {}).get("bias") for each in (own, others)]
            if biases == [False, True]:
                yield key.landmark


def _item_in_words(key: Key, facts: Facts) -> str:
    kind = {"normalization": "normalisation"}.get(key.kind, key.kind)
    return str(facts.get("attention", kind))


def _presence(facts: Facts) -> Fact:
    return _shown(facts.get("described") or next(iter(facts.values()), True))


def _shown(value: Fact) -> Fact:
    """A value as it is said: layers are called what they are called where they come from."""
    return str(value) if isinstance(value, Called) else value


def _in_item(place: Place, key: Key, one: Facts, other: Facts, folded: Container[str]) -> Iterator[Change]:
    if one.get("attention") != other.get("attention"):
        yield Change((place,), (key,), "attention", one.get("attention"), other.get("attention"))
        return
    changed = {name for name, value in one.items() if name != "added" and name in other and value != other[name]}
    for attribute in filter(changed.__contains__, ATTRIBUTES) if changed else ():
        is_folded = attribute == "bias" and key.landmark in folded
        values = _shown(one[attribute]), _shown(other[attribute])
        yield Change((place,), (key,), "folded" if is_folded else attribute, *values)


def _added(place: Place, one: PlaceFacts, other: PlaceFacts) -> Iterator[Change]:
    rows = [[(key, facts) for key, facts in each.items.items() if key.kind == "added"] for each in (one, other)]
    if not any(rows):
        return
    counts = [Counter((key.landmark, facts["added"]) for key, facts in row) for row in rows]
    for row, extra, is_new in ((rows[0], counts[0] - counts[1], False), (rows[1], counts[1] - counts[0], True)):
        for key, facts in row:
            named = (key.landmark, facts["added"])
            if extra[named]:
                extra[named] -= 1
                first, second = _one_of(not is_new, _shown(facts["added"]))
                yield Change((place,), (key,), "added", first, second, adds=_worst([facts.get("effect")]))
    if counts[0] == counts[1]:
        for (key, facts), (_, others) in zip(*rows, strict=True):
            yield from _in_item(place, key, facts, others, ())


def _merged(found: Iterable[Change]) -> Iterator[Change]:
    """Equal differences as one, with all their places."""
    groups: dict[object, list[Change]] = {}
    for change in found:
        by_value: tuple[Fact, ...] = (change.first, change.second)
        if change.attribute in VARYING_BY_PLACE:
            by_value = ()
        elif change.attribute == "presence" and change.keys:
            attention = (change.first, change.second) if change.keys[0].kind == "attention" else None
            by_value = (change.first is None, attention)
        item = None if change.attribute in DECIDED_ONCE else change.key and change.key[:2]
        is_stage = not change.keys and change.attribute != "repeats" and change.places
        attribute = ALIASES.get(change.attribute, change.attribute)
        groups.setdefault((attribute, item, by_value, is_stage, change.is_surplus), []).append(change)
    for members in groups.values():
        members.sort(key=lambda change: stage_order(change.places[0]))
        yield members[0]._replace(
            places=tuple(place for change in members for place in change.places),
            keys=tuple(key for change in members for key in change.keys),
            values=tuple((change.first, change.second) for change in members),
        )


def stage_order(place: Place) -> int:
    """Where the data pass a place: before the blocks, in them, or behind them; stable for places of one stage."""
    order = ("image", "before", "stem", "", "part", "head", "classifier", "end", "after", "other_branches")
    return order.index(place.stage) if place.stage in order else order.index("")


SAME_NETWORK = "same network"
SAME_GRAPH = "same graph"
SAME_BLOCKS = "same blocks"
DIFFERENT = "different"
LEVELS = (SAME_NETWORK, SAME_GRAPH, SAME_BLOCKS, DIFFERENT)
"""How alike two networks can be, the closest first."""


def variations(changes: Sequence[Change]) -> tuple[str, ...]:
    """What varies, as keys of VARIATIONS, where the differences are in numbers alone."""
    keys = {change.variation for change in changes}
    return tuple(key for key in VARIATIONS if key in keys)


def level(changes: Sequence[Change]) -> str:
    """How alike two networks with these differences are, one of LEVELS."""
    matters = [change for change in changes if change.effect != "nothing"]
    if not matters:
        return SAME_NETWORK
    keys = [change.variation for change in matters]
    if None in keys:
        return DIFFERENT
    return SAME_BLOCKS if "repeats" in keys else SAME_GRAPH
