"""A placed diagram as DOT: every node, cluster and spline carries its position, to be painted by `neato -n2`."""

from __future__ import annotations

from graphviz import Digraph, nohtml
from graphviz.quoting import escape

from effnet_inspect.drawing import Box, Caption, Diagram, Frame, FrameRole, LineRole, Path, Point
from effnet_inspect.drawing.canvas import caption_extent
from effnet_inspect.drawing.captions import frame_caption, note_captions
from effnet_inspect.drawing.curves import rounded, towards
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.palette import Theme, theme_named

FONT = "Helvetica"
BOLD_FONT = "Helvetica-Bold"
POINTS_PER_INCH = 72
ARROW = 0.5
ARROW_LENGTH = 10 * ARROW
OUTLINE = 0.6
"""Width of a box's border, in points."""
BORDERS: dict[FrameRole, float] = {"frame": 0.5, "inner-frame": 0.5, "plain": 0.5, "bracket": 0.9}
"""Widths of frames' borders, in points."""
WEIGHTS: dict[LineRole, float] = {"flow": 1.2, "skip": 0.7, "tap": 0.7}
"""Widths of lines in points: what is added later is thinner than the way that all data go."""


def render(diagram: Diagram, options: Options) -> str:
    """DOT source; paint it with `neato -n2`, or with Graphviz' `nop2` engine."""
    return source(diagram, theme_named(options.theme))


def source(diagram: Diagram, theme: Theme) -> str:
    """DOT source in the colours of a theme."""
    graph = Digraph(_identifier(diagram.name))
    width, height = _number(diagram.width), _number(diagram.height)
    graph.attr(
        "graph",
        bb=f"0,0,{width},{height}",
        bgcolor=theme.paper,
        outputorder="edgesfirst",
        margin="0",
        pad="0",
        splines="true",
        tooltip=_tooltip(diagram.name),
    )
    graph.attr(
        "node",
        fixedsize="true",
        fontname=FONT,
        fontcolor=theme.ink,
        shape="box",
        style="filled,rounded",
        color=theme.comparable,
        penwidth=_number(OUTLINE * diagram.scale),
    )
    graph.attr("edge", arrowsize=_number(ARROW * diagram.scale))
    writer = _Writer(graph, diagram, theme)
    writer.frames()
    for box in diagram.boxes:
        if not box.frame:
            writer.box(graph, box)
    for index, caption in enumerate(diagram.captions):
        writer.caption(f"caption {index + 1}", caption)
    # The corners of the sheet: without them the engine would cut the sheet to what stands on it.
    for name, corner in (("top left", (0.0, 0.0)), ("bottom right", (diagram.width, diagram.height))):
        graph.node(
            writer.unused(name),
            label="",
            style="invis",
            shape="point",
            width="0",
            height="0",
            pos=writer.position(corner),
        )
    for path in diagram.paths:
        writer.path(path)
    return str(graph.source)


