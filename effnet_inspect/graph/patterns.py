"""Patterns over layer graphs: small pieces that are joined with `+`, `|` and `.optional()` and then matched.

A match follows the data: it stands on a layer (the cursor), and each piece moves it to a layer that consumes
the cursor's output. A piece gives all ways to go on, in the order written, the greedy one first; a sequence
carries every way through its pieces, so nothing needs to be taken back. Nothing here knows what an
EfficientNet is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph

Predicate = Callable[[Layer], bool]


class Match(NamedTuple):
    """What has been matched so far: the entry layer (not part of it), the cursor, and the layers with their roles."""

    entry: str
    cursor: str
    taken: tuple[tuple[str, Layer], ...] = ()

    def layers(self, *roles: str) -> tuple[Layer, ...]:
        """The matched layers with one of `roles`, or all, in the order of the data."""
        return tuple([layer for role, layer in self.taken if not roles or role in roles])

    def took(self, role: str, layer: Layer) -> Match:
        """This match, one layer further."""
        return Match(self.entry, layer.name, (*self.taken, (role, layer)))


class Pattern:
    """Something that can be matched from a layer onwards. Patterns are made once and never changed."""

    __slots__ = ()

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        """All ways to continue `match` by this pattern, the preferred one first."""
        raise NotImplementedError

    def first(self, graph: LayerGraph, entry: str) -> Match | None:
        """The preferred match that begins with a consumer of `entry`; None where there is none."""
        return next(iter(self.match(graph, Match(entry, entry))), None)

    def __add__(self, other: Pattern) -> Pattern:
        return _Sequence(self, other)

    def __or__(self, other: Pattern) -> Pattern:
        return _Either(self, other)

    def optional(self) -> Pattern:
        """This pattern, or nothing."""
        return _Either(self, _NOTHING)

    def named(self, role: str) -> Pattern:
        """The same pattern; what it matches has the role `role`."""
        return _Named(self, role)


class Step(Pattern):
    """One layer that takes the cursor's output alone and satisfies a predicate."""

    __slots__ = ("accepts",)

    def __init__(self, accepts: Predicate) -> None:
        self.accepts = accepts

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        users = graph.consumers(match.cursor)
        if len(users) == 1:  # as nearly everywhere
            layer = users[0]
            return [match.took(role, layer)] if self.accepts(layer) and len(layer.inputs) == 1 else []
        return [match.took(role, layer) for layer in users if self.accepts(layer) and len(layer.inputs) == 1]


class Join(Pattern):
    """A layer that takes the cursor and the entry of the whole match: what closes a residual connection."""

    __slots__ = ("accepts",)

    def __init__(self, accepts: Predicate) -> None:
        self.accepts = accepts

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        ends = {match.cursor, match.entry}
        return [
            match.took(role, layer)
            for layer in graph.consumers(match.cursor)
            if self.accepts(layer) and set(layer.inputs) == ends
        ]


class Branch(Pattern):
    """A side branch from the cursor that comes back to it in one layer: squeeze-excite, or x * sigmoid(x)."""

    __slots__ = ("joined", "side")

    def __init__(self, side: Pattern, joined: Pattern) -> None:
        self.side = side
        self.joined = joined

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        start = Match(match.cursor, match.cursor)
        return [
            Match(match.entry, whole.cursor, match.taken + whole.taken)
            for side in self.side.match(graph, start, role)
            for whole in self.joined.match(graph, side, role)
        ]


class NotFollowedBy(Pattern):
    """Matches nothing, where `pattern` does not match next."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        return [] if self.pattern.match(graph, match) else [match]


class _Named(Pattern):
    __slots__ = ("pattern", "role")

    def __init__(self, pattern: Pattern, role: str) -> None:
        self.pattern = pattern
        self.role = role

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        return self.pattern.match(graph, match, self.role)


class _Sequence(Pattern):
    __slots__ = ("parts",)

    def __init__(self, *parts: Pattern) -> None:
        self.parts = parts

    def __add__(self, other: Pattern) -> Pattern:
        return _Sequence(*self.parts, other)

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        ways = [match]
        for part in self.parts:
            if len(ways) == 1:
                ways = part.match(graph, ways[0], role)
            else:
                ways = [after for before in ways for after in part.match(graph, before, role)]
            if not ways:
                break
        return ways


class _Either(Pattern):
    __slots__ = ("parts",)

    def __init__(self, *parts: Pattern) -> None:
        self.parts = parts

    def __or__(self, other: Pattern) -> Pattern:
        return _Either(*self.parts, other)

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        ways: list[Match] = []
        for part in self.parts:
            ways += part.match(graph, match, role)
        return ways


class _Nothing(Pattern):
    __slots__ = ()

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> list[Match]:
        return [match]


_NOTHING = _Nothing()
