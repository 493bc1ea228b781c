"""Which layers feed a decoder, a pyramid or a class-activation map, and which of them a model taps already.

Of every level, P1 at stride 2 to P5 at stride 32, the layer in two styles. A feature pyramid (FPN, arXiv 1612.03144)
takes the output of the last sub-block of each resolution, which is the deepest there and narrow. U-Nets on
EfficientNets (segmentation_models, keras-unet-collection) take the expanded activation in front of the next reduction,
which is six times as wide.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from effnet_inspect.choices import TapStyle
from effnet_inspect.graph import JOINING_MAPS, Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.roles import reached_in


@dataclass(frozen=True, slots=True)
class Level:
    """One level: what has this stride.

    `stride` are input pixels between neighbouring positions, `layer` ends the last sub-block of that stride, called
    `sub_block`; `expanded` is the last expanded activation before the next reduction, None where there is none.
    `blocks` are the numbers of the blocks of this stride. In a network without MBConv sub-blocks `sub_block` is None,
    there are no blocks, and `layer` is the last one of its resolution.
    """

    number: int
    stride: int
    layer: Layer
    expanded: Layer | None = None
    sub_block: str | None = None
    blocks: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """`P3`."""
        return f"P{self.number}"

    def layer_in(self, style: TapStyle) -> Layer | None:
        """The layer to take."""
        return self.layer if style == "fpn" else self.expanded


@dataclass(frozen=True, slots=True)
class PresentTap:
    """A layer of the backbone whose output a model uses elsewhere.

    `level` is the number of its level. `users` take its output outside the backbone, `is_output` tells whether the
    model gives it out. `joint` is where it first meets other features, `enlargement` how many times as high it is
    there. `recommended` is the style in which it is the layer to take at its level, None in neither.
    """

    layer: Layer
    level: int | None
    users: tuple[Layer, ...]
    is_output: bool
    joint: Layer | None
    enlargement: float | None
    recommended: TapStyle | None


@dataclass(frozen=True, slots=True)
class Taps:
    """The answer: all levels, the last layer with positions (None without any), and the taps that are there."""

    levels: tuple[Level, ...]
    class_activation: Layer | None
    present: tuple[PresentTap, ...]


def find_taps(network: Network) -> Taps:
    """The layers to tap, and those that are tapped."""
    levels = tuple(_levels(network) if network.anatomy.blocks else _levels_of_resolutions(network))
    return Taps(levels, _class_activation(network, levels), tuple(_present(network, levels)))


def end_of(sub_block: SubBlock) -> Layer:
    """The layer that gives the output of a sub-block, without what stands between it and the next one."""
    own = [layer for module in sub_block.modules if module.role != "between" for layer in module.layers]
    return own[-1]


def stride_of(network: Network, layer: Layer) -> int | None:
    """Pixels between neighbouring positions of a layer's output, the larger side; None where it is unknown.

    The pixels are those of the image that the backbone takes, which may be one that the model has resized.
    """
    apart, before = (_apart(network, each) for each in (layer, _entering(network)))
    return round(apart / (before or 1)) if apart else None


def _apart(network: Network, layer: Layer | None) -> float | None:
    apart = network.measures.of(layer, "effective_stride") if layer else None
    return max(apart) if apart else None


def _entering(network: Network) -> Layer | None:
    """The layer whose output enters the backbone; None where that is the model's own input."""
    first = next((layer for stage in network.backbone_stages for layer in stage.layers), None)
    producers = network.graph.producers(first) if first else ()
    return producers[0] if producers else None


def _levels(network: Network) -> Iterator[Level]:
    anatomy = network.anatomy
    placed = list(zip(anatomy.sub_blocks, _strides(network), strict=True))
    blocks = {id(each): block.number for block in anatomy.blocks for each in block.sub_blocks}
    at = 0
    for stride, group in groupby(placed, key=lambda pair: pair[1]):
        members = [each for each, _ in group]
        at += len(members)
        after = anatomy.sub_blocks[at] if at < len(anatomy.sub_blocks) else None
        last = members[-1]
        yield Level(
            number=round(math.log2(stride)),
            stride=stride,
            layer=end_of(last),
            expanded=_expanded(after) if after else _expanded_at_the_end(network, last),
            sub_block=last.name,
            blocks=tuple(dict.fromkeys(blocks[id(each)] for each in members)),
        )


