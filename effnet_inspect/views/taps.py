"""`taps`: which layers feed a decoder, a pyramid or a class-activation map, as tables or as lines of code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from effnet_inspect.analysis.extractors import extractor_lines
from effnet_inspect.analysis.taps import Level, PresentTap, Taps, find_taps
from effnet_inspect.choices import FrameworkName, TapStyle
from effnet_inspect.document import Column, Document, HeaderField, Row, Table, Value
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network
from effnet_inspect.views.plain import plain
from effnet_inspect.words import describe_blocks, join_and

if TYPE_CHECKING:
    from effnet_inspect.views.answer_contracts import LevelData, PresentTapData, TapsData

STYLES: dict[TapStyle, str] = {"fpn": "FPN", "unet": "U-Net"}

FPN_NOTE = "Layer: what feature pyramids (FPN, BiFPN) take, the output of the last sub-block of this stride."
UNET_NOTE = (
    "Expanded layer: what the U-Nets of segmentation_models and keras-unet-collection take, the last expanded "
    "activation before the next reduction."
)
RECEPTIVE_NOTE = "Local RF: receptive field in input pixels, ignoring squeeze-excite (which is global)."
NO_EXPANSION = "No expanded layer: a fused convolution reduces while it expands, or the backbone ends there."


class TapsOptions(NamedTuple):
    """What is shown: both styles without `style`, all levels without `levels`, the first and the last one.

    `code` asks for lines that build the feature extractor, of `framework`, instead of tables.
    """

    style: TapStyle | None = None
    levels: tuple[int, int] | None = None
    code: bool = False
    framework: FrameworkName | None = None


NO_OPTIONS = TapsOptions()


def taps(network: Network, options: TapsOptions = NO_OPTIONS) -> Document:
    """The layers to tap, and those that are tapped.

    Raises:
        UsageError: where the network has none of the levels asked for, or no code can be written for it.
    """
    found = find_taps(network)
    levels = _chosen(network, found, options.levels)
    data = _data(network, found, levels)
    table = _table(network, levels, options.style)
    if options.code:
        code = extractor_lines(network, levels, options.style or "fpn", options.framework)
        return Document(f"Features of {network.name}", tidy=table, data={**data, "code": code}, code=code)
    return Document(
        title=f"Where to tap {network.name}",
        lead=_lead(network, found),
        header=(HeaderField("input", network.anatomy.input_shape, "size"),),
        tables=(table, *([_present_table(found.present)] if found.present else [])),
        tidy=table,
        notes=(*_notes(found), *network.remarks),
        data=data,
    )


def _chosen(network: Network, found: Taps, asked: tuple[int, int] | None) -> tuple[Level, ...]:
    if not found.levels:
        raise UsageError(f"{network.name} has no layers to tap: none of known stride gives a map of positions")
    if asked is None:
        return found.levels
    first, last = asked
    chosen = tuple(level for level in found.levels if first <= level.number <= last)
    if not chosen:
        names = f"{found.levels[0].name} to {found.levels[-1].name}"
        raise UsageError(f"there is no level from P{first} to P{last}: {network.name} has the levels {names}")
    return chosen


def _lead(network: Network, found: Taps) -> str:
    if not network.anatomy.blocks:
        return "This is no EfficientNet: it has no MBConv sub-blocks. A level is the last layer of one resolution."
    if not found.present:
        return ""
    styles = join_and(
        [STYLES[style] for style in ("fpn", "unet") if any(t.recommended == style for t in found.present)]
    )
    odd = [tap.layer.name for tap in found.present if tap.recommended is None]
    if not odd:
        return f"The model taps this network already: at the layers below, in the style of {styles}."
    return f"The model taps this network already, at other layers than those below: {join_and(odd)}."


def _columns(style: TapStyle | None) -> tuple[Column, ...]:
    level = (Column("level", "Level"), Column("stride", "Stride", "count", drop_priority=1))
    after = Column("sub_block", "After", drop_priority=2)
    field = Column("receptive_field", "Local RF", "size", drop_priority=3, note=RECEPTIVE_NOTE)
    fpn = (Column("layer", "Layer", keep_end=True, note=FPN_NOTE), Column("shape", "Output", "size"))
    unet = (
        Column("expanded_layer", "Expanded layer", keep_end=True, note=UNET_NOTE),
        Column("expanded_shape", "Output", "size", drop_priority=0 if style == "unet" else 4),
    )
    if style == "fpn":
        return (*level, after, *fpn, field)
    return (*level, *unet) if style == "unet" else (*level, after, *fpn, field, *unet)


def _table(network: Network, levels: Sequence[Level], style: TapStyle | None) -> Table:
    columns = _columns(style)
    has_sub_blocks = bool(network.anatomy.blocks)
    if not has_sub_blocks:
        absent = ("sub_block", "expanded_layer", "expanded_shape")
        columns = tuple(column._replace(note="") for column in columns if column.key not in absent)
    rows = []
    for level in levels:
        values: dict[str, Value] = {
            "level": level.name,
            "stride": level.stride,
            "sub_block": level.sub_block,
            "layer": level.layer.name,
            "shape": level.layer.output_shape,
            "receptive_field": network.measures.of(level.layer, "receptive_field"),
            "expanded_layer": level.expanded.name if level.expanded else None,
            "expanded_shape": level.expanded.output_shape if level.expanded else None,
        }
        rows.append(Row(tuple(values[column.key] for column in columns)))
    lacks = has_sub_blocks and style != "fpn" and any(level.expanded is None for level in levels)
    unseen = () if style == "unet" else network.measures.unseen(level.layer for level in levels)
    return Table("", columns, tuple(rows), notes=(*((NO_EXPANSION,) if lacks else ()), *unseen))


def _present_table(present: Sequence[PresentTap]) -> Table:
    columns = (
        Column("layer", "Layer", keep_end=True),
        Column("level", "Level"),
        Column("shape", "Output", "size"),
        Column("users", "Used by", keep_end=True, drop_priority=1),
        Column("joint", "Joins others in", keep_end=True, drop_priority=2),
        Column("enlargement", "Enlarged", "ratio", drop_priority=3),
        Column("recommended", "As recommended"),
    )
    rows = tuple(
        Row(
            (
                tap.layer.name,
                None if tap.level is None else f"P{tap.level}",
                tap.layer.output_shape,
                join_and([*[user.name for user in tap.users], *(["the output"] if tap.is_output else [])]),
                tap.joint.name if tap.joint else None,
                tap.enlargement,
                STYLES[tap.recommended] if tap.recommended else "no",
            )
        )
        for tap in present
    )
    return Table("The taps it has", columns, rows)


def _notes(found: Taps) -> Iterator[str]:
    if found.class_activation:
        shape = format_value(found.class_activation.output_shape, "size")
        name = found.class_activation.name
        yield f"For class-activation maps (Grad-CAM): {name} ({shape}), the last layer that has positions."
    shared = [level for level in found.levels if len(level.blocks) > 1]
    if shared:
        described = join_and([f"{describe_blocks(level.blocks)} at {level.name}" for level in shared])
        yield (
            f"Blocks share a level where only the first of them has a stride: {described}. "
            "The last one is the deepest, and is taken."
        )


def _data(network: Network, found: Taps, levels: Sequence[Level]) -> TapsData:
    return {
        "format": 1,
        "target": network.key if network.graph.target else "",
        "taps": [_level_data(network, level) for level in levels],
        "class_activation_layer": found.class_activation.name if found.class_activation else None,
        "present": [_present_data(tap) for tap in found.present],
    }


def _level_data(network: Network, level: Level) -> LevelData:
    return {
        "level": level.name,
        "stride": level.stride,
        "shape": plain(level.layer.output_shape),
        "channels": level.layer.channels,
        "receptive_field": plain(network.measures.of(level.layer, "receptive_field")),
        "sub_block": level.sub_block,
        "blocks": list(level.blocks),
        "layer": level.layer.name,
        "expanded_layer": _name(level.expanded),
        "expanded_shape": plain(level.expanded.output_shape) if level.expanded else None,
    }


def _present_data(tap: PresentTap) -> PresentTapData:
    return {
        "layer": tap.layer.name,
        "level": None if tap.level is None else f"P{tap.level}",
        "shape": plain(tap.layer.output_shape),
        "users": [user.name for user in tap.users],
        "is_output": tap.is_output,
        "joint": _name(tap.joint),
        "enlargement": tap.enlargement,
        "recommended": tap.recommended,
    }


def _name(layer: Layer | None) -> str | None:
    return layer.name if layer else None
