"""What the layers after a backbone make of its taps: a decoder, stage by stage, where they are one."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Anatomy, Section
from effnet_inspect.words import describe_blocks

FEWEST = 2
"""Stages of a decoder: fewer are drawn as one box."""


class DecoderStage(NamedTuple):
    """Layers of one resolution in a row, the layers of the backbone that they take, and the column they stand in."""

    layers: tuple[Layer, ...]
    taps: tuple[str, ...]
    column: int

    @property
    def section(self) -> Section:
        """The same as a section, for what is measured of it."""
        return Section("after", self.layers, None, self.layers[-1].output_shape)


def decoder_stages(anatomy: Anatomy, columns: Mapping[str, int], exit_name: str) -> list[DecoderStage]:
    """The stages of the decoder after a backbone; none where the layers there are no chain of resolutions with taps.

    A stage stands below the column of the layer that it taps, and always further left than the stage before it, as in
    the U of a U-Net. `columns` tells the column of each layer of the backbone, which ends with `exit_name`.
    """
    if anatomy.after is None:
        return []
    stages: list[DecoderStage] = []
    before: set[str] = set()
    column = columns[exit_name]
    for _, group in groupby(anatomy.after.layers, key=_sides):
        layers = tuple(group)
        own = {layer.name for layer in layers}
        sources = list(dict.fromkeys(name for layer in layers for name in layer.inputs if name not in own))
        taps = tuple(name for name in sources if name in columns and (stages or name != exit_name))
        if any(name not in columns and name not in before for name in sources):
            return []
        below = max(columns[name] for name in taps) if taps else column
        column = max(min(below, column - bool(stages)), 0)
        stages.append(DecoderStage(layers, taps, column))
        before = own
    has_taps = sum(bool(stage.taps) for stage in stages) >= FEWEST
    return stages if has_taps and len(stages) >= FEWEST else []


def tapped_blocks(anatomy: Anatomy, part: Section) -> str:
    """The blocks that a part takes something from, but for what the last one gives at its end."""
    block_of = {layer.name: block.number for block in anatomy.blocks for layer in block.layers}
    exit_name = anatomy.blocks[-1].layers[-1].name if anatomy.blocks else ""
    sources = {name for layer in part.layers for name in layer.inputs if name in block_of and name != exit_name}
    return describe_blocks((block_of[name] for name in sources), "–") if sources else ""


def _sides(layer: Layer) -> object:
    shape = layer.output_shape
    return shape[:2] if shape is not None and len(shape) == 3 else None
