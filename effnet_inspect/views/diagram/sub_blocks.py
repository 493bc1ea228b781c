"""The kinds of sub-block that a model really has, each as its modules, with its branch and its residual."""

from __future__ import annotations

from collections.abc import Sequence

from effnet_inspect.drawing import Box, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, LABEL, SMALLEST, TEXT
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock, SubBlockKind
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    joint_title,
    measured_ranges,
    module_names,
    module_title,
    stride_text,
    sub_block_name,
    sub_block_role,
)
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.merged import AlignedPosition, align, describe_location
from effnet_inspect.views.diagram.panels import place_panels
from effnet_inspect.words import describe_blocks, pieces, pluralize

GAP = 11.0
DENSE_GAP = 8.0
RAIL = 9.0
"""How far left of the trunk the residual runs."""
EDGE = 17.0
"""From a card's left to its trunk."""
BETWEEN = 16.0
"""Between the trunk and the branch."""
INSET = 8.0
CHIP = 14.0
"""Side of the square that shows a kind's colour."""
ADD_HEIGHT = 14.0
ENTRY_WIDTH = 40.0
ENTRY_HEIGHT = 12.0
NARROWEST = 222.0
WIDEST = 330.0
LEFT_OUT = frozenset({"batch_normalization", "activation"})
"""What a dense figure has no line for: they follow nearly every convolution."""


def sub_blocks(network: Network, look: Look) -> Diagram:
    """Draw one card for every kind of sub-block."""
    canvas = Canvas(f"{network.name}, kinds of sub-block")
    kinds: dict[object, list[SubBlock]] = {}
    for each in network.anatomy.sub_blocks:
        kinds.setdefault(signature(each, Strictness.KINDS), []).append(each)
    ordered = sorted(kinds.values(), key=lambda alike: (alike[0].kind, alike[0].fused, -alike[0].expansion))

    def place(alike: list[SubBlock], x: float, top: float, width: float) -> float:
        card = _Card(canvas, alike, network, look, x, top, width)
        card.frame()
        return card.bottom

    left = place_panels(ordered, place, room=look.room, narrowest=NARROWEST, widest=WIDEST, packed=look.dense)
    count, kinds_of = pluralize(len(network.anatomy.sub_blocks), "sub-block"), pluralize(len(ordered), "kind")
    words = f"{count} of {kinds_of}; kernel sizes and strides as they occur"
    if look.dense:
        words += "; without normalisation and activation"
    heading(
        canvas, look.title(network.name, "kinds of sub-block"), wrapped(words.split(), look.room, TEXT), look, -10, left
    )
    return canvas.diagram(look.width)


