"""The ways a request can fail; each message is one sentence for the person who asked."""

from __future__ import annotations

from collections.abc import Iterable


class EffnetInspectError(Exception):
    """Anything this package raises on purpose. Its text is one sentence fit to be shown as it is."""

    exit_code = 1


class UsageError(EffnetInspectError):
    """What was asked for cannot be asked: an unknown name, a value out of range."""

    exit_code = 2


class UnknownChoice(UsageError):
    """A word that is not one of the possible ones.

    The sentence names the word, the nearest choice and all the choices; `also` is what else is possible, in words, and
    `unlisted` are choices that are too many to be listed. `meant` is the choice that is known to be meant.

    >>> raise UnknownChoice("level", "blok", ("block", "layer"))
    Traceback (most recent call last):
    effnet_inspect.errors.UnknownChoice: unknown level 'blok', did you mean 'block'? Choose from: block, layer.
    """

    def __init__(
        self,
        kind: str,
        value: str,
        choices: Iterable[str],
        also: str = "",
        unlisted: Iterable[str] = (),
        meant: str | None = None,
    ) -> None:
        self.kind = kind
        self.value = value
        self.choices = tuple(choices)
        self.also = also
        self.meant = meant
        self.nearest = meant or nearest(value, (*self.choices, *unlisted))
        hint = f", did you mean {self.nearest!r}?" if self.nearest else "."
        super().__init__(f"unknown {kind} {value!r}{hint} Choose from: {', '.join(self.choices)}{also}.")

    def with_more(self, unlisted: Iterable[str]) -> UnknownChoice:
        """The same with more choices that are not listed."""
        return UnknownChoice(self.kind, self.value, self.choices, self.also, unlisted, self.meant)


class GraphError(EffnetInspectError):
    """The layers do not form a graph: an unknown input, a name used twice, a cycle."""


class SourceError(EffnetInspectError):
    """A model could not be built, or a file could not be read as one."""


class RenderError(EffnetInspectError):
    """A document could not be turned into the format that was asked for, or not written."""


class ClaimError(EffnetInspectError):
    """A checked claim does not have the verdict recorded for it."""

    exit_code = 3


LEAST_LIKENESS = 0.65
"""Of a suggestion to what was written, from 0 to 1: nothing is suggested where nothing is close."""


def nearest(value: str, choices: Iterable[str]) -> str | None:
    """The choice that looks most like `value`, or None where none does."""
    from difflib import get_close_matches

    by_lower_case = {choice.lower(): choice for choice in choices}
    found = get_close_matches(value.lower(), by_lower_case, n=1, cutoff=LEAST_LIKENESS)
    return by_lower_case[found[0]] if found else None
