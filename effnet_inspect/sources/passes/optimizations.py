"""What the optimiser of a runtime joined or filled up, as it was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from effnet_inspect.graph import Layer, Shape
from effnet_inspect.sources.passes.draft import UNBLOCK, Constant, Draft, Edit

CONVOLUTIONS = frozenset({"convolution", "depthwise_convolution"})


def sums_inside(draft: Draft) -> Draft:
    """A convolution with weights of its own that takes other data too adds these, before its activation."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation in CONVOLUTIONS and len(layer.inputs) == 2 and any(_is_kernel(draft, layer)):
            edit.split(layer, *_taken_apart(edit, layer))
    return edit.done()


def _taken_apart(edit: Edit, layer: Layer) -> Iterator[Layer]:
    yield replace(layer, inputs=layer.inputs[:1], activation=None)
    total = edit.new_name(layer, "sum")
    shape = layer.output_shape
    yield Layer(total, "add", layer.class_name, (layer.name, *layer.inputs[1:]), shape)
    if layer.activation:
        name = edit.new_name(layer, "activation")
        yield Layer(name, "activation", layer.class_name, (total,), shape, activation=layer.activation)


def _is_kernel(draft: Draft, layer: Layer) -> Iterator[bool]:
    return (each.trainable is not None and len(each.shape or ()) == 4 for each in draft.constants_of(layer))


def padded_channels(draft: Draft) -> Draft:
    """Channels that only fill up the last block of channels leave the graph, with their weights.

    How many channels there are is known of convolutions, by their biases, and where the blocks end.
    """
    found = _without_padding(draft)
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation == UNBLOCK:
            edit.drop(layer)
        elif layer.operation in CONVOLUTIONS:
            _trim(draft, edit, layer, found)
        elif layer.name in found:
            edit.change(layer, output_shape=_with_channels(layer.output_shape, found[layer.name]))
    return edit.done()


def _without_padding(draft: Draft) -> dict[str, int]:
    """The channels of layers that give some more."""
    found = {
        layer.name: layer.filters
        for layer in draft.graph
        if layer.operation in CONVOLUTIONS and layer.filters and layer.filters < (layer.channels or 0)
    }
    for layer in draft.graph:
        if layer.operation == UNBLOCK and layer.channels:
            found.update(dict.fromkeys(_behind_blocks(draft, layer), layer.channels))
    for layer in draft.graph:
        for before in draft.graph.producers(layer)[:1]:
            is_alike = layer.channels == before.channels and layer.operation != UNBLOCK
            is_mixed = layer.operation == "convolution" or layer.operation == "dense"
            if before.name in found and is_alike and not is_mixed:
                found.setdefault(layer.name, found[before.name])
    return found


def _behind_blocks(draft: Draft, layer: Layer) -> Iterator[str]:
    """The layers whose channels a layer only takes the padding from, up to convolutions."""
    waiting = [each for each in draft.graph.producers(layer) if (each.channels or 0) > (layer.channels or 0)]
    seen = {each.name for each in waiting}
    while waiting:
        here = waiting.pop()
        yield here.name
        if here.operation == "convolution":
            continue
        for before in draft.graph.producers(here):
            if before.channels == here.channels and before.name not in seen:
                seen.add(before.name)
                waiting.append(before)


def _trim(draft: Draft, edit: Edit, layer: Layer, found: dict[str, int]) -> None:
    """Leave out the weights of channels that are no more."""
    filters, taken = found.get(layer.name), found.get(layer.inputs[0])
    if filters is None and taken is None:
        return
    is_depthwise = layer.operation == "depthwise_convolution"

    def trimmed(constant: Constant) -> Constant:
        shape = constant.shape
        if constant.trainable is None or not shape:
            return constant
        fan_in = shape[1:2] if is_depthwise or taken is None else (taken,)
        return replace(constant, shape=(filters or shape[0], *fan_in[: len(shape) - 1], *shape[2:]))

    edit.change(
        layer,
        filters=filters or layer.filters,
        groups=filters if is_depthwise and filters else layer.groups,
        output_shape=_with_channels(layer.output_shape, filters) if filters else layer.output_shape,
        constants=tuple(map(trimmed, draft.constants_of(layer))),
    )


def _with_channels(shape: Shape | None, channels: int) -> Shape | None:
    return shape and (*shape[:-1], channels)
