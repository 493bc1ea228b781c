"""The package efficientnet-pytorch: sub-blocks are counted through all blocks; it has EfficientNetV1 only."""

from __future__ import annotations

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.pytorch import AXES, COUNTER, VARIABLES
from effnet_inspect.conventions.slots import Role

_FROM_DEPTHWISE: dict[Role, str] = {
    "depthwise": "_depthwise_conv",
    "depthwise normalization": "_bn1",
    "reduction": "_se_reduce",
    "excitation": "_se_expand",
    "projection": "_project_conv",
    "projection normalization": "_bn2",
}

EFFICIENTNET_PYTORCH = Convention(
    key="efficientnet-pytorch",
    title="efficientnet-pytorch",
    layers={
        "stem": "_conv_stem",
        "stem normalization": "_bn0",
        "head": "_conv_head",
        "head normalization": "_bn1",
        "classifier": "_fc",
    },
    sub_block="_blocks.{number}.",
    in_sub_block={
        "separable": _FROM_DEPTHWISE,
        "inverted": {"expansion": "_expand_conv", "expansion normalization": "_bn0", **_FROM_DEPTHWISE},
        "fused": {},
        "single": {},
    },
    variables=VARIABLES,
    axes=AXES,
    counter=COUNTER,
    families=("v1",),
    computes="efficientnet-pytorch pads strided convolutions and takes an epsilon as Keras does.",
)
