"""What plots say: every point is what a graph has or what has been published, and is told to be so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.analysis.cost import cost_of
from effnet_inspect.catalog.published import PAPER_PEERS, PUBLISHED_ACCURACY
from effnet_inspect.catalog.variants import SCALED
from effnet_inspect.choices import FIT_NAMES, PLOT_NAMES, SIZE_NAMES, FitName, PlotName, SizeName
from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.page import PAGES, fill
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import LayerGraph
from effnet_inspect.plotting import Panel
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.figures import figure
from effnet_inspect.views.diagram.heat import Heat
from effnet_inspect.views.diagram.labels import model_facts
from effnet_inspect.views.plot import KINDS, USUAL, Made, PlotOptions
from tests.geometry import faults
from tests.graphs import extractor, graph_of, network_of, with_decoder, with_layer


def made(kind: PlotName, *targets: str, fit: FitName = "screen", x: SizeName = "parameters") -> Made:
    return KINDS[kind]([network_of(target) for target in targets or USUAL[kind]], PlotOptions(PAGES[fit], x))


def scaled(*targets: str, fit: FitName = "screen") -> Diagram:
    """The figure of scaling."""
    draw = made("scaling", *targets, fit=fit).draw
    assert draw is not None
    return fill(PAGES[fit], draw)


def points_of(result: Made) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = result.document.data["points"]
    return points


def shown(panel: Panel) -> dict[str, tuple[float, float]]:
    return {point.label: (point.x, point.y) for series in panel.series for point in series.points}


@pytest.mark.parametrize("x", SIZE_NAMES)
def test_accuracies_are_published_and_sizes_are_counted(x: SizeName) -> None:
    result = made("accuracy", x=x)
    (panel,) = result.plot.panels
    spots = shown(panel)
    for target in USUAL["accuracy"]:
        network = network_of(target)
        size = network.resolution if x == "resolution" else network.totals[x]
        assert spots[network.title] == (size, round(PUBLISHED_ACCURACY[target].top1 / 100, 3))
    for title, peer in PAPER_PEERS.items():
        size = {"parameters": peer.parameter_count, "macs": peer.multiply_adds}.get(x)
        assert spots.get(title) == (size and (size, round(peer.top1 / 100, 3)))
    assert [series.published for series in panel.series] == [False, False, *[True] * (x in ("parameters", "macs"))]
    assert {point["sizes"] for point in points_of(result) if point["target"] is None} == {"published"}


def test_a_peer_s_size_is_as_printed_and_what_is_missing_is_said() -> None:
    peer = PAPER_PEERS["Inception-v3"]
    assert (peer.parameter_count, peer.multiply_adds) == (24_000_000, 5_700_000_000)
    assert "Without GPipe, of which no MACs are published." in made("accuracy", x="macs").plot.notes
    assert not any("Without" in note for note in made("accuracy").plot.notes)
    assert "Without the paper's peers, of which it states no resolution." in made("accuracy", x="resolution").plot.notes


def test_what_took_more_data_is_apart() -> None:
    (panel,) = made("accuracy", "b7", "b8", "l2").plot.panels
    assert {series.title: series.style for series in panel.series} == {
        "EfficientNet": "line",
        "EfficientNet, with more data": "marks",
        "The paper's peers, as published": "marks",
    }


@pytest.mark.parametrize("target", ["b3@512", "w1.4-d1"])
def test_without_a_published_accuracy_there_is_no_point(target: str) -> None:
    with pytest.raises(UsageError, match=r"no accuracy of .* has been published"):
        made("accuracy", "b0", target)


@pytest.mark.parametrize("target", ["b0", "b7", "v2-s", "lite0"])
def test_costs_add_up_to_those_of_the_whole(target: str) -> None:
    result, network = made("cost", target), network_of(target)
    points = points_of(result)
    for key in ("parameters", "macs", "activations"):
        assert sum(point[key] for point in points) == network.totals[key]
    assert sum(point["bytes_moved"] for point in points) == cost_of(network).moved
    assert [point["number"] for point in points] == list(range(len(points)))
    for panel, key in zip(result.plot.panels, ("parameters", "macs", "activations", "bytes_moved"), strict=True):
        assert [point.y for point in panel.series[0].points] == [point[key] for point in points]


KNOWN: dict[str, dict[str, Any]] = {
    "weights": {"parameters": None, "trainable_parameters": None},
    "size": {"output_shape": (None, None, 80)},
}
"""What may be unknown of a layer."""


@pytest.mark.parametrize("unknown", KNOWN)
@pytest.mark.parametrize("name", ["stem_conv", "block4b_project_conv", "predictions"])
def test_what_is_unknown_is_a_gap_and_the_sums_are_lower_bounds_of_all_that_is_known(name: str, unknown: str) -> None:
    network = Network(with_layer(graph_of("b0"), name, **KNOWN[unknown]))
    result = KINDS["cost"]([network], PlotOptions())
    points = points_of(result)
    gaps = [point["number"] for point in points if point["bytes_moved"] is None]
    heat = Heat(network, "bytes")
    assert gaps
    assert any("A gap" in note for note in result.plot.notes)
    series = {panel.title: panel.series[0] for panel in result.plot.panels}["Bytes moved"]
    for run in series.runs:
        assert [point.x for point in run] == list(range(int(run[0].x), int(run[-1].x) + 1))
    assert not {point.x for point in series.points} & set(gaps)
    assert f"at least {format_value(heat.total, 'bytes')} moved" in result.plot.facts
    assert heat.total == cost_of(network).moved
    lacks = {key: network.totals.total(key) for key in ("parameters", "macs", "activations")}
    for key, total in lacks.items():
        words = {"macs": "MACs"}.get(key, key)
        bound = "at least " * bool(total.missing)
        assert f"{bound}{format_value(total.value, 'quantity')} {words}" in result.plot.facts


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("block4a_expand_activation", "part of 4a"),
        ("block5b_add", "sub-block 5b"),
        ("block3b_add", "sub-block 3b"),
        ("top_activation", "the final layers"),
        ("predictions", "the final layers"),
    ],
)
def test_the_fact_about_receptive_fields_names_the_place_of_the_last_row(last: str, says: str) -> None:
    network = Network(extractor(last))
    result = KINDS["receptive-field"]([network], PlotOptions())
    end = points_of(result)[-1]
    assert result.plot.facts.startswith(f"An output of {says} sees {end['receptive_field'][0]:,} pixels")
    if last != "predictions":
        assert end["receptive_field"] == list(network.measures.column("receptive_field")[last])


AXES: dict[str, tuple[Callable[[], Network], str]] = {
    "b0": (lambda: network_of("b0"), "S stem, 1–7 blocks, F final layers, C classifier"),
    "before": (
        lambda: Network(with_layers_before()),
        "B layers before, S stem, 1–7 blocks, F final layers, C classifier",
    ),
    "cut": (lambda: Network(extractor("block4b_dwconv")), "S stem, 1–4 blocks, P part of 4b"),
    "one block": (lambda: Network(extractor("block2a_dwconv")), "S stem, 1 block, P part of a sub-block"),
    "decoder": (lambda: Network(with_decoder()), "S stem, 1–7 blocks, A layers after, O other branches"),
}


@pytest.mark.parametrize("name", AXES)
def test_the_axis_says_what_its_marks_stand_for(name: str) -> None:
    make, expected = AXES[name]
    x = KINDS["cost"]([make()], PlotOptions()).plot.panels[0].x
    assert x.title == expected
    marks = [mark for _, mark in x.marks]
    assert len(set(marks)) == len(marks)


def test_two_files_of_one_name_are_told_apart_in_figures_and_data() -> None:
    networks = [network_of("b0"), network_of("b1"), network_of("b0")]
    for kind in ("cost", "receptive-field"):
        result = KINDS[kind](networks, PlotOptions())
        assert {point["model"] for point in points_of(result)} == {"B0 (1)", "B0 (2)", "B1"}
        assert result.plot.series == ("B0 (1) = B0 (2)", "B1")


def test_several_networks_are_one_series_each_and_have_no_borders_in_common() -> None:
    for panel in made("cost", "b0", "v2-b0").plot.panels:
        assert [series.title for series in panel.series] == ["B0", "V2-B0"]
        assert panel.borders == ()
    (panel, *_) = made("cost", "b0").plot.panels
    assert len(panel.borders) == 1 + 7 + 1
    assert [text for _, text in panel.x.marks] == ["S", *"1234567", "F", "C"]
    (panel, *_) = made("cost", "b1", "b2").plot.panels
    assert len(panel.borders) == 1 + 7 + 1


def with_layers_before() -> LayerGraph:
    """B0 that mirrors its images first, by a convolution of its own."""
    graph = graph_of("b0")
    image = next(layer for layer in graph if layer.operation == "input")
    own = next(layer for layer in graph if layer.operation == "convolution")._replace(
        name="own",
        inputs=(image.name,),
        output_shape=image.output_shape,
        stride=(1, 1),
        filters=3,
    )
    moved = (
        layer._replace(inputs=tuple("own" if name == image.name else name for name in layer.inputs))
        for layer in graph
        if layer is not image
    )
    return replace(graph, layers=(image, own, *moved))


def test_the_axis_says_of_the_depth_only_what_holds() -> None:
    plain, before = network_of("b0"), Network(with_layers_before())
    assert before.anatomy.before
    alone, both = (KINDS["cost"](networks, PlotOptions()).plot.panels[0].x for networks in ([before], [plain, before]))
    assert alone.title.startswith("B layers before, S stem, 1–7 blocks, F final layers, C classifier")
    assert "0 is the stem" not in both.title
    assert "0 is the stem" in made("cost", "b0", "b1").plot.panels[0].x.title
    stem = Network(extractor("block1a_dwconv"))
    assert not stem.anatomy.blocks
    assert "blocks" not in KINDS["cost"]([stem], PlotOptions()).plot.panels[0].x.title


def test_receptive_fields_and_resolutions_are_those_of_the_graph() -> None:
    points = points_of(made("receptive-field", "b0"))
    found = {point["place"]: (point["receptive_field"], point["resolution"]) for point in points}
    assert found["1a"] == ([7, 7], [112, 112])
    assert found["4c"] == ([147, 147], [14, 14])
    assert found["7a"] == ([851, 851], [7, 7])
    fields, resolutions = made("receptive-field", "b0", "b7").plot.panels
    assert [series.points[-1].y for series in resolutions.series] == [7, 19]
    assert all(series.points[-1].y == max(point.y for point in series.points) for series in fields.series)


def test_a_model_of_one_s_own_is_plotted() -> None:
    network = Network(with_decoder())
    for kind in PLOT_NAMES[1:]:
        result = KINDS[kind]([network], PlotOptions())
        assert points_of(result)
        assert result.plot.panels


def test_a_size_that_is_assumed_is_said_to_be() -> None:
    graph = replace(graph_of("b0"), target=None, name="mine")
    left_open, fixed = Network(graph, leaves_size_open=True), Network(graph)
    said = "any size, shown at 224×224×3"
    assert model_facts(left_open)[1:] == [f"input {said}", *model_facts(fixed)[2:]]
    for kind in ("cost", "receptive-field", "scaling"):
        open_plot, fixed_plot = (KINDS[kind]([each], PlotOptions()).document.notes for each in (left_open, fixed))
        assert f"mine takes images of {said}." in open_plot
        assert not any("any size" in note for note in fixed_plot)


@pytest.mark.parametrize(
    ("graph", "scaling", "growth"),
    [
        (lambda: graph_of("b0"), ["final layers", "classifier"], ["classifier"]),
        (lambda: extractor("block5b_add"), [], []),
        (with_decoder, ["layers after", "other branches"], ["layers after", "other branches"]),
        (with_layers_before, ["layers before", "final layers", "classifier"], ["layers before", "classifier"]),
    ],
)
def test_what_is_not_drawn_is_said(graph: Callable[[], LayerGraph], scaling: list[str], growth: list[str]) -> None:
    network = Network(graph())
    notes = KINDS["scaling"]([network], PlotOptions()).document.notes
    captions = [caption.text for caption in figure([network], "growth").captions]
    for texts, expected in ((notes, scaling), (captions, growth)):
        said = " ".join(text for text in texts if text.startswith("Not drawn: "))
        titles = [stage.title.lower() for stage in network.anatomy.stages if stage.layers]
        assert [title for title in titles if f"{title} (" in said] == expected


def test_stages_are_as_wide_high_and_long_as_in_the_graph() -> None:
    points = points_of(made("scaling", "b7"))
    network = network_of("b7")
    blocks = [point for point in points if point["sub_blocks"]]
    assert tuple(point["sub_blocks"] for point in blocks) == network.repeats
    assert [point["channels"] for point in points] == list(network.channels)
    assert [point["resolution_out"] for point in blocks] == [300, 150, 75, 38, 38, 19, 19]


def test_one_thing_is_scaled_at_a_time_and_then_all() -> None:
    networks = [network_of(target) for target in SCALED]
    traits = [(max(each.channels[:-1]), len(each.anatomy.sub_blocks), each.resolution) for each in networks]  # type: ignore[type-var]
    baseline, wider, deeper, higher, compound = traits
    assert (wider[1:], deeper[::2], higher[:2]) == (baseline[1:], baseline[::2], baseline[:2])
    assert compound == (wider[0], deeper[1], higher[2])
    figure = scaled()
    texts = {caption.text for caption in figure.captions if caption.role == "accent"}
    assert {"448 channels", "32 sub-blocks", "380 pixels"} <= texts
    assert {"(a) baseline", "(e) compound"} <= {caption.text for caption in figure.captions}


@pytest.mark.parametrize("targets", [("b0", "b3", "b7"), tuple(SCALED), ("l2", "b0"), tuple(f"b{n}" for n in range(8))])
def test_slabs_are_on_one_scale(targets: tuple[str, ...]) -> None:
    figure = scaled(*targets)
    boxes = {box.key: box for box in figure.boxes}
    for index, target in enumerate(targets):
        for each in network_of(target).anatomy.sub_blocks:
            box, shape = boxes[f"{index} Sub-block {each.name}"], each.output_shape
            assert shape is not None
            assert box.width / boxes["scale"].width == pytest.approx((shape[2] or 0) / 100, rel=0.02)
            assert box.height / boxes["scale"].height == pytest.approx((shape[0] or 0) / 100, rel=0.02)


def test_what_is_drawn_of_no_network_is_said_once() -> None:
    said = [caption.text for caption in scaled("b0", "b3", "b7").captions if "Not drawn" in caption.text]
    assert said == ["Not drawn: final layers and classifier."]
    (same,) = (caption.text for caption in scaled("b0").captions if "Not drawn" in caption.text)
    assert same == "Not drawn: final layers (7×7×1280) and classifier (1000)."


@pytest.mark.parametrize("targets", [(), tuple(f"b{n}" for n in range(8)), ("b0", "b7")])
def test_scaling_is_no_higher_than_a_column(targets: tuple[str, ...]) -> None:
    assert PAGES["column"].has_room_for(scaled(*targets, fit="column"))


@pytest.mark.parametrize("fit", FIT_NAMES)
@pytest.mark.parametrize("targets", [(), ("b0", "l2"), tuple(f"b{n}" for n in range(8)), ("v2-xl",)])
def test_the_figure_of_scaling_is_readable_and_whole(targets: tuple[str, ...], fit: FitName) -> None:
    figure = scaled(*targets, fit=fit)
    assert faults(figure) == []
    assert min(figure.text_sizes) >= 6
    assert figure.width == pytest.approx(PAGES[fit].width)
    assert figure.height <= (PAGES[fit].height or figure.height)


def test_every_kind_has_its_usual_targets() -> None:
    assert tuple(USUAL) == PLOT_NAMES
    assert all(made(kind).document.tables for kind in PLOT_NAMES)