def _strides(network: Network) -> Iterator[int]:
    """The stride of every sub-block's output; counted from the stem where no window tells, behind a resizing."""
    stem = math.prod(max(layer.stride or (1, 1)) for layer in network.anatomy.stem.convolutions)
    for sub_block in network.anatomy.sub_blocks:
        stem *= max(sub_block.stride)
        yield stride_of(network, end_of(sub_block)) or stem


def _expanded(sub_block: SubBlock) -> Layer | None:
    """The end of a sub-block's expansion; None where its convolution expands and reduces at once, or nothing does."""
    own = [item.layer for item in sub_block.items if item.landmark == "expansion" and item.kind != "added"]
    return own[-1] if own else None


def _expanded_at_the_end(network: Network, last: SubBlock) -> Layer | None:
    """The final layers; in a network that was cut behind an expansion, that expansion."""
    part, head = network.anatomy.part, network.anatomy.head
    if part:
        return part.layers[-1] if reached_in(part.layers) == "expansion" else None
    if head and _sides(head.layers[-1]) == _sides(end_of(last)):
        return head.layers[-1]
    return None


def _levels_of_resolutions(network: Network) -> Iterator[Level]:
    """Of a network without MBConv sub-blocks: the last layer of each resolution."""
    seen: set[int] = set()
    for stage in network.anatomy.resolution_stages:
        layer = stage.layers[-1]
        stride = stride_of(network, layer)
        if stride and stride > 1 and stride not in seen and stride == 2 ** round(math.log2(stride)):
            seen.add(stride)
            yield Level(round(math.log2(stride)), stride, layer)


def _sides(layer: Layer) -> tuple[int | None, ...] | None:
    shape = layer.output_shape
    return shape[:2] if shape is not None and len(shape) == 3 else None


def _class_activation(network: Network, levels: tuple[Level, ...]) -> Layer | None:
    if not levels:
        return None
    last, anatomy = levels[-1], network.anatomy
    if anatomy.part and _sides(anatomy.part.layers[-1]):
        return anatomy.part.layers[-1]
    head = anatomy.head
    return head.layers[-1] if head and _sides(head.layers[-1]) == _sides(last.layer) else last.layer


def _present(network: Network, levels: tuple[Level, ...]) -> Iterator[PresentTap]:
    anatomy, graph = network.anatomy, network.graph
    stages = (anatomy.stem, *anatomy.blocks, anatomy.part, anatomy.head)
    own = [layer for stage in stages if stage for layer in stage.layers]
    inside = {layer.name for layer in own}
    tapped = list(anatomy.taps)
    if tapped and own[-1] not in tapped:
        tapped.append(own[-1])
    between = {layer.name: end_of(each) for each in anatomy.sub_blocks for layer in each.between}
    by_stride = {level.stride: level.number for level in levels}
    styles: tuple[TapStyle, ...] = ("fpn", "unet")
    for layer in tapped:
        same = between.get(layer.name, layer)
        joint = _joint(network, layer, inside)
        yield PresentTap(
            layer=layer,
            level=by_stride.get(stride_of(network, layer) or 0),
            users=tuple(user for user in graph.consumers(layer.name) if user.name not in inside),
            is_output=layer.name in graph.outputs,
            joint=joint,
            enlargement=_enlargement(layer, joint),
            recommended=next((style for style in styles if same in [each.layer_in(style) for each in levels]), None),
        )


def _joint(network: Network, tap: Layer, inside: set[str]) -> Layer | None:
    """Where a tap's features first meet others, outside the backbone."""
    graph = network.graph
    behind = {tap.name: tap}
    waiting = deque([tap])
    while waiting:
        for user in graph.consumers(waiting.popleft().name):
            if user.name not in inside and user.name not in behind:
                behind[user.name] = user
                waiting.append(user)
    # Branches of the tap that meet each other meet no other features: all of them are known before the first is judged.
    for layer in behind.values():
        others = [graph[name] for name in layer.inputs if name not in behind]
        if layer is not tap and layer.operation in JOINING_MAPS and any(_sides(each) for each in others):
            return layer
    return None


def _enlargement(tap: Layer, joint: Layer | None) -> float | None:
    here, there = _sides(tap), _sides(joint) if joint else None
    return there[0] / here[0] if here and there and here[0] and there[0] else None
