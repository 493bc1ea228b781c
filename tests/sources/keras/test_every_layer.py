"""Every class of `keras.layers` is counted as Keras counts it, or is said to be unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from effnet_inspect.graph import Layer
from effnet_inspect.sources.keras.config import read_config
from effnet_inspect.structure.measures import Measures
from tests.command_line import run_with_keras
from tests.sources.keras.every_layer import NETWORKS
from tests.sources.keras.layer_cases import CASES, EXACT, EXCEPTED, UNKNOWN

pytestmark = pytest.mark.one_python

COMPLETE_SINCE = (3, 15)
"""The release of Keras that makes every layer of the table."""


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Keras states of each of CASES, and the names in `keras.layers`."""
    file = tmp_path_factory.mktemp("layers") / "stated.json"
    run_with_keras("tests.sources.keras.every_layer", file)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def read(stated: dict[str, Any], title: str) -> tuple[dict[str, Any], Layer, int | None]:
    """What Keras states of the layer of a case, how it is read, and its MACs."""
    truth = stated["cases"][title]
    if "refused" in truth:
        release = tuple(int(part) for part in stated["version"].split(".")[:2])
        assert release < COMPLETE_SINCE, truth["refused"]
        pytest.skip(f"this Keras makes no such layer: {truth['refused']}")
    graph = read_config(truth["config"])
    layer = graph[truth["name"]]
    return truth, layer, Measures(graph).of(layer, "macs")


@pytest.mark.parametrize("title", [case.title for case in EXACT])
def test_a_layer_is_counted_as_keras_counts_it(title: str, stated: dict[str, Any]) -> None:
    """Keras leaves some sizes open that can be told."""
    truth, layer, macs = read(stated, title)
    shape = tuple(truth["shape"])
    if CASES[title].arguments.get("data_format") == "channels_first" and len(shape) == 3:
        shape = (*shape[1:], shape[0])
    assert len(layer.output_shape or ()) == len(shape)
    told = tuple(None if size is None else ours for ours, size in zip(layer.output_shape or (), shape, strict=True))
    ours = (told, layer.parameters, layer.trainable_parameters, macs)
    assert ours == (shape, truth["parameters"], truth["trainable"], CASES[title].macs)
    assert layer.operation != "opaque"


@pytest.mark.parametrize("title", [case.title for case in UNKNOWN])
def test_what_is_not_known_of_a_layer_is_not_guessed_at(title: str, stated: dict[str, Any]) -> None:
    truth, layer, macs = read(stated, title)
    assert layer.output_shape in (None, tuple(truth["shape"]))
    assert layer.parameters in (None, truth["parameters"])
    assert layer.trainable_parameters in (None, truth["trainable"])
    assert macs == CASES[title].macs
    assert None in (layer.output_shape, layer.parameters, macs)


def test_no_class_of_keras_is_forgotten(stated: dict[str, Any]) -> None:
    tried = {case.class_name for case in CASES.values()} | set(EXCEPTED)
    assert {name: of for name, of in stated["classes"].items() if name not in tried and of not in tried} == {}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_of_separable_convolutions_are_exact(name: str, stated: dict[str, Any]) -> None:
    truth = stated["networks"][name]
    totals = Measures(read_config(truth["config"])).totals()
    assert (totals.exact("parameters"), totals.exact("macs")) == (truth["parameters"], truth["macs"])
