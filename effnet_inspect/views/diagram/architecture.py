"""The architecture figure: a row of columns, one a block, the first boxes of all on one line.

Below each block's first sub-block come the repeated ones with the Add that closes them; equal ones are drawn
once, in a bracket with ×N. A residual forks off the line that enters its sub-block and ends in the Add.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame
from effnet_inspect.drawing.canvas import Canvas, fitted, text_width
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Block, Section, SubBlock
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.views.diagram.labels import (
    kernel_text,
    layer_tooltip,
    model_line,
    section_role,
    section_tooltip,
    shape_text,
    sides_text,
    stride_text,
    sub_block_role,
)
from effnet_inspect.words import describe_blocks, pluralize

BOX_WIDTH = 124.0
BOX_HEIGHT = 44.0
ADD_HEIGHT = 24.0
TAP_HEIGHT = 12.0
"""How much higher a box is that also names the blocks it taps."""
TO_ADD = 18.0
TO_NEXT = 30.0
PITCH = 188.0
HEADER = 24.0
"""From the middle of a header's last line to the first boxes."""
RAIL = 20.0
"""How far left of a box its residual runs."""
BRACKET = 8.0
"""How far a bracket stands off what is in it."""
RISER = 24.0
"""How far right of a box the way to the next column rises."""

LEGEND: dict[BoxRole, tuple[str, str]] = {
    "sub-block-1": ("Sub-block 1", "opens {blocks}"),
    "sub-block-2": ("Sub-block 2", "opens {blocks}: new width or resolution"),
    "sub-block-3": ("Sub-block 3", "repeats: its input is added to its output"),
    "sub-block-3-plain": ("Sub-block 3", "no expansion (MBConv1)"),
    "add": ("Add", "residual connection"),
    "plain": ("Stage", "the layers of one resolution"),
    "other": ("Your own layers", "dashed: not part of the EfficientNet"),
}


def architecture(network: Network, *, expand: bool = False) -> Diagram:
    """Draw the whole network, one column a block; `expand` draws every sub-block instead of ×N."""
    return _Figure(network, expand).draw()


