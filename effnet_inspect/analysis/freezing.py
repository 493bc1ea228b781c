"""What trains and what stays frozen when a network is unfrozen from some border on, and what the border cuts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from effnet_inspect.analysis.code import keras_lines, lines_within
from effnet_inspect.analysis.model_order import model_order
from effnet_inspect.catalog.targets import BuiltTarget
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer
from effnet_inspect.graph.trainable import can_train
from effnet_inspect.structure.anatomy import Block, Section
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

TUTORIAL_HEAD = 4
"""Layers of the head in Keras' fine-tuning tutorial: pooling, batch normalisation, dropout and a dense layer."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-block, or a part of the network that has none.

    `stage` is the title of what it is in. `indices` are the first and the last one in `model.layers`, None where they
    are in another model than the backbone or there is no such list. `trainable` are its parameters that can be trained,
    without those of batch normalisation, `from_here` the sum of those from this part to the end.
    """

    name: str
    stage: str
    layers: tuple[Layer, ...]
    indices: tuple[int, int] | None
    parameters: int
    trainable: int
    from_here: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What a border goes through: a sub-block, or the residual connection of one.

    `frozen` and `trained` are how many of its layers lie on either side.
    """

    kind: Literal["sub-block", "residual connection"]
    place: str
    frozen: int
    trained: int


@dataclass(frozen=True, slots=True)
class Border:
    """Where training begins.

    `name` is the sub-block or the section that begins there; the layer where none does. `index` is that of `layer` in
    `model.layers`, None where it is not known. Parameters: `trainable` train, without batch normalisation unless it was
    asked for, all `frozen` others do not. `nearest` is the nearest border that cuts nothing.
    """

    name: str
    layer: Layer
    index: int | None
    trainable: int
    frozen: int
    cuts: tuple[Cut, ...]
    nearest: str


@dataclass(frozen=True, slots=True)
class Choice:
    """How a border is asked for; one of these.

    `start` names a block (`6`), a sub-block (`6a`), a section (`head`) or a layer; `last_blocks` counts blocks from the
    end; `trainable` is the most parameters that shall train; `layers` counts the last ones of `model.layers`.
    """

    start: str | None = None
    last_blocks: int | None = None
    trainable: float | None = None
    layers: int | None = None


