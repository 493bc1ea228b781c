"""Documents for a terminal, with rich: on a narrow one, columns are hidden in their stated order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Span, Text

from effnet_inspect.document import Column, Document, HeaderField, Row, Table, Value
from effnet_inspect.formatting import SIGNS, collapsed_pieces, column_notes, format_value
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.layout import BAR_WIDTH, Lane, lay_out

UNLIMITED = 10_000
EIGHTHS = " ▏▎▍▌▋▊▉█"
SEPARATOR = " · "
MARKED = "bold magenta"
COLOURS = {"✓": "green", "±": "yellow", "✗": "red", "→": "cyan"}
"""Of a verdict, by its sign."""


def render(document: Document, options: Options) -> str:
    """Text for a terminal `options.width` wide; without a width every column is there. Code is there alone."""
    if document.code:
        return document.code
    width = options.width or UNLIMITED
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=options.colour,
        color_system="standard" if options.colour else None,
        no_color=not options.colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    if document.title:
        console.print(Text(document.title, style="bold"))
    if document.lead:
        console.print(Text(document.lead), soft_wrap=options.width is None)
    for line in _fact_lines(document.header, width):
        console.print(line)
    for table in document.tables:
        console.print()
        _print_table(console, table, options)
    for note in document.notes:
        console.print()
        console.print(Text(note, style="dim"), soft_wrap=options.width is None)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def _fact_lines(facts: tuple[HeaderField, ...], width: int) -> list[Text]:
    """The facts in as few lines as they fit, never broken inside one."""
    pieces = []
    for fact in facts:
        piece = Text()
        piece.append(format_value(fact.value, fact.kind), style="bold")
        piece.append(f" {fact.label}" if fact.label else "")
        piece.append(f" ({fact.remark})" if fact.remark else "", style="dim")
        pieces.append(piece)
    return _joined(pieces, min(width, 140))


def _joined(pieces: Iterable[Text], width: int) -> list[Text]:
    """Pieces side by side in as few lines as they fit, never broken inside one."""
    lines: list[Text] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(SEPARATOR) + len(piece) <= width:
            lines[-1].append(SEPARATOR, style="dim")
            lines[-1].append(piece)
        else:
            lines.append(piece)
    return lines


def _print_table(console: Console, table: Table, options: Options) -> None:
    rows = table.expanded_rows
    layout = lay_out(table, options.width)
    if table.title:
        console.print(Text(table.title, style="bold"))
    if table.caption:
        console.print(Text(table.caption, style="dim"))
    for number, group in enumerate(layout.groups if rows or not table.collapsed_label else ()):
        if number:
            console.print()
        console.print(_grid(rows, list(_strips(table, group, layout.bars)), layout.gap), soft_wrap=True)
    if pieces := collapsed_pieces(table):
        for line in _joined(map(Text, pieces), options.width or UNLIMITED):
            line.stylize("dim")
            console.print(line, soft_wrap=True)
    for note in filter(None, (*table.notes, layout.left_out)):
        console.print(Text(note, style="dim"), soft_wrap=options.width is None)
    if note := column_notes(layout.columns):
        console.print()
        console.print(Text(note, style="dim"), soft_wrap=options.width is None)


def _strips(table: Table, group: Sequence[Lane], bars: bool) -> Iterator[_Strip]:
    rows = table.expanded_rows
    for lane in group:
        column = lane.column
        styles = [MARKED if column.key in row.marked else _style(row.values[lane.place], column) for row in rows]
        yield _Strip(lane.title, lane.cells, styles, lane.width, column.is_numeric)
        if bars and column.bars:
            yield _Strip(("",), list(_bars(table, lane.place)), ["cyan"] * len(rows), BAR_WIDTH, False)


class _Strip(NamedTuple):
    """A column or its bars as they are printed: cells, which may have several lines, and styles from top to bottom."""

    title: tuple[str, ...]
    cells: Sequence[str]
    styles: list[str]
    width: int
    from_right: bool


def _grid(rows: Sequence[Row], lanes: list[_Strip], gap: int) -> Text:
    """The table's lines in one text: for a network's thousand layers rich's own table takes a second."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0

    def put(piece: str, style: str = "") -> None:
        nonlocal length
        if style and piece:
            spans.append(Span(length, length + len(piece), style))
        pieces.append(piece)
        length += len(piece)

    def put_line(cells: Iterable[tuple[str, str]], style: str) -> None:
        start = length
        pending = 0
        for lane, (cell, cell_style) in zip(lanes, cells, strict=True):
            free = lane.width - cell_len(cell)
            put(" " * (pending + (free if lane.from_right else 0)))
            put(cell, cell_style)
            pending = gap + (0 if lane.from_right else free)
        if style:
            spans.append(Span(start, length, style))

    if any(any(lane.title) for lane in lanes):
        height = max(len(lane.title) for lane in lanes)
        for depth in range(height):
            # Short titles stand directly above their cells.
            titles = [("", *lane.title)[max(0, depth + 1 + len(lane.title) - height)] for lane in lanes]
            put_line([(title, "") for title in titles], "bold")
            put("\n")
        put("─" * (sum(lane.width + gap for lane in lanes) - gap) + "\n" * bool(rows))
    for number, row in enumerate(rows):
        if number:
            put("\n" if row.role == rows[number - 1].role else "\n\n")
        cells = [lane.cells[number].split("\n") for lane in lanes]
        for depth in range(max(map(len, cells))):
            put("\n" * bool(depth))
            line = [
                (lines[depth] if depth < len(lines) else "", lane.styles[number])
                for lane, lines in zip(lanes, cells, strict=True)
            ]
            put_line(line, "bold" if row.role == "total" else "")
    return Text("".join(pieces), spans=spans)


def _style(value: Value, column: Column) -> str:
    return COLOURS.get(SIGNS[str(value)], "") if column.kind == "verdict" and value is not None else ""


def _bars(table: Table, index: int) -> Iterator[str]:
    """For each row a bar as long as its value's part of the largest in the column; none for totals and losses."""
    values = [row.values[index] if row.role == "row" else None for row in table.expanded_rows]
    lengths = [max(value, 0.0) if isinstance(value, float) else 0.0 for value in values]
    largest = max(lengths, default=0.0)
    for length in lengths:
        eighths = round(length / largest * BAR_WIDTH * 8) if largest else 0
        yield EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8].strip()
