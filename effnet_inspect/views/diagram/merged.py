"""Many rows of layers that are alike, as one: what all have, what only some have, and which values occur.

The same module occurs in many sub-blocks with other kernels and widths, sometimes with a layer more or less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.signature import kind_of_layer
from effnet_inspect.views.alignment import aligned
from effnet_inspect.views.diagram.labels import activation_text, kernel_text
from effnet_inspect.words import describe_blocks, join_and

Occurrence = tuple[SubBlock, tuple[Layer, ...]]


@dataclass(frozen=True, slots=True)
class AlignedPosition:
    """One place in the merged row: the layers that stand there, and the sub-blocks they stand in."""

    layers: tuple[Layer, ...]
    sub_blocks: tuple[SubBlock, ...]

    @property
    def title(self) -> str:
        """Class, kernels and activation, as far as the layers agree or by listing what occurs."""
        return " ".join(part for part in (self.layers[0].class_name, self._kernels, self._functions) if part)

    @property
    def facts(self) -> list[str]:
        """The same and the strides, each of them."""
        parts = (self.layers[0].class_name, self._kernels, *self.strides, self._functions)
        return [part for part in parts if part]

    @property
    def strides(self) -> list[str]:
        """`stride 1 or 2`, where any layer has another stride than 1."""
        strides = sorted({layer.stride[0] for layer in self.layers if layer.stride})
        return [f"stride {' or '.join(map(str, strides))}"] if strides and strides != [1] else []

    @property
    def _kernels(self) -> str:
        return _alternatives(kernel_text(layer.kernel) for layer in self.layers)

    @property
    def _functions(self) -> str:
        return _alternatives(activation_text(layer) for layer in self.layers)

    @property
    def channels(self) -> str:
        """`96–1152 channels`."""
        widths = sorted({layer.channels for layer in self.layers if layer.channels})
        if not widths:
            return ""
        ends = dict.fromkeys((format_value(widths[0], "count"), format_value(widths[-1], "count")))
        return f"{'–'.join(ends)} channels"

    def leads_to(self, other: AlignedPosition) -> bool:
        """Whether a layer here is an input of one there."""
        names = {layer.name for layer in self.layers}
        return any(name in names for layer in other.layers for name in layer.inputs)


def align(occurrences: Sequence[Occurrence]) -> tuple[AlignedPosition, ...]:
    """Line up the rows by what their layers are, the longest first."""
    ordered = sorted(occurrences, key=lambda each: -len(each[1]))
    owners = [sub_block for sub_block, _ in ordered]
    columns = aligned([layers for _, layers in ordered], kind_of_layer)
    members = [[(own, layer) for own, layer in zip(owners, column, strict=True) if layer] for column in columns]
    in_order = [sorted(each, key=lambda pair: (pair[0].block, pair[0].position)) for each in members]
    return tuple(AlignedPosition(tuple(layer for _, layer in each), tuple(own for own, _ in each)) for each in in_order)


def describe_location(some: Sequence[SubBlock], every: Sequence[SubBlock]) -> str:
    """Which of the sub-blocks: `blocks 4–6`, `1a and repeats of blocks 2–6`, or how many where no words fit."""
    chosen = {each.name for each in some}
    if chosen == {each.name for each in every}:
        return f"all {len(chosen)} sub-blocks" if len(chosen) > 1 else f"sub-block {some[0].name}"
    if _are_whole(some, every):
        return describe_blocks((each.block for each in some), "–")
    parts: list[str] = []
    for word, repeated in (("first sub-blocks", False), ("repeats", True)):
        own = [each for each in some if (each.position > 0) == repeated]
        if not own:
            continue
        if not _are_whole(own, [each for each in every if (each.position > 0) == repeated]):
            return f"{len(chosen)} of {len(every)} sub-blocks"
        parts.append(
            own[0].name if len(own) == 1 else f"{word} of {describe_blocks((each.block for each in own), '–')}"
        )
    return join_and(parts)


def _are_whole(some: Sequence[SubBlock], every: Sequence[SubBlock]) -> bool:
    """Whether no block has others of `every`, too."""
    chosen, blocks = {each.name for each in some}, {each.block for each in some}
    return all(each.name in chosen for each in every if each.block in blocks)


def _alternatives(texts: Iterable[str]) -> str:
    return " or ".join(sorted({text for text in texts if text}))
