"""Two networks, compared layer by layer whatever the layers are called: what they share, or where they first differ.

What is compared is the anatomy: parts before the blocks, blocks, sub-blocks, parts after. Two networks are, from
the closest likeness to none, the same network; the same graph with other sizes or rates; the same blocks,
repeated another number of times; or different, and then there is a first place where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import zip_longest
from operator import attrgetter
from typing import Any, NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.structure.anatomy import Anatomy, Section, SubBlock
from effnet_inspect.structure.signature import design_signature
from effnet_inspect.words import join_and

SAME_NETWORK = "same network"
SAME_GRAPH = "same graph"
SAME_BLOCKS = "same blocks"
DIFFERENT = "different"
LEVELS = (SAME_NETWORK, SAME_GRAPH, SAME_BLOCKS, DIFFERENT)
"""How alike two networks can be, the closest first."""

PARTS = ("before", "stem", "blocks", "head", "classifier", "after", "other_branches")
"""What an anatomy consists of, in the order in which it is compared."""

UNORDERED: frozenset[OperationName] = frozenset({"add", "multiply", "maximum", "average"})
"""Operations that do not mind the order of their inputs."""

_attributes = attrgetter("operation", "kernel", "stride", "dilation", "padding", "activation", "use_bias", "use_scale")

COMPARED_ATTRIBUTES = (
    "operation",
    "kernel",
    "stride",
    "dilation",
    "padding",
    "activation",
    "bias",
    "scale",
    "class",
    "sharing of weights",
    "an output of its own",
    "inputs",
)
"""What makes the structure, layer by layer: where one of these differs, two networks do."""

VARYING: dict[str, tuple[str, Callable[[Layer], object]]] = {
    "channels": ("channels", lambda layer: (layer.filters, layer.groups, layer.channels)),
    "resolution": ("resolution", lambda layer: layer.output_shape and layer.output_shape[:-1]),
    "rates": ("dropout rates", attrgetter("rate")),
    "constants": ("constants", attrgetter("epsilon", "scale", "offset")),
    "margins": ("padding margins", attrgetter("margins")),
    "unknown": (
        "parameters of unknown layers",
        lambda layer: layer.parameters if layer.operation == "opaque" else None,
    ),
}
"""What may vary in one structure: key -> (in words, its value in a layer). Padding margins follow the resolution."""

AREAS = {
    "before": "the layers before the backbone",
    "stem": "the stem",
    "head": "the final layers",
    "classifier": "the classifier",
    "after": "the layers after the backbone",
    "other_branches": "other branches",
}
"""The sections of a network, in a sentence."""

WORDS = {"repeats": "repeats", "classes": "classes", **{key: words for key, (words, _) in VARYING.items()}}


class Place(NamedTuple):
    """A place in a network: its stage, and as much of block, sub-block, module and layer as there is."""

    stage: str
    block: int | None = None
    sub_block: str | None = None
    module: int | None = None
    layer: str | None = None

    @property
    def area(self) -> str:
        """Where it is, without the layer: `sub-block 4b, module 1`, `the stem`."""
        if self.sub_block is None:
            return AREAS[self.stage]
        return f"sub-block {self.sub_block}" + (f", module {self.module}" if self.module else "")


class FirstDifference(NamedTuple):
    """The first place where two networks differ, in the one and in the other; None where one has nothing there.

    `attribute` says in words what differs, `values` is what it is in each.
    """

    places: tuple[Place | None, Place | None]
    attribute: str
    values: tuple[Any, Any]

    def sentence(self, first: str, second: str) -> str:
        """Where `first` and `second` first differ, for people."""
        here, there = self.places
        if here is None or there is None:
            has, place = (first, here) if here else (second, there)
            return f"{first} and {second} first differ at {place.area if place else ''}, which only {has} has."
        where = here.area if here.area == there.area else f"{here.area} of {first} and {there.area} of {second}"
        mine, theirs = (_format(self.attribute, value) for value in self.values)
        if here.layer == there.layer:
            where += f", at {here.layer}" if here.layer else ""
        else:
            mine, theirs = (
                f"{text} ({place.layer})" if place.layer else text for text, place in ((mine, here), (theirs, there))
            )
        return f"{first} and {second} first differ in {where}: {mine} against {theirs}."


class Difference(NamedTuple):
    """How two networks differ.

    `level` is one of LEVELS; `differ` names what varies in one structure: `repeats` and keys of VARYING;
    `first_difference` is None unless the level is `different`.
    """

    level: str
    differ: tuple[str, ...] = ()
    first_difference: FirstDifference | None = None


class Segment(NamedTuple):
    """A sub-block, or a section: the stretch of layers that is compared as one.

    `structure` is equal in two segments exactly where they are built alike; equal ones are one object.
    """

    stage: str
    sub_block: SubBlock | None
    layers: tuple[Layer, ...]
    structure: tuple[Any, ...]

    def place(self, layer: Layer | None = None) -> Place:
        """The place of one of the segment's layers, or of the segment itself."""
        name = layer.name if layer else None
        if self.sub_block is None:
            return Place(self.stage, layer=name)
        modules = [module.number for module in self.sub_block.modules if layer in module.layers]
        return Place(self.stage, self.sub_block.block, self.sub_block.name, modules[0] if modules else None, name)


