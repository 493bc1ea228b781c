"""The operators of a model: tensors in proportion, the branch of squeeze-excite, the residual."""

from __future__ import annotations

import pytest

from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.views.diagram import DiagramOptions, diagram
from tests.geometry import faults
from tests.graphs import network_of


def drawn(target: str, fit: FitName = "screen") -> Diagram:
    return diagram(network_of(target), DiagramOptions("mbconv", page=PAGES[fit]))


def boxes(figure: Diagram) -> dict[str, Box]:
    return {box.key: box for box in figure.boxes}


@pytest.mark.parametrize(
    ("target", "operators"),
    [
        ("b0", ["MBConv1", "MBConv6"]),
        ("v2-s", ["Fused-MBConv1", "Fused-MBConv4", "MBConv4", "MBConv6"]),
    ],
)
def test_every_operator_has_a_panel_the_fused_ones_first(target: str, operators: list[str]) -> None:
    assert [frame.key.removeprefix("operator ") for frame in drawn(target).frames] == operators


def test_tensors_are_as_wide_as_they_have_channels() -> None:
    found = boxes(drawn("b0"))
    narrow, wide, depthwise, out = (
        found[f"operator MBConv6 after {name}"].width
        for name in ("input", "Expansion", "Depthwise convolution", "Projection")
    )
    assert wide == depthwise == pytest.approx(6 * narrow)
    assert out == narrow
    words = {caption.text for caption in drawn("b0").captions}
    assert {"56×56×24, C = 24", "56×56×144 = 6C", "56×56×24"} <= words


def test_squeeze_excite_is_a_branch_and_the_residual_begins_at_the_input() -> None:
    figure = drawn("b0")
    assert boxes(figure)["operator MBConv6 gate"].note == "144 → 6 → 144"
    edges = {(path.tail, path.head) for path in figure.paths}
    gate = "operator MBConv6 gate"
    assert ("operator MBConv6 after Depthwise convolution", gate) in edges
    assert (gate, "operator MBConv6 product") in edges
    residuals = {(path.tail, path.head) for path in figure.paths if path.role == "skip"}
    assert residuals == {("operator MBConv6 after input", "operator MBConv6 add")}


def test_what_an_operator_lacks_is_not_drawn() -> None:
    found = boxes(drawn("v2-s"))
    assert "operator Fused-MBConv4 gate" not in found
    assert "operator Fused-MBConv4 Depthwise convolution" not in found
    assert "operator Fused-MBConv1 Projection" not in found
    assert not [key for key in boxes(drawn("lite0")) if key.endswith("gate")]


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("target", ["b7", "v2-b0", "lite0"])
def test_nothing_overlaps(target: str, fit: FitName) -> None:
    assert faults(drawn(target, fit)) == []


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("target", ["b0", "b7", "v2-s", "lite0", "es"])
def test_multiples_of_c_stand_only_where_c_is_said(target: str, fit: FitName) -> None:
    figure = drawn(target, fit)
    for frame in figure.frames:
        within = [
            caption.text for caption in figure.captions
            if frame.x < caption.x < frame.x + frame.width and frame.y < caption.y < frame.y + frame.height
        ]  # fmt: skip
        defines = [text for text in within if ", C = " in text]
        uses = [text for text in within if text.endswith("C")]
        assert bool(defines) == bool(uses)
