"""Stages in the papers' words."""

from __future__ import annotations

import pytest

from effnet_inspect.structure.network import Network
from effnet_inspect.structure.published_stages import PublishedStage, published_stage
from tests import synthetic
from tests.graphs import graph_of, network_of, with_layer, without_layers


@pytest.mark.parametrize(
    ("target", "index", "with_ratio", "expected"),
    [
        ("b0", 0, False, PublishedStage("Conv3x3", 224, 2, 32, 1)),
        ("b0", 3, False, PublishedStage("MBConv6, k5x5", 56, 2, 40, 2)),
        ("b0", -1, False, PublishedStage("Conv1x1 & Pooling & FC", 7, None, 1280, 1)),
        ("b7", 5, False, PublishedStage("MBConv6, k5x5", 38, 1, 224, 10)),
        ("v2-s", 2, True, PublishedStage("Fused-MBConv4, k3x3", 192, 2, 48, 4)),
        ("v2-s", 4, True, PublishedStage("MBConv4, k3x3, SE0.25", 48, 2, 128, 6)),
    ],
)
def test_of_published_variants(target: str, index: int, with_ratio: bool, expected: PublishedStage) -> None:
    network = network_of(target)
    assert published_stage(network, network.backbone_stages[index], with_ratio) == expected


def test_without_a_classifier_the_last_stage_has_none() -> None:
    network = network_of("b0")
    assert network.anatomy.classifier
    cut = Network(without_layers(graph_of("b0"), [layer.name for layer in network.anatomy.classifier.layers]))
    assert published_stage(cut, cut.backbone_stages[-1]).operator == "Conv1x1"


def test_resolution_and_stride_are_those_of_the_height() -> None:
    tall = Network(synthetic.lay_out(synthetic.scaled(1.0, 1.0, 64)._replace(height=128)))
    assert [published_stage(tall, stage).resolution for stage in tall.backbone_stages[:3]] == [128, 64, 64]
    flattened = Network(with_layer(graph_of("b0"), "block2a_dwconv", stride=(2, 1)))
    assert published_stage(flattened, flattened.backbone_stages[2]).stride == 2


def test_all_operators_of_a_block_are_named() -> None:
    changed = Network(with_layer(graph_of("b0"), "block4b_dwconv", kernel=(5, 5)))
    assert published_stage(changed, changed.backbone_stages[4]).operator == "MBConv6, k3x3 / MBConv6, k5x5"
