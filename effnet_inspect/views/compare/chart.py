"""The figure of `compare`: networks one above the other on one grid of stages, so that you can see how they grow.

Every sub-block is a slab. Slabs pile up to the depth of a block, and are as wide as its channels: in each column
the most channels of any model fill the column. Bars tell parameters and MACs of the whole: on the right, or on a narrow
page below each model's name, where the operators are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas, fitted, fitted_name, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT
from effnet_inspect.formatting import format_value
from effnet_inspect.structure.anatomy import Block, Section, Stage, StageKey, SubBlock
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.measures import measures_shown_in
from effnet_inspect.structure.network import ANY_SIZE, Network, stage_numbers
from effnet_inspect.views.diagram.labels import operator_text, section_role, section_tooltip, sub_block_role
from effnet_inspect.views.diagram.legend import MEANINGS
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.silhouette import remarks_on
from effnet_inspect.words import join_runs, pluralize

SLAB_HEIGHT = 4.0
DENSE_SLAB_HEIGHT = 2.6
SLAB_GAP = 1.0
LABEL_HEIGHT = 10.0
OPERATOR_LINE = 8.5
HEADING_LINE = 9.5
ROW_GAP = 12.0
DENSE_ROW_GAP = 5.5
CELL_GAP = 8.0
NARROW_GAP = 4.0
BAR_WIDTH = 30.0
"""Of the largest, where bars stand on the right."""
BAR_HEIGHT = 7.0
NARROWEST_CELL = 34.0
"""Width of a column, so that an operator finds room over it in two or three lines."""
VALUE_WIDTH = 34.0
"""Room for the number behind a bar."""
WORDED_VALUE_WIDTH = 80.0
"""The same with what is counted."""
NAME_WIDTHS = (50.0, 110.0)
"""The least and the most room for the models' names on the left."""
LEGEND_LINE = 12.0


def growth(networks: Sequence[Network], look: Look, sentences: Sequence[str] = ()) -> Diagram:
    """Draw the networks, the first on top, with sentences about them below the title."""
    return _Chart(networks, sentences, look).draw()


