"""The lines that build feature extractors: those of Keras are run, and give the shapes that are promised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from effnet_inspect.analysis.extractors import extractor_lines, timm_name
from effnet_inspect.analysis.taps import find_taps
from effnet_inspect.catalog.targets import FileTarget, PythonTarget
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.choices import FrameworkName, TapStyle
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Vocabulary
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.analysis.conftest import skip_what_keras_leaves_open
from tests.graphs import network_of, rename

pytestmark = pytest.mark.one_python

RUN_ALL = """
import contextlib, json, sys
import keras

for name, code in json.load(sys.stdin).items():
    # Weights are only there for whole files.
    scope = contextlib.nullcontext() if "load_model" in code else keras.StatelessScope(initialize_variables=False)
    with scope:
        names = {}
        try:
            exec(code, names)
            shapes = {level: list(output.shape[1:]) for level, output in names["features"].output.items()}
        except Exception as error:
            shapes = repr(error)
        print(json.dumps([name, shapes]))
"""

NAMED: dict[str, Callable[[Path], Network]] = {
    "b0": lambda models: network_of("b0"),
    "b0@448": lambda models: network_of("b0@448"),
    "v2-b0": lambda models: network_of("v2-b0"),
    "in code": lambda models: in_code(models),
    **{
        file: lambda models, file=file: load(str(models / file))  # type: ignore[misc]
        for file in (
            *("nested.keras", "nested.json", "nested-twice.json", "sequential.json", "preprocessed.json"),
            *("unet.json", "renamed.json", "resnet50.json", "two-backbones.json"),
        )
    },
}

CASES: dict[str, tuple[str, TapStyle]] = {
    **{f"{name} fpn": (name, "fpn") for name in NAMED},
    **{f"{name} unet": (name, "unet") for name in NAMED if name != "resnet50.json"},
}


def in_code(models: Path) -> Network:
    graph = load(str(models / "nested.json")).graph
    return Network(replace(graph, target=PythonTarget("tests.sources.models", "nested")))


def code_of(network: Network, style: TapStyle, framework: FrameworkName | None = None) -> str:
    return extractor_lines(network, find_taps(network).levels, style, framework)


@pytest.fixture(scope="module")
def answers(models: Path) -> dict[str, dict[str, list[int]]]:
    """The shapes that the lines of every case give, run in one process."""
    codes = {name: code_of(NAMED[case](models), style) for name, (case, style) in CASES.items()}
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", RUN_ALL]
    done = subprocess.run(command, input=json.dumps(codes), env=environment, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


@pytest.mark.parametrize("name", CASES)
def test_the_lines_run_and_give_the_shapes_promised(
    name: str, answers: dict[str, dict[str, list[int]]], models: Path
) -> None:
    skip_what_keras_leaves_open(name)
    case, style = CASES[name]
    promised = {
        level.name: list(layer.output_shape or ())
        for level in find_taps(NAMED[case](models)).levels
        if (layer := level.layer_in(style))
    }
    assert promised
    assert answers[name] == promised


@pytest.mark.parametrize(
    ("target", "style", "framework", "lines"),
    [
        ("lite0", "fpn", None, ['timm.create_model("tf_efficientnet_lite0", features_only=True, out_indices=(0, 1, 2']),
        ("v2-s", "fpn", "timm", ['"tf_efficientnetv2_s"']),
        ("b0", "fpn", "torchvision", ['"features.2": "P2"', '"features.5": "P4"', '"features.7": "P5"']),
        ("b0", "unet", "torchvision", ['"features.6.0.block.0": "P4"', '"features.8": "P5"']),
        ("v2-s", "unet", "torchvision", ["# No expanded activation at P1 and P2.", '"features.4.0.block.0": "P3"']),
    ],
)
def test_lines_of_other_frameworks(
    target: str, style: TapStyle, framework: FrameworkName | None, lines: list[str]
) -> None:
    code = code_of(network_of(target), style, framework)
    compile(code, target, "exec")
    for line in lines:
        assert line in code


@pytest.mark.parametrize(
    ("key", "name"),
    [("b8", "tf_efficientnet_b8"), ("v2-xl", "tf_efficientnetv2_xl"), ("es", "efficientnet_es")],
)
def test_names_of_timm(key: str, name: str) -> None:
    assert timm_name(VARIANTS[key]) == name


@pytest.mark.parametrize(
    ("target", "style", "framework", "says"),
    [
        ("b0", "unet", "timm", "timm's features are the outputs of blocks"),
        ("v2-b0", "fpn", "torchvision", "torchvision has no EfficientNetV2-B0"),
        ("lite0", "fpn", "keras", "no lines of Keras make EfficientNet-Lite0"),
    ],
)
def test_what_there_is_no_code_for(target: str, style: TapStyle, framework: FrameworkName, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        code_of(network_of(target), style, framework)


def test_a_file_has_no_name_elsewhere(models: Path) -> None:
    with pytest.raises(UsageError, match=r"lines of timm are written for variants by their names; nested\.json is"):
        code_of(load(str(models / "nested.json")), "fpn", "timm")


@pytest.mark.parametrize(
    ("target", "vocabulary"),
    [(FileTarget("mine.tflite"), "tensorflow lite"), (PythonTarget("mine", "module"), "pytorch")],
)
@pytest.mark.parametrize("mark", ["/", "."])
def test_what_is_not_in_keras_has_no_code_whatever_its_names_are(
    target: FileTarget | PythonTarget, vocabulary: Vocabulary, mark: str
) -> None:
    graph = rename(network_of("b0").graph, {layer.name: f"{layer.name}{mark}x" for layer in network_of("b0").graph})
    network = Network(replace(graph, target=target, vocabulary=vocabulary))
    with pytest.raises(UsageError, match="no lines of Keras make"):
        code_of(network, "fpn")
