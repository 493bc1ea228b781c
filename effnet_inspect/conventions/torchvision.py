"""torchvision: every layer is a number in a sequence."""

from __future__ import annotations

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.pytorch import AXES, COUNTER, VARIABLES

TORCHVISION = Convention(
    key="torchvision",
    title="torchvision",
    layers={
        "stem": "features.0.0",
        "stem normalization": "features.0.1",
        "head": "features.{after}.0",
        "head normalization": "features.{after}.1",
        "classifier": "classifier.1",
    },
    sub_block="features.{block}.{position}.block.",
    in_sub_block={
        "separable": {
            "depthwise": "0.0",
            "depthwise normalization": "0.1",
            "reduction": "1.fc1",
            "excitation": "1.fc2",
            "projection": "2.0",
            "projection normalization": "2.1",
        },
        "inverted": {
            "expansion": "0.0",
            "expansion normalization": "0.1",
            "depthwise": "1.0",
            "depthwise normalization": "1.1",
            "reduction": "2.fc1",
            "excitation": "2.fc2",
            "projection": "3.0",
            "projection normalization": "3.1",
        },
        "fused": {
            "fused": "0.0",
            "fused normalization": "0.1",
            "projection": "1.0",
            "projection normalization": "1.1",
        },
        "single": {"fused": "0.0", "fused normalization": "0.1"},
    },
    variables=VARIABLES,
    axes=AXES,
    counter=COUNTER,
    families=("v1", "v2"),
    computes=(
        "torchvision pads strided convolutions evenly, and its B0 to B4 take an epsilon of 0.00001: weights that were "
        "trained otherwise give other outputs there."
    ),
)
