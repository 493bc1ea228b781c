"""Documents for a terminal, with rich: columns leave in their stated order where the room is short."""

from __future__ import annotations

import io
from itertools import pairwise

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from effnet_inspect.document import Column, Document, Fact, Row, Table
from effnet_inspect.renderers import Options
from effnet_inspect.values import written

UNLIMITED = 10_000
GAP = 2
BAR_WIDTH = 10
BARS_LEAVE = 8
"""The bars leave before the columns that leave at this number or below."""
EIGHTHS = " ▏▎▍▌▋▊▉█"
SEPARATOR = " · "
MARKED = "bold reverse"


def render(document: Document, options: Options) -> str:
    """Text for a terminal `options.width` wide; without a width every column is there."""
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
    for line in _fact_lines(document.facts, width):
        console.print(line)
    for table in document.tables:
        console.print()
        _print_table(console, table, options)
    for note in document.notes:
        console.print()
        console.print(Text(note, style="dim"), soft_wrap=options.width is None)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def _fact_lines(facts: tuple[Fact, ...], width: int) -> list[Text]:
    """The facts in as few lines as they fit, never broken inside one."""
    lines: list[Text] = []
    for fact in facts:
        piece = Text()
        piece.append(written(fact.value, fact.kind), style="bold")
        piece.append(f" {fact.label}" if fact.label else "")
        piece.append(f" ({fact.remark})" if fact.remark else "", style="dim")
        if lines and len(lines[-1]) + len(SEPARATOR) + len(piece) <= min(width, 140):
            lines[-1].append(SEPARATOR, style="dim")
            lines[-1].append(piece)
        else:
            lines.append(piece)
    return lines


def _print_table(console: Console, table: Table, options: Options) -> None:
    cells = [[_cell(row, index, column) for index, column in enumerate(table.columns)] for row in table.rows]
    widths = [
        max([len(column.title), *(len(line[index]) for line in cells)]) for index, column in enumerate(table.columns)
    ]
    kept, bars = _fitting(table, widths, options.width)
    grid = RichTable(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0),
        header_style="bold",
        collapse_padding=False,
    )
    for index in kept:
        column = table.columns[index]
        grid.add_column(column.title, justify="left" if column.kind in ("text", "flag") else "right", no_wrap=True)
        if bars and column.kind == "share":
            grid.add_column("", no_wrap=True)
    before_totals = [row for row, after in pairwise(table.rows) if "total" in (row.role, after.role)]
    for row, line in zip(table.rows, cells, strict=True):
        shown: list[Text] = []
        for index in kept:
            column = table.columns[index]
            shown.append(Text(line[index], style=MARKED if column.key in row.marked else ""))
            if bars and column.kind == "share":
                shown.append(Text(_bar(row, index, table), style="cyan"))
        grid.add_row(*shown, style="bold" if row.role == "total" else "", end_section=row in before_totals)
    if table.title:
        console.print(Text(table.title, style="bold"))
    if table.caption:
        console.print(Text(table.caption, style="dim"))
    console.print(grid)
    left_out = dict.fromkeys(column.title for index, column in enumerate(table.columns) if index not in kept)
    notes = list(table.notes)
    if left_out:
        notes.append(f"Left out at this width: {', '.join(left_out)}.")
    for note in notes:
        console.print(Padding(Text(note, style="dim"), (0, 0)), soft_wrap=options.width is None)


def _cell(row: Row, index: int, column: Column) -> str:
    text = written(row.values[index], column.kind)
    if row.values[index] is None and (row.role == "total" or index == 0):
        text = ""
    return f"{'  ' * row.level}{text}" if index == _NAMING else text


_NAMING = 1
"""The column whose cells are set in by their level: the first is a number, the second a name."""


def _fitting(table: Table, widths: list[int], room: int | None) -> tuple[list[int], bool]:
    """Which columns fit, and whether the shares have their bars; in a pipe all columns and no bars."""
    kept = list(range(len(table.columns)))
    if room is None:
        return kept, False
    bars = True

    def needed() -> int:
        shares = sum(table.columns[index].kind == "share" for index in kept)
        return sum(widths[index] + GAP for index in kept) - GAP + bars * shares * (BAR_WIDTH + GAP)

    while needed() > room:
        leaving = max(kept, key=lambda index: table.columns[index].leaves)
        if bars and table.columns[leaving].leaves <= BARS_LEAVE:
            bars = False
        elif table.columns[leaving].leaves:
            kept.remove(leaving)
        else:
            break
    return kept, bars


def _bar(row: Row, index: int, table: Table) -> str:
    """A bar as long as the value's part of the largest in its column; none for totals."""
    value = row.values[index]
    shares = [each.values[index] for each in table.rows if each.role == "row"]
    largest = max((share for share in shares if isinstance(share, float)), default=0.0)
    if row.role == "total" or not isinstance(value, float) or not largest:
        return ""
    eighths = round(value / largest * BAR_WIDTH * 8)
    return EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8].strip()
