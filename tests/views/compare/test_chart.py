"""The figure of `compare`, by its geometry."""

from __future__ import annotations

import pytest

from effnet_inspect.catalog.targets import expand_targets
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.views.compare.chart import BAR_WIDTH, CELL_WIDTH, growth
from tests.geometry import faults
from tests.graphs import VARIANTS, anatomy_of, measures_of, network_of


def figure(*words: str) -> Diagram:
    return growth([network_of(target.text) for target in expand_targets(words)])


FAMILY = ("all",)


def boxes(drawn: Diagram) -> dict[str, Box]:
    return {box.key: box for box in drawn.boxes}


def slabs(drawn: Diagram) -> list[Box]:
    return [box for box in drawn.boxes if box.role.startswith("sub-block") and not box.key.startswith("legend")]


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
        assert box.width == pytest.approx(CELL_WIDTH * shape[-1] / largest[-1])


def test_bars_tell_parameters_and_macs() -> None:
    drawn = boxes(figure(*FAMILY))
    largest = measures_of("b7").totals()
    for row, name in enumerate(VARIANTS):
        totals = measures_of(name).totals()
        for key in ("parameters", "macs"):
            assert drawn[f"7 {key}"].width == BAR_WIDTH
            assert drawn[f"{row} {key}"].width == pytest.approx(max(totals[key] / largest[key] * BAR_WIDTH, 1.0))


@pytest.mark.parametrize("words", [("b0",), FAMILY, ("b0", "v2-b0", "lite0"), ("b3", "b3@512", "b3")])
def test_nothing_overlaps_and_all_is_inside(words: tuple[str, ...]) -> None:
    assert faults(figure(*words)) == []


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
    assert "MBConv6 5×5" in texts
