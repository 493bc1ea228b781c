"""What is equal in two designs of sub-blocks, planned or found, where they are alike, and where a block begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effnet_inspect.catalog.blueprints import SubBlockDesign

Signature = tuple[Any, ...]


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
