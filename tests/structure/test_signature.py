"""What each way to compare sub-blocks notices, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from effnet_inspect.catalog.blueprints import plan
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Module, SubBlock, SubBlockKind
from effnet_inspect.structure.designs import design_signature, operator_signature
from effnet_inspect.structure.signature import Strictness, signature
from tests.graphs import VARIANTS, anatomy_of, variant_target

OPERATOR, DESIGN, KINDS, SHAPES = Strictness

Change = Callable[[SubBlock], SubBlock]


def own(**fields: Any) -> Change:
    """Other fields of the sub-block itself."""
    return lambda sub_block: replace(sub_block, **fields)


def of_layers(change: Callable[[Layer], Layer | None]) -> Change:
    """Other layers in its modules; None takes one away."""

    def changed(sub_block: SubBlock) -> SubBlock:
        modules = tuple(
            Module(module.role, tuple(other for layer in module.layers if (other := change(layer))))
            for module in sub_block.modules
        )
        return replace(sub_block, modules=modules)

    return changed


def with_attributes(of: str, **attributes: Any) -> Change:
    return of_layers(lambda layer: layer._replace(**attributes) if layer.operation == of else layer)


NOTICED: list[tuple[str, Change, set[Strictness]]] = [
    ("nothing", own(), set()),
    ("place", own(block=6, position=3), set()),
    ("drop rate", own(drop_rate=0.9), set()),
    ("expansion", own(expansion=4.0), {OPERATOR, DESIGN, SHAPES}),
    ("kernel", own(kernel=(5, 5)), {OPERATOR, DESIGN, SHAPES}),
    ("one side of the kernel", own(kernel=(3, 5)), {OPERATOR, DESIGN, SHAPES}),
    ("stride", own(stride=(1, 2)), {OPERATOR, DESIGN, SHAPES}),
    ("width", own(filters=96), {OPERATOR, DESIGN, SHAPES}),
    ("squeeze-excite", own(squeeze_excite=99), {DESIGN, SHAPES}),
    ("residual", own(residual=False), {DESIGN, SHAPES}),
    ("kind", own(kind=SubBlockKind.FIRST_OF_BLOCK), {KINDS, SHAPES}),
    ("fused", own(fused=True), {OPERATOR, DESIGN, KINDS, SHAPES}),
    ("names of layers", of_layers(lambda layer: layer._replace(name=layer.name + "x")), set()),
    ("rates of layers", with_attributes("dropout", rate=0.9), set()),
    ("a window's size", with_attributes("depthwise_convolution", kernel=(7, 7)), {SHAPES}),
    ("pointwise or not", with_attributes("convolution", kernel=(3, 3)), {KINDS, SHAPES}),
    ("classes", with_attributes("add", class_name="Sum"), set()),
    ("operations", with_attributes("add", operation="maximum"), {KINDS, SHAPES}),
    ("shapes", with_attributes("add", output_shape=(1, 1, 80)), {SHAPES}),
    ("parameters", with_attributes("batch_normalization", parameters=1), {SHAPES}),
    (
        "a layer less",
        of_layers(lambda layer: None if layer.operation == "dropout" else layer),
        {KINDS, SHAPES},
    ),
]


@pytest.mark.parametrize(("what", "change", "noticed_by"), NOTICED, ids=[row[0] for row in NOTICED])
def test_what_is_noticed(what: str, change: Change, noticed_by: set[Strictness]) -> None:
    sub_block = anatomy_of("b0").blocks[3].sub_blocks[1]
    other = change(sub_block)
    assert {each for each in Strictness if signature(sub_block, each) != signature(other, each)} == noticed_by


@pytest.mark.parametrize("target", [*VARIANTS, "v2-s", "lite0"])
def test_what_is_planned_is_what_is_found(target: str) -> None:
    planned, found = plan(variant_target(target).variant).sub_blocks, anatomy_of(target).sub_blocks
    assert [design_signature(each) for each in found] == [design_signature(each) for each in planned]
    assert [operator_signature(each) for each in found] == [operator_signature(each) for each in planned]


@pytest.mark.parametrize("looser", [OPERATOR, DESIGN, KINDS])
def test_what_is_alike_in_shapes_is_alike_in_less(looser: Strictness) -> None:
    row = [each for target in ("b0", "b4", "v2-s") for each in anatomy_of(target).sub_blocks]
    alike = [pair for pair in combinations(row, 2) if len({signature(each, SHAPES) for each in pair}) == 1]
    assert len(alike) > 50
    assert all(signature(one, looser) == signature(other, looser) for one, other in alike)