class Freezing:
    """One network, its layers in the order in which they are frozen."""

    def __init__(self, network: Network, *, train_normalization: bool = False) -> None:
        """Args:
        network: any network.
        train_normalization: whether batch normalisation trains too.
        """
        self.network = network
        self.train_normalization = train_normalization
        folders = _backbone_folders(network)
        self.is_listed = folders is not None
        self.folders = folders or ()
        self.sequence = _sequence(network, self.folders) if self.is_listed else network.graph.layers
        self._at = {layer.name: at for at, layer in enumerate(self.sequence)}
        self._indices = self._in_model_layers()
        self.parts = tuple(self._parts())

    @property
    def listed(self) -> int | None:
        """How many entries `model.layers` of the backbone's model has; None where there is no such list."""
        return len(self._indices) or None

    @property
    def outer(self) -> int:
        """How many layers the whole model has, a nested one as one."""
        return len(model_order(self.network.graph))

    def index_of(self, layer: Layer) -> int | None:
        """Its index in `model.layers` of the backbone's model; None where it is in another, or there is no list."""
        return self._indices.get(layer.name)

    def trains(self, layer: Layer, border: Border) -> bool:
        """Whether a layer is behind the border."""
        return self._at[layer.name] >= self._at[border.layer.name]

    def border(self, choice: Choice) -> Border:
        """The border that is asked for.

        Raises:
            UsageError: where the network has no such place.
        """
        at = self._position(choice)
        layer = self.sequence[at]
        beginnings = {self._first(part): part for part in self.parts}
        cuts = tuple(self._cuts(at))
        whole = beginnings[min(beginnings, key=lambda first: (abs(first - at), first))]
        trainable = sum(self._trainable(each) for each in self.sequence[at:])
        return Border(
            name=beginnings[at].name if at in beginnings else layer.name,
            layer=layer,
            index=self._indices.get(layer.name),
            trainable=trainable,
            frozen=self.network.totals["parameters"] - trainable,
            cuts=cuts,
            nearest=whole.name,
        )

    def lines(self, border: Border) -> str:
        """Lines of Keras that freeze up to the border.

        Raises:
            UsageError: for what Keras cannot make, or where the border is outside the backbone's model.
        """
        lines = keras_lines(self.network, with_top=True)
        if border.index is None:
            raise UsageError(f"no lines are written for a border at {border.layer.name}: it is outside the backbone")
        holder = "backbone" if self.folders else "model"
        lines += lines_within(self.network, self.folders, holder)
        if self.folders:
            lines.append(f'model.get_layer("{self.folders[0]}").trainable = True')
            lines += [f'model.get_layer("{name}").trainable = False' for name in self._frozen_around(border)]
        kept = "" if self.train_normalization else " and not isinstance(layer, keras.layers.BatchNormalization)"
        lines += [
            f"names = [layer.name for layer in {holder}.layers]",
            f'border = names.index("{border.layer.name.split("/")[-1]}")',
            f"for index, layer in enumerate({holder}.layers):",
            f"    layer.trainable = index >= border{kept}",
        ]
        return "\n".join(lines) + "\n"

    def _frozen_around(self, border: Border) -> list[str]:
        """What is beside the model of the backbone and wholly before the border, another backbone for example."""
        trains: dict[str, bool] = {}
        for layer in self.sequence:
            name = layer.name.split("/")[0]
            if name != self.folders[0] and can_train(layer):
                trains[name] = trains.get(name, False) or self.trains(layer, border)
        return [name for name, any_trains in trains.items() if not any_trains]

    def _in_model_layers(self) -> dict[str, int]:
        if not self.is_listed:
            return {}
        order = model_order(self.network.graph, self.folders)
        prefix = "".join(f"{folder}/" for folder in self.folders)
        return {f"{prefix}{name}": index for index, name in enumerate(order)}

    def _trainable(self, layer: Layer) -> int:
        is_kept = layer.operation == "batch_normalization" and not self.train_normalization
        # The lines freeze what is in the backbone's own model; a head around it trains whole.
        is_outside = self.is_listed and tuple(layer.name.split("/")[:-1]) != self.folders
        return 0 if is_kept and not is_outside else can_train(layer)

    def _parts(self) -> Iterator[Part]:
        places: list[tuple[str, str, tuple[Layer, ...]]] = []
        for stage in self.network.anatomy.stages:
            if isinstance(stage, Section):
                places.append((stage.title, stage.title, stage.layers))
            else:
                places += [(each.name, stage.title, each.layers) for each in stage.sub_blocks]
        places = [place for place in places if place[2]]
        places.sort(key=lambda place: min(self._at[layer.name] for layer in place[2]))
        sums = [sum(map(self._trainable, layers)) for _, _, layers in places]
        for number, (name, title, layers) in enumerate(places):
            found = [self._indices[layer.name] for layer in layers if layer.name in self._indices]
            yield Part(
                name=name,
                stage=title,
                layers=layers,
                indices=(min(found), max(found)) if found else None,
                parameters=sum(layer.parameters or 0 for layer in layers),
                trainable=sums[number],
                from_here=sum(sums[number:]),
            )

    def _first(self, part: Part) -> int:
        return min(self._at[layer.name] for layer in part.layers)

    def _position(self, choice: Choice) -> int:
        if choice.start is not None:
            return self._named(choice.start)
        blocks = self.network.anatomy.blocks
        if choice.last_blocks is not None:
            if not 1 <= choice.last_blocks <= len(blocks):
                raise UsageError(
                    f"the last {choice.last_blocks} blocks cannot be chosen: {self.network.name} has {len(blocks)}"
                )
            return min(self._at[layer.name] for layer in blocks[-choice.last_blocks].layers)
        if choice.trainable is not None:
            fitting = [part for part in self.parts if part.from_here <= choice.trainable]
            if not fitting:
                last = self.parts[-1]
                raise UsageError(
                    f"even {last.name} alone has {last.from_here:,} trainable parameters, "
                    f"more than {choice.trainable:,.0f}"
                )
            return min(map(self._first, fitting))
        assert choice.layers is not None
        return self._last(choice.layers)

    def _last(self, count: int) -> int:
        """Where the last `count` layers begin; of a built network with the tutorial's head for its classifier."""
        end, head = len(self.sequence), 0
        if self.counts_tutorial_head and self.network.anatomy.classifier:
            end, head = end - len(self.network.anatomy.classifier.layers), TUTORIAL_HEAD
        if not head < count <= end + head:
            raise UsageError(f"the last {count} layers are no border: it lies among {head + 1} to {end + head}")
        return end + head - count

    @property
    def counts_tutorial_head(self) -> bool:
        """Whether the last layers are counted with the head that Keras' tutorial puts on a built network."""
        return isinstance(self.network.graph.target, BuiltTarget) and self.network.anatomy.classifier is not None

    def _named(self, start: str) -> int:
        places = {"head": "Final layers", "classifier": "Classifier", "stem": "Stem"}
        wanted = places.get(start.lower(), start)
        wanted = f"{wanted}a" if re.fullmatch(r"\d+", wanted) else wanted
        for part in self.parts:
            if part.name.lower() == wanted.lower():
                return self._first(part)
        for layer in self.sequence:
            if layer.name == start or layer.name.endswith(f"/{start}"):
                return self._at[layer.name]
        names = join_and([part.name for part in self.parts])
        raise UsageError(f"there is no {start!r} to begin at: name a layer, or one of {names}")

    def _cuts(self, at: int) -> Iterator[Cut]:
        anatomy = self.network.anatomy
        places = [(each.name, each.layers, each.joint) for each in anatomy.sub_blocks]
        if anatomy.part:
            places.append((anatomy.part.of, anatomy.part.layers, None))
        for place, layers, joint in places:
            positions = [self._at[layer.name] for layer in layers]
            frozen = sum(each < at for each in positions)
            if not 0 < frozen < len(positions):
                continue
            yield Cut("sub-block", place, frozen, len(positions) - frozen)
            if joint and self._at[joint.name] >= at:
                yield Cut("residual connection", place, frozen, len(positions) - frozen)


