"""Decoders of the user's own models: their stages, their taps, and what such models take and give."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram import DiagramOptions, diagram
from tests.geometry import faults
from tests.graphs import extractor, graph_of, rename, with_decoder, without_layers

TAPS = ("block6a_expand_activation", "block4a_expand_activation", "block2b_add", "block1a_project_bn")


def u_net(target: str = "b0", taps: tuple[str, ...] = TAPS) -> LayerGraph:
    """A backbone with its final layers, and a decoder back to half of the image's sides and then to all of it."""
    graph = graph_of(target)
    head = graph.descendants(["top_activation"])
    layers = {layer.name: layer for layer in graph if layer.name not in head}
    last = "top_activation"
    for index, tap in enumerate((*taps, None)):
        before = layers[last]
        assert before.output_shape is not None
        shape = layers[tap].output_shape if tap else (2 * (before.output_shape[0] or 0),) * 2
        assert shape is not None
        sides, channels = shape[:2], before.channels or 0
        up, joined, mixed = f"up_{index}", f"joined_{index}", f"mixed_{index}"
        layers[up] = Layer(up, "upsampling", "UpSampling2D", (last,), (*sides, channels), stride=(2, 2))
        last = up
        if tap:
            channels += layers[tap].channels or 0
            layers[joined] = Layer(joined, "concatenate", "Concatenate", (up, tap), (*sides, channels))
            last = joined
        layers[mixed] = Layer(mixed, "convolution", "Conv2D", (last,), (*sides, 16), 9 * 16 * channels,
                              kernel=(3, 3), stride=(1, 1), filters=16, groups=1)  # fmt: skip
        last = mixed
    return LayerGraph("U-Net", tuple(layers.values()))


def drawn(graph: LayerGraph, fit: FitName = "screen") -> Diagram:
    return diagram(Network(graph), DiagramOptions("architecture", page=PAGES[fit]))


def stages(figure: Diagram) -> dict[str, Box]:
    return {box.key: box for box in figure.boxes if box.key.startswith("Decoder")}


def taps(figure: Diagram) -> dict[str, str]:
    """The tapped box of each stage."""
    return {path.head: path.tail for path in figure.paths if path.role == "tap" and not path.tail.startswith("legend")}


def test_a_u_net_s_decoder_is_drawn_stage_by_stage_below_what_it_taps() -> None:
    figure = drawn(u_net())
    notes = [box.note.split("\n") for box in stages(figure).values()]
    assert [shape for shape, _ in notes] == ["14×14×16", "28×28×16", "56×56×16", "112×112×16", "224×224×16"]
    assert [count for _, count in notes] == ["3 layers"] * 4 + ["2 layers"]
    assert taps(figure) == {"Decoder 1": "6a", "Decoder 2": "4a", "Decoder 3": "2b add", "Decoder 4": "1a"}
    boxes = {box.key: box for box in figure.boxes}
    for stage, tapped in taps(figure).items():
        assert boxes[stage].x == boxes[tapped].x
        assert boxes[stage].y > boxes[tapped].y
    edges = {(path.tail, path.head) for path in figure.paths if path.role == "flow"}
    chain = ["head", *stages(figure), "Output of the model"]
    assert set(pairwise(chain)) <= edges


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("model", ["u-net", "u-net of b7", "without the stem's side", "two late taps", "with a branch"])
def test_nothing_overlaps_on_any_page(model: str, fit: FitName) -> None:
    graph = {
        "u-net": u_net,
        "u-net of b7": lambda: u_net("b7", (*TAPS[:2], "block2g_add", "block1d_add")),
        "without the stem's side": lambda: u_net(taps=TAPS[:2]),
        "two late taps": lambda: without_layers(
            u_net(taps=("block5c_add", "block3b_add")), {"top_conv", "top_bn", "top_activation"}
        ),
        "with a branch": with_decoder,
    }[model]()
    figure = drawn(graph, fit)
    assert faults(figure) == []
    entries = min(box.y for box in figure.boxes if box.key.startswith("legend"))
    ways = [path for path in figure.paths if not path.tail.startswith("legend")]
    assert max(y for path in ways for _, y in path.points) < entries - 3, "a way back runs below the last line"


