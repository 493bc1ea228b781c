"""The texts of boxes and frames as lines that stand somewhere, for every format alike."""

from __future__ import annotations

from effnet_inspect.drawing import Box, Caption, Frame

LINE = 1.2
"""Height of a line of text, as a part of the label's size: as Graphviz spaces lines, which sets labels above notes."""


def label_captions(box: Box) -> list[Caption]:
    """The lines of a box's label: with its notes they are centred in the box, and bold."""
    return [
        Caption(line, box.centre[0], y, box.size, bold=bool(box.note))
        for line, y in zip(_lines(box.label), _levels(box), strict=False)
    ]


def note_captions(box: Box) -> list[Caption]:
    """The lines below a box's label."""
    levels = _levels(box)[_label_height(box) :]
    return [Caption(note, box.centre[0], y, box.note_size) for note, y in zip(_lines(box.note), levels, strict=True)]


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _label_height(box: Box) -> int:
    """How many lines a label takes; one that is empty takes one, too."""
    return max(len(_lines(box.label)), 1)


def _levels(box: Box) -> list[float]:
    """The middle of every line in a box."""
    count = _label_height(box) + len(_lines(box.note))
    return [box.centre[1] + (index - (count - 1) / 2) * box.size * LINE for index in range(count)]


def frame_caption(frame: Frame) -> Caption:
    """A frame's label: in its corner at the top left, and on a bracket at the bottom right."""
    size = frame.size
    if frame.role == "bracket":
        right, bottom = frame.x + frame.width, frame.y + frame.height
        return Caption(frame.label, right - size * 0.5, bottom - size * 0.75, size, "accent", True, "right")
    return Caption(frame.label, frame.x + size * 0.8, frame.y + size * 0.9, size, "ink", True, "left")
