"""Boxes of layers: whole names of classes at every width, and a convolution with what follows it in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.drawing.canvas import text_width
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.layers_box import Sizes, layers_box
from effnet_inspect.views.diagram.look import Look
from tests.graphs import graph_of, network_of

LONG_CLASSES = (
    "GlobalAveragePooling2D",
    "BatchNormalizationV2Synchronized",
    "MyVerySpecialSqueezeAndExcitationLayerV2",
    "a_layer_that_was_named_without_capitals_",
    "EFFICIENTCHANNELATTENTIONWITHOUTACAPITAL",
    "卷积层与归一化层名称卷积层",
)


@given(st.sampled_from(LONG_CLASSES), st.floats(86, 140), st.booleans())
def test_a_class_is_named_whole_at_every_width(name: str, width: float, dense: bool) -> None:
    layer = graph_of("b0")["block1a_se_squeeze"]._replace(class_name=name)
    box = layers_box((layer,), network_of("b0"), Look(600, dense=dense), Sizes(width, 2 - dense), 0, 0, "plain")
    lines = box.label.split("\n")
    assert "".join(lines) == name
    assert all(text_width(line, box.size, bold=True) <= width for line in lines)
    assert box.height == Sizes(width, 2 - dense, titles=len(lines)).height


def test_of_a_name_without_end_the_end_is_elided() -> None:
    layer = graph_of("b0")["block1a_se_squeeze"]._replace(class_name="Squeeze" * 40)
    box = layers_box((layer,), network_of("b0"), Look(600), Sizes(90), 0, 0, "plain")
    assert len(box.label.split("\n")) == 3
    assert box.label.startswith("SqueezeSqueeze")
    assert box.label.endswith("…")


def layers(*chain: tuple[str, str]) -> list[Layer]:
    """Layers in a row, each of a name and an operation."""
    names = ["start", *(name for name, _ in chain)]
    return [
        Layer(name, operation, operation.title(), (names[at],), (8, 8, 4), filters=4 * (operation == "convolution"))  # type: ignore[arg-type]
        for at, (name, operation) in enumerate(chain)
    ]


CONVOLUTION, NORMALIZATION, ACTIVATION = ("c", "convolution"), ("n", "batch_normalization"), ("a", "activation")


@pytest.mark.parametrize(
    ("chain", "rows"),
    [
        ((CONVOLUTION, NORMALIZATION, ACTIVATION), ["cna"]),
        ((CONVOLUTION, ACTIVATION, ("d", "convolution"), ("e", "activation")), ["ca", "de"]),
        ((NORMALIZATION, ACTIVATION, CONVOLUTION), ["n", "a", "c"]),
        ((CONVOLUTION, ("d", "dropout"), ACTIVATION), ["c", "d", "a"]),
    ],
)
def test_a_convolution_has_one_box_with_what_follows_it(chain: tuple[tuple[str, str], ...], rows: list[str]) -> None:
    folded = Sizes(90, folded=True).rows(layers(*chain))
    assert ["".join(layer.name for layer in row) for row in folded] == rows
    assert [len(row) for row in Sizes(90).rows(layers(*chain))] == [1] * len(chain)


def test_what_something_else_takes_ends_a_box() -> None:
    convolution, normalization, activation = layers(CONVOLUTION, NORMALIZATION, ACTIVATION)
    other = activation._replace(name="other", inputs=("c",))
    rows = Sizes(90, folded=True).rows([convolution, normalization, activation, other])
    assert [[layer.name for layer in row] for row in rows] == [["c"], ["n"], ["a"], ["other"]]


def test_a_folded_box_says_what_is_in_it_and_sums_it() -> None:
    graph: LayerGraph = graph_of("b0")
    row = tuple(graph[f"block2a_expand_{name}"] for name in ("conv", "bn", "activation"))
    box = layers_box(row, Network(graph), Look(600, dense=True), Sizes(130, 1, folded=True), 0, 0, "plain")
    assert box.label == "Conv2D k1×1"
    assert box.note == "112×112×96 · 1,920 parameters\nBatchNormalization, silu"
    assert box.layers == tuple(layer.name for layer in row)
    assert all(layer.name in box.tooltip for layer in row)
