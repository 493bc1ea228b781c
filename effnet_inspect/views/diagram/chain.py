"""A section of layers as a chain in a frame: the stem, the final layers, what is around a backbone."""

from __future__ import annotations

from dataclasses import replace

from effnet_inspect.drawing import Box, Caption, Frame
from effnet_inspect.drawing.canvas import Canvas, fitted
from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Card, Sizes, layer_box
from effnet_inspect.views.diagram.labels import section_role, section_tooltip
from effnet_inspect.words import pluralize

HEADING = 46.0
INSET = 12.0
APART = 34.0


def chain_size(part: Section, sizes: Sizes, rows: int) -> tuple[float, float]:
    """(width, height) of the frame that `place_chain` makes with at most `rows` layers in a column."""
    columns = -(-len(part.layers) // rows)
    width = columns * sizes.width + (columns - 1) * APART + 2 * INSET
    return width, HEADING + min(rows, len(part.layers)) * sizes.row - sizes.gap + INSET


def place_chain(
    canvas: Canvas,
    part: Section,
    network: Network,
    sizes: Sizes,
    x: float,
    y: float,
    rows: int = 60,
    arrives: str = "",
) -> Card:
    """Place a part's layers in columns of at most `rows`; returns where the data enter and leave.

    An edge to the next layer is drawn; of any other edge the box tells where it comes from, but for the one from
    the layer `arrives` into the first, which the caller draws.
    """
    role = section_role(part)
    sources = _sources_not_drawn(part, arrives)
    if any(sources):
        sizes = replace(sizes, height=sizes.height + sizes.text)
    width, height = chain_size(part, sizes, rows)
    before: Box | None = None
    boxes: list[Box] = []
    for index, (layer, elsewhere) in enumerate(zip(part.layers, sources, strict=True)):
        column, row = divmod(index, rows)
        left = x + INSET + column * (sizes.width + APART)
        box = layer_box(layer, network, sizes, left, y + HEADING + row * sizes.row, role, part.name)
        if elsewhere:
            words = f"from {', '.join(elsewhere)}"
            line = fitted(words, sizes.width - 8, sizes.text * 0.75)
            box = replace(box, note=f"{box.note}\n{line}", tooltip=f"{box.tooltip}\n{words}")
        canvas.box(box)
        if before is not None and before.key in layer.inputs:
            if row:
                canvas.down(before, box)
            else:
                canvas.over(before, box, box.x - APART / 2, box.y - 8)
        before = box
        boxes.append(box)
    frame = canvas.frame(
        Frame(part.name, x, y, width, height, "frame", tooltip=section_tooltip(part.title, part, network))
    )
    totals = network.measures.totals(part.layers)
    canvas.caption(Caption(part.title, x + INSET, y + 17, 14, "ink", bold=True, anchor="left"))
    facts = f"{pluralize(totals['layers'], 'layer')} · {totals['parameters']:,} parameters"
    canvas.caption(Caption(fitted(facts, width - 2 * INSET, 9), x + INSET, y + 33, 9, "faint", anchor="left"))
    return Card(boxes[0], boxes[-1], frame, y + HEADING - 8)


def _sources_not_drawn(part: Section, arrives: str) -> list[list[str]]:
    """For each layer, the layers it takes its input from that no line leads from."""
    drawn = [arrives, *(layer.name for layer in part.layers)]
    return [
        [name for name in dict.fromkeys(layer.inputs) if name != above]
        for layer, above in zip(part.layers, drawn, strict=False)
    ]
