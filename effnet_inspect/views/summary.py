"""`summary`: one network as a table of its stages, sub-blocks, modules or layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple, cast

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.choices import LEVELS, Level
from effnet_inspect.document import Column, Document, HeaderField, Row, Table, Value, one_side
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer, Pair, Shape
from effnet_inspect.structure.anatomy import Block, Module, Section, Stage, SubBlock
from effnet_inspect.structure.facts import Fact, Settings
from effnet_inspect.structure.folding import folded_into, lost_by_folding
from effnet_inspect.structure.identity import CRITERIA, Identity, sentence
from effnet_inspect.structure.measures import Totals, measures_shown_in, measures_that_add_up
from effnet_inspect.structure.network import Network, stage_numbers
from effnet_inspect.structure.phrases import item_of
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.views.contracts import (
    BlockData,
    IdentityData,
    ModelData,
    ModuleData,
    OperatorData,
    PartData,
    SubBlockData,
    SummaryData,
    TapData,
)
from effnet_inspect.words import describe_blocks, join_and, pluralize


class SummaryOptions(NamedTuple):
    """What is shown of a network.

    `level` is how deep the rows go; without it they go to the blocks, or to the sub-blocks where one block is shown or
    rows are merged. `block` shows only this block, by its number. `fold` merges equal neighbours into one row,
    `4b–4f ×5`, with their sums.
    """

    level: Level | None = None
    block: int | None = None
    fold: bool = False

    @property
    def depth(self) -> int:
        """How deep the rows go, as an index of LEVELS."""
        level = self.level or ("sub-block" if self.block is not None or self.fold else "block")
        return LEVELS.index(level)


def _measure_columns(with_shares: bool) -> Iterator[Column]:
    for measure in measures_shown_in("table"):
        yield Column(measure.key, measure.heading or measure.title, measure.kind, measure.drop_priority)
        if measure.has_share and with_shares:
            yield Column(f"{measure.key}_share", "Share", "share", drop_priority=1)


def stage_columns() -> tuple[Column, ...]:
    """The columns of stages, sub-blocks and modules."""
    return (
        Column("stage", "#", "count"),
        Column("part", "Part"),
        Column("operator", "Operator", drop_priority=3),
        Column("kernel", "Kernel", "size", drop_priority=7),
        Column("stride", "Stride", "size", drop_priority=8),
        Column("input", "Input", "size", drop_priority=9),
        Column("output", "Output", "size", drop_priority=4),
        Column("channels", "Channels", "count", drop_priority=2),
        Column("squeeze_excite", "SE width", "count", drop_priority=13),
        Column("sub_blocks", "Sub-blocks", "count", drop_priority=6),
        *_measure_columns(with_shares=True),
    )


def layer_columns() -> tuple[Column, ...]:
    """The columns of single layers."""
    return (
        Column("stage", "Stage", "count", drop_priority=9),
        Column("part", "Layer"),
        Column("operator", "Class", drop_priority=1),
        Column("kernel", "Kernel", "size", drop_priority=5),
        Column("stride", "Stride", "size", drop_priority=6),
        Column("output", "Output", "size", drop_priority=2),
        *(column for column in _measure_columns(with_shares=False) if column.key != "layers"),
    )


LAYER = LEVELS.index("layer")
MODULE = LEVELS.index("module")


def summary(network: Network, options: SummaryOptions | None = None) -> Document:
    """The network as one table, and its whole anatomy as data.

    Raises:
        UsageError: where there is no such block.
    """
    options = options or SummaryOptions()
    stages = _chosen(network, options.block)
    table = _Table(network, options.depth, options.fold)
    rows = [row for stage in stages for row in table.stage_rows(stage)]
    shown = network.measures.totals(layer for stage in stages for layer in stage.layers)
    if options.block is None:
        rows.append(replace(table.row(None, "Total", shown, {}, level=0), role="total"))
    columns = layer_columns() if options.depth == LAYER else stage_columns()
    picked = [table.keys.index(column.key) for column in columns]
    rows = [replace(row, values=tuple(row.values[index] for index in picked)) for row in rows]
    identity, anatomy = network.identity, network.anatomy
    # Of a variant that was asked for by name the identity would say nothing new.
    says_identity = network.variant is None or not identity.is_exact or network.variant != identity.variant
    return Document(
        title=network.name,
        lead=sentence(identity, is_whole=anatomy.is_whole) if says_identity else "",
        header=tuple(_header(network)),
        tables=(Table("", columns, tuple(rows), notes=shown.lower_bounds),),
        notes=(
            *_tap_notes(network),
            *_file_notes(network),
            *network.graph.remarks,
            *anatomy.remarks,
            *([CRITERIA] if identity.nearest and says_identity else []),
            " ".join(measure.convention for measure in measures_shown_in("table") if measure.convention),
        ),
        data=summary_data(network),
    )


def _chosen(network: Network, block: int | None) -> tuple[Stage, ...]:
    if block is None:
        return network.anatomy.stages
    return (block_of(network, block),)


def block_of(network: Network, number: int) -> Block:
    """The block with this number.

    Raises:
        UsageError: where there is none.
    """
    blocks = network.anatomy.blocks
    found = next((block for block in blocks if block.number == number), None)
    if found is None:
        raise UsageError(
            f"there is no block {number}: {network.name} has the {describe_blocks(each.number for each in blocks)}"
        )
    return found


class _Table:
    """Makes the rows of one table; a row has a value for every one of `keys`, those of the columns of stages."""

    def __init__(self, network: Network, depth: int, fold: bool) -> None:
        self.network = network
        self.measures = network.measures
        self.numbers = {key: number for number, key in stage_numbers([network])}
        self.depth = depth
        self.fold = fold
        self.keys = [column.key for column in stage_columns()]

    def row(self, stage: int | None, name: str, totals: Totals, own: Mapping[str, Value], level: int) -> Row:
        values: dict[str, Value] = {"stage": stage, "part": name}
        for measure in measures_shown_in("table"):
            if measure.combine == "sum":
                value = totals.exact(measure.key)
                values[measure.key] = value
                values[f"{measure.key}_share"] = _share(value, self.network.totals.exact(measure.key))
        values.update(own)
        return Row(tuple(map(values.get, self.keys)), level)

    def stage_rows(self, stage: Stage) -> Iterator[Row]:
        own = {**self._ends(stage.input_shape, stage.output_shape, stage.layers), **_stage_fields(stage)}
        yield self.row(self.numbers[stage.key], stage.title, self.network.totals_of(stage), own, level=0)
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
        }
        yield self.row(None, _range_name([each.name for each in group]), self.measures.totals(layers), own, level=1)
        if self.depth < MODULE:
            return
        for modules in zip(*(each.modules for each in group), strict=True):
            inside = tuple(layer for module in modules for layer in module.layers)
            own = {"output": _sides(inside[-1].output_shape), "channels": inside[-1].channels}
            yield self.row(None, modules[0].label, self.measures.totals(inside), own, level=2)
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
            yield self.row(None, layer.name, self.measures.totals([layer]), own, level)

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


def _share(part: int | None, whole: int | None) -> float | None:
    """None where either cannot be determined."""
    return part / whole if part is not None and whole else None


def _stage_fields(stage: Stage) -> dict[str, Value]:
    if isinstance(stage, Block):
        return {**_sub_block_fields(stage.first), "sub_blocks": len(stage.sub_blocks)}
    if stage.belongs_to_backbone and stage.convolutions:
        last = stage.convolutions[-1]
        return {"operator": last.class_name, "kernel": last.kernel, "stride": one_side(last.stride)}
    dense = [layer for layer in stage.layers if layer.operation == "dense"]
    return {"operator": dense[-1].class_name} if stage.name == "classifier" and dense else {}


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


def _header(network: Network) -> Iterator[HeaderField]:
    totals = network.totals
    parameters, macs = totals.total("parameters"), totals.total("macs")
    without = f"{network.layers_without_classifier:,} without the classifier" if network.anatomy.classifier else ""
    trainable = f"{totals['trainable_parameters']:,} trainable"
    yield HeaderField("input", network.anatomy.input_shape, "size")
    yield HeaderField("layers", totals["layers"], "count", without)
    yield HeaderField("parameters", parameters.value, "count", "at least" if parameters.missing else trainable)
    yield HeaderField("MACs", macs.value, "quantity", "at least" if macs.missing else f"{macs.value:,}")
    yield HeaderField("of weights", totals["weights_bytes"], "bytes", join_and(network.precisions))


def _tap_notes(network: Network) -> Iterator[str]:
    """Where the backbone is tapped, with what a decoder gets there."""
    if taps := network.anatomy.taps:
        described = join_and([_describe_tap(layer, network) for layer in taps])
        yield f"Intermediate features (taps) used outside the backbone: {described}."


def _file_notes(network: Network) -> Iterator[str]:
    """What a file has left out of the network: the size of its input, or its normalisation."""
    target, shape, variant = network.graph.target, network.anatomy.input_shape, network.identity.variant
    is_open = shape is not None and len(shape) == 3 and None in shape[:2]
    if is_open and isinstance(target, FileTarget):
        size, whose = (variant.resolution, f", the resolution of {variant.title}") if variant else ("512", "")
        yield f"The file leaves height and width open: {target.title}@{size} sets them{whose}."
    if folded := folded_into(network.anatomy):
        before = network.totals.exact("parameters")
        count = f"; before that the network has {before + lost_by_folding(folded):,} parameters" if before else ""
        yield f"Batch normalisation is folded into {pluralize(len(folded), 'convolution')}{count}."


def _describe_tap(layer: Layer, network: Network) -> str:
    apart = network.measures.of(layer, "effective_stride")
    at = f", stride {format_value(tuple(map(int, dict.fromkeys(apart))), 'size')}" if apart else ""
    return f"{layer.name} ({format_value(layer.output_shape, 'size')}{at})"


def summary_data(network: Network) -> SummaryData:
    """The anatomy as JSON values: format 1 of the contract."""
    anatomy, totals = network.anatomy, network.totals
    model = cast(
        "ModelData",
        {
            "name": network.name,
            "target": network.key if network.graph.target else "",
            "input_shape": _plain(anatomy.input_shape),
            "layers_without_classifier": network.layers_without_classifier,
            **measured_data(totals),
            "backbone": anatomy.backbone,
            "backbones": anatomy.backbones,
            "exact": totals.are_exact,
        },
    )
    data: SummaryData = {
        "format": 1,
        "model": model,
        "stem": _part_data(anatomy.stem, network),
        "blocks": [_block_data(block, network) for block in anatomy.blocks],
        "head": _part_data(anatomy.head, network) if anatomy.head else None,
        "classifier": _part_data(anatomy.classifier, network) if anatomy.classifier else None,
        "taps": [_tap_data(layer, network) for layer in anatomy.taps],
        "remarks": list(anatomy.remarks),
        "identity": _identity_data(network.identity),
    }
    if anatomy.part:
        data["part"] = _part_data(anatomy.part, network)
    if anatomy.resolution_stages:
        data["stages"] = [_part_data(stage, network) for stage in anatomy.resolution_stages]
    if anatomy.before:
        data["before"] = _part_data(anatomy.before, network)
    if anatomy.after:
        data["after"] = _part_data(anatomy.after, network)
    if anatomy.other_branches:
        data["other_branches"] = _part_data(anatomy.other_branches, network)
    return data


def measured_data(totals: Totals) -> dict[str, int]:
    """Every measure that adds up, by its key."""
    return {measure.key: totals[measure.key] for measure in measures_that_add_up()}


def _part_data(part: Stage | SubBlock, network: Network) -> PartData:
    return cast(
        "PartData",
        {
            **measured_data(network.measures.totals(part.layers)),
            "input_shape": _plain(part.input_shape),
            "output_shape": _plain(part.output_shape),
        },
    )


def _block_data(block: Block, network: Network) -> BlockData:
    return {
        "number": block.number,
        **_operator_data(block.first),
        **_part_data(block, network),
        "receptive_field": _plain(network.measures.at_end(block.layers, "receptive_field")),
        "sub_blocks": [_sub_block_data(sub_block, network) for sub_block in block.sub_blocks],
    }


def _sub_block_data(sub_block: SubBlock, network: Network) -> SubBlockData:
    return {
        "name": sub_block.name,
        "kind": int(sub_block.kind),
        "residual": sub_block.residual,
        "drop_rate": sub_block.drop_rate,
        **_operator_data(sub_block),
        **_part_data(sub_block, network),
        "modules": [_module_data(module) for module in sub_block.modules],
    }


def _module_data(module: Module) -> ModuleData:
    return {
        "role": module.role,
        "number": module.number,
        "title": module.title,
        "layers": [layer.name for layer in module.layers],
    }


def _operator_data(sub_block: SubBlock) -> OperatorData:
    expansion = sub_block.expansion
    return {
        "operator": sub_block.operator,
        "kernel": _plain_side(sub_block.kernel),
        "stride": _plain_side(sub_block.stride),
        "expansion": int(expansion) if expansion == int(expansion) else expansion,
        "squeeze_excite": sub_block.squeeze_excite,
    }


def _tap_data(layer: Layer, network: Network) -> TapData:
    apart = network.measures.of(layer, "effective_stride")
    return {
        "layer": layer.name,
        "shape": _plain(layer.output_shape),
        "stride": apart and [int(side) if side == int(side) else side for side in apart],
    }


def _identity_data(found: Identity) -> IdentityData:
    nearest = found.nearest[0].variant if found.nearest else None
    return {
        "nearest": nearest.key if nearest else None,
        "exact": found.is_exact,
        "similarity": round(found.similarity, 4),
        "changes": [
            {
                "place": place.name,
                "item": item_of(change),
                "what": change.attribute,
                "from": plain_fact(values[0]),
                "to": plain_fact(values[1]),
            }
            for change in found.changes
            for place, values in zip(change.places, change.values, strict=True)
        ],
        "variants": [each.variant.key for each in found.nearest if each.is_variant],
        "relative": found.relative,
        "up_to": found.up_to,
        "whole_blocks": found.whole_blocks,
        "classes": found.classes,
    }


def plain_fact(value: Fact) -> Any:
    """A value of a difference as JSON has it."""
    if isinstance(value, Settings):
        return dict(value.values)
    return [plain_fact(each) for each in value] if isinstance(value, tuple) else value


def _plain_side(pair: Pair) -> int | list[int]:
    return pair[0] if pair[0] == pair[1] else list(pair)


def _plain(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else list(shape)
