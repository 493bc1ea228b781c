"""The figure of `compare`, by its geometry."""

from __future__ import annotations

import pytest

from effnet_inspect.catalog.targets import expand_targets
from effnet_inspect.choices import FitName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.page import PAGES, Page
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.chart import BAR_WIDTH
from effnet_inspect.views.compare.figures import figure as figure_of
from tests.geometry import faults
from tests.graphs import VARIANTS, anatomy_of, measures_of, network_of


def figure(*words: str, page: Page = PAGES["screen"]) -> Diagram:
    return figure_of([network_of(target.text) for target in expand_targets(words)], "growth", page)


FAMILY = ("all",)


def boxes(drawn: Diagram) -> dict[str, Box]:
    return {box.key: box for box in drawn.boxes}


def slabs(drawn: Diagram) -> list[Box]:
    roles = ("sub-block", "fused")
    return [box for box in drawn.boxes if box.role.startswith(roles) and not box.key.startswith("legend")]


def test_every_sub_block_of_every_model_is_a_slab() -> None:
    expected = [f"{row} {each.name}" for row, name in enumerate(VARIANTS) for each in anatomy_of(name).sub_blocks]
    assert sorted(box.key for box in slabs(figure(*FAMILY))) == sorted(expected)


@pytest.mark.parametrize("name", VARIANTS)
def test_widths_tell_channels(name: str) -> None:
    drawn = boxes(figure(*FAMILY))
    for block in anatomy_of(name).blocks:
        shape, largest = block.output_shape, anatomy_of("b7").blocks[block.number - 1].output_shape
        assert shape is not None
        assert largest is not None
        assert shape[-1] is not None
        assert largest[-1] is not None
        box = drawn[f"{VARIANTS.index(name)} {block.first.name}"]
        widest = drawn[f"7 {block.first.name}"].width
        assert box.width == pytest.approx(widest * shape[-1] / largest[-1])


def test_bars_tell_parameters_and_macs() -> None:
    drawn = boxes(figure(*FAMILY))
    largest = measures_of("b7").totals()
    for row, name in enumerate(VARIANTS):
        totals = measures_of(name).totals()
        for key in ("parameters", "macs"):
            assert drawn[f"7 {key}"].width == BAR_WIDTH
            assert drawn[f"{row} {key}"].width == pytest.approx(max(totals[key] / largest[key] * BAR_WIDTH, 1.0))


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize(
    "words", [("b0",), FAMILY, ("b0", "v2-b0", "lite0"), ("b3", "b3@512", "b3"), ("b0", "v2-xl", "l2")]
)
def test_it_fits_its_page_and_nothing_overlaps(words: tuple[str, ...], fit: FitName) -> None:
    drawn, page = figure(*words, page=PAGES[fit]), PAGES[fit]
    assert faults(drawn) == []
    assert drawn.width == pytest.approx(page.width)
    assert min(drawn.text_sizes) >= 6
    if len(words) < 3 and words != FAMILY:
        assert page.height is None or drawn.height <= page.height


def test_a_narrow_page_has_the_bars_below_the_names_and_no_operators() -> None:
    drawn = figure(*FAMILY, page=PAGES["column"])
    assert not [caption.text for caption in drawn.captions if "MBConv" in caption.text]
    assert boxes(drawn)["0 macs"].y > next(each.y for each in drawn.captions if each.text == "B0")


def test_one_column_stands_below_the_other() -> None:
    drawn = boxes(figure("b0", "v2-b0"))
    for key in ("stem", "1a", "6a", "head"):
        assert drawn[f"0 {key}"].x == drawn[f"1 {key}"].x
        assert drawn[f"0 {key}"].y < drawn[f"1 {key}"].y
    assert "0 7a" in drawn
    assert "1 7a" not in drawn


def test_the_verdict_stands_over_it() -> None:
    texts = [caption.text for caption in figure("b1", "b2").captions]
    assert "B1 and B2 have the same graph; they differ in channels, resolution and dropout rates." in texts
    assert {"MBConv6", "k5×5"} <= set(texts)


@pytest.mark.parametrize("fit", PAGES)
def test_networks_of_other_kinds_have_columns_of_their_own(fit: FitName) -> None:
    """Their stages stand beside the blocks, so that there are twice as many columns."""
    layers = [Layer("image", "input", "InputLayer", output_shape=(512, 512, 3))]
    for index, side in enumerate((256, 128, 64, 32, 16), start=1):
        layers.append(
            Layer(f"half_{index}", "convolution", "Conv2D", (layers[-1].name,), (side, side, 2048 >> (5 - index)),
                  100, kernel=(3, 3), stride=(2, 2), filters=2048 >> (5 - index), groups=1)
        )  # fmt: skip
    drawn = figure_of([network_of("b0"), Network(LayerGraph("stages", tuple(layers)))], "growth", PAGES[fit])
    assert faults(drawn) == []
    texts = [caption.text for caption in drawn.captions]
    assert {"1,024", "2,048"} <= set(texts)
    if fit == "column":
        assert {"S1", "S5", "7"} <= set(texts)
        assert any(text.startswith("the most in that column. S1") for text in texts)