Blocks = tuple[tuple[Segment, ...], ...]


class ComparableNetwork(NamedTuple):
    """A network as it is compared: the parts that are no blocks by their names, and the sub-blocks of each block."""

    parts: dict[str, Segment]
    blocks: Blocks


_same_object: dict[tuple[Any, ...], tuple[Any, ...]] = {}


def comparable(anatomy: Anatomy) -> ComparableNetwork:
    """What `difference` compares: to be made once for a network that is compared with several."""
    sections = tuple(stage for stage in anatomy.stages if isinstance(stage, Section))
    stretches = [(str(section.name), section.layers) for section in sections]
    stretches += [(sub_block.name, sub_block.layers) for sub_block in anatomy.sub_blocks]
    places = {layer.name: (label, index) for label, layers in stretches for index, layer in enumerate(layers)}

    def segment(stage: str, label: str, layers: tuple[Layer, ...], sub_block: SubBlock | None = None) -> Segment:
        entry = layers[0].inputs[0] if layers and layers[0].inputs else None
        structure = (
            sub_block.expansion if sub_block else None,
            *(_structure_of(layer, anatomy.graph, places, label, entry) for layer in layers),
        )
        return Segment(stage, sub_block, layers, _same_object.setdefault(structure, structure))

    return ComparableNetwork(
        {section.name: segment(section.name, section.name, section.layers) for section in sections},
        tuple(
            tuple(segment(f"block {block.number}", each.name, each.layers, each) for each in block.sub_blocks)
            for block in anatomy.blocks
        ),
    )


def _structure_of(
    layer: Layer, graph: LayerGraph, places: Mapping[str, tuple[str, int]], label: str, entry: str | None
) -> tuple[Any, ...]:
    """Attributes, and where the inputs come from: a place in the same segment, its entry, or a place elsewhere."""
    inputs = [
        ("", -1) if name == entry else ("", places[name][1]) if places[name][0] == label else places[name]
        for name in layer.inputs
    ]
    if layer.operation in UNORDERED:
        inputs.sort()
    own_class = layer.class_name if layer.operation == "opaque" else None
    return (
        *_attributes(layer),
        own_class,
        bool(layer.shares_weights_with),
        layer.name in graph.outputs and bool(graph.consumers(layer.name)),
        tuple(inputs),
    )


def difference(first: ComparableNetwork, second: ComparableNetwork, parts: Collection[str] = PARTS) -> Difference:
    """How two networks differ; `parts` says which of PARTS are compared."""
    pairs: list[tuple[Segment, Segment]] = []
    for here, there in _aligned(first, second, parts):
        if here is None or there is None or here.structure is not there.structure:
            return Difference(DIFFERENT, first_difference=_parting(here, there))
        pairs.append((here, there))
    repeats = "blocks" in parts and [*map(len, first.blocks)] != [*map(len, second.blocks)]
    differ = [
        key
        for key, (_, value) in VARYING.items()
        if any(
            value(mine) != value(theirs)
            for here, there in pairs
            for mine, theirs in zip(here.layers, there.layers, strict=True)
        )
    ]
    if "channels" in differ and all(
        here.stage == "classifier" for here, there in pairs if _widths(here) != _widths(there)
    ):
        differ[differ.index("channels")] = "classes"
    if "resolution" in differ and "margins" in differ:
        differ.remove("margins")
    if repeats:
        return Difference(SAME_BLOCKS, ("repeats", *differ))
    return Difference(SAME_GRAPH if differ else SAME_NETWORK, tuple(differ))


def _widths(segment: Segment) -> list[object]:
    return [VARYING["channels"][1](layer) for layer in segment.layers]


def same_architecture(first: ComparableNetwork, second: ComparableNetwork) -> bool:
    """Whether two networks agree in all that the papers' tables state, however their layers are written.

    Two implementations of one variant differ in preprocessing, padding layers, folded normalisation or the way
    squeeze-excite is written, and are still one architecture.
    """
    return _table_of(first) == _table_of(second)


def _table_of(network: ComparableNetwork) -> tuple[object, ...]:
    widths = [
        [(layer.filters, layer.activation) for layer in network.parts[name].layers if _is_compared(layer)]
        for name in ("stem", "head")
        if name in network.parts
    ]
    blocks = [[_row_of(segment.sub_block) for segment in block if segment.sub_block] for block in network.blocks]
    return (widths, blocks)


def _row_of(sub_block: SubBlock) -> tuple[object, ...]:
    activations = tuple(layer.activation for layer in sub_block.layers if layer.activation)
    return (*design_signature(sub_block), activations)


