"""The conventions of counting side by side, so that a number from elsewhere finds its name."""

from __future__ import annotations

from effnet_inspect.analysis.counts import CONVENTIONS, counts_of
from effnet_inspect.document import Column, Row, Table
from effnet_inspect.structure.network import Network

COLUMNS = (
    Column("convention", "Counted", audience="programs"),
    Column("title", "Counted", wrap=True),
    Column("count", "One image", "count"),
    Column("rounded", "Rounded", "quantity", drop_priority=1, audience="people"),
    Column("counted_by", "So counts", wrap=True, drop_priority=2),
)

NOTE = (
    "The rules of the tools named, applied to this graph. In another framework the same network may have other layers, "
    "and a tool that does not know a layer counts less."
)


def counts_table(network: Network) -> Table:
    """One row a convention."""
    counts = counts_of(network)
    rows = tuple(
        Row((each.key, each.title, counts[each.key], counts[each.key], each.counted_by)) for each in CONVENTIONS
    )
    unknown = "–: the count of a layer cannot be told." if None in counts.values() else ""
    return Table("Conventions of counting", COLUMNS, rows, notes=(NOTE, *([unknown] if unknown else [])))
