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
]
"""What a box stands for; a renderer chooses its colour."""

FrameRole = Literal["frame", "inner-frame", "plain", "bracket"]
LineRole = Literal["flow", "skip"]
TextRole = Literal["ink", "faint", "accent"]
Anchor = Literal["left", "middle", "right"]


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box. Positions and sizes of all drawn things are in points, y downwards, `x` and `y` top left.

    `role` says what it stands for (a renderer chooses the colour), `note` is smaller text under the label,
    `frame` the key of the frame that it stands in.
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
    size: float = 12
    dashed: bool = False

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
    size: float = 11


@dataclass(frozen=True, slots=True)
class Path:
    """A line from one box to another through `points`, its corners rounded by `radius`."""

    tail: str
    head: str
    points: tuple[Point, ...]
    role: LineRole = "flow"
    tooltip: str = ""
    arrow: bool = True
    radius: float = 8


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of text that belongs to no box; `x` is its left end, middle or right end as `anchor` says."""

    text: str
    x: float
    y: float
    size: float = 10
    role: TextRole = "ink"
    bold: bool = False
    anchor: Anchor = "middle"


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing, fully placed."""

    name: str
    width: float
    height: float
    boxes: tuple[Box, ...] = ()
    frames: tuple[Frame, ...] = ()
    paths: tuple[Path, ...] = ()
    captions: tuple[Caption, ...] = ()
