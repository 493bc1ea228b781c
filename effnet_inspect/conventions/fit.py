"""Whether weights fit a model, array by array, and in plain words why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from effnet_inspect.conventions import CONVENTIONS, KERAS_NAMES, is_of_the_user, named
from effnet_inspect.conventions.convention import Named
from effnet_inspect.conventions.recognition import INPUTS, UNITS, Recognition
from effnet_inspect.conventions.slots import Role, Slot, words_of
from effnet_inspect.graph import Shape
from effnet_inspect.structure.network import Network
from effnet_inspect.words import pluralize

Status = Literal["fits", "other shape", "missing", "left over"]


class Pairing(NamedTuple):
    """One array: its name in the file's code base, its shapes there and in the model, and what is the matter.

    Both shapes have their axes in the order of the file's code base. `is_needed` is False where loading works without;
    `concerns` is the role of what it is of.
    """

    name: str
    status: Status
    file_shape: Shape | None
    model_shape: Shape | None
    reason: str = ""
    is_needed: bool = True
    concerns: Role | None = None


class Fit(NamedTuple):
    """Every array of the model, in its order, then what the file has more; and what to do, in sentences.

    `target` is the model's name for programs, `title` for people.
    """

    target: str
    title: str
    pairings: tuple[Pairing, ...]
    advice: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether all weights can be loaded, and all of the file's are wanted."""
        return all(pairing.status == "fits" or not pairing.is_needed for pairing in self.pairings)

    def of(self, status: Status) -> tuple[Pairing, ...]:
        """The arrays that are so."""
        return tuple(pairing for pairing in self.pairings if pairing.status == status)


def fit(weights: Recognition, model: Network) -> Fit:
    """Every array of the model beside the one that the file has for it.

    A model of the user's in Keras has the names of its own layers; any other has those of the file's code base.
    """
    convention = weights.convention or CONVENTIONS["keras"]
    expected = named(model, convention)
    reader = _Reader(weights, model, expected)
    pairings = (*reader.wanted(), *reader.left_over())
    return Fit(model.key, model.title, pairings, tuple(_advice(weights, model, pairings)))


def same_variant(weights: Recognition, model: Network) -> bool:
    """Whether both are of one published variant, or it is not known that they are not."""
    variant = model.identity.variant
    return weights.network is None or variant is None or weights.network.variant == variant


