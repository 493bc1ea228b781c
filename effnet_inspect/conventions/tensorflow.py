"""TensorFlow's original EfficientNets: scopes of a graph, in which layers are numbered by their class.

The names are those of `tensorflow/tpu/models/official/efficientnet` and `google/automl/efficientnetv2`.
"""

from __future__ import annotations

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.slots import Role

_SQUEEZE_EXCITE: dict[Role, str] = {"reduction": "se/conv2d", "excitation": "se/conv2d_1"}

TENSORFLOW = Convention(
    key="tensorflow",
    title="TensorFlow's original",
    layers={
        "stem": "stem/conv2d",
        "stem normalization": "stem/tpu_batch_normalization",
        "head": "head/conv2d",
        "head normalization": "head/tpu_batch_normalization",
        "classifier": "head/dense",
    },
    sub_block="blocks_{number}/",
    in_sub_block={
        "separable": {
            "depthwise": "depthwise_conv2d",
            "depthwise normalization": "tpu_batch_normalization",
            **_SQUEEZE_EXCITE,
            "projection": "conv2d",
            "projection normalization": "tpu_batch_normalization_1",
        },
        "inverted": {
            "expansion": "conv2d",
            "expansion normalization": "tpu_batch_normalization",
            "depthwise": "depthwise_conv2d",
            "depthwise normalization": "tpu_batch_normalization_1",
            **_SQUEEZE_EXCITE,
            "projection": "conv2d_1",
            "projection normalization": "tpu_batch_normalization_2",
        },
        "fused": {
            "fused": "conv2d",
            "fused normalization": "tpu_batch_normalization",
            **_SQUEEZE_EXCITE,
            "projection": "conv2d_1",
            "projection normalization": "tpu_batch_normalization_1",
        },
        "single": {"fused": "conv2d", "fused normalization": "tpu_batch_normalization", **_SQUEEZE_EXCITE},
    },
    variables={
        "convolution": {"kernel": "kernel", "bias": "bias"},
        "depthwise": {"kernel": "depthwise_kernel", "bias": "bias"},
        "dense": {"kernel": "kernel", "bias": "bias"},
        "normalization": {"scale": "gamma", "offset": "beta", "mean": "moving_mean", "variance": "moving_variance"},
    },
    joint="/",
    framework="tensorflow",
    computes=(
        "TensorFlow's original models pad and take an epsilon as Keras does, and leave the normalisation of pixels to "
        "whoever prepares the images."
    ),
)
