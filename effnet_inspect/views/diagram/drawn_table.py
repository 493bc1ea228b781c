"""A table as part of a drawing: captions in columns, thin rules, and bars for shares."""

from __future__ import annotations

from effnet_inspect.document import Table
from effnet_inspect.drawing import Box, Caption, Diagram
from effnet_inspect.drawing.canvas import Canvas, text_width
from effnet_inspect.formatting import cell_text

SIZE = 10.5
LINE = 21.0
GAP = 18.0
BAR = 70.0


def drawn_table(table: Table, name: str) -> Diagram:
    """Draw a table with all its columns."""
    canvas = Canvas(name)
    x = 0.0
    for index, column in enumerate(table.columns):
        cells = [cell_text(row, index, column) for row in table.rows]
        width = max(text_width(text, SIZE, bold=True) for text in (column.title, *cells))
        edge, anchor = (x + width, "right") if column.is_numeric else (x, "left")
        canvas.caption(Caption(column.title, edge, 0, SIZE, "ink", True, anchor))  # type: ignore[arg-type]
        for line, (row, text) in enumerate(zip(table.rows, cells, strict=True)):
            y = (line + 1) * LINE + (6 if row.role == "total" else 2)
            canvas.caption(Caption(text, edge, y, SIZE, "ink", row.role == "total", anchor))  # type: ignore[arg-type]
        if column.kind == "share":
            _bars(canvas, table, index, x + width + 8)
            width += BAR + 8
        x += width + GAP
    for number, y in enumerate((LINE * 0.55, (len(table.rows) - 0.35) * LINE + 1)):
        canvas.box(Box(f"rule {number + 1}", 0, y, x - GAP, 1, "rule"))
    return canvas.diagram(margin=0)


def _bars(canvas: Canvas, table: Table, index: int, x: float) -> None:
    shares = [row.values[index] if row.role == "row" else None for row in table.rows]
    largest = max((share for share in shares if isinstance(share, float)), default=0.0)
    for line, share in enumerate(shares):
        if isinstance(share, float) and largest and share / largest * BAR >= 0.5:
            y = (line + 1) * LINE + 2 - 5
            canvas.box(Box(f"bar {index} {line + 1}", x, y, share / largest * BAR, 10, "bar", tooltip=f"{share:.1%}"))
