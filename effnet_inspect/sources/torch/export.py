"""A live module -> Program, with torch.export."""

from __future__ import annotations

import io
import logging
import math
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from threading import RLock
from typing import Any

import torch
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode
from torch.nn.parameter import is_lazy

from effnet_inspect.errors import SourceError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Pair
from effnet_inspect.sources.messages import first_line
from effnet_inspect.sources.torch.images import Images, images_of
from effnet_inspect.sources.torch.modes import Arguments, choose_mode, kept, mode
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight
from effnet_inspect.text import shortened
from effnet_inspect.words import pluralize

LISTED = 80
"""Characters of a list of names."""

ONE_AT_A_TIME = RLock()
"""PyTorch keeps what it traces, and we the mode of a module, where all threads see it."""

MOST_VALUES = 64
"""Numbers of a buffer that are looked at: those of a preprocessing are a few."""


def exported(model: torch.nn.Module, resolution: Pair | None) -> Program:
    """The program of a module as it works at inference, for one image.

    Args:
        model: left as it was.
        resolution: rows and columns of the image; None for what the module states.

    Raises:
        SourceError: where it cannot be exported.
    """
    with ONE_AT_A_TIME:
        return _exported(model, resolution)


def _exported(model: torch.nn.Module, resolution: Pair | None) -> Program:
    for path, module in model.named_modules():
        if (why := _not_to_be_exported(module)) is not None:
            place = f"its module {path}" if path else type(model).__name__
            raise SourceError(f"PyTorch cannot export {place}: {why}")
    images = images_of(model, resolution)
    arguments = _arguments(model, images)
    with _quiet(), kept(model):
        training, remarks = choose_mode(model, arguments)
        with mode(model, training=training):
            program = _traced(model, arguments)
    nodes = [node for node in program.graph.nodes if node.op == "call_function"]
    weights = dict(_weights(model, program))
    taken = {node.name for node in program.graph.nodes if node.op == "placeholder" and node.users}
    unused = [each for name, each in weights.items() if each.trainable is not None and name not in taken]
    inputs = {
        node.name: _dimensions(node.meta["val"])
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name not in weights and isinstance(node.meta.get("val"), torch.Tensor)
    }
    return Program(
        inputs,
        weights,
        tuple(map(_node, nodes)),
        tuple(program.graph_signature.user_outputs),
        (*remarks, *_remarks(model, images, unused)),
    )


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


def _arguments(model: torch.nn.Module, images: Images) -> Arguments:
    """One image of zeros, by the name that a model of transformers says its input has, or else as the first one."""
    first = next((each for each in model.parameters() if each.is_floating_point()), None)
    kept = {} if first is None else {"dtype": first.dtype, "device": first.device}
    image = torch.zeros(1, images.channels, *images.resolution, **kept)
    name = getattr(model, "main_input_name", None)
    return ((), {name: image}) if isinstance(name, str) else ((image,), {})


def _traced(model: torch.nn.Module, arguments: Arguments) -> Any:
    given, named = arguments
    # Of what a model gives only the tensors matter, whatever class of somebody's own holds them.
    hook = model.register_forward_hook(lambda _, __, output: list(_tensors(output)))
    try:
        return torch.export.export(model, given, named, strict=False)
    except Exception as error:  # any code of the user's may be in there
        place = _where_it_stops(model, arguments)
        raise SourceError(f"PyTorch cannot export {type(model).__name__}, stopped {place} by {_why(error)}") from error
    finally:
        hook.remove()


def _why(error: Exception) -> str:
    """What stood in the way, and at which line of somebody's own code."""
    lines = traceback.extract_tb(error.__traceback__)
    own = [each for each in lines if not each.filename.startswith(LIBRARIES)]
    line = ""
    if own:
        *_, last = own
        line = f", at line {last.lineno} of {Path(last.filename).name}: {shortened(last.line or '', LISTED)}"
    if isinstance(error, GuardOnDataDependentSymNode):
        return f"a decision that depends on the numbers in a tensor, which no export can follow{line}"
    return f"{type(error).__name__}: {first_line(error).rstrip('.')}{line}"


