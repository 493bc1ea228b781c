"""The design of a sub-block that was found, what is equal in two of them, and where a block begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.structure.regions import Region, is_window
from effnet_inspect.structure.roles import Item, mixes_channels

Signature = tuple[Any, ...]


def design_of(region: Region, items: Sequence[Item]) -> SubBlockDesign:
    """What the papers' tables state of a sub-block; it has no place in a block yet."""
    projections = [item.layer for item in items if (item.landmark, item.kind) == ("projection", "convolution")]
    squeezes = [
        layer for item in items if item.attention == "squeeze-excite" for layer in item.layers if mixes_channels(layer)
    ]
    dropouts = [item.layer for item in items if item.kind == "dropout"]
    strides = [layer.stride for step in region.main for layer in step.layers if layer.stride and step.is_single]
    stride = (math.prod(each[0] for each in strides), math.prod(each[1] for each in strides))
    return SubBlockDesign(
        block=0,
        position=0,
        fused=is_window(region.spatial),
        kernel=region.spatial.kernel or (1, 1),
        stride=stride,
        expansion=expansion_of(region, items),
        filters=(projections[-1] if projections else region.spatial).filters,
        squeeze_excite=squeezes[0].filters if squeezes else None,
        residual=region.joint is not None and region.joint.operation == "add",
        drop_rate=dropouts[-1].rate if dropouts else None,
    )


def expansion_of(region: Region, items: Sequence[Item]) -> float:
    """Ratio of the widened channels to those that the widening convolution takes."""
    expansions = [item.layer for item in items if (item.landmark, item.kind) == ("expansion", "convolution")]
    widening = [*expansions, region.spatial]
    # What is joined before the first convolution enters with the rest.
    entering = next((step.entry.channels for step in region.main if widening[0] in step.layers), region.entry.channels)
    widened = widening[max(len(expansions) - 1, 0)].filters
    projects = any(item.landmark == "projection" for item in items)
    if is_window(region.spatial) and not projects:
        widened = entering
    return widened / entering if widened and entering else 1.0


def operator_signature(design: SubBlockDesign) -> Signature:
    """Operator, kernel, stride and width."""
    return (design.operator, design.kernel, design.stride, design.filters)


def design_signature(design: SubBlockDesign) -> Signature:
    """All that the papers' tables state; the drop rate, which they state for the whole network, left out."""
    return (*operator_signature(design), design.squeeze_excite, design.residual)


def skeleton(design: SubBlockDesign) -> Signature:
    """What stays where somebody makes a sub-block narrower or wider: convolution, kernel, stride, residual."""
    return (design.fused, design.kernel, design.stride, design.expansion > 1, design.residual)


def numbers_by_structure(designs: Sequence[SubBlockDesign], entering: Sequence[int | None]) -> list[int]:
    """The block of each sub-block: a new one begins where resolution, width, kernel, expansion or operator changes.

    `entering` are the channels that enter each sub-block.
    """
    numbers: list[int] = []
    has_residuals = any(design.residual for design in designs)
    for index, (design, channels) in enumerate(zip(designs, entering, strict=True)):
        changes = design.stride != (1, 1) or channels != design.filters
        opens = changes or (has_residuals and not design.residual)
        alike = index and _kept_in_a_block(design) == _kept_in_a_block(designs[index - 1])
        numbers.append((numbers[-1] if numbers else 0) + (not numbers or opens or not alike))
    return numbers


def _kept_in_a_block(design: SubBlockDesign) -> Signature:
    has_attention = design.squeeze_excite is not None
    return (design.fused, design.kernel, round(design.expansion, 2), has_attention, design.filters)
