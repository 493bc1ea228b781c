"""Keras' files of weights: HDF5 of Keras 3, where layers are numbered by class, and of before, where they are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from effnet_inspect import limits
from effnet_inspect.checkpoints.checkpoint import MODEL, Array, Content, SavedLayer
from effnet_inspect.errors import SourceError
from effnet_inspect.sources.archives import opened
from effnet_inspect.sources.keras.hdf5 import Held, Stored, read_arrays
from effnet_inspect.text import decimal

WEIGHTS = "model.weights.h5"

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "normalization": ("mean", "variance", "count"),
    "conv2d": ("kernel", "bias"),
    "depthwise_conv2d": ("kernel", "bias"),
    "dense": ("kernel", "bias"),
}
"""What Keras 3 calls the group of a layer of a class, without its number -> the variables in it, by theirs."""

OLD_NAMES = {"depthwise_kernel": "kernel"}
"""Names of variables before Keras 3 -> in Keras 3."""

LAYERS = ("layers", "_layer_checkpoint_dependencies")
"""The group of a model's layers in Keras 3, now and in its first releases."""

NUMBERED = re.compile(r"(.*?)(?:_(\d{1,6}))?")


def read_hdf5(path: Path) -> Content:
    """What is in a file of weights, or of a whole model, in HDF5.

    Raises:
        SourceError: where it is damaged, or parts of it are elsewhere.
    """
    return _content(read_arrays(path, path.name))


def read_archive(path: Path) -> Content:
    """What is in a `.keras` archive.

    Raises:
        SourceError: where it is damaged, or holds no weights.
    """
    with opened(path) as archive:
        if WEIGHTS not in archive.names:
            raise SourceError(f"the archive {path.name} holds no weights")
        return _content(read_arrays(archive.window(WEIGHTS), path.name))


def _content(stored: Stored) -> Content:
    limits.within(len(stored.arrays), limits.ARRAYS, "arrays")
    if stored.layers:
        return _by_layers(stored)
    groups: dict[tuple[str, ...], list[Held]] = {}
    for each in stored.arrays:
        groups.setdefault(each.path[:-1], []).append(each)
    found = [(group, _in_a_group(held)) for group, held in groups.items()]
    models = sorted({path[: at + 1] for path in groups for at in range(1, len(path) - 1, 2) if path[at + 1] in LAYERS})
    layers = tuple(
        SavedLayer(_place(group, models), arrays[0].name.rpartition("/")[0], tuple(arrays))
        for group, arrays in found
        if group[:1] and group[0] in LAYERS and group[-1] == "vars"
    )
    return Content([array for _, arrays in found for array in arrays], layers, "classes" if layers else None)


def _in_a_group(held: Sequence[Held]) -> list[Array]:
    """The arrays of one layer: in Keras 3 they are numbered, before they were named."""
    path = held[0].path
    numbers = [decimal(each.path[-1]) for each in held]
    if path[-2:-1] == ("vars",) and None not in numbers:
        held = sorted(held, key=lambda each: decimal(each.path[-1]) or 0)
        variables = _variables(path[-3] if len(path) > 2 else "", held)
        names = [name for name in held[0].called[:-1] if name]
        if variables and path[0] in LAYERS:
            layer = "/".join(names) or path[-3]
            return [Array(f"{layer}/{name}", *each[1:3]) for name, each in zip(variables, held, strict=False)]
    return [Array(_old_name(each.path), *each[1:3]) for each in held]


def _variables(group: str, held: Sequence[Held]) -> tuple[str, ...]:
    """The names of a layer's variables, by its class, or where its group has another name, by their shapes."""
    known = VARIABLES.get(_numbered(group)[0])
    if known is None and len(held) == len(VARIABLES["batch_normalization"]):
        known = VARIABLES["batch_normalization"] if len({each.shape for each in held}) == 1 else None
    if known is None and len(held[0].shape) in (2, 4) and all(len(each.shape) == 1 for each in held[1:]):
        known = VARIABLES["conv2d"]
    return known if known and len(held) <= len(known) else ()


def _numbered(group: str) -> tuple[str, int]:
    """The class and the number in the name of a group: `conv2d_3`, and `conv2d` for the first."""
    matched = NUMBERED.fullmatch(group)
    assert matched is not None
    return matched[1], int(matched[2] or 0)


def _place(group: tuple[str, ...], models: Sequence[tuple[str, ...]]) -> tuple[tuple[str, int], ...] | None:
    """Where a layer is, by the numbers of its class and of those of the models that it is in."""
    parts = group[:-1]
    if len(parts) % 2 or any(each not in LAYERS for each in parts[::2]):
        return None
    places = []
    for at in range(2, len(parts), 2):
        beside = [each for each in models if each[:-1] == parts[: at - 1]]
        beside.sort(key=lambda each: _numbered(each[-1]))
        places.append((MODEL, beside.index(parts[:at])))
    return (*places, _numbered(parts[-1]))


def _old_name(path: tuple[str, ...]) -> str:
    """By layer and variable, where the file tells them; else by the groups that the array is in."""
    if path[0] == "optimizer_weights" or len(path) < 2 or "vars" in path[:-1]:
        return "/".join(path)
    return f"{path[-2]}/{_variable(path[-1])}"


def _variable(name: str) -> str:
    variable = name.split(":")[0]
    return OLD_NAMES.get(variable, variable)


def _by_layers(stored: Stored) -> Content:
    """The arrays of the layers in their order, then all others; those of a model within the model by its name too."""
    arrays = {each.path: each for each in stored.arrays}
    layers: list[SavedLayer] = []
    for name, paths in stored.layers:
        inner = {path[-2] for path in paths}
        before = f"{name}/" if len(inner) > 1 else ""
        found = [
            Array(f"{before or ''}{path[-2] if before else name}/{_variable(path[-1])}", *arrays.pop(path)[1:3])
            for path in paths
            if path in arrays
        ]
        layers.append(SavedLayer((("layer", len(layers)),), name, tuple(found)))
        if not found:
            layers.pop()
    others = [Array(_old_name(path), *held[1:3]) for path, held in arrays.items()]
    return Content([*_each_array(layers), *others], tuple(layers), "layers")


def _each_array(layers: Sequence[SavedLayer]) -> Iterator[Array]:
    return (array for layer in layers for array in layer.arrays)
