"""Pickles as data: an interpreter of the few instructions that PyTorch's files need, in which nothing is ever called.

Python's own `pickle` imports what a file names, and calls it. Here a name is only a name: those of tensors and ordered
dictionaries stand for what they are, those of plain settings for nothing, and whatever else a file names is refused.
"""

from __future__ import annotations

import pickletools
import re
from collections.abc import Callable, Mapping
from typing import IO, Any, NamedTuple

from effnet_inspect import limits
from effnet_inspect.errors import SourceError


class Global(NamedTuple):
    """Something in a module of Python, by its name; it is never looked up."""

    module: str
    name: str


class Tensor(NamedTuple):
    """A tensor: its shape and type."""

    shape: tuple[int, ...]
    dtype: str


class Storage(NamedTuple):
    """Where a tensor's numbers are; only their type is looked at."""

    dtype: str


class Refused(SourceError):
    """A pickle has something in it that neither tensors nor plain settings need."""


STORAGES = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "ComplexDoubleStorage": "complex128", "ComplexFloatStorage": "complex64", "LongStorage": "int64",
    "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8",
    "BoolStorage": "bool", "UntypedStorage": "uint8", "QInt8Storage": "qint8", "QInt32Storage": "qint32",
    "QUInt8Storage": "quint8", "QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4",
}  # fmt: skip
"""PyTorch's classes of storage -> the type of the numbers in it."""

TYPE = re.compile(r"bool|half|float|double|short|int|long|(?:b?float|complex|q?u?int|bits)\d+(?:x\d+)?(?:_\w+)?")
"""What PyTorch calls types of numbers: `float32`, `float8_e4m3fn`, `uint16`, `quint4x2`."""

BUILTINS = ("builtins", "__builtin__")
"""The module of Python's own names, in Python 3 and, in pickles for it too, in Python 2."""

LONGEST_KEY = 64
"""Bits of a number that is a key."""


def _dictionary(*arguments: Any) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in arguments[0] if arguments else ():
        _put(found, key, value)
    return found


def _tensor(storage: Any, offset: Any, size: Any, *others: Any) -> Tensor:
    if not isinstance(storage, Storage):
        raise Refused("a tensor in it has no storage")
    return Tensor(_sizes(size), storage.dtype)


def _typed_tensor(storage: Any, offset: Any, size: Any, stride: Any, learns: Any, hooks: Any, dtype: Any) -> Tensor:
    return _of(size, dtype)


def _of(size: Any, dtype: Any) -> Tensor:
    return Tensor(_sizes(size), dtype.name if isinstance(dtype, Global) else "unknown")


def _sizes(size: Any) -> tuple[int, ...]:
    if not isinstance(size, tuple) or not all(type(each) is int and 0 <= each <= limits.SIZE for each in size):
        raise Refused("a tensor in it has no shape")
    limits.within(len(size), limits.RANK, "axes of a tensor")
    return size


def _of_a_subclass(function: Any, kind: Any, arguments: Any, state: Any) -> Any:
    """A tensor that somebody gave attributes, or made a class of its own of."""
    return MADE[function](*arguments)


_Make = Callable[..., Any]


def _list(items: Any = ()) -> list[Any]:
    return list(items)


class Setting:
    """Something that holds no tensors of a network, such as a setting of training; what it is is not looked at."""


def _setting(*arguments: Any) -> Setting:
    return Setting()


SETTINGS = frozenset(
    Global(module, name)
    for modules, names in (
        (("argparse",), ("Namespace",)),
        (("types",), ("SimpleNamespace",)),
        (("numpy",), ("dtype", "ndarray")),
        (("numpy.core.multiarray", "numpy._core.multiarray"), ("scalar", "_reconstruct")),
        (("_codecs",), ("encode",)),
        (BUILTINS, ("complex", "bytearray", "slice", "range", "xrange")),
        (("datetime",), ("date", "datetime", "time", "timedelta", "timezone")),
        (("decimal",), ("Decimal",)),
        (("fractions",), ("Fraction",)),
        (("uuid",), ("UUID",)),
        (("pathlib", "pathlib._local"), ("Path", "PurePosixPath", "PosixPath", "PureWindowsPath", "WindowsPath")),
        (("torch.serialization",), ("_get_layout",)),
        (("torch",), ("device", "per_tensor_affine", "per_channel_affine", "Generator")),
    )
    for module in modules
    for name in names
)
"""What programs of training put beside the weights, and PyTorch beside a tensor."""

