"""How the local receptive field grows and the resolution falls along the depth of networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from effnet_inspect.document import Column, Document, Row, Table, one_side
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series, with_equal_joined
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import size_notes
from effnet_inspect.views.plain import plain
from effnet_inspect.views.plot.depth import borders, depth_axis, places, titles_of
from effnet_inspect.views.plot.made import Made, PlotOptions
from effnet_inspect.words import join_runs, said_of

if TYPE_CHECKING:
    from effnet_inspect.views.plot_contracts import FieldPlotData, FieldPointData

COLUMNS = (
    Column("model", "Model"),
    Column("number", "#", "count"),
    Column("stage", "Stage", drop_priority=1),
    Column("place", "Place"),
    Column("receptive_field", "Local receptive field", "size"),
    Column("resolution", "Resolution", "size"),
)
NOTES = (
    MEASURES["receptive_field"].convention,
    "A step for each sub-block. On both axes of pixels, equal factors are equally long.",
)
FIELD = Axis("Local receptive field, height in pixels of the image", "count", log=True)
RESOLUTION = Axis("Resolution, height in pixels of the map", "count", log=True)


def receptive_field(networks: Sequence[Network], options: PlotOptions) -> Made:
    """Plot networks, one series each: what an output sees of the image, and how large the maps are."""
    rows = [places(network.stages_in_depth) for network in networks]
    titles = titles_of(networks)
    points: list[FieldPointData] = []
    fields, resolutions = [], []
    for network, name, row in zip(networks, titles, rows, strict=True):
        seen: list[Point] = []
        left: list[Point] = []
        for place in row:
            field = network.measures.at_end(place.layers, "receptive_field")
            sides = place.output_shape[:2] if place.output_shape and len(place.output_shape) == 3 else None
            points.append(
                {
                    "model": name,
                    "number": place.number,
                    "stage": place.stage,
                    "place": place.name,
                    "receptive_field": plain(field),
                    "resolution": plain(sides),
                }
            )
            seen += [Point(place.number, float(field[0]))] if field else []
            left += [Point(place.number, float(sides[0]))] if sides and sides[0] else []
        fields.append(Series(name, tuple(seen), "steps"))
        resolutions.append(Series(name, tuple(left), "steps"))
    x, at = depth_axis(rows), borders(rows)
    panels = tuple(
        Panel(axis.title, x, axis, tuple(series for series in found if series.points), at)
        for axis, found in ((FIELD, fields), (RESOLUTION, resolutions))
        if any(series.points for series in found)
    )
    title = f"Local receptive field and resolution of {join_runs(titles)}"
    facts = ""
    if len(networks) == 1 and fields[0].points and networks[0].resolution:
        end, side = fields[0].points[-1], networks[0].resolution
        place = next(each for each in rows[0] if each.number == end.x)
        facts = (
            f"An output of {place.title} sees {end.y:,g} pixels in height, {end.y / side:.3g} times the image's {side}"
            f"{', which is assumed' if networks[0].is_size_assumed else ''}."
        )
    unseen = (
        sentence if len(networks) == 1 else said_of(network.title, sentence)
        for network, row in zip(networks, rows, strict=True)
        for sentence in network.measures.unseen(place.layers[-1] for place in row if place.layers)
    )
    notes = (*NOTES, *size_notes(networks), *unseen)
    plot = Plot(title, with_equal_joined(panels), facts, notes, options.page)
    table = tuple(
        Row(
            (
                *(each["model"], each["number"], each["stage"], each["place"]),
                *(one_side(tuple(size) if size else None) for size in (each["receptive_field"], each["resolution"])),
            )
        )
        for each in points
    )
    data: FieldPlotData = {"format": 1, "kind": "receptive-field", "points": points}
    return Made(plot, Document(title, (Table("", COLUMNS, table),), notes=notes, data=data))
