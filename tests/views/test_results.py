"""The table of results: the paper's networks from their graphs, its peers as published, and which is which."""

from __future__ import annotations

from itertools import pairwise

import pytest

from effnet_inspect.catalog.published import FAMILY, PAPER_FLOPS, PAPER_PEERS
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.results import results
from effnet_inspect.views.variants import Limits
from tests.graphs import network_of


def networks() -> list[Network]:
    return [network_of(target) for target in FAMILY]


def test_each_network_stands_before_its_peers() -> None:
    rows = results([*networks(), network_of("v2-s")]).data["results"]
    assert [row["model"] for row in rows if row["sizes"] == "counted"] == [f"EfficientNet-B{n}" for n in range(8)]
    assert [row["model"] for row in rows if row["sizes"] == "published"] == list(PAPER_PEERS)
    for before, row in pairwise(rows):
        assert row["sizes"] == "counted" or row["beside"] == before["beside"]


# As the paper prints them in its table 2; its own sizes are rounded before they are divided.
RATIOS = {"ResNet-50": (4.9, 11), "Xception": (3.0, 12), "PolyNet": (7.7, 19), "SENet": (7.7, 10), "GPipe": (8.4, None)}


@pytest.mark.parametrize("model", RATIOS)
def test_ratios_are_the_paper_s(model: str) -> None:
    (row,) = (row for row in results(networks()).data["results"] if row["model"] == model)
    parameters, macs = RATIOS[model]
    assert row["parameters_ratio"] == pytest.approx(parameters, rel=0.04)
    assert row["macs_ratio"] == (macs and pytest.approx(macs, rel=0.06))


def test_sizes_are_counted_and_both_editions_are_there() -> None:
    rows = {row["beside"]: row for row in results(networks()).data["results"] if row["sizes"] == "counted"}
    assert rows["b3"]["parameters"] == 12_320_535
    assert (rows["b0"]["top1"], rows["b0"]["earlier_top1"], rows["b0"]["earlier_top5"]) == (77.1, 76.3, 93.2)
    for target, printed in PAPER_FLOPS.items():
        assert rows[target]["macs"] == pytest.approx(float(printed) * 1e9, rel=0.06)


def test_people_see_what_is_published_and_how_exact_it_is() -> None:
    text = FORMATS["terminal"].render(results(networks()), Options()).decode()
    (line,) = (line for line in text.splitlines() if "DenseNet-169" in line)
    assert line.startswith("  DenseNet-169")
    assert line.split()[-6:] == ["14", "M", "×2.63", "3.5", "G", "×9.07", "published"][-6:]
    assert "5.331 M" in text
    csv = FORMATS["csv"].render(results(networks())).decode()
    assert "DenseNet-169,0.762,0.932,,,14000000,2.626,3500000000,9.072,published" in csv


def test_limits_leave_networks_out_with_their_peers() -> None:
    document = results(networks(), Limits(parameters=8e6))
    assert document.lead == "2 of the 8 networks fit."
    assert {row["beside"] for row in document.data["results"]} == {"b0", "b1"}
    assert results(networks(), Limits(parameters=1)).lead == "None of the 8 networks fits."
