"""What a kind of plot is made of, and what it takes."""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.choices import SizeName
from effnet_inspect.document import Document
from effnet_inspect.drawing.page import PAGES, Draw, Page
from effnet_inspect.plotting import Plot


class PlotOptions(NamedTuple):
    """What a plot is laid out for, and against what the accuracy is plotted."""

    page: Page = PAGES["screen"]
    x: SizeName = "parameters"


class Made(NamedTuple):
    """A plot, and every point of it as a table; `draw` makes the figure where that consists of boxes."""

    plot: Plot
    document: Document
    draw: Draw | None = None
