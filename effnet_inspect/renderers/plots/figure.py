"""A plot as a figure of Matplotlib: what stands where on its page, and with which strokes, marks and words.

All is placed in points, as diagrams are, and has their fonts and colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum, nan
from typing import TYPE_CHECKING, Any, NamedTuple

from effnet_inspect.drawing.canvas import MARGIN, broken_word, text_width, wrapped
from effnet_inspect.drawing.page import SMALLEST, TEXT, TITLE
from effnet_inspect.drawing.rows import spread
from effnet_inspect.plotting import Panel, Plot, Series, layers_of, limits, position, ticks
from effnet_inspect.renderers.palette import THEMES, Ground, Theme
from effnet_inspect.renderers.plots.colours import Stroke, strokes
from effnet_inspect.renderers.plots.labels import Label, Reach, Rectangle, nearest_to, place

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS_PER_INCH = 72
READING_WIDTH = 600.0
"""A page with a height that is wider than this is read from farther away: everything grows."""
LARGEST_GROWTH = 2.5
TWO_COLUMNS = 470.0
"""Width from which two panels stand side by side."""
LINE = 1.45
"""Height of a line of text, as a part of its size."""
LOWEST_PANEL = 105.0
APART = 1.1
"""At least between a point's name and marks and lines."""
BLANK = 0.5
"""Between words beside each other, as a part of their size."""
BASELINE = 0.35
"""From the middle of a line of text down to the line it stands on, as a part of its size."""


def build(plot: Plot, theme: Theme) -> Figure:
    """The figure as Matplotlib has it, to be drawn or measured."""
    return _Builder(plot, theme).build()


class _Cell(NamedTuple):
    """A panel's place: left and top of its axes from the figure's top left, their width and height.

    Below the lowest ones stands what the x axis is of, in lines.
    """

    left: float
    top: float
    width: float
    height: float
    x_title: Sequence[str]


