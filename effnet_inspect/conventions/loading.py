"""Whether weights are loaded as they are: what the framework's own call would do with the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from effnet_inspect.checkpoints import Array, Checkpoint, SavedLayer
from effnet_inspect.conventions.keras_order import Loaded, by_classes, by_layers
from effnet_inspect.conventions.slots import Slot
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Shape, elements
from effnet_inspect.structure.network import Network
from effnet_inspect.words import abbreviate, pluralize

BY_CLASS = "model.load_weights(file)"
BY_ORDER = "model.load_weights(file)"
BY_NAME = "model.load_weights(file, by_name=True)"


class Way(NamedTuple):
    """One way to load a file.

    `call` is written in Python, `by` says how arrays find their layers. `loaded` are the model's arrays whose layers
    find all of theirs in the file; `trouble` is a sentence on why not all do, empty where all is well. `skipping` are
    those that are loaded where the call skips layers that do not fit; None where it cannot. `pairs` are the file's
    arrays and the model's that they are for.
    """

    call: str
    by: str
    loaded: int
    trouble: str = ""
    skipping: int | None = None
    pairs: tuple[tuple[Array, Slot], ...] = ()

    @property
    def loads(self) -> bool:
        """Whether the call succeeds, and fills the whole model."""
        return not self.trouble


def keras_ways(checkpoint: Checkpoint, network: Network, slots: Sequence[Slot]) -> Iterator[Way]:
    """The ways in which Keras loads a file into a model in Keras, the one without options first; none where unknown.

    Args:
        checkpoint: the file.
        network: the model.
        slots: those of its arrays that Keras has.
    """
    if checkpoint.order == "classes":
        own = [layer for layer in checkpoint.layers if layer.arrays]
        if all(layer.place is not None for layer in own):
            yield _by_classes(own, by_classes(network, slots))
    elif checkpoint.order == "objects":
        yield Way("", "by objects", 0, "Keras 3 loads no checkpoint of TensorFlow")
    elif checkpoint.order == "layers":
        model = by_layers(network, slots)
        yield _by_order(checkpoint.layers, model)
        yield _by_name(checkpoint.layers, model)


def _by_classes(file: Sequence[SavedLayer], model: Sequence[Loaded]) -> Way:
    """As Keras 3 does: of each class the first, the second, ... in the model that they are in."""
    there = {layer.place: layer for layer in file}
    found = [(layer, there.get(layer.place)) for layer in model]
    missing = [layer for layer, saved in found if saved is None]
    matched = [(layer, saved) for layer, saved in found if saved is not None]
    whole = _that_fit(matched)
    trouble = ""
    if missing:
        trouble = f"Keras finds nothing for {pluralize(len(missing), 'layer')}: {_layers(missing)}"
    elif len(whole) < len(matched):
        trouble = _other(matched)
    return Way(BY_CLASS, "by class and number", _arrays(whole), trouble, _arrays(whole), _pairs(whole))


def _by_order(file: Sequence[SavedLayer], model: Sequence[Loaded]) -> Way:
    """As Keras does with the files of before Keras 3: all layers with weights, one after the other."""
    matched = list(zip(model, file, strict=False))
    whole = _that_fit(matched)
    if len(file) != len(model):
        return Way(BY_ORDER, "by order", 0, _other_count(file, model))
    counts = [(layer, saved) for layer, saved in matched if len(layer.slots) != len(saved.arrays)]
    trouble = _other(matched) if len(whole) < len(matched) else ""
    skipping = None if counts else _arrays_of_their_shape(matched)
    return Way(BY_ORDER, "by order", _arrays(whole), trouble, skipping, _pairs(whole))


def _by_name(file: Sequence[SavedLayer], model: Sequence[Loaded]) -> Way:
    """As `by_name=True` does with them: layers of the same name, and no others."""
    there = {layer.name: layer for layer in file}
    matched = [(layer, there[layer.name]) for layer in model if layer.name in there]
    missing = [layer for layer in model if layer.name not in there]
    whole = _that_fit(matched)
    trouble = ""
    if len(whole) < len(matched):
        trouble = _other(matched)
    elif missing:
        trouble = (
            f"Keras leaves {pluralize(len(missing), 'layer')} as they are, whose names the file does not have: "
            f"{_layers(missing)}"
        )
    return Way(BY_NAME, "by name", _arrays(whole), trouble, _arrays_of_their_shape(matched), _pairs(whole))


_Matched = Sequence[tuple[Loaded, SavedLayer]]


def _that_fit(matched: _Matched) -> list[tuple[Loaded, SavedLayer]]:
    return [(layer, saved) for layer, saved in matched if _fits(layer, saved)]


def _fits(layer: Loaded, saved: SavedLayer) -> bool:
    if any(slot.variable == "all" for slot in layer.slots):
        # Of a layer of the user's own only the number of elements is known.
        sizes = [elements(slot.shape) for slot in layer.slots]
        there = sum(elements(each.shape) or 0 for each in saved.arrays)
        return None in sizes or sum(size or 0 for size in sizes) == there
    return len(layer.slots) == len(saved.arrays) and all(
        _is_of(slot.shape, array.shape) for slot, array in zip(layer.slots, saved.arrays, strict=True)
    )


def _is_of(model: Shape | None, file: Shape) -> bool:
    return model is None or (
        len(model) == len(file) and all(one in (None, other) for one, other in zip(model, file, strict=True))
    )


def _pairs(matched: _Matched) -> tuple[tuple[Array, Slot], ...]:
    return tuple(pair for layer, saved in matched for pair in zip(saved.arrays, layer.slots, strict=False))


def _arrays(matched: _Matched) -> int:
    return sum(len(layer.slots) for layer, _ in matched)


def _arrays_of_their_shape(matched: _Matched) -> int:
    """What `skip_mismatch=True` loads of layers with as many arrays as the file has for them."""
    return sum(
        _is_of(slot.shape, array.shape)
        for layer, saved in matched
        if len(layer.slots) == len(saved.arrays)
        for slot, array in zip(layer.slots, saved.arrays, strict=True)
    )


def _layers(layers: Sequence[Loaded] | Sequence[SavedLayer]) -> str:
    return abbreviate([layer.name for layer in layers])


def _other(matched: _Matched) -> str:
    """The first layer at which Keras stops."""
    layer, saved = next((layer, saved) for layer, saved in matched if not _fits(layer, saved))
    stops = f"Keras stops at {layer.name}"
    if layer.name != saved.name:
        stops += f", for which it takes {saved.name} of the file"
    if len(layer.slots) != len(saved.arrays):
        return f"{stops}: {pluralize(len(layer.slots), 'array')} in the model, {len(saved.arrays):,} in the file"
    slot, array = next(
        pair for pair in zip(layer.slots, saved.arrays, strict=True) if not _is_of(pair[0].shape, pair[1].shape)
    )
    shapes = (format_value(shape, "size") for shape in (slot.shape, array.shape))
    return "{}: {} in the model, {} in the file".format(stops, *shapes)


def _other_count(file: Sequence[SavedLayer], model: Sequence[Loaded]) -> str:
    """Which layers with weights one of both has more: those that are left where all others are side by side."""
    one = [_shapes(layer.arrays) for layer in file]
    other = [_shapes(layer.slots) for layer in model]
    steps = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    more = [file[at] for kind, begin, end, _, _ in steps if kind != "equal" for at in range(begin, end)]
    less = [model[at] for kind, _, _, begin, end in steps if kind != "equal" for at in range(begin, end)]
    said = [f"only {who} has {_layers(layers)}" for who, layers in (("the file", more), ("the model", less)) if layers]
    return (
        f"Keras counts {pluralize(len(file), 'layer')} with weights in the file and {len(model):,} in the model: "
        f"{', '.join(said)}"
    )


def _shapes(arrays: Sequence[Array] | Sequence[Slot]) -> tuple[Shape | None, ...]:
    return tuple(each.shape for each in arrays)
