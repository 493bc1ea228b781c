"""A live module -> Program, by a run with tensors that have a shape and no numbers.

What is noted are the operators that the module's code asks for, as torch.export does: `linear` and not the product and
sum that it is made of. PyTorch takes them apart on the way to autograd, where a run in inference mode does not come by.
Nothing is computed, and nothing that the module has is copied or written to: wherever one of its tensors is taken, one
on the device `meta` stands in for it.
"""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from effnet_inspect.sources.torch.images import Arguments
from effnet_inspect.sources.torch.in_place import ITEM
from effnet_inspect.sources.torch.plain_shapes import plain_result
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight
from effnet_inspect.sources.torch.tensors import State, tensors_in, weight_of

META = torch.device("meta")

GIVE_THEMSELVES = frozenset({"lift_fresh", "detach", "detach_", "resolve_conj", "resolve_neg"})
"""Operators by which numbers in code become a tensor, and numbers again: a constant, and no work."""

LOOKS_AWAY = "detach"
"""An operator that is no work where nobody takes what it gives: a state dictionary has one for each tensor."""

IS_NOT_ZERO = "is_nonzero"
"""An operator that tells of the numbers in a tensor and is not marked so."""

RATES = frozenset({"p", "dropout", "dropout_p"})
"""What operators that drop numbers call how many they drop."""

SWITCHES = frozenset({"train", "training"})
"""What they call whether they drop any at all."""


class NeedsNumbersError(Exception):
    """A number is asked for of a tensor that has none here."""


def recorded(model: torch.nn.Module, state: State, arguments: Arguments) -> Recording:
    """What a module does in the mode that it is in.

    Raises:
        Exception: whatever the module's code raises, or PyTorch for an operator that needs numbers.
    """
    given, named = arguments
    recording = Recording(state)
    names = iter(_input_names(model, arguments))
    image_of = {id(each): recording.image(next(names), each) for each in (*given, *named.values())}
    for tensor in state.tensors.values():
        recording.stand_in(tensor)
    device = next(tensors_in([*given, *named.values()])).device
    with torch.inference_mode(), recording.following(model), _Pretending(device), recording:
        output = model(
            *(image_of[id(each)] for each in given), **{name: image_of[id(each)] for name, each in named.items()}
        )
    recording.outputs = tuple(map(recording.name_of, tensors_in(output)))
    return recording


