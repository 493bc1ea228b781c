"""The architecture figure: columns, one a block, in lines from left to right; the first boxes of a line are level.

Below each block's first sub-block come the repeated ones with the Add that closes them; equal ones are drawn
once, in a bracket with ×N. A residual forks off the line that enters its sub-block and ends in the Add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from effnet_inspect.drawing import Box, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, fitted, fitted_name, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, LABEL, SMALLEST, TEXT
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Block, Section, SubBlock
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import (
    alike_sub_blocks,
    kernel_text,
    layer_tooltip,
    model_facts,
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
from effnet_inspect.words import describe_blocks, pluralize

BOX_WIDTHS = (56.5, 104.0)
"""The narrowest and the widest boxes: on a wider page fewer lines come before wider boxes."""
LABEL_SIZES = (TEXT, HEADING)
LABEL_WIDTH = 7.9
"""Of the widest label, `Sub-block 3′`, in ems."""
GUTTER = 24.0
"""Between columns: room for the way up to the next one, and for the residuals and brackets of that."""
LEFT = 12.5
"""Of the first column of a line: room for the same."""
RIGHT = 9.0
ADD_HEIGHT = 14.0
TO_ADD = 9.0
TO_NEXT = 15.0
FORK = 6.0
"""How far above a box its residual forks off."""
RAIL = 8.0
"""How far left of a box its residual runs."""
BRACKET = 3.5
"""How far a bracket stands off what is in it."""
RISER = 8.0
"""How far right of a box the way to the next column rises."""
BETWEEN_LINES = 16.0
PILL_HEIGHT = 13.0
HEADER = 8.0
"""From the middle of a header's last line to the first boxes."""
HEADER_HEIGHT = HEADER + HEADING + 2 * TEXT * 1.4
"""Of a header with all of its lines."""


def architecture(network: Network, look: Look, *, expand: bool = False) -> Diagram:
    """Draw the whole network, one column a block; `expand` draws every sub-block instead of ×N."""
    return _Figure(network, look, expand).draw()


