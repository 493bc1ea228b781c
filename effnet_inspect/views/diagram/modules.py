"""The modules that sub-blocks are made of, each as its chain of layers; what only some have is dashed."""

from __future__ import annotations

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame
from effnet_inspect.drawing.canvas import Canvas, fitted
from effnet_inspect.structure.anatomy import Module, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.labels import MODULE_ROLES, measured_ranges, module_title
from effnet_inspect.views.diagram.merged import AlignedPosition, align, describe_location

WIDTH = 220.0
HEIGHT = 52.0
GAP = 15.0
PITCH = 266.0
TOP = 68.0


Member = tuple[SubBlock, Module]


def modules(network: Network) -> Diagram:
    """Draw every module that this model has."""
    canvas = Canvas(f"{network.name}, modules")
    groups: dict[tuple[int | None, str], list[Member]] = {}
    for sub_block in network.anatomy.sub_blocks:
        for module in sub_block.modules:
            groups.setdefault((module.number, module_title(module)), []).append((sub_block, module))
    in_order = sorted(groups.items(), key=lambda group: (group[0][0] is None, group[0][0] or 0, -len(group[1])))
    for column, (_, members) in enumerate(in_order):
        _module(canvas, members, column * PITCH, network)
    canvas.caption(Caption(canvas.name, -12, -46, 20, "ink", bold=True, anchor="left"))
    dashed = any(box.dashed for box in canvas.boxes.values())
    words = "Dashed: present in only some sub-blocks." if dashed else "Every layer is present in all."
    canvas.caption(Caption(words, -12, -22, 11, "faint", anchor="left"))
    return canvas.diagram()


def _module(canvas: Canvas, members: list[Member], x: float, network: Network) -> None:
    first = members[0][1]
    title = module_title(first)
    key = f"module {first.number} {title}" if first.number else f"module {title}"
    holders = [sub_block for sub_block, _ in members]
    role = MODULE_ROLES[first.role]
    before: tuple[AlignedPosition, Box] | None = None
    y = TOP
    for index, position in enumerate(align([(sub_block, module.layers) for sub_block, module in members])):
        box = canvas.box(_position_box(position, holders, f"{key} layer {index + 1}", x, y, key, role, network))
        if before is not None and before[0].leads_to(position):
            canvas.down(before[1], box)
        before = position, box
        y += HEIGHT + GAP
    where = describe_location(holders, network.anatomy.sub_blocks)
    totals = network.measures.totals(layer for _, module in members for layer in module.layers)
    canvas.frame(Frame(key, x - 12, 0, WIDTH + 24, y - GAP + 12, "frame", tooltip=f"{title}, in {where}"))
    canvas.caption(Caption(first.label, x, 15, 13, "ink", bold=True, anchor="left"))
    lines = (*((title,) if first.number else ()), f"in {where}", f"{totals['parameters']:,} parameters in all")
    for line, words in enumerate(lines):
        canvas.caption(Caption(fitted(words, WIDTH, 9), x, 30 + 12 * line, 9, "faint", anchor="left"))


def _position_box(
    position: AlignedPosition,
    holders: list[SubBlock],
    key: str,
    x: float,
    y: float,
    frame: str,
    role: BoxRole,
    network: Network,
) -> Box:
    optional = len(position.sub_blocks) < len(holders)
    facts = " · ".join(fact for fact in (position.strides, position.channels) if fact)
    only = f"only in {describe_location(position.sub_blocks, holders)}" if optional else ""
    notes = [fitted(note, WIDTH - 10, 8.25) for note in (facts, only) if note]
    title = fitted(position.title, WIDTH - 10, 11, bold=True)
    role = "add" if position.layers[0].operation == "add" else role
    tooltip = "\n".join([position.title, *notes, *measured_ranges([[layer] for layer in position.layers], network)])
    return Box(key, x, y, WIDTH, HEIGHT, role, title, "\n".join(notes), tooltip, frame, 11, optional)
