"""Where data enter a model and leave it: a box for each place, with the names and shapes of what is taken or given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from effnet_inspect.drawing import Box, Path
from effnet_inspect.drawing.canvas import Canvas, fitted_name, text_width
from effnet_inspect.drawing.page import SMALLEST, TEXT
from effnet_inspect.graph import Layer
from effnet_inspect.views.diagram.labels import shape_text
from effnet_inspect.words import pluralize

APART = 9.0
PILL_HEIGHT = 13.0

Side = Literal["above", "below", "left"]


def end_text(layer: Layer, room: float, word: str = "") -> str:
    """An input or output of a model in a line of `room` points, as `input rgb 224×224×3`; of a long name the end."""
    before, behind = f"{word} " if word else "", f" {shape_text(layer.output_shape)}"
    return before + fitted_name(layer.name, room - text_width(before + behind, SMALLEST), SMALLEST) + behind


def end_height(count: int) -> float:
    """Of the box of so many inputs or outputs."""
    return PILL_HEIGHT + count * TEXT * 1.25


def place_end(
    canvas: Canvas,
    word: str,
    layers: Sequence[Layer],
    box: Box,
    side: Side,
    *,
    apart: float = APART,
    arrow: bool = True,
) -> Box:
    """Place a box for `layers`, at least one, as wide as the `box` they lead to or come from, on a side of it.

    `word` is what each of them is, `Input` or `Output`.
    """
    shapes = [shape_text(layer.output_shape) for layer in layers]
    one = len(layers) == 1
    label = word if one else pluralize(len(layers), word.lower())
    notes = shapes if one else [end_text(layer, box.width - 4) for layer in layers]
    tooltip = "\n".join(f"{word} {layer.name}: {shape}" for layer, shape in zip(layers, shapes, strict=True))
    key = f"{word} of the model"
    while key in canvas.boxes:
        key += " "
    height = end_height(len(notes))
    x = box.x - box.width - apart if side == "left" else box.x
    y = {"above": box.y - apart - height, "below": box.y + box.height + apart, "left": box.centre[1] - height / 2}[side]
    end = canvas.box(
        Box(key, x, y, box.width, height, "plain", label, "\n".join(notes), tooltip, size=TEXT, note_size=SMALLEST)
    )
    if not arrow:
        return end
    if side == "above":
        canvas.down(end, box)
    elif side == "below":
        canvas.down(box, end)
    else:
        y = box.centre[1]
        canvas.paths.append(Path(box.key, end.key, ((box.x, y), (end.x + end.width, y))))
    return end
