"""One sub-block with all its layers: the trunk downwards, squeeze-excite as the branch it is, the residual as a rail.

The figures of a block and of all layers are made of such cards; so is the figure of the kinds of sub-block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from effnet_inspect.drawing import Box, Caption, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, fitted, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Module, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    closes_residual,
    measured_lines,
    module_names,
    operator_text,
    section_tooltip,
    shape_text,
    stride_text,
    sub_block_name,
    sums_in_short,
)
from effnet_inspect.views.diagram.layers_box import Row, Sizes, layer_sizes, layers_box
from effnet_inspect.views.diagram.look import Look

RAIL = 8.5
"""How far left of the trunk the residual runs."""
EDGE = 13.5
"""From a card's left to its trunk."""
INSET = 4.0
"""How far a frame stands off the layers in it."""
LABEL = 10.0
"""Room for a frame's label above its first layer."""
BETWEEN = 18.0
"""Between the trunk and the squeeze-excite branch."""
RIGHT = 10.0
"""From the branch to the card's right edge: room for what goes past a layer of the branch."""
TOP = 20.0
"""From a card's top to its first module: where the data enter and the residual forks."""
HEADING_LINES = 7
LINE = 9.0


NARROWEST = 88.0
WIDEST = 130.0


def card_width(sizes: Sizes) -> float:
    """Width of a whole card, in points."""
    return EDGE + 2 * sizes.width + BETWEEN + RIGHT


