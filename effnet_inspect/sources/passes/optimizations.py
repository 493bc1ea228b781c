"""What the optimiser of a runtime joined, filled up or took apart, as it was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from effnet_inspect.graph import Layer, Shape
from effnet_inspect.graph.patterns import Step
from effnet_inspect.sources.passes.draft import GATHER, SPREAD, UNBLOCK, Constant, Draft, Edit
from effnet_inspect.sources.passes.windows import window

CONVOLUTIONS = frozenset({"convolution", "depthwise_convolution"})


def sums_inside(draft: Draft) -> Draft:
    """A convolution with weights of its own that takes other data too adds these, before its activation."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation in CONVOLUTIONS and len(layer.inputs) == 2 and any(_is_kernel(draft, layer)):
            edit.split(layer, *_taken_apart(edit, layer))
    return edit.done()


def _taken_apart(edit: Edit, layer: Layer) -> Iterator[Layer]:
    yield layer._replace(inputs=layer.inputs[:1], activation=None)
    total = edit.new_name(layer, "sum")
    shape = layer.output_shape
    yield Layer(total, "add", layer.class_name, (layer.name, *layer.inputs[1:]), shape)
    if layer.activation:
        name = edit.new_name(layer, "activation")
        yield Layer(name, "activation", layer.class_name, (total,), shape, activation=layer.activation)


def _is_kernel(draft: Draft, layer: Layer) -> Iterator[bool]:
    return (each.trainable is not None and len(each.shape or ()) == 4 for each in draft.constants_of(layer))


def _slides_alone(layer: Layer) -> bool:
    return layer.operation in CONVOLUTIONS and layer.stride == (1, 1) and layer.padding == "valid"


DILATED = (
    Step(lambda layer: layer.operation == SPREAD) + Step(_slides_alone) + Step(lambda layer: layer.operation == GATHER)
)


def dilated_convolutions(draft: Draft) -> Draft:
    """A convolution of every second position, and one of those between, are one that looks twice as far."""
    edit = Edit(draft)
    for spread, convolution, gather in draft.matches(DILATED):
        (before,) = draft.graph.producers(spread)
        (step, added), (again, cut) = (_numbers(draft, layer) for layer in (spread, gather))
        if len(step) != 2 or step != again or (len(added), len(cut)) != (4, 4):
            continue
        top, bottom, left, right = (one - other for one, other in zip(added, cut, strict=True))
        kernel, dilation = convolution.kernel or (1, 1), convolution.dilation or (1, 1)
        if min(top, bottom, left, right) >= 0:
            attributes = window(
                kernel=kernel,
                stride=(1, 1),
                dilation=(dilation[0] * step[0], dilation[1] * step[1]),
                sides=(before.output_shape or (None, None))[:2],
                margins=((top, bottom), (left, right)),
            )
            edit.drop(spread)
            edit.drop(gather)
            edit.change(convolution, output_shape=gather.output_shape, steps=gather.steps, **attributes)
    return edit.done()


def _numbers(draft: Draft, layer: Layer) -> tuple[list[int], list[int]]:
    """Those of the two constants of what spreads or gathers; none where they are unknown."""
    known = [[int(number) for number in each.numbers() or ()] for each in draft.constants_of(layer)]
    one, other = (*known, [], [])[:2]
    return one, other


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
    (before,) = draft.graph.producers(layer)[:1]
    filters, taken = found.get(layer.name, layer.filters), found.get(before.name, before.channels)
    is_depthwise = layer.operation == "depthwise_convolution"
    most = (filters, None if is_depthwise else taken)

    def trimmed(constant: Constant) -> Constant:
        is_weight = constant.trainable is not None and constant.size is not None
        if constant.shape is None or not is_weight or (layer.groups != 1 and not is_depthwise):
            return constant
        sizes = [min(size or 0, limit or size or 0) for size, limit in zip(constant.shape, most, strict=False)]
        return replace(constant, shape=(*sizes, *constant.shape[2:]))

    constants = draft.constants_of(layer)
    fewer = tuple(map(trimmed, constants))
    if layer.name in found or [each.shape for each in fewer] != [each.shape for each in constants]:
        edit.change(
            layer,
            filters=filters,
            groups=filters if is_depthwise else layer.groups,
            output_shape=layer.output_shape if filters is None else _with_channels(layer.output_shape, filters),
            constants=fewer,
        )


def _with_channels(shape: Shape | None, channels: int) -> Shape | None:
    return shape and (*shape[:-1], channels)
