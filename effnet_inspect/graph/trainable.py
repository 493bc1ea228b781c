"""Which weights can be trained, and which of those are not."""

from __future__ import annotations

from effnet_inspect.graph import Layer


def can_train(layer: Layer) -> int:
    """The parameters of a layer that can be trained, frozen at present or not: all but statistics.

    >>> can_train(Layer("bn", "batch_normalization", "BN", parameters=64, use_scale=True, use_bias=True))
    32
    """
    if layer.operation == "batch_normalization" and layer.parameters:
        learned = bool(layer.use_scale) + bool(layer.use_bias)
        return layer.parameters * learned // (2 + learned)
    if layer.operation == "normalization":
        return 0
    return layer.parameters or 0


def is_frozen(layer: Layer) -> bool:
    """Whether a layer has parameters that could train and do not."""
    return can_train(layer) > 0 and layer.trainable_parameters == 0