def test_the_legend_says_what_a_tap_and_a_dashed_box_are() -> None:
    words = {caption.text for caption in drawn(u_net()).captions}
    assert {"Tap", "Your own layers"} <= words
    assert "none" not in words
    assert "Tap" not in {caption.text for caption in drawn(graph_of("b0")).captions}


def test_layers_that_are_no_chain_of_resolutions_stay_one_box() -> None:
    graph = u_net()
    last = next(layer for layer in graph if layer.name == "mixed_4")
    crossing = last._replace(inputs=(*last.inputs, "mixed_0"))
    figure = drawn(replace(graph, layers=(*(layer for layer in graph if layer is not last), crossing)))
    assert not stages(figure)
    assert "Layers after" in {box.label for box in figure.boxes}
    assert faults(figure) == []


def test_heads_have_their_names_and_shapes() -> None:
    graph = graph_of("b0")
    heads = tuple(
        Layer(name, "dense", "Dense", ("top_dropout",), (units,), 1281 * units, filters=units)
        for name, units in (("age", 101), ("gender", 2))
    )
    figure = drawn(replace(graph, layers=(*graph.layers[:-1], *heads), outputs=("age", "gender")))
    (ends,) = [box for box in figure.boxes if box.key == "Output of the model"]
    assert (ends.label, ends.note.split("\n")) == ("2 outputs", ["age 101", "gender 2"])
    assert faults(figure) == []


def test_what_is_taken_and_given_beside_the_backbone_is_said_there() -> None:
    boxes = {box.label: box for box in drawn(with_decoder()).boxes}
    assert boxes["Input"].note == "224×224×3"
    assert boxes["Output"].note == "56×56×64"
    words = boxes["Other branches"].note.replace("\n", " ")
    assert "input metadata 8" in words
    assert "output scaled 8" in words


def pyramid() -> LayerGraph:
    """A feature pyramid: each of its four maps is an output."""
    graph = graph_of("b0")
    head = graph.descendants(["top_activation"])
    layers = {layer.name: layer for layer in graph if layer.name not in head}
    before = ""
    for index, tap in enumerate(("top_activation", "block5c_add", "block3b_add", "block2b_add")):
        shape = layers[tap].output_shape
        assert shape is not None
        sides, lateral, given = shape[:2], f"lateral_{index}", f"p{5 - index}"
        convolution = {"stride": (1, 1), "filters": 64, "groups": 1}
        layers[lateral] = Layer(lateral, "convolution", "Conv2D", (tap,), (*sides, 64), 64 * (shape[2] or 0),
                                kernel=(1, 1), **convolution)  # type: ignore[arg-type]  # fmt: skip
        if before:
            up, total = f"up_{index}", f"sum_{index}"
            layers[up] = Layer(up, "upsampling", "UpSampling2D", (before,), (*sides, 64), stride=(2, 2))
            layers[total] = Layer(total, "add", "Add", (up, lateral), (*sides, 64))
        before = f"sum_{index}" if before else lateral
        layers[given] = Layer(given, "convolution", "Conv2D", (before,), (*sides, 64), 9 * 64 * 64,
                              kernel=(3, 3), **convolution)  # type: ignore[arg-type]  # fmt: skip
    return LayerGraph("FPN", tuple(layers.values()))


def given_at(figure: Diagram) -> dict[str, set[str]]:
    """What each box of outputs says, and the boxes that lead to it."""
    ends = [box for box in figure.boxes if box.key.startswith("Output of the model")]
    return {end.note: {path.tail for path in figure.paths if path.head == end.key} for end in ends}


