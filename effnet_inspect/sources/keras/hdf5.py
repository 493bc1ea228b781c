"""What an HDF5 file saved by Keras says of a model: its configuration, and how many weights each layer has.

Of the weights only the shapes are looked at. The only place that imports h5py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, NamedTuple

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Pair
from effnet_inspect.sources.messages import first_line

NOT_TRAINED = (
    *("moving_mean", "moving_variance", "mean", "variance", "count", "seed_generator_state"),
    *("mask", "threshold", "pruning_step"),
    *("optimizer_step", "kernel_min", "kernel_max", "depthwise_kernel_min", "depthwise_kernel_max"),
    *("pre_activation_min", "pre_activation_max", "post_activation_min", "post_activation_max"),
    *("output_min", "output_max"),
    *("vector_u", "sn_u", "kernel_scale", "embeddings_scale"),
)
"""Names of weights of Keras' own layers, and of those that prune, quantise and normalise others."""

ADAPTED = ("kernel", "embeddings")
"""Names of weights that are not trained where the layer has adapters (LoRA) that are."""


WEIGHTS = b"model_weights"
"""The group in which Keras puts them."""

VARIABLES = b"vars"
"""The group in which Keras 3 puts those of one layer."""


def read_model_config(path: Path) -> tuple[bytes, dict[str, Pair]]:
    """The configuration of the model in a file, as JSON, and its layers' parameters, total and trainable.

    Raises:
        SourceError: where the file is damaged or holds no model.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
            if config is None:
                raise SourceError(
                    f"the file {path.name} holds {_what_it_holds(file)}, but not the architecture; "
                    "save the whole model with model.save()"
                )
            if isinstance(config, str):
                config = config.encode()
            if not isinstance(config, bytes):
                raise SourceError(f"the model_config of {path.name} is not text")
            try:
                return config, dict(_parameters(file))
            except SourceError as error:
                raise SourceError(f"the file {path.name} cannot be read: {error}") from error
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, UnicodeError, MemoryError) as error:
        raise SourceError(f"the file {path.name} is damaged: {first_line(error)}") from error


class Held(NamedTuple):
    """An array in an HDF5 file: the names of the groups it is in and its own, its shape and its type.

    `called` are what those groups say that they are called, each in its attribute `name` or in that of the group `vars`
    in it; empty without.
    """

    path: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    called: tuple[str, ...]


class Stored(NamedTuple):
    """What an HDF5 file holds: its arrays, and, where Keras before 3 or in its way has written it, its layers.

    A layer is its name and the paths of its arrays, in the order in which they are loaded.
    """

    arrays: list[Held]
    layers: list[tuple[str, list[tuple[str, ...]]]]


def read_arrays(file: Path | IO[bytes] | RawIOBase, name: str) -> Stored:
    """Every array in a file, of which no number is read.

    Args:
        file: where it is, or the file itself, open.
        name: what it is called in a sentence.

    Raises:
        SourceError: where the file is damaged or has parts in other files.
    """
    import h5py

    try:
        with h5py.File(file, "r") as opened:
            try:
                return Stored(list(_held(opened.id)), list(_layers(opened.id)))
            except SourceError as error:
                raise SourceError(f"the file {name} cannot be read: {error}") from error
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, UnicodeError, MemoryError) as error:
        raise SourceError(f"the file {name} is damaged: {first_line(error)}") from error


def _held(root: Any) -> Iterator[Held]:
    seen: set[int] = set()
    waiting: list[tuple[Any, tuple[str, ...], tuple[str, ...]]] = [(root, (), ())]
    while waiting:
        item, path, called = waiting.pop()
        if len(path) > limits.NESTING:
            raise SourceError(f"its groups are nested more than {limits.NESTING} deep")
        shape = getattr(item, "shape", None)
        if shape is not None:
            yield Held(path, tuple(map(int, shape)), str(item.dtype), called)
        elif path:
            called = (*called, _attribute(item) or _attribute(_inside(item, VARIABLES)))
        waiting += [
            (_member(item, each, seen), (*path, each.decode(errors="replace")), called)
            for each in reversed(_names(item))
        ]


def _inside(group: Any, name: bytes) -> Any:
    """A group in a group, without a look at what it holds; None where it is not there."""
    import h5py

    if not hasattr(group, "links") or not group.links.exists(name):
        return None
    return h5py.h5o.open(group, name) if group.links.get_info(name).type == h5py.h5l.TYPE_HARD else None


def _attribute(group: Any) -> str:
    """The attribute `name` of a group, where it is a text of a name's length; empty without."""
    import h5py

    if not hasattr(group, "links") or not h5py.h5a.exists(group, b"name"):
        return ""
    attribute = h5py.h5a.open(group, b"name")
    if attribute.shape != () or attribute.get_storage_size() > limits.NAME:
        return ""
    value = h5py.Group(group).attrs["name"]
    return value if isinstance(value, str) and len(value) <= limits.NAME else ""


