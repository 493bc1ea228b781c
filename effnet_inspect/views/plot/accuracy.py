"""Accuracy against size: the first figure of the papers. Accuracies are as published, sizes are counted from graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from effnet_inspect.catalog.published import PAPER_PEERS, PAPER_RESULTS, Peer
from effnet_inspect.choices import SizeName
from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.errors import UsageError
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series
from effnet_inspect.structure.network import Network
from effnet_inspect.views.plot.made import Made, PlotOptions
from effnet_inspect.words import join_and

if TYPE_CHECKING:
    from effnet_inspect.views.plot_contracts import AccuracyPlotData, AccuracyPointData

AXES: dict[SizeName, Axis] = {
    "parameters": Axis("Parameters", "quantity", log=True),
    "macs": Axis("MACs for one image", "quantity", log=True),
    "resolution": Axis("Side of the image in pixels"),
    "layers": Axis("Layers of the graph"),
}
"""What is on the x axis; peers have published values for the first two only."""
WORDS: dict[SizeName, str] = {
    "parameters": "parameters",
    "macs": "MACs",
    "resolution": "resolution",
    "layers": "number of layers",
}
FAMILIES = {
    "v1": "EfficientNet",
    "v2": "EfficientNetV2",
    "lite": "EfficientNet-Lite",
    "edgetpu": "EfficientNet-EdgeTPU",
}
PEERS = "The paper's peers, as published"
MORE_DATA = ", with more data"
COLUMNS = (
    Column("model", "Model"),
    Column("series", "Series", drop_priority=2),
    Column("parameters", "Parameters", "per_row"),
    Column("macs", "MACs", "per_row"),
    Column("resolution", "Resolution", "count", drop_priority=3),
    Column("layers", "Layers", "count", drop_priority=4),
    Column("top1", "Published top-1", "share"),
    Column("top5", "Published top-5", "share", drop_priority=1),
    Column("sizes", "Sizes"),
    Column("source", "Source of the accuracy", wrap=True, audience="programs"),
)


def accuracy(networks: Sequence[Network], options: PlotOptions) -> Made:
    """Plot networks and the paper's peers.

    Raises:
        UsageError: where the accuracy of one has not been published.
    """
    points = [*map(_of_network, networks), *map(_of_peer, PAPER_PEERS.values())]
    x: SizeName = options.x
    shown = [point for point in points if point[x] is not None]
    series = []
    titles = [title + more for more in ("", MORE_DATA) for title in FAMILIES.values()] + [PEERS]
    for title in sorted({point["series"] for point in shown}, key=titles.index):
        members = sorted((point for point in shown if point["series"] == title), key=lambda point: point[x] or 0)
        placed = tuple(Point(float(point[x] or 0), round(point["top1"] / 100, 6), point["model"]) for point in members)
        joined = len(members) > 1 and title != PEERS and not title.endswith(MORE_DATA)
        series.append(Series(title, placed, "line" if joined else "marks", title == PEERS))
    panel = Panel("Top-1 accuracy on ImageNet, as published", AXES[x], Axis("Top-1", "share"), tuple(series))
    plot = Plot(
        f"Accuracy against {WORDS[x]}",
        (panel,),
        notes=tuple(_notes(points, x)),
        page=options.page,
    )
    rows = tuple(
        Row(
            (
                *(point["model"], point["series"], point["parameters"], point["macs"], point["resolution"]),
                *(point["layers"], _fraction(point["top1"]), _fraction(point["top5"]), point["sizes"]),
                point["source"],
            ),
            kind="rounded" if point["sizes"] == "published" else "quantity",
        )
        for point in points
    )
    data: AccuracyPlotData = {"format": 1, "kind": "accuracy", "x": x, "points": points}
    return Made(plot, Document(plot.title, (Table("", COLUMNS, rows),), notes=plot.notes, data=data))


def _fraction(percent: float | None) -> float | None:
    return None if percent is None else round(percent / 100, 6)


def _of_network(network: Network) -> AccuracyPointData:
    published, variant = network.published_accuracy, network.variant
    if published is None or variant is None:
        raise UsageError(
            f"no accuracy of {network.title} has been published; this takes published variants at their own resolution"
        )
    return {
        "model": network.title,
        "target": network.key,
        "series": FAMILIES[variant.family] + (MORE_DATA if published.more_data else ""),
        "parameters": network.totals["parameters"],
        "macs": network.totals["macs"],
        "resolution": network.resolution,
        "layers": network.totals["layers"],
        "top1": published.top1,
        "top5": published.top5,
        "sizes": "counted",
        "source": published.source,
    }


def _of_peer(peer: Peer) -> AccuracyPointData:
    return {
        "model": peer.title,
        "target": None,
        "series": PEERS,
        "parameters": peer.parameter_count,
        "macs": peer.multiply_adds,
        "resolution": None,
        "layers": None,
        "top1": peer.top1,
        "top5": peer.top5,
        "sizes": "published",
        "source": PAPER_RESULTS,
    }


def _notes(points: Sequence[AccuracyPointData], x: SizeName) -> Iterator[str]:
    has_peers = any(point["sizes"] == "published" and point[x] is not None for point in points)
    counted = "Filled marks: counted from the graph" if has_peers else "All sizes are counted from the graphs"
    yield f"{counted}{f'; hollow ones: as published in {PAPER_RESULTS}' if has_peers else ''}."
    left_out = [point["model"] for point in points if point[x] is None]
    if left_out and has_peers:
        yield f"Without {join_and(left_out)}, of which no {WORDS[x]} are published."
    elif left_out:
        yield f"Without the paper's peers, of which it states no {WORDS[x]}."
    sources = dict.fromkeys(point["source"] for point in points)
    yield f"Accuracies, each at the model's own resolution: {'; '.join(sources)}."
