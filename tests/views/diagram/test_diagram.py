"""Every view of every variant: its geometry, and that it shows the anatomy."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from pygraphviz import AGraph

from effnet_inspect.choices import COMPARISON_VIEW_NAMES, ComparisonViewName, FitName, HeatName, ViewName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.canvas import scaled
from effnet_inspect.drawing.page import PAGES, POINTS
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import Options, dot
from effnet_inspect.renderers.image import FINENESS
from effnet_inspect.structure.anatomy import Anatomy, Section, SubBlock
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.figures import figure as compared
from effnet_inspect.views.diagram import OF_ANY_NETWORK, VIEWS, DiagramOptions, diagram
from effnet_inspect.views.summary import SummaryOptions, summary
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


@pytest.mark.parametrize("target", ["b0", "b7", "v2-s", "lite0", "es"])
def test_every_block_fits_into_a_column_with_all_of_its_layers(target: str) -> None:
    for block in anatomy_of(target).blocks:
        options = DiagramOptions("block", block.number, page=PAGES["column"])
        figure = diagram(network_of(target), options)
        assert PAGES["column"].has_room_for(figure)
        assert min(figure.text_sizes) >= 6
        assert faults(figure) == []
        shown = [name for box in figure.boxes for name in box.layers]
        assert sorted(shown) == sorted(layer.name for layer in block.layers)


@pytest.mark.parametrize("target", ["b0", "b7"])
def test_nothing_overlaps_in_any_block(target: str) -> None:
    for block in anatomy_of(target).blocks:
        assert faults(drawn(target, "block", block=block.number)) == []
        figure = drawn(target, "block", block=block.number, expand=True)
        assert faults(figure) == []
        assert len(boxes(figure, "add")) == sum(each.residual for each in block.sub_blocks)
        ends = {"Input of the block", "Output of the block"}
        assert {layer.name for layer in block.layers} == {box.key for box in figure.boxes} - ends


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
    assert {"Module 4", "Projection", "in first sub-blocks of blocks 2–6", "Residual", "in 1a"} <= captions
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
    assert "Conv2D k3×3 stride 2" in labels


@pytest.mark.parametrize("view", ["architecture", "sub-blocks", "modules", "layers"])
def test_every_box_that_is_a_layer_or_more_tells_its_measures(view: ViewName) -> None:
    for box in drawn("b0", view).boxes:
        if box.key.startswith("legend") or box.key.endswith((" input", " colour", " of the model")):
            continue
        for part in ("MACs", "parameters", "receptive field"):
            assert part in box.tooltip, (box.key, box.tooltip)


def test_the_poster_has_one_title_and_says_what_its_numbers_mean() -> None:
    words = [caption.text for caption in drawn("b0", "poster").captions]
    assert [text for text in words if "EfficientNet-B0" in text] == ["EfficientNet-B0"]
    assert {"Kinds of sub-block", "Modules", "Stem and final layers", "Stages and numbers"} <= set(words)
    together = " ".join(words)
    for part in ("5,288,548 trainable", "21.32 MB of weights", "multiply-accumulates"):
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
        assert joined.note.replace("\n", " · ", view == "stem").startswith("joined_0 · 14×14×")
        assert joined.note.split("\n")[-1].startswith("from block6a")
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
@pytest.mark.parametrize("heat", [None, "macs"])
def test_the_engine_fits_every_text_into_its_node(target: str, view: ViewName, heat: HeatName | None) -> None:
    figure = drawn(target, view, block=1 if view == "block" else None, heat=heat)
    assert_engine_fits(figure)


@pytest.mark.parametrize("view", COMPARISON_VIEW_NAMES)
def test_the_engine_fits_the_texts_of_comparisons(view: ComparisonViewName) -> None:
    assert_engine_fits(compared([network_of("b0"), network_of("v2-b0")], view))


def assert_engine_fits(figure: Diagram) -> None:
    """Positions and text widths as the engine itself reports them."""
    source = dot.render(scaled(figure, FINENESS), Options())
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
            assert start >= x - width / 2 - FINENESS, node["name"]
            assert start + operation["width"] <= x + width / 2 + FINENESS, node["name"]
    assert texts > 20


def _runs(anatomy: Anatomy) -> list[list[SubBlock]]:
    """The sub-blocks of every block, those that are drawn alike together."""

    def likeness(each: SubBlock) -> object:
        return (each.kind, each.input_shape, each.output_shape)

    return [list(run) for block in anatomy.blocks for _, run in groupby(block.sub_blocks, key=likeness)]


@pytest.mark.parametrize("target", VARIANTS)
def test_architecture_draws_the_anatomy(target: str) -> None:
    anatomy, figure = anatomy_of(target), drawn(target)
    repeats = [run for run in _runs(anatomy) if run[0].kind == 3]
    assert [frame.label for frame in figure.frames] == [f"×{len(run)}" for run in repeats if len(run) > 1]
    assert len(boxes(figure, "sub-block-1")) == 1
    assert len(boxes(figure, "sub-block-2")) == 6
    assert len(boxes(figure, "sub-block-3", "sub-block-3-plain")) == len(repeats)
    residuals = [path for path in figure.paths if path.role == "skip" and not path.tail.startswith("legend")]
    assert len(boxes(figure, "add")) == len(repeats) == len(residuals)
    assert bool(boxes(figure, "sub-block-3-plain")) == (len(anatomy.blocks[0].sub_blocks) > 1)


@pytest.mark.parametrize("target", [*VARIANTS, *FAMILIES])
def test_brackets_count_as_the_folded_summary_does(target: str) -> None:
    table = summary(network_of(target), SummaryOptions("sub-block", fold=True)).tables[0]
    part = [column.key for column in table.columns].index("part")
    names = [str(row.values[part]) for row in table.rows]
    folded = [name for name in names if "×" in name]
    assert folded
    figure = drawn(target)
    captions = [caption.text for caption in figure.captions if "–" in caption.text and caption.text[0].isdigit()]
    assert [f"{name} {frame.label}" for name, frame in zip(captions, figure.frames, strict=True)] == folded
    for block in anatomy_of(target).blocks:
        titles = {caption.text for caption in drawn(target, "block", block=block.number).captions}
        assert {name for name in folded if name.startswith(str(block.number))} <= titles


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("target", VARIANTS)
def test_the_first_boxes_of_a_line_are_level(target: str, fit: FitName) -> None:
    figure = drawn(target, page=PAGES[fit])
    firsts = boxes(figure, "stem", "head", "sub-block-1", "sub-block-2")
    lines = [list(line) for _, line in groupby(firsts, key=lambda box: round(box.y, 3))]
    assert len(lines) == len({round(box.y, 3) for box in firsts})
    assert len({len(line) for line in lines[:-1]}) <= 1
    assert len(lines) == {"column": 3, "screen": 2, "two-columns": 2}.get(fit, len(lines))


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("target", ["b0", "b7", "v2-xl", "l2"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_text_is_smaller_than_six_points_on_the_page_it_is_for(target: str, view: ViewName, fit: FitName) -> None:
    block, page = (4 if view == "block" else None), PAGES[fit]
    figure = drawn(target, view, block=block, page=page)
    assert figure.width == pytest.approx(page.width)
    assert min(figure.text_sizes) >= 6
    assert min(figure.text_sizes) >= 7.5 * POINTS["px"] or fit != "screen"
    if view != "layers":
        assert faults(figure) == []
    if page.height is not None and view != "layers":
        assert figure.height <= page.height


def test_on_a_page_with_a_height_type_grows() -> None:
    assert min(drawn("b0", page=PAGES["slide"]).text_sizes) > min(drawn("b0").text_sizes)


def test_a_poster_fills_a_sheet_of_paper() -> None:
    for fit in ("a3", "a3-landscape", "a4", "a4-landscape"):
        page = PAGES[fit]
        assert page.height is not None
        assert drawn("b0", "poster", page=page).height > 0.75 * page.height


@pytest.mark.parametrize("target", ["b7", "v2-s"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("fit", ["screen", "column"])
def test_the_papers_words_come_first_where_they_are_asked_for(target: str, view: ViewName, fit: FitName) -> None:
    figure = drawn(target, view, block=4 if view == "block" else None, labels="paper", page=PAGES[fit])
    assert faults(figure) == []
    if view == "architecture":
        for box in boxes(figure, "sub-block-2"):
            assert box.label.startswith("MBConv")
            assert box.note.endswith("Sub-block 2")


def test_the_paper_s_term_is_nearly_as_large_as_the_article_s() -> None:
    for box in boxes(drawn("b0"), "sub-block-1", "sub-block-2", "sub-block-3"):
        assert box.note_size >= 0.9 * box.size
        assert "MBConv" in box.note


def test_kinds_of_sub_block_have_names_and_colours_of_their_own() -> None:
    figure = drawn("v2-s")
    kinds = {(box.label, box.role) for box in figure.boxes if box.label.startswith(("Sub-block", "Fused"))}
    assert kinds == {
        ("Fused 1", "fused-opening"), ("Fused 2", "fused-opening"), ("Fused 3", "fused-repeat"),
        ("Fused 3′", "fused-repeat"), ("Sub-block 2", "sub-block-2"), ("Sub-block 3", "sub-block-3"),
    }  # fmt: skip
    assert {box.label for box in boxes(drawn("b7"), "sub-block-3-plain")} == {"Sub-block 3′"}


def test_main_path_and_residuals_are_in_the_legend_and_where_data_come_and_go() -> None:
    figure = drawn("b0")
    legend = {path.role for path in figure.paths if path.tail.startswith("legend")}
    assert legend == {"flow", "skip"}
    assert {"Main path", "Residual connection"} <= {caption.text for caption in figure.captions}
    ends = {box.label: box.note for box in boxes(figure, "plain")}
    assert ends == {"Input": "224×224×3", "Output": "1000"}


@pytest.mark.parametrize("view", ["block", "layers"])
def test_a_residual_begins_at_what_its_sub_block_takes(view: ViewName) -> None:
    graph = graph_of("v2-s")
    figure = drawn("v2-s", view, block=1 if view == "block" else None)
    residuals = [path for path in figure.paths if path.role == "skip"]
    assert residuals
    for path in residuals:
        given = ["stem_activation"] if path.tail == "Input of the block" else [path.tail]
        assert set(given) < set(graph[path.head].inputs)


def test_an_activation_is_said_once() -> None:
    labels = {box.label for box in drawn("lite0", "stem").boxes} | {box.label for box in drawn("lite0", "layers").boxes}
    assert any(label.startswith("ReLU") for label in labels)
    assert not [label for label in labels if "relu" in label]


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
    assert edges == inside_cards
    assert len(skips) == sum(each.residual for each in anatomy.sub_blocks)


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


def test_a_network_without_sub_blocks_has_an_architecture_and_a_shape_and_no_other_view() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    half = Layer("half", "max_pooling", "MaxPooling2D", ("image",), (4, 4, 3), stride=(2, 2))
    graph = LayerGraph("plain", (image, half, Layer("dense", "dense", "Dense", ("half",), (3,), filters=3)))
    figure = drawing(graph, "architecture")
    assert faults(figure) == []
    labels = [box.label for box in boxes(figure, "plain", "classifier")]
    assert labels == ["Stage 1", "Input", "Stage 2", "Classifier", "Output"]
    for view in VIEWS:
        if view not in OF_ANY_NETWORK:
            with pytest.raises(
                UsageError, match="plain has no MBConv sub-blocks; --view architecture or shape draws it"
            ):
                drawing(graph, view)


def edited(name: str) -> LayerGraph:
    """B0 with one edit at 4b."""
    return with_edits(graph_of("b0"), [(name, anatomy_of("b0").sub_blocks[6])])[0]


@pytest.mark.parametrize(
    ("name", "closes", "repeats"),
    [
        ("concatenation", "Concatenate", "repeats: its input is added to its output, but in 4b"),
        ("no residual", None, "repeats: its input is added to its output, but in 4b"),
        ("kernel", "Add", "repeats: its input is added to its output"),
    ],
)
def test_a_residual_connection_is_closed_as_it_is(name: str, closes: str | None, repeats: str) -> None:
    figure = drawing(edited(name), "architecture")
    found = [box.label for box in figure.boxes if box.key == "4b add"]
    assert found == ([closes] if closes else [])
    ends = [path.head for path in figure.paths if path.role == "skip" and path.head.startswith("4b")]
    assert ends == (["4b add"] if closes else [])
    assert repeats in {caption.text for caption in figure.captions}
    block = diagram(Network(edited(name)), DiagramOptions("block", 4))
    rails = [path for path in block.paths if path.role == "skip"]
    assert len(rails) == (2 if closes else 1)


def test_a_users_model_is_called_what_it_is() -> None:
    captions = {caption.text for caption in drawing(edited("kernel"), "architecture").captions}
    assert [text for text in captions if "EfficientNet-B0 with 1 change" in text]
    own = {caption.text for caption in drawing(graph_of("b0"), "architecture").captions}
    assert not [text for text in own if "EfficientNet-B0 " in text]


@pytest.mark.parametrize("count", [5, 12, 13, 14, 25, 30])
def test_a_long_chain_stands_in_columns_of_about_one_height(count: int) -> None:
    graph = graph_of("b0")
    last = graph.outputs[0]
    more = [Layer(f"more_{n}", "dropout", "Dropout", (f"more_{n - 1}" if n else last,), (1000,)) for n in range(count)]
    longer = replace(graph, layers=(*graph, *more), outputs=(more[-1].name,))
    figure = diagram(Network(longer), DiagramOptions("stem", page=PAGES["a3"]))
    (chain,) = {box.frame for box in figure.boxes if box.key.startswith("more_")}
    columns = Counter(box.x for box in figure.boxes if box.frame == chain)
    assert max(columns.values()) <= 12
    assert max(columns.values()) == -(-sum(columns.values()) // len(columns))
    assert faults(figure) == []
