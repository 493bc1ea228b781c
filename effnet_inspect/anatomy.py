"""LayerGraph -> Anatomy: which layers are the stem, the blocks, their sub-blocks and modules, the head.

Sub-block kinds and module numbers are those of the article *Complete Architectural Details of all EfficientNet
Models*, with their layers as Keras really builds them. What is found by which pattern stands in `backbones`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from effnet_inspect.backbones import (
    FoundSubBlock,
    blocks_of,
    classifier_layers,
    find_chains,
    head_layers,
    is_efficientnet,
    mixes_channels,
    stem_layers,
    what_was_found,
)
from effnet_inspect.errors import GraphError, NotAnEfficientNet, UsageError
from effnet_inspect.graph import Layer, LayerGraph, Pair, Shape
from effnet_inspect.naming import position_letters
from effnet_inspect.patterns import Match


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One of the article's five modules, as built. `number` is None for the fused convolution of V2."""

    number: int | None
    title: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SubBlock:
    """One MBConv or Fused-MBConv.

    `kind` is the article's: 1 opens the first block, 2 opens every other block, 3 is repeated.
    `squeeze_excite` is the width of the bottleneck in channels, None without squeeze-excite.
    `expansion` is the ratio of expanded to input channels. `drop_rate` is None without a Dropout layer.
    """

    block: int
    position: int
    kind: int
    fused: bool
    kernel: Pair
    stride: Pair
    expansion: float
    squeeze_excite: int | None
    residual: bool
    drop_rate: float | None
    input_shape: Shape | None
    output_shape: Shape | None
    modules: tuple[Module, ...]

    @property
    def name(self) -> str:
        """`4b` is the second sub-block of block 4."""
        return f"{self.block}{position_letters(self.position)}"

    @property
    def operator(self) -> str:
        """As the papers write it: `MBConv6`, `Fused-MBConv4`."""
        return f"{'Fused-' if self.fused else ''}MBConv{self.expansion:g}"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, in the order of the data."""
        return tuple(layer for module in self.modules for layer in module.layers)

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal in two sub-blocks where one repeats the other: the same layers of the same shapes, rates aside."""
        layers = tuple((layer.operation, layer.kernel, layer.output_shape, layer.parameters) for layer in self.layers)
        return (self.kind, self.operator, self.kernel, self.stride, self.squeeze_excite, self.residual, layers)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive sub-blocks of one operator, kernel and width. What is said of a block is said of its opener."""

    number: int
    sub_blocks: tuple[SubBlock, ...]

    @property
    def opener(self) -> SubBlock:
        """The first sub-block: it carries the block's stride and change of width."""
        return self.sub_blocks[0]

    @property
    def input_shape(self) -> Shape | None:
        """Shape of the tensor that enters the block."""
        return self.sub_blocks[0].input_shape

    @property
    def output_shape(self) -> Shape | None:
        """Shape of the tensor that leaves the block."""
        return self.sub_blocks[-1].output_shape

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, in the order of the data."""
        return tuple(layer for sub_block in self.sub_blocks for layer in sub_block.layers)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A stretch of the network that is no block: `stem`, `head`, `classifier`, `before`, `after`, `beside`."""

    name: str
    title: str
    layers: tuple[Layer, ...]
    input_shape: Shape | None
    output_shape: Shape | None


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """A partition of a graph: every layer is in exactly one stem, sub-block module, head, classifier or other part.

    `before` leads to the stem, `after` takes what the backbone gives, `beside` does neither; each is None
    where there is no such layer. `backbones` counts the EfficientNets in the graph, `backbone` (from 1) says
    which this is. `remarks` are sentences about what the structure leaves open.
    """

    graph: LayerGraph
    stem: Part
    blocks: tuple[Block, ...]
    head: Part | None
    classifier: Part | None
    before: Part | None
    after: Part | None
    beside: Part | None
    backbone: int
    backbones: int
    remarks: tuple[str, ...] = ()

    @property
    def sub_blocks(self) -> tuple[SubBlock, ...]:
        """All sub-blocks of all blocks, in order."""
        return tuple(sub_block for block in self.blocks for sub_block in block.sub_blocks)

    @property
    def input_shape(self) -> Shape | None:
        """Shape of the image that the network takes: of the input that leads to the stem, where there are several."""
        leading = (*(self.before.layers if self.before else ()), *self.stem.layers)
        inputs = [layer for layer in leading if layer.operation == "input" and not layer.inputs]
        image_like = [layer for layer in inputs if layer.output_shape and len(layer.output_shape) == 3]
        return (image_like or inputs)[0].output_shape if inputs else self.stem.input_shape

    @property
    def stages(self) -> tuple[Part | Block, ...]:
        """Everything on the data's way: before, stem, blocks, head, classifier, after, and what is beside."""
        row = (self.before, self.stem, *self.blocks, self.head, self.classifier, self.after, self.beside)
        return tuple(stage for stage in row if stage is not None)

    @property
    def dropout_rate(self) -> float | None:
        """Rate of the classifier's last Dropout; None without one."""
        rates = [layer.rate for layer in self.classifier.layers if layer.rate is not None] if self.classifier else []
        return rates[-1] if rates else None

    @property
    def taps(self) -> tuple[Layer, ...]:
        """Layers of the backbone, before its end, whose outputs go out of it too: what a decoder or pyramid takes."""
        own = [layer for stage in (self.stem, *self.blocks, self.head) if stage for layer in stage.layers]
        inside = {layer.name for layer in own}
        return tuple(
            layer
            for layer in own[:-1]
            if layer.name in self.graph.outputs
            or any(user.name not in inside for user in self.graph.consumers(layer.name))
        )

    @property
    def is_whole(self) -> bool:
        """Whether the graph is this backbone and nothing else."""
        return not (self.before or self.after or self.beside)


