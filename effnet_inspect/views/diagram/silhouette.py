"""What a silhouette is made of: the stages of a network that have a height, each with its slabs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from effnet_inspect.drawing import BoxRole
from effnet_inspect.graph import Layer, Shape
from effnet_inspect.structure.anatomy import Anatomy, Block, Section, Stage, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.decoder import decoder_stages
from effnet_inspect.views.diagram.labels import (
    section_role,
    section_tooltip,
    shape_text,
    sub_block_name,
    sub_block_role,
)
from effnet_inspect.views.marks import mark_of
from effnet_inspect.words import join_and, said_of


class Slab(NamedTuple):
    """Something that gives one tensor: its height in pixels and its channels, its name, and what it stands for."""

    key: str
    name: str
    role: BoxRole
    height: int
    channels: int
    part: Section | SubBlock | None = None
    layers: tuple[Layer, ...] = ()


class SlabStage(NamedTuple):
    """Slabs that stand together, with what is written on them; `taps` name the layers that it takes from before."""

    title: str
    mark: str
    slabs: tuple[Slab, ...]
    taps: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is no part of the EfficientNet."""
        return self.slabs[0].role == "other"


class Silhouette(NamedTuple):
    """The stages of a network from left to right, their shapes, and a sentence about what is not among them.

    `tooltips` are by the keys of slabs.
    """

    network: Network
    stages: tuple[SlabStage, ...]
    shapes: tuple[str, ...]
    remark: str
    tooltips: Mapping[str, str]

    def texts(self, shorten: bool) -> list[tuple[str, str]]:
        """What is written on each stage; `shorten` leaves the number of a block, or the first word."""

        def title(stage: SlabStage) -> str:
            words = stage.title.split()
            return stage.title if not shorten else words[-1] if words[-1].isdigit() else words[0]

        return [(title(stage), shape) for stage, shape in zip(self.stages, self.shapes, strict=True)]

    @property
    def slabs(self) -> list[Slab]:
        """All slabs, from left to right."""
        return [slab for stage in self.stages for slab in stage.slabs]


def silhouette_of(network: Network) -> Silhouette:
    """The silhouette of a network; it has no stages where no tensor has a known height, width and channels."""
    anatomy = network.anatomy
    stages: list[SlabStage] = []
    shapes: list[str] = []
    if _is_map(anatomy.input_shape):
        stages.append(SlabStage("Input", "I", (_slab("input of the model", "input", "rule", anatomy.input_shape),)))
        shapes.append(shape_text(anatomy.input_shape))
    for stage in anatomy.stages:
        if stage in (anatomy.after, anatomy.other_branches) or not _is_map(stage.output_shape):
            continue
        found = _slabs_of_block(stage) if isinstance(stage, Block) else (_slab_of_section(stage),)
        stages.append(SlabStage(stage.title, mark_of(stage), tuple(found)))
        shapes.append(shape_text(stage.output_shape))
    own = list(_stages_after(anatomy))
    for number, (layers, taps) in enumerate(own, start=1):
        section = Section("after", layers, None, layers[-1].output_shape)
        title = f"Decoder {number}" if any(taps for _, taps in own) else f"Added {number}"
        slab = _slab(title, title, "other", section.output_shape)
        stages.append(SlabStage(title, f"{title[0]}{number}", (slab._replace(part=section, layers=layers),), taps))
        shapes.append(shape_text(section.output_shape))
    drawn = [layer for stage in stages for slab in stage.slabs for layer in slab.layers]
    missing = not_drawn(network, drawn)
    why = "which have branches or give no maps" if len(missing) > 1 else _why(missing[0]) if missing else ""
    remark = in_words(missing, why)
    if anatomy.backbones > 1:
        remark = f"Backbone {anatomy.backbone} of {anatomy.backbones}. {remark}"
    tooltips = {
        slab.key: section_tooltip(slab.name, slab.part, network) if slab.part else slab.name
        for stage in stages
        for slab in stage.slabs
    }
    return Silhouette(network, tuple(stages), tuple(shapes), remark, tooltips)


