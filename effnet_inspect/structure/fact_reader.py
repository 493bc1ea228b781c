"""Anatomy -> facts: what a network is, place by place and item by item, however its layers are written.

Spelling is not meaning: zeros padded by a layer of their own or by the convolution, a pooling that keeps its axes or a
Reshape behind it, an activation inside a layer or after it, dropout of rate 0, the order of a sum are the same facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from effnet_inspect.graph import Layer, OperationName, Shape
from effnet_inspect.graph.operations import OPERATIONS, same_margins
from effnet_inspect.structure.anatomy import Anatomy, Section, SubBlock
from effnet_inspect.structure.descriptions import (
    Called,
    Changes,
    Describe,
    changes_of,
    counted,
    described,
    does_nothing,
    meant,
    named,
    telling,
)
from effnet_inspect.structure.facts import (
    DEPTHWISE,
    Fact,
    Facts,
    Key,
    NetworkFacts,
    Place,
    PlaceFacts,
    Settings,
    format_fact,
    known,
    name_of,
    operator_facts,
)
from effnet_inspect.structure.regions import REARRANGING, is_activating, is_depthwise, is_normalizing
from effnet_inspect.structure.roles import Item, ItemKind, Landmark, mixes_channels, reached_in
from effnet_inspect.words import join_and

UNORDERED: frozenset[OperationName] = frozenset({"add", "multiply", "maximum", "average"})
"""Operations that do not mind the order of their inputs."""

POOLING: frozenset[OperationName] = frozenset({"global_average_pooling", "global_max_pooling"})

REPEATED_IN_SECTIONS: frozenset[ItemKind] = frozenset({"dense", "dropout", "preprocessing", "activation"})
"""What there may be several of in a stem or a classifier."""

MOST_IN_WORDS = 8
"""How many layers that somebody added in one place are named one by one."""

_LANDMARKS: dict[str, Landmark] = {"stem": "stem", "part": "expansion", "head": "head", "classifier": "classifier"}
"""The sections of which each layer has its part; the others are around the backbone."""


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
    blocks = {
        block.number: tuple(
            PlaceFacts(Place(name_of(block), each.name), reader.sub_block(each)) for each in block.sub_blocks
        )
        for block in anatomy.blocks
    }
    return NetworkFacts(
        image, sections, tuple(blocks.get(number, ()) for number in range(1, max(blocks, default=0) + 1))
    )


class _Items:
    """Collects items; equal keys are counted, where no number is given."""

    def __init__(self) -> None:
        self.found: dict[Key, Facts] = {}
        self.counts: Counter[tuple[Landmark, ItemKind]] = Counter()

    def add(self, landmark: Landmark, kind: ItemKind, facts: Facts, number: int | None = None) -> None:
        self.found[Key(landmark, kind, self.counts[landmark, kind] if number is None else number)] = facts
        self.counts[landmark, kind] += 1


class _Reader:
    def __init__(self, anatomy: Anatomy) -> None:
        self.graph = anatomy.graph
        self.place_names: dict[str, str] = {}
        for stage in anatomy.stages:
            self.place_names.update(dict.fromkeys([layer.name for layer in stage.layers], name_of(stage)))
        for each in anatomy.sub_blocks:
            own = each.name
            for item in each.items:
                place = f"{own}, {item.landmark} {item.kind}"
                self.place_names.update(dict.fromkeys([layer.name for layer in item.layers], place))
            self.place_names[each.layers[-1].name] = own

    def sub_block(self, sub_block: SubBlock) -> dict[Key, Facts]:
        items = _Items()
        padding = {item.landmark: item.layer for item in sub_block.items if item.kind == "padding"}
        items_that_matter = [
            item for item in sub_block.items if item.kind not in ("padding", "weights") and not _is_idle(item)
        ]
        items.add("region", "operator", operator_facts(sub_block))
        for landmark, is_added, group in _runs(items_that_matter):
            if is_added:
                items.add(landmark, "added", self.added(group, sub_block.name))
                continue
            for item in group:
                if item.kind == "attention":
                    items.add(landmark, "attention", self.attention(item), _rank(item, items_that_matter))
                else:
                    self.layer(items, landmark, item.kind, item.layer, padding.get(landmark))
                if item.kind == "convolution" and landmark in ("depthwise", "fused"):
                    # A blur pooling may stride in the convolution's place: what counts is the whole.
                    items.found[Key(landmark, "convolution")]["stride"] = sub_block.stride
        return _joined(items.found)

    def section(self, section: Section) -> dict[Key, Facts]:
        """Stem, final layers and classifier item by item; of what is around the backbone what it consists of."""
        items = _Items()
        layers = [layer for layer in section.layers if not does_nothing(layer)]
        landmark = _LANDMARKS.get(section.name)
        if landmark is None:
            positions = {each.name: index for index, each in enumerate(section.layers)}
            for layer in layers:
                item = Item("around", "added", (layer,))
                items.add("around", "added", self.added([item], "") | self.details(layer, positions))
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
                    items.add(landmark, "added", self.added([Item(landmark, "added", (layer,))], section.name))
            elif kind == "activation" and landmark == "classifier" and items.found:
                items.found[list(items.found)[-1]]["activation"] = layer.activation
            else:
                self.layer(items, landmark, kind, layer, padding)
                padding = None
        return _numbered_from_the_end(items.found) if landmark == "classifier" else items.found

    def layer(self, items: _Items, landmark: Landmark, kind: ItemKind, layer: Layer, padding: Layer | None) -> None:
        """The facts of one layer; an activation in it is an item of its own."""
        common = known(
            settings=_settings(layer),
            trainable=_trainable(layer),
            precision=_precision(layer),
            wrapper=_wrapper(layer),
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
            parameters = None if layer.parameters is None else layer.parameters
            items.add(
                landmark, kind, known(activation=layer.activation, parameters=parameters, settings=_settings(layer))
            )
        elif kind == "dropout":
            items.add(landmark, kind, known(rate=_rounded(layer.rate), settings=_settings(layer)))
        elif kind == "joint":
            items.add(
                landmark,
                kind,
                known(joint=OPERATIONS[layer.operation].title, summands=len(layer.inputs), settings=_settings(layer)),
            )
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
            facts = known(units=layer.filters, bias=layer.use_bias, described=described(layer))
            items.add(landmark, kind, facts | {"activation": layer.activation or "linear"} | common)
        if kind in ("convolution", "normalization", "joint") and layer.activation:
            items.add(landmark, "activation", {"activation": layer.activation})

    def added(self, items: Sequence[Item], place: str) -> Facts:
        """What somebody added, in words, what it changes, and all that its layers state."""
        layers = [layer for item in items for layer in item.layers]
        changes: set[Changes] = {changes_of(layer) for layer in layers}
        effect = next((each for each in ("outputs", "training") if each in changes), "nothing")
        there = telling(layers)

        def words(describe: Describe) -> str:
            if len(there) > MOST_IN_WORDS:
                return counted([describe(layer) for layer in there])
            return join_and(named(item, describe) for item in items)

        def detail(describe: Describe, *, with_settings: bool) -> str:
            stated = [text for layer in layers if (text := self.stated(layer, place, with_settings=with_settings))]
            every = [describe(layer) for layer in there] if len(there) > MOST_IN_WORDS else []
            return "; ".join([*every, *stated]) or "none"

        return {
            "added": self.called(words),
            "effect": effect,
            "detail": Called(
                detail(described, with_settings=True), detail(meant, with_settings=False), self.graph.vocabulary
            ),
        }

    def called(self, words: Callable[[Describe], str]) -> Called:
        """What layers are called, by what words each of them is described with."""
        return Called(words(described), words(meant), self.graph.vocabulary)

    def stated(self, layer: Layer, place: str, *, with_settings: bool) -> str:
        """The attributes that a description leaves out, and what is taken from elsewhere.

        `place` is empty around the backbone, where `details` has the rest.
        """
        stated = known(margins=layer.margins, factor=layer.scale, shift=layer.offset)
        if place:
            stated = known(stride=layer.stride, dilation=layer.dilation) | stated
            stated |= dict(layer.settings or ()) if with_settings else {}
        words = [f"{name} {format_fact(value)}" for name, value in stated.items()]
        if place:
            sources = [self.place_names[name] for name in layer.inputs]
            words += [f"from {name}" for name in sources if not name.startswith(place)]
        return ", ".join(words)

    def details(self, layer: Layer, own: Mapping[str, int]) -> Facts:
        """What tells two layers of one description apart, and what they take: places, or steps back in the section.

        `own` has the positions of the section's layers.
        """
        sources = [
            f"{own[layer.name] - own[name]} back" if name in own else self.place_names[name] for name in layer.inputs
        ]
        if layer.operation in UNORDERED:
            sources.sort()
        return known(
            inputs=join_and(sources) if len(sources) > 1 or not own.keys() & set(layer.inputs) else None,
            settings=_settings(layer),
            stride=layer.stride,
            dilation=layer.dilation,
            bias=layer.use_bias,
            epsilon=_rounded(layer.epsilon),
            momentum=_rounded(layer.momentum),
            trainable=_trainable(layer),
            parameters=layer.parameters if layer.operation == "opaque" else None,
        )

    def attention(self, item: Item) -> Facts:
        """Of a squeeze-excite its pooling, width, activation, gate and what else it has; of others what they hold."""
        layers = item.layers[:-1]
        facts: Facts = {"attention": item.attention, "joins": OPERATIONS[item.layer.operation].title}
        if item.attention != "squeeze-excite":
            there = telling(layers)
            held = self.called(lambda describe: join_and(dict.fromkeys(describe(e, with_width=False) for e in there)))
            return facts | {"holds": held}
        first, *_, last = (layer for layer in layers if mixes_channels(layer))
        behind_last = layers.index(last)
        inner = [layer for layer in layers[:behind_last] if layer.activation]
        outer = [layer for layer in layers[behind_last:] if layer.activation]
        is_known = not any(layer.operation == "opaque" for layer in layers)
        others = [
            layer
            for layer in telling(layers)
            if layer not in (first, last)
            and layer.operation not in POOLING
            and layer.operation not in ("activation", "opaque")
        ]
        pools = [layer for layer in layers if layer.operation in POOLING]
        return facts | known(
            pooling=OPERATIONS[pools[0].operation].title if pools else None,
            trainable=_trainable(first),
            gate_trainable=_trainable(last),
            width=first.filters,
            inner_activation=(inner[0].activation if inner else "linear") if is_known or inner else None,
            gate=(outer[-1].activation if outer else "linear") if is_known or outer else None,
            bias=first.use_bias,
            gate_bias=last.use_bias,
            groups=_of_both(first.groups, last.groups),
            shared=first.shares_weights_with is not None or last.shares_weights_with is not None,
            precision=_of_both(_precision(first), _precision(last)),
            wrapper=_of_both(_wrapper(first), _wrapper(last)),
            settings=_settings_of_both(first, last),
            extra=self.called(lambda describe: join_and(describe(each, with_width=False) for each in others))
            if others
            else "nothing",
        )

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


def _side(shape: Shape | None, axis: int) -> int | None:
    return shape[axis] if shape and len(shape) == 3 else None


def _rounded(value: float | None) -> float | None:
    """To the digits that single precision has: files keep 0.001 as 0.0010000000474974513."""
    return None if value is None else float(f"{value:.6g}")


def _settings(layer: Layer) -> Settings | None:
    """What a source states besides, with the class that it states it of."""
    return None if layer.settings is None else Settings(layer.class_name, dict(layer.settings))


def _settings_of_both(first: Layer, last: Layer) -> Settings | None:
    if first.settings is None or last.settings is None:
        return None
    at_gate = {f"{name} of the gate": value for name, value in last.settings}
    return Settings(f"{first.class_name}, {last.class_name}", {**dict(first.settings), **at_gate})


def _of_both(first: Fact, last: Fact) -> Fact:
    """What two layers have in common, or both values; None where one is unknown."""
    if first is None or last is None:
        return None
    return first if first == last else f"{format_fact(first)} and {format_fact(last)}"


def _precision(layer: Layer) -> str | None:
    return layer.precision or "float32" if layer.parameters else None


def _wrapper(layer: Layer) -> str | None:
    return layer.class_name.rpartition("(")[0] or "none" if layer.parameters else None


def _rank(attention: Item, items: Sequence[Item]) -> int:
    """The number of an attention among those at its landmark: a squeeze-excite stays the first behind an added one."""
    there = [each for each in items if (each.landmark, each.kind) == (attention.landmark, "attention")]
    return sorted(there, key=lambda each: each.attention != "squeeze-excite").index(attention)


def _is_idle(item: Item) -> bool:
    return all(does_nothing(layer) or layer.operation in REARRANGING for layer in item.layers)


def _groups(layer: Layer) -> Fact:
    """The groups of a convolution; of a depthwise one they follow its width, and are said in words."""
    is_usual = is_depthwise(layer) and layer.groups == layer.filters
    return DEPTHWISE if is_usual else layer.groups


def _trainable(layer: Layer) -> bool | None:
    return None if not layer.parameters or layer.trainable_parameters is None else layer.trainable_parameters > 0


def _runs(items: Sequence[Item]) -> Iterator[tuple[Landmark, bool, list[Item]]]:
    """Neighbours of one landmark that are added, as one thing; all else one by one or together."""
    for (landmark, is_added), group in groupby(items, key=lambda item: (item.landmark, _is_added(item))):
        yield landmark, is_added, list(group)


def _is_added(item: Item) -> bool:
    return item.kind == "added" or item.landmark == "between"


def _joined(found: dict[Key, Facts]) -> dict[Key, Facts]:
    """A residual connection that is not added up, and what brings it back to its width, as one thing."""
    joint = found.get(Key("residual", "joint"))
    behind = next((key for key in found if key.kind == "added" and key.landmark in ("residual", "between")), None)
    if joint and joint["joint"] != "add" and behind:
        added = found.pop(behind)["added"]
        assert isinstance(added, Called)
        how = str(joint["joint"])
        joint["joint"] = Called(join_and((how, added.words)), join_and((how, added.meaning)), added.vocabulary)
    return found


def _numbered_from_the_end(found: dict[Key, Facts]) -> dict[Key, Facts]:
    """The last dense layer of a classifier is the one that classifies, however many are before it."""
    counts = Counter((key.landmark, key.kind) for key in found)
    return {key._replace(number=counts[key.landmark, key.kind] - 1 - key.number): facts for key, facts in found.items()}


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
