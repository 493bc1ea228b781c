"""Silhouettes: slabs for all sub-blocks, true to scale, with their shapes; decoders with their taps."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import pytest

from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.figures import figure
from effnet_inspect.views.diagram import DiagramOptions, diagram
from effnet_inspect.views.diagram.labels import shape_text
from effnet_inspect.views.diagram.shape import NARROWEST
from tests.geometry import faults
from tests.graphs import anatomy_of, graph_of, network_of, with_decoder, without_stem
from tests.views.diagram.test_backbones import twins

TARGETS = ("b0", "b3", "b7", "b8", "l2", "v2-b0", "v2-s", "v2-xl", "lite0", "lite4", "es", "el", "b3@384x512")


def drawn(target: str | LayerGraph, fit: FitName = "screen") -> Diagram:
    network = network_of(target) if isinstance(target, str) else Network(target)
    return diagram(network, DiagramOptions("shape", page=PAGES[fit]))


def slabs(drawing: Diagram) -> dict[str, Box]:
    return {box.key: box for box in drawing.boxes if box.square}


def words(drawing: Diagram) -> str:
    return " ".join(caption.text for caption in drawing.captions)


@pytest.mark.parametrize("target", TARGETS)
def test_every_sub_block_is_a_slab_in_the_order_of_the_data(target: str) -> None:
    names = [each.name for each in anatomy_of(target).sub_blocks]
    found = slabs(drawn(target))
    assert list(found) == ["input of the model", "Stem", *names, "Final layers"]
    for one, other in pairwise(found.values()):
        assert one.x + one.width < other.x


@pytest.mark.parametrize("fit", ["screen", "column", "slide"])
@pytest.mark.parametrize("target", ["b0", "b7", "v2-s", "l2"])
def test_heights_and_widths_are_to_scale(target: str, fit: FitName) -> None:
    found = slabs(drawn(target, fit))
    sub_blocks = anatomy_of(target).sub_blocks
    largest = max(sub_blocks, key=lambda each: (each.output_shape or (0, 0, 0))[2] or 0)
    reference, (side, _, widest) = found[largest.name], largest.output_shape or (0, 0, 0)
    assert side
    assert widest
    for each in sub_blocks:
        height, _, channels = each.output_shape or (0, 0, 0)
        slab = found[each.name]
        assert slab.height == pytest.approx(reference.height * sqrt((height or 0) / side))
        if slab.width > 2 * NARROWEST:
            assert slab.width == pytest.approx(reference.width * sqrt((channels or 0) / widest))


def test_the_lengths_below_are_to_the_same_scale() -> None:
    figure_ = drawn("b0")
    found = {box.key: box for box in figure_.boxes}
    said = {text.split()[-1]: int(text.split()[0]) for text in (caption.text for caption in figure_.captions)
            if text.endswith((" pixels high", " channels wide"))}  # fmt: skip
    last = found["6d"]
    assert found["scale of heights"].height == pytest.approx(last.height * sqrt(said["high"] / 7))
    assert found["scale of widths"].width == pytest.approx(last.width * sqrt(said["wide"] / 192))


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("target", TARGETS)
def test_every_stage_says_its_shape_on_every_page(target: str, fit: FitName) -> None:
    drawing, page = drawn(target, fit), PAGES[fit]
    assert faults(drawing) == []
    assert min(drawing.text_sizes) >= 6
    assert page.height is None or drawing.height <= page.height
    said = [caption.text for caption in drawing.captions]
    anatomy = anatomy_of(target)
    for shape in (anatomy.stem.output_shape, *(block.output_shape for block in anatomy.blocks)):
        assert shape_text(shape) in said
    assert "Without a label" not in words(drawing)


def test_a_label_stands_over_what_it_is_of() -> None:
    drawing = drawn("b7")
    found = slabs(drawing)
    poles = [box for box in drawing.boxes if box.key.startswith("pole")]
    for block in anatomy_of("b7").blocks:
        first = found[block.first.name]
        (pole,) = [each for each in poles if first.x <= each.x <= first.x + first.width]
        assert pole.y + pole.height == pytest.approx(first.y, abs=0.1)


def test_a_decoder_has_slabs_and_a_line_from_each_tap() -> None:
    drawing = drawn(with_decoder())
    found = slabs(drawing)
    assert [key for key in found if key.startswith("Decoder")] == ["Decoder 1", "Decoder 2", "Decoder 3"]
    assert found["Decoder 1"].height < found["Decoder 2"].height < found["Decoder 3"].height
    taps = {(path.tail, path.head) for path in drawing.paths if path.tail in found}
    assert taps == {("6a", "Decoder 1"), ("4a", "Decoder 2"), ("3a", "Decoder 3")}
    assert "Not drawn: other branches (8), which gives no maps." in words(drawing)


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("make", [with_decoder, without_stem, twins])
def test_a_model_of_ones_own_is_drawn_on_every_page(make: object, fit: FitName) -> None:
    assert callable(make)
    drawing = drawn(make(), fit)
    assert faults(drawing) == []
    assert min(drawing.text_sizes) >= 6


def test_of_several_backbones_one_is_drawn_and_named() -> None:
    assert "Backbone 1 of 2." in words(drawn(twins()))


def cut(at: str) -> LayerGraph:
    """B0 up to a layer."""
    graph = graph_of("b0")
    kept = {at, *graph.ancestors([at])}
    return LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept))


def test_a_cut_network_ends_where_it_is_cut() -> None:
    graph = cut("block5b_activation")
    part = dissect(graph).part
    assert part
    assert list(slabs(drawn(graph)))[-1] == part.title
    assert faults(drawn(graph)) == []


def stages(*shapes: tuple[int, ...]) -> LayerGraph:
    """Poolings in a row: a network without sub-blocks."""
    layers = [Layer("image", "input", "InputLayer", output_shape=shapes[0])]
    for number, shape in enumerate(shapes[1:]):
        layers.append(Layer(f"p{number}", "max_pooling", "MaxPooling2D", (layers[-1].name,), shape, stride=(2, 2)))
    return LayerGraph("plain", tuple(layers))


def test_a_network_without_sub_blocks_is_drawn_by_its_stages() -> None:
    drawing = drawn(stages((64, 64, 3), (32, 32, 3), (16, 16, 3)))
    assert list(slabs(drawing)) == ["input of the model", "Stage 1", "Stage 2", "Stage 3"]
    assert faults(drawing) == []


def test_a_network_without_maps_has_no_silhouette() -> None:
    with pytest.raises(UsageError, match="plain has no maps of known size, so it has no silhouette"):
        drawn(stages((64,), (32,)))


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("targets", [("b0", "b7"), ("b0",), ("b0", "v2-b0", "lite0"), ("v2-xl", "l2"), ("b0", "b0")])
def test_several_are_drawn_at_one_scale(targets: tuple[str, ...], fit: FitName) -> None:
    drawing = figure([network_of(target) for target in targets], "shape", PAGES[fit])
    assert faults(drawing) == []
    assert min(drawing.text_sizes) >= 6
    if targets == ("b0", "b7"):
        found = slabs(drawing)
        assert found["0 6a"].width / found["1 6a"].width == pytest.approx(sqrt(192 / 384))
        assert found["0 6a"].height / found["1 6a"].height == pytest.approx(sqrt(7 / 19))


MANY = {
    "four": ("b0", "b1", "b2", "b3"),
    "eight": tuple(f"b{number}" for number in range(8)),
    "of all sizes": ("b0", "v2-xl", "l2", "lite0", "es", "v2-b0"),
}


@pytest.mark.parametrize("fit", ["slide", "a4", "a4-landscape", "a3", "a3-landscape", "column", "two-columns"])
@pytest.mark.parametrize("name", MANY)
def test_many_stand_on_one_page_at_one_scale_each_stage_with_its_mark(name: str, fit: FitName) -> None:
    networks = [network_of(target) for target in MANY[name]]
    drawing = figure(networks, "shape", PAGES[fit])
    assert faults(drawing) == []
    assert PAGES[fit].has_room_for(drawing)
    assert min(drawing.text_sizes) >= 6
    found = {key: box for key, box in slabs(drawing).items() if key.endswith("input of the model")}
    heights = [
        box.height / sqrt(network.resolution or 1) for box, network in zip(found.values(), networks, strict=True)
    ]
    assert heights == pytest.approx([heights[0]] * len(heights))
    marks = [caption.text for caption in drawing.captions if len(caption.text) == 1]
    if marks:
        assert all(marks.count(mark) == len(networks) for mark in "IS123456F")
        assert "I input, S stem, 1–7 blocks" in words(drawing)
    else:
        assert "Final layers" in words(drawing)
