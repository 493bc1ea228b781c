"""What arithmetic with one number, or with one for each channel, does to data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def is_along_channels(constant: Constant, shape: Sequence[int | None] | None, behind: int = 0) -> bool:
    """Whether a constant is one number, or one for each channel of data of a shape.

    `behind` is how many axes there are behind that of the channels. Where data have one channel and the constant many,
    it makes as many of the one.
    """
    if constant.size == 1:
        return True
    if constant.shape is None or shape is None or len(shape) <= behind:
        return False
    channels = shape[-1 - behind]
    return all(
        size == 1 or (position == behind and channels in (size, None))
        for position, size in enumerate(reversed(constant.shape))
    )


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
