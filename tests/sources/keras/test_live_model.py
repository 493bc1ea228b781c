"""Live models of people's own classes, read by the layers that they hold."""

from __future__ import annotations

import pytest

from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.codec import decode
from effnet_inspect.structure.identity import sentence
from effnet_inspect.structure.network import Network
from tests.command_line import run_with_keras
from tests.graphs import graph_of
from tests.sources.keras.live_models import NAMES

pytestmark = pytest.mark.one_python


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LayerGraph | str]:
    """Of each model its graph, or why it has none."""
    folder = tmp_path_factory.mktemp("live")
    run_with_keras("tests.sources.keras.live_models", folder)
    found: dict[str, LayerGraph | str] = {}
    for name in NAMES:
        graph = folder / f"{name}.graph"
        found[name] = decode(graph.read_bytes()) if graph.exists() else (folder / f"{name}.error").read_text()
    return found


def graph_in(read: dict[str, LayerGraph | str], name: str) -> LayerGraph:
    graph = read[name]
    assert isinstance(graph, LayerGraph), graph
    return graph


BACKBONE_PARAMETERS = 4049571

SIDES = {"subclassed": (224, 224), "subclassed@64": (64, 64), "open@96x64": (96, 64)}


@pytest.mark.parametrize("name", SIDES)
def test_a_network_inside_is_found(name: str, read: dict[str, LayerGraph | str]) -> None:
    network = Network(graph_in(read, name))
    own = 1280 * 5 + 5 if "subclassed" in name else 0
    assert network.totals["parameters"] == BACKBONE_PARAMETERS + own
    assert (network.anatomy.input_shape or ())[:2] == SIDES[name]
    assert "EfficientNet-B0 up to the " in sentence(network.identity)
    assert not network.totals.total("macs").missing
    assert any("has no graph before it is called" in remark for remark in network.graph.remarks) is bool(own)


def test_a_size_that_is_asked_for_costs_what_it_costs(read: dict[str, LayerGraph | str]) -> None:
    small, large = (Network(graph_in(read, name)).totals["macs"] for name in ("subclassed@64", "subclassed"))
    built = Network(graph_of("b0")).totals["macs"] - 1280 * 1000
    assert large == built + 1280 * 5
    assert small < large / 10


KERNEL = 3 * 3 * 8 * 8
NORMALIZATION = 4 * 8

HELD = {
    "block": (
        2 * (KERNEL + NORMALIZATION),
        ["one/conv2d", "one/batch_normalization", "two/conv2d", "two/batch_normalization"],
    ),
    "nameless in a row": (2 * (KERNEL + NORMALIZATION), None),
    "block of blocks": (2 * (KERNEL + NORMALIZATION), None),
    "hyperparameters": (KERNEL + NORMALIZATION, None),
    "hyperparameters, nested": (KERNEL + NORMALIZATION, None),
}


@pytest.mark.parametrize("name", HELD)
def test_layers_that_hold_layers_are_laid_open(name: str, read: dict[str, LayerGraph | str]) -> None:
    graph = graph_in(read, name)
    parameters, names = HELD[name]
    assert sum(layer.parameters or 0 for layer in graph) == parameters
    assert not [layer for layer in graph if layer.operation == "opaque"]
    convolutions = [layer for layer in graph if layer.operation == "convolution"]
    assert len(convolutions) * KERNEL == sum(layer.parameters or 0 for layer in convolutions)
    assert all(layer.output_shape == (16, 16, 8) for layer in graph)
    if names:
        found = [layer.name for layer in graph if layer.parameters]
        assert [name.rstrip("_0123456789") for name in found] == [name.rstrip("_0123456789") for name in names]


def test_variables_of_two_layers_are_counted_once(read: dict[str, LayerGraph | str]) -> None:
    whole, in_part = (graph_in(read, name) for name in ("tied", "tied in part"))
    assert [(each.parameters, each.shares_weights_with) for each in whole] == [
        (0, None), (KERNEL + 8, None), (0, "one")
    ]  # fmt: skip
    assert "1 of the 3 layers applies another again: 2 are distinct, and weights are counted once." in (
        Network(whole).remarks
    )
    assert [(each.parameters, each.shares_weights_with) for each in in_part] == [
        (0, None), (KERNEL + 8, None), (8, None)
    ]  # fmt: skip
    said = "Some weights of other are those of other layers too, and are counted there only."
    assert (whole.remarks, in_part.remarks) == ((), (said,))


@pytest.mark.parametrize(("name", "parameters"), [("with a weight of its own", 80), ("of numbers", 72)])
def test_what_does_not_leave_all_its_weights_behind_stays_unknown(
    name: str, parameters: int, read: dict[str, LayerGraph | str]
) -> None:
    layer = graph_in(read, name)["own"]
    assert (layer.operation, layer.parameters) == ("opaque", parameters)


GREY = {"grey": (224, 224), "grey@64": (64, 64), "grey of 48": (48, 224), "grey of 48@64": (64, 64)}


@pytest.mark.parametrize("name", GREY)
def test_what_a_model_was_built_for_is_kept(name: str, read: dict[str, LayerGraph | str]) -> None:
    graph = graph_in(read, name)
    assert graph.layers[0].output_shape == (*GREY[name], 1)
    assert sum(layer.parameters or 0 for layer in graph) == 9 * 4 + 4
    assert not any("made its weights" in remark for remark in graph.remarks)


def test_a_call_that_makes_weights_is_said(read: dict[str, LayerGraph | str]) -> None:
    assert any("The call has made its weights" in remark for remark in graph_in(read, "subclassed").remarks)


SAID = {
    "fixed@96": "mine:model takes images of 32×32 and of no other size, so it cannot be read at 96×96",
    "failing": "the model has no graph, and calling Failing leaves none: ",
}


@pytest.mark.parametrize("name", SAID)
def test_what_cannot_be_read_says_why(name: str, read: dict[str, LayerGraph | str]) -> None:
    assert str(read[name]).startswith(SAID[name])
