"""Which weights can be trained, by what a layer is."""

from __future__ import annotations

import pytest

from effnet_inspect.graph import Layer
from effnet_inspect.graph.trainable import can_train, is_frozen

CASES = (
    (Layer("a", "convolution", "Conv2D", parameters=432, trainable_parameters=432), 432, False),
    (Layer("a", "convolution", "Conv2D", parameters=432, trainable_parameters=0), 432, True),
    (Layer("a", "convolution", "Conv2D", parameters=None, trainable_parameters=None), 0, False),
    (Layer("a", "activation", "ReLU"), 0, False),
    (Layer("a", "normalization", "Normalization", parameters=7, trainable_parameters=0), 0, False),
    (
        Layer("a", "batch_normalization", "B", parameters=128, trainable_parameters=64, use_scale=True, use_bias=True),
        64,
        False,
    ),
    (
        Layer("a", "batch_normalization", "B", parameters=96, trainable_parameters=0, use_scale=False, use_bias=True),
        32,
        True,
    ),
    (
        Layer("a", "batch_normalization", "B", parameters=64, trainable_parameters=0, use_scale=False, use_bias=False),
        0,
        False,
    ),
)


@pytest.mark.parametrize(("layer", "able", "frozen"), CASES)
def test_what_can_be_trained(layer: Layer, able: int, frozen: bool) -> None:
    assert (can_train(layer), is_frozen(layer)) == (able, frozen)
