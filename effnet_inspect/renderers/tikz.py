"""A placed diagram as a TikZ picture: in a paper, with its fonts, or a page of its own. Needs no TikZ library.

`x` and `y` of the picture are the diagram's points, y downwards, so that what is drawn can be found again in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame, FrameRole, LineRole, Path, Point, TextRole
from effnet_inspect.drawing.captions import frame_caption, label_captions, note_captions
from effnet_inspect.drawing.curves import rounded, towards
from effnet_inspect.errors import RenderError
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.dot import ARROW_LENGTH, BORDERS, OUTLINE, WEIGHTS
from effnet_inspect.renderers.palette import Theme, theme_named
from effnet_inspect.renderers.tex import escaped

LONGEST_SIDE = 14_400
"""Of a page in a PDF, in points; TeX itself reckons to a little more."""
CORNER = 3.0
"""Radius of a box's corners, as Graphviz has it."""
ARROW_WIDTH = 0.7 * ARROW_LENGTH
BASELINE = 0.33
"""From the middle of a line of text down to the line it stands on, as a part of its size."""
LEADING = 1.2

OPENING = r"""%% In a paper: \usepackage{tikz}, and \input this file where the figure is to stand. Alone it is a page.
\ifx\tikzpicture\undefined
  \documentclass{article}
  \usepackage[T1]{fontenc}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{\usepackage{fix-cm}}
  \usepackage{tikz}
  \usepackage[paperwidth=%(width)sbp,paperheight=%(height)sbp,margin=0pt]{geometry}
  \pagestyle{empty}\setlength{\parindent}{0pt}\setlength{\topskip}{0pt}
  \def\figureends{\end{document}}
  \begin{document}
\else
  \def\figureends{}
\fi
"""
CLOSING = r"\figureends"


def render(diagram: Diagram, options: Options) -> str:
    """A file that LaTeX takes as a figure of a paper, and alone.

    Raises:
        RenderError: where it is larger than TeX can reckon.
    """
    if max(diagram.width, diagram.height) > LONGEST_SIDE:
        raise RenderError(
            f"{diagram.name} is {diagram.width:,.0f}×{diagram.height:,.0f} points, and TeX draws {LONGEST_SIDE:,} on a "
            "side at most; write SVG, or draw less"
        )
    painter = _Painter(diagram, theme_named(options.theme))
    drawn = [*painter.frames(), *painter.paths(), *painter.boxes(), *painter.texts()]
    opening = OPENING % {"width": _number(diagram.width), "height": _number(diagram.height)}
    return "\n".join(
        [
            opening + r"\begin{tikzpicture}[x=1bp,y=-1bp]",
            *painter.preamble(),
            *drawn,
            r"\end{tikzpicture}%",
            CLOSING,
            "",
        ]
    )


