"""The arrays of one network in two code bases, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from effnet_inspect.conventions import has_networks_like, named
from effnet_inspect.conventions.convention import Axes, Convention, transpose
from effnet_inspect.conventions.slots import Slot
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Shape
from effnet_inspect.structure.network import Network


class Side(NamedTuple):
    """An array in one code base."""

    name: str
    shape: Shape | None


class Correspondence(NamedTuple):
    """What an array is called in two code bases; None where one has no such array.

    `transpose` is how the array of the first is transposed into that of the second, None where it stays as it is.
    """

    slot: Slot
    first: Side | None
    second: Side | None
    transpose: Axes | None

    @property
    def is_in_both(self) -> bool:
        """Whether both code bases have it."""
        return self.first is not None and self.second is not None


def correspondences(network: Network, first: Convention, second: Convention) -> Iterator[Correspondence]:
    """Every array of a network that one of the code bases has, in the order of the data.

    Raises:
        UsageError: where a code base has no networks of this family, or both are the same.
    """
    if first is second:
        raise UsageError(f"{first.title} is on both sides: name another code base, to map from or to")
    variant = network.variant or network.identity.variant
    for convention in (first, second):
        if variant and not has_networks_like(convention, network):
            raise UsageError(f"{convention.title} has no {variant.title}, so that its weights have no names there")
    here, there = named(network, first), named(network, second)
    for slot in here.names:
        one, other = (
            None if (name := side.names[slot]) is None else Side(name, side.convention.shape(slot))
            for side in (here, there)
        )
        if one or other:
            moved = transpose(first.order(slot), second.order(slot), len(slot.shape or ()))
            yield Correspondence(slot, one, other, moved if one and other else None)
