"""Words in a row: apart, in order, and where they belong if they can be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.drawing.rows import spread

WORDS = st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 8)), min_size=1, max_size=9)


@given(WORDS)
def test_spread_words_stand_apart_in_order_in_the_room_and_where_they_belong_if_they_can(
    words: list[tuple[float, float]],
) -> None:
    words = sorted(words)
    middles, widths = [middle for middle, _ in words], [width for _, width in words]
    found = spread(middles, widths, 100, 1)
    ends = [(at - width / 2, at + width / 2) for at, width in zip(found, widths, strict=True)]
    assert all(one[1] + 1 <= other[0] + 1e-6 for one, other in pairwise(ends))
    assert ends[0][0] >= -1e-6
    assert ends[-1][1] <= 100 + 1e-6
    wanted = [(at - width / 2, at + width / 2) for at, width in words]
    if wanted[0][0] >= 0 and wanted[-1][1] <= 100 and all(a[1] + 1 <= b[0] for a, b in pairwise(wanted)):
        assert found == pytest.approx(middles)
