"""The operators that a model is made of, each as its inverted bottleneck: tensors as wide as they have channels.

Between the tensors stand the convolutions; squeeze-excite is the branch it is, the residual a rail. One scale holds for
a whole operator: its widest tensor fills the trunk.
"""

from __future__ import annotations

from collections.abc import Sequence

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, broken_word, fitted, text_width, wrapped
from effnet_inspect.drawing.captions import LINE
from effnet_inspect.drawing.page import HEADING, LABEL, SMALLEST, TEXT
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer, Shape
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.roles import Landmark
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    joint_title,
    kernel_text,
    layer_tooltip,
    section_tooltip,
    shape_text,
    stride_text,
    sub_block_name,
)
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.panels import place_panels
from effnet_inspect.words import describe_blocks

INSET = 8.0
EDGE = 18.0
"""From a panel's left to its trunk: room for the residual."""
RAIL = 9.0
NARROWEST = 222.0
WIDEST = 300.0
SLAB = 7.0
"""Height of a tensor."""
GAP = 8.0
TO_NEXT = 15.0
"""From a tensor to what takes it: room for its shape beside the arrow."""
OPERATION = 24.0
"""Height of a convolution."""
GATE_WIDTH = 84.0
ADD_HEIGHT = 14.0

TITLES: tuple[tuple[Landmark, str], ...] = (
    ("expansion", "Expansion"),
    ("depthwise", "Depthwise convolution"),
    ("fused", "Fused convolution"),
    ("projection", "Projection"),
)


def mbconv(network: Network, look: Look) -> Diagram:
    """Draw one panel for every operator."""
    canvas = Canvas(f"{network.name}, operators")
    groups: dict[tuple[bool, str], list[SubBlock]] = {}
    for each in network.anatomy.sub_blocks:
        groups.setdefault((not each.fused, each.operator), []).append(each)
    ordered = [groups[key] for key in sorted(groups)]

    def place(alike: list[SubBlock], x: float, top: float, width: float) -> float:
        return _Panel(canvas, alike, network, look, x, top, width).place()

    left = place_panels(ordered, place, room=look.room, narrowest=NARROWEST, widest=WIDEST, packed=look.dense)
    words = (
        "each as the first of its sub-blocks that has a residual connection, where one has; "
        "widths of tensors are in proportion to their channels"
    )
    heading(canvas, look.title(network.name, "operators"), wrapped(words.split(), look.room, TEXT), look, -10, left)
    return canvas.diagram(look.width)


