"""CSV and JSON: exact numbers, one row a row."""

from __future__ import annotations

import csv
import io
import json

import pytest

from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.renderers import FORMATS
from effnet_inspect.views.summary import summary
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


@pytest.mark.parametrize("variant", ["b0", "b7"])
def test_a_summary_read_back(variant: str) -> None:
    head, *rows = read(summary(network_of(variant)))
    total = dict(zip(head, rows[-1], strict=True))
    assert int(total["parameters"]) == FAMILY[variant].parameters[0]
    assert int(total["macs"]) == measures_of(variant).totals()["macs"]
    assert sum(int(dict(zip(head, row, strict=True))["macs"]) for row in rows[:-1]) == int(total["macs"])


def test_json_is_the_data_alone() -> None:
    document = Document("", data={"ü": [1, None, 0.1]})
    text = FORMATS["json"].render(document).decode()
    assert json.loads(text) == {"ü": [1, None, 0.1]}
    assert "ü" in text
    with pytest.raises(ValueError, match="not JSON compliant"):
        FORMATS["json"].render(Document("", data={"x": float("nan")}))
