"""A table as part of a drawing: captions in columns, thin rules, and bars for shares."""

from __future__ import annotations

from math import fsum

from effnet_inspect.document import Table
from effnet_inspect.drawing import Anchor, Box, Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas, text_width
from effnet_inspect.drawing.page import SMALLEST
from effnet_inspect.formatting import cell_text

LINE = 12.0
GAP = 9.0
BAR = 26.0
BAR_HEIGHT = 6.0
BEFORE_BAR = 4.0


def drawn_table(table: Table, name: str, room: float) -> tuple[Diagram, Table]:
    """Draw a table no wider than `room` points; also returns it with the columns that there is room for."""
    while fsum(_widths(table)) - GAP > room and (most := max(each.drop_priority for each in table.columns)):
        table = table.with_columns_of_priority_below(most)
    canvas = Canvas(name)
    x = 0.0
    for index, (column, width) in enumerate(zip(table.columns, _widths(table), strict=True)):
        right = x + width - GAP - (BAR + BEFORE_BAR) * (column.kind == "share")
        if column.is_numeric:
            _column(canvas, table, index, right, "right")
        else:
            _column(canvas, table, index, x, "left")
        if column.kind == "share":
            _bars(canvas, table, index, right + BEFORE_BAR)
        x += width
    for number, y in enumerate((LINE * 0.55, (len(table.rows) - 0.35) * LINE + 1)):
        canvas.box(Box(f"rule {number + 1}", 0, y, x - GAP, 0.6, "rule"))
    return canvas.diagram(margin=0), table


def _widths(table: Table) -> list[float]:
    """Of each column with the gap after it."""
    widths = []
    for index, column in enumerate(table.columns):
        texts = (column.title, *(cell_text(row, index, column) for row in table.rows))
        bar = BAR + BEFORE_BAR if column.kind == "share" else 0.0
        widths.append(max(text_width(text, SMALLEST, bold=True) for text in texts) + bar + GAP)
    return widths


def _column(canvas: Canvas, table: Table, index: int, edge: float, anchor: Anchor) -> None:
    column = table.columns[index]
    canvas.caption(Caption(column.title, edge, 0, SMALLEST, "ink", True, anchor))
    for line, row in enumerate(table.rows):
        is_total = row.role == "total"
        y = (line + 1) * LINE + (4 if is_total else 1)
        canvas.caption(Caption(cell_text(row, index, column), edge, y, SMALLEST, "ink", is_total, anchor))


def _bars(canvas: Canvas, table: Table, index: int, x: float) -> None:
    shares = [row.values[index] if row.role == "row" else None for row in table.rows]
    largest = max((share for share in shares if isinstance(share, float)), default=0.0)
    for line, share in enumerate(shares):
        if isinstance(share, float) and largest and share / largest * BAR >= 0.5:
            y, width = (line + 1) * LINE + 1 - BAR_HEIGHT / 2, share / largest * BAR
            canvas.box(Box(f"bar {index} {line + 1}", x, y, width, BAR_HEIGHT, "bar", tooltip=f"{share:.1%}"))
