"""Batch normalisation that was folded into the convolutions before it: what is left are biases."""

from __future__ import annotations

from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Anatomy, Module, Section
from effnet_inspect.structure.regions import is_normalizing

CONVOLUTIONS = frozenset({"convolution", "depthwise_convolution"})

LOST_BY_FOLDING = 3
"""Parameters less for each channel: factor, offset, mean and variance become one bias."""


def folded_into(anatomy: Anatomy) -> tuple[Layer, ...]:
    """The convolutions that normalisation is folded into: those with biases, where nothing is normalised.

    The convolutions of an attention have biases by themselves.
    """
    if not anatomy.blocks or any(map(is_normalizing, anatomy.graph)):
        return ()
    modules = (module for each in anatomy.sub_blocks for module in each.modules if not module.attention)
    parts: tuple[Section | Module | None, ...] = (anatomy.stem, *modules, anatomy.head)
    layers = (layer for part in parts if part for layer in part.layers)
    return tuple(layer for layer in layers if layer.operation in CONVOLUTIONS and layer.use_bias and _has_own(layer))


def _has_own(layer: Layer) -> bool:
    return layer.shares_weights_with is None


def lost_by_folding(layers: tuple[Layer, ...]) -> int:
    """How many parameters the network had more before."""
    return sum(LOST_BY_FOLDING * (layer.filters or 0) for layer in layers)
