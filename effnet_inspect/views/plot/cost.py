"""Where parameters, MACs, activations and bytes are along the depth of networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from effnet_inspect.analysis.cost import moved_bytes, sum_of
from effnet_inspect.document import Column, Document, Kind, Row, Table
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series, with_equal_joined
from effnet_inspect.structure.measures import Total
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import bounded, size_notes
from effnet_inspect.views.plot.depth import borders, depth_axis, places, titles_of
from effnet_inspect.views.plot.made import Made, PlotOptions
from effnet_inspect.words import join_runs

if TYPE_CHECKING:
    from effnet_inspect.views.plot_contracts import CostPlotData, CostPointData

What = Literal["parameters", "macs", "activations", "bytes_moved"]
MEASURED: tuple[tuple[What, str, Kind], ...] = (
    ("parameters", "Parameters", "quantity"),
    ("macs", "MACs", "quantity"),
    ("activations", "Activations", "quantity"),
    ("bytes_moved", "Bytes moved", "bytes"),
)
IN_WORDS: dict[What, str] = {
    "parameters": "parameters",
    "macs": "MACs",
    "activations": "activations",
    "bytes_moved": "moved",
}
COLUMNS = (
    Column("model", "Model"),
    Column("number", "#", "count"),
    Column("stage", "Stage", drop_priority=1),
    Column("place", "Place"),
    *(Column(key, title, "count") for key, title, _ in MEASURED),
)
NOTE = (
    "A step for each sub-block. For one image in float32. Activations: elements of all layers' outputs. Bytes moved: "
    "inputs and weights read and outputs written by every layer, nothing fused."
)
GAP_NOTE = "A gap is a place of which something is unknown."


def cost(networks: Sequence[Network], options: PlotOptions) -> Made:
    """Plot networks, one series each, on a panel for each measure."""
    rows = [places([stage for stage in network.anatomy.stages if stage.layers]) for network in networks]
    titles = titles_of(networks)
    points: list[list[CostPointData]] = []
    for network, title, row in zip(networks, titles, rows, strict=True):
        moved = moved_bytes(network)
        found: list[CostPointData] = []
        for place in row:
            totals = network.measures.totals(place.layers)
            found.append(
                {
                    "model": title,
                    "number": place.number,
                    "stage": place.stage,
                    "place": place.name,
                    "parameters": totals.exact("parameters"),
                    "macs": totals.exact("macs"),
                    "activations": totals.exact("activations"),
                    "bytes_moved": sum_of(moved[layer.name] for layer in place.layers).exact,
                }
            )
        points.append(found)
    x, at = depth_axis(rows), borders(rows)
    panels = tuple(
        Panel(
            title,
            x,
            Axis(title, kind, from_zero=True),
            tuple(
                Series(
                    name,
                    tuple(Point(each["number"], float(each[key] or 0)) for each in found if each[key] is not None),
                    "steps",
                )
                for name, found in zip(titles, points, strict=True)
            ),
            at,
        )
        for key, title, kind in MEASURED
        if any(each[key] is not None for found in points for each in found)
    )
    facts = ""
    if len(networks) == 1:
        words = (f"{bounded(_sum(networks[0], key), kind)} {IN_WORDS[key]}" for key, _, kind in MEASURED)
        facts = f"In all: {' · '.join(words)}"
    notes = (NOTE, *dict.fromkeys(sentence for network in networks for sentence in network.totals.lower_bounds))
    notes += tuple(size_notes(networks))
    if any(each[key] is None for found in points for each in found for key, _, _ in MEASURED):
        notes += (GAP_NOTE,)
    plot = Plot(f"Cost along the depth of {join_runs(titles)}", with_equal_joined(panels), facts, notes, options.page)
    table = tuple(
        Row(
            (
                *(each["model"], each["number"], each["stage"], each["place"]),
                *(each[key] for key, _, _ in MEASURED),
            )
        )
        for found in points
        for each in found
    )
    data: CostPlotData = {"format": 1, "kind": "cost", "points": [each for found in points for each in found]}
    return Made(plot, Document(plot.title, (Table("", COLUMNS, table),), notes=notes, data=data))


def _sum(network: Network, key: What) -> Total:
    return sum_of(moved_bytes(network).values()) if key == "bytes_moved" else network.totals.total(key)
