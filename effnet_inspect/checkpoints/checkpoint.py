"""What a file of weights holds: arrays, of which names, shapes and types are known, and no number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Array(NamedTuple):
    """One array; `dtype` is written as NumPy writes it."""

    name: str
    shape: tuple[int, ...]
    dtype: str


Order = Literal["classes", "layers", "objects"]
"""How Keras finds the layer that arrays are for.

classes: by the number that it has among the layers of its class, in the model that it is in. layers: by its number in
the outermost model, or by its name there. objects: by the objects of TensorFlow that Keras before 3 was made of.
"""


class SavedLayer(NamedTuple):
    """A layer with weights in a file of Keras: where it is, by its `Order`, its name, and its arrays in their order.

    In the order of classes, the place is a class and a number for each model that the layer is in, and for itself; a
    model in a model is of the class `MODEL`. It is None where the file has it in another way.
    """

    place: tuple[tuple[str, int], ...] | None
    name: str
    arrays: tuple[Array, ...]


MODEL = "model"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file of weights: its name, what kind of file it is, its size in bytes, and its arrays in their order there.

    Files of Keras have an `order`, and `layers` in it: by it, and not by their names, Keras loads them.
    """

    name: str
    kind: str
    size: int
    arrays: tuple[Array, ...]
    layers: tuple[SavedLayer, ...] = ()
    order: Order | None = None


class Content(NamedTuple):
    """What is read of a file; `elsewhere` are the bytes of the files that have its numbers."""

    arrays: list[Array]
    layers: tuple[SavedLayer, ...] = ()
    order: Order | None = None
    elsewhere: int = 0
