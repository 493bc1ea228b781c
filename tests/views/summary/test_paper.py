"""The preset `paper`: the published tables of stages, cell by cell."""

from __future__ import annotations

import pytest

from effnet_inspect.catalog.published import PAPER_STAGES, PAPER_V2_STAGES
from effnet_inspect.errors import UsageError
from effnet_inspect.renderers import FORMATS
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.summary.paper import paper_table
from tests.family import FAMILY
from tests.graphs import network_of


def test_b0_is_table_1() -> None:
    table = paper_table(network_of("b0"))
    assert [column.title for column in table.columns] == ["Stage", "Operator", "Resolution", "#Channels", "#Layers"]
    assert [row.values for row in table.rows] == [
        (number, operator, (resolution, resolution), channels, layers)
        for number, (operator, resolution, channels, layers) in enumerate(PAPER_STAGES, start=1)
    ]


def test_v2_s_is_table_4() -> None:
    table = paper_table(network_of("v2-s"))
    assert [column.title for column in table.columns] == ["Stage", "Operator", "Stride", "#Channels", "#Layers"]
    assert [row.values for row in table.rows] == [(number, *printed) for number, printed in enumerate(PAPER_V2_STAGES)]


def test_channels_are_printed_as_in_the_paper() -> None:
    text = FORMATS["terminal"].render(summary(network_of("b0"), SummaryOptions(preset="paper"))).decode()
    assert "9  Conv1x1 & Pooling & FC         7×7       1280        1" in text


@pytest.mark.parametrize("variant", FAMILY)
def test_the_layers_of_the_paper_are_sub_blocks(variant: str) -> None:
    table = paper_table(network_of(variant))
    assert tuple(row.values[-1] for row in table.rows[1:8]) == FAMILY[variant].repeats


@pytest.mark.parametrize("options", [{"level": "layer"}, {"block": 2}, {"fold": True}])
def test_it_is_a_table_of_its_own(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="the preset 'paper' is a table of its own"):
        summary(network_of("b0"), SummaryOptions(preset="paper", **options))  # type: ignore[arg-type]
