"""What a plot says: panels with axes, and series of points on them, free of colour and of any file format.

How values become positions is here, too, because every format has the same axes: their ends, their ticks, and how those
are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import ceil, floor, log10
from typing import Literal, NamedTuple

from effnet_inspect.document import Kind
from effnet_inspect.drawing.page import PAGES, Page
from effnet_inspect.formatting import format_rounded

Style = Literal["line", "marks", "steps"]
"""How the points of a series are joined: by a line with a mark at each, not at all, or as steps along whole numbers."""

EDGE = 0.04
"""What is left free between the outermost points and the ends of an axis, as a part of it."""


NEAR = 0.012
"""How far apart two values are that can be taken for each other, as a part of them and of their axis."""
MUCH = 0.25
"""The part of a series from which on it is drawn so that what it hides is seen."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: `kind` is how its values are written, `log` whether equal factors are equally long.

    One `from_zero` begins there; `marks` are the only ticks, where they are given: at what value, and what they say.
    """

    title: str
    kind: Kind = "count"
    log: bool = False
    from_zero: bool = False
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A point, with its name where it has one beside it."""

    x: float
    y: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together; those that are `published` were not counted from a graph."""

    title: str
    points: tuple[Point, ...]
    style: Style = "line"
    published: bool = False

    @property
    def runs(self) -> list[tuple[Point, ...]]:
        """The points that are joined, in order: steps are not across places that have no point.

        >>> [len(run) for run in Series("", (Point(0, 5), Point(1, 5), Point(3, 5)), "steps").runs]
        [2, 1]
        """
        if self.style != "steps":
            return [self.points]
        ends = [at for at, (one, other) in enumerate(pairwise(self.points), 1) if other.x - one.x > 1]
        return [self.points[start:end] for start, end in pairwise((0, *ends, len(self.points)))]


@dataclass(frozen=True, slots=True)
class Panel:
    """Series on one pair of axes; `borders` are where on the x axis a part of the network ends."""

    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    borders: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot for a page: panels that share their series, a line of facts above them, and notes below."""

    title: str
    panels: tuple[Panel, ...]
    facts: str = ""
    notes: tuple[str, ...] = ()
    page: Page = PAGES["screen"]

    @property
    def series(self) -> tuple[str, ...]:
        """The titles of all series, each once: the place of a title is its colour."""
        return tuple(dict.fromkeys(each.title for panel in self.panels for each in panel.series))

    @property
    def needs_legend(self) -> bool:
        """Whether the title does not say what the lines are."""
        return len(self.series) > 1 or any(title not in self.title for title in self.series)