class _Figure:
    def __init__(self, network: Network, expand: bool) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.expand = expand
        self.canvas = Canvas(network.name)
        self.column = 0
        self.last: Box | None = None

    def draw(self) -> Diagram:
        anatomy = self.anatomy
        for part in (anatomy.before, anatomy.stem):
            if part and part.layers:
                self._part_column(part)
        for block in anatomy.blocks:
            self._block_column(block)
        for part in anatomy.resolution_stages:
            self._part_column(part)
        tail = [part for part in (anatomy.part, anatomy.head, anatomy.classifier, anatomy.after) if part]
        if tail:
            self._part_column(tail[0])
            for part in tail[1:]:
                above = self.last
                assert above is not None
                below = self._part_box(part, above.x, above.y + above.height + TO_NEXT)
                self.canvas.down(above, below)
                self.last = below
        if anatomy.other_branches:
            above = self.last
            assert above is not None
            self._part_box(anatomy.other_branches, above.x, above.y + above.height + TO_NEXT)
        self._title()
        self._legend()
        return self.canvas.diagram()

    def _part_column(self, part: Section) -> None:
        x = self._next_column()
        first = part.convolutions[0] if part.convolutions and part.belongs_to_backbone else None
        lines = [f"Conv {kernel_text(first.kernel)} · {stride_text(first.stride)}"] if first else []
        if part.output_shape:
            lines.append(_width_and_sides(part))
        self._header(x, "", lines)
        self._enter(self._part_box(part, x, 0))

    def _part_box(self, part: Section, x: float, y: float) -> Box:
        role = section_role(part)
        count = len(part.layers)
        tapped = self._tapped(part)
        tooltip = section_tooltip(part.title, part, self.network)
        note = pluralize(count, "layer")
        if tapped:
            note += f"\n{fitted(f'taps {tapped}', BOX_WIDTH - 6, 9)}"
            tooltip += f"\nalso takes what {tapped} give{'s' * ('blocks' not in tapped)}"
        return self.canvas.box(
            Box(
                name_of(part), x, y, BOX_WIDTH, BOX_HEIGHT + (TAP_HEIGHT if tapped else 0), role, part.title, note,
                tooltip, dashed=role == "other",
            )
        )  # fmt: skip

    def _tapped(self, part: Section) -> str:
        """The blocks that a part takes something from, but for what the last one gives at its end."""
        block_of = {layer.name: block.number for block in self.anatomy.blocks for layer in block.layers}
        exit_name = self.anatomy.blocks[-1].layers[-1].name if self.anatomy.blocks else ""
        sources = {name for layer in part.layers for name in layer.inputs if name in block_of and name != exit_name}
        return describe_blocks((block_of[name] for name in sources), "–") if sources else ""

    def _block_column(self, block: Block) -> None:
        x = self._next_column()
        first = block.first
        operator = f"{first.operator} · {kernel_text(first.kernel)} · {stride_text(first.stride)}"
        self._header(x, f"Block {block.number}", [operator, _width_and_sides(block)])
        y = 0.0
        for drawn, stands_for in self._drawn(block):
            y = self._sub_block(drawn, stands_for, x, y)

    def _drawn(self, block: Block) -> Iterator[tuple[SubBlock, Sequence[SubBlock]]]:
        """The sub-blocks to draw, each with all that it stands for."""
        for _, group in groupby(block.sub_blocks, key=lambda each: signature(each, Strictness.SHAPES)):
            alike = tuple(group)
            if self.expand or len(alike) <= 2:
                yield from ((each, (each,)) for each in alike)
            else:
                yield alike[0], alike[:1]
                yield alike[1], alike[1:]

    def _sub_block(self, drawn: SubBlock, stands_for: Sequence[SubBlock], x: float, y: float) -> float:
        """Place a sub-block and its Add with its top at y; returns where the next one begins."""
        canvas, times = self.canvas, len(stands_for)
        bracket = f"{drawn.name} ×{times}" if times > 1 else ""
        y += BRACKET if bracket else 0
        name = drawn.name if times == 1 else f"{drawn.name}–{stands_for[-1].name}"
        note = f"{name} · {drawn.operator}"
        tooltip = section_tooltip(f"Sub-block {drawn.kind:d}, {name}", drawn, self.network)
        box = canvas.box(
            Box(drawn.name, x, y, BOX_WIDTH, BOX_HEIGHT, sub_block_role(drawn), f"Sub-block {drawn.kind:d}", note,
                tooltip + (f"\neach, there are {times}" if times > 1 else ""), bracket)
        )  # fmt: skip
        before = self.last
        opens_column = y == 0
        self._enter(box)
        if drawn.residual:
            top = y + BOX_HEIGHT + TO_ADD
            joint = drawn.joint
            tooltip = "the residual connection" + (f"\n{layer_tooltip(joint, self.network)}" if joint else "")
            add = canvas.box(
                Box(
                    f"{drawn.name} add",
                    x,
                    top,
                    BOX_WIDTH,
                    ADD_HEIGHT,
                    "add",
                    "Add",
                    "",
                    tooltip,
                    bracket,
                )
            )
            canvas.down(box, add)
            if before is not None:
                fork = (x - RAIL, box.centre[1]) if opens_column else (x + BOX_WIDTH / 2, y - 12)
                canvas.skip(before, add, fork, x - RAIL, tooltip=f"the input of {drawn.name}, added to its output")
            self.last = add
        if between := drawn.between:
            self._added(drawn, between, x, bracket)
        end = self._bottom()
        if bracket:
            top, left = y - BRACKET - 10, x - RAIL - BRACKET
            canvas.frame(
                Frame(bracket, left, top, x + BOX_WIDTH + BRACKET - left, end + 24 - top, "bracket", f"×{times}",
                      tooltip=f"{times} times: {name}", size=14)
            )  # fmt: skip
            end += 24
        return end + TO_NEXT

    def _added(self, drawn: SubBlock, layers: Sequence[Layer], x: float, bracket: str) -> None:
        """What somebody added behind a sub-block."""
        above = self.last
        assert above is not None
        items = [item for item in drawn.items if item.landmark == "between"]
        names = [item.attention or item.layer.class_name for item in items]
        title = names[0] if len(names) == 1 else pluralize(len(layers), "layer")
        tooltip = "\n".join([f"added after {drawn.name}", *(layer_tooltip(layer, self.network) for layer in layers)])
        box = self.canvas.box(
            Box(
                f"{drawn.name} added",
                x,
                above.y + above.height + TO_ADD,
                BOX_WIDTH,
                ADD_HEIGHT,
                "other",
                fitted(title, BOX_WIDTH - 8, 11, bold=True),
                "",
                tooltip,
                bracket,
                dashed=True,
            )
        )
        self.canvas.down(above, box)
        self.last = box

    def _bottom(self) -> float:
        assert self.last is not None
        return self.last.y + self.last.height

    def _next_column(self) -> float:
        x = self.column * PITCH
        self.column += 1
        return x

    def _enter(self, box: Box) -> None:
        """Lead the data from the last box into this one."""
        before, self.last = self.last, box
        if before is None:
            return
        if abs(before.x - box.x) < 1:
            self.canvas.down(before, box)
        else:
            self.canvas.rise(before, box, before.x + before.width + RISER)

    def _header(self, x: float, title: str, lines: Sequence[str]) -> None:
        middle, y = x + BOX_WIDTH / 2, -HEADER
        for line in reversed(lines):
            self.canvas.caption(Caption(line, middle, y, 9.5, "faint"))
            y -= 13
        if title:
            self.canvas.caption(Caption(title, middle, y - 3, 13, "ink", bold=True))

    def _title(self) -> None:
        middle = ((self.column - 1) * PITCH + BOX_WIDTH) / 2
        self.canvas.caption(Caption(self.network.name, middle, -116, 22, "ink", bold=True))
        self.canvas.caption(Caption(model_line(self.network), middle, -92, 11, "faint"))

    def _legend(self) -> None:
        """One row under the figure, for what is in it."""
        bottom = max(each.y + each.height for each in self.canvas.placed())
        roles = {box.role for box in self.canvas.boxes.values()}
        x, y = 0.0, bottom + 44
        for role, (label, words) in LEGEND.items():
            if role not in roles:
                continue
            if role == "plain" and not self.anatomy.resolution_stages:
                continue
            meaning = self._meaning(role, words)
            box = Box(f"legend {role}", x, y - 8, 26, 16, role, tooltip=f"{label}: {meaning}", dashed=role == "other")
            self.canvas.box(box)
            self.canvas.caption(Caption(label, x + 34, y - 6, 10, "ink", bold=True, anchor="left"))
            self.canvas.caption(Caption(meaning, x + 34, y + 7, 9, "faint", anchor="left"))
            x += 34 + max(text_width(label, 10, bold=True), text_width(meaning, 9)) + 22
        brackets = [frame for frame in self.canvas.frames.values() if frame.role == "bracket"]
        if brackets:
            self.canvas.caption(Caption("×N", x + 13, y, 14, "accent", bold=True))
            self.canvas.caption(Caption("Bracket", x + 34, y - 6, 10, "ink", bold=True, anchor="left"))
            self.canvas.caption(Caption("repeated N times", x + 34, y + 7, 9, "faint", anchor="left"))

    def _meaning(self, role: str, words: str) -> str:
        own = [each for each in self.anatomy.sub_blocks if sub_block_role(each) == role]
        meaning = words.format(blocks=describe_blocks((each.block for each in own), "–") if own else "")
        opens = [each.block for each in own if each.residual and each.position == 0]
        if not opens:
            return meaning
        return f"{meaning}; its input is added" + (
            f" in {describe_blocks(opens, '–')}" if len(opens) < len(own) else ""
        )


def _width_and_sides(section: Section | Block) -> str:
    shape = section.output_shape
    if shape is None or len(shape) != 3:
        return shape_text(shape)
    return f"{format_value(shape[2], 'count')} channels · {sides_text(shape)}"
