"""What all formats make of the same table: its columns go on below, its rows fold, or nothing of it is left out."""

from __future__ import annotations

import re

import pytest

from effnet_inspect.choices import FormatName
from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.renderers import FORMATS, Options

COLUMNS = (
    Column("number", "#", "count", drop_priority=1),
    Column("name", "Name"),
    *(Column(key, key.upper(), "per_row", paginate=True) for key in ("aa", "bb", "cc", "dd")),
)

ROWS = (
    Row((1, "Side", 10, 10, 10, 10), kind="size", collapse=True),
    Row((2, "Weight", 1000, 2000, 1000, 1_000_000), kind="quantity", marked=frozenset({"bb", "dd"})),
    Row((3, "Word", "x|y", "x|y", "x|y", "x|y"), kind="text", collapse=True),
    Row((None, "Total", 1.0, 2.0, 1.0, None), kind="ratio", role="total"),
)

ALL_FOLDED = Table("Alike", COLUMNS, (ROWS[0], ROWS[2]), collapsed_label="The same in all")


def rendered(form: FormatName, rows: tuple[Row, ...] = ROWS, width: int | None = None, colour: bool = False) -> str:
    table = Table("Things", COLUMNS, rows, collapsed_label="The same in all")
    return FORMATS[form].render(Document("Title", (table,)), Options(width=width, colour=colour)).decode()


WIDE = """\
Title

Things
#  Name         AA        BB       CC        DD
───────────────────────────────────────────────
2  Weight  1.000 k  •2.000 k  1.000 k  •1.000 M

   Total     ×1.00     ×2.00    ×1.00
The same in all: Side = 10 · Word = x|y
"""

NARROW = """\
Title

Things
#  Name         AA        BB
────────────────────────────
2  Weight  1.000 k  •2.000 k

   Total     ×1.00     ×2.00

#  Name         CC        DD
────────────────────────────
2  Weight  1.000 k  •1.000 M

   Total     ×1.00
The same in all: Side = 10
Word = x|y
"""


@pytest.mark.parametrize(("width", "expected"), [(None, WIDE), (47, WIDE), (46, None), (28, NARROW)])
def test_terminal(width: int | None, expected: str | None) -> None:
    shown = rendered("terminal", width=width)
    if expected is not None:
        assert shown == expected
    assert max(map(len, shown.splitlines())) <= (width or 80)


def test_groups_are_evenly_filled() -> None:
    heads = [line for line in rendered("terminal", width=46).splitlines() if line.startswith("#")]
    assert [line.split()[2:] for line in heads] == [["AA", "BB"], ["CC", "DD"]]


def test_one_column_too_wide_stands_alone() -> None:
    heads = [line for line in rendered("terminal", width=10).splitlines() if "Name" in line]
    assert len(heads) == 4


def test_marks_are_seen_with_and_without_colour() -> None:
    assert rendered("terminal").count("•") == 2
    assert rendered("terminal", width=80, colour=True).count("•") == 2
    assert "\x1b[1;35m•2.000 k\x1b[0m" in rendered("terminal", width=80, colour=True)


def test_a_table_of_folded_rows_alone_has_no_head() -> None:
    document = Document("", (ALL_FOLDED,))
    forms: tuple[FormatName, ...] = ("terminal", "markdown", "html")
    for form in forms:
        content = FORMATS[form].render(document).decode()
        assert "The same in all: Side = 10" in content
        assert "Name" not in content


def test_markdown_and_html_fold() -> None:
    forms: tuple[FormatName, ...] = ("markdown", "html")
    for form in forms:
        content = rendered(form)
        assert content.replace("\\", "").count("The same in all: Side = 10 · Word = x|y") == 1
        assert len(re.findall("Weight", content)) == 1


@pytest.mark.parametrize(("form", "row"), [("csv", "1,Side,10,10,10,10"), ("latex", "1 & Side & 10 & 10 & 10 & 10")])
def test_what_is_read_by_programs_has_every_row(form: FormatName, row: str) -> None:
    assert row in rendered(form)
    assert "The same" not in rendered(form)
