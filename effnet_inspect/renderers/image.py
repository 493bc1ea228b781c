"""A placed diagram painted by Graphviz: SVG, PNG or PDF.

pygraphviz' wheels carry Graphviz' libraries, so nothing need be installed beside the package; where pygraphviz
is missing, a system's `neato` does the same.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.canvas import scaled, with_margin
from effnet_inspect.errors import RenderError
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.dot import POINTS_PER_INCH
from effnet_inspect.renderers.dot import render as render_dot
from effnet_inspect.renderers.palette import THEMES, dark_counterparts
from effnet_inspect.renderers.picture import BLEED, check_size, without_bleed

SIZE_IN_SVG = re.compile(r'<svg width="[^"]*" height="[^"]*"\s+viewBox="[^"]*"')
FINENESS = 4
"""How many times as large a figure is painted as it is shown.

Pango places every letter at a whole point, which is a sixth of a small letter's width.
"""
DATE_IN_PDF = re.compile(rb"/CreationDate \(D:[0-9Z+'-]*\)")


def _render(diagram: Diagram, options: Options, file_format: str) -> bytes:
    dpi = options.dpi if file_format == "png" else POINTS_PER_INCH
    if file_format == "png":
        check_size(diagram.name, diagram.width, diagram.height, dpi)
    drawn = scaled(diagram, FINENESS)
    source = render_dot(with_margin(drawn, BLEED * FINENESS) if file_format == "pdf" else drawn, options)
    painted = _paint(diagram, source, file_format, dpi if file_format == "svg" else dpi / FINENESS)
    if file_format == "pdf":
        # The same figure is the same file; blanks, because a PDF tells by offsets where its parts are.
        return without_bleed(DATE_IN_PDF.sub(lambda date: b" " * len(date[0]), painted))
    return _for_browsers(painted.decode(), diagram, options).encode() if file_format == "svg" else painted


def _for_browsers(svg: str, diagram: Diagram, options: Options) -> str:
    """The SVG as wide as the place it is shown in; its attributes tell other programs how large it is printed.

    With the theme `auto` it is dark for readers who prefer that.
    """
    width, height = f"{diagram.width:.6g}", f"{diagram.height:.6g}"
    painted = f"{diagram.width * FINENESS:.6g} {diagram.height * FINENESS:.6g}"
    size = f'width="{width}pt" height="{height}pt" style="width:100%;height:auto"\n viewBox="0 0 {painted}"'
    svg, count = SIZE_IN_SVG.subn(f"<svg {size}", svg, count=1)
    assert count, "Graphviz writes the size first"
    if options.theme != "auto":
        return svg
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in dark_counterparts().items()
    )
    head, begin, rest = svg.replace('fill="white"', f'fill="{THEMES["light"].paper}"').partition("<g id=")
    return f"{head}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>\n{begin}{rest}"


def _paint(diagram: Diagram, source: str, file_format: str, dpi: float) -> bytes:
    try:
        from pygraphviz import AGraph
    except ImportError:
        return _by_neato(source, file_format, dpi)
    with _quiet() as said:
        try:
            painted = AGraph(string=source).draw(format=file_format, prog="nop2", args=f"-Gdpi={dpi:g}")
        except Exception as error:
            raise RenderError(f"Graphviz could not paint {diagram.name}: {said() or error}") from error
    return bytes(painted)


render_svg = partial(_render, file_format="svg")
render_png = partial(_render, file_format="png")
render_pdf = partial(_render, file_format="pdf")


def _by_neato(source: str, file_format: str, dpi: float) -> bytes:
    import graphviz

    arguments = source.replace("{", f"{{\n\tgraph [dpi={dpi:g}]", 1)
    try:
        return bytes(graphviz.pipe("neato", file_format, arguments.encode(), neato_no_op=2, quiet=True))
    except graphviz.ExecutableNotFound as error:
        raise RenderError(
            "Graphviz is needed to paint diagrams, and neither the Python package pygraphviz nor the program neato "
            "is here; run 'pip install pygraphviz' or install Graphviz, or write DOT with --format dot"
        ) from error
    except graphviz.CalledProcessError as error:
        raise RenderError(f"Graphviz could not paint the diagram: {error}") from error


@contextmanager
def _quiet() -> Iterator[Callable[[], str]]:
    """Keep what C libraries write to standard error (fontconfig does) to ourselves; yields a way to ask for it."""
    if sys.stderr is not None:  # a shell may have closed it
        sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        try:
            error_output = os.dup(2)
        except OSError:
            yield str
            return
        os.dup2(kept.fileno(), 2)

        def said() -> str:
            kept.seek(0)
            lines = [line for line in kept.read().decode(errors="replace").splitlines() if "ontconfig" not in line]
            return " ".join(lines)

        try:
            yield said
        finally:
            os.dup2(error_output, 2)
            os.close(error_output)
