"""Formulas for sizes, as files of torch.export state them."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.sources.torch.open_sizes import OpenSizes, evaluated, solved

H = "Symbol('h', positive=True, integer=True)"

FORMULAS: tuple[tuple[str, int | None], ...] = (
    (H, 50),
    (f"Add(FloorDiv(Add({H}, Integer(-1)), Integer(2)), Integer(1))", 25),
    (f"Mul(Integer(-1), FloorDiv(Mul(Integer(-1), {H}), Integer(4)))", 13),
    (f"Max(Integer(1), FloorDiv({H}, Integer(64)))", 1),
    (f"Min(Integer(9), Mod({H}, Integer(7)))", 1),
    (f"Pow({H}, Integer(2))", 2500),
    (f"floor(Mul({H}, Rational(1, 3)))", 16),
    (f"CeilToInt(IntTrueDiv({H}, Integer(3)))", 17),
    (f"Mul({H}, Pow(Integer(4), Integer(-1)))", None),
    ("Symbol('w')", None),
    (f"FloorDiv({H}, Integer(0))", None),
    (f"Pow({H}, Integer(99))", None),
    ("Mul(" * 90 + H + f", {H})" * 90, None),
    ("__import__('os').getpid()", None),
    (f"[{H} for _ in 'ab']", None),
    (f"Add({H}, )" * 3, None),
    ("Add(Integer(1), " * 300, None),
    ("Integer(1" + "0" * 5000 + ")", None),
    ("Integer('x')", None),
    ("-" * 1200 + "1", None),
    ("-" * 40 + H, 50),
    ("-" * 4000 + H, None),
    ("floor(" * 80 + H + ")" * 80, 50),
    ("Symbol()", None),
    ("", None),
)


@pytest.mark.parametrize(("text", "expected"), FORMULAS)
def test_a_formula_is_worked_out_or_open(text: str, expected: int | None) -> None:
    assert evaluated(text, {"h": 50}) == expected


def written(text: str) -> dict[str, Any]:
    return {"as_expr": {"expr_str": text}}


@pytest.mark.parametrize(
    ("sizes", "wanted", "expected"),
    [
        ([written(H), written("Symbol('w')")], [64, 96], {"h": 64, "w": 96}),
        ([written(f"Mul(Integer(32), {H})"), written(f"Mul(Integer(32), {H})")], [64, 96], {"h": 2}),
        ([written(f"Add(Mul(Integer(4), {H}), Integer(1))")], [65], {"h": 16}),
        ([written(f"Mul(Integer(32), {H})")], [65], {}),
        ([written(f"Mul({H}, Symbol('w'))")], [64], {}),
        ([{"as_int": 32}], [64], {}),
        ([written(H)], [None], {}),
    ],
)
def test_symbols_are_what_gives_the_sizes_wanted(sizes: Any, wanted: Any, expected: dict[str, int]) -> None:
    assert solved(sizes, wanted) == expected


def test_sizes_are_taken_by_name_too() -> None:
    sizes = OpenSizes({"h": 50}, {"half": written(f"FloorDiv({H}, Integer(2))"), "less": {"as_int": -3}})
    assert [sizes.number({"as_name": name}) for name in ("half", "less", "other")] == [25, -3, None]
    assert [sizes.size(each) for each in ({"as_int": 7}, {"as_int": -1}, written("Symbol('n')"))] == [7, None, None]
