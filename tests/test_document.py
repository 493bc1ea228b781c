"""Who gets which columns of a document."""

from __future__ import annotations

import pytest

from effnet_inspect.document import Audience, Column, Document, Joint, Row, Table
from effnet_inspect.errors import UnknownChoice, UsageError

COLUMNS = (
    Column("part", "Part"),
    Column("operation", "Operator", "operation", drop_priority=3, audience="people"),
    Column("operator", "Operator", audience="programs"),
    Column("kernel", "Kernel", "size", audience="programs"),
)
STAGES = Table("Stages", COLUMNS, (Row(("Stem", Joint("Conv2D", (3, 3)), "Conv2D", (3, 3))),))
OTHER = Table("Other", (Column("claim", "Claim"),), (Row(("flops",)),))
TIDY = Table("", (Column("source", "source"),), (Row(("paper",)),))


def keys(document: Document) -> list[list[str]]:
    return [[column.key for column in table.columns] for table in document.tables]


@pytest.mark.parametrize(
    ("audience", "asked", "expected"),
    [
        ("people", "", [["part", "operation"], ["claim"]]),
        ("programs", "", [["part", "operator", "kernel"], ["claim"]]),
        ("people", "kernel,part", [["kernel", "part"]]),
        ("programs", "operation,claim", [["operation"], ["claim"]]),
        ("people", "all", [["part", "operation", "operator", "kernel"], ["claim"]]),
    ],
)
def test_columns_by_audience_and_by_name(audience: Audience, asked: str, expected: list[list[str]]) -> None:
    columns = asked.split(",") if asked else ()
    document = Document("", (STAGES, OTHER)).meant_for(audience, columns)
    assert keys(document) == expected
    for table in document.tables:
        assert {len(row.values) for row in table.rows} == {len(table.columns)}


def test_what_is_asked_for_is_never_hidden() -> None:
    (column,) = Document("", (STAGES,)).meant_for("people", ["operation"]).tables[0].columns
    assert (column.drop_priority, column.audience) == (0, "everyone")


def test_programs_get_the_tidy_table_alone() -> None:
    document = Document("", (STAGES, OTHER), tidy=TIDY)
    assert keys(document.meant_for("programs")) == [["source"]]
    assert keys(document.meant_for("people")) == [["part", "operation"], ["claim"]]
    with pytest.raises(UnknownChoice, match=r"unknown column 'claim'\. Choose from: source"):
        document.meant_for("programs", ["claim"])


def test_a_wrong_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownChoice, match=r"unknown column 'kernels', did you mean 'kernel'\? Choose from: part, op"):
        Document("", (STAGES, OTHER)).meant_for("people", ["part", "kernels"])


def test_a_document_without_rows_has_its_columns() -> None:
    document = Document("", tidy=TIDY)
    assert keys(document.meant_for("programs", ["source"])) == [["source"]]
    assert keys(document.meant_for("people", ["source"])) == []
    with pytest.raises(UnknownChoice, match=r"unknown column 'claim'\. Choose from: source"):
        document.meant_for("people", ["claim"])


def test_code_has_no_columns() -> None:
    document = Document("", tidy=TIDY, code="import keras\n")
    assert keys(document.meant_for("programs", ["source"])) == [["source"]]
    for asked in (["source"], ["all"]):
        with pytest.raises(UsageError, match="code has no columns to choose"):
            document.meant_for("people", asked)
