"""LayerGraph -> Anatomy: find the backbones of a graph, and take one of them apart.

Found from operations, shapes and edges alone: renaming every layer changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, takewhile
from typing import NamedTuple

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.catalog.targets import VariantTarget
from effnet_inspect.errors import GraphError, UsageError
from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.anatomy import (
    Anatomy,
    Block,
    Module,
    ModuleRole,
    Section,
    SectionName,
    SubBlock,
    SubBlockKind,
    section_of,
)
from effnet_inspect.structure.designs import design_of, expansion_of, numbers_by_structure
from effnet_inspect.structure.dominators import Step
from effnet_inspect.structure.nearest import Traits, nearest_variants, numbers_by_plan, relative_named
from effnet_inspect.structure.regions import (
    LEAST_REGIONS,
    RESIZING,
    Region,
    Trunk,
    find_trunks,
    is_activating,
    is_normalizing,
    is_pointwise,
    is_window,
)
from effnet_inspect.structure.remarks import ambiguous_blocks, remarks_on
from effnet_inspect.structure.resolutions import CLASSIFYING, divide_by_resolution
from effnet_inspect.structure.roles import (
    AttentionKind,
    Item,
    ItemKind,
    is_attention,
    items_between,
    items_of,
)

PREPARING: frozenset[OperationName] = frozenset({"rescaling", "normalization", "zero_padding"})
"""What may stand in a stem before its convolution."""


CHANNELS_OF_IMAGES = (1, 3)


def dissect(graph: LayerGraph, backbone: int = 1) -> Anatomy:
    """Take a network apart.

    Args:
        graph: any graph; a backbone may be nested in others, extended, changed, tapped or cut. A graph without
            MBConv sub-blocks is divided by resolution.
        backbone: which one, from 1, where the graph holds several.

    Raises:
        UsageError: where there are fewer backbones than asked for.
    """
    every = [_Read(trunk, [items_of(region) for region in trunk.regions]) for trunk in find_trunks(graph)]
    # What applies the weights of another backbone once more is not a backbone of its own.
    own = [read for read in every if _is_inverted(read) and not read.trunk.regions[0].spatial.shares_weights_with]
    if not 1 <= backbone <= max(len(own), 1):
        held = {0: "no EfficientNet backbone", 1: "one EfficientNet backbone"}.get(
            len(own), f"{len(own)} EfficientNet backbones"
        )
        raise UsageError(f"there is no backbone {backbone}: {graph.name} holds {held}")
    if not own:
        return replace(divide_by_resolution(graph), remarks=tuple(remarks_on(graph)))
    calls = Counter(shared for read in every if (shared := read.trunk.regions[0].spatial.shares_weights_with))
    anatomy = _Dissection(graph, own, backbone, calls).anatomy()
    _check_partition(anatomy)
    return anatomy


class _Read(NamedTuple):
    """A trunk, and the items of each of its regions."""

    trunk: Trunk
    items: list[list[Item]]


def _is_inverted(read: _Read) -> bool:
    """Whether its sub-blocks are MBConvs: some widen before their depthwise convolution, or squeeze behind it.

    Convolutions whose groups have several channels are those of other networks too (ResNeXt, RegNet), which do not
    narrow behind them.
    """
    rows = zip(read.trunk.regions, read.items, strict=True)
    depthwise = [(region, items) for region, items in rows if not is_window(region.spatial)]
    grouped = [(region, items) for region, items in depthwise if _is_grouped(region.spatial)]
    if 2 * sum(_narrows(region, items) for region, items in grouped) < len(grouped):
        return False
    return any(
        expansion_of(region, items) > 1 or any(item.attention == "squeeze-excite" for item in items)
        for region, items in depthwise
    )


def _is_grouped(layer: Layer) -> bool:
    return layer.operation == "convolution" and layer.groups != layer.filters


def _narrows(region: Region, items: Sequence[Item]) -> bool:
    projections = [item.layer for item in items if (item.landmark, item.kind) == ("projection", "convolution")]
    return bool(projections) and (projections[-1].filters or 0) < (region.spatial.filters or 0)


class _Dissection:
    """One backbone of a graph, taken apart."""

    def __init__(self, graph: LayerGraph, trunks: Sequence[_Read], backbone: int, calls: Mapping[str, int]) -> None:
        """Args:
        graph: the whole graph.
        trunks: its backbones.
        backbone: which of them, from 1.
        calls: how often the weights of a trunk are applied again, by its first spatial convolution.
        """
        self.graph = graph
        self.calls = calls
        self.trunks = trunks
        self.backbone = backbone
        trunk, items = trunks[backbone - 1]
        first_head = next((at for at, step in enumerate(trunk.after) if is_pointwise(step.exit)), None)
        ends_in_head = first_head is not None and _leads_to_head(graph, trunk.after, first_head)
        between = trunk.after[:first_head] if ends_in_head else ()
        regions = [*trunk.regions[:-1], trunk.regions[-1]._replace(tail=between)]
        every = [*trunk.before, *trunk.after, *(step for region in regions for step in (*region.main, *region.tail))]
        self.trunk_names = {layer.name for step in every for layer in step.layers} | {trunk.image.name}
        self.trunk_names |= {layer.name for region in regions for layer in region.skip}
        self.trunk_names |= {region.joint.name for region in regions if region.joint}
        while len(regions) > LEAST_REGIONS and _is_of_a_decoder(regions[-1]) and not _is_of_a_decoder(regions[-2]):
            regions.pop()
            first_head, ends_in_head = None, False
        self.cut: Region | None = None
        if not ends_in_head and len(regions) > 1 and _is_cut(regions):
            own = takewhile(lambda step: is_attention(step) or _belongs(step.exit), trunk.after)
            self.cut = regions.pop()._replace(tail=tuple(own))
        self.trunk = trunk
        self.regions = regions
        self.following = trunk.after[first_head:] if ends_in_head else ()
        # The last regions may be none of the backbone's.
        rows = zip(regions, items, strict=False)
        self.items = [[*self._weights_of(region), *own] for region, own in rows]
        self.designs = [design_of(region, items) for region, items in zip(regions, self.items, strict=True)]
        asked = graph.target.variant if isinstance(graph.target, VariantTarget) else None
        attention = tuple(any(item.kind == "attention" for item in items) for items in self.items)
        found = nearest_variants(
            self.designs, Traits(attention, _commonest_activation(self.items), self._ends()), asked
        )
        is_variant = any(each.likeness == 1 for each in found)
        self.relative = None if is_variant else relative_named(self.designs)
        self.nearest = () if self.relative else found

    def _ends(self) -> bool:
        """Whether what follows the sub-blocks is pooled, as final layers are."""
        row = list(takewhile(lambda step: step.is_single, self.following))
        last = row[-1].exit if row else self._last_layers()[-1]
        return any(
            user.operation in ("global_average_pooling", "global_max_pooling", "flatten")
            for user in self.graph.consumers(last.name)
        )

    def anatomy(self) -> Anatomy:
        """All of it."""
        graph = self.graph
        blocks = self._blocks()
        stem = self._stem()
        part, head = self._part_and_head()
        last = (head or part or self._last_layers())[-1]
        classifier = () if part else _classifier(graph, last)
        own = {
            layer.name
            for layers in (stem, part, head, classifier, *(block.layers for block in blocks))
            for layer in layers
        }
        others = [layer for layer in graph if layer.name not in own]
        upstream = graph.ancestors(layer.name for layer in stem or blocks[0].layers[:1]) if others else set()
        downstream = graph.descendants(own) if others else set()

        def rest(name: SectionName, belongs: Callable[[str], bool]) -> Section | None:
            return section_of(graph, name, [layer for layer in others if belongs(layer.name)])

        entry = self.regions[0].entry
        return Anatomy(
            graph=graph,
            stem=section_of(graph, "stem", stem) or Section("stem", (), entry.output_shape, entry.output_shape),
            blocks=blocks,
            part=section_of(graph, "part", part, self._next_planned.name if self._next_planned else "a sub-block"),
            head=section_of(graph, "head", head),
            classifier=section_of(graph, "classifier", classifier),
            before=rest("before", lambda name: name in upstream),
            after=rest("after", lambda name: name not in upstream and name in downstream),
            other_branches=rest("other_branches", lambda name: name not in upstream and name not in downstream),
            backbone=self.backbone,
            backbones=len(self.trunks),
            nearest=self.nearest,
            relative=self.relative,
            remarks=(*self._several(), *ambiguous_blocks(blocks), *remarks_on(graph)),
        )

    def _weights_of(self, region: Region) -> Iterator[Item]:
        """The layers that compute the weights of a region's convolutions."""
        own = {layer.name for step in region.main for layer in step.layers}
        waiting = [name for step in region.main for layer in step.layers for name in layer.inputs[1:]
                   if len(layer.data_inputs) < len(layer.inputs)]  # fmt: skip
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found and name not in own and name not in self.trunk_names:
                found.add(name)
                waiting += self.graph[name].inputs
        if found:
            yield Item("region", "weights", tuple(layer for layer in self.graph if layer.name in found))

    def _last_layers(self) -> tuple[Layer, ...]:
        region = self.regions[-1]
        steps = (*region.main, *region.tail)
        return (steps[-1].exit,) if region.tail or not region.joint else (self._exit(region),)

    @staticmethod
    def _exit(region: Region) -> Layer:
        """The layer whose output leaves a region, its tail left out."""
        if region.joint is None or region.main[-1].entry is region.joint:
            return region.main[-1].exit
        behind = [step for step in region.main if step.entry is region.joint]
        return region.main[-1].exit if behind else region.joint

    def _blocks(self) -> tuple[Block, ...]:
        numbers = self._numbers()
        blocks: list[Block] = []
        rows = list(zip(numbers, self.regions, self.items, self.designs, strict=True))
        for number, group in groupby(rows, key=lambda row: row[0]):
            sub_blocks = tuple(
                self._sub_block(region, items, replace(design, block=number, position=position))
                for position, (_, region, items, design) in enumerate(group)
            )
            blocks.append(Block(number, sub_blocks))
        return tuple(blocks)

    def _numbers(self) -> list[int]:
        """The block of each sub-block: that of the planned one, where a variant is near."""
        found = next((each for each in self.nearest if each.is_near), None)
        own = numbers_by_structure(self.designs, [region.entry.channels for region in self.regions])
        return numbers_by_plan(found, own) if found else own

    def _sub_block(self, region: Region, items: Sequence[Item], design: SubBlockDesign) -> SubBlock:
        kind = (
            SubBlockKind.REPEATED
            if design.position
            else SubBlockKind.FIRST_OF_NETWORK
            if design.block == 1
            else SubBlockKind.FIRST_OF_BLOCK
        )
        between = tuple(layer for step in region.tail for layer in step.layers)
        return SubBlock(
            block=design.block,
            position=design.position,
            fused=design.fused,
            kernel=design.kernel,
            stride=design.stride,
            expansion=design.expansion,
            filters=design.filters,
            squeeze_excite=design.squeeze_excite,
            residual=design.residual,
            drop_rate=design.drop_rate,
            kind=kind,
            input_shape=region.entry.output_shape,
            output_shape=(region.tail[-1].exit if region.tail else self._exit(region)).output_shape,
            modules=tuple(_modules(items, kind, between)),
            items=(*items, *items_between(region.tail)),
        )

    def _stem(self) -> tuple[Layer, ...]:
        """From what prepares the image for the first convolution up to the first sub-block."""
        steps = self.trunk.before
        windows = [at for at, step in enumerate(steps) if is_window(step.exit) or _is_separable(step.exit)]
        if not windows:
            return ()
        # What gives an image again adapts one of other channels to the network.
        at = next((at for at in windows if steps[at].exit.filters not in CHANNELS_OF_IMAGES), windows[-1])
        start = at
        while start and steps[start - 1].is_single and steps[start - 1].exit.operation in PREPARING:
            start -= 1
        entry = steps[start].entry
        layers = tuple(layer for step in steps[start:] for layer in step.layers)
        return (entry, *layers) if entry.operation == "input" else layers

    def _part_and_head(self) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
        """The beginning of a sub-block that was cut, and the final layers; one of them at most."""
        if self.cut:
            return tuple(layer for step in (*self.cut.main, *self.cut.tail) for layer in step.layers), ()
        steps = self.following
        if not steps:
            return (), self._head_beside()
        layers = tuple(step.exit for step in (steps[0], *takewhile(_may_follow_alone, steps[1:])))
        entering = steps[0].entry.channels
        is_activated = any(layer.activation for layer in layers)
        if entering and (layers[0].filters or 0) < entering and not is_activated:
            # Final layers are activated, and most widen; what only narrows leads into a decoder.
            return (), self._head_beside()
        expected = self._next_expansion()
        if expected is not None and layers[0].filters == expected:
            return layers, ()
        return (), layers if is_activated or len(layers) > 1 else ()

    def _head_beside(self) -> tuple[Layer, ...]:
        """The final layers where a decoder takes what they take, too."""
        last = self._last_layers()[-1]
        for first in self.graph.consumers(last.name):
            if is_pointwise(first) and (first.filters or 0) > (last.channels or 0):
                row = [first]
                while len(users := self.graph.consumers(row[-1].name)) == 1 and _may_follow(users[0]):
                    row.append(users[0])
                return tuple(row) if len(row) > 1 or first.activation else ()
        return ()

    def _next_expansion(self) -> int | None:
        planned, width = self._next_planned, self.designs[-1].filters
        return round(width * planned.expansion) if planned and width and not planned.fused else None

    @property
    def _next_planned(self) -> SubBlockDesign | None:
        """The sub-block that the nearest variant has where this network ends."""
        return self.nearest[0].next_planned if self.nearest else None

    def _several(self) -> Iterator[str]:
        if len(self.trunks) > 1:
            held = []
            for number in range(1, len(self.trunks) + 1):
                one = _Dissection(self.graph, self.trunks, number, self.calls) if number != self.backbone else self
                counts = Counter(one._numbers())
                title = one.nearest[0].variant.title if one.nearest and one.nearest[0].is_variant else "a network"
                held.append(f"{number} is {title} with {','.join(map(str, counts.values()))} sub-blocks")
            yield f"There are {len(self.trunks)} backbones: {'; '.join(held)}. This is backbone {self.backbone}."
        if again := self.calls.get(self.regions[0].spatial.name):
            yield f"This backbone is called {again + 1} times, with the same weights."


