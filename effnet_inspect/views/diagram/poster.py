"""Everything about one network on one sheet: architecture, stages, kinds of sub-block, modules, stem and head."""

from __future__ import annotations

from dataclasses import replace

from effnet_inspect.anatomy import Anatomy
from effnet_inspect.canvas import Canvas
from effnet_inspect.document import Table
from effnet_inspect.drawing import Caption, Diagram
from effnet_inspect.measures import Measures
from effnet_inspect.views.diagram.architecture import architecture
from effnet_inspect.views.diagram.drawn_table import drawn_table
from effnet_inspect.views.diagram.modules import modules
from effnet_inspect.views.diagram.stem import stem
from effnet_inspect.views.diagram.sub_blocks import sub_blocks
from effnet_inspect.views.summary import summary

APART = 30.0
LEFT_OUT = frozenset({"input", "squeeze_excite", "sub_blocks", "activations"})
"""Columns of the stage table that the figures beside it show already, or that it has no room for."""


def poster(anatomy: Anatomy, measures: Measures) -> Diagram:
    """Draw all figures of a network on one sheet."""
    canvas = Canvas(f"{anatomy.graph.name}, poster")
    rows = (
        (("architecture", architecture(anatomy, measures)), ("stages", _stages(anatomy, measures))),
        (("sub-blocks", sub_blocks(anatomy, measures)),),
        (("modules", modules(anatomy, measures)), ("stem", stem(anatomy, measures))),
    )
    y = 0.0
    for row in rows:
        x = 0.0
        for name, figure in row:
            canvas.place(figure, x, y, f"{name} ")
            x += figure.width + APART
        y += max(figure.height for _, figure in row) + APART
    return canvas.diagram()


def _stages(anatomy: Anatomy, measures: Measures) -> Diagram:
    (table,) = summary(anatomy, measures).tables
    kept = [index for index, column in enumerate(table.columns) if column.key not in LEFT_OUT]
    columns = tuple(table.columns[index] for index in kept)
    rows = [(row, tuple(row.values[index] for index in kept)) for row in table.rows]
    shown = Table("", columns, tuple(replace(row, values=values) for row, values in rows))
    canvas = Canvas("stages")
    canvas.caption(Caption("Stages and numbers", 0, -40, 20, "ink", bold=True, anchor="left"))
    canvas.place(drawn_table(shown, "table"), 0, 0, "")
    return canvas.diagram()
