"""`cost`: memory and memory traffic of networks, for a forward pass and for training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from effnet_inspect.analysis.cost import KINDS, SLOTS, Conditions, Cost, cost_of
from effnet_inspect.document import Column, Document, Row, Table, Value
from effnet_inspect.formatting import format_value
from effnet_inspect.structure.network import Network
from effnet_inspect.words import pluralize, said_of

if TYPE_CHECKING:
    from effnet_inspect.views.answer_contracts import CostData, ModelCostData

PEAK_NOTE = (
    "Peak: the most that activations take at once, each from the layer that makes it to the last that takes it, in "
    "graph order; nothing in place."
)
MOVED_NOTE = "Moved: inputs and weights read and outputs written by every layer, nothing fused."
INTENSITY_NOTE = "MACs/byte: multiply-accumulates per byte moved; what is low waits for memory, not for arithmetic."
KEPT_NOTE = "Kept: outputs of all layers, for the backward pass."
UNKNOWN = (
    "No graph tells the workspace of convolutions (cuDNN, oneDNN), what an allocator loses to fragments, the memory of "
    "the framework itself, and gradients of activations while they pass."
)

MEASURED_NOTE = (
    "Held against TensorFlow 2.21 on a CPU (float32): a forward pass took 1.0 to 1.6 times the peak counted here; a "
    "training step 0.9 times what is counted as kept for EfficientNets, and 0.6 times for ResNet-50, whose ReLUs need "
    "their outputs alone. GPUs were not measured."
)


def cost(networks: Sequence[Network], conditions: Conditions | None = None) -> Document:
    """The costs of networks side by side; of one alone also where they are."""
    conditions = conditions or Conditions()
    costs = [cost_of(network, conditions) for network in networks]
    tables = [_inference(networks, costs), _training(networks, costs, conditions), _kinds(networks, costs)]
    if len(networks) == 1:
        tables.insert(2, _parts(costs[0]))
    bounds = [
        sentence if len(networks) == 1 else said_of(network.title, sentence)
        for network, each in zip(networks, costs, strict=True)
        for sentence in each.lower_bounds
    ]
    return Document(
        title=f"The cost of {networks[0].name}" if len(networks) == 1 else "The cost of networks",
        lead=f"{pluralize(conditions.batch, 'image')} at once in {conditions.dtype}.",
        tables=tuple(tables),
        tidy=_tidy(networks, costs),
        notes=(*bounds, *_not_kept(networks, costs), *_conventions(conditions)),
        data=_data(networks, costs, conditions),
    )


def _not_kept(networks: Sequence[Network], costs: Sequence[Cost]) -> Iterator[str]:
    for network, each in zip(networks, costs, strict=True):
        if each.not_kept:
            yield (
                f"{network.title} has frozen layers: no gradient needs the outputs of "
                f"{pluralize(each.not_kept, 'layer')}, which are not kept."
                + (" Total and largest batch take the peak, which is more than what is kept." * (each.peak > each.kept))
            )


def _conventions(conditions: Conditions) -> Iterator[str]:
    yield UNKNOWN
    yield MEASURED_NOTE
    slots = SLOTS[conditions.optimizer]
    state = f"{slots} numbers" if slots > 1 else "a number" if slots else "nothing"
    yield (
        f"{conditions.optimizer} keeps {state} beside each trainable parameter. Total: weights, kept, gradients and "
        "optimizer."
    )


MODEL = Column("model", "Model", keep_end=True)
MEASURED: tuple[Column, ...] = (
    Column("weights", "Weights", "bytes"),
    Column("peak", "Peak", "bytes", note=PEAK_NOTE),
    Column("peak_layer", "Peak at", keep_end=True, drop_priority=2),
    Column("moved", "Moved", "bytes", note=MOVED_NOTE),
    Column("macs", "MACs", "quantity", drop_priority=1),
    Column("macs_per_byte", "MACs/byte", "number", drop_priority=3, note=INTENSITY_NOTE),
)


def _inference(networks: Sequence[Network], costs: Sequence[Cost]) -> Table:
    rows = tuple(
        Row(
            (
                network.title,
                each.weights,
                each.peak,
                each.peak_layer,
                each.moved,
                each.macs,
                _rounded(each.macs_per_byte),
            )
        )
        for network, each in zip(networks, costs, strict=True)
    )
    return Table("Inference", (MODEL, *MEASURED), rows)


TRAINED: tuple[Column, ...] = (
    Column("kept", "Kept", "bytes", note=KEPT_NOTE),
    Column("gradients", "Gradients", "bytes"),
    Column("optimizer", "Optimizer", "bytes"),
    Column("total", "Total", "bytes"),
)


def _training(networks: Sequence[Network], costs: Sequence[Cost], conditions: Conditions) -> Table:
    has_limit = conditions.memory is not None
    limit = (Column("largest_batch", "Largest batch", "count"),) if has_limit else ()
    rows = tuple(
        Row(
            (
                network.title,
                each.kept,
                each.gradients,
                each.optimizer,
                each.training,
                *([each.largest_batch] if has_limit else []),
            )
        )
        for network, each in zip(networks, costs, strict=True)
    )
    caption = f"Largest batch: what fits in {format_value(conditions.memory, 'bytes')}." if has_limit else ""
    return Table("Training", (MODEL, *TRAINED, *limit), rows, notes=(caption,) if caption else ())


def _parts(cost: Cost) -> Table:
    columns = (
        Column("part", "Part"),
        Column("weights", "Weights", "bytes", drop_priority=1),
        Column("peak", "Peak", "bytes"),
        Column("moved", "Moved", "bytes"),
        Column("moved_share", "Share", "share", bars=True, drop_priority=2),
        Column("macs_per_byte", "MACs/byte", "number", drop_priority=3),
        Column("kept", "Kept", "bytes"),
    )
    rows = tuple(
        Row(
            (
                part.title,
                part.weights,
                part.peak,
                part.moved,
                _share(part.moved, cost.moved),
                _rounded(part.macs_per_byte),
                part.kept,
            )
        )
        for part in cost.parts
    )
    return Table("Stage by stage", columns, rows)


def _kinds(networks: Sequence[Network], costs: Sequence[Cost]) -> Table:
    columns = (
        Column("kind", "Share of the bytes moved in"),
        *(
            Column(f"share_{number}", network.title, "share", paginate=True)
            for number, network in enumerate(networks, start=1)
        ),
    )
    shown = [kind for kind in KINDS if any(each.by_kind[kind] for each in costs)]
    rows = tuple(Row((kind, *(_share(each.by_kind[kind], each.moved) for each in costs))) for kind in shown)
    return Table("What moves them", columns, rows)


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 2)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _tidy(networks: Sequence[Network], costs: Sequence[Cost]) -> Table:
    """One row a model, for programs."""
    columns = (MODEL, *MEASURED, *TRAINED, Column("largest_batch", "Largest batch", "count"))
    kinds = tuple(Column(f"{kind.replace('-', '_')}_share", f"In {kind}", "share") for kind in KINDS)
    rows = []
    for network, each in zip(networks, costs, strict=True):
        values: tuple[Value, ...] = (
            *(network.key, each.weights, each.peak, each.peak_layer, each.moved, each.macs, each.macs_per_byte),
            *(each.kept, each.gradients, each.optimizer, each.training, each.largest_batch),
            *(_share(each.by_kind[kind], each.moved) for kind in KINDS),
        )
        rows.append(Row(values))
    return Table("", (*columns, *kinds), tuple(rows))


def _data(networks: Sequence[Network], costs: Sequence[Cost], conditions: Conditions) -> CostData:
    return {
        "format": 1,
        "dtype": conditions.dtype,
        "optimizer": conditions.optimizer,
        "memory_bytes": None if conditions.memory is None else int(conditions.memory),
        "models": [_model_data(network, each, conditions.batch) for network, each in zip(networks, costs, strict=True)],
    }


def _model_data(network: Network, cost: Cost, batch: int) -> ModelCostData:
    return {
        "target": network.key if network.graph.target else "",
        "batch": batch,
        "exact": cost.is_exact,
        "inference": {
            "peak_activation_bytes": cost.peak,
            "peak_layer": cost.peak_layer,
            "weight_bytes": cost.weights,
            "moved_bytes": cost.moved,
            "macs": cost.macs,
            "macs_per_byte": cost.macs_per_byte,
            "moved_bytes_by_kind": dict(cost.by_kind),
        },
        "training": {
            "activation_bytes": cost.kept,
            "gradient_bytes": cost.gradients,
            "optimizer_bytes": cost.optimizer,
            "total_bytes": cost.training,
            "largest_batch": cost.largest_batch,
        },
        "parts": [
            {
                "part": part.title,
                "weight_bytes": part.weights,
                "peak_activation_bytes": part.peak,
                "moved_bytes": part.moved,
                "macs": part.macs,
                "activation_bytes": part.kept,
            }
            for part in cost.parts
        ],
    }
