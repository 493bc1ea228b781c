"""The figure of compound scaling, from real graphs: width, depth and resolution, each alone and all together.

Every sub-block is a slab as wide as it has channels and as high as its maps, on one scale for all networks; so a wider
network is wider, a deeper one has more slabs, and at a higher resolution the slabs are higher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from typing import TYPE_CHECKING

from effnet_inspect.catalog.variants import SCALED
from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas, fitted, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT, TITLE, Page
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Shape
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series, with_equal_joined
from effnet_inspect.structure.anatomy import Block, Stage
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import section_role, section_tooltip, size_notes, sub_block_role
from effnet_inspect.views.diagram.legend import MEANINGS
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.silhouette import remarks_on
from effnet_inspect.views.plot.depth import borders, depth_axis, places, titles_of
from effnet_inspect.views.plot.made import Made, PlotOptions
from effnet_inspect.words import join_runs, position_letters

if TYPE_CHECKING:
    from effnet_inspect.views.plot_contracts import ScalingPlotData, StagePointData

GAP = 0.6
"""Between two slabs."""
CELL_GAP = 12.0
NARROWEST = 66.0
"""Width of a network's place."""
LINE = 9.0
NAME_LINE = HEADING * 1.35
ROW_GAP = 16.0
LOWEST, HIGHEST = 190.0, 320.0
"""Height of the highest network, where the page leaves it open."""
PART_OF_WIDTH = 0.55
SCALE = 100
"""Of the slab that shows the scale: so many channels, so many pixels."""

COLUMNS = (
    Column("model", "Model"),
    Column("stage", "Stage"),
    Column("channels", "Channels", "count"),
    Column("resolution_in", "Resolution in", "count", drop_priority=1),
    Column("resolution_out", "Resolution out", "count"),
    Column("sub_blocks", "Sub-blocks", "count"),
)
NOTE = "A slab is a sub-block{parts}: as wide as it has channels, as high as its maps, on one scale for all."


def scaling(networks: Sequence[Network], options: PlotOptions) -> Made:
    """Draw networks side by side, and plot their channels and resolutions along the depth."""
    is_example = [network.key for network in networks] == list(SCALED)
    titles = [network.title for network in networks]
    title = "Compound scaling" if is_example else f"Scaling of {join_runs(titles)}"
    words = [f"({position_letters(at)}) {does}" for at, does in enumerate(SCALED.values())] if is_example else titles

    def draw(page: Page, dense: bool) -> Diagram:
        return _Figure(networks, words, title, Look(page.width).on(page, dense)).draw()

    points = [point for network in networks for point in _points(network)]
    rows = tuple(
        Row(
            (
                each["model"],
                each["stage"],
                each["channels"],
                each["resolution_in"],
                each["resolution_out"],
                each["sub_blocks"],
            )
        )
        for each in points
    )
    data: ScalingPlotData = {"format": 1, "kind": "scaling", "points": points}
    document = Document(title, (Table("", COLUMNS, rows),), notes=_notes(networks), data=data)
    return Made(_along_the_depth(networks, title, options), document, draw)


def _drawn(network: Network) -> list[Stage]:
    """Stem and blocks, or the stages of what has none."""
    return [stage for stage in network.stages_in_depth if stage.key[0] != "head"]


def _notes(networks: Sequence[Network]) -> tuple[str, ...]:
    """What a slab is, what is not drawn, and what is assumed."""
    are_whole = all(isinstance(stage, Block) for network in networks for stage in _drawn(network))
    note = NOTE.format(parts="" if are_whole else " or a part without any")
    return (note, *remarks_on(networks, _drawn), *size_notes(networks))


def _points(network: Network) -> Iterator[StagePointData]:
    for stage in network.backbone_stages:
        yield {
            "model": network.title,
            "target": network.key,
            "stage": stage.title,
            "channels": _channels(stage.output_shape),
            "resolution_in": _height(stage.input_shape),
            "resolution_out": _height(stage.output_shape),
            "sub_blocks": len(stage.sub_blocks) if isinstance(stage, Block) else 0,
        }


def _channels(shape: Shape | None) -> int | None:
    return shape[-1] if shape else None


def _height(shape: Shape | None) -> int | None:
    return shape[0] if shape and len(shape) == 3 else None


def _along_the_depth(networks: Sequence[Network], title: str, options: PlotOptions) -> Plot:
    """For where no boxes can be drawn."""
    rows = [places(_drawn(network)) for network in networks]
    x, at = depth_axis(rows), borders(rows)
    measured = (("Channels", _channels), ("Resolution, height in pixels of the map", _height))
    panels = tuple(
        Panel(
            axis,
            x,
            Axis(axis, "count", log=True),
            tuple(
                Series(
                    name,
                    tuple(Point(place.number, float(size)) for place in row if (size := of(place.output_shape))),
                    "steps",
                )
                for name, row in zip(titles_of(networks), rows, strict=True)
            ),
            at,
        )
        for axis, of in measured
    )
    return Plot(title, with_equal_joined(panels), notes=tuple(_notes(networks)[1:]), page=options.page)


