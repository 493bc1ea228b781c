"""What each sub-block costs, as bars along the depth of the network."""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.drawing.canvas import text_width
from effnet_inspect.formatting import format_value
from effnet_inspect.webpage import WebPage

WIDTH = 1000
TOP = 20
HEIGHT = 64
"""Of the highest bar."""
TICK = 10.0
"""Size of the words under the bars."""


class Bar(NamedTuple):
    """A bar, and the part that it is of."""

    anchor: str
    role: str
    title: str
    x: str
    y: str
    width: str
    height: str


class Tick(NamedTuple):
    """A word under the bars."""

    x: str
    text: str


class ChartRow(NamedTuple):
    """The bars of one measure, by network."""

    title: str
    largest: str
    models: tuple[tuple[Bar, ...], ...]
    ticks: tuple[Tick, ...]
    base: int = TOP + HEIGHT
    height: int = TOP + HEIGHT + 24


def charts_of(page: WebPage) -> list[ChartRow]:
    """A row of bars for every measure; all networks have one scale."""
    return [_row(page, at) for at in range(len(page.measures))]


def _row(page: WebPage, at: int) -> ChartRow:
    steps = [page.parts[number] for number in page.steps]
    room = WIDTH / max(len(steps), 1)
    each = room * 0.86 / len(page.models)
    amounts = [[cell.amounts[at] or 0 if cell else 0 for cell in part.cells] for part in steps]
    largest = max((amount for row in amounts for amount in row), default=0)
    models = []
    for model, head in enumerate(page.models):
        bars = []
        for index, part in enumerate(steps):
            cell, amount = part.cells[model], amounts[index][model]
            if cell and amount:
                height = HEIGHT * amount / largest
                which = f"{head.title}, " if len(page.models) > 1 else ""
                title = f"{which}{cell.title}: {amount:,} {page.measures[at]}"
                x = index * room + room * 0.07 + model * each
                where = (f"{number:.2f}" for number in (x, TOP + HEIGHT - height, each, height))
                bars.append(Bar(part.anchor, part.role, title, *where))
        models.append(tuple(bars))
    return ChartRow(page.measures[at], format_value(largest, "quantity"), tuple(models), tuple(_ticks(page, room)))


def _ticks(page: WebPage, room: float) -> list[Tick]:
    """The stages, in the middle of their sub-blocks."""
    spans: dict[int, list[int]] = {}
    for index, number in enumerate(page.steps):
        parent = page.parts[number].parent
        spans.setdefault(number if parent is None else parent, []).append(index)
    return [
        Tick(f"{(own[0] + own[-1] + 1) / 2 * room:.1f}", _short(page.parts[number].title, len(own) * room))
        for number, own in spans.items()
    ]


def _short(title: str, room: float) -> str:
    """The title, its number where it is that of a block, or its first word; nothing where there is no room."""
    words = title.split()
    shorter = (title, words[-1] if words[0] == "Block" else words[0])
    return next((each for each in shorter if text_width(each, TICK) < room), "")