def card_sizes(room: float, count: int, gutter: float, look: Look) -> tuple[Sizes, int]:
    """The sizes of cards, and how many stand side by side where there are `count` and `room` points."""
    narrowest = card_width(Sizes(NARROWEST))
    columns = max(min(int((room + gutter) / (narrowest + gutter)), count), 1)
    columns = -(-count // -(-count // columns))
    own = (room - (columns - 1) * gutter) / columns
    return layer_sizes(min((own - EDGE - BETWEEN - RIGHT) / 2, WIDEST), look), columns


@dataclass(frozen=True, slots=True)
class Card:
    """A placed card: where the data enter and leave, and where it ends."""

    first: Box
    last: Box
    frame: Frame
    fork_level: float


def place_card(
    canvas: Canvas,
    sub_block: SubBlock,
    network: Network,
    look: Look,
    sizes: Sizes,
    x: float,
    y: float,
    *,
    source: Box | None = None,
    parent: str = "",
    title: str = "",
    alike: Sequence[SubBlock] = (),
) -> Card:
    """Place a sub-block's card with its frame's top left at (x, y).

    `source` is the box that the residual begins at, where that is not the first of the card; `title` stands in the
    place of the sub-block's name. `alike` are the sub-blocks that it is drawn for, where that is not it alone.
    """
    name = title or sub_block.name
    return _CardMaker(canvas, sub_block, network, look, sizes, x, y, source, parent, name, alike).make()


def card_height(sub_block: SubBlock, sizes: Sizes) -> float:
    """Height of the card that `place_card` makes."""
    trunk = [module for module in sub_block.modules if module.role != "squeeze_excite"]
    gate = next((module for module in sub_block.modules if module.role == "squeeze_excite"), None)
    layers = _height([row for module in trunk for row in sizes.rows(module.layers)], sizes)
    beside = _height_beside(sub_block, sizes) if gate else 0
    return _enters(sub_block, sizes) + layers + len(trunk) * (LABEL + INSET) + beside + INSET


def _height(rows: Sequence[Row], sizes: Sizes) -> float:
    """From the top of the first of some boxes to that of what follows them."""
    return fsum(sizes.of(row).height + sizes.gap for row in rows)


def _height_beside(sub_block: SubBlock, sizes: Sizes) -> float:
    """How far the trunk waits for the branch, so that the product stands on the line of the branch's last layer."""
    at = next(at for at, module in enumerate(sub_block.modules) if module.role == "squeeze_excite")
    *before, last = sizes.rows(sub_block.modules[at].layers)
    fork = sizes.rows(sub_block.modules[at - 1].layers)[-1]
    product = next((sizes.rows(module.layers)[0] for module in sub_block.modules[at + 1 :]), fork)
    branch = _height(before, sizes) + sizes.of(last).height / 2
    return max(branch - (_height([fork], sizes) + INSET + LABEL + sizes.of(product).height / 2), 0)


def _enters(sub_block: SubBlock, sizes: Sizes) -> float:
    """From a card's top to its first module: lower where the heading would reach down to the branch."""
    gate = next((module for module in sub_block.modules if module.role == "squeeze_excite"), None)
    before = sub_block.modules[: sub_block.modules.index(gate)] if gate else ()
    rows = [row for module in before for row in sizes.rows(module.layers)]
    down_to_branch = TOP + _height(rows[:-1], sizes) + len(before) * LABEL + (len(before) - 1) * INSET - LABEL
    heading = HEADING + 4 + (HEADING_LINES - 1) * LINE + 8
    return TOP + max(heading - down_to_branch, 0) if gate else TOP


class _CardMaker:
    def __init__(
        self,
        canvas: Canvas,
        sub_block: SubBlock,
        network: Network,
        look: Look,
        sizes: Sizes,
        x: float,
        y: float,
        source: Box | None,
        parent: str,
        title: str,
        alike: Sequence[SubBlock],
    ) -> None:
        self.canvas = canvas
        self.sub_block = sub_block
        self.network = network
        self.look = look
        self.sizes = sizes
        self.key = f"sub-block {sub_block.name}"
        self.left, self.top = x, y
        self.trunk = x + EDGE
        self.branch = self.trunk + sizes.width + BETWEEN
        self.source = source
        self.parent = parent
        self.title = title
        places = zip(*(each.layers for each in alike), strict=True) if alike else ()
        self.alike = dict(zip((layer.name for layer in sub_block.layers), places, strict=False))
        self.boxes: dict[str, Box] = {}

    def make(self) -> Card:
        sizes, sub_block = self.sizes, self.sub_block
        y = self.top + _enters(sub_block, sizes)
        gate = next((module for module in sub_block.modules if module.role == "squeeze_excite"), None)
        last: Box | None = None
        first: Box | None = None
        for module in sub_block.modules:
            if module is gate:
                assert last is not None
                self._gate(gate, last)
                y += _height_beside(sub_block, sizes)
                continue
            y = self._trunk_module(module, y, last)
            boxes = [self.boxes[layer.name] for layer in module.layers]
            if gate is not None and last is not None and self.boxes.keys() >= {layer.name for layer in gate.layers}:
                self._close_gate(gate, boxes[0])
                gate = None
            first, last = first or boxes[0], boxes[-1]
        assert first is not None
        assert last is not None
        tooltip = section_tooltip(f"{sub_block_name(sub_block)}, {self.title}", sub_block, self.network)
        frame = self.canvas.frame(
            Frame(self.key, self.left, self.top, card_width(sizes), y + INSET - sizes.gap - self.top + 4, "frame", "",
                  self.parent, tooltip)
        )  # fmt: skip
        fork_level = first.y - LABEL - 4
        if joint := sub_block.joint:
            middle = self.trunk + sizes.width / 2
            source = self.source or first
            self.canvas.skip(
                source, self.boxes[joint.name], (middle, fork_level), self.trunk - RAIL, tooltip="residual connection"
            )
        self._heading()
        return Card(first, last, frame, fork_level)

    def _trunk_module(self, module: Module, y: float, above: Box | None) -> float:
        sizes = self.sizes
        key = f"{self.key} {module.title}"
        top = y
        y += LABEL
        for row in sizes.rows(module.layers):
            box = self._row(row, self.trunk, y, module, key)
            self._arrows(row[0], box, above)
            above = box
            y += box.height + sizes.gap
        bottom = y - sizes.gap + INSET
        self._frame(key, self.trunk, top, bottom, module)
        return bottom + sizes.gap

    def _arrows(self, layer: Layer, box: Box, above: Box | None) -> None:
        """Along the inputs of a layer of the trunk: from the one above it, or past others on the right."""
        beside = {each.name for each in self._branch_layers()}
        for name in dict.fromkeys(layer.inputs):
            tail = self.boxes.get(name)
            if tail is None or name in beside:
                continue
            if tail is above:
                self.canvas.down(tail, box)
            else:
                self._past_on_the_right(tail, box)

    def _branch_layers(self) -> tuple[Layer, ...]:
        module = self.sub_block.module("squeeze_excite")
        return module.layers if module else ()

    def _gate(self, module: Module, above: Box) -> None:
        """The branch begins on the line of the layer it forks from."""
        sizes = self.sizes
        key = f"{self.key} {module.title}"
        y = above.y
        before = above
        for row in sizes.rows(module.layers):
            box = self._row(row, self.branch, y, module, key)
            for name in dict.fromkeys(row[0].inputs):
                if tail := self.boxes.get(name):
                    self._branch_arrow(tail, box, before, above)
            before = box
            y += box.height + sizes.gap
        self._frame(key, self.branch, above.y - LABEL, y - sizes.gap + INSET, module)

    def _branch_arrow(self, tail: Box, box: Box, before: Box, above: Box) -> None:
        """Into a layer of the branch: from the trunk, from the one above it, or past others on the right."""
        if tail is above and before is above:
            self.canvas.right(above, box)
        elif tail is before:
            self.canvas.down(tail, box)
        elif tail.x < box.x:
            rail = box.x - BETWEEN / 2
            side = tail.x + tail.width
            points = ((side, tail.centre[1]), (rail, tail.centre[1]), (rail, box.centre[1]), (box.x, box.centre[1]))
            self.canvas.paths.append(Path(tail.key, box.key, points))
        else:
            self._past_on_the_right(tail, box)

    def _past_on_the_right(self, tail: Box, box: Box) -> None:
        side = box.x + box.width
        rail = side + INSET + 4
        points = ((side, tail.centre[1]), (rail, tail.centre[1]), (rail, box.centre[1]), (side, box.centre[1]))
        self.canvas.paths.append(Path(tail.key, box.key, points, "skip"))

    def _close_gate(self, module: Module, product: Box) -> None:
        end = self.boxes[module.layers[-1].name]
        x, y = end.centre[0], product.centre[1]
        side = (product.x + product.width, y)
        beside = abs(end.centre[1] - y) < 1
        points = ((end.x, y), side) if beside else ((x, end.y + end.height), (x, y), side)
        self.canvas.paths.append(Path(end.key, product.key, points, radius=6))

    def _row(self, row: Row, x: float, y: float, module: Module, frame: str) -> Box:
        role = "add" if closes_residual(row[0]) else MODULE_ROLES[module.role]
        alike = [each for layer in row for each in self.alike.get(layer.name, ())]
        box = self.canvas.box(layers_box(row, self.network, self.look, self.sizes, x, y, role, frame, alike))
        self.boxes |= dict.fromkeys((layer.name for layer in row), box)
        return box

    def _frame(self, key: str, x: float, top: float, bottom: float, module: Module) -> None:
        names = module_names(module, self.look)
        # The way down the trunk crosses the frame's upper edge in its middle.
        room = self.sizes.width / 2 if x == self.trunk else self.sizes.width
        label = next(
            (text for text in (": ".join(names), names[0]) if text_width(text, SMALLEST, bold=True) <= room), names[0]
        )
        label = fitted(label, room, SMALLEST, bold=True)
        tooltip = "\n".join([": ".join(names), *measured_lines(module.layers, self.network)])
        self.canvas.frame(
            Frame(key, x - INSET, top, self.sizes.width + 2 * INSET, bottom - top, "inner-frame", label, self.key,
                  tooltip, SMALLEST)
        )  # fmt: skip

    def _heading(self) -> None:
        """What the sub-block is, in the free space above the branch."""
        sub_block, room = self.sub_block, self.sizes.width + INSET
        totals = self.network.measures.totals(sub_block.layers)
        x, y = self.branch - INSET, self.top + HEADING
        names = self.look.in_order(sub_block_name(sub_block), operator_text(sub_block))
        self.canvas.caption(Caption(fitted(self.title, room, HEADING, bold=True), x, y, HEADING, "ink", True, "left"))
        self.canvas.caption(
            Caption(fitted(names[0], room, TEXT, bold=True), x, y + LINE + 2, TEXT, "ink", True, "left")
        )
        stride = stride_text(sub_block.stride) if sub_block.stride != (1, 1) else ""
        shapes = (f"{shape_text(sub_block.input_shape)} →", shape_text(sub_block.output_shape))
        lines = [
            *wrapped((names[1], stride) if stride else (names[1],), room, SMALLEST),
            *wrapped(shapes, room, SMALLEST),
            *wrapped(sums_in_short(totals, "layers"), room, SMALLEST, ", "),
        ]
        for index, line in enumerate(lines):
            line = fitted(line, room, SMALLEST)
            self.canvas.caption(Caption(line, x, y + 3 + (index + 2) * LINE, SMALLEST, "faint", anchor="left"))
