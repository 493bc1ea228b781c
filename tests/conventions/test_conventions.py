"""Every convention against what its package really saves."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import effnet_inspect
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.conventions import CONVENTIONS, named
from effnet_inspect.graph import elements
from tests.conventions.listings import LISTINGS, is_bare, listed, package_and_variant


@pytest.mark.parametrize("name", LISTINGS)
def test_names_and_shapes_are_those_that_the_package_saves(name: str) -> None:
    package, variant = package_and_variant(name)
    convention = CONVENTIONS[package]
    found = named(effnet_inspect.load(variant), (is_bare(name) and convention.bare) or convention)
    expected = {**found.shapes, **dict.fromkeys(found.counters, ())}
    # Keras keeps the state of every Dropout's random numbers; it is no part of the network.
    assert expected == {name: shape for name, shape in listed(name).items() if "seed_generator" not in name}


def test_every_code_base_that_can_be_installed_has_a_listing_of_a_network_without_and_with_repeats() -> None:
    assert {package_and_variant(name)[0] for name in LISTINGS} == set(CONVENTIONS) - {"qubvel", "tensorflow"}


def test_qubvels_names_are_those_of_the_layers_in_its_model() -> None:
    """Its configuration, saved by release 1.1.1 of the package, has names of layers, but no weights."""
    file = Path(__file__).parents[1] / "sources" / "data" / "efficientnet-1.1.1-b0.json.gz"
    layers = {each["config"]["name"] for each in json.loads(gzip.decompress(file.read_bytes()))["config"]["layers"]}
    found = named(effnet_inspect.load("b0"), CONVENTIONS["qubvel"])
    weighted = {name.split("/")[0] for name in found.by_name}
    has_no_weights = ("activation", "squeeze", "reshape", "excite", "drop", "add", "pool", "input")
    assert weighted == {name for name in layers if not any(word in name for word in has_no_weights)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_array_of_every_variant_has_a_name_of_its_own(variant: str) -> None:
    network = effnet_inspect.load(variant)
    for convention in CONVENTIONS.values():
        if convention.families and VARIANTS[variant].family not in convention.families:
            continue
        found = named(network, convention)
        nameless = {slot.role for slot, name in found.names.items() if name is None}
        assert nameless <= ({"preprocessing"} if convention.key != "keras" else set()), convention.key
        assert len(found.by_name) == sum(name is not None for name in found.names.values())


@pytest.mark.parametrize("variant", ["b0", "b4", "v2-b0", "v2-s", "v2-m"])
def test_keras_names_are_those_of_the_graph(variant: str) -> None:
    network = effnet_inspect.load(variant)
    convention = CONVENTIONS["keras"]
    assert named(network, convention).shapes == named(network, convention, own_names=True).shapes


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_arrays_hold_all_parameters(variant: str) -> None:
    network = effnet_inspect.load(variant)
    sizes = [elements(slot.shape) for slot in named(network, CONVENTIONS["keras"]).names]
    assert sum(size for size in sizes if size is not None) == network.totals["parameters"]
