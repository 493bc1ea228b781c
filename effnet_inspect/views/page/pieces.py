"""One network as nested pieces: stages, sub-blocks, modules and layers, with what corresponds in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from effnet_inspect.drawing import BoxRole
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.graph import Layer, Shape
from effnet_inspect.structure.anatomy import Block, Module, Section, Stage, SubBlock
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.signature import kind_of_layer
from effnet_inspect.views.diagram.architecture import Columns
from effnet_inspect.views.diagram.decoder import DecoderStage
from effnet_inspect.views.diagram.labels import (
    MODULE_ROLES,
    kernel_text,
    layer_title,
    module_title,
    operator_text,
    section_role,
    stride_text,
    sub_block_name,
    sub_block_role,
)
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.webpage import PartKind
from effnet_inspect.words import pluralize


class Piece(NamedTuple):
    """A part of one network.

    `key` equals that of the part that corresponds in another network, among those beside it. `place` is the name of the
    place by which networks are compared, empty for what is inside one.
    """

    key: Hashable
    anchor: str
    kind: PartKind
    role: BoxRole
    title: str
    note: str
    layers: tuple[Layer, ...]
    entering: Shape | None
    leaving: Shape | None
    parts: tuple[Piece, ...] = ()
    place: str = ""
    residual: bool = False


class Row(NamedTuple):
    """Stages side by side: columns of pieces, and those of a decoder with the column that each stands under."""

    title: str
    columns: tuple[tuple[Piece, ...], ...]
    below: tuple[tuple[Piece, int], ...] = ()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All of them, in the order of the data."""
        return (*(piece for column in self.columns for piece in column), *(piece for piece, _ in self.below))


def rows_of(network: Network) -> tuple[Row, ...]:
    """The network as the figures have it: one row, or, where it holds several backbones, one for each of them."""
    if network.anatomy.backbones > 1 and not network.is_backbone_chosen:
        return tuple(_several(network))
    return (_row(network),)


def _row(network: Network) -> Row:
    anatomy = network.anatomy
    decoder = Columns(network, Look(PAGES["screen"].width), False).stages
    leading = [stage for stage in (anatomy.before, anatomy.stem) if stage and stage.layers]
    after = None if decoder else anatomy.after
    tail = [stage for stage in (anatomy.part, anatomy.head, anatomy.classifier, after, anatomy.other_branches) if stage]
    own: list[Stage] = [*leading, *anatomy.blocks, *anatomy.resolution_stages]
    columns: list[tuple[Piece, ...]] = [(stage_piece(stage),) for stage in own]
    if tail:
        columns.append(tuple(map(stage_piece, tail)))
    below = [(_decoder_piece(number, stage), stage.column) for number, stage in enumerate(decoder, start=1)]
    return Row("", tuple(columns), tuple(below))


def _several(network: Network) -> Iterator[Row]:
    """A row for every backbone, and rows for what is before all of them and what takes something of them."""
    backbones = network.all_backbones
    held = Counter(layer.name for one in backbones for stage in _own_stages(one) for layer in stage.layers)
    own = {name for name, count in held.items() if count == 1}
    behind = network.graph.descendants(own)
    around = [layer for layer in network.graph if layer.name not in own]
    before = tuple(layer for layer in around if layer.name not in behind)
    after = tuple(layer for layer in around if layer.name in behind)
    if before:
        yield Row("", ((stage_piece(Section("before", before, None, before[-1].output_shape)),),))
    for number, one in enumerate(backbones, start=1):
        variant = one.identity.variant
        title = f"Backbone {number}: {variant.title if variant else 'not a published variant'}"
        # What several backbones begin with is before all of them.
        stages = [
            replace(stage, layers=tuple(layer for layer in stage.layers if layer.name in own))
            if isinstance(stage, Section)
            else stage
            for stage in _own_stages(one)
        ]
        yield Row(title, tuple((stage_piece(stage, f"{number}:"),) for stage in stages if stage.layers))
    if after:
        yield Row("", ((stage_piece(Section("after", after, None, after[-1].output_shape)),),))


def _own_stages(network: Network) -> tuple[Stage, ...]:
    """Those of one backbone among several."""
    anatomy = network.anatomy
    row = (anatomy.stem, *anatomy.blocks, anatomy.part, anatomy.head, anatomy.classifier)
    return tuple(stage for stage in row if stage is not None)


def stage_piece(stage: Stage, prefix: str = "") -> Piece:
    """A block with its sub-blocks, or a section with its layers."""
    if isinstance(stage, Block):
        stride = stride_text(stage.stride) if max(stage.stride) > 1 else ""
        note = " · ".join(filter(None, (operator_text(stage.first), stride)))
        inner = tuple(_sub_block_piece(each, prefix) for each in stage.sub_blocks)
        anchor = f"{prefix}{stage.number}"
        return Piece(stage.key, anchor, "stage", "plain", stage.title, note, stage.layers, stage.input_shape,
                     stage.output_shape, inner, name_of(stage))  # fmt: skip
    convolution = stage.convolutions[0] if stage.belongs_to_backbone and stage.convolutions else None
    note = pluralize(len(stage.layers), "layer")
    if convolution:
        stride = stride_text(convolution.stride) if max(convolution.stride or (1,)) > 1 else ""
        note = " ".join(filter(None, ("Conv", kernel_text(convolution.kernel), stride)))
    anchor = f"{prefix}{'-'.join(map(str, stage.key)) if stage.name == 'stage' else stage.name}"
    return Piece(stage.key, anchor, "stage", section_role(stage), stage.title, note, stage.layers, stage.input_shape,
                 stage.output_shape, _layer_pieces(stage.layers, section_role(stage)), name_of(stage))  # fmt: skip


def _decoder_piece(number: int, stage: DecoderStage) -> Piece:
    note = pluralize(len(stage.layers), "layer")
    return Piece(("decoder", number), f"decoder-{number}", "stage", "other", f"Decoder {number}", note, stage.layers,
                 None, stage.layers[-1].output_shape, _layer_pieces(stage.layers, "other"), "after")  # fmt: skip


def _sub_block_piece(sub_block: SubBlock, prefix: str) -> Piece:
    anchor = prefix + sub_block.name
    modules = tuple(
        _module_piece(module, f"{anchor}.{number}") for number, module in enumerate(sub_block.modules, start=1)
    )
    return Piece(sub_block.name, anchor, "sub-block", sub_block_role(sub_block),
                 f"{sub_block.name} · {sub_block_name(sub_block)}", operator_text(sub_block), sub_block.layers,
                 sub_block.input_shape, sub_block.output_shape, modules, sub_block.name,
                 residual=sub_block.joint is not None)  # fmt: skip


def _module_piece(module: Module, anchor: str) -> Piece:
    title = module_title(module)
    label, note = (module.label, title) if module.number else (title.capitalize(), "")
    role = MODULE_ROLES[module.role]
    family = module.role.removeprefix("first_")
    return Piece(family, anchor, "module", role, label, note or pluralize(len(module.layers), "layer"), module.layers,
                 None, module.layers[-1].output_shape, _layer_pieces(module.layers, role))  # fmt: skip


def _layer_pieces(layers: Sequence[Layer], role: BoxRole) -> tuple[Piece, ...]:
    return tuple(
        Piece(kind_of_layer(layer), layer.name, "layer", "add" if layer.operation == "add" else role,
              layer_title(layer), layer.name, (layer,), None, layer.output_shape)
        for layer in layers
    )  # fmt: skip
