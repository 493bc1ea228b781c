"""timm (PyTorch Image Models), and geffnet, which came before it: names go by the order of a sub-block's layers."""

from __future__ import annotations

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.pytorch import AXES, COUNTER, VARIABLES
from effnet_inspect.conventions.slots import Role

_SQUEEZE_EXCITE: dict[Role, str] = {"reduction": "se.conv_reduce", "excitation": "se.conv_expand"}

TIMM = Convention(
    key="timm",
    title="timm",
    layers={
        "stem": "conv_stem",
        "stem normalization": "bn1",
        "head": "conv_head",
        "head normalization": "bn2",
        "classifier": "classifier",
    },
    sub_block="blocks.{stage}.{position}.",
    in_sub_block={
        "separable": {
            "depthwise": "conv_dw",
            "depthwise normalization": "bn1",
            **_SQUEEZE_EXCITE,
            "projection": "conv_pw",
            "projection normalization": "bn2",
        },
        "inverted": {
            "expansion": "conv_pw",
            "expansion normalization": "bn1",
            "depthwise": "conv_dw",
            "depthwise normalization": "bn2",
            **_SQUEEZE_EXCITE,
            "projection": "conv_pwl",
            "projection normalization": "bn3",
        },
        "fused": {
            "fused": "conv_exp",
            "fused normalization": "bn1",
            **_SQUEEZE_EXCITE,
            "projection": "conv_pwl",
            "projection normalization": "bn2",
        },
        "single": {"fused": "conv", "fused normalization": "bn1", **_SQUEEZE_EXCITE},
    },
    variables=VARIABLES,
    axes=AXES,
    counter=COUNTER,
    computes=(
        "timm's tf_efficientnet models pad and take an epsilon as Keras does; its efficientnet models pad evenly and "
        "take 0.00001: converted weights give other outputs there."
    ),
)
