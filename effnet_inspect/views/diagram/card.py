"""One sub-block with all its layers: the trunk downwards, squeeze-excite as the branch it is, the residual as a rail.

The figures of a block and of all layers are made of such cards; so is the figure of the kinds of sub-block.
"""

from __future__ import annotations

from dataclasses import dataclass

from effnet_inspect.drawing import Box, BoxRole, Caption, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, fitted, text_width
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Module, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    kernel_text,
    layer_title,
    layer_tooltip,
    measured_lines,
    module_title,
    section_tooltip,
    shape_text,
    stride_text,
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a card's parts, in points."""

    width: float = 184
    height: float = 34
    gap: float = 12
    text: float = 10
    named: bool = True

    @property
    def row(self) -> float:
        """From the top of one layer to the top of the next."""
        return self.height + self.gap

    @property
    def inset(self) -> float:
        """How far a frame stands off the layers in it."""
        return 7

    @property
    def heading(self) -> float:
        """Room for a frame's label above its first layer."""
        return 18

    @property
    def rail(self) -> float:
        """How far left of the trunk the residual runs."""
        return 22

    @property
    def between(self) -> float:
        """Between the trunk and the squeeze-excite branch."""
        return 40

    @property
    def card_width(self) -> float:
        """Width of a whole card."""
        return self.rail + 12 + 2 * self.width + self.between + 12 + self.inset


@dataclass(frozen=True, slots=True)
class Card:
    """A placed card: where the data enter and leave, and where it ends."""

    first: Box
    last: Box
    frame: Frame
    fork_level: float


def layer_box(layer: Layer, network: Network, sizes: Sizes, x: float, y: float, role: BoxRole, frame: str = "") -> Box:
    """A layer: class, kernel and stride above; name, output shape and parameters below."""
    counted = "? parameters" if layer.parameters is None else f"{layer.parameters:,}" if layer.parameters else ""
    facts = [shape_text(layer.output_shape), counted]
    available = sizes.width - 8
    note = " · ".join(fact for fact in facts if fact)
    if sizes.named:
        size = sizes.text * 0.75
        rest = f" · {note}" if note else ""
        note = fitted(layer.name, available - text_width(rest, size), size) + rest
    title = fitted(layer_title(layer), available, sizes.text, bold=True)
    tooltip = layer_tooltip(layer, network)
    return Box(layer.name, x, y, sizes.width, sizes.height, role, title, note, tooltip, frame, sizes.text)


def place_card(
    canvas: Canvas, sub_block: SubBlock, network: Network, sizes: Sizes, x: float, y: float, parent: str = ""
) -> Card:
    """Place a sub-block's card with its frame's top left at (x, y)."""
    return _CardMaker(canvas, sub_block, network, sizes, x, y, parent).make()


def card_height(sub_block: SubBlock, sizes: Sizes) -> float:
    """Height of the card that `place_card` makes."""
    trunk = [module for module in sub_block.modules if module.role != "squeeze_excite"]
    gate = next((module for module in sub_block.modules if module.role == "squeeze_excite"), None)
    layers = sum(len(module.layers) for module in trunk)
    beside = _height_beside(gate, sizes) if gate else 0
    return _TOP + layers * sizes.row + len(trunk) * (sizes.heading + sizes.inset) + beside + 4


def _height_beside(gate: Module, sizes: Sizes) -> float:
    """How far the trunk waits for the branch, so that the product stands on the line of the branch's last layer."""
    branch = (len(gate.layers) - 1) * sizes.row
    return max(branch - (sizes.row + sizes.inset + sizes.heading), 0)


_TOP = 30.0
"""From a card's top to its first module: where the data enter and the residual forks."""


