"""LayerGraph -> Anatomy: which layers are the stem, the blocks, their sub-blocks and modules, the head.

Sub-block kinds and module numbers are those of the article *Complete Architectural Details of all EfficientNet
Models*, with their layers as Keras really builds them. What is found by which pattern stands in `backbones`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Literal

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.errors import NotAnEfficientNet, UsageError
from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.graph.patterns import Match
from effnet_inspect.structure.backbones import (
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


class SubBlockKind(IntEnum):
    """The article's three kinds of sub-block."""

    FIRST_OF_NETWORK = 1
    FIRST_OF_BLOCK = 2
    REPEATED = 3


ModuleRole = Literal["depthwise", "first_depthwise", "fused", "squeeze_excite", "first_projection", "projection"]
"""What a module is in its sub-block; the first sub-block of a block has modules of its own."""

MODULES: dict[ModuleRole, tuple[int | None, str]] = {
    "depthwise": (1, "expansion and depthwise"),
    "first_depthwise": (2, "expansion and depthwise, first of a block"),
    "fused": (None, "fused convolution"),
    "squeeze_excite": (3, "squeeze-excite"),
    "first_projection": (4, "projection"),
    "projection": (5, "projection and residual"),
}
"""Role -> the article's number, None for what it does not know, and what such a module does."""


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One of the article's five modules, as built, or the fused convolution of V2."""

    role: ModuleRole
    layers: tuple[Layer, ...]

    @property
    def number(self) -> int | None:
        """The article's number; None for the fused convolution."""
        return MODULES[self.role][0]

    @property
    def title(self) -> str:
        """What it does."""
        return MODULES[self.role][1]

    @property
    def label(self) -> str:
        """`Module 4`, or what it is where it has no number."""
        return f"Module {self.number}" if self.number else self.title.capitalize()


