"""Anatomy -> facts: what a network is, place by place and item by item, however its layers are written.

Facts are what networks are compared by, and what a network is compared with a published plan by. Spelling is not
meaning: zeros padded by a layer of their own or by the convolution, a pooling that keeps its axes or a Reshape behind
it, an activation inside a layer or after it, dropout of rate 0, the order of a sum are the same facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.graph import Layer, OperationName, Pair, Shape
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.structure.anatomy import Anatomy, Block, Section, Stage, SubBlock
from effnet_inspect.structure.regions import REARRANGING, is_activating, is_normalizing
from effnet_inspect.structure.roles import Item, ItemKind, Landmark, mixes_channels, reached_in
from effnet_inspect.words import join_and

Fact = object
"""A value of an attribute; an attribute that is missing is unknown, and differs from nothing."""


class Key(NamedTuple):
    """What names an item within its place; `number` counts equal ones."""

    landmark: Landmark
    kind: ItemKind
    number: int = 0


class Place(NamedTuple):
    """Where an item is: a stage, and the sub-block in it."""

    stage: str
    sub_block: str | None = None

    @property
    def name(self) -> str:
        """`4b`, or the stage."""
        return self.sub_block or self.stage


Facts = dict[str, Fact]

UNORDERED: frozenset[OperationName] = frozenset({"add", "multiply", "maximum", "average"})
"""Operations that do not mind the order of their inputs."""

DEPTHWISE = "one a channel"
"""The groups of a depthwise convolution."""

Changes = Literal["outputs", "training", "nothing"]
"""What something added changes."""

REPEATED_IN_SECTIONS: frozenset[ItemKind] = frozenset({"dense", "dropout", "preprocessing", "activation"})
"""What there may be several of in a stem or a classifier."""

_LANDMARKS: dict[str, Landmark] = {"stem": "stem", "part": "expansion", "head": "head", "classifier": "classifier"}
"""The sections of which each layer has its part; the others are around the backbone."""


class PlaceFacts(NamedTuple):
    """All items of one place, in the order of the data."""

    place: Place
    items: dict[Key, Facts]


class NetworkFacts(NamedTuple):
    """A network as facts: the image, its sections by name, the sub-blocks of each block."""

    image: Facts
    sections: dict[str, PlaceFacts]
    blocks: tuple[tuple[PlaceFacts, ...], ...]


def facts_of(anatomy: Anatomy) -> NetworkFacts:
    """The facts of a network."""
    reader = _Reader(anatomy)
    shape = anatomy.input_shape
    entering = anatomy.stem.input_shape if anatomy.stem.layers else None if anatomy.blocks else shape
    image: Facts = {}
    if shape and len(shape) == 3 and None not in shape[:2]:
        image |= {"resolution": shape[:2]}
    if entering and len(entering) == 3:
        image |= known(channels=entering[2])
    image["outputs"] = tuple(dict.fromkeys(reader.place_names[each.name] for each in anatomy.taps_given_out))
    sections: dict[str, PlaceFacts] = {}
    for stage in anatomy.stages:
        if isinstance(stage, Section) and stage.layers:
            name = name_of(stage)
            place = Place(name, f"{reached_in(stage.layers)} of {stage.of}") if stage.name == "part" else Place(name)
            sections[name] = PlaceFacts(place, reader.section(stage))
    blocks = tuple(
        tuple(PlaceFacts(Place(name_of(block), each.name), reader.sub_block(each)) for each in block.sub_blocks)
        for block in anatomy.blocks
    )
    return NetworkFacts(image, sections, blocks)


def name_of(stage: Stage) -> str:
    """What a stage is called as a place."""
    is_numbered = isinstance(stage, Block) or stage.name == "stage"
    return stage.title.lower() if is_numbered else str(stage.key[0])


def known(**facts: Fact) -> Facts:
    """Facts without those that are unknown."""
    return {name: value for name, value in facts.items() if value is not None}


def operator_facts(design: SubBlockDesign) -> Facts:
    """The operator of a planned sub-block, or of one found; without an expansion there is no ratio to speak of."""
    expands = design.expansion != 1
    return {"operator": "Fused-MBConv" if design.fused else "MBConv"} | known(
        expansion=round(design.expansion, 2) if expands else None
    )


class _Items:
    """Collects items; equal keys are counted."""

    def __init__(self) -> None:
        self.found: dict[Key, Facts] = {}

    def add(self, landmark: Landmark, kind: ItemKind, facts: Facts) -> None:
        number = sum(key.landmark == landmark and key.kind == kind for key in self.found)
        self.found[Key(landmark, kind, number)] = facts


class _Reader:
    def __init__(self, anatomy: Anatomy) -> None:
        self.graph = anatomy.graph
        self.place_names = {layer.name: name_of(stage) for stage in anatomy.stages for layer in stage.layers}
        self.place_names |= {layer.name: each.name for each in anatomy.sub_blocks for layer in each.layers}

    def sub_block(self, sub_block: SubBlock) -> dict[Key, Facts]:
        items = _Items()
        padding = {item.landmark: item.layer for item in sub_block.items if item.kind == "padding"}
        items_that_matter = [
            item for item in sub_block.items if item.kind not in ("padding", "weights") and not _is_idle(item)
        ]
        items.add("region", "operator", operator_facts(sub_block))
        for landmark, is_added, group in _runs(items_that_matter):
            if is_added:
                items.add(landmark, "added", _added(group))
                continue
            for item in group:
                if item.kind == "attention":
                    items.add(landmark, "attention", self.attention(item))
                else:
                    self.layer(items, landmark, item.kind, item.layer, padding.get(landmark))
                if item.kind == "convolution" and landmark in ("depthwise", "fused"):
                    # A blur pooling may stride in the convolution's place: what counts is the whole.
                    items.found[Key(landmark, "convolution")]["stride"] = sub_block.stride
        return _joined(items.found)

    def section(self, section: Section) -> dict[Key, Facts]:
        """Stem, final layers and classifier item by item; of what is around the backbone what it consists of."""
        items = _Items()
        layers = [layer for layer in section.layers if not _does_nothing(layer)]
        landmark = _LANDMARKS.get(section.name)
        if landmark is None:
            for layer in layers:
                items.add("around", "added", _added([Item("around", "added", (layer,))]) | self.details(layer, section))
            return items.found
        padding: Layer | None = None
        seen: set[ItemKind] = set()
        for layer in layers:
            if layer.operation == "zero_padding":
                padding = layer
                continue
            kind = _kind_in_section(layer)
            if layer.operation == "opaque" and landmark != "classifier" and "activation" not in seen:
                # A class of somebody's own where an activation belongs; which one it is cannot be known.
                kind = "activation"
            if kind in seen and kind not in REPEATED_IN_SECTIONS:
                kind = "added"
            seen.add(kind)
            if kind == "added":
                if layer.operation not in REARRANGING:
                    items.add(landmark, "added", _added([Item(landmark, "added", (layer,))]))
            elif kind == "activation" and landmark == "classifier" and items.found:
                items.found[list(items.found)[-1]]["activation"] = layer.activation
            else:
                self.layer(items, landmark, kind, layer, padding)
                padding = None
        return _numbered_from_the_end(items.found) if landmark == "classifier" else items.found

    def layer(self, items: _Items, landmark: Landmark, kind: ItemKind, layer: Layer, padding: Layer | None) -> None:
        """The facts of one layer; an activation in it is an item of its own."""
        common = known(
            trainable=_trainable(layer), precision=layer.precision or "float32" if layer.parameters else None
        )
        if kind == "convolution":
            items.add(
                landmark,
                kind,
                known(
                    kernel=layer.kernel,
                    stride=layer.stride,
                    dilation=layer.dilation or (1, 1),
                    bias=layer.use_bias,
                    filters=layer.filters,
                    groups=_groups(layer),
                    weights="learned" if layer.inputs == layer.data_inputs else "computed from the input",
                    shared=layer.shares_weights_with is not None,
                    padding=self.padding(layer, padding),
                )
                | common,
            )
        elif kind == "normalization":
            items.add(
                landmark,
                kind,
                known(
                    normalization=OPERATIONS[layer.operation].title,
                    groups=layer.groups if layer.operation == "group_normalization" else None,
                    scale=layer.use_scale,
                    offset=layer.use_bias,
                    epsilon=_rounded(layer.epsilon),
                    momentum=_rounded(layer.momentum),
                )
                | common,
            )
        elif kind == "activation":
            items.add(landmark, kind, known(activation=layer.activation))
        elif kind == "dropout":
            items.add(landmark, kind, known(rate=_rounded(layer.rate)))
        elif kind == "joint":
            items.add(landmark, kind, known(joint=OPERATIONS[layer.operation].title))
        elif kind == "preprocessing":
            items.add(
                landmark,
                kind,
                known(
                    preprocessing=OPERATIONS[layer.operation].title,
                    factor=layer.scale,
                    shift=layer.offset,
                ),
            )
        elif kind == "pooling":
            items.add(landmark, kind, {"pooling": OPERATIONS[layer.operation].title})
        elif kind == "dense":
            facts = known(units=layer.filters, bias=layer.use_bias, described=_described(layer))
            items.add(landmark, kind, facts | {"activation": layer.activation or "linear"} | common)
        if kind in ("convolution", "normalization", "joint") and layer.activation:
            items.add(landmark, "activation", {"activation": layer.activation})

    def details(self, layer: Layer, section: Section) -> Facts:
        """What tells two layers of one description apart, and what they take: places, or steps back in the section."""
        own = {each.name: index for index, each in enumerate(section.layers)}
        sources = [
            f"{own[layer.name] - own[name]} back" if name in own else self.place_names.get(name, "elsewhere")
            for name in layer.inputs
        ]
        if layer.operation in UNORDERED:
            sources.sort()
        return known(
            inputs=join_and(sources) if len(sources) > 1 else None,
            stride=layer.stride,
            dilation=layer.dilation,
            bias=layer.use_bias,
            epsilon=_rounded(layer.epsilon),
            momentum=_rounded(layer.momentum),
            trainable=_trainable(layer),
            parameters=layer.parameters if layer.operation == "opaque" else None,
        )

    def attention(self, item: Item) -> Facts:
        """Of a squeeze-excite its width, its activation and its gate; of another one what it holds."""
        layers = item.layers[:-1]
        facts: Facts = {"attention": item.attention}
        mixers = [layer for layer in layers if mixes_channels(layer)]
        if item.attention == "squeeze-excite" and len(mixers) == 2:
            activations = [layer.activation for layer in layers if layer.activation]
            facts |= known(
                trainable=_trainable(mixers[0]),
                width=mixers[0].filters,
                inner_activation=activations[0] if len(activations) > 1 else None,
                gate=activations[-1] if activations else None,
                bias=mixers[0].use_bias,
            )
        else:
            facts["holds"] = join_and(map(_described, _telling(layers)))
        return facts

    def padding(self, layer: Layer, padding: Layer | None) -> Fact:
        """`same` where Keras would pad alike for this size, `none`, or rows and columns; None where it is unknown."""
        if layer.kernel is None or layer.kernel == (1, 1) or (padding and padding.margins is None):
            return None
        source = padding or (self.graph[layer.inputs[0]] if layer.inputs else None)
        before = self.graph[padding.inputs[0]] if padding and padding.inputs else source
        shape = before.output_shape if before else None
        stride, dilation = layer.stride or (1, 1), layer.dilation or (1, 1)
        if layer.padding == "same" and padding is None:
            return "same"
        margins = [[0, 0], [0, 0]]
        for given in filter(None, (padding.margins if padding else None, layer.margins)):
            for axis in (0, 1):
                margins[axis][0] += given[axis][0]
                margins[axis][1] += given[axis][1]
        amounts = (tuple(margins[0]), tuple(margins[1]))
        reached = tuple((layer.kernel[axis] - 1) * dilation[axis] + 1 for axis in (0, 1))
        usual = tuple(same_margins(_side(shape, axis), reached[axis], stride[axis]) for axis in (0, 1))
        if None in usual:
            return None if any(map(any, amounts)) else "none"
        if amounts == usual:
            return "same"
        return amounts if any(map(any, amounts)) else "none"


def same_margins(size: int | None, reached: int, stride: int) -> Pair | None:
    """What Keras' padding "same" adds before and after; the odd one comes after.

    >>> same_margins(224, 3, 2), same_margins(225, 3, 2), same_margins(None, 3, 1), same_margins(None, 3, 2)
    ((0, 1), (1, 1), (1, 1), None)
    """
    if stride == 1:
        total = reached - 1
    elif size is None:
        return None
    else:
        total = max((-(-size // stride) - 1) * stride + reached - size, 0)
    return (total // 2, total - total // 2)


def _side(shape: Shape | None, axis: int) -> int | None:
    return shape[axis] if shape and len(shape) == 3 else None


def _rounded(value: float | None) -> float | None:
    """To the digits that single precision has: files keep 0.001 as 0.0010000000474974513."""
    return None if value is None else float(f"{value:.6g}")


def _is_idle(item: Item) -> bool:
    return all(_does_nothing(layer) or layer.operation in REARRANGING for layer in item.layers)


def _does_nothing(layer: Layer) -> bool:
    """Whether it changes nothing, at inference or in training, and is no mark that somebody set on purpose."""
    return layer.operation == "input" or (layer.operation == "dropout" and layer.rate == 0)


def _groups(layer: Layer) -> Fact:
    """The groups of a convolution; of a depthwise one they follow its width, and are said in words."""
    is_usual = layer.operation == "depthwise_convolution" and layer.groups == layer.filters
    return DEPTHWISE if is_usual else layer.groups


def _trainable(layer: Layer) -> bool | None:
    return None if not layer.parameters or layer.trainable_parameters is None else layer.trainable_parameters > 0


def _runs(items: Sequence[Item]) -> Iterator[tuple[Landmark, bool, list[Item]]]:
    """Neighbours of one landmark that are added, as one thing; all else one by one or together."""
    for (landmark, is_added), group in groupby(items, key=lambda item: (item.landmark, _is_added(item))):
        yield landmark, is_added, list(group)


def _is_added(item: Item) -> bool:
    return item.kind == "added" or item.landmark == "between"


def _added(items: Sequence[Item]) -> Facts:
    """What somebody added, in words, and what it changes."""
    layers = [layer for item in items for layer in item.layers]
    changes: set[Changes] = {_changes(layer) for layer in layers}
    effect = next((each for each in ("outputs", "training") if each in changes), "nothing")
    return {"added": join_and(map(_named, items)), "effect": effect, "layers": len(layers)}


def _joined(found: dict[Key, Facts]) -> dict[Key, Facts]:
    """A residual connection that is not added up, and what brings it back to its width, as one thing."""
    joint = found.get(Key("residual", "joint"))
    behind = next((key for key in found if key.kind == "added" and key.landmark in ("residual", "between")), None)
    if joint and joint["joint"] != "add" and behind:
        joint["joint"] = join_and((joint["joint"], found.pop(behind)["added"]))
    return found


def _named(item: Item) -> str:
    if item.attention:
        return f"{item.attention} ({join_and(map(_described, _telling(item.layers)))})"
    return join_and(map(_described, _telling(item.layers)))


def _telling(layers: Sequence[Layer]) -> Sequence[Layer]:
    """Those that do more than arrange numbers; all where none does."""
    return [layer for layer in layers if layer.operation not in REARRANGING and not _does_nothing(layer)] or layers


def _changes(layer: Layer) -> Changes:
    if layer.operation in ("dropout", "augmentation"):
        return "training"
    is_linear = layer.operation == "activation" and layer.activation is None
    return "nothing" if is_linear or layer.operation == "identity" else "outputs"


def _numbered_from_the_end(found: dict[Key, Facts]) -> dict[Key, Facts]:
    """The last dense layer of a classifier is the one that classifies, however many are before it."""
    counts = Counter((key.landmark, key.kind) for key in found)
    return {key._replace(number=counts[key.landmark, key.kind] - 1 - key.number): facts for key, facts in found.items()}


def _described(layer: Layer) -> str:
    """`Conv2D 7×7 to 1 channel, sigmoid`, `SpatialDropout2D 0.1`, `Multiply`."""
    words = layer.class_name
    if layer.operation == "depthwise_convolution" and layer.parameters == 0:
        words = f"blur pooling ({words})"
    if layer.kernel:
        words += " " + "×".join(map(str, layer.kernel))
    if layer.filters and layer.operation != "depthwise_convolution":
        words += f" to {layer.filters} channel{'s' * (layer.filters != 1)}"
    if layer.operation == "activation":
        return f"{words} ({layer.activation or 'linear'})"
    if layer.rate is not None:
        words += f" {layer.rate:g}"
    return f"{words}, {layer.activation}" if layer.activation else words


def _kind_in_section(layer: Layer) -> ItemKind:
    if layer.operation == "convolution":
        return "convolution"
    if is_normalizing(layer):
        return "normalization"
    if is_activating(layer):
        return "activation"
    if layer.operation in ("rescaling", "normalization"):
        return "preprocessing"
    if layer.operation in ("global_average_pooling", "global_max_pooling", "flatten"):
        return "pooling"
    if layer.operation == "dense":
        return "dense"
    return "dropout" if layer.operation == "dropout" else "added"
