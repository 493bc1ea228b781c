"""Whether weights fit a model, array by array, and in plain words why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from effnet_inspect.conventions import CONVENTIONS, code_base_of, named
from effnet_inspect.conventions.convention import Convention, Framework, Named
from effnet_inspect.conventions.loading import Way, keras_ways
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
    """Every array of the model, in its order, then what the file has more; how it is loaded; and advice, in sentences.

    `target` is the model's name for programs, `title` for people. The first of the `ways` has no options.
    """

    target: str
    title: str
    pairings: tuple[Pairing, ...]
    ways: tuple[Way, ...]
    advice: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the whole model is loaded from the file as it is."""
        return self.ways[0].loads

    def of(self, status: Status) -> tuple[Pairing, ...]:
        """The arrays that are so."""
        return tuple(pairing for pairing in self.pairings if pairing.status == status)


ALL_BUT_CLASSIFIER = "Load all but the classifier and train that"

FRAMEWORKS: dict[Framework, str] = {"keras": "Keras", "pytorch": "PyTorch", "tensorflow": "TensorFlow"}


def fit(weights: Recognition, model: Network) -> Fit:
    """Every array of the model beside the one that the file has for it, and whether it is loaded.

    A model of the user's has the names of its own layers, where it is in the framework that the file is of and not of
    another code base in it; any other model has those of the file's code base.
    """
    convention = weights.convention or CONVENTIONS["keras"]
    framework = model.framework
    theirs = code_base_of(model) if framework == "pytorch" else None
    is_theirs = theirs is None or theirs.key == convention.key
    is_bare = convention is CONVENTIONS[convention.key].bare
    has_own_names = framework == convention.framework and is_theirs and not is_bare
    expected = named(model, convention, own_names=has_own_names)
    reader = _Reader(weights, model, expected)
    pairings = (*reader.wanted(), *reader.left_over())
    other = None
    if framework not in (None, convention.framework):
        other = f"the names are {convention.title}'s, and the model is in {FRAMEWORKS[framework]}"
    elif theirs and not is_theirs:
        other = f"the names are {convention.title}'s, and the model's those of {theirs.title}"
    ways = tuple(_ways(weights, model, expected, pairings, other))
    if ways[0].loads and ways[0].pairs:
        pairings = tuple(_as_loaded(weights, ways[0], expected.convention))
    advice = _Adviser(weights, model, pairings, ways, theirs if other else None).all()
    return Fit(model.key, model.title, pairings, ways, tuple(advice))


def _ways(
    weights: Recognition, model: Network, expected: Named, pairings: tuple[Pairing, ...], other: str | None
) -> Iterator[Way]:
    """How the file may be loaded; `other` says why the framework of the model cannot."""
    # A published variant is Keras' own; how another code base in Keras would put it together is not known.
    is_known = model.framework is not None or expected.convention.key == "keras"
    if expected.convention.framework == "keras" and other is None and weights.convention and is_known:
        ways = list(keras_ways(weights.checkpoint, model, tuple(expected.names)))
        if ways:
            yield from ways
            return
    needed = [each for each in pairings if each.is_needed]
    fitting = sum(each.status == "fits" for each in needed)
    trouble = other or ""
    if not other and fitting < len(needed):
        trouble = "not all names and shapes are those of the model"
    elif not other and weights.prefix and expected.convention.framework == "pytorch":
        trouble = f"all names begin with {weights.prefix!r}"
    call = "model.load_state_dict(file)" if expected.convention.framework == "pytorch" else ""
    yield Way(call, "by name", 0 if trouble else fitting, trouble)


def _as_loaded(weights: Recognition, way: Way, convention: Convention) -> Iterator[Pairing]:
    """What goes where, and what is not read."""
    for array, slot in way.pairs:
        name = weights.own_name(array) or array.name
        yield Pairing(name, "fits", array.shape, convention.shape(slot), concerns=slot.role)
    read = {array.name for array, _ in way.pairs}
    for name, array in weights.arrays.items():
        if array.name not in read:
            yield Pairing(name, "left over", array.shape, None, "no layer of the model takes it", is_needed=False)


