"""A canvas to place boxes, frames, paths and captions on; `diagram()` gives what was placed.

Knows sizes and routes, but neither networks nor colours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import fsum
from typing import TypeVar

from effnet_inspect.drawing import Box, Caption, Diagram, Frame, Path, Point

_Placed = TypeVar("_Placed", Box, Frame)

MARGIN = 6.0
SKIP_RADIUS = 4.0
"""Of a residual connection's corners: half of it and the arrow's head fit between the rail and the box."""

# Advance widths in ems, DejaVu Sans': of the fonts that stand in for Helvetica it is the widest.
_WIDE = {
    "m": 0.97,
    "w": 0.82,
    "M": 0.86,
    "W": 0.99,
    "×": 0.84,
    "→": 0.84,
    "@": 1.0,
    "%": 0.95,
    "≥": 0.84,
    "≠": 0.84,
    "≈": 0.84,
    "−": 0.84,
    "+": 0.84,
    "–": 0.5,
    "′": 0.25,
}
_NARROW = dict.fromkeys("iljI|.,:;'! ·()[]/ftr-", 0.36)
_SQUARE_FROM = "\u2e80"
"""From here on Unicode has the scripts of East Asia, whose characters fill a square, and pictures."""
_BOLD = 1.12
_SPARE = 1.04
_HALF_LINE = 0.65
_CORNER = 4.0


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text, in points, in any usual sans-serif font.

    >>> text_width("Sub-block 2", 12) < 80 < text_width("Sub-block 2", 14, bold=True)
    True
    >>> text_width("编码器", 10) > 30
    True
    """
    # Not `sum`: it adds more exactly from Python 3.12 on, and a last digit would be another.
    return fsum(map(_ems, text)) * size * _SPARE * (_BOLD if bold else 1.0)


def _ems(char: str) -> float:
    if char >= _SQUARE_FROM:
        return 1.0 if char <= "\uffff" else 1.3
    return _WIDE.get(char) or _NARROW.get(char) or (0.7 if char.isupper() else 0.635)


