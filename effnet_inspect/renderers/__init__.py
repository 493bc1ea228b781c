"""Formats: for each, the endings of its files and the function that turns a document into it.

The functions are pure, `(document, options) -> str` or `bytes`, and are imported when they are called for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from effnet_inspect.errors import UsageError, nearest

if TYPE_CHECKING:
    from pathlib import PurePath

    from effnet_inspect.document import Document
    from effnet_inspect.drawing import Diagram


class Options(NamedTuple):
    """How a document is to be rendered.

    `width` is the room in characters, None for as much as is needed; `colour` allows a terminal's colours.
    `theme` is a diagram's, `dpi` the pixels an inch (72 points) of a PNG.
    """

    width: int | None = None
    colour: bool = False
    theme: str = "light"
    dpi: int = 144


class Format(NamedTuple):
    """One way to write a document; `home` is `module:function` in this package."""

    name: str
    endings: tuple[str, ...]
    home: str

    def render(self, document: Document | Diagram, options: Options | None = None) -> bytes:
        """The document in this format."""
        from importlib import import_module

        module, function = self.home.split(":")
        rendered: Any = getattr(import_module(f"{__name__}.{module}"), function)(document, options or Options())
        return rendered.encode() if isinstance(rendered, str) else bytes(rendered)


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("terminal", (".txt",), "terminal:render"),
        Format("json", (".json",), "data:render_json"),
        Format("csv", (".csv",), "data:render_csv"),
        Format("markdown", (".md", ".markdown"), "markup:render_markdown"),
        Format("html", (".html", ".htm"), "markup:render_html"),
        Format("latex", (".tex",), "markup:render_latex"),
        Format("svg", (".svg",), "image:render_svg"),
        Format("png", (".png",), "image:render_png"),
        Format("pdf", (".pdf",), "image:render_pdf"),
        Format("dot", (".dot", ".gv"), "dot:render"),
    )
}

TABLE_FORMATS = ("terminal", "json", "csv", "markdown", "html", "latex")
DIAGRAM_FORMATS = ("svg", "png", "pdf", "dot")
THEMES = ("light", "dark")


def format_of(path: PurePath, choices: Iterable[str]) -> str:
    """The format that a file's ending names.

    Raises:
        UsageError: where no format of `choices` has that ending.
    """
    endings = {ending: name for name in choices for ending in FORMATS[name].endings}
    ending = path.suffix.lower()
    if ending not in endings:
        close = nearest(ending, endings) if ending else None
        hint = f", did you mean {close!r}?" if close else "."
        raise UsageError(
            f"the ending {ending!r} of {path.name!r} names no format{hint} "
            f"Choose from: {', '.join(endings)}; or say which with --format."
        )
    return endings[ending]
