"""Everything about one network on one sheet: architecture, stages, kinds of sub-block, modules, stem and head.

The architecture is as wide as the sheet; what follows is as wide or half as wide, as makes the sheet lowest. On a
sheet with a height, what does not fit is left out: the notes under the table, then the parts without which the
others fill the sheet best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import fsum

from effnet_inspect.drawing import Caption, Diagram
from effnet_inspect.drawing.canvas import MARGIN, Canvas, wrapped
from effnet_inspect.drawing.page import SMALLEST
from effnet_inspect.formatting import column_notes, facts_in_words
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.backbones import whole_architecture
from effnet_inspect.views.diagram.drawn_table import drawn_table
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.modules import modules
from effnet_inspect.views.diagram.stem import stem
from effnet_inspect.views.diagram.sub_blocks import sub_blocks
from effnet_inspect.views.summary import summary

APART = 10.0
TWO_COLUMNS = 740.0
"""Width of a sheet from which on parts stand side by side."""
COLUMNS = (
    *("stage", "part", "operation", "stride", "sizes", "channels", "squeeze_excite", "layers"),
    *("parameters", "parameters_share", "macs", "macs_share", "receptive_field"),
)
"""Of the stage table, without what the figures beside it show already."""

Place = tuple[str, Diagram, float, float]
"""A part of the sheet: its name, its figure, and where the top left of that stands."""


def poster(network: Network, look: Look) -> Diagram:
    """Draw all figures of a network on one sheet."""
    whole = whole_architecture(network, look)
    widths = (1, 2) if look.width >= TWO_COLUMNS else (1,)
    drawn = {
        (name, share): draw(network, look._replace(width=(look.width - (share - 1) * APART) / share, alone=False))
        for name, draw in SECTIONS
        for share in widths
    }
    shares = (0, *widths) if look.dense else widths
    sheets = [
        list(_places([(name, drawn[name, share]) for (name, _), share in zip(SECTIONS, each, strict=True) if share],
                     whole.height + APART, look.width))
        for each in product(shares, repeat=len(SECTIONS))
    ]  # fmt: skip
    fitting = [sheet for sheet in sheets if look.height is None or _bottom(sheet) <= look.height - MARGIN]
    chosen = (
        max(fitting, key=_filled) if look.dense and fitting else min((each for each in sheets if each), key=_bottom)
    )
    canvas = Canvas(f"{network.name}, poster")
    canvas.place(whole, 0, 0, "architecture ")
    for name, figure, x, y in chosen:
        canvas.place(figure, x, y, f"{name} ")
    return canvas.diagram(look.width)


def _bottom(sheet: Sequence[Place]) -> float:
    return max((y + figure.height for _, figure, _, y in sheet), default=0.0)


def _filled(sheet: Sequence[Place]) -> float:
    return fsum(figure.width * figure.height for _, figure, _, _ in sheet)


def _places(figures: Sequence[tuple[str, Diagram]], top: float, width: float) -> Iterator[Place]:
    """Where each figure stands: half as wide ones in the column that is shorter so far."""
    bottoms = [top, top]
    for name, figure in figures:
        if figure.width == width:
            x, y = 0.0, max(bottoms)
            bottoms = [y + figure.height + APART] * 2
        else:
            column = bottoms.index(min(bottoms))
            x, y = column * (figure.width + APART), bottoms[column]
            bottoms[column] += figure.height + APART
        yield name, figure, x, y


def _stages(network: Network, look: Look) -> Diagram:
    document = summary(network)
    canvas = Canvas("stages")
    shown, table = drawn_table(document.tables[0].with_columns(COLUMNS, keep_priorities=True), "table", look.room)
    heading(canvas, "Stages and numbers", [], look, -6)
    canvas.place(shown, 0, 0, "")
    facts = "  ·  ".join(f"{value} {label}" for value, label in facts_in_words(document))
    y = shown.height + 12
    notes = () if look.dense else (*table.notes, *document.notes, column_notes(table.columns))
    for paragraph in (facts, *notes):
        for line in wrapped(paragraph.split(), look.room, SMALLEST):
            canvas.caption(Caption(line, 0, y, SMALLEST, "faint", anchor="left"))
            y += SMALLEST * 1.5
        y += SMALLEST * 0.5
    return canvas.diagram(look.width, MARGIN)


SECTIONS: tuple[tuple[str, Callable[[Network, Look], Diagram]], ...] = (
    ("stages", _stages),
    ("sub-blocks", sub_blocks),
    ("modules", modules),
    ("stem", stem),
)
"""What stands below the architecture."""