def fitted(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits.

    >>> fitted("in 12 of 30 sub-blocks", 60, 7)
    'in 12 of 30 su…'
    """
    return _elided(text, width, size, bold, lambda kept: text[:kept].rstrip() + "…")


def fitted_name(name: str, width: float, size: float, bold: bool = False) -> str:
    """The name, or as much of its end as fits: there a layer's name tells it from others.

    >>> fitted_name("outer/inner/block6d_squeeze_excite", 100, 10)
    '…_squeeze_excite'
    """
    return _elided(name, width, size, bold, lambda kept: "…" + name[len(name) - kept :])


def _elided(text: str, width: float, size: float, bold: bool, part: Callable[[int], str]) -> str:
    if text_width(text, size, bold) <= width:
        return text
    kept = len(text) - 1
    while kept > 1 and text_width(part(kept), size, bold) > width:
        kept -= 1
    return part(kept)


def wrapped(pieces: Sequence[str], width: float, size: float, between: str = " ", bold: bool = False) -> list[str]:
    """Lines of as many pieces each as fit; of one that is too wide for a line, its end has a line for itself.

    >>> wrapped("opens blocks 2–4 and 6".split(), 60, 7)
    ['opens blocks', '2–4 and 6']
    >>> wrapped("in experiments/b3/epoch_12.keras".split(), 60, 7)
    ['in', '…och_12.keras']
    """
    lines: list[str] = []
    for piece in (fitted_name(each, width, size, bold) for each in pieces):
        longer = f"{lines[-1]}{between}{piece}" if lines else ""
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def broken(name: str, width: float, size: float, bold: bool = False) -> list[str]:
    """A name in as few lines as it needs, broken at blanks and, where one part is too wide, after hyphens.

    >>> broken("Fused-MBConv4 k3×3", 44, 7)
    ['Fused-', 'MBConv4', 'k3×3']
    """
    words = name.split()
    if any(text_width(word, size, bold) > width for word in words):
        head, hyphen, rest = name.partition("-")
        return [f"{head}{hyphen}", *wrapped(rest.split(), width, size, bold=bold)]
    return wrapped(words, width, size, bold=bold)


def broken_word(word: str, width: float, size: float, *, bold: bool = False, most: int | None = 3) -> list[str]:
    """A name of one word, as a class has, in as few lines as it needs: broken before capitals and behind underscores.

    A part that is too wide for a line is broken anywhere, and so is a word that would have more than `most` lines; of
    one that has even so, the end is elided.

    >>> broken_word("GlobalAveragePooling2D", 60, 7)
    ['GlobalAverage', 'Pooling2D']
    """
    parts = [part for whole in _capitalized(word) for part in _chunks(whole, width, size, bold)]
    lines = [line.strip() for line in wrapped(parts, width, size, "", bold)]
    if most is None or len(lines) <= most:
        return lines
    lines = list(_chunks(word, width, size, bold))
    return lines if len(lines) <= most else [*lines[: most - 1], fitted("".join(lines[most - 1 :]), width, size, bold)]


_ENDS = " _.-/"
"""What a part of a name ends with, where the next does not begin with a capital."""


def _capitalized(word: str) -> Iterable[str]:
    """`Conv2DTranspose` as `Conv`, `2D` stays where it is, and `Transpose`."""
    start = 0
    for at in range(1, len(word)):
        before, here, after = word[at - 1], word[at], word[at + 1 : at + 2]
        begins = here.isupper() and (before.islower() or (before.isalnum() and after.islower()))
        if begins or (before in _ENDS and here not in _ENDS):
            yield word[start:at]
            start = at
    yield word[start:]


def _chunks(part: str, width: float, size: float, bold: bool) -> Iterable[str]:
    """As much at a time as fits into a line, at least a character."""
    while len(part) > 1 and text_width(part, size, bold) > width:
        kept = next((end for end in range(len(part) - 1, 1, -1) if text_width(part[:end], size, bold) <= width), 1)
        yield part[:kept]
        part = part[kept:]
    yield part


class Canvas:
    """Collects what is placed; keys of boxes and frames are unique."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.boxes: dict[str, Box] = {}
        self.frames: dict[str, Frame] = {}
        self.paths: list[Path] = []
        self.captions: list[Caption] = []

    def box(self, box: Box) -> Box:
        """Place a box."""
        assert box.key not in self.boxes, box.key
        self.boxes[box.key] = box
        return box

    def frame(self, frame: Frame) -> Frame:
        """Place a frame."""
        assert frame.key not in self.frames, frame.key
        self.frames[frame.key] = frame
        return frame

    def caption(self, caption: Caption) -> None:
        """Place a line of text; nothing where there is none."""
        if caption.text:
            self.captions.append(caption)

    def down(self, tail: Box, head: Box, *, tooltip: str = "") -> None:
        """An arrow from the bottom of a box to the top of one below it."""
        x = head.centre[0]
        self.paths.append(Path(tail.key, head.key, ((x, tail.y + tail.height), (x, head.y)), tooltip=tooltip))

    def right(self, tail: Box, head: Box, *, tooltip: str = "") -> None:
        """An arrow from the right of a box to the left of one on the same line."""
        y = head.centre[1]
        self.paths.append(Path(tail.key, head.key, ((tail.x + tail.width, y), (head.x, y)), tooltip=tooltip))

    def rise(self, tail: Box, head: Box, gutter: float, *, tooltip: str = "") -> None:
        """An arrow from the right of a box, up (or down) at x = `gutter`, to the left of a box further right."""
        (_, y1), (_, y2) = tail.centre, head.centre
        if tail.y + _CORNER < y2 < tail.y + tail.height - _CORNER:
            self.right(tail, head, tooltip=tooltip)
            return
        points = ((tail.x + tail.width, y1), (gutter, y1), (gutter, y2), (head.x, y2))
        self.paths.append(Path(tail.key, head.key, points, tooltip=tooltip, radius=6))

    def over(self, tail: Box, head: Box, gutter: float, level: float, *, tooltip: str = "") -> None:
        """An arrow from the right of a box along x = `gutter` to y = `level`, and from there down into a box."""
        y, x = tail.centre[1], head.centre[0]
        points = ((tail.x + tail.width, y), (gutter, y), (gutter, level), (x, level), (x, head.y))
        self.paths.append(Path(tail.key, head.key, points, tooltip=tooltip, radius=6))

    def skip(self, tail: Box, head: Box, fork: Point, rail: float, *, tooltip: str = "") -> None:
        """A residual connection: from `fork` out to x = `rail`, along it, and into the side of `head`."""
        y = head.centre[1]
        side = head.x if rail < head.x else head.x + head.width
        points = (fork, (rail, fork[1]), (rail, y), (side, y)) if fork[0] != rail else (fork, (rail, y), (side, y))
        self.paths.append(Path(tail.key, head.key, points, role="skip", tooltip=tooltip, radius=SKIP_RADIUS))

    def place(self, diagram: Diagram, x: float, y: float, prefix: str) -> None:
        """Put a whole diagram with its top left at (x, y); keys get the prefix."""
        for box in diagram.boxes:
            frame = box.frame and prefix + box.frame
            self.box(replace(box, key=prefix + box.key, frame=frame, x=box.x + x, y=box.y + y))
        for frame_ in diagram.frames:
            parent = frame_.parent and prefix + frame_.parent
            self.frame(replace(frame_, key=prefix + frame_.key, parent=parent, x=frame_.x + x, y=frame_.y + y))
        for path in diagram.paths:
            points = tuple((px + x, py + y) for px, py in path.points)
            self.paths.append(replace(path, tail=prefix + path.tail, head=prefix + path.head, points=points))
        self.captions += [replace(each, x=each.x + x, y=each.y + y) for each in diagram.captions]

    def placed(self) -> list[Box | Frame]:
        """All boxes and frames."""
        return [*self.boxes.values(), *self.frames.values()]

    def diagram(self, width: float | None = None, margin: float = MARGIN) -> Diagram:
        """What was placed, in the middle of a sheet `width` wide; without a width `margin` goes around it."""
        left, top, right, bottom = _bounds(self._extents())
        sheet = right - left + 2 * margin if width is None else width
        whole = Diagram(
            self.name,
            sheet,
            bottom - top + 2 * margin,
            tuple(self.boxes.values()),
            tuple(self.frames.values()),
            tuple(self.paths),
            tuple(self.captions),
        )
        return _moved(whole, (sheet - left - right) / 2, margin - top)

    def _extents(self) -> Iterable[tuple[float, float, float, float]]:
        for each in self.placed():
            yield each.x, each.y, each.x + each.width, each.y + each.height
        for path in self.paths:
            for x, y in path.points:
                yield x, y, x, y
        for caption in self.captions:
            yield caption_extent(caption)


def _moved(diagram: Diagram, x: float, y: float) -> Diagram:
    moved = Canvas(diagram.name)
    moved.place(diagram, x, y, "")
    return replace(
        diagram,
        boxes=tuple(moved.boxes.values()),
        frames=tuple(moved.frames.values()),
        paths=tuple(moved.paths),
        captions=tuple(moved.captions),
    )


def with_margin(diagram: Diagram, margin: float) -> Diagram:
    """The same drawing on a sheet that is so much wider on every side."""
    sheet = replace(diagram, width=diagram.width + 2 * margin, height=diagram.height + 2 * margin)
    return _moved(sheet, margin, margin)


def scaled(diagram: Diagram, scale: float) -> Diagram:
    """The same drawing with all lengths multiplied, type and lines among them."""

    def larger(each: _Placed) -> _Placed:
        return replace(
            each,
            x=each.x * scale,
            y=each.y * scale,
            width=each.width * scale,
            height=each.height * scale,
            size=each.size * scale,
        )

    return replace(
        diagram,
        width=diagram.width * scale,
        height=diagram.height * scale,
        boxes=tuple(replace(larger(box), note_size=box.note_size * scale) for box in diagram.boxes),
        frames=tuple(larger(frame) for frame in diagram.frames),
        paths=tuple(
            replace(path, points=tuple((x * scale, y * scale) for x, y in path.points), radius=path.radius * scale)
            for path in diagram.paths
        ),
        captions=tuple(
            replace(each, x=each.x * scale, y=each.y * scale, size=each.size * scale) for each in diagram.captions
        ),
        scale=diagram.scale * scale,
    )


def caption_extent(caption: Caption) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of a line of text whose middle height is `caption.y`."""
    width = text_width(caption.text, caption.size, caption.bold)
    left = {"left": caption.x, "middle": caption.x - width / 2, "right": caption.x - width}[caption.anchor]
    return left, caption.y - caption.size * _HALF_LINE, left + width, caption.y + caption.size * _HALF_LINE


def _bounds(extents: Iterable[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    all_of_them = list(extents)
    if not all_of_them:
        return (0, 0, 0, 0)
    lefts, tops, rights, bottoms = zip(*all_of_them, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
