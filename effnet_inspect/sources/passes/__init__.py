"""Passes that make one network one graph, whoever wrote it down: small functions from a draft to a draft, in a row.

What exporters and hand-written models take apart is put together again, so that the same network gives the same
layers. A source delivers one layer for each layer or node of its own; it fuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.passes.activations import bounds, gated_activations, hard_activations
from effnet_inspect.sources.passes.arrangements import (
    flat_poolings,
    identities,
    moves,
    rows_of_reshapes,
    unneeded_reshapes,
    whole_poolings,
)
from effnet_inspect.sources.passes.draft import Constant, Draft
from effnet_inspect.sources.passes.optimizations import dilated_convolutions, padded_channels, sums_inside
from effnet_inspect.sources.passes.weights import (
    batch_normalizations,
    biases,
    dropouts_by_noise,
    group_normalizations,
    input_normalizations,
    neutral_numbers,
    parameters,
    rescalings,
    rows_of_rescalings,
)

__all__ = ["EVERY_SOURCE", "EXPORTS", "Constant", "Draft", "normalize", "normalize_export"]

Pass = Callable[[Draft], Draft]

EVERY_SOURCE: tuple[Pass, ...] = (hard_activations, gated_activations)
"""What holds of every framework's graphs."""

EXPORTS: tuple[Pass, ...] = (
    dilated_convolutions,
    sums_inside,
    padded_channels,
    neutral_numbers,
    identities,
    group_normalizations,
    whole_poolings,
    flat_poolings,
    rows_of_reshapes,
    unneeded_reshapes,
    bounds,
    *EVERY_SOURCE,
    dropouts_by_noise,
    biases,
    batch_normalizations,
    input_normalizations,
    rescalings,
    rows_of_rescalings,
    moves,
    parameters,
)
"""What graphs of single operators need, in this order: each relies on what those before it have put together."""


def normalize(graph: LayerGraph) -> LayerGraph:
    """The graph of a source whose layers are in the vocabulary already, with what every source may take apart joined.

    A joined layer has the name of the last of its parts, which gives its output.
    """
    return _run(Draft(graph), EVERY_SOURCE).graph


def normalize_export(draft: Draft) -> LayerGraph:
    """The graph of a draft of single operators and their constants, in the vocabulary, with parameters counted."""
    return _run(draft, EXPORTS).graph


def _run(draft: Draft, passes: tuple[Pass, ...]) -> Draft:
    for each in passes:
        draft = each(draft)
    return draft
