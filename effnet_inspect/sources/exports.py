"""What the readers of single operators have in common: from what was read to a graph, and names for its layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from effnet_inspect.catalog.targets import Target
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph, Vocabulary
from effnet_inspect.sources.passes import Constant, Draft, normalize_export


class Reader(Protocol):
    """Goes through operators; has then their layers by name, and the constants that each of them takes."""

    layers: dict[str, Layer]
    taken: dict[str, tuple[Constant, ...]]

    def read(self) -> tuple[str, ...]:
        """Read all operators; gives the names of the layers that give the model's outputs."""
        ...


def graph_of_operators(
    reader: Reader,
    vocabulary: Vocabulary,
    name: str,
    target: Target | None,
    *,
    keeps_first_name: bool = False,
    weights: Mapping[str, Constant] | None = None,
    remarks: tuple[str, ...] = (),
) -> LayerGraph:
    """The graph of what a reader reads, in the vocabulary.

    Args:
        reader: one that has not read yet.
        vocabulary: whose names the operators have.
        name: the graph's.
        target: what the graph was asked for by.
        keeps_first_name: as a Draft has it.
        weights: those of the reader, by name, where a name is one tensor; filled while it reads.
        remarks: on what the source does not tell.

    Raises:
        SourceError: where the operators make no sense, or none of them depends on an input.
        GraphError: where they do not form a graph.
    """
    try:
        outputs = reader.read()
    except SourceError as error:
        raise SourceError(f"{name}: {error}") from error
    if not outputs:
        raise SourceError(f"{name} holds no layers: nothing that it gives depends on an input")
    graph = LayerGraph(name, tuple(reader.layers.values()), outputs, target, remarks, vocabulary=vocabulary)
    return normalize_export(Draft(graph, reader.taken, keeps_first_name, weights))


class Names:
    """Names of layers, all different.

    >>> names = Names()
    >>> [names.unused("conv"), names.unused("conv"), names.unused("conv", "other"), names.unused("conv:1")]
    ['conv', 'conv:1', 'other', 'conv:1:1']
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._repeated: Counter[str] = Counter()

    def unused(self, *wanted: str) -> str:
        """The first of the names that is free, or else the first with a number behind it."""
        name = next((each for each in wanted if each not in self._taken), wanted[0])
        while name in self._taken:
            self._repeated[wanted[0]] += 1
            name = f"{wanted[0]}:{self._repeated[wanted[0]]}"
        self._taken.add(name)
        return name
