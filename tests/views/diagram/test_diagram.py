"""Every view of every variant: its geometry, and that it shows the anatomy."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from pygraphviz import AGraph

from effnet_inspect.choices import ViewName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import Options, dot
from effnet_inspect.structure.anatomy import Anatomy, Section, SubBlock
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram import VIEWS, DiagramOptions, diagram
from tests.geometry import faults
from tests.graphs import VARIANTS, anatomy_of, graph_of, network_of, rename, with_decoder, without_stem
from tests.structure.edits import with_edits

FAMILIES = ("lite0", "v2-s")
EVERY = [(target, view) for target in (*VARIANTS, *FAMILIES) for view in VIEWS if view != "block"]


def drawn(target: str, view: ViewName | None = None, **options: Any) -> Diagram:
    return diagram(network_of(target), DiagramOptions(view, **options))


def drawing(graph: LayerGraph, view: ViewName) -> Diagram:
    """A view of any graph; of its first block, where it is that of a block."""
    return diagram(Network(graph), DiagramOptions(view, 1 if view == "block" else None))


def boxes(figure: Diagram, *roles: str) -> list[Box]:
    return [box for box in figure.boxes if box.role in roles and not box.key.startswith("legend")]


@pytest.mark.parametrize(("target", "view"), EVERY)
def test_nothing_overlaps_or_is_crossed(target: str, view: ViewName) -> None:
    assert faults(drawn(target, view)) == []


@pytest.mark.parametrize("target", ["b0", "b7"])
def test_nothing_overlaps_in_any_block(target: str) -> None:
    for block in anatomy_of(target).blocks:
        figure = drawn(target, "block", block=block.number)
        assert faults(figure) == []
        assert len(boxes(figure, "add")) == sum(each.residual for each in block.sub_blocks)
        assert {layer.name for layer in block.layers} == {box.key for box in figure.boxes}


@pytest.mark.parametrize("target", [*VARIANTS, *FAMILIES])
def test_nothing_that_is_said_of_a_section_is_elided(target: str) -> None:
    for view in ("modules", "sub-blocks"):
        figure = drawn(target, view)
        texts = [text for box in figure.boxes for text in (box.label, box.note)]
        assert not [text for text in (*texts, *(caption.text for caption in figure.captions)) if "…" in text]
    for figure in (drawn(target, "layers"), drawn(target, "block", block=3)):
        assert not [caption.text for caption in figure.captions if "…" in caption.text]


def test_names_are_elided_only_where_there_is_no_room() -> None:
    elided = {box.key for box in drawn("b0", "block", block=1).boxes if "…" in box.note}
    assert elided == set()


def test_only_what_is_consecutive_somewhere_is_joined() -> None:
    """In V2, the residual of the first block follows no projection."""
    figure = drawn("v2-s", "modules")
    captions = {caption.text for caption in figure.captions}
    assert {"Module 4", "projection", "in first sub-blocks of blocks 2–6", "residual", "in 1a"} <= captions
    alone = [box for box in figure.boxes if box.frame == "module 4 residual"]
    assert [box.label for box in alone] == ["Add"]
    assert not [path for path in figure.paths if alone[0].key in (path.tail, path.head)]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("b0", {"opens block 1", "opens blocks 2–4 and 6", "opens blocks 5 and 7", "repeats in blocks 2–6"}),
        ("b7", {"opens block 1", "opens blocks 2–4 and 6", "opens blocks 5 and 7", "repeats in block 1",
                "repeats in blocks 2–7"}),
        ("v2-s", {"opens block 1", "opens blocks 4–6", "opens blocks 2 and 3", "repeats in block 1",
                  "repeats in blocks 2 and 3", "repeats in blocks 4–6"}),
    ],
)  # fmt: skip
def test_sub_blocks_says_where_each_kind_is(target: str, words: set[str]) -> None:
    said = {caption.text for caption in drawn(target, "sub-blocks").captions}
    assert {text for text in said if text.startswith(("opens", "repeats"))} == words


def test_what_enlarges_is_titled_with_a_factor() -> None:
    labels = {box.label for box in drawing(with_decoder(), "stem").boxes}
    assert "UpSampling2D ×2" in labels
    assert "Conv2D 3×3 /2" in labels


@pytest.mark.parametrize("view", ["architecture", "sub-blocks", "modules", "layers"])
def test_every_box_that_is_a_layer_or_more_tells_its_measures(view: ViewName) -> None:
    for box in drawn("b0", view).boxes:
        if box.key.startswith(("legend", "kind")) and box.key.endswith((box.role, "input", "colour")):
            continue
        for part in ("MACs", "parameters", "receptive field"):
            assert part in box.tooltip, (box.key, box.tooltip)


def test_the_poster_has_one_title_and_says_what_its_numbers_mean() -> None:
    words = [caption.text for caption in drawn("b0", "poster").captions]
    assert [text for text in words if "EfficientNet-B0" in text] == ["EfficientNet-B0"]
    assert {"Kinds of sub-block", "Modules", "Stem and final layers", "Stages and numbers", "SE width"} <= set(words)
    together = " ".join(words)
    for part in ("5,288,548 trainable", "21.32 MB of weights", "multiply-accumulates", "Local RF: receptive field"):
        assert part in together


CUSTOM = {
    "no stem": without_stem,
    "a layer named like a helper": lambda: rename(
        graph_of("b0"), {"stem_conv": "blocks", "top_conv": "caption 1", "top_bn": "top left"}
    ),
    "a decoder": with_decoder,
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("model", CUSTOM)
def test_nothing_overlaps_in_a_model_of_ones_own(model: str, view: ViewName) -> None:
    graph = CUSTOM[model]()
    figure = drawing(graph, view)
    assert faults(figure) == []
    if view == "stem":
        shown = {box.key for box in figure.boxes}
        sections = [stage for stage in dissect(graph).stages if isinstance(stage, Section)]
        assert {layer.name for section in sections for layer in section.layers} <= shown


def test_what_enters_a_chain_from_elsewhere_is_written_below_what_the_layer_is() -> None:
    graph = with_decoder()
    for view in ("stem", "layers"):
        figure = drawing(graph, view)
        (joined,) = [box for box in figure.boxes if box.key == "joined_0"]
        assert joined.note.split("\n")[0].startswith("joined_0 · 14×14×")
        assert joined.note.split("\n")[1].startswith("from block6a")
        edges = {(path.tail, path.head) for path in figure.paths}
        assert ("up_0", "joined_0") in edges
        assert ("mixed_2", "metadata") not in edges


def test_a_fault_is_found() -> None:
    figure = drawn("b0")
    moved = tuple(replace(box, x=box.x + 60) if box.key == "4b" else box for box in figure.boxes)
    found = faults(replace(figure, boxes=moved))
    assert any("4b" in fault for fault in found)


@pytest.mark.parametrize(
    ("target", "view"), [("b0", view) for view in VIEWS] + [("b7", "architecture"), ("b5", "poster")]
)
def test_the_engine_fits_every_text_into_its_node(target: str, view: ViewName) -> None:
    """Positions and text widths as the engine itself reports them."""
    source = dot.render(drawn(target, view, block=1 if view == "block" else None), Options())
    reported = json.loads(AGraph(string=source).draw(format="json", prog="nop2"))
    texts = 0
    for node in reported["objects"]:
        if "width" not in node:
            continue
        x, width = float(node["pos"].split(",")[0]), float(node["width"]) * 72
        for operation in node.get("_ldraw_", ()):
            if operation["op"] != "T":
                continue
            texts += 1
            left = {"l": 0.0, "c": 0.5, "r": 1.0}[operation["align"]] * operation["width"]
            start = operation["pt"][0] - left
            assert start >= x - width / 2 - 1, node["name"]
            assert start + operation["width"] <= x + width / 2 + 1, node["name"]
    assert texts > 20


def _runs(anatomy: Anatomy) -> list[list[SubBlock]]:
    """The sub-blocks of every block, those that are drawn alike together."""

    def likeness(each: SubBlock) -> object:
        return (each.kind, each.input_shape, each.output_shape)

    return [list(run) for block in anatomy.blocks for _, run in groupby(block.sub_blocks, key=likeness)]


@pytest.mark.parametrize("target", VARIANTS)
def test_architecture_draws_the_anatomy(target: str) -> None:
    anatomy, figure = anatomy_of(target), drawn(target)
    runs = _runs(anatomy)
    brackets = [frame.label for frame in figure.frames]
    assert brackets == [f"×{len(run) - 1}" for run in runs if len(run) > 2]
    assert len(boxes(figure, "sub-block-1")) == 1
    assert len(boxes(figure, "sub-block-2")) == 6
    repeated = sum(min(len(run), 2) for run in runs if run[0].kind == 3)
    assert len(boxes(figure, "sub-block-3", "sub-block-3-plain")) == repeated
    assert len(boxes(figure, "add")) == repeated == len([path for path in figure.paths if path.role == "skip"])
    assert bool(boxes(figure, "sub-block-3-plain")) == (len(anatomy.blocks[0].sub_blocks) > 1)
    tops = {box.y for box in boxes(figure, "stem", "head", "sub-block-1", "sub-block-2")}
    assert len(tops) == 1


@pytest.mark.parametrize("target", ["b0", "b7"])
def test_expanded_architecture_draws_every_sub_block(target: str) -> None:
    anatomy = anatomy_of(target)
    figure = drawn(target, expand=True)
    assert {each.name for each in anatomy.sub_blocks} <= {box.key for box in figure.boxes}
    assert not figure.frames
    assert faults(figure) == []


@pytest.mark.parametrize("target", VARIANTS)
def test_layers_draws_every_layer_once_in_nested_clusters(target: str) -> None:
    anatomy, figure = anatomy_of(target), drawn(target, "layers")
    assert sorted(box.key for box in figure.boxes) == sorted(layer.name for layer in anatomy.graph)
    parents = {frame.key: frame.parent for frame in figure.frames}
    for block in anatomy.blocks:
        for sub_block in block.sub_blocks:
            key = f"sub-block {sub_block.name}"
            assert parents[key] == f"block {block.number}"
            assert sum(parent == key for parent in parents.values()) == len(sub_block.modules)
    edges = {(path.tail, path.head) for path in figure.paths}
    real = {(name, layer.name) for layer in anatomy.graph for name in layer.inputs}
    inside_cards = {(tail, head) for tail, head in edges if (tail, head) in real}
    skips = {(path.tail, path.head) for path in figure.paths if path.role == "skip"}
    assert edges - skips == inside_cards
    assert len(skips) == sum(each.residual for each in anatomy.sub_blocks)
    assert figure.width * figure.height < 8_000 * 6_000


def test_a_default_figure_of_b7_is_no_larger_than_one_of_b0() -> None:
    small, large = drawn("b0"), drawn("b7")
    assert large.height <= small.height * 1.01
    assert large.width <= small.width * 1.01


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"view": "block"}, "needs --block"),
        ({"view": "block", "block": 8}, "blocks 1 to 7"),
        ({"view": "layers", "block": 2}, "--block goes with"),
        ({"view": "poster", "expand": True}, "--expand goes with"),
    ],
)
def test_what_a_view_cannot_do_is_said(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        drawn("b0", **options)


CHANGED = (
    ("gate behind", "mark behind"),
    ("no squeeze-excite", "no residual", "no activation"),
    ("activated sum", "second depthwise convolution", "concatenation"),
    ("another order", "second normalisation", "dropout inside"),
)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("edits", CHANGED, ids=" and ".join)
def test_a_changed_network_is_drawn_as_it_is(edits: tuple[str, ...], view: ViewName) -> None:
    """Arrows stand for what a layer takes, and for nothing else."""
    sub_blocks = [each for each in anatomy_of("b0").sub_blocks if each.residual][2:]
    graph, _ = with_edits(graph_of("b0"), list(zip(edits, sub_blocks, strict=False)))
    number = sub_blocks[0].block if view == "block" else None
    figure = diagram(Network(graph), DiagramOptions(view, number))
    assert faults(figure) == []
    for path in figure.paths:
        if path.tail in graph and path.head in graph and path.role == "flow":
            assert path.tail in graph[path.head].inputs, (path.tail, path.head)


def test_a_network_without_sub_blocks_has_an_architecture_and_no_other_view() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    half = Layer("half", "max_pooling", "MaxPooling2D", ("image",), (4, 4, 3), stride=(2, 2))
    graph = LayerGraph("plain", (image, half, Layer("dense", "dense", "Dense", ("half",), (3,), filters=3)))
    figure = drawing(graph, "architecture")
    assert faults(figure) == []
    assert [box.label for box in boxes(figure, "plain", "classifier")] == ["Stage 1", "Stage 2", "Classifier"]
    for view in VIEWS:
        if view != "architecture":
            with pytest.raises(UsageError, match="plain has no MBConv sub-blocks; --view architecture draws it"):
                drawing(graph, view)
