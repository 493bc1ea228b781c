"""What other code bases call the parts of a network: the path of each layer with weights, and of what is around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile

from effnet_inspect.conventions import CONVENTIONS, has_networks_like, named
from effnet_inspect.structure.network import Network

Steps = tuple[str, ...]
"""A path: `blocks.3.1.conv_dw` in its steps."""


class Paths:
    """The paths of one network's layers in every code base that has such a network, and calls them otherwise."""

    def __init__(self, network: Network) -> None:
        self._known: list[tuple[str, dict[str, Steps], Counter[Steps]]] = []
        for convention in CONVENTIONS.values() if network.anatomy.blocks else ():
            if not has_networks_like(convention, network):
                continue
            names = named(network, convention).names
            paths = {slot.layer: name.rsplit(convention.joint, 1)[0] for slot, name in names.items() if name}
            if any(path != layer.rsplit("/", 1)[-1] for layer, path in paths.items()):
                steps = {layer: tuple(path.split(".")) for layer, path in paths.items()}
                shared = Counter(path[:end] for path in steps.values() for end in range(1, len(path) + 1))
                self._known.append((convention.title, steps, shared))

    def of(self, layers: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """By code base the path of a layer, or what the paths of some begin with, and those of no others."""
        return tuple(self._of(tuple(layers)))

    def _of(self, layers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for code_base, steps, shared in self._known:
            own = [steps[name] for name in layers if name in steps]
            together = takewhile(lambda each: len(set(each)) == 1, zip(*own, strict=False))
            common = tuple(each[0] for each in together)
            if common and shared[common] == len(own):
                yield code_base, ".".join(common)
