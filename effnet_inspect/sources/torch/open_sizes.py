"""Sizes that a file of torch.export leaves open: expressions in symbols, and what they are for images of one size.

An expression is written as sympy writes it, `Add(FloorDiv(Symbol('s0', positive=True), Integer(2)), Integer(1))`. It is
parsed and never evaluated as code: what is not one of a few functions of whole numbers stays unknown.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from effnet_inspect import limits

Number = int | Fraction
Stated = Mapping[str, Any]
"""A size as the format has it: `as_int`, or `as_expr` with its text."""


def _power(base: Number, exponent: Number) -> Number:
    if exponent not in (-1, 1, 2):
        raise ArithmeticError
    return Fraction(base) ** int(exponent)


FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "Add": lambda *terms: sum(terms),
    "Mul": lambda *factors: math.prod(factors),
    "Max": max,
    "Min": min,
    "Pow": _power,
    "FloorDiv": lambda one, other: one // other,
    "CleanDiv": lambda one, other: one // other,
    "CeilDiv": lambda one, other: -(-one // other),
    "IntTrueDiv": lambda one, other: Fraction(one) / other,
    "FloatTrueDiv": lambda one, other: Fraction(one) / other,
    "Mod": lambda one, other: one % other,
    "PythonMod": lambda one, other: one % other,
    "floor": math.floor,
    "ceiling": math.ceil,
    "FloorToInt": math.floor,
    "CeilToInt": math.ceil,
    "TruncToInt": math.trunc,
    "ToFloat": lambda number: number,
    "Rational": lambda one, other: Fraction(one, other),
}
"""What PyTorch and sympy call what they compute sizes with."""


class OpenSizes:
    """The symbols of one program, each with its value where that is known."""

    def __init__(self, values: Mapping[str, int], named: Mapping[str, Stated] | None = None) -> None:
        """`named` are the sizes that the program computes, by the names that its calls take them by."""
        self.values = values
        self._named = named or {}

    def size(self, stated: Any) -> int | None:
        """The size that is stated; None where it is open."""
        number = self.number(stated)
        return number if number is not None and number >= 0 else None

    def number(self, stated: Any) -> int | None:
        """Any whole number that is stated, or named; None where it is open."""
        if "as_name" in stated:
            stated = self._named.get(str(stated["as_name"]), {})
        if "as_expr" in stated:
            return evaluated(str(stated["as_expr"]["expr_str"]), self.values)
        number = stated.get("as_int")
        return number if isinstance(number, int) else None


def solved(stated: Sequence[Stated], wanted: Sequence[int | None]) -> dict[str, int]:
    """The symbols' values with which sizes are what is wanted; without those that no value gives.

    >>> solved([{"as_expr": {"expr_str": "Mul(Integer(32), Symbol('s0'))"}}], [64])
    {'s0': 2}
    """
    values: dict[str, int] = {}
    for size, target in zip(stated, wanted, strict=True):
        text = str(size["as_expr"]["expr_str"]) if "as_expr" in size else ""
        names = {*_symbols(text)} - set(values)
        if target is not None and len(names) == 1:
            (name,) = names
            # Sizes that somebody can ask for grow evenly with their symbol.
            zero, one = (evaluated(text, {**values, name: number}) for number in (0, 1))
            if zero is not None and one is not None and one != zero and (target - zero) % (one - zero) == 0:
                values[name] = (target - zero) // (one - zero)
    return values


def evaluated(text: str, values: Mapping[str, int]) -> int | None:
    """What an expression is with these values; None where a symbol or a function in it is unknown, or it is no integer.

    >>> evaluated("FloorDiv(Add(Symbol('s0'), Integer(-1)), Integer(2))", {"s0": 64})
    31
    """
    tree = _parsed(text)
    try:
        number = None if tree is None else _value(tree, values)
    except (ArithmeticError, TypeError, ValueError, LookupError, RecursionError):
        return None
    if number is None or number != int(number) or not -limits.SIZE < number < limits.SIZE:
        return None
    return int(number)


def _value(node: ast.expr, values: Mapping[str, int]) -> Number:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, values)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError
    if node.func.id == "Symbol":
        return values[_symbol(node)]
    arguments = [_value(each, values) for each in node.args]
    result = arguments[0] if node.func.id == "Integer" else FUNCTIONS[node.func.id](*arguments)
    if not -limits.COUNT < result < limits.COUNT:
        raise ArithmeticError
    return result


def _symbol(node: ast.Call) -> str:
    (name, *_) = node.args
    return str(name.value) if isinstance(name, ast.Constant) else ""


def _symbols(text: str) -> Iterator[str]:
    tree = _parsed(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Symbol" and node.args:
            yield _symbol(node)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> ast.expr | None:
    if len(text) > limits.EXPRESSION:
        return None
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