def same_variant(weights: Recognition, model: Network) -> bool:
    """Whether any backbone of the model is of the file's published variant, or it is not known that none is."""
    variants = [backbone.identity.variant for backbone in model.all_backbones]
    return weights.network is None or None in variants or weights.network.variant in variants


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
                # In other frameworks, whoever prepares the images does what this layer of Keras does.
                is_needed = role != "preprocessing" or self.model.framework in (None, "keras")
                yield Pairing(name, "left over", array.shape, None, self.why_left_over(name, slot), is_needed, role)

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
    return "an unknown number of classes" if count is None else pluralize(count, "class")


class _Adviser:
    """What to do, the most important first; nothing where the file is loaded as it is."""

    def __init__(
        self,
        weights: Recognition,
        model: Network,
        pairings: tuple[Pairing, ...],
        ways: tuple[Way, ...],
        theirs: Convention | None,
    ) -> None:
        self.weights, self.model, self.ways, self.theirs = weights, model, ways, theirs
        self.wrong = [each for each in pairings if each.status != "fits" and each.is_needed]

    def all(self) -> Iterator[str]:
        if self.ways[0].loads:
            return
        convention, variant = self.weights.convention, self.weights.network and self.weights.network.variant
        if convention is None:
            yield "The names are those of no code base that is known here: they were compared with those of Keras."
            return
        if variant and not same_variant(self.weights, self.model):
            yield f"Build {variant.title} for these weights; no loading by name makes them fit another variant."
            return
        if convention.framework == "pytorch" and self.weights.prefix:
            yield f"Take {self.weights.prefix!r} off the names first: they all begin with it."
        yield from self.conversion(convention)
        yield from self.keras()
        if convention.framework == "pytorch" and any(each.concerns == "classifier" for each in self.wrong):
            yield f"{ALL_BUT_CLASSIFIER}: delete its two arrays, and load_state_dict(strict=False)."
        if any(each.concerns == "stem" for each in self.wrong):
            yield (
                "For images of fewer channels, sum the stem's kernel over its inputs; for more, repeat it. Or give the "
                "model images with as many channels as the file's network takes."
            )

    def conversion(self, convention: Convention) -> Iterator[str]:
        """From one code base to another."""
        framework = self.model.framework
        if framework in (None, convention.framework) and self.theirs is None:
            return
        to = self.theirs.key if self.theirs else "keras" if framework == "keras" else None
        what = f"The names are {convention.title}'s"
        if framework != convention.framework and "tensorflow" not in (framework, "" if to else "tensorflow"):
            what += ", and kernels have another order of axes" if "pytorch" in (framework, convention.framework) else ""
        if to:
            yield (
                f"{what}: effnet-inspect map {self.model.key} --from {convention.key} --to {to} --code writes a "
                "converter."
            )
        else:
            yield f"{what}; the model's are nobody's that is known here."

    def keras(self) -> Iterator[str]:
        """Other calls that load more, and models in models."""
        inner = self.weights.prefix.rstrip("/")
        stem = next((layer.name for layer in self.model.anatomy.stem.layers), "")
        around = stem.rpartition("/")[0]
        if self.weights.checkpoint.order == "objects":
            yield "Load them where they were saved, with the Keras of before 3, and save them as a .weights.h5 file."
            return
        calls = [way for way in self.ways if way.pairs or way.skipping is not None]
        total = len(self.weights.arrays)
        is_classifier = any(each.concerns == "classifier" for each in self.wrong)
        if not calls:
            if is_classifier and self.weights.convention and self.weights.convention.framework == "keras":
                yield f"{ALL_BUT_CLASSIFIER}: model.load_weights(file, skip_mismatch=True) in Keras."
            return
        if bool(inner) != bool(around):
            if inner:
                yield (
                    f"The file is of a model in which the network is one layer, {inner!r}: build that model, load the "
                    f"file into it, and take model.get_layer({inner!r})."
                )
            else:
                yield (
                    f"The file is of the network alone, which is one layer of the model: "
                    f"model.get_layer({around!r}).load_weights(file)."
                )
            return
        best = max(calls, key=lambda way: max(way.loaded if way.loads else 0, way.skipping or 0))
        if best.loads:
            yield f"Load by name: {best.call} loads all {best.loaded:,} arrays."
        elif best.skipping and best.skipping > total / 2:
            call = best.call.replace(")", ", skip_mismatch=True)")
            purpose = ALL_BUT_CLASSIFIER if is_classifier else "Load what fits"
            yield f"{purpose}: {call} loads {best.skipping:,} arrays."
