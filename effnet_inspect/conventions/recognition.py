"""Which code base wrote a file of weights, which variant they are of, and how far they go: from names and shapes."""

from __future__ import annotations

import re
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
from effnet_inspect.conventions.slots import Kind, Role, Slot
from effnet_inspect.graph import Shape, elements
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

RANKS: Mapping[Kind, int] = {"convolution": 4, "dense": 2}
"""Kind of layer -> how many axes its kernel has."""

STATES = ("seed_generator",)
"""What Keras keeps of a Dropout among the weights: the state of its random numbers."""

COPIES = ("ema", "shadow", "average")
"""Words in the names of a second copy of the weights, which is an average over the steps of training."""

TRAINING = (
    "optimizer",
    "optim",
    "momentum",
    "rmsprop",
    "adam",
    "scheduler",
    "amp",
    "scaler",
    "global_step",
    "save_counter",
)
"""Words in the names of what only training needs."""


NUMBERED = re.compile(r"^(normalization)_\d+(/(?:mean|variance|count))$")
"""A layer that Keras names by its class and a number."""


class Extra(NamedTuple):
    """Arrays that are no weights of the network, under what their names begin with."""

    name: str
    arrays: int
    what: str


class Recognition(NamedTuple):
    """What a file of weights is of.

    `arrays` are those of the network, by their names without `prefix`. `network` is the published variant, None where
    the weights are of none; `found` has its slots under the names of the code base, or those of the variant whose
    names are the nearest. `classifier` is the name of the classifier's kernel, whatever it is called. `counters` are
    whole numbers that PyTorch's normalisations count batches with. In a file of Keras `prefix` names the model that the
    network is nested in, and `arrays` has those beside that model too, by their whole names.
    """

    checkpoint: Checkpoint

    convention: Convention | None
    prefix: str
    arrays: Mapping[str, Array]
    network: Network | None
    found: Named | None
    classifier: str | None
    counters: int
    extra: tuple[Extra, ...]

    @property
    def up_to(self) -> str | None:
        """`classifier`, `head`, or the number of the last whole block; None where nothing is known."""
        if self.found is None:
            return None
        present = {slot.sort for name, slot in self.found.by_name.items() if name in self.arrays}
        if self.classifier:
            return "classifier"
        if any(sort[0] == "head" for sort in present):
            return "head"
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
        return self._side(self.classifier, "dense", UNITS)

    @property
    def input_channels(self) -> int | None:
        """Channels that the stem takes."""
        stem = _kernel_of("stem", self.found) if self.found else None
        return self._side(stem, "convolution", INPUTS) if stem in self.arrays else None

    @property
    def parameters(self) -> int:
        """Numbers in the arrays of the network and its classifier; of what is beside them none."""
        names = self.found.by_name if self.found else self.arrays
        own = (array for name, array in self.arrays.items() if name in names or self.is_of_classifier(name))
        return sum(elements(array.shape) or 0 for array in own)

    def own_name(self, array: Array) -> str | None:
        """The name of an array of the file among `arrays`; None where it is none of the network."""
        name = _own_name(array, self.prefix, self.convention)
        return name if name in self.arrays else None

    def is_of_classifier(self, name: str) -> bool:
        """Whether an array is of the classifier, whatever that is called."""
        layer = _layer_of(self.classifier, self.convention)
        return bool(layer) and name.startswith(layer)

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

    def _side(self, name: str | None, kind: Kind, axis: int) -> int | None:
        """A side of the kernel with a name; None without one."""
        if name is None or self.convention is None:
            return None
        return _side(self.arrays[name].shape, self.convention, kind, axis)


def _layer_of(kernel: str | None, convention: Convention | None) -> str:
    """What the names of all arrays of a layer begin with; empty without a layer."""
    return f"{kernel.rpartition(convention.joint)[0]}{convention.joint}" if kernel and convention else ""


def _kernel_of(role: Role, found: Named) -> str | None:
    """The name of the kernel with a role."""
    return next((name for name, slot in found.by_name.items() if (slot.role, slot.variable) == (role, "kernel")), None)


class _Guess(NamedTuple):
    likeness: float
    is_variant: bool
    convention: Convention
    prefix: str
    network: Network
    found: Named


def recognize(checkpoint: Checkpoint) -> Recognition:
    """What a file of weights is of."""
    conventions = [each for row in CONVENTIONS.values() for each in (row, row.bare) if each]
    guesses = [guess for convention in conventions for guess in _guesses(checkpoint.arrays, convention)]
    if not guesses:
        arrays = {each.name: each for each in checkpoint.arrays}
        return Recognition(checkpoint, None, "", arrays, None, None, None, 0, ())
    # Weights come before averages of them; of equally good ones the first, Keras before who took over its names.
    best = max(guesses, key=lambda guess: (guess.is_variant, not _has(COPIES, guess.prefix), guess.likeness))
    own = _without(best.prefix, checkpoint.arrays, best.convention)
    counters = set(best.found.counters) & set(own)
    weights = {
        name: array for name, array in own.items() if name not in counters and not _is_of_training(name, best.found)
    }
    network = best.network if best.is_variant else None
    classifier = _classifier(weights, best.found)
    extra = tuple(_extra(checkpoint.arrays, best, classifier))
    return Recognition(
        checkpoint, best.convention, best.prefix, weights, network, best.found, classifier, len(counters), extra
    )


