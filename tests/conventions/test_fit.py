"""Whether weights fit a model, and what is said where they do not."""

from __future__ import annotations

from collections import Counter

import pytest

import effnet_inspect
from effnet_inspect.catalog.targets import FileTarget, PythonTarget
from effnet_inspect.checkpoints import Array, Checkpoint, SavedLayer
from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions import CONVENTIONS, named
from effnet_inspect.conventions.fit import Fit, fit
from effnet_inspect.conventions.keras_order import by_classes
from effnet_inspect.conventions.recognition import recognize
from effnet_inspect.graph import LayerGraph, Shape
from effnet_inspect.structure.network import Network
from tests.checkpoints.files import arrays_of
from tests.conventions.listings import LISTINGS, is_bare, listed, package_and_variant
from tests.conventions.weights import checkpoint_of
from tests.graphs import graph_of, rename


def fitted(arrays: dict[str, tuple[int, ...]], model: Network) -> Fit:
    found = fit(recognize(checkpoint_of(arrays)), model)
    assert not (found.fits and found.advice)
    return found


def wrong(found: Fit) -> dict[str, str]:
    """The arrays that do not fit, and why."""
    return {each.name: each.reason for each in found.pairings if each.status != "fits" and each.is_needed}


@pytest.mark.parametrize("name", [name for name in LISTINGS if not is_bare(name)])
def test_what_packages_save_fits_their_variant_and_no_other(name: str) -> None:
    variant = package_and_variant(name)[1]
    found = fitted(listed(name), effnet_inspect.load(variant))
    assert found.fits
    assert wrong(found) == {}
    other = fitted(listed(name), effnet_inspect.load("b4"))
    assert not other.fits
    assert "no loading by name makes them fit another variant" in other.advice[0]


def mine(target: str = "b0", **renamed: str) -> Network:
    """A model of the user's in Keras, with layers that are called otherwise."""
    graph = effnet_inspect.load(target).graph
    layers = tuple(
        layer._replace(
            name=renamed.get(layer.name, layer.name),
            inputs=tuple(renamed.get(name, name) for name in layer.inputs),
        )
        for layer in graph
    )
    return Network(LayerGraph("mine.keras", layers, target=FileTarget("mine.keras"), vocabulary="keras"))


def test_a_model_that_the_backbone_is_nested_in() -> None:
    """Keras names the layers of the inner model without it in files, and numbers those that it names itself."""
    names = {layer.name: f"efficientnetb0/{layer.name}" for layer in effnet_inspect.load("b0").graph}
    names |= {"normalization": "efficientnetb0/normalization_1", "predictions": "cats"}
    arrays = {name.replace("predictions/", "cats/"): shape for name, shape in arrays_of("b0", "keras").items()}
    found = fitted(arrays, mine("b0", **names))
    assert found.fits
    assert len(found.of("fits")) == 314


BACKBONES = ("b0", "b1")


def several() -> Network:
    """A model of the user's in Keras that holds two variants."""
    layers = [
        layer
        for key in BACKBONES
        for layer in rename(graph_of(key), {each.name: f"{key}_net/{each.name}" for each in graph_of(key)})
    ]
    return Network(LayerGraph("mine.keras", tuple(layers), target=FileTarget("mine.keras"), vocabulary="keras"))


def saved(model: Network) -> Checkpoint:
    """The weights of a model, as Keras 3 saves them: by the numbers of the layers in their classes."""
    variables = CONVENTIONS["keras"].variables
    layers = []
    for each in by_classes(model, tuple(named(model, CONVENTIONS["keras"]).names)):
        names = (f"{slot.layer}/{variables[slot.kind][slot.variable]}" for slot in each.slots)
        held = (Array(name, known(slot.shape), "float32") for name, slot in zip(names, each.slots, strict=True))
        layers.append(SavedLayer(each.place, each.name, tuple(held)))
    arrays = tuple(array for layer in layers for array in layer.arrays)
    return Checkpoint("a file", "a kind", 1000, arrays, tuple(layers), "classes")


def known(shape: Shape | None) -> tuple[int, ...]:
    assert shape is not None
    return tuple(size for size in shape if size is not None)


def test_a_model_of_several_variants_fits_its_own_weights() -> None:
    model = several()
    weights = recognize(saved(model))
    assert weights.network is not None
    assert weights.network.key == "b1"
    found = fit(weights, model)
    assert found.fits
    assert len(found.of("fits")) == 314 + 442
    assert found.advice == ()


@pytest.mark.parametrize("key", BACKBONES)
def test_weights_of_one_variant_are_of_no_other_than_a_model_of_several_holds(key: str) -> None:
    found = fitted(arrays_of(key, "keras"), several())
    assert not found.fits
    said = " ".join((*found.advice, *wrong(found).values()))
    assert "another variant" not in said
    assert f"it is EfficientNet-{key.upper()}" not in said
    assert "another variant" in fitted(arrays_of("b4", "keras"), several()).advice[0]


def test_another_classifier() -> None:
    found = fitted(arrays_of("b3", "timm", classes=5), effnet_inspect.load("b3"))
    reason = "the file has 5 classes, the model 1,000 classes"
    assert wrong(found) == {"classifier.weight": reason, "classifier.bias": reason}
    assert found.advice == (
        "Load all but the classifier and train that: delete its two arrays, and load_state_dict(strict=False).",
    )


