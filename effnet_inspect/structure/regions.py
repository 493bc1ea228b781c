"""LayerGraph -> trunks, and trunks -> regions: one region around each sub-block, whatever is in it.

A trunk is the chain of layers that every path from an image to the deepest features of a backbone passes. It is cut
into one region around each depthwise or fused convolution. A region ends where its residual connection does, or else
at the last of the narrowest tensors before the next one: inverted bottlenecks are narrow at their ends. Nothing here
asks what else a region holds; `roles` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.graph.operations import ENLARGING
from effnet_inspect.structure.dominators import Dominators, Step

LEAST_REGIONS = 2
"""A single depthwise convolution makes no backbone."""

LARGEST_NUMBER_OF_IMAGES = 8

MOST_IN_A_PYRAMID = 2
"""Spatial convolutions on each way through a pyramid; backbones that are joined have more."""

NORMALIZING: frozenset[OperationName] = frozenset({"batch_normalization", "layer_normalization", "group_normalization"})

REARRANGING: frozenset[OperationName] = frozenset({"reshape", "flatten"})
"""What arranges numbers otherwise, and computes nothing."""

JOINING: frozenset[OperationName] = frozenset({"add", "concatenate", "average", "maximum", "subtract"})
"""What may close a residual connection; a product closes an attention."""

WEIGHING_OR_JOINING: frozenset[OperationName] = JOINING | {"multiply"}

ENDING: frozenset[OperationName] = frozenset(
    {"global_average_pooling", "global_max_pooling", "flatten", "dense", *ENLARGING}
)
"""What no trunk passes: behind it there is a classifier or a decoder."""


def is_depthwise(layer: Layer) -> bool:
    """Whether it is a depthwise convolution, also one whose groups have a few channels each, or are written as such."""
    is_grouped = layer.operation == "convolution" and layer.kernel not in (None, (1, 1)) and (layer.groups or 1) > 1
    return layer.operation == "depthwise_convolution" or is_grouped


def is_pointwise(layer: Layer) -> bool:
    """Whether it is a convolution of one position that mixes channels, also within groups of them."""
    is_one_a_channel = layer.groups != 1 and layer.groups == layer.filters
    return layer.operation == "convolution" and layer.kernel == (1, 1) and not is_one_a_channel


def is_window(layer: Layer) -> bool:
    """Whether it is a dense or grouped convolution over more than one position."""
    return layer.operation == "convolution" and layer.kernel not in (None, (1, 1)) and not is_depthwise(layer)


def is_spatial(layer: Layer) -> bool:
    """Whether a sub-block may be around it: it is depthwise, or a window."""
    is_convolution = layer.operation == "convolution" and layer.kernel not in (None, (1, 1))
    return is_convolution or layer.operation == "depthwise_convolution"


def is_normalizing(layer: Layer) -> bool:
    """Whether it normalises its input, in one way or another."""
    return layer.operation in NORMALIZING


def is_activating(layer: Layer) -> bool:
    """Whether it is an activation that changes something; a linear one marks a place only."""
    return layer.operation == "activation" and layer.activation is not None


RESIZING: frozenset[OperationName] = ENLARGING | {"resizing"}

GATING = frozenset({"sigmoid", "hard_sigmoid", "softmax", "tanh"})


class Region(NamedTuple):
    """The layers of one sub-block.

    `main` are the steps of its main path, `spatial` is the depthwise or fused convolution among them. `joint` is the
    layer that closes a residual connection, None without one, and `skip` what lies on its other side. `tail` are the
    steps between this region and the next. `entry` is the layer whose output enters; it is not part of the region.
    """

    entry: Layer
    main: tuple[Step, ...]
    spatial: Layer
    joint: Layer | None = None
    skip: tuple[Layer, ...] = ()
    tail: tuple[Step, ...] = ()


class Trunk(NamedTuple):
    """A backbone along the way from its image: steps before the first region, the regions, steps after the last."""

    image: Layer
    before: tuple[Step, ...]
    regions: tuple[Region, ...]
    after: tuple[Step, ...]


def find_trunks(graph: LayerGraph) -> list[Trunk]:
    """All trunks of a graph, in the order of their first sub-blocks."""
    found: list[Trunk] = []
    taken: set[str] = set()
    images = [layer for layer in graph if layer.is_model_input]
    spatial = {layer.name for layer in graph if is_spatial(layer)}
    for image in images[:LARGEST_NUMBER_OF_IMAGES]:
        dominators = Dominators(graph, image)
        beside = _beside(dominators)
        reached = spatial & dominators.parent.keys()
        while len(reached - beside - taken) >= LEAST_REGIONS and (
            last := _deepest(dominators, reached - taken, beside)
        ):
            regions = _cut(dominators, last)
            new = spatial.intersection(dominators.chain(last))
            new |= {region.spatial.name for region in regions.regions} if regions else set()
            if (
                regions
                and len(regions.regions) >= LEAST_REGIONS
                and taken.isdisjoint(region.spatial.name for region in regions.regions)
            ):
                found.append(regions)
            if new <= taken:
                break
            taken |= new
    position = {layer.name: index for index, layer in enumerate(graph)}
    return sorted(found, key=lambda trunk: position[trunk.regions[0].spatial.name])


def _beside(dominators: Dominators) -> set[str]:
    """The convolutions that are on no trunk: those that only weigh others, and those of a pyramid."""
    found: set[str] = set()
    for layer in dominators.graph:
        if len(layer.inputs) < 2 or layer.operation not in WEIGHING_OR_JOINING or layer.name not in dominators:
            continue
        step = dominators.step(layer.name)
        if step is None:
            continue
        grows = any(each.operation in RESIZING for each in step.layers)  # a decoder takes up what was far before it
        is_gate = layer.operation == "multiply" and not grows and not _joins(dominators, step)
        if is_gate or (layer.operation in JOINING and _is_pyramid(dominators, step)):
            found.update(each.name for each in step.layers if is_spatial(each))
    return found


def _deepest(dominators: Dominators, free: set[str], beside: set[str]) -> str | None:
    """The layer with the most sub-blocks on the way to it, and the last such one; None where there are too few.

    `free` are the spatial convolutions that belong to no other trunk.
    """
    graph, first = dominators.graph, dominators.image.name
    score = {first: 0}
    best: str | None = None
    for layer in graph:
        name = layer.name
        if name == first or name not in dominators:
            continue
        parent = dominators.parent[name]
        if parent not in score or name in beside or layer.operation in ENDING or _is_vector(layer):
            continue
        own = 0
        if layer.data_inputs == (parent,):
            own = int(name in free)
        elif len(layer.inputs) > 1:
            step = dominators.step(name)
            if step is None or any(each.operation in RESIZING for each in step.layers):
                continue
            if _joins(dominators, step):
                own = sum([each.name in free for each in step.layers])
        score[name] = score[parent] + own
        if _is_image(layer) and (best is None or score[name] >= score[best]):
            best = name
    return best if best is not None and score[best] >= LEAST_REGIONS else None


def _joins(dominators: Dominators, step: Step) -> bool:
    """Whether a step is a residual connection: a sum, or something else that takes an MBConv and its input."""
    layer, entry = step.exit, step.entry.name
    if layer.operation in JOINING:
        return entry in layer.inputs or not _is_pyramid(dominators, step)
    if layer.operation not in ("multiply", "opaque") or entry not in layer.inputs:
        return False
    has_both = any(map(is_depthwise, step.layers)) and any(map(is_pointwise, step.layers))
    return has_both and not _is_gate(layer, entry, step.layers)


def _is_pyramid(dominators: Dominators, step: Step) -> bool:
    """Whether several convolutions with projections of their own look at one map, as in a decoder."""
    if len({name for name in step.exit.inputs if name != step.entry.name}) < 2:
        return False
    full = 0
    for path in _paths(dominators, step):
        layers = [layer for each in path for layer in each.layers]
        spatial = sum(map(is_spatial, layers))
        if spatial > MOST_IN_A_PYRAMID:
            return False
        full += spatial > 0 and any(map(is_pointwise, layers))
    return full > 1


def _is_gate(layer: Layer, entry: str, web: Sequence[Layer]) -> bool:
    """Whether a product weighs its input by numbers between 0 and 1."""
    others = [each for each in web if each.name in layer.inputs and each.name != entry]
    return layer.operation == "multiply" and any(each.activation in GATING for each in others)


def _is_image(layer: Layer) -> bool:
    """Whether the output has rows and columns; unknown shapes may."""
    return layer.output_shape is None or len(layer.output_shape) == 3


def _is_vector(layer: Layer) -> bool:
    """Whether the output has no positions at all, as what a classifier takes."""
    return layer.output_shape is not None and len(layer.output_shape) < 2


class _Piece(NamedTuple):
    """A step of the trunk; of a residual connection with the steps of its main path.

    `spatials` are the spatial convolutions on the trunk. The layer that closes a residual connection which was laid
    open has none, whatever is beside it.
    """

    step: Step
    spatials: tuple[Layer, ...] = ()
    main: tuple[Step, ...] = ()


def _pieces(dominators: Dominators, steps: Sequence[Step]) -> Iterator[_Piece]:
    """The steps, residual connections with their main path; one around several sub-blocks is laid open.

    What an opened one has beside its main path stays with the layer that joins both.
    """
    for step in steps:
        if step.is_single or not _joins(dominators, step) or _side_by_side(step):
            yield _Piece(step, _spatials_of(step))
            continue
        main = _main_path(dominators, step)
        inner = list(_pieces(dominators, main))
        if any(each.main for each in inner) or _are_several(inner):
            on_main = {layer.name for each in main for layer in each.layers}
            yield from inner
            beside = tuple([layer for layer in step.layers if layer.name not in on_main])
            yield _Piece(Step(main[-1].exit, step.exit, beside))
        else:
            kept = tuple(main) if any(each.spatials for each in inner) else ()
            yield _Piece(step, tuple([layer for each in kept or (step,) for layer in _spatials_of(each)]), kept)


def _are_several(row: Sequence[_Piece]) -> bool:
    """Whether a row of pieces is more than one sub-block: the first projects before the next begins, as that does.

    A depthwise convolution may stand before the expansion of its own sub-block, which then widens and does not project;
    and two of them around what narrows and widens are one sub-block turned inside out.
    """
    at = [index for index, piece in enumerate(row) if piece.spatials]
    projects = bool(at) and any(is_pointwise(piece.step.exit) for piece in row[at[-1] + 1 :])
    return projects and any(
        is_pointwise(piece.step.exit) and (piece.step.exit.filters or 0) <= (row[here].step.exit.channels or 0)
        for here, there in pairwise(at)
        for piece in row[here + 1 : there]
    )


def _side_by_side(step: Step) -> list[Layer]:
    """The depthwise convolutions of a step that has several instead of one, or its own input too; the largest first."""
    weighs = step.entry.name in step.exit.inputs and step.exit.operation not in JOINING
    if step.is_single or weighs or any(map(is_pointwise, step.layers)):
        return []
    return sorted(filter(is_depthwise, step.layers), key=lambda layer: layer.kernel or (0, 0), reverse=True)


def _spatials_of(step: Step) -> tuple[Layer, ...]:
    """The spatial convolution that a step is, or the first of those side by side in it; none in any other."""
    if step.is_single:
        return (step.exit,) if is_spatial(step.exit) else ()
    return tuple(_side_by_side(step)[:1])


def _paths(dominators: Dominators, step: Step) -> list[list[Step]]:
    """The steps through a web, to each input of its exit."""
    inside = {layer.name for layer in step.layers}
    return [dominators.steps(step.entry.name, name) for name in dict.fromkeys(step.exit.inputs) if name in inside]


def _main_path(dominators: Dominators, step: Step) -> list[Step]:
    """The way through a web that has the most spatial convolutions on it."""
    paths = _paths(dominators, step)
    return max(paths, key=lambda path: sum(any(map(is_spatial, each.layers)) for each in path), default=[])


class _Core(NamedTuple):
    """Where in the row of pieces a region's spatial convolutions are, from the first to the last, and which counts."""

    at: int
    last: int
    spatial: Layer


