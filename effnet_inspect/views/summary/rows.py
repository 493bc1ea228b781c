"""The table of a summary: its columns, and the rows of stages, sub-blocks, modules and layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from effnet_inspect.choices import LEVELS, Level
from effnet_inspect.document import Column, Joint, Row, Value, one_side
from effnet_inspect.formatting import MISSING, format_value
from effnet_inspect.graph import Layer, Shape
from effnet_inspect.structure.anatomy import Block, Section, Stage, SubBlock
from effnet_inspect.structure.measures import Totals, measures_shown_in
from effnet_inspect.structure.network import Network, stage_numbers
from effnet_inspect.structure.signature import Strictness, signature

LAYER = LEVELS.index("layer")
MODULE = LEVELS.index("module")

LAYER_MEASURES = {"parameters": 4, "macs": 6}
"""How soon measures leave the table of layers, where a layer's name, class and output come first."""

SIZES_NOTE = "Input → output: sides in pixels; what the paper calls a stage's resolution is its input."
DROP_NOTE = "Drop rate: how often training leaves out the sub-block, so that its input alone goes on (drop connect)."
REPEATS_NOTE = "Sub-blocks: the repeats of a stage, the paper's “#Layers”."


def _measure_columns(with_shares: bool) -> Iterator[Column]:
    for measure in measures_shown_in("table"):
        title = measure.heading or measure.title
        yield Column(measure.key, title, measure.kind, measure.drop_priority, note=measure.convention)
        if measure.has_share and with_shares:
            yield Column(f"{measure.key}_share", "Share", "share", drop_priority=7, bars=True)


def stage_columns(*, drop_rates: bool = False) -> tuple[Column, ...]:
    """The columns of stages, sub-blocks and modules: the published table of stages, and what it costs.

    With `drop_rates` those of the sub-blocks' residual connections too.
    """
    return (
        Column("stage", "#", "count", drop_priority=5),
        Column("within", "Within", audience="programs"),
        Column("part", "Part"),
        Column("operation", "Operator", "operation", drop_priority=1, audience="people"),
        Column("operator", "Operator", audience="programs"),
        Column("kernel", "Kernel", "size", audience="programs"),
        Column("stride", "Stride", "size", drop_priority=9),
        Column("sizes", "Input → output", "sizes", drop_priority=2, note=SIZES_NOTE, audience="people"),
        Column("input", "Input", "size", audience="programs"),
        Column("output", "Output", "size", audience="programs"),
        Column("channels", "Channels", "count", drop_priority=3),
        Column("squeeze_excite", "SE width", "count", drop_priority=10),
        Column("sub_blocks", "Sub-blocks", "count", drop_priority=4, note=REPEATS_NOTE),
        *((Column("drop_rate", "Drop rate", "number", drop_priority=13, note=DROP_NOTE),) if drop_rates else ()),
        *_measure_columns(with_shares=True),
    )


def layer_columns() -> tuple[Column, ...]:
    """The columns of single layers."""
    return (
        Column("stage", "Stage", "count", drop_priority=10),
        Column("within", "Within", audience="programs"),
        Column("part", "Layer", keep_end=True),
        Column("operation", "Class", "operation", audience="people"),
        Column("operator", "Class", audience="programs"),
        Column("kernel", "Kernel", "size", audience="programs"),
        Column("stride", "Stride", "size", drop_priority=9),
        Column("output", "Output", "size"),
        *(
            column._replace(drop_priority=LAYER_MEASURES.get(column.key, column.drop_priority))
            for column in _measure_columns(with_shares=False)
            if column.key != "layers"
        ),
    )


