"""Which input sizes fit a decoder that doubles, what every strided layer pads, and what a size costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from effnet_inspect.analysis.output_stride import at_output_stride
from effnet_inspect.analysis.taps import Level, find_taps, stride_of
from effnet_inspect.graph import Layer, LayerGraph, Pair, Shape, unequal_joints
from effnet_inspect.graph.operations import OPERATIONS, same_margins
from effnet_inspect.graph.resizing import Margins, at_size
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network


@dataclass(frozen=True, slots=True)
class Padding:
    """What is added around the input of one strided layer, ((top, bottom), (left, right)); None where unknown."""

    layer: str
    kernel: Pair
    input: Shape | None
    margins: Margins | None


@dataclass(frozen=True, slots=True)
class Break:
    """A map whose sides are not those of the next smaller one, `below`, times `factor`.

    `level` is the index of the map in the chain; -1 for the image.
    """

    level: int
    map: Pair
    below: Pair
    factor: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A layer that cannot join what it takes, and the sides of its maps."""

    layer: str
    maps: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class SizeAnswer:
    """What one input size gives.

    `chain` are the maps of the levels, `(height, width)`, None where unknown; `breaks` where a decoder that enlarges by
    the strides does not meet them, the deepest first; `next` the nearest sizes below and above at which there are none,
    the size itself where there are none, None where none is near. `macs` and `activations` are of one image, None where
    a layer's are unknown. `refused` is the first layer that joins maps of unequal sides, None where the model can be
    built.
    """

    input: Pair
    chain: tuple[Pair | None, ...]
    breaks: tuple[Break, ...]
    next: tuple[Pair | None, Pair | None]
    padding: tuple[Padding, ...]
    macs: int | None
    activations: int | None
    refused: Refusal | None = None

    @property
    def closes(self) -> bool | None:
        """Whether a decoder meets every map, and the image; None where that cannot be told."""
        return _closes(self.chain, self.breaks, self.refused)


def _closes(chain: Sequence[Pair | None], breaks: Sequence[Break], refused: Refusal | None) -> bool | None:
    return False if breaks or refused else None if None in chain else True


@dataclass(frozen=True, slots=True)
class Dilated:
    """A convolution that changes where the output stride is held: its stride and its dilation then.

    `place` is the sub-block or the stage that it is in; `was` is its stride as built.
    """

    layer: str
    place: str
    stride: int
    was: int
    dilation: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """The answer: the levels, every size, and what an output stride changes."""

    levels: tuple[Level, ...]
    answers: tuple[SizeAnswer, ...]
    output_stride: int | None
    dilated: tuple[Dilated, ...]

    @property
    def stride(self) -> int:
        """The largest: what a size that fits is a multiple of, where padding keeps halves whole."""
        return max((level.stride for level in self.levels), default=1)


def sizes_of(network: Network, sizes: Sequence[Pair], output_stride: int | None = None) -> Sizes:
    """What each of the sizes gives, in pixels, `(height, width)`.

    With an output stride no map has a larger stride: later strides are taken out, and dilation keeps what is seen.
    """
    levels = find_taps(network).levels
    graph = network.graph
    dilated: tuple[Dilated, ...] = ()
    strides = {level.layer.name: level.stride for level in levels}
    if output_stride:
        apart = {layer.name: stride_of(network, layer) for layer in graph}
        graph = at_output_stride(graph, apart, output_stride)
        dilated = tuple(_dilated(network, graph))
        strides = {name: min(stride, output_stride) for name, stride in strides.items()}
    trial = _Trial(graph, strides, rebuilt=not network.leaves_size_open)
    return Sizes(levels, tuple(trial.answer(size) for size in sizes), output_stride, dilated)


