"""What may be shown of texts that others wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from effnet_inspect.text import NAMELESS, REPLACEMENT, all_clean, clean, decimal, named, shortened

R = REPLACEMENT


@dataclass(frozen=True)
class Record:
    text: str
    rows: tuple[Any, ...] = ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("block4a_expand", "block4a_expand"),
        ("größe × 模型 🙂", "größe × 模型 🙂"),
        ("\x1b[31mred\x07", f"{R}[31mred{R}"),
        ("\x9b31m", f"{R}31m"),
        ("a\r\nrow\tb\u2028c\u2029d\x85e", f"a{R}{R}row{R}b{R}c{R}d{R}e"),
        ("nul\0del\x7f", f"nul{R}del{R}"),
        ("\u202eright\u2066left\u200fmark\u061c", f"{R}right{R}left{R}mark{R}"),
        ("half \ud800 \udcff", f"half {R} {R}"),
        ("\ufffe\uffff\U0001ffff\ufdd0", R * 4),
        ("in\u200bvisible\ufeff\u3164\U000e0041", f"in{R}visible{R}{R}{R}"),
    ],
)
def test_one_line_that_commands_nothing(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert clean(shown) == shown
    shown.encode()


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\xa0 "])
def test_names_are_never_blank(text: str) -> None:
    assert named(text) == NAMELESS


@pytest.mark.parametrize("longest", [3, 4, 5, 10, 11, 12])
def test_shortened(longest: int) -> None:
    shown = shortened("0123456789a", longest)
    assert len(shown) == min(11, longest)
    assert (shown[0], shown[-1]) == ("0", "a")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        *((each, None) for each in ("", " 1", "+1", "1_0", "²", "٣", "9" * 19)),
    ],
)
def test_numbers_are_written_in_ten_digits(text: str, number: int | None) -> None:
    assert decimal(text) == number


def test_everything_in_a_value_is_cleaned() -> None:
    dirty = Record("a\x1b", ({"b\n": ["c\n", 1, None]}, Record("clean")))
    assert all_clean(dirty) == Record(f"a{R}", ({f"b{R}": [f"c{R}", 1, None]}, Record("clean")))
    assert all_clean(dirty, lines=True) == Record(f"a{R}", ({"b\n": ["c\n", 1, None]}, Record("clean")))


def test_what_is_clean_stays_the_same_object() -> None:
    value = (Record("clean", ("a", 1)), ["b"])
    assert all_clean(value) is value
