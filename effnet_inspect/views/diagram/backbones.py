"""The architecture of a model that holds several EfficientNets: each of them, and what is around them."""

from __future__ import annotations

from effnet_inspect.drawing import Box, Caption, Diagram, Path, Point
from effnet_inspect.drawing.canvas import Canvas
from effnet_inspect.drawing.page import HEADING, LABEL, SMALLEST
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.architecture import Columns, architecture
from effnet_inspect.views.diagram.ends import end_text
from effnet_inspect.views.diagram.labels import model_facts, section_tooltip
from effnet_inspect.views.diagram.legend import place_legend
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.words import pluralize

EDGE = 12.0
"""On the right of all backbones: room for the ways to what is around them."""
APART = 22.0
TITLE_HEIGHT = 22.0
ENDS = 4
"""Inputs and outputs that are named; of more, how many there are."""


def whole_architecture(network: Network, look: Look, *, expand: bool = False) -> Diagram:
    """Draw the architecture: of every backbone, or of the one that was chosen."""
    if network.anatomy.backbones < 2 or network.is_backbone_chosen:
        return architecture(network, look, expand=expand)
    return _Figure(network, look, expand).draw()


class _Figure:
    def __init__(self, network: Network, look: Look, expand: bool) -> None:
        self.network = network
        self.look = look
        self.expand = expand
        self.canvas = Canvas(network.name)
        self.all = network.all_backbones
        own = {layer.name for one in self.all for part in _parts_of(one) for layer in part.layers}
        leading = [one.anatomy.before for one in self.all if one.anatomy.before]
        for part in leading:
            names = {layer.name for layer in part.layers}
            own |= set() if names & own else names
        self.around = tuple(layer for layer in network.graph if layer.name not in own)

    def draw(self) -> Diagram:
        y = 0.0
        ends: list[Box] = []
        for number, one in enumerate(self.all, start=1):
            y = self._backbone(number, one, y, ends)
        self._layers_around(y, ends)
        heading(self.canvas, self.network.name, model_facts(self.network), self.look, -4)
        lowest = max(each.y + each.height for each in self.canvas.placed())
        sub_blocks = [sub_block for one in self.all for sub_block in one.anatomy.sub_blocks]
        place_legend(self.canvas, sub_blocks, self.look, lowest + 20)
        return self.canvas.diagram(self.look.width)

    def _backbone(self, number: int, one: Network, y: float, ends: list[Box]) -> float:
        """Place a backbone under its title; returns where the next one begins."""
        variant = one.identity.variant
        title = f"Backbone {number}: {variant.title if variant else 'not a published variant'}"
        self.canvas.caption(Caption(title, 0, y + HEADING, HEADING + 2, "ink", bold=True, anchor="left"))
        others = {layer.name for other in self.all if other is not one for part in _parts_of(other)
                  for layer in part.layers}  # fmt: skip
        figure = Columns(one, self.look._replace(width=self.look.width - EDGE), self.expand,
                         frozenset(others | {layer.name for layer in self.around}))  # fmt: skip
        figure.place()
        prefix = f"{number} "
        placed = figure.canvas.diagram(margin=0)
        down = y + TITLE_HEIGHT
        self.canvas.place(placed, 0, down, prefix)
        if figure.last is not None:
            ends.append(self.canvas.boxes[prefix + figure.last.key])
        return down + placed.height + APART

    def _layers_around(self, y: float, ends: list[Box]) -> None:
        """What takes the backbones' outputs, with an arrow from each that it takes something of."""
        if not self.around:
            return
        part = Section("after", self.around, None, self.around[-1].output_shape)
        graph = self.network.graph
        given = [layer for layer in self.around if layer.name in graph.outputs]
        taken = [layer for layer in self.around if layer.is_model_input]
        width = self.look.room / 2
        notes = [pluralize(len(self.around), "layer"), *self.look.shares(self.around),
                 *_named("input", taken, width), *_named("output", given, width)]  # fmt: skip
        height = 8 + LABEL * 1.25 * (1 + len(notes))
        x = (self.look.room - width) / 2
        box = self.canvas.box(
            Box("around", x, y, width, height, "other", "Layers around them", "\n".join(notes),
                section_tooltip("Layers around the backbones", part, self.network), "", LABEL, SMALLEST, dashed=True,
                layers=tuple(layer.name for layer in self.around))
        )  # fmt: skip
        names = {name for layer in self.around for name in layer.inputs}
        side, level = self.look.room - 2, box.centre[1]
        for one, end in zip(self.all, ends, strict=True):
            if not names & {layer.name for part in _parts_of(one) for layer in part.layers}:
                continue
            points: tuple[Point, ...] = (
                (end.x + end.width, end.centre[1]), (side, end.centre[1]), (side, level), (x + width, level),
            )  # fmt: skip
            self.canvas.paths.append(Path(end.key, box.key, points, radius=6))


def _parts_of(one: Network) -> list[Section]:
    """The layers of a backbone by its parts, its blocks as sections."""
    anatomy = one.anatomy
    blocks = [Section("part", block.layers, None, None) for block in anatomy.blocks]
    return [part for part in (anatomy.stem, *blocks, anatomy.part, anatomy.head, anatomy.classifier) if part]


def _named(word: str, layers: list[Layer], width: float) -> list[str]:
    return [f"{len(layers)} {word}s"] if len(layers) > ENDS else [end_text(layer, width - 4, word) for layer in layers]
