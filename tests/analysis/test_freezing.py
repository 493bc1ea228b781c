"""Freezing: the borders, what they cut, and lines of Keras that do it, which are run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.analysis.freezing import Choice, Freezing
from effnet_inspect.analysis.model_order import model_order
from effnet_inspect.catalog.targets import FileTarget, PythonTarget
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph, Vocabulary
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.analysis.conftest import skip_what_keras_leaves_open
from tests.graphs import graph_of, network_of, rename

pytestmark = pytest.mark.one_python

RUN_ALL = """
import json, math, sys
import keras

for name, code in json.load(sys.stdin).items():
    keras.utils.clear_session(free_memory=False)  # it numbers layers anew
    with keras.StatelessScope(initialize_variables=False):
        names = {}
        exec(code, names)
        model = names["model"]
        count = sum(math.prod(weight.shape) for weight in model.trainable_weights)
        whole = sum(math.prod(weight.shape) for weight in model.weights)
        print(json.dumps([name, [count, whole - count, names["names"], names["border"]]]))
"""

CASES: dict[str, tuple[str, Choice, bool]] = {
    "b0 from 6a": ("b0", Choice(start="6a"), False),
    "b0 with batch normalisation": ("b0", Choice(start="6a"), True),
    "b0, the last 20": ("b0", Choice(layers=20), False),
    "v2-b0, two blocks": ("v2-b0", Choice(last_blocks=2), False),
    "b1, 3 million": ("b1", Choice(trainable=3e6), False),
    **{
        name: (f"{name}.json", Choice(start="6a"), False)
        for name in ("plain", "renamed", "nested", "nested-twice", "sequential", "preprocessed", "unet", "fpn")
    },
    "a residual network": ("resnet50.json", Choice(start="conv4_block1_1_conv"), False),
    "a dense network": ("densenet121.json", Choice(layers=100), False),
}


def freezing(case: str, models: Path) -> tuple[Freezing, Choice]:
    target, choice, train_normalization = CASES[case]
    network = load(str(models / target)) if target.endswith(".json") else network_of(target)
    return Freezing(network, train_normalization=train_normalization), choice


@pytest.fixture(scope="module")
def answers(models: Path) -> dict[str, Any]:
    """What the lines of every case do, run in one process."""
    codes = {}
    for case in CASES:
        frozen, choice = freezing(case, models)
        codes[case] = frozen.lines(frozen.border(choice))
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL], input=json.dumps(codes), env=environment, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


@pytest.mark.parametrize("case", CASES)
def test_the_lines_run_and_train_what_is_promised(case: str, answers: dict[str, Any], models: Path) -> None:
    skip_what_keras_leaves_open(case)
    frozen, choice = freezing(case, models)
    border = frozen.border(choice)
    trainable, rest, names, index = answers[case]
    assert (border.trainable, border.frozen, border.index) == (trainable, rest, index)
    assert names == list(model_order(frozen.network.graph, frozen.folders))


@pytest.mark.parametrize(
    ("target", "choice", "name", "index", "cut"),
    [
        ("b0", Choice(start="6a"), "6a", 162, None),
        ("b0", Choice(start="6"), "6a", 162, None),
        ("b0", Choice(start="head"), "Final layers", 234, None),
        ("b0", Choice(last_blocks=2), "6a", 162, None),
        ("b0", Choice(last_blocks=7), "1a", 7, None),
        ("b0", Choice(trainable=2.5e6), "7a", 221, None),
        ("b0", Choice(layers=20), "7a", 221, None),
        ("b0", Choice(start="block6b_bn"), "block6b_bn", 180, "6b"),
        ("b1", Choice(layers=20), "block7b_expand_activation", 323, "7b"),
        ("b7", Choice(layers=20), "block7d_expand_activation", 797, "7d"),
    ],
)
def test_borders(target: str, choice: Choice, name: str, index: int, cut: str | None) -> None:
    border = Freezing(network_of(target)).border(choice)
    assert (border.name, border.index) == (name, index)
    assert {each.place for each in border.cuts} == ({cut} if cut else set())
    assert border.nearest == (cut or name)


def test_the_last_twenty_layers_are_block_7_on_b0_and_a_cut_elsewhere() -> None:
    borders = {f"b{number}": Freezing(network_of(f"b{number}")).border(Choice(layers=20)) for number in range(8)}
    assert [target for target, border in borders.items() if not border.cuts] == ["b0"]
    kinds = [each.kind for each in borders["b1"].cuts]
    assert kinds == ["sub-block", "residual connection"]


def test_what_is_cut_within_its_first_sub_block_has_no_residual_connection() -> None:
    (cut,) = Freezing(network_of("b0")).border(Choice(start="block6a_bn")).cuts
    assert (cut.kind, cut.place, cut.frozen, cut.trained) == ("sub-block", "6a", 5, 9)


@given(st.integers(0, 339))
def test_every_border_divides_the_parameters(at: int) -> None:
    frozen = Freezing(network_of("b1"))
    layer = frozen.sequence[at]
    border = frozen.border(Choice(start=layer.name))
    assert border.trainable + border.frozen == network_of("b1").totals["parameters"]
    assert border.index == at
    assert border.trainable == sum(
        each.trainable_parameters or 0 for each in frozen.sequence[at:] if each.operation != "batch_normalization"
    )
    sub_block = next((each for each in network_of("b1").anatomy.sub_blocks if layer in each.layers), None)
    assert bool(border.cuts) is (sub_block is not None and layer is not sub_block.layers[0])


def test_parts_add_up() -> None:
    parts = Freezing(network_of("b0")).parts
    assert sum(part.parameters for part in parts) == 5_330_571
    assert [part.indices for part in parts[:3]] == [(0, 6), (7, 16), (17, 30)]
    assert parts[0].from_here == sum(part.trainable for part in parts)


@pytest.mark.parametrize("mark", ["/", "."])
@pytest.mark.parametrize(
    ("target", "vocabulary"),
    [
        (FileTarget("mine.onnx"), "onnx"),
        (FileTarget("mine.lite"), "tensorflow lite"),
        (FileTarget("mine.pt2"), "pytorch"),
        (PythonTarget("mine", "module"), "pytorch"),
    ],
)
def test_without_keras_there_are_no_indices(
    target: FileTarget | PythonTarget, vocabulary: Vocabulary, mark: str
) -> None:
    """Names of exported files have strokes that stand for no nested models."""
    graph = rename(graph_of("b1"), {layer.name: f"{layer.name}{mark}x" for layer in graph_of("b1")})
    frozen = Freezing(Network(replace(graph, target=target, vocabulary=vocabulary)))
    border = frozen.border(Choice(start="6a"))
    assert (border.index, frozen.listed, frozen.folders) == (None, None, ())
    assert border.trainable == Freezing(network_of("b1")).border(Choice(start="6a")).trainable
    assert [part.indices for part in frozen.parts] == [None] * len(frozen.parts)
    with pytest.raises(UsageError, match="no lines of Keras make"):
        frozen.lines(border)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (Choice(start="9z"), "there is no '9z' to begin at"),
        (Choice(last_blocks=9), "the last 9 blocks cannot be chosen"),
        (Choice(trainable=10), "even Classifier alone has 1,281,000 trainable parameters"),
        (Choice(layers=300), "the last 300 layers are no border: it lies among 5 to 241"),
    ],
)
def test_borders_that_are_not_there(choice: Choice, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Freezing(network_of("b0")).border(choice)


def test_a_nested_model_is_one_layer(models: Path) -> None:
    graph = load(str(models / "nested.json")).graph
    outer = model_order(graph)
    assert "efficientnetb0" in outer
    assert len(outer) == 6
    assert len(model_order(graph, ["efficientnetb0"])) == len(graph_of("b0")) - 3


def nested(*models: str, steps: int = 1) -> LayerGraph:
    """B0 as a nested model, once by each name, applied to so many steps."""
    graph = graph_of("b0")
    layers: list[Layer] = []
    for model in models:
        named = rename(graph, {layer.name: f"{model}/{layer.name}" for layer in graph})
        layers += [layer._replace(steps=steps) for layer in named]
    return LayerGraph("nested", tuple(layers), target=FileTarget("nested.json"), vocabulary="keras")


@pytest.mark.parametrize(
    ("models", "steps", "holder", "frozen"),
    [
        (("one",), 1, 'model.get_layer("one")', []),
        (("film",), 5, 'model.get_layer("film").layer', []),
        (("outer/inner",), 5, 'model.get_layer("outer").layer.get_layer("inner")', []),
        (("one", "two"), 1, 'model.get_layer("one")', ['model.get_layer("two").trainable = False']),
    ],
)
def test_lines_reach_the_model_of_the_backbone_and_freeze_what_is_beside_it(
    models: tuple[str, ...], steps: int, holder: str, frozen: list[str]
) -> None:
    found = Freezing(Network(nested(*models, steps=steps)))
    border = found.border(Choice(start="6a"))
    lines = found.lines(border).splitlines()
    assert f"backbone = {holder}" in lines
    assert [line for line in lines if line.endswith("trainable = False")] == frozen
    alone = Freezing(network_of("b0"))
    assert border.trainable == alone.border(Choice(start="6a")).trainable
