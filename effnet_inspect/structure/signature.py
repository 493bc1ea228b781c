"""What is equal in two sub-blocks where they are alike, in as many ways as there are reasons to ask.

Every comparison of sub-blocks, of planned and of found ones, goes through here; only claims about how layers are drawn
compare what a framework calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.designs import Signature, design_signature, operator_signature


class Strictness(Enum):
    """How much two sub-blocks have to share, from the least to the most.

    OPERATOR: operator, kernel, stride and width. DESIGN: all that the papers' tables state. KINDS: the kinds of their
    layers, module by module, kernels only as pointwise or not. SHAPES: their design, and the operation, kernel, output
    shape and parameters of every layer.
    """

    OPERATOR = "operator"
    DESIGN = "design"
    KINDS = "kinds"
    SHAPES = "shapes"


def kind_of_layer(layer: Layer) -> Signature:
    """The operation; of a convolution also whether it is pointwise."""
    return (layer.operation, layer.kernel == (1, 1))


def _kinds(sub_block: SubBlock) -> Signature:
    modules = tuple((module.number, tuple(map(kind_of_layer, module.layers))) for module in sub_block.modules)
    return (sub_block.kind, sub_block.fused, modules)


def _shapes(sub_block: SubBlock) -> Signature:
    layers = tuple(
        (module.role, layer.operation, layer.kernel, layer.output_shape, layer.parameters)
        for module in sub_block.modules
        for layer in module.layers
    )
    return (sub_block.kind, *design_signature(sub_block), layers)


_SIGNATURES: dict[Strictness, Callable[[SubBlock], Signature]] = {
    Strictness.OPERATOR: operator_signature,
    Strictness.DESIGN: design_signature,
    Strictness.KINDS: _kinds,
    Strictness.SHAPES: _shapes,
}


def signature(sub_block: SubBlock, strictness: Strictness) -> Signature:
    """What equals that of another sub-block exactly where the two are alike, in the sense of `strictness`."""
    return _SIGNATURES[strictness](sub_block)
