"""`cost`: how it looks, and that its shares are shares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.analysis.cost import Conditions
from effnet_inspect.choices import OptimizerName
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.cost import cost
from tests.goldens import assert_golden
from tests.graphs import graph_of, network_of

VIEWS: dict[str, Any] = {
    "b0": lambda: cost([network_of("b0")], Conditions(8, memory=11e9)),
    "three": lambda: cost([network_of(target) for target in ("b0", "v2-b0", "lite0")]),
}


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", VIEWS)
def test_how_it_looks(name: str, width: int) -> None:
    text = FORMATS["terminal"].render(VIEWS[name](), Options(width=width)).decode()
    assert_golden(f"cost-{name}-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_a_row_a_model_for_programs() -> None:
    lines = FORMATS["csv"].render(VIEWS["three"]()).decode().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    assert [row["model"] for row in rows] == ["b0", "v2-b0", "lite0"]
    for row in rows:
        assert sum(float(value) for key, value in row.items() if key.endswith("_share")) == pytest.approx(1)


def test_the_data_name_their_conditions() -> None:
    data = cost([network_of("b0")], Conditions(4, "mixed_float16", "rmsprop", 16e9)).data
    assert (data["dtype"], data["optimizer"], data["memory_bytes"]) == ("mixed_float16", "rmsprop", 16_000_000_000)
    (model,) = data["models"]
    assert (model["target"], model["batch"], model["exact"]) == ("b0", 4, True)
    assert model["training"]["largest_batch"] > 100
    assert [part["part"] for part in model["parts"]][:2] == ["Stem", "Block 1"]


def test_frozen_layers_are_said_to_keep_nothing() -> None:
    graph = graph_of("b0")
    layers = tuple(
        layer if layer.name == "predictions" else layer._replace(trainable_parameters=0) for layer in graph.layers
    )
    said = (
        "EfficientNet-B0 has frozen layers: no gradient needs the outputs of 238 layers, which are not kept. Total and "
        "largest batch take the peak, which is more than what is kept."
    )
    assert said in cost([Network(replace(graph, layers=layers, target=None))]).notes
    assert not any("frozen" in note for note in cost([network_of("b0")]).notes)


@pytest.mark.parametrize(
    ("optimizer", "state"),
    [("sgd", "sgd keeps nothing beside"), ("momentum", "momentum keeps a number"), ("adamw", "adamw keeps 2 numbers")],
)
def test_what_an_optimizer_keeps_is_said(optimizer: OptimizerName, state: str) -> None:
    notes = cost([network_of("b0")], Conditions(optimizer=optimizer)).notes
    assert [note for note in notes if note.startswith(state)]