def _until_joint(sub_block: SubBlock, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers before the one that closes the residual connection; all where that is not among them."""
    if sub_block.joint not in layers:
        return layers
    return layers[: layers.index(sub_block.joint)]


class _Card:
    def __init__(
        self, canvas: Canvas, alike: Sequence[SubBlock], network: Network, look: Look, x: float, y: float, width: float
    ) -> None:
        self.canvas = canvas
        self.network = network
        self.look = look
        self.gap = DENSE_GAP if look.dense else GAP
        self.alike = alike
        self.x, self.top, self.width = x, y, width
        first = alike[0]
        self.key = f"kind {first.kind:d} like {first.name}"
        self.trunk = x + EDGE
        self.module_width = (width - EDGE - BETWEEN - INSET) / 2
        self.branch = self.trunk + self.module_width + BETWEEN
        self.bottom = self._modules(first, self._heading()) + INSET

    def frame(self) -> None:
        """Draw the card around what was placed."""
        first = self.alike[0]
        names = ", ".join(each.name for each in self.alike)
        height = self.bottom - self.top
        self.canvas.frame(Frame(self.key, self.x, self.top, self.width, height, "frame", tooltip=f"Sub-blocks {names}"))
        if not self.look.heat:
            self.canvas.box(Box(f"{self.key} colour", self.x + INSET, self.top + INSET, CHIP, CHIP,
                                sub_block_role(first), tooltip=sub_block_name(first), frame=self.key))  # fmt: skip

    def _heading(self) -> float:
        """What the kind is; returns where its modules begin."""
        first = self.alike[0]
        operators = " or ".join(sorted({each.operator for each in self.alike}))
        strides = sorted({stride_text(each.stride).removeprefix("stride ") for each in self.alike})
        counts = sorted({len(each.layers) for each in self.alike})
        names = self.look.in_order(sub_block_name(first), operators)
        room = self.width - 2 * INSET
        beside_chip = 0.0 if self.look.heat else CHIP + 6
        x, y = self.x + INSET + beside_chip, self.top + INSET + CHIP / 2
        self.canvas.caption(Caption(names[0], x, y, HEADING, "ink", bold=True, anchor="left"))
        beside = x + text_width(names[0], HEADING, bold=True) + 6
        self.canvas.caption(Caption(names[1], beside, y, LABEL, "ink", anchor="left"))
        facts = [f"stride {' or '.join(strides)}", f"{' or '.join(map(str, counts))} layers"]
        where = f"{'repeats in' if first.kind is SubBlockKind.REPEATED else 'opens'} {self._where()}"
        lines = [" · ".join(facts), *wrapped(pieces(where), room, TEXT)]
        for line in lines:
            y += 2 + TEXT * 1.35 if line is lines[0] else TEXT * 1.35
            self.canvas.caption(Caption(line, self.x + INSET, y + 3, TEXT, "faint", anchor="left"))
        return y + 12

    def _where(self) -> str:
        of_this_kind = [each for each in self.network.anatomy.sub_blocks if each.kind == self.alike[0].kind]
        if len(self.alike) == len(of_this_kind):
            return describe_blocks((each.block for each in self.alike), "–")
        return describe_location(self.alike, of_this_kind)

    def _modules(self, first: SubBlock, y: float) -> float:
        canvas = self.canvas
        x = self.trunk + (self.module_width - ENTRY_WIDTH) / 2
        entry = canvas.box(
            Box(f"{self.key} input", x, y, ENTRY_WIDTH, ENTRY_HEIGHT, "plain", "input", frame=self.key, size=TEXT)
        )
        before = entry
        y += ENTRY_HEIGHT + self.gap
        gate: Box | None = None
        for index, module in enumerate(first.modules):
            joint = next((layer for layer in module.layers if layer is first.joint), None)
            before_add = [_until_joint(each, each.modules[index].layers) for each in self.alike]
            shown = align([(each, row) for each, row in zip(self.alike, before_add, strict=True) if row])
            if module.role == "squeeze_excite":
                gate = self._module_box(index, shown, self.branch, before.y + before.height + self.gap / 2)
                self._into_branch(before, gate)
                y = max(y, gate.y + gate.height + self.gap / 2)
                continue
            if shown:
                box = self._module_box(index, shown, self.trunk, y)
                canvas.down(before, box)
                if gate is not None:
                    self._out_of_branch(gate, box)
                    gate = None
                before, y = box, box.y + box.height + self.gap
            if joint:
                title = joint_title(joint)
                sums = [(each.joint,) for each in self.alike if each.joint]
                tooltip = "\n".join([f"{title}: the residual connection", *measured_ranges(sums, self.network)])
                add = Box(f"{self.key} add", self.trunk, y, self.module_width, ADD_HEIGHT, "add", title, "", tooltip,
                          self.key, layers=tuple(layer.name for row in sums for layer in row))  # fmt: skip
                canvas.down(before, canvas.box(add))
                fork = (entry.x, entry.centre[1])
                canvas.skip(entry, add, fork, self.trunk - RAIL, tooltip="residual connection")
                before, y = add, add.y + ADD_HEIGHT + self.gap
                rest = [(each, each.modules[index].layers[len(row) + 1 :]) for each, row in
                        zip(self.alike, before_add, strict=True)]  # fmt: skip
                if rest[0][1]:
                    box = self._module_box(index, align(rest), self.trunk, y, after_add=True)
                    canvas.down(before, box)
                    before, y = box, box.y + box.height + self.gap
        return before.y + before.height

    def _module_box(
        self, index: int, slots: Sequence[AlignedPosition], x: float, y: float, *, after_add: bool = False
    ) -> Box:
        module = self.alike[0].modules[index]
        room = self.module_width - 4
        shown = [slot for slot in slots if not (self.look.dense and slot.layers[0].operation in LEFT_OUT)] or slots
        layers = [layer for slot in slots for layer in slot.layers]
        lines = [line for slot in shown for line in wrapped(slot.facts, room, SMALLEST)]
        title = module_names(module, self.look)[0] + ", after the sum" * after_add
        label = " · ".join((title, *self.look.shares(layers)))
        if text_width(label, LABEL, bold=True) > room:
            label, lines = title, [*lines, *self.look.shares(layers)]
        measured = measured_ranges([each.modules[index].layers for each in self.alike], self.network)
        height = (len(lines) + 1) * LABEL * 1.25 + 7
        return self.canvas.box(
            Box(f"{self.key} {index} {title}", x, y, self.module_width, height, MODULE_ROLES[module.role], label,
                "\n".join(lines), "\n".join([f"{title}: {module_title(module)}", *lines, *measured]), self.key, LABEL,
                SMALLEST, layers=tuple(layer.name for layer in layers))
        )  # fmt: skip

    def _into_branch(self, tail: Box, gate: Box) -> None:
        y = tail.y + tail.height - 9
        x = gate.centre[0]
        self.canvas.paths.append(Path(tail.key, gate.key, ((tail.x + tail.width, y), (x, y), (x, gate.y)), radius=6))

    def _out_of_branch(self, gate: Box, head: Box) -> None:
        x, y = gate.centre[0], head.y + 9
        points = ((x, gate.y + gate.height), (x, y), (head.x + head.width, y))
        self.canvas.paths.append(Path(gate.key, head.key, points, radius=6))