class _Figure:
    def __init__(self, network: Network, look: Look, expand: bool) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.look = look
        self.expand = expand
        self.canvas = Canvas(network.name)
        self.last: Box | None = None
        self.top = 0.0
        columns = self._columns()
        room = look.room - LEFT - RIGHT + GUTTER
        lines = -(-len(columns) // int(room / (BOX_WIDTHS[0] + GUTTER)))
        self.in_line = -(-len(columns) // lines)
        self.width = min(room / self.in_line - GUTTER, BOX_WIDTHS[1])
        self.size = min(max((self.width - 2) / LABEL_WIDTH, LABEL_SIZES[0]), LABEL_SIZES[1])
        self.note_size = max(self.size * 0.92, SMALLEST)
        drawn = [each for block in self.anatomy.blocks for each, _ in alike_sub_blocks(block, expand=expand)]
        lines_in_notes = [len(self._texts(each, each.name)[1]) for each in drawn]
        self.height = 9 + self.size * 1.25 * (1 + max(lines_in_notes, default=1))

    def draw(self) -> Diagram:
        for index, place in enumerate(self._columns()):
            if index and index % self.in_line == 0:
                self.top = self._lowest() + BETWEEN_LINES + HEADER_HEIGHT
            place(LEFT + index % self.in_line * (self.width + GUTTER))
        heading(self.canvas, self.network.name, model_facts(self.network), self.look, self._highest() - 12)
        place_legend(self.canvas, self.anatomy, self.look, self._lowest() + 20)
        return self.canvas.diagram(self.look.width)

    def _columns(self) -> list[Callable[[float], None]]:
        """What places each column at an x."""
        anatomy = self.anatomy
        leading = [part for part in (anatomy.before, anatomy.stem) if part and part.layers]
        tail = [part for part in (anatomy.part, anatomy.head, anatomy.classifier, anatomy.after) if part]
        columns: list[Callable[[float], None]] = [
            *(self._part_column(part) for part in leading),
            *(self._block_column(block) for block in anatomy.blocks),
            *(self._part_column(part) for part in anatomy.resolution_stages),
        ]
        return [*columns, self._tail_column(tail)] if tail or anatomy.other_branches or not columns else columns

    def _highest(self) -> float:
        return min(-HEADER_HEIGHT, *(box.y for box in self.canvas.boxes.values()))

    def _lowest(self) -> float:
        return max((each.y + each.height for each in self.canvas.placed()), default=0.0)

    def _part_column(self, part: Section) -> Callable[[float], None]:
        def place(x: float) -> None:
            is_first = self.last is None
            box = self._part_box(part, x, self.top)
            if is_first:
                self._ends("Input", [layer for layer in self.anatomy.graph if layer.operation == "input"], box)
            elif part.belongs_to_backbone or part.name == "stage":
                self._header(x, "", [shape_text(part.output_shape)])
            self._enter(box)

        return place

    def _tail_column(self, parts: Sequence[Section]) -> Callable[[float], None]:
        def place(x: float) -> None:
            y = self.top
            for part in parts:
                box = self._part_box(part, x, y)
                if part.belongs_to_backbone:
                    self._header(x, "", [shape_text(part.output_shape)])
                self._enter(box)
                y = box.y + box.height + TO_NEXT
            graph = self.anatomy.graph
            if self.last is not None and self.last.x == x:
                outputs = [graph[name] for name in graph.outputs]
                self._ends("Output", outputs, self.last)
                y = self._lowest_in(x) + TO_NEXT
            if self.anatomy.other_branches:
                self._part_box(self.anatomy.other_branches, x, y)

        return place

    def _lowest_in(self, x: float) -> float:
        return max(box.y + box.height for box in self.canvas.boxes.values() if box.x == x)

    def _ends(self, word: str, layers: Sequence[Layer], box: Box) -> None:
        """Where the data enter or leave: above the first box or below the last one, each with its name and shape."""
        if not layers:
            return
        shapes = [shape_text(layer.output_shape) for layer in layers]
        if len(layers) == 1:
            label, notes = word, shapes
        else:
            label, notes = f"{len(layers)} {word.lower()}s", []
            for layer, shape in zip(layers, shapes, strict=True):
                room = self.width - 4 - text_width(f" {shape}", SMALLEST)
                notes.append(f"{fitted_name(layer.name, room, SMALLEST)} {shape}")
        height = PILL_HEIGHT + len(notes) * TEXT * 1.25
        above = word == "Input"
        y = box.y - TO_ADD - height if above else box.y + box.height + TO_ADD
        tooltip = "\n".join(f"{word} {layer.name}: {shape}" for layer, shape in zip(layers, shapes, strict=True))
        end = self.canvas.box(
            Box(f"{word} of the model", box.x, y, self.width, height, "plain", label, "\n".join(notes), tooltip,
                size=TEXT, note_size=SMALLEST)
        )  # fmt: skip
        if above:
            self.canvas.down(end, box)
        elif len(layers) == 1 or self.anatomy.after is None:
            self.canvas.down(box, end)

    def _part_box(self, part: Section, x: float, y: float) -> Box:
        role = section_role(part)
        tooltip = section_tooltip(part.title, part, self.network)
        room = self.width - 2
        first = part.convolutions[0] if part.convolutions and part.belongs_to_backbone else None
        notes = [pluralize(len(part.layers), "layer")]
        if first:
            facts = [f"Conv {kernel_text(first.kernel)}", *([stride_text(first.stride)] * (first.stride != (1, 1)))]
            notes = wrapped(facts, room, self.note_size)
        if tapped := self._tapped(part):
            notes.append(fitted(f"taps {tapped}", room, self.note_size))
            tooltip += f"\nalso takes what {tapped} give{'s' * ('blocks' not in tapped)}"
        return self.canvas.box(
            Box(
                name_of(part), x, y, self.width, 9 + self.size * 1.25 * (1 + len(notes)), role,
                fitted(part.title, room, self.size, bold=True), "\n".join(notes), tooltip, size=self.size,
                note_size=self.note_size, dashed=role == "other",
            )
        )  # fmt: skip

    def _tapped(self, part: Section) -> str:
        """The blocks that a part takes something from, but for what the last one gives at its end."""
        block_of = {layer.name: block.number for block in self.anatomy.blocks for layer in block.layers}
        exit_name = self.anatomy.blocks[-1].layers[-1].name if self.anatomy.blocks else ""
        sources = {name for layer in part.layers for name in layer.inputs if name in block_of and name != exit_name}
        return describe_blocks((block_of[name] for name in sources), "–") if sources else ""

    def _block_column(self, block: Block) -> Callable[[float], None]:
        def place(x: float) -> None:
            stride = block.first.stride
            lines = [stride_text(stride)] if stride and stride != (1, 1) else []
            self._header(x, block.title, [shape_text(block.output_shape), *lines])
            y = self.top
            for drawn, stands_for in alike_sub_blocks(block, expand=self.expand):
                y = self._sub_block(drawn, stands_for, x, y)

        return place

    def _texts(self, drawn: SubBlock, name: str) -> tuple[str, list[str]]:
        """A sub-block's label and notes. What there is no room for is left out: first its name, then one line."""
        label, note = self.look.in_order(sub_block_name(drawn), operator_text(drawn))
        room = self.width - 2
        if text_width(label, self.size, bold=True) > room:
            first, *rest = _broken(label, room, self.size, bold=True)
            return first, [*rest, *self._note(note, "", room)]
        return label, self._note(note, name, room)

    def _note(self, note: str, name: str, room: float) -> list[str]:
        with_name = f"{name} · {note}"
        if name and text_width(with_name, self.note_size) <= room:
            return [with_name]
        return _broken(note, room, self.note_size)

    def _sub_block(self, drawn: SubBlock, stands_for: Sequence[SubBlock], x: float, y: float) -> float:
        """Place a sub-block and its Add with its top at y; returns where the next one begins."""
        canvas, times = self.canvas, len(stands_for)
        bracket = f"{drawn.name} ×{times}" if times > 1 else ""
        opens_column = y == self.top
        y += FORK if bracket else 0
        name = drawn.name if times == 1 else f"{drawn.name}–{stands_for[-1].name}"
        label, notes = self._texts(drawn, "" if bracket else name)
        tooltip = section_tooltip(f"{sub_block_name(drawn)}, {name}", drawn, self.network)
        box = canvas.box(
            Box(drawn.name, x, y, self.width, self.height, sub_block_role(drawn), label, "\n".join(notes),
                tooltip + (f"\neach, there are {times}" if times > 1 else ""), bracket, self.size, self.note_size)
        )  # fmt: skip
        before = self.last
        self._enter(box)
        if drawn.residual:
            top = y + self.height + TO_ADD
            joint = drawn.joint
            tooltip = "the residual connection" + (f"\n{layer_tooltip(joint, self.network)}" if joint else "")
            add = canvas.box(
                Box(f"{drawn.name} add", x, top, self.width, ADD_HEIGHT, "add", "Add", "", tooltip, bracket, self.size)
            )
            canvas.down(box, add)
            if before is not None:
                fork = (x - RAIL, box.centre[1]) if opens_column else (x + self.width / 2, y - FORK)
                canvas.skip(before, add, fork, x - RAIL, tooltip=f"the input of {drawn.name}, added to its output")
            self.last = add
        if between := drawn.between:
            self._added(drawn, between, x, bracket)
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
        return end + TO_NEXT

    def _added(self, drawn: SubBlock, layers: Sequence[Layer], x: float, bracket: str) -> None:
        """What somebody added behind a sub-block."""
        above = self.last
        assert above is not None
        items = [item for item in drawn.items if item.landmark == "between"]
        names = [item.attention or item.layer.class_name for item in items]
        title = names[0] if len(names) == 1 else pluralize(len(layers), "layer")
        tooltip = "\n".join([f"added after {drawn.name}", *(layer_tooltip(layer, self.network) for layer in layers)])
        y = above.y + above.height + TO_ADD
        box = self.canvas.box(
            Box(f"{drawn.name} added", x, y, self.width, ADD_HEIGHT, "other", fitted(title, self.width - 4, LABEL),
                "", tooltip, bracket, LABEL, dashed=True)
        )  # fmt: skip
        self.canvas.down(above, box)
        self.last = box

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
        lane = box.y - HEADER_HEIGHT - BETWEEN_LINES / 2
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


def _broken(name: str, room: float, size: float, bold: bool = False) -> list[str]:
    """A name in as few lines as it needs, broken at blanks and, where one part is too wide, after hyphens."""
    words = name.split()
    if any(text_width(word, size, bold) > room for word in words):
        head, hyphen, rest = name.partition("-")
        return [f"{head}{hyphen}", *wrapped(rest.split(), room, size, bold=bold)]
    return wrapped(words, room, size, bold=bold)
