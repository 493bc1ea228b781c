"""What each layer costs and sees, one row a measure, and the totals over any group of layers.

To add a measure, add a row to MEASURES: tables, comparisons, tooltips, JSON and help follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from effnet_inspect.document import Kind
from effnet_inspect.graph import Layer, LayerGraph, Pair, Shape, elements
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.graph.precision import weights_in_bytes
from effnet_inspect.structure.reach import Field, reaches
from effnet_inspect.words import abbreviate, within_a_sentence

BYTES_PER_ELEMENT = 4
"""Of activations: they are taken to be float32."""

Place = Literal["table", "comparison", "tooltip", "headline"]
"""Where a measure is shown without being asked for; JSON has all of them.

table: a column of `summary`. comparison: `compare --by`. tooltip: on the boxes of figures. headline: the line
about the whole model.
"""


class Measure(NamedTuple):
    """One measure.

    Attributes:
        key: its name in JSON and, with hyphens, on the command line.
        title: for people.
        kind: how a table writes it exactly; `rounded` how it is written beside other models.
        of_layer: its value for one layer, None where that cannot be told; `Measures` gives what it needs to know
            of the layer's inputs.
        combine: a group of layers has the sum of its layers' values, or the value where its data leave it.
        convention: what is counted, in a sentence.
        heading: a shorter title, for columns.
        drop_priority: of its column, as in `document.Column`.
        has_share: whether a part's share of the whole says something.
        shown_in: where it is shown without being asked for.
    """

    key: str
    title: str
    kind: Kind
    of_layer: Callable[[Layer, Measures], Any]
    combine: Literal["sum", "last"]
    convention: str = ""
    rounded: Kind | None = None
    heading: str = ""
    drop_priority: int = 0
    has_share: bool = False
    shown_in: frozenset[Place] = frozenset()

    @property
    def option(self) -> str:
        """Its name on the command line."""
        return self.key.replace("_", "-")

    @property
    def noun(self) -> str:
        """Its title within a sentence: `parameters`, `MACs`."""
        return within_a_sentence(self.title)


class Total(NamedTuple):
    """One measure's sum over a group of layers; `missing` names the layers whose value cannot be told.

    Where there are any, the sum is a lower bound.
    """

    value: int
    missing: tuple[str, ...] = ()

    @property
    def exact(self) -> int | None:
        """The sum; None where it is a lower bound only."""
        return None if self.missing else self.value


class Totals:
    """All sums over one group of layers, each made when it is asked for."""

    def __init__(self, measures: Measures, layers: Sequence[Layer]) -> None:
        self._measures = measures
        self._layers = layers
        self._known: dict[str, Total] = {}

    def total(self, key: str) -> Total:
        """The sum of the measure `key`, with what it lacks."""
        if key not in self._known:
            column = self._measures.column(key)
            values = [column[layer.name] for layer in self._layers]
            missing = (
                ()
                if None not in values
                else tuple(layer.name for layer, value in zip(self._layers, values, strict=True) if value is None)
            )
            self._known[key] = Total(sum([value or 0 for value in values]), missing)
        return self._known[key]

    def __getitem__(self, key: str) -> int:
        """The sum of the measure `key`, a lower bound where a layer's value cannot be told."""
        return self.total(key).value

    def exact(self, key: str) -> int | None:
        """The sum of the measure `key`; None where it is a lower bound only."""
        return self.total(key).exact

    @property
    def are_exact(self) -> bool:
        """Whether parameters and MACs are exact."""
        return not (self.total("parameters").missing or self.total("macs").missing)

    @property
    def lower_bounds(self) -> tuple[str, ...]:
        """A sentence for every sum that lacks layers, naming some of them; none where all sums are exact."""
        return tuple(
            f"The {measure.noun} of {abbreviate(missing)} cannot be determined, so the sums are lower bounds."
            for measure in measures_that_add_up()
            if "table" in measure.shown_in
            if (missing := self.total(measure.key).missing)
        )


class Measures:
    """The measures of every layer of a graph, each made for all layers when it is first asked for.

    >>> from effnet_inspect.graph import LayerGraph
    >>> image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    >>> conv = Layer("conv", "convolution", "Conv2D", ("image",), (4, 4, 16), 432, 432,
    ...              kernel=(3, 3), stride=(2, 2), filters=16, groups=1)
    >>> measures = Measures(LayerGraph("tiny", (image, conv)))
    >>> measures.of(conv, "macs"), measures.of(conv, "receptive_field"), measures.totals()["parameters"]
    (6912, (3, 3), 432)
    """

    def __init__(self, graph: LayerGraph) -> None:
        self.graph = graph
        self._columns: dict[str, dict[str, Any]] = {}

    @cached_property
    def reaches(self) -> dict[str, Field | None]:
        """What every layer sees of the input; None where that cannot be told."""
        return reaches(self.graph)

    def column(self, key: str) -> dict[str, Any]:
        """The values of the measure `key` by layer."""
        column = self._columns.get(key)
        if column is None:
            of_layer = MEASURES[key].of_layer
            column = self._columns[key] = {layer.name: of_layer(layer, self) for layer in self.graph}
        return column

    def of(self, layer: Layer, key: str) -> Any:
        """The value of the measure `key` for a layer; None where it cannot be told."""
        return self.column(key)[layer.name]

    def input_shapes(self, layer: Layer) -> tuple[Shape | None, ...]:
        """The shapes of what a layer takes."""
        return tuple(producer.output_shape for producer in self.graph.producers(layer))

    def unseen(self, layers: Iterable[Layer]) -> tuple[str, ...]:
        """A sentence where the local receptive field of some of `layers` is unknown: from where on; none elsewhere."""
        waiting = [layer for layer in layers if not self.reaches[layer.name]]
        known: set[str] = set()
        first: list[str] = []
        while waiting:
            layer = waiting.pop()
            if layer.name not in known:
                known.add(layer.name)
                blind = [self.graph[name] for name in layer.data_inputs if not self.reaches[name]]
                waiting += blind
                first += [] if blind else [layer.name]
        return (f"The local receptive field cannot be determined from {abbreviate(first[::-1])} on.",) if first else ()

    def at_end(self, layers: Sequence[Layer], key: str) -> Any:
        """The value of the measure `key` where the data leave a group of layers; None without layers."""
        return self.of(layers[-1], key) if layers else None

    def totals(self, layers: Iterable[Layer] | None = None) -> Totals:
        """Sums over `layers`, or over the whole graph."""
        return Totals(self, self.graph.layers if layers is None else tuple(layers))

    def combined(self, measure: Measure, layers: Sequence[Layer]) -> Any:
        """The value of any measure for a group of layers; None where it cannot be told."""
        if measure.combine == "last":
            return self.at_end(layers, measure.key)
        return self.totals(layers).exact(measure.key)