class _Notes:
    """What a recording does at each operator: for a mode that has the method itself PyTorch imports its compiler."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.inputs: dict[str, Dimensions] = {}
        self.outputs: tuple[str, ...] = ()
        self.draws = False
        self._state = state
        self._nodes: list[Node] = []
        self._weights: dict[str, Weight] = {}
        self._names: dict[int, str] = {}
        self._stand_ins: dict[int, torch.Tensor] = {}
        self._kept: list[torch.Tensor] = []
        self._written: set[torch.UntypedStorage] = set()
        self._used: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._inside: list[tuple[str, str]] = [("", "")]

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        schema = function._schema
        kind = schema.name.rpartition("::")[2]
        if kind in GIVE_THEMSELVES and self._is_new(args[0]):
            return args[0]
        if torch.Tag.data_dependent_output in function.tags or kind == IS_NOT_ZERO:
            return self._numbers(function, args, kwargs or {})
        placed = list(map(self._without_numbers, args))
        named = {name: self._without_numbers(value) for name, value in (kwargs or {}).items()}
        given = {each.name: each.default_value for each in schema.arguments}
        given.update(zip(given, placed, strict=False))
        given.update(named)
        self.draws |= _draws(function, given)
        if schema.is_mutable:
            self._written.update(self._places({**dict(zip(given, args, strict=False)), **(kwargs or {})}, schema))
        arguments = {name: self._referenced(value) for name, value in given.items()}
        result = plain_result(kind, given) if function.namespace == "aten" else None
        if result is None:
            moved = {"device": META} if "device" in given else {}
            by_position = {name: moved.get(name, value) for name, value in zip(given, placed, strict=False)}
            by_name = {name: value for name, value in {**named, **moved}.items() if name not in by_position}
            result = function(*by_position.values(), **by_name)
        self._note(kind, arguments, result)
        return result

    def _is_new(self, tensor: torch.Tensor) -> bool:
        """Whether it has its numbers, and nothing was noted of it so far."""
        return tensor.device != META and id(tensor) not in self._stand_ins

    def _numbers(self, function: Any, args: Any, kwargs: Any) -> Any:
        """What an operator tells of the numbers in tensors, where they have them, and as they still would be."""
        for each in tensors_in([*args, *kwargs.values()]):
            places = {each.untyped_storage(), self.stand_in(each).untyped_storage()}
            if each.device == META or not self._written.isdisjoint(places):
                raise NeedsNumbersError(f"{function} of numbers that are not there")
        return function(*args, **kwargs)

    def _places(self, given: Mapping[str, Any], schema: Any) -> Iterator[Any]:
        """Where an operator writes: views of a tensor are in one place with it, and stand-ins in another."""
        for argument in schema.arguments:
            if argument.alias_info is not None and argument.alias_info.is_write:
                for tensor in tensors_in([given.get(argument.name)]):
                    yield from (tensor.untyped_storage(), self.stand_in(tensor).untyped_storage())

    def _note(self, kind: str, arguments: Mapping[str, Any], result: Any) -> None:
        """One call, and where it gives several tensors one for each of them, as torch.export has it."""
        name = self._unused(kind)
        results = result if isinstance(result, (list, tuple)) else [result]
        shapes = tuple(tuple(each.shape) if isinstance(each, torch.Tensor) else None for each in results)
        self._nodes.append(Node(name, kind, arguments, shapes, *self._inside[-1]))
        if isinstance(result, torch.Tensor):
            self._call(result, name)
            return
        for index, each in enumerate(results):
            if isinstance(each, torch.Tensor):
                item = self._call(each, self._unused(ITEM))
                of = {"argument 0": Reference(name), "argument 1": index}
                self._nodes.append(Node(item, ITEM, of, shapes[index : index + 1], *self._inside[-1]))

    def _call(self, tensor: torch.Tensor, name: str) -> str:
        """Note what a tensor is called. It is kept, so that no other one takes its place in memory."""
        self._names[id(tensor)] = name
        self._kept.append(tensor)
        return name

    def _unused(self, name: str) -> str:
        count = self._used[name]
        self._used[name] += 1
        return f"{name}_{count}" if count else name

    def _without_numbers(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return self.stand_in(value)
        return type(value)(map(self._without_numbers, value)) if type(value) in (list, tuple) else value

    def _referenced(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return Reference(self.name_of(value))
        return [self._referenced(each) for each in value] if isinstance(value, (list, tuple)) else value

    def name_of(self, tensor: torch.Tensor) -> str:
        """What the program calls a tensor."""
        return self._names[id(self.stand_in(tensor))]

    def stand_in(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor itself where it belongs to the run, or else what stands in for it: a weight, or a constant."""
        if id(tensor) in self._names:
            return tensor
        found = self._stand_ins.get(id(tensor))
        if found is None:
            owner = self._state.owners.get(id(tensor), "")
            # Places that code lists, as in x[:, [2, 0]], become a tensor out of sight.
            if tensor.device == META and not owner and tensor.is_floating_point():
                raise NeedsNumbersError("a tensor without numbers that no operator has given")
            name = self._unused(f"the module's {owner}" if owner else "a constant")
            self._weights[name] = weight_of(tensor, owner, is_parameter=owner in self._state.parameters)
            found = self._stand_ins[id(tensor)] = _like(tensor)
            self._kept.append(tensor)
            self._call(found, name)
        return found