def _is_of_a_decoder(region: Region) -> bool:
    """Whether a region neither widens, nor weighs its channels, nor adds its input: a separable convolution."""
    items = items_of(region)
    is_plain = region.joint is None and not any(item.kind == "attention" for item in items)
    return is_plain and not is_window(region.spatial) and expansion_of(region, items) <= 1


def _leads_to_head(graph: LayerGraph, steps: Sequence[Step], at: int) -> bool:
    """Whether the pointwise convolution at a step is that of final layers: it widens what those of a decoder narrow."""
    before, first = steps[:at], steps[at].exit
    if any(step.exit.operation == "concatenate" for step in before):
        return False
    wider = (first.filters or 0) > (steps[0].entry.channels or 0)
    last = [first, *(step.exit for step in takewhile(_may_follow_alone, steps[at + 1 :]))][-1]
    is_taken_up = any(user.operation in (*RESIZING, "concatenate") for user in graph.consumers(last.name))
    return wider or not (is_taken_up or any(is_window(step.exit) for step in before))


def _may_follow_alone(step: Step) -> bool:
    return step.is_single and _may_follow(step.exit)


def _is_cut(regions: Sequence[Region]) -> bool:
    """Whether the last region ends before its projection, or before what follows that in the regions before it."""
    last = regions[-1]
    if last.joint:
        return False
    found = _at_the_end(last)
    if "convolution" not in found:
        return not is_window(last.spatial)
    is_normalized = "normalization" in found or all("normalization" not in _at_the_end(each) for each in regions[:-1])
    alike = [each for each in regions[:-1] if _keeps_its_shape(each)]
    is_joined = not _keeps_its_shape(last) or any(each.joint is None for each in alike) or not alike
    return not (is_normalized and is_joined)


