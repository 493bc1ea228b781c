"""The modules that sub-blocks are made of, each as its chain of layers; what only some have is dashed."""

from __future__ import annotations

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame
from effnet_inspect.drawing.canvas import Canvas, broken_word, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT
from effnet_inspect.structure.anatomy import Module, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    closes_residual,
    measured_ranges,
    module_title,
    sums_in_short,
)
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.merged import AlignedPosition, align, describe_location
from effnet_inspect.views.diagram.panels import place_panels
from effnet_inspect.words import pieces

GAP, DENSE_GAP = 8.0, 5.0
INSET = 7.0
NARROWEST = 128.0
"""Of a column: so wide that four of them stand side by side on a screen."""
DENSE_NARROWEST = 120.0
"""Of one in a dense figure: two of them stand side by side in a column."""
WIDEST = 170.0

Member = tuple[SubBlock, Module]


def modules(network: Network, look: Look) -> Diagram:
    """Draw every module that this model has, in lines as wide as the page."""
    canvas = Canvas(f"{network.name}, modules")
    groups: dict[tuple[int | None, str], list[Member]] = {}
    for sub_block in network.anatomy.sub_blocks:
        for module in sub_block.modules:
            groups.setdefault((module.number, module_title(module)), []).append((sub_block, module))
    in_order = sorted(groups.items(), key=lambda group: (group[0][0] is None, group[0][0] or 0, -len(group[1])))

    def place(members: list[Member], x: float, top: float, width: float) -> float:
        return _Column(canvas, members, x, top, width, network, look).bottom

    members = [members for _, members in in_order]
    narrowest = DENSE_NARROWEST if look.dense else NARROWEST
    left = place_panels(members, place, room=look.room, narrowest=narrowest, widest=WIDEST, packed=look.dense)
    dashed = any(box.dashed for box in canvas.boxes.values())
    words = "dashed: present in only some sub-blocks" if dashed else "every layer is present in all"
    heading(canvas, look.title(network.name, "modules"), wrapped(words.split(), look.room, TEXT), look, -10, left)
    return canvas.diagram(look.width)


class _Column:
    def __init__(
        self, canvas: Canvas, members: list[Member], x: float, top: float, width: float, network: Network, look: Look
    ) -> None:
        self.canvas = canvas
        self.network = network
        self.look = look
        self.gap = DENSE_GAP if look.dense else GAP
        self.x, self.room = x + INSET, width - 2 * INSET
        self.holders = [sub_block for sub_block, _ in members]
        first = members[0][1]
        title = module_title(first)
        self.key = f"module {first.number} {title}" if first.number else f"module {title}"
        self.role = MODULE_ROLES[first.role]
        totals = network.measures.totals(layer for _, module in members for layer in module.layers)
        where = describe_location(self.holders, network.anatomy.sub_blocks)
        names = look.in_order(first.label, title.capitalize()) if first.number else (first.label,)
        y = self._heading(names, [f"in {where}", f"{sums_in_short(totals)[1]} in all"], top)
        y = self._layers(members, y)
        self.bottom = y - self.gap + INSET
        canvas.frame(Frame(self.key, x, top, width, self.bottom - top, "frame", tooltip=f"{title}, in {where}"))

    def _heading(self, names: tuple[str, ...], facts: list[str], y: float) -> float:
        y += 4
        for line in wrapped(pieces(names[0]), self.room, HEADING, bold=True):
            y += HEADING * 1.35
            self.canvas.caption(Caption(line, self.x, y - 4, HEADING, "ink", bold=True, anchor="left"))
        for words in (*names[1:], *facts):
            for line in wrapped(pieces(words), self.room, TEXT):
                y += TEXT * 1.35
                self.canvas.caption(Caption(line, self.x, y - 3, TEXT, "faint", anchor="left"))
        return y + 8

    def _layers(self, members: list[Member], y: float) -> float:
        before: tuple[AlignedPosition, Box] | None = None
        for index, position in enumerate(align([(sub_block, module.layers) for sub_block, module in members])):
            box = self.canvas.box(self._position_box(position, index, y))
            if before is not None and before[0].leads_to(position):
                self.canvas.down(before[1], box)
            before = position, box
            y += box.height + self.gap
        return y

    def _position_box(self, position: AlignedPosition, index: int, y: float) -> Box:
        optional = len(position.sub_blocks) < len(self.holders)
        room = self.room - 4
        only = f"only in {describe_location(position.sub_blocks, self.holders)}" if optional else ""
        title, facts = position.title, [*position.strides, position.channels, *self.look.shares(position.layers)]
        if text_width(title, TEXT, bold=True) > room:
            name, *settings = position.facts
            title = "\n".join(broken_word(name, room, TEXT, bold=True))
            facts = [*settings, position.channels, *self.look.shares(position.layers)]
        lines = wrapped([fact for fact in facts if fact], room, SMALLEST, " · ")
        notes = [*lines, *(wrapped(pieces(only), room, SMALLEST) if only else ())]
        role: BoxRole = "add" if closes_residual(position.layers[0]) else self.role
        measured = measured_ranges([[layer] for layer in position.layers], self.network)
        tooltip = "\n".join([position.title, *notes, *measured])
        height = 6 + TEXT * 1.25 * (1 + title.count("\n") + len(notes))
        key, note = f"{self.key} layer {index + 1}", "\n".join(notes)
        return Box(key, self.x, y, self.room, height, role, title, note, tooltip, self.key, TEXT, SMALLEST, optional,
                   tuple(layer.name for layer in position.layers))  # fmt: skip
