"""Everything but the blocks as chains of layers, the blocks between them as one box."""

from __future__ import annotations

from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas
from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Sizes
from effnet_inspect.views.diagram.chain import HEADING, place_chain
from effnet_inspect.views.diagram.labels import measured_lines

SIZES = Sizes(width=200, height=38, gap=14, text=11)
APART = 52.0
BLOCKS_WIDTH = 150.0
ROWS = 12
"""Layers in a column."""


def stem(network: Network) -> Diagram:
    """Draw what comes before, after and beside the blocks."""
    return _Figure(network).draw()


class _Figure:
    def __init__(self, network: Network) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.canvas = Canvas(f"{network.name}, stem and final layers")
        self.x = 0.0
        self.last: Box | None = None
        self.last_layer = ""

    def draw(self) -> Diagram:
        anatomy = self.anatomy
        for part in (anatomy.before, anatomy.stem):
            self._chain(part)
        self._blocks()
        for part in (anatomy.head, anatomy.classifier, anatomy.after, anatomy.other_branches):
            self._chain(part)
        self.canvas.caption(Caption(self.canvas.name, 0, -26, 20, "ink", bold=True, anchor="left"))
        return self.canvas.diagram()

    def _chain(self, part: Section | None) -> None:
        if part is None or not part.layers:
            return
        follows = self.last is not None and self.last_layer in part.layers[0].inputs
        card = place_chain(self.canvas, part, self.network, SIZES, self.x, 0, ROWS,
                           self.last_layer if follows else "")  # fmt: skip
        if follows and self.last is not None:
            self.canvas.rise(self.last, card.first, self.x - APART / 2)
        self.last, self.last_layer = card.last, part.layers[-1].name
        self.x += card.frame.width + APART

    def _blocks(self) -> None:
        anatomy = self.anatomy
        layers = [layer for block in anatomy.blocks for layer in block.layers]
        count = len(anatomy.blocks)
        label = f"Blocks 1–{count}" if count > 1 else "Block 1"
        key = "blocks"
        while key in anatomy.graph:
            key += " "
        box = self.canvas.box(
            Box(key, self.x, HEADING, BLOCKS_WIDTH, SIZES.height, "other", label,
                f"{len(anatomy.sub_blocks)} sub-blocks · {len(layers)} layers",
                "\n".join(measured_lines(layers, self.network)), size=11)
        )  # fmt: skip
        if self.last is not None:
            self.canvas.rise(self.last, box, self.x - APART / 2)
        self.last, self.last_layer = box, layers[-1].name
        self.x += BLOCKS_WIDTH + APART
