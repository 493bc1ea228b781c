"""Every layer of the network: a panel for each part and block, as wide as the page, one below the other."""

from __future__ import annotations

from dataclasses import replace

from effnet_inspect.drawing import Caption, Diagram, Frame, Path
from effnet_inspect.drawing.canvas import Canvas, wrapped
from effnet_inspect.drawing.page import HEADING, TEXT
from effnet_inspect.structure.anatomy import Block, Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Card, card_height, card_sizes, card_width, place_card
from effnet_inspect.views.diagram.chain import APART, INSET, place_chain
from effnet_inspect.views.diagram.labels import (
    model_facts,
    operator_text,
    section_tooltip,
    shape_text,
    stride_text,
    sums_in_short,
)
from effnet_inspect.views.diagram.look import Look, heading

GUTTER = 14.0
PANEL_INSET = 9.0
"""Of a panel on all sides: on the left, what comes in goes down in it."""
BETWEEN = 14.0
LINE = TEXT * 1.4


def layers(network: Network, look: Look) -> Diagram:
    """Draw the full graph, nested as blocks, sub-blocks and modules."""
    return _Sheet(network, look).draw()


class _Sheet:
    def __init__(self, network: Network, look: Look) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.look = look
        self.canvas = Canvas(f"{network.name}, all layers")
        most = max(len(block.sub_blocks) for block in self.anatomy.blocks)
        self.sizes, self.columns = card_sizes(look.room - 2 * PANEL_INSET, most, GUTTER, look)
        self.sizes = replace(self.sizes, notes=1)
        self.before: Card | None = None
        self.y = 0.0

    def draw(self) -> Diagram:
        for stage in self.anatomy.stages:
            if isinstance(stage, Block):
                self._panel(stage)
            elif stage.layers:
                self._chain(stage)
        heading(self.canvas, self.canvas.name, model_facts(self.network), self.look, -10)
        return self.canvas.diagram(self.look.width)

    def _chain(self, part: Section) -> None:
        before = self.before if self.before and self.before.last.key in part.layers[0].inputs else None
        arrives = before.last.key if before else ""
        columns = int((self.look.room - 2 * INSET + APART) / (self.sizes.width + APART))
        rows = -(-len(part.layers) // columns)
        card = place_chain(self.canvas, part, self.network, self.look, self.sizes, 0, self.y, rows, arrives)
        if before:
            self._enter(before, card, 0.0)
        self.before = card
        self.y += card.frame.height + BETWEEN

    def _enter(self, before: Card, card: Card, panel: float) -> None:
        """Down into the gap above the panel, to the left, down at its edge, and from there into its first layer."""
        x, target, edge = before.last.centre[0], card.first.centre[0], panel + INSET / 2
        lane, level = self.y - BETWEEN / 2, card.fork_level - 5
        points = (
            (x, before.last.y + before.last.height), (x, lane), (edge, lane), (edge, level), (target, level),
            (target, card.first.y),
        )  # fmt: skip
        self.canvas.paths.append(Path(before.last.key, card.first.key, points, radius=6))

    def _panel(self, block: Block) -> None:
        key = f"block {block.number}"
        top = self._panel_heading(block)
        width = self.columns * (card_width(self.sizes) + GUTTER) - GUTTER + 2 * PANEL_INSET
        for start in range(0, len(block.sub_blocks), self.columns):
            row = block.sub_blocks[start : start + self.columns]
            for column, sub_block in enumerate(row):
                left = PANEL_INSET + column * (card_width(self.sizes) + GUTTER)
                before = self.before
                card = place_card(self.canvas, sub_block, self.network, self.look, self.sizes, left, top, parent=key,
                                  source=before.last if before else None)  # fmt: skip
                if before is not None and column:
                    self.canvas.over(before.last, card.first, left - GUTTER / 2, card.fork_level - 5)
                elif before is not None and start:
                    self._next_row(before, card)
                elif before is not None:
                    self._enter(before, card, 0.0)
                self.before = card
            top += max(card_height(each, self.sizes) for each in row) + GUTTER
        height = top - GUTTER + PANEL_INSET - self.y
        self.canvas.frame(
            Frame(key, 0, self.y, width, height, "plain", tooltip=section_tooltip(block.title, block, self.network))
        )
        self.y += height + BETWEEN

    def _next_row(self, before: Card, card: Card) -> None:
        x, target, lane = before.last.centre[0], card.first.centre[0], card.frame.y - GUTTER / 2
        points = ((x, before.last.y + before.last.height), (x, lane), (target, lane), (target, card.first.y))
        self.canvas.paths.append(Path(before.last.key, card.first.key, points, radius=6))

    def _panel_heading(self, block: Block) -> float:
        """What a block is; returns where its cards begin."""
        totals = self.network.measures.totals(block.layers)
        left, y = 2 * PANEL_INSET, self.y + 12
        self.canvas.caption(Caption(block.title, left, y, HEADING, "ink", bold=True, anchor="left"))
        stride = [stride_text(block.stride)] if block.stride != (1, 1) else []
        facts = [operator_text(block.first), *stride, shape_text(block.output_shape), *sums_in_short(totals, "layers")]
        y += 3
        for line in wrapped(facts, self.look.room - 4 * PANEL_INSET, TEXT, " · "):
            y += LINE
            self.canvas.caption(Caption(line, left, y, TEXT, "faint", anchor="left"))
        return y + 10
