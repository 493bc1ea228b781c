"""Documents as Markdown and HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import NamedTuple

from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.formatting import cell_text, collapsed_pieces, column_notes, facts_in_words
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.layout import LEAST_NAME, lay_out

MARKDOWN_WIDTH = 96
MARKDOWN_GAP = 3
"""How many characters wide a table may be on GitHub, and how many the space between columns takes there."""
WIDE_TABLE = 156
"""How many characters of the usual size a table may be wide in a window of 1,280 pixels."""
MARKDOWN_INDENT = "&emsp;"
"""A level's depth: plain spaces at the start of a cell do not show."""

PAGE_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --faint: #667085; --line: #d5dae3; --mark: #fff0c2; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --faint: #98a2b3; --line: #344054; --mark: #4a3b12; --paper: #12161c; }
}
body { font: 15px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; color: var(--ink); background: var(--paper);
  margin: 2rem auto; max-width: 78rem; padding: 0 1rem; overflow-wrap: anywhere; }
""".strip()

FRAGMENT_STYLE = """
.effnet-inspect { --ink: currentColor; --faint: currentColor; --line: #8888; --mark: #fb04; font-size: 14px; }
""".strip()
"""Colours that can be read on light and on dark paper."""

STYLE = """
h1 { font-size: 1.5rem; margin: 0 0 .4rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
.facts { color: var(--faint); }
.facts b { color: var(--ink); }
.note { color: var(--faint); font-size: .9rem; }
.table { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .25rem .5rem; text-align: left; white-space: nowrap; }
th { white-space: normal; overflow-wrap: break-word; vertical-align: bottom; border-bottom: 2px solid var(--line); }
.dense { font-size: .8rem; }
.dense th, .dense td { padding: .2rem .4rem; }
tbody tr + tr td { border-top: 1px solid var(--line); }
.wraps { white-space: normal; min-width: 14rem; }
.name { white-space: normal; overflow-wrap: anywhere; min-width: 11rem; }
td { vertical-align: top; }
.number { text-align: right; }
.total td { font-weight: 600; border-top: 2px solid var(--line); }
.mark { background: var(--mark); font-weight: 600; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .6rem .8rem; }
""".strip()
"""One rule a line, so that each can be kept to a fragment."""


class _Cell(NamedTuple):
    """A cell as text; `level` is how far it is set in."""

    column: Column
    text: str
    is_marked: bool
    level: int


def _cells(table: Table, row: Row, places: Iterable[int]) -> list[_Cell]:
    return [
        _Cell(
            column := table.columns[place],
            cell_text(row, place, column),
            is_marked=column.key in row.marked,
            level=row.level if place == table.label_column else 0,
        )
        for place in places
    ]


def _table_notes(table: Table, columns: Iterable[Column], left_out: str = "") -> list[str]:
    return [
        note for note in (" · ".join(collapsed_pieces(table)), *table.notes, left_out, column_notes(columns)) if note
    ]


MARKDOWN_SPECIAL = re.compile(r"[\\`*\[\]<>&|~$]|(?<=\])\(|(?<![^\W_])_|_(?![^\W_])")
"""What could begin something in Markdown or HTML; an underline within a word does not."""

MARKDOWN_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
MARKDOWN_BLOCK = re.compile(r"^(#|[-+=]|\d+[.)])")
"""What makes a heading, a list or a rule of a line that begins with it."""


def _markdown(text: str) -> str:
    """Text within a line.

    >>> _markdown("<b>[x](javascript:y)|`"), _markdown("block1a_se_reduce"), _markdown("_private_")
    ('&lt;b&gt;\\\\[x\\\\]\\\\(javascript:y)\\\\|\\\\`', 'block1a_se_reduce', '\\\\_private\\\\_')
    """
    return MARKDOWN_SPECIAL.sub(lambda found: MARKDOWN_ENTITIES.get(found[0], f"\\{found[0]}"), text)


def _markdown_line(text: str) -> str:
    """Text at the beginning of a line."""
    return MARKDOWN_BLOCK.sub(lambda found: f"{found[1][:-1]}\\{found[1][-1]}", _markdown(text).strip())


def _markdown_heading(text: str) -> str:
    """Text of a heading, where marks at the end would end it."""
    return re.sub(r"#(?=#*$)", r"\#", _markdown(text).strip())


def _emphasized(text: str, mark: str) -> str:
    """Text between marks, which blanks inside would make plain."""
    inner = _markdown(text).strip()
    return f"{mark}{inner}{mark}" if inner else ""


def render_markdown(document: Document, options: Options) -> str:
    """GitHub's Markdown."""
    lines = [f"## {_markdown_heading(document.title)}", ""] if document.title else []
    if document.lead:
        lines += [_markdown_line(document.lead), ""]
    if document.header:
        facts = [
            f"{_emphasized(value, '**')} {_markdown_line(label)}".strip() for value, label in facts_in_words(document)
        ]
        lines += [" · ".join(facts), ""]
    for table in document.tables:
        if table.title:
            lines += [f"### {_markdown_heading(table.title)}", ""]
        if table.caption:
            lines += [_markdown_line(table.caption), ""]
        layout = lay_out(table, MARKDOWN_WIDTH, MARKDOWN_GAP)
        if table.expanded_rows:
            lines.append(_pipes(_markdown(column.title) for column in layout.columns))
            lines.append(_pipes("---:" if column.is_numeric else ":---" for column in layout.columns))
        for row in table.expanded_rows:
            lines.append(_pipes(_markdown_cell(cell, row) for cell in _cells(table, row, layout.places)))
        lines += [""] if table.expanded_rows else []
        for note in _table_notes(table, layout.columns, layout.left_out):
            lines += [_emphasized(note, "*"), ""]
    if document.code:
        lines += ["```python", document.code.rstrip("\n"), "```", ""]
    for note in document.notes:
        lines += [_emphasized(note, "*"), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_cell(cell: _Cell, row: Row) -> str:
    stands_out = row.role == "total" or cell.is_marked
    return MARKDOWN_INDENT * cell.level + (_emphasized(cell.text, "**") if stands_out else _markdown(cell.text))


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def render_html(document: Document, options: Options) -> str:
    """One page that needs nothing beside it, light or dark as the reader's system is; or a fragment of one."""
    if options.is_fragment:
        rules = [_kept_to_fragments(rule) for rule in STYLE.splitlines()]
        style = "\n".join((FRAGMENT_STYLE, *rules))
        return "\n".join(
            ('<div class="effnet-inspect">', f"<style>\n{style}\n</style>", *_body(document), "</div>", "")
        )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(document.title)}</title>",
            f"<style>\n{PAGE_STYLE}\n{STYLE}\n</style>",
            "</head>",
            "<body>",
            *_body(document),
            "</body>",
            "</html>",
            "",
        ]
    )