def _cut(dominators: Dominators, last: str) -> Trunk | None:
    row = list(_pieces(dominators, dominators.steps(dominators.image.name, last)))
    cores = _cores(row)
    if not cores:
        return None
    starts = [_border(row, _stem(row, cores[0].at), cores[0].at)]
    starts += [_border(row, here.last, there.at) for here, there in pairwise(cores)]
    ends = [*starts[1:], len(row)]
    regions = [_region(row[start:end], core, row) for start, end, core in zip(starts, ends, cores, strict=True)]
    before = tuple(piece.step for piece in row[: starts[0]])
    # What follows the last region is no tail of it: final layers, or the beginning of a region that was cut.
    after = regions[-1].tail
    regions[-1] = regions[-1]._replace(tail=())
    return Trunk(dominators.image, before, tuple(regions), after)


def _cores(row: Sequence[_Piece]) -> list[_Core]:
    found: list[_Core] = []
    is_after_stem = False
    pointwise = 1
    is_divided = False
    for index, piece in enumerate(row):
        spatials = piece.spatials
        is_divided |= bool(piece.main) or is_pointwise(piece.step.exit)
        if not spatials:
            pointwise += is_pointwise(piece.step.exit)
            continue
        if not is_after_stem:
            is_after_stem = True
            if not piece.main and is_window(spatials[0]):
                continue
        depthwise = [each for each in spatials if is_depthwise(each)]
        spatial = next((each for each in depthwise if each.parameters), (*depthwise, *spatials)[0])
        last = found[-1] if found else None
        is_one = last is not None and not pointwise and not piece.main and not row[last.at].main
        if last and is_one and is_depthwise(last.spatial):
            # Two in a row, as of a blur pooling: one sub-block.
            found[-1] = _Core(last.at, index, last.spatial)
        elif last and depthwise and is_one and is_divided and _widens(row[last.at]):
            # An expansion over more than one position: a fused sub-block that widens would project before this.
            found[-1] = _Core(index, index, spatial)
        elif depthwise and is_one and not any(is_depthwise(core.spatial) for core in found):
            # Convolutions before the first depthwise one, and nothing between them: a stem of several.
            found = [_Core(index, index, spatial)]
        else:
            found.append(_Core(index, index, spatial))
        pointwise = 0
    # Fused sub-blocks come first in every family: dense convolutions behind the last depthwise one are a decoder's.
    last_depthwise = max((at for at, core in enumerate(found) if is_depthwise(core.spatial)), default=len(found) - 1)
    return _without_plain(row, _without_lone(row, found[: last_depthwise + 1]))


