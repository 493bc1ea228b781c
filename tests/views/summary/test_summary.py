"""The summary: its sums, its folding, its contract as JSON, and how it looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from effnet_inspect.choices import LEVELS
from effnet_inspect.document import Document
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.measures import measures_that_add_up
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.summary.rows import stage_columns
from tests.family import FAMILY
from tests.goldens import assert_golden
from tests.graphs import anatomy_of, graph_of, network_of, with_layer
from tests.structure.edits import insert_after


def summarized(target: str, **options: Any) -> Document:
    return summary(network_of(target), SummaryOptions(**options))


def rows(document: Document) -> list[dict[str, Any]]:
    """The table's rows as dictionaries, with their level and role."""
    (table,) = document.tables
    keys = [column.key for column in table.columns]
    return [{**dict(zip(keys, row.values, strict=True)), "level": row.level, "role": row.role} for row in table.rows]


SUMMED = ("layers", "parameters", "macs", "activations", "parameters_share", "macs_share")


@pytest.mark.parametrize("variant", FAMILY)
@pytest.mark.parametrize("level", ["block", "sub-block", "module"])
@pytest.mark.parametrize("fold", [False, True])
def test_every_level_sums_to_the_one_above(variant: str, level: str, fold: bool) -> None:
    table = rows(summarized(variant, level=level, fold=fold))
    total = table.pop()
    assert total["role"] == "total"
    for depth in range(LEVELS.index(level) + 1):
        for index, above in enumerate([total, *table]):
            below = table if index == 0 else table[index:]
            if index and above["level"] != depth - 1:
                continue
            own = []
            for row in below:
                if index and row["level"] < depth:
                    break
                if row["level"] == depth:
                    own.append(row)
            if own and (index or depth == 0):
                for key in SUMMED:
                    assert sum(row[key] or 0 for row in own) == pytest.approx(above[key] or 0), (above, key)


@pytest.mark.parametrize("variant", FAMILY)
def test_one_row_a_stage_as_in_the_papers_table(variant: str) -> None:
    member = FAMILY[variant]
    table = rows(summarized(variant))
    assert [row["stage"] for row in table] == [1, 2, 3, 4, 5, 6, 7, 8, 9, None, None]
    assert tuple(row["channels"] for row in table[:9]) == (member.stem, *member.channels, member.head)
    assert tuple(row["sub_blocks"] for row in table[1:8]) == member.repeats
    assert [row["operator"] for row in table[1:8]] == ["MBConv1", *["MBConv6"] * 6]
    assert [row["kernel"] for row in table[1:8]] == [(3, 3), (3, 3), (5, 5), (3, 3), (5, 5), (5, 5), (3, 3)]
    assert [row["stride"] for row in table[:9]] == [2, 1, 2, 2, 2, 1, 2, 1, 1]
    assert table[-1]["parameters"] == member.parameters[0]
    assert table[-1]["parameters_share"] == 1


def test_papers_resolutions_of_b0_are_the_stages_inputs() -> None:
    inputs = [row["input"] for row in rows(summarized("b0"))[:9]]
    assert [sides[0] for sides in inputs] == [224, 112, 112, 56, 28, 14, 14, 7, 7]


@pytest.mark.parametrize(
    ("variant", "names"),
    [
        ("b0", ["1a", "2a", "2b", "3a", "3b", "4a", "4b–4c ×2", "5a", "5b–5c ×2", "6a", "6b–6d ×3", "7a"]),
        (
            "b5",
            [
                *("1a", "1b–1c ×2", "2a", "2b–2e ×4", "3a", "3b–3e ×4", "4a", "4b–4g ×6"),
                *("5a", "5b–5g ×6", "6a", "6b–6i ×8", "7a", "7b–7c ×2"),
            ],
        ),
    ],
)
def test_equal_neighbours_fold(variant: str, names: list[str]) -> None:
    document = summarized(variant, level="sub-block", fold=True)
    assert [row["part"] for row in rows(document) if row["level"] == 1] == names


@pytest.mark.parametrize("number", range(1, 8))
def test_one_block_alone(number: int) -> None:
    table = rows(summarized("b1", level="sub-block", block=number))
    whole = [row for row in rows(summarized("b1")) if row["stage"] == number + 1]
    assert {key: value for key, value in table[0].items() if key != "drop_rate"} == whole[0]
    assert all(row["role"] == "row" for row in table)
    for key in SUMMED:
        assert sum(row[key] for row in table[1:]) == pytest.approx(whole[0][key], rel=1e-12)
    assert len(table) == 1 + FAMILY["b1"].repeats[number - 1]


@pytest.mark.parametrize("number", [-1, 0, 8])
def test_a_block_that_is_not_there(number: int) -> None:
    with pytest.raises(UsageError, match=f"there is no block {number}: EfficientNet-B1 has the blocks 1 to 7"):
        summarized("b1", block=number)


def test_layers_are_all_there_in_order() -> None:
    table = [row for row in rows(summarized("b0", level="layer")) if row["operator"] and "_" in row["part"]]
    names = [row["part"] for row in table]
    assert [name for name in names if name.startswith("block")] == [
        layer.name for block in anatomy_of("b0").blocks for layer in block.layers
    ]


