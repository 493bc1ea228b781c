"""Anatomy -> slots: every array of weights in a network, with what it is there for.

A slot is what two code bases have in common where they have no name in common: the kernel of the depthwise convolution
of sub-block 4c, whoever calls it what. The roles are those that `structure.roles` finds, so that a changed network has
the slots that it has, and no list of layers is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.structure.anatomy import Anatomy, SubBlock
from effnet_inspect.structure.roles import Item, mixes_channels
from effnet_inspect.words import position_letters

Role = Literal[
    "preprocessing", "stem", "stem normalization", "expansion", "expansion normalization", "depthwise",
    "depthwise normalization", "fused", "fused normalization", "reduction", "excitation", "projection",
    "projection normalization", "head", "head normalization", "classifier", "other",
]  # fmt: skip
"""What a layer with weights is there for; reduction and excitation are the two convolutions of a squeeze-excite."""

_WORDS: dict[Role, str] = {
    "preprocessing": "normalization of pixels",
    "stem": "stem convolution",
    "depthwise": "depthwise convolution",
    "fused": "fused convolution",
    "fused normalization": "normalization of the fused convolution",
    "reduction": "squeeze-excite reduction",
    "excitation": "squeeze-excite expansion",
    "head": "final convolution",
    "head normalization": "final normalization",
}
"""Roles that need more than one word in a sentence."""


def words_of(role: Role) -> str:
    """A role in a sentence."""
    return _WORDS.get(role, role)


Form = Literal["separable", "inverted", "fused", "single"]
"""What a sub-block is made of, by which code bases name its layers.

