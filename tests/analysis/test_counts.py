"""The conventions of counting, each held against the counter that it is named after.

TensorFlow's profiler is run here. PyTorch is not among the requirements of the tests: the figures of torchinfo, fvcore,
timm and FlopCounterMode are those that they gave for B0 (efficientnet_pytorch, timm) when they were run once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from effnet_inspect.analysis.counts import CONVENTIONS, counts_of
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.graphs import network_of

pytestmark = pytest.mark.one_python

PROFILE = """
import json
import keras
import tensorflow as tf
from tensorflow.python.framework import ops

for builder in ("EfficientNetB0", "EfficientNetV2B0", "ResNet50"):
    model = getattr(keras.applications, builder)(weights=None)
    images = tf.TensorSpec((1, *model.input_shape[1:]))
    graph = tf.function(lambda images: model(images, training=False)).get_concrete_function(images).graph
    counts = (ops.get_stats_for_node_def(graph, each.node_def, "flops").value for each in graph.get_operations())
    print(json.dumps([builder, int(sum(count or 0 for count in counts))]))
print(json.dumps(["keras", [int(part) for part in keras.__version__.split(".")[:2]]]))
"""


@pytest.fixture(scope="module")
def profiled() -> dict[str, int]:
    """What TensorFlow's profiler counts, by the builder of Keras; an old Keras runs the layers otherwise."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", PROFILE], env=environment, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    found = dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))
    if found.pop("keras") < [3, 10]:
        pytest.skip("an older Keras runs the same layers by other operations")
    return found


@pytest.mark.parametrize(
    ("target", "builder"), [("b0", "EfficientNetB0"), ("v2-b0", "EfficientNetV2B0"), ("ResNet50", "ResNet50")]
)
def test_operations_are_those_of_tensorflows_profiler(target: str, builder: str, profiled: dict[str, int]) -> None:
    assert counts_of(load(target))["operations_tensorflow"] == profiled[builder]


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("macs", 385_814_752),
        ("flops", 771_629_504),
        ("macs_torchinfo", 385_867_108),
        ("flops_fvcore", 401.7e6),
        ("operations_tensorflow", 803.1e6),
        ("activations_weighted", 6.748e6),
        ("activations", 25.12e6),
    ],
)
def test_published_counts_of_b0(key: str, count: float) -> None:
    found = counts_of(network_of("b0"))[key]
    assert found == (count if isinstance(count, int) else pytest.approx(count, rel=2e-4))


def test_activations_of_b3_are_those_that_timm_prints() -> None:
    assert counts_of(network_of("b3"))["activations_weighted"] == pytest.approx(23.83e6, rel=1e-4)


def test_counts_are_those_of_the_measures() -> None:
    network = network_of("v2-s")
    counts = counts_of(network)
    assert list(counts) == [each.key for each in CONVENTIONS]
    assert counts["macs"] == network.totals["macs"]
    assert counts["activations"] == network.totals["activations"]


def test_what_cannot_be_told_is_not_counted() -> None:
    graph = network_of("b0").graph
    odd = Layer("odd", "opaque", "Odd", ("predictions",), (1000,), parameters=None)
    counts = counts_of(Network(LayerGraph("odd", (*graph.layers, odd))))
    assert counts["macs"] is counts["operations_tensorflow"] is None
    assert counts["activations"] == 25_117_095 + 1000
