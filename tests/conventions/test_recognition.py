"""Which code base, which variant, up to what: of every listing that there is, and of changed ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.conventions.recognition import Extra, Recognition, recognize
from tests.checkpoints.files import arrays_of
from tests.conventions.listings import LISTINGS, is_bare, listed, package_and_variant
from tests.conventions.weights import checkpoint_of

Arrays = dict[str, tuple[int, ...]]
Answer = tuple[str | None, str | None, str | None, int | None, int | None]


def answer(found: Recognition) -> Answer:
    """Code base, variant, extent, classes, input channels."""
    return (
        found.convention.key if found.convention else None,
        found.network.key if found.network else None,
        found.up_to,
        found.classes,
        found.input_channels,
    )


@pytest.mark.parametrize("name", LISTINGS)
def test_what_packages_save(name: str) -> None:
    package, variant = package_and_variant(name)
    found = recognize(checkpoint_of(listed(name)))
    extent = ("head", None) if is_bare(name) else ("classifier", 1000)
    assert answer(found) == (package, variant, *extent, 3)
    assert not found.is_changed
    assert found.prefix == ""
    assert {each.what for each in found.extra} <= {"state of random numbers"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_from_timm(variant: str) -> None:
    found = recognize(checkpoint_of(arrays_of(variant, "timm")))
    assert answer(found) == ("timm", variant, "classifier", 1000, 3)


def under(prefix: str, arrays: Arrays) -> Arrays:
    return {prefix + name: shape for name, shape in arrays.items()}


def only(arrays: Arrays, keep: Callable[[str], bool]) -> Arrays:
    return {name: shape for name, shape in arrays.items() if keep(name)}


CHANGED: dict[str, tuple[Callable[[], Arrays], Answer, str]] = {
    "classes": (lambda: arrays_of("b3", "keras", classes=5), ("keras", "b3", "classifier", 5, 3), ""),
    "channels": (lambda: arrays_of("b3", "timm", channels=1), ("timm", "b3", "classifier", 1000, 1), ""),
    "wrapped": (
        lambda: under("state_dict.module.", arrays_of("b0", "torchvision")),
        ("torchvision", "b0", "classifier", 1000, 3),
        "state_dict.module.",
    ),
    "no classifier": (
        lambda: only(arrays_of("b2", "keras"), lambda name: "predictions" not in name),
        ("keras", "b2", "head", None, 3),
        "",
    ),
    "blocks": (
        lambda: only(
            arrays_of("b4", "timm"), lambda name: name[:8] in ("conv_ste", *(f"blocks.{n}" for n in range(4)))
        ),
        ("timm", "b4", "4", None, 3),
        "",
    ),
    "encoder": (
        lambda: {
            **under("encoder.", arrays_of("b1", "efficientnet-pytorch")),
            "decoder.blocks.0.conv.weight": (256, 432, 3, 3),
        },
        ("efficientnet-pytorch", "b1", "classifier", 1000, 3),
        "encoder.",
    ),
    "own width": (
        lambda: arrays_of("w1.7-d1.0", "keras"),
        ("keras", None, "classifier", 1000, 3),
        "",
    ),
    "qubvel": (lambda: arrays_of("b0", "qubvel"), ("qubvel", "b0", "classifier", 1000, 3), ""),
    "a classifier of another name": (
        lambda: {
            {"predictions/kernel": "cats/kernel", "predictions/bias": "cats/bias"}.get(name, name): shape
            for name, shape in arrays_of("b0", "keras", classes=5).items()
        },
        ("keras", "b0", "classifier", 5, 3),
        "",
    ),
    "a classifier with a number in timm": (
        lambda: {
            name.replace("classifier.", "classifier.1."): shape
            for name, shape in arrays_of("b2", "timm", classes=7).items()
        },
        ("timm", "b2", "classifier", 7, 3),
        "",
    ),
    "built after another": (
        lambda: {
            name.replace("normalization/", "normalization_3/"): shape
            for name, shape in arrays_of("b0", "keras").items()
        },
        ("keras", "b0", "classifier", 1000, 3),
        "",
    ),
    "another network": (lambda: {"conv1.weight": (64, 3, 7, 7)}, (None, None, None, None, None), ""),
    "a stem alone": (lambda: {"conv_stem.weight": (32, 3, 3, 3)}, ("timm", None, "0", None, 3), ""),
    "a flat head": (
        lambda: {**arrays_of("b0", "timm"), "conv_head.weight": (1280,)},
        ("timm", "b0", "classifier", 1000, 3),
        "",
    ),
    "a flat head without a classifier that is known": (
        lambda: {
            **only(arrays_of("b0", "timm"), lambda name: "classifier" not in name),
            "conv_head.weight": (320,),
            "fc.weight": (5, 320),
        },
        ("timm", "b0", "head", None, 3),
        "",
    ),
    "a head without axes": (
        lambda: {**only(arrays_of("b0", "keras"), lambda name: "predictions" not in name), "top_conv/kernel": ()},
        ("keras", "b0", "head", None, 3),
        "",
    ),
    "a bare model in another": (
        lambda: {
            **under("backbone.", only(arrays_of("b2", "transformers"), lambda name: "classifier" not in name)),
            "backbone.head.weight": (3, 1408),
        },
        ("transformers", "b2", "classifier", 3, 3),
        "backbone.",
    ),
    "nested in a model in Keras": (
        lambda: {
            **under("backbone/", only(arrays_of("b0", "keras"), lambda name: "predictions" not in name)),
            "cats/kernel": (1280, 7),
            "cats/bias": (7,),
        },
        ("keras", "b0", "classifier", 7, 3),
        "backbone/",
    ),
    "TensorFlow's, with averages": (
        lambda: {
            **under("efficientnet-b0/", arrays_of("b0", "tensorflow")),
            **{
                f"efficientnet-b0/{name}/{beside}": shape
                for name, shape in arrays_of("b0", "tensorflow").items()
                for beside in ("ExponentialMovingAverage", "RMSProp", "RMSProp_1")
            },
            "global_step": (),
        },
        ("tensorflow", "b0", "classifier", 1000, 3),
        "efficientnet-b0/",
    ),
    "a flat stem": (lambda: {"conv_stem.weight": (32,)}, (None, None, None, None, None), ""),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_people_have(name: str) -> None:
    make, expected, prefix = CHANGED[name]
    found = recognize(checkpoint_of(make()))
    assert (answer(found), found.prefix) == (expected, prefix)


def test_what_is_beside_the_weights() -> None:
    own = arrays_of("b0", "timm")
    found = recognize(
        checkpoint_of(
            {
                **under("state_dict.", own),
                **under("state_dict_ema.", own),
                "optimizer.state.0.exp_avg": (32, 3, 3, 3),
                "state_dict.decoder.weight": (3, 3),
            }
        )
    )
    assert found.prefix == "state_dict."
    assert found.counters == 49
    assert found.extra == (
        Extra("state_dict_ema", len(own), "a second copy of the weights, an average"),
        Extra("optimizer", 1, "state of training"),
        Extra("decoder", 1, "not of the network"),
    )


def test_a_changed_kernel_is_a_change() -> None:
    arrays = arrays_of("b0", "keras")
    arrays["block3a_dwconv/kernel"] = (3, 3, 144, 1)
    found = recognize(checkpoint_of(arrays))
    assert (found.network and found.network.key, found.is_changed) == ("b0", True)


def test_a_classifier_of_another_name_is_of_the_network_and_the_optimizer_is_not() -> None:
    arrays = arrays_of("b0", "keras", classes=5)
    arrays["cats/kernel"], arrays["cats/bias"] = arrays.pop("predictions/kernel"), arrays.pop("predictions/bias")
    found = recognize(checkpoint_of({**arrays, "optimizer/vars/0": (), "optimizer/vars/1": (9,)}))
    assert found.extra == (Extra("optimizer", 2, "state of training"),)
    assert found.arrays.keys() == arrays.keys()
    assert found.parameters == 4_049_571 + 1280 * 5 + 5