def test_another_input() -> None:
    found = fitted(arrays_of("b0", "keras", channels=1), mine())
    stem = next(each for each in found.pairings if each.name == "stem_conv/kernel")
    assert (stem.file_shape, stem.model_shape) == ((3, 3, 1, 32), (3, 3, 3, 32))
    assert wrong(found) == {"stem_conv/kernel": "the model takes 3 channels, the file's network 1 channel"}
    assert found.advice[0].startswith("For images of fewer channels, sum")


def test_a_classifier_of_another_name() -> None:
    found = fitted(arrays_of("b0", "keras"), mine(predictions="dense"))
    assert wrong(found) == {
        "dense/kernel": "the file calls its classifier otherwise than the model, dense",
        "dense/bias": "the file calls its classifier otherwise than the model, dense",
        "predictions/kernel": "the model calls its classifier otherwise",
        "predictions/bias": "the model calls its classifier otherwise",
    }
    assert "skip_mismatch=True" in found.advice[0]


def test_no_classifier() -> None:
    arrays = {name: shape for name, shape in arrays_of("b0", "keras").items() if "predictions" not in name}
    found = fitted(arrays, mine())
    assert {*wrong(found).values()} == {"the file ends before the classifier"}


def test_weights_without_the_normalization_of_pixels() -> None:
    found = fitted(arrays_of("b0", "qubvel"), mine(predictions="probs"))
    assert found.fits
    assert [each.name for each in found.pairings if not each.is_needed] == [
        "normalization/mean",
        "normalization/variance",
        "normalization/count",
    ]


def test_another_variant_lacks_sub_blocks_and_has_others() -> None:
    into_b1 = fitted(arrays_of("b0", "keras"), effnet_inspect.load("b1"))
    assert Counter(each.status for each in into_b1.pairings) == {"fits": 314, "missing": 128}
    assert {*wrong(into_b1).values()} == {
        f"the file has no sub-block {name}: it is EfficientNet-B0, the model EfficientNet-B1"
        for name in ("1b", "2c", "3c", "4d", "5d", "6e", "7b")
    }
    into_b0 = fitted(arrays_of("b1", "keras"), effnet_inspect.load("b0"))
    assert Counter(each.status for each in into_b0.pairings) == {"fits": 314, "left over": 128}
    into_b2 = wrong(fitted(arrays_of("b1", "keras"), effnet_inspect.load("b2")))
    size = "has another size: it is EfficientNet-B1, the model EfficientNet-B2"
    assert into_b2["block3a_project_conv/kernel"] == f"the projection of 3a {size}"
    assert into_b2["top_conv/kernel"] == f"the final convolution {size}"


def test_a_prefix_and_another_code_base_are_told() -> None:
    arrays = {f"module.{name}": shape for name, shape in arrays_of("b0", "timm").items()}
    found = fitted(arrays, mine())
    assert not found.fits
    assert {each.status for each in found.pairings if each.is_needed} == {"fits"}
    assert found.ways[0].trouble == "the names are timm's, and the model is in Keras"
    assert found.advice[0] == "Take 'module.' off the names first: they all begin with it."
    assert "effnet-inspect map mine.keras --from timm --to keras --code writes a converter" in found.advice[1]


def theirs(code_base: CodeBase, **renamed: str) -> Network:
    """A module of the user's in PyTorch, whose layers are called as in a code base but for some."""
    network = effnet_inspect.load("b0")
    own = named(network, CONVENTIONS[code_base]).names
    names = {slot.layer: name.rpartition(".")[0] for slot, name in own.items() if name}
    names = {layer.name: names.get(layer.name, layer.name) for layer in network.graph}
    names = {layer: renamed.get(name, name) for layer, name in names.items()}
    layers = []
    for layer in network.graph:
        if layer.operation in ("rescaling", "normalization"):
            names[layer.name] = names[layer.inputs[0]]  # who prepares the images does that
        else:
            inputs = tuple(names[name] for name in layer.inputs)
            layers.append(layer._replace(name=names[layer.name], inputs=inputs))
    return Network(LayerGraph("mine", tuple(layers), target=PythonTarget("mine", "model"), vocabulary="pytorch"))


PYTORCH: dict[str, tuple[CodeBase, CodeBase, bool, str]] = {
    "its own": ("timm", "timm", True, ""),
    "of another package in PyTorch": ("efficientnet-pytorch", "timm", False, "--from timm --to efficientnet-pytorch"),
    "of Keras": ("torchvision", "keras", False, "--from keras --to torchvision"),
}
"""A file that a module in PyTorch is loaded from: of whose names the module is, of whose the file; advice."""


@pytest.mark.parametrize("case", PYTORCH)
def test_a_model_in_pytorch_is_none_in_keras(case: str) -> None:
    module, file, fits, advised = PYTORCH[case]
    found = fitted(arrays_of("b0", file), theirs(module))
    assert found.fits is fits
    assert {each.status for each in found.pairings if each.is_needed} == {"fits"}
    assert advised in " ".join(found.advice)


def test_a_layer_of_another_name_in_pytorch_is_missed() -> None:
    found = fitted(arrays_of("b0", "timm"), theirs("timm", conv_head="head.0"))
    assert wrong(found) == {
        "head.0.weight": "the file has no weights of the final convolution",
        "conv_head.weight": "the model has no such array in its final convolution",
    }


def test_names_of_nobody() -> None:
    found = fitted({"layer1.weight": (64, 3, 7, 7)}, effnet_inspect.load("b0"))
    assert found.advice[0].startswith("The names are those of no code base")
    assert wrong(found)["stem_conv/kernel"] == "the file has no array of this name"
    assert wrong(found)["layer1.weight"] == "no layer of the model is called so"