def not_drawn(network: Network, drawn: Iterable[Layer]) -> list[Stage]:
    """The stages of which no layer is drawn; an input alone is none."""
    names = {layer.name for layer in drawn}
    own = {
        stage.key: [layer.name for layer in stage.layers if layer.operation != "input"]
        for stage in network.anatomy.stages
    }
    return [stage for stage in network.anatomy.stages if own[stage.key] and names.isdisjoint(own[stage.key])]


def in_words(missing: Sequence[Stage], why: str = "", *, shapes: bool = True) -> str:
    """`Not drawn: classifier (1000), which gives no maps.`; nothing where nothing is missing."""
    if not missing:
        return ""
    named = join_and(
        f"{stage.title.lower()} ({shape_text(stage.output_shape)})" if shapes else stage.title.lower()
        for stage in missing
    )
    return f"Not drawn: {', '.join(filter(None, (named, why)))}."


def remarks_on(networks: Sequence[Network], drawn: Callable[[Network], Sequence[Stage]]) -> list[str]:
    """What is not drawn of each network, by name; without it where it is the same of all, whatever its shape."""
    found = [not_drawn(network, (layer for stage in drawn(network) for layer in stage.layers)) for network in networks]
    is_same = len({tuple(stage.title for stage in missing) for missing in found}) == 1
    same_shapes = len({tuple(stage.output_shape for stage in missing) for missing in found}) == 1
    return by_network(networks, [in_words(missing, shapes=same_shapes or not is_same) for missing in found])


def by_network(networks: Sequence[Network], remarks: Sequence[str]) -> list[str]:
    """Remarks by the name of what they are about; one that is the same of all is said once."""
    if len(set(remarks)) == 1:
        return [remark for remark in remarks[:1] if remark]
    return [said_of(network.title, remark) for network, remark in zip(networks, remarks, strict=True) if remark]


def _why(stage: Stage) -> str:
    return "which has branches" if _is_map(stage.output_shape) else "which gives no maps"


def _is_map(shape: Shape | None) -> bool:
    return shape is not None and len(shape) == 3 and None not in shape


def _slab(key: str, name: str, role: BoxRole, shape: Shape | None) -> Slab:
    assert shape is not None
    return Slab(key, name, role, shape[0] or 0, shape[2] or 0)


def _slabs_of_block(block: Block) -> Iterator[Slab]:
    for each in block.sub_blocks:
        shape = each.output_shape if _is_map(each.output_shape) else block.output_shape
        slab = _slab(each.name, f"{sub_block_name(each)}, {each.name}", sub_block_role(each), shape)
        yield slab._replace(part=each, layers=each.layers)


def _slab_of_section(section: Section) -> Slab:
    slab = _slab(section.title, section.title, section_role(section), section.output_shape)
    return slab._replace(part=section, layers=section.layers)


def _stages_after(anatomy: Anatomy) -> list[tuple[tuple[Layer, ...], tuple[str, ...]]]:
    """What follows the backbone, by resolutions, with its taps: a decoder or a chain; nothing of what is neither."""
    if anatomy.after is None:
        return []
    parts = [stage for stage in anatomy.stages if stage not in (anatomy.after, anatomy.other_branches)]
    columns = {layer.name: index for index, part in enumerate(parts) for layer in part.layers}
    last = [part for part in parts if part is not anatomy.classifier and part.layers]
    stages = decoder_stages(anatomy, columns, last[-1].layers[-1].name) if last else []
    return [(stage.layers, stage.taps) for stage in stages] or list(_chain(anatomy.after))


def _chain(after: Section) -> Iterator[tuple[tuple[Layer, ...], tuple[str, ...]]]:
    names = [layer.name for layer in after.layers]
    inside = set(names)
    is_chain = all(
        set(layer.inputs) & inside <= {before} for layer, before in zip(after.layers, ["", *names], strict=False)
    )
    for shape, group in groupby(after.layers, key=lambda layer: layer.output_shape and layer.output_shape[:2]):
        layers = tuple(group)
        if is_chain and shape and _is_map(layers[-1].output_shape):
            yield layers, ()
