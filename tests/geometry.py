"""What must not happen in a drawing, from its geometry: overlaps, lines through boxes or words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from effnet_inspect.drawing import Box, Diagram, Frame
from effnet_inspect.drawing.canvas import caption_extent, text_width
from effnet_inspect.drawing.captions import LINE

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom"""

TOLERANCE = 0.5


def rectangle(each: Box | Frame) -> Rectangle:
    """Where a box or frame is."""
    return (each.x, each.y, each.x + each.width, each.y + each.height)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    """Whether two rectangles share more than an edge."""
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > TOLERANCE
        and min(one[3], other[3]) - max(one[1], other[1]) > TOLERANCE
    )


def inside(inner: Rectangle, outer: Rectangle) -> bool:
    """Whether one rectangle lies in another."""
    return (
        inner[0] >= outer[0] - TOLERANCE
        and inner[1] >= outer[1] - TOLERANCE
        and inner[2] <= outer[2] + TOLERANCE
        and inner[3] <= outer[3] + TOLERANCE
    )


def faults(diagram: Diagram) -> list[str]:
    """Everything that is wrong with a drawing, a sentence each."""
    return [*_outside(diagram), *_too_long(diagram), *_overlaps(diagram), *_crossings(diagram)]


def _outside(diagram: Diagram) -> Iterator[str]:
    sheet = (0.0, 0.0, diagram.width, diagram.height)
    frames = {frame.key: frame for frame in diagram.frames}
    for box in diagram.boxes:
        within = rectangle(frames[box.frame]) if box.frame else sheet
        if not inside(rectangle(box), within):
            yield f"box {box.key!r} leaves {box.frame or 'the sheet'}"
    for frame in diagram.frames:
        within = rectangle(frames[frame.parent]) if frame.parent else sheet
        if not inside(rectangle(frame), within):
            yield f"frame {frame.key!r} leaves {frame.parent or 'the sheet'}"
    for caption in diagram.captions:
        if not inside(caption_extent(caption), sheet):
            yield f"caption {caption.text!r} leaves the sheet"


def _too_long(diagram: Diagram) -> Iterator[str]:
    for box in diagram.boxes:
        for line in box.label.split("\n"):
            if text_width(line, box.size, bold=bool(box.note)) > box.width:
                yield f"the label {box.label!r} is wider than its box"
        for note in box.note.split("\n"):
            if text_width(note, box.note_size) > box.width:
                yield f"the note {note!r} is wider than its box"
        lines = len(box.label.split("\n")) + (len(box.note.split("\n")) if box.note else 0)
        if box.label and lines * box.size * LINE > box.height:
            yield f"the {lines} lines of {box.label!r} are higher than their box"


def _overlaps(diagram: Diagram) -> Iterator[str]:
    boxes = [(box.key, rectangle(box)) for box in diagram.boxes]
    captions = [(caption.text, caption_extent(caption)) for caption in diagram.captions]
    frames = [(frame.key, rectangle(frame)) for frame in diagram.frames]
    for one, other in _pairs(boxes + captions):
        yield f"{one!r} overlaps {other!r}"
    for (one, first), (other, second) in _all_pairs(frames):
        if overlap(first, second) and not inside(first, second) and not inside(second, first):
            yield f"frame {one!r} crosses frame {other!r}"
    for name, area in boxes + captions:
        for key, frame in frames:
            if overlap(area, frame) and not inside(area, frame):
                yield f"{name!r} stands on the border of frame {key!r}"


def _pairs(named: Sequence[tuple[str, Rectangle]]) -> Iterator[tuple[str, str]]:
    """Pairs that overlap, found by a sweep from left to right."""
    in_order = sorted(named, key=lambda each: each[1][0])
    open_ones: list[tuple[str, Rectangle]] = []
    for name, area in in_order:
        open_ones = [each for each in open_ones if each[1][2] > area[0] + TOLERANCE]
        for other, other_area in open_ones:
            if overlap(area, other_area):
                yield other, name
        open_ones.append((name, area))


def _all_pairs(
    named: Sequence[tuple[str, Rectangle]],
) -> Iterator[tuple[tuple[str, Rectangle], tuple[str, Rectangle]]]:
    for index, one in enumerate(named):
        for other in named[index + 1 :]:
            yield one, other


def _crossings(diagram: Diagram) -> Iterator[str]:
    obstacles = [(box.key, rectangle(box)) for box in diagram.boxes]
    obstacles += [(caption.text, caption_extent(caption)) for caption in diagram.captions]
    by_key = {box.key: rectangle(box) for box in diagram.boxes}
    for path in diagram.paths:
        for point, end in ((path.points[-1], path.head),):
            if not inside((*point, *point), by_key[end]):
                yield f"the path {path.tail!r} to {path.head!r} does not reach {end!r}"
        for (x1, y1), (x2, y2) in pairwise(path.points):
            segment = (min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1)
            for name, area in obstacles:
                if overlap(segment, area) and not _may_touch(name, path.tail, path.head, segment, area):
                    yield f"the path {path.tail!r} to {path.head!r} runs through {name!r}"


def _may_touch(name: str, tail: str, head: str, segment: Rectangle, area: Rectangle) -> bool:
    """A path touches the border of the boxes that it joins."""
    if name not in (tail, head):
        return False
    shrunk = (area[0] + 2, area[1] + 2, area[2] - 2, area[3] - 2)
    return not overlap(segment, shrunk)
