"""Markdown, HTML and LaTeX: well-formed, complete, and safe for any name."""

from __future__ import annotations

import re
from dataclasses import replace
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


def test_latex() -> None:
    text = rendered("latex")
    shown = r"a\textbar{}b \textless{}script\textgreater{}\&amp; \_x\_"
    assert shown + r" 50\% \$5 \#1 \{y\} \textasciitilde{} \textasciicircum{} \textbackslash{}z" in text
    assert r"\hspace{1em}below" in text
    assert r"\textbf{25.0\%}" in text


def test_latex_has_the_notes_under_their_table() -> None:
    table = replace(DOCUMENT.tables[0], notes=("100% of it & more cannot be told.",))
    text = rendered("latex", replace(DOCUMENT, tables=(table,), notes=("A last_note.",)))
    lines = [line.strip() for line in text.splitlines()]
    under = lines[lines.index(r"\end{tabular}}") + 1 : lines.index(r"\end{table}")]
    assert under == [
        r"\par\smallskip{\footnotesize Its caption\par}",
        r"\par\smallskip{\footnotesize 100\% of it \& more cannot be told.\par}",
    ]
    assert lines[-1] == r"\noindent{\footnotesize A last\_note.\par}"


@pytest.mark.parametrize("level", ["block", "module"])
def test_a_whole_summary(level: Level) -> None:
    document = summary(network_of("b0"), SummaryOptions(level, fold=True))
    (table,) = document.tables
    page = parsed(document)
    assert len(page.rows) == 1 + len(table.rows)
    assert {len(row) for row in page.rows} == {len(table.columns)}
    latex = rendered("latex", document)
    body = latex[latex.index(r"\midrule") :]
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert len(lines) == len(table.rows)
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {len(table.columns) - 1}
    for environment in ("table", "tabular"):
        assert latex.count(rf"\begin{{{environment}}}") == latex.count(rf"\end{{{environment}}}") == 1
    assert latex.isascii(), sorted({letter for letter in latex if not letter.isascii()})
    markdown = [line for line in rendered("markdown", document).splitlines() if line.startswith("|")]
    assert len(markdown) == 2 + len(table.rows)
    assert {line.count("|") for line in markdown} == {len(table.columns) + 1}


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_lines_end_as_in_a_text_file(name: FormatName) -> None:
    content = FORMATS[name].render(summary(network_of("b0"), SummaryOptions("layer")))
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")
