"""What is said of preprocessing, and of frozen layers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.summary.notes import frozen_notes, preprocessing_notes
from tests.graphs import graph_of, network_of, with_layer

INSIDE = "Preprocessing inside the model"
BYTES = "expects pixels 0..255"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("b0", f"{INSIDE}: {BYTES}, rescales by 1/255 and normalises by the mean and variance in its weights."),
        ("v2-b0", f"{INSIDE}: {BYTES}, rescales by 1/255 and normalises by ImageNet's mean and deviation."),
        ("v2-s", f"{INSIDE}: {BYTES} and rescales by 1/128 and adds -1."),
        ("ResNet50", "No preprocessing inside the model: scale and normalise images before it, as it was trained."),
    ],
)
def test_preprocessing(target: str, says: str) -> None:
    assert list(preprocessing_notes(load(target))) == [says]


def test_frozen_layers_are_told() -> None:
    assert list(frozen_notes(network_of("b0"))) == []
    anatomy = network_of("b0").anatomy
    first = [*anatomy.stem.layers, *anatomy.blocks[0].layers, *anatomy.blocks[1].layers]
    names = {layer.name for layer in first}
    graph = graph_of("b0")
    layers = tuple(layer._replace(trainable_parameters=0) if layer.name in names else layer for layer in graph)
    frozen = Network(replace(graph, layers=layers))
    assert list(frozen_notes(frozen)) == [
        "Frozen: 24 of 131 layers that could train do not: Stem, Block 1 and Block 2 whole."
    ]
    assert "block1a_dwconv" in summary(frozen).data["frozen"]
    one = Network(with_layer(graph, "top_conv", trainable_parameters=0))
    assert list(frozen_notes(one)) == ["Frozen: 1 of 131 layers that could train do not: top_conv."]


def test_drop_rates_stand_beside_sub_blocks() -> None:
    (table,) = summary(network_of("b0"), SummaryOptions("sub-block")).tables
    keys = [column.key for column in table.columns]
    rates = {row.values[keys.index("part")]: row.values[keys.index("drop_rate")] for row in table.rows if row.level}
    assert rates["2a"] is None
    assert rates["2b"] == pytest.approx(0.025)
    assert rates["6d"] == pytest.approx(0.175)
    assert "drop_rate" not in [column.key for column in summary(network_of("b0")).tables[0].columns]
    (folded,) = summary(network_of("b0"), SummaryOptions("sub-block", fold=True)).tables
    merged = {row.values[keys.index("part")]: row.values[keys.index("drop_rate")] for row in folded.rows}
    assert merged["6b–6d ×3"] is None


@pytest.mark.parametrize(
    ("scale", "offset", "says"),
    [
        ((1 / 255,), None, f"{BYTES} and rescales by 1/255"),
        ((1 / 255, 1 / 127.5, 1 / 127.5), None, f"{BYTES} and scales each channel"),
        ((1 / 127.5,), (-1.0, -1.0, -0.5), f"{BYTES} and scales and shifts each channel"),
        ((1 / 127.5,) * 3, (-1.0,) * 3, f"{BYTES} and rescales by 1/127.5 and adds -1"),
    ],
)
def test_what_differs_from_channel_to_channel_is_not_told_by_the_first(
    scale: tuple[float, ...], offset: tuple[float, ...] | None, says: str
) -> None:
    graph = with_layer(graph_of("lite0"), "rescaling", scale=scale, offset=offset)
    (note,) = preprocessing_notes(Network(graph))
    assert note == f"{INSIDE}: {says}."
