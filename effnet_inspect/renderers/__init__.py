"""Formats: for each, the endings of its files and the function that turns a document into it.

The functions are pure, `(document, options) -> str` or `bytes`, and are imported when they are called for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from effnet_inspect.choices import DIAGRAM_FORMATS, TABLE_FORMATS, FormatName, ThemeName
from effnet_inspect.errors import UsageError, nearest
from effnet_inspect.text import all_clean

if TYPE_CHECKING:
    from effnet_inspect.document import Document
    from effnet_inspect.drawing import Diagram


class Options(NamedTuple):
    """How a document is to be rendered.

    `width` is the available width in characters, None for as much as is needed; `colour` allows a terminal's colours.
    `theme` is a diagram's, `dpi` the dots per inch (72 points) of a PNG. `columns` are the keys of those that tables
    have, in their order; without them each format has those that suit it. `is_fragment` leaves away the page around
    HTML, which then takes the colours of the page that it is put into.
    """

    width: int | None = None
    colour: bool = False
    theme: ThemeName = "light"
    dpi: int = 144
    columns: tuple[str, ...] = ()
    is_fragment: bool = False


class Format(NamedTuple):
    """One way to write a document or diagram; `entry_point` is `module:function` in this package."""

    name: FormatName
    suffixes: tuple[str, ...]
    entry_point: str

    def render(self, document: Document | Diagram, options: Options | None = None) -> bytes:
        """The document in this format, whatever texts it holds.

        Raises:
            UsageError: where it has no such column as `options` ask for.
        """
        from importlib import import_module

        options = options or Options()
        if self.name in TABLE_FORMATS and self.name != "json":
            document = cast("Document", document).meant_for(
                "programs" if self.name == "csv" else "people", options.columns
            )
        module, function = self.entry_point.split(":")
        # JSON writes the ends of lines so that they end none.
        shown = all_clean(document, lines=self.name in (*DIAGRAM_FORMATS, "json"))
        rendered: Any = getattr(import_module(f"{__name__}.{module}"), function)(shown, options)
        return rendered.encode() if isinstance(rendered, str) else bytes(rendered)


FORMATS: dict[FormatName, Format] = {
    row.name: row
    for row in (
        Format("terminal", (".txt",), "terminal:render"),
        Format("json", (".json",), "data:render_json"),
        Format("csv", (".csv",), "data:render_csv"),
        Format("markdown", (".md", ".markdown"), "markup:render_markdown"),
        Format("html", (".html", ".htm"), "markup:render_html"),
        Format("latex", (".tex",), "latex:render"),
        Format("svg", (".svg",), "image:render_svg"),
        Format("png", (".png",), "image:render_png"),
        Format("pdf", (".pdf",), "image:render_pdf"),
        Format("dot", (".dot", ".gv"), "dot:render"),
        Format("tikz", (".tikz", ".tex"), "tikz:render"),
    )
}


def name_and_suffix(path: str | PathLike[str]) -> tuple[str, str]:
    """The name of a file, and its suffix with the dot.

    >>> name_and_suffix("figures/b0.SVG"), name_and_suffix("b0"), name_and_suffix(".svg"), name_and_suffix("b0.")
    (('b0.SVG', '.SVG'), ('b0', ''), ('.svg', ''), ('b0.', ''))
    """
    name = os.path.basename(os.fspath(path).rstrip("/" + os.sep))  # noqa: PTH119  pathlib takes long to import
    suffix = os.path.splitext(name)[1]  # noqa: PTH122  likewise
    return name, "" if suffix == "." else suffix


def format_of(path: str | PathLike[str], choices: Iterable[FormatName]) -> FormatName:
    """The format that a file's suffix names; the first of `choices` where several have it.

    Raises:
        UsageError: where no format of `choices` has that suffix.
    """
    suffixes: dict[str, FormatName] = {}
    for choice in choices:
        for each in FORMATS[choice].suffixes:
            suffixes.setdefault(each, choice)
    name, written = name_and_suffix(path)
    suffix = written.lower()
    if not suffix:
        raise UsageError(f"{name!r} has no file extension; write {name}{next(iter(suffixes))} or add --format")
    if suffix not in suffixes:
        close = nearest(suffix[1:], [known[1:] for known in suffixes])  # the dots alone make all of them alike
        hint = f", did you mean '.{close}'?" if close else "."
        raise UsageError(
            f"{suffix!r} is not a file extension that can be written here{hint} "
            f"Choose from: {', '.join(suffixes)}; or name the format with --format."
        )
    return suffixes[suffix]
