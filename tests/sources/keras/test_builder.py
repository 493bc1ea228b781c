"""The builder of our own against the builders of `keras.applications`, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from effnet_inspect.catalog.blueprints import plan
from effnet_inspect.catalog.targets import VariantTarget, parse_target
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.graph import Layer
from effnet_inspect.sources import load_all
from effnet_inspect.sources.codec import decode
from tests.graphs import anatomy_of, graph_of
from tests.sources.models import V2

pytestmark = pytest.mark.one_python

SCALED_AS = {
    row.key: f"w{row.width:g}-d{row.depth:g}@{row.resolution}"
    for row in VARIANTS.values()
    if row.family == "v1" and row.builder
}


ODD = ("w0.1-d0.1@32", "w0.35-d2.6@97x131", "w3.3-d0.5", "w1.05-d7@64")
"""All widths 8, odd sides, wide and shallow, and more sub-blocks in a block than there are letters."""


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    load_all([*SCALED_AS.values(), *V2, *ODD])


def without_rates(layers: Iterable[Layer], *names: str) -> list[Layer]:
    """The layers, those with one of `names` (or all) without their dropout rate."""
    return [layer._replace(rate=None) if layer.name in names or not names else layer for layer in layers]


@pytest.mark.parametrize("key", SCALED_AS)
def test_v1_is_the_graph_of_keras(key: str) -> None:
    ours, theirs = graph_of(SCALED_AS[key]), graph_of(key)
    assert without_rates(ours, "top_dropout") == without_rates(theirs, "top_dropout")
    assert ours.outputs == theirs.outputs


@pytest.mark.parametrize("key", V2)
def test_v2_is_the_graph_of_keras(key: str, models: Path) -> None:
    """Keras has other dropout rates than published: 0.2 before every classifier, and no scaling of drop connect."""
    ours, theirs = decode((models / f"{key}.graph").read_bytes()), graph_of(key)
    names = ["top_dropout"] if VARIANTS[key].depth == 1 else []
    assert without_rates(ours, *names) == without_rates(theirs, *names)
    assert ours.outputs == theirs.outputs


@pytest.mark.parametrize("text", ODD)
def test_any_scaling_is_built_as_planned(text: str) -> None:
    target = parse_target(text)
    assert isinstance(target, VariantTarget)
    planned = plan(target.variant).sub_blocks
    found = anatomy_of(text).sub_blocks
    assert graph_of(text).layers[0].output_shape == (*target.resolution, 3)
    assert [each.name for each in found] == [each.name for each in planned]
    for mine, theirs in zip(found, planned, strict=True):
        assert (mine.kernel, mine.stride, mine.expansion) == (theirs.kernel, theirs.stride, theirs.expansion)
        assert (mine.squeeze_excite, mine.residual) == (theirs.squeeze_excite, theirs.residual)
        assert (mine.filters, mine.drop_rate) == (theirs.filters, theirs.drop_rate)
