"""Layers that change nothing but how values are arranged, or nothing at all."""

from __future__ import annotations

from effnet_inspect.graph import Layer, elements
from effnet_inspect.graph.patterns import Step
from effnet_inspect.sources.passes.draft import MOVE, Draft, Edit


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
        if layer.operation == MOVE:
            edit.change(layer, operation="reshape")
    return edit.done()
