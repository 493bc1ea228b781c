"""What a sub-block is designed like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.structure.designs import design_of, numbers_by_structure, skeleton
from effnet_inspect.structure.regions import find_trunks
from effnet_inspect.structure.roles import items_of
from tests.graphs import graph_of, with_layer


def test_a_design_is_read_from_the_layers() -> None:
    graph = with_layer(graph_of("b0"), "block2a_dwconv", stride=(2, 1))
    regions = find_trunks(graph)[0].regions
    designs = [design_of(region, items_of(region)) for region in regions]
    assert [(design.block, design.position) for design in designs] == [(0, 0)] * 16, "their places come later"
    first, second, third = designs[:3]
    assert (first.fused, first.kernel, first.stride, first.expansion, first.filters) == (False, (3, 3), (1, 1), 1, 16)
    assert (second.stride, second.expansion, second.filters, second.squeeze_excite) == ((2, 1), 6, 24, 4)
    assert (second.residual, third.residual) == (False, True)
    assert [design.drop_rate for design in (second, third)] == [None, 0.025]


def test_what_stays_where_a_sub_block_is_made_narrower() -> None:
    regions = find_trunks(graph_of("v2-b0"))[0].regions
    fused, widened = (design_of(regions[at], items_of(regions[at])) for at in (0, 1))
    assert skeleton(fused) == (True, (3, 3), (1, 1), False, False)
    assert skeleton(replace(widened, expansion=2.0)) == (True, (3, 3), (2, 2), True, False)


LIKE = SubBlockDesign(0, 0, False, (3, 3), (1, 1), 6, 24, 6, True, None)
PLAIN = replace(LIKE, residual=False)


@pytest.mark.parametrize(
    ("designs", "entering", "numbers"),
    [
        ((LIKE, LIKE), (24, 24), [1, 1]),
        ((PLAIN, PLAIN), (24, 24), [1, 1]),  # nowhere are residual connections, so that none is missing
        ((LIKE, PLAIN, LIKE), (24, 24, 24), [1, 2, 2]),
        ((PLAIN, replace(PLAIN, stride=(2, 1))), (24, 24), [1, 2]),
        ((PLAIN, PLAIN), (24, 48), [1, 2]),
        ((LIKE, replace(LIKE, filters=48)), (24, 48), [1, 2]),
        ((LIKE, replace(LIKE, kernel=(5, 5))), (24, 24), [1, 2]),
        ((LIKE, replace(LIKE, expansion=4)), (24, 24), [1, 2]),
        ((LIKE, replace(LIKE, fused=True)), (24, 24), [1, 2]),
        ((LIKE, replace(LIKE, squeeze_excite=None)), (24, 24), [1, 2]),
        ((LIKE, replace(LIKE, squeeze_excite=12, drop_rate=0.5)), (24, 24), [1, 1]),
        ((LIKE, replace(LIKE, expansion=6.004)), (24, 24), [1, 1]),  # of widths that were rounded
        ((), (), []),
    ],
)
def test_where_a_block_begins(
    designs: tuple[SubBlockDesign, ...], entering: tuple[int, ...], numbers: list[int]
) -> None:
    assert numbers_by_structure(designs, entering) == numbers
