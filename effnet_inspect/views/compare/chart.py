"""The figure of `compare`: networks one above the other on one grid of stages, so that you can see how they grow.

Every sub-block is a slab. Slabs pile up to the depth of a block, and are as wide as its channels: in each column
the most channels of any model fill the column. Bars on the right tell parameters and MACs of the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas, text_width
from effnet_inspect.formatting import format_value
from effnet_inspect.structure.anatomy import Block, Section, Stage, StageKey, SubBlock
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.measures import Measure, measures_shown_in
from effnet_inspect.structure.network import Network, stage_numbers
from effnet_inspect.views.compare.verdict import judge, matching_backbones
from effnet_inspect.views.diagram.labels import section_role, section_tooltip, sub_block_role
from effnet_inspect.words import join_and

SLAB_HEIGHT = 7.0
SLAB_GAP = 2.0
CELL_WIDTH = 84.0
PITCH = 104.0
LABEL_HEIGHT = 16.0
OPERATOR_HEIGHT = 12.0
"""How much higher the label of a row is where the networks' operators differ."""
ROW_GAP = 26.0
LEFT = 118.0
BAR_WIDTH = 130.0
BAR_HEIGHT = 12.0
BAR_PITCH = 220.0

LEGEND: dict[BoxRole, str] = {
    "stem": "stem",
    "sub-block-1": "opens block 1",
    "sub-block-2": "opens a block",
    "sub-block-3": "repeats",
    "sub-block-3-plain": "no expansion (MBConv1)",
    "fused": "fused convolution",
    "head": "final layers",
}


def growth(networks: Sequence[Network]) -> Diagram:
    """Draw the networks, the first on top."""
    networks, choices_made = matching_backbones(networks)
    names = join_and([network.title for network in networks])
    canvas = Canvas(names)
    columns = [key for number, key in stage_numbers(networks) if number is not None]
    sentences = (*choices_made, *(judge(networks).sentences if len(networks) > 1 else ()))
    top = -66.0 - 16 * len(sentences)
    canvas.caption(Caption(names, 0, top, 15, "ink", True, "left"))
    for line, sentence in enumerate(sentences):
        canvas.caption(Caption(sentence, 0, top + 21 + 16 * line, 10.5, "faint", False, "left"))
    _headings(canvas, networks, columns)
    most = {key: max(_channels(network.stages.get(key)) for network in networks) for key in columns}
    differing = {key for key in columns if len(_operators(networks, key)) > 1}
    y = 0.0
    for index, network in enumerate(networks):
        y = _row(canvas, index, network, networks, most, differing, y)
    _legend(canvas, y)
    return canvas.diagram()


def _channels(stage: Stage | None) -> int:
    return (stage.output_shape[-1] or 0) if stage and stage.output_shape else 0


def _bars() -> list[Measure]:
    """The measures whose totals are drawn as bars."""
    return [measure for measure in measures_shown_in("headline") if measure.has_share]


def _column_x(index: int) -> float:
    return LEFT + index * PITCH


def _bar_x(columns: Sequence[StageKey], index: int) -> float:
    return _column_x(len(columns)) + 12 + index * BAR_PITCH


def _headings(canvas: Canvas, networks: Sequence[Network], columns: Sequence[StageKey]) -> None:
    for index, key in enumerate(columns):
        stages = [stage for network in networks if (stage := network.stages.get(key))]
        operators = _operators(networks, key)
        canvas.caption(Caption(stages[0].title, _column_x(index), -36, 11.5, "ink", True, "left"))
        if len(operators) == 1:
            canvas.caption(Caption(operators.pop(), _column_x(index), -20, 9.5, "faint", False, "left"))
    bars = _bars()
    for index, measure in enumerate(bars):
        canvas.caption(Caption(measure.title, _bar_x(columns, index), -36, 11.5, "ink", True, "left"))
    canvas.box(Box("rule", 0, -8, _bar_x(columns, len(bars)) - 20, 1, "rule"))


