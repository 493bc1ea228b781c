"""A live module -> Program, with torch.export."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode
from torch.utils._python_dispatch import TorchDispatchMode

from effnet_inspect.errors import SourceError
from effnet_inspect.sources.messages import first_line
from effnet_inspect.sources.torch.images import Arguments
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight
from effnet_inspect.sources.torch.tensors import State, tensors_in, weight_of
from effnet_inspect.text import shortened

LINE = 80
"""Characters of a line of code."""


def exported(model: torch.nn.Module, state: State, arguments: Arguments) -> Program:
    """The program of a module in the mode that it is in.

    Raises:
        SourceError: where it cannot be exported; says in which module and line it stopped.
    """
    with _Unwritten():
        program = _traced(model, arguments)
    weights = dict(_weights(state, program))
    inputs = {
        node.name: _dimensions(node.meta["val"])
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name not in weights and isinstance(node.meta.get("val"), torch.Tensor)
    }
    nodes = [node for node in program.graph.nodes if node.op == "call_function"]
    return Program(inputs, weights, tuple(map(_node, nodes)), tuple(program.graph_signature.user_outputs))


def _traced(model: torch.nn.Module, arguments: Arguments) -> Any:
    given, named = arguments
    # Of what a model gives only the tensors matter, whatever class of somebody's own holds them.
    hook = model.register_forward_hook(lambda _, __, output: list(tensors_in(output)))
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
        line = f", at line {last.lineno} of {Path(last.filename).name}: {shortened(last.line or '', LINE)}"
    if isinstance(error, GuardOnDataDependentSymNode):
        return f"a decision that depends on the numbers in a tensor, which no export can follow{line}"
    return f"{type(error).__name__}: {first_line(error).rstrip('.')}{line}"


LIBRARIES = (str(Path(torch.__file__).parent), str(Path(__file__).parents[2]))
"""Folders of code that is not that of the module that is exported."""


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


def _weights(state: State, program: Any) -> Iterator[tuple[str, Weight]]:
    """What a program keeps, by its own names."""
    for spec in program.graph_signature.input_specs:
        kind = spec.kind.name
        if kind in ("PARAMETER", "BUFFER", "CONSTANT_TENSOR"):
            tensor = state.tensors.get(spec.target)
            if tensor is None:
                tensor = program.constants.get(spec.target, program.state_dict.get(spec.target))
            owner = "" if tensor is None else state.owners.get(id(tensor), spec.target)
            yield spec.arg.name, weight_of(tensor, owner, is_parameter=kind == "PARAMETER")


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


class _Unwritten(TorchDispatchMode):
    """Lets operators that write into real tensors write into copies of them.

    A run with tensors without numbers computes all the same with those that a module has, where these are all that an
    operator takes.
    """

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = dict(kwargs or {})
        given = list(args)
        for index, argument in enumerate(function._schema.arguments):
            if argument.alias_info is None or not argument.alias_info.is_write:
                continue
            if index < len(given):
                given[index] = _copied(given[index])
            elif argument.name in named:
                named[argument.name] = _copied(named[argument.name])
        return function(*given, **named)


def _copied(value: Any) -> Any:
    """Copies of the real tensors in an argument."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_copied, value))
    return value.clone() if isinstance(value, torch.Tensor) and not isinstance(value, FakeTensor) else value