_OF_PYTHON: Mapping[str, _Make] = {"dict": _dictionary, "list": _list, "set": _list, "frozenset": _list}

MADE: Mapping[Global, _Make] = {
    **dict.fromkeys(SETTINGS, _setting),
    Global("collections", "OrderedDict"): _dictionary,
    Global("collections", "Counter"): lambda counts=(): dict(counts),
    Global("collections", "defaultdict"): lambda default=None, items=(): _dictionary(items),
    Global("torch._utils", "_rebuild_tensor"): _tensor,
    Global("torch._utils", "_rebuild_tensor_v2"): _tensor,
    Global("torch._utils", "_rebuild_tensor_v3"): _typed_tensor,
    Global("torch._utils", "_rebuild_qtensor"): _tensor,
    Global("torch._utils", "_rebuild_meta_tensor_no_storage"): lambda dtype, size, *others: _of(size, dtype),
    Global("torch._utils", "_rebuild_sparse_tensor"): lambda layout, parts: Tensor(_sizes(parts[2]), parts[1].dtype),
    Global("torch._utils", "_rebuild_parameter"): lambda tensor, *others: tensor,
    Global("torch._utils", "_rebuild_parameter_with_state"): lambda tensor, *others: tensor,
    Global("torch._tensor", "_rebuild_from_type_v2"): _of_a_subclass,
    Global("torch", "Size"): lambda size: tuple(size),
    **{Global(module, name): make for module in BUILTINS for name, make in _OF_PYTHON.items()},
}
"""What a file may make, and what stands for it here."""

NAMED_ONLY = frozenset({Global("torch", "Tensor"), Global("torch.nn.parameter", "Parameter")})
"""What a file may name, and not make."""


def read_pickle(stream: IO[bytes], file: str) -> Any:
    """The value of the next pickle in a stream: dictionaries, lists, texts, numbers and `Tensor`s.

    Args:
        stream: at the beginning of a pickle; not more than is in memory already.
        file: its name in a sentence.

    Raises:
        SourceError: where it is no pickle, or needs more than tensors and plain settings do.
    """
    try:
        return _Machine().run(stream)
    except Refused as error:
        raise SourceError(f"the file {file} is not read: {error}; no code in it was run") from error
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError, UnicodeError) as error:
        raise SourceError(f"the file {file} is damaged: its pickle cannot be read") from error


_MARK = object()


class _Machine:
    """The stack and the memory of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def run(self, stream: IO[bytes]) -> Any:
        for code, argument, _ in pickletools.genops(stream):
            if code.name == "STOP":
                return self.stack.pop()
            self.step(code.name, argument)
        raise ValueError("it has no end")

    def step(self, name: str, argument: Any) -> None:
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _VALUES:
            self.stack.append(argument)
        elif name in _INSTRUCTIONS:
            _INSTRUCTIONS[name](self, argument)
        elif name not in ("PROTO", "FRAME"):
            raise Refused(f"its pickle has the instruction {name}, which neither tensors nor plain settings need")

    def since_mark(self) -> list[Any]:
        """What is on the stack since the last mark, taken from it."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise IndexError("there is no mark")
        taken = self.stack[at + 1 :]
        del self.stack[at:]
        return taken

    def take(self, count: int) -> tuple[Any, ...]:
        """So many values from the stack."""
        if len(self.stack) < count:
            raise IndexError("the stack is empty")
        taken = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return taken

    def remember(self, key: int) -> None:
        self.memory[key] = self.stack[-1]

    def make(self) -> None:
        function, arguments = self.take(2)
        if not isinstance(function, Global):
            raise Refused("it calls something that is not a name")
        self.stack.append(MADE[function](*arguments) if function in MADE else _refuse(function))

    def build(self) -> None:
        """What a dictionary has beside its items, such as `_metadata` of a state dictionary, is left out."""
        made, _ = self.take(2)
        self.stack.append(made)

    def look_up_storage(self) -> None:
        key = self.stack.pop()
        if not isinstance(key, tuple) or len(key) < 2 or key[0] != "storage" or not isinstance(key[1], Global):
            raise Refused("it refers to something that is not a tensor's storage")
        self.stack.append(Storage(STORAGES.get(key[1].name, "unknown")))


