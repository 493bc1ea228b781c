"""Stem, final layers and classifier as chains of layers, the blocks between them as one box."""

from __future__ import annotations

from effnet_inspect.anatomy import Anatomy
from effnet_inspect.canvas import Canvas
from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.measures import Measures
from effnet_inspect.views.diagram.card import Sizes
from effnet_inspect.views.diagram.chain import place_chain
from effnet_inspect.views.diagram.labels import measured_lines

SIZES = Sizes(width=200, height=38, gap=14, text=11)
APART = 52.0


def stem(anatomy: Anatomy, measures: Measures) -> Diagram:
    """Draw what comes before and after the blocks."""
    canvas = Canvas(f"{anatomy.graph.name}, stem and final layers")
    first = place_chain(canvas, anatomy.graph, anatomy.stem, measures, SIZES, 0, 0)
    x = first.frame.width + APART
    layers = [layer for block in anatomy.blocks for layer in block.layers]
    middle = first.first.y
    blocks = canvas.box(
        Box("blocks", x, middle, 150, SIZES.height, "other", f"Blocks 1–{len(anatomy.blocks)}",
            f"{len(anatomy.sub_blocks)} sub-blocks · {len(layers)} layers", "\n".join(measured_lines(layers, measures)),
            size=11, dashed=True)
    )  # fmt: skip
    canvas.rise(first.last, blocks, x - APART / 2)
    before, x = blocks, x + 150 + APART
    for part in (anatomy.head, anatomy.classifier):
        if part:
            card = place_chain(canvas, anatomy.graph, part, measures, SIZES, x, 0)
            canvas.rise(before, card.first, x - APART / 2)
            before, x = card.last, x + card.frame.width + APART
    canvas.caption(Caption(canvas.name, 0, -26, 20, "ink", bold=True, anchor="left"))
    return canvas.diagram()
