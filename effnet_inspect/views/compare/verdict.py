"""How alike networks are, in words and as data, found from their graphs alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from effnet_inspect.structure.difference import (
    DIFFERENT,
    LEVELS,
    SAME_BLOCKS,
    SAME_GRAPH,
    SAME_NETWORK,
    WORDS,
    Difference,
    FirstDifference,
    Place,
    difference,
    same_architecture,
)
from effnet_inspect.structure.network import Network
from effnet_inspect.views.contracts import PlaceData, VerdictData
from effnet_inspect.words import join_and


class Group(NamedTuple):
    """Networks that are as alike as `level` says, which is closer than all networks together are."""

    level: str
    networks: tuple[Network, ...]
    differ: tuple[str, ...]

    def sentence(self, of: int) -> str:
        """How alike they are; `of` is how many networks are compared."""
        names = f"All {of}" if len(self.networks) == of > 3 else join_and([network.title for network in self.networks])
        return _SENTENCES[self.level].format(names=names, what=join_and([WORDS[key] for key in self.differ]))


_SENTENCES = {
    SAME_NETWORK: "{names} are the same network.",
    SAME_GRAPH: "{names} have the same graph; they differ in {what}.",
    SAME_BLOCKS: "{names} share one block structure; they differ in {what}.",
}
_SAME_ARCHITECTURE = (
    "But the backbones of {first} and {second} are one architecture: every sub-block's operator, kernel, stride, "
    "channels, activation, squeeze-excite and residual agree, and so do the channels of stem and final layers."
)


class Verdict(NamedTuple):
    """How alike all networks are, which of them are more alike, and where those first differ that are not alike."""

    level: str
    differ: tuple[str, ...]
    groups: tuple[Group, ...]
    first_differences: tuple[tuple[Network, Network, FirstDifference], ...]
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
            "first_differences": [
                {
                    "attribute": first_difference.attribute,
                    "same_architecture": same_architecture(first.comparable, second.comparable),
                    "at": [
                        _place_data(network, place, value)
                        for network, place, value in zip(
                            (first, second), first_difference.places, first_difference.values, strict=True
                        )
                    ],
                }
                for first, second, first_difference in self.first_differences
            ],
        }


def judge(networks: Sequence[Network]) -> Verdict:
    """The verdict over two networks or more, found from their graphs alone."""
    known: dict[tuple[int, int], Difference] = {}

    def between(first: int, second: int) -> Difference:
        if (first, second) not in known:
            known[first, second] = difference(networks[first].comparable, networks[second].comparable)
        return known[first, second]

    def classes(level: str) -> list[list[int]]:
        found: list[list[int]] = []
        for index in range(len(networks)):
            alike = (each for each in found if LEVELS.index(between(each[0], index).level) <= LEVELS.index(level))
            if joined := next(alike, None):
                joined.append(index)
            else:
                found.append([index])
        return found

    groups = []
    for level in (SAME_BLOCKS, SAME_GRAPH, SAME_NETWORK):
        for members in classes(level):
            pairs = [between(members[0], index) for index in members[1:]]
            if pairs and any(pair.level == level for pair in pairs):
                differ = tuple(key for key in WORDS if any(key in pair.differ for pair in pairs))
                groups.append(Group(level, tuple(networks[index] for index in members), differ))
    firsts = [members[0] for members in classes(SAME_BLOCKS)]
    first_differences = [
        (networks[firsts[0]], networks[index], first_difference)
        for index in firsts[1:]
        if (first_difference := between(firsts[0], index).first_difference)
    ]
    whole = next((group for group in groups if len(group.networks) == len(networks)), None)
    sentences = [group.sentence(len(networks)) for group in groups]
    for first, second, first_difference in first_differences:
        sentences.append(first_difference.sentence(first.title, second.title))
        if same_architecture(first.comparable, second.comparable):
            sentences.append(_SAME_ARCHITECTURE.format(first=first.title, second=second.title))
    return Verdict(
        whole.level if whole else DIFFERENT,
        whole.differ if whole else (),
        tuple(group for group in groups if group is not whole),
        tuple(first_differences),
        tuple(sentences),
    )


def _place_data(network: Network, place: Place | None, value: object) -> PlaceData:
    return {
        "model": network.key,
        "stage": place and place.stage,
        "block": place and place.block,
        "sub_block": place and place.sub_block,
        "module": place and place.module,
        "layer": place and place.layer,
        "value": list(value) if isinstance(value, tuple) else value,
    }
