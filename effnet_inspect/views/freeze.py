"""`freeze`: what to unfreeze for fine-tuning, part by part, and what a border trains and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from effnet_inspect.analysis.code import path_within
from effnet_inspect.analysis.freezing import TUTORIAL_HEAD, Border, Choice, Freezing, Part
from effnet_inspect.catalog.targets import VariantTarget
from effnet_inspect.document import Audience, Column, Document, HeaderField, Row, Table, Value
from effnet_inspect.errors import UsageError
from effnet_inspect.structure.network import Network

if TYPE_CHECKING:
    from effnet_inspect.views.answer_contracts import FreezeData

TRAINABLE_NOTE = "Trainable: parameters that can be trained, without those of batch normalisation."
ALL_TRAINABLE_NOTE = "Trainable: parameters that can be trained, batch normalisation's among them."
FROM_HERE_NOTE = "From here on: what trains if this part and all behind it are unfrozen."
NORMALIZATION_NOTE = (
    "Batch normalisation stays frozen: in training its statistics would follow the few new images, and what the frozen "
    "layers have learned is lost (Keras' guide to fine-tuning). --train-batch-norm trains it too."
)


def freeze(
    network: Network, choice: Choice | None = None, *, code: bool = False, train_normalization: bool = False
) -> Document:
    """The parts of a network, and what becomes of them with a border.

    Raises:
        UsageError: where there is no such border, or code is asked for without one.
    """
    freezing = Freezing(network, train_normalization=train_normalization)
    border = freezing.border(choice) if choice else None
    table = _table(freezing, border)
    data = _data(freezing, border)
    if code:
        if border is None:
            raise UsageError("code needs a border: name a sub-block, as in --from 6a")
        lines = freezing.lines(border)
        return Document(f"Freezing {network.name}", tidy=table, data={**data, "code": lines}, code=lines)
    return Document(
        title=f"Freezing {network.name}",
        lead=" ".join(_lead(freezing, border)) if border else "",
        header=tuple(_header(freezing, border)) if border else (),
        tables=(table,),
        notes=(*_notes(freezing, choice), *network.remarks),
        data=data,
    )


def _lead(freezing: Freezing, border: Border) -> Iterator[str]:
    where = border.name if border.name == border.layer.name else f"{border.name} ({border.layer.name})"
    yield f"Training begins at {where}."
    if border.cuts:
        cut = border.cuts[0]
        what = "sub-block and its residual connection" if len(border.cuts) > 1 else "sub-block"
        first = f"first {cut.frozen} stay" if cut.frozen > 1 else "first stays"
        yield (
            f"This cuts {cut.place}: of its {cut.frozen + cut.trained} layers the {first} frozen, so "
            f"the border lies within a {what}. The nearest that cuts nothing is {border.nearest}."
        )
    elif freezing.network.anatomy.blocks:
        yield "No sub-block is cut."


def _holder(freezing: Freezing) -> str:
    """The model whose layers are counted, as one writes it."""
    return f"model{path_within(freezing.network, freezing.folders)}"


def _header(freezing: Freezing, border: Border) -> Iterator[HeaderField]:
    yield HeaderField("parameters train", border.trainable, "count")
    yield HeaderField("stay frozen", border.frozen, "count")
    if border.index is not None:
        yield HeaderField("is the first layer that trains", f"{_holder(freezing)}.layers[{border.index}]")


def _table(freezing: Freezing, border: Border | None) -> Table:
    # Where there is no list of layers there are no indices to be read; programs get the same columns always.
    readers: Audience = "programs" if freezing.listed is None else "everyone"
    columns = (
        Column("part", "Part"),
        Column("first", "First", "count", drop_priority=1, audience=readers),
        Column("last", "Last", "count", drop_priority=1, audience=readers),
        Column("layers", "Layers", "count", drop_priority=2),
        Column("parameters", "Parameters", "count", drop_priority=3),
        Column(
            "trainable",
            "Trainable",
            "count",
            note=ALL_TRAINABLE_NOTE if freezing.train_normalization else TRAINABLE_NOTE,
        ),
        Column("from_here", "From here on", "count", note=FROM_HERE_NOTE),
        *((Column("trains", "Trains"),) if border else ()),
    )
    rows = []
    for stage, group in groupby(freezing.parts, key=lambda part: part.stage):
        members = list(group)
        has_sub_blocks = members[0].name != stage
        if has_sub_blocks:
            rows.append(Row(_values(freezing, stage, members, border)[: len(columns)], 0, levels=("block",)))
        for part in members:
            levels = ("sub-block",) if has_sub_blocks else ("block", "sub-block")
            values = _values(freezing, part.name, [part], border)
            rows.append(Row(values[: len(columns)], int(has_sub_blocks), levels=levels))
    return Table("", columns, tuple(rows))


def _values(freezing: Freezing, name: str, parts: list[Part], border: Border | None) -> tuple[Value, ...]:
    indices = [part.indices for part in parts if part.indices]
    return (
        name,
        min(first for first, _ in indices) if indices else None,
        max(last for _, last in indices) if indices else None,
        sum(len(part.layers) for part in parts),
        sum(part.parameters for part in parts),
        sum(part.trainable for part in parts),
        parts[0].from_here,
        _trains(freezing, parts, border) if border else None,
    )


def _trains(freezing: Freezing, parts: list[Part], border: Border) -> str:
    own = [freezing.trains(layer, border) for part in parts for layer in part.layers]
    return "yes" if all(own) else "in part" if any(own) else "no"


def _notes(freezing: Freezing, choice: Choice | None) -> Iterator[str]:
    if not freezing.train_normalization and any(each.operation == "batch_normalization" for each in freezing.sequence):
        yield NORMALIZATION_NOTE
    if freezing.listed is not None:
        yield f"First and last: indices in {_holder(freezing)}.layers."
    if freezing.folders:
        yield f"model.layers has {freezing.outer} entries only, as the backbone is one of them, or within one."
    target = freezing.network.graph.target
    if (
        isinstance(target, VariantTarget)
        and target.variant.family == "v1"
        and target.variant.builder
        and not target.for_weights
    ):
        yield (
            'With weights="imagenet" Keras adds a Rescaling to the stem, and all indices are larger by one: take names.'
        )
    if choice and choice.layers is not None and freezing.counts_tutorial_head:
        yield (
            f"The last {choice.layers} layers are counted as in Keras' fine-tuning tutorial, whose head of "
            f"{TUTORIAL_HEAD} layers (pooling, batch normalisation, dropout, dense) is in the place of the classifier."
        )


def _data(freezing: Freezing, border: Border | None) -> FreezeData:
    network = freezing.network
    return {
        "format": 1,
        "target": network.key if network.graph.target else "",
        "border": border.name if border else None,
        "trainable_parameters": border.trainable if border else None,
        "frozen_parameters": border.frozen if border else None,
        "first_trainable_index": border.index if border else None,
        "first_trainable_layer": border.layer.name if border else None,
        "cuts": [
            {"what": cut.kind, "place": cut.place, "frozen_layers": cut.frozen, "trained_layers": cut.trained}
            for cut in (border.cuts if border else ())
        ],
        "nearest_clean_border": border.nearest if border else None,
        "batch_normalization_trains": freezing.train_normalization,
        "nested_in": list(freezing.folders),
        "parts": [
            {
                "name": part.name,
                "stage": part.stage,
                "first_index": part.indices[0] if part.indices else None,
                "last_index": part.indices[1] if part.indices else None,
                "layers": [layer.name for layer in part.layers],
                "parameters": part.parameters,
                "trainable_parameters": part.trainable,
                "trainable_from_here": part.from_here,
            }
            for part in freezing.parts
        ],
    }