@dataclass(frozen=True, slots=True, eq=False)
class SubBlock(SubBlockDesign):
    """One MBConv or Fused-MBConv found in a graph: its design, and the layers that make it."""

    kind: SubBlockKind
    input_shape: Shape | None
    output_shape: Shape | None
    modules: tuple[Module, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, in the order of the data."""
        return tuple(layer for module in self.modules for layer in module.layers)

    def module(self, role: ModuleRole) -> Module | None:
        """The module with this role; None without one."""
        return next((module for module in self.modules if module.role == role), None)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive sub-blocks of one operator, kernel and width; block-level fields describe the first sub-block."""

    number: int
    sub_blocks: tuple[SubBlock, ...]

    @property
    def first(self) -> SubBlock:
        """The first sub-block: it carries the block's stride and change of width."""
        return self.sub_blocks[0]

    @property
    def key(self) -> StageKey:
        """What tells which stages of two networks correspond."""
        return ("block", self.number)

    @property
    def title(self) -> str:
        """`Block 4`."""
        return f"Block {self.number}"

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


SectionName = Literal["before", "stem", "head", "classifier", "after", "other_branches"]

SECTION_TITLES: dict[SectionName, str] = {
    "before": "Layers before",
    "stem": "Stem",
    "head": "Final layers",
    "classifier": "Classifier",
    "after": "Layers after",
    "other_branches": "Other branches",
}

StageKey = tuple[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of the network that is not a block.

    `head` is the last 1x1 convolution with its normalisation and activation ("final layers"), without the classifier.
    """

    name: SectionName
    layers: tuple[Layer, ...]
    input_shape: Shape | None
    output_shape: Shape | None

    @property
    def key(self) -> StageKey:
        """What tells which stages of two networks correspond."""
        return (self.name, 0)

    @property
    def title(self) -> str:
        """For people."""
        return SECTION_TITLES[self.name]

    @property
    def belongs_to_backbone(self) -> bool:
        """Whether it is the stem or the final layers."""
        return self.name in ("stem", "head")

    @property
    def convolutions(self) -> tuple[Layer, ...]:
        """Its convolutions, in the order of the data."""
        return tuple(layer for layer in self.layers if layer.operation == "convolution")


Stage = Section | Block
"""A row of the papers' tables of stages, or what is around the backbone."""


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """A partition of a graph: every layer is in exactly one section or module.

    `before` leads to the stem, `after` takes what the backbone gives, `other_branches` do neither; each is None
    where there is no such layer. `backbones` counts the EfficientNets in the graph, `backbone` (from 1) says
    which this is. `remarks` are sentences about what the structure leaves open.
    """

    graph: LayerGraph
    stem: Section
    blocks: tuple[Block, ...]
    head: Section | None
    classifier: Section | None
    before: Section | None
    after: Section | None
    other_branches: Section | None
    backbone: int
    backbones: int
    remarks: tuple[str, ...] = ()

    @property
    def sub_blocks(self) -> tuple[SubBlock, ...]:
        """All sub-blocks of all blocks, in order."""
        return tuple(sub_block for block in self.blocks for sub_block in block.sub_blocks)

    @property
    def input_shape(self) -> Shape | None:
        """Shape of the image that the network takes: of the first input like an image that leads to the stem."""
        leading = (*(self.before.layers if self.before else ()), *self.stem.layers)
        inputs = [layer for layer in leading if layer.operation == "input"]
        image_like = [layer for layer in inputs if layer.output_shape and len(layer.output_shape) == 3]
        return (image_like or inputs)[0].output_shape if inputs else self.stem.input_shape

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Everything on the data's way: before, stem, blocks, head, classifier, after, and other branches."""
        row = (self.before, self.stem, *self.blocks, self.head, self.classifier, self.after, self.other_branches)
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
        return not (self.before or self.after or self.other_branches)


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
    # What applies the weights of another backbone once more is not a backbone of its own.
    found = [chain for chain in chains if is_efficientnet(chain) and not chain[0].spatial_conv.shares_weights_with]
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

    def rest(name: SectionName, belongs: Callable[[str], bool]) -> Section | None:
        return _section(graph, name, [layer for layer in others if belongs(layer.name)])

    return Anatomy(
        graph=graph,
        stem=_section(graph, "stem", stem)
        or Section("stem", (), chain[0].entry.output_shape, chain[0].entry.output_shape),
        blocks=blocks,
        head=_section(graph, "head", head),
        classifier=_section(graph, "classifier", classifier),
        before=rest("before", lambda name: name in upstream),
        after=rest("after", lambda name: name in downstream),
        other_branches=rest("other_branches", lambda name: name not in upstream and name not in downstream),
        backbone=backbone,
        backbones=len(chains),
        remarks=(*_several(chains, backbone), *_ambiguous(blocks), *_opaque(graph)),
    )


def _section(graph: LayerGraph, name: SectionName, layers: Sequence[Layer]) -> Section | None:
    if not layers:
        return None
    first = layers[0]
    enters = graph[first.inputs[0]] if first.inputs else first
    return Section(name, tuple(layers), enters.output_shape, layers[-1].output_shape)


def _sub_block(found: FoundSubBlock, block: int, position: int) -> SubBlock:
    match = found.match
    kind = (
        SubBlockKind.REPEATED
        if position
        else SubBlockKind.FIRST_OF_NETWORK
        if block == 1
        else SubBlockKind.FIRST_OF_BLOCK
    )
    squeeze = [layer for layer in match.layers("squeeze_excite") if mixes_channels(layer)]
    dropouts = [layer for layer in match.layers("residual") if layer.operation == "dropout"]
    return SubBlock(
        block=block,
        position=position,
        fused=found.fused,
        kernel=found.spatial_conv.kernel or (1, 1),
        stride=found.spatial_conv.stride or (1, 1),
        expansion=found.expansion,
        filters=found.exit.channels,
        squeeze_excite=squeeze[0].filters if squeeze else None,
        residual=bool(match.layers("residual")),
        drop_rate=dropouts[0].rate if dropouts else None,
        kind=kind,
        input_shape=found.entry.output_shape,
        output_shape=found.exit.output_shape,
        modules=tuple(_modules(match, kind)),
    )


def _modules(match: Match, kind: SubBlockKind) -> Iterator[Module]:
    rows: tuple[tuple[ModuleRole, tuple[Layer, ...]], ...] = (
        (
            "first_depthwise" if kind is SubBlockKind.FIRST_OF_BLOCK else "depthwise",
            match.layers("expansion", "padding", "depthwise"),
        ),
        ("fused", match.layers("fused")),
        ("squeeze_excite", match.layers("squeeze_excite")),
        (
            "projection" if kind is SubBlockKind.REPEATED else "first_projection",
            match.layers("excite", "projection", "residual"),
        ),
    )
    yield from (Module(*row) for row in rows if row[1])


def _several(chains: Sequence[Sequence[FoundSubBlock]], backbone: int) -> Iterator[str]:
    if len(chains) > 1:
        held = ", ".join(
            f"{number} with {','.join(str(len(block)) for block in blocks_of(chain))} sub-blocks"
            for number, chain in enumerate(chains, start=1)
        )
        yield f"There are {len(chains)} backbones: {held}. This is backbone {backbone}."


def _opaque(graph: LayerGraph) -> Iterator[str]:
    """Layers of unknown kinds; a source gives such a layer the shape of its input where nothing states another."""
    counts = Counter(layer.class_name for layer in graph if layer.operation == "opaque")
    if counts:
        names = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in sorted(counts.items()))
        yield (
            f"Unknown layers: {names}. Where the model does not state the output shape of such a layer, "
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
                f"Block {block.number} is ambiguous: all its sub-blocks are alike, but the layers' names "
                f"put the start of a block before {run[0][0].name}."
            )
