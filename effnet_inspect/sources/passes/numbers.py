"""What arithmetic with one number, or with one for each channel, does to data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from effnet_inspect.graph import Layer, Shape
from effnet_inspect.sources.passes.draft import AT_MOST, SCALE, SHIFT, Constant

Arithmetic = Literal["add", "subtract", "multiply", "divide"]

EFFECTS: dict[Arithmetic, Callable[[float], float]] = {
    "add": float,
    "subtract": lambda value: -value,
    "multiply": float,
    "divide": lambda value: 1 / value if value else value,
}
"""What a constant does, as an offset or a factor."""


def with_constant(arithmetic: Arithmetic, class_name: str, constant: Constant, shape: Shape | None) -> Layer:
    """Data of a shape, and behind the sign a number or one for each channel: a rescaling, a factor or an offset."""
    scales = arithmetic in ("multiply", "divide")
    operation = "rescaling" if constant.size == 1 else SCALE if scales else SHIFT
    values = [float(each) for each in constant.numbers() or ()] or None
    told = values and tuple(map(EFFECTS[arithmetic], values))
    if scales:
        return Layer("", operation, class_name, output_shape=shape, scale=told)
    return Layer("", operation, class_name, output_shape=shape, offset=told)


def bounded(from_above: bool, class_name: str, constant: Constant) -> Layer | None:
    """`min(x, number)`, or `max(x, number)`, of which `max(x, 0)` is ReLU; None where the number is unknown."""
    numbers = constant.numbers() or []
    if len(numbers) != 1:
        return None
    name = AT_MOST if from_above else "relu" if numbers[0] == 0 else "clip"
    return Layer("", "activation", class_name, activation=name)
