"""How cells are written where there is nothing in them."""

from __future__ import annotations

import pytest

from effnet_inspect.document import Column, Row
from effnet_inspect.formatting import MISSING, cell_text

NUMBER, NAME = Column("number", "#", "count"), Column("name", "Name")


@pytest.mark.parametrize(
    ("row", "index", "column", "text"),
    [
        (Row((None, "below")), 0, NUMBER, ""),
        (Row((None, "theirs")), 0, NAME, MISSING),
        (Row(("ours", None)), 1, NAME, MISSING),
        (Row((1, None)), 1, NUMBER, MISSING),
        (Row((None, None), role="total"), 0, NAME, ""),
        (Row(("sum", None), role="total"), 1, NUMBER, ""),
        (Row((1234, "one")), 0, NUMBER, "1,234"),
    ],
)
def test_only_rows_that_are_not_numbered_and_totals_have_empty_cells(
    row: Row, index: int, column: Column, text: str
) -> None:
    assert cell_text(row, index, column) == text
