"""Sentences on what a graph leaves open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.anatomy import Block
from effnet_inspect.structure.designs import numbers_by_structure
from effnet_inspect.words import pluralize


def remarks_on(graph: LayerGraph) -> Iterator[str]:
    """Those on layers, wherever they are."""
    yield from _layers_applied_again(graph)
    yield from _layers_in_steps(graph)
    yield from _unknown_layers(graph)


def _layers_in_steps(graph: LayerGraph) -> Iterator[str]:
    """Layers that one input passes several times, as the frames of a film do."""
    counts = [layer.steps or 0 for layer in graph if layer.steps != 1]
    if counts:
        times = f"all {max(counts)} steps" if max(counts) else "every step"
        yield (
            "Layers that are applied step by step, as to the frames of a film or the windows of a map, count for "
            f"{times}; shapes are of one."
        )


def _layers_applied_again(graph: LayerGraph) -> Iterator[str]:
    """Layers that apply another one once more, all of their weights being those of that one."""
    again = sum(layer.shares_weights_with is not None for layer in graph)
    if again:
        yield (
            f"{again:,} of the {pluralize(len(graph), 'layer')} {'applies another' if again == 1 else 'apply others'} "
            f"again: {len(graph) - again:,} are distinct, and weights are counted once."
        )


def _unknown_layers(graph: LayerGraph) -> Iterator[str]:
    """Layers of unknown kinds; nothing is assumed of the shape of their outputs."""
    counts = Counter(layer.class_name for layer in graph if layer.operation == "opaque")
    if counts:
        names = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in sorted(counts.items()))
        yield (
            f"Unknown layers: {names}. Where the model does not state the output shape of such a layer, it is unknown."
        )


def ambiguous_blocks(blocks: Sequence[Block]) -> Iterator[str]:
    """Two blocks that are alike in everything cannot be told apart by structure; names may say that there are two.

    Names may also say so where somebody put a block between those of a variant, whose numbers are kept.
    """
    for block in blocks:
        entering = [each.input_shape[-1] if each.input_shape else None for each in block.sub_blocks]
        own = numbers_by_structure(block.sub_blocks, entering)
        numbered = [
            (sub_block, hint.group(1))
            for sub_block in block.sub_blocks
            for hint in [re.search(r"(?:block|blocks|stage)[._]?(\d+)[a-z{|}~]", sub_block.layers[0].name)]
            if hint
        ]
        runs = [list(run) for _, run in groupby(numbered, key=lambda each: each[1])]
        for first, _ in (run[0] for run in runs[1:]):
            begins = f"the layers' names put the start of a block before {first.name}"
            if own[first.position] == own[first.position - 1]:
                yield f"Block {block.number} is ambiguous: all its sub-blocks are alike, but {begins}."
            else:
                yield f"Blocks have the numbers that they have in the nearest variant, but {begins}."
