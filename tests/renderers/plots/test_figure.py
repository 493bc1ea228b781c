"""Plots by Matplotlib, measured as they are drawn: words on the sheet and apart, nothing too small, the same twice."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from effnet_inspect.choices import FIT_NAMES, PLOT_FORMATS, THEMES, FitName, FormatName, PlotName, SizeName, ThemeName
from effnet_inspect.drawing.page import PAGES, page_of_width
from effnet_inspect.errors import RenderError
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.palette import THEMES as PALETTE
from effnet_inspect.renderers.palette import Ground
from effnet_inspect.renderers.plots import figure, render
from effnet_inspect.renderers.plots.colours import SERIES
from effnet_inspect.views.plot import KINDS, USUAL, PlotOptions
from tests.graphs import network_of
from tests.renderers.test_image import page_of

SVG = "{http://www.w3.org/2000/svg}"
FAMILY = tuple(f"b{number}" for number in range(8))


def plot_of(kind: PlotName, *targets: str, fit: FitName = "screen", x: SizeName = "parameters") -> Plot:
    networks = [network_of(target) for target in targets or USUAL[kind]]
    return KINDS[kind](networks, PlotOptions(PAGES[fit], x)).plot


PLOTS: dict[str, tuple[PlotName, tuple[str, ...], SizeName]] = {
    "accuracy": ("accuracy", (), "parameters"),
    "macs": ("accuracy", (), "macs"),
    "resolution": ("accuracy", (), "resolution"),
    "layers": ("accuracy", (), "layers"),
    "all": ("accuracy", (*FAMILY, "b8", "l2", "v2-s", "v2-m", "v2-l", "v2-xl", "lite0", "lite4", "es"), "parameters"),
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


@pytest.mark.parametrize("fit", FIT_NAMES)
@pytest.mark.parametrize("name", ["accuracy", "macs", "all"])
def test_every_point_has_its_name_and_none_is_on_a_mark(name: str, fit: FitName) -> None:
    plot, made = drawn(name, fit)
    (panel,), (axes,) = plot.panels, made.axes
    places = {text: box for text, _, box in words(made)}
    spots = {
        point.label: axes.transData.transform((point.x, point.y)) for each in panel.series for point in each.points
    }
    assert set(spots) <= set(places)
    for label in spots:
        for other, (x, y) in spots.items():
            box = places[label]
            inside = box.x0 < x - 0.5 and x + 0.5 < box.x1 and box.y0 < y - 0.5 and y + 0.5 < box.y1
            assert not inside, f"{label} stands on the mark of {other}"


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


@pytest.mark.parametrize("name", PLOT_FORMATS)
@pytest.mark.parametrize("theme", THEMES)
def test_the_same_plot_is_the_same_file_and_says_nothing_of_when(name: FormatName, theme: ThemeName) -> None:
    plot, options = plot_of("receptive-field"), Options(theme=theme)
    first = render(plot, name, options)
    assert render(plot, name, options) == first
    assert not re.search(rb"(?i)creationdate|dc:date|matplotlib v", first)


def test_another_process_writes_the_same_file_whatever_the_user_has_set(tmp_path: object) -> None:
    program = """
import hashlib, sys, matplotlib
matplotlib.rcParams.update({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "path", "axes.facecolor": "red"})
from effnet_inspect import plot
from effnet_inspect.renderers import Options
print([hashlib.sha256(plot("cost", "b0").render(name, Options())).hexdigest() for name in ("svg", "png", "pdf")])
print(matplotlib.rcParams["font.size"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    from hashlib import sha256

    here = [sha256(render(plot_of("cost"), name, Options())).hexdigest() for name in PLOT_FORMATS]
    assert done.stdout.splitlines() == [str(here), "30.0"]
    assert done.stderr == ""


def test_text_in_an_svg_is_text_in_the_fonts_of_diagrams() -> None:
    root = ElementTree.fromstring(render(plot_of("accuracy"), "svg", Options()))
    texts = {"".join(each.itertext()): each.get("style") or "" for each in root.iter(f"{SVG}text")}
    assert {"B0", "V2-L", "GPipe", "Accuracy against parameters"} <= set(texts)
    assert all("Helvetica, sans-serif" in style for style in texts.values())
    sizes = [
        float(size)
        for style in texts.values()
        for size in re.findall(r"font(?:-size)?: (?:bold |700 )?([\d.]+)px", style)
    ]
    assert len(sizes) == len(texts)
    assert min(sizes) >= 6
    assert root.get("style") == "width:100%;height:auto"
    assert root.get("width") == "622pt"


def test_a_theme_for_both_is_light_and_turns_every_colour_dark() -> None:
    light, dark, auto = (render(plot_of("accuracy"), "svg", Options(theme=theme)).decode() for theme in THEMES)
    style = re.findall("<style>(@media.*?)</style>", auto)[0]
    assert re.sub(r"<style>@media.*?</style>\n ", "", auto) == light
    rules = dict(re.findall(r'\[style\*="fill: (#[0-9a-f]{6})"\]\{fill:(#[0-9a-f]{6})', style))
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", light))
    assert used <= set(rules)
    assert {rules[colour] for colour in used} == set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", dark))
    assert SERIES["dark"][0] in dark


@pytest.mark.parametrize("dpi", [72, 144])
def test_a_png_has_the_size_that_was_asked_for(dpi: int) -> None:
    picture = render(plot_of("cost"), "png", Options(dpi=dpi))
    width, _ = struct.unpack(">II", picture[16:24])
    assert width == pytest.approx(622 * dpi / 72, abs=1)
    with pytest.raises(RenderError, match="use --dpi"):
        render(plot_of("cost"), "png", Options(dpi=2400))


def test_a_pdf_is_one_page_as_large_as_the_figure_with_its_font_in_it() -> None:
    document = render(plot_of("cost", fit="column"), "pdf", Options())
    assert page_of(document)[0] == PAGES["column"].width
    assert b"DejaVuSans" in document


def test_a_pdf_is_painted_beyond_its_page() -> None:
    document = render(plot_of("cost"), "pdf", Options(theme="dark"))
    made = figure.build(plot_of("cost"), PALETTE["dark"])
    assert page_of(document) == tuple(round(side * 72) for side in made.get_size_inches())
    (edges,) = re.findall(rb"/MediaBox \[([\d. ]+)\]", document)
    assert edges.split()[:2] == [b"1", b"1"]


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RenderError, match=r"run 'pip install matplotlib', or write CSV, JSON or text"):
        render(plot_of("cost"), "svg", Options())


HOSTILE = ["<script>&", "$x^2$", "\\alpha", "a\nb", "模", "'DejaVu Sans'", "_{", "%", "]]>"]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_shown_as_they_are(text: str) -> None:
    axis = Axis("x")
    series = Series(text, (Point(1, 1, text), Point(2, 3)))
    plot = Plot("t", (Panel("p", axis, axis, (series, Series("other", (Point(1, 2),)))),))
    root = ElementTree.fromstring(render(plot, "svg", Options()))
    shown = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert shown.count(text.replace("\n", "\N{REPLACEMENT CHARACTER}")) == 2


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