def _known(name: Global) -> Global:
    is_type = name.module in ("torch", "torch.storage") and (name.name in STORAGES or TYPE.fullmatch(name.name))
    return name if name in MADE or name in NAMED_ONLY or is_type else _refuse(name)


def _refuse(name: Global) -> Any:
    raise Refused(
        f"it needs {name.module}.{name.name}, which is neither a tensor's nor a plain setting's; "
        "save model.state_dict()"
    )


def _put(found: Any, key: Any, value: Any) -> None:
    is_plain = isinstance(key, (str, float, type(None))) or (isinstance(key, int) and key.bit_length() <= LONGEST_KEY)
    if not isinstance(found, dict) or not is_plain:
        raise Refused("it has a dictionary with keys that are no texts or numbers")
    found[key] = value


def _set_items(machine: _Machine, argument: Any) -> None:
    items = machine.since_mark()
    for key, value in zip(items[::2], items[1::2], strict=True):
        _put(machine.stack[-1], key, value)


def _set_item(machine: _Machine, argument: Any) -> None:
    key, value = machine.take(2)
    _put(machine.stack[-1], key, value)


def _named(machine: _Machine, argument: Any) -> None:
    """The disassembler joins module and name by a blank."""
    module, _, name = argument.partition(" ")
    machine.stack.append(_known(Global(module, name)))


def _named_on_stack(machine: _Machine, argument: Any) -> None:
    module, name = machine.take(2)
    machine.stack.append(_known(Global(str(module), str(name))))


def _append(machine: _Machine, values: list[Any]) -> None:
    if not isinstance(machine.stack[-1], list):
        raise Refused("it adds to something that is no list")
    machine.stack[-1].extend(values)


_CONSTANTS: Mapping[str, Callable[[], Any]] = {
    "MARK": lambda: _MARK,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_SET": list,
    "EMPTY_TUPLE": tuple,
}
"""Instructions that put one value on the stack."""

_VALUES = frozenset({
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "UNICODE", "BINUNICODE",
    "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES",
    "BINBYTES8", "BYTEARRAY8",
})  # fmt: skip
"""Instructions that put their argument on the stack."""

_INSTRUCTIONS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "DICT": lambda machine, _: machine.stack.append(_dictionary(_pairs(machine.since_mark()))),
    "FROZENSET": lambda machine, _: machine.stack.append(machine.since_mark()),
    "LIST": lambda machine, _: machine.stack.append(machine.since_mark()),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.since_mark())),
    "TUPLE1": lambda machine, _: machine.stack.append(machine.take(1)),
    "TUPLE2": lambda machine, _: machine.stack.append(machine.take(2)),
    "TUPLE3": lambda machine, _: machine.stack.append(machine.take(3)),
    "APPEND": lambda machine, _: _append(machine, list(machine.take(1))),
    "APPENDS": lambda machine, _: _append(machine, machine.since_mark()),
    "ADDITEMS": lambda machine, _: _append(machine, machine.since_mark()),
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "GLOBAL": _named,
    "STACK_GLOBAL": _named_on_stack,
    "REDUCE": lambda machine, _: machine.make(),
    "NEWOBJ": lambda machine, _: machine.make(),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.look_up_storage(),
    "PUT": lambda machine, key: machine.remember(key),
    "BINPUT": lambda machine, key: machine.remember(key),
    "LONG_BINPUT": lambda machine, key: machine.remember(key),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memory)),
    "GET": lambda machine, key: machine.stack.append(machine.memory[key]),
    "BINGET": lambda machine, key: machine.stack.append(machine.memory[key]),
    "LONG_BINGET": lambda machine, key: machine.stack.append(machine.memory[key]),
    "POP": lambda machine, _: _forget(machine.take(1)),
    "POP_MARK": lambda machine, _: _forget(machine.since_mark()),
}
"""What the other instructions do."""


def _pairs(items: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(items[::2], items[1::2], strict=True))


def _forget(values: object) -> None:
    """What a pickle throws away."""
