"""What is equal in two designs of sub-blocks, planned or found, where they are alike: as little as they must share."""

from __future__ import annotations

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
