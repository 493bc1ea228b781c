"""One block: every sub-block with every layer, side by side in as many rows as make a readable sheet."""

from __future__ import annotations

from effnet_inspect.anatomy import Anatomy
from effnet_inspect.canvas import Canvas
from effnet_inspect.drawing import Caption, Diagram, Path
from effnet_inspect.measures import Measures
from effnet_inspect.values import written
from effnet_inspect.views.diagram.card import Card, Sizes, card_height, place_card
from effnet_inspect.views.diagram.labels import shape_text

SIZES = Sizes(width=200)
GUTTER = 36.0
ASPECT = 1.7
"""Width to height that the sheet comes as near to as its rows allow."""


def block(anatomy: Anatomy, measures: Measures, number: int) -> Diagram:
    """Draw one block by its number, which the anatomy must have."""
    chosen = anatomy.blocks[number - 1]
    canvas = Canvas(f"{anatomy.graph.name}, block {number}")
    width = SIZES.card_width + GUTTER
    height = max(card_height(each, SIZES) for each in chosen.sub_blocks) + GUTTER
    count = len(chosen.sub_blocks)
    columns = min(range(1, count + 1), key=lambda each: abs(each * width / (-(-count // each) * height) - ASPECT))
    columns = -(-count // -(-count // columns))
    before: Card | None = None
    for index, sub_block in enumerate(chosen.sub_blocks):
        row, column = divmod(index, columns)
        card = place_card(canvas, sub_block, measures, SIZES, column * width, row * height)
        if before is not None and column:
            canvas.over(before.last, card.first, card.frame.x - GUTTER / 2, card.frame.y + 10)
        elif before is not None:
            _next_row(canvas, before, card)
        before = card
    totals = measures.totals(chosen.layers)
    facts = (
        f"{shape_text(chosen.input_shape)} → {shape_text(chosen.output_shape)}  ·  {count} sub-block{'s' * (count > 1)}"
        f"  ·  {totals.layers} layers  ·  {totals.parameters:,} parameters  ·  {written(totals.macs, 'quantity')} MACs"
    )
    canvas.caption(Caption(canvas.name, 0, -52, 20, "ink", bold=True, anchor="left"))
    canvas.caption(Caption(facts, 0, -28, 11, "faint", anchor="left"))
    return canvas.diagram()


def _next_row(canvas: Canvas, before: Card, after: Card) -> None:
    """From the end of a row down into the gutter, back to the left, and down into the next row."""
    gutter = after.frame.y - GUTTER / 2
    x, target = before.last.centre[0], after.first.centre[0]
    points = ((x, before.last.y + before.last.height), (x, gutter), (target, gutter), (target, after.first.y))
    canvas.paths.append(Path(before.last.key, after.first.key, points, radius=10))
