"""The layers that were looked for, as a table and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from effnet_inspect.analysis.finding import Hit
from effnet_inspect.document import Column, Row, Table
from effnet_inspect.structure.network import Network
from effnet_inspect.views.plain import plain
from effnet_inspect.words import join_comma, pluralize

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import HitData

COLUMNS = (
    Column("layer", "Layer", keep_end=True),
    Column("place", "Place"),
    Column("class", "Class", drop_priority=2),
    Column("kernel", "Kernel", "size", drop_priority=3),
    Column("stride", "Stride", "size", drop_priority=6),
    Column("output", "Output", "size"),
    Column("parameters", "Parameters", "count", drop_priority=1),
    Column("macs", "MACs", "quantity", drop_priority=4),
    Column("before", "Takes", keep_end=True, drop_priority=7),
    Column("after", "Taken by", keep_end=True, drop_priority=8),
)


def found_table(network: Network, hits: Sequence[Hit]) -> Table:
    """One row a hit."""
    rows = tuple(
        Row(
            (
                hit.layer.name,
                " › ".join(hit.place),
                hit.layer.class_name,
                hit.layer.kernel,
                hit.layer.stride,
                hit.layer.output_shape,
                hit.layer.parameters,
                network.measures.of(hit.layer, "macs"),
                join_comma(hit.before) if hit.before else None,
                join_comma(hit.after) if hit.after else None,
            )
        )
        for hit in hits
    )
    share = f"{len(hits):,} of {pluralize(len(network.graph), 'layer')}"
    return Table(f"Found: {share}", COLUMNS if rows else COLUMNS[:2], rows)


def found_data(network: Network, hits: Sequence[Hit]) -> list[HitData]:
    """The same for programs."""
    return [
        {
            "layer": hit.layer.name,
            "place": list(hit.place),
            "operation": hit.layer.operation,
            "class_name": hit.layer.class_name,
            "kernel": plain(hit.layer.kernel),
            "stride": plain(hit.layer.stride),
            "shape": plain(hit.layer.output_shape),
            "parameters": hit.layer.parameters,
            "macs": network.measures.of(hit.layer, "macs"),
            "takes": list(hit.before),
            "taken_by": list(hit.after),
        }
        for hit in hits
    ]
