"""LayerGraph -> Anatomy: which layers are the stem, the blocks, their sub-blocks and modules, the head.

Found from operations and edges alone: renaming every layer changes nothing. The patterns below are the
architecture as the papers describe it (EfficientNet, arXiv 1905.11946; EfficientNetV2, arXiv 2104.00298);
sub-block kinds and module numbers are those of the article *Complete Architectural Details of all EfficientNet
Models*, with their layers as Keras really builds them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from effnet_inspect.errors import GraphError, NotAnEfficientNet, UsageError
from effnet_inspect.graph import Layer, LayerGraph, Pair, Shape
from effnet_inspect.naming import position_letters
from effnet_inspect.patterns import Branch, Join, Match, NotFollowedBy, Pattern, Step


def _operation(*names: str) -> Callable[[Layer], bool]:
    return lambda layer: layer.operation in names


def _is_pointwise(layer: Layer) -> bool:
    return layer.operation == "convolution" and layer.kernel == (1, 1) and layer.groups == 1


def _is_dense_window(layer: Layer) -> bool:
    return layer.operation == "convolution" and layer.kernel not in (None, (1, 1)) and layer.groups == 1


def _is_at_full_rate(layer: Layer) -> bool:
    return _is_dense_window(layer) and layer.stride == (1, 1)


def _mixes_channels(layer: Layer) -> bool:
    return _is_pointwise(layer) or layer.operation == "dense"


def _is_sigmoid(layer: Layer) -> bool:
    return layer.operation == "activation" and layer.activation == "sigmoid"


def _activates_itself(layer: Layer) -> bool:
    return layer.activation is not None


MULTIPLY = Join(_operation("multiply"))
POOL = Step(_operation("global_average_pooling", "opaque"))
RESHAPE = Step(_operation("reshape", "opaque"))
CHANNEL_MIX = Step(_mixes_channels)
NORMALIZE = Step(_operation("batch_normalization"))
PAD = Step(_operation("zero_padding"))
DROP = Step(_operation("dropout", "opaque"))
ACTIVATE = Step(_operation("activation")) | Branch(Step(_is_sigmoid), MULTIPLY) | Step(_operation("opaque"))


def _convolve(accepts: Callable[[Layer], bool]) -> Pattern:
    """A convolution, its normalisation and its activation, which may be part of the convolution itself."""
    return Step(lambda layer: accepts(layer) and _activates_itself(layer)) | (
        Step(accepts) + NORMALIZE.optional() + ACTIVATE
    )


LINEAR = NotFollowedBy(NORMALIZE.optional() + Step(_operation("activation")))

EXPANSION = _convolve(_is_pointwise).named("expansion")
DEPTHWISE = PAD.optional().named("padding") + _convolve(_operation("depthwise_convolution")).named("depthwise")
FUSED = PAD.optional().named("padding") + _convolve(_is_dense_window).named("fused")
FUSED_WITHOUT_EXPANSION = _convolve(_is_at_full_rate).named("fused")
SQUEEZE_EXCITE = Branch(
    (
        POOL
        + RESHAPE.optional()
        + CHANNEL_MIX
        + NORMALIZE.optional()
        + ACTIVATE.optional()
        + CHANNEL_MIX
        + NORMALIZE.optional()
        + ACTIVATE.optional()
        + RESHAPE.optional()
    ).named("squeeze_excite"),
    MULTIPLY.named("excite"),
)
PROJECTION = (Step(_is_pointwise) + LINEAR + NORMALIZE.optional()).named("projection")
RESIDUAL = (DROP.optional() + Join(_operation("add"))).named("residual")

MBCONV = EXPANSION.optional() + DEPTHWISE + SQUEEZE_EXCITE.optional() + PROJECTION + RESIDUAL.optional()
FUSED_MBCONV = (FUSED + SQUEEZE_EXCITE.optional() + PROJECTION + RESIDUAL.optional()) | (
    FUSED_WITHOUT_EXPANSION + RESIDUAL.optional()
)
OPENING_OPERATIONS = frozenset({"convolution", "depthwise_convolution", "zero_padding"})
"""What the first layer of any sub-block is."""

STEM = (
    Step(_operation("rescaling")).optional()
    + Step(_operation("normalization")).optional()
    + Step(_operation("rescaling")).optional()
    + PAD.optional()
    + _convolve(_is_dense_window)
)
HEAD = _convolve(_is_pointwise)
CLASSIFIER_OPERATIONS = frozenset(
    {
        "global_average_pooling",
        "global_max_pooling",
        "flatten",
        "reshape",
        "dropout",
        "batch_normalization",
        "dense",
        "activation",
    }
)

LITE_KERNELS = (3, 3, 5, 3, 5, 5, 3)
"""Kernel sizes of the seven blocks of EfficientNet-Lite: what tells it from other networks of inverted residuals."""


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
    chains = _chains(graph)
    found = [chain for chain in chains if _is_efficientnet(chain)]
    if not found:
        raise NotAnEfficientNet(f"this is not an EfficientNet: {_what_was_found(graph, chains)}")
    if not 1 <= backbone <= len(found):
        held = "one EfficientNet backbone" if len(found) == 1 else f"{len(found)} EfficientNet backbones"
        raise UsageError(f"there is no backbone {backbone}: {graph.name} holds {held}")
    return _anatomy(graph, found, backbone)


class _Found(NamedTuple):
    """A matched sub-block before it has a place in a block."""

    match: Match
    heart: Layer
    entry: Layer
    exit: Layer

    @property
    def fused(self) -> bool:
        return self.heart.operation == "convolution"

    @property
    def has_squeeze_excite(self) -> bool:
        return bool(self.match.layers("excite"))

    @property
    def has_residual(self) -> bool:
        return bool(self.match.layers("residual"))

    @property
    def expansion(self) -> float:
        before = self.entry.channels
        expanded = self.match.layers("expansion")
        widened = expanded[0].filters if expanded else self.heart.filters
        if self.fused and not self.match.layers("projection"):
            widened = before
        return widened / before if widened and before else 1.0

    @property
    def changes(self) -> bool:
        """Whether it changes resolution or width, and so cannot be a repetition."""
        return self.heart.stride != (1, 1) or self.entry.channels != self.exit.channels

    @property
    def likeness(self) -> tuple[object, ...]:
        """What all sub-blocks of one block have in common."""
        return (self.fused, self.heart.kernel, self.expansion, self.has_squeeze_excite, self.exit.channels)


def _find_sub_blocks(graph: LayerGraph) -> list[_Found]:
    """Every sub-block anywhere, one for each depthwise or fused convolution, in graph order."""
    by_heart: dict[str, _Found] = {}
    inside: set[str] = set()
    for entry in graph:
        # What a sub-block holds already can open no other one: its hearts would be the same.
        if not any(
            user.operation in OPENING_OPERATIONS and user.name not in inside for user in graph.consumers(entry.name)
        ):
            continue
        for pattern, role in ((MBCONV, "depthwise"), (FUSED_MBCONV, "fused")):
            for match in pattern.match(graph, Match(entry.name, entry.name)):
                heart = match.layers(role)[0]
                known = by_heart.get(heart.name)
                if known is None or len(known.match.taken) < len(match.taken):
                    by_heart[heart.name] = _Found(match, heart, entry, graph[match.cursor])
                    inside.update(layer.name for layer in match.layers())
    return list(by_heart.values())


def _chains(graph: LayerGraph) -> list[list[_Found]]:
    """The longest rows of sub-blocks in which each takes what the one before gives."""
    found = _find_sub_blocks(graph)
    position = {layer.name: index for index, layer in enumerate(graph)}
    found.sort(key=lambda each: position[each.heart.name])
    by_entry: dict[str, list[_Found]] = {}
    for each in found:
        by_entry.setdefault(each.entry.name, []).append(each)
    length: dict[str, int] = {}
    following: dict[str, _Found] = {}
    for each in reversed(found):
        # V2 is fused first and never again: a 3x3 convolution after an MBConv belongs to somebody's decoder.
        nexts = [after for after in by_entry.get(each.exit.name, ()) if each.fused or not after.fused]
        best = max(nexts, key=lambda after: length[after.heart.name], default=None)
        length[each.heart.name] = 1 + (length[best.heart.name] if best else 0)
        if best:
            following[each.heart.name] = best
    inner = {after.heart.name for after in following.values()}
    chains = []
    for each in found:
        if each.heart.name in inner:
            continue
        chain = [each]
        while (after := following.get(chain[-1].heart.name)) is not None:
            chain.append(after)
        if _is_first_convolution(graph, chain[0]):
            chain = chain[1:]
        if chain:
            chains.append(chain)
    return chains


def _is_first_convolution(graph: LayerGraph, first: _Found) -> bool:
    """A dense convolution that sees the image itself is a stem, however much it looks like a fused sub-block."""
    if not first.fused:
        return False
    upstream = graph.ancestors([first.heart.name])
    return not any(graph[name].operation in ("convolution", "depthwise_convolution") for name in upstream)


def _blocks_of(chain: Sequence[_Found]) -> list[list[_Found]]:
    blocks: list[list[_Found]] = []
    has_residuals = any(each.has_residual for each in chain)
    for each in chain:
        # Only a block's first sub-block lacks the residual, unless the network has none at all.
        opens = each.changes or (has_residuals and not each.has_residual)
        if not blocks or opens or each.likeness != blocks[-1][-1].likeness:
            blocks.append([])
        blocks[-1].append(each)
    return blocks


def _is_efficientnet(chain: Sequence[_Found]) -> bool:
    """Squeeze-excite in every MBConv, or the kernel sizes of Lite: MobileNets have neither."""
    blocks = _blocks_of(chain)
    plain = [each for each in chain if not each.fused]
    if len(blocks) < 2 or not plain:
        return False
    if all(each.has_squeeze_excite for each in plain):
        return True
    if any(each.has_squeeze_excite for each in plain):
        return False
    kernels = tuple(block[0].heart.kernel[0] for block in blocks if block[0].heart.kernel)
    return len(kernels) >= 3 and kernels == LITE_KERNELS[: len(kernels)]


def _what_was_found(graph: LayerGraph, chains: Sequence[Sequence[_Found]]) -> str:
    if chains:
        chain = max(chains, key=len)
        blocks = _blocks_of(chain)
        kernels = ",".join(str(block[0].heart.kernel[0]) for block in blocks if block[0].heart.kernel)
        gated = sum(each.has_squeeze_excite for each in chain)
        gates = "none" if not gated else f"{gated} of them"
        return (
            f"what was found in {graph.name} is {len(chain)} sub-block{'s' * (len(chain) > 1)} like MBConv in "
            f"{len(blocks)} group{'s' * (len(blocks) > 1)} {[len(block) for block in blocks]} with kernel sizes "
            f"{kernels}, {gates} with squeeze-excite"
        )
    convolutions = sum(layer.operation == "convolution" for layer in graph)
    depthwise = sum(layer.operation == "depthwise_convolution" for layer in graph)
    return (
        f"what was found in {graph.name} is {len(graph)} layers with {convolutions} convolutions and "
        f"{depthwise} depthwise convolutions, and no MBConv sub-block"
    )


def _anatomy(graph: LayerGraph, chains: Sequence[Sequence[_Found]], backbone: int) -> Anatomy:
    chain = chains[backbone - 1]
    groups = _blocks_of(chain)
    blocks = tuple(
        Block(
            number,
            tuple(_sub_block(each, number, position) for position, each in enumerate(group)),
        )
        for number, group in enumerate(groups, start=1)
    )
    stem_layers = _stem_layers(graph, chain[0].entry)
    head_match = HEAD.first(graph, chain[-1].exit.name)
    head_layers = head_match.layers() if head_match else ()
    last = head_layers[-1] if head_layers else chain[-1].exit
    classifier_layers = _classifier_layers(graph, last)
    own = {
        layer.name
        for layers in (stem_layers, head_layers, classifier_layers, *(block.layers for block in blocks))
        for layer in layers
    }
    others = [layer for layer in graph if layer.name not in own]
    upstream = graph.ancestors(layer.name for layer in stem_layers or chain[0].match.layers()[:1]) if others else set()
    downstream = graph.descendants(own) if others else set()

    def rest(name: str, title: str, belongs: Callable[[str], bool]) -> Part | None:
        return _part(graph, name, title, [layer for layer in others if belongs(layer.name)])

    stem = _part(graph, "stem", "Stem", stem_layers)
    anatomy = Anatomy(
        graph=graph,
        stem=stem or Part("stem", "Stem", (), chain[0].entry.output_shape, chain[0].entry.output_shape),
        blocks=blocks,
        head=_part(graph, "head", "Final layers", head_layers),
        classifier=_part(graph, "classifier", "Classifier", classifier_layers),
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


def _stem_layers(graph: LayerGraph, entry: Layer) -> tuple[Layer, ...]:
    """The longest stretch of layers that is a stem and ends where the first sub-block begins."""
    back = [entry]
    while len(back) < 16 and len(back[-1].inputs) <= 2 and back[-1].inputs:
        back.append(graph[back[-1].inputs[0]])
    best: tuple[Layer, ...] = ()
    for start in back:
        for match in STEM.match(graph, Match(start.name, start.name)):
            if match.cursor == entry.name and len(match.taken) > len(best):
                best = match.layers()
    above = graph.producers(best[0]) if best else ()
    return (*above, *best) if above and above[0].operation == "input" else best


def _classifier_layers(graph: LayerGraph, last: Layer) -> tuple[Layer, ...]:
    """The row of layers from pooling to the last Dense that ends the model; nothing where it is anything else."""
    for start in graph.consumers(last.name):
        if start.operation not in ("global_average_pooling", "global_max_pooling", "flatten"):
            continue
        row = [start]
        while len(users := graph.consumers(row[-1].name)) == 1:
            row.append(users[0])
        simple = all(each.operation in CLASSIFIER_OPERATIONS and len(each.inputs) == 1 for each in row)
        if simple and not users and any(each.operation == "dense" for each in row):
            return tuple(row)
    return ()


def _sub_block(found: _Found, block: int, position: int) -> SubBlock:
    kind = 3 if position else (1 if block == 1 else 2)
    match = found.match
    squeeze = [layer for layer in match.layers("squeeze_excite") if _mixes_channels(layer)]
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


def _several(chains: Sequence[Sequence[_Found]], backbone: int) -> Iterator[str]:
    if len(chains) > 1:
        held = ", ".join(
            f"{number} with {','.join(str(len(block)) for block in _blocks_of(chain))} sub-blocks"
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
