"""`variants --results`: the table of results, the networks of the paper each beside the peers that it is compared with.

Accuracies are as published, and all that is said of peers; sizes of EfficientNets are counted from their graphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from effnet_inspect.catalog.published import PAPER_FIRST_ACCURACY, PAPER_PEERS, PAPER_RESULTS, Peer
from effnet_inspect.document import Column, Document, Row, Table, Value
from effnet_inspect.structure.network import Network
from effnet_inspect.views.variants import NO_LIMITS, Limits

if TYPE_CHECKING:
    from effnet_inspect.views.answer_contracts import ResultData, ResultsData

COUNTED = "Sizes: counted from the graph, or as published in the paper, which rounds them."
RATIO = "×: as many times as the EfficientNet above."
PERCENT = f"Top-1 and top-5 on ImageNet as published in {PAPER_RESULTS}."
EARLIER = "Earlier: in an earlier version of that table, which the article shows."
COLUMNS = (
    Column("model", "Model", note=PERCENT),
    Column("top1", "Top-1", "share"),
    Column("top5", "Top-5", "share", drop_priority=1),
    Column("earlier_top1", "Earlier top-1", "share", drop_priority=4, note=EARLIER),
    Column("earlier_top5", "Earlier top-5", "share", drop_priority=5),
    Column("parameters", "Parameters", "per_row"),
    Column("parameters_ratio", "×", "ratio", drop_priority=2, note=RATIO),
    Column("macs", "MACs", "per_row", drop_priority=1),
    Column("macs_ratio", "×", "ratio", drop_priority=2),
    Column("sizes", "Sizes", drop_priority=3, note=COUNTED),
)


def results(networks: Sequence[Network], limits: Limits = NO_LIMITS) -> Document:
    """The table of results.

    Args:
        networks: published variants; those that the paper's table has not are left out.
        limits: only networks that keep to them are shown, with their peers.
    """
    rows: list[ResultData] = []
    for network in networks:
        if network.key in PAPER_FIRST_ACCURACY and network.published_accuracy and limits.admit(network):
            rows.append(_of_network(network))
            rows += [_of_peer(peer, network) for peer in PAPER_PEERS.values() if peer.beside == network.key]
    lines = tuple(
        Row(_values(row), level=1, kind="rounded")
        if row["sizes"] == "published"
        else Row(_values(row), kind="quantity")
        for row in rows
    )
    count = len({row["beside"] for row in rows})
    lead = f"{count or 'None'} of the {len(PAPER_FIRST_ACCURACY)} networks {'fits' if count < 2 else 'fit'}."
    data: ResultsData = {"format": 1, "source": PAPER_RESULTS, "results": rows}
    return Document(
        title="Results on ImageNet",
        lead=lead if limits != NO_LIMITS else "",
        tables=(Table("", COLUMNS, lines),) if lines else (),
        data=data,
    )


def _of_network(network: Network) -> ResultData:
    accuracy, (earlier_top1, earlier_top5) = network.published_accuracy, PAPER_FIRST_ACCURACY[network.key]
    assert accuracy is not None
    return {
        "model": network.name,
        "beside": network.key,
        "top1": accuracy.top1,
        "top5": accuracy.top5,
        "earlier_top1": earlier_top1,
        "earlier_top5": earlier_top5,
        "parameters": network.totals["parameters"],
        "parameters_ratio": 1.0,
        "macs": network.totals["macs"],
        "macs_ratio": 1.0,
        "sizes": "counted",
    }


def _of_peer(peer: Peer, network: Network) -> ResultData:
    macs = peer.multiply_adds
    return {
        "model": peer.title,
        "beside": network.key,
        "top1": peer.top1,
        "top5": peer.top5,
        "earlier_top1": None,
        "earlier_top5": None,
        "parameters": peer.parameter_count,
        "parameters_ratio": round(peer.parameter_count / network.totals["parameters"], 3),
        "macs": macs,
        "macs_ratio": None if macs is None else round(macs / network.totals["macs"], 3),
        "sizes": "published",
    }


PERCENTAGES = ("top1", "top5", "earlier_top1", "earlier_top5")


def _values(row: ResultData) -> tuple[Value, ...]:
    values: dict[str, Value] = dict(row)  # type: ignore[arg-type]
    for key in PERCENTAGES:
        percent = values[key]
        values[key] = round(percent / 100, 6) if isinstance(percent, (int, float)) else None
    return tuple(values[column.key] for column in COLUMNS)
