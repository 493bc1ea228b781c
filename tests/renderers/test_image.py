"""Pictures by their structure: every format opens, says what is on it, and is the same twice."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import time
import zlib
from dataclasses import fields
from itertools import combinations, pairwise
from math import dist
from xml.etree import ElementTree

import pytest
from pygraphviz import AGraph

from effnet_inspect.choices import THEMES as CHOICES
from effnet_inspect.choices import FitName, ThemeName
from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.captions import LINE
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.errors import RenderError
from effnet_inspect.renderers import FORMATS, Options, dot, image
from effnet_inspect.renderers.palette import THEMES, Theme, dark_counterparts
from effnet_inspect.views.diagram import DiagramOptions, diagram
from effnet_inspect.views.diagram.heat import STEPS
from tests.graphs import network_of

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


def architecture(target: str = "b0") -> Diagram:
    return diagram(network_of(target))


def test_svg_is_well_formed_and_its_text_is_text() -> None:
    figure = architecture()
    root = ElementTree.fromstring(FORMATS["svg"].render(figure))
    texts = ["".join(text.itertext()).replace("\xa0", " ") for text in root.iter(f"{SVG}text")]
    assert "EfficientNet-B0" in texts
    assert texts.count("Sub-block 2") == 6 + 1
    assert texts.count("Add") == sum(box.label == "Add" for box in figure.boxes)
    assert "×2" in texts


def test_every_box_has_a_tooltip_with_its_measures() -> None:
    root = ElementTree.fromstring(FORMATS["svg"].render(architecture()))
    tooltips = [link.get(f"{XLINK}title") or "" for link in root.iter(f"{SVG}a")]
    sub_block = next(tooltip for tooltip in tooltips if tooltip.startswith("Sub-block 2, 4a"))
    for part in ("28×28×40 → 14×14×80", "parameters", "MACs", "receptive field", "squeeze-excite to 10"):
        assert part in sub_block


@pytest.mark.parametrize("dpi", [36, 72, 144])
def test_png_has_the_size_that_was_asked_for(dpi: int) -> None:
    figure = architecture()
    picture = FORMATS["png"].render(figure, Options(dpi=dpi))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert width == pytest.approx(figure.width * dpi / 72, rel=0.01)
    assert height == pytest.approx(figure.height * dpi / 72, rel=0.01)


def test_a_png_that_would_be_scaled_down_is_refused_with_what_to_do() -> None:
    figure = Diagram("wide", 20_000, 100, (Box("a", 0, 0, 10, 10, "plain", "a"),))
    with pytest.raises(RenderError, match=r"55,556×278 pixels.*--dpi 117 or less"):
        FORMATS["png"].render(figure, Options(dpi=200))


@pytest.mark.parametrize("theme", CHOICES)
def test_a_pdf_s_page_is_as_large_as_the_figure(theme: ThemeName) -> None:
    """Its corners have the figure's ground: a margin would be white."""
    figure = architecture()
    document = FORMATS["pdf"].render(figure, Options(theme=theme))
    assert page_of(document) == (figure.width, figure.height)


def page_of(document: bytes) -> tuple[float, float]:
    """Width and height of a PDF's one page."""
    ((left, bottom, right, top),) = re.findall(rb"/MediaBox \[([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\]", document)
    return float(right) - float(left), float(top) - float(bottom)


