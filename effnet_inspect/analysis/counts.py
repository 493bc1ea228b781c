"""The conventions by which multiplications and activations are counted, each as the tool does that is known for it.

The rules are those of the tools' sources: `tensorflow.python.profiler.internal.flops_registry`, `torchinfo.layer_info`,
`fvcore.nn.jit_handles`, `torch.utils.flop_counter`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from effnet_inspect.graph import Layer, OperationName
from effnet_inspect.graph.operations import WITH_KERNEL
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network

Count = Callable[[Layer, Measures], int | None]


class Convention(NamedTuple):
    """One way to count.

    Attributes:
        key: its name in data.
        title: what is counted.
        counted_by: who counts so.
        of_layer: the count for one layer and one image, None where it cannot be told.
    """

    key: str
    title: str
    counted_by: str
    of_layer: Count


GATED = frozenset({"silu", "swish"})
"""x · sigmoid(b·x), which is two multiplications in TensorFlow; the sigmoid itself is not counted."""

RSQRT = 2
SOFTMAX = 5
"""Operations for each number, in TensorFlow's registry."""


def _macs(layer: Layer, measures: Measures) -> int | None:
    found: int | None = measures.of(layer, "macs")
    return found


def _twice(layer: Layer, measures: Measures) -> int | None:
    macs = _macs(layer, measures)
    return None if macs is None else 2 * macs


def _outputs(layer: Layer, measures: Measures) -> int | None:
    found: int | None = measures.of(layer, "activations")
    return found


def _inputs(layer: Layer, measures: Measures) -> int | None:
    """Of what a layer takes first."""
    return _outputs(measures.graph[layer.inputs[0]], measures) if layer.inputs else 0


def _biases(layer: Layer, measures: Measures) -> int | None:
    return _outputs(layer, measures) if layer.operation in WITH_KERNEL and layer.use_bias else 0


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _with_biases(layer: Layer, measures: Measures) -> int | None:
    return _sum(_macs(layer, measures), _biases(layer, measures))


def _torchinfo(layer: Layer, measures: Measures) -> int | None:
    """Parameters of convolutions at every position, those of everything else once."""
    learned = 0
    if layer.operation == "batch_normalization":
        learned = (bool(layer.use_scale) + bool(layer.use_bias)) * (layer.channels or 0)
    return _sum(_with_biases(layer, measures), learned)


def _fvcore(layer: Layer, measures: Measures) -> int | None:
    """A scale and a shift for each number that is normalised, an addition for each that is pooled globally."""
    count = _macs(layer, measures)
    if layer.operation == "batch_normalization":
        count = _sum(count, _times(_outputs(layer, measures), 1 + bool(layer.use_scale)))
    if layer.operation == "global_average_pooling":
        count = _sum(count, _inputs(layer, measures))
    return count


def _times(count: int | None, factor: int) -> int | None:
    return None if count is None else count * factor


def _tensorflow(layer: Layer, measures: Measures) -> int | None:
    """Two for each MAC, and one for each elementwise operation that the registry knows, as Keras 3 runs them."""
    count = _sum(_twice(layer, measures), _biases(layer, measures), _activated(layer, measures))
    rule = _ELEMENTWISE.get(layer.operation)
    return _sum(count, rule(layer, measures)) if rule else count


def _activated(layer: Layer, measures: Measures) -> int | None:
    if layer.activation in GATED:
        return _times(_outputs(layer, measures), 2)
    return _times(_outputs(layer, measures), SOFTMAX) if layer.activation == "softmax" else 0


def _normalized(layer: Layer, measures: Measures) -> int | None:
    """Scale and shift of each number; for each channel the root, and what makes scale and shift of the statistics."""
    channels = layer.channels
    if channels is None:
        return None
    scaled = RSQRT + 1 + bool(layer.use_scale) + 1 + bool(layer.use_bias)
    return _sum(_times(_outputs(layer, measures), 2), channels * scaled)


def _input_normalized(layer: Layer, measures: Measures) -> int | None:
    return _sum(_times(_outputs(layer, measures), 2), layer.channels)


def _rescaled(layer: Layer, measures: Measures) -> int | None:
    return _times(_outputs(layer, measures), 2)


def _joined(layer: Layer, measures: Measures) -> int | None:
    return _times(_outputs(layer, measures), max(len(layer.inputs) - 1, 1))


def _pooled(layer: Layer, measures: Measures) -> int | None:
    return _times(_outputs(layer, measures), math.prod(layer.kernel or (1, 1)))


_ELEMENTWISE: dict[OperationName, Count] = {
    "batch_normalization": _normalized,
    "normalization": _input_normalized,
    "rescaling": _rescaled,
    "add": _joined,
    "subtract": _joined,
    "multiply": _joined,
    "max_pooling": _pooled,
    "average_pooling": _pooled,
    "global_average_pooling": _inputs,
}


def _weighted_outputs(layer: Layer, measures: Measures) -> int | None:
    return _outputs(layer, measures) if layer.operation in WITH_KERNEL else 0


CONVENTIONS: tuple[Convention, ...] = (
    Convention("macs", "MACs of convolutions and dense layers", "the papers, as “FLOPs”; here", _macs),
    Convention("macs_with_biases", "MACs and biases", "those who add a bias for each output", _with_biases),
    Convention(
        "macs_torchinfo", "MACs, biases and parameters of batch normalisation", "torchinfo, as “mult-adds”", _torchinfo
    ),
    Convention("flops_fvcore", "MACs, batch normalisation and global pooling", "fvcore, as “flops”", _fvcore),
    Convention("flops", "two for each MAC", "torch's FlopCounterMode, as “FLOPs”", _twice),
    Convention(
        "operations_tensorflow",
        "two for each MAC, and elementwise operations",
        "TensorFlow's profiler, as “float_ops”",
        _tensorflow,
    ),
    Convention(
        "activations_weighted",
        "outputs of convolutions and dense layers",
        "timm and fvcore, as “activations”",
        _weighted_outputs,
    ),
    Convention("activations", "outputs of all layers", "here, as activations", _outputs),
)
"""Every convention, in the order in which they are shown."""


def counts_of(network: Network) -> dict[str, int | None]:
    """The count of every convention by its key, for one image; None where a layer's cannot be told."""
    found: dict[str, int | None] = {}
    for convention in CONVENTIONS:
        found[convention.key] = _sum(*(convention.of_layer(layer, network.measures) for layer in network.graph))
    return found