def _is_compared(layer: Layer) -> bool:
    return layer.operation == "convolution" or layer.activation is not None


def _aligned(
    first: ComparableNetwork, second: ComparableNetwork, parts: Collection[str]
) -> Iterator[tuple[Segment | None, Segment | None]]:
    """The segments that stand in the same place, up to the first that do not."""
    for name in PARTS:
        if name not in parts:
            continue
        if name == "blocks":
            yield from _aligned_blocks(first.blocks, second.blocks)
        elif name in first.parts or name in second.parts:
            yield first.parts.get(name), second.parts.get(name)


def _aligned_blocks(first: Blocks, second: Blocks) -> Iterator[tuple[Segment | None, Segment | None]]:
    """The sub-blocks that stand in the same place.

    Where a block has more sub-blocks than the other's, they are repetitions only if they are built like the
    ones before and both networks then go on alike. If not, the end of the shorter block may be the place where
    the networks part, because a sub-block with a kernel of its own, say, begins a block of its own: it is,
    unless the beginnings of the next blocks resemble each other at least as much.
    """
    for index, (mine, theirs) in enumerate(zip_longest(first, second, fillvalue=())):
        yield from zip(mine, theirs, strict=False)
        shared = min(len(mine), len(theirs))
        longer = mine if len(mine) > shared else theirs
        if len(longer) == shared:
            continue
        odd = next(
            (segment for segment in longer[shared:] if not shared or segment.structure is not longer[1].structure), None
        )
        firsts = (_first(first, index + 1), _first(second, index + 1))
        here, there = firsts if longer is mine else firsts[::-1]
        surplus = odd or longer[shared]
        if not odd and (not there or (here and _distance(here, there) <= _distance(surplus, there))):
            continue
        if there and there.structure is surplus.structure:
            there = None
        yield (surplus, there) if longer is mine else (there, surplus)
        return


def _distance(here: Segment, there: Segment) -> int:
    """In how many layers two segments are not alike."""
    return sum(bool(mine != theirs) for mine, theirs in zip_longest(here.structure, there.structure))


def _first(blocks: Blocks, index: int) -> Segment | None:
    return blocks[index][0] if index < len(blocks) else None


BUILD: tuple[tuple[str, Callable[[SubBlock], object]], ...] = (
    ("fused convolution", lambda sub_block: sub_block.fused),
    ("expansion", lambda sub_block: sub_block.expansion != 1),
    ("squeeze-excite", lambda sub_block: sub_block.squeeze_excite is not None),
    ("residual connection", lambda sub_block: sub_block.residual),
)
"""What a sub-block may have or lack as a whole: said instead of the layers that are there or not."""


def _parting(here: Segment | None, there: Segment | None) -> FirstDifference:
    if here is None or there is None:
        places = (here.place() if here else None, there.place() if there else None)
        return FirstDifference(places, "presence", (here is not None, there is not None))
    rows = zip_longest(here.layers, there.layers, here.structure[1:], there.structure[1:])
    for mine, theirs, built, other in rows:
        if built == other:
            continue
        attribute, *values = _first_trait(mine, theirs, built, other)
        if attribute == "operation" and here.sub_block and there.sub_block:
            attribute, *values = next(_build_differences(here.sub_block, there.sub_block), (attribute, *values))
        return FirstDifference((here.place(mine), there.place(theirs)), attribute, (values[0], values[1]))
    return FirstDifference((here.place(), there.place()), "expansion", (here.structure[0], there.structure[0]))


def _first_trait(mine: Layer | None, theirs: Layer | None, built: Any, other: Any) -> tuple[str, Any, Any]:
    if mine is None or theirs is None or mine.operation != theirs.operation:
        titles = [OPERATIONS[layer.operation].title if layer else "nothing" for layer in (mine, theirs)]
        return ("operation", titles[0], titles[1])
    found = next(
        (attribute, mine, theirs)
        for attribute, mine, theirs in zip(COMPARED_ATTRIBUTES, built, other, strict=True)
        if mine != theirs
    )
    return ("inputs", mine.inputs, theirs.inputs) if found[0] == "inputs" else found


def _build_differences(mine: SubBlock, theirs: SubBlock) -> Iterator[tuple[str, Any, Any]]:
    for title, fact in BUILD:
        if fact(mine) != fact(theirs):
            yield (title, fact(mine), fact(theirs))


def _format(attribute: str, value: object) -> str:
    """A attribute's value in a sentence: `kernel 3×3`, `without bias`, `zero padding`."""
    if attribute == "operation":
        return str(value)
    if isinstance(value, bool):
        return f"{'with' if value else 'without'} {attribute}"
    if value is None:
        return f"no {attribute}"
    if isinstance(value, tuple):
        sides = "×".join(map(str, value)) if all(isinstance(side, int) for side in value) else join_and(value)
        return f"{attribute} {sides}"
    return f"{attribute} {value:g}" if isinstance(value, float) else f"{attribute} {value}"
