"""Two networks place by place: every difference is at its place and item, and all else is equal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import what
from effnet_inspect.views.compare.places import Alignment, Column
from tests.graphs import anatomy_of, extractor, graph_of, network_of, with_decoder, without_stem
from tests.structure.edits import EDITS, NotHere, with_edits
from tests.views.diagram.test_backbones import twins

SLIGHT = frozenset(
    {
        "drop rate",
        "no drop",
        "dropout inside",
        "noise behind",
        "mark behind",
        "momentum",
        "frozen",
        "squeeze-excite's gate frozen",
        "squeeze-excite frozen",
    }
)
"""The edits that change nothing at inference."""


def aligned(first: str | LayerGraph, second: str | LayerGraph) -> Alignment:
    one, other = (network_of(each) if isinstance(each, str) else Network(each) for each in (first, second))
    return Alignment(one, other)


def by_status(alignment: Alignment) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column in alignment.columns:
        found.setdefault(column.status, []).append(column.title)
    return found


@pytest.mark.parametrize("target", ["b0", "b5", "v2-s", "lite0", "l2"])
def test_a_network_equals_itself(target: str) -> None:
    alignment = aligned(target, target)
    assert set(by_status(alignment)) == {"same"}
    assert alignment.first_difference is None
    assert sum(len(column.first) for column in alignment.columns) == len(network_of(target).anatomy.stages) - len(
        anatomy_of(target).blocks
    ) + len(anatomy_of(target).sub_blocks)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_at_its_sub_block_and_at_its_items(name: str) -> None:
    target, position = ("v2-b0", 1) if name == "fused kernel" else ("b0", 6)
    try:
        graph, expected = with_edits(graph_of(target), [(name, anatomy_of(target).sub_blocks[position])])
    except NotHere:
        position = 0
        graph, expected = with_edits(graph_of(target), [(name, anatomy_of(target).sub_blocks[position])])
    edited = anatomy_of(target).sub_blocks[position].name
    alignment = aligned(target, graph)
    status = "changed-slightly" if name in SLIGHT else "changed"
    assert by_status(alignment).get(status) == [edited]
    assert set(by_status(alignment)) == {"same", status}
    column = alignment.first_difference
    assert column
    rows = {(row.key.landmark, row.key.kind): row.status for row in alignment.items(column) if row.status != "same"}
    assert {(landmark, kind) for _, landmark, kind, _ in expected} <= rows.keys()
    assert [what(change) for change in alignment.at(column)]


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [("b0", "b1", "inserted"), ("b1", "b0", "deleted")],
)
def test_what_only_one_has_is_inserted_or_deleted(first: str, second: str, status: str) -> None:
    alignment = aligned(first, second)
    assert by_status(alignment)[status] == ["1b", "2c", "3c", "4d", "5d", "6e", "7b"]
    own = [each.title for each in alignment.columns if each.status == "changed-slightly" and not each.size_only]
    assert own == ["Input", "2b", "3b", "4b–4c", "5b–5c", "6b–6d"]


def test_a_layer_added_and_one_removed_stand_where_they_are() -> None:
    sub_block = anatomy_of("b0").sub_blocks[6]
    graph, _ = with_edits(
        graph_of("b0"), [("no squeeze-excite", sub_block), ("second depthwise convolution", sub_block)]
    )
    alignment = aligned("b0", graph)
    column = alignment.first_difference
    assert column
    rows = alignment.items(column)
    statuses = [(row.key.landmark, row.key.kind, row.status) for row in rows if row.status != "same"]
    assert ("depthwise", "added", "inserted") in statuses
    assert ("attention", "attention", "deleted") in statuses
    for row in rows:
        assert (row.first is None) == (row.status == "inserted")
        assert (row.second is None) == (row.status == "deleted")


def test_the_first_difference_is_the_first_that_matters() -> None:
    assert _first("b0", "b1").title == "1b"
    assert _first("b0", "v2-b0").title == "1a"
    assert _first("b0", "b0@256").title == "Input"
    assert _first("b0", "b0+imagenet").title == "Stem"


def _first(one: str, other: str) -> Column:
    column = aligned(one, other).first_difference
    assert column
    return column


def test_places_whose_data_have_another_size_are_not_equal() -> None:
    alignment = aligned("b0", "b0@512")
    assert {column.status for column in alignment.columns} == {"changed-slightly"}
    assert {column.changes for column in alignment.columns} == {(0,)}
    assert [len(column.first) for column in alignment.with_equal_joined()] == [0, 19]


def two_inputs() -> LayerGraph:
    """B0 with a second input, which nothing but a layer of its own takes."""
    graph = graph_of("b0")
    extra = Layer("extra", "input", "InputLayer", output_shape=(10,))
    joined = Layer("joined", "concatenate", "Concatenate", (graph.layers[-1].name, "extra"), (1010,))
    return LayerGraph("two inputs", (*graph.layers, extra, joined))


ALIGNED: dict[str, Callable[[], LayerGraph]] = {
    **{target: partial(graph_of, target) for target in ("b0", "b7", "b0@512", "v2-b0", "v2-s", "lite0", "es")},
    "decoder": with_decoder,
    "no stem": without_stem,
    "two inputs": two_inputs,
    "twins": twins,
    "cut": lambda: cut(),
    "cut in 4a": lambda: extractor("block4a_expand_activation"),
    "cut with another sub-block": lambda: with_edits(cut(), [("kernel", anatomy_of("b0").sub_blocks[4])])[0],
}
"""Networks that differ in every way, inside and around their sub-blocks."""


@pytest.mark.parametrize(("one", "other"), list(permutations(ALIGNED, 2)))
def test_numbers_lead_to_all_differences_in_the_order_of_the_data(one: str, other: str) -> None:
    alignment = aligned(ALIGNED[one](), ALIGNED[other]())
    numbers = [number for column in alignment.columns for number in column.changes]
    assert list(dict.fromkeys(numbers)) == list(range(len(alignment.changes)))
    for column in alignment.columns:
        assert (column.status == "same") == (not column.changes)
        for first, second in zip(column.first, column.second, strict=False):
            shapes_are_equal = (first.input_shape, first.output_shape) == (second.input_shape, second.output_shape)
            assert shapes_are_equal or column.status != "same"


def cut() -> LayerGraph:
    """B0 up to the middle of 5b."""
    graph = graph_of("b0")
    kept = {"block5b_activation", *graph.ancestors(["block5b_activation"])}
    return LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept))


def test_a_sub_block_in_which_a_network_is_cut_stands_below_the_whole_one() -> None:
    found = by_status(aligned("b0", cut()))
    assert found["changed"] == ["5b"]
    assert found["deleted"] == ["5c", "6a", "6b–6d", "7a", "Final layers", "Classifier"]
    assert "inserted" not in found
    assert by_status(aligned(cut(), cut())).keys() == {"same"}


def test_a_decoder_is_inserted_and_the_head_deleted() -> None:
    found = by_status(aligned("b0", with_decoder()))
    assert found["inserted"] == ["Layers after", "Other branches"]
    assert found["deleted"] == ["Final layers", "Classifier"]


def test_equal_places_in_a_row_are_one_where_it_is_asked_for() -> None:
    graph, _ = with_edits(graph_of("b0"), [("kernel", anatomy_of("b0").sub_blocks[6])])
    alignment = aligned("b0", graph)
    joined = alignment.with_equal_joined()
    assert [(column.title, column.status) for column in joined] == [
        ("Input–4a", "same"),
        ("4b", "changed"),
        ("4c–Classifier", "same"),
    ]
    assert sum(len(column.first) for column in joined) == sum(len(column.first) for column in alignment.columns)


def test_layers_before_that_do_nothing_are_the_first_difference_only_where_there_is_no_other() -> None:
    graph = graph_of("b0")
    first, second, *rest = graph.layers
    outer = Layer("outer", "input", "InputLayer", output_shape=first.output_shape)
    inner = Layer(first.name, "identity", "Identity", ("outer",), first.output_shape)
    nested = LayerGraph("nested", (outer, inner, second, *rest))
    alone, other = (aligned(target, nested).first_difference for target in ("b0", "b1"))
    assert alone
    assert alone.title == "Layers before"
    assert other
    assert other.title == "1b"