class _Builder:
    """Places everything from the top down, in points; then turns lengths into Matplotlib's parts of a figure."""

    def __init__(self, plot: Plot, theme: Theme) -> None:
        self.plot = plot
        self.theme = theme
        page = plot.page
        self.growth = min(max(page.width / READING_WIDTH, 1.0), LARGEST_GROWTH) if page.height else 1.0
        self.width = page.width
        self.room = page.width - 2 * MARGIN
        self.ground: Ground = "dark" if theme is THEMES["dark"] else "light"
        layers = layers_of(plot.panels)
        self.strokes = dict(
            zip(plot.series, strokes(self.ground, [layers[title] for title in plot.series]), strict=True)
        )
        for panel in plot.panels:
            for series in panel.series:
                if series.published:
                    self.strokes[series.title] = Stroke(theme.faint)
        self.texts: list[tuple[float, float, str, float, str, bool, str]] = []
        self.leaders: list[tuple[tuple[float, float], tuple[float, float]]] = []
        self.keys: list[tuple[float, float, str]] = []

    def build(self) -> Figure:
        """The figure."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        y = self._heading()
        y = self._legend(y)
        cells, y = self._cells(y)
        y = self._notes(y)
        self.height = round(y + MARGIN)
        figure = Figure(figsize=(self.width / POINTS_PER_INCH, self.height / POINTS_PER_INCH), dpi=POINTS_PER_INCH)
        FigureCanvasAgg(figure)
        figure.patch.set_facecolor(self.theme.paper)
        for panel, cell in zip(self.plot.panels, cells, strict=True):
            self._panel(figure, panel, cell)
        self._write(figure)
        return figure

    def size(self, size: float) -> float:
        """A size of type on this page."""
        return size * self.growth

    def _text(
        self, x: float, y: float, text: str, size: float, role: str = "ink", bold: bool = False, anchor: str = "left"
    ) -> None:
        """A line of text whose middle is at `y`."""
        if text:
            self.texts.append((x, y, text, size, role, bold, anchor))

    def _heading(self) -> float:
        y = MARGIN
        title, text = self.size(TITLE), self.size(TEXT)
        for line in wrapped(self.plot.title.split(), self.room, title, bold=True):
            self._text(MARGIN, y + title * 0.6, line, title, bold=True)
            y += title * 1.3
        for line in wrapped(self.plot.facts.split(), self.room, text):
            self._text(MARGIN, y + text * 0.6, line, text, "faint")
            y += text * LINE
        return y + 4 * self.growth

    def _legend(self, y: float) -> float:
        """What each stroke is, in as many lines as that takes."""
        if not self.plot.needs_legend:
            return y
        size, key, x = self.size(TEXT), 16 * self.growth, MARGIN
        for title in self.plot.series:
            width = key + 4 * self.growth + text_width(title, size)
            if x > MARGIN and x + width > self.width - MARGIN:
                x, y = MARGIN, y + size * 1.6
            self.keys.append((x, y + size * 0.7, title))
            self._text(x + key + 4 * self.growth, y + size * 0.7, title, size)
            x += width + 12 * self.growth
        return y + size * 1.6 + 4 * self.growth

    def _cells(self, y: float) -> tuple[list[_Cell], float]:
        """The places of the panels, and where they end."""
        number, gap = len(self.plot.panels), 16 * self.growth
        columns = 2 if number > 1 and self.width / self.growth >= TWO_COLUMNS else 1
        lines = -(-number // columns)
        whole = (self.room + gap) / columns - gap
        x_titles = [wrapped(panel.x.title.split(), whole, self.size(SMALLEST)) for panel in self.plot.panels]
        above, below = self.size(TEXT) * 1.9, self.size(TEXT) * (2.2 + 1.35 * max(map(len, x_titles), default=0))
        height = self._panel_height(whole, y, lines, above + below)
        # Panels of one width have the same words on their x axes.
        beside = max((self._beside(panel, height) for panel in self.plot.panels), default=0.0)
        cells = []
        for index, panel in enumerate(self.plot.panels):
            left = MARGIN + index % columns * (whole + gap)
            top = y + index // columns * (height + above + below)
            self._text(left, top + self.size(TEXT) * 0.7, panel.title, self.size(TEXT), bold=True)
            x_title = x_titles[index] if index + columns >= number else []
            cells.append(_Cell(left + beside, top + above, whole - beside - 2 * self.growth, height, x_title))
        return cells, y + lines * (height + above + below)

    def _panel_height(self, width: float, y: float, lines: int, around: float) -> float:
        labels = sum(bool(point.label) for panel in self.plot.panels for each in panel.series for point in each.points)
        # Every name needs a field of its own.
        needed = labels * 2200 * self.growth**2 / width if labels else 0
        height = max(width * 0.52, LOWEST_PANEL * self.growth, needed)
        most = self.plot.page.most
        if most is None:
            return height
        notes = len(list(self._note_lines())) * self.size(SMALLEST) * LINE + 2 * MARGIN
        return max(min(height, (most - y - notes) / lines - around), LOWEST_PANEL)

    def _beside(self, panel: Panel, height: float) -> float:
        """Room for what the y axis says."""
        widths = [text_width(text, self.size(SMALLEST)) for _, text in self._y_ticks(panel, height)]
        return max(widths, default=0) + 5 * self.growth

    def _y_ticks(self, panel: Panel, height: float) -> list[tuple[float, str]]:
        most, ends = max(int(height / (self.size(SMALLEST) * 4)), 2), _ends(panel)[1]
        shown = ticks(panel.y, ends, most)
        # Two leave most of an axis without a value to read.
        return shown if len(shown) > 2 else ticks(panel.y, ends, most + most // 2)

    def _note_lines(self) -> Iterator[str]:
        size = self.size(SMALLEST)
        for note in self.plot.notes:
            words = (part for word in note.split() for part in broken_word(word, self.room, size, most=None))
            yield from wrapped(list(words), self.room, size)

    def _notes(self, y: float) -> float:
        size = self.size(SMALLEST)
        for line in self._note_lines():
            self._text(MARGIN, y + size * 0.6, line, size, "faint")
            y += size * LINE
        return y

    def _panel(self, figure: Figure, panel: Panel, cell: _Cell) -> None:
        bottom = self.height - cell.top - cell.height
        axes = figure.add_axes(
            (cell.left / self.width, bottom / self.height, cell.width / self.width, cell.height / self.height)
        )
        axes.set_gid(panel.title)
        axes.patch.set_facecolor("none")
        x_ends, y_ends = _ends(panel)
        for axis, scale, set_ends in (
            (panel.x, axes.set_xscale, axes.set_xlim),
            (panel.y, axes.set_yscale, axes.set_ylim),
        ):
            scale("log" if axis.log else "linear")
            set_ends(*(x_ends if axis is panel.x else y_ends))
        self._rulers(axes, panel, cell)
        for series in panel.series:
            self._series(axes, series, len(panel.series) == 1)
        self._labels(axes, panel, cell)

    def _rulers(self, axes: Axes, panel: Panel, cell: _Cell) -> None:
        """Ticks and their words, which are written with all others so that they can be placed and measured alike."""
        theme, small = self.theme, self.size(SMALLEST)
        x_ends, y_ends = _ends(panel)
        axes.minorticks_off()
        across = self._x_ticks(panel, cell.width)
        up = self._y_ticks(panel, cell.height)
        axes.set_xticks([value for value, _ in across], labels=[""] * len(across))
        axes.set_yticks([value for value, _ in up], labels=[""] * len(up))
        axes.minorticks_off()
        axes.tick_params(length=0 if panel.borders else 2.5 * self.growth, width=0.6 * self.growth, color=theme.line)
        axes.tick_params(axis="y", length=0)
        axes.grid(True, axis="y", color=theme.fill("rule"), linewidth=0.5 * self.growth)
        axes.set_axisbelow(True)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(theme.line)
            spine.set_linewidth(0.7 * self.growth)
        for border in panel.borders:
            axes.axvline(border, color=theme.fill("rule"), linewidth=0.5 * self.growth, zorder=0.5)
        end = cell.top + cell.height
        for (value, text), x in zip(across, self._middles(panel, cell, across), strict=True):
            self._text(x, end + small * (1.4 if panel.x.marks else 1.05), text, small, "faint", anchor="center")
            belongs = cell.left + position(panel.x, x_ends, value) * cell.width
            if abs(x - belongs) > text_width(text, small) / 2:
                self.leaders.append(((belongs, end), (x, end + small * 0.8)))
        for value, text in up:
            y = end - position(panel.y, y_ends, value) * cell.height
            self._text(cell.left - 4 * self.growth, y, text, small, "faint", anchor="right")
        for number, words in enumerate(cell.x_title):
            half = text_width(words, small) / 2
            x = min(cell.left + cell.width / 2, cell.left + cell.width - half)
            self._text(x, end + small * (2.7 + 1.35 * number), words, small, anchor="center")

    def _x_ticks(self, panel: Panel, width: float) -> list[tuple[float, str]]:
        """As many as there is room for."""
        small, ends = self.size(SMALLEST), _ends(panel)[0]
        shown: list[tuple[float, str]] = []
        for most in range(max(int(width / (small * 2)), 2), 1, -1):
            shown = ticks(panel.x, ends, most)
            if panel.x.marks or _are_apart(shown, panel, ends, width, small):
                break
        room = width + small * BLANK
        while panel.x.marks and fsum(text_width(text, small) + small * BLANK for _, text in shown) > room:
            shown = shown[::2]
        return shown

    def _middles(self, panel: Panel, cell: _Cell, shown: Sequence[tuple[float, str]]) -> list[float]:
        """Where the words of ticks have their middles, none on another."""
        small, ends = self.size(SMALLEST), _ends(panel)[0]
        middles = [position(panel.x, ends, value) * cell.width for value, _ in shown]
        widths = [text_width(text, small) for _, text in shown]
        return [cell.left + x for x in spread(middles, widths, cell.width, small * BLANK)]

    def _series(self, axes: Axes, series: Series, alone: bool) -> None:
        stroke = self.strokes[series.title]
        xs, ys = [point.x for point in series.points], [point.y for point in series.points]
        width = stroke.width * self.growth
        if series.style == "steps":
            # Every place is one wide, with its value all along.
            across, up = [], []
            for run in series.runs:
                across += [nan, *(edge for point in run for edge in (point.x - 0.5, point.x + 0.5))]
                up += [nan, *(point.y for point in run for _ in range(2))]
            across, up = across[1:], up[1:]
            if alone:
                floor = axes.get_ylim()[0]
                axes.fill_between(across, up, floor, color=stroke.colour, alpha=0.2, linewidth=0)
            axes.plot(
                across,
                up,
                color=stroke.colour,
                linewidth=width,
                gid=series.title,
                solid_joinstyle="miter",
                **_dashes(stroke),
            )
            return
        axes.plot(
            xs,
            ys,
            color=stroke.colour,
            linestyle="-" if series.style == "line" else "none",
            linewidth=width,
            marker="o",
            markersize=self._mark() * 2,
            markerfacecolor=self.theme.paper if series.published else stroke.colour,
            markeredgewidth=0.9 * self.growth,
            gid=series.title,
            clip_on=False,
            **_dashes(stroke),
        )

    def _mark(self) -> float:
        return 2.2 * self.growth

    def _labels(self, axes: Axes, panel: Panel, cell: _Cell) -> None:
        """The names of points, none on another, on a mark or a line, or out of the panel; rulers end before them."""
        x_ends, y_ends = _ends(panel)
        size, apart = self.size(SMALLEST), APART * self.growth
        mark = self._mark() + 0.45 * self.growth + apart

        def at(x: float, y: float) -> tuple[float, float]:
            return (
                cell.left + position(panel.x, x_ends, x) * cell.width,
                cell.top + (1 - position(panel.y, y_ends, y)) * cell.height,
            )

        labels, roles, marks, lines = [], [], [], []
        for series in panel.series:
            spots = [at(point.x, point.y) for point in series.points]
            if series.style == "line":
                lines += list(pairwise(spots))
            for point, (x, y) in zip(series.points, spots, strict=True):
                if point.label:
                    marks.append(Rectangle(x - mark, y - mark, x + mark, y + mark))
                    labels.append(Label((x, y), text_width(point.label, size, bold=not series.published), size * 1.1))
                    roles.append((point.label, series))
        area = Rectangle(cell.left, cell.top - size * 0.3, cell.left + cell.width, cell.top + cell.height - size * 0.2)
        reach = Reach(mark, 60 * self.growth, 2.5 * self.growth, clear=apart)
        for label, (words, series), spot in zip(labels, roles, place(labels, marks, lines, area, reach), strict=True):
            if spot is None:
                continue
            x, y = label.point
            self._clear(axes, spot)
            middle = (spot.bottom + spot.top) / 2
            anchor = "left" if spot.left > x else "right" if spot.right < x else "center"
            where = {"left": spot.left, "right": spot.right, "center": (spot.left + spot.right) / 2}[anchor]
            self._text(where, middle, words, size, "faint" if series.published else "ink", not series.published, anchor)
            end = nearest_to(label.point, spot)
            if abs(end[0] - x) + abs(end[1] - y) > 2 * mark:
                self.leaders.append((label.point, end))

    def _clear(self, axes: Axes, spot: Rectangle) -> None:
        """Paper under a name, upon the rulers and below the lines."""
        from matplotlib.patches import Rectangle as Patch

        left, top = spot.left / self.width, 1 - spot.top / self.height
        width, height = (spot.right - spot.left) / self.width, (spot.top - spot.bottom) / self.height
        axes.add_patch(
            Patch(
                (left, top), width, height, transform=axes.figure.transFigure, facecolor=self.theme.paper,
                linewidth=0, zorder=1, clip_on=False,
            )
        )  # fmt: skip

    def _write(self, figure: Figure) -> None:
        """What is placed: words, the legend's keys, and lines from points to their names."""
        from matplotlib.lines import Line2D

        def parts(x: float, y: float) -> tuple[float, float]:
            return x / self.width, 1 - y / self.height

        for start, end in self.leaders:
            (x1, y1), (x2, y2) = parts(*start), parts(*end)
            figure.add_artist(
                Line2D([x1, x2], [y1, y2], color=self.theme.fill("rule"), linewidth=0.5 * self.growth, zorder=0.4)
            )
        published = {each.title for panel in self.plot.panels for each in panel.series if each.published}
        marked = {each.title for panel in self.plot.panels for each in panel.series if each.style != "steps"}
        lined = {each.title for panel in self.plot.panels for each in panel.series if each.style != "marks"}
        for x, y, title in self.keys:
            stroke, width = self.strokes[title], 16 * self.growth
            (x1, y1), (x2, _), (middle, _) = parts(x, y), parts(x + width, y), parts(x + width / 2, y)
            if title in lined:
                figure.add_artist(
                    Line2D(
                        [x1, x2], [y1, y1], color=stroke.colour, linewidth=stroke.width * self.growth, **_dashes(stroke)
                    )
                )
            if title in marked:
                figure.add_artist(
                    Line2D(
                        [middle],
                        [y1],
                        color=stroke.colour,
                        marker="o",
                        markersize=self._mark() * 2,
                        linestyle="none",
                        markerfacecolor=self.theme.paper if title in published else stroke.colour,
                        markeredgewidth=0.9 * self.growth,
                    )
                )
        for x, y, text, size, role, bold, anchor in self.texts:
            figure.text(
                *parts(x, y + size * BASELINE),
                text,
                fontsize=size,
                color=self.theme.text(role),  # type: ignore[arg-type]
                fontweight="bold" if bold else "normal",
                ha=anchor,
                va="baseline",
            )


def _dashes(stroke: Stroke) -> dict[str, Any]:
    return {"dashes": stroke.dashes} if stroke.dashes else {}


def _ends(panel: Panel) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both axes' ends; steps reach half a place farther."""
    points = [point for series in panel.series for point in series.points]
    y_ends = limits(panel.y, (point.y for point in points))
    if any(series.style == "steps" for series in panel.series):
        return (min(point.x for point in points) - 0.5, max(point.x for point in points) + 0.5), y_ends
    return limits(panel.x, (point.x for point in points)), y_ends


def _are_apart(
    shown: Sequence[tuple[float, str]], panel: Panel, ends: tuple[float, float], width: float, size: float
) -> bool:
    """Whether the words of ticks beside each other have a blank between them."""
    spans = []
    for value, text in shown:
        half = text_width(text, size) / 2
        middle = min(max(position(panel.x, ends, value) * width, half), width - half)
        spans.append((middle - half, middle + half))
    return all(one[1] + size * BLANK <= other[0] for one, other in pairwise(spans))