class _Painter:
    """Lines of TikZ; which colours and styles they need is known when all are made."""

    def __init__(self, diagram: Diagram, theme: Theme) -> None:
        self.diagram = diagram
        self.theme = theme
        self.colours: dict[str, str] = {}
        self.fonts: dict[str, str] = {}

    def preamble(self) -> Iterator[str]:
        """The sheet, the colours and the sizes of type that are in use."""
        diagram = self.diagram
        for name, colour in self.colours.items():
            yield rf"\definecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}"
        yield r"\tikzset{every node/.style={inner sep=0pt,outer sep=0pt}}"
        yield rf"\tikzset{{outline/.style={{line width={self.width(OUTLINE)}}}}}"
        for name, font in self.fonts.items():
            yield rf"\tikzset{{{name}/.style={{font={font}}}}}"
        sheet = f"(0,0) rectangle {_at((diagram.width, diagram.height))};"
        yield rf"\useasboundingbox {sheet}"
        if self.theme.paper != "#ffffff":
            yield rf"\definecolor{{paper}}{{HTML}}{{{self.theme.paper[1:].upper()}}}\fill[paper] {sheet}"

    def frames(self) -> Iterator[str]:
        """The frames, the outer ones first."""
        inside: dict[str, list[Frame]] = {}
        for frame in self.diagram.frames:
            inside.setdefault(frame.parent, []).append(frame)
        waiting = list(inside.get("", ()))
        while waiting:
            frame = waiting.pop(0)
            waiting += inside.get(frame.key, ())
            border = self.colour(f"{frame.role} border", self.theme.border(frame.role))
            fill = "" if frame.role == "bracket" else f"fill={self.filled(frame.role)},"
            style = f"{fill}draw={border},line width={self.width(BORDERS[frame.role])},{self.corners(frame)}"
            yield rf"\path[{style}] {_rectangle(frame)};"

    def paths(self) -> Iterator[str]:
        """The lines, each with its arrow's head."""
        for path in self.diagram.paths:
            yield from self._path(path)

    def _path(self, path: Path) -> Iterator[str]:
        colour, points = self.stroke(path.role), list(path.points)
        tip, length = points[-1], ARROW_LENGTH * self.diagram.scale
        if path.arrow:
            points[-1] = towards(tip, points[-2], length)
        dashes = ",dashed" if path.role == "tap" else ""
        first, *rest = rounded(points, path.radius)
        line = _at(first)
        for one, two, end in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            line += (
                f" .. controls {_at(one)} and {_at(two)} .. {_at(end)}"
                if _bends(first, one, two, end)
                else (f" -- {_at(end)}")
            )
            first = end
        yield rf"\draw[{colour},line width={self.width(WEIGHTS[path.role])}{dashes}] {line};"
        if path.arrow:
            (x, y), half = points[-1], ARROW_WIDTH * self.diagram.scale / 2
            across = ((y - tip[1]) / length * half, (tip[0] - x) / length * half)
            sides = (_at((x + across[0], y + across[1])), _at((x - across[0], y - across[1])))
            yield rf"\fill[{colour}] {_at(tip)} -- {sides[0]} -- {sides[1]} -- cycle;"

    def boxes(self) -> Iterator[str]:
        """The boxes without their words."""
        for box in self.diagram.boxes:
            fill = self.filled(box.role)
            if box.is_patch:
                yield rf"\fill[{fill}] {_rectangle(box)};"
                continue
            border = self.colour("border", self.theme.comparable)
            dashes = ",dashed" if box.dashed else ""
            corners = "" if box.square else f",{self.corners(box)}"
            yield rf"\path[fill={fill},draw={border},outline{corners}{dashes}] {_rectangle(box)};"

    def texts(self) -> Iterator[str]:
        """All words."""
        for frame in self.diagram.frames:
            yield from self._text(frame_caption(frame))
        for box in self.diagram.boxes:
            for caption in (*label_captions(box), *note_captions(box)):
                yield from self._text(caption)
        for caption in self.diagram.captions:
            yield from self._text(caption)

    def _text(self, caption: Caption) -> Iterator[str]:
        if not caption.text.strip():
            return
        name = f"{'bold' if caption.bold else 'text'} {_number(caption.size)}".replace(".", "-")
        size, leading = _number(caption.size), _number(caption.size * LEADING)
        weight = r"\bfseries" if caption.bold else ""
        self.fonts[name] = rf"\fontsize{{{size}bp}}{{{leading}bp}}\selectfont{weight}"
        anchor = {"left": "base west", "middle": "base", "right": "base east"}[caption.anchor]
        at = _at((caption.x, caption.y + caption.size * BASELINE))
        colour = self.colour(caption.role, self.theme.text(caption.role))
        words = escaped(" ".join(caption.text.split()))
        yield rf"\node[{colour},{name},anchor={anchor}] at {at} {{{words}}};"

    def filled(self, role: BoxRole | FrameRole) -> str:
        """The name of a role's fill."""
        return self.colour(role, self.theme.fill(role))

    def stroke(self, role: LineRole) -> str:
        """The name of a line's colour."""
        return self.colour(role, self.theme.stroke(role))

    def colour(self, name: BoxRole | FrameRole | LineRole | TextRole | str, value: str) -> str:
        """The name that a colour gets in the picture."""
        name = f"network {name}"
        self.colours[name] = value
        return name

    def width(self, points: float) -> str:
        """How wide a line is drawn."""
        return f"{_number(points * self.diagram.scale)}bp"

    def corners(self, of: Box | Frame) -> str:
        """Corners as round as there is room for."""
        return f"rounded corners={_number(min(CORNER * self.diagram.scale, of.width / 3, of.height / 3))}bp"


def _bends(start: Point, one: Point, two: Point, end: Point) -> bool:
    """Whether a Bézier segment is none of a straight line."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    return any(abs((px - x) * dy - (py - y) * dx) > 0.01 for px, py in (one, two))


def _rectangle(of: Box | Frame) -> str:
    return f"{_at((of.x, of.y))} rectangle {_at((of.x + of.width, of.y + of.height))}"


def _at(point: Point) -> str:
    return f"({_number(point[0])},{_number(point[1])})"


def _number(value: float) -> str:
    """As TeX reads numbers: without an exponent."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
