"""How alike networks are, in words and as data, found from their graphs alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from effnet_inspect.analysis.taps import find_taps
from effnet_inspect.document import Column, Row, Table
from effnet_inspect.structure.descriptions import does_nothing
from effnet_inspect.structure.difference import (
    DIFFERENT,
    EFFECTS,
    LEVELS,
    SAME_BLOCKS,
    SAME_GRAPH,
    SAME_NETWORK,
    VARIATIONS,
    Change,
    differences,
    level,
    variations,
)
from effnet_inspect.structure.network import Network, changes_between
from effnet_inspect.structure.phrases import item_of, what, where
from effnet_inspect.views.summary.data import plain_fact
from effnet_inspect.words import join_and, pluralize

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import DifferenceData, VerdictData

MOST_NAMED = 3
"""How many differences a sentence names; the table has them all."""


class Group(NamedTuple):
    """Networks that are as alike as `level` says, which is closer than all networks together are."""

    level: str
    networks: tuple[Network, ...]
    differ: tuple[str, ...]

    def sentence(self, of: int) -> str:
        """How alike they are; `of` is how many networks are compared."""
        names = f"All {of}" if len(self.networks) == of > 3 else join_and([network.title for network in self.networks])
        sentence = _SENTENCES[self.level].format(names=names, what=join_and([VARIATIONS[key] for key in self.differ]))
        unknown = dict.fromkeys(name for network in self.networks for name in network.unknown_classes)
        if self.level == SAME_NETWORK and unknown:
            return f"{sentence[:-1]} as far as can be seen: {join_and(unknown)} cannot be looked into."
        return sentence


_SENTENCES = {
    SAME_NETWORK: "{names} are the same network.",
    SAME_GRAPH: "{names} have the same graph; they differ in {what}.",
    SAME_BLOCKS: "{names} share one block structure; they differ in {what}.",
}


class Pair(NamedTuple):
    """Two networks and their differences, the worst first."""

    first: Network
    second: Network
    changes: tuple[Change, ...]

    @property
    def level(self) -> str:
        """How alike they are."""
        return level(self.changes)

    @property
    def sentence(self) -> str:
        """That one holds the other, where it does; and the worst of their differences."""
        if held := self._held():
            return held
        matters = [change for change in self.changes if change.effect != "nothing"]
        named = [f"{what(change)} ({where(change, self.sub_blocks)})" for change in matters[:MOST_NAMED]]
        more = f", and {len(matters) - MOST_NAMED} more" if len(matters) > MOST_NAMED else ""
        if bool(self.first.anatomy.blocks) != bool(self.second.anatomy.blocks):
            titles = (self.first.title, self.second.title)
            one, other = titles if self.first.anatomy.blocks else titles[::-1]
            return f"{other} has no MBConv sub-blocks: its layers are not compared with those of {one}."
        ways = pluralize(len(matters), "way")
        return f"{self.first.title} and {self.second.title} differ in {ways}: {'; '.join(named)}{more}."

    def _held(self) -> str:
        """What is around a published variant, or missing of it, before all else; empty where neither holds the other
        in this way."""
        for variant, holder in ((self.first, self.second), (self.second, self.first)):
            found = holder.identity.variant
            if not found or variant.variant != found or holder.variant or not variant.anatomy.is_whole:
                continue
            changes = self.changes if variant is self.first else changes_between(variant, holder)
            around = sorted((change for change in changes if _around(change, holder)), key=_nearness)
            told = {change.places[0].stage for change in around}
            # From the first to the second network, as the table has them.
            inside = [each for each in self.changes if each.places[0].stage not in told and each.effect != "nothing"]
            if around:
                named = [_around(change, holder) for change in around]
                named += [f"{what(change)} ({where(change, self.sub_blocks)})" for change in inside[:MOST_NAMED]]
                more = f", and {len(inside) - MOST_NAMED} more" if len(inside) > MOST_NAMED else ""
                verb = "is" if holder.anatomy.is_whole else "contains"
                return f"{holder.title} {verb} {found.title} with differences: {', '.join(named)}{more}."
        return ""

    @property
    def sub_blocks(self) -> int:
        """How many sub-blocks both have; 0 where they have not equally many."""
        counts = {len(network.anatomy.sub_blocks) for network in (self.first, self.second)}
        return counts.pop() if len(counts) == 1 else 0


AROUND = ("end", "after", "before", "other_branches")
"""The places that are not inside a backbone, the most telling first."""

WHERE = {"after": "after", "before": "before", "other_branches": "beside"}


def _nearness(change: Change) -> int:
    return AROUND.index(change.places[0].stage)


def _around(change: Change, holder: Network) -> str:
    """What stands around a variant, or is missing of it, in words; empty for a difference inside it."""
    place, anatomy = change.places[0].stage, holder.anatomy
    if place == "end" and change.attribute == "presence" and change.second is None:
        return f"without {change.first}"
    sections = {"after": anatomy.after, "before": anatomy.before, "other_branches": anatomy.other_branches}
    section = sections.get(place)
    if section is None or change.attribute != "added":
        return ""
    layers = pluralize(sum(not does_nothing(layer) for layer in section.layers), "layer")
    if place == "after" and any((tap.enlargement or 0) > 1 for tap in find_taps(holder).present):
        return f"a decoder of {layers}"
    return f"{layers} {WHERE[place]} it"


class Verdict(NamedTuple):
    """How alike all networks are, which of them are more alike, and how each differs from the first."""

    level: str
    differ: tuple[str, ...]
    groups: tuple[Group, ...]
    pairs: tuple[Pair, ...]
    sentences: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return " ".join(self.sentences)

    def data(self) -> VerdictData:
        """As JSON values."""
        return {
            "level": self.level,
            "differ": list(self.differ),
            "sentence": self.sentence,
            "groups": [
                {
                    "level": group.level,
                    "models": [network.key for network in group.networks],
                    "differ": list(group.differ),
                }
                for group in self.groups
            ],
            "differences": [_difference_data(pair, change) for pair in self.pairs for change in pair.changes],
        }

    def table(self) -> Table | None:
        """Every difference from the first network; of several networks without those that the other tables show."""
        several = len(self.pairs) > 1
        rows = [
            Row((pair.second.title, where(change, pair.sub_blocks), what(change), EFFECTS[change.effect]))
            for pair in self.pairs
            for change in pair.changes
            if not (several and change.variation in SHOWN_BY_STAGE)
        ]
        columns: tuple[Column, ...] = (
            Column("model", "Model"),
            Column("place", "Place", wrap=True),
            Column("difference", "Difference", wrap=True),
            Column("changes", "Changes"),
        )
        if not several:
            columns, rows = columns[1:], [Row(row.values[1:]) for row in rows]
        return Table("Differences", columns, tuple(rows)) if rows else None


SHOWN_BY_STAGE = frozenset({"repeats", "channels", "resolution", "classes", "rates"})
"""The variations that the tables by stage show."""


def judge(networks: Sequence[Network]) -> Verdict:
    """The verdict over two networks or more, found from their graphs alone."""
    known: dict[tuple[int, int], Pair] = {}

    def between(first: int, second: int) -> Pair:
        if (first, second) not in known:
            one, other = networks[first], networks[second]
            known[first, second] = Pair(one, other, tuple(changes_between(one, other)))
        return known[first, second]

    def classes(closest: str) -> list[list[int]]:
        found: list[list[int]] = []
        for index in range(len(networks)):
            alike = (each for each in found if LEVELS.index(between(each[0], index).level) <= LEVELS.index(closest))
            if joined := next(alike, None):
                joined.append(index)
            else:
                found.append([index])
        return found

    groups = []
    for closest in (SAME_BLOCKS, SAME_GRAPH, SAME_NETWORK):
        for members in classes(closest):
            pairs = [between(members[0], index) for index in members[1:]]
            if pairs and any(pair.level == closest for pair in pairs):
                groups.append(Group(closest, tuple(networks[index] for index in members), _varying(pairs)))
    firsts = [members[0] for members in classes(SAME_BLOCKS)]
    whole = next((group for group in groups if len(group.networks) == len(networks)), None)
    return Verdict(
        whole.level if whole else DIFFERENT,
        whole.differ if whole else (),
        tuple(group for group in groups if group is not whole),
        tuple(between(0, index) for index in range(1, len(networks))),
        (
            *(group.sentence(len(networks)) for group in groups),
            *(between(firsts[0], index).sentence for index in firsts[1:]),
        ),
    )


def _varying(pairs: Sequence[Pair]) -> tuple[str, ...]:
    found = {key for pair in pairs for key in variations(pair.changes)}
    return tuple(key for key in VARIATIONS if key in found)


def _difference_data(pair: Pair, change: Change) -> DifferenceData:
    return {
        "models": [pair.first.key, pair.second.key],
        "places": list(dict.fromkeys(place.name for place in change.places)),
        "item": item_of(change),
        "what": change.attribute,
        "from": plain_fact(change.first),
        "to": plain_fact(change.second),
        "effect": change.effect,
        "sentence": f"{where(change, pair.sub_blocks)}: {what(change)}",
    }


def matching_backbones(networks: Sequence[Network]) -> tuple[list[Network], list[str]]:
    """Of a model with several backbones the one that is most like the others', and a sentence that says which.

    A backbone that was asked for stays.
    """
    single = [network for network in networks if network.anatomy.backbones <= 1 or network.is_backbone_chosen]
    chosen, said = [], []
    for network in networks:
        if network in single or not single:
            chosen.append(network)
            continue
        reference = next(each for each in single)
        best = min(network.all_backbones, key=lambda each: _distance(reference, each))
        chosen.append(best)
        said.append(
            f"{network.title} holds {network.anatomy.backbones} backbones; compared is backbone "
            f"{best.anatomy.backbone}, which is most like {reference.title}."
        )
    return chosen, said


def _distance(reference: Network, other: Network) -> int:
    """How many places differ in blocks, stem and final layers."""
    changes = differences(reference.facts, other.facts, sections=("stem", "head"))
    return sum(len(change.places) for change in changes if change.effect in ("outputs", "weights"))
