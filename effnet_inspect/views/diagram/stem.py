"""Everything but the blocks as chains of layers, the blocks between them as one box."""

from __future__ import annotations

from effnet_inspect.drawing import Box, Diagram, Path
from effnet_inspect.drawing.canvas import Canvas
from effnet_inspect.drawing.page import SMALLEST, TEXT
from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Card
from effnet_inspect.views.diagram.chain import APART as COLUMNS_APART
from effnet_inspect.views.diagram.chain import INSET, TOP, chain_size, chain_sizes, place_chain
from effnet_inspect.views.diagram.labels import measured_lines
from effnet_inspect.views.diagram.layers_box import layer_sizes
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.words import pluralize

APART = 16.0
LEFT = 9.0
"""Of the first chain in a line: room for the way into it."""
NARROWEST = 90.0
WIDEST = 140.0
ROWS = 12
"""Layers in a column, where so many columns find room."""


def stem(network: Network, look: Look) -> Diagram:
    """Draw what comes before, after and beside the blocks, in lines as wide as the page."""
    return _Figure(network, look).draw()


class _Figure:
    def __init__(self, network: Network, look: Look) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.look = look
        self.canvas = Canvas(f"{network.name}, stem and final layers")
        self.parts = [part for part in (self.anatomy.before, self.anatomy.stem) if part and part.layers]
        tail = (
            self.anatomy.part,
            self.anatomy.head,
            self.anatomy.classifier,
            self.anatomy.after,
            self.anatomy.other_branches,
        )
        self.tail = [part for part in tail if part and part.layers]
        columns = 1 + sum(-(-len(part.layers) // ROWS) for part in (*self.parts, *self.tail))
        frame = 2 * INSET + APART
        self.columns = max(min(int((look.room - LEFT + APART) / (NARROWEST + frame)), columns), 1)
        self.sizes = layer_sizes(min((look.room - LEFT + APART) / self.columns - frame, WIDEST), look)
        self.x, self.y = LEFT, 0.0
        self.last: Box | None = None
        self.last_layer = ""

    def draw(self) -> Diagram:
        for part in self.parts:
            self._chain(part)
        self._blocks()
        for part in self.tail:
            self._chain(part)
        heading(self.canvas, self.look.title(self.network.name, "stem and final layers"), [], self.look, 0.0)
        return self.canvas.diagram(self.look.width)

    def _chain(self, part: Section) -> None:
        follows = self.last is not None and self.last_layer in part.layers[0].inputs
        arrives = self.last_layer if follows else ""
        most = int((self.look.room - LEFT - 2 * INSET + COLUMNS_APART) / (self.sizes.width + COLUMNS_APART))
        rows = -(-len(part.layers) // min(most, -(-len(part.layers) // ROWS)))
        sizes = chain_sizes(part, self.sizes, arrives)
        self._make_room(chain_size(part, sizes, rows)[0])
        card = place_chain(self.canvas, part, self.network, self.look, self.sizes, self.x, self.y, rows, arrives)
        if follows:
            self._enter(card.first, card)
        self.last, self.last_layer = card.last, part.layers[-1].name
        self.x += card.frame.width + APART

    def _make_room(self, width: float) -> None:
        """Begin another line where there is no room left in this one."""
        if self.x > LEFT and self.x + width > self.look.room + 0.01:
            lowest = max(each.y + each.height for each in self.canvas.placed())
            self.x, self.y = LEFT, lowest + APART

    def _enter(self, box: Box, card: Card | None = None) -> None:
        """From the last box into this one, beside it or in the next line."""
        before = self.last
        if before is None:
            return
        left = (card.frame.x if card else box.x) - APART / 2
        if before.y >= self.y:
            self.canvas.rise(before, box, left)
            return
        x, lane = before.centre[0], self.y - APART / 2
        points = ((x, before.y + before.height), (x, lane), (left, lane), (left, box.centre[1]), (box.x, box.centre[1]))
        self.canvas.paths.append(Path(before.key, box.key, points, radius=6))

    def _blocks(self) -> None:
        anatomy = self.anatomy
        layers = [layer for block in anatomy.blocks for layer in block.layers]
        count = len(anatomy.blocks)
        label = f"Blocks 1–{count}" if count > 1 else "Block 1"
        key = "blocks"
        while key in anatomy.graph:
            key += " "
        self._make_room(self.sizes.width)
        counts = (pluralize(len(anatomy.sub_blocks), "sub-block"), pluralize(len(layers), "layer"))
        box = self.canvas.box(
            Box(key, self.x, self.y + TOP, self.sizes.width, self.sizes.height, "other", label,
                "\n".join((*self.look.shares(layers), *counts)[: self.sizes.notes]),
                "\n".join(measured_lines(layers, self.network)), size=TEXT, note_size=SMALLEST,
                layers=tuple(layer.name for layer in layers))
        )  # fmt: skip
        self._enter(box)
        self.last, self.last_layer = box, layers[-1].name
        self.x += self.sizes.width + APART
