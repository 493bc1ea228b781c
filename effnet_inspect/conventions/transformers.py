"""Hugging Face's transformers: sub-blocks are counted through all blocks; it has EfficientNetV1 only."""

from __future__ import annotations

from dataclasses import replace

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.pytorch import AXES, COUNTER, VARIABLES
from effnet_inspect.conventions.slots import Role

_BASE = "efficientnet."

_FROM_DEPTHWISE: dict[Role, str] = {
    "depthwise": "depthwise_conv.depthwise_conv",
    "depthwise normalization": "depthwise_conv.depthwise_norm",
    "reduction": "squeeze_excite.reduce",
    "excitation": "squeeze_excite.expand",
    "projection": "projection.project_conv",
    "projection normalization": "projection.project_bn",
}

_WITH_CLASSIFIER = Convention(
    key="transformers",
    title="transformers",
    layers={
        "stem": "efficientnet.embeddings.convolution",
        "stem normalization": "efficientnet.embeddings.batchnorm",
        "head": "efficientnet.encoder.top_conv",
        "head normalization": "efficientnet.encoder.top_bn",
        "classifier": "classifier",
    },
    sub_block="efficientnet.encoder.blocks.{number}.",
    in_sub_block={
        "separable": _FROM_DEPTHWISE,
        "inverted": {
            "expansion": "expansion.expand_conv",
            "expansion normalization": "expansion.expand_bn",
            **_FROM_DEPTHWISE,
        },
        "fused": {},
        "single": {},
    },
    variables=VARIABLES,
    axes=AXES,
    counter=COUNTER,
    families=("v1",),
    computes="transformers pads strided convolutions and takes an epsilon as Keras does.",
)

TRANSFORMERS = replace(
    _WITH_CLASSIFIER,
    bare=replace(
        _WITH_CLASSIFIER,
        layers={
            role: name.removeprefix(_BASE) for role, name in _WITH_CLASSIFIER.layers.items() if role != "classifier"
        },
        sub_block=_WITH_CLASSIFIER.sub_block.removeprefix(_BASE),
    ),
)
"""`EfficientNetForImageClassification`, and bare `EfficientNetModel`, whose names do not begin with the model's."""
