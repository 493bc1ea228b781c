"""Which columns of a table fit a width, and how wide each is: for all formats that have a width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from effnet_inspect.document import Column, Row, Table
from effnet_inspect.formatting import cell_text

GAP = 2
NARROW_GAP = 1
TABLE_OF_STAGES = 5
"""Rather than hide a column with this drop priority or a lower one, columns stand closer together."""
BAR_WIDTH = 10
LEAST_WRAPPED = 20
"""The least width, in characters, of a column of running text."""
LEAST_VERDICT = 15
"""Likewise, of a column of a few words."""
READABLE_WRAPPED = 64
"""Its width where there is no limit."""
LEAST_NAME = 24
"""The least width of a column whose long names may lose their beginnings."""
LEFT_OUT = "…"
BEHIND_HYPHENS = r"(?<=[^\W\d_]-)(?=[^\W\d_])"
"""Where a word may be broken."""
MARK = "•"
"""Before a cell that stands out."""


class Lane(NamedTuple):
    """A column as it is shown: its `place` in the table, the lines of its title, its cells, of one line or several."""

    place: int
    column: Column
    title: tuple[str, ...]
    cells: tuple[str, ...]
    width: int


class Layout(NamedTuple):
    """A table as it fits: `groups` of lanes that stand below each other, the space between lanes, whether shares have
    bars, and the titles of what does not fit."""

    groups: tuple[tuple[Lane, ...], ...]
    gap: int
    bars: bool
    hidden: tuple[str, ...]

    @property
    def columns(self) -> list[Column]:
        """The columns that are shown."""
        return list({lane.place: lane.column for group in self.groups for lane in group}.values())

    @property
    def left_out(self) -> str:
        """What does not fit, in a sentence; empty where all does."""
        return f"Left out to fit: {', '.join(self.hidden)}; --columns chooses others." if self.hidden else ""

    @property
    def places(self) -> list[int]:
        """Their places in the table."""
        return list(dict.fromkeys(lane.place for group in self.groups for lane in group))


class Measured(NamedTuple):
    """How wide a table's columns are: at their widest, at their least, and with their titles in one line."""

    table: Table
    full: list[int]
    least: list[int]

    def needed(self, kept: Sequence[int], widths: Sequence[int], gap: int, bars: bool = False) -> int:
        """The width that these columns take, of those that continue below each other only the widest."""
        columns = self.table.columns
        continuing = [widths[index] + gap for index in kept if columns[index].paginate]
        others = sum(widths[index] + gap for index in kept if not columns[index].paginate)
        return others + max(continuing, default=0) - gap + self.bars(kept) * bars * (BAR_WIDTH + gap)

    def bars(self, kept: Sequence[int]) -> int:
        """How many of these columns may have bars."""
        return sum(self.table.columns[index].bars for index in kept)

    def fitting(self, available: int, gap: int) -> list[int]:
        """The columns that fit at their least; the others leave in their order, those of one priority together."""
        kept = list(range(len(self.table.columns)))
        priorities = [column.drop_priority for column in self.table.columns]
        for leaving in sorted({priority for priority in priorities if priority}, reverse=True):
            if self.needed(kept, self.least, gap) <= available:
                break
            kept = [index for index in kept if priorities[index] != leaving]
        return kept


def lay_out(table: Table, available: int | None, gap: int = GAP) -> Layout:
    """The table in `available` characters; None is as much as is needed, without bars: what a pipe gets."""
    rows = table.expanded_rows
    cells = [[_cell(table, row, index) for row in rows] for index in range(len(table.columns))]
    widest = [max(map(cell_len, lane), default=0) for lane in cells]
    full = [max(cell_len(column.title), width) for column, width in zip(table.columns, widest, strict=True)]
    least = [
        max(_longest_word(column.title), _least(column, width))
        for column, width in zip(table.columns, widest, strict=True)
    ]
    measured = Measured(table, full, least)
    every = list(range(len(table.columns)))
    if available is None:
        widths = [min(width, READABLE_WRAPPED) if column.wrap else width for column, width in _with(table, full)]
        return Layout((tuple(_lanes(table, every, widths, cells)),), gap, False, ())
    bars = bool(measured.bars(every)) and measured.needed(every, full, gap, bars=True) <= available
    kept = measured.fitting(available, gap)
    lost = [table.columns[index].drop_priority for index in every if index not in kept]
    too_wide = measured.needed(kept, least, gap) > available
    if too_wide or (lost and min(lost) <= TABLE_OF_STAGES):
        closer = measured.fitting(available, NARROW_GAP)
        if too_wide or len(closer) > len(kept):
            kept, gap = closer, NARROW_GAP
    widths = _widened(measured, kept, available, gap)
    lanes = list(_lanes(table, kept, widths, cells))
    hidden = dict.fromkeys(table.columns[index].title for index in every if index not in kept)
    return Layout(tuple(map(tuple, _groups(lanes, available, gap))), gap, bars, tuple(hidden))


