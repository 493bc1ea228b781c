"""What a naming convention is: how one code base names the slots of a network, and orders the axes of its arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions.slots import Form, Kind, Role, Slot, Variable
from effnet_inspect.graph import Shape
from effnet_inspect.words import position_letters

Axes = tuple[int, ...]

Framework = Literal["keras", "pytorch", "tensorflow"]
"""What loads weights: Keras' `load_weights`, PyTorch's `load_state_dict`, or TensorFlow's own checkpoints."""


@dataclass(frozen=True, slots=True)
class Convention:
    """One code base.

    Names are templates. What is in `sub_block` begins all names in a sub-block: its `{block}` counts from 1, `{stage}`
    blocks from 0, `{position}` the sub-blocks of a block from 0, `{letter}` the same as a letter, `{number}` all
    sub-blocks from 0. In `layers`, `{after}` is the number of blocks and one. `{depthwise}` is `depthwise_v2` in
    networks of EfficientNetV2.

    Attributes:
        key: its name on the command line.
        title: its name for people.
        layers: role -> name, outside the sub-blocks.
        sub_block: what a name in a sub-block begins with.
        in_sub_block: form of the sub-block -> role -> the rest of the name.
        variables: kind of layer -> variable -> its name.
        joint: what is between the names of a layer and its variable.
        axes: kind of layer -> the order of the kernel's axes, as indices into Keras' order.
        counter: a whole number that every normalisation has more than Keras', by name; empty without.
        depthwise, depthwise_v2: names of the depthwise layer, where they differ.
        families: those of variants that it has; empty where it has all.
        computes: a sentence on what it does otherwise than others with the same weights.
        framework: what its weights are loaded by.
        with_fused: how it names networks with fused sub-blocks, where that is otherwise.
        bare: how it names a network without a classifier, where that is otherwise.
    """

    key: CodeBase
    title: str
    layers: Mapping[Role, str]
    sub_block: str
    in_sub_block: Mapping[Form, Mapping[Role, str]]
    variables: Mapping[Kind, Mapping[Variable, str]]
    joint: str = "."
    axes: Mapping[Kind, Axes] = field(default_factory=dict)
    counter: str = ""
    depthwise: str = ""
    depthwise_v2: str = ""
    computes: str = ""
    families: tuple[str, ...] = ()
    framework: Framework = "pytorch"
    with_fused: Convention | None = None
    bare: Convention | None = None

    def layer_name(self, slot: Slot, blocks: int, is_v2: bool) -> str | None:
        """What the layer of a slot is called; None where this code base has none with this role."""
        words: dict[str, Any] = {"after": blocks + 1, "depthwise": self.depthwise_v2 if is_v2 else self.depthwise}
        if slot.place is None:
            name = self.layers.get(slot.role)
            return None if name is None else name.format(**words)
        name = self.in_sub_block[slot.place.form].get(slot.role)
        if name is None:
            return None
        words |= {
            "block": slot.place.block,
            "stage": slot.place.block - 1,
            "position": slot.place.position,
            "letter": position_letters(slot.place.position),
            "number": slot.place.number,
        }
        return (self.sub_block + name).format(**words)

    def shape(self, slot: Slot) -> Shape | None:
        """The shape of the slot's array, its axes in this code base's order."""
        order = self.order(slot)
        return slot.shape if slot.shape is None or order is None else tuple(slot.shape[axis] for axis in order)

    def order(self, slot: Slot) -> Axes | None:
        """The order of the array's axes as indices into Keras' order; None where it is that."""
        return self.axes.get(slot.kind) if slot.variable == "kernel" else None


class Named:
    """The slots of one network under the names of one code base.

    Args:
        convention: the code base.
        slots: those of the network, from `slots_of`.
        is_v2: whether the network is an EfficientNetV2.
        own_names: whether the graph's own names of layers are taken: those of a model of the user's.
    """

    def __init__(
        self, convention: Convention, slots: Sequence[Slot], *, is_v2: bool = False, own_names: bool = False
    ) -> None:
        self.convention = convention
        own = _own_names(slots, convention) if own_names else {}
        blocks = max((slot.place.block for slot in slots if slot.place), default=0)
        self.by_name: dict[str, Slot] = {}
        self.names: dict[Slot, str | None] = {}
        self.layers: set[str] = set()
        for slot in slots:
            layer = own[slot.layer] if own_names else convention.layer_name(slot, blocks, is_v2)
            variable = convention.variables.get(slot.kind, {}).get(slot.variable)
            name = None if layer is None or variable is None else f"{layer}{convention.joint}{variable}"
            self.names[slot] = name
            self.layers |= {layer} if layer else set()
            if name is not None:
                self.by_name[name] = slot

    @property
    def shapes(self) -> dict[str, Shape | None]:
        """Name -> shape, in this code base's order of axes."""
        return {name: self.convention.shape(slot) for name, slot in self.by_name.items()}

    @property
    def counters(self) -> tuple[str, ...]:
        """The names of the numbers that normalisations have more than Keras'."""
        convention = self.convention
        mean = convention.variables.get("normalization", {}).get("mean", "")
        if not convention.counter:
            return ()
        return tuple(
            name.removesuffix(mean) + convention.counter
            for name, slot in self.by_name.items()
            if (slot.kind, slot.variable) == ("normalization", "mean")
        )


def _own_names(slots: Sequence[Slot], convention: Convention) -> dict[str, str]:
    """The graph's names of layers as files of weights have them: without the model that a layer is nested in.

    A layer of preprocessing is named by Keras itself, with a number that depends on what else was built before.
    """
    short = {slot.layer: slot.layer.rsplit("/", 1)[-1] for slot in slots}
    counts = Counter(short.values())
    names = {layer: name if counts[name] == 1 else layer for layer, name in short.items()}
    preprocessing = convention.layers.get("preprocessing")
    if preprocessing:
        names |= {slot.layer: preprocessing for slot in slots if slot.role == "preprocessing"}
    return names


def transpose(one: Axes | None, other: Axes | None, rank: int) -> Axes | None:
    """How an array in one order of axes is transposed into another; None where nothing is to be done.

    >>> transpose(None, (3, 2, 0, 1), 4), transpose((3, 2, 0, 1), None, 4), transpose((1, 0), (1, 0), 2)
    ((3, 2, 0, 1), (2, 3, 1, 0), None)
    """
    before = one or tuple(range(rank))
    moved = tuple(before.index(axis) for axis in other or range(rank))
    return None if moved == tuple(range(rank)) else moved