def _without_lone(row: Sequence[_Piece], cores: Sequence[_Core]) -> list[_Core]:
    """Without depthwise convolutions that stand between two sub-blocks: they neither widen nor project."""
    behind = (*cores[1:], None)
    return [core for core, last, following in zip(cores, (None, *cores), behind, strict=False)
            if last is None or _has_convolutions_of_its_own(row, last, core, following)]  # fmt: skip


def _has_convolutions_of_its_own(row: Sequence[_Piece], last: _Core, core: _Core, following: _Core | None) -> bool:
    """Whether a pointwise convolution before or behind a spatial one is neither that of `last` nor of `following`."""

    def filters(start: int, end: int) -> list[int]:
        return [each.step.exit.filters or 0 for each in row[start:end] if is_pointwise(each.step.exit)]

    piece = row[core.at]
    width = piece.step.entry.channels or 0
    # The first one behind a sub-block is its projection, where no residual connection holds that.
    before = filters(last.last + 1, core.at)[0 if row[last.at].main else 1 :]
    if piece.main or not is_depthwise(core.spatial) or any(each >= width for each in before):
        return True
    end = following.at if following else len(row)
    behind = filters(core.last + 1, end)
    if following and row[following.at].main:
        return bool(behind)
    mixing = max((at for at in range(core.last + 1, end) if is_pointwise(row[at].step.exit)), default=end)
    is_activated = any(each.step.exit.activation for each in row[mixing:end])
    if len(behind) != 1 or behind[0] <= width or not is_activated:
        return True
    # It widens, and is activated: the expansion of the next sub-block, which then narrows, or that of final layers.
    narrowed = filters(following.last + 1, len(row)) if following else []
    return bool(narrowed) and narrowed[0] >= behind[0]


