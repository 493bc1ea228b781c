"""`variants`: every variant known, its size read from its graph, beside the accuracy that is published of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from effnet_inspect.anatomy import dissect
from effnet_inspect.document import Column, Document, Row, Table, Value
from effnet_inspect.graph import LayerGraph
from effnet_inspect.measures import Measures, Totals
from effnet_inspect.published import PUBLISHED_ACCURACY, Accuracy
from effnet_inspect.variants import VARIANTS

COLUMNS = (
    Column("title", "Variant", leaves=2),
    Column("target", "Target"),
    Column("width", "Width", "number", leaves=5),
    Column("depth", "Depth", "number", leaves=5),
    Column("resolution", "Resolution", "count", leaves=1),
    Column("dropout", "Dropout", "number", leaves=6),
    Column("sub_blocks", "Sub-blocks", "count", leaves=4),
    Column("layers", "Layers", "count", leaves=3),
    Column("parameters", "Parameters", "count"),
    Column("macs", "MACs", "quantity"),
    Column("top1", "Published top-1", "share"),
)


class Limits(NamedTuple):
    """What a variant must keep to; None where anything goes. `top1` is in percent."""

    parameters: float | None = None
    macs: float | None = None
    top1: float | None = None

    def admit(self, totals: Totals, accuracy: Accuracy | None) -> bool:
        """Whether a variant keeps to all of them; an accuracy that is not published reaches no least one."""
        return (
            (self.parameters is None or totals.parameters <= self.parameters)
            and (self.macs is None or totals.macs <= self.macs)
            and (self.top1 is None or (accuracy is not None and accuracy.top1 >= self.top1))
        )


NO_LIMITS = Limits()


def variants(graphs: Sequence[LayerGraph], limits: Limits = NO_LIMITS) -> Document:
    """The variants as a table and as data: format 1 of the contract in the README.

    Args:
        graphs: those of published variants, each at its own resolution.
        limits: only variants that keep to them are shown.
    """
    entries = [
        _entry(graph, totals, accuracy)
        for graph in graphs
        for totals, accuracy in [(Measures(graph).totals(), PUBLISHED_ACCURACY.get(graph.target))]
        if limits.admit(totals, accuracy)
    ]
    rows = tuple(Row(tuple(_values(entry)[column.key] for column in COLUMNS)) for entry in entries)
    count = f"{len(entries)} of {len(graphs)} variants" if entries else f"None of the {len(graphs)} variants"
    lead = f"{count} {'fits' if len(entries) < 2 else 'fit'}." if limits != NO_LIMITS else ""
    return Document(
        title="The variants of EfficientNet",
        lead=lead,
        tables=(Table("", COLUMNS, rows, notes=(_note(entries),)),) if rows else (),
        data={"format": 1, "variants": entries},
    )


def _entry(graph: LayerGraph, totals: Totals, accuracy: Accuracy | None) -> dict[str, Any]:
    variant = VARIANTS[graph.target]
    anatomy = dissect(graph)
    return {
        "title": variant.title,
        "target": variant.key,
        "family": variant.family,
        "width": variant.width,
        "depth": variant.depth,
        "resolution": variant.resolution,
        "dropout": anatomy.dropout_rate,
        "sub_blocks": len(anatomy.sub_blocks),
        "layers": totals.layers,
        "parameters": totals.parameters,
        "macs": totals.macs,
        "weights_bytes": totals.weights_bytes,
        "published": accuracy
        and {
            "top1": accuracy.top1,
            "top5": accuracy.top5,
            "more_data": accuracy.more_data,
            "source": accuracy.source,
        },
    }


def _values(entry: dict[str, Any]) -> dict[str, Value]:
    published = entry["published"]
    return {**entry, "top1": round(published["top1"] / 100, 6) if published else None}


def _note(entries: Sequence[dict[str, Any]]) -> str:
    more_data = [entry["target"] for entry in entries if entry["published"] and entry["published"]["more_data"]]
    trained = f" ({', '.join(more_data)}: trained on more images than those)" if more_data else ""
    return (
        "Published, not read from the graphs: the coefficients of width and depth, and top-1 accuracy on "
        f"ImageNet{trained}; --format json names its sources."
    )
