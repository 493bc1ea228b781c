"""Markdown and HTML: well-formed, complete, and safe for any name."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from effnet_inspect.choices import TABLE_FORMATS, FormatName, Level
from effnet_inspect.document import Column, Document, HeaderField, Row, Table
from effnet_inspect.renderers import FORMATS
from effnet_inspect.views.summary import SummaryOptions, summary
from tests.graphs import network_of

NASTY = r"a|b <script>&amp; _x_ 50% $5 #1 {y} ~ ^ \z"

COLUMNS = (Column("number", "#", "count"), Column("name", "Name"), Column("share", "Share", "share"))
DOCUMENT = Document(
    "Title",
    (
        Table(
            "Its title",
            COLUMNS,
            (
                Row((1, NASTY, 0.25), marked=frozenset({"share"})),
                Row((None, "below", 0.5), level=1),
                Row((None, "sum", None), role="total"),
            ),
            notes=("A note.",),
            caption="Its caption",
        ),
    ),
    header=(HeaderField("layers", 1234, "count", "a remark"),),
    lead="The answer.",
    notes=("A last note.",),
)


def rendered(name: FormatName, document: Document = DOCUMENT) -> str:
    return FORMATS[name].render(document).decode()


def test_markdown() -> None:
    assert rendered("markdown") == (
        "## Title\n\nThe answer.\n\n**1,234** layers (a remark)\n\n### Its title\n\nIts caption\n\n"
        "| # | Name | Share |\n| ---: | :--- | ---: |\n"
        r"| 1 | a\|b &lt;script&gt;&amp;amp; \_x\_ 50% \$5 #1 {y} \~ ^ \\z | **25.0%** |"
        "\n"
        "|  | &emsp;below | 50.0% |\n|  | **sum** |  |\n\n*A note.*\n\n*A last note.*\n"
    )


class Page(HTMLParser):
    """Checks nesting and collects the table's cells."""

    VOID = frozenset({"meta", "br", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for key, value in attributes if key in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def parsed(document: Document) -> Page:
    page = Page()
    page.feed(rendered("html", document))
    page.close()
    assert page.open == []
    return page


def test_html() -> None:
    page = parsed(DOCUMENT)
    assert page.rows[:2] == [["#", "Name", "Share"], ["1", NASTY, "25.0%"]]
    assert page.references == []
    assert "<script>" not in rendered("html")


@pytest.mark.parametrize("level", ["block", "module"])
def test_a_whole_summary(level: Level) -> None:
    document = summary(network_of("b0"), SummaryOptions(level, fold=True))
    table = document.meant_for("people").tables[0]
    page = parsed(document)
    assert len(page.rows) == 1 + len(table.rows)
    assert {len(row) for row in page.rows} == {len(table.columns)}
    markdown = [line for line in rendered("markdown", document).splitlines() if line.startswith("|")]
    assert len(markdown) == 2 + len(table.rows)
    assert len({line.count("|") for line in markdown}) == 1


def test_markdown_has_the_columns_that_fit_a_page_and_says_what_is_left_out() -> None:
    text = rendered("markdown", summary(network_of("b7")))
    assert "| # | Part | Operator | Input → output | Channels | Sub-blocks | Parameters | MACs |" in text
    assert (
        "*Left out to fit: Stride, SE width, Layers, Share, Activations, Local RF; --columns chooses others.*" in text
    )
    assert "Local RF: " not in text


def test_html_has_every_column_in_a_frame_that_scrolls() -> None:
    text = rendered("html", summary(network_of("b7")))
    assert ".table { overflow-x: auto" in text
    assert text.count('<div class="table"><table>') == text.count("</table></div>") == 1
    assert ">Local RF</th>" in text
    assert '<td class="number">66,658,687</td>' in text


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_lines_end_as_in_a_text_file(name: FormatName) -> None:
    content = FORMATS[name].render(summary(network_of("b0"), SummaryOptions("layer")))
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")


@pytest.mark.parametrize(
    ("title", "keep_end", "expected"),
    [("Channels", False, []), ("Layer", True, ["name"]), (f"{'models_of_november_' * 4}.keras", False, ["name"])],
)
def test_long_names_give_way_and_other_titles_do_not(title: str, keep_end: bool, expected: list[str]) -> None:
    """A title of whole words is not broken within them; a name may be broken anywhere."""
    document = Document("", (Table("", (Column("key", title, keep_end=keep_end),), (Row(("a",)),)),))
    page = FORMATS["html"].render(document).decode()
    assert re.findall(r'<th class="([^"]*)">', page) == expected
    assert re.findall(r'<td class="([^"]*)">', page) == expected


def test_a_table_of_many_columns_is_set_smaller() -> None:
    wide, usual = (
        FORMATS["html"].render(summary(network_of("b0"), SummaryOptions(level))).decode()
        for level in ("sub-block", "block")
    )
    assert '<table class="dense">' in wide
    assert '<table class="dense">' not in usual
