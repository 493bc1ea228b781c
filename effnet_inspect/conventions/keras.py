"""Keras: `keras.applications`, whose names most packages in Keras and TensorFlow took over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.slots import Form, Role

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
    framework="keras",
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

_HUB_FROM_DEPTHWISE: dict[Role, str] = {
    "depthwise": "dwconv",
    "depthwise normalization": "dwconv_bn",
    **_SQUEEZE_EXCITE,
    "projection": "project",
    "projection normalization": "project_bn",
}
_EXPANSION: dict[Role, str] = {"expansion": "expand_conv", "expansion normalization": "expand_bn"}
_FUSED_NAMES: dict[Form, Mapping[Role, str]] = {
    **KERAS.in_sub_block,
    "single": {"fused": "conv", "fused normalization": "bn"},
}

KERAS_HUB = replace(
    QUBVEL,
    key="keras-hub",
    title="KerasHub",
    layers={**QUBVEL.layers, "classifier": "predictions"},
    in_sub_block={
        "separable": _HUB_FROM_DEPTHWISE,
        "inverted": {**_EXPANSION, **_HUB_FROM_DEPTHWISE},
        "fused": {},
        "single": {},
    },
    families=("v1", "lite", "edgetpu"),
    computes=(
        "KerasHub pads strided convolutions evenly and takes an epsilon of 0.00001, as timm's efficientnet models do, "
        "and leaves the normalisation of pixels to whoever prepares the images."
    ),
    # A sub-block is a layer of its own there, with layers in it.
    with_fused=replace(
        QUBVEL,
        key="keras-hub",
        title="KerasHub",
        layers={**QUBVEL.layers, "classifier": "predictions"},
        sub_block="block{block}{letter}_/block{block}{letter}_",
        in_sub_block=_FUSED_NAMES,
        depthwise="dwconv2",
        families=("v1", "lite", "edgetpu"),
        computes="",
    ),
)
"""The package `keras-hub`; its names are those of its own models, a mixture of Keras' and its own."""