def _at_the_end(region: Region) -> set[ItemKind]:
    """What a region has at its projection."""
    return {item.kind for item in items_of(region) if item.landmark == "projection"}


def _keeps_its_shape(region: Region) -> bool:
    """Whether what leaves the main path of a region could be added to what enters it."""
    end = region.main[-1].exit if region.joint is None else region.joint
    return region.entry.output_shape == end.output_shape


def _is_separable(layer: Layer) -> bool:
    return layer.operation == "separable_convolution"


def _may_follow(layer: Layer) -> bool:
    """Whether it may be the normalisation or activation of final layers, also of a class of somebody's own."""
    return _belongs(layer) or (layer.operation == "opaque" and layer.parameters == 0)


def _belongs(layer: Layer) -> bool:
    return is_normalizing(layer) or is_activating(layer)


def _commonest_activation(rows: Sequence[Sequence[Item]]) -> str | None:
    counts = Counter(
        item.layer.activation for items in rows for item in items if item.kind != "attention" and item.layer.activation
    )
    return max(counts, key=counts.__getitem__, default=None)


def _modules(items: Sequence[Item], kind: SubBlockKind, between: tuple[Layer, ...]) -> Iterator[Module]:
    opening: ModuleRole = "first_depthwise" if kind is SubBlockKind.FIRST_OF_BLOCK else "depthwise"
    closing: ModuleRole = "projection" if kind is SubBlockKind.REPEATED else "first_projection"
    rows: dict[ModuleRole, list[Layer]] = {opening: [], "fused": [], "squeeze_excite": [], closing: []}
    first: ModuleRole = "fused" if any(item.landmark == "fused" for item in items) else opening
    by_landmark: dict[str, ModuleRole] = {"fused": "fused", "entry": first, "beside": first}
    by_landmark |= {"expansion": opening, "depthwise": opening}
    attention: AttentionKind | None = None
    for item in items:
        if item.kind == "attention" and not rows["squeeze_excite"]:
            attention = item.attention
            rows["squeeze_excite"] += item.layers[:-1]
            rows[closing].append(item.layer)
        else:
            role = opening if item.kind == "weights" else by_landmark.get(item.landmark, closing)
            rows[role] += item.layers
    for role, layers in rows.items():
        if layers:
            yield Module(role, tuple(layers), attention if role == "squeeze_excite" else None)
    if between:
        yield Module("between", between)


def _classifier(graph: LayerGraph, last: Layer) -> tuple[Layer, ...]:
    """The row of layers from pooling to the last Dense that ends the model; nothing where it is anything else."""
    for start in graph.consumers(last.name):
        if start.operation not in ("global_average_pooling", "global_max_pooling", "flatten"):
            continue
        row = [start]
        while len(users := graph.consumers(row[-1].name)) == 1:
            row.append(users[0])
        is_plain = all(each.operation in CLASSIFYING and len(each.inputs) == 1 for each in row)
        if is_plain and not users and any(each.operation == "dense" for each in row):
            return tuple(row)
    return ()


def _check_partition(anatomy: Anatomy) -> None:
    names = [layer.name for stage in anatomy.stages for layer in stage.layers]
    if len(names) != len(set(names)) or set(names) != {layer.name for layer in anatomy.graph}:
        raise GraphError(f"{anatomy.graph.name} cannot be taken apart: its sub-blocks share layers")
