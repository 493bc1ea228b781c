"""Layers that hold another layer in their configuration: they are read as what they hold.

Pruning, clustering and quantising put such a layer around every convolution, for training; `TimeDistributed` applies
the layer to every step of its input.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from effnet_inspect.graph import Pair, Shape, elements
from effnet_inspect.sources.keras.adapters import adapted_parameters
from effnet_inspect.sources.keras.layers import KERAS_LAYERS, is_keras_own
from effnet_inspect.sources.keras.rows import Shapes, channels_before, channels_behind
from effnet_inspect.sources.keras.values import whole

MAXIMUM_WRAPPERS = 32
TIME_DISTRIBUTED = "TimeDistributed"


class Unwrapped(NamedTuple):
    """What is inside: its entry, and the classes around it, the outermost first."""

    entry: Mapping[str, Any]
    wrappers: tuple[str, ...]

    @property
    def axes_of_steps(self) -> int:
        """How many axes in front of its input hold steps to which it is applied one by one."""
        return self.wrappers.count(TIME_DISTRIBUTED)

    def class_name(self) -> str:
        """What the layer is called: `PruneLowMagnitude(Conv2D)`."""
        name = str(self.entry["class_name"])
        for wrapper in reversed(self.wrappers):
            name = f"{wrapper}({name})"
        return name


def unwrapped(entry: Mapping[str, Any]) -> Unwrapped:
    """What a layer holds, however deep; the layer itself where it holds none, or is known as a whole."""
    wrappers: list[str] = []
    while len(wrappers) < MAXIMUM_WRAPPERS:
        class_name = str(entry["class_name"]).split(">")[-1]
        config = entry.get("config")
        inner = _entry(config.get("layer")) if isinstance(config, Mapping) else None
        if inner is None or (class_name in KERAS_LAYERS and is_keras_own(entry)):
            break
        wrappers.append(class_name)
        entry = inner
    return Unwrapped(entry, tuple(wrappers))


def _entry(value: object) -> Mapping[str, Any] | None:
    is_one = isinstance(value, Mapping) and isinstance(value.get("class_name"), str)
    return value if is_one and isinstance(value.get("config"), Mapping) else None  # type: ignore[attr-defined,return-value]


class Steps(NamedTuple):
    """The first axes of what a layer called `source` gives, to whose positions a model is applied one by one."""

    source: str
    axes: int


def apart(inputs: Shapes, axes: int, channels_first: bool = False) -> tuple[Shape, tuple[Shape | None, ...]]:
    """The sizes of the axes of steps, and the shapes of what is given at one step.

    >>> apart([(8, 32, 32, 3)], 1)
    ((8,), ((32, 32, 3),))
    """
    before = [channels_before(shape) if channels_first else shape for shape in inputs]
    inner = [None if shape is None else shape[axes:] for shape in before]
    first = before[0] if before else None
    steps = (None,) * axes if first is None else first[:axes]
    return steps, tuple(channels_behind(shape) if channels_first else shape for shape in inner)


def together(steps: Shape, shape: Shape | None, channels_first: bool = False) -> Shape | None:
    """The shape of what is given at all steps, from that of one."""
    if shape is None:
        return None
    if not channels_first:
        return (*steps, *shape)
    return channels_behind((*steps, *(channels_before(shape) or ())))


def held_parameters(held: Unwrapped, own: Pair, input_shape: Shape | None) -> Pair | None:
    """Parameters, total and trainable, of a layer and the classes around it; None where they cannot be told.

    `own` are those of the layer as such. Spectral normalisation remembers a number for each position of the last axis
    of the kernel. What pruning, clustering and quantising hold depends on more than the configuration; files with
    weights state it.
    """
    adapted = adapted_parameters(str(held.entry["class_name"]), held.entry["config"], own)
    rows = held.wrappers.count("SpectralNormalization")
    if adapted is None or not rows:
        return adapted
    remembered = elements((rows, _last_axis_of_kernel(held.entry, input_shape)))
    return None if remembered is None else (adapted[0] + remembered, adapted[1])


def _last_axis_of_kernel(entry: Mapping[str, Any], input_shape: Shape | None) -> int | None:
    class_name, config = str(entry["class_name"]), entry["config"]
    if class_name.endswith("Transpose"):
        return input_shape[-1] if input_shape else None
    if class_name.startswith("DepthwiseConv"):
        return whole(config.get("depth_multiplier", 1))
    size = next((config[key] for key in ("filters", "units", "output_dim") if key in config), None)
    return None if size is None else whole(size)
