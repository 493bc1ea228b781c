"""Our reading of a configuration against the live model: two ways to every shape and every count."""

from __future__ import annotations

import json
from typing import Any

import pytest

from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.keras.config import read_config
from tests.command_line import run_with_keras
from tests.family import FAMILY
from tests.graphs import graph_of
from tests.sources.keras.small_models import LAYERS, MODELS, OTHER_AXES

pytestmark = pytest.mark.one_python


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What Keras states of each of MODELS, and of models of a single layer."""
    folder = tmp_path_factory.mktemp("keras")
    run_with_keras("tests.sources.keras.small_models", folder)
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in (*MODELS, *LAYERS, *OTHER_AXES)}


def without_shapes(value: Any) -> Any:
    """A configuration in which only the inputs state their shapes."""
    if isinstance(value, dict):
        return {key: None if key == "shape" else without_shapes(inner) for key, inner in value.items()}
    return [without_shapes(inner) for inner in value] if isinstance(value, list) else value


def read_bare(stated: dict[str, Any]) -> LayerGraph:
    return read_config(without_shapes(stated["config"]))


@pytest.mark.parametrize("name", [*MODELS, *LAYERS])
def test_shapes_and_counts_follow_from_the_configuration(name: str, stated: dict[str, dict[str, Any]]) -> None:
    if why := stated[name].get("refused"):
        pytest.skip(f"this Keras makes no such layer: {why}")
    graph = read_bare(stated[name])
    ours = {
        layer.name: {
            "class_name": layer.class_name,
            "parameters": layer.parameters,
            "trainable": layer.trainable_parameters,
            "shape": list(layer.output_shape or ()),
        }
        for layer in graph
    }
    assert ours == stated[name]["layers"]
    assert sum(layer.parameters or 0 for layer in graph) == stated[name]["parameters"]


@pytest.mark.parametrize("name", OTHER_AXES)
def test_a_layer_along_another_axis_is_counted_but_not_taken_for_the_usual_one(
    name: str, stated: dict[str, dict[str, Any]]
) -> None:
    layer = read_bare(stated[name]).layers[-1]
    truth = stated[name]["layers"][layer.name]
    assert layer.operation in ("other_normalization", "rearrangement")
    assert (layer.class_name, layer.parameters) == (truth["class_name"], truth["parameters"])
    assert layer.output_shape == tuple(truth["shape"])


@pytest.mark.parametrize("variant", FAMILY)
def test_a_built_graph_is_what_the_configuration_alone_gives(variant: str, stated: dict[str, dict[str, Any]]) -> None:
    assert graph_of(variant).layers == read_bare(stated[variant]).layers
    assert graph_of(variant).outputs == ("predictions",)