class _Trial:
    """One graph tried at sizes; `strides` are those of the levels, by the names of their layers."""

    def __init__(self, graph: LayerGraph, strides: Mapping[str, int], *, rebuilt: bool) -> None:
        self.graph = graph
        self.strides = strides
        self.rebuilt = rebuilt
        self._known: dict[Pair, tuple[tuple[Pair | None, ...], Refusal | None]] = {}

    def answer(self, size: Pair) -> SizeAnswer:
        graph = at_size(self.graph, size, rebuilt=self.rebuilt)
        totals = Measures(graph).totals()
        chain, refused = self._tried(size)
        return SizeAnswer(
            input=size,
            chain=chain,
            breaks=self._breaks(size),
            next=(self._near(size, -1), self._near(size, 1)),
            padding=tuple(_padding(graph)),
            macs=None if refused else totals.exact("macs"),
            activations=None if refused else totals.exact("activations"),
            refused=refused,
        )

    def _tried(self, size: Pair) -> tuple[tuple[Pair | None, ...], Refusal | None]:
        if size not in self._known:
            graph = at_size(self.graph, size, rebuilt=self.rebuilt)
            refused = next((Refusal(layer.name, maps) for layer, maps in unequal_joints(graph)), None)
            self._known[size] = tuple(_sides(graph[name].output_shape) for name in self.strides), refused
        return self._known[size]

    def _breaks(self, size: Pair) -> tuple[Break, ...]:
        chain, _ = self._tried(size)
        maps: list[tuple[Pair | None, int]] = [(size, 1), *zip(chain, self.strides.values(), strict=True)]
        found = [
            Break(level - 1, here, below, stride // before)
            for level, ((here, before), (below, stride)) in enumerate(pairwise(maps))
            if here and below and tuple(side * (stride // before) for side in below) != here
        ]
        return tuple(reversed(found))

    def _closes(self, size: Pair) -> bool | None:
        chain, refused = self._tried(size)
        return _closes(chain, self._breaks(size), refused)

    def _near(self, size: Pair, direction: int) -> Pair | None:
        """The nearest size that fits, in one direction; multiples of the largest stride are tried first."""
        if self._closes(size):
            return size
        grid = max(self.strides.values(), default=1)
        height, width = (_multiple(side, grid, direction) for side in size)
        if min(height, width) > 0 and self._closes((height, width)):
            return (height, width)
        for step in range(1, grid):
            tried = (size[0] + direction * step, size[1] + direction * step)
            if min(tried) > 0 and self._closes(tried):
                return tried
        return None


def _multiple(side: int, grid: int, direction: int) -> int:
    return grid * (math.floor(side / grid) if direction < 0 else math.ceil(side / grid))


def _sides(shape: Shape | None) -> Pair | None:
    if shape is None or len(shape) != 3 or shape[0] is None or shape[1] is None:
        return None
    return (shape[0], shape[1])


def _padding(graph: LayerGraph) -> Iterator[Padding]:
    """What is added before each strided window: by a layer of its own, by the layer itself, or by both."""
    for layer in graph:
        kernel, stride = layer.kernel, layer.stride
        if not OPERATIONS[layer.operation].windowed or kernel is None or stride is None or max(stride) == 1:
            continue
        before = graph[layer.inputs[0]]
        added = [layer.margins] if layer.margins else []
        if before.operation == "zero_padding" and before.margins:
            added.append(before.margins)
            before = graph[before.inputs[0]]
        shape = before.output_shape
        margins: list[Pair | None] = []
        for axis in (0, 1):
            reached = (kernel[axis] - 1) * (layer.dilation or (1, 1))[axis] + 1
            own = same_margins(shape[axis] if shape else None, reached, stride[axis])
            base = own if layer.padding == "same" else (0, 0)
            margins.append(
                base and (base[0] + sum(m[axis][0] for m in added), base[1] + sum(m[axis][1] for m in added))
            )
        height, width = margins
        yield Padding(layer.name, kernel, shape, (height, width) if height and width else None)


def _dilated(network: Network, graph: LayerGraph) -> Iterator[Dilated]:
    places = {
        **{layer.name: stage.title for stage in network.anatomy.stages for layer in stage.layers},
        **{layer.name: each.name for each in network.anatomy.sub_blocks for layer in each.layers},
    }
    for layer in network.graph:
        new = graph[layer.name]
        if (new.stride, new.dilation or (1, 1)) != (layer.stride, layer.dilation or (1, 1)) and _has_window(layer):
            stride, was = max(new.stride or (1, 1)), max(layer.stride or (1, 1))
            if stride != was or max(layer.kernel or (1, 1)) > 1:
                yield Dilated(layer.name, places[layer.name], stride, was, max(new.dilation or (1, 1)))


def _has_window(layer: Layer) -> bool:
    return OPERATIONS[layer.operation].windowed
