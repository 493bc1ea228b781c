"""Plots as text: dots of braille for lines, a sign of its own for each series, and names beside points.

Without colour the signs tell the series apart; with it the colours do, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from plotille import Canvas

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
COLOURS = ("bright_blue", "bright_red", "bright_green", "bright_magenta", "bright_cyan", "bright_yellow")
GUTTER = 2
DOTS_ACROSS, DOTS_UP = 2, 4
"""Of a letter of braille."""
BLANK = "\u2800"
"""A letter of braille without dots, which some fonts draw as empty circles."""
EACH = 6
"""How many places of a network have one sign, so that the dots between the signs are seen."""


def render(plot: Plot, options: Options) -> str:
    """Text as wide as the terminal, or USUAL_WIDTH; without colours it has no control codes."""
    width = min(max(options.width or USUAL_WIDTH, NARROWEST), WIDEST)
    lines = [plot.title, *([plot.facts] if plot.facts else [])]
    signs = _signs(plot)
    if len(signs) > 1:
        lines += ["", *_in_lines([f"{sign} {title}" for title, sign in signs.items()], width)]
    for panel in plot.panels:
        height = HEIGHT if len(plot.panels) == 1 else LOW
        lines += ["", panel.title, *_panel(panel, plot, signs, width, height, options.colour)]
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


def _panel(panel: Panel, plot: Plot, signs: dict[str, str], width: int, height: int, coloured: bool) -> list[str]:
    points = [point for series in panel.series for point in series.points]
    x_ends, y_ends = limits(panel.x, (each.x for each in points)), limits(panel.y, (each.y for each in points))
    up = ticks(panel.y, y_ends, height // 3)
    gutter = max(len(text) for _, text in up) + GUTTER
    across = width - gutter
    canvas = Canvas(across, height, mode="names")

    def column(x: float) -> int:
        return min(round(position(panel.x, x_ends, x) * across * DOTS_ACROSS) // DOTS_ACROSS, across - 1)

    def row(y: float) -> int:
        return min(round(position(panel.y, y_ends, y) * height * DOTS_UP) // DOTS_UP, height - 1)

    def write(text: str, at: int, line: int, colour: str | None) -> None:
        canvas.text((at + 0.5) / across, (line + 0.5) / height, text, color=colour if coloured else None)

    labels: list[Label] = []
    names: list[tuple[str, str | None]] = []
    marks: list[Rectangle] = []
    for series in panel.series:
        colour = None if series.published else COLOURS[plot.series.index(series.title) % len(COLOURS)]
        spots = [(position(panel.x, x_ends, each.x), position(panel.y, y_ends, each.y)) for each in series.points]
        if series.style != "marks":
            for (x1, y1), (x2, y2) in pairwise(spots):
                canvas.line(x1, y1, x2, y2, color=colour if coloured else None)
        for point in series.points:
            at, line = column(point.x), row(point.y)
            if series.style != "steps":
                write(signs[series.title], at, line, colour)
            if point.label:
                marks.append(Rectangle(at, line, at + 1, line + 1))
                labels.append(Label((at + 0.5, line + 0.5), len(point.label), 1))
                names.append((point.label, colour))
        if series.style == "steps" and len(panel.series) > 1:
            for number, point in enumerate(series.points):
                if number % EACH == 0 or number == len(series.points) - 1:
                    write(signs[series.title], column(point.x), row(point.y), colour)
    area = Rectangle(0, 0, across, height)
    for (text, colour), spot in zip(names, place(labels, marks, (), area, Reach(1.0, 12, 0.5, 8)), strict=True):
        if spot is not None:
            write(text, int(spot.left), int(spot.bottom), colour)
    return [
        *_with_ruler(canvas.plot().replace(BLANK, " ").split("\n"), up, panel.y, y_ends, gutter, height),
        *_axis(panel, x_ends, gutter, across),
    ]


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
    for value, text in ticks(panel.x, ends, across // 9):
        at = min(int(position(panel.x, ends, value) * across), across - 1)
        start = min(max(at - len(text) // 2, 0), across - len(text))
        if all(letter == " " for letter in texts[max(start - 1, 0) : start + len(text) + 1]):
            line[at] = "┬"
            texts[start : start + len(text)] = text
    below = [" " * gutter + line.center(across) for line in _in_lines(panel.x.title.split(), across, " ")]
    return [f"{' ' * (gutter - 1)}└{''.join(line)}", " " * gutter + "".join(texts), *below]