class _Reader:
    def __init__(self, weights: Recognition, model: Network, expected: Named) -> None:
        self.weights, self.model, self.expected = weights, model, expected
        self.file_places = {
            slot.place.name
            for name, slot in (weights.found.by_name.items() if weights.found else ())
            if slot.place and name in weights.arrays
        }
        self.model_places = {slot.place.name for slot in expected.names if slot.place}
        self.model_roles = {slot.role for slot in expected.names}

    def wanted(self) -> Iterator[Pairing]:
        """What the model has."""
        convention = self.expected.convention
        for slot, name in self.expected.names.items():
            shape = convention.shape(slot)
            found = self.weights.arrays.get(name or "")
            if found is not None and name is not None:
                fits = found.shape == shape
                reason = "" if fits else self.why_other(slot, found.shape)
                yield Pairing(name, "fits" if fits else "other shape", found.shape, shape, reason, concerns=slot.role)
                continue
            # Whoever prepares the images for other code bases does what this layer does.
            is_needed = slot.role != "preprocessing" or slot.role in convention.layers
            reason = f"weights of {convention.title} have no such array" if name is None else self.why_missing(slot)
            shown = name or f"{slot.layer}/{slot.variable}"
            yield Pairing(shown, "missing", None, shape, reason, is_needed, slot.role)

    def left_over(self) -> Iterator[Pairing]:
        """What the file has more."""
        known = self.weights.found.by_name if self.weights.found else {}
        for name, array in self.weights.arrays.items():
            if name not in self.expected.by_name:
                slot = known.get(name)
                role = slot.role if slot else "classifier" if self.weights.is_of_classifier(name) else None
                yield Pairing(name, "left over", array.shape, None, self.why_left_over(name, slot), concerns=role)

    def why_missing(self, slot: Slot) -> str:
        if slot.place and slot.place.name not in self.file_places:
            return f"the file has no sub-block {slot.place.name}{self.of_another_variant()}"
        if slot.role == "classifier":
            if self.weights.classes is not None:
                return f"the file calls its classifier otherwise than the model, {slot.layer}"
            return "the file ends before the classifier"
        if slot.role == "preprocessing":
            return "the file has no mean and variance of pixels"
        if slot.role == "other":
            return "the layer is none that a published EfficientNet has"
        if not self.weights.arrays.keys() & self.expected.by_name.keys():
            return "the file has no array of this name"
        return f"the file has no weights of the {words_of(slot.role)}{self.in_place(slot)}{self.of_another_variant()}"

    def why_no_classifier(self) -> str:
        has = "classifier" in self.model_roles
        return "the model calls its classifier otherwise" if has else "the model has no classifier"

    def why_left_over(self, name: str, slot: Slot | None) -> str:
        if slot is None and self.weights.is_of_classifier(name):
            return self.why_no_classifier()
        if slot is None:
            return "no layer of the model is called so"
        if slot.place and slot.place.name not in self.model_places:
            return f"the model has no sub-block {slot.place.name}{self.of_another_variant()}"
        if slot.role == "classifier":
            return self.why_no_classifier()
        if slot.role not in self.model_roles:
            return f"the model has no {words_of(slot.role)}"
        return (
            f"the model has no such array in its {words_of(slot.role)}{self.in_place(slot)}{self.of_another_variant()}"
        )

    def why_other(self, slot: Slot, found: Shape) -> str:
        order = self.expected.convention.order(slot)
        there = _in_keras_order(found, order)
        here = slot.shape
        if there is None or here is None or len(there) != len(here):
            return "the arrays have other numbers of axes"
        if slot.role == "stem" and _differ_in(there, here) == [INPUTS]:
            return f"the model takes {_channels(here[INPUTS])}, the file's network {_channels(there[INPUTS])}"
        if slot.role == "classifier":
            axis = UNITS if slot.variable == "kernel" else 0
            if _differ_in(there, here) == [axis]:
                return f"the file has {_classes(there[axis])}, the model {_classes(here[axis])}"
        return f"the {words_of(slot.role)}{self.in_place(slot)} has another size{self.of_another_variant()}"

    def in_place(self, slot: Slot) -> str:
        return f" of {slot.place.name}" if slot.place else ""

    def of_another_variant(self) -> str:
        if same_variant(self.weights, self.model) or self.weights.network is None:
            return ""
        variant = self.model.identity.variant
        return f": it is {self.weights.network.name}, the model {variant.title if variant else self.model.name}"


def _in_keras_order(shape: Shape, order: tuple[int, ...] | None) -> Shape | None:
    if order is None:
        return shape
    return tuple(shape[order.index(axis)] for axis in range(len(order))) if len(order) == len(shape) else None


def _differ_in(one: Shape, other: Shape) -> list[int]:
    return [axis for axis, sides in enumerate(zip(one, other, strict=True)) if sides[0] != sides[1]]


def _channels(count: int | None) -> str:
    return "an unknown number of channels" if count is None else pluralize(count, "channel")


def _classes(count: int | None) -> str:
    return "an unknown number of classes" if count is None else f"{count:,} {'class' if count == 1 else 'classes'}"


def _advice(weights: Recognition, model: Network, pairings: tuple[Pairing, ...]) -> Iterator[str]:
    """What to do, the most important first."""
    convention = weights.convention
    if convention is None:
        yield "The names are those of no code base that is known here: they were compared with those of Keras."
        return
    wrong = [each for each in pairings if each.status != "fits" and each.is_needed]
    is_keras = convention.key in KERAS_NAMES
    variant = weights.network.variant if weights.network else None
    if variant and not same_variant(weights, model):
        yield f"Build {variant.title} for these weights; no loading by name makes them fit another variant."
        return
    if weights.prefix:
        yield f"Take {weights.prefix!r} off the names first: they all begin with it."
    if not is_keras and is_of_the_user(model):
        yield (
            f"The names are {convention.title}'s, and kernels have another order of axes than in Keras: "
            f"effnet-inspect map {model.key} --from {convention.key} --to keras --code writes a converter."
        )
    if any(each.concerns == "classifier" for each in wrong):
        yield (
            "Load all but the classifier and train that: model.load_weights(file, skip_mismatch=True) in Keras."
            if is_keras
            else "Load all but the classifier and train that: delete its two arrays, and load_state_dict(strict=False)."
        )
    if any(each.concerns == "stem" for each in wrong):
        yield (
            "For images of fewer channels, sum the stem's kernel over its inputs; for more, repeat it. Or give the "
            "model images with as many channels as the file's network takes."
        )
