"""Tables in a terminal: which columns leave, that nothing is cut, and where colour goes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.document import Column, Document, HeaderField, Row, Table
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.text import named

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

COLUMNS = (
    Column("number", "#", "count"),
    Column("name", "Name"),
    Column("first", "First", "count", drop_priority=2),
    Column("second", "Second", "count", drop_priority=1),
    Column("share", "Share", "share", bars=True),
)


def table(*rows: Row) -> Document:
    return Document("A title", (Table("", COLUMNS, rows),))


TABLE = table(
    Row((1, "one", 10, 1000, 0.25)),
    Row((None, "below", 20, 2000, 0.5), level=1),
    Row((None, "sum", 30, 3000, None), role="total"),
)


def shown(document: Document, width: int | None = None, colour: bool = False) -> str:
    return FORMATS["terminal"].render(document, Options(width=width, colour=colour)).decode()


def test_in_a_pipe_everything_is_there_and_plain() -> None:
    assert shown(TABLE) == (
        "A title\n"
        "\n"
        "#  Name     First  Second  Share\n"
        "────────────────────────────────\n"
        "1  one         10   1,000  25.0%\n"
        "     below     20   2,000  50.0%\n"
        "\n"
        "   sum         30   3,000\n"
    )


@pytest.mark.parametrize(
    ("width", "left", "bars"),
    [
        (200, "", True),
        (44, "", True),
        (43, "", False),
        (28, "", False),
        (27, "First", False),
        (22, "First", False),
        (21, "First, Second", False),
        (15, "First, Second", False),
    ],
)
def test_columns_leave_in_their_order_after_the_bars(width: int, left: str, bars: bool) -> None:
    text = shown(TABLE, width)
    assert ("█" in text) is bars
    words = " ".join(text.split())
    assert (f"Left out to fit: {left};" in words) if left else ("Left out" not in words)


def test_bars_are_as_long_as_their_shares() -> None:
    lines = shown(TABLE, 200).splitlines()
    assert [line.count("█") for line in lines if "%" in line] == [5, 10]


@pytest.mark.parametrize(
    ("shares", "lengths"), [((-0.5, -0.25), [0, 0]), ((-2.0, 0.5, 0.25), [0, 10, 5]), ((0.0,), [0])]
)
def test_what_is_less_than_nothing_has_no_bar(shares: tuple[float, ...], lengths: list[int]) -> None:
    rows = table(*(Row((1, "one", 10, 1000, share)) for share in shares))
    assert [line.count("█") for line in shown(rows, 200).splitlines() if "%" in line] == lengths


def test_colour_changes_nothing_but_the_colour() -> None:
    marked = table(Row((1, "one", 10, 1000, 0.25), marked=frozenset({"first"})), Row((2, "two", 3, 4, 0.1)))
    plain, coloured = shown(marked, 100), shown(marked, 100, colour=True)
    assert "\x1b" not in plain
    assert "\x1b" in coloured
    assert [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()] == plain.splitlines()
    assert re.search(r"\x1b\[[0-9;]+m•10\x1b\[0m", coloured)


names = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=12).map(named)


@given(
    rows=st.lists(
        st.tuples(st.none() | st.integers(0, 99), names, st.integers(0, 10**9), st.integers(0, 10**9)), max_size=8
    ),
    width=st.none() | st.integers(20, 120),
)
def test_no_cell_is_ever_cut(rows: list[tuple[int | None, str, int, int]], width: int | None) -> None:
    document = table(*(Row((*row, 0.5)) for row in rows))
    text = shown(document, width)
    for number, name, first, second in rows:
        assert name in text
        assert number is None or str(number) in text
        assert f"{first:,}" in text or "First" in text.partition("Left out")[2]
        assert f"{second:,}" in text or "Second" in text.partition("Left out")[2]


def test_wide_characters_keep_the_columns_straight() -> None:
    lines = shown(table(Row((1, "卷积", 1, 1, 0.5)), Row((2, "conv", 1, 1, 0.5)))).splitlines()[-2:]
    assert lines[0].index("1", 5) + 2 == lines[1].index("1", 5)


def test_markup_in_names_is_shown_as_it_is() -> None:
    assert "[bold]:smile:[/]" in shown(table(Row((1, "[bold]:smile:[/]", 1, 1, 0.5))), 100, colour=True)


def test_short_titles_stand_directly_above_their_cells() -> None:
    columns = (Column("part", "Part"), Column("sub_blocks", "Sub-blocks", "count"), Column("macs", "MACs", "count"))
    document = Document("", (Table("", columns, (Row(("Block 1", 2, 10)),)),))
    assert shown(document, 21).splitlines() == [
        "",
        "           Sub-",
        "Part     blocks  MACs",
        "─────────────────────",
        "Block 1       2    10",
    ]


def test_only_columns_that_are_shown_are_explained() -> None:
    columns = (
        Column("part", "Part", note="Part: of a network."),
        Column("field", "Local RF", "count", drop_priority=9, note="Local RF: in pixels."),
    )
    document = Document("", (Table("", columns, (Row(("Block 1", 1000000)),)),))
    assert "Part: of a network. Local RF: in pixels." in shown(document)
    assert "Local RF:" not in " ".join(shown(document, 12).split())
    assert "Part: of a network." in " ".join(shown(document, 12).split())


def test_lead_facts_captions_and_notes() -> None:
    document = Document(
        "Title",
        (Table("Its title", COLUMNS, (), notes=("A note of the table.",), caption="Its caption"),),
        header=(HeaderField("layers", 1234, "count", "a remark"), HeaderField("", "alone")),
        lead="The answer.",
        notes=("A last note.",),
    )
    assert shown(document) == (
        "Title\nThe answer.\n1,234 layers (a remark) · alone\n\nIts title\nIts caption\n"
        "#  Name  First  Second  Share\n─────────────────────────────\nA note of the table.\n\nA last note.\n"
    )


@pytest.mark.parametrize("width", [20, 40, 80])
def test_facts_are_not_broken_inside(width: int) -> None:
    facts = tuple(HeaderField("layers", number, "count") for number in range(10, 16))
    lines = shown(Document("", header=facts), width).splitlines()
    assert sum(line.count("layers") for line in lines) == 6
    assert all(line[0].isdigit() for line in lines if line)
    assert max(map(len, lines)) <= width