@pytest.mark.parametrize("variant", FAMILY)
def test_json_and_its_sums(variant: str) -> None:
    member = FAMILY[variant]
    text = FORMATS["json"].render(summarized(variant, level="layer", block=3)).decode()
    data = json.loads(text)
    assert data == json.loads(FORMATS["json"].render(summarized(variant)).decode())
    assert list(data) == [
        *("format", "model", "stem", "blocks", "head", "classifier", "taps"),
        *("preprocessing", "frozen", "remarks", "identity"),
    ]
    assert (data["format"], data["remarks"]) == (1, [])
    parts = [data["stem"], *data["blocks"], data["head"], data["classifier"]]
    for block in data["blocks"]:
        for sub_block in block["sub_blocks"]:
            names = [name for module in sub_block["modules"] for name in module["layers"]]
            assert len(names) == sub_block["layers"]
            assert all(name in graph_of(variant) for name in names)
        for key in [measure.key for measure in measures_that_add_up()]:
            assert sum(each[key] for each in block["sub_blocks"]) == block[key]
    for key in [measure.key for measure in measures_that_add_up()]:
        assert sum(part[key] for part in parts) == data["model"][key]
    assert data["model"]["target"] == variant
    assert data["model"]["input_shape"] == [member.resolution, member.resolution, 3]
    assert (data["model"]["layers"], data["model"]["layers_without_classifier"]) == member.layers
    assert data["model"]["parameters"] == member.parameters[0]
    assert data["model"]["exact"] is True
    assert [len(block["sub_blocks"]) for block in data["blocks"]] == list(member.repeats)


def test_a_sum_that_lacks_something_says_so() -> None:
    graph = graph_of("b0")
    riddle = Layer("riddle", "opaque", "Riddle", ("predictions",), parameters=None, trainable_parameters=None)
    longer = LayerGraph("longer", (*graph.layers, riddle))
    document = summary(Network(longer))
    assert document.data["model"]["exact"] is False
    assert [note for note in document.tables[0].notes if "riddle" in note]
    assert "at least" in {fact.remark for fact in document.header}
    assert not any("riddle" in note for note in summarized("b0").tables[0].notes)


VIEWS: dict[str, dict[str, Any]] = {
    "b0": {},
    "b5-folded": {"level": "sub-block", "fold": True},
    "b0-modules": {"level": "module", "block": 2},
    "b0-layers": {"level": "layer", "block": 1},
    "b0-counts": {"counts": True},
    "b0-found": {"find": "op:depthwise shape:14x14"},
}


@pytest.mark.parametrize("width", [80, 140, None])
@pytest.mark.parametrize("name", VIEWS)
def test_how_it_looks(name: str, width: int | None) -> None:
    document = summarized(name.split("-")[0], **VIEWS[name])
    text = FORMATS["terminal"].render(document, Options(width=width)).decode()
    assert_golden(f"summary-{name}-{width or 'pipe'}.txt", text)
    if width:
        assert max(map(len, text.splitlines())) <= width
    else:
        keys = [column.key for column in document.tables[0].columns]
        whole = [column.key for column in stage_columns(drop_rates=VIEWS[name] != {})]
        assert keys == whole or name.split("-")[-1] in ("layers", "counts", "found")
        assert "Left out" not in text


@pytest.mark.parametrize("options", [SummaryOptions(preset="paper"), SummaryOptions(block=1)])
def test_what_asks_for_blocks_is_told_that_there_are_none(options: SummaryOptions) -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    half = Layer("half", "max_pooling", "MaxPooling2D", ("image",), (4, 4, 3), stride=(2, 2))
    with pytest.raises(UsageError, match="plain has no MBConv sub-blocks"):
        summary(Network(LayerGraph("plain", (image, half))), options)


def with_stem_of_two() -> LayerGraph:
    """B0 with a second convolution in its stem, without a stride and over 5×5."""
    graph = graph_of("b0")
    second = graph["stem_conv"]._replace(name="second", inputs=("stem_activation",), kernel=(5, 5), stride=(1, 1))
    second = second._replace(padding="same", output_shape=(112, 112, 32), parameters=25600)
    return insert_after(graph, "stem_activation", second)


MIXED: tuple[tuple[str, Callable[[], LayerGraph], str, dict[str, Any]], ...] = (
    (
        "as published",
        lambda: graph_of("b0"),
        "Block 4",
        {"operator": "MBConv6", "kernel": (3, 3), "squeeze_excite": 10},
    ),
    ("a stem of two", with_stem_of_two, "Stem", {"operator": "Conv2D", "kernel": "3×3 / 5×5", "stride": 2}),
    (
        "another kernel",
        lambda: with_layer(graph_of("b0"), "block4b_dwconv", kernel=(7, 7)),
        "Block 4",
        {"kernel": "3×3 / 7×7", "stride": 2},
    ),
    (
        "another width",
        lambda: with_layer(graph_of("b0"), "block5c_se_reduce", filters=7),
        "Block 5",
        {"squeeze_excite": "20 / 28 / 7"},
    ),
)


@pytest.mark.parametrize(("name", "graph", "part", "expected"), MIXED, ids=[row[0] for row in MIXED])
def test_a_row_states_what_all_of_its_part_have(
    name: str, graph: Callable[[], LayerGraph], part: str, expected: dict[str, Any]
) -> None:
    document = summary(Network(graph()))
    table = document.tables[0]
    row = next(each.values for each in table.rows if part in each.values)
    found = dict(zip((column.key for column in table.columns), row, strict=True))
    assert {key: found[key] for key in expected} == expected
    for each in ("terminal", "latex", "csv", "html", "markdown"):
        assert FORMATS[each].render(document)