class Rows:
    """Makes the rows of one table; a row has a value for every one of `keys`."""

    def __init__(self, network: Network, depth: int, fold: bool, keys: Sequence[str]) -> None:
        self.network = network
        self.measures = network.measures
        self.numbers = {key: number for number, key in stage_numbers([network])}
        self.depth = depth
        self.fold = fold
        self.keys = keys
        # Programs read of every row in which stage it is.
        self.within: str | None = None

    def row(
        self,
        stage: int | None,
        name: str,
        totals: Totals,
        own: Mapping[str, Value],
        level: int,
        levels: Sequence[Level] = (),
    ) -> Row:
        """A row of some layers with the sums over them; `own` is what else is known of them."""
        values: dict[str, Value] = {"stage": stage, "within": self.within, "part": name}
        for measure in measures_shown_in("table"):
            if measure.combine == "sum":
                value = totals.exact(measure.key)
                values[measure.key] = value
                values[f"{measure.key}_share"] = _share(value, self.network.totals.exact(measure.key))
        values.update(own)
        values["operation"] = _joint(values, "operator", "kernel")
        values["sizes"] = _joint(values, "input", "output")
        return Row(tuple(map(values.get, self.keys)), level, levels=tuple(levels))

    def of_stage(self, stage: Stage) -> Iterator[Row]:
        """A stage's row, and below it those of its parts."""
        self.within = stage.title
        own = {**self._ends(stage.input_shape, stage.output_shape, stage.layers), **_stage_fields(stage)}
        levels = LEVELS[: min(self.depth, MODULE) + 1] if isinstance(stage, Section) else LEVELS[:1]
        yield self.row(self.numbers[stage.key], stage.title, self.network.totals_of(stage), own, 0, levels)
        if not self.depth:
            return
        if isinstance(stage, Section):
            if self.depth == LAYER:
                yield from self._layer_rows(stage.layers, level=1)
            return
        for group in self._folded(stage.sub_blocks):
            yield from self._sub_block_rows(group)

    def _sub_block_rows(self, group: Sequence[SubBlock]) -> Iterator[Row]:
        first = group[0]
        layers = tuple(layer for each in group for layer in each.layers)
        own: dict[str, Value] = {
            **self._ends(first.input_shape, group[-1].output_shape, layers),
            **_sub_block_fields(first),
            "sub_blocks": len(group),
            "drop_rate": first.drop_rate if len({each.drop_rate for each in group}) == 1 else None,
        }
        name = _range_name([each.name for each in group])
        yield self.row(None, name, self.measures.totals(layers), own, 1, ["sub-block"])
        if self.depth < MODULE:
            return
        for modules in zip(*(each.modules for each in group), strict=True):
            inside = tuple(layer for module in modules for layer in module.layers)
            enters = self.measures.input_shapes(inside[0])
            own = {
                "input": _sides(enters[0] if enters else None),
                "output": _sides(inside[-1].output_shape),
                "channels": inside[-1].channels,
            }
            yield self.row(None, modules[0].label, self.measures.totals(inside), own, 2, ["module"])
            if self.depth == LAYER:
                yield from self._layer_rows(inside, level=3)

    def _layer_rows(self, layers: Iterable[Layer], level: int) -> Iterator[Row]:
        for layer in layers:
            own: dict[str, Value] = {
                "operator": layer.class_name,
                "kernel": layer.kernel,
                "stride": one_side(layer.stride),
                "output": layer.output_shape,
                **self._at_end([layer]),
            }
            yield self.row(None, layer.name, self.measures.totals([layer]), own, level, ["layer"])

    def _folded(self, sub_blocks: Sequence[SubBlock]) -> Iterator[Sequence[SubBlock]]:
        if not self.fold:
            yield from ((each,) for each in sub_blocks)
            return
        for _, group in groupby(sub_blocks, key=lambda each: signature(each, Strictness.SHAPES)):
            yield tuple(group)

    def _ends(self, input_shape: Shape | None, output_shape: Shape | None, layers: Sequence[Layer]) -> dict[str, Value]:
        return {
            "input": _sides(input_shape),
            "output": _sides(output_shape),
            "channels": output_shape[-1] if output_shape else None,
            **self._at_end(layers),
        }

    def _at_end(self, layers: Sequence[Layer]) -> dict[str, Value]:
        """The measures that do not add up, where the data leave some layers."""
        return {
            measure.key: self.measures.at_end(layers, measure.key)
            for measure in measures_shown_in("table")
            if measure.combine == "last"
        }


def _joint(values: Mapping[str, Value], first: str, second: str) -> Value:
    found: list[Any] = [values.get(first), values.get(second)]
    return Joint(*found) if any(value is not None for value in found) else None


def _share(part: int | None, whole: int | None) -> float | None:
    """None where either cannot be determined."""
    return part / whole if part is not None and whole else None


def _stage_fields(stage: Stage) -> dict[str, Value]:
    if isinstance(stage, Block):
        return {
            "operator": _common([each.operator for each in stage.sub_blocks]),
            "kernel": _common([each.kernel for each in stage.sub_blocks]),
            "stride": one_side(stage.stride),
            "squeeze_excite": _common_width(stage.sub_blocks),
            "sub_blocks": len(stage.sub_blocks),
        }
    if stage.belongs_to_backbone and stage.convolutions:
        return {
            "operator": _common([layer.class_name for layer in stage.convolutions]),
            "kernel": _common([layer.kernel for layer in stage.convolutions]),
            "stride": one_side(stage.stride),
        }
    dense = [layer for layer in stage.layers if layer.operation == "dense"]
    return {"operator": dense[-1].class_name} if stage.name == "classifier" and dense else {}


def _common(values: Sequence[Value]) -> Value:
    """The value where all have one, else all of them in one text."""
    unique = list(dict.fromkeys(values))
    if len(unique) == 1:
        return unique[0]
    return " / ".join(MISSING if each is None else format_value(each, "size") for each in unique)


def _common_width(sub_blocks: Sequence[SubBlock]) -> Value:
    """The first width of squeeze-excite where all squeeze to one share of what enters them, else every width."""
    first, *others = sub_blocks
    entering, squeezed = first.input_shape and first.input_shape[-1], first.squeeze_excite
    share = squeezed / entering if squeezed and entering else 0
    # Widths are rounded, each from its own channels.
    is_common = all(
        abs((each.squeeze_excite or 0) - share * ((each.input_shape and each.input_shape[-1]) or 0)) < 1
        for each in others
    )
    return squeezed if is_common else _common([each.squeeze_excite for each in sub_blocks])


def _sub_block_fields(sub_block: SubBlock) -> dict[str, Value]:
    return {
        "operator": sub_block.operator,
        "kernel": sub_block.kernel,
        "stride": one_side(sub_block.stride),
        "squeeze_excite": sub_block.squeeze_excite,
    }


def _range_name(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]} ×{len(names)}"


def _sides(shape: Shape | None) -> Shape | None:
    return shape[:2] if shape is not None and len(shape) == 3 else None
