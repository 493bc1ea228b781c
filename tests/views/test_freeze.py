"""`freeze`: how it looks, and that code stands alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.analysis.freezing import Choice
from effnet_inspect.catalog.targets import FileTarget, parse_target
from effnet_inspect.document import Audience, Document, Table
from effnet_inspect.errors import UsageError
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.freeze import freeze
from tests.goldens import assert_golden
from tests.graphs import extractor, graph_of, network_of

VIEWS: dict[str, Any] = {
    "b0": lambda: freeze(network_of("b0")),
    "b0-6a": lambda: freeze(network_of("b0"), Choice(start="6a")),
    "v2-b0-20": lambda: freeze(network_of("v2-b0"), Choice(layers=20)),
}


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", VIEWS)
def test_how_it_looks(name: str, width: int) -> None:
    document: Document = VIEWS[name]()
    text = FORMATS["terminal"].render(document, Options(width=width)).decode()
    assert_golden(f"freeze-{name}-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_blocks_are_the_sums_of_their_sub_blocks() -> None:
    (table,) = freeze(network_of("b1")).tables
    names = [column.key for column in table.columns]
    rows: list[dict[str, Any]] = [
        {**dict(zip(names, row.values, strict=True)), "level": row.level} for row in table.rows
    ]
    for at, row in enumerate(rows):
        below = []
        for other in rows[at + 1 :]:
            if other["level"] <= row["level"]:
                break
            below.append(other)
        for key in ("layers", "parameters", "trainable"):
            assert not below or row[key] == sum(each[key] for each in below)


def test_the_data_of_a_border() -> None:
    data = freeze(network_of("b1"), Choice(layers=20)).data
    assert data["border"] == data["first_trainable_layer"] == "block7b_expand_activation"
    assert data["first_trainable_index"] == 323
    assert data["nearest_clean_border"] == "7b"
    assert [cut["what"] for cut in data["cuts"]] == ["sub-block", "residual connection"]
    assert data["trainable_parameters"] + data["frozen_parameters"] == 7_856_239


def test_what_becomes_of_batch_normalization_is_said_where_there_is_one() -> None:
    graph = graph_of("b0")
    folded = [
        each._replace(operation="identity") if each.operation == "batch_normalization" else each for each in graph
    ]
    networks = {True: Network(graph), False: Network(replace(graph, layers=tuple(folded)))}
    for is_said, network in networks.items():
        assert any(note.startswith("Batch normalisation stays frozen") for note in freeze(network).notes) is is_said


def test_code_needs_a_border() -> None:
    with pytest.raises(UsageError, match="code needs a border"):
        freeze(network_of("b0"), code=True)
    document = freeze(network_of("b0"), Choice(start="6a"), code=True)
    assert FORMATS["terminal"].render(document).decode() == document.code
    assert 'names.index("block6a_expand_conv")' in document.code


def test_a_sub_block_that_was_cut_off_is_cut_by_a_border_in_it() -> None:
    network = Network(extractor("block4b_dwconv"))
    document = freeze(network, Choice(start="block4b_expand_bn"))
    assert document.lead.startswith(
        "Training begins at block4b_expand_bn. This cuts 4b: of its 4 layers the first stays"
    )
    assert [cut["place"] for cut in document.data["cuts"]] == ["4b"]
    assert freeze(network, Choice(start="Part of 4b")).lead.endswith("No sub-block is cut.")


@pytest.mark.parametrize(("target", "is_said"), [("b0", True), ("b0+imagenet", False), ("v2-b0", False)])
def test_that_weights_add_a_layer_is_said_where_it_is_not_there_yet(target: str, is_said: bool) -> None:
    asked = parse_target(target)
    network = Network(replace(graph_of(target.removesuffix("+imagenet")), target=asked))
    notes = [note for note in freeze(network).notes if "all indices are larger by one" in note]
    assert bool(notes) == is_said


def test_indices_are_shown_where_there_is_a_list_of_layers() -> None:
    graph = replace(graph_of("b0"), target=FileTarget("mine.onnx"), vocabulary="onnx")
    here, there = (freeze(each).tables[0] for each in (network_of("b0"), Network(graph)))

    def keys(table: Table, audience: Audience) -> list[str]:
        return [column.key for column in table.meant_for(audience).columns]

    assert [key for key in keys(here, "people") if key not in keys(there, "people")] == ["first", "last"]
    assert keys(here, "programs") == keys(there, "programs")
