"""The kinds of sub-block that a model really has, each as its modules, with its branch and its residual."""

from __future__ import annotations

from collections.abc import Sequence

from effnet_inspect.drawing import Box, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, fitted
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock, SubBlockKind
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    measured_ranges,
    module_title,
    stride_text,
    sub_block_role,
)
from effnet_inspect.views.diagram.merged import AlignedPosition, align, describe_location
from effnet_inspect.words import describe_blocks

WIDTH = 176.0
LINE = 13.75
GAP = 26.0
BRANCH = 204.0
"""From the trunk's left to the branch's."""
RAIL = 20.0
TOP = 80.0
ADD_HEIGHT = 28.0
ENTRY_WIDTH = 54.0
ENTRY_HEIGHT = 18.0
CARD_WIDTH = RAIL + BRANCH + WIDTH + 36
PITCH = CARD_WIDTH + 22
ROW = 4
"""Cards in a row."""


def sub_blocks(network: Network) -> Diagram:
    """Draw one card for every kind of sub-block."""
    canvas = Canvas(f"{network.name}, kinds of sub-block")
    kinds: dict[object, list[SubBlock]] = {}
    for each in network.anatomy.sub_blocks:
        kinds.setdefault(signature(each, Strictness.KINDS), []).append(each)
    ordered = sorted(kinds.values(), key=lambda alike: (alike[0].kind, alike[0].fused, -alike[0].expansion))
    columns = len(ordered) if len(ordered) <= ROW else -(-len(ordered) // 2)
    top = 0.0
    for start in range(0, len(ordered), columns):
        row = [_Card(canvas, alike, network, column * PITCH, top) for column, alike in
               enumerate(ordered[start : start + columns])]  # fmt: skip
        top = max(card.bottom for card in row) + 24
        for card in row:
            card.frame()
    canvas.caption(Caption(canvas.name, 0, -50, 20, "ink", bold=True, anchor="left"))
    count = len(network.anatomy.sub_blocks)
    words = f"{count} sub-blocks of {len(ordered)} kinds; kernel sizes and strides as they occur."
    canvas.caption(Caption(words, 0, -26, 11, "faint", anchor="left"))
    return canvas.diagram()


def _until_joint(sub_block: SubBlock, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers before the one that closes the residual connection; all where that is not among them."""
    if not sub_block.residual or sub_block.joint not in layers:
        return layers
    return layers[: layers.index(sub_block.joint)]


class _Card:
    def __init__(self, canvas: Canvas, alike: Sequence[SubBlock], network: Network, x: float, y: float) -> None:
        self.canvas = canvas
        self.network = network
        self.alike = alike
        self.x, self.top = x, y
        first = alike[0]
        self.key = f"kind {first.kind:d} like {first.name}"
        self.trunk = x + RAIL + 16
        self.branch = self.trunk + BRANCH
        self._heading()
        self.bottom = self._modules(first) + 16

    def frame(self) -> None:
        """Draw the card around what was placed."""
        first = self.alike[0]
        names = ", ".join(each.name for each in self.alike)
        height = self.bottom - self.top
        self.canvas.frame(Frame(self.key, self.x, self.top, CARD_WIDTH, height, "frame", tooltip=f"Sub-blocks {names}"))
        self.canvas.box(Box(f"{self.key} colour", self.x + 16, self.top + 16, 20, 20, sub_block_role(first),
                            tooltip=f"Sub-block {first.kind:d}", frame=self.key))  # fmt: skip

    def _heading(self) -> None:
        first = self.alike[0]
        operators = sorted({each.operator for each in self.alike})
        strides = sorted({stride_text(each.stride).removeprefix("stride ") for each in self.alike})
        counts = sorted({len(each.layers) for each in self.alike})
        lines = [
            f"{' or '.join(operators)} · stride {' or '.join(strides)} · {' or '.join(map(str, counts))} layers",
            f"{'repeats in' if first.kind is SubBlockKind.REPEATED else 'opens'} {self._where()}",
        ]
        self.canvas.caption(
            Caption(f"Sub-block {first.kind:d}", self.x + 46, self.top + 26, 16, "ink", bold=True, anchor="left")
        )
        for index, line in enumerate(lines):
            text = fitted(line, CARD_WIDTH - 32, 10)
            self.canvas.caption(Caption(text, self.x + 16, self.top + 50 + 14 * index, 10, "faint", anchor="left"))

    def _where(self) -> str:
        of_this_kind = [each for each in self.network.anatomy.sub_blocks if each.kind == self.alike[0].kind]
        if len(self.alike) == len(of_this_kind):
            return describe_blocks((each.block for each in self.alike), "–")
        return describe_location(self.alike, of_this_kind)

    def _modules(self, first: SubBlock) -> float:
        canvas = self.canvas
        x, y = self.trunk + WIDTH / 2 - ENTRY_WIDTH / 2, self.top + TOP
        entry = canvas.box(
            Box(f"{self.key} input", x, y, ENTRY_WIDTH, ENTRY_HEIGHT, "plain", "input", frame=self.key, size=9)
        )
        before = entry
        y += ENTRY_HEIGHT + GAP * 0.7
        gate: Box | None = None
        for index, module in enumerate(first.modules):
            has_add = any(layer is first.joint for layer in module.layers) and first.residual
            before_add = [_until_joint(each, each.modules[index].layers) for each in self.alike]
            shown = align([(each, row) for each, row in zip(self.alike, before_add, strict=True) if row])
            if module.role == "squeeze_excite":
                gate = self._module_box(index, shown, self.branch, before.y + before.height + GAP / 2)
                self._into_branch(before, gate)
                y = max(y, gate.y + gate.height + GAP / 2)
                continue
            if shown:
                box = self._module_box(index, shown, self.trunk, y)
                canvas.down(before, box)
                if gate is not None:
                    self._out_of_branch(gate, box)
                    gate = None
                before, y = box, box.y + box.height + GAP
            if has_add:
                sums = [(each.joint,) for each in self.alike if each.joint]
                tooltip = "\n".join(["Add: the residual connection", *measured_ranges(sums, self.network)])
                add = Box(f"{self.key} add", self.trunk, y - 4, WIDTH, ADD_HEIGHT, "add", "Add", "", tooltip, self.key)
                canvas.down(before, canvas.box(add))
                fork = (entry.x, entry.centre[1])
                canvas.skip(entry, add, fork, self.trunk - RAIL, tooltip="residual connection")
                before, y = add, add.y + ADD_HEIGHT + GAP
                rest = [(each, each.modules[index].layers[len(row) + 1 :]) for each, row in
                        zip(self.alike, before_add, strict=True)]  # fmt: skip
                if rest[0][1]:
                    box = self._module_box(index, align(rest), self.trunk, y, after_add=True)
                    canvas.down(before, box)
                    before, y = box, box.y + box.height + GAP
        return before.y + before.height

    def _module_box(
        self, index: int, slots: Sequence[AlignedPosition], x: float, y: float, *, after_add: bool = False
    ) -> Box:
        module = self.alike[0].modules[index]
        lines = [fitted(" ".join(filter(None, (slot.title, slot.strides and f"/{slot.strides[7:]}"))), WIDTH - 10, 8.25)
                 for slot in slots]  # fmt: skip
        title = f"{module.label}, after the sum" if after_add else module.label
        measured = measured_ranges([each.modules[index].layers for each in self.alike], self.network)
        height = (len(lines) + 1) * LINE + 14
        return self.canvas.box(
            Box(f"{self.key} {title}", x, y, WIDTH, height, MODULE_ROLES[module.role], title, "\n".join(lines),
                "\n".join([f"{title}: {module_title(module)}", *lines, *measured]), self.key, 11)
        )  # fmt: skip

    def _into_branch(self, tail: Box, gate: Box) -> None:
        y = tail.y + tail.height - 18
        x = gate.centre[0]
        self.canvas.paths.append(Path(tail.key, gate.key, ((tail.x + tail.width, y), (x, y), (x, gate.y)), radius=10))

    def _out_of_branch(self, gate: Box, head: Box) -> None:
        x, y = gate.centre[0], head.y + 18
        points = ((x, gate.y + gate.height), (x, y), (head.x + head.width, y))
        self.canvas.paths.append(Path(gate.key, head.key, points, radius=10))
