"""Documents for a terminal, with rich: on a narrow one, columns are hidden in their stated order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Span, Text

from effnet_inspect.document import Column, Document, HeaderField, Row, Table, Value
from effnet_inspect.formatting import SIGNS, cell_text, collapsed_pieces, format_value
from effnet_inspect.renderers import Options

UNLIMITED = 10_000
GAP = 2
BAR_WIDTH = 10
BARS_DROP_PRIORITY = 8
"""The bars are hidden before the columns with this drop priority or a lower one."""
EIGHTHS = " ▏▎▍▌▋▊▉█"
SEPARATOR = " · "
MARK = "•"
MARKED = "bold magenta"
LEAST_WRAPPED = 36
"""The least width, in characters, of a column of running text."""
READABLE_WRAPPED = 64
"""Its width where there is no limit."""
COLOURS = {"✓": "green", "±": "yellow", "✗": "red", "→": "cyan"}
"""Of a verdict, by its sign."""


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
    cells = [[_cell(table, row, index) for row in rows] for index in range(len(table.columns))]
    widths = [max(map(cell_len, (column.title, *lane))) for column, lane in zip(table.columns, cells, strict=True)]
    least = [
        min(width, LEAST_WRAPPED) if column.wrap else width for column, width in zip(table.columns, widths, strict=True)
    ]
    kept, bars = _fitting(table, least, options.width)
    for index, width in _wrapped(table, widths, kept, options.width):
        widths[index] = width
        cells[index] = ["\n".join(wrap(cell, width, break_on_hyphens=False)) for cell in cells[index]]
    if table.title:
        console.print(Text(table.title, style="bold"))
    if table.caption:
        console.print(Text(table.caption, style="dim"))
    for number, group in enumerate(
        _groups(table, kept, widths, options.width) if rows or not table.collapsed_label else ()
    ):
        lanes = []
        for index in group:
            column = table.columns[index]
            styles = [MARKED if column.key in row.marked else _style(row.values[index], column) for row in rows]
            lanes.append(_Lane(column.title, cells[index], styles, widths[index], column.is_numeric))
            if bars and column.kind == "share":
                lanes.append(_Lane("", list(_bars(table, index)), ["cyan"] * len(rows), BAR_WIDTH, False))
        if number:
            console.print()
        console.print(_grid(rows, lanes), soft_wrap=True)
    hidden = dict.fromkeys(column.title for index, column in enumerate(table.columns) if index not in kept)
    if pieces := collapsed_pieces(table):
        for line in _joined(map(Text, pieces), options.width or UNLIMITED):
            line.stylize("dim")
            console.print(line, soft_wrap=True)
    notes = list(table.notes)
    if hidden:
        notes.append(f"Columns hidden at this width: {', '.join(hidden)}.")
    for note in notes:
        console.print(Text(note, style="dim"), soft_wrap=options.width is None)


def _groups(table: Table, kept: list[int], widths: list[int], available: int | None) -> list[list[int]]:
    """The columns side by side; where the continuing ones do not fit, in as few groups as will do, evenly filled."""
    continuing = [index for index in kept if table.columns[index].paginate]
    repeated = [index for index in kept if index not in continuing]
    if available is None or not continuing:
        return [kept]
    left = available + GAP - sum(widths[index] + GAP for index in repeated)

    def filled(most: int) -> list[list[int]]:
        groups: list[list[int]] = [[]]
        for index in continuing:
            taken = sum(widths[each] + GAP for each in groups[-1])
            if groups[-1] and (len(groups[-1]) == most or taken + widths[index] + GAP > left):
                groups.append([])
            groups[-1].append(index)
        return groups

    fewest = len(filled(len(continuing)))
    evenly = next(groups for most in range(1, len(continuing) + 1) if len(groups := filled(most)) == fewest)
    return [repeated + group for group in evenly]


class _Lane(NamedTuple):
    """A column as it is shown: its cells, which may have several lines, and their styles from top to bottom."""

    title: str
    cells: list[str]
    styles: list[str]
    width: int
    from_right: bool


def _grid(rows: Sequence[Row], lanes: list[_Lane]) -> Text:
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
            pending = GAP + (0 if lane.from_right else free)
        if style:
            spans.append(Span(start, length, style))

    if any(lane.title for lane in lanes):
        put_line([(lane.title, "") for lane in lanes], "bold")
        put("\n" + "─" * (sum(lane.width + GAP for lane in lanes) - GAP) + "\n" * bool(rows))
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


def _cell(table: Table, row: Row, index: int) -> str:
    column = table.columns[index]
    mark = MARK if column.key in row.marked else ""
    return f"{'  ' * row.level if index == table.label_column else ''}{mark}{cell_text(row, index, column)}"


def _fitting(table: Table, widths: list[int], available: int | None) -> tuple[list[int], bool]:
    """Which columns fit, and whether the shares have their bars; in a pipe all columns and no bars."""
    kept = list(range(len(table.columns)))
    if available is None:
        return kept, False
    bars = True

    def needed() -> int:
        shares = sum(table.columns[index].kind == "share" for index in kept)
        continuing = [widths[index] + GAP for index in kept if table.columns[index].paginate]
        others = sum(widths[index] + GAP for index in kept if not table.columns[index].paginate)
        return others + max(continuing, default=0) - GAP + bars * shares * (BAR_WIDTH + GAP)

    while needed() > available:
        leaving = max(kept, key=lambda index: table.columns[index].drop_priority)
        if bars and table.columns[leaving].drop_priority <= BARS_DROP_PRIORITY:
            bars = False
        elif table.columns[leaving].drop_priority:
            kept.remove(leaving)
        else:
            break
    return kept, bars


def _wrapped(table: Table, widths: list[int], kept: list[int], available: int | None) -> Iterator[tuple[int, int]]:
    """The widths of the columns of running text: they share what the others leave, and none takes more than it
    needs."""
    waiting = sorted((index for index in kept if table.columns[index].wrap), key=lambda index: widths[index])
    if available is None:
        yield from ((index, min(widths[index], READABLE_WRAPPED)) for index in waiting)
        return
    left = available - sum(widths[index] for index in kept if index not in waiting) - GAP * (len(kept) - 1)
    for position, index in enumerate(waiting):
        width = max(1, min(widths[index], left // (len(waiting) - position)))
        left -= width
        yield index, width


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
