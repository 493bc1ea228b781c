"""Documents for programs: JSON as the commands document it, CSV as one tidy table."""

from __future__ import annotations

import csv
import io
import json

from effnet_inspect.document import Document, Joint, Value
from effnet_inspect.renderers import Options

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell; behind an apostrophe it is text."""


def render_json(document: Document, options: Options) -> str:
    """The document's data; keys in the order of the contract."""
    return json.dumps(document.data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


LEVEL = "level"
"""The column that tells the rows of one level from those of another."""
TOTAL = "total"
"""What it says of totals."""


def render_csv(document: Document, options: Options) -> str:
    """One table with one line of titles; numbers exact, shares as fractions, sizes as 3x3.

    Where rows are of several levels, a column says which: the rows of one level add up to the total.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for table in document.tables:
        has_levels = any(row.levels for row in table.rows)
        writer.writerow([*[LEVEL] * has_levels, *(column.key for column in table.columns)])
        for row in table.rows:
            values = [_plain(value) for value in row.values]
            levels = (TOTAL,) if row.role == "total" else row.levels
            writer.writerows([[level, *values] for level in levels] if has_levels else [values])
    return stream.getvalue()


def _plain(value: Value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Joint):
        return " ".join(str(_plain(part)) for part in value if part is not None)
    if isinstance(value, tuple):
        return "x".join("?" if side is None else str(side) for side in value)
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(FORMULAS) else value
