"""Layers that change nothing but how values are arranged, or nothing at all."""

from __future__ import annotations

from effnet_inspect.graph import Layer, Shape, elements
from effnet_inspect.graph.patterns import Step
from effnet_inspect.sources.passes.draft import GATHER, MOVE, SPREAD, Draft, Edit


def _is_pooling(layer: Layer) -> bool:
    return layer.operation in ("global_average_pooling", "global_max_pooling") and layer.output_shape is not None


def _is_reshape(layer: Layer) -> bool:
    return layer.operation in ("reshape", "flatten")


POOL_THEN_FLATTEN = Step(lambda layer: _is_pooling(layer) and len(layer.output_shape or ()) == 3) + Step(
    lambda layer: _is_reshape(layer) and layer.output_shape is not None and len(layer.output_shape) == 1
)


def identities(draft: Draft) -> Draft:
    """What gives its input unchanged leaves the graph: casts, dropout at inference, transposes between layouts."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation == "identity":
            edit.drop(layer)
    return edit.done()


GLOBAL: dict[str, str] = {"average_pooling": "global_average_pooling", "max_pooling": "global_max_pooling"}
"""What a pooling is whose window reaches over the whole map."""


def whole_poolings(draft: Draft) -> Draft:
    """A pooling whose only window takes in the whole map is a global one; the window may be larger than the map."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation in GLOBAL:
            (before,) = draft.graph.producers(layer)
            if _reaches_over(layer, before.output_shape):
                edit.change(
                    layer,
                    operation=GLOBAL[layer.operation],
                    output_shape=(1, 1, before.channels),
                    **dict.fromkeys(("kernel", "stride", "dilation", "padding", "margins")),
                )
    return edit.done()


def _reaches_over(layer: Layer, shape: Shape | None) -> bool:
    """Whether the first window of a pooling takes in all of a map, and no second one follows."""
    if shape is None or len(shape) != 3 or layer.kernel is None or layer.dilation not in (None, (1, 1)):
        return False
    margins, strides, sides = layer.margins or ((0, 0), (0, 0)), layer.stride or (1, 1), shape[:2]
    if layer.padding == "same":
        return all(
            size is not None and size <= min(pair) for size, *pair in zip(sides, strides, layer.kernel, strict=True)
        )
    given = (*(layer.output_shape or ()), None, None)[:2]
    return all(
        size is not None and size <= kernel - start and (length == 1 or stride >= size + start)
        for size, kernel, stride, (start, _), length in zip(sides, layer.kernel, strides, margins, given, strict=True)
    )


def flat_poolings(draft: Draft) -> Draft:
    """A global pooling that keeps both sides at 1 and a reshape that takes them away are one pooling."""
    edit = Edit(draft)
    for pooling, reshape in draft.matches(POOL_THEN_FLATTEN):
        edit.join((pooling, reshape), output_shape=reshape.output_shape)
    return edit.done()


def rows_of_reshapes(draft: Draft) -> Draft:
    """Of reshapes in a row only the last one counts."""
    edit = Edit(draft)
    for layer in draft.graph:
        if _is_reshape(layer):
            (before,) = draft.graph.producers(layer)
            if _is_reshape(before) and draft.is_alone(before):
                edit.drop(before)
    return edit.done()


def unneeded_reshapes(draft: Draft) -> Draft:
    """A reshape to the shape that its input has leaves the graph."""
    edit = Edit(draft)
    for layer in draft.graph:
        if _is_reshape(layer) and elements(layer.output_shape) is not None:
            (before,) = draft.graph.producers(layer)
            if before.output_shape == layer.output_shape:
                edit.drop(layer)
    return edit.done()


def moves(draft: Draft) -> Draft:
    """What moves or repeats values is a reshape in the vocabulary."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation in (MOVE, SPREAD, GATHER):
            edit.change(layer, operation="reshape")
    return edit.done()