def _backbone_folders(network: Network) -> tuple[str, ...] | None:
    """The nested models in which the backbone is, the outermost first.

    None where there is no list of layers: in models that are not in Keras, and where the backbone is in several models.
    """
    target = network.graph.target
    if target is None or not (isinstance(target, BuiltTarget) or network.framework == "keras"):
        return None
    stages: Sequence[Block | Section] = network.anatomy.blocks or network.anatomy.resolution_stages
    folders = {tuple(layer.name.split("/")[:-1]) for stage in stages for layer in stage.layers}
    return folders.pop() if len(folders) == 1 else None


def _sequence(network: Network, folders: tuple[str, ...]) -> tuple[Layer, ...]:
    """All layers, those of the backbone's model in the order of its list, what is around it before and behind."""
    graph = network.graph
    prefix = "".join(f"{folder}/" for folder in folders)
    order = {f"{prefix}{name}": at for at, name in enumerate(model_order(graph, folders))}
    inside = sorted((layer for layer in graph if layer.name in order), key=lambda layer: order[layer.name])
    behind = graph.descendants([inside[0].name]) if inside else set()
    around = [layer for layer in graph if layer.name not in order]
    return (
        *(layer for layer in around if layer.name not in behind),
        *inside,
        *(layer for layer in around if layer.name in behind),
    )
