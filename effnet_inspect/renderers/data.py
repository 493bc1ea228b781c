"""Documents for programs: JSON as the commands document it, CSV with one row a table row."""

from __future__ import annotations

import csv
import io
import json

from effnet_inspect.document import Document, Value
from effnet_inspect.renderers import Options

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell; behind an apostrophe it is text."""


def render_json(document: Document, options: Options) -> str:
    """The document's data; keys in the order of the contract."""
    return json.dumps(document.data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_csv(document: Document, options: Options) -> str:
    """All tables one after the other, an empty line between; numbers exact, shares as fractions, sizes as 3x3."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for index, table in enumerate(document.tables):
        if index:
            stream.write("\n")
        writer.writerow([column.key for column in table.columns])
        writer.writerows([_plain(value) for value in row.values] for row in table.rows)
    return stream.getvalue()


def _plain(value: Value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "x".join("?" if side is None else str(side) for side in value)
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(FORMULAS) else value
