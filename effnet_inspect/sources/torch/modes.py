"""A module in a mode, training or inference, and afterwards as it was before."""

from __future__ import annotations

import operator
import sys
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.nn.modules.batchnorm import _NormBase

CONTAINERS: tuple[type[Iterable[Any]], ...] = (OrderedDict, dict, list, set, deque)
"""What Python code writes to, the more special kinds first."""

WITHOUT_STATE = (str, bytes, int, float, complex, type(None), type, FunctionType, MethodType, ModuleType)
"""What holds nothing that a model writes to, or is not its own."""

EMPTY = object()
"""What stands for the content of a slot that has none."""


@contextmanager
def kept(model: torch.nn.Module) -> Iterator[None]:
    """The module, and afterwards everything that can be reached from it as it was, whatever its code writes there.

    That are its modules, their parameters and buffers, and their own lists, dictionaries and objects. Containers and
    tensors stay the same objects. That no operator writes numbers into them is up to who runs the module.
    """
    reached = list(_reachable(model))
    before = [(each, _content(each)) for each in reached if not isinstance(each, torch.Tensor)]
    tensors = [(each, each.detach(), each.requires_grad) for each in reached if _is_plain(each)]
    try:
        yield
    finally:
        for container, content in before:
            if not _are_same(_content(container), content):
                _refill(container, content)
        for tensor, as_it_was, is_trained in tensors:
            if not _is_alias(tensor, as_it_was):
                tensor.data = as_it_was
            if tensor.requires_grad is not is_trained:
                tensor.requires_grad_(is_trained)


def _is_plain(value: Any) -> bool:
    """Whether it is a tensor with its numbers in one place, of which can be said whether it still is there."""
    return type(value) in (torch.Tensor, torch.nn.Parameter) and value.layout is torch.strided and not value.is_nested


def _is_alias(tensor: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether both are the same numbers in the same places."""
    if isinstance(tensor, FakeTensor) or tensor.untyped_storage() is not other.untyped_storage():
        return False
    places = [(each.shape, each.stride(), each.storage_offset()) for each in (tensor, other)]
    return places[0] == places[1]


def _reachable(model: torch.nn.Module) -> Iterator[Any]:
    """All tensors and containers that can be reached from a module, and its objects that have slots.

    The attributes of objects are the dictionary that they are in, or slots.
    """
    seen: set[int] = set()
    waiting: list[Any] = [model]
    while waiting:
        value = waiting.pop()
        if isinstance(value, WITHOUT_STATE) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, torch.Tensor):
            yield value
            continue
        if isinstance(value, CONTAINERS):
            yield value
            waiting.extend(_content(value))
        elif isinstance(value, (tuple, frozenset)):
            waiting.extend(value)
        if not _is_own(value):
            continue
        if isinstance(attributes := getattr(value, "__dict__", None), dict):
            waiting.append(attributes)
        if not isinstance(value, CONTAINERS) and any(_slots(type(value))):
            yield value
            waiting.extend(_content(value))


def _is_own(value: Any) -> bool:
    """Whether an object is a module or of somebody's own class: what Python and PyTorch keep for themselves is not."""
    package = type(value).__module__.partition(".")[0]
    return isinstance(value, torch.nn.Module) or not (package == "torch" or package in sys.stdlib_module_names)


def _slots(kind: type) -> Iterator[MemberDescriptorType]:
    """The slots of a class and of those that it is made of."""
    for each in kind.__mro__:
        yield from (member for member in vars(each).values() if isinstance(member, MemberDescriptorType))


def _content(container: Any) -> list[Any]:
    """Everything in a container; of a dictionary the keys and values in turn, of an object what is in its slots."""
    if isinstance(container, dict):
        return [each for pair in dict.items(container) for each in pair]
    if isinstance(container, CONTAINERS):
        return [*container]
    return [_in_slot(slot, container) for slot in _slots(type(container))]


def _in_slot(slot: MemberDescriptorType, value: Any) -> Any:
    try:
        return slot.__get__(value)
    except AttributeError:
        return EMPTY


def _are_same(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _refill(container: Any, content: list[Any]) -> None:
    """By the methods of the plain kind of container: a class of somebody's own may forbid them."""
    if not isinstance(container, CONTAINERS):
        for slot, value in zip(_slots(type(container)), content, strict=True):
            if _in_slot(slot, container) is not value:
                slot.__delete__(container) if value is EMPTY else slot.__set__(container, value)
        return
    kind: Any = next(kind for kind in CONTAINERS if isinstance(container, kind))
    values: Iterable[Any] = zip(content[::2], content[1::2], strict=True) if isinstance(container, dict) else content
    kind.clear(container)
    (kind.extend if isinstance(container, (list, deque)) else kind.update)(container, values)


@contextmanager
def mode(model: torch.nn.Module, *, training: bool) -> Iterator[None]:
    """The module in a mode; running statistics stay as they are in both.

    PyTorch computes some modules at inference as one operator, which would look like other work than in training.
    """
    for module in model.modules():
        module.training = training and not isinstance(module, _NormBase)
    fuses = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fuses)
