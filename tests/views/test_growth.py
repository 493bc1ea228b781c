"""The figure of `compare`, by its geometry."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from effnet_inspect.cli import main
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.renderers import FORMATS
from effnet_inspect.variants import expand_targets
from effnet_inspect.views.growth import CELL_WIDTH, growth
from tests.conftest import VARIANTS, anatomy_of, graph_of, measures_of
from tests.geometry import faults


def figure(*words: str) -> Diagram:
    return growth([graph_of(target.text) for target in expand_targets(words)])


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
        box = drawn[f"{VARIANTS.index(name)} {block.opener.name}"]
        assert box.width == pytest.approx(CELL_WIDTH * shape[-1] / largest[-1])


def test_bars_tell_parameters_and_macs() -> None:
    drawn = boxes(figure(*FAMILY))
    largest = measures_of("b7").totals()
    for row, name in enumerate(VARIANTS):
        totals = measures_of(name).totals()
        for title, share in (
            ("Parameters", totals.parameters / largest.parameters),
            ("MACs", totals.macs / largest.macs),
        ):
            width = drawn[f"{row} {title}"].width
            assert width == pytest.approx(max(share * drawn[f"7 {title}"].width, 1.0))


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
    assert "B1 and B2 are the same graph with other channels, resolution and dropout rates." in texts
    assert "MBConv6 5×5" in texts


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_command_draws_it(ending: str, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    result = CliRunner().invoke(main, ["compare", "b0", "b1", "--out", str(path)], catch_exceptions=False)
    assert result.exit_code == 0
    assert path.read_bytes().startswith(start)


def test_the_same_bytes_again() -> None:
    assert FORMATS["svg"].render(figure("b0", "b1")) == FORMATS["svg"].render(figure("b0", "b1"))
