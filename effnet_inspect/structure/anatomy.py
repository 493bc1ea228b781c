"""What a network consists of: stem, blocks, their sub-blocks and modules, final layers, classifier and the rest.

Sub-block kinds and module numbers are those of the article *Complete Architectural Details of all EfficientNet
Models*, with their layers as Keras really builds them. `dissection` finds all this in a graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.graph import Layer, LayerGraph, Pair, Shape
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.structure.roles import AttentionKind, Item

if TYPE_CHECKING:
    from effnet_inspect.structure.nearest import Nearest


class SubBlockKind(IntEnum):
    """The article's three kinds of sub-block."""

    FIRST_OF_NETWORK = 1
    FIRST_OF_BLOCK = 2
    REPEATED = 3


ModuleRole = Literal[
    "depthwise", "first_depthwise", "fused", "squeeze_excite", "first_projection", "projection", "between"
]
"""What a module is in its sub-block; the first sub-block of a block has modules of its own."""

MODULES: dict[ModuleRole, tuple[int | None, str]] = {
    "depthwise": (1, "expansion and depthwise"),
    "first_depthwise": (2, "expansion and depthwise, first of a block"),
    "fused": (None, "fused convolution"),
    "squeeze_excite": (3, "squeeze-excite"),
    "first_projection": (4, "projection"),
    "projection": (5, "projection and residual"),
    "between": (None, "added"),
}
"""Role -> the article's number, None for what it does not know, and what such a module does."""


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One of the article's five modules, as built, or what it does not know: V2's fused convolution, what is added.

    `attention` is the kind of an attention.
    """

    role: ModuleRole
    layers: tuple[Layer, ...]
    attention: AttentionKind | None = None

    @property
    def number(self) -> int | None:
        """The article's number; None for what it does not know."""
        return MODULES[self.role][0] if self.attention in (None, "squeeze-excite") else None

    @property
    def title(self) -> str:
        """What it does."""
        return self.attention or MODULES[self.role][1]

    @property
    def label(self) -> str:
        """`Module 4`, or what it is where it has no number."""
        return f"Module {self.number}" if self.number else self.title.capitalize()


