"""Plots by Matplotlib, measured as they are drawn: words on the sheet and apart, nothing too small."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import hypot
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox

from effnet_inspect.choices import FIT_NAMES, FitName, PlotName, SizeName
from effnet_inspect.drawing.page import PAGES, page_of_width
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series, tick_text
from effnet_inspect.renderers.palette import THEMES as PALETTE
from effnet_inspect.renderers.palette import Ground
from effnet_inspect.renderers.plots import figure
from effnet_inspect.renderers.plots.labels import Place, Rectangle, nearest_to
from effnet_inspect.views.plot import KINDS, USUAL, PlotOptions
from tests.graphs import network_of

FAMILY = tuple(f"b{number}" for number in range(8))
CROWD = (*FAMILY, "v2-l", "v2-m", "v2-s", *(f"v2-b{number}" for number in range(4)), *(f"lite{n}" for n in range(5)))


def plot_of(kind: PlotName, *targets: str, fit: FitName = "screen", x: SizeName = "parameters") -> Plot:
    networks = [network_of(target) for target in targets or USUAL[kind]]
    return KINDS[kind](networks, PlotOptions(PAGES[fit], x)).plot


PLOTS: dict[str, tuple[PlotName, tuple[str, ...], SizeName]] = {
    "accuracy": ("accuracy", (), "parameters"),
    "macs": ("accuracy", (), "macs"),
    "resolution": ("accuracy", (), "resolution"),
    "layers": ("accuracy", (), "layers"),
    "all": ("accuracy", (*FAMILY, "b8", "l2", "v2-s", "v2-m", "v2-l", "v2-xl", "lite0", "lite4", "es"), "parameters"),
    "crowd": ("accuracy", CROWD, "parameters"),
    "cost": ("cost", (), "parameters"),
    "cost of many": ("cost", (*FAMILY, "l2", "v2-xl"), "parameters"),
    "receptive field": ("receptive-field", (), "parameters"),
    "receptive fields": ("receptive-field", ("b0", "b7", "l2"), "parameters"),
    "along the depth": ("scaling", ("v2-s",), "parameters"),
}


def drawn(name: str, fit: FitName) -> tuple[Plot, Figure]:
    kind, targets, x = PLOTS[name]
    plot = plot_of(kind, *targets, fit=fit, x=x)
    return plot, figure.build(plot, PALETTE["light"])


def words(of: Figure) -> list[tuple[str, float, Bbox]]:
    """Every text on a figure, its size in points, and where it is drawn, in points."""
    renderer = of.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [*of.texts, *(text for axes in of.axes for text in axes.get_xticklabels() + axes.get_yticklabels())]
    shown = [text for text in texts if text.get_text()]
    return [(text.get_text(), float(text.get_fontsize()), text.get_window_extent(renderer)) for text in shown]


def share_ground(one: Bbox, other: Bbox, least: float = 0.6) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    up = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(across > least and up > least)


@pytest.mark.parametrize("fit", FIT_NAMES)
@pytest.mark.parametrize("name", PLOTS)
def test_words_are_on_the_sheet_apart_and_large_enough(name: str, fit: FitName) -> None:
    plot, made = drawn(name, fit)
    width, height = (side * 72 for side in made.get_size_inches())
    assert width == pytest.approx(PAGES[fit].width)
    assert height <= (PAGES[fit].height or height) + 1
    found = words(made)
    assert min(size for _, size, _ in found) >= 6
    for text, _, box in found:
        assert box.x0 >= -0.1 and box.x1 <= width + 0.1 and box.y0 >= -0.1 and box.y1 <= height + 0.1, text  # noqa: PT018
    assert [(one, other) for (one, _, a), (other, _, b) in combinations(found, 2) if share_ground(a, b)] == []
    said = [text for text, _, _ in found]
    for panel in plot.panels:
        assert panel.title in said
        assert panel.x.title in " ".join(said)


def inked(made: Figure, names: set[str]) -> dict[str, Rectangle]:
    """Where the letters of names are painted, in points from the bottom left."""
    renderer = made.canvas.get_renderer()  # type: ignore[attr-defined]
    _, height = made.get_size_inches() * 72
    found = {}
    for text in made.texts:
        if text.get_text() in names:
            letters = TextPath((0, 0), text.get_text(), float(text.get_fontsize()), prop=text.get_fontproperties())
            ink, across, base = letters.get_extents(), text.get_window_extent(renderer), text.get_position()[1] * height
            found[text.get_text()] = Rectangle(across.x0, base + ink.y0, across.x1, base + ink.y1)
    return found


def gap(rectangle: Rectangle, spot: Place) -> float:
    """From a rectangle to a place."""
    x, y = nearest_to(spot, rectangle)
    return hypot(spot[0] - x, spot[1] - y)


@pytest.mark.parametrize("fit", FIT_NAMES)
@pytest.mark.parametrize("name", ["accuracy", "macs", "resolution", "layers", "all", "crowd"])
def test_every_point_has_its_name_on_nothing_else(name: str, fit: FitName) -> None:
    plot, made = drawn(name, fit)
    (panel,), (axes,) = plot.panels, made.axes
    marks: dict[str, Place] = {}
    lines: list[tuple[Place, Place]] = []
    radius = 0.0
    for series, line in zip(panel.series, axes.lines, strict=True):
        x, y = axes.transData.transform(line.get_xydata()).T
        spots = list(zip(map(float, x), map(float, y), strict=True))
        marks |= {point.label: spot for point, spot in zip(series.points, spots, strict=True)}
        lines += pairwise(spots) if series.style == "line" else ()
        radius = (line.get_markersize() + line.get_markeredgewidth()) / 2
    places = inked(made, set(marks))
    assert set(places) == set(marks)
    area = axes.get_window_extent()
    beyond = Rectangle(area.x0 - 0.1, area.y0 - 0.1, area.x1 + 0.1, area.y1 + radius * 2)
    for label, place in places.items():
        assert place.is_inside(beyond), label
        assert [other for other, spot in marks.items() if gap(place, spot) < radius + 0.6] == [], label
        assert not any(place.meets(*line) for line in lines), label
        assert [other for other, at in places.items() if other != label and at.overlaps(place)] == []


def test_a_line_goes_from_the_smallest_to_the_largest_whatever_the_order() -> None:
    plot = plot_of("accuracy", "b7", "b0", "b3")
    assert [point.label for point in plot.panels[0].series[0].points] == ["B0", "B3", "B7"]


def test_an_address_that_is_wider_than_the_page_goes_on_in_the_next_line() -> None:
    address = "https://example.org/" + "a-long-way/" * 12 + "end"
    axis = Axis("x")
    panels = (Panel("p", axis, axis, (Series("a", (Point(1, 1), Point(2, 3))),)),)
    said = "".join(text for text, _, _ in words(figure.build(Plot("t", panels, notes=(address,)), PALETTE["light"])))
    assert address in said


@pytest.mark.parametrize("fit", FIT_NAMES)
@pytest.mark.parametrize("name", PLOTS)
def test_every_axis_has_values_to_read(name: str, fit: FitName) -> None:
    plot, made = drawn(name, fit)
    said = {text for text, _, _ in words(made)}
    for panel, axes in zip(plot.panels, made.axes, strict=True):
        ticks = axes.get_yticks()
        assert len(ticks) >= 3, panel.title
        assert said >= {tick_text(float(value), panel.y.kind) for value in ticks}


@pytest.mark.parametrize("width", ["3.25in", "18cm", "30in"])
def test_any_width_will_do(width: str) -> None:
    page = page_of_width(width)
    plot = KINDS["cost"]([network_of("b0")], PlotOptions(page)).plot
    found = words(figure.build(plot, PALETTE["light"]))
    assert [(one, other) for (one, _, a), (other, _, b) in combinations(found, 2) if share_ground(a, b)] == []


def test_lines_and_marks_are_the_data() -> None:
    plot, made = drawn("accuracy", "screen")
    (panel,), (axes,) = plot.panels, made.axes
    lines = {line.get_gid(): line for line in axes.lines}
    for series in panel.series:
        line = lines[series.title]
        drawn_at: Any = line.get_xydata()
        assert [tuple(pair) for pair in drawn_at] == [(point.x, point.y) for point in series.points]
        assert (line.get_linestyle() == "None") == (series.style == "marks")
        hollow = line.get_markerfacecolor() == PALETTE["light"].paper
        assert hollow == series.published
    assert axes.get_xscale() == "log"
    _, made = drawn("cost", "screen")
    assert [axes.get_ylim()[0] for axes in made.axes] == [0, 0, 0, 0]


ALONG_THE_DEPTH: dict[str, tuple[str, ...]] = {
    "b0": ("b0",),
    "b7": ("b7",),
    "v2-xl": ("v2-xl",),
    "l2": ("l2",),
    "equal parts": ("b1", "b2"),
}


def named_below(made: Figure) -> list[list[str]]:
    """The first line of words below the axes of each panel."""
    lines = []
    for axes in made.axes:
        box = axes.get_window_extent()
        below = [
            (at.y0, at.x0, text)
            for text, _, at in words(made)
            if at.x0 >= box.x0 - 1 and at.x1 <= box.x1 + 1 and at.y1 <= box.y0
        ]
        first = max(y for y, _, _ in below)
        lines.append([text for y, _, text in sorted(below, key=lambda each: each[1]) if y > first - 1])
    return lines


@pytest.mark.parametrize("fit", FIT_NAMES)
@pytest.mark.parametrize("targets", ALONG_THE_DEPTH.values(), ids=ALONG_THE_DEPTH)
@pytest.mark.parametrize("kind", ["cost", "receptive-field"])
def test_every_panel_names_every_part_in_one_way(kind: PlotName, targets: tuple[str, ...], fit: FitName) -> None:
    plot = plot_of(kind, *targets, fit=fit)
    for panel, named in zip(plot.panels, named_below(figure.build(plot, PALETTE["light"])), strict=True):
        assert len(panel.x.marks) >= 9
        assert named == [name for _, name in panel.x.marks], panel.title


@pytest.mark.parametrize("count", [12, 40, 200])
@pytest.mark.parametrize("fit", FIT_NAMES)
def test_of_more_parts_than_there_is_room_for_all_panels_name_the_same(fit: FitName, count: int) -> None:
    axis = Axis("parts", marks=tuple((float(number), str(number)) for number in range(count)))
    panels = tuple(
        Panel(str(top), axis, Axis("y", "quantity"), (Series("a", (Point(0, 0), Point(count - 1, top)), "steps"),))
        for top in (1, 1234, 10**9)
    )
    made = figure.build(Plot("a", panels, page=PAGES[fit]), PALETTE["light"])
    lines = named_below(made)
    assert len(lines[0]) >= min(count, 7)
    assert lines[0] == lines[1] == lines[2]
    assert [(one, other) for (one, _, a), (other, _, b) in combinations(words(made), 2) if share_ground(a, b)] == []


def _drawn_line(made: Figure, panel: int, title: str) -> Any:
    (line,) = (line for line in made.axes[panel].lines if line.get_gid() == title)
    return line


@pytest.mark.parametrize(
    ("targets", "lines"),
    [
        (("b0", "b0"), ["B0 (1) = B0 (2)"]),
        (("b0", "b1", "w1-d1"), ["B0 = w1-d1", "B1"]),
        (("b0", "b1", "b0", "b0"), ["B0 (1) = B0 (2) = B0 (3)", "B1"]),
    ],
)
@pytest.mark.parametrize("kind", ["cost", "receptive-field"])
def test_networks_that_are_the_same_are_one_line_that_names_them_all(
    kind: PlotName, targets: tuple[str, ...], lines: list[str]
) -> None:
    made = figure.build(plot_of(kind, *targets), PALETTE["light"])
    assert [line.get_gid() for line in made.axes[0].lines if line.get_gid()] == lines
    assert set(lines) <= {text for text, _, _ in words(made)}


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_of_lines_upon_each_other_the_lower_one_is_seen_beside_and_between_the_upper_one(ground: Ground) -> None:
    made = figure.build(plot_of("receptive-field", "b0", "b1", "b2"), PALETTE[ground])
    below, above, apart = (_drawn_line(made, 0, title) for title in ("B1", "B2", "B0"))
    assert below.get_linewidth() > 1.5 * above.get_linewidth()
    assert (below.get_linestyle(), above.get_linestyle(), apart.get_linestyle()) == ("-", "--", "-")
    assert apart.get_linewidth() == above.get_linewidth()
