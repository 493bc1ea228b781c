"""A section of layers as a chain in a frame: the stem, the final layers, what is around a backbone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from effnet_inspect.drawing import Box, Caption, Frame
from effnet_inspect.drawing.canvas import Canvas, fitted, fitted_name, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST
from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Card
from effnet_inspect.views.diagram.labels import section_role, section_tooltip, sums_in_short
from effnet_inspect.views.diagram.layers_box import Sizes, layers_box
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.words import pluralize

TOP = 38.0
"""From a chain's frame to its first layers: room for its title, and for what comes in."""
INSET = 8.0
APART = 18.0


def chain_size(part: Section, sizes: Sizes, rows: int) -> tuple[float, float]:
    """(width, height) of the frame that `place_chain` makes with at most `rows` layers in a column."""
    columns = -(-len(part.layers) // rows)
    width = columns * sizes.width + (columns - 1) * APART + 2 * INSET
    return width, TOP + min(rows, len(part.layers)) * sizes.row - (sizes.row - sizes.height) + INSET


def place_chain(
    canvas: Canvas,
    part: Section,
    network: Network,
    look: Look,
    sizes: Sizes,
    x: float,
    y: float,
    rows: int,
    arrives: str = "",
) -> Card:
    """Place a part's layers in columns of at most `rows`; returns where the data enter and leave.

    An edge to the next layer is drawn; of any other edge the box tells where it comes from, but for the one from
    the layer `arrives` into the first, which the caller draws.
    """
    role = section_role(part)
    sources = sources_not_drawn(part, arrives)
    box_sizes, sizes = sizes, chain_sizes(part, sizes, arrives)
    width, height = chain_size(part, sizes, rows)
    before: Box | None = None
    boxes: list[Box] = []
    for index, (layer, elsewhere) in enumerate(zip(part.layers, sources, strict=True)):
        column, row = divmod(index, rows)
        left = x + INSET + column * (sizes.width + APART)
        box = layers_box((layer,), network, look, box_sizes, left, y + TOP + row * sizes.row, role, part.name)
        box = replace(box, height=sizes.height)
        if elsewhere:
            words = f"from {', '.join(elsewhere)}"
            line = _sources_line(elsewhere, sizes.room)
            box = replace(box, note=f"{box.note}\n{line}", tooltip=f"{box.tooltip}\n{words}")
        canvas.box(box)
        if before is not None and before.key in layer.inputs:
            if row:
                canvas.down(before, box)
            else:
                canvas.over(before, box, box.x - APART / 2, box.y - 6)
        before = box
        boxes.append(box)
    frame = canvas.frame(
        Frame(part.name, x, y, width, height, "frame", tooltip=section_tooltip(part.title, part, network))
    )
    totals = network.measures.totals(part.layers)
    room = width - 2 * INSET
    title = fitted(part.title, room, HEADING, bold=True)
    canvas.caption(Caption(title, x + INSET, y + 11, HEADING, "ink", bold=True, anchor="left"))
    facts = wrapped((pluralize(totals["layers"], "layer"), sums_in_short(totals, "layers")[0]), room, SMALLEST, " · ")[
        0
    ]
    canvas.caption(Caption(facts, x + INSET, y + 22, SMALLEST, "faint", anchor="left"))
    return Card(boxes[0], boxes[-1], frame, boxes[0].y - 1)


def _sources_line(names: Sequence[str], room: float) -> str:
    """Where something comes from: of one long name the end, of several as much as fits."""
    words = f"from {', '.join(names)}"
    if len(names) > 1:
        return fitted(words, room, SMALLEST)
    return f"from {fitted_name(names[0], room - text_width('from ', SMALLEST), SMALLEST)}"


def chain_sizes(part: Section, sizes: Sizes, arrives: str) -> Sizes:
    """The sizes of a chain's boxes: as high as the highest, with a line more where any tells what it comes from."""
    sizes = sizes.of(*((layer,) for layer in part.layers))
    return replace(sizes, notes=sizes.notes + 1) if any(sources_not_drawn(part, arrives)) else sizes


def sources_not_drawn(part: Section, arrives: str) -> list[list[str]]:
    """For each layer, the layers it takes its input from that no line leads from."""
    drawn = [arrives, *(layer.name for layer in part.layers)]
    return [
        [name for name in dict.fromkeys(layer.inputs) if name != above]
        for layer, above in zip(part.layers, drawn, strict=False)
    ]
