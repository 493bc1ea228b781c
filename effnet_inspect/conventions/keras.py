"""Keras: `keras.applications`, whose names most packages in Keras and TensorFlow took over."""

from __future__ import annotations

from dataclasses import replace

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.slots import Role

_SQUEEZE_EXCITE: dict[Role, str] = {"reduction": "se_reduce", "excitation": "se_expand"}
_PROJECTION: dict[Role, str] = {"projection": "project_conv", "projection normalization": "project_bn"}
_DEPTHWISE: dict[Role, str] = {"depthwise": "{depthwise}", "depthwise normalization": "bn"}

KERAS = Convention(
    key="keras",
    title="Keras",
    layers={
        "preprocessing": "normalization",
        "stem": "stem_conv",
        "stem normalization": "stem_bn",
        "head": "top_conv",
        "head normalization": "top_bn",
        "classifier": "predictions",
    },
    sub_block="block{block}{letter}_",
    in_sub_block={
        "separable": {**_DEPTHWISE, **_SQUEEZE_EXCITE, **_PROJECTION},
        "inverted": {
            "expansion": "expand_conv",
            "expansion normalization": "expand_bn",
            **_DEPTHWISE,
            **_SQUEEZE_EXCITE,
            **_PROJECTION,
        },
        "fused": {"fused": "expand_conv", "fused normalization": "expand_bn", **_SQUEEZE_EXCITE, **_PROJECTION},
        "single": {"fused": "project_conv", "fused normalization": "project_bn", **_SQUEEZE_EXCITE},
    },
    variables={
        "convolution": {"kernel": "kernel", "bias": "bias"},
        "depthwise": {"kernel": "kernel", "bias": "bias"},
        "dense": {"kernel": "kernel", "bias": "bias"},
        "normalization": {
            "scale": "gamma",
            "offset": "beta",
            "mean": "moving_mean",
            "variance": "moving_variance",
        },
        "statistics": {"mean": "mean", "variance": "variance", "count": "count"},
    },
    joint="/",
    computes=(
        "Keras normalises the pixels within the model, pads strided convolutions as TensorFlow does, more at the end "
        "than at the beginning of even sides, and takes an epsilon of 0.001 in batch normalisations."
    ),
    depthwise="dwconv",
    depthwise_v2="dwconv2",
)

QUBVEL = replace(
    KERAS,
    key="qubvel",
    title="qubvel's efficientnet",
    layers={**{role: name for role, name in KERAS.layers.items() if role != "preprocessing"}, "classifier": "probs"},
    families=("v1",),
    computes="qubvel's efficientnet leaves the normalisation of pixels to whoever prepares the images.",
)
"""The package `efficientnet`, and with it `segmentation-models`: no layers of preprocessing, another classifier."""
