"""Whatever a text holds, every format shows it as text: it is written, read back by a parser, and compared."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pygraphviz import AGraph

from effnet_inspect.choices import FormatName
from effnet_inspect.document import Column, Document, HeaderField, Row, Table
from effnet_inspect.drawing import Box, Caption, Diagram, Frame
from effnet_inspect.renderers import FORMATS
from effnet_inspect.renderers.data import FORMULAS
from effnet_inspect.renderers.tex import APART, SPECIAL
from effnet_inspect.text import all_clean, clean

PIECES = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](y)",
        "&lt;",
        "&#27;",
    ),
    *(
        "=cmd|'/C calc'!A0",
        "@SUM(1)",
        "+1",
        "-1",
        "|",
        "`",
        "**",
        "__",
        "~~",
        "# ",
        "- ",
        "1. ",
        "> ",
        "$x$",
        "\\",
        "\\\\",
    ),
    *(
        "\\end{tabular}",
        "\\input{x}",
        "%",
        "^",
        "{",
        "}",
        "[1]",
        "*",
        '"',
        "'",
        ",",
        ";",
        "\\N",
        "\\l",
        "]]>",
        "-->",
        "<b>",
    ),
    *(
        "\n",
        "\r\n",
        "\t",
        "\x1b[31m",
        "\x9b",
        "\0",
        "\ud800",
        "\u202e",
        "\u2028",
        "\ufffe",
        " ",
        "a",
        "ü",
        "模",
        "\xa0",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=6).map(
    lambda pieces: "".join(pieces) or "a"
)
hostile = settings(max_examples=150, deadline=None)


def document(text: str) -> Document:
    columns = (Column("name", text), Column("other", "Other"))
    table = Table(text, columns, (Row((text, "end")), Row(("begin", text), level=1)), notes=(text,), caption=text)
    return Document(text, (table,), (HeaderField(text, text, remark=text),), text, (text,), {"a": [text]})


def written(name: FormatName, text: str) -> str:
    content = FORMATS[name].render(document(text)).decode()
    assert clean(content.replace("\n", "")) == content.replace("\n", "")
    return content


def words(text: str) -> list[str]:
    """Parsers of markup take any blanks as one."""
    return clean(text).split()


TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "div"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}


class Page(HTMLParser):
    tags: set[str]
    cells: list[str]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")
        assert not {name for name, _ in attributes} - {"lang", "charset", "name", "content", "class", "style"}

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data.rstrip("\n")


@hostile
@given(TEXTS)
def test_html(text: str) -> None:
    page = Page()
    page.tags, page.cells = set(), []
    page.feed(written("html", text).partition("</table>")[0])
    assert page.tags <= TAGS
    assert page.cells == [clean(text), "Other", clean(text), "end", "begin", clean(text)]


@hostile
@given(TEXTS)
def test_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", text))))
    assert [len(row) for row in rows] == [2, 2, 2]
    assert rows[1][0].removeprefix("'") == clean(text).removeprefix("'")
    assert not any(cell.lstrip().startswith(FORMULAS) for row in rows for cell in row)


@hostile
@given(TEXTS)
def test_json(text: str) -> None:
    assert json.loads(written("json", text)) == {"a": [all_clean(text, lines=True)]}


@hostile
@given(TEXTS)
def test_terminal(text: str) -> None:
    lines = len(written("terminal", "text").splitlines())
    assert len(written("terminal", text).split("\n")) == lines + 1


def markdown_tokens(content: str) -> list[Any]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(content)
    return [each for token in tokens for each in (token, *(token.children or ()))]


@hostile
@given(TEXTS)
def test_markdown(text: str) -> None:
    tokens = markdown_tokens(written("markdown", text))
    plain, hostile_ones = (
        {token.type for token in markdown_tokens(written("markdown", "text"))},
        {token.type for token in tokens},
    )
    # An escaped character is one of its own for the parser, and entities are.
    assert hostile_ones - plain <= {"text_special"}
    assert sum(token.type == "tr_open" for token in tokens) == 3
    cells = [after for token, after in pairwise(tokens) if token.type in ("th_open", "td_open")]
    shown = ["".join(part.content for part in cell.children or ()).split() for cell in cells]
    assert shown == [words(text), ["Other"], words(text), ["end"], ["begin"], words(text)]


WRITTEN_FOR_TEX = re.compile(
    r"\\ifdefined\\Umathchar .\\else U\+[0-9A-F]+\\fi\{\}|\{\\char34\}|"
    r"\\[`'^~=uH.\"rvc]\{\\?[a-zA-Z]\}|\\(?:ss|ae|AE|oe|OE|o|O|l|L|i)\{\}|"
    + "|".join(map(re.escape, sorted((SPECIAL | APART).values(), key=len, reverse=True)))
)


@hostile
@example("\xa0")
@given(TEXTS)
def test_latex(text: str) -> None:
    content = re.sub(r"\n% pdfLaTeX writes[^\n]*", "", written("latex", text))
    assert content.count("\n") == written("latex", "text").count("\n")
    row = content.split("\\midrule\n")[1].splitlines()[0]
    first, end = row.removeprefix("    ").removesuffix(r" \\").rsplit(" & ", 1)
    assert not set(WRITTEN_FOR_TEX.sub("", first)) & set("\\{}%$&#^_~")
    if clean(text).isascii():
        meant = {value: key for key, value in (SPECIAL | APART | {'"': r"{\char34}"}).items()}
        known = re.compile("|".join(map(re.escape, sorted(meant, key=len, reverse=True))))
        assert known.sub(lambda found: meant[found[0]], first).strip() == clean(text).strip()
    assert end == "end"


@hostile
@example("\n")
@given(TEXTS)
def test_tikz(text: str) -> None:
    content = FORMATS["tikz"].render(Diagram(text, 300, 300, captions=(Caption(text, 50, 60),))).decode()
    nodes = [line for line in content.splitlines() if line.startswith(r"\node")]
    assert len(nodes) == bool(all_clean(text, lines=True).split())
    for node in nodes:
        shown = node[node.index(" {") + 2 : -2]
        assert not set(WRITTEN_FOR_TEX.sub("", shown)) & set("\\{}%$&#^_~")


SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_figures(text: str) -> None:
    box = Box(text, 10, 10, 80, 40, "plain", clean(text), "", text)
    frame = Frame(f"frame {text}", 0, 0, 200, 200, "frame", clean(text), "", text)
    figure = Diagram(text, 300, 300, (box,), (frame,), (), (Caption(clean(text), 50, 60),))
    root = ElementTree.fromstring(FORMATS["svg"].render(figure))
    shown = ["".join(each.itertext()).split() for each in root.iter(f"{SVG}text")]
    assert shown.count(words(text)) == 3 or not words(text)
    assert {each.get(f"{XLINK}href") for each in root.iter(f"{SVG}a")} == {None}
    assert len(AGraph(string=FORMATS["dot"].render(figure).decode()).nodes()) == 5


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_tried_or_made_from_one_that_is(name: FormatName) -> None:
    tried = {each.removeprefix("test_") for each in globals() if each.startswith("test_")}
    assert name in tried or name in ("svg", "png", "pdf", "dot")
