"""What the library hands back: reports, figures, plots and pages, to be written in any format.

A notebook shows them as they are, by the methods that Jupyter asks for.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import warn

from effnet_inspect.choices import DIAGRAM_FORMATS, PLOT_FORMATS, TABLE_FORMATS, FormatName, ThemeName
from effnet_inspect.document import Document
from effnet_inspect.errors import UsageError
from effnet_inspect.files import save
from effnet_inspect.renderers import FORMATS, Options, format_of
from effnet_inspect.text import clean
from effnet_inspect.words import join_and

if TYPE_CHECKING:
    # Only drawings need it at run time, and it takes a thirtieth of the time of a cached summary.
    from effnet_inspect.drawing import Diagram
    from effnet_inspect.views.plot import Made
    from effnet_inspect.webpage import WebPage

NOTEBOOK_COLUMNS = 100
"""How many characters wide a notebook's text may be, where it shows nothing else."""


def in_notebook(*results: Report | Figure) -> dict[str, str]:
    """What a notebook shows of results one below another, by MIME type: HTML, and text for where there is none."""
    texts = []
    for each in results:
        texts.append(each.to_text(NOTEBOOK_COLUMNS) if isinstance(each, Report) else repr(each))
        texts += [each.remark] if each.remark else []
    return {"text/html": "\n".join(each.to_fragment() for each in results), "text/plain": "\n".join(texts)}


def _escaped(text: str) -> str:
    from html import escape  # what takes long to import is not needed outside notebooks

    return escape(text)


def _captioned(image: str, remark: str) -> str:
    """An image, and below it what is to be said of it, in the reader's own type."""
    return f'{image}\n<p style="font-size: smaller">{_escaped(remark)}</p>' if remark else image


def _save_figure(path: Path, content: bytes, remark: str) -> None:
    """Write a figure, and warn where something is to be said of it."""
    save(path, content)
    if remark:
        # Of the line that calls `save` of the figure.
        warn(f"{path.name}: {remark}", stacklevel=3)


def _image(svg: str, name: str, width: str) -> str:
    """An image, whose style touches nothing around it."""
    picture = b64encode(svg.encode()).decode()
    style = f"max-width: 100%; width: {width}"
    return f'<img alt="{_escaped(clean(name))}" style="{style}" src="data:image/svg+xml;base64,{picture}">'


class Report:
    """What a command says as tables; `document` is the same as plain records."""

    remark = ""
    """What is to be said of how it is drawn."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {clean(self.document.title)!r}>"

    def __str__(self) -> str:
        return self.to_text()

    @property
    def data(self) -> Mapping[str, Any]:
        """The JSON values of the command's contract."""
        return dict(self.document.data)

    def render(self, format_name: FormatName, options: Options | None = None) -> bytes:
        """The report in one of TABLE_FORMATS."""
        return FORMATS[format_name].render(self.document, options)

    def to_text(self, width: int | None = None, columns: Sequence[str] = ()) -> str:
        """As on a terminal `width` characters wide, without colours; without a width with every column.

        `columns` names those that are shown, here and in the other formats of tables.
        """
        return self.render("terminal", Options(width=width, columns=tuple(columns))).decode()

    def to_json(self) -> str:
        """The command's contract."""
        return self.render("json").decode()

    def to_csv(self, columns: Sequence[str] = ()) -> str:
        """One tidy table, numbers exact."""
        return self.render("csv", Options(columns=tuple(columns))).decode()

    def to_markdown(self, columns: Sequence[str] = ()) -> str:
        """GitHub's Markdown, as wide as its pages."""
        return self.render("markdown", Options(columns=tuple(columns))).decode()

    def to_html(self, columns: Sequence[str] = ()) -> str:
        """A page that needs nothing beside it."""
        return self.render("html", Options(columns=tuple(columns))).decode()

    def to_fragment(self) -> str:
        """HTML to be put into a page, such as a notebook, in the colours of that."""
        return self.render("html", Options(is_fragment=True)).decode()

    def to_latex(self, columns: Sequence[str] = ()) -> str:
        """Tables for a paper that fit the width of its text, with the packages array and booktabs."""
        return self.render("latex", Options(columns=tuple(columns))).decode()

    def save(self, path: str | PathLike[str]) -> None:
        """Write to a file, in the format that its suffix names.

        Raises:
            UsageError: where the suffix names no such format.
            RenderError: where the file cannot be written.
        """
        save(Path(path), self.render(format_of(path, TABLE_FORMATS)))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return in_notebook(self)


