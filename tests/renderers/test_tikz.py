"""TikZ: what is drawn is what the diagram says, LaTeX takes it alone and in a paper, and whatever its texts hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path as File

import pytest

from effnet_inspect.choices import COMPARISON_VIEW_NAMES, VIEW_NAMES
from effnet_inspect.drawing import Box, Caption, Diagram, Frame, Path
from effnet_inspect.drawing.captions import label_captions, note_captions
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.errors import RenderError
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.renderers.tex import escaped
from effnet_inspect.views.compare.figures import figure
from effnet_inspect.views.diagram import DiagramOptions, diagram
from tests.graphs import network_of

NASTY = (
    *("block_4a/dw", "100% & $5 #1", "{a}[b]*c*", "\\end{document}", "a\\", "~ ^ | < > \" ' `", "--- ''", ",,?`!`"),
    *(
        "3×3 → 1·1 …",
        "naïve ç ß Łø",
        "模型 é",
        "\ufb01",
        "\x1b[31m",
        "\N{GRINNING FACE}",
        "",
        " ",
        "a\nb",
        "-1",
        "=",
        ";",
    ),
)


def nasty() -> Diagram:
    boxes = tuple(
        Box(f"{index}{text}", 10, 10 + 30 * index, 150, 26, "sub-block-3", text, text, text, "f")
        for index, text in enumerate(NASTY)
    )
    captions = tuple(Caption(text, 240, 20 + 30 * index, anchor="right") for index, text in enumerate(NASTY))
    frame = Frame("f", 2, 2, 170, 30 * len(NASTY) + 20, "frame", NASTY[1])
    points = ((160.0, 20.0), (166.0, 20.0), (166.0, 50.0), (160.0, 50.0))
    path = Path(boxes[0].key, boxes[1].key, points, "tap")
    return Diagram("n", 260, 30 * len(NASTY) + 30, boxes, (frame,), (path,), captions)


def letters() -> Diagram:
    """What is no letter of ours, from all of the first plane."""
    points = [*range(0xA0, 0x530), *range(0x530, 0xFFFF, 97), *range(0x1E00, 0x2200), 0x1F600, 0x20000]
    rows = ["".join(map(chr, points[start : start + 40])) for start in range(0, len(points), 40)]
    captions = tuple(Caption(row, 5, 10 + 10 * index, anchor="left") for index, row in enumerate(rows))
    return Diagram("letters", 2000, 20 + 10 * len(rows), captions=captions)


def view(target: str, name: str, fit: str = "screen") -> Diagram:
    options = DiagramOptions(name, 2 if name == "block" else None, page=PAGES[fit])  # type: ignore[arg-type,index]
    return diagram(network_of(target), options)


FIGURES: dict[str, Callable[[], Diagram]] = {
    **{name: lambda name=name: view("b0", name) for name in VIEW_NAMES},  # type: ignore[misc]
    "v2": lambda: view("v2-s", "architecture", "column"),
    "slide": lambda: view("b7", "architecture", "slide"),
    **{
        f"compared, {name}": lambda name=name: figure([network_of("b0"), network_of("v2-b0")], name)  # type: ignore[misc]
        for name in COMPARISON_VIEW_NAMES
    },
    "heat": lambda: diagram(network_of("b0"), DiagramOptions(heat="macs")),
    "nasty": nasty,
    "letters": letters,
}


def written(figure: Diagram, options: Options | None = None) -> str:
    return FORMATS["tikz"].render(figure, options).decode()


@pytest.mark.parametrize("name", FIGURES)
def test_everything_is_drawn_where_it_stands(name: str) -> None:
    figure = FIGURES[name]()
    lines = written(figure).splitlines()
    opening = {
        command: sum(line.startswith(command) for line in lines) for command in ("\\path[", "\\draw[", "\\fill[")
    }
    bars = sum(box.is_patch for box in figure.boxes)
    assert opening["\\path["] == len(figure.boxes) - bars + len(figure.frames)
    assert opening["\\draw["] == len(figure.paths)
    assert opening["\\fill["] == bars + sum(path.arrow for path in figure.paths)
    for box in figure.boxes:
        corner = f"{round(box.x, 2):g},{round(box.y, 2):g}"
        assert any(f"({corner}) rectangle" in line for line in lines), box.key
    assert f"\\useasboundingbox (0,0) rectangle ({figure.width:g},{figure.height:g});" in lines
    used = set(re.findall(r"(?:fill|draw)=([^,\]]+)|\\(?:draw|fill|node)\[([^,\]]+)", "\n".join(lines)))
    defined = set(re.findall(r"\\definecolor\{([^}]+)\}", "\n".join(lines)))
    assert {one or other for one, other in used} == defined


@pytest.mark.parametrize("name", FIGURES)
def test_every_text_is_there_with_its_size(name: str) -> None:
    figure = FIGURES[name]()
    text = written(figure)
    nodes = re.findall(r"\\node\[[^,]+,(?:text|bold) ([\d-]+),.*?\] at \(.*?\) \{(.*)\};", text)
    shown = [line for box in figure.boxes for line in box.label.split("\n")] + [frame.label for frame in figure.frames]
    shown += [caption.text for caption in figure.captions]
    shown += [note for box in figure.boxes for note in box.note.split("\n")]
    assert len(nodes) == sum(bool(line.strip()) for line in shown)
    assert {float(size.replace("-", ".")) for size, _ in nodes} == {round(size, 2) for size in figure.text_sizes}
    if name not in ("nasty", "letters"):
        assert text.isascii()


def test_it_takes_the_fonts_of_its_document() -> None:
    picture = written(FIGURES["architecture"]()).split("\\begin{tikzpicture}")[1]
    assert "family" not in picture
    assert "usetikzlibrary" not in picture


def test_themes_differ_only_in_colour_and_the_ground() -> None:
    light, dark, auto = (written(FIGURES["block"](), Options(theme=theme)) for theme in ("light", "dark", "auto"))
    assert light == auto
    ground = [line for line in dark.splitlines() if line not in light.splitlines() and "definecolor" not in line]
    assert ground == []
    assert r"\fill[paper] (0,0) rectangle" in dark
    assert "paper]" not in light


def test_what_tex_cannot_reckon_is_refused() -> None:
    with pytest.raises(RenderError, match=r"20,000×100 points, and TeX draws 14,400 on a side at most"):
        FORMATS["tikz"].render(Diagram("wide", 20_000, 100))


def has_tikz() -> bool:
    program = shutil.which("kpsewhich")
    found = program and subprocess.run([program, "tikz.sty"], capture_output=True, check=False).stdout.strip()
    return bool(found) and shutil.which("pdflatex") is not None


with_latex = pytest.mark.skipif(not has_tikz(), reason="pdflatex and TikZ are not installed")


def compiled(folder: File, source: str) -> str:
    """What LaTeX says."""
    (folder / "paper.tex").write_text(source, encoding="utf-8")
    start = r"\pdfcompresslevel=0\pdfobjcompresslevel=0\input{paper}"
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-jobname=paper", start]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-2000:]
    return said


@with_latex
@pytest.mark.parametrize("name", FIGURES)
def test_alone_it_is_one_page_as_large_as_the_figure(name: str, tmp_path: File) -> None:
    figure = FIGURES[name]()
    assert "Overfull" not in compiled(tmp_path, written(figure))
    pages = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "paper.pdf").read_bytes())
    assert [[float(side) for side in page] for page in pages] == [
        [pytest.approx(figure.width, abs=0.1), pytest.approx(figure.height, abs=0.1)]
    ]


@with_latex
@pytest.mark.parametrize("name", ["v2", "nasty", "letters"])
@pytest.mark.parametrize("fonts", ["", r"\usepackage[T1]{fontenc}\usepackage{lmodern}"])
def test_in_a_paper_it_is_a_figure_of_it(name: str, fonts: str, tmp_path: File) -> None:
    (tmp_path / "figure.tikz").write_text(written(FIGURES[name]()), encoding="utf-8")
    body = r"\begin{document}Before.\begin{figure}\input{figure.tikz}\caption{It.}\end{figure}After.\end{document}"
    said = compiled(tmp_path, rf"\documentclass{{article}}{fonts}\usepackage{{tikz}}{body}")
    assert "Output written on paper.pdf" in said.replace("\n", "")


@with_latex
@pytest.mark.parametrize("name", ["architecture", "v2", "block", "modules", "slide"])
def test_words_fit_their_boxes_in_the_usual_fonts(name: str, tmp_path: File) -> None:
    captions = [(box, each) for box in FIGURES[name]().boxes for each in (*label_captions(box), *note_captions(box))]
    lines = [
        rf"\setbox0\hbox{{\fontsize{{{each.size}bp}}{{9bp}}\selectfont{weight} {escaped(each.text)}}}"
        rf"\typeout{{WIDTH \the\wd0}}"
        for _, each in captions
        for weight in (r"\bfseries" if each.bold else "",)
    ]
    head = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\begin{document}"
    said = compiled(tmp_path, "\n".join((head, *lines, r"\end{document}")))
    widths = [float(width) * 72 / 72.27 for width in re.findall(r"^WIDTH ([\d.]+)pt", said, re.MULTILINE)]
    assert len(widths) == len(captions)
    assert [each.text for (box, each), width in zip(captions, widths, strict=True) if width > box.width] == []