def _without_plain(row: Sequence[_Piece], cores: Sequence[_Core]) -> list[_Core]:
    """Without dense convolutions between depthwise ones that neither widen nor project: they are no sub-blocks."""
    first = next((at for at, core in enumerate(cores) if is_depthwise(core.spatial)), len(cores))

    def mixes(start: int, end: int) -> int:
        return sum(is_pointwise(piece.step.exit) for piece in row[start:end])

    kept = []
    for at, core in enumerate(cores):
        piece = row[core.at]
        inside = sum(is_pointwise(step.exit) for step in piece.main)
        is_inner = first < at < len(cores) - 1
        around = (
            (mixes(cores[at - 1].last + 1, core.at), mixes(core.last + 1, cores[at + 1].at)) if is_inner else (2, 2)
        )
        is_plain = is_inner and is_window(core.spatial) and not inside and max(around) <= 1 and not _widens(piece)
        if not is_plain:
            kept.append(core)
    return kept


def _widens(piece: _Piece) -> bool:
    """Whether more channels leave a step than enter it, as of a fused convolution that expands."""
    return (piece.step.exit.channels or 0) > (piece.step.entry.channels or 0)


def _stem(row: Sequence[_Piece], first: int) -> int:
    """Index of the stem's convolution; -1 without one."""
    return next((at for at in range(first - 1, -1, -1) if row[at].spatials), -1)


