"""Graphs at another size are what is built at that size; those that come with the package are tested there."""

from __future__ import annotations

from functools import cache

import pytest

from effnet_inspect.graph import LayerGraph
from effnet_inspect.graph.resizing import at_size
from effnet_inspect.sources import load_all
from tests.graphs import graph_of

BUILT = ("ResNet50", "MobileNetV2", "NASNetMobile", "Xception")
AT = ("225x300", "331")


@cache
def built() -> dict[str, LayerGraph]:
    """Networks at their own size and at others, made in one process."""
    targets = [f"{name}{at}" for name in BUILT for at in ("", *(f"@{size}" for size in AT))]
    return dict(zip(targets, load_all(targets), strict=True))


@pytest.mark.parametrize("size", AT)
@pytest.mark.parametrize("name", BUILT)
def test_it_is_what_is_built_at_that_size(name: str, size: str) -> None:
    there = built()[f"{name}@{size}"]
    height, _, width = size.partition("x")
    here = at_size(built()[name], (int(height), int(width or height)))
    assert [(layer.name, layer.output_shape, layer.margins) for layer in here] == [
        (layer.name, layer.output_shape, layer.margins) for layer in there
    ]


def test_its_own_size_changes_nothing() -> None:
    assert at_size(graph_of("b0"), (224, 224)) == graph_of("b0")


def test_a_model_of_open_size_keeps_its_padding() -> None:
    graph = graph_of("b0")
    shapes = [at_size(graph, (75, 75), rebuilt=rebuilt)["stem_bn"].output_shape for rebuilt in (True, False)]
    assert shapes == [(38, 38, 32), (37, 37, 32)]
