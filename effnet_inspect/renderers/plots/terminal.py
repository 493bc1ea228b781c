"""Plots as text: dots of braille for lines, a sign of its own for each series, and names beside points.

Without colour the signs tell the series apart; with it the colours do, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from plotille import Canvas

from effnet_inspect.drawing.rows import spread
from effnet_inspect.plotting import Axis, Panel, Plot, limits, position, ticks
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.plots.labels import Label, Reach, Rectangle, place

USUAL_WIDTH = 100
"""Of a plot in a pipe."""
NARROWEST, WIDEST = 40, 140
HEIGHT = 22
"""Lines of a panel that stands alone, without its axis; of several each has LOW."""
LOW = 14
SIGNS = "●◆■▲▼○◇□△▽"
PUBLISHED = "·"
COLOURS = (94, 91, 96, 95, 92, 93)
"""Bright ones, as terminals number them."""
GUTTER = 2
DOTS_ACROSS, DOTS_UP = 2, 4
"""Of a letter of braille."""
BLANK = "\u2800"
"""A letter of braille without dots, which some fonts draw as empty circles."""
EACH = 6
"""How many places of a network have one sign: others' signs and the dots between them are seen, too."""


def render(plot: Plot, options: Options) -> str:
    """Text as wide as the terminal, or USUAL_WIDTH; without colours it has no control codes."""
    width = min(max(options.width or USUAL_WIDTH, NARROWEST), WIDEST)
    lines = [plot.title, *([plot.facts] if plot.facts else [])]
    signs = _signs(plot)
    if plot.needs_legend:
        lines += ["", *_in_lines([f"{sign} {title}" for title, sign in signs.items()], width)]
    height = HEIGHT if len(plot.panels) == 1 else LOW
    # Panels of one width have the same words on their x axes.
    gutter = max(len(text) for panel in plot.panels for _, text in _up(panel, height)) + GUTTER
    for panel in plot.panels:
        lines += ["", panel.title, *_panel(panel, plot, signs, (width, height, gutter), options.colour)]
    for note in plot.notes:
        lines += ["", *_in_lines(note.split(), width, " ")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _signs(plot: Plot) -> dict[str, str]:
    published = {series.title for panel in plot.panels for series in panel.series if series.published}
    own = [title for title in plot.series if title not in published]
    return {title: PUBLISHED if title in published else SIGNS[own.index(title) % len(SIGNS)] for title in plot.series}


def _in_lines(pieces: Sequence[str], width: int, between: str = "   ") -> list[str]:
    """Pieces in as few lines as they fit."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(between) + len(piece) <= width:
            lines[-1] += between + piece
        else:
            lines.append(piece)
    return lines


def _up(panel: Panel, height: int) -> list[tuple[float, str]]:
    """The ticks of the y axis."""
    return ticks(panel.y, limits(panel.y, (each.y for series in panel.series for each in series.points)), height // 3)


def _panel(panel: Panel, plot: Plot, signs: dict[str, str], size: tuple[int, int, int], coloured: bool) -> list[str]:
    width, height, gutter = size
    points = [point for series in panel.series for point in series.points]
    x_ends, y_ends = limits(panel.x, (each.x for each in points)), limits(panel.y, (each.y for each in points))
    across = width - gutter
    grid = _Grid(across, height)
    labels: list[Label] = []
    names: list[tuple[str, int | None]] = []
    marks: list[Rectangle] = []
    signed: list[tuple[str, list[tuple[int, int]], int, int | None]] = []
    for series in panel.series:
        colour = None if series.published else COLOURS[plot.series.index(series.title) % len(COLOURS)]
        spots = [(position(panel.x, x_ends, each.x), position(panel.y, y_ends, each.y)) for each in series.points]
        if series.style != "marks":
            for run in series.runs:
                through = [(position(panel.x, x_ends, each.x), position(panel.y, y_ends, each.y)) for each in run]
                grid.draw(through if len(through) > 1 else through * 2, colour)
        for point, spot in zip(series.points, spots, strict=True):
            if point.label:
                at, line = grid.cell(*spot)
                marks.append(Rectangle(at, line, at + 1, line + 1))
                labels.append(Label((at + 0.5, line + 0.5), len(point.label), 1))
                names.append((point.label, colour))
        if series.style != "steps" or plot.needs_legend:
            each = EACH if series.style == "steps" else 1
            signed.append((signs[series.title], [grid.cell(*spot) for spot in spots], each, colour))
    _write_signs(grid, signed)
    area = Rectangle(0, 0, across, height)
    for (text, colour), free in zip(names, place(labels, marks, (), area, Reach(1.0, 12, 0.5, 8)), strict=True):
        if free is not None:
            grid.write(text, int(free.left), int(free.bottom), colour)
    rows = _with_ruler(grid.rows(coloured), _up(panel, height), panel.y, y_ends, gutter, height)
    return [*rows, *_axis(panel, x_ends, gutter, across)]


def _write_signs(grid: _Grid, signed: Sequence[tuple[str, list[tuple[int, int]], int, int | None]]) -> None:
    """A sign at each of so many places of a series, on the lines of all and on no other sign."""
    taken: set[tuple[int, int]] = set()
    for number, (sign, cells, each, colour) in enumerate(signed):
        since = each - 1 - number % each
        for cell in cells:
            since += 1
            if since >= each and cell not in taken:
                grid.write(sign, *cell, colour)
                taken.add(cell)
                since = 0


class _Grid:
    """Letters in rows, the lowest first, each with its colour; of two lines in a cell both have their dots."""

    def __init__(self, across: int, height: int) -> None:
        self.across, self.height = across, height
        self.cells: list[list[tuple[str, int | None]]] = [[(BLANK, None)] * across for _ in range(height)]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Column and row of a place that is given as parts of the panel."""
        column = round(x * self.across * DOTS_ACROSS) // DOTS_ACROSS
        row = round(y * self.height * DOTS_UP) // DOTS_UP
        return min(column, self.across - 1), min(row, self.height - 1)

    def draw(self, spots: Sequence[tuple[float, float]], colour: int | None) -> None:
        """A line through places."""
        canvas = Canvas(self.across, self.height)
        for start, end in pairwise(spots):
            canvas.line(*start, *end)
        for cells, line in zip(reversed(self.cells), canvas.plot().split("\n"), strict=True):
            for at, letter in enumerate(line):
                if letter != BLANK:
                    cells[at] = (chr(ord(cells[at][0]) | ord(letter)), colour)

    def write(self, text: str, at: int, row: int, colour: int | None) -> None:
        """Letters from a column on."""
        for column, letter in enumerate(text[: self.across - at], start=at):
            self.cells[row][column] = (letter, colour)

    def rows(self, coloured: bool) -> list[str]:
        """The rows, the highest first."""
        return ["".join(_coloured(cells, coloured)) for cells in reversed(self.cells)]


def _coloured(cells: Sequence[tuple[str, int | None]], coloured: bool) -> Iterator[str]:
    for colour, group in groupby(cells, key=lambda cell: cell[1]):
        text = "".join(letter for letter, _ in group).replace(BLANK, " ")
        yield f"\x1b[{colour}m{text}\x1b[0m" if coloured and colour else text


def _with_ruler(
    rows: list[str], up: list[tuple[float, str]], axis: Axis, ends: tuple[float, float], gutter: int, height: int
) -> list[str]:
    """The rows of the canvas, the first on top, each behind its tick."""
    texts = {min(int(position(axis, ends, value) * height), height - 1): text for value, text in up}
    rulers = [texts.get(height - 1 - number, "") for number in range(height)]
    return [f"{text:>{gutter - GUTTER}} {'┤' if text else '│'}{line}" for text, line in zip(rulers, rows, strict=True)]


def _axis(panel: Panel, ends: tuple[float, float], gutter: int, across: int) -> list[str]:
    """The line below a panel, its ticks, and what it is of."""
    line, texts = ["─"] * across, [" "] * across
    shown = ticks(panel.x, ends, across // 9)
    while panel.x.marks and sum(len(text) + 1 for _, text in shown) > across + 1:
        shown = shown[::2]
    places = [position(panel.x, ends, value) * across for value, _ in shown]
    middles = spread(places, [len(text) for _, text in shown], across, 1) if panel.x.marks else places
    for at, middle, (_, text) in zip(places, middles, shown, strict=True):
        start = min(max(int(middle) - len(text) // 2, 0), across - len(text))
        if all(letter == " " for letter in texts[max(start - 1, 0) : start + len(text) + 1]):
            line[min(int(at), across - 1)] = "┬"
            texts[start : start + len(text)] = text
    below = [" " * gutter + line.center(across) for line in _in_lines(panel.x.title.split(), across, " ")]
    return [f"{' ' * (gutter - 1)}└{''.join(line)}", " " * gutter + "".join(texts), *below]
