"""To add a measure is to add a row: it arrives in JSON, comparisons, tables and tooltips, and on the command line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from effnet_inspect.graph import Layer, elements
from effnet_inspect.renderers import FORMATS
from effnet_inspect.structure import measures
from effnet_inspect.structure.measures import Measure, Measures, Place
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.compare.figures import figure
from effnet_inspect.views.diagram import diagram
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.variants import variants
from tests.graphs import graph_of

KEY = "convolution_activations"
COUNTED = ("convolution", "depthwise_convolution", "dense")

MILLIONS = {"b0": 6.748, "b3": 23.83}
"""As timm counts activations, in millions: elements of the outputs of convolutions and dense layers alone."""


def count(layer: Layer, measures: Measures) -> int | None:
    return elements(layer.output_shape) if layer.operation in COUNTED else 0


def row(*places: Place) -> Measure:
    return Measure(
        KEY,
        "Convolution activations",
        "count",
        count,
        "sum",
        "Convolution activations: elements of the outputs of convolutions and dense layers.",
        has_share=True,
        shown_in=frozenset(places),
    )


def added(monkeypatch: pytest.MonkeyPatch, *places: Place) -> None:
    monkeypatch.setitem(measures.MEASURES, KEY, row(*places))


@pytest.mark.parametrize("target", MILLIONS)
def test_json_has_it_of_the_model_and_of_every_part(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    added(monkeypatch)
    data = summary(Network(graph_of(target))).data
    assert round(data["model"][KEY] / 1e6, 3 if target == "b0" else 2) == MILLIONS[target]
    parts = [data["stem"], *data["blocks"], data["head"], data["classifier"]]
    assert sum(part[KEY] for part in parts) == data["model"][KEY]
    for block in data["blocks"]:
        assert sum(sub_block[KEY] for sub_block in block["sub_blocks"]) == block[KEY]
    assert data["classifier"][KEY] == 1000
    (entry,) = variants([Network(graph_of(target))]).data["variants"]
    assert entry[KEY] == data["model"][KEY]


def test_comparisons_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    added(monkeypatch, "comparison")
    networks = [Network(graph_of(target)) for target in MILLIONS]
    aspect = compare(networks, CompareOptions(["convolution-activations"])).data["aspects"]["convolution-activations"]
    assert aspect["total"] == [6_748_036, 23_831_296]
    assert [sum(row["values"][index] for row in aspect["rows"]) for index in (0, 1)] == aspect["total"]


@pytest.mark.parametrize("place", ["table", "tooltip", "headline"])
def test_it_is_shown_where_its_row_says(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    added(monkeypatch, place)
    network = Network(graph_of("b0"))
    in_table = [column.title for column in summary(network).tables[0].columns]
    in_layers = [column.key for column in summary(network, SummaryOptions("layer")).tables[0].columns]
    in_variants = [column.key for column in variants([network]).tables[0].columns]
    # 112×112 of 32 channels, 8 and 32 of squeeze-excite, 112×112 of 16 channels
    tooltips = {box.key: box.tooltip for box in diagram(network).boxes}
    bars = {box.key for box in figure([network], "growth").boxes}
    assert ("Convolution activations" in in_table) is (place == "table")
    assert (KEY in in_layers) is (place == "table")
    assert ("602,152 convolution activations" in tooltips["1a"]) is (place == "tooltip")
    assert (KEY in in_variants) is (f"0 {KEY}" in bars) is (place == "headline")


def test_its_convention_stands_under_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    added(monkeypatch, "table")
    text = FORMATS["terminal"].render(summary(Network(graph_of("b0")))).decode()
    assert "Convolution activations: elements of the outputs of convolutions and dense layers." in text


COMMAND = """
import sys
from effnet_inspect.structure.measures import MEASURES
from tests.views.test_added_measure import KEY, row
MEASURES[KEY] = row("comparison")
from effnet_inspect.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "arguments", [("compare", "b0", "b3", "--by", "convolution-activations", "-f", "json"), ("compare", "--help")]
)
def test_the_command_takes_it(arguments: tuple[str, ...]) -> None:
    for target in MILLIONS:
        graph_of(target)
    done = subprocess.run([sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    if "--help" in arguments:
        assert "convolution-activations" in done.stdout
    else:
        assert [*json.loads(done.stdout)["aspects"]] == ["convolution-activations"]