def painted_ground(document: bytes) -> tuple[float, ...]:
    """Left, bottom, right and top of the first rectangle that is filled in a PDF."""
    streams = (zlib.decompress(each) for each in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", document, re.DOTALL))
    found = (re.search(rb"([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re f", stream) for stream in streams)
    x, y, width, height = map(float, next(each for each in found if each).groups())
    return x, y, x + width, y + height


@pytest.mark.parametrize("fit", ["screen", "column", "a3"])
def test_a_pdf_is_painted_beyond_its_page(fit: FitName) -> None:
    """A viewer rounds the page up to whole pixels: what is not painted of the last ones is white."""
    figure = diagram(network_of("b0"), DiagramOptions(page=PAGES[fit]))
    document = FORMATS["pdf"].render(figure, Options(theme="dark"))
    left, bottom, right, top = painted_ground(document)
    page = re.findall(rb"/MediaBox \[([\d. ]+)\]", document)[0].split()
    assert [left, bottom, right, top] == [
        float(page[0]) - 1,
        float(page[1]) - 1,
        float(page[2]) + 1,
        float(page[3]) + 1,
    ]


def test_an_svg_is_as_wide_as_its_place_and_tells_how_large_it_is_printed() -> None:
    figure = architecture()
    root = ElementTree.fromstring(FORMATS["svg"].render(figure))
    assert root.get("style") == "width:100%;height:auto"
    assert root.get("width") == f"{figure.width:.6g}pt"
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    assert width / height == pytest.approx(figure.width / figure.height, rel=0.001)


def test_a_theme_for_both_is_light_and_turns_every_colour_dark() -> None:
    light, dark, auto = (FORMATS["svg"].render(architecture(), Options(theme=theme)).decode() for theme in CHOICES)
    style, rest = re.findall("<style>(.*)</style>", auto), re.sub("<style>.*</style>\n", "", auto)
    assert rest == light.replace('fill="white"', 'fill="#ffffff"')
    assert "prefers-color-scheme:dark" in style[0]
    rules = dict(re.findall(r'\[fill="(#[0-9a-f]{6})"\]\{fill:(#[0-9a-f]{6})\}', style[0]))
    turned = re.sub(r'(?<=")#[0-9a-f]{6}(?=")', lambda colour: rules[colour[0]], rest)
    assert turned == dark


def test_other_formats_have_one_theme() -> None:
    for name in ("dot", "png", "pdf"):
        assert FORMATS[name].render(architecture(), Options(theme="auto")) == FORMATS[name].render(architecture())


def test_pdf_is_a_pdf() -> None:
    document = FORMATS["pdf"].render(architecture())
    assert document.startswith(b"%PDF-")
    assert b"%%EOF" in document[-32:]


def test_a_pdf_says_nothing_of_when_it_was_made_and_tells_where_its_parts_are() -> None:
    document = FORMATS["pdf"].render(architecture())
    assert b"/Producer" in document
    assert b"Date" not in document
    begins = int(document[document.rindex(b"startxref") :].split()[1])
    assert document[begins : begins + 4] == b"xref"


def test_dot_names_every_box_and_places_it() -> None:
    figure = architecture()
    source = FORMATS["dot"].render(figure).decode()
    assert len(re.findall(r" -> ", source)) == len(figure.paths)
    for box in figure.boxes:
        assert re.search(rf'^\s*"?{re.escape(box.key)}"? \[.*pos=', source, re.MULTILINE), box.key
    assert source.count("subgraph") == len(figure.frames)


def test_themes_differ_only_in_colour() -> None:
    light, dark = (FORMATS["svg"].render(architecture(), Options(theme=theme)).decode() for theme in THEMES)
    colour = re.compile(r"#[0-9a-f]{6}|white|none")
    assert light != dark
    assert colour.sub("", light) == colour.sub("", dark)


def test_every_theme_colours_the_same_roles() -> None:
    light, dark = THEMES.values()
    assert light.fills.keys() == dark.fills.keys()


SUB_BLOCKS: tuple[BoxRole, ...] = (
    *("sub-block-1", "sub-block-2", "sub-block-3", "sub-block-3-plain", "fused-opening", "fused-repeat"),
)
MODULES: tuple[BoxRole, ...] = ("module-1", "module-2", "module-3", "module-4", "module-5", "fused")
DIFFERENCES: tuple[BoxRole, ...] = ("same", "changed-slightly", "changed", "inserted", "deleted")
SECTIONS: tuple[BoxRole, ...] = ("stem", "head", "classifier", "add", "other")


def linear(colour: str) -> list[float]:
    """Red, green and blue as amounts of light, from 0 to 1."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """Ratio of the luminances as WCAG 2 defines it."""
    dark, bright = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(linear, (one, other))
    )
    return (bright + 0.05) / (dark + 0.05)


def lightness_and_hue(colour: str, deuteranopic: bool) -> tuple[float, float, float]:
    """CIELAB; to a deuteranope red and green are one (Viénot, Brettel and Mollon 1999)."""
    red, green, blue = linear(colour)
    if deuteranopic:
        blue += 0.02234 * (green - red)
        red = green = 0.29275 * red + 0.70725 * green
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("deuteranopic", [False, True])
def test_roles_that_stand_together_are_told_apart(theme: Theme, deuteranopic: bool) -> None:
    sections = SECTIONS[:-1]
    for together in ((*sections, *SUB_BLOCKS), (*sections, *MODULES), DIFFERENCES):
        for one, other in combinations(together, 2):
            colours = (lightness_and_hue(theme.fill(role), deuteranopic) for role in (one, other))
            assert dist(*colours) >= 20, (one, other)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("role", [*SUB_BLOCKS, *MODULES, "stem", "head", "add"])
def test_parts_of_the_network_stand_out_from_the_paper(role: BoxRole, theme: Theme) -> None:
    assert contrast(theme.fill(role), theme.paper) >= 1.2


def test_every_light_colour_has_one_dark_counterpart() -> None:
    """Or a rule for the one would turn the other, too."""
    light, dark = THEMES["light"], THEMES["dark"]
    single = [field.name for field in fields(Theme) if field.name != "fills"]
    pairs = {(getattr(light, name), getattr(dark, name)) for name in single}
    pairs |= {(colour, dark.fills[role]) for role, colour in light.fills.items()}
    assert len({colour for colour, _ in pairs}) == len(pairs)
    assert dict(pairs) == dark_counterparts()


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_words_and_lines_stand_out(theme: Theme) -> None:
    roles: tuple[BoxRole, ...] = (*SUB_BLOCKS, *MODULES, *SECTIONS, *DIFFERENCES, *STEPS, "wrong", "right")
    for role in roles:
        assert contrast(theme.ink, theme.fill(role)) >= 4.5, role
    for colour, least in ((theme.ink, 7), (theme.faint, 4.5), (theme.accent, 4.5), (theme.line, 3), (theme.skip, 3)):
        for ground in (theme.paper, theme.fill("frame"), theme.fill("plain"), theme.fill("inner-frame")):
            assert contrast(colour, ground) >= least, (colour, ground)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_steps_of_heat_keep_their_order_in_grey(theme: Theme) -> None:
    """Each is darker than the one before, and in the dark theme lighter."""
    lightness = [lightness_and_hue(theme.fill(role), deuteranopic=False)[0] for role in ("plain", *STEPS)]
    steps = [abs(other - one) for one, other in pairwise(lightness)]
    assert lightness == sorted(lightness, reverse=theme is THEMES["light"])
    assert min(steps[1:]) >= 4


HOSTILE = [
    'a:b\\n"<&>',
    "ends in \\",
    "\\",
    "<lambda>",
    "<b>bold</b>",
    '"quoted"',
    "|{}",
    "node",
    "caption 1",
    "top left",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_written_as_they_are(name: str) -> None:
    boxes = (
        Box(name, 10, 20, 200, 30, "plain", name, name, frame=name),
        Box("other", 10, 60, 200, 20, "plain", "b", frame=name),
    )
    frame = Frame(name, 0, 0, 220, 90, "frame", name)
    figure = Diagram(name, 220, 90, boxes, (frame,), (Path(name, "other", ((100, 50), (100, 60))),))
    root = ElementTree.fromstring(FORMATS["svg"].render(figure))
    texts = ["".join(each.itertext()).replace("\xa0", " ") for each in root.iter(f"{SVG}text")]
    assert sorted(text.strip() for text in texts if text.strip()) == sorted([name, name, name, "b"])
    tooltips = {link.get(f"{XLINK}title") for link in root.iter(f"{SVG}a")}
    assert name in tooltips


def test_no_two_nodes_have_one_name() -> None:
    keys = ("caption 1", "caption 1 ", "top left", "bottom right", "x note 1", "f label", "x", "a:b", "a b")
    boxes = tuple(Box(key, 0, 30 * index, 90, 20, "plain", key, "note") for index, key in enumerate(keys))
    frames = (Frame("f", 100, 0, 90, 90, "frame", "frame"),)
    captions = (Caption("first", 150, 150), Caption("second", 150, 180))
    figure = Diagram("names", 200, 300, boxes, frames, captions=captions)
    graph = AGraph(string=FORMATS["dot"].render(figure).decode())
    assert len(graph.nodes()) == len(boxes) * 2 + len(frames) + len(captions) + 2


def test_nothing_of_the_engine_reaches_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    tiny = Diagram("tiny", 20, 20, (Box("a", 0, 0, 2, 2, "plain", "far too long for its box"),))
    FORMATS["png"].render(tiny)
    assert capfd.readouterr() == ("", "")


def test_without_pygraphviz_and_neato_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="pip install pygraphviz"):
        image.render_svg(architecture(), Options())


def test_a_system_neato_is_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    import graphviz

    calls: list[tuple[object, ...]] = []

    def pipe(*arguments: object, **options: object) -> bytes:
        calls.append((*arguments, options))
        return b'<svg width="9pt" height="9pt"\n viewBox="0 0 9 9"/>'

    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr(graphviz, "pipe", pipe)
    assert image.render_svg(architecture(), Options()).startswith(b'<svg width="622pt"')
    assert calls[0][:2] == ("neato", "svg")
    assert calls[0][-1] == {"neato_no_op": 2, "quiet": True}


def test_captions_stand_where_their_anchor_says() -> None:
    captions = (
        Caption("from here", 10, 20, anchor="left"),
        Caption("middle", 100, 40),
        Caption("to here", 190, 60, anchor="right"),
    )
    root = ElementTree.fromstring(FORMATS["svg"].render(Diagram("words", 200, 80, captions=captions)))
    anchors = {
        "".join(each.itertext()).replace("\xa0", " "): each.get("text-anchor") for each in root.iter(f"{SVG}text")
    }
    assert anchors == {"from here": "start", "middle": "middle", "to here": "end"}


BLANK = """
from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.renderers import FORMATS

boxes = tuple(Box(str(n), 10, 10, 8, 8, "plain", "", "below") for n in range(40))
captions = tuple(Caption("", 10, 10, anchor="left") for _ in range(40))
for _ in range(40):
    for name in ("svg", "png"):
        FORMATS[name].render(Diagram("blank", 200, 200, boxes, captions=captions))
"""


def test_blank_labels_do_not_end_the_process() -> None:
    """Graphviz reads memory that is not its own for a label that begins with an empty line."""
    done = subprocess.run([sys.executable, "-c", BLANK], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("text", ["a&#27;b", "&lt;b&gt;", "\\N\\l", "<b>", "]]>", "-->", '"', "a\\"])
def test_text_is_shown_as_it_is(text: str) -> None:
    box = Box(text, 10, 10, 80, 40, "plain", text, text, text)
    root = ElementTree.fromstring(FORMATS["svg"].render(Diagram("d", 200, 200, (box,))))
    assert ["".join(each.itertext()) for each in root.iter(f"{SVG}text")].count(text) == 2
    assert text in {each.get(f"{XLINK}title") for each in root.iter(f"{SVG}a")}


def test_a_pdf_does_not_say_when_it_was_made() -> None:
    first = FORMATS["pdf"].render(architecture())
    time.sleep(1.1)
    assert FORMATS["pdf"].render(architecture()) == first


def test_a_png_of_very_many_pixels_is_refused_with_what_to_do() -> None:
    figure = Diagram("large", 3000, 3000, (Box("a", 10, 10, 80, 40, "plain"),))
    with pytest.raises(RenderError, match="100,000,000 in all at most; use --dpi 240 or less"):
        FORMATS["png"].render(figure, Options(dpi=241))


@pytest.mark.parametrize("count", [1, 3, 9])
def test_lines_of_a_box_are_as_far_apart_as_the_engine_sets_its_label(count: int) -> None:
    notes = [f"note {number}" for number in range(count)]
    box = Box("box", 10, 10, 100, 120, "plain", "Label", "\n".join(notes), size=8, note_size=8)
    source = dot.render(Diagram("one", 120, 140, (box,)), Options())
    reported = json.loads(AGraph(string=source).draw(format="json", prog="nop2"))
    texts = [draw for node in reported["objects"] for draw in node.get("_ldraw_", ()) if draw["op"] == "T"]
    height = {draw["text"].strip(): draw["pt"][1] for draw in texts if draw["text"].strip()}
    lines = [height[text] for text in ("Label", *notes)]
    assert [above - below for above, below in pairwise(lines)] == pytest.approx([8 * LINE] * count, abs=0.8)