class Figure:
    """What a command draws; `diagram` is the same as placed boxes, lines and texts.

    `remark` says that it is higher than the page that it is for, and what to do; it is empty where it is not. It stands
    below the figure in a notebook, and is a warning of `save`.
    """

    def __init__(self, diagram: Diagram, remark: str = "") -> None:
        self.diagram = diagram
        self.remark = remark

    def __repr__(self) -> str:
        size = f"{self.diagram.width:.0f}×{self.diagram.height:.0f} pt"
        return f"<{type(self).__name__} {clean(self.diagram.name)!r}, {size}>"

    def render(self, format_name: FormatName, options: Options | None = None) -> bytes:
        """The figure in one of DIAGRAM_FORMATS."""
        return FORMATS[format_name].render(self.diagram, options)

    def to_svg(self, theme: ThemeName = "light") -> str:
        """Text stays text, and every box has a tooltip."""
        return self.render("svg", Options(theme=theme)).decode()

    def to_fragment(self) -> str:
        """HTML to be put into a page, such as a notebook: an image, whose style touches nothing around it."""
        return _captioned(_image(self.to_svg("auto"), self.diagram.name, f"{self.diagram.width:.0f}pt"), self.remark)

    def to_png(self, theme: ThemeName = "light", dpi: int = 144) -> bytes:
        """`dpi` are dots per inch, of 72 points."""
        return self.render("png", Options(theme=theme, dpi=dpi))

    def to_pdf(self, theme: ThemeName = "light") -> bytes:
        """One page as large as the figure."""
        return self.render("pdf", Options(theme=theme))

    def to_dot(self, theme: ThemeName = "light") -> str:
        """With final coordinates: render it with `neato -n2`."""
        return self.render("dot", Options(theme=theme)).decode()

    def to_tikz(self, theme: ThemeName = "light") -> str:
        """A picture that LaTeX takes in a paper, with its fonts, and alone."""
        return self.render("tikz", Options(theme=theme)).decode()

    def save(self, path: str | PathLike[str], theme: ThemeName = "light", dpi: int = 144) -> None:
        """Write to a file, in the format that its suffix names.

        Raises:
            UsageError: where the suffix names no such format.
            RenderError: where the file cannot be written.
        """
        content = self.render(format_of(path, DIAGRAM_FORMATS), Options(theme=theme, dpi=dpi))
        _save_figure(Path(path), content, self.remark)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return in_notebook(self)


class PlotReport(Report):
    """A plot, and every point of it as a table: text, CSV and JSON have the points, pictures what is drawn of them."""

    def __init__(self, made: Made, figure: Figure | None = None) -> None:
        super().__init__(made.document)
        self.plot = made.plot
        self.diagram = figure.diagram if figure else None
        self.remark = figure.remark if figure else ""

    def render(self, format_name: FormatName, options: Options | None = None) -> bytes:
        """The plot in one of TABLE_FORMATS or PLOT_FORMATS; what consists of boxes also in DIAGRAM_FORMATS.

        On a terminal that is `options.width` wide it is drawn with letters. Without a width its points follow.

        Raises:
            UsageError: where the format is one of diagrams, and this has axes.
            RenderError: where it cannot be drawn.
        """
        from effnet_inspect.renderers.plots import render

        options = options or Options()
        if format_name == "terminal":
            drawn = render(self.plot, "terminal", options)
            return drawn if options.width else drawn + b"\n" + super().render("terminal", options)
        if format_name in TABLE_FORMATS:
            return super().render(format_name, options)
        if self.diagram is not None:
            return FORMATS[format_name].render(self.diagram, options)
        if format_name not in PLOT_FORMATS:
            raise UsageError(
                f"a plot with axes cannot be written as {format_name}; use {join_and(PLOT_FORMATS, ' or ')}"
            )
        return render(self.plot, format_name, options)

    def save(self, path: str | PathLike[str], theme: ThemeName = "light", dpi: int = 144) -> None:
        """Write to a file, in the format that its suffix names.

        Raises:
            UsageError: where the suffix names no such format.
            RenderError: where it cannot be drawn, or the file cannot be written.
        """
        format_name = format_of(path, (*TABLE_FORMATS, *DIAGRAM_FORMATS))
        content = self.render(format_name, Options(theme=theme, dpi=dpi))
        _save_figure(Path(path), content, self.remark if format_name in DIAGRAM_FORMATS else "")

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return in_notebook(self)

    def to_fragment(self) -> str:
        """HTML to be put into a page, such as a notebook."""
        image = _image(self.render("svg", Options(theme="auto")).decode(), self.document.title, "100%")
        return _captioned(image, self.remark)


class WalkThrough:
    """A page that one can walk through; `page` is the same as plain records."""

    remark = ""

    def __init__(self, page: WebPage) -> None:
        self.page = page

    def render(self, format_name: FormatName = "html", options: Options | None = None) -> bytes:
        """The page, which is HTML in every case."""
        return self.to_html().encode()

    def to_html(self) -> str:
        """One file that needs nothing beside it."""
        from effnet_inspect.renderers.page import render

        return render(self.page)

    def save(self, path: str | PathLike[str]) -> None:
        """Write to a file, whose suffix is one of HTML's.

        Raises:
            UsageError: where it is not.
            RenderError: where the file cannot be written.
        """
        format_of(path, ("html",))
        save(Path(path), self.render())

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{_escaped(self.to_html())}" style="width: 100%; height: 45rem; border: 0"></iframe>'
