"""Which code base wrote a file of weights, which variant they are of, and how far they go: from names and shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from effnet_inspect.catalog.blueprints import plan
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.checkpoints import Array, Checkpoint
from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions import CONVENTIONS, named
from effnet_inspect.conventions.convention import Convention, Named
from effnet_inspect.conventions.slots import Slot
from effnet_inspect.sources import load
from effnet_inspect.structure.network import Network

LEAST_LIKENESS = 0.6
"""Of a file's arrays to a variant's, from 0 to 1, from which on the file is said to be of it."""

LEAST_SHARE, LEAST_ARRAYS = 0.9, 20
"""A network that ends early is a variant's where so many of its arrays are the variant's, and these are enough."""

INPUTS, OUTPUTS = 2, 3
"""Axes of a convolution's kernel in Keras' order."""

UNITS = 1
"""Likewise of a dense layer's."""

STATES = ("seed_generator",)
"""What Keras keeps of a Dropout among the weights: the state of its random numbers."""

COPIES = ("ema", "shadow", "average")
"""Words in the names of a second copy of the weights, which is an average over the steps of training."""

TRAINING = ("optimizer", "optim", "momentum", "scheduler", "amp", "scaler")
"""Words in the names of what only training needs."""


class Extra(NamedTuple):
    """Arrays that are no weights of the network, under what their names begin with."""

    name: str
    arrays: int
    what: str


class Recognition(NamedTuple):
    """What a file of weights is of.

    `arrays` are those of the network, by their names without `prefix`. `network` is the published variant, None where
    the weights are of none; `found` has its slots under the names of the code base, or those of the variant whose
    names are the nearest. `counters` are whole numbers that PyTorch's normalisations count batches with.
    """

    convention: Convention | None
    prefix: str
    arrays: Mapping[str, Array]
    network: Network | None
    found: Named | None
    counters: int
    extra: tuple[Extra, ...]

    @property
    def up_to(self) -> str | None:
        """`classifier`, `head`, or the number of the last whole block; None where nothing is known."""
        if self.found is None:
            return None
        present = {slot.sort for name, slot in self.found.by_name.items() if name in self.arrays}
        for role in ("classifier", "head"):
            if any(sort[0] == role for sort in present):
                return role
        missing = {slot.place.block for slot in self._missing() if slot.place}
        blocks = {slot.place.block for slot in self.found.names if slot.place}
        whole = [block for block in sorted(blocks) if not any(each <= block for each in missing)]
        return str(whole[-1]) if whole else "0"

    def _missing(self) -> Iterator[Slot]:
        assert self.found is not None
        return (slot for name, slot in self.found.by_name.items() if name not in self.arrays)

    @property
    def classes(self) -> int | None:
        """Units of the classifier; None without one."""
        return self._side("classifier", UNITS)

    @property
    def input_channels(self) -> int | None:
        """Channels that the stem takes."""
        return self._side("stem", INPUTS)

    @property
    def is_changed(self) -> bool:
        """Whether arrays have other shapes than the variant's, the stem and the classifier left out."""
        if self.found is None or self.network is None:
            return False
        return any(
            slot.role not in ("stem", "classifier") and self.arrays[name].shape != self.found.convention.shape(slot)
            for name, slot in self.found.by_name.items()
            if name in self.arrays
        )

    def _side(self, role: str, axis: int) -> int | None:
        """A side of the kernel with a role, `axis` counted as Keras does."""
        if self.found is None:
            return None
        for name, slot in self.found.by_name.items():
            if slot.role == role and slot.variable == "kernel" and name in self.arrays:
                shape = self.arrays[name].shape
                order = self.found.convention.order(slot) or tuple(range(len(shape)))
                return shape[order.index(axis)] if len(shape) == len(order) else None
        return None


class _Guess(NamedTuple):
    likeness: float
    is_variant: bool
    convention: Convention
    prefix: str
    network: Network
    found: Named