def _one(layer: Layer, measures: Measures) -> int:
    return 1


def _parameters(layer: Layer, measures: Measures) -> int | None:
    return layer.parameters


def _trainable_parameters(layer: Layer, measures: Measures) -> int | None:
    return layer.trainable_parameters


def _macs(layer: Layer, measures: Measures) -> int | None:
    return _of_all_steps(layer, OPERATIONS[layer.operation].macs(layer, measures.input_shapes(layer)))


def _activations(layer: Layer, measures: Measures) -> int | None:
    return _of_all_steps(layer, elements(layer.output_shape))


def _of_all_steps(layer: Layer, count: int | None) -> int | None:
    return None if count is None or layer.steps is None else count * layer.steps


def _weights_in_bytes(layer: Layer, measures: Measures) -> int | None:
    return weights_in_bytes(layer)


def _activations_in_bytes(layer: Layer, measures: Measures) -> int | None:
    count = _activations(layer, measures)
    return None if count is None else count * BYTES_PER_ELEMENT


def _effective_stride(layer: Layer, measures: Measures) -> tuple[float, float] | None:
    if not (field := measures.reaches[layer.name]):
        return None
    height, width = (reach.stride for reach in field)
    return None if height is None or width is None else (height, width)


def _receptive_field(layer: Layer, measures: Measures) -> Pair | None:
    if not (field := measures.reaches[layer.name]):
        return None
    height, width = (reach.size for reach in field)
    return None if height is None or width is None else (height, width)


EVERYWHERE: frozenset[Place] = frozenset({"table", "comparison", "tooltip", "headline"})

MEASURES: dict[str, Measure] = {
    row.key: row
    for row in (
        Measure("layers", "Layers", "count", _one, "sum", drop_priority=8, shown_in=EVERYWHERE),
        Measure(
            "parameters",
            "Parameters",
            "count",
            _parameters,
            "sum",
            rounded="quantity",
            has_share=True,
            shown_in=EVERYWHERE,
        ),
        Measure(
            "trainable_parameters",
            "Trainable parameters",
            "count",
            _trainable_parameters,
            "sum",
            rounded="quantity",
            shown_in=frozenset({"comparison"}),
        ),
        Measure(
            "macs",
            "MACs",
            "quantity",
            _macs,
            "sum",
            "MACs: multiply-accumulates of convolutions, dense layers and matrix products for one image, "
            "without biases.",
            has_share=True,
            shown_in=EVERYWHERE,
        ),
        Measure(
            "activations",
            "Activations",
            "quantity",
            _activations,
            "sum",
            "Activations: elements of all layers' outputs for one image.",
            drop_priority=11,
            shown_in=frozenset({"table", "comparison"}),
        ),
        Measure(
            "receptive_field",
            "Local receptive field",
            "size",
            _receptive_field,
            "last",
            "Local RF: receptive field in input pixels, ignoring squeeze-excite (which is global) and, before global "
            "pooling, the edges of the input.",
            heading="Local RF",
            drop_priority=12,
            shown_in=frozenset({"table", "comparison", "tooltip"}),
        ),
        Measure("effective_stride", "Effective stride", "size", _effective_stride, "last"),
        Measure("weights_bytes", "Weights", "bytes", _weights_in_bytes, "sum"),
        Measure("activation_bytes", "Activations, float32", "bytes", _activations_in_bytes, "sum"),
    )
}
"""Every measure by its key, in the order in which they are shown.

MACs are those of convolutions (dense, grouped, depthwise, those of squeeze-excite included), dense layers and matrix
products, all steps of a layer that is applied once for each frame included; normalisation, activation, pooling and
element-wise operations count none. The receptive field, (height, width), is the local one, of the output that sees
most, not cut at the edges of the input; behind global pooling it is what the pooling sees of the input. It is unknown
behind a layer of which nothing tells what it sees. The effective stride is how many input pixels lie between
neighbouring outputs, unknown where there is only one.
"""


def measures_that_add_up() -> tuple[Measure, ...]:
    """The measures of which a group of layers has the sum, in order."""
    return tuple(measure for measure in MEASURES.values() if measure.combine == "sum")


def measures_shown_in(place: Place) -> tuple[Measure, ...]:
    """The measures that are shown there, in order."""
    return tuple(measure for measure in MEASURES.values() if place in measure.shown_in)