LIBRARIES = (str(Path(torch.__file__).parent), str(Path(__file__).parents[2]))
"""Folders of code that is not that of the module that is exported."""


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
        return
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else None
    for each in vars(value).values() if inside is None and hasattr(value, "__dict__") else inside or ():
        yield from _tensors(each)


def _where_it_stops(model: torch.nn.Module, arguments: Arguments) -> str:
    """The innermost module that is called and never returns while the module is exported."""
    paths = {module: path for path, module in model.named_modules()}
    inside: list[torch.nn.Module] = []

    def enter(module: torch.nn.Module, _: Any) -> None:
        inside.append(module)

    def leave(module: torch.nn.Module, _: Any, __: Any) -> None:
        inside.pop()

    hooks = [
        each
        for module in paths
        for each in (module.register_forward_pre_hook(enter), module.register_forward_hook(leave))
    ]
    try:
        torch.export.export(model, *arguments, strict=False)
    except Exception:
        stopped = inside[-1:]
    else:
        stopped = []
    finally:
        for hook in hooks:
            hook.remove()
    place = paths.get(stopped[0]) if stopped else None
    return f"in {place} ({type(stopped[0]).__name__})" if place else "outside its modules"


def _weights(model: torch.nn.Module, program: Any) -> Iterator[tuple[str, Weight]]:
    """What a program keeps, by its own names; tensors that are one and the same have one owner."""
    state = {
        **dict(model.named_parameters(remove_duplicate=False)),
        **dict(model.named_buffers(remove_duplicate=False)),
    }
    owners: dict[int, str] = {}
    for path, tensor in state.items():
        owners.setdefault(id(tensor), path)
    for spec in program.graph_signature.input_specs:
        kind = spec.kind.name
        if kind in ("PARAMETER", "BUFFER", "CONSTANT_TENSOR"):
            tensor = state.get(spec.target)
            if tensor is None:
                tensor = program.constants.get(spec.target, program.state_dict.get(spec.target))
            is_parameter = kind == "PARAMETER"
            owner = "" if tensor is None else owners.get(id(tensor), spec.target)
            yield spec.arg.name, _weight(tensor, owner, is_parameter)


def _weight(tensor: Any, owner: str, is_parameter: bool) -> Weight:
    is_known = not is_parameter and tensor.numel() <= MOST_VALUES and tensor.device.type != "meta"
    precision = str(tensor.dtype).removeprefix("torch.")
    return Weight(
        owner,
        tuple(tensor.shape),
        trainable=bool(tensor.requires_grad) if is_parameter else None,
        values=tensor.tolist() if is_known and type(tensor).__name__ != "FakeTensor" else None,
        precision=None if precision == "float32" else precision,
    )


def _node(node: Any) -> Node:
    stack = list(node.meta.get("nn_module_stack", {}).items())
    call, (module, _) = stack[-1] if stack else ("", ("", ""))
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        arguments = {f"argument {index}": each for index, each in enumerate(node.args)}
        kind = getattr(node.target, "__name__", str(node.target))
    else:
        names = [each.name for each in schema.arguments]
        defaults = {each.name: each.default_value for each in schema.arguments}
        arguments = {**defaults, **dict(zip(names, node.args, strict=False)), **node.kwargs}
        kind = schema.name.rpartition("::")[2]
    arguments = {name: _referenced(value) for name, value in arguments.items()}
    return Node(node.name, kind, arguments, _shapes(node.meta.get("val")), module, call)


def _referenced(value: Any) -> Any:
    if isinstance(value, torch.fx.Node):
        return Reference(value.name)
    return [_referenced(each) for each in value] if isinstance(value, (list, tuple)) else value


def _shapes(value: Any) -> tuple[Dimensions | None, ...]:
    values = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(_dimensions(each) if isinstance(each, torch.Tensor) else None for each in values)


def _dimensions(tensor: torch.Tensor) -> Dimensions:
    return tuple(size if isinstance(size, int) else None for size in tensor.shape)


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
