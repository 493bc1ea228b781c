"""The box of a layer, or of a convolution with the normalisation and the activation that follow it.

It is as high as its lines ask for, and as wide as all others of a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from effnet_inspect.drawing import Box, BoxRole
from effnet_inspect.drawing.canvas import broken_word, fitted, fitted_name, text_width, wrapped
from effnet_inspect.drawing.page import SMALLEST, TEXT
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.regions import NORMALIZING
from effnet_inspect.views.diagram.labels import (
    layer_settings,
    layer_title,
    layer_tooltip,
    shape_text,
)
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.words import plural

GAP = 8.0
DENSE_GAP = 6.0
PADDING = 4.0
"""On the left and on the right of the text in a box, together."""
FOLLOWING = NORMALIZING | {"activation"}
"""What is told in the box of the convolution before it, where layers are folded."""

Row = tuple[Layer, ...]
"""The layers of a box: one, or a convolution and what follows it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width of a box in points, and how many lines its title has and the notes under that.

    With `folded` a convolution, its normalisation and its activation have one box.
    """

    width: float
    notes: int = 2
    titles: int = 1
    folded: bool = False

    @property
    def height(self) -> float:
        """Of a box."""
        return 6 + TEXT * 1.25 * (self.titles + self.notes)

    @property
    def gap(self) -> float:
        """From one box to the next."""
        return GAP if self.notes > 1 else DENSE_GAP

    @property
    def row(self) -> float:
        """From the top of one box to the top of the next."""
        return self.height + self.gap

    @property
    def room(self) -> float:
        """For text in a box."""
        return self.width - PADDING

    def of(self, *rows: Row) -> Sizes:
        """The same, so high that the texts of some boxes fit."""
        lines = [(len(title_lines(row[0], self)[0]), len(following_lines(row, self))) for row in rows]
        titles, following = (max(counts) for counts in zip(*lines, strict=True))
        return replace(self, titles=titles, notes=self.notes + following)

    def rows(self, layers: Sequence[Layer]) -> list[Row]:
        """The layers of each box that some layers in a row have."""
        rows: list[Row] = []
        for layer in layers:
            if self.folded and rows and layer.operation in FOLLOWING and _ends_in(rows[-1], layer, layers):
                rows[-1] = (*rows[-1], layer)
            else:
                rows.append((layer,))
        return rows


def _ends_in(row: Row, layer: Layer, layers: Sequence[Layer]) -> bool:
    """Whether a convolution's box goes on with a layer: nothing else takes what is before that."""
    takers = [each for each in layers if row[-1].name in each.inputs]
    return bool(row[0].filters or row[0].kernel) and layer.inputs == (row[-1].name,) and takers == [layer]


def layer_sizes(width: float, look: Look) -> Sizes:
    """The sizes of layers as wide as said."""
    return Sizes(width, 1 if look.dense else 2)


def title_lines(layer: Layer, sizes: Sizes) -> tuple[list[str], list[str]]:
    """The lines of a layer's title, its class and settings; the settings apart where they do not fit beside it."""
    if text_width(title := layer_title(layer), TEXT, bold=True) <= sizes.room:
        return [title], []
    return broken_word(layer.class_name, sizes.room, TEXT, bold=True), [" ".join(layer_settings(layer))]


def following_lines(row: Row, sizes: Sizes) -> list[str]:
    """What follows the first layer of a box, in lines: `BatchNormalization, silu`."""
    names = [(layer.operation == "activation" and layer.activation) or layer.class_name for layer in row[1:]]
    parts = [part for name in names for part in broken_word(name, sizes.room, SMALLEST)]
    return wrapped(parts, sizes.room, SMALLEST, ", ")


def layers_box(
    row: Row,
    network: Network,
    look: Look,
    sizes: Sizes,
    x: float,
    y: float,
    role: BoxRole,
    frame: str = "",
    alike: Sequence[Layer] = (),
) -> Box:
    """A layer: its class and settings, below them its name, its output shape and how many parameters it has.

    Settings go below the class where they do not fit beside it, and a long class takes several lines; parameters are
    left out first, then the name is elided. A dense look has no names. `alike` are the layers that it is drawn for,
    where those are not its own alone.
    """
    layer, stands_for = row[0], alike or row
    parameters = [each.parameters for each in row]
    total = None if None in parameters else sum(each or 0 for each in parameters)
    count = "?" if total is None else format_value(total, "count")
    counted = "" if total == 0 else f"{count} {plural('parameter', total or 0)}"
    if look.heat:
        counted = look.heat.text(stands_for)
    room, shape = sizes.room, shape_text(row[-1].output_shape)
    title, settings = title_lines(layer, sizes)
    facts = [fact for fact in (*settings, shape, counted) if fact]
    while len(facts) > 1 and text_width(" · ".join(facts), SMALLEST) > room:
        facts.pop()
    note = fitted(" · ".join(facts), room, SMALLEST)
    if sizes.notes > 1:
        note = f"{fitted_name(layer.name, room, SMALLEST)}\n{note}"
    elif not look.dense and not look.heat and facts[0] == shape:
        beside = f" · {shape}"
        note = fitted_name(layer.name, room - text_width(beside, SMALLEST), SMALLEST) + beside
    notes = "\n".join((note, *following_lines(row, sizes)))
    tooltip = "\n".join(layer_tooltip(each, network) for each in row)
    return Box(layer.name, x, y, sizes.width, sizes.of(row).height, role, "\n".join(title), notes, tooltip, frame, TEXT,
               SMALLEST, layers=tuple(each.name for each in stands_for))  # fmt: skip
