"""What each layer costs and sees, and the sums over any group of layers.

MACs are multiply-accumulates of convolutions (dense, grouped, depthwise, those of squeeze-excite included) and
dense layers, for one image; biases, normalisation, activations, pooling and element-wise operations count none.
Activations are the elements of every layer's output, for one image. The receptive field is the local one:
how many input pixels a position sees through convolutions and pooling windows (squeeze-excite, being global,
left out). Weights and activations take four bytes an element (float32).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, Pair, elements
from effnet_inspect.operations import OPERATIONS

BYTES_PER_ELEMENT = 4


class LayerMeasures(NamedTuple):
    """Measures of one layer; None where the source leaves them open.

    `receptive_field` is (height, width) in input pixels; `effective_stride` is how many input pixels lie
    between neighbouring outputs.
    """

    macs: int | None
    activations: int | None
    receptive_field: Pair | None
    effective_stride: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a group of layers.

    `uncounted_parameters`, `uncounted_macs` and `uncounted_activations` name the layers that a sum lacks; where
    they are not empty, the sum is a lower bound.
    """

    layers: int
    parameters: int
    trainable_parameters: int
    macs: int
    activations: int
    uncounted_parameters: tuple[str, ...] = ()
    uncounted_macs: tuple[str, ...] = ()
    uncounted_activations: tuple[str, ...] = ()

    @property
    def weights_bytes(self) -> int:
        """Size of all parameters in bytes, as float32."""
        return self.parameters * BYTES_PER_ELEMENT

    def exact(self, what: str) -> int | None:
        """The sum of `parameters`, `macs` or `activations` (or another count); None where it lacks a layer."""
        return None if getattr(self, f"uncounted_{what}", ()) else int(getattr(self, what))

    @property
    def lower_bounds(self) -> tuple[str, ...]:
        """A sentence for every sum that lacks layers, naming some of them; none where all sums are exact."""
        lacking = (
            ("parameters", self.uncounted_parameters),
            ("MACs", self.uncounted_macs),
            ("activations", self.uncounted_activations),
        )
        return tuple(
            f"The {what} of {_named(names)} cannot be told, so the sums are lower bounds."
            for what, names in lacking
            if names
        )

    @property
    def activation_bytes(self) -> int:
        """Size of all layers' outputs for one image in bytes, as float32."""
        return self.activations * BYTES_PER_ELEMENT


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


class Measures:
    """The measures of every layer of a graph; index with a layer's name.

    >>> from effnet_inspect.graph import LayerGraph
    >>> image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    >>> conv = Layer("conv", "convolution", "Conv2D", ("image",), (4, 4, 16), 432, 432,
    ...              kernel=(3, 3), stride=(2, 2), filters=16, groups=1)
    >>> measures = Measures(LayerGraph("tiny", (image, conv)))
    >>> measures["conv"].macs, measures["conv"].receptive_field, measures.totals().parameters
    (6912, (3, 3), 432)
    """

    def __init__(self, graph: LayerGraph) -> None:
        self.graph = graph
        self._by_name: dict[str, LayerMeasures] = {}
        for layer in graph:
            self._by_name[layer.name] = _measure(layer, graph, self._by_name)

    def __getitem__(self, name: str) -> LayerMeasures:
        return self._by_name[name]

    def totals(self, layers: Iterable[Layer] | None = None) -> Totals:
        """Sums over `layers`, or over the whole graph."""
        group = self.graph.layers if layers is None else tuple(layers)
        macs = [self._by_name[layer.name].macs for layer in group]
        activations = [self._by_name[layer.name].activations for layer in group]
        return Totals(
            layers=len(group),
            parameters=sum([layer.parameters or 0 for layer in group]),
            trainable_parameters=sum([layer.trainable_parameters or 0 for layer in group]),
            macs=sum([count or 0 for count in macs]),
            activations=sum([count or 0 for count in activations]),
            uncounted_parameters=_uncounted(group, [layer.parameters for layer in group]),
            uncounted_macs=_uncounted(group, macs),
            uncounted_activations=_uncounted(group, activations),
        )


def _uncounted(group: Sequence[Layer], counts: Sequence[int | None]) -> tuple[str, ...]:
    if None not in counts:
        return ()
    return tuple([layer.name for layer, count in zip(group, counts, strict=True) if count is None])


def _measure(layer: Layer, graph: LayerGraph, before: Mapping[str, LayerMeasures]) -> LayerMeasures:
    rule = OPERATIONS[layer.operation]
    producers = graph.producers(layer)
    shapes = tuple(producer.output_shape for producer in producers)
    seen = [before[name] for name in layer.inputs]
    return LayerMeasures(
        macs=rule.macs(layer, shapes),
        activations=elements(layer.output_shape),
        receptive_field=_receptive_field(layer, rule.windowed, seen),
        effective_stride=_effective_stride(layer, rule.windowed, seen),
    )


def _receptive_field(layer: Layer, windowed: bool, seen: list[LayerMeasures]) -> Pair | None:
    if layer.operation == "input" and not seen:
        return (1, 1)
    if len(seen) == 1 and not windowed:
        return seen[0].receptive_field
    fields = [each.receptive_field for each in seen if each.receptive_field]
    if not fields:
        return None
    height, width = max(field[0] for field in fields), max(field[1] for field in fields)
    apart = seen[0].effective_stride
    if not windowed or layer.kernel is None or apart is None:
        return (height, width)
    dilation = layer.dilation or (1, 1)
    return (
        height + round((layer.kernel[0] - 1) * dilation[0] * apart[0]),
        width + round((layer.kernel[1] - 1) * dilation[1] * apart[1]),
    )


def _effective_stride(layer: Layer, windowed: bool, seen: list[LayerMeasures]) -> tuple[float, float] | None:
    if layer.operation == "input" and not seen:
        return (1.0, 1.0)
    apart = seen[0].effective_stride if seen else None
    if apart is None or layer.stride is None:
        return apart
    if windowed:
        return (apart[0] * layer.stride[0], apart[1] * layer.stride[1])
    return (apart[0] / layer.stride[0], apart[1] / layer.stride[1])
