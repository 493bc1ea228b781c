"""Formats: for each, the endings of its files and the function that turns a document into it.

The functions are pure, `(document, options) -> str` or `bytes`, and are imported when they are called for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from effnet_inspect.errors import UsageError, nearest

if TYPE_CHECKING:
    from pathlib import PurePath

    from effnet_inspect.document import Document
    from effnet_inspect.drawing import Diagram


ThemeName = Literal["light", "dark"]
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)

TableFormat = Literal["terminal", "json", "csv", "markdown", "html", "latex"]
DiagramFormat = Literal["svg", "png", "pdf", "dot"]
FormatName = TableFormat | DiagramFormat

TABLE_FORMATS: tuple[FormatName, ...] = get_args(TableFormat)
DIAGRAM_FORMATS: tuple[FormatName, ...] = get_args(DiagramFormat)


class Options(NamedTuple):
    """How a document is to be rendered.

    `width` is the available width in characters, None for as much as is needed; `colour` allows a terminal's colours.
    `theme` is a diagram's, `dpi` the dots per inch (72 points) of a PNG.
    """

    width: int | None = None
    colour: bool = False
    theme: ThemeName = "light"
    dpi: int = 144


class Format(NamedTuple):
    """One way to write a document or diagram; `entry_point` is `module:function` in this package."""

    name: FormatName
    suffixes: tuple[str, ...]
    entry_point: str

    def render(self, document: Document | Diagram, options: Options | None = None) -> bytes:
        """The document in this format."""
        from importlib import import_module

        module, function = self.entry_point.split(":")
        rendered: Any = getattr(import_module(f"{__name__}.{module}"), function)(document, options or Options())
        return rendered.encode() if isinstance(rendered, str) else bytes(rendered)


FORMATS: dict[FormatName, Format] = {
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


def format_of(path: PurePath, choices: Iterable[FormatName]) -> FormatName:
    """The format that a file's suffix names.

    Raises:
        UsageError: where no format of `choices` has that suffix.
    """
    suffixes = {suffix: name for name in choices for suffix in FORMATS[name].suffixes}
    suffix = path.suffix.lower()
    if not suffix:
        raise UsageError(
            f"{path.name!r} has no file extension; write {path.name}{next(iter(suffixes))} or add --format"
        )
    if suffix not in suffixes:
        close = nearest(suffix[1:], [each[1:] for each in suffixes])  # the dots alone make all of them alike
        hint = f", did you mean '.{close}'?" if close else "."
        raise UsageError(
            f"{suffix!r} is not a file extension that can be written here{hint} "
            f"Choose from: {', '.join(suffixes)}; or name the format with --format."
        )
    return suffixes[suffix]
