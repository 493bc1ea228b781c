"""The figure of `compare`: models one above the other on one grid of stages, so that growth is seen, not read.

Every sub-block is a slab. Slabs pile up to the depth of a block, and are as wide as its channels: in each column
the most channels of any model fill the column. Bars on the right tell parameters and MACs of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from effnet_inspect.anatomy import Block, Part, SubBlock
from effnet_inspect.canvas import Canvas, text_width
from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.graph import LayerGraph
from effnet_inspect.measures import Totals
from effnet_inspect.values import written
from effnet_inspect.views.compare import Model, Stage, StageKey, judge, numbered_stages, stage_title
from effnet_inspect.views.diagram.labels import section_tooltip, sub_block_role
from effnet_inspect.words import listed

SLAB_HEIGHT = 7.0
SLAB_GAP = 2.0
CELL_WIDTH = 84.0
PITCH = 104.0
LABEL_HEIGHT = 16.0
OPERATOR_HEIGHT = 12.0
"""How much higher the label of a row is where the models' operators differ."""
ROW_GAP = 26.0
LEFT = 118.0
BAR_WIDTH = 130.0
BAR_HEIGHT = 12.0
BAR_PITCH = 220.0

BARS: tuple[tuple[str, Callable[[Totals], int]], ...] = (
    ("Parameters", lambda totals: totals.parameters),
    ("MACs", lambda totals: totals.macs),
)

LEGEND = {
    "stem": "stem",
    "sub-block-1": "opens block 1",
    "sub-block-2": "opens a block",
    "sub-block-3": "repeats",
    "sub-block-3-plain": "repeats, no expansion",
    "fused": "fused convolution",
    "head": "final layers",
}


def growth(graphs: Sequence[LayerGraph]) -> Diagram:
    """Draw the models, the first on top.

    Raises:
        NotAnEfficientNet: where a graph holds none.
    """
    models = tuple(map(Model, graphs))
    names = listed([model.title for model in models])
    canvas = Canvas(names)
    columns = [key for number, key in numbered_stages(models) if number is not None]
    sentences = judge(models).sentences if len(models) > 1 else ()
    top = -66.0 - 16 * len(sentences)
    canvas.caption(Caption(names, 0, top, 15, "ink", True, "left"))
    for line, sentence in enumerate(sentences):
        canvas.caption(Caption(sentence, 0, top + 21 + 16 * line, 10.5, "faint", False, "left"))
    _headings(canvas, models, columns)
    most = {key: max(_channels(model.stages.get(key)) for model in models) for key in columns}
    differing = {key for key in columns if len(_operators(models, key)) > 1}
    y = 0.0
    for index, model in enumerate(models):
        y = _row(canvas, index, model, models, most, differing, y)
    _legend(canvas, y)
    return canvas.diagram()


def _channels(stage: Stage | None) -> int:
    return (stage.output_shape[-1] or 0) if stage and stage.output_shape else 0


def _column_x(index: int) -> float:
    return LEFT + index * PITCH


def _bar_x(columns: Sequence[StageKey], index: int) -> float:
    return _column_x(len(columns)) + 12 + index * BAR_PITCH


def _headings(canvas: Canvas, models: Sequence[Model], columns: Sequence[StageKey]) -> None:
    for index, key in enumerate(columns):
        stages = [stage for model in models if (stage := model.stages.get(key))]
        operators = _operators(models, key)
        canvas.caption(Caption(stage_title(stages[0]), _column_x(index), -36, 11.5, "ink", True, "left"))
        if len(operators) == 1:
            canvas.caption(Caption(operators.pop(), _column_x(index), -20, 9.5, "faint", False, "left"))
    for index, (title, _) in enumerate(BARS):
        canvas.caption(Caption(title, _bar_x(columns, index), -36, 11.5, "ink", True, "left"))
    canvas.box(Box("rule", 0, -8, _bar_x(columns, len(BARS)) - 20, 1, "rule"))


def _operators(models: Sequence[Model], key: StageKey) -> set[str]:
    return {_operator(stage) for model in models if isinstance(stage := model.stages.get(key), Block)}


def _operator(block: Block) -> str:
    return f"{block.opener.operator} {written(block.opener.kernel, 'size')}"


def _row(
    canvas: Canvas,
    index: int,
    model: Model,
    models: Sequence[Model],
    most: dict[StageKey, int],
    differing: Collection[StageKey],
    y: float,
) -> float:
    """One model; returns where the next one begins."""
    side = written(model.anatomy.input_shape and model.anatomy.input_shape[:2], "size")
    canvas.caption(Caption(model.title, 0, y + 10, 14, "ink", True, "left"))
    canvas.caption(Caption(f"{side} input", 0, y + 28, 9.5, "faint", False, "left"))
    canvas.caption(Caption(f"{model.totals.layers:,} layers", 0, y + 42, 9.5, "faint", False, "left"))
    columns = tuple(most)
    deepest = 1
    label = LABEL_HEIGHT + (OPERATOR_HEIGHT if differing else 0)
    for column, key in enumerate(columns):
        if stage := model.stages.get(key):
            width = CELL_WIDTH * _channels(stage) / most[key] if most[key] else CELL_WIDTH
            deepest = max(deepest, _cell(canvas, index, model, stage, _column_x(column), y, width, label))
            if key in differing and isinstance(stage, Block):
                text = _operator(stage)
                canvas.caption(Caption(text, _column_x(column), y + 19, 8.5, "faint", False, "left"))
    for number, (title, count) in enumerate(BARS):
        largest = max(count(each.totals) for each in models)
        value = count(model.totals)
        width = max(BAR_WIDTH * value / largest, 1.0) if largest else 1.0
        x = _bar_x(columns, number)
        canvas.box(Box(f"{index} {title}", x, y + 4, width, BAR_HEIGHT, "bar", tooltip=f"{value:,} {title}"))
        canvas.caption(Caption(written(value, "quantity"), x + width + 6, y + 10, 10.5, "ink", False, "left"))
    return y + max(label + deepest * (SLAB_HEIGHT + SLAB_GAP), 48.0) + ROW_GAP


def _cell(
    canvas: Canvas, index: int, model: Model, stage: Stage, x: float, y: float, width: float, label: float
) -> int:
    """One stage of a model as a pile of slabs under its channels; returns how many slabs it took."""
    canvas.caption(Caption(written(_channels(stage), "count"), x, y + 6, 10, "ink", False, "left"))
    slabs: list[tuple[str, str, str, Part | SubBlock]] = (
        [
            (each.name, "fused" if each.fused else sub_block_role(each), f"Sub-block {each.name}", each)
            for each in stage.sub_blocks
        ]
        if isinstance(stage, Block)
        else [(stage.name, stage.name, stage.title, stage)]
    )
    for number, (key, role, name, section) in enumerate(slabs):
        top = y + label + number * (SLAB_HEIGHT + SLAB_GAP)
        tooltip = section_tooltip(f"{model.title}: {name}", section, model.measures)
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
    text = "Height: sub-blocks. Width: channels; in each column the most channels fill it."
    canvas.caption(Caption(text, x, y, 9.5, "faint", False, "left"))
