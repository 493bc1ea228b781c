"""What a drawing says: boxes, frames, lines and captions, fully placed, free of colour and of any file format.

Apart from `document`, because a command that prints a table should not have to load what only drawings need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]

BoxRole = Literal[
    "plain",
    "stem",
    "head",
    "classifier",
    "other",
    "sub-block-1",
    "sub-block-2",
    "sub-block-3",
    "sub-block-3-plain",
    "fused-opening",
    "fused-repeat",
    "add",
    "module-1",
    "module-2",
    "module-3",
    "module-4",
    "module-5",
    "fused",
    "bar",
    "rule",
    "wrong",
    "right",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
    "heat-5",
    "heat-6",
    "heat-7",
    "same",
    "changed",
    "changed-slightly",
    "inserted",
    "deleted",
]
"""What a box stands for; a renderer chooses its colour."""

FrameRole = Literal["frame", "inner-frame", "plain", "bracket"]
LineRole = Literal["flow", "skip", "tap"]
TextRole = Literal["ink", "faint", "accent"]
Anchor = Literal["left", "middle", "right"]


PALE: frozenset[BoxRole] = frozenset(
    {"plain", "classifier", "other", "head", "module-2", "heat-1", "same", "changed-slightly", "right"}
)
"""Roles whose fill is in some theme so near to the paper that without a border the box could not be seen."""


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box. Positions and sizes of all drawn things are in points, y downwards, `x` and `y` top left.

    `role` says what it stands for (a renderer chooses the colour), `note` is text under the label, `size` and
    `note_size` say how large both are, and either may have several lines; `frame` is the key of the frame that it
    stands in. `layers` names the layers that it stands for, none where it stands for no work. One that is not
    `outlined` is a plain patch of colour, one that is `square` has no round corners.
    """

    key: str
    x: float
    y: float
    width: float
    height: float
    role: BoxRole
    label: str = ""
    note: str = ""
    tooltip: str = ""
    frame: str = ""
    size: float = 7.5
    note_size: float = 6.5
    dashed: bool = False
    layers: tuple[str, ...] = ()
    outlined: bool = True
    square: bool = False

    @property
    def is_patch(self) -> bool:
        """Whether it has neither a border nor round corners."""
        return self.role in ("rule", "bar") or (not self.outlined and self.role not in PALE)

    @property
    def centre(self) -> Point:
        """Middle of the box."""
        return (self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around boxes and other frames; `parent` is the key of the frame it stands in."""

    key: str
    x: float
    y: float
    width: float
    height: float
    role: FrameRole
    label: str = ""
    parent: str = ""
    tooltip: str = ""
    size: float = 7


@dataclass(frozen=True, slots=True)
class Path:
    """A line from one box to another through `points`, its corners rounded by `radius`."""

    tail: str
    head: str
    points: tuple[Point, ...]
    role: LineRole = "flow"
    tooltip: str = ""
    arrow: bool = True
    radius: float = 5


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of text that belongs to no box; `x` is its left end, middle or right end as `anchor` says."""

    text: str
    x: float
    y: float
    size: float = 7
    role: TextRole = "ink"
    bold: bool = False
    anchor: Anchor = "middle"


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing, fully placed; `scale` is how thick its lines are, as a multiple of the usual."""

    name: str
    width: float
    height: float
    boxes: tuple[Box, ...] = ()
    frames: tuple[Frame, ...] = ()
    paths: tuple[Path, ...] = ()
    captions: tuple[Caption, ...] = ()
    scale: float = 1.0

    @property
    def text_sizes(self) -> tuple[float, ...]:
        """The size of every text on it, in points."""
        boxes = ((box.label, box.size) for box in self.boxes)
        notes = ((box.note, box.note_size) for box in self.boxes)
        frames = ((frame.label, frame.size) for frame in self.frames)
        captions = ((caption.text, caption.size) for caption in self.captions)
        return tuple(size for texts in (boxes, notes, frames, captions) for text, size in texts if text)
