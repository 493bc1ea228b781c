"""A decoder in the architecture figure: its stages below the columns that they tap, from right to left and up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from effnet_inspect.drawing import Box, Path, Point
from effnet_inspect.drawing.canvas import Canvas, fitted, fitted_name, text_width
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.decoder import DecoderStage
from effnet_inspect.views.diagram.ends import end_height, place_end
from effnet_inspect.views.diagram.grid import Grid
from effnet_inspect.views.diagram.labels import names_of, section_tooltip, shape_text
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.views.diagram.spacing import spacing_of
from effnet_inspect.words import pluralize


class DrawnDecoder:
    """At least one stage, to be placed on the canvas of the columns; `outputs` are what the model gives."""

    def __init__(
        self,
        stages: Sequence[DecoderStage],
        network: Network,
        look: Look,
        grid: Grid,
        canvas: Canvas,
        outputs: Sequence[Layer],
    ) -> None:
        self.stages = stages
        self.network = network
        self.look = look
        self.grid = grid
        self.canvas = canvas
        self.outputs = outputs
        self.apart = spacing_of(look)

    def height_below(self, line: int) -> float:
        """Of what stands below a line of columns, with the output where that is below the last stage; 0 of nothing."""
        stages = [stage for stage in self.stages if stage.column // self.grid.in_line == line]
        if not stages:
            return 0.0
        deepest = max(sum(each.column == stage.column for each in stages) for stage in stages)
        height = deepest * (self._stage_height() + self.apart.to_next) - self.apart.to_next
        if stages[-1] is self.stages[-1] and stages[-1].column % self.grid.in_line == 0:
            height += self.apart.to_add + end_height(len(self._given_in(stages[-1])))
        return height

    def place(
        self, rows: Sequence[tuple[float, float]], entries: Box, box_of: Mapping[str, Box], last_line: float
    ) -> None:
        """Place the stages, from right to left and from the last line of the backbone up.

        `rows` tell where the stages below each line of the backbone begin, and where they end. The data leave the
        backbone at `entries`; `box_of` are the boxes of its layers, and its `last_line` begins there.
        """
        grid = self.grid
        before: Box | None = None
        for number, stage in enumerate(self.stages, start=1):
            line, place = divmod(stage.column, grid.in_line)
            x, y = grid.x(place), rows[line][0]
            if before is not None and number > 1 and self.stages[number - 2].column == stage.column:
                y = before.y + before.height + self.apart.to_next
            facts = [shape_text(stage.layers[-1].output_shape), *self._count(stage)]
            notes = "\n".join([*(fitted(fact, grid.width - 2, grid.note_size) for fact in facts), *self._aside(stage)])
            title = f"Decoder {number}"
            tooltip = section_tooltip(title, stage.section, self.network)
            box = self.canvas.box(
                Box(title, x, y, grid.width, self._stage_height(), "other", title, notes, tooltip, "", grid.size,
                    grid.note_size, dashed=True, layers=names_of(stage.layers))
            )  # fmt: skip
            source = before or entries
            self._to_stage(source, box, rows[line][1], rows[-1][1], last_line, is_stage=before is not None)
            main = {source.key}
            for tap in stage.taps:
                if box_of[tap].key not in main:
                    main.add(box_of[tap].key)
                    self._tap(box_of[tap], box, tap)
            before = box
        if before is not None and (given := self._given_in(self.stages[-1])):
            beside = before.x > grid.left
            apart = grid.gutter if beside else self.apart.to_add
            place_end(self.canvas, "Output", given, before, "left" if beside else "below", apart=apart)

    def _stage_height(self) -> float:
        lines = (2 + len(self._count(stage)) + len(self._aside(stage)) for stage in self.stages)
        return 9 + self.grid.size * 1.25 * max(lines)

    def _count(self, stage: DecoderStage) -> list[str]:
        """The share of a stage, or how many layers it has; nothing in a dense figure."""
        counted = [] if self.look.dense else [pluralize(len(stage.layers), "layer")]
        return self.look.shares(stage.layers) or counted

    def _aside(self, stage: DecoderStage) -> list[str]:
        """What the model gives of a stage that is not the last."""
        given = [] if stage is self.stages[-1] else self._given_in(stage)
        room = self.grid.width - 2 - text_width("output ", self.grid.note_size)
        return [f"output {fitted_name(layer.name, room, self.grid.note_size)}" for layer in given]

    def _given_in(self, stage: DecoderStage) -> list[Layer]:
        return [layer for layer in stage.layers if layer in self.outputs]

    def _to_stage(
        self, source: Box, box: Box, bottom: float, lowest: float, last_line: float, *, is_stage: bool
    ) -> None:
        """The main path into a stage: from the right on the same line, else along the left edge and from below.

        `bottom` is where the stage's line ends, and `lowest` the last one.
        """
        y, target = source.centre[1], box.centre[1]
        margin = self.grid.left - self.grid.tap_rail - 4
        if source.x == box.x and source.y < box.y:
            self.canvas.down(source, box)
            return
        if is_stage and abs(y - target) < 1:
            points: tuple[Point, ...] = ((source.x, y), (box.x + box.width, y))
        elif not is_stage and source.x > box.x and source.y < box.y and last_line <= source.y:
            x = source.centre[0]
            points = ((x, source.y + source.height), (x, target), (box.x + box.width, target))
        else:
            lane, x = bottom + self.apart.taps, box.centre[0]
            if is_stage:
                start: tuple[Point, ...] = ((source.x, y), (margin, y))
            else:
                below = lowest + self.apart.taps
                middle = source.centre[0]
                start = ((middle, source.y + source.height), (middle, below), (margin, below))
            points = (*start, (margin, lane), (x, lane), (x, box.y + box.height))
        self.canvas.paths.append(Path(source.key, box.key, points, radius=6))

    def _tap(self, source: Box, box: Box, name: str) -> None:
        """From the bottom of a column, or past the boxes below on their left, into the top of a stage."""
        x, lane, target = source.centre[0], box.y - 6, box.centre[0]
        is_last = source.y + source.height >= self._lowest_in_column(source, box) - 0.01
        if is_last and source.x == box.x:
            points: tuple[Point, ...] = ((x, source.y + source.height), (x, box.y))
        elif is_last:
            points = ((x, source.y + source.height), (x, lane), (target, lane), (target, box.y))
        else:
            rail, y = source.x - self.grid.tap_rail, source.centre[1] + 5
            points = ((source.x, y), (rail, y), (rail, lane), (target, lane), (target, box.y))
        self.canvas.paths.append(Path(source.key, box.key, points, "tap", f"takes {name}"))

    def _lowest_in_column(self, source: Box, stage: Box) -> float:
        """Where the column of a box ends above a stage."""
        own = [box for box in self.canvas.boxes.values() if box.x == source.x and source.y <= box.y < stage.y - 1]
        return max(box.y + box.height for box in own)
