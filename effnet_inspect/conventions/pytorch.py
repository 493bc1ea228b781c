"""What all code bases in PyTorch share: its names of variables and its order of axes."""

from __future__ import annotations

from collections.abc import Mapping

from effnet_inspect.conventions.convention import Axes
from effnet_inspect.conventions.slots import Kind, Variable

VARIABLES: Mapping[Kind, Mapping[Variable, str]] = {
    "convolution": {"kernel": "weight", "bias": "bias"},
    "depthwise": {"kernel": "weight", "bias": "bias"},
    "dense": {"kernel": "weight", "bias": "bias"},
    "normalization": {"scale": "weight", "offset": "bias", "mean": "running_mean", "variance": "running_var"},
}

AXES: Mapping[Kind, Axes] = {"convolution": (3, 2, 0, 1), "depthwise": (2, 3, 0, 1), "dense": (1, 0)}

COUNTER = "num_batches_tracked"
