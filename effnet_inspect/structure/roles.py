"""Region -> items: what each layer of a sub-block is there for, in the papers' terms.

The landmarks of a sub-block are its convolutions: expansion, depthwise (or fused), projection. Each has its padding,
normalisation and activation; between depthwise convolution and projection there may be an attention; a residual
connection has its dropout. What fits nowhere is added by somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from effnet_inspect.graph import Layer
from effnet_inspect.structure.dominators import Step
from effnet_inspect.structure.regions import (
    REARRANGING,
    Region,
    is_activating,
    is_normalizing,
    is_pointwise,
    is_spatial,
    is_window,
)

Landmark = Literal[
    "stem", "expansion", "depthwise", "fused", "attention", "projection", "residual", "between", "head", "classifier",
    "around", "region", "entry", "shortcut", "beside", "branch",
]  # fmt: skip
"""What an item belongs to."""

ItemKind = Literal[
    "convolution", "padding", "normalization", "activation", "attention", "dropout", "joint", "added", "preprocessing",
    "pooling", "dense", "operator", "weights",
]  # fmt: skip
"""What an item is to its landmark."""

AttentionKind = Literal[
    "squeeze-excite",
    "efficient channel attention",
    "channel attention",
    "spatial gate",
    "global context",
    "attention",
]


class Item(NamedTuple):
    """One layer, or the layers of one attention, and what they are there for."""

    landmark: Landmark
    kind: ItemKind
    layers: tuple[Layer, ...]
    attention: AttentionKind | None = None

    @property
    def layer(self) -> Layer:
        """Its layer; of an attention the one that closes it."""
        return self.layers[-1]


def mixes_channels(layer: Layer) -> bool:
    """Whether it is a pointwise convolution or a dense layer."""
    return is_pointwise(layer) or layer.operation == "dense"


def reached_in(layers: Sequence[Layer]) -> str:
    """What a part of a sub-block ends after, in words: its expansion, its depthwise convolution and so on."""
    spatial = max((at for at, layer in enumerate(layers) if is_spatial(layer)), default=None)
    if spatial is None:
        return "expansion"
    weighed = max((at for at, layer in enumerate(layers) if layer.operation == "multiply"), default=-1)
    if any(map(is_pointwise, layers[max(spatial, weighed) :])):
        return "projection"
    return "attention" if weighed >= 0 else "depthwise convolution"


def is_attention(step: Step) -> bool:
    """Whether a step weighs its input by something made from it, or adds something made from all of it."""
    if step.is_single or step.entry.name not in step.exit.inputs:
        return False
    branch = step.layers[:-1]
    if step.exit.operation == "multiply":
        return any(_looks_around(layer) for layer in branch)
    return step.exit.operation == "add" and any(map(_is_one_position, branch))


def attention_kind(step: Step) -> AttentionKind:
    """What kind of attention a step is, by what its branch holds."""
    branch = step.layers[:-1]
    poolings = [layer for layer in branch if layer.operation in ("global_average_pooling", "global_max_pooling")]
    pools = bool(poolings) or any(_is_one_position(layer) for layer in branch)
    mixers = [layer for layer in branch if mixes_channels(layer)]
    windows = [layer for layer in branch if is_window(layer)]
    if windows and all(layer.filters == 1 for layer in windows) and not mixers:
        return "spatial gate"
    if any(layer.activation == "softmax" for layer in branch):
        return "global context"
    if pools and len(mixers) >= 2 and not windows:
        return "squeeze-excite" if len(poolings) <= 1 else "channel attention"
    if pools and not mixers and not windows and any(layer.parameters != 0 for layer in branch):
        return "efficient channel attention"
    return "attention"


def _looks_around(layer: Layer) -> bool:
    """Whether an output number depends on more than the input number at its place; of unknown layers it may."""
    return (
        layer.operation not in ("activation", "rescaling", "identity", "dropout") and layer.operation not in REARRANGING
    )


def _is_one_position(layer: Layer) -> bool:
    """Whether the output has channels only."""
    shape = layer.output_shape
    return shape is not None and (len(shape) == 1 or shape[:2] == (1, 1))


def items_of(region: Region) -> list[Item]:
    """The items of a region, in the order of the data; every layer of the region is in exactly one."""
    spatial_at = next(
        index for index, step in enumerate(region.main) if any(layer is region.spatial for layer in step.layers)
    )
    before = region.main[:spatial_at]
    after = region.main[spatial_at + 1 :]
    joint_at = _joint_position(region, after)
    inside, behind = after[:joint_at], after[joint_at:]
    landmark: Landmark = "fused" if is_window(region.spatial) else "depthwise"
    items = list(_around("expansion", landmark, before))
    items.append(Item(landmark, "convolution", (region.spatial,)))
    beside = tuple(layer for layer in region.main[spatial_at].layers if layer is not region.spatial)
    if beside:
        items.append(Item("beside", "added", beside))
    projection = max((index for index, step in enumerate(inside) if is_pointwise(step.exit)), default=len(inside))
    is_last = projection == len(inside) and region.joint is not None
    items += _following(landmark, inside[:projection], is_last)
    if projection < len(inside):
        items.append(Item("projection", "convolution", (inside[projection].exit,)))
        items += _following("projection", inside[projection + 1 :], region.joint is not None)
    if region.skip:
        # Where the input itself is added as well, what else is there is no shortcut.
        takes_entry = region.joint is not None and region.entry.name in region.joint.inputs
        items.append(Item("branch" if takes_entry else "shortcut", "added", region.skip))
    if region.joint:
        items.append(Item("residual", "joint", (region.joint,)))
        items += _following("residual", behind)
    return items


def items_between(steps: Sequence[Step]) -> Iterator[Item]:
    """The items between two sub-blocks."""
    for step in steps:
        if is_attention(step):
            yield Item("between", "attention", step.layers, attention_kind(step))
        else:
            yield Item("between", "added", step.layers)


def _joint_position(region: Region, after: Sequence[Step]) -> int:
    """How many of the steps after the spatial convolution lie before the joint of the residual connection."""
    if region.joint is None:
        return len(after)
    return next((index for index, step in enumerate(after) if step.entry is region.joint), len(after))


def _around(landmark: Landmark, next_landmark: Landmark, steps: Sequence[Step]) -> Iterator[Item]:
    """The steps before a spatial convolution: its padding, and a convolution before it with what belongs to that."""
    wide = [index for index, step in enumerate(steps) if next_landmark == "depthwise" and is_window(step.exit)]
    at = max((index for index, step in enumerate(steps) if is_pointwise(step.exit)), default=max(wide, default=-1))
    for step in steps[: max(at, 0)] if at >= 0 else ():
        yield Item("entry", "added", step.layers)
    if at >= 0:
        yield Item(landmark, "convolution", (steps[at].exit,))
    rest = steps[at + 1 :]
    padding = [index for index, step in enumerate(rest) if step.exit.operation == "zero_padding"]
    end = padding[-1] if padding else len(rest)
    if at >= 0:
        yield from _following(landmark, rest[:end])
    else:
        yield from (Item("entry", "added", step.layers) for step in rest[:end])
    if padding:
        yield Item(next_landmark, "padding", (rest[end].exit,))
        yield from (Item("entry", "added", step.layers) for step in rest[end + 1 :])


def _following(landmark: Landmark, steps: Sequence[Step], is_before_joint: bool = False) -> Iterator[Item]:
    """What follows a convolution or a joint: its first normalisation and activation, attention, dropout, the rest."""
    seen: set[ItemKind] = set()
    for step in steps:
        kind = _kind(landmark, step)
        if _may_drop(step.exit) and is_before_joint and step is steps[-1]:
            kind = "dropout"
        elif step.is_single and step.exit.operation == "opaque" and landmark != "projection":
            # A class of somebody's own where an activation belongs; which one it is cannot be known.
            kind = "activation"
        if kind == "attention":
            is_usual = landmark in ("depthwise", "fused")
            yield Item("attention" if is_usual else landmark, "attention", step.layers, attention_kind(step))
            continue
        if kind in seen:
            kind = "added"
        seen.add(kind)
        yield Item("residual" if kind == "dropout" else landmark, kind, step.layers)


def _may_drop(layer: Layer) -> bool:
    """Whether it is a dropout, or a class of somebody's own without weights that may be one."""
    return layer.operation == "dropout" or (layer.operation == "opaque" and layer.parameters == 0)


def _kind(landmark: Landmark, step: Step) -> ItemKind:
    layer = step.exit
    if is_attention(step):
        return "attention"
    if not step.is_single or is_spatial(layer) or is_pointwise(layer):
        return "added"
    if is_normalizing(layer):
        return "normalization"
    if is_activating(layer):
        return "activation"
    return "added"
