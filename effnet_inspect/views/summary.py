"""`summary`: one network as a table of its stages, sub-blocks, modules or layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from effnet_inspect.anatomy import Anatomy, Block, Module, Part, SubBlock
from effnet_inspect.document import Column, Document, Fact, Row, Table, Value
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, Pair, Shape
from effnet_inspect.identity import HOW_TOLD, Identity, identify, sentence
from effnet_inspect.measures import Measures, Totals
from effnet_inspect.values import written
from effnet_inspect.words import listed

LEVELS = ("block", "sub-block", "module", "layer")

COLUMNS = (
    Column("stage", "#", "count"),
    Column("part", "Part"),
    Column("operator", "Operator", leaves=3),
    Column("kernel", "Kernel", "size", leaves=7),
    Column("stride", "Stride", "count", leaves=8),
    Column("input", "Input", "size", leaves=9),
    Column("output", "Output", "size", leaves=4),
    Column("channels", "Channels", "count", leaves=2),
    Column("squeeze_excite", "SE width", "count", leaves=13),
    Column("sub_blocks", "Sub-blocks", "count", leaves=6),
    Column("layers", "Layers", "count", leaves=5),
    Column("parameters", "Parameters", "count"),
    Column("parameters_share", "Share", "share", leaves=1),
    Column("macs", "MACs", "quantity"),
    Column("macs_share", "Share", "share", leaves=1),
    Column("activations", "Activations", "quantity", leaves=11),
    Column("receptive_field", "Local RF", "size", leaves=12),
)

LAYER_COLUMNS = (
    Column("stage", "Stage", "count", leaves=9),
    Column("part", "Layer"),
    Column("operator", "Class", leaves=1),
    Column("kernel", "Kernel", "size", leaves=5),
    Column("stride", "Stride", "count", leaves=6),
    Column("output", "Output", "size", leaves=2),
    Column("parameters", "Parameters", "count"),
    Column("macs", "MACs", "quantity", leaves=3),
    Column("activations", "Activations", "quantity", leaves=8),
    Column("receptive_field", "Local RF", "size", leaves=7),
)

CONVENTIONS = (
    "MACs: multiply-accumulates of convolutions and dense layers for one image, without biases. "
    "Activations: elements of all layers' outputs for one image. "
    "Local RF: receptive field in input pixels, squeeze-excite left out."
)


def summary(
    anatomy: Anatomy,
    measures: Measures,
    *,
    level: str = "block",
    block: int | None = None,
    fold: bool = False,
) -> Document:
    """The network as one table, and its whole anatomy as data.

    Args:
        anatomy: of the graph that `measures` are of.
        measures: of the graph.
        level: how deep the rows go, one of LEVELS.
        block: show this block alone, by its number.
        fold: write equal neighbours as one row, `4b–4f ×5`, with their sums.

    Raises:
        UsageError: where there is no such block.
    """
    whole = measures.totals()
    stages = _chosen(anatomy, block)
    table = _Table(measures, whole, LEVELS.index(level), fold)
    rows = [row for stage in stages for row in table.stage_rows(stage, _number(anatomy, stage))]
    shown = measures.totals(layer for stage in stages for layer in stage.layers)
    total = replace(table.row(None, "Total", shown, {}, level=0), role="total")
    columns = LAYER_COLUMNS if level == "layer" else COLUMNS
    every = [column.key for column in COLUMNS]
    picked = [every.index(column.key) for column in columns]
    rows = [
        replace(row, values=tuple(row.values[index] for index in picked)) for row in (rows if block else (*rows, total))
    ]
    found = identify(anatomy)
    # Of a variant that was asked for by name it would say nothing new.
    is_named = any(each.variant.title == anatomy.graph.name for each in found)
    return Document(
        title=anatomy.graph.name,
        lead="" if is_named else sentence(found),
        facts=tuple(_facts(anatomy, measures)),
        tables=(Table("", columns, tuple(rows), notes=shown.lower_bounds),),
        notes=(
            *_tap_notes(anatomy, measures),
            *anatomy.remarks,
            *([HOW_TOLD] if found and not is_named else []),
            CONVENTIONS,
        ),
        data={**summary_data(anatomy, measures), "published": list(map(_identity_data, found))},
    )


def _chosen(anatomy: Anatomy, block: int | None) -> tuple[Part | Block, ...]:
    if block is None:
        return anatomy.stages
    if not 1 <= block <= len(anatomy.blocks):
        raise UsageError(f"there is no block {block}: {anatomy.graph.name} has the blocks 1 to {len(anatomy.blocks)}")
    return (anatomy.blocks[block - 1],)


def _number(anatomy: Anatomy, stage: Part | Block) -> int | None:
    """Stages as the paper counts them: the stem is 1, the first block 2; what is not the backbone has no number."""
    if isinstance(stage, Block):
        return stage.number + 1
    return {"stem": 1, "head": len(anatomy.blocks) + 2}.get(stage.name)


class _Table:
    """Makes the rows of one table; a row has a value for every one of COLUMNS."""

    def __init__(self, measures: Measures, whole: Totals, depth: int, fold: bool) -> None:
        self.measures = measures
        self.whole = whole
        self.depth = depth
        self.fold = fold

    def row(self, stage: int | None, name: str, totals: Totals, own: Mapping[str, Value], level: int) -> Row:
        parameters, macs = totals.exact("parameters"), totals.exact("macs")
        values: dict[str, Value] = {
            "stage": stage,
            "part": name,
            "layers": totals.layers,
            "parameters": parameters,
            "parameters_share": self._share(parameters, self.whole.exact("parameters")),
            "macs": macs,
            "macs_share": self._share(macs, self.whole.exact("macs")),
            "activations": totals.exact("activations"),
            **own,
        }
        return Row(tuple(values.get(column.key) for column in COLUMNS), level)

    @staticmethod
    def _share(part: int | None, whole: int | None) -> float | None:
        """None where either cannot be told."""
        return part / whole if part is not None and whole else None

    def stage_rows(self, stage: Part | Block, number: int | None) -> Iterator[Row]:
        totals = self.measures.totals(stage.layers)
        name = f"Block {stage.number}" if isinstance(stage, Block) else stage.title
        own = {**self._ends(stage.input_shape, stage.output_shape, stage.layers), **self._stage_facts(stage)}
        yield self.row(number, name, totals, own, level=0)
        if not self.depth:
            return
        if isinstance(stage, Part):
            if self.depth == LEVELS.index("layer"):
                yield from self._layer_rows(stage.layers, level=1)
            return
        for group in self._folded(stage.sub_blocks):
            yield from self._sub_block_rows(group)

    def _sub_block_rows(self, group: Sequence[SubBlock]) -> Iterator[Row]:
        first = group[0]
        layers = tuple(layer for each in group for layer in each.layers)
        own: dict[str, Value] = {
            **self._ends(first.input_shape, group[-1].output_shape, layers),
            **_sub_block_facts(first),
            "sub_blocks": len(group),
        }
        yield self.row(None, _range_name([each.name for each in group]), self.measures.totals(layers), own, level=1)
        if self.depth < LEVELS.index("module"):
            return
        for modules in zip(*(each.modules for each in group), strict=True):
            inside = tuple(layer for module in modules for layer in module.layers)
            own = {"output": _sides(inside[-1].output_shape), "channels": inside[-1].channels}
            name = _module_name(modules[0])
            yield self.row(None, name, self.measures.totals(inside), own, level=2)
            if self.depth == LEVELS.index("layer"):
                yield from self._layer_rows(inside, level=3)

    def _layer_rows(self, layers: Iterable[Layer], level: int) -> Iterator[Row]:
        for layer in layers:
            own: dict[str, Value] = {
                "operator": layer.class_name,
                "kernel": layer.kernel,
                "stride": _one_side(layer.stride),
                "output": layer.output_shape,
                "receptive_field": self.measures[layer.name].receptive_field,
                "parameters": layer.parameters,
                "macs": self.measures[layer.name].macs,
            }
            yield self.row(None, layer.name, self.measures.totals([layer]), own, level)

    def _folded(self, sub_blocks: Sequence[SubBlock]) -> Iterator[Sequence[SubBlock]]:
        if not self.fold:
            yield from ((each,) for each in sub_blocks)
            return
        for _, group in groupby(sub_blocks, key=attrgetter("likeness")):
            yield tuple(group)

    def _ends(self, input_shape: Shape | None, output_shape: Shape | None, layers: Sequence[Layer]) -> dict[str, Value]:
        fields = [self.measures[layer.name].receptive_field for layer in layers]
        return {
            "input": _sides(input_shape),
            "output": _sides(output_shape),
            "channels": output_shape[-1] if output_shape else None,
            "receptive_field": fields[-1] if fields else None,
        }

    @staticmethod
    def _stage_facts(stage: Part | Block) -> dict[str, Value]:
        if isinstance(stage, Block):
            return {**_sub_block_facts(stage.opener), "sub_blocks": len(stage.sub_blocks)}
        windows = [layer for layer in stage.layers if layer.operation == "convolution"]
        dense = [layer for layer in stage.layers if layer.operation == "dense"]
        if stage.name in ("stem", "head") and windows:
            return {
                "operator": windows[-1].class_name,
                "kernel": windows[-1].kernel,
                "stride": _one_side(windows[-1].stride),
            }
        return {"operator": dense[-1].class_name} if stage.name == "classifier" and dense else {}


def _sub_block_facts(sub_block: SubBlock) -> dict[str, Value]:
    return {
        "operator": sub_block.operator,
        "kernel": sub_block.kernel,
        "stride": _one_side(sub_block.stride),
        "squeeze_excite": sub_block.squeeze_excite,
    }


def _range_name(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]} ×{len(names)}"


def _module_name(module: Module) -> str:
    return f"Module {module.number}" if module.number else module.title.capitalize()


def _one_side(pair: Pair | None) -> int | tuple[int, ...] | None:
    """A pair as one number where both are the same."""
    return pair[0] if pair and pair[0] == pair[1] else pair


def _sides(shape: Shape | None) -> Shape | None:
    return shape[:2] if shape is not None and len(shape) == 3 else None


def _facts(anatomy: Anatomy, measures: Measures) -> Iterator[Fact]:
    whole = measures.totals()
    without = whole.layers - len(anatomy.classifier.layers if anatomy.classifier else ())
    at_least = "at least" if whole.uncounted_parameters else ""
    yield Fact("input", anatomy.input_shape, "size")
    yield Fact("layers", whole.layers, "count", f"{without:,} without the classifier" if anatomy.classifier else "")
    yield Fact("parameters", whole.parameters, "count", at_least or f"{whole.trainable_parameters:,} trainable")
    yield Fact("MACs", whole.macs, "quantity", "at least" if whole.uncounted_macs else f"{whole.macs:,}")
    yield Fact("of weights", whole.weights_bytes, "bytes", "float32")


def _tap_notes(anatomy: Anatomy, measures: Measures) -> Iterator[str]:
    """Where the backbone is tapped, with what a decoder gets there."""
    if anatomy.taps:
        taps = listed([_tap_in_words(layer, measures) for layer in anatomy.taps])
        yield f"Outputs taken from inside the backbone: {taps}."


def _tap_in_words(layer: Layer, measures: Measures) -> str:
    apart = measures[layer.name].effective_stride
    at = f", stride {written(tuple(map(int, dict.fromkeys(apart))), 'size')}" if apart else ""
    return f"{layer.name} ({written(layer.output_shape, 'size')}{at})"


def summary_data(anatomy: Anatomy, measures: Measures) -> dict[str, Any]:
    """The anatomy as JSON values: format 1 of the contract, documented in the README."""
    whole = measures.totals()
    classifier = anatomy.classifier
    others = {
        part.name: _part_data(part, measures)
        for part in (anatomy.before, anatomy.after, anatomy.beside)
        if part is not None
    }
    return {
        "format": 1,
        "model": {
            "name": anatomy.graph.name,
            "target": anatomy.graph.target,
            "input_shape": _listed(anatomy.input_shape),
            "layers": whole.layers,
            "layers_without_classifier": whole.layers - (len(classifier.layers) if classifier else 0),
            "parameters": whole.parameters,
            "trainable_parameters": whole.trainable_parameters,
            "macs": whole.macs,
            "activations": whole.activations,
            "weights_bytes": whole.weights_bytes,
            "activation_bytes": whole.activation_bytes,
            "backbone": anatomy.backbone,
            "backbones": anatomy.backbones,
            "exact": not (whole.uncounted_parameters or whole.uncounted_macs),
        },
        "stem": _part_data(anatomy.stem, measures),
        "blocks": [_block_data(block, measures) for block in anatomy.blocks],
        "head": anatomy.head and _part_data(anatomy.head, measures),
        "classifier": classifier and _part_data(classifier, measures),
        **others,
        "taps": [
            {
                "layer": layer.name,
                "shape": _listed(layer.output_shape),
                "stride": _listed_numbers(measures[layer.name].effective_stride),
            }
            for layer in anatomy.taps
        ],
        "remarks": list(anatomy.remarks),
    }


def _identity_data(found: Identity) -> dict[str, Any]:
    return {
        "key": found.variant.key,
        "title": found.variant.title,
        "up_to": found.up_to,
        "whole_blocks": found.whole_blocks,
        "classes": found.classes,
        "otherwise": list(found.otherwise),
    }


def _listed_numbers(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else [int(side) if side == int(side) else side for side in pair]


def _part_data(part: Part | Block | SubBlock, measures: Measures) -> dict[str, Any]:
    totals = measures.totals(part.layers)
    return {
        "layers": totals.layers,
        "parameters": totals.parameters,
        "macs": totals.macs,
        "activations": totals.activations,
        "input_shape": _listed(part.input_shape),
        "output_shape": _listed(part.output_shape),
    }


def _block_data(block: Block, measures: Measures) -> dict[str, Any]:
    return {
        "number": block.number,
        **_operator_data(block.opener),
        **_part_data(block, measures),
        "receptive_field": _listed(measures[block.layers[-1].name].receptive_field),
        "sub_blocks": [_sub_block_data(sub_block, measures) for sub_block in block.sub_blocks],
    }


def _sub_block_data(sub_block: SubBlock, measures: Measures) -> dict[str, Any]:
    return {
        "name": sub_block.name,
        "kind": sub_block.kind,
        "residual": sub_block.residual,
        "drop_rate": sub_block.drop_rate,
        **_operator_data(sub_block),
        **_part_data(sub_block, measures),
        "modules": [
            {
                "number": module.number,
                "title": module.title,
                "layers": [layer.name for layer in module.layers],
            }
            for module in sub_block.modules
        ],
    }


def _operator_data(sub_block: SubBlock) -> dict[str, Any]:
    whole = sub_block.expansion == int(sub_block.expansion)
    return {
        "operator": sub_block.operator,
        "kernel": _data_side(sub_block.kernel),
        "stride": _data_side(sub_block.stride),
        "expansion": int(sub_block.expansion) if whole else sub_block.expansion,
        "squeeze_excite": sub_block.squeeze_excite,
    }


def _data_side(pair: Pair) -> int | list[int]:
    return pair[0] if pair[0] == pair[1] else list(pair)


def _listed(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else list(shape)
