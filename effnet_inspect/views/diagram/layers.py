"""Every layer of the network on one sheet: a panel for each block, its sub-blocks in columns of cards."""

from __future__ import annotations

from math import fsum

from effnet_inspect.drawing import Caption, Diagram, Frame
from effnet_inspect.drawing.canvas import Canvas, fitted
from effnet_inspect.formatting import format_value
from effnet_inspect.structure.anatomy import Block, Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Card, Sizes, card_height, place_card
from effnet_inspect.views.diagram.chain import chain_size, place_chain
from effnet_inspect.views.diagram.labels import (
    kernel_text,
    model_line,
    section_tooltip,
    shape_text,
    stride_text,
)

SIZES = Sizes(width=172, height=32, gap=11, text=9.5)
GUTTER = 30.0
PANEL_TOP = 76.0
PANEL_INSET = 16.0
BETWEEN = 34.0
ASPECT = 1.42
"""Width to height of a sheet of paper, landscape."""


def layers(network: Network) -> Diagram:
    """Draw the full graph, nested as blocks, sub-blocks and modules."""
    return _Sheet(network).draw()


class _Sheet:
    def __init__(self, network: Network) -> None:
        self.anatomy = network.anatomy
        self.network = network
        self.canvas = Canvas(f"{network.name}, all layers")
        self.rows = self._best_rows()
        self.before: Card | None = None
        self.x = 0.0

    def _best_rows(self) -> int:
        """So many cards in a column that the sheet comes nearest to its aspect."""
        most = max(len(block.sub_blocks) for block in self.anatomy.blocks)
        return min(range(1, most + 1), key=lambda rows: abs(self._width(rows) / self._height(rows) - ASPECT))

    def _height(self, rows: int) -> float:
        return max(self._panel_height(block, rows) for block in self.anatomy.blocks)

    def _width(self, rows: int) -> float:
        blocks = fsum(self._panel_width(block, rows) + BETWEEN for block in self.anatomy.blocks)
        parts = [stage for stage in self.anatomy.stages if isinstance(stage, Section) and stage.layers]
        in_column = self._layers_in_column(rows)
        return blocks + fsum(chain_size(part, SIZES, in_column)[0] + BETWEEN for part in parts)

    def _layers_in_column(self, rows: int) -> int:
        return max(int((self._height(rows) - PANEL_TOP) / SIZES.row), 8)

    @staticmethod
    def _grid(block: Block, rows: int) -> tuple[int, int]:
        """(columns, rows) of a block's cards, the columns as equal in height as can be."""
        columns = -(-len(block.sub_blocks) // rows)
        return columns, -(-len(block.sub_blocks) // columns)

    def _panel_width(self, block: Block, rows: int) -> float:
        columns, _ = self._grid(block, rows)
        return columns * (SIZES.card_width + GUTTER) - GUTTER + 2 * PANEL_INSET

    def _panel_height(self, block: Block, rows: int) -> float:
        _, in_column = self._grid(block, rows)
        columns = (block.sub_blocks[start : start + in_column] for start in range(0, len(block.sub_blocks), in_column))
        heights = (fsum(card_height(each, SIZES) + GUTTER for each in column) for column in columns)
        return PANEL_TOP + max(heights) - GUTTER + PANEL_INSET

    def draw(self) -> Diagram:
        for stage in self.anatomy.stages:
            if isinstance(stage, Block):
                self._panel(stage)
            elif stage.layers:
                self._chain(stage)
        self.canvas.caption(Caption(self.canvas.name, 0, -66, 30, "ink", bold=True, anchor="left"))
        self.canvas.caption(Caption(model_line(self.network), 0, -30, 15, "faint", anchor="left"))
        return self.canvas.diagram()

    def _chain(self, part: Section) -> None:
        in_column = self._layers_in_column(self.rows)
        before = self.before if self.before and self.before.last.key in part.layers[0].inputs else None
        arrives = before.last.key if before else ""
        card = place_chain(self.canvas, part, self.network, SIZES, self.x, 0, in_column, arrives)
        if before:
            self.canvas.rise(before.last, card.first, self.x - BETWEEN / 2)
        self.before = card
        self.x += card.frame.width + BETWEEN

    def _panel(self, block: Block) -> None:
        width = self._panel_width(block, self.rows)
        key = f"block {block.number}"
        _, rows = self._grid(block, self.rows)
        height = self._panel_height(block, self.rows)
        self.canvas.frame(
            Frame(key, self.x, 0, width, height, "plain",
                  tooltip=section_tooltip(f"Block {block.number}", block, self.network))
        )  # fmt: skip
        for index, sub_block in enumerate(block.sub_blocks):
            column, row = divmod(index, rows)
            left = self.x + PANEL_INSET + column * (SIZES.card_width + GUTTER)
            top = self.before.frame.y + self.before.frame.height + GUTTER if row and self.before else PANEL_TOP
            card = place_card(self.canvas, sub_block, self.network, SIZES, left, top, key)
            before = self.before
            if before is not None and row:
                self.canvas.down(before.last, card.first)
            elif before is not None:
                apart = GUTTER / 2 if column else PANEL_INSET + BETWEEN / 2
                self.canvas.over(before.last, card.first, left - apart, top + 10)
            self.before = card
        self._panel_heading(block)
        self.x += width + BETWEEN

    def _panel_heading(self, block: Block) -> None:
        first, totals = block.first, self.network.measures.totals(block.layers)
        left = self.x + PANEL_INSET
        self.canvas.caption(Caption(f"Block {block.number}", left, 22, 22, "ink", bold=True, anchor="left"))
        counts = f"{totals['parameters']:,} parameters · {format_value(totals['macs'], 'quantity')} MACs"
        lines = (
            f"{first.operator} · {kernel_text(first.kernel)} · {stride_text(first.stride)}",
            f"{shape_text(block.output_shape)} · {counts}",
        )
        for index, line in enumerate(lines):
            line = fitted(line, self._panel_width(block, self.rows) - 2 * PANEL_INSET, 10)
            self.canvas.caption(Caption(line, left, 44 + 15 * index, 10, "faint", anchor="left"))
