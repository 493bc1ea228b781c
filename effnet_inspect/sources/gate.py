"""What every graph passes before anything else sees it: is each value of its kind, and of a size that can be shown?

Files and cache entries are not trusted, and the sources that read them need not check again what is checked here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, get_args

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.text import clean, named, shortened

OPERATION_NAMES = frozenset(get_args(OperationName))
OWN = ("name", "inputs", "shares_weights_with")
"""What each layer has for itself; all else is mostly the same in many layers."""


class Unfit(ValueError):
    """A value that no layer can have; the text says why."""


def admitted(graph: LayerGraph) -> LayerGraph:
    """The graph with texts that can be shown; the same object where they are so already.

    Raises:
        SourceError: where it has more layers, or a layer larger numbers, than can be shown.
    """
    limits.within(len(graph), limits.LAYERS, "layers")
    limits.within(sum(len(layer.inputs) for layer in graph), limits.REFERENCES, "references from layers to layers")
    names = _names(graph)
    known: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    common = attrgetter(*COMMON)
    layers = []
    for layer in graph:
        values = common(layer)
        try:
            if values not in known:
                known[values] = fit(dict(zip(COMMON, values, strict=True)))
        except (Unfit, TypeError) as error:
            # A value that is no plain one, such as a list, cannot be looked up either.
            raise SourceError(f"the layer {names[layer.name]!r} cannot be shown: {error}") from error
        shown = Layer(
            name=names[layer.name],
            inputs=tuple(names[each] for each in layer.inputs),
            shares_weights_with=names.get(layer.shares_weights_with),
            **known[values],
        )
        layers.append(layer if shown == layer else shown)
    outputs = tuple(names[each] for each in graph.outputs)
    remarks = tuple(map(clean, graph.remarks))
    same = all(one is other for one, other in zip(layers, graph, strict=True))
    if same and (clean(graph.name), outputs, remarks) == (graph.name, graph.outputs, graph.remarks):
        return graph
    return replace(graph, name=clean(graph.name), layers=tuple(layers), outputs=outputs, remarks=remarks)


def fit(values: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a layer by name, their texts as they can be shown.

    Raises:
        Unfit: for a value that is not of its attribute's kind, or too large.
    """
    return {name: _fit(name, value) for name, value in values.items()}


def _fit(name: str, value: Any) -> Any:
    if value is None and name not in REQUIRED:
        return None
    try:
        return KINDS[name](value)
    except Unfit as error:
        raise Unfit(f"the value of {name} {error}") from error


def _names(graph: LayerGraph) -> dict[str | None, Any]:
    """For each layer's name the one that it is shown by; no two are alike, and no layer is still none."""
    shown: dict[str | None, Any] = {None: None}
    taken: set[str] = set()
    for layer in graph:
        wanted = name = shortened(named(layer.name), limits.NAME)
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}:{number}"
        taken.add(name)
        shown[layer.name] = name
    return shown


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("is no text")
    return shortened(named(value), limits.NAME)


def _operation(value: Any) -> str:
    if not isinstance(value, str) or value not in OPERATION_NAMES:
        raise Unfit("is none that is known")
    return value


def _whole(most: int, least: int = 0) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unfit("is no whole number")
        if not least <= value <= most:
            raise Unfit(f"is not from {least} to {most:,}")
        return value

    return check


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise Unfit("is no finite number")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("is neither true nor false")
    return value


def _row(kind: Callable[[Any], Any], length: int | None = None) -> Callable[[Any], tuple[Any, ...]]:
    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, tuple) or (length is not None and len(value) != length):
            raise Unfit(f"is no row of {length or 'any number of'} values")
        return tuple(map(kind, value))

    return check


def _shape(value: Any) -> tuple[int | None, ...]:
    if not isinstance(value, tuple) or len(value) > limits.RANK:
        raise Unfit(f"is no shape of at most {limits.RANK} axes")
    size = _whole(limits.SIZE, 1)
    shape = tuple(None if each is None else size(each) for each in value)
    if math.prod(each or 1 for each in shape) > limits.COUNT:
        raise Unfit("holds more elements than can be counted")
    return shape


_COUNT = _whole(limits.COUNT)
_PAIR = _row(_whole(limits.SIZE, 1), 2)

KINDS: dict[str, Callable[[Any], Any]] = {
    "operation": _operation,
    "class_name": _text,
    "output_shape": _shape,
    "parameters": _COUNT,
    "trainable_parameters": _COUNT,
    "kernel": _PAIR,
    "stride": _PAIR,
    "dilation": _PAIR,
    "padding": _text,
    "margins": _row(_row(_whole(limits.SIZE, -limits.SIZE), 2), 2),
    "filters": _whole(limits.SIZE),
    "groups": _whole(limits.SIZE, 1),
    "use_bias": _flag,
    "use_scale": _flag,
    "activation": _text,
    "rate": _number,
    "epsilon": _number,
    "momentum": _number,
    "scale": _row(_number),
    "offset": _row(_number),
    "precision": _text,
    "multiplier": _whole(limits.SIZE),
    "macs": _COUNT,
    "steps": _COUNT,
    "settings": _row(_row(_text, 2)),
}
"""Attribute of a layer -> what its values are like; None is one of them but where it is required."""

REQUIRED = frozenset({"operation", "class_name"})
COMMON = tuple(name for name in Layer._fields if name not in OWN)
assert set(COMMON) == set(KINDS)