def _with(table: Table, widths: list[int]) -> Iterator[tuple[Column, int]]:
    return zip(table.columns, widths, strict=True)


def _least(column: Column, width: int) -> int:
    if column.wrap:
        return min(width, LEAST_VERDICT if column.kind == "verdict" else LEAST_WRAPPED)
    return min(width, LEAST_NAME) if column.keep_end else width


def _title_lines(title: str, width: int) -> list[str]:
    return [_end_of(line, width) for line in _wrapped(title, width, at_hyphens=True)] or [""]


def _longest_word(title: str) -> int:
    """Of a title's words the longest, as far as it cannot lose its beginning."""
    return min(max(map(cell_len, _wrapped(title, 1, at_hyphens=True)), default=0), LEAST_NAME)


def _widened(measured: Measured, kept: list[int], available: int, gap: int) -> list[int]:
    """The widths with what is left given away: to titles, if all of them fit in one line, then to long cells, so
    that they take about as many lines."""
    table, widths = measured.table, list(measured.least)
    flexible = [index for index in kept if table.columns[index].wrap or table.columns[index].keep_end]
    in_one_line = [
        width if index in flexible else full
        for index, (width, full) in enumerate(zip(widths, measured.full, strict=True))
    ]
    if measured.needed(kept, in_one_line, gap) <= available:
        widths = in_one_line
    left = available - measured.needed([index for index in kept if index not in flexible], widths, gap)
    left -= gap * len(flexible)
    if sum(widths[index] for index in flexible) > left:
        for index in flexible:
            widths[index] = min(widths[index], max(1, left // len(flexible)))
    left -= sum(widths[index] for index in flexible)
    while left > 0 and (growing := [index for index in flexible if widths[index] < measured.full[index]]):
        widths[max(growing, key=lambda index: measured.full[index] / widths[index])] += 1
        left -= 1
    return widths


def _lanes(table: Table, kept: list[int], widths: list[int], cells: list[list[str]]) -> Iterator[Lane]:
    for index in kept:
        column, width = table.columns[index], widths[index]
        shown = cells[index]
        if column.wrap:
            shown = ["\n".join(_broken(cell, width)) for cell in shown]
        elif column.keep_end:
            shown = [_end_of(cell, width) for cell in shown]
        yield Lane(index, column, tuple(_title_lines(column.title, width)), tuple(shown), width)


def _broken(cell: str, width: int) -> list[str]:
    """A cell in lines: names with hyphens stay whole where they fit."""
    at_hyphens = max(map(cell_len, cell.split()), default=0) > width
    return [part for line in _wrapped(cell, width, at_hyphens=at_hyphens) for part in chop_cells(line, width)]


def _wrapped(text: str, width: int, *, at_hyphens: bool) -> list[str]:
    """Text in lines of so many columns of a terminal, of which a character takes one or two; a word that is longer
    has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        for number, part in enumerate(re.split(BEHIND_HYPHENS, word) if at_hyphens else [word]):
            longer = f"{lines[-1]}{'' if number else ' '}{part}" if lines else part
            if lines and cell_len(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _end_of(cell: str, width: int) -> str:
    """A cell set in as before, of whose name the end is there: from a whole word on, where one fits."""
    if cell_len(cell) <= width:
        return cell
    name = cell.lstrip(" ")
    indent = cell[: len(cell) - len(name)]
    room = max(1, width - len(indent) - len(LEFT_OUT))
    first = next((at for at in range(len(name)) if cell_len(name[at:]) <= room), len(name) - 1)
    slash = name.find("/", first)
    return f"{indent}{LEFT_OUT}{name[slash:] if first <= slash < len(name) - 1 else name[first:]}"


def _groups(lanes: list[Lane], available: int, gap: int) -> list[list[Lane]]:
    """The lanes side by side; where the continuing ones do not fit, in as few groups as will do, evenly filled."""
    continuing = [lane for lane in lanes if lane.column.paginate]
    repeated = [lane for lane in lanes if not lane.column.paginate]
    if not continuing:
        return [lanes]
    left = available + gap - sum(lane.width + gap for lane in repeated)

    def filled(most: int) -> list[list[Lane]]:
        groups: list[list[Lane]] = [[]]
        for lane in continuing:
            taken = sum(each.width + gap for each in groups[-1])
            if groups[-1] and (len(groups[-1]) == most or taken + lane.width + gap > left):
                groups.append([])
            groups[-1].append(lane)
        return groups

    fewest = len(filled(len(continuing)))
    evenly = next(groups for most in range(1, len(continuing) + 1) if len(groups := filled(most)) == fewest)
    return [repeated + group for group in evenly]


def _cell(table: Table, row: Row, index: int) -> str:
    column = table.columns[index]
    mark = MARK if column.key in row.marked else ""
    return f"{'  ' * row.level if index == table.label_column else ''}{mark}{cell_text(row, index, column)}"
