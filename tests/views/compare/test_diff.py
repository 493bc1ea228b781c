"""The figure of two networks' difference: signs beside colours, the framed place, the sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from effnet_inspect import compare
from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.diff import SIGNS
from effnet_inspect.views.compare.figures import figure
from tests.geometry import faults, inside, rectangle
from tests.graphs import anatomy_of, graph_of, network_of, with_decoder, without_stem
from tests.structure.edits import EDITS, NotHere, with_edits
from tests.views.compare.test_places import cut
from tests.views.diagram.test_backbones import twins
from tests.views.diagram.test_shape import stages


def drawn(first: str | LayerGraph, second: str | LayerGraph, fit: FitName = "screen") -> Diagram:
    networks = [network_of(each) if isinstance(each, str) else Network(each) for each in (first, second)]
    return figure(networks, "diff", PAGES[fit])


def edited(*names: str) -> LayerGraph:
    """B0 with an edit each from 4b on."""
    sub_blocks = [each for each in anatomy_of("b0").sub_blocks if each.residual][2:]
    return with_edits(graph_of("b0"), list(zip(names, sub_blocks, strict=False)))[0]


def boxes(drawing: Diagram) -> dict[str, Box]:
    return {box.key: box for box in drawing.boxes if not box.key.startswith("legend")}


def texts(drawing: Diagram) -> str:
    return " ".join(caption.text.replace("\u00a0", " ") for caption in drawing.captions)


PAIRS: dict[str, tuple[str | LayerGraph, str | LayerGraph]] = {
    "b0 b1": ("b0", "b1"),
    "b0 b7": ("b0", "b7"),
    "b0 v2-b0": ("b0", "v2-b0"),
    "v2-xl l2": ("v2-xl", "l2"),
    "es lite4": ("es", "lite4"),
    "b0 es": ("b0", "es"),
    "b7 b7": ("b7", "b7"),
}
"""Networks that differ in few and in many places."""


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("pair", PAIRS)
def test_nothing_overlaps_and_all_can_be_read(pair: str, fit: FitName) -> None:
    drawing = drawn(*PAIRS[pair], fit)
    assert faults(drawing) == []
    assert drawing.width == PAGES[fit].width
    assert min(drawing.text_sizes) >= 6


MADE: dict[str, Callable[[], LayerGraph]] = {
    "a decoder": with_decoder,
    "no stem": without_stem,
    "two backbones": twins,
    "cut": cut,
    "inserted": lambda: edited("second depthwise convolution", "gate behind", "shuffled channels"),
    "deleted": lambda: edited("no squeeze-excite", "no residual", "no activation"),
}


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("model", MADE)
def test_a_changed_network_is_drawn_on_every_page(model: str, fit: FitName) -> None:
    for drawing in (drawn("b0", MADE[model](), fit), drawn(MADE[model](), "b0", fit)):
        assert faults(drawing) == []
        assert min(drawing.text_sizes) >= 6


@pytest.mark.parametrize("name", EDITS)
def test_every_kind_of_edit_is_drawn(name: str) -> None:
    target = "v2-b0" if name == "fused kernel" else "b0"
    for sub_block in anatomy_of(target).sub_blocks:
        try:
            graph, _ = with_edits(graph_of(target), [(name, sub_block)])
        except NotHere:
            continue
        drawing = drawn(target, graph)
        assert faults(drawing) == []
        assert f"First difference: {sub_block.name}: " in texts(drawing)
        return
    raise AssertionError("no sub-block has it")


def test_colours_have_signs_beside_them() -> None:
    for pair in PAIRS.values():
        for box in boxes(drawn(*pair)).values():
            sign = box.label.split()[0]
            assert SIGNS[box.role] == (sign if sign in SIGNS.values() else "")  # type: ignore[index]
            assert box.dashed == (box.role == "deleted")


def test_the_rows_stand_below_each_other() -> None:
    found = boxes(drawn("b0", "b1"))
    for name in ("Input", "Stem", "1a", "4b–4c", "Classifier"):
        one, other = found[f"0 {name}"], found[f"1 {name}"]
        assert one.x == other.x
        assert one.y + one.height < other.y
    assert "0 1b" not in found
    assert found["1 1b"].role == "inserted"
    assert found["0 1a"].role == found["1 1a"].role == "changed-slightly"


def test_the_first_difference_is_framed_with_its_sentence() -> None:
    drawing = drawn("b0", edited("second depthwise convolution"))
    (frame,) = [frame for frame in drawing.frames if frame.role == "bracket"]
    framed = [box.key for box in drawing.boxes if inside(rectangle(box), rectangle(frame))]
    assert framed == ["0 4b", "1 4b"]
    (sentence,) = [caption for caption in drawing.captions if caption.text.startswith("First difference")]
    assert sentence.role == "accent"
    assert "4b: blur pooling (DepthwiseConv2D) 3×3" in sentence.text
    assert sentence.y < frame.y


def test_its_items_stand_side_by_side() -> None:
    found = boxes(drawn("b0", edited("kernel")))
    rows = [(box.label, found[f"{key.removesuffix(' 0')} 1"].label, box.role) for key, box in found.items()
            if key.startswith("item") and key.endswith(" 0")]  # fmt: skip
    assert ("≠ depthwise, k3×3, 480 channels", "≠ depthwise, k9×9, 480 channels", "changed") in rows
    assert all(one == other and role == "same" for one, other, role in rows if "≠" not in one)


def test_one_way_past_what_only_the_other_has() -> None:
    drawing = drawn("b0", "b1")
    assert ("0 1a", "0 2a") in {(path.tail, path.head) for path in drawing.paths}
    assert ("1 1a", "1 1b") in {(path.tail, path.head) for path in drawing.paths}


def test_every_difference_is_said_with_its_number() -> None:
    said = texts(drawn("b0", "b1"))
    assert "1 the input: resolution 224×224 → 240×240 (cost)" in said
    assert "2 7 blocks, block 1 to block 7: sub-blocks 1 → 2 in block 1, other values elsewhere (outputs)" in said
    assert "First difference that changes outputs or weights: 1b is only in B1: sub-blocks 1 → 2 in block 1" in said


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("pair", PAIRS)
def test_no_number_stands_without_its_sentence(pair: str, fit: FitName) -> None:
    networks = [network_of(target) for target in pair.split()]
    drawing = figure(networks, "diff", PAGES[fit])
    said = {caption.text for caption in drawing.captions if caption.bold and caption.text.isdigit()}
    shown = {
        number
        for caption in drawing.captions
        if re.fullmatch(r"[\d, …]+", caption.text) and not caption.bold
        for number in caption.text.split(", ")
    }
    assert shown - {"…"} <= said
    listed = [each["sentence"] for each in compare(*networks).data["verdict"]["differences"]]
    assert said == {str(number + 1) for number in range(len(said))}
    left_out = len(listed) - len(said)
    told = f"… stands for {left_out} more differences, which effnet-inspect compare {pair} lists"
    assert (told in texts(drawing)) == (left_out > 0)
    if left_out:
        assert "…" in shown


def test_what_does_not_fit_is_left_out_from_the_end() -> None:
    drawings = {fit: drawn("b0", "es", fit) for fit in ("screen", "two-columns")}
    assert "…" not in " ".join(caption.text for caption in drawings["screen"].captions)
    assert "… stands for 2 more differences, which effnet-inspect compare b0 es lists" in texts(drawings["two-columns"])
    assert drawings["two-columns"].height <= (PAGES["two-columns"].most or 0)


def test_a_size_that_a_model_leaves_open_is_a_difference_in_size_alone() -> None:
    left_open = Network(replace(graph_of("b0"), target=None, name="mine"), leaves_size_open=True)
    drawing = figure([network_of("b0"), left_open], "diff")
    found = boxes(drawing)
    assert found["0 Input"].label == "≈ Input"
    assert found["1 Input"].note == "any size,\nshown at\n224×224×3"
    assert {box.role for key, box in found.items() if key[2:] != "Input"} == {"same"}
    assert "resolution 224×224 → any size" in texts(drawing)
    assert {box.role for box in boxes(figure([left_open, left_open], "diff")).values()} == {"same"}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_sentence_of_the_frame_names_two_differences_at_most(pair: str) -> None:
    one, other = PAIRS[pair]
    said = " ".join(
        caption.text.replace("\u00a0", " ") for caption in drawn(one, other).captions if caption.role == "accent"
    )
    named = said.split("; ")
    assert len(named) <= 3
    assert len(named) < 3 or named[-1].endswith(" more")


def test_equal_networks_are_all_grey() -> None:
    drawing = drawn("b0", "b0")
    assert {box.role for box in drawing.boxes} == {"same"}
    assert not drawing.frames
    assert "B0 and B0 are the same network." in texts(drawing)


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        (("b0",), "sets two models side by side, and there is 1; --view growth draws any number"),
        (("b0", "b1", "b2"), "sets two models side by side, and there are 3; --view growth draws any number"),
    ],
)
def test_it_takes_two(targets: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        figure([network_of(target) for target in targets], "diff")


def test_networks_without_sub_blocks_have_no_places_beside_those_of_others() -> None:
    plain = stages((64, 64, 3), (32, 32, 3))
    for networks in ([network_of("b0"), Network(plain)], [Network(plain), network_of("b0")]):
        said = texts(figure(networks, "shape"))
        assert "plain has no MBConv sub-blocks: its layers are not compared with those of B0." in said
        assert "differ in" not in said
    with pytest.raises(
        UsageError, match="plain has no MBConv sub-blocks, so its places cannot be set beside those of B0"
    ):
        drawn("b0", plain)
    assert faults(drawn(plain, stages((64, 64, 3), (32, 32, 3), (16, 16, 3)))) == []
