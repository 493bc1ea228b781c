"""In which mode a module is read: as in training, where that only drops some of what inference computes, or as it works
at inference.

Stochastic depth is nowhere to be seen at inference. In training a module may compute other things besides, such as a
second classifier, which are no part of the network that people use. A run in both modes, with tensors that have a shape
and no numbers, tells which of the two it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def kept(model: torch.nn.Module) -> Iterator[None]:
    """The module, and afterwards the attributes of all modules in it as they were, whatever its code writes there."""
    before = [(module, dict(vars(module))) for module in model.modules()]
    try:
        yield
    finally:
        for module, attributes in before:
            vars(module).clear()
            vars(module).update(attributes)


@contextmanager
def mode(model: torch.nn.Module, *, training: bool) -> Iterator[None]:
    """The module in a mode; running statistics stay as they are in both."""
    for module in model.modules():
        module.training = training and not isinstance(module, _NormBase)
    with torch.no_grad():
        yield


def choose_mode(model: torch.nn.Module, arguments: Arguments) -> tuple[bool, list[str]]:
    """Whether to read the module as in training, and what is to be said about it."""
    try:
        in_training = _run(model, arguments, training=True)
        draws_the_same = in_training.draws and in_training.work == _run(model, arguments, training=False).work
    except Exception:  # training may need more than images; what inference cannot do is told where it is exported
        return False, [TRAINING_LEFT_OUT]
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

    def __torch_dispatch__(self, operator: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = operator(*args, **(kwargs or {}))
        self.draws |= torch.Tag.nondeterministic_seeded in operator.tags
        if any(id(each) in self._weights for each in args):
            self.work[str(operator), getattr(result, "shape", None)] += 1
        return result