def with_equal_joined(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """The panels with series in one that are the same in every panel, and would hide each other.

    >>> one = Series("B0", (Point(1, 2),)), Series("copy", (Point(1, 2),)), Series("B1", (Point(1, 3),))
    >>> [each.title for each in with_equal_joined([Panel("", Axis("x"), Axis("y"), one)])[0].series]
    ['B0 = copy', 'B1']
    """
    drawn: dict[str, list[object]] = {}
    for number, panel in enumerate(panels):
        for series in panel.series:
            drawn.setdefault(series.title, []).append((number, replace(series, title="")))
    names: dict[tuple[object, ...], list[str]] = {}
    for title, found in drawn.items():
        names.setdefault(tuple(found), []).append(title)
    joined = {members[0]: " = ".join(members) for members in names.values()}
    return tuple(
        replace(
            panel,
            series=tuple(replace(each, title=joined[each.title]) for each in panel.series if each.title in joined),
        )
        for panel in panels
    )


class Layers(NamedTuple):
    """How many series lie below one, each upon the next, and how many above it."""

    below: int = 0
    above: int = 0


def layers_of(panels: Sequence[Panel]) -> dict[str, Layers]:
    """Which series would hide each other, by their titles.

    A series lies upon an earlier one where a quarter of its points, in any panel, are on points of that.
    """
    pairs: set[tuple[str, str]] = set()
    for panel in panels:
        ends = limits(panel.y, (point.y for series in panel.series for point in series.points))
        for other, one in combinations(panel.series, 2):
            if _is_upon(one, other, panel.y, ends):
                pairs.add((other.title, one.title))
    titles = list(dict.fromkeys(series.title for panel in panels for series in panel.series))
    below: dict[str, int] = {}
    above: dict[str, int] = {}
    for title in titles:
        below[title] = max((below[low] + 1 for low, high in pairs if high == title and low in below), default=0)
    for title in reversed(titles):
        above[title] = max((above[high] + 1 for low, high in pairs if low == title and high in above), default=0)
    return {title: Layers(below[title], above[title]) for title in titles}


def _is_upon(one: Series, other: Series, axis: Axis, ends: tuple[float, float]) -> bool:
    there = {point.x: point.y for point in other.points}
    shared = [(point.y, there[point.x]) for point in one.points if point.x in there]
    near = sum(
        abs(a - b) <= NEAR * max(abs(a), abs(b)) and abs(position(axis, ends, a) - position(axis, ends, b)) <= NEAR
        for a, b in shared
    )
    return near > 0 and near >= MUCH * len(one.points)


def limits(axis: Axis, values: Iterable[float]) -> tuple[float, float]:
    """Where an axis begins and ends, so that all values lie on it.

    >>> limits(Axis("x", from_zero=True), [3, 10]), limits(Axis("x", log=True), [10, 10])
    ((0.0, 10.4), (5.0, 20.0))
    """
    found = list(values)
    low, high = min(found), max(found)
    if axis.log:
        spare = (high / low) ** EDGE if high > low else 2.0
        return low / spare, high * spare
    low = min(low, 0.0) if axis.from_zero else low
    spare = (high - low) * EDGE or abs(high) * EDGE or 1
    return (low if axis.from_zero else low - spare), high + spare


def position(axis: Axis, ends: tuple[float, float], value: float) -> float:
    """Where a value lies on an axis, from 0 at its beginning to 1 at its end.

    >>> position(Axis("x", log=True), (1, 100), 10), position(Axis("x"), (0, 10), 2)
    (0.5, 0.2)
    """
    low, high = ends
    if axis.log:
        return log10(value / low) / log10(high / low)
    return (value - low) / (high - low)


def ticks(axis: Axis, ends: tuple[float, float], most: int) -> list[tuple[float, str]]:
    """Round values on an axis, at most so many, and how they are written.

    >>> [text for _, text in ticks(Axis("MACs", "quantity"), (0, 4.2e9), 5)]
    ['0', '1 G', '2 G', '3 G', '4 G']
    >>> [text for _, text in ticks(Axis("Parameters", "quantity", log=True), (4e6, 7e8), 8)]
    ['5 M', '10 M', '20 M', '50 M', '100 M', '200 M', '500 M']
    >>> [text for _, text in ticks(Axis("Top-1", "share"), (0.755, 0.862), 6)]
    ['76%', '78%', '80%', '82%', '84%', '86%']
    """
    if axis.marks:
        return list(axis.marks)
    values: Sequence[float] = ()
    for values in _round_values(axis.log, ends):
        if len(values) <= max(most, 1):
            break
    return [(value, tick_text(value, axis.kind)) for value in values]


def _round_values(log: bool, ends: tuple[float, float]) -> Iterator[list[float]]:
    """Ever fewer round values between the ends."""
    low, high = ends
    if log:
        decades = range(floor(log10(low)), ceil(log10(high)) + 1)
        for digits in ((1, 2, 5), (1, 3), (1,)):
            yield [value for power in decades for digit in digits if low <= (value := digit * 10.0**power) <= high]
        return
    power = floor(log10(high - low)) - 2
    while True:
        for digit in (1, 2, 5):
            step = digit * 10.0**power
            yield [round(step * index, 12) for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
        power += 1


def tick_text(value: float, kind: Kind) -> str:
    """A round value as an axis says it.

    >>> tick_text(2.5e6, "quantity"), tick_text(2e6, "bytes"), tick_text(0.8, "share"), tick_text(600, "count")
    ('2.5 M', '2 MB', '80%', '600')
    """
    if kind == "share":
        return f"{value * 100:g}%"
    if kind in ("quantity", "bytes"):
        return format_rounded(value, "B" if kind == "bytes" else "")
    return f"{value:,g}" if abs(value) < 1e5 else f"{value:,.0f}"
