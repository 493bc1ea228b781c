"""What Keras adds to a layer's weights afterwards: adapters of low rank (LoRA), and scales of rounded weights."""

from __future__ import annotations

from collections.abc import Mapping

from effnet_inspect.graph import Pair
from effnet_inspect.graph.precision import PRECISIONS
from effnet_inspect.sources.keras.rows import Config
from effnet_inspect.sources.keras.values import whole

LAST_AXIS = {"Dense": "units", "Conv1D": "filters", "Conv2D": "filters", "Conv3D": "filters", "Embedding": "output_dim"}
"""Classes whose adapters are counted, with what states the last axis of their kernel."""

SCALES = {"Dense": "units", "Embedding": "input_dim"}
"""Classes that are rounded to 8 bits with a scale for each of this many rows."""


def rounding(config: Config) -> str | None:
    """How the weights are rounded, `int8` for example; None where they are not.

    >>> rounding({"dtype": "int8_from_float32"}), rounding({"dtype": "float32"})
    ('int8', None)
    >>> rounding({"dtype": {"class_name": "Int4DTypePolicy", "config": {"mode": "int4/128"}}})
    'int4/128'
    """
    policy = config.get("dtype")
    if isinstance(policy, str):
        return policy.split("_from_")[0] if "_from_" in policy else None
    if not isinstance(policy, Mapping):
        return None
    inner = policy.get("config")
    inner = inner if isinstance(inner, Mapping) else {}
    if inner.get("mode"):
        return str(inner["mode"])
    parts = inner.get("policy_map")
    rounded = [mode for part in parts.values() if (mode := rounding({"dtype": part}))] if parts else []
    return " and ".join(dict.fromkeys(rounded)) or None


def precision_of(config: Config) -> str | None:
    """The type of a layer's weights by its policy; None for float32, and for a policy that is not known."""
    policy = config.get("dtype")
    if isinstance(policy, Mapping):
        inner = policy.get("config")
        policy = inner.get("name") if isinstance(inner, Mapping) else None
    found = rounding(config) or policy
    return found if isinstance(found, str) and found in PRECISIONS and found != "float32" else None


def adapted_parameters(class_name: str, config: Config, own: Pair) -> Pair | None:
    """Parameters, total and trainable, of a layer that has `own` without adapters; None where they cannot be told.

    >>> adapted_parameters("Dense", {"units": 4, "lora_rank": 2}, (36, 36)), adapted_parameters("Dot", {}, (0, 0))
    ((60, 28), (0, 0))
    """
    rank, mode = config.get("lora_rank"), rounding(config)
    if not rank and mode is None:
        return own
    if class_name not in LAST_AXIS or (mode is not None and (mode != "int8" or class_name not in SCALES)):
        return None
    last = whole(config[LAST_AXIS[class_name]])
    bias = last if class_name != "Embedding" and config.get("use_bias", True) else 0
    scales = 0 if mode is None else whole(config[SCALES[class_name]])
    adapters = whole(rank) * ((own[0] - bias) // last + last) if rank else 0
    return (own[0] + scales + adapters, bias + adapters)
