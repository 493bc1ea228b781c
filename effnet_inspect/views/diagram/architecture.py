"""The architecture figure: columns, one a block, in lines from left to right; the first boxes of a line are level.

Below each block's first sub-block come the repeated ones with the Add that closes them; equal ones are drawn
once, in a bracket with ×N. A residual forks off the line that enters its sub-block and ends in what closes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from effnet_inspect.drawing import Box, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, broken, broken_word, fitted, text_width, wrapped
from effnet_inspect.drawing.captions import LINE
from effnet_inspect.drawing.page import HEADING, LABEL, SMALLEST, TEXT
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Block, Section, SubBlock
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.decoder import DecoderStage, decoder_stages, tapped_blocks
from effnet_inspect.views.diagram.drawn_decoder import DrawnDecoder
from effnet_inspect.views.diagram.ends import place_end
from effnet_inspect.views.diagram.grid import RAIL, grid_for
from effnet_inspect.views.diagram.labels import (
    alike_sub_blocks,
    joint_title,
    kernel_text,
    layer_tooltip,
    layers_inside,
    model_facts,
    names_of,
    operator_text,
    section_role,
    section_tooltip,
    shape_text,
    stride_text,
    sub_block_name,
    sub_block_role,
)
from effnet_inspect.views.diagram.legend import place_legend
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.spacing import spacing_of
from effnet_inspect.words import pluralize

ADD_HEIGHT = 14.0
FORK = 6.0
"""How far above a box its residual forks off."""
BRACKET = 3.5
"""How far a bracket stands off what is in it."""
RISER = 8.0
"""How far right of a box the way to the next column rises."""
HEADER = 8.0
"""From the middle of a header's last line to the first boxes."""
HEADER_HEIGHT = HEADER + HEADING + 2 * TEXT * 1.4
"""Of a header with all of its lines."""


def architecture(network: Network, look: Look, *, expand: bool = False) -> Diagram:
    """Draw the whole network, one column a block; `expand` draws every sub-block instead of ×N."""
    figure = Columns(network, look, expand)
    figure.place()
    canvas = figure.canvas
    heading(canvas, network.name, model_facts(network), look, figure.highest() - figure.apart.to_heading)
    place_legend(canvas, network.anatomy.sub_blocks, look, max(figure.bottom, figure.lowest()) + figure.apart.to_legend)
    return canvas.diagram(look.width)


