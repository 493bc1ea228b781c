"""Which published variant a network is, and what it is but for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.anatomy import dissect
from effnet_inspect.structure.identity import identify, sentence
from tests.graphs import VARIANTS, anatomy_of, graph_of, with_layer, without_stem


@pytest.mark.parametrize("target", VARIANTS)
def test_every_variant_is_itself(target: str) -> None:
    (found,) = identify(anatomy_of(target))
    assert (found.variant.key, found.extent, found.deviations) == (target, "", ())


def with_another_stem() -> LayerGraph:
    return with_layer(graph_of("b0"), "stem_conv", kernel=(7, 7))


def with_a_hidden_layer() -> LayerGraph:
    hidden = Layer("hidden", "dense", "Dense", ("top_dropout",), (256,), 327936, 327936, filters=256, use_bias=True)
    return with_layer(
        replace(graph_of("b0"), layers=(*graph_of("b0").layers, hidden)), "predictions", inputs=("hidden",)
    )


@pytest.mark.parametrize(
    ("made", "exception"),
    [
        (without_stem, "except for its stem."),
        (with_another_stem, "except for its stem."),
        (with_a_hidden_layer, "except for its hidden dense layers."),
    ],
)
def test_what_is_not_as_in_the_table_is_named(made: Callable[[], LayerGraph], exception: str) -> None:
    said = sentence(identify(dissect(made())))
    assert said == f"This is EfficientNet-B0, {exception}"
