"""A placed diagram painted by Graphviz: SVG, PNG or PDF.

pygraphviz' wheels carry Graphviz' libraries, so nothing need be installed beside the package; where pygraphviz
is missing, a system's `neato` does the same.
"""

from __future__ import annotations

import math
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from effnet_inspect.drawing import Diagram
from effnet_inspect.errors import RenderError
from effnet_inspect.limits import PIXELS
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.dot import POINTS_PER_INCH
from effnet_inspect.renderers.dot import render as render_dot

LARGEST_PNG_SIDE = 32_767
"""Cairo draws no larger, and would scale the picture down without a word."""

DATE_IN_PDF = re.compile(rb"/CreationDate \(D:[0-9Z+'-]*\)")


def _render(diagram: Diagram, options: Options, file_format: str) -> bytes:
    dpi = options.dpi if file_format == "png" else POINTS_PER_INCH
    if file_format == "png":
        _check_size(diagram, dpi)
    painted = _paint(diagram, render_dot(diagram, options), file_format, dpi)
    if file_format == "pdf":
        # The same figure is the same file; blanks, because a PDF tells by offsets where its parts are.
        return DATE_IN_PDF.sub(lambda date: b" " * len(date[0]), painted)
    return painted


def _paint(diagram: Diagram, source: str, file_format: str, dpi: int) -> bytes:
    try:
        from pygraphviz import AGraph
    except ImportError:
        return _by_neato(source, file_format, dpi)
    with _quiet() as said:
        try:
            painted = AGraph(string=source).draw(format=file_format, prog="nop2", args=f"-Gdpi={dpi}")
        except Exception as error:
            raise RenderError(f"Graphviz could not paint {diagram.name}: {said() or error}") from error
    return bytes(painted)


render_svg = partial(_render, file_format="svg")
render_png = partial(_render, file_format="png")
render_pdf = partial(_render, file_format="pdf")


def _check_size(diagram: Diagram, dpi: int) -> None:
    side, area = max(diagram.width, diagram.height), diagram.width * diagram.height
    largest = int(POINTS_PER_INCH * min(LARGEST_PNG_SIDE / side, math.sqrt(PIXELS / area)))
    if dpi > largest:
        width, height = (length * dpi / POINTS_PER_INCH for length in (diagram.width, diagram.height))
        advice = f"use --dpi {largest} or less, or write" if largest else "write"
        raise RenderError(
            f"{diagram.name} at {dpi} dpi would be {width:,.0f}×{height:,.0f} pixels, and a PNG here has "
            f"{LARGEST_PNG_SIDE:,} on a side and {PIXELS:,} in all at most; {advice} SVG or PDF"
        )


def _by_neato(source: str, file_format: str, dpi: int) -> bytes:
    import graphviz

    arguments = source.replace("{", f"{{\n\tgraph [dpi={dpi}]", 1)
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