class _Writer:
    def __init__(self, graph: Digraph, diagram: Diagram, theme: Theme) -> None:
        self.graph = graph
        self.diagram = diagram
        self.theme = theme
        self.names = _node_names(diagram)
        self.taken = set(self.names.values())
        self.boxes: dict[str, list[Box]] = {}
        for box in diagram.boxes:
            self.boxes.setdefault(box.frame, []).append(box)
        self.inner: dict[str, list[Frame]] = {}
        for frame in diagram.frames:
            self.inner.setdefault(frame.parent, []).append(frame)

    def unused(self, name: str) -> str:
        """A name for a node that is no box, like this one, which no node has yet."""
        name = _distinct(name, self.taken)
        self.taken.add(name)
        return name

    def position(self, point: Point) -> str:
        return f"{_number(point[0])},{_number(self.diagram.height - point[1])}"

    def frames(self) -> None:
        for frame in self.inner.get("", ()):
            self._frame(self.graph, frame)

    def _frame(self, graph: Digraph, frame: Frame) -> None:
        bracket = frame.role == "bracket"
        right, bottom = frame.x + frame.width, frame.y + frame.height
        with graph.subgraph(name=_identifier(f"cluster {frame.key}")) as cluster:
            cluster.attr(
                "graph",
                bb=f"{self.position((frame.x, bottom))},{self.position((right, frame.y))}",
                style="rounded" if bracket else "filled,rounded",
                color=self.theme.border(frame.role),
                fillcolor="none" if bracket else self.theme.fill(frame.role),
                penwidth=_number(BORDERS[frame.role] * self.diagram.scale),
                tooltip=_tooltip(frame.tooltip or frame.label or frame.key),
                label="",
            )
            for box in self.boxes.get(frame.key, ()):
                self.box(cluster, box)
            for inner in self.inner.get(frame.key, ()):
                self._frame(cluster, inner)
        if frame.label:
            self.caption(f"{frame.key} label", frame_caption(frame), frame.tooltip)

    def box(self, graph: Digraph, box: Box) -> None:
        tooltip = _tooltip(box.tooltip or box.label)
        notes = note_captions(box)
        style = "filled" if box.is_patch or box.square else "filled,rounded"
        graph.node(
            self.names[box.key],
            # Empty lines lift the label to where it and its notes are centred together.
            label=_label(box.label, "\\n " * len(notes)),
            pos=self.position(box.centre),
            width=_inches(box.width),
            height=_inches(box.height),
            fontsize=_number(box.size),
            fontname=BOLD_FONT if notes else FONT,
            fillcolor=self.theme.fill(box.role),
            style=style + (",dashed" if box.dashed else ""),
            tooltip=tooltip,
            **({"penwidth": "0"} if box.is_patch else {}),
        )
        for index, caption in enumerate(notes):
            self.caption(f"{box.key} note {index + 1}", caption, box.tooltip, graph)

    def caption(self, name: str, caption: Caption, tooltip: str = "", graph: Digraph | None = None) -> None:
        left, top, right, bottom = caption_extent(caption)
        ends = {"left": "\\l", "middle": "", "right": "\\r"}
        (graph or self.graph).node(
            self.unused(name),
            label=_label(caption.text, ends[caption.anchor]),
            shape="plaintext",
            style="",
            fillcolor="none",
            margin="0",
            pos=self.position(((left + right) / 2, (top + bottom) / 2)),
            width=_inches(right - left),
            height=_inches(bottom - top),
            fontsize=_number(caption.size),
            fontname=BOLD_FONT if caption.bold else FONT,
            fontcolor=self.theme.text(caption.role),
            tooltip=_tooltip(tooltip or caption.text),
        )

    def path(self, path: Path) -> None:
        self.graph.edge(
            self.names[path.tail],
            self.names[path.head],
            pos=self._spline(path),
            color=self.theme.stroke(path.role),
            penwidth=_number(WEIGHTS[path.role] * self.diagram.scale),
            tooltip=_tooltip(path.tooltip or f"{path.tail} to {path.head}"),
            **({} if path.arrow else {"arrowhead": "none"}),
            **({"style": "dashed"} if path.role == "tap" else {}),
        )

    def _spline(self, path: Path) -> str:
        """Graphviz' `pos`: the arrow's tip, then the first point and three more for every Bézier segment."""
        points = list(path.points)
        tip = points[-1]
        if path.arrow:
            points[-1] = towards(tip, points[-2], ARROW_LENGTH * self.diagram.scale)
        curve = " ".join(self.position(point) for point in rounded(points, path.radius))
        return f"e,{self.position(tip)} {curve}" if path.arrow else curve


def _node_names(diagram: Diagram) -> dict[str, str]:
    """A node's name is its box's key, as far as DOT can have it as a name."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for box in diagram.boxes:
        names[box.key] = _distinct(box.key, taken)
        taken.add(names[box.key])
    return names


def _distinct(name: str, taken: set[str]) -> str:
    name = _identifier(name)
    while name in taken:
        name += " "
    return name


def _identifier(name: str) -> str:
    """The name without what DOT reads in one: ports, escapes, entities, HTML, and nodes without a name."""
    return name.translate(_NOT_IN_NAMES)


_NOT_IN_NAMES = str.maketrans({":": " ", "\\": "⧵", "<": "‹", ">": "›", "&": "＆", "%": "％", "\n": " "})


def _inches(points: float) -> str:
    return _number(points / POINTS_PER_INCH)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    """Text to be shown as it is: neither escapes, entities nor HTML, a line break as one."""
    literal: str = nohtml(escape(text.replace("&", "&amp;")).replace("\n", "&#10;"))
    return literal


def _tooltip(text: str) -> str:
    """Text of a tooltip, in which Graphviz replaces escapes twice."""
    return _escaped(text.replace("\\", "\\\\"))


def _label(text: str, end: str) -> str:
    """Lines of text and the line breaks after them. Graphviz 14.1 crashes where the first line is empty and ends."""
    lines = "\\n".join(map(_escaped, text.split("\n"))) or (" " if end else "")
    literal: str = nohtml(lines + end)
    return literal
