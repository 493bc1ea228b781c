"""Numbers, sizes and names as configurations write them: each is checked, for a configuration need not be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from effnet_inspect import limits
from effnet_inspect.graph import Pair


def whole(value: Any, least: int = 1) -> int:
    """A size or a count.

    Raises:
        ValueError: where it is none, or not from `least` to limits.SIZE.
    """
    number = int(value)
    if not least <= number <= limits.SIZE:
        raise ValueError(f"{number} is not a size")
    return number


def finite(value: Any) -> float:
    """A number.

    Raises:
        ValueError: where it is none, infinite or not a number.
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    return number


def pair(value: Any, least: int = 1) -> Pair:
    """Keras writes a square size as one number or as a pair."""
    if isinstance(value, (list, tuple)):
        return (whole(value[0], least), whole(value[-1], least))
    return (whole(value, least), whole(value, least))


def margins(value: Any) -> tuple[Pair, Pair]:
    """Padding or cropping: one number, (rows, columns), or ((top, bottom), (left, right))."""
    if not isinstance(value, (list, tuple)):
        value = (value, value)
    return (pair(value[0], 0), pair(value[1], 0))


def numbers(value: Any) -> tuple[float, ...] | None:
    """A factor or one per channel; None where the configuration states none."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        value = value.get("config", {}).get("value", value.get("value"))
    flat: list[float] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (list, tuple)):
            waiting.extend(reversed(item))
        elif isinstance(item, (int, float)):
            flat.append(finite(item))
    return tuple(flat) or None


def activation_name(value: Any) -> str | None:
    """The function's name; `swish` is called `silu`; of an object, the name it is registered under.

    >>> activation_name("swish"), activation_name("linear"), activation_name({"class_name": "ReLU", "config": {}})
    ('silu', None, 'relu')
    """
    if isinstance(value, Mapping):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("registered_name") or value.get("class_name")
        if isinstance(value, str):
            value = value.split(">")[-1]
    if not isinstance(value, str):
        return None
    name = value.lower()
    return {"swish": "silu", "linear": None}.get(name, name)


def open_sizes(value: Any) -> list[int]:
    """The sizes of a shape, in which -1 stands for what is left.

    Raises:
        SourceError: where they are too many.
        ValueError: where one of them is no size.
    """
    limits.within(len(value), limits.RANK, "axes of a shape")
    return [whole(size, -1) for size in value]


def several(value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """Keras writes a size along `rank` axes as one number or as one for each.

    >>> several(3, 2), several([3], 1), several((1, 2, 3), 3)
    ((3, 3), (3,), (1, 2, 3))
    """
    each = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    if len(each) != rank:
        raise ValueError(f"{len(each)} sizes are stated for {rank} axes")
    return tuple(whole(size, least) for size in each)


def borders(value: Any, rank: int) -> tuple[Pair, ...]:
    """What is added or cut off before and behind each of `rank` axes: one number, one or two for each axis.

    >>> borders(1, 3), borders((1, 2), 1), borders(((1, 2), (3, 4), 5), 3)
    (((1, 1), (1, 1), (1, 1)), ((1, 2),), ((1, 2), (3, 4), (5, 5)))
    """
    if rank == 1 and isinstance(value, (list, tuple)) and len(value) == 2:
        value = (value,)
    each = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    if len(each) != rank:
        raise ValueError(f"{len(each)} borders are stated for {rank} axes")
    return tuple(pair(border, 0) for border in each)