def _operators(networks: Sequence[Network], key: StageKey) -> set[str]:
    return {_operator(stage) for network in networks if isinstance(stage := network.stages.get(key), Block)}


def _operator(block: Block) -> str:
    return f"{block.first.operator} {format_value(block.first.kernel, 'size')}"


def _row(
    canvas: Canvas,
    index: int,
    network: Network,
    networks: Sequence[Network],
    most: dict[StageKey, int],
    differing: Collection[StageKey],
    y: float,
) -> float:
    """One network; returns where the next one begins."""
    side = format_value(network.anatomy.input_shape and network.anatomy.input_shape[:2], "size")
    canvas.caption(Caption(network.title, 0, y + 10, 14, "ink", True, "left"))
    canvas.caption(Caption(f"{side} input", 0, y + 28, 9.5, "faint", False, "left"))
    canvas.caption(Caption(f"{network.totals['layers']:,} layers", 0, y + 42, 9.5, "faint", False, "left"))
    columns = tuple(most)
    deepest = 1
    label = LABEL_HEIGHT + (OPERATOR_HEIGHT if differing else 0)
    for column, key in enumerate(columns):
        if stage := network.stages.get(key):
            width = CELL_WIDTH * _channels(stage) / most[key] if most[key] else CELL_WIDTH
            deepest = max(deepest, _cell(canvas, index, network, stage, _column_x(column), y, width, label))
            if key in differing and isinstance(stage, Block):
                text = _operator(stage)
                canvas.caption(Caption(text, _column_x(column), y + 19, 8.5, "faint", False, "left"))
    for number, measure in enumerate(_bars()):
        largest = max(each.totals[measure.key] for each in networks)
        value = network.totals[measure.key]
        width = max(BAR_WIDTH * value / largest, 1.0) if largest else 1.0
        x = _bar_x(columns, number)
        canvas.box(
            Box(f"{index} {measure.key}", x, y + 4, width, BAR_HEIGHT, "bar", tooltip=f"{value:,} {measure.noun}")
        )
        canvas.caption(Caption(format_value(value, "quantity"), x + width + 6, y + 10, 10.5, "ink", False, "left"))
    return y + max(label + deepest * (SLAB_HEIGHT + SLAB_GAP), 48.0) + ROW_GAP


def _cell(
    canvas: Canvas, index: int, network: Network, stage: Stage, x: float, y: float, width: float, label: float
) -> int:
    """One stage of a model as a pile of slabs under its channels; returns how many slabs it took."""
    canvas.caption(Caption(format_value(_channels(stage), "count"), x, y + 6, 10, "ink", False, "left"))
    slabs: list[tuple[str, BoxRole, str, Section | SubBlock]] = (
        [
            (each.name, "fused" if each.fused else sub_block_role(each), f"Sub-block {each.name}", each)
            for each in stage.sub_blocks
        ]
        if isinstance(stage, Block)
        else [(name_of(stage), section_role(stage), stage.title, stage)]
    )
    for number, (key, role, name, section) in enumerate(slabs):
        top = y + label + number * (SLAB_HEIGHT + SLAB_GAP)
        tooltip = section_tooltip(f"{network.title}: {name}", section, network)
        canvas.box(Box(f"{index} {key}", x, top, width, SLAB_HEIGHT, role, tooltip=tooltip))
    return len(slabs)


def _legend(canvas: Canvas, y: float) -> None:
    x = 0.0
    drawn = {box.role for box in canvas.boxes.values()}
    for role, text in LEGEND.items():
        if role not in drawn:
            continue
        canvas.box(Box(f"legend {role}", x, y - 4, 20, SLAB_HEIGHT, role))
        canvas.caption(Caption(text, x + 26, y, 9.5, "faint", False, "left"))
        x += 26 + text_width(text, 9.5) + 20
    text = "Bar height = number of sub-blocks; bar width = channels, relative to the largest in that column."
    canvas.caption(Caption(text, x, y, 9.5, "faint", False, "left"))
