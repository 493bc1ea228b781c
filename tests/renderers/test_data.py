"""CSV and JSON: exact numbers, one row a row."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pandas
import pytest

from effnet_inspect.choices import LEVELS, Level
from effnet_inspect.claims import check_all, choose, targets_of
from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.renderers import FORMATS
from effnet_inspect.renderers.data import FORMULAS
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.verify import claims_overview
from tests.family import FAMILY
from tests.graphs import measures_of, network_of


def read(document: Document) -> list[list[str]]:
    return list(csv.reader(io.StringIO(FORMATS["csv"].render(document).decode(), newline="")))


def test_values_are_exact() -> None:
    columns = tuple(Column(kind, kind, kind) for kind in ("count", "quantity", "share", "size", "flag", "text"))
    rows = (
        Row((1234567, 37_745_884_192, 1 / 3, (7, 7, None), True, 'a "b", c')),
        Row((None, None, None, None, False, "line\nbreak")),
    )
    assert read(Document("", (Table("", columns, rows),))) == [
        ["count", "quantity", "share", "size", "flag", "text"],
        ["1234567", "37745884192", repr(1 / 3), "7x7x?", "yes", 'a "b", c'],
        ["", "", "", "", "no", "line\N{REPLACEMENT CHARACTER}break"],
    ]


def frame(document: Document) -> Any:
    return pandas.read_csv(io.BytesIO(FORMATS["csv"].render(document)))


@pytest.mark.parametrize("variant", ["b0", "b7"])
@pytest.mark.parametrize("level", LEVELS)
def test_the_rows_of_each_level_of_a_summary_add_up_to_its_total(variant: str, level: Level) -> None:
    read_back = frame(summary(network_of(variant), SummaryOptions(level)))
    shown = LEVELS[: LEVELS.index(level) + 1]
    assert set(read_back.level) == {*shown, "total"}
    totals = measures_of(variant).totals()
    for each in (*shown, "total"):
        rows = read_back[read_back.level == each]
        assert rows.parameters.sum() == FAMILY[variant].parameters[0]
        assert rows.macs.sum() == totals["macs"]
    assert (read_back.level == "total").sum() == 1
    deepest = read_back[read_back.level == level]
    assert dict(deepest.groupby("within").macs.sum()) == {
        stage.title: measures_of(variant).totals(stage.layers)["macs"] for stage in network_of(variant).anatomy.stages
    }


def test_a_comparison_is_one_tidy_table() -> None:
    networks = [network_of(each) for each in ("b0", "b1", "v2-b0")]
    long = frame(compare(networks))
    assert list(long.columns) == ["level", "aspect", "stage", "part", "model", "value"]
    parts = long[(long.aspect == "parameters") & (long.level == "part")]
    assert dict(parts.value.astype(float).groupby(parts.model).sum()) == {
        network.key: network.totals["parameters"] for network in networks
    }
    wide = frame(compare(networks, CompareOptions(["macs"])))
    assert list(wide.columns) == ["level", "stage", "part", "b0", "b1", "v2-b0", "ratio"]
    assert wide[wide.level == "part"].b1.sum() == networks[1].totals["macs"]


def test_claims_are_one_tidy_table() -> None:
    claims = choose()
    checked = check_all(claims, [network_of(target) for target in targets_of(claims)])
    read_back = frame(claims_overview(checked))
    assert list(read_back.columns) == ["source", "claim", "verdict", "expected", "found", "place"]
    assert len(read_back) == len(checked)
    assert read_back.claim.is_unique


def test_json_is_the_data_alone() -> None:
    document = Document("", data={"ü": [1, None, 0.1]})
    text = FORMATS["json"].render(document).decode()
    assert json.loads(text) == {"ü": [1, None, 0.1]}
    assert "ü" in text
    with pytest.raises(ValueError, match="not JSON compliant"):
        FORMATS["json"].render(Document("", data={"x": float("nan")}))


@pytest.mark.parametrize("blanks", ["", " ", "\u00a0", "   "])
@pytest.mark.parametrize("sign", FORMULAS)
def test_blanks_do_not_hide_a_formula(sign: str, blanks: str) -> None:
    document = Document("", (Table("", (Column("name", "Name"),), (Row((f"{blanks}{sign}1+1",)),)),))
    assert read(document)[1] == [f"'{blanks}{sign}1+1"]
