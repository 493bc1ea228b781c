"""How a view is to look: for what width it is laid out, and whose words its boxes say first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from effnet_inspect.choices import LabelStyle
from effnet_inspect.drawing import Caption
from effnet_inspect.drawing.canvas import MARGIN, Canvas, wrapped
from effnet_inspect.drawing.page import TEXT, TITLE, Page

if TYPE_CHECKING:
    from effnet_inspect.graph import Layer
    from effnet_inspect.views.diagram.heat import Heat


class Look(NamedTuple):
    """`width` and `height` in points; `labels` say whether the article's words or the paper's stand first.

    What fills a page has its `height`; `most` is how high a figure may be.

    A `dense` figure leaves something out, so that it is no higher than the page: the names of layers, the lines of
    normalisations and activations among modules, parts of a poster. A figure that is not `alone` is part of a sheet
    that names the model. With `heat` the boxes tell their shares.
    """

    width: float
    labels: LabelStyle = "article"
    height: float | None = None
    most: float | None = None
    dense: bool = False
    alone: bool = True
    heat: Heat | None = None

    def on(self, page: Page, dense: bool) -> Look:
        """The same on a page."""
        return self._replace(width=page.width, height=page.height, most=page.most, dense=dense)

    @property
    def room(self) -> float:
        """The width within the margins."""
        return self.width - 2 * MARGIN

    def title(self, model: str, what: str) -> str:
        """`EfficientNet-B0, modules`, or `Modules` on a sheet that names the model."""
        return f"{model}, {what}" if self.alone else what[0].upper() + what[1:]

    def shares(self, layers: Iterable[Layer]) -> list[str]:
        """The share of some layers as a line of a box; no line where none are shown."""
        return [self.heat.text(layers)] if self.heat else []

    def in_order(self, article: str, paper: str) -> tuple[str, str]:
        """The two names of a thing, the one that stands first before the other."""
        return (article, paper) if self.labels == "article" else (paper, article)


def heading(canvas: Canvas, title: str, facts: list[str], look: Look, bottom: float, left: float = 0.0) -> None:
    """A title, and below it facts in as many lines as they need; the last line ends at y = `bottom`."""
    lines = wrapped(facts, look.room - left, TEXT, "  ·  ")
    y = bottom - TEXT
    for line in reversed(lines):
        canvas.caption(Caption(line, left, y, TEXT, "faint", anchor="left"))
        y -= TEXT * 1.45
    for line in reversed(wrapped(title.split(), look.room - left, TITLE, bold=True)):
        y -= TITLE * 0.45
        canvas.caption(Caption(line, left, y, TITLE, "ink", bold=True, anchor="left"))
        y -= TITLE * 0.85