class _CardMaker:
    def __init__(
        self, canvas: Canvas, sub_block: SubBlock, network: Network, sizes: Sizes, x: float, y: float, parent: str
    ) -> None:
        self.canvas = canvas
        self.sub_block = sub_block
        self.network = network
        self.sizes = sizes
        self.key = f"sub-block {sub_block.name}"
        self.left, self.top = x, y
        self.trunk = x + sizes.rail + 12
        self.branch = self.trunk + sizes.width + sizes.between
        self.parent = parent
        self.boxes: dict[str, Box] = {}

    def make(self) -> Card:
        sizes, sub_block = self.sizes, self.sub_block
        y = self.top + _TOP
        gate = next((module for module in sub_block.modules if module.role == "squeeze_excite"), None)
        last: Box | None = None
        first: Box | None = None
        for module in sub_block.modules:
            if module is gate:
                assert last is not None
                self._gate(gate, last)
                y += _height_beside(gate, sizes)
                continue
            y = self._trunk_module(module, y, last)
            boxes = [self.boxes[layer.name] for layer in module.layers]
            if gate is not None and last is not None and self.boxes.keys() >= {layer.name for layer in gate.layers}:
                self._close_gate(gate, boxes[0])
                gate = None
            first, last = first or boxes[0], boxes[-1]
        assert first is not None
        assert last is not None
        frame = self.canvas.frame(
            Frame(self.key, self.left, self.top, sizes.card_width, y + 4 - self.top, "frame", "", self.parent,
                  section_tooltip(f"Sub-block {sub_block.kind:d}, {sub_block.name}", sub_block, self.network))
        )  # fmt: skip
        fork_level = self.top + _TOP - 10
        if sub_block.residual:
            joint = sub_block.joint
            middle = self.trunk + sizes.width / 2
            end = self.boxes[joint.name] if joint else last
            self.canvas.skip(first, end, (middle, fork_level), self.left + 12, tooltip="residual connection")
        self._heading()
        return Card(first, last, frame, fork_level)

    def _trunk_module(self, module: Module, y: float, above: Box | None) -> float:
        sizes = self.sizes
        key = f"{self.key} {module.title}"
        top = y
        y += sizes.heading
        for layer in module.layers:
            box = self._layer(layer, self.trunk, y, module, key)
            self._arrows(layer, box, above)
            above = box
            y += sizes.row
        bottom = y - sizes.gap + sizes.inset
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
        for layer in module.layers:
            box = self._layer(layer, self.branch, y, module, key)
            for name in dict.fromkeys(layer.inputs):
                if tail := self.boxes.get(name):
                    self._branch_arrow(tail, box, before, above)
            before = box
            y += sizes.row
        self._frame(key, self.branch, above.y - sizes.heading, y - sizes.gap + sizes.inset, module)

    def _branch_arrow(self, tail: Box, box: Box, before: Box, above: Box) -> None:
        """Into a layer of the branch: from the trunk, from the one above it, or past others on the right."""
        if tail is above and before is above:
            self.canvas.right(above, box)
        elif tail is before:
            self.canvas.down(tail, box)
        elif tail.x < box.x:
            rail = box.x - self.sizes.between / 2
            side = tail.x + tail.width
            points = ((side, tail.centre[1]), (rail, tail.centre[1]), (rail, box.centre[1]), (box.x, box.centre[1]))
            self.canvas.paths.append(Path(tail.key, box.key, points, radius=8))
        else:
            self._past_on_the_right(tail, box)

    def _past_on_the_right(self, tail: Box, box: Box) -> None:
        side = box.x + box.width
        rail = side + self.sizes.inset + 8
        points = ((side, tail.centre[1]), (rail, tail.centre[1]), (rail, box.centre[1]), (side, box.centre[1]))
        self.canvas.paths.append(Path(tail.key, box.key, points, "skip", radius=8))

    def _close_gate(self, module: Module, product: Box) -> None:
        end = self.boxes[module.layers[-1].name]
        x, y = end.centre[0], product.centre[1]
        side = (product.x + product.width, y)
        beside = abs(end.centre[1] - y) < 1
        points = ((end.x, y), side) if beside else ((x, end.y + end.height), (x, y), side)
        self.canvas.paths.append(Path(end.key, product.key, points, radius=10))

    def _layer(self, layer: Layer, x: float, y: float, module: Module, frame: str) -> Box:
        role = "add" if layer.operation == "add" else MODULE_ROLES[module.role]
        box = self.canvas.box(layer_box(layer, self.network, self.sizes, x, y, role, frame))
        self.boxes[layer.name] = box
        return box

    def _frame(self, key: str, x: float, top: float, bottom: float, module: Module) -> None:
        sizes = self.sizes
        label = module.label
        tooltip = "\n".join([f"{label}: {module_title(module)}", *measured_lines(module.layers, self.network)])
        self.canvas.frame(
            Frame(key, x - sizes.inset, top, sizes.width + 2 * sizes.inset, bottom - top, "inner-frame",
                  label, self.key, tooltip, 8.5)
        )  # fmt: skip

    def _heading(self) -> None:
        """What the sub-block is, in the free space above the branch."""
        sub_block = self.sub_block
        totals = self.network.measures.totals(sub_block.layers)
        x, y = self.branch, self.top + 24
        self.canvas.caption(Caption(sub_block.name, x, y, 20, "ink", bold=True, anchor="left"))
        beside = x + text_width(sub_block.name, 20, bold=True) + 8
        self.canvas.caption(
            Caption(f"Sub-block {sub_block.kind:d}", beside, y + 3, 9.5, "ink", bold=True, anchor="left")
        )
        lines = (
            f"{sub_block.operator} · {kernel_text(sub_block.kernel)} · {stride_text(sub_block.stride)}",
            f"{shape_text(sub_block.input_shape)} → {shape_text(sub_block.output_shape)}",
            f"{totals['layers']} layers · {format_value(totals['macs'], 'quantity')} MACs",
            f"{totals['parameters']:,} parameters",
        )
        for index, line in enumerate(lines):
            line = fitted(line, self.sizes.width + 12, 9.5)
            self.canvas.caption(Caption(line, x, y + 25 + index * 13, 9.5, "faint", anchor="left"))