def dissect(graph: LayerGraph, backbone: int = 1) -> Anatomy:
    """Find the anatomy of an EfficientNet (V1, V2 or Lite) in a graph.

    Args:
        graph: any graph; the network may be nested in others, extended, tapped or cut.
        backbone: which one, from 1, where the graph holds several.

    Raises:
        NotAnEfficientNet: where the graph holds none; says what was found instead.
        UsageError: where there are fewer backbones than asked for.
    """
    chains = find_chains(graph)
    # What applies another's weights once more is no backbone of its own.
    found = [chain for chain in chains if is_efficientnet(chain) and not chain[0].heart.shares_weights_with]
    if not found:
        raise NotAnEfficientNet(f"this is not an EfficientNet: {what_was_found(graph, chains)}")
    if not 1 <= backbone <= len(found):
        held = "one EfficientNet backbone" if len(found) == 1 else f"{len(found)} EfficientNet backbones"
        raise UsageError(f"there is no backbone {backbone}: {graph.name} holds {held}")
    return _anatomy(graph, found, backbone)


def _anatomy(graph: LayerGraph, chains: Sequence[Sequence[FoundSubBlock]], backbone: int) -> Anatomy:
    chain = chains[backbone - 1]
    groups = blocks_of(chain)
    blocks = tuple(
        Block(
            number,
            tuple(_sub_block(each, number, position) for position, each in enumerate(group)),
        )
        for number, group in enumerate(groups, start=1)
    )
    stem = stem_layers(graph, chain[0].entry)
    head = head_layers(graph, chain[-1].exit)
    last = head[-1] if head else chain[-1].exit
    classifier = classifier_layers(graph, last)
    own = {layer.name for layers in (stem, head, classifier, *(block.layers for block in blocks)) for layer in layers}
    others = [layer for layer in graph if layer.name not in own]
    upstream = graph.ancestors(layer.name for layer in stem or chain[0].match.layers()[:1]) if others else set()
    downstream = graph.descendants(own) if others else set()

    def rest(name: str, title: str, belongs: Callable[[str], bool]) -> Part | None:
        return _part(graph, name, title, [layer for layer in others if belongs(layer.name)])

    anatomy = Anatomy(
        graph=graph,
        stem=_part(graph, "stem", "Stem", stem)
        or Part("stem", "Stem", (), chain[0].entry.output_shape, chain[0].entry.output_shape),
        blocks=blocks,
        head=_part(graph, "head", "Final layers", head),
        classifier=_part(graph, "classifier", "Classifier", classifier),
        before=rest("before", "Before", lambda name: name in upstream),
        after=rest("after", "After", lambda name: name not in upstream and name in downstream),
        beside=rest("beside", "Beside", lambda name: name not in upstream and name not in downstream),
        backbone=backbone,
        backbones=len(chains),
        remarks=(*_several(chains, backbone), *_ambiguous(blocks), *_opaque(graph)),
    )
    _check_partition(anatomy)
    return anatomy


