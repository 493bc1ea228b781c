"""Documents as tables for a paper, with the packages array and booktabs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from effnet_inspect.document import Document, Row, Table
from effnet_inspect.formatting import column_notes, facts_in_words
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.layout import NARROW_GAP, Lane, Layout, lay_out
from effnet_inspect.renderers.tex import escaped

TEXT_WIDTH = 79
"""How many characters of the size of footnotes fit the text of an article, which is 345 points wide."""
GAP = 2
POINTS = {GAP: 4, NARROW_GAP: 2.5}
"""Half the space between columns, as LaTeX takes it."""

LONGEST_CAPTION = 60
"""How many characters a caption of one line may have."""


def render(document: Document, options: Options) -> str:
    """Tables that fit the width of a text, each in a float of its own with its notes, a caption and a label."""
    lines = [r"% \usepackage{array,booktabs}"]
    facts = ", ".join(f"{value} {label}".strip() for value, label in facts_in_words(document))
    for number, shown in enumerate(document.tables):
        # What people elsewhere read in a line below the table has its rows here.
        table = replace(shown, rows=tuple(replace(row, collapse=False) for row in shown.rows))
        layout = lay_out(table, TEXT_WIDTH, GAP)
        notes = [*((document.lead, facts) if not number else ()), table.caption, *table.notes]
        notes.append(column_notes(layout.columns))
        notes += document.notes if shown is document.tables[-1] else ()
        if layout.hidden:
            lines.append(f"% {layout.left_out}")
        caption = _caption(document, table)
        lines += [
            r"\begin{table}",
            r"  \centering",
            f"  \\caption{{{escaped(caption)}}}",
            f"  \\label{{tab:{_label(caption)}}}",
            rf"  \footnotesize\setlength{{\tabcolsep}}{{{POINTS[layout.gap]}pt}}",
        ]
        for position, group in enumerate(layout.groups):
            lines += [r"  \par\medskip"] if position else []
            lines += _tabular(table, group, layout)
        lines += [rf"  \par\smallskip{{\raggedright {escaped(note)}\par}}" for note in notes if note]
        lines += [r"\end{table}", ""]
    if not document.tables:
        lines += [rf"{escaped(text)}\par" for text in (document.title, document.lead, facts, *document.notes) if text]
    if document.code:
        # Typewriter fonts lack the sign.
        lines += [r"\begin{verbatim}", _verbatim(document.code), r"\end{verbatim}"]
    return "\n".join(lines).rstrip() + "\n"


def _caption(document: Document, table: Table) -> str:
    """One line: what the document is about and what the table, or the table alone where that is too long."""
    both = ": ".join(text for text in (document.title, table.title) if text)
    return both if len(both) <= LONGEST_CAPTION else table.title or document.title


def _tabular(table: Table, group: Sequence[Lane], layout: Layout) -> Iterator[str]:
    yield f"  \\begin{{tabular}}{{@{{}}{''.join(map(_alignment, group))}@{{}}}}"
    yield r"    \toprule"
    yield "    " + " & ".join(map(_title, group)) + r" \\"
    yield r"    \midrule"
    for number, row in enumerate(table.rows):
        if row.role == "total" and number and table.rows[number - 1].role != "total":
            yield r"    \midrule"
        cells = (_cell(row, lane.cells[number], lane.place == table.label_column) for lane in group)
        yield "    " + " & ".join(cells) + r" \\"
    yield r"    \bottomrule"
    yield r"  \end{tabular}"


def _alignment(lane: Lane) -> str:
    if lane.column.wrap:
        return rf">{{\raggedright\arraybackslash}}p{{{lane.width / TEXT_WIDTH:.2f}\linewidth}}"
    return "r" if lane.column.is_numeric else "l"


def _title(lane: Lane) -> str:
    lines = [escaped(line) for line in lane.title]
    if len(lines) == 1:
        return lines[0]
    side, broken = "r" if lane.column.is_numeric else "l", r"\\".join(lines)
    return rf"\shortstack[{side}]{{{broken}}}"


def _cell(row: Row, cell: str, is_label: bool) -> str:
    """A cell in one line: LaTeX breaks lines itself, and knows how wide a space is."""
    text = escaped(" ".join(cell.split("\n")).strip())
    return f"\\hspace{{{row.level}em}}{text}" if is_label and row.level else text


def _label(caption: str) -> str:
    plain = unicodedata.normalize("NFKD", caption.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def _verbatim(code: str) -> str:
    """Code in which nothing ends the environment before its own end."""
    return code.rstrip("\n").replace("×", "x").replace(r"\end{verbatim}", r"\end{ verbatim}")
