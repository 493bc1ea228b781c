"""In which mode a module is read: as in training, where that only drops some of what inference computes, or as it works
at inference.

Stochastic depth is nowhere to be seen at inference. In training a module may compute other things besides, such as a
second classifier, which are no part of the network that people use. A run in both modes, with tensors that have a shape
and no numbers, tells which of the two it is.
"""

from __future__ import annotations

import operator
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.modules.batchnorm import _NormBase
from torch.utils._python_dispatch import TorchDispatchMode

Arguments = tuple[tuple[Any, ...], dict[str, Any]]

TRAINING_LEFT_OUT = (
    "The model computes other things in training than at inference; it is shown as at inference, so that dropout that "
    "acts in training alone, such as stochastic depth, is left out."
)


TRAINING_FAILS = (
    "In training the model cannot be run with an image alone; it is shown as at inference, so that dropout that acts "
    "in training alone, such as stochastic depth, is left out."
)

CONTAINERS: tuple[type, ...] = (OrderedDict, dict, list, set, deque)
"""What Python code writes to, the more special kinds first."""

WITHOUT_STATE = (str, bytes, int, float, complex, type(None), type, FunctionType, MethodType, ModuleType, torch.Tensor)
"""What holds nothing that a model writes to, or is not its own."""

RATES = frozenset({"p", "dropout", "dropout_p"})
"""What operators that drop numbers call how many they drop."""


@contextmanager
def kept(model: torch.nn.Module) -> Iterator[None]:
    """The module, and afterwards everything that can be reached from it as it was, whatever its code writes there.

    That are its modules, their parameters and buffers, and their own lists, dictionaries and objects. Containers stay
    the same objects; the numbers of tensors are not looked at, because a traced run computes with none.
    """
    before = [(container, _content(container)) for container in _reachable(model)]
    try:
        yield
    finally:
        for container, content in before:
            if not _are_same(_content(container), content):
                _refill(container, content)


def _reachable(model: torch.nn.Module) -> Iterator[Any]:
    """All containers that can be reached from a module, the attributes of objects among them."""
    seen: set[int] = set()
    waiting: list[Any] = [model]
    while waiting:
        value = waiting.pop()
        if isinstance(value, WITHOUT_STATE) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, CONTAINERS):
            yield value
            waiting.extend(_content(value))
        elif isinstance(value, (tuple, frozenset)):
            waiting.extend(value)
        if isinstance(attributes := getattr(value, "__dict__", None), dict) and _is_own(value):
            waiting.append(attributes)


def _is_own(value: Any) -> bool:
    """Whether an object is a module or of somebody's own class: what Python and PyTorch keep for themselves is not."""
    package = type(value).__module__.partition(".")[0]
    return isinstance(value, torch.nn.Module) or not (package == "torch" or package in sys.stdlib_module_names)


def _content(container: Any) -> list[Any]:
    """Everything in a container; of a dictionary the keys and values in turn."""
    if isinstance(container, dict):
        return [each for pair in dict.items(container) for each in pair]
    return list(container)


def _are_same(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _refill(container: Any, content: list[Any]) -> None:
    """By the methods of the plain kind of container: a class of somebody's own may forbid them."""
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


def choose_mode(model: torch.nn.Module, arguments: Arguments) -> tuple[bool, list[str]]:
    """Whether to read the module as in training, and what is to be said about it."""
    try:
        in_training = _run(model, arguments, training=True)
        draws_the_same = in_training.draws and in_training.work == _run(model, arguments, training=False).work
    except Exception:  # training may need more than images; what inference cannot do is told where it is exported
        return False, [TRAINING_FAILS]
    return draws_the_same, [TRAINING_LEFT_OUT] if in_training.draws and not draws_the_same else []


def _run(model: torch.nn.Module, arguments: Arguments, *, training: bool) -> _Watch:
    given, named = arguments
    watch = _Watch(model)
    with mode(model, training=training), FakeTensorMode(allow_non_fake_inputs=True), watch:
        model(*given, **named)
    return watch


class _Watch(TorchDispatchMode):
    """What a run does: `work` counts the operators that take a weight, and `draws` says whether any draws numbers."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.work: Counter[tuple[str, Any]] = Counter()
        self.draws = False
        self._weights = {id(each) for each in model.parameters()}

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        self.draws |= _draws(function, args, kwargs or {})
        if any(id(each) in self._weights for each in args):
            self.work[str(function), getattr(result, "shape", None)] += 1
        return result


def _draws(function: Any, args: Any, kwargs: Any) -> bool:
    """Whether a call of an operator draws random numbers: what drops none of its data does not, though it could."""
    if torch.Tag.nondeterministic_seeded not in function.tags:
        return False
    given = {each.name: each.default_value for each in function._schema.arguments}
    given.update(zip(given, args, strict=False))
    given.update(kwargs)
    return all(given[name] != 0 for name in RATES.intersection(given))
