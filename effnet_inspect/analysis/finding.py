"""Layers by a pattern: names, operations, shapes and measures."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from effnet_inspect.errors import UsageError, nearest
from effnet_inspect.formatting import parse_quantity
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network
from effnet_inspect.text import decimal

Test = Callable[[Layer], bool]

MEASURED = {"params": "parameters", "parameters": "parameters", "macs": "macs", "activations": "activations"}
"""The word in a pattern -> the measure."""

COMPARED: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}

EXAMPLES = "*_dwconv, op:depthwise, shape:14x14, params:>1M or macs:>=10M"


class Hit(NamedTuple):
    """A layer that was looked for; `place` is where it is, from the outside: `("Block 4", "4b", "Module 2")`."""

    layer: Layer
    place: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


def find(network: Network, pattern: str) -> tuple[Hit, ...]:
    """The layers that meet all words of a pattern, in graph order.

    A word is a glob over names, or `op:` with a part of the operation's or the class's name, `shape:` with sides of the
    output (`*` is any), or a measure with a bound: `params:>1M`.

    Raises:
        UsageError: for a word that means nothing.
    """
    words = pattern.split()
    if not words:
        raise UsageError(f"there is nothing to find: write for example {EXAMPLES}")
    tests = [_test(network, word) for word in words]
    places = dict(_places(network))
    return tuple(
        Hit(
            layer,
            places[layer.name],
            layer.inputs,
            tuple(user.name for user in network.graph.consumers(layer.name)),
        )
        for layer in network.graph
        if all(test(layer) for test in tests)
    )


def why_nothing(network: Network, pattern: str) -> str:
    """Which words of a pattern that finds nothing no layer meets, and what may have been meant; a sentence each."""
    unmet = [word for word in pattern.split() if not any(map(_test(network, word), network.graph))]
    return " ".join(_unmet(network, word) for word in unmet) or "No layer meets all of these at once."


def _unmet(network: Network, word: str) -> str:
    kind, colon, rest = word.partition(":")
    if not colon:
        is_a_part = any(word in layer.name for layer in network.graph)
        return f"No layer is called {word!r}" + (f"; '*{word}*' finds it as a part of a name." if is_a_part else ".")
    if kind != "op":
        return f"No layer meets {word!r}."
    kinds = {name for layer in network.graph for name in (layer.operation, layer.class_name)}
    meant = nearest(rest, sorted(kinds))
    return f"No layer is of a kind {rest!r}" + (f", did you mean 'op:{meant}'?" if meant else ".")


def _test(network: Network, word: str) -> Test:
    kind, colon, rest = word.partition(":")
    if not colon:
        return lambda layer: fnmatchcase(layer.name, word) or fnmatchcase(layer.name.split("/")[-1], word)
    if kind == "op":
        wanted = _plain(rest)
        return lambda layer: wanted in _plain(layer.operation) or wanted in _plain(layer.class_name)
    if kind == "shape":
        return _shaped(rest, word)
    if kind in MEASURED:
        return _bounded(network, MEASURED[kind], rest, word)
    raise UsageError(f"{word!r} means nothing here; write for example {EXAMPLES}")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


def _shaped(text: str, word: str) -> Test:
    sides = re.split(r"[x×]", text.lower())
    wanted = [decimal(side) for side in sides]
    if any(size is None and side != "*" for size, side in zip(wanted, sides, strict=True)):
        raise UsageError(f"{word!r} is no shape; write for example shape:14x14, shape:14x14x672 or shape:*x*x672")

    def test(layer: Layer) -> bool:
        shape = layer.output_shape
        is_long = shape is not None and (len(shape) == len(sides) or (len(shape) == 3 and len(sides) == 2))
        return bool(shape and is_long and all(size in (None, here) for size, here in zip(wanted, shape, strict=False)))

    return test


def _bounded(network: Network, measure: str, text: str, word: str) -> Test:
    found = re.fullmatch(r"(>=|<=|>|<|=)?(.+)", text)
    if not found:
        raise UsageError(f"{word!r} has no bound; write for example params:>1M")
    compare, bound = COMPARED[found[1] or "="], parse_quantity(found[2])
    column = network.measures.column(measure)

    def test(layer: Layer) -> bool:
        value = column[layer.name]
        return value is not None and compare(value, bound)

    return test


def _places(network: Network) -> Iterator[tuple[str, tuple[str, ...]]]:
    for stage in network.anatomy.stages:
        for layer in stage.layers:
            yield layer.name, (stage.title,)
    for block in network.anatomy.blocks:
        for sub_block in block.sub_blocks:
            for module in sub_block.modules:
                for layer in module.layers:
                    yield layer.name, (block.title, sub_block.name, module.label)
