"""The modules that sub-blocks are made of, each as its chain of layers; what only some have is dashed."""

from __future__ import annotations

from effnet_inspect.anatomy import Anatomy, Module, SubBlock
from effnet_inspect.canvas import Canvas, fitted
from effnet_inspect.drawing import Box, Caption, Diagram, Frame
from effnet_inspect.measures import Measures
from effnet_inspect.views.diagram.labels import measured_ranges, module_label, module_role, module_title
from effnet_inspect.views.diagram.merged import Occurrence, Slot, merge, whereabouts

WIDTH = 220.0
HEIGHT = 52.0
GAP = 15.0
PITCH = 266.0
TOP = 68.0


def modules(anatomy: Anatomy, measures: Measures) -> Diagram:
    """Draw every module that this model has."""
    canvas = Canvas(f"{anatomy.graph.name}, modules")
    found: dict[tuple[int | None, str], list[Occurrence]] = {}
    for sub_block in anatomy.sub_blocks:
        for module in sub_block.modules:
            found.setdefault((module.number, module_title(module)), []).append((sub_block, module.layers))
    in_order = sorted(found.items(), key=lambda each: (each[0][0] is None, each[0][0] or 0, -len(each[1])))
    for column, ((number, title), occurrences) in enumerate(in_order):
        _module(canvas, Module(number, title, ()), occurrences, column * PITCH, anatomy, measures)
    canvas.caption(Caption(canvas.name, -12, -46, 20, "ink", bold=True, anchor="left"))
    dashed = any(box.dashed for box in canvas.boxes.values())
    words = "A dashed layer is not in every sub-block that has the module." if dashed else "Every layer is in all."
    canvas.caption(Caption(words, -12, -22, 11, "faint", anchor="left"))
    return canvas.diagram()


def _module(
    canvas: Canvas, module: Module, occurrences: list[Occurrence], x: float, anatomy: Anatomy, measures: Measures
) -> None:
    key = f"module {module.number} {module.title}" if module.number else f"module {module.title}"
    holders = [sub_block for sub_block, _ in occurrences]
    role = module_role(module.number)
    before: tuple[Slot, Box] | None = None
    y = TOP
    for index, slot in enumerate(merge(occurrences)):
        box = canvas.box(_slot_box(slot, holders, f"{key} layer {index + 1}", x, y, key, role, measures))
        if before is not None and before[0].leads_to(slot):
            canvas.down(before[1], box)
        before = slot, box
        y += HEIGHT + GAP
    where = whereabouts(holders, anatomy.sub_blocks)
    parameters = sum(measures.totals(layers).parameters for _, layers in occurrences)
    canvas.frame(Frame(key, x - 12, 0, WIDTH + 24, y - GAP + 12, "frame", tooltip=f"{module.title}, in {where}"))
    canvas.caption(Caption(module_label(module), x, 15, 13, "ink", bold=True, anchor="left"))
    said = (*((module.title,) if module.number else ()), f"in {where}", f"{parameters:,} parameters in all")
    for line, words in enumerate(said):
        canvas.caption(Caption(fitted(words, WIDTH, 9), x, 30 + 12 * line, 9, "faint", anchor="left"))


def _slot_box(
    slot: Slot, holders: list[SubBlock], key: str, x: float, y: float, frame: str, role: str, measures: Measures
) -> Box:
    optional = len(slot.sub_blocks) < len(holders)
    facts = " · ".join(fact for fact in (slot.strides, slot.channels) if fact)
    only = f"only in {whereabouts(slot.sub_blocks, holders)}" if optional else ""
    notes = [fitted(note, WIDTH - 10, 8.25) for note in (facts, only) if note]
    title = fitted(slot.title, WIDTH - 10, 11, bold=True)
    role = "add" if slot.layers[0].operation == "add" else role
    tooltip = "\n".join([slot.title, *notes, *measured_ranges([[layer] for layer in slot.layers], measures)])
    return Box(key, x, y, WIDTH, HEIGHT, role, title, "\n".join(notes), tooltip, frame, 11, optional)
