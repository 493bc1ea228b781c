"""Plots as files: the same twice, their text as text, and nothing of the user's own settings."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from effnet_inspect.choices import PLOT_FORMATS, THEMES, FormatName, ThemeName
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.errors import RenderError
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.palette import THEMES as PALETTE
from effnet_inspect.renderers.plots import figure, render
from effnet_inspect.renderers.plots.colours import SERIES
from tests.renderers.plots.test_figure import plot_of
from tests.renderers.test_image import page_of

SVG = "{http://www.w3.org/2000/svg}"


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
