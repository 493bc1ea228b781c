"""The JSON contracts as a chapter of Markdown, made from their types, so that it cannot be out of date."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.views import contracts
from effnet_inspect.views.contracts import CONTRACTS, MeasuredData
from effnet_inspect.views.plain import PlainShape

WORDS: dict[Any, str] = {int: "integer", float: "number", str: "string", bool: "boolean", Any: "any value"}
"""Python's types as JSON calls them."""

INTRODUCTION = """\
## The JSON contracts

`--format json` writes one object. `format` is the version of its contract; a change that can break a reader raises it.
Below, a shape is a list, `[height, width, channels]` or shorter, in which an unknown size is null. A key without a
value is null. A key that is marked optional may be missing.
"""


def describe_contracts() -> list[str]:
    """Lines of Markdown: for each command its object, and the objects in it, each once."""
    lines = [INTRODUCTION]
    seen: set[str] = set()
    for command, contract in CONTRACTS.items():
        lines += [f"### {command}", ""]
        for each in _within(contract, seen):
            lines += [f"#### {each.__name__}", "", inspect.cleandoc(each.__doc__ or ""), "", *_table(each), ""]
    return lines


def _within(contract: type, seen: set[str]) -> Iterator[type]:
    """A typed dictionary and all that are in it, in the order in which a reader meets them."""
    waiting = [contract]
    while waiting:
        each = waiting.pop(0)
        if each.__name__ not in seen:
            seen.add(each.__name__)
            yield each
            waiting += [base for base in _bases(each) if not base.__name__.startswith("_")]
            waiting += [found for hint in get_type_hints(each).values() for found in _dictionaries(hint)]


def _dictionaries(hint: Any) -> Iterator[type]:
    if is_typeddict(hint):
        yield hint
    for inner in get_args(hint):
        yield from _dictionaries(inner)


@cache
def _definitions() -> dict[str, ast.ClassDef]:
    module = ast.parse(inspect.getsource(contracts))
    return {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}


def _bases(contract: type) -> list[type]:
    """The typed dictionaries that it extends; the class itself has forgotten them."""
    definition = _definitions().get(contract.__name__)
    if definition is None:
        # It is made by a call, because a key of it is a word of Python's: such a one extends nothing.
        return []
    names = [base.id for base in definition.bases if isinstance(base, ast.Name)]
    return [getattr(contracts, name) for name in names if hasattr(contracts, name) and name != "TypedDict"]


def _table(contract: type) -> list[str]:
    """Its keys with their types; those of a public base as one row."""
    hints = get_type_hints(contract)
    lines = ["| key | value |", "| --- | --- |"]
    for base in _bases(contract):
        if not base.__name__.startswith("_"):
            lines.append(f"| all keys of {_link(base)} | |")
            for key in get_type_hints(base):
                hints.pop(key, None)
    optional: frozenset[str] = getattr(contract, "__optional_keys__", frozenset())
    for key, hint in sorted(hints.items(), key=lambda item: item[0] in optional):
        meaning = f": {MEASURES[key].title}" if contract is MeasuredData else ""
        lines.append(f"| `{key}`{' (optional)' if key in optional else ''} | {_type(hint)}{meaning} |")
    return lines


def _type(hint: Any) -> str:
    """A type in words.

    >>> _type(list[int | None]), _type(list[int] | None), _type(int | float), _type(PlainShape)
    ('list of (integer or null)', 'list of integers, or null', 'number', 'shape or null')
    """
    if hint == PlainShape:
        return "shape or null"
    if is_typeddict(hint):
        return _link(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        inner = _type(arguments[0])
        plural = f"{inner}s" if arguments[0] in WORDS else f"({inner})" if " or " in inner else inner
        return f"list of {plural}"
    if origin is dict:
        return f"object: {_type(arguments[1])} for each key"
    if origin in (Union, UnionType):
        # JSON has one kind of number.
        kinds = [kind for kind in arguments if not (kind is int and float in arguments)]
        words = ["null" if kind is NoneType else _type(kind) for kind in kinds]
        return (", or " if " " in words[0] else " or ").join(words)
    if get_origin(hint) is Literal:
        return " or ".join(f'`"{word}"`' for word in get_args(hint))
    return WORDS[hint]


def _link(contract: type) -> str:
    return f"[{contract.__name__}](#{contract.__name__.lower()})"