class _Chart:
    def __init__(self, networks: Sequence[Network], sentences: Sequence[str], look: Look) -> None:
        self.networks, self.sentences = networks, sentences
        self.look = look
        self.canvas = Canvas(join_runs(network.title for network in self.networks))
        self.columns = [key for number, key in stage_numbers(self.networks) if number is not None]
        self.most = {key: max(_channels(each.stages.get(key)) for each in self.networks) for key in self.columns}
        self.differing = {key for key in self.columns if len(self._operators(key)) > 1}
        self.bars = [measure for measure in measures_shown_in("headline") if measure.has_share]
        names = max(text_width(each.title, HEADING, bold=True) for each in self.networks)
        self.name_width = min(max(names, NAME_WIDTHS[0]), NAME_WIDTHS[1])
        beside = self.name_width + CELL_GAP + len(self.bars) * (VALUE_WIDTH + BAR_WIDTH + CELL_GAP)
        cell = (look.room - beside) / len(self.columns) - CELL_GAP
        self.wide = cell >= NARROWEST_CELL
        if self.wide:
            self.left, self.gap, self.cell, self.bar = self.name_width + CELL_GAP, CELL_GAP, cell, BAR_WIDTH
            self.bar_pitch = BAR_WIDTH + VALUE_WIDTH + CELL_GAP
        else:
            self.left, self.gap = 0.0, NARROW_GAP
            self.cell = (look.room + self.gap) / len(self.columns) - self.gap
            self.bar_pitch = (look.room + CELL_GAP) / len(self.bars)
            self.bar = self.bar_pitch - CELL_GAP - WORDED_VALUE_WIDTH
        pitch = self.cell + self.gap - 2
        counts = [format_value(most, "count") for most in self.most.values()]
        self.levels = 1 if all(text_width(count, SMALLEST) <= pitch for count in counts) else 2
        self.slab, self.row_gap = (DENSE_SLAB_HEIGHT, DENSE_ROW_GAP) if look.dense else (SLAB_HEIGHT, ROW_GAP)

    def draw(self) -> Diagram:
        y = 0.0
        top = self._headings()
        for index, network in enumerate(self.networks):
            y = self._row(index, network, y)
        self._legend(y)
        words = [line for sentence in self.sentences for line in wrapped(sentence.split(), self.look.room, TEXT)]
        for line in reversed(words):
            top -= TEXT * 1.45
            self.canvas.caption(Caption(line, 0, top, TEXT, "faint", False, "left"))
        heading(self.canvas, self.canvas.name, [], self.look, top - 2)
        return self.canvas.diagram(self.look.width)

    def _column_x(self, index: int) -> float:
        return self.left + index * (self.cell + self.gap)

    def _bar_x(self, index: int) -> float:
        start = self._column_x(len(self.columns)) if self.wide else 0.0
        return start + index * self.bar_pitch

    def _headings(self) -> float:
        """The titles of columns above y = 0; returns where they begin."""
        lines = [list(self._heading_lines(key)) for key in self.columns]
        highest = max(map(len, lines))
        for index, column in enumerate(lines):
            for line, (text, bold) in enumerate(column):
                y = -10 - (highest - line - 1) * HEADING_LINE
                size, role = (TEXT, "ink") if bold else (SMALLEST, "faint")
                self.canvas.caption(Caption(text, self._column_x(index), y, size, role, bold, "left"))  # type: ignore[arg-type]
        if self.wide:
            for index, measure in enumerate(self.bars):
                y = -10 - (highest - 1) * HEADING_LINE
                self.canvas.caption(Caption(measure.title, self._bar_x(index), y, TEXT, "ink", True, "left"))
        self.canvas.box(Box("rule", 0, -4, self.look.room, 0.6, "rule"))
        return -10 - highest * HEADING_LINE

    def _heading_lines(self, key: StageKey) -> Iterator[tuple[str, bool]]:
        stages = [stage for network in self.networks if (stage := network.stages.get(key))]
        words = stages[0].title.split()
        if not self.wide:
            name, number = words[0], words[-1] if words[-1].isdigit() else ""
            short = number if isinstance(stages[0], Block) else f"{name[0]}{number}" if number else name
            words = [fitted(short, self.cell + 3, TEXT, bold=True)]
        for line in wrapped(words, self.cell + CELL_GAP - 2, TEXT, bold=True):
            yield line, True
        operators = self._operators(key)
        if self.wide and len(operators) == 1:
            for line in self._operator_lines(operators.pop()):
                yield line, False

    def _operators(self, key: StageKey) -> set[str]:
        return {
            operator_text(stage.first) for each in self.networks if isinstance(stage := each.stages.get(key), Block)
        }

    def _operator_lines(self, operator: str) -> list[str]:
        """`MBConv6 k5×5` in as many lines as it needs, `Fused-` in one of its own."""
        return wrapped(operator.replace("-", "- ").split(), self.cell + CELL_GAP - 2, SMALLEST)

    def _row(self, index: int, network: Network, y: float) -> float:
        """One network; returns where the next one begins."""
        side = format_value(network.anatomy.input_shape and network.anatomy.input_shape[:2], "size")
        size = f"{ANY_SIZE}, shown at {side}" if network.is_size_assumed else f"{side} input"
        facts = [size, pluralize(network.totals["layers"], "layer")]
        canvas = self.canvas
        beside = text_width(" · ".join(facts), SMALLEST) + 8
        room = self.name_width + CELL_GAP - 3 if self.wide else self.look.room - beside
        name = fitted_name(network.title, room, HEADING, bold=True)
        canvas.caption(Caption(name, 0, y + 6, HEADING, "ink", True, "left"))
        name_height = 0.0
        if self.wide:
            lines_of_facts = [line for fact in facts for line in wrapped(fact.split(), room, SMALLEST)]
            for line, fact in enumerate(lines_of_facts):
                text = fitted(fact, room, SMALLEST)
                canvas.caption(Caption(text, 0, y + 17 + line * OPERATOR_LINE, SMALLEST, "faint", False, "left"))
            self._bars(index, network, y + 2)
        else:
            x = text_width(name, HEADING, bold=True) + 8
            canvas.caption(Caption(" · ".join(facts), x, y + 6.5, SMALLEST, "faint", False, "left"))
            self._bars(index, network, y + 14)
            name_height = 28.0
        top = y + name_height
        lines = {
            key: self._operator_lines(operator_text(stage.first))
            for key in self.differing
            if self.wide and isinstance(stage := network.stages.get(key), Block)
        }
        lowest = max(map(len, lines.values()), default=0)
        label = LABEL_HEIGHT + (self.levels - 1 + lowest) * OPERATOR_LINE
        deepest = 1
        for column, key in enumerate(self.columns):
            if stage := network.stages.get(key):
                deepest = max(deepest, self._cell(index, network, stage, column, top, label, lines.get(key, ())))
        return top + max(label + deepest * (self.slab + SLAB_GAP), 30.0 if self.wide else 0.0) + self.row_gap

    def _bars(self, index: int, network: Network, y: float) -> None:
        for number, measure in enumerate(self.bars):
            largest = max(each.totals[measure.key] for each in self.networks)
            value = network.totals[measure.key]
            width = max(self.bar * value / largest, 1.0) if largest else 1.0
            x = self._bar_x(number)
            tooltip = f"{value:,} {measure.noun}"
            self.canvas.box(Box(f"{index} {measure.key}", x, y, width, BAR_HEIGHT, "bar", tooltip=tooltip))
            text = format_value(value, "quantity") + ("" if self.wide else f" {measure.noun}")
            middle = y + BAR_HEIGHT / 2
            self.canvas.caption(Caption(text, x + width + 3, middle, SMALLEST, "ink", False, "left"))

    def _cell(
        self,
        index: int,
        network: Network,
        stage: Stage,
        column: int,
        y: float,
        label: float,
        operator: Collection[str],
    ) -> int:
        """One stage of a model as a pile of slabs under its channels; returns how many slabs it took."""
        x, most = self._column_x(column), self.most[stage.key]
        channels = format_value(_channels(stage), "count")
        # Where they are wider than their columns, every other one stands lower.
        level = y + 4 + column % self.levels * OPERATOR_LINE
        self.canvas.caption(Caption(channels, x, level, SMALLEST, "ink", False, "left"))
        for line, words in enumerate(operator):
            y_of_line = y + 4 + (line + 1) * OPERATOR_LINE
            self.canvas.caption(Caption(words, x, y_of_line, SMALLEST, "faint", False, "left"))
        width = self.cell * _channels(stage) / most if most else self.cell
        slabs = list(_slabs(stage))
        for number, (key, role, name, section) in enumerate(slabs):
            top = y + label + number * (self.slab + SLAB_GAP)
            tooltip = section_tooltip(f"{network.title}: {name}", section, network)
            layers = tuple(layer.name for layer in section.layers)
            self.canvas.box(Box(f"{index} {key}", x, top, width, self.slab, role, tooltip=tooltip, layers=layers))
        return len(slabs)

    def _legend(self, y: float) -> None:
        x = 0.0
        drawn = {box.role for box in self.canvas.boxes.values()}
        for role, (text, _, _) in MEANINGS.items():
            if role not in drawn or self.look.heat:
                continue
            width = 20 + text_width(text, SMALLEST)
            if x and x + width > self.look.room:
                x, y = 0.0, y + LEGEND_LINE
            self.canvas.box(Box(f"legend {role}", x, y - 3, 15, 6, role))
            self.canvas.caption(Caption(text, x + 20, y, SMALLEST, "faint", False, "left"))
            x += width + 12
        text = "Height: one slab for each sub-block. Width: channels, relative to the most in that column."
        if not self.wide and any(key[0] == "stage" for key in self.columns):
            text += " S1, S2 and so on: stages, the layers of one resolution."
        sentences = [text, *remarks_on(self.networks, self._drawn)]
        for line in (line for words in sentences for line in wrapped(words.split(), self.look.room, SMALLEST)):
            y += LEGEND_LINE
            self.canvas.caption(Caption(line, 0, y, SMALLEST, "faint", False, "left"))

    def _drawn(self, network: Network) -> list[Stage]:
        return [stage for key in self.columns if (stage := network.stages.get(key))]


def _channels(stage: Stage | None) -> int:
    return (stage.output_shape[-1] or 0) if stage and stage.output_shape else 0


def _slabs(stage: Stage) -> Iterator[tuple[str, BoxRole, str, Section | SubBlock]]:
    """The key, role and name of each slab of a stage, and what it stands for."""
    if isinstance(stage, Block):
        yield from ((each.name, sub_block_role(each), f"Sub-block {each.name}", each) for each in stage.sub_blocks)
    else:
        yield name_of(stage), section_role(stage), stage.title, stage