separable: a depthwise convolution without an expansion. inverted: with one. fused: a fused convolution and a
projection. single: a fused convolution alone.
"""

Kind = Literal["convolution", "depthwise", "dense", "normalization", "statistics", "other"]
"""What a layer's arrays are like; statistics are those of Keras' Normalization."""

Variable = Literal["kernel", "bias", "scale", "offset", "mean", "variance", "count", "all"]
"""What an array is in its layer; `all` stands for the arrays of a layer of which only their number of elements is
known."""


class Place(NamedTuple):
    """Where a sub-block is: its block from 1, its position in it from 0, and how many sub-blocks are before it."""

    block: int
    position: int
    number: int
    form: Form

    @property
    def name(self) -> str:
        """The sub-block as it is named everywhere: `4c`."""
        return f"{self.block}{position_letters(self.position)}"


class Slot(NamedTuple):
    """One array of weights: its role, what it is in its layer, and its shape in Keras' order of axes.

    `layer` is the layer's name in the graph. `place` is None outside the blocks. The shape is
    `(height, width, inputs, outputs)` of a convolution, `(height, width, channels, multiplier)` of a depthwise one,
    `(inputs, outputs)` of a dense layer, `(channels,)` of the rest; None where a size is unknown.
    """

    layer: str
    role: Role
    kind: Kind
    variable: Variable
    shape: Shape | None
    place: Place | None = None

    @property
    def sort(self) -> tuple[Role, Variable, tuple[int, int] | None]:
        """What is equal in the slots of two networks that correspond."""
        return (self.role, self.variable, (self.place.block, self.place.position) if self.place else None)


_LANDMARKS: dict[tuple[str, str], Role] = {
    ("expansion", "convolution"): "expansion",
    ("expansion", "normalization"): "expansion normalization",
    ("depthwise", "convolution"): "depthwise",
    ("depthwise", "normalization"): "depthwise normalization",
    ("fused", "convolution"): "fused",
    ("fused", "normalization"): "fused normalization",
    ("projection", "convolution"): "projection",
    ("projection", "normalization"): "projection normalization",
}
"""Landmark and kind of an item -> the role of its layer."""


def slots_of(anatomy: Anatomy) -> tuple[Slot, ...]:
    """Every array of weights of a network, in the order of the data; layers that share weights have them once."""
    roles = dict(_roles(anatomy))
    found = []
    for layer in anatomy.graph:
        role, place = roles.get(layer.name, ("other", None))
        if layer.shares_weights_with is None:
            found += [
                Slot(layer.name, role, kind, variable, shape, place)
                for kind, variable, shape in _arrays(anatomy.graph, layer)
            ]
    return tuple(found)


def _roles(anatomy: Anatomy) -> Iterator[tuple[str, tuple[Role, Place | None]]]:
    """By layer, what it is there for; layers that somebody added have no role."""
    sections: tuple[tuple[Sequence[Layer], Role, Role], ...] = (
        (anatomy.stem.layers, "stem", "stem normalization"),
        (anatomy.head.layers if anatomy.head else (), "head", "head normalization"),
    )
    for layers, convolution, normalization in sections:
        # The first of each kind: what follows was added by somebody.
        for layer in reversed(layers):
            if layer.operation == "convolution":
                yield layer.name, (convolution, None)
            elif layer.operation == "batch_normalization":
                yield layer.name, (normalization, None)
            elif layer.operation == "normalization":
                yield layer.name, ("preprocessing", None)
    dense = [layer for layer in (anatomy.classifier.layers if anatomy.classifier else ()) if layer.operation == "dense"]
    if dense:
        yield dense[-1].name, ("classifier", None)
    number = 0
    for block in anatomy.blocks:
        for position, sub_block in enumerate(block.sub_blocks):
            place = Place(block.number, position, number, _form(sub_block))
            number += 1
            for item in sub_block.items:
                yield from ((name, (role, place)) for name, role in _in_item(item))


def _in_item(item: Item) -> Iterator[tuple[str, Role]]:
    if item.attention == "squeeze-excite":
        mixers = [layer for layer in item.layers if mixes_channels(layer)]
        if len(mixers) == 2:
            yield mixers[0].name, "reduction"
            yield mixers[1].name, "excitation"
    elif role := _LANDMARKS.get((item.landmark, item.kind)):
        yield item.layer.name, role


def _form(sub_block: SubBlock) -> Form:
    landmarks = {item.landmark for item in sub_block.items if item.kind == "convolution"}
    if "fused" in landmarks:
        return "fused" if "projection" in landmarks else "single"
    return "inverted" if "expansion" in landmarks else "separable"


def _arrays(graph: LayerGraph, layer: Layer) -> Iterator[tuple[Kind, Variable, Shape | None]]:
    """The arrays of a layer, in the order in which Keras keeps them."""
    entering = graph[layer.inputs[0]].output_shape if layer.inputs else None
    channels = entering[-1] if entering else None
    if layer.operation == "batch_normalization":
        if layer.use_scale:
            yield "normalization", "scale", (channels,)
        if layer.use_bias:
            yield "normalization", "offset", (channels,)
        yield "normalization", "mean", (channels,)
        yield "normalization", "variance", (channels,)
    elif layer.operation == "normalization" and layer.scale is None:
        yield "statistics", "mean", (channels,)
        yield "statistics", "variance", (channels,)
        yield "statistics", "count", ()
    elif layer.operation in ("convolution", "depthwise_convolution", "dense"):
        kind, kernel = _kernel(layer, channels)
        yield kind, "kernel", kernel
        if layer.use_bias:
            # Of a depthwise convolution there are as many as it has outputs.
            outputs = layer.output_shape[-1] if layer.output_shape else layer.filters
            yield kind, "bias", (outputs if kind == "depthwise" else layer.filters,)
    elif layer.parameters:
        yield "other", "all", (layer.parameters,)


def _kernel(layer: Layer, channels: int | None) -> tuple[Kind, Shape]:
    if layer.operation == "dense":
        return "dense", (channels, layer.filters)
    kernel = layer.kernel or (1, 1)
    if layer.operation == "depthwise_convolution":
        outputs = layer.output_shape[-1] if layer.output_shape else None
        return "depthwise", (*kernel, channels, outputs // channels if outputs and channels else 1)
    return "convolution", (*kernel, channels // (layer.groups or 1) if channels else None, layer.filters)