def _layers(root: Any) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The layers in their order, as two attributes name them: those of the model, and the arrays of each."""
    within = () if _texts(root, "layer_names") else (WEIGHTS.decode(),)
    weights = root if not within else _inside(root, WEIGHTS)
    for layer in _texts(weights, "layer_names"):
        arrays = _texts(_inside(weights, layer.encode()), "weight_names")
        yield layer, [(*within, *layer.split("/"), *array.split("/")) for array in arrays]


def _texts(group: Any, name: str) -> list[str]:
    """A list of texts in an attribute, which Keras parts in pieces, with numbers, where it is long."""
    import h5py

    found: list[str] = []
    pieces = [name] if group is not None and h5py.h5a.exists(group, name.encode()) else _pieces(group, name)
    for piece in pieces:
        attribute = h5py.h5a.open(group, piece.encode())
        if len(attribute.shape) != 1 or not attribute.shape[0]:
            continue
        limits.within(attribute.get_storage_size(), limits.ATTRIBUTE_BYTES, f"bytes of {name}")
        with limits.little_memory():  # a file may have one long text as each of a million
            values = h5py.Group(group).attrs[piece]
        found += [each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in values]
        limits.within(len(found), limits.GROUPS, f"names in {name}")
    return found


def _pieces(group: Any, name: str) -> Iterator[str]:
    import h5py

    number = 0
    while group is not None and h5py.h5a.exists(group, f"{name}{number}".encode()):
        yield f"{name}{number}"
        number += 1


def _what_it_holds(file: Any) -> str:
    has_weights = "layer_names" in file.attrs or any(
        file.id.links.exists(name) for name in (b"layers", b"_layer_checkpoint_dependencies")
    )
    return "weights" if has_weights else "data"


def _parameters(file: Any) -> Iterator[tuple[str, Pair]]:
    """By layer, the sizes of the datasets in its group; nested models are one group, and left out."""
    if not file.id.links.exists(WEIGHTS):
        return
    seen: set[int] = set()
    weights = _member(file.id, WEIGHTS, seen)
    for name in _names(weights):
        found = list(_sizes(_member(weights, name, seen), seen))
        is_adapted = any(weight.startswith("lora_") for weight, _, _ in found)
        fixed = (*NOT_TRAINED, *ADAPTED) if is_adapted else NOT_TRAINED
        total = sum(size for _, size, _ in found)
        trained = sum(size for weight, size, learns in found if learns and weight not in fixed)
        yield name.decode(errors="replace"), (total, trained)


def _names(group: Any) -> list[bytes]:
    """What a group holds, by name; nothing where it is no group."""
    if group is None or not hasattr(group, "links"):
        return []
    limits.within(len(group), limits.GROUPS, "groups and weights in a group")
    return list(group)


def _member(group: Any, name: bytes, seen: set[int]) -> Any:
    """What a group holds under a name; None for what was seen already, or what a link within the file points to.

    Raises:
        SourceError: where it is kept in another file, which is not opened.
    """
    import h5py

    shown = repr(name.decode(errors="replace"))
    kind = group.links.get_info(name).type
    if kind == h5py.h5l.TYPE_SOFT:
        return None
    if kind != h5py.h5l.TYPE_HARD:
        raise SourceError(f"{shown} in it is a link to another file, which is not opened")
    address = h5py.h5g.get_objinfo(group, name).objno
    if address in seen:
        return None
    limits.within(len(seen) + 1, limits.GROUPS, "groups and weights")
    seen.add(address)
    found = h5py.h5o.open(group, name)
    if isinstance(found, h5py.h5d.DatasetID):
        stored = found.get_create_plist()
        if stored.get_layout() == h5py.h5d.VIRTUAL or stored.get_external_count():
            raise SourceError(f"the numbers of {shown} in it are kept in another file, which is not opened")
    return found


def _sizes(group: Any, seen: set[int]) -> Iterator[tuple[str, int, bool]]:
    """Name and number of elements of every dataset below a group, and whether it may be trained: no whole numbers are.

    Each is counted once, however many links there are to it.
    """
    waiting = [(group, b"", 0)]
    while waiting:
        item, name, depth = waiting.pop()
        if depth > limits.NESTING:
            raise SourceError(f"its groups are nested more than {limits.NESTING} deep")
        shape = getattr(item, "shape", None)
        if shape is not None:
            yield name.decode(errors="replace").split(":")[0], math.prod(shape), item.dtype.kind not in "iu"
        waiting += [(_member(item, each, seen), each, depth + 1) for each in reversed(_names(item))]
