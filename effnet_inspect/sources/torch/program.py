"""A program of ATen operators as plain records: what a live module and a file of torch.export have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Dimensions = tuple[int | None, ...]
"""A tensor's shape as PyTorch has it, with the batch axis."""


class Reference(NamedTuple):
    """A tensor, by the name that the program gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter, a buffer or a constant of the program.

    `owner` is its name in the state dictionary; the same for all that share one tensor, and empty for a constant.
    `trainable` is None for what is no parameter. `values` are nested lists of numbers, None where they are many.
    """

    owner: str
    shape: Dimensions
    trainable: bool | None = None
    values: Any = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One call of an operator.

    `arguments` are by their names in the operator's schema, tensors as references, alone or in lists. `shapes` are
    those of its results, None for what is no tensor. `module` is the path of the module that makes the call, and
    `call` tells the calls of one module apart.
    """

    name: str
    kind: str
    arguments: Mapping[str, Any]
    shapes: tuple[Dimensions | None, ...]
    module: str = ""
    call: str = ""

    def references(self) -> Iterator[str]:
        """The names of the tensors that it takes, in their order."""
        for value in self.arguments.values():
            for each in value if isinstance(value, (list, tuple)) and not isinstance(value, Reference) else (value,):
                if isinstance(each, Reference):
                    yield each.name


@dataclass(frozen=True, slots=True)
class Program:
    """A whole program: its inputs by name, what it keeps, its calls in order, and the names of what it gives."""

    inputs: Mapping[str, Dimensions]
    weights: Mapping[str, Weight]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    remarks: tuple[str, ...] = field(default=())

    @property
    def batch(self) -> int | None:
        """How many images it takes at once; None where that is open, 1 where its input has no axes."""
        first = next(iter(self.inputs.values()), ())
        return first[0] if first else 1