def recognize(checkpoint: Checkpoint) -> Recognition:
    """What a file of weights is of."""
    guesses = [guess for convention in CONVENTIONS.values() for guess in _guesses(checkpoint.arrays, convention)]
    if not guesses:
        arrays = {each.name: each for each in checkpoint.arrays}
        return Recognition(None, "", arrays, None, None, 0, ())
    # Weights come before averages of them; of equally good ones the first, Keras before who took over its names.
    best = max(guesses, key=lambda guess: (guess.is_variant, not _has(COPIES, guess.prefix), guess.likeness))
    own = _without(best.prefix, checkpoint.arrays)
    counters = set(best.found.counters) & set(own)
    weights = {name: array for name, array in own.items() if name not in counters and not _is_state(name)}
    network = best.network if best.is_variant else None
    extra = tuple(_extra(checkpoint.arrays, best))
    return Recognition(best.convention, best.prefix, weights, network, best.found, len(counters), extra)


def _without(prefix: str, arrays: Sequence[Array]) -> dict[str, Array]:
    return {each.name[len(prefix) :]: each for each in arrays if each.name.startswith(prefix)}


def _is_state(name: str) -> bool:
    return _has(STATES, name)


def _has(words: Sequence[str], name: str) -> bool:
    return any(word in name.lower() for word in words)


def _guesses(arrays: Sequence[Array], convention: Convention) -> Iterator[_Guess]:
    """Every variant that the arrays may be of, were they this code base's."""
    stem = f"{convention.layers['stem']}{convention.joint}{convention.variables['convolution']['kernel']}"
    order = convention.axes.get("convolution", (0, 1, INPUTS, OUTPUTS))
    for array in arrays:
        prefix = array.name.removesuffix(stem)
        if prefix + stem != array.name or len(array.shape) != len(order) or prefix[-1:] not in ("", ".", "/"):
            continue
        own = _without(prefix, arrays)
        width = array.shape[order.index(OUTPUTS)]
        alike = [key for key, variant in VARIANTS.items() if plan(variant).stem == width]
        for key in alike or VARIANTS:
            yield _guess(own, convention, prefix, key)


@cache
def _published(key: str) -> Network:
    return Network(load(key))


@cache
def _named(convention: CodeBase, key: str) -> Named:
    return named(_published(key), CONVENTIONS[convention])


def _guess(own: Mapping[str, Array], convention: Convention, prefix: str, key: str) -> _Guess:
    found = _named(convention.key, key)
    counters = {*found.counters}
    names = [name for name in own if name not in counters and not _is_state(name)]
    shapes = found.shapes
    # Another input or other classes make no other variant.
    equal = sum(
        name in shapes and (own[name].shape == shapes[name] or found.by_name[name].role in ("stem", "classifier"))
        for name in names
    )
    alike = sum(name in shapes for name in names)
    both = len(names) + len(shapes)
    is_variant = 2 * equal / both >= LEAST_LIKENESS or (
        equal >= LEAST_ARRAYS and equal / max(len(names), 1) >= LEAST_SHARE
    )
    # Shapes decide; where they are no variant's, names alone.
    return _Guess(2 * (equal + alike / both) / both, is_variant, convention, prefix, _published(key), found)


def _extra(arrays: Sequence[Array], best: _Guess) -> Iterator[Extra]:
    """What else is in the file, by the first words of the names."""
    counts: Counter[str] = Counter()
    for array in arrays:
        is_own = array.name.startswith(best.prefix)
        name = array.name[len(best.prefix) :] if is_own else array.name
        if not is_own or _is_state(name) or (name not in best.found.by_name and name not in best.found.counters):
            counts[_beginning(name)] += 1
    for name, count in counts.items():
        yield Extra(name, count, _what(name))


def _beginning(name: str) -> str:
    return "seed_generator" if _is_state(name) else name.replace("/", ".").split(".")[0]


def _what(name: str) -> str:
    if _is_state(name):
        return "state of random numbers"
    if _has(COPIES, name):
        return "a second copy of the weights, an average"
    if _has(TRAINING, name):
        return "state of training"
    return "not of the network"
