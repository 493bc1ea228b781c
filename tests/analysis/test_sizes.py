"""Sizes: the chains of maps, where a decoder breaks, and what fits instead."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effnet_inspect.analysis.sizes import SizeAnswer, sizes_of
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.family import FAMILY
from tests.graphs import graph_of, network_of, with_layer

pytestmark = pytest.mark.one_python


def at(target: str, height: int, width: int | None = None) -> SizeAnswer:
    (answer,) = sizes_of(network_of(target), [(height, width or height)]).answers
    return answer


@pytest.mark.parametrize(
    ("target", "sides", "fits", "breaks"),
    [
        ("b0", (112, 56, 28, 14, 7), (224, 224), ()),
        ("b1", (120, 60, 30, 15, 8), (224, 256), (15,)),
        ("b2", (130, 65, 33, 17, 9), (256, 288), (17, 33, 65)),
        ("b3", (150, 75, 38, 19, 10), (288, 320), (19, 75)),
        ("b4", (190, 95, 48, 24, 12), (352, 384), (95,)),
        ("b5", (228, 114, 57, 29, 15), (448, 480), (29, 57)),
        ("b6", (264, 132, 66, 33, 17), (512, 544), (33,)),
        ("b7", (300, 150, 75, 38, 19), (576, 608), (75,)),
    ],
)
def test_the_family_at_its_own_sizes(
    target: str, sides: tuple[int, ...], fits: tuple[int, int], breaks: tuple[int, ...]
) -> None:
    answer = at(target, FAMILY[target].resolution)
    assert answer.chain == tuple((side, side) for side in sides)
    assert answer.next == tuple((side, side) for side in fits)
    assert tuple(each.map[0] for each in answer.breaks) == breaks
    assert answer.closes is (target == "b0")
    assert answer.macs == network_of(target).totals["macs"]
    assert answer.activations == network_of(target).totals["activations"]


@settings(max_examples=30)
@given(st.integers(1, 1200), st.integers(1, 1200))
def test_a_size_fits_where_32_divides_it(height: int, width: int) -> None:
    answer = at("b0", height, width)
    sides = (height, width)
    for here in answer.chain:
        sides = (math.ceil(sides[0] / 2), math.ceil(sides[1] / 2))
        assert here == sides
    assert answer.closes is (height % 32 == 0 and width % 32 == 0)
    below, above = answer.next
    assert above is not None
    assert above[0] - 32 < height <= above[0]
    if below is not None:
        assert below[0] <= height < below[0] + 32


def test_what_each_strided_layer_pads() -> None:
    even, odd = at("b0", 224), at("b0", 225)
    assert [(each.layer, each.margins) for each in even.padding] == [
        ("stem_conv", ((0, 1), (0, 1))),
        ("block2a_dwconv", ((0, 1), (0, 1))),
        ("block3a_dwconv", ((1, 2), (1, 2))),
        ("block4a_dwconv", ((0, 1), (0, 1))),
        ("block6a_dwconv", ((1, 2), (1, 2))),
    ]
    assert [each.margins for each in odd.padding] == [((side, side), (side, side)) for side in (1, 1, 2, 1, 2)]
    same = at("v2-b0", 224).padding
    assert [each.margins for each in same] == [((0, 1), (0, 1))] * 5


def test_an_output_stride_dilates_what_is_behind_it() -> None:
    found = sizes_of(network_of("b0"), [(224, 224)], 8)
    assert found.answers[0].chain[-3:] == ((28, 28), (28, 28), (28, 28))
    assert found.answers[0].closes
    assert [(each.place, each.was, each.stride, each.dilation) for each in found.dilated] == [
        ("4a", 2, 1, 1),
        *((place, 1, 1, 2) for place in ("4b", "4c", "5a", "5b", "5c")),
        ("6a", 2, 1, 2),
        *((place, 1, 1, 4) for place in ("6b", "6c", "6d", "7a")),
    ]
    assert sizes_of(network_of("b0"), [(224, 224)]).dilated == ()


def test_a_file_of_open_size_is_what_it_is_at_that_size(models: Path) -> None:
    path = str(models / "unknown-size.json")
    network = load(path)
    assert network.leaves_size_open
    for side in (75, 224, 300):
        (answer,) = sizes_of(network, [(side, side)]).answers
        there = load(f"{path}@{side}")
        assert there.leaves_size_open
        assert answer.macs == there.totals["macs"]
        assert answer.activations == there.totals["activations"]


def test_a_file_of_one_size_is_not_open(models: Path) -> None:
    assert not load(str(models / "nested.json")).leaves_size_open
    assert not network_of("b0@448").leaves_size_open


def test_a_network_without_margins_finds_no_size_that_fits(models: Path) -> None:
    network = load("InceptionV3")
    (answer,) = sizes_of(network, [(299, 299)]).answers
    assert answer.chain == tuple((side, side) for side in (147, 71, 35, 17, 8))
    assert answer.next == (None, None)


def filmed(frames: int) -> LayerGraph:
    """B0 applied to each frame of a film."""
    graph = graph_of("b0")
    image = next(layer for layer in graph if layer.is_model_input)
    steps = tuple(
        layer._replace(steps=frames, inputs=layer.inputs or ("film",)) if layer.operation == "input" else layer
        for layer in (each._replace(steps=frames) for each in graph)
    )
    film = image._replace(name="film", output_shape=(frames, *(image.output_shape or ())))
    return LayerGraph("filmed", (film, *steps), ("predictions",))


def flattened() -> LayerGraph:
    """B0 with its map in block 5 as a row of positions, and made a map again."""
    row = Layer("row", "reshape", "Reshape", ("block5c_add",), (196, 112))
    again = Layer("again", "reshape", "Reshape", ("row",), (14, 14, 112))
    graph = graph_of("b0")
    return with_layer(replace(graph, layers=(*graph.layers, row, again)), "block6a_expand_conv", inputs=("again",))


def decoded() -> LayerGraph:
    """B0 with one step of a decoder."""
    graph = graph_of("b0")
    larger = Layer("larger", "upsampling", "UpSampling2D", ("top_activation",), (14, 14, 1280), stride=(2, 2))
    joined = Layer("joined", "concatenate", "Concatenate", ("larger", "block5c_add"), (14, 14, 1392))
    return replace(graph, layers=(*graph.layers, larger, joined), outputs=("joined",))


def test_a_film_has_the_sizes_of_its_images() -> None:
    (film,) = sizes_of(Network(filmed(3)), [(256, 320)]).answers
    (image,) = sizes_of(network_of("b0"), [(256, 320)]).answers
    assert (film.chain, film.closes, film.macs) == (image.chain, True, 3 * (image.macs or 0))


def test_what_is_unknown_neither_fits_nor_breaks() -> None:
    at_own, other, odd = sizes_of(Network(flattened()), [(224, 224), (256, 256), (250, 250)]).answers
    assert (at_own.closes, other.closes, odd.closes) == (True, None, False)
    assert (other.chain[-1], other.breaks, other.next, other.macs) == (None, (), (None, None), None)


@pytest.mark.parametrize(
    ("side", "maps"),
    [(224, None), (256, None), (300, ((20, 20), (19, 19))), (208, ((14, 14), (13, 13)))],
)
def test_a_model_that_joins_unequal_maps_cannot_be_built(side: int, maps: object) -> None:
    (answer,) = sizes_of(Network(decoded()), [(side, side)]).answers
    assert (answer.refused and (answer.refused.layer, answer.refused.maps)) == (maps and ("joined", maps))
    assert (answer.macs is None, answer.closes) == (maps is not None, maps is None)
