"""LayerGraph -> the rows of sub-blocks in it: the architecture of EfficientNet written as patterns, and found.

Found from operations and edges alone: renaming every layer changes nothing. The patterns are the architecture as
the papers describe it (EfficientNet, arXiv 1905.11946; EfficientNetV2, arXiv 2104.00298) and as Keras builds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.graph.patterns import Branch, Join, Match, NotFollowedBy, Pattern, Step
from effnet_inspect.words import pluralize


def _operation(*names: OperationName) -> Callable[[Layer], bool]:
    return lambda layer: layer.operation in names


def _is_pointwise(layer: Layer) -> bool:
    return layer.operation == "convolution" and layer.kernel == (1, 1) and layer.groups == 1


def _is_dense_window(layer: Layer) -> bool:
    return layer.operation == "convolution" and layer.kernel not in (None, (1, 1)) and layer.groups == 1


def _is_at_full_rate(layer: Layer) -> bool:
    return _is_dense_window(layer) and layer.stride == (1, 1)


def mixes_channels(layer: Layer) -> bool:
    return _is_pointwise(layer) or layer.operation == "dense"


def _activates_itself(layer: Layer) -> bool:
    return layer.activation is not None


MULTIPLY = Join(_operation("multiply"))
POOL = Step(_operation("global_average_pooling", "opaque"))
RESHAPE = Step(_operation("reshape", "opaque"))
CHANNEL_MIX = Step(mixes_channels)
NORMALIZE = Step(_operation("batch_normalization"))
PAD = Step(_operation("zero_padding"))
DROP = Step(_operation("dropout", "opaque"))
ACTIVATE = Step(_operation("activation", "opaque"))


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
OPENING_OPERATIONS: frozenset[OperationName] = frozenset({"convolution", "depthwise_convolution", "zero_padding"})
"""What the first layer of any sub-block is."""

STEM = (
    Step(_operation("rescaling")).optional()
    + Step(_operation("normalization")).optional()
    + Step(_operation("rescaling")).optional()
    + PAD.optional()
    + _convolve(_is_dense_window)
)
HEAD = _convolve(_is_pointwise) + NotFollowedBy(PAD.optional() + Step(_operation("depthwise_convolution")))
CLASSIFIER_OPERATIONS: frozenset[OperationName] = frozenset(
    {
        "global_average_pooling",
        "global_max_pooling",
        "flatten",
        "reshape",
        "dropout",
        "batch_normalization",
        "layer_normalization",
        "identity",
        "dense",
        "activation",
    }
)

LITE_KERNELS = (3, 3, 5, 3, 5, 5, 3)
"""Kernel sizes of the seven blocks of EfficientNet-Lite: what tells it from other networks of inverted residuals."""


class FoundSubBlock(NamedTuple):
    """A matched sub-block before it has a place in a block.

    `spatial_conv` is the depthwise convolution, or the fused one. The sub-block takes what `entry` gives, and gives
    what `exit` gives.
    """

    match: Match
    spatial_conv: Layer
    entry: Layer
    exit: Layer

    @property
    def fused(self) -> bool:
        """Whether one dense convolution stands in place of expansion and depthwise convolution."""
        return self.spatial_conv.operation == "convolution"

    @property
    def has_squeeze_excite(self) -> bool:
        """Whether it has a squeeze-excite branch."""
        return bool(self.match.layers("excite"))

    @property
    def has_residual(self) -> bool:
        """Whether its input is added to its output."""
        return bool(self.match.layers("residual"))

    @property
    def expansion(self) -> float:
        """Ratio of the widened channels to those that enter."""
        before = self.entry.channels
        expanded = self.match.layers("expansion")
        widened = expanded[0].filters if expanded else self.spatial_conv.filters
        if self.fused and not self.match.layers("projection"):
            widened = before
        return widened / before if widened and before else 1.0

    @property
    def changes(self) -> bool:
        """Whether it changes resolution or width, and so cannot be a repetition."""
        return self.spatial_conv.stride != (1, 1) or self.entry.channels != self.exit.channels

    @property
    def likeness(self) -> tuple[object, ...]:
        """What all sub-blocks of one block have in common."""
        return (self.fused, self.spatial_conv.kernel, self.expansion, self.has_squeeze_excite, self.exit.channels)


def _find_sub_blocks(graph: LayerGraph) -> list[FoundSubBlock]:
    """Every sub-block anywhere, one for each depthwise or fused convolution, in graph order."""
    by_spatial_conv: dict[str, FoundSubBlock] = {}
    inside: set[str] = set()
    for entry in graph:
        # What a sub-block holds already can open no other one: its hearts would be the same.
        if not any(
            user.operation in OPENING_OPERATIONS and user.name not in inside for user in graph.consumers(entry.name)
        ):
            continue
        for pattern, role in ((MBCONV, "depthwise"), (FUSED_MBCONV, "fused")):
            for match in pattern.match(graph, Match(entry.name, entry.name)):
                spatial_conv = match.layers(role)[0]
                known = by_spatial_conv.get(spatial_conv.name)
                if known is None or len(known.match.taken) < len(match.taken):
                    by_spatial_conv[spatial_conv.name] = FoundSubBlock(match, spatial_conv, entry, graph[match.cursor])
                    inside.update(layer.name for layer in match.layers())
    return list(by_spatial_conv.values())


def find_chains(graph: LayerGraph) -> list[list[FoundSubBlock]]:
    """The longest rows of sub-blocks in which each takes what the one before gives."""
    found = _find_sub_blocks(graph)
    position = {layer.name: index for index, layer in enumerate(graph)}
    found.sort(key=lambda each: position[each.spatial_conv.name])
    by_entry: dict[str, list[FoundSubBlock]] = {}
    for each in found:
        by_entry.setdefault(each.entry.name, []).append(each)
    length: dict[str, int] = {}
    following: dict[str, FoundSubBlock] = {}
    for each in reversed(found):
        # V2 is fused first and never again: a 3x3 convolution after an MBConv belongs to somebody's decoder.
        nexts = [after for after in by_entry.get(each.exit.name, ()) if each.fused or not after.fused]
        best = max(nexts, key=lambda after: length[after.spatial_conv.name], default=None)
        length[each.spatial_conv.name] = 1 + (length[best.spatial_conv.name] if best else 0)
        if best:
            following[each.spatial_conv.name] = best
    inner = {after.spatial_conv.name for after in following.values()}
    chains = []
    for each in found:
        if each.spatial_conv.name in inner:
            continue
        chain = [each]
        while (after := following.get(chain[-1].spatial_conv.name)) is not None:
            chain.append(after)
        if _is_first_convolution(graph, chain[0]):
            chain = chain[1:]
        if chain:
            chains.append(chain)
    return chains


def _is_first_convolution(graph: LayerGraph, first: FoundSubBlock) -> bool:
    """A dense convolution that sees the image itself is a stem, however much it looks like a fused sub-block."""
    if not first.fused:
        return False
    upstream = graph.ancestors([first.spatial_conv.name])
    return not any(graph[name].operation in ("convolution", "depthwise_convolution") for name in upstream)


def blocks_of(chain: Sequence[FoundSubBlock]) -> list[list[FoundSubBlock]]:
    """The row of sub-blocks cut into blocks: where resolution, width, kernel, expansion or operator changes."""
    blocks: list[list[FoundSubBlock]] = []
    has_residuals = any(each.has_residual for each in chain)
    for each in chain:
        # Only a block's first sub-block lacks the residual, unless the network has none at all.
        opens = each.changes or (has_residuals and not each.has_residual)
        if not blocks or opens or each.likeness != blocks[-1][-1].likeness:
            blocks.append([])
        blocks[-1].append(each)
    return blocks


def is_efficientnet(chain: Sequence[FoundSubBlock]) -> bool:
    """Squeeze-excite in every MBConv, or the kernel sizes of Lite: MobileNets have neither."""
    blocks = blocks_of(chain)
    plain = [each for each in chain if not each.fused]
    if len(blocks) < 2 or not plain:
        return False
    if all(each.has_squeeze_excite for each in plain):
        return True
    if any(each.has_squeeze_excite for each in plain):
        return False
    kernels = tuple(block[0].spatial_conv.kernel[0] for block in blocks if block[0].spatial_conv.kernel)
    return len(kernels) >= 3 and kernels == LITE_KERNELS[: len(kernels)]


def what_was_found(graph: LayerGraph, chains: Sequence[Sequence[FoundSubBlock]]) -> str:
    """In words, what was found in a graph that holds no EfficientNet."""
    inverted = [chain for chain in chains if not all(each.fused for each in chain)]
    if inverted:
        chain = max(inverted, key=len)
        blocks = blocks_of(chain)
        kernels = ",".join(str(block[0].spatial_conv.kernel[0]) for block in blocks if block[0].spatial_conv.kernel)
        gated = sum(each.has_squeeze_excite for each in chain)
        gates = "none" if not gated else f"{gated} of them"
        return (
            f"what was found in {graph.name} is {pluralize(len(chain), 'sub-block')} like MBConv in "
            f"{pluralize(len(blocks), 'group')} {[len(block) for block in blocks]} with kernel sizes "
            f"{kernels}, {gates} with squeeze-excite"
        )
    convolutions = sum(layer.operation == "convolution" for layer in graph)
    depthwise = sum(layer.operation == "depthwise_convolution" for layer in graph)
    return (
        f"what was found in {graph.name} is {len(graph)} layers with {convolutions} convolutions and "
        f"{depthwise} depthwise convolutions, and no MBConv sub-block"
    )


def stem_layers(graph: LayerGraph, entry: Layer) -> tuple[Layer, ...]:
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


def head_layers(graph: LayerGraph, last: Layer) -> tuple[Layer, ...]:
    """The 1x1 convolution with its normalisation and activation that follows the last sub-block, if one does."""
    match = HEAD.first(graph, last.name)
    return match.layers() if match else ()


def classifier_layers(graph: LayerGraph, last: Layer) -> tuple[Layer, ...]:
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