def _kept_to_fragments(rule: str) -> str:
    """A rule of the style that holds within fragments only.

    >>> _kept_to_fragments("th, td { padding: 0; }")
    '.effnet-inspect th, .effnet-inspect td { padding: 0; }'
    """
    selectors, brace, declarations = rule.partition(" {")
    return ", ".join(f".effnet-inspect {selector}" for selector in selectors.split(", ")) + brace + declarations


def _body(document: Document) -> list[str]:
    escape = html.escape
    body = [f"<h1>{escape(document.title)}</h1>"] if document.title else []
    if document.lead:
        body.append(f"<p>{escape(document.lead)}</p>")
    if document.header:
        facts = " · ".join(
            f"<b>{escape(value)}</b> {escape(label)}".strip() for value, label in facts_in_words(document)
        )
        body.append(f'<p class="facts">{facts}</p>')
    for table in document.tables:
        if table.title:
            body.append(f"<h2>{escape(table.title)}</h2>")
        if table.caption:
            body.append(f'<p class="note">{escape(table.caption)}</p>')
        if table.expanded_rows:
            widths = [lane.width + 2 for lane in lay_out(table, None).groups[0]]
            dense = ' class="dense"' if sum(widths) > WIDE_TABLE else ""
            body += [f'<div class="table"><table{dense}>', "<thead><tr>"]
            body += [f"<th{_class(column)}>{escape(column.title)}</th>" for column in table.columns]
            body += ["</tr></thead>", "<tbody>"]
        for row in table.expanded_rows:
            cells = "".join(
                f"<td{_class(cell.column, cell.is_marked, cell.level)}>{escape(cell.text)}</td>"
                for cell in _cells(table, row, range(len(table.columns)))
            )
            role = ' class="total"' if row.role == "total" else ""
            body.append(f"<tr{role}>{cells}</tr>")
        if table.expanded_rows:
            body.append("</tbody></table></div>")
        body += [f'<p class="note">{escape(note)}</p>' for note in _table_notes(table, table.columns)]
    if document.code:
        body.append(f"<pre>{escape(document.code)}</pre>")
    body += [f'<p class="note">{escape(note)}</p>' for note in document.notes]
    return body


def _class(column: Column, is_marked: bool = False, level: int = 0) -> str:
    is_name = column.keep_end or max(map(len, column.title.split()), default=0) > LEAST_NAME
    kinds = (("number", column.is_numeric), ("wraps", column.wrap), ("name", is_name))
    names = [name for name, holds in kinds if holds]
    if is_marked:
        names.append("mark")
    attribute = ' class="{}"'.format(" ".join(names)) if names else ""
    if level:
        attribute += f' style="padding-left: {0.5 + 1.2 * level:.1f}rem"'
    return attribute
