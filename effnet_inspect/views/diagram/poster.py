"""Everything about one network on one sheet: architecture, stages, kinds of sub-block, modules, stem and head."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap

from effnet_inspect.drawing import Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas, text_width
from effnet_inspect.formatting import column_notes, format_value
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.architecture import architecture
from effnet_inspect.views.diagram.drawn_table import drawn_table
from effnet_inspect.views.diagram.modules import modules
from effnet_inspect.views.diagram.stem import stem
from effnet_inspect.views.diagram.sub_blocks import sub_blocks
from effnet_inspect.views.summary import summary

APART = 30.0
NOTE = 10.0
"""Size of what is written under the table."""
COLUMNS = (
    *("stage", "part", "operator", "kernel", "stride", "output", "channels", "squeeze_excite", "layers"),
    *("parameters", "parameters_share", "macs", "macs_share", "receptive_field"),
)
"""Of the stage table, without what the figures beside it show already."""


def poster(network: Network) -> Diagram:
    """Draw all figures of a network on one sheet."""
    canvas = Canvas(f"{network.name}, poster")
    rows = (
        (("architecture", architecture(network)), ("stages", _stages(network))),
        (("sub-blocks", sub_blocks(network)),),
        (("modules", modules(network)), ("stem", stem(network))),
    )
    y = 0.0
    for row in rows:
        x = 0.0
        for name, figure in row:
            canvas.place(_section(figure, network.name), x, y, f"{name} ")
            x += figure.width + APART
        y += max(figure.height for _, figure in row) + APART
    return canvas.diagram()


def _section(figure: Diagram, model: str) -> Diagram:
    """The figure without the model's name in its title: the sheet has one title, that of the architecture."""
    before = f"{model}, "
    if not figure.name.startswith(before):
        return figure
    title = figure.name.removeprefix(before)
    captions = tuple(
        replace(caption, text=title[0].upper() + title[1:]) if caption.text == figure.name else caption
        for caption in figure.captions
    )
    return replace(figure, captions=captions)


def _stages(network: Network) -> Diagram:
    document = summary(network)
    table = document.tables[0].with_columns(COLUMNS)
    shown = drawn_table(table, "table")
    canvas = Canvas("stages")
    canvas.caption(Caption("Stages and numbers", 0, -40, 20, "ink", bold=True, anchor="left"))
    canvas.place(shown, 0, 0, "")
    facts = "  ·  ".join(
        f"{format_value(fact.value, fact.kind)} {fact.label}" + (f" ({fact.remark})" if fact.remark else "")
        for fact in document.header
    )
    y = shown.height + 22
    for paragraph in (facts, *table.notes, *document.notes, column_notes(table.columns)):
        for line in wrap(paragraph, int(shown.width / text_width("o", NOTE))):
            canvas.caption(Caption(line, 0, y, NOTE, "faint", anchor="left"))
            y += NOTE * 1.5
        y += NOTE * 0.5
    return canvas.diagram()
