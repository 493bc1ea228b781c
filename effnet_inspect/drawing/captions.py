"""The texts of boxes and frames as lines that stand somewhere, for every format alike."""

from __future__ import annotations

from effnet_inspect.drawing import Box, Caption, Frame

LINE = 1.2
"""Height of a line of text, as a part of the label's size: as Graphviz spaces lines, which sets labels above notes."""


def label_caption(box: Box) -> Caption:
    """A box's label: with its notes it is centred in the box, and bold."""
    x, y = box.centre
    return Caption(box.label, x, y - len(note_captions(box)) * box.size * LINE / 2, box.size, bold=bool(box.note))


def note_captions(box: Box) -> list[Caption]:
    """The lines below a box's label."""
    x, y = box.centre
    notes = box.note.split("\n") if box.note else []
    return [
        Caption(note, x, y + (index + 1 - len(notes) / 2) * box.size * LINE, box.note_size)
        for index, note in enumerate(notes)
    ]


def frame_caption(frame: Frame) -> Caption:
    """A frame's label: in its corner at the top left, and on a bracket at the bottom right."""
    size = frame.size
    if frame.role == "bracket":
        right, bottom = frame.x + frame.width, frame.y + frame.height
        return Caption(frame.label, right - size * 0.5, bottom - size * 0.75, size, "accent", True, "right")
    return Caption(frame.label, frame.x + size * 0.8, frame.y + size * 0.9, size, "ink", True, "left")
