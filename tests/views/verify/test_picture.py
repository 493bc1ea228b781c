"""The picture of the modules: what is drawn, what is built, and that the differences and nothing else are marked."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from effnet_inspect.catalog.published import FAMILY
from effnet_inspect.claims import CLAIMS
from effnet_inspect.claims.alignment import align
from effnet_inspect.claims.claim import Checked, check
from effnet_inspect.cli import main
from effnet_inspect.drawing import Diagram
from effnet_inspect.structure.network import Network
from effnet_inspect.views.verify.picture import picture
from tests.claims.edits import changed
from tests.graphs import graph_of, models_of, network_of


def checked(claim: str) -> Checked:
    return check(CLAIMS[claim], models_of(map(network_of, FAMILY)))


def marked(diagram: Diagram) -> list[str]:
    return [f"{box.label}; {box.note}" if box.note else box.label for box in diagram.boxes if box.dashed]


MARKED = {
    "module-1": ["Conv2D; not drawn", "BatchNormalization; not drawn", "Activation; not drawn"],
    "module-2": ["DepthwiseConv2D", "Conv2D; drawn as DepthwiseConv2D", "Conv2D; drawn as DepthwiseConv2D"],
    "module-3": ["Rescaling", "Reshape; drawn as Rescaling"],
    "module-4": [],
    "module-5": [],
}


@pytest.mark.parametrize(("claim", "boxes"), MARKED.items())
def test_the_differences_are_marked(claim: str, boxes: list[str]) -> None:
    assert marked(picture(checked(claim))) == boxes


def test_what_is_missing_is_named() -> None:
    words = [caption.text for caption in picture(checked("module-2")).captions if caption.role == "accent"]
    assert words == ["no", "ZeroPadding2D"]


def test_all_modules_in_one() -> None:
    diagram = picture(checked("modules"))
    assert [frame.key for frame in diagram.frames] == [f"Module {number}" for number in range(1, 6)]
    assert marked(diagram) == [box for boxes in MARKED.values() for box in boxes]


def test_a_graph_as_drawn_has_nothing_marked() -> None:
    claim = CLAIMS["module-3"]
    as_drawn = changed(".*_se_reshape", class_name="Rescaling")
    one = check(claim, models_of(Network(as_drawn(graph_of(target))) for target in FAMILY))
    assert marked(picture(one)) == []


def test_boxes_of_one_line_are_level_and_in_their_frame() -> None:
    diagram = picture(checked("modules"))
    frames = {frame.key: frame for frame in diagram.frames}
    for box in diagram.boxes:
        frame = frames[box.frame]
        assert frame.x < box.x
        assert box.x + box.width < frame.x + frame.width
        assert frame.y < box.y
        assert box.y + box.height < frame.y + frame.height
    tops = {box.y for box in diagram.boxes if box.frame == "Module 2" and box.label == "DepthwiseConv2D"}
    assert len(tops) == 2


def test_boxes_do_not_overlap() -> None:
    boxes = picture(checked("modules")).boxes
    for index, a in enumerate(boxes):
        for b in boxes[index + 1 :]:
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart, (a.key, b.key)


@pytest.mark.parametrize(
    ("drawn", "built", "pairs"),
    [
        ("", "", ()),
        ("a", "", (("a", None),)),
        ("", "a", ((None, "a"),)),
        ("abcabc", "xbcbc", (("a", "x"), ("b", "b"), ("c", "c"), ("a", None), ("b", "b"), ("c", "c"))),
        ("abc", "xyzabc", ((None, "x"), (None, "y"), (None, "z"), ("a", "a"), ("b", "b"), ("c", "c"))),
    ],
)
def test_rows_are_aligned_with_least_difference(
    drawn: str, built: str, pairs: tuple[tuple[str | None, str | None], ...]
) -> None:
    assert align(drawn, built) == pairs


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_claims_that_say_so_have_a_picture(claim: str) -> None:
    row = CLAIMS[claim]
    assert bool(check(row, models_of(map(network_of, row.targets))).finding.alignments) == row.has_picture


def test_the_command_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "modules.svg"
    result = CliRunner().invoke(main, ["verify", "--claim", "modules", "--out", str(path)])
    assert result.exit_code == 0, result.output
    root = ET.fromstring(path.read_text())
    text = " ".join("".join(each.itertext()) for each in root.iter())
    for words in ("as drawn", "as built, blocks 5 and 7", "drawn as Rescaling", "Module 5"):
        assert words in text


@pytest.mark.parametrize(("arguments", "said"), [(["--claim", "flops"], "the claim 'flops'"), ([], "many claims")])
def test_what_has_no_picture_says_what_has(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["verify", *arguments, "--format", "svg"])
    assert result.exit_code == 2
    assert f"no picture of {said}; choose one with --claim from: modules, module-1" in result.stderr