class _Figure:
    def __init__(self, networks: Sequence[Network], words: Sequence[str], title: str, look: Look) -> None:
        self.networks = networks
        self.words = words
        self.look = look
        self.canvas = Canvas(title)
        self.columns = min(len(networks), max(int((look.room + CELL_GAP) / (NARROWEST + CELL_GAP)), 1))
        lines = -(-len(networks) // self.columns)
        self.columns = -(-len(networks) // lines)
        self.cell = (look.room + CELL_GAP) / self.columns - CELL_GAP
        self.facts = [list(self._facts(network)) for network in networks]
        shapes = [[place.output_shape for place in places(_drawn(network))] for network in networks]
        widest = max((_channels(shape) or 0 for row in shapes for shape in row), default=0) or 1
        self.per_channel = self.cell / widest
        sums = [(sum(_height(shape) or 0 for shape in row) or 1, (len(row) - 1) * GAP) for row in shapes]
        self.per_pixel = max(self._per_pixel(sums), 0.01)

    def _per_pixel(self, sums: Sequence[tuple[float, float]]) -> float:
        """As large as the page allows; `sums` are the heights of all slabs of a network, in pixels, and its gaps."""
        usual = min(max(self.look.room * PART_OF_WIDTH, LOWEST), HIGHEST)
        most = self.look.height or (self.look.most if self.look.dense else None)
        as_usual = min((usual - gaps) / height for height, gaps in sums)
        if most is None:
            return as_usual
        lines = [sums[start : start + self.columns] for start in range(0, len(sums), self.columns)]
        around = (
            TITLE * 3
            + (5 + len(_notes(self.networks))) * LINE
            + len(lines) * ((2 + max(map(len, self.facts))) * LINE + 14 + ROW_GAP)
        )
        gaps = fsum(max(gap for _, gap in line) for line in lines)
        fitting = (most - around - gaps) / fsum(max(height for height, _ in line) for line in lines)
        lowest = min((LOWEST - gap) / height for height, gap in sums)
        return max(fitting, lowest) if self.look.height else min(fitting, as_usual)

    def draw(self) -> Diagram:
        """The networks in rows, a title above, what the colours and the scale are below."""
        y = 0.0
        for start in range(0, len(self.networks), self.columns):
            members = range(start, min(start + self.columns, len(self.networks)))
            y = max(self._network(index, (index - start) * (self.cell + CELL_GAP), y) for index in members) + ROW_GAP
        self._legend(y)
        heading(self.canvas, self.canvas.name, [], self.look, -8)
        return self.canvas.diagram(self.look.width)

    def _facts(self, network: Network) -> Iterator[str]:
        widest = max((_channels(stage.output_shape) or 0 for stage in _drawn(network)), default=0)
        yield f"{widest:,} channels"
        yield f"{len(network.anatomy.sub_blocks)} sub-blocks"
        yield f"{network.resolution or '?'} pixels"
        yield f"{format_value(network.totals['parameters'], 'quantity')} parameters"
        yield f"{format_value(network.totals['macs'], 'quantity')} MACs"

    def _network(self, index: int, x: float, y: float) -> float:
        """One network under its name and facts, those that differ from the first network's marked; returns its end."""
        network = self.networks[index]
        names = wrapped(self.words[index].split(), self.cell, HEADING, bold=True)
        for line in names:
            self._write(line, x, y, HEADING, bold=True)
            y += NAME_LINE
        most = max(len(wrapped(each.split(), self.cell, HEADING, bold=True)) for each in self.words)
        y += (most - len(names)) * NAME_LINE
        if self.words[index] != network.title:
            self._write(network.title, x, y, TEXT, faint=True)
            y += LINE
        for fact, first in zip(self.facts[index], self.facts[0], strict=True):
            self._write(fact, x, y, SMALLEST, changed=fact != first)
            y += LINE
        y += 3
        middle = x + self.cell / 2
        for stage in _drawn(network):
            sections = stage.sub_blocks if isinstance(stage, Block) else (stage,)
            for section in sections:
                role = sub_block_role(section) if isinstance(stage, Block) else section_role(stage)  # type: ignore[arg-type]
                name = f"Sub-block {section.name}" if isinstance(stage, Block) else stage.title
                width = max((_channels(section.output_shape) or 0) * self.per_channel, 0.3)
                height = max((_height(section.output_shape) or 0) * self.per_pixel, 0.1)
                tooltip = section_tooltip(f"{network.title}: {name}", section, network)
                key = f"{index} {name}"
                self.canvas.box(
                    Box(key, middle - width / 2, y, width, height, role, tooltip=tooltip, outlined=False, square=True)
                )
                y += height + GAP
        return y

    def _write(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        bold: bool = False,
        faint: bool = False,
        changed: bool = False,
    ) -> None:
        role = "accent" if changed else "faint" if faint or not bold else "ink"
        words = fitted(text, self.cell + CELL_GAP - 2, size, bold=bold)
        self.canvas.caption(Caption(words, x + self.cell / 2, y, size, role, bold))  # type: ignore[arg-type]

    def _legend(self, y: float) -> None:
        width, height = SCALE * self.per_channel, SCALE * self.per_pixel
        self.canvas.box(Box("scale", 0, y - 3, width, height, "rule", tooltip="the scale"))
        left = width + 5
        x = left
        scale = f"{SCALE} channels × {SCALE} pixels"
        items = [(None, scale)] + [
            (role, meaning.short)
            for role, meaning in MEANINGS.items()
            if role in {box.role for box in self.canvas.boxes.values()}
        ]
        for role, text in items:
            room = (20 if role else 0) + text_width(text, SMALLEST)
            if x > left and x + room > self.look.room:
                x, y = left, y + LINE + 2
            if role:
                self.canvas.box(Box(f"legend {role}", x, y - 3, 15, 6, role, outlined=False))
            self.canvas.caption(Caption(text, x + (20 if role else 0), y, SMALLEST, "faint", False, "left"))
            x += room + 12
        for note in _notes(self.networks):
            for line in wrapped(note.split(), self.look.room - left, SMALLEST):
                y += LINE + 2
                self.canvas.caption(Caption(line, left, y, SMALLEST, "faint", False, "left"))
