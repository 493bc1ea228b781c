"""The shapes of what the most frequent operators give, where they are plain.

PyTorch knows the shape of what any operator gives, and for most of them imports its compiler to tell it: two seconds
and 70 MB, which is more than all else that reading a module takes. What is out of the ordinary in any way (sizes that
do not fit, precisions that differ) is left to PyTorch, which knows what comes of it, or why nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

Arguments = Mapping[str, Any]
"""Of an operator, by the names in its schema, with defaults."""

Rule = Callable[[torch.Tensor, Arguments], Sequence[int] | None]
"""The shape of an operator's result by its first tensor; None where it is not plain."""


def plain_result(kind: str, given: Arguments) -> torch.Tensor | None:
    """What an operator gives, on the device `meta`; None where PyTorch is to be asked.

    Args:
        kind: the operator's name.
        given: its arguments; tensors are on the device `meta`.
    """
    tensors = list(_tensors(given.values()))
    if (
        "out" in given
        or not tensors
        or not tensors[0].is_floating_point()
        or any(each.dtype != tensors[0].dtype for each in tensors)
    ):
        return None
    if not all(value is None or isinstance(value, KNOWN) for value in given.values()):
        return None
    first = tensors[0]
    in_place = kind.removesuffix("_") if kind.endswith("_") else None
    if in_place in BROADCAST:
        return first if _broadcast(first, given) == tuple(first.shape) else None
    rule = RULES.get(kind)
    shape = None if rule is None else rule(first, given)
    if shape is None:
        return None
    if tuple(shape) == tuple(first.shape):
        return torch.empty_strided(first.shape, first.stride(), dtype=first.dtype, device="meta")
    return torch.empty(tuple(shape), dtype=first.dtype, device="meta")


KNOWN = (torch.Tensor, bool, int, float, str, list, tuple)
"""Kinds of arguments that rules know: others, such as a precision that is asked for, change what is given."""


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)


def _pair(value: Any) -> tuple[int, int]:
    """Two whole numbers for rows and columns, of which PyTorch takes one for both."""
    values = [value] if isinstance(value, int) else value
    return (int(values[0]), int(values[-1]))


def _broadcast(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    shapes = [each.shape for each in _tensors(given.values())]
    shape = []
    for index in range(1, 1 + max(map(len, shapes))):
        sizes = {each[-index] for each in shapes if len(each) >= index} - {1}
        if len(sizes) > 1:
            return None
        shape.append(sizes.pop() if sizes else 1)
    return tuple(reversed(shape))


def _like_images(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    """Whatever else an operator takes has one number for each channel."""
    _, *others = _tensors(given.values())
    return tuple(first.shape) if first.dim() > 1 and all(each.shape == first.shape[1:2] for each in others) else None


def _like_features(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    """Whatever else an operator takes has the shape that it normalises over."""
    _, *others = _tensors(given.values())
    over = torch.Size(given["normalized_shape"])
    shapes = [first.shape[-len(over) :], *(each.shape for each in others)]
    return first.shape if len(over) and all(each == over for each in shapes) else None


def _while_training(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    """At inference dropout gives the very tensor that it takes."""
    return first.shape if given["train"] and given["p"] else None


def _convolution(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    weight, bias, padding = given["weight"], given["bias"], given["padding"]
    if first.dim() != 4 or weight.dim() != 4 or first.shape[1] != weight.shape[1] * given["groups"]:
        return None
    if weight.shape[0] % given["groups"] or (bias is not None and bias.shape != weight.shape[:1]):
        return None
    kernel, stride, dilation = tuple(weight.shape[2:]), _pair(given["stride"]), _pair(given["dilation"])
    reach = [step * (side - 1) for side, step in zip(kernel, dilation, strict=True)]
    if isinstance(padding, str):
        around = reach if padding == "same" else [0, 0]
    else:
        around = [2 * each for each in _pair(padding)]
    return _windows(first, weight.shape[0], reach, stride, around)


def _windows(
    first: torch.Tensor, channels: int, reach: Sequence[int], stride: Sequence[int], around: Sequence[int]
) -> Sequence[int] | None:
    if min(stride) < 1 or min(around) < 0:
        return None
    sides = [
        (side + more - back - 1) // step + 1
        for side, more, back, step in zip(first.shape[2:], around, reach, stride, strict=True)
    ]
    return (first.shape[0], channels, *sides) if min(sides) > 0 else None


def _max_pooling(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    if first.dim() != 4 or given["ceil_mode"]:
        return None
    kernel, dilation, padding = (_pair(given[name]) for name in ("kernel_size", "dilation", "padding"))
    if any(2 * margin > side for margin, side in zip(padding, kernel, strict=True)):
        return None
    reach = [step * (side - 1) for side, step in zip(kernel, dilation, strict=True)]
    return _windows(first, first.shape[1], reach, _pair(given["stride"] or kernel), [2 * each for each in padding])


def _adaptive_pooling(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    sides = tuple(given["output_size"])
    return (*first.shape[:2], *sides) if first.dim() == 4 and len(sides) == 2 and min(sides) > 0 else None


def _mean(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    axes = given.get("dim")
    if not axes or any(not -first.dim() <= axis < first.dim() for axis in axes):
        return None
    over = {axis % first.dim() for axis in axes}
    if len(over) < len(axes):
        return None
    shape = [1 if axis in over else size for axis, size in enumerate(first.shape)]
    return shape if given["keepdim"] else [size for axis, size in enumerate(shape) if axis not in over]


def _linear(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    weight, bias = given["weight"], given["bias"]
    if first.dim() < 1 or weight.dim() != 2 or first.shape[-1] != weight.shape[1]:
        return None
    if bias is not None and bias.shape != weight.shape[:1]:
        return None
    return (*first.shape[:-1], weight.shape[0])


def _matmul(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    other = given["other"]
    if min(first.dim(), other.dim()) < 2 or first.shape[-1] != other.shape[-2] or first.shape[:-2] != other.shape[:-2]:
        return None
    return (*first.shape[:-1], other.shape[-1])


def _concatenation(first: torch.Tensor, given: Arguments) -> Sequence[int] | None:
    shapes = [tuple(each.shape) for each in given["tensors"]]
    axis = given["dim"]
    if not first.dim() or not -first.dim() <= axis < first.dim() or any(len(each) != first.dim() for each in shapes):
        return None
    axis %= first.dim()
    if len({(*each[:axis], *each[axis + 1 :]) for each in shapes}) > 1:
        return None
    return (*shapes[0][:axis], sum(each[axis] for each in shapes), *shapes[0][axis + 1 :])


BROADCAST = (
    frozenset({"abs", "add", "clamp", "clamp_min", "div", "exp", "floor", "maximum", "minimum", "mul", "neg", "rsub"})
    | {"celu", "elu", "gelu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu", "relu6", "selu"}
    | {"reciprocal", "rsqrt", "sigmoid", "silu", "softplus", "sqrt", "sub", "tanh"}
)
"""Operators that work on each number alone, and on pairs of them; of the precision that they take."""

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(BROADCAST, _broadcast),
    "batch_norm": _like_images,
    "layer_norm": _like_features,
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout"), _while_training),
    "conv2d": _convolution,
    "max_pool2d": _max_pooling,
    "adaptive_avg_pool2d": _adaptive_pooling,
    "mean": _mean,
    "linear": _linear,
    "matmul": _matmul,
    "cat": _concatenation,
}
"""Operator -> the shape of its result."""
