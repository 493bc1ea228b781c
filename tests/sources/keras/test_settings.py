"""What of a configuration is kept beside the attributes of a layer."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.sources.keras.settings import LONGEST_VALUE, settings

CONFIGURATIONS: tuple[tuple[str, dict[str, Any], tuple[tuple[str, str], ...]], ...] = (
    ("slope", {"name": "act", "negative_slope": 0.3, "trainable": True}, (("negative_slope", "0.3"),)),
    (
        "interpolation",
        {"size": [2, 2], "interpolation": "nearest"},
        (("interpolation", '"nearest"'), ("size", "[2, 2]")),
    ),
    ("what has words", {"filters": 3, "kernel_size": [3, 3], "padding": "same", "use_bias": False}, ()),
    ("spelling", {"data_format": "channels_last", "keepdims": True, "seed": 3, "dtype": "float32"}, ()),
    ("how statistics are made in training", {"renorm": False, "renorm_momentum": 0.99, "virtual_batch_size": None}, ()),
    ("initialisers", {"kernel_initializer": "zeros", "bias_regularizer": "l2"}, ()),
    ("axis of a softmax", {"axis": 1}, (("axis", "1"),)),
    ("axis of a normalisation", {"axis": [3], "gamma_initializer": "ones"}, ()),
    ("axis of an input normalisation", {"axis": [-1], "variance": None}, ()),
    ("code", {"function": {"class_name": "__lambda__"}, "inner": {"class_name": "Dense"}}, ()),
    ("too long", {"vocabulary": ["word"] * LONGEST_VALUE}, ()),
    ("controls", {"text": "\x1b[31m"}, (("text", '"\\u001b[31m"'),)),
)


@pytest.mark.parametrize(("name", "config", "kept"), CONFIGURATIONS, ids=[row[0] for row in CONFIGURATIONS])
def test_what_is_kept(name: str, config: dict[str, Any], kept: tuple[tuple[str, str], ...]) -> None:
    assert settings(config) == kept
