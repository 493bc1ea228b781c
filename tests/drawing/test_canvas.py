"""Widths of text, by which boxes are as wide as what is in them on every Python."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from effnet_inspect.drawing.canvas import broken_word, text_width


@given(st.text(), st.floats(6, 48), st.booleans())
@example("MBConv6 · 3×3 · stride 2", 9.0, False)
@example("×iMw", 12.0, True)
def test_the_order_of_letters_does_not_change_the_last_digit_of_a_width(text: str, size: float, bold: bool) -> None:
    assert text_width(text, size, bold) == text_width(text[::-1], size, bold)


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=60), st.floats(20, 150))
@example("Conv2DTranspose", 40.0)
def test_a_word_in_lines_is_the_same_word(word: str, width: float) -> None:
    lines = broken_word(word, width, 7, most=None)
    assert "".join(lines) == word
    assert all(text_width(line, 7) <= width for line in lines)
    few = broken_word(word, width, 7, most=2)
    assert len(few) <= 2
    assert all(text_width(line, 7) <= width for line in few)
    assert "".join(few) == word or few[-1].endswith("…")
    assert few == lines or len(lines) > 2


@pytest.mark.parametrize(
    ("word", "width", "lines"),
    [
        ("GlobalAveragePooling2D", 100, ["GlobalAveragePooling2D"]),
        ("GlobalAveragePooling2D", 60, ["GlobalAverage", "Pooling2D"]),
        ("BatchNormalizationV2Synchronized", 80, ["BatchNormalization", "V2Synchronized"]),
        ("HTTPServerLayer", 30, ["HTTP", "Server", "Layer"]),
        ("my_own_squeeze_excite", 50, ["my_own_", "squeeze_", "excite"]),
        ("channel attention", 45, ["channel", "attention"]),
    ],
)
def test_a_word_is_broken_where_a_part_of_it_begins(word: str, width: float, lines: list[str]) -> None:
    assert broken_word(word, width, 7) == lines
