"""Widths of text, by which boxes are as wide as what is in them on every Python."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from effnet_inspect.drawing.canvas import text_width


@given(st.text(), st.floats(6, 48), st.booleans())
@example("MBConv6 · 3×3 · stride 2", 9.0, False)
@example("×iMw", 12.0, True)
def test_the_order_of_letters_does_not_change_the_last_digit_of_a_width(text: str, size: float, bold: bool) -> None:
    assert text_width(text, size, bold) == text_width(text[::-1], size, bold)
