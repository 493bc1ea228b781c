"""What a layer's configuration states beside what a Layer has words for: slopes, axes, factors, interpolations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WORDED = frozenset(
    {"activation", "batch_input_shape", "batch_shape", "center", "cropping", "dilation_rate", "epsilon", "filters"}
    | {"groups", "kernel_size", "layer", "lora_alpha", "lora_rank", "mean", "momentum", "offset", "padding"}
    | {"pool_size", "rate", "scale", "strides", "trainable", "dtype", "units", "use_bias", "variance"}
)
"""Keys that are attributes of a Layer."""

SPELLED = frozenset(
    {"name", "data_format", "keepdims", "target_shape", "input_dim", "input_length", "function", "seed", "optional"}
    | {"ragged", "sparse", "fused", "virtual_batch_size", "synchronized", "quantization_config", "constant"}
    | {"renorm", "renorm_clipping", "renorm_momentum", "argument_names"}
)
"""Keys that change nothing in what a network computes, or are told by the shapes."""

UNREAD_ENDINGS = ("_initializer", "_regularizer", "_constraint", "_quantizer", "_layers")

LONGEST_VALUE = 80


def settings(config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The remaining settings by name, each value as JSON has it; what is too long to be shown is left out."""
    normalizes = "gamma_initializer" in config or "variance" in config
    found = []
    for key, value in config.items():
        is_read = key in WORDED or key in SPELLED or key.endswith(UNREAD_ENDINGS)
        # The axis of a normalisation is that of the channels, written from the front or from the back.
        if is_read or (key == "axis" and normalizes) or not isinstance(value, (bool, int, float, str, list, tuple)):
            continue
        text = json.dumps(value)
        if len(text) <= LONGEST_VALUE and text.isprintable():
            found.append((str(key)[:LONGEST_VALUE], text))
    return tuple(sorted(found))