@pytest.mark.parametrize("fit", PAGES)
def test_each_map_of_a_pyramid_is_given_where_it_is_made(fit: FitName) -> None:
    figure = drawn(pyramid(), fit)
    assert faults(figure) == []
    said = {
        key: [line for line in box.note.split("\n") if line.startswith("output ")]
        for key, box in stages(figure).items()
    }
    assert said == {"Decoder 1": ["output p5"], "Decoder 2": ["output p4"], "Decoder 3": ["output p3"], "Decoder 4": []}
    assert given_at(figure) == {"56×56×64": {"Decoder 4"}}


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("block2b_add", "block4c_add", "top_activation"),
         {"56×56×24": {"2b add"}, "14×14×80": {"4b add"}, "7×7×1280": {"head"}}),
        (("block1a_project_bn", "block4a_expand_activation", "block7a_project_bn"),
         {"112×112×16": {"1a"}, "28×28×240": {"4a"}, "7×7×320": {"7a"}}),
        (("block4a_expand_activation", "block4c_add", "top_activation"),
         {"28×28×240 14×14×80": {"4a", "4b add"}, "7×7×1280": {"head"}}),
    ],
)  # fmt: skip
def test_what_a_block_gives_leaves_it_there(
    names: tuple[str, ...], expected: dict[str, set[str]], fit: FitName
) -> None:
    figure = drawn(extractor(*names), fit)
    assert faults(figure) == []
    shapes = {" ".join(re.findall(r"[\d×]+$", note, re.M)): tails for note, tails in given_at(figure).items()}
    assert shapes == expected


@pytest.mark.parametrize("fit", PAGES)
def test_heads_beside_each_other_are_not_drawn_one_after_the_other(fit: FitName) -> None:
    graph = graph_of("b0")
    heads: list[Layer] = []
    for name in ("kind", "age", "place"):
        pool = Layer(f"{name}_pool", "global_average_pooling", "GlobalAveragePooling2D", ("top_activation",), (1280,))
        heads += [pool, Layer(name, "dense", "Dense", (pool.name,), (3,), 1281 * 3, filters=3)]
    head = graph.descendants(["top_activation"])
    figure = drawn(LayerGraph("heads", (*(layer for layer in graph if layer.name not in head), *heads)), fit)
    assert faults(figure) == []
    edges = {(path.tail, path.head) for path in figure.paths}
    assert {("head", "classifier"), ("head", "after")} <= edges
    assert ("classifier", "after") not in edges
    assert given_at(figure) == {"3": {"classifier"}, "age 3\nplace 3": {"after"}}


def test_the_input_of_a_model_within_is_none_of_the_whole() -> None:
    graph = graph_of("b0")
    nested = rename(graph, {layer.name: f"backbone/{layer.name}" for layer in graph})
    image = Layer("photo", "input", "InputLayer", output_shape=(224, 224, 3))
    inner, *rest = nested.layers
    figure = drawn(LayerGraph("nested", (image, inner._replace(inputs=("photo",)), *rest)))
    ends = [(box.label, box.note) for box in figure.boxes if box.key.startswith("Input of the model")]
    assert ends == [("Input", "224×224×3")]


def test_an_input_is_named_once() -> None:
    image = Layer("photo", "input", "InputLayer", output_shape=(8, 8, 3))
    half = Layer("half", "max_pooling", "MaxPooling2D", ("photo",), (4, 4, 3), stride=(2, 2))
    figure = drawn(LayerGraph("plain", (image, half)))
    (first,) = [box for box in figure.boxes if box.label == "Stage 1"]
    assert first.note == "1 layer"
    assert [box.note for box in figure.boxes if box.label == "Input"] == ["8×8×3"]


def test_what_a_stage_of_another_network_gives_leaves_it_there() -> None:
    layers = [Layer("photo", "input", "InputLayer", output_shape=(64, 64, 3))]
    for index in (1, 2, 3):
        side = 64 >> index
        before = layers[-1].name
        layers.append(Layer(f"half_{index}", "max_pooling", "MaxPooling2D", (before,), (side, side, 3), stride=(2, 2)))
    figure = drawn(LayerGraph("stages", tuple(layers), ("half_1", "half_3")))
    assert faults(figure) == []
    assert list(given_at(figure)) == ["32×32×3", "8×8×3"]
