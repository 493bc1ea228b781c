"""What an ONNX graph computes from constants and shapes alone: sizes, paddings, axes, and where weights end up.

Exporters write such things as chains of nodes (`Shape`, `Gather`, `Concat` ...). They carry no data; followed
here, they leave the graph, and their results stand where the operators need them. Only a few values at a time
are computed, never weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from effnet_inspect import limits
from effnet_inspect.graph import Shape, elements
from effnet_inspect.sources.onnx.file import MAXIMUM_VALUES, Dimensions, Node, Tensor
from effnet_inspect.sources.passes import Constant

LARGEST_INTEGER = 2**63

Arrays = list[Any]
Attributes = Mapping[str, Any]


def of_tensor(tensor: Tensor, source: str) -> Constant:
    """The constant that a tensor of the file is; a lone number is no weight, nor are sizes and positions."""
    import numpy

    values = None
    if tensor.values is not None:
        values = numpy.empty(len(tensor.values), dtype=object)
        values[:] = tensor.values
        values = values.reshape(tensor.shape)
    sources = (source,) if tensor.shape and not tensor.is_index else ()
    return Constant(tensor.shape, values, sources, zeros_at_end=tensor.zeros_at_end, precision=tensor.precision)


def of_shape(shape: Dimensions | None, node: Node) -> Constant:
    """What the operator `Shape` says of a tensor of this shape; sizes that are not fixed stay unknown."""
    if shape is None:
        return Constant()
    return _known(_object_array(shape[node.attributes.get("start", 0) : node.attributes.get("end")]))


def evaluate(node: Node, inputs: Sequence[Constant | None]) -> Constant:
    """The result of a node all of whose inputs are constants."""
    made_from = [each for each in inputs if each and each.sources]
    sources = tuple(dict.fromkeys(source for each in made_from for source in each.sources))
    if node.kind in QUANTIZE and inputs and inputs[0]:
        # Biases are whole numbers like positions, but here they are weights.
        made_from, sources = [inputs[0]], inputs[0].sources or node.inputs[:1]
    limits.within(len(sources), limits.SOURCES, "weights that one constant is computed from")
    random = any(each.random for each in inputs if each) or node.kind in RANDOM
    quantizes = any(each.quantizes for each in inputs if each)
    precision = made_from[0].precision if made_from else None
    result = replace(_evaluate(node, inputs), sources=sources, random=random, quantizes=quantizes, precision=precision)
    return replace(result, values=None) if random else result


def _evaluate(node: Node, inputs: Sequence[Constant | None]) -> Constant:
    rule = RULES.get(node.kind)
    if rule and all(each is None or each.values is not None for each in inputs):
        try:
            result = rule([None if each is None else each.values for each in inputs], node.attributes)
        except (TypeError, ValueError, IndexError, KeyError, ArithmeticError, AttributeError):
            return Constant()
        return _known(result) if result.size <= MAXIMUM_VALUES else Constant(tuple(result.shape))
    first = inputs[0] if inputs else None
    if first is None or first.shape is None:
        return Constant()
    if node.kind == "Shape":
        return of_shape(first.shape, node)
    if node.kind in SAME_SHAPE:
        return Constant(first.shape)
    if node.kind == "Transpose":
        axes = node.attributes.get("perm") or tuple(reversed(range(len(first.shape))))
        if sorted(axes) == list(range(len(first.shape))):
            return Constant(tuple(first.shape[axis] for axis in axes))
    if node.kind == "Reshape" and (sizes := inputs[1] if len(inputs) > 1 else None):
        return Constant(_reshaped(first.shape, sizes.numbers()))
    return Constant()


def _reshaped(shape: Shape, wanted: list[Any] | None) -> Shape | None:
    """The shape of a tensor after `Reshape`, where 0 keeps a size and -1 is what remains."""
    whole, before = elements(shape), [*shape, *[0] * len(wanted or ())]
    if wanted is None or not whole or wanted.count(-1) > 1:
        return None
    sizes: list[int] = [int(size or before[axis] or 0) for axis, size in enumerate(wanted)]
    known = math.prod(size for size in sizes if size != -1)
    if known <= 0 or whole % known:
        return None
    sizes = [whole // known if size == -1 else size for size in sizes]
    return tuple(sizes) if math.prod(sizes) == whole else None


def _known(values: Any) -> Constant:
    return Constant(tuple(values.shape), values)


def _object_array(values: Sequence[Any]) -> Any:
    import numpy

    array = numpy.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def _elementwise(function: Callable[..., Any]) -> Callable[[Arrays, Attributes], Any]:
    """Number by number; what is made from an unknown number, or grows beyond 64 bits, is unknown."""

    def one(*numbers: Any) -> Any:
        if any(number is None for number in numbers):
            return None
        result = function(*numbers)
        return result if abs(result) < LARGEST_INTEGER else None

    def rule(arrays: Arrays, attributes: Attributes) -> Any:
        import numpy

        result = arrays[0] if len(arrays) > 1 else numpy.frompyfunc(one, 1, 1)(arrays[0])
        for other in arrays[1:]:
            result = numpy.frompyfunc(one, 2, 1)(result, other)
        return numpy.asarray(result, dtype=object)

    return rule


def _divided(one: Any, other: Any) -> Any:
    return int(one / other) if isinstance(one, int) and isinstance(other, int) else one / other


INTEGER_TYPES = frozenset({2, 3, 4, 5, 6, 7, 12, 13})


def _cast(arrays: Arrays, attributes: Attributes) -> Any:
    to = int if attributes.get("to") in INTEGER_TYPES else float
    return _elementwise(to)(arrays[:1], attributes)


def _axes(arrays: Arrays, attributes: Attributes) -> list[int] | None:
    if len(arrays) > 1 and arrays[1] is not None:
        return [int(axis) for axis in arrays[1].ravel()]
    return list(attributes["axes"]) if "axes" in attributes else None


def _unsqueeze(arrays: Arrays, attributes: Attributes) -> Any:
    import numpy

    axes = _axes(arrays, attributes)
    return numpy.expand_dims(arrays[0], tuple(axes or ()))


def _squeeze(arrays: Arrays, attributes: Attributes) -> Any:
    axes = _axes(arrays, attributes)
    return arrays[0].squeeze(None if axes is None else tuple(axes))


def _slice(arrays: Arrays, attributes: Attributes) -> Any:
    if len(arrays) == 1:
        starts, ends = attributes["starts"], attributes["ends"]
        axes = attributes.get("axes", range(len(starts)))
        steps = [1] * len(starts)
    else:
        starts, ends = arrays[1].tolist(), arrays[2].tolist()
        axes = arrays[3].tolist() if len(arrays) > 3 and arrays[3] is not None else range(len(starts))
        steps = arrays[4].tolist() if len(arrays) > 4 and arrays[4] is not None else [1] * len(starts)
    window = [slice(None)] * arrays[0].ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        # Slicing backwards to "before the first" is written as a very small number.
        window[axis] = slice(start, None if step < 0 and end < -arrays[0].shape[axis] else end, step)
    return arrays[0][tuple(window)]


def _gather(arrays: Arrays, attributes: Attributes) -> Any:
    import numpy

    return numpy.asarray(arrays[0].take(arrays[1].astype(int), attributes.get("axis", 0)), dtype=object)


def _concat(arrays: Arrays, attributes: Attributes) -> Any:
    import numpy

    return numpy.concatenate(arrays, attributes["axis"])


def _reshape(arrays: Arrays, attributes: Attributes) -> Any:
    return arrays[0].reshape([int(size) for size in arrays[1]])


def _transpose(arrays: Arrays, attributes: Attributes) -> Any:
    return arrays[0].transpose(attributes.get("perm"))


def _clip(arrays: Arrays, attributes: Attributes) -> Any:
    low, high = ((*arrays[1:3], None, None))[:2]
    low = attributes.get("min") if low is None else low.item()
    high = attributes.get("max") if high is None else high.item()

    def clipped(number: Any) -> Any:
        number = number if low is None else max(number, low)
        return number if high is None else min(number, high)

    return _elementwise(clipped)(arrays[:1], attributes)


def _expand(arrays: Arrays, attributes: Attributes) -> Any:
    import numpy

    shape = numpy.broadcast_shapes(arrays[0].shape, tuple(int(size) for size in arrays[1]))
    return numpy.broadcast_to(arrays[0], shape)


def _filled(arrays: Arrays, attributes: Attributes) -> Any:
    import numpy

    shape = [int(size) for size in arrays[0]]
    if math.prod(shape) > MAXIMUM_VALUES:
        raise ValueError("too many values")
    value = attributes.get("value")
    return numpy.full(shape, value.values[0] if value is not None else 0.0, dtype=object)


RULES: dict[str, Callable[[Arrays, Attributes], Any]] = {
    "Identity": lambda arrays, attributes: arrays[0],
    "Cast": _cast,
    "CastLike": lambda arrays, attributes: arrays[0],
    "Add": _elementwise(lambda one, other: one + other),
    "Sub": _elementwise(lambda one, other: one - other),
    "Mul": _elementwise(lambda one, other: one * other),
    "Div": _elementwise(_divided),
    "Min": _elementwise(min),
    "Max": _elementwise(max),
    "Floor": _elementwise(math.floor),
    "Ceil": _elementwise(math.ceil),
    "Clip": _clip,
    "Expand": _expand,
    "Neg": _elementwise(lambda number: -number),
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Slice": _slice,
    "Gather": _gather,
    "Concat": _concat,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "ConstantOfShape": _filled,
}
"""Operator -> its result, from arrays of a few Python numbers."""

QUANTIZE = frozenset(
    f"{domain}{name}Linear" for domain in ("", "com.microsoft.") for name in ("Quantize", "Dequantize")
)
SAME_SHAPE = frozenset({"Identity", "Cast", "CastLike"}) | QUANTIZE
RANDOM = frozenset(
    {"RandomUniform", "RandomNormal", "RandomUniformLike", "RandomNormalLike", "Bernoulli", "Multinomial"}
)
