"""Documents as tables for a paper, with the packages array and booktabs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

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

LONGEST_FLOAT = 44
"""How many lines of footnotes' size fit a page of an article with a caption and notes."""
CODE_BEGINS = (
    r"\begin{lstlisting}[basicstyle=\footnotesize\ttfamily,breaklines,columns=fullflexible,keepspaces,upquote,"
    "showstringspaces=false]"
)
LONGEST_CAPTION = 60
"""How many characters a caption of one line may have."""


def render(document: Document, options: Options) -> str:
    """Tables that fit the width of a text, each in a float of its own with its notes, a caption and a label.

    One that is longer than a page goes on over as many as it needs.
    """
    lines: list[str] = []
    facts = ", ".join(f"{value} {label}".strip() for value, label in facts_in_words(document))
    packages = ["array", "booktabs"]
    for number, shown in enumerate(document.tables):
        # What people elsewhere read in a line below the table has its rows here.
        table = shown._replace(rows=tuple(row._replace(collapse=False) for row in shown.rows))
        layout = lay_out(table, TEXT_WIDTH, GAP)
        notes = [*((document.lead, facts) if not number else ()), table.caption, *table.notes]
        notes.append(column_notes(layout.columns))
        notes += document.notes if shown is document.tables[-1] else ()
        if layout.hidden:
            lines.append(f"% {layout.left_out}")
        caption = _caption(document, table)
        caption_lines = [f"  \\caption{{{escaped(caption)}}}", f"  \\label{{tab:{_label(caption)}}}"]
        small = rf"  \footnotesize\setlength{{\tabcolsep}}{{{POINTS[layout.gap]}pt}}"
        noted = [rf"  \par\smallskip{{\raggedright {escaped(note)}\par}}" for note in notes if note]
        if _lines_in(layout) > LONGEST_FLOAT:
            packages = ["array", "booktabs", "longtable"]
            lines += ["{", small]
            for position, group in enumerate(layout.groups):
                lines += _longtable(table, group, caption_lines if not position else [])
            lines += [*noted, "}", ""]
            continue
        lines += [r"\begin{table}", r"  \centering", *caption_lines, small]
        for position, group in enumerate(layout.groups):
            lines += [r"  \par\medskip"] if position else []
            lines += _tabular(table, group)
        lines += [*noted, r"\end{table}", ""]
    if not document.tables:
        lines += [rf"{escaped(text)}\par" for text in (document.title, document.lead, facts, *document.notes) if text]
    if document.code:
        packages.append("listings")
        lines += [CODE_BEGINS, _listing(document.code), r"\end{lstlisting}"]
    text = "\n".join(lines).rstrip() + "\n"
    head = f"% \\usepackage{{{','.join(packages)}}}\n"
    if others := "".join(sorted({char for char in text if not char.isascii()})):
        head += f"% pdfLaTeX writes the numbers of these, XeLaTeX and LuaLaTeX the letters: {others}\n"
    return head + text


def _lines_in(layout: Layout) -> int:
    """Of all groups with their titles."""
    return sum(max(len(lane.title) for lane in group) + sum(map(_height, _rows_of(group))) for group in layout.groups)


def _rows_of(group: Sequence[Lane]) -> Iterator[tuple[str, ...]]:
    return zip(*(lane.cells for lane in group), strict=True)


def _height(cells: Sequence[str]) -> int:
    return max(cell.count("\n") + 1 for cell in cells)


def _caption(document: Document, table: Table) -> str:
    """One line: what the document is about and what the table, or the table alone where that is too long."""
    both = ": ".join(text for text in (document.title, table.title) if text)
    return both if len(both) <= LONGEST_CAPTION else table.title or document.title


def _tabular(table: Table, group: Sequence[Lane]) -> Iterator[str]:
    yield f"  \\begin{{tabular}}{{{_alignments(group)}}}"
    yield from _head(group)
    yield from _rows(table, group)
    yield r"    \bottomrule"
    yield r"  \end{tabular}"


def _longtable(table: Table, group: Sequence[Lane], caption: Sequence[str]) -> Iterator[str]:
    """The same over several pages, with its titles on each."""
    yield f"  \\begin{{longtable}}{{{_alignments(group)}}}"
    if caption:
        yield from (f"  {line}" for line in caption)
        yield r"    \\"
    yield from _head(group)
    yield r"    \endfirsthead"
    yield from _head(group)
    yield r"    \endhead"
    yield r"    \bottomrule"
    yield r"    \endfoot"
    yield from _rows(table, group)
    yield r"  \end{longtable}"


def _head(group: Sequence[Lane]) -> Iterator[str]:
    yield r"    \toprule"
    yield "    " + " & ".join(map(_title, group)) + r" \\"
    yield r"    \midrule"


def _rows(table: Table, group: Sequence[Lane]) -> Iterator[str]:
    for number, row in enumerate(table.rows):
        if row.role == "total" and number and table.rows[number - 1].role != "total":
            yield r"    \midrule"
        cells = (_cell(row, lane.cells[number], lane.place == table.label_column) for lane in group)
        yield "    " + " & ".join(cells) + r" \\"


def _alignments(group: Sequence[Lane]) -> str:
    return f"@{{}}{''.join(map(_alignment, group))}@{{}}"


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


def _listing(code: str) -> str:
    """Code in which nothing ends the environment before its own end; that takes ASCII alone, so letters are escaped."""
    plain = code.rstrip("\n").replace("×", "x").encode("ascii", "backslashreplace").decode()
    return plain.replace(r"\end{lstlisting}", r"\end{ lstlisting}")
