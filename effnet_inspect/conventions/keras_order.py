"""In which order Keras has the layers of a model: by it, and not by names, it loads most files of weights.

The order of a functional model is that of `keras.src.ops.function.map_graph`: the layers farthest from the outputs come
first, and of those equally far the one that is met first from the outputs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from effnet_inspect.checkpoints import MODEL
from effnet_inspect.conventions.slots import Slot
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network

NOT_TRAINED = ("mean", "variance", "count")
"""Variables that no optimizer changes."""


class Loaded(NamedTuple):
    """A layer of a model, as Keras fills it: where it is, as in `SavedLayer`, its name there, and its arrays."""

    place: tuple[tuple[str, int], ...]
    name: str
    slots: tuple[Slot, ...]


def by_classes(network: Network, slots: Sequence[Slot]) -> list[Loaded]:
    """The layers with weights, each in the model that it is in, numbered as Keras 3 does."""
    return list(_by_classes(network.graph, _of_layers(slots), "", ()))


def by_layers(network: Network, slots: Sequence[Slot]) -> list[Loaded]:
    """The layers with weights of the outermost model, as Keras before 3 numbers them: a model in it is one of them."""
    of_layers = _of_layers(slots)
    found: list[Loaded] = []
    for unit in _units(network.graph, ""):
        inner = _by_classes(network.graph, of_layers, f"{unit.name}/", ()) if unit.is_model else ()
        own = [slot for each in inner for slot in each.slots] or of_layers.get(unit.name, [])
        # Keras has all arrays that are trained before all that are not.
        own.sort(key=lambda slot: not _is_trained(network.graph[slot.layer], slot))
        if own:
            found.append(Loaded((("layer", len(found)),), unit.name, tuple(own)))
    return found


def _of_layers(slots: Sequence[Slot]) -> dict[str, list[Slot]]:
    found: dict[str, list[Slot]] = {}
    for slot in slots:
        found.setdefault(slot.layer, []).append(slot)
    return found


def _is_trained(layer: Layer, slot: Slot) -> bool:
    return slot.variable not in NOT_TRAINED and layer.trainable_parameters != 0


def _by_classes(
    graph: LayerGraph, of_layers: Mapping[str, Sequence[Slot]], prefix: str, place: tuple[tuple[str, int], ...]
) -> Iterator[Loaded]:
    numbers: Counter[str] = Counter()
    for unit in _units(graph, prefix):
        kind = MODEL if unit.is_model else _group(graph[prefix + unit.name].class_name)
        here = (*place, (kind, numbers[kind]))
        numbers[kind] += 1
        if unit.is_model:
            yield from _by_classes(graph, of_layers, f"{prefix}{unit.name}/", here)
        elif own := of_layers.get(prefix + unit.name):
            yield Loaded(here, unit.name, tuple(own))


def _group(class_name: str) -> str:
    """What Keras 3 calls the group of a layer of a class.

    >>> _group("DepthwiseConv2D"), _group("BatchNormalization")
    ('depthwise_conv2d', 'batch_normalization')
    """
    parted = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", class_name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()


class _Unit(NamedTuple):
    """A layer, or a model, in a model."""

    name: str
    is_model: bool


def _units(graph: LayerGraph, prefix: str) -> list[_Unit]:
    """The layers and models in the model whose layers' names begin with this."""
    inside = [layer for layer in graph if layer.name.startswith(prefix)]
    calls = {layer.name: layer.name.removeprefix(prefix).split("/")[0] for layer in inside}
    models = {calls[layer.name] for layer in inside if "/" in layer.name.removeprefix(prefix)}
    inputs: dict[str, list[str]] = {}
    for layer in inside:
        before = inputs.setdefault(calls[layer.name], [])
        before += [calls[each] for each in layer.inputs if each in calls and calls[each] != calls[layer.name]]
    given = [name for name in graph.outputs if name in calls]
    given += [each for layer in graph if layer.name not in calls for each in layer.inputs if each in calls]
    owners = {
        calls[layer.name]: layer.shares_weights_with.removeprefix(prefix).split("/")[0]
        for layer in inside
        if layer.shares_weights_with
    }
    order = in_keras_order(inputs, [calls[each] for each in given], owners)
    return [_Unit(name, name in models) for name in order]


def in_keras_order(inputs: Mapping[str, Sequence[str]], outputs: Sequence[str], owners: Mapping[str, str]) -> list[str]:
    """The layers of one model in Keras' order.

    Args:
        inputs: call of a layer -> the calls whose outputs it takes, in their order.
        outputs: the calls that give the model's outputs.
        owners: further calls of layers -> the first one, by which the layer is named.
    """
    met: dict[str, int] = {}
    finished: list[str] = []
    seen: set[str] = set()
    for output in (*outputs, *inputs):
        waiting = [(output, False)]
        while waiting:
            call, is_left = waiting.pop()
            if is_left:
                finished.append(call)
            elif call not in seen:
                seen.add(call)
                met.setdefault(owners.get(call, call), len(met))
                waiting += [(call, True), *((each, False) for each in reversed(inputs[call]))]
    depths: dict[str, int] = {}
    farthest: dict[str, int] = {}
    for call in reversed(finished):
        owner = owners.get(call, call)
        depth = farthest[owner] = max(depths.get(call, 0), farthest.get(owner, 0))
        for each in inputs[call]:
            depths[each] = max(depth + 1, depths.get(each, 0))
    return sorted(farthest, key=lambda owner: (-farthest[owner], met[owner]))
