"""The anatomy of a network as JSON values: the contract of `summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from effnet_inspect.analysis.preprocessing import preprocessing_of
from effnet_inspect.graph import BuiltBy, Layer, Pair
from effnet_inspect.graph.trainable import is_frozen
from effnet_inspect.structure.anatomy import Block, Module, Stage, SubBlock
from effnet_inspect.structure.facts import Fact, Settings
from effnet_inspect.structure.identity import Identity
from effnet_inspect.structure.measures import Totals, measures_that_add_up
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import item_of
from effnet_inspect.views.plain import plain

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import (
        BlockData,
        BuiltByData,
        IdentityData,
        ModelData,
        ModuleData,
        OperatorData,
        PartData,
        SubBlockData,
        SummaryData,
        TapData,
    )


def _built_by_data(built_by: BuiltBy | None) -> BuiltByData | None:
    if built_by is None:
        return None
    return {
        "keras": built_by.keras,
        "tensorflow": built_by.tensorflow,
        "kept_in": built_by.kept_in,
        "resized_from": built_by.resized_from,
    }


def summary_data(network: Network) -> SummaryData:
    """The anatomy as JSON values: format 1 of the contract."""
    anatomy, totals = network.anatomy, network.totals
    model = cast(
        "ModelData",
        {
            "name": network.name,
            "target": network.key if network.graph.target else "",
            "input_shape": plain(anatomy.input_shape),
            "layers_without_classifier": network.layers_without_classifier,
            **measured_data(totals),
            "backbone": anatomy.backbone,
            "backbones": anatomy.backbones,
            "exact": totals.are_exact,
            "built_by": _built_by_data(network.graph.built_by),
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
        "preprocessing": [
            {
                "layer": step.layer.name,
                "scale": None if step.scale is None else list(step.scale),
                "offset": None if step.offset is None else list(step.offset),
            }
            for step in preprocessing_of(network) or ()
        ],
        "frozen": [layer.name for layer in network.graph if is_frozen(layer)],
        "remarks": list(network.remarks),
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
            "input_shape": plain(part.input_shape),
            "output_shape": plain(part.output_shape),
        },
    )


def _block_data(block: Block, network: Network) -> BlockData:
    return {
        "number": block.number,
        **_operator_data(block.first),
        **_part_data(block, network),
        "receptive_field": plain(network.measures.at_end(block.layers, "receptive_field")),
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
        "shape": plain(layer.output_shape),
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
