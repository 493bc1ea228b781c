"""One block: its sub-blocks with every layer, side by side in as many lines as the width asks for."""

from __future__ import annotations

from dataclasses import replace

from effnet_inspect.drawing import Box, Diagram, Path
from effnet_inspect.drawing.canvas import Canvas
from effnet_inspect.drawing.page import SMALLEST, TEXT
from effnet_inspect.structure.anatomy import Block
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.card import EDGE, Card, card_height, card_sizes, card_width, place_card
from effnet_inspect.views.diagram.labels import alike_sub_blocks, shape_text, sums_in_short
from effnet_inspect.views.diagram.layers_box import Sizes
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.words import pluralize

GUTTER = 14.0
ENDS_HEIGHT = 24.0
TO_CARDS = 12.0
DENSE_TO_CARDS = 7.0
FOLDED = "convolution to activation in one box"


def block(network: Network, chosen: Block, look: Look, *, expand: bool = False) -> Diagram:
    """Draw one block of the network, alike sub-blocks once; `expand` draws every one.

    A dense figure that would be higher than its page has one box for a convolution and what follows it.
    """
    whole = _block(network, chosen, look, expand=expand, folded=False)
    if not look.dense or look.most is None or whole.height <= look.most:
        return whole
    return _block(network, chosen, look, expand=expand, folded=True)


def _block(network: Network, chosen: Block, look: Look, *, expand: bool, folded: bool) -> Diagram:
    canvas = Canvas(f"{network.name}, block {chosen.number}")
    groups = list(alike_sub_blocks(chosen, expand=expand))
    sizes, columns = card_sizes(look.room, len(groups), GUTTER, look)
    sizes = replace(sizes, folded=folded)
    width = card_width(sizes) + GUTTER
    left = (look.room + GUTTER - columns * width) / 2
    entry = _end(canvas, "Input", shape_text(chosen.input_shape), left + EDGE + sizes.width / 2, 0, sizes)
    to_cards = DENSE_TO_CARDS if look.dense else TO_CARDS
    top = ENDS_HEIGHT + to_cards
    before: Card | None = None
    for index, (sub_block, alike) in enumerate(groups):
        column = index % columns
        if index and not column:
            top += max(card_height(each, sizes) for each, _ in groups[index - columns : index]) + GUTTER
        times = len(alike)
        title = sub_block.name if times == 1 else f"{sub_block.name}–{alike[-1].name} ×{times}"
        source = before.last if before else entry
        card = place_card(canvas, sub_block, network, look, sizes, left + column * width, top,
                          source=source, title=title, alike=alike)  # fmt: skip
        if before is None:
            canvas.down(entry, card.first)
        elif column:
            canvas.over(before.last, card.first, card.frame.x - GUTTER / 2, card.fork_level - 5)
        else:
            _next_row(canvas, before, card)
        before = card
    assert before is not None
    leaves = _end(canvas, "Output", shape_text(chosen.output_shape), before.last.centre[0],
                  before.frame.y + before.frame.height + to_cards, sizes)  # fmt: skip
    canvas.down(before.last, leaves)
    totals = network.measures.totals(chosen.layers)
    facts = [pluralize(len(chosen.sub_blocks), "sub-block"), *sums_in_short(totals), *([FOLDED] if folded else [])]
    heading(canvas, canvas.name, facts, look, -14, left)
    return canvas.diagram(look.width)


def _end(canvas: Canvas, word: str, shape: str, middle: float, y: float, sizes: Sizes) -> Box:
    width = min(sizes.width, 80)
    return canvas.box(
        Box(f"{word} of the block", middle - width / 2, y, width, ENDS_HEIGHT, "plain", word, shape, f"{word}: {shape}",
            size=TEXT, note_size=SMALLEST)
    )  # fmt: skip


def _next_row(canvas: Canvas, before: Card, after: Card) -> None:
    """From the end of a row down into the gutter, back to the left, and down into the next row."""
    gutter = after.frame.y - GUTTER / 2
    x, target = before.last.centre[0], after.first.centre[0]
    points = ((x, before.last.y + before.last.height), (x, gutter), (target, gutter), (target, after.first.y))
    canvas.paths.append(Path(before.last.key, after.first.key, points, radius=6))
