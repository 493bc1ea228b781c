"""Heat: every layer counts once, the scale says what colours mean, and boxes say their shares."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from effnet_inspect.analysis.cost import cost_of
from effnet_inspect.choices import HEAT_NAMES, ComparisonViewName, FitName, HeatName, ViewName
from effnet_inspect.drawing import Box, Diagram
from effnet_inspect.drawing.page import PAGES
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.figures import figure as compared
from effnet_inspect.views.diagram import VIEWS, DiagramOptions, diagram
from effnet_inspect.views.diagram.heat import STEPS, Heat, bounds_below
from tests.geometry import faults
from tests.graphs import graph_of, network_of, with_decoder, with_layer, without_stem
from tests.views.diagram.test_backbones import twins


def drawn(
    network: Network,
    view: ViewName | None = None,
    heat: HeatName = "macs",
    fit: FitName = "screen",
    *,
    expand: bool = False,
) -> Diagram:
    block = 4 if view == "block" else None
    return diagram(network, DiagramOptions(view, block, expand, PAGES[fit], heat=heat))


def heated(figure: Diagram) -> list[Box]:
    return [box for box in figure.boxes if box.layers]


WHOLE: tuple[ViewName, ...] = ("architecture", "stem", "layers")
"""The views that show every layer."""


@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("view", WHOLE)
@pytest.mark.parametrize("target", ["b0", "b7", "v2-s", "lite0", "a decoder", "no stem"])
def test_every_layer_counts_once(target: str, view: ViewName, expand: bool) -> None:
    graphs = {"a decoder": with_decoder, "no stem": without_stem}
    network = Network(graphs[target]()) if target in graphs else network_of(target)
    if expand and view != "architecture":
        return
    counted = Counter(name for box in heated(drawn(network, view, expand=expand)) for name in box.layers)
    assert counted == Counter(layer.name for layer in network.graph)


@pytest.mark.parametrize("target", ["b0", "b7", "v2-s", "lite0"])
@pytest.mark.parametrize("view", ["sub-blocks", "modules", "block"])
def test_every_layer_of_the_sub_blocks_counts_once(target: str, view: ViewName) -> None:
    network = network_of(target)
    blocks = [network.anatomy.blocks[3]] if view == "block" else network.anatomy.blocks
    counted = Counter(name for box in heated(drawn(network, view)) for name in box.layers)
    assert counted == Counter(layer.name for block in blocks for layer in block.layers)


@pytest.mark.parametrize("heat", HEAT_NAMES)
def test_the_shares_of_all_boxes_are_the_whole(heat: HeatName) -> None:
    network = network_of("b0")
    of = Heat(network, heat)
    shares = [of.share(box.layers) for box in heated(drawn(network, heat=heat))]
    assert sum(share or 0 for share in shares) == pytest.approx(1)


@pytest.mark.parametrize(("heat", "share"), [("macs", "2.8%"), ("parameters", "<0.1%"), ("activations", "7.2%")])
def test_a_box_says_its_share(heat: HeatName, share: str) -> None:
    (stem,) = [box for box in drawn(network_of("b0"), heat=heat).boxes if box.key == "stem"]
    assert stem.note.split("\n")[-1] == share


def test_bytes_are_those_that_are_moved() -> None:
    network = network_of("b0")
    cost, of = cost_of(network), Heat(network, "bytes")
    assert of.total == cost.moved
    for stage, part in zip(network.anatomy.stages, cost.parts, strict=True):
        assert of.share([layer.name for layer in stage.layers]) == pytest.approx(part.moved / cost.moved)


def test_the_scale_says_what_colours_mean() -> None:
    figure = drawn(network_of("b0"))
    of = Heat(network_of("b0"), "macs")
    captions = [caption.text for caption in figure.captions]
    bounds = [0.0, *(float(text[:-1]) / 100 for text in captions if text.endswith("%")), 1.0]
    assert len(bounds) == len(STEPS) + 1
    assert {"Share of the MACs", "of 385.8 M in all"} <= set(captions)
    for box in heated(figure):
        share = of.share(box.layers)
        assert share is not None
        if not share:
            assert box.role == "plain"
            continue
        step = STEPS.index(box.role)
        assert bounds[step] < share <= bounds[step + 1]
    assert any(box.role == STEPS[-1] for box in heated(figure))


@pytest.mark.parametrize(
    ("largest", "bounds"),
    [
        (1.0, [0.03, 0.05, 0.1, 0.2, 0.3, 0.5]),
        (0.2, [0.005, 0.01, 0.02, 0.03, 0.05, 0.1]),
        (0.0101, [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01]),
    ],
)
def test_steps_end_at_round_numbers_below_the_largest_share(largest: float, bounds: list[float]) -> None:
    assert bounds_below(largest) == bounds


def test_what_is_unknown_is_said() -> None:
    graph = with_layer(graph_of("b0"), "block4b_dwconv", operation="opaque", class_name="Mine", parameters=None)
    figure = drawn(Network(graph), "layers", "parameters")
    (box,) = [box for box in figure.boxes if box.key == "block4b_dwconv"]
    assert box.role == "plain"
    assert box.note.endswith("?")
    captions = [caption.text for caption in figure.captions]
    assert [text for text in captions if text.startswith("of at least 5.")]
    assert "Unknown: what block4b_dwconv take." in captions


def test_colours_mean_nothing_else() -> None:
    for view in VIEWS:
        roles = {box.role for box in drawn(network_of("v2-s"), view).boxes}
        assert roles <= {*STEPS, "plain", "rule"}, view


@pytest.mark.parametrize("fit", PAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_it_is_right_on_every_page(view: ViewName, fit: FitName) -> None:
    figure, page = drawn(network_of("b0"), view, fit=fit), PAGES[fit]
    assert faults(figure) == []
    assert figure.width == page.width
    assert min(figure.text_sizes) >= 6
    if page.height is not None and view != "layers":
        assert figure.height <= page.height


@pytest.mark.parametrize("heat", HEAT_NAMES)
@pytest.mark.parametrize("target", ["b7", "l2", "v2-xl", "el"])
def test_nothing_overlaps_in_larger_networks(target: str, heat: HeatName) -> None:
    for view in VIEWS:
        if view != "layers":
            assert faults(drawn(network_of(target), view, heat)) == []


def unsized() -> LayerGraph:
    """B0 of which no shape is known."""
    graph = graph_of("b0")
    return replace(graph, layers=tuple(layer._replace(output_shape=None) for layer in graph))


@pytest.mark.parametrize("heat", HEAT_NAMES)
@pytest.mark.parametrize("make", [twins, with_decoder, without_stem, unsized])
def test_any_model_has_heat(make: object, heat: HeatName) -> None:
    assert callable(make)
    assert faults(drawn(Network(make()), heat=heat)) == []


@pytest.mark.parametrize("name", HEAT_NAMES)
@pytest.mark.parametrize("target", ["b0", "v2-s", "lite0"])
def test_what_is_written_sums_to_the_whole(target: str, name: HeatName) -> None:
    texts = [f"{box.label} {box.note}" for box in heated(drawn(network_of(target), heat=name))]
    written = [float(share) for text in texts for share in re.findall(r"([\d.]+)%", text)]
    assert len(written) > 10
    assert abs(sum(written) - 100) <= 0.05 * len(written) + 0.5


@pytest.mark.parametrize("fit", ["screen", "column", "slide"])
@pytest.mark.parametrize("heat", HEAT_NAMES)
@pytest.mark.parametrize("view", ["growth", "shape"])
def test_compared_models_have_their_own_shares_in_one_scale(
    view: ComparisonViewName, heat: HeatName, fit: FitName
) -> None:
    networks = [network_of(target) for target in ("b0", "b7", "v2-s")]
    figure = compared(networks, view, PAGES[fit], heat)
    assert faults(figure) == []
    found: list[float] = []
    roles: dict[str, set[float]] = {}
    for number, network in enumerate(networks):
        own = Heat(network, heat)
        boxes = [box for box in heated(figure) if box.key.startswith(f"{number} ")]
        names = [name for box in boxes for name in box.layers]
        assert set(names) >= {layer.name for each in network.anatomy.sub_blocks for layer in each.layers}
        assert len(names) == len(set(names))
        for box in boxes:
            share = own.share(box.layers)
            assert share is not None
            found.append(share)
            roles.setdefault(box.role, set()).add(share)
            assert box.tooltip.endswith(f"{format_value(share, 'share')} of the {own.noun}")
            assert not box.label or box.height >= box.size
    bounds = [0.0, *bounds_below(max(found)), 1.0]
    for role, shares in roles.items():
        step = STEPS.index(role) if role != "plain" else -1
        assert all(bounds[step] < share <= bounds[step + 1] if step >= 0 else share == 0 for share in shares), role
    assert "of each model's own sum" in [caption.text for caption in figure.captions]


def test_one_model_compared_has_the_heat_of_its_diagram() -> None:
    network = network_of("b0")
    one = {box.layers: box.role for box in heated(compared([network], "shape", heat="macs"))}
    assert one == {box.layers: box.role for box in heated(drawn(network, "shape"))}


def test_a_figure_of_differences_has_no_heat() -> None:
    networks = [network_of("b0"), network_of("b1")]
    with pytest.raises(UsageError, match=r"their colours say what differs; use --view growth or shape"):
        compared(networks, "diff", heat="macs")