def _border(row: Sequence[_Piece], here: int, there: int) -> int:
    """Where the region around `there` begins, the one around `here` being before it."""
    candidates = list(range(max(here, 0), there))
    if here >= 0 and not row[here].main and not is_window(row[here].step.exit):
        # No sub-block ends before its projection.
        projected = next((at for at in candidates if at > here and is_pointwise(row[at].step.exit)), None)
        candidates = [at for at in candidates if projected is None or at >= projected]
    if not candidates:
        return there
    candidates = [at for at in candidates if row[at].step.exit.operation not in REARRANGING] or candidates
    widths = {at: row[at].step.exit.channels or 0 for at in candidates}
    border = max(at for at in candidates if widths[at] == min(widths.values())) + 1
    # Zeros are laid around an image for the convolution that follows.
    while border - 1 > candidates[0] and row[border - 1].step.exit.operation == "zero_padding":
        border -= 1
    return border


def _region(own: Sequence[_Piece], core: _Core, row: Sequence[_Piece]) -> Region:
    """The pieces of a region; what only follows it, and belongs to nothing in it, is its tail."""
    piece = row[core.at]
    at = next(index for index, each in enumerate(own) if each is piece)
    end = at + 1 + core.last - core.at
    if not piece.main:
        projected = next(
            (index for index in range(end, len(own)) if is_pointwise(own[index].step.exit)),
            None,
        )
        if projected is not None and _narrows(own[projected].step.exit, piece):
            end = projected + 1
    end = _end_with_what_belongs(own, end)
    tail = tuple(each.step for each in own[end:])
    lead = tuple(each.step for each in own[:at])
    if not piece.main:
        main = tuple(each.step for each in own[:end])
        return Region(main[0].entry, main, core.spatial, tail=tail)
    joint = piece.step.exit
    on_main = {layer.name for step in piece.main for layer in step.layers}
    skip = tuple(layer for layer in piece.step.layers if layer.name not in on_main and layer is not joint)
    inner_end = tuple(each.step for each in own[at + 1 : end])
    entry = lead[0].entry if lead else piece.step.entry
    return Region(entry, (*lead, *piece.main, *inner_end), core.spatial, joint, skip, tail)


def _end_with_what_belongs(own: Sequence[_Piece], end: int) -> int:
    """Behind the normalisation and activation that follow a convolution, also where something is rearranged first."""
    for index in range(end, len(own)):
        layer = own[index].step.exit
        if not own[index].step.is_single or not (_belongs(layer) or layer.operation in REARRANGING):
            break
        if _belongs(layer):
            end = index + 1
    return end


def _narrows(layer: Layer, piece: _Piece) -> bool:
    """Whether a convolution after a spatial one is its projection, and not the beginning of what comes next."""
    return not is_window(piece.step.exit) or (layer.filters or 0) <= (piece.step.exit.filters or 0)


def _belongs(layer: Layer) -> bool:
    return is_normalizing(layer) or is_activating(layer)