class _Panel:
    def __init__(
        self, canvas: Canvas, alike: Sequence[SubBlock], network: Network, look: Look, x: float, y: float, width: float
    ) -> None:
        self.canvas = canvas
        self.alike = alike
        self.network = network
        self.look = look
        self.x, self.y, self.width = x, y, width
        self.drawn = next((each for each in alike if each.joint), alike[0])
        self.key = f"operator {self.drawn.operator}"
        self.trunk = width - EDGE - GATE_WIDTH - 2 * INSET - GAP
        self.middle = x + EDGE + self.trunk / 2
        found = {item.landmark: item.layer for item in self.drawn.items if item.kind == "convolution"}
        self.convolutions = [(title, mark, found[mark]) for mark, title in TITLES if mark in found]
        shapes = [self.drawn.input_shape, *(layer.output_shape for _, _, layer in self.convolutions)]
        self.most = max((shape[-1] or 0) for shape in shapes if shape) or 1
        self.unit = self._unit(self.drawn.input_shape)

    def place(self) -> float:
        """Place the panel; returns where it ends."""
        drawn, canvas = self.drawn, self.canvas
        y = self._heading()
        before = entry = self._tensor("input", drawn.input_shape, y)
        y += SLAB + TO_NEXT
        for title, mark, layer in self.convolutions:
            box = self._operation(title, mark, layer, y)
            canvas.down(before, box)
            y += box.height + GAP
            before = self._tensor(title, layer.output_shape, y)
            canvas.down(box, before)
            y += SLAB + TO_NEXT
            if mark in ("depthwise", "fused") and drawn.squeeze_excite:
                before = self._gate(before)
                y = before.y + before.height + GAP
        if drawn.joint:
            title = joint_title(drawn.joint)
            add = self._box(f"{self.key} add", y, self.trunk, ADD_HEIGHT, "add", title, "", "the residual connection",
                            self._layers("residual"))  # fmt: skip
            canvas.down(before, add)
            fork = (entry.x, entry.centre[1])
            canvas.skip(entry, add, fork, self.x + EDGE - RAIL, tooltip="the input")
            y += ADD_HEIGHT
        bottom = y + INSET
        tooltip = section_tooltip(f"{sub_block_name(drawn)}, {drawn.name}", drawn, self.network)
        canvas.frame(Frame(self.key, self.x, self.y, self.width, bottom - self.y, "frame", tooltip=tooltip))
        return bottom

    def _heading(self) -> float:
        blocks = describe_blocks((each.block for each in self.alike), "–")
        names = sorted({sub_block_name(each) for each in self.alike})
        x, y, room = self.x + INSET, self.y + INSET + HEADING / 2, self.width - 2 * INSET
        self.canvas.caption(Caption(self.drawn.operator, x, y, HEADING, "ink", bold=True, anchor="left"))
        facts = (f"in {blocks}: {', '.join(names)}", f"drawn: {self.drawn.name}")
        for line in wrapped(facts, room, TEXT, "; "):
            y += 11
            self.canvas.caption(Caption(fitted(line, room, TEXT), x, y, TEXT, "faint", anchor="left"))
        return y + 14

    def _tensor(self, name: str, shape: Shape | None, y: float) -> Box:
        """A tensor as a slab, its shape and its width as a multiple of the input's beside it."""
        channels = (shape[-1] or 0) if shape else 0
        width = max(self.trunk * channels / self.most, 2.0)
        text = shape_text(shape)
        box = self._box(f"{self.key} after {name}", y, width, SLAB, "bar", "", "", text)
        unit = self.unit
        times = f" = {channels // unit}C" if unit and channels % unit == 0 and channels > unit else ""
        words = f"{text}, C = {unit}" if unit and name == "input" else f"{text}{times}"
        words = words if self._fits_beside(words) else text
        level = box.y + SLAB + TO_NEXT / 2 - 2
        self.canvas.caption(Caption(words, self.middle + 5, level, SMALLEST, "ink", anchor="left"))
        return box

    def _unit(self, given: Shape | None) -> int:
        """How many channels C are, of which others are multiples; 0 where none is, or there is no room to say it."""
        unit = (given[-1] or 0) if given else 0
        outputs = (layer.channels or 0 for _, _, layer in self.convolutions)
        has_multiples = any(unit and channels > unit and channels % unit == 0 for channels in outputs)
        return unit if has_multiples and self._fits_beside(f"{shape_text(given)}, C = {unit}") else 0

    def _fits_beside(self, words: str) -> bool:
        return text_width(words, SMALLEST) <= self.trunk / 2 + GAP

    def _operation(self, title: str, mark: Landmark, layer: Layer, y: float) -> Box:
        role = MODULE_ROLES["fused"] if mark == "fused" else MODULE_ROLES["depthwise"]
        if mark == "projection":
            role = MODULE_ROLES["projection"]
        stride = stride_text(layer.stride) if layer.stride and layer.stride != (1, 1) else ""
        room = self.trunk - 4
        settings = " ".join(filter(None, (kernel_text(layer.kernel), stride)))
        notes = [f"{layer.class_name} {settings}"]
        if text_width(notes[0], SMALLEST) > room:
            notes = [*broken_word(layer.class_name, room, SMALLEST), settings]
        layers = self._layers(mark)
        label = " · ".join((fitted(title, room, LABEL, bold=True), *self.look.shares(layers)))
        label = label if text_width(label, LABEL, bold=True) <= room else fitted(title, room, LABEL, bold=True)
        height = OPERATION + (len(notes) - 1) * LABEL * LINE
        return self._box(f"{self.key} {title}", y, self.trunk, height, role, label, "\n".join(notes),
                         layer_tooltip(layer, self.network), layers)  # fmt: skip

    def _layers(self, *marks: Landmark) -> list[Layer]:
        """Those of all alike operators that belong to some landmarks."""
        return [layer for each in self.alike for item in each.items if item.landmark in marks for layer in item.layers]

    def _gate(self, tensor: Box) -> Box:
        """The branch from a tensor, and the product that closes it on the trunk."""
        channels = next(layer.channels for _, mark, layer in self.convolutions if mark in ("depthwise", "fused"))
        role = MODULE_ROLES["squeeze_excite"]
        note = " → ".join(format_value(width, "count") for width in (channels, self.drawn.squeeze_excite, channels))
        x, y = self.x + self.width - INSET - GATE_WIDTH, tensor.y + SLAB + GAP
        layers = self._layers("attention")
        gate = self.canvas.box(
            Box(f"{self.key} gate", x, y, GATE_WIDTH, OPERATION, role, "Squeeze-excite",
                fitted((self.look.shares(layers) or [note])[0], GATE_WIDTH - 4, SMALLEST),
                "weighs each channel by what the means of all say", self.key, TEXT, SMALLEST,
                layers=tuple(layer.name for layer in layers))
        )  # fmt: skip
        top = y + OPERATION + GAP - ADD_HEIGHT / 2
        product = self._box(f"{self.key} product", top, self.trunk, ADD_HEIGHT, role, "Multiply", "", "by the weights")
        self.canvas.down(tensor, product)
        middle, right = gate.centre[0], tensor.x + tensor.width
        into = ((right, tensor.centre[1]), (middle, tensor.centre[1]), (middle, gate.y))
        level = product.centre[1]
        out = ((middle, gate.y + OPERATION), (middle, level), (product.x + product.width, level))
        self.canvas.paths.append(Path(tensor.key, gate.key, into))
        self.canvas.paths.append(Path(gate.key, product.key, out))
        return product

    def _box(
        self,
        key: str,
        y: float,
        width: float,
        height: float,
        role: BoxRole,
        label: str,
        note: str,
        tooltip: str,
        layers: Sequence[Layer] = (),
    ) -> Box:
        return self.canvas.box(
            Box(key, self.middle - width / 2, y, width, height, role, label, note, tooltip, self.key, LABEL, SMALLEST,
                layers=tuple(layer.name for layer in layers))
        )  # fmt: skip
