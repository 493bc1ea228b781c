"""Formats of plots: for each, the function that turns a plot into it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from effnet_inspect.choices import FormatName
from effnet_inspect.renderers import Options
from effnet_inspect.text import all_clean

if TYPE_CHECKING:
    from effnet_inspect.plotting import Plot

ENTRY_POINTS: dict[FormatName, str] = {
    "terminal": "terminal:render",
    "svg": "image:render_svg",
    "png": "image:render_png",
    "pdf": "image:render_pdf",
}


def render(plot: Plot, format_name: FormatName, options: Options) -> bytes:
    """The plot in a format of ENTRY_POINTS, whatever texts it holds.

    Raises:
        RenderError: where Matplotlib is needed and missing, or the picture would be too large.
    """
    module, function = ENTRY_POINTS[format_name].split(":")
    rendered: Any = getattr(import_module(f"{__name__}.{module}"), function)(all_clean(plot), options)
    return rendered.encode() if isinstance(rendered, str) else bytes(rendered)
