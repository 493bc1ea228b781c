"""Patterns over layer graphs: small pieces that are joined with `+`, `|` and `.optional()` and then matched.

A match follows the data: it stands on a layer (the cursor), and each piece moves it to a layer that consumes
the cursor's output. Optional and alternative pieces are greedy, in the order written; a match that cannot be
completed is taken back to the last choice. Nothing here knows what an EfficientNet is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from effnet_inspect.graph import Layer, LayerGraph

Predicate = Callable[[Layer], bool]


@dataclass(frozen=True, slots=True)
class Match:
    """What has been matched so far: the entry layer (not part of it), the cursor, and the layers with their roles."""

    entry: str
    cursor: str
    taken: tuple[tuple[str, Layer], ...] = ()

    def layers(self, *roles: str) -> tuple[Layer, ...]:
        """The matched layers with one of `roles`, or all, in the order of the data."""
        return tuple(layer for role, layer in self.taken if not roles or role in roles)

    def took(self, role: str, layer: Layer) -> Match:
        """This match, one layer further."""
        return replace(self, cursor=layer.name, taken=(*self.taken, (role, layer)))


class Pattern:
    """Something that can be matched from a layer onwards."""

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        """All ways to continue `match` by this pattern, the preferred one first."""
        raise NotImplementedError

    def first(self, graph: LayerGraph, entry: str) -> Match | None:
        """The preferred match that begins with a consumer of `entry`; None where there is none."""
        return next(self.match(graph, Match(entry, entry)), None)

    def __add__(self, other: Pattern) -> Pattern:
        return _Sequence((self, other))

    def __or__(self, other: Pattern) -> Pattern:
        return _Either((self, other))

    def optional(self) -> Pattern:
        """This pattern, or nothing."""
        return _Either((self, _NOTHING))

    def named(self, role: str) -> Pattern:
        """The same pattern; what it matches has the role `role`."""
        return _Named(self, role)


@dataclass(frozen=True, slots=True)
class Step(Pattern):
    """One layer that takes the cursor's output alone and satisfies a predicate."""

    accepts: Predicate

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        for layer in graph.consumers(match.cursor):
            if len(layer.inputs) == 1 and self.accepts(layer):
                yield match.took(role, layer)


@dataclass(frozen=True, slots=True)
class Join(Pattern):
    """A layer that takes the cursor and the entry of the whole match: what closes a residual connection."""

    accepts: Predicate

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        for layer in graph.consumers(match.cursor):
            if self.accepts(layer) and set(layer.inputs) == {match.cursor, match.entry}:
                yield match.took(role, layer)


@dataclass(frozen=True, slots=True)
class Branch(Pattern):
    """A side branch from the cursor that comes back to it in one layer: squeeze-excite, or x * sigmoid(x)."""

    side: Pattern
    joined: Pattern

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        start = Match(match.cursor, match.cursor)
        for side in self.side.match(graph, start, role):
            for whole in self.joined.match(graph, side, role):
                yield replace(match, cursor=whole.cursor, taken=match.taken + whole.taken)


@dataclass(frozen=True, slots=True)
class NotFollowedBy(Pattern):
    """Matches nothing, where `pattern` does not match next."""

    pattern: Pattern

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        if next(self.pattern.match(graph, match), None) is None:
            yield match


@dataclass(frozen=True, slots=True)
class _Named(Pattern):
    pattern: Pattern
    role: str

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        return self.pattern.match(graph, match, self.role)


@dataclass(frozen=True, slots=True)
class _Sequence(Pattern):
    parts: tuple[Pattern, ...]

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        first, second = self.parts
        for so_far in first.match(graph, match, role):
            yield from second.match(graph, so_far, role)


@dataclass(frozen=True, slots=True)
class _Either(Pattern):
    parts: tuple[Pattern, ...]

    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        for part in self.parts:
            yield from part.match(graph, match, role)


@dataclass(frozen=True, slots=True)
class _Nothing(Pattern):
    def match(self, graph: LayerGraph, match: Match, role: str = "") -> Iterator[Match]:
        yield match


_NOTHING = _Nothing()
