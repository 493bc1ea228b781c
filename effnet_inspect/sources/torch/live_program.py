"""A live module -> Program: as a run of it is noted, or else as torch.export makes it.

A module is read as in training, where that only drops some of what inference computes, or else as it works at
inference. Stochastic depth is nowhere to be seen at inference. In training a module may compute other things besides,
such as a second classifier, which are no part of the network that people use. A run in both modes tells which of the
two it is.

Code that goes by the numbers in its data cannot be run with tensors that have none. Where only sizes and factors are
taken from them, torch.export still follows it, with symbols in their place; and it says of everything else where it
stops. It takes several times as long.
"""

from __future__ import annotations

import io
import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from threading import RLock

import torch
from torch.nn.parameter import is_lazy

from effnet_inspect.errors import SourceError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Pair
from effnet_inspect.sources.torch.images import Arguments, Images, arguments_of, images_of
from effnet_inspect.sources.torch.modes import kept, mode
from effnet_inspect.sources.torch.program import Program, Weight
from effnet_inspect.sources.torch.recording import Recording, recorded
from effnet_inspect.sources.torch.tensors import State
from effnet_inspect.text import shortened
from effnet_inspect.words import pluralize

LISTED = 80
"""Characters of a list of names."""

ONE_AT_A_TIME = RLock()
"""PyTorch keeps what it traces, and we the mode of a module, where all threads see it."""

TRAINING_LEFT_OUT = (
    "The model computes other things in training than at inference; it is shown as at inference, so that dropout that "
    "acts in training alone, such as stochastic depth, is left out."
)


TRAINING_FAILS = (
    "In training the model cannot be run with an image alone; it is shown as at inference, so that dropout that acts "
    "in training alone, such as stochastic depth, is left out."
)


def program_of_module(model: torch.nn.Module, resolution: Pair | None) -> Program:
    """The program of a module as it works at inference, for one image.

    Args:
        model: left as it was.
        resolution: rows and columns of the image; None for what the module states.

    Raises:
        SourceError: where it cannot be exported.
    """
    with ONE_AT_A_TIME:
        return _program(model, resolution)


def _program(model: torch.nn.Module, resolution: Pair | None) -> Program:
    for path, module in model.named_modules():
        if (why := _not_to_be_exported(module)) is not None:
            place = f"its module {path}" if path else type(model).__name__
            raise SourceError(f"PyTorch cannot export {place}: {why}")
    images = images_of(model, resolution)
    arguments = arguments_of(model, images)
    state = State(model)
    with _quiet():
        program, remarks = _read(model, state, arguments)
    return replace(program, remarks=(*remarks, *_remarks(model, images, list(_unused(program)))))


def _read(model: torch.nn.Module, state: State, arguments: Arguments) -> tuple[Program, list[str]]:
    """The program in the mode that says most of the network, and what is to be said about that."""
    in_training, at_inference = (_tried(model, state, arguments, training=each) for each in (True, False))
    remarks = []
    if in_training is None or (in_training.draws and at_inference is None):
        remarks = [TRAINING_FAILS]
    elif in_training.draws and at_inference is not None:
        if in_training.work() == at_inference.work():
            return in_training.program(), []
        remarks = [TRAINING_LEFT_OUT]
    if at_inference is not None:
        return at_inference.program(), remarks
    from effnet_inspect.sources.torch.export import exported

    with kept(model), mode(model, training=False):
        return exported(model, state, arguments), remarks


def _tried(model: torch.nn.Module, state: State, arguments: Arguments, *, training: bool) -> Recording | None:
    """What a module does in a mode; None where it fails, as it may in training for want of more than images."""
    try:
        with kept(model), mode(model, training=training):
            return recorded(model, state, arguments)
    except Exception:  # any code of the user's may be in there; what inference cannot do is told by its export
        return None


def _unused(program: Program) -> Iterator[Weight]:
    taken = {*program.outputs, *(name for node in program.nodes for name in node.references())}
    return (each for name, each in program.weights.items() if each.trainable is not None and name not in taken)


def _not_to_be_exported(module: torch.nn.Module) -> str | None:
    """What is known beforehand to stand in the way, in a module alone."""
    if isinstance(module, torch.jit.ScriptModule):
        return "it is TorchScript; what it was scripted from can be read"
    if any(map(is_lazy, (*module.parameters(recurse=False), *module.buffers(recurse=False)))):
        return f"a {type(module).__name__} has no weights before its first call; call the model with an image once"
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """What PyTorch warns of, logs and prints while it exports is said in a sentence of ours, where it matters."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    nowhere = io.StringIO()
    try:
        with warnings.catch_warnings(), redirect_stdout(nowhere), redirect_stderr(nowhere):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _remarks(model: torch.nn.Module, images: Images, unused: Sequence[Weight]) -> Iterator[str]:
    if images.side_is_usual:
        size = format_value(images.resolution, "size")
        yield f"The model does not say for which images it was made; what is shown holds for {size}."
    count = sum(parameter.numel() for parameter in model.parameters())
    yield (
        f"PyTorch counts {count:,} parameters; running statistics, which are buffers there, are counted here as "
        "parameters that are not trained."
    )
    if unused:
        owners = [each.owner for each in unused]
        sizes = sum(math.prod(size or 0 for size in each.shape) for each in unused)
        yield (
            f"{pluralize(sizes, 'parameter')} of {shortened(', '.join(owners), LISTED)} have no part in what is "
            "computed, and are not counted here."
        )
