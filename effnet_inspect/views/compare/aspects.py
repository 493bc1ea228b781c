"""What may be compared: of each stage (every measure among it), and of whole models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from effnet_inspect.document import Kind, Value, one_side
from effnet_inspect.structure.anatomy import Block, Stage
from effnet_inspect.structure.measures import MEASURES, Measure, measures_shown_in
from effnet_inspect.structure.network import Network


class Aspect(NamedTuple):
    """What may be compared stage by stage.

    `value` is that of one stage, None where it has none; `total` that of the whole, where the stages' values add up.
    `note` stands under its table.
    """

    key: str
    title: str
    kind: Kind
    value: Callable[[Network, Stage], Value]
    total: Callable[[Network], Value] | None = None
    note: str = ""


class Property(NamedTuple):
    """What may be compared of whole models; `value` is None where a model has none."""

    title: str
    kind: Kind
    value: Callable[[Network], Value]


def _of_first(value: Callable[[Any], Value]) -> Callable[[Network, Stage], Value]:
    """Of a block's first sub-block."""
    return lambda network, stage: value(stage.first) if isinstance(stage, Block) else None


def _kernel(network: Network, stage: Stage) -> Value:
    """Of a block's first sub-block, or of the last convolution of stem and head."""
    if isinstance(stage, Block):
        return one_side(stage.first.kernel)
    return one_side(stage.convolutions[-1].kernel) if stage.belongs_to_backbone and stage.convolutions else None


def _stride(network: Network, stage: Stage) -> Value:
    """Through the whole block, stem or head."""
    is_strided = isinstance(stage, Block) or (stage.belongs_to_backbone and stage.convolutions)
    return one_side(stage.stride) if is_strided else None


def _is_numbered(stage: Stage) -> bool:
    return isinstance(stage, Block) or stage.is_numbered


def _channels(network: Network, stage: Stage) -> Value:
    return stage.output_shape[-1] if _is_numbered(stage) and stage.output_shape else None


def _resolution(network: Network, stage: Stage) -> Value:
    return one_side(stage.output_shape) if _is_numbered(stage) else None


def _measured(measure: Measure) -> Aspect:
    def value(network: Network, stage: Stage) -> Value:
        if measure.combine == "sum":
            return network.totals_of(stage).exact(measure.key)
        return one_side(network.measures.at_end(stage.layers, measure.key)) if _is_numbered(stage) else None

    total = (lambda network: network.totals.exact(measure.key)) if measure.combine == "sum" else None
    return Aspect(measure.option, measure.title, measure.rounded or measure.kind, value, total)


def _aspects() -> Iterator[Aspect]:
    yield Aspect("channels", "Output channels", "count", _channels)
    yield Aspect(
        "sub-blocks",
        "Sub-blocks",
        "count",
        lambda network, stage: len(stage.sub_blocks) if isinstance(stage, Block) else None,
        lambda network: len(network.anatomy.sub_blocks),
        "Sub-blocks are the repeats of a stage, the paper's “#Layers”.",
    )
    yield Aspect("operator", "Operator", "text", _of_first(lambda first: first.operator))
    yield Aspect("kernel", "Kernel size", "size", _kernel)
    yield Aspect("stride", "Stride", "size", _stride)
    note = "What the paper calls a stage's resolution is its input, the output of the stage before."
    yield Aspect("resolution", "Output resolution", "size", _resolution, note=note)
    yield Aspect("expansion", "Expansion ratio", "number", _of_first(lambda first: first.expansion))
    yield Aspect("squeeze-excite", "Squeeze-excite width", "count", _of_first(lambda first: first.squeeze_excite))
    yield from map(_measured, measures_shown_in("comparison"))


def aspects() -> dict[str, Aspect]:
    """Every aspect by its key."""
    return {row.key: row for row in _aspects()}


def _published_top1(network: Network) -> Value:
    """As a fraction."""
    accuracy = network.published_accuracy
    return round(accuracy.top1 / 100, 6) if accuracy else None


def _total(key: str) -> Property:
    measure = MEASURES[key]
    return Property(measure.title, measure.rounded or measure.kind, lambda network: network.totals.exact(key))


def properties() -> tuple[Property, ...]:
    """Every property of whole models."""
    return (
        Property("Resolution", "size", lambda network: one_side(network.anatomy.input_shape)),
        Property("Width coefficient", "number", lambda network: network.variant.width if network.variant else None),
        Property("Depth coefficient", "number", lambda network: network.variant.depth if network.variant else None),
        Property("Dropout", "number", lambda network: network.anatomy.dropout_rate),
        *(_total(measure.key) for measure in measures_shown_in("headline")),
        _total("weights_bytes"),
        Property("Top-1, published", "share", _published_top1),
    )


MODEL = "model"
"""The aspect that shows the properties of whole models."""

USUAL = (MODEL, "channels", "sub-blocks", "parameters", "macs")
"""The aspects shown where none is asked for."""


def choices() -> tuple[str, ...]:
    """Everything that can be compared."""
    return (MODEL, *aspects())