class Columns:
    """The columns of one backbone, without heading and legend.

    `around` are the layers that are drawn elsewhere: where a model holds several backbones, what is around them.
    """

    def __init__(self, network: Network, look: Look, expand: bool, around: frozenset[str] = frozenset()) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.look = look
        self.expand = expand
        self.around = around
        self.apart = spacing_of(look)
        self.canvas = Canvas(network.name)
        self.last: Box | None = None
        self.top = 0.0
        self.bottom = 0.0
        self.box_of: dict[str, Box] = {}
        self.stages = self._stages()
        in_blocks = [layer for block in self.anatomy.blocks for layer in self._given_in(block.layers)]
        for_taps = self.apart.taps if self.stages or in_blocks else 0.0
        self.between_lines = for_taps + self.apart.between_lines
        self.grid = grid_for(len(self._columns()), look, for_taps)
        self.width, self.size, self.note_size = self.grid.width, self.grid.size, self.grid.note_size
        self.decoder = (
            DrawnDecoder(self.stages, network, look, self.grid, self.canvas, self._outputs()) if self.stages else None
        )
        drawn = [each for block in self.anatomy.blocks for each, _ in alike_sub_blocks(block, expand=expand)]
        texts = [self._texts(each, each.name) for each in drawn]
        most = max((label.count("\n") + 1 + len(notes) for label, notes in texts), default=2)
        self.height = 9 + self.size * 1.25 * (most + (look.heat is not None))

    def place(self) -> None:
        """Place everything on the canvas; `last` is then the box that the data leave."""
        columns = self._columns()
        rows: list[tuple[float, float]] = []
        in_line = self.grid.in_line
        for start in range(0, len(columns), in_line):
            if start:
                self.top = self.bottom + self.between_lines + HEADER_HEIGHT
            for index, place in enumerate(columns[start : start + in_line]):
                place(self.grid.x(index))
            self.bottom = max((each.y + each.height for each in self.canvas.placed()), default=0.0)
            row = self.bottom + self.apart.to_decoder
            if self.decoder and (height := self.decoder.height_below(start // in_line)):
                self.bottom = row + height
            rows.append((row, self.bottom))
        if self.decoder and self.last:
            self.decoder.place(rows, self.last, self.box_of, self.top)

    def _columns(self) -> list[Callable[[float], None]]:
        """What places each column at an x."""
        anatomy = self.anatomy
        leading = [part for part in (self._shown(anatomy.before), anatomy.stem) if part and part.layers]
        after = None if self.stages else self._shown(anatomy.after)
        tail = [part for part in (anatomy.part, anatomy.head, anatomy.classifier, after) if part]
        columns: list[Callable[[float], None]] = [
            *(self._part_column(part) for part in leading),
            *(self._block_column(block) for block in anatomy.blocks),
            *(self._part_column(part) for part in anatomy.resolution_stages),
        ]
        return (
            [*columns, self._tail_column(tail)]
            if tail or self._shown(anatomy.other_branches) or not columns
            else columns
        )

    def _shown(self, part: Section | None) -> Section | None:
        return None if part is None or any(layer.name in self.around for layer in part.layers) else part

    def highest(self) -> float:
        """Where the first line begins, its headers with it."""
        return min(-HEADER_HEIGHT, *(box.y for box in self.canvas.boxes.values()))

    def lowest(self) -> float:
        """Where the last box ends, or what is drawn below it: a way back to a decoder."""
        boxes = (each.y + each.height for each in self.canvas.placed())
        return max((*boxes, *(y for path in self.canvas.paths for _, y in path.points)), default=0.0)

    def _part_column(self, part: Section) -> Callable[[float], None]:
        def place(x: float) -> None:
            is_first = self.last is None
            box = self._part_box(part, x, self.top)
            if is_first:
                leading = list(filter(None, dict.fromkeys((self.anatomy.before, self.anatomy.stem, part))))
                layers = [layer for each in leading for layer in each.layers if layer.is_model_input]
                if layers:
                    place_end(self.canvas, "Input", layers, box, "above")
            elif part.belongs_to_backbone or part.name == "stage":
                self._header(x, "", [shape_text(part.output_shape)])
            self._enter(box)
            self._give(part.layers, box)

        return place

    def _tail_column(self, parts: Sequence[Section]) -> Callable[[float], None]:
        def place(x: float) -> None:
            y, before = self.top, [self.last] if self.last else []
            for part in parts:
                sources = self._sources(part, before)
                box = self._part_box(part, x, y)
                if part.belongs_to_backbone:
                    self._header(x, "", [shape_text(part.output_shape)])
                for source in sources:
                    self._lead(source, box)
                self.last = box
                before.append(box)
                y = self._give(part.layers, box) + self.apart.to_next
            if branches := self._shown(self.anatomy.other_branches):
                self._part_box(branches, x, y)

        return place

    def _sources(self, part: Section, before: Sequence[Box]) -> Sequence[Box]:
        """Which of the boxes before a part in the last column it takes something of."""
        taken = [self.box_of.get(name) for layer in part.layers for name in layer.inputs]
        return [box for box in before if box in taken] or ([] if tapped_blocks(self.anatomy, part) else before[-1:])

    def _lead(self, source: Box, box: Box) -> None:
        """The main path into a part: from the box above it, or on the right past others that take the same."""
        between = [each for each in self.canvas.boxes.values() if each.x == box.x and source.y < each.y < box.y]
        if source.x != box.x or not between:
            self.last = source
            self._enter(box)
            return
        right, level = source.x + source.width, box.centre[1]
        points = ((right, source.centre[1]), (right + RISER, source.centre[1]), (right + RISER, level), (right, level))
        self.canvas.paths.append(Path(source.key, box.key, points, radius=6))

    def _given_in(self, layers: Sequence[Layer]) -> list[Layer]:
        """The outputs of the model among some layers."""
        return [layer for layer in layers if layer in self._outputs()]

    def _give(self, layers: Sequence[Layer], box: Box) -> float:
        """What the model gives there, below a box; returns where that ends."""
        given = [] if self.stages else self._given_in(layers)
        end = place_end(self.canvas, "Output", given, box, "below") if given else box
        return end.y + end.height

    def _outputs(self) -> list[Layer]:
        """What the model gives, but for what other branches give."""
        aside = self.anatomy.other_branches
        beside = {layer.name for layer in aside.layers} if aside else set()
        beside |= self.around
        return [self.anatomy.graph[name] for name in self.anatomy.graph.outputs if name not in beside]

    def _part_box(self, part: Section, x: float, y: float) -> Box:
        role = section_role(part)
        tooltip = section_tooltip(part.title, part, self.network)
        room = self.width - 2
        first = part.convolutions[0] if part.convolutions and part.belongs_to_backbone else None
        notes = [pluralize(len(part.layers), "layer")]
        if first:
            facts = [f"Conv {kernel_text(first.kernel)}", *([stride_text(first.stride)] * (first.stride != (1, 1)))]
            notes = wrapped(facts, room, self.note_size)
        notes += [*self.look.shares(part.layers), *self._own_ends(part)]
        if tapped := tapped_blocks(self.anatomy, part):
            notes.append(fitted(f"taps {tapped}", room, self.note_size))
            tooltip += f"\nalso takes what {tapped} give{'s' * ('blocks' not in tapped)}"
        box = self.canvas.box(
            Box(
                name_of(part), x, y, self.width, 9 + self.size * 1.25 * (1 + len(notes)), role,
                fitted(part.title, room, self.size, bold=True), "\n".join(notes), tooltip, size=self.size,
                note_size=self.note_size, dashed=role == "other", layers=names_of(part.layers),
            )
        )  # fmt: skip
        self.box_of |= dict.fromkeys((layer.name for layer in part.layers), box)
        return box

    def _own_ends(self, part: Section) -> list[str]:
        """The inputs of a part that does not lead to the backbone, and the outputs of one that has no box for them."""
        outputs = self.anatomy.graph.outputs
        inputs = [] if self.last is None else [layer for layer in part.layers if layer.is_model_input]
        given = part is self.anatomy.other_branches or self.stages
        ends = [("input", layer) for layer in inputs]
        ends += [("output", layer) for layer in part.layers if given and layer.name in outputs]
        texts = (f"{word} {layer.name} {shape_text(layer.output_shape)}" for word, layer in ends)
        return [line for text in texts for line in wrapped(text.split(), self.width - 2, self.note_size)]

    def _block_column(self, block: Block) -> Callable[[float], None]:
        def place(x: float) -> None:
            lines = [stride_text(block.stride)] if block.stride != (1, 1) else []
            self._header(x, block.title, [shape_text(block.output_shape), *lines])
            y = self.top
            for drawn, stands_for in alike_sub_blocks(block, expand=self.expand):
                y = self._sub_block(drawn, stands_for, x, y)
            if given := self._given_in(block.layers):
                self._give_from_block(given, y)

        return place

    def _give_from_block(self, given: Sequence[Layer], y: float) -> None:
        """What the model gives of a block: below its column, which ends above y."""
        last = self.last
        assert last is not None
        end = place_end(
            self.canvas, "Output", given, last, "below", arrow=False,
            apart=y - last.y - last.height - self.apart.to_next + self.apart.to_add,
        )  # fmt: skip
        for source in {box.key: box for box in (self.box_of[layer.name] for layer in given)}.values():
            if source is last:
                self.canvas.down(source, end)
                continue
            rail, start, level = source.x - self.grid.tap_rail, source.centre[1] + 5, end.centre[1]
            points = ((source.x, start), (rail, start), (rail, level), (end.x, level))
            self.canvas.paths.append(Path(source.key, end.key, points))

    def _texts(self, drawn: SubBlock, name: str) -> tuple[str, list[str]]:
        """A sub-block's label and notes. What there is no room for is left out: first its name, then one line."""
        label, note = self.look.in_order(sub_block_name(drawn), operator_text(drawn))
        room = self.width - 2
        if text_width(label, self.size, bold=True) > room:
            return "\n".join(broken(label, room, self.size, bold=True)), self._note(note, "", room)
        return label, self._note(note, name, room)

    def _note(self, note: str, name: str, room: float) -> list[str]:
        with_name = f"{name} · {note}"
        if name and text_width(with_name, self.note_size) <= room:
            return [with_name]
        return broken(note, room, self.note_size)

    def _sub_block(self, drawn: SubBlock, stands_for: Sequence[SubBlock], x: float, y: float) -> float:
        """Place a sub-block and its Add with its top at y; returns where the next one begins."""
        canvas, times = self.canvas, len(stands_for)
        bracket = f"{drawn.name} ×{times}" if times > 1 else ""
        opens_column = y == self.top
        y += FORK if bracket else 0
        name = drawn.name if times == 1 else f"{drawn.name}–{stands_for[-1].name}"
        label, notes = self._texts(drawn, "" if bracket else name)
        inner = layers_inside(stands_for)
        notes += self.look.shares(inner)
        tooltip = section_tooltip(f"{sub_block_name(drawn)}, {name}", drawn, self.network)
        box = canvas.box(
            Box(drawn.name, x, y, self.width, self.height, sub_block_role(drawn), label, "\n".join(notes),
                tooltip + (f"\neach, there are {times}" if times > 1 else ""), bracket, self.size, self.note_size,
                layers=names_of(inner))
        )  # fmt: skip
        before = self.last
        self.box_of |= dict.fromkeys((layer.name for each in stands_for for layer in each.layers), box)
        self._enter(box)
        if joint := drawn.joint:
            top = y + self.height + self.apart.to_add
            tooltip = f"the residual connection\n{layer_tooltip(joint, self.network)}"
            title = joint_title(joint)
            add = canvas.box(
                Box(f"{drawn.name} add", x, top, self.width, ADD_HEIGHT, "add", title, "", tooltip, bracket, self.size,
                    layers=names_of(each.joint for each in stands_for if each.joint))
            )  # fmt: skip
            canvas.down(box, add)
            if before is not None:
                fork = (x - RAIL, box.centre[1]) if opens_column else (x + self.width / 2, y - FORK)
                canvas.skip(before, add, fork, x - RAIL, tooltip=f"the input of {drawn.name}")
            self.box_of |= {each.joint.name: add for each in stands_for if each.joint}
            self.last = add
        if drawn.between:
            self._added(drawn, stands_for, x, bracket)
        assert self.last is not None
        end = self.last.y + self.last.height
        if bracket:
            top, left = y - FORK - BRACKET, x - RAIL - BRACKET
            canvas.frame(
                Frame(bracket, left, top, x + self.width + BRACKET - left, end + 14 - top, "bracket", f"×{times}",
                      tooltip=f"{times} times: {name}", size=10)
            )  # fmt: skip
            canvas.caption(Caption(name, left + 5, end + 7, SMALLEST, "faint", anchor="left"))
            end += 14
        return end + self.apart.to_next

    def _added(self, drawn: SubBlock, stands_for: Sequence[SubBlock], x: float, bracket: str) -> None:
        """What somebody added behind a sub-block."""
        above, layers = self.last, drawn.between
        assert above is not None
        items = [item for item in drawn.items if item.landmark == "between"]
        names = [item.attention or item.layer.class_name for item in items]
        title = names[0] if len(names) == 1 else pluralize(len(layers), "layer")
        tooltip = "\n".join([f"added after {drawn.name}", *(layer_tooltip(layer, self.network) for layer in layers)])
        y = above.y + above.height + self.apart.to_add
        lines = broken_word(title, self.width - 4, LABEL)
        height = ADD_HEIGHT + (len(lines) - 1) * LABEL * LINE
        box = self.canvas.box(
            Box(f"{drawn.name} added", x, y, self.width, height, "other", "\n".join(lines), "", tooltip, bracket, LABEL,
                dashed=True, layers=names_of(layer for each in stands_for for layer in each.between))
        )  # fmt: skip
        self.canvas.down(above, box)
        self.box_of |= dict.fromkeys((layer.name for layer in layers), box)
        self.last = box

    def _stages(self) -> list[DecoderStage]:
        leading = [part for part in (self._shown(self.anatomy.before), self.anatomy.stem) if part and part.layers]
        own: list[Section | Block] = [*leading, *self.anatomy.blocks]
        tail = [part for part in (self.anatomy.part, self.anatomy.head) if part]
        columns = {layer.name: index for index, part in enumerate(own) for layer in part.layers}
        columns |= {layer.name: len(own) for part in tail for layer in part.layers}
        if not own or self.around:
            return []
        return decoder_stages(self.anatomy, columns, [*own, *tail][-1].layers[-1].name)

    def _enter(self, box: Box) -> None:
        """Lead the data from the last box into this one."""
        before, self.last = self.last, box
        if before is None:
            return
        if abs(before.x - box.x) < 1:
            self.canvas.down(before, box)
        elif before.x < box.x:
            self.canvas.rise(before, box, before.x + before.width + RISER)
        else:
            self._next_line(before, box)

    def _next_line(self, before: Box, box: Box) -> None:
        """Down on the right, back to the left above the next line's headers, and from the left into its first box."""
        right, left = before.x + before.width + RISER, box.x - RAIL
        lane = box.y - HEADER_HEIGHT - self.apart.between_lines / 2
        y, target = before.centre[1], box.centre[1]
        points = (
            (before.x + before.width, y),
            (right, y),
            (right, lane),
            (left, lane),
            (left, target),
            (box.x, target),
        )
        self.canvas.paths.append(Path(before.key, box.key, points, radius=6))

    def _header(self, x: float, title: str, lines: Sequence[str]) -> None:
        middle, y = x + self.width / 2, self.top - HEADER
        for line in reversed(lines):
            self.canvas.caption(Caption(line, middle, y, TEXT, "faint"))
            y -= TEXT * 1.35
        if title:
            self.canvas.caption(Caption(title, middle, y - 1.5, HEADING, "ink", bold=True))