@dataclass(frozen=True, slots=True, eq=False)
class SubBlock(SubBlockDesign):
    """One MBConv or Fused-MBConv found in a graph: its design, and the layers that make it.

    `items` say what each of its layers is there for. What stands between this sub-block and the next one is counted
    with this one, in a module of its own.
    """

    kind: SubBlockKind
    input_shape: Shape | None
    output_shape: Shape | None
    modules: tuple[Module, ...]
    items: tuple[Item, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, in the order of the data."""
        return tuple(layer for module in self.modules for layer in module.layers)

    @property
    def joint(self) -> Layer | None:
        """The layer that closes the residual connection; None without one."""
        return next((item.layer for item in self.items if item.kind == "joint"), None)

    @property
    def between(self) -> tuple[Layer, ...]:
        """The layers between this sub-block and the next one."""
        module = self.module("between")
        return module.layers if module else ()

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
    def stride(self) -> Pair:
        """Positions of the input between neighbours of the output, through all sub-blocks."""
        return _product(each.stride for each in self.sub_blocks)

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


SectionName = Literal["before", "stem", "part", "head", "classifier", "after", "other_branches", "stage"]

SECTION_TITLES: dict[SectionName, str] = {
    "before": "Layers before",
    "stem": "Stem",
    "part": "Part of",
    "head": "Final layers",
    "classifier": "Classifier",
    "after": "Layers after",
    "other_branches": "Other branches",
    "stage": "Stage",
}

StageKey = tuple[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of the network that is not a block.

    `head` is the last 1x1 convolution with its normalisation and activation ("final layers"), without the classifier.
    `part` is the beginning of a sub-block that was cut, named by `of`. `stage` are the layers of one resolution in a
    network that has no sub-blocks, numbered by `of`.
    """

    name: SectionName
    layers: tuple[Layer, ...]
    input_shape: Shape | None
    output_shape: Shape | None
    of: str = ""

    @property
    def key(self) -> StageKey:
        """What tells which stages of two networks correspond."""
        return (self.name, int(self.of) if self.name == "stage" else 0)

    @property
    def title(self) -> str:
        """For people."""
        return f"{SECTION_TITLES[self.name]} {self.of}".strip()

    @property
    def belongs_to_backbone(self) -> bool:
        """Whether it is the stem or the final layers."""
        return self.name in ("stem", "head")

    @property
    def is_numbered(self) -> bool:
        """Whether it has a number in the table of stages."""
        return self.belongs_to_backbone or self.name == "stage"

    @property
    def convolutions(self) -> tuple[Layer, ...]:
        """Its convolutions, in the order of the data."""
        return tuple(layer for layer in self.layers if layer.operation == "convolution")

    @property
    def stride(self) -> Pair:
        """Positions of the input between neighbours of the output, through all windows in the row."""
        windows = (layer for layer in self.layers if OPERATIONS[layer.operation].windowed)
        return _product(layer.stride or (1, 1) for layer in windows)


def _product(strides: Iterable[Pair]) -> Pair:
    height, width = 1, 1
    for down, across in strides:
        height, width = height * down, width * across
    return (height, width)


def section_of(graph: LayerGraph, name: SectionName, layers: Sequence[Layer], of: str = "") -> Section | None:
    """The section of some layers, with the shapes that enter and leave it; None without any."""
    if not layers:
        return None
    first = layers[0]
    enters = graph[first.inputs[0]] if first.inputs and first.operation != "input" else first
    return Section(name, tuple(layers), enters.output_shape, layers[-1].output_shape, of)


Stage = Section | Block
"""A row of the papers' tables of stages, or what is around the backbone."""


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """A partition of a graph: every layer is in exactly one section or module.

    `before` leads to the stem, `after` takes what the backbone gives, `other_branches` do neither; each is None
    where there is no such layer. `backbones` counts the EfficientNets in the graph, `backbone` (from 1) says
    which this is. `nearest` are the published variants that it is nearest to; `relative` names another
    published network, where it is that. A network without sub-blocks has no blocks,
    but `resolution_stages`. `remarks` are sentences about what the structure leaves open.
    """

    graph: LayerGraph
    stem: Section
    blocks: tuple[Block, ...]
    part: Section | None
    head: Section | None
    classifier: Section | None
    before: Section | None
    after: Section | None
    other_branches: Section | None
    backbone: int
    backbones: int
    nearest: tuple[Nearest, ...] = ()
    relative: str | None = None
    resolution_stages: tuple[Section, ...] = ()
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
        row = (
            self.before,
            self.stem if self.stem.layers or self.blocks else None,
            *self.blocks,
            *self.resolution_stages,
            self.part,
            self.head,
            self.classifier,
            self.after,
            self.other_branches,
        )
        return tuple(stage for stage in row if stage is not None)

    @property
    def dropout_rate(self) -> float | None:
        """Rate of the classifier's last Dropout; None without one."""
        rates = [layer.rate for layer in self.classifier.layers if layer.rate is not None] if self.classifier else []
        return rates[-1] if rates else None

    @property
    def taps(self) -> tuple[Layer, ...]:
        """Layers of the backbone, before its end, whose outputs go out of it too: what a decoder or pyramid takes."""
        own = [layer for stage in (self.stem, *self.blocks, self.part, self.head) if stage for layer in stage.layers]
        inside = {layer.name for layer in own}
        return tuple(
            layer
            for layer in own[:-1]
            if layer.name in self.graph.outputs
            or any(user.name not in inside for user in self.graph.consumers(layer.name))
        )

    @property
    def taps_given_out(self) -> tuple[Layer, ...]:
        """The taps that are outputs of the model."""
        return tuple(layer for layer in self.taps if layer.name in self.graph.outputs)

    @property
    def is_whole(self) -> bool:
        """Whether the graph is this backbone and nothing else."""
        return not (self.before or self.after or self.other_branches)