class Recording(_Notes, TorchDispatchMode):
    """Notes each operator that is asked for while it is entered; `draws` says whether any draws random numbers."""

    def image(self, name: str, image: torch.Tensor) -> torch.Tensor:
        """The stand-in of an image that the module is given."""
        stand_in = _like(image)
        self.inputs[self._call(stand_in, self._unused(name))] = tuple(image.shape)
        return stand_in

    @contextmanager
    def following(self, model: torch.nn.Module) -> Iterator[None]:
        """While each module tells when it is entered, before all else that is done then, and when it is left."""
        paths: dict[torch.nn.Module, list[str]] = {}
        for path, module in model.named_modules(remove_duplicate=False):
            paths.setdefault(module, []).append(path)
        hooks = []
        for module, its in paths.items():
            hooks.append(module.register_forward_pre_hook(self._entering(its), prepend=True))
            hooks.append(module.register_forward_hook(self._leaving, always_call=True))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _entering(self, paths: Sequence[str]) -> Any:
        """A module that several have goes by its path in the one that calls it."""

        def enter(_: torch.nn.Module, __: Any) -> None:
            caller = self._inside[-1][0]
            inside = [each for each in paths if not caller or each.startswith(f"{caller}.")]
            path = min(inside or paths, key=lambda each: each.count("."))
            self._calls[path] += 1
            self._inside.append((path, f"{path}@{self._calls[path]}"))

        return enter

    def _leaving(self, _: torch.nn.Module, __: Any, ___: Any) -> None:
        self._inside.pop()

    def program(self) -> Program:
        """What was noted."""
        taken = {*self.outputs, *(name for node in self._nodes for name in node.references())}
        nodes = tuple(node for node in self._nodes if node.kind != LOOKS_AWAY or node.name in taken)
        return Program(self.inputs, self._weights, nodes, self.outputs)

    def work(self) -> Counter[Any]:
        """How often there is each operator that takes a parameter, with the shapes that it gives."""
        parameters = {name for name, weight in self._weights.items() if weight.trainable is not None}
        return Counter((node.kind, node.shapes) for node in self._nodes if not parameters.isdisjoint(node.references()))


class _Pretending(TorchFunctionMode):
    """Lets stand-ins say that they are on the module's device, and be of the types that its tensors have.

    Automatic mixed precision would cast the tensors of the device, and not what stands in for them.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        said = {"device": device, **{f"is_{kind}": device.type == kind for kind in ("meta", "cpu", "cuda")}}
        self._said = {getattr(torch.Tensor, name).__get__: value for name, value in said.items()}
        self._casting = device.type if torch.amp.is_autocast_available(device.type) else None

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        is_asked = function.__name__ == "__get__" and function in self._said and args[0].is_meta
        if is_asked:
            return self._said[function]
        if self._casting and torch.is_autocast_enabled(self._casting):
            with torch.autocast(self._casting, enabled=False):
                return function(*_of_one_type(args), **(kwargs or {}))
        return function(*args, **(kwargs or {}))


def _of_one_type(arguments: Sequence[Any]) -> list[Any]:
    """Arguments of which those that were computed in a narrower type are as wide as the widest: mixed precision may."""
    types = [each.dtype for each in arguments if isinstance(each, torch.Tensor) and each.is_floating_point()]
    widest = functools.reduce(torch.promote_types, types) if len(set(types)) > 1 else None
    return [
        each.to(widest)
        if widest and isinstance(each, torch.Tensor) and each.is_floating_point() and each.is_meta
        else each
        for each in arguments
    ]


def _like(tensor: torch.Tensor) -> torch.Tensor:
    """A stand-in. What comes of inference mode has no versions, which views of the tensor itself would look for."""
    with torch.inference_mode(False):
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)


def _draws(function: Any, given: Mapping[str, Any]) -> bool:
    """Whether a call of an operator draws random numbers: what drops none of its data does not, though it could."""
    if torch.Tag.nondeterministic_seeded not in function.tags:
        return False
    return all(given[name] != 0 for name in RATES.intersection(given)) and all(map(given.get, SWITCHES & given.keys()))


def _input_names(model: torch.nn.Module, arguments: Arguments) -> Sequence[str]:
    """What a module calls its images, as torch.export has it."""
    given, named = arguments
    bound = inspect.signature(model.forward).bind(*given, **named)
    names: list[str] = []
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            names += [f"{name}_{index}" for index in range(len(value))]
        else:
            names += value if kind is inspect.Parameter.VAR_KEYWORD else [name]
    return [name.lower() for name in names]
