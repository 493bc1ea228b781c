"""Which layers every path from an image to another layer passes, and what lies between two of them.

A layer dominates another where every path from the image to the other passes through it. The dominators of a layer
make a chain; cut at them, the graph between two neighbours is one layer, or a small web that forks and joins: a
residual connection, an attention. Decoders, taps and other branches do not matter: they lead away from the chain.
"""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph

LARGEST_WEB = 400
"""Layers between two neighbours of a chain; what is larger is a decoder, not a part of a sub-block."""


class Step(NamedTuple):
    """What lies between two neighbours of a chain: from after `entry` up to and with `exit`, in graph order."""

    entry: Layer
    exit: Layer
    layers: tuple[Layer, ...]

    @property
    def is_single(self) -> bool:
        """Whether it is one layer."""
        return len(self.layers) == 1


class Dominators:
    """Who dominates whom among the layers that can be reached from an image.

    The dominator tree of an acyclic graph is found in one pass: the parent of a layer is the nearest common ancestor of
    the layers it takes, found in logarithmic time with jump pointers (Myers, "An applicative random-access stack",
    1983).

    >>> image = Layer("image", "input", "InputLayer")
    >>> one = Layer("one", "activation", "ReLU", ("image",))
    >>> two = Layer("two", "activation", "ReLU", ("one",))
    >>> total = Layer("total", "add", "Add", ("one", "two"))
    >>> Dominators(LayerGraph("tiny", (image, one, two, total)), image).chain("total")
    ['image', 'one', 'total']
    """

    def __init__(self, graph: LayerGraph, image: Layer) -> None:
        self.graph = graph
        self.image = image
        self.position = {layer.name: index for index, layer in enumerate(graph)}
        self.parent: dict[str, str] = {image.name: image.name}
        self.depth: dict[str, int] = {image.name: 0}
        self._jump: dict[str, str] = {image.name: image.name}
        self._steps: dict[str, Step | None] = {}
        for layer in graph:
            sources = [name for name in layer.data_inputs if name in self.parent]
            if sources and layer.name != image.name:
                self._add(layer.name, self._nearest_common_of(sources) if len(sources) > 1 else sources[0])

    def __contains__(self, name: str) -> bool:
        return name in self.parent

    def chain(self, last: str, first: str | None = None) -> list[str]:
        """The dominators of `last`, it included, from after `first`, or from the image on."""
        names = [last]
        while names[-1] != self.image.name and self.parent[names[-1]] != first:
            names.append(self.parent[names[-1]])
        return names[::-1]

    def between(self, entry: str, last: str, largest: int = LARGEST_WEB) -> tuple[Layer, ...] | None:
        """The layers between two layers of a chain, the second included; None where there are too many."""
        found = {last}
        waiting = [last]
        while waiting:
            for name in self.graph[waiting.pop()].data_inputs:
                if name != entry and name in self.parent and name not in found:
                    found.add(name)
                    waiting.append(name)
                    if len(found) > largest:
                        return None
        return tuple(self.graph[name] for name in sorted(found, key=self.position.__getitem__))

    def steps(self, first: str, last: str) -> list[Step]:
        """The steps from after `first`, which dominates `last`, up to it; a web that is too large is left out."""
        return [step for name in self.chain(last, first) if (step := self.step(name))]

    def step(self, last: str) -> Step | None:
        """The step up to a layer, from after its neighbour on the chain; None where the web is too large."""
        if last not in self._steps:
            entry, layer = self.graph[self.parent[last]], self.graph[last]
            layers = (layer,) if layer.data_inputs == (entry.name,) else self.between(entry.name, last)
            self._steps[last] = None if layers is None else Step(entry, layer, layers)
        return self._steps[last]

    def _add(self, name: str, parent: str) -> None:
        depth, jump = self.depth, self._jump
        self.parent[name] = parent
        depth[name] = depth[parent] + 1
        far = jump[parent]
        jump[name] = jump[far] if depth[parent] - depth[far] == depth[far] - depth[jump[far]] else parent

    def _nearest_common_of(self, names: list[str]) -> str:
        common = names[0]
        for name in names[1:]:
            common = self._nearest_common(common, name)
        return common

    def _nearest_common(self, one: str, other: str) -> str:
        depth, jump, parent = self.depth, self._jump, self.parent
        if depth[one] < depth[other]:
            one, other = other, one
        while depth[one] > depth[other]:
            one = jump[one] if depth[jump[one]] >= depth[other] else parent[one]
        while one != other:
            one, other = (jump[one], jump[other]) if jump[one] != jump[other] else (parent[one], parent[other])
        return one
