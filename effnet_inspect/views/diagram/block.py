"""One block: every sub-block with every layer, side by side in as many rows as make a readable sheet."""

from __future__ import annotations

from effnet_inspect.drawing import Caption, Diagram, Path
from effnet_inspect.drawing.canvas import Canvas
from effnet_inspect.structure.anatomy import Block
from effnet_inspect.structure.measures import measures_shown_in
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import Card, Sizes, card_height, place_card
from effnet_inspect.views.diagram.labels import shape_text, total_text
from effnet_inspect.words import pluralize

SIZES = Sizes(width=200)
GUTTER = 36.0
ASPECT = 1.7
"""Width to height that the sheet comes as near to as its rows allow."""


def block(network: Network, chosen: Block) -> Diagram:
    """Draw one block of the network."""
    canvas = Canvas(f"{network.name}, block {chosen.number}")
    width = SIZES.card_width + GUTTER
    height = max(card_height(each, SIZES) for each in chosen.sub_blocks) + GUTTER
    count = len(chosen.sub_blocks)
    columns = min(range(1, count + 1), key=lambda each: abs(each * width / (-(-count // each) * height) - ASPECT))
    columns = -(-count // -(-count // columns))
    before: Card | None = None
    for index, sub_block in enumerate(chosen.sub_blocks):
        row, column = divmod(index, columns)
        card = place_card(canvas, sub_block, network, SIZES, column * width, row * height)
        if before is not None and column:
            canvas.over(before.last, card.first, card.frame.x - GUTTER / 2, card.frame.y + 10)
        elif before is not None:
            _next_row(canvas, before, card)
        before = card
    totals = network.measures.totals(chosen.layers)
    shapes = f"{shape_text(chosen.input_shape)} → {shape_text(chosen.output_shape)}"
    sums = [total_text(totals, measure) for measure in measures_shown_in("headline")]
    facts = "  ·  ".join((shapes, pluralize(count, "sub-block"), *sums))
    canvas.caption(Caption(canvas.name, 0, -52, 20, "ink", bold=True, anchor="left"))
    canvas.caption(Caption(facts, 0, -28, 11, "faint", anchor="left"))
    return canvas.diagram()


def _next_row(canvas: Canvas, before: Card, after: Card) -> None:
    """From the end of a row down into the gutter, back to the left, and down into the next row."""
    gutter = after.frame.y - GUTTER / 2
    x, target = before.last.centre[0], after.first.centre[0]
    points = ((x, before.last.y + before.last.height), (x, gutter), (target, gutter), (target, after.first.y))
    canvas.paths.append(Path(before.last.key, after.first.key, points, radius=10))