def _part(graph: LayerGraph, name: str, title: str, layers: Sequence[Layer]) -> Part | None:
    if not layers:
        return None
    first, last = layers[0], layers[-1]
    outside = first.operation == "input" or not first.inputs
    return Part(
        name,
        title,
        tuple(layers),
        first.output_shape if outside else graph[first.inputs[0]].output_shape,
        last.output_shape,
    )


def _sub_block(found: FoundSubBlock, block: int, position: int) -> SubBlock:
    kind = 3 if position else (1 if block == 1 else 2)
    match = found.match
    squeeze = [layer for layer in match.layers("squeeze_excite") if mixes_channels(layer)]
    dropouts = [layer for layer in match.layers("residual") if layer.operation == "dropout"]
    return SubBlock(
        block=block,
        position=position,
        kind=kind,
        fused=found.fused,
        kernel=found.heart.kernel or (1, 1),
        stride=found.heart.stride or (1, 1),
        expansion=found.expansion,
        squeeze_excite=squeeze[0].filters if squeeze else None,
        residual=bool(match.layers("residual")),
        drop_rate=dropouts[0].rate if dropouts else None,
        input_shape=found.entry.output_shape,
        output_shape=found.exit.output_shape,
        modules=tuple(_modules(match, kind)),
    )


def _modules(match: Match, kind: int) -> Iterator[Module]:
    closing = (5, "projection and residual") if kind == 3 else (4, "projection")
    opening = (2, "opening of a block") if kind == 2 else (1, "opening")
    rows: tuple[tuple[int | None, str, tuple[Layer, ...]], ...] = (
        (*opening, match.layers("expansion", "padding", "depthwise")),
        (None, "fused convolution", match.layers("fused")),
        (3, "squeeze-excite", match.layers("squeeze_excite")),
        (*closing, match.layers("excite", "projection", "residual")),
    )
    yield from (Module(*row) for row in rows if row[2])


def _several(chains: Sequence[Sequence[FoundSubBlock]], backbone: int) -> Iterator[str]:
    if len(chains) > 1:
        held = ", ".join(
            f"{number} with {','.join(str(len(block)) for block in blocks_of(chain))} sub-blocks"
            for number, chain in enumerate(chains, start=1)
        )
        yield f"There are {len(chains)} backbones: {held}. This is backbone {backbone}."


def _opaque(graph: LayerGraph) -> Iterator[str]:
    """What cannot be looked into; a source gives such a layer the shape of its input where nothing states another."""
    counts = Counter(layer.class_name for layer in graph if layer.operation == "opaque")
    if counts:
        names = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in sorted(counts.items()))
        yield (
            f"Not looked into: {names}. Where the model does not state what shape such a layer gives, "
            "it is taken to be that of its input."
        )


def _ambiguous(blocks: Sequence[Block]) -> Iterator[str]:
    """Two blocks that are alike in everything cannot be told apart by structure; names may say that there are two."""
    for block in blocks:
        numbered = [
            (sub_block, hint.group(1))
            for sub_block in block.sub_blocks
            for hint in [re.search(r"(?:block|blocks|stage)[._]?(\d+)[a-z{|}~]", sub_block.layers[0].name)]
            if hint
        ]
        runs = [list(run) for _, run in groupby(numbered, key=lambda each: each[1])]
        for run in runs[1:]:
            yield (
                f"Block {block.number} is ambiguous: its sub-blocks are alike in everything, but the layers' names "
                f"put a border before {run[0][0].name}."
            )


def _check_partition(anatomy: Anatomy) -> None:
    names = [layer.name for stage in anatomy.stages for layer in stage.layers]
    if len(names) != len(set(names)) or set(names) != {layer.name for layer in anatomy.graph}:
        raise GraphError(f"{anatomy.graph.name} cannot be taken apart: its sub-blocks share layers")