def _without(prefix: str, arrays: Sequence[Array], convention: Convention) -> dict[str, Array]:
    names = ((_own_name(each, prefix, convention), each) for each in arrays)
    return {name: each for name, each in names if name is not None}


def _own_name(array: Array, prefix: str, convention: Convention | None) -> str | None:
    """The name without the prefix; None where it has another, and is no array of a Keras model around the network."""
    if array.name.startswith(prefix):
        return _unnumbered(array.name[len(prefix) :])
    return array.name if convention and convention.framework == "keras" else None


def _unnumbered(name: str) -> str:
    """The name of a layer that Keras named itself, whatever was built before it: Normalization is the only one."""
    return NUMBERED.sub(r"\1\2", name)


def _classifier(weights: Mapping[str, Array], found: Named) -> str | None:
    """The name of the classifier's kernel: as the code base calls it, or the only dense one on the final layers."""
    published = _kernel_of("classifier", found)
    if published in weights:
        return published
    head = _kernel_of("head", found)
    if head not in weights or head is None:
        return None
    convention = found.convention
    width = _side(weights[head].shape, convention, "convolution", OUTPUTS)
    own = [
        name
        for name, array in weights.items()
        if name not in found.by_name and _side(array.shape, convention, "dense", 0) == width
    ]
    return own[0] if width is not None and len(own) == 1 else None


def _side(shape: Shape, convention: Convention, kind: Kind, axis: int) -> int | None:
    """A side of a kernel, `axis` counted as Keras does; None where it is no kernel of this kind."""
    order = convention.axes.get(kind) or range(RANKS[kind])
    return shape[order.index(axis)] if len(shape) == len(order) else None


def _is_state(name: str) -> bool:
    return _has(STATES, name)


def _is_of_training(name: str, found: Named) -> bool:
    if _is_state(name) or _is_of_an_array(name, found):
        return True
    return name not in found.by_name and _has((*TRAINING, *COPIES), _beginning(name))


def _is_of_an_array(name: str, found: Named) -> bool:
    """Whether it is kept beside one array, under the array's name: as TensorFlow does with averages and momenta."""
    return name.rpartition("/")[0] in found.by_name


def _has(words: Sequence[str], name: str) -> bool:
    return any(word in name.lower() for word in words)


def _guesses(arrays: Sequence[Array], convention: Convention) -> Iterator[_Guess]:
    """Every variant that the arrays may be of, were they this code base's."""
    stem = f"{convention.layers['stem']}{convention.joint}{convention.variables['convolution']['kernel']}"
    whole = CONVENTIONS[convention.key].layers["stem"]
    for array in arrays:
        if convention.layers["stem"] != whole and whole in array.name:
            continue  # it is not bare
        prefix = array.name.removesuffix(stem)
        width = _side(array.shape, convention, "convolution", OUTPUTS)
        if prefix + stem != array.name or width is None or prefix[-1:] not in ("", ".", "/"):
            continue
        own = _without(prefix, arrays, convention)
        alike = [key for key, variant in VARIANTS.items() if plan(variant).stem == width]
        for key in alike or VARIANTS:
            yield _guess(own, convention, prefix, key)


@cache
def _published(key: str) -> Network:
    return Network(load(key))


@cache
def _named(code_base: CodeBase, is_bare: bool, key: str) -> Named:
    row = CONVENTIONS[code_base]
    return named(_published(key), row.bare if is_bare and row.bare else row)


def _guess(own: Mapping[str, Array], convention: Convention, prefix: str, key: str) -> _Guess:
    found = _named(convention.key, convention is CONVENTIONS[convention.key].bare, key)
    counters = {*found.counters}
    names = [name for name in own if name not in counters and not (_is_state(name) or _is_of_an_array(name, found))]
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


def _extra(arrays: Sequence[Array], best: _Guess, classifier: str | None) -> Iterator[Extra]:
    """What else is in the file, by the first words of the names."""
    counts: Counter[str] = Counter()
    known = {*best.found.by_name, *best.found.counters}
    layer = _layer_of(classifier, best.convention)
    for array in arrays:
        own = _own_name(array, best.prefix, best.convention)
        name = array.name if own is None else own
        is_beside = own is not None and _is_of_an_array(own, best.found)
        is_of_classifier = own is not None and not is_beside and bool(layer) and name.startswith(layer)
        if own is None or _is_state(name) or not (name in known or is_of_classifier):
            counts[name.rpartition("/")[2] if is_beside else _beginning(name)] += 1
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
