from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from effnet_inspect.catalog.targets import FileTarget, expand_targets
from effnet_inspect.document import Document
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.compare.aspects import choices
from effnet_inspect.views.compare.verdict import judge
from tests.graphs import (
    VARIANTS,
    anatomy_of,
    extractor,
    graph_of,
    measures_of,
    network_of,
    rename,
    with_decoder,
    with_layer,
    without_layers,
)

ARTICLE_CHANNELS = """
    32    32    40    48    48    56    64
    16    16    24    24    24    32    32
    24    24    32    32    40    40    48
    40    48    48    56    64    72    80
    80    88    96   112   128   144   160
   112   120   136   160   176   200   224
   192   208   232   272   304   344   384
   320   352   384   448   512   576   640
  1280  1408  1536  1792  2048  2304  2560
"""
"""The last table of the article: stages 1 to 9, B1 to B7."""


def networks_of(*words: str) -> list[Network]:
    return [network_of(target.text) for target in expand_targets(words)]


def compared(words: str, aspects: str, **options: Any) -> Document:
    return compare(networks_of(*words.split()), CompareOptions(aspects.split(), **options))


def mine(graph: LayerGraph) -> Network:
    """A graph as if it came from a file."""
    return Network(replace(graph, name="mine", target=FileTarget("mine.keras")))


def text(document: Document, width: int | None = None) -> str:
    return FORMATS["terminal"].render(document, Options(width=width)).decode()


def test_the_articles_63_cells() -> None:
    data = compared("b1..b7", "channels").data
    rows = data["aspects"]["channels"]["rows"]
    expected = [[int(cell) for cell in line.split()] for line in ARTICLE_CHANNELS.strip().splitlines()]
    assert [row["values"] for row in rows] == expected
    assert [row["stage"] for row in rows] == list(range(1, 10))
    assert rows[0]["part"] == "Stem"
    assert rows[-1]["part"] == "Final layers"
    assert data["models"] == ["b1", "b2", "b3", "b4", "b5", "b6", "b7"]


@pytest.mark.parametrize(("first", "second"), [*combinations(VARIANTS, 2)])
def test_the_verdict_of_every_pair(first: str, second: str) -> None:
    found = judge([network_of(first), network_of(second)])
    assert found.level == ("same graph" if {first, second} == {"b1", "b2"} else "same blocks")
    assert found.groups == ()
    assert [pair.first.key for pair in found.pairs] == [first]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("b0 b0", "B0 and B0 are the same network."),
        ("b1 b2", "B1 and B2 have the same graph; they differ in channels, resolution and dropout rates."),
        ("b3 b3@512", "B3 and B3@512 have the same graph; they differ in resolution."),
        (
            "b1 b7",
            "B1 and B7 share one block structure; they differ in repeats, channels, resolution and dropout rates.",
        ),
        (
            "all",
            (
                "All 8 share one block structure; they differ in repeats, channels, resolution and dropout rates. "
                "B1 and B2 have the same graph; they differ in channels, resolution and dropout rates."
            ),
        ),
        (
            "b0 v2-b0 b0@64",
            (
                "B0 and B0@64 have the same graph; they differ in resolution. "
                "B0 and V2-B0 differ in 10 ways: squeeze-excite missing (1a, 2a, 2b, 3a and 3b); block 7 missing (the "
                "end); sub-blocks 3 → 5 in block 5, other values elsewhere (block 5 and block 6), and 7 more."
            ),
        ),
    ],
)
def test_the_sentence(words: str, sentence: str) -> None:
    assert compared(words, "channels").lead == sentence


def test_the_verdict_does_not_read_names() -> None:
    graph = graph_of("b0")
    renamed = rename(graph, {layer.name: f"x{index}" for index, layer in enumerate(graph)})
    assert compare([network_of("b0"), mine(renamed)]).lead == "B0 and mine.keras are the same network."


def test_a_changed_kernel_is_named_in_the_verdict() -> None:
    graph = graph_of("b0")
    layers = tuple(layer._replace(kernel=(5, 5)) if layer.name == "block4b_dwconv" else layer for layer in graph.layers)
    verdict = compare([network_of("b0"), mine(replace(graph, layers=layers))]).data["verdict"]
    assert verdict["level"] == "different"
    assert verdict["sentence"] == "B0 and mine.keras differ in 1 way: depthwise kernel 3×3 → 5×5 (4b)."
    assert verdict["differences"] == [
        {
            "models": ["b0", "mine.keras"],
            "places": ["4b"],
            "item": "depthwise convolution",
            "what": "kernel",
            "from": [3, 3],
            "to": [5, 5],
            "effect": "outputs",
            "sentence": "4b: depthwise kernel 3×3 → 5×5",
        }
    ]


def test_differences_have_a_table_of_their_own() -> None:
    graph = graph_of("b0")
    changed = with_layer(with_layer(graph, "block4b_dwconv", kernel=(5, 5)), "block4b_drop", rate=0.5)
    table = compare([network_of("b0"), mine(changed)]).tables[0]
    assert table.title == "Differences"
    assert [row.values for row in table.rows] == [
        ("4b", "depthwise kernel 3×3 → 5×5", "outputs"),
        ("4b", "dropout rate 0.075 → 0.5", "training only"),
    ]
    several = compare([network_of("b0"), mine(changed), network_of("b1")]).tables[0]
    # What the tables by stage show is not said again.
    assert [row.values[:2] for row in several.rows] == [("mine.keras", "4b")]


def two_backbones() -> LayerGraph:
    """B0 and B3 in one model."""
    both = [
        rename(graph_of(key), {layer.name: f"{key}/{layer.name}" for layer in graph_of(key)}) for key in ("b0", "b3")
    ]
    return LayerGraph("both.keras", (*both[0].layers, *both[1].layers))


@pytest.mark.parametrize(("key", "number"), [("b0", 1), ("b3", 2)])
def test_the_backbone_that_matches_is_compared(key: str, number: int) -> None:
    document = compare([network_of(key), mine(two_backbones())])
    assert f"compared is backbone {number}, which is most like B{key[1]}." in document.notes[0]
    assert {row.values[0] for row in document.tables[0].rows} == {"other branches"}
    chosen = compare([network_of(key), Network(two_backbones(), 3 - number)])
    assert "most like" not in chosen.notes[0]


def test_groups_among_models_that_differ() -> None:
    verdict = compared("b0 b1 b2 v2-b0", "channels").data["verdict"]
    assert verdict["level"] == "different"
    assert [(group["level"], group["models"]) for group in verdict["groups"]] == [
        ("same blocks", ["b0", "b1", "b2"]),
        ("same graph", ["b1", "b2"]),
    ]


@pytest.mark.parametrize("aspect", choices())
def test_every_aspect_has_a_value_for_every_model(aspect: str) -> None:
    data = compared("all", aspect).data["aspects"][aspect]
    assert data["rows"]
    for row in data["rows"]:
        assert len(row["values"]) == 8
        assert None not in row["values"]


@pytest.mark.parametrize("aspect", ["layers", "parameters", "macs", "activations"])
def test_sums_are_those_of_the_whole_graph(aspect: str) -> None:
    data = compared("b0 v2-s lite0", aspect).data["aspects"][aspect]
    wholes = [measures_of(target).totals() for target in ("b0", "v2-s", "lite0")]
    assert data["total"] == [whole[aspect] for whole in wholes]
    columns = zip(*(row["values"] for row in data["rows"]), strict=True)
    assert [sum(value or 0 for value in column) for column in columns] == data["total"]


@pytest.mark.parametrize(
    ("aspect", "part", "values"),
    [
        ("kernel", "Block 3", [5, 3]),
        ("stride", "Block 5", [1, 1]),
        ("operator", "Block 2", ["MBConv6", "Fused-MBConv4"]),
        ("expansion", "Block 1", [1, 1]),
        ("squeeze-excite", "Block 4", [10, 12]),
        ("squeeze-excite", "Block 1", [8, None]),
        ("resolution", "Final layers", [7, 7]),
        ("receptive-field", "Stem", [3, 3]),
        ("sub-blocks", "Block 7", [1, None]),
        ("layers", "Stem", [7, 6]),
        ("model", "Resolution", [224, 224]),
        ("model", "Dropout", [0.2, 0.2]),
        ("model", "Top-1, published", [0.771, 0.787]),
    ],
)
def test_values_of_b0_and_v2_b0(aspect: str, part: str, values: list[object]) -> None:
    rows = compared("b0 v2-b0", aspect).data["aspects"][aspect]["rows"]
    assert next(row["values"] for row in rows if row["part"] == part) == values


def test_accuracy_is_that_of_the_published_resolution_alone() -> None:
    rows = compared("b3 b3@512", "model").data["aspects"]["model"]["rows"]
    assert rows[-1] == {"stage": None, "part": "Top-1, published", "values": [0.816, None]}


def test_only_differences() -> None:
    document = compared("b1 b4", "channels kernel sub-blocks", only_differences=True)
    assert [*document.data["aspects"]] == ["channels", "sub-blocks"]
    parts = [row["part"] for row in document.data["aspects"]["sub-blocks"]["rows"]]
    assert parts == ["Block 2", "Block 3", "Block 4", "Block 5", "Block 6"]
    assert "No difference in kernel size." in text(document)
    assert "The same in both" not in text(document)


def test_what_does_not_differ_is_named() -> None:
    document = compared("b0 b0", "model channels macs", only_differences=True)
    assert document.tables == ()
    assert document.notes == ("No difference in model, output channels and MACs.",)


def test_one_model_is_shown_for_itself() -> None:
    document = compared("b5", "sub-blocks")
    assert document.lead == "One model alone: name another, and what sets it apart from B5 is listed here."
    assert document.data["verdict"] is None
    assert [row["values"] for row in document.data["aspects"]["sub-blocks"]["rows"]] == [
        [3],
        [5],
        [5],
        [7],
        [7],
        [9],
        [3],
    ]
    assert "•" not in text(document)
    assert "Ratio" not in text(document)


def test_a_model_may_occur_twice() -> None:
    document = compared("b0 b1 b0", "channels")
    keys = [column.key for column in document.tables[0].columns]
    assert len(keys) == len(set(keys))
    assert document.data["models"] == ["b0", "b1", "b0"]
    assert {key for row in document.tables[0].rows for key in row.marked} <= {"b1"}


def csv_lines(document: Document) -> list[str]:
    return FORMATS["csv"].render(document).decode().splitlines()


def test_csv_of_one_aspect_has_a_column_for_every_model_and_the_rows_that_people_see_folded() -> None:
    lines = csv_lines(compared("b1 b4", "sub-blocks"))
    assert lines[:3] == [
        "level,stage,part,b1,b4,ratio",
        "part,2,Block 1,2,2,1.0",
        "part,3,Block 2,3,4,1.3333333333333333",
    ]
    assert lines[-1].startswith("total,,Total,23,32,")
    assert not [line for line in csv_lines(compared("all", "macs")) if "Growth" in line]


def test_csv_of_several_aspects_has_a_row_for_every_value() -> None:
    lines = csv_lines(compared("b0 b1 b0", "channels sub-blocks model"))
    assert lines[:4] == [
        "level,aspect,stage,part,model,value",
        "part,channels,1,Stem,b0,32",
        "part,channels,1,Stem,b1,32",
        "part,channels,1,Stem,b0 (3),32",
    ]
    assert "total,sub-blocks,,Total,b1,23" in lines
    assert "model,model,,Resolution,b1,240" in lines


@pytest.mark.parametrize(
    ("words", "aspects", "expected"),
    [
        # With two models each row that is shown differs.
        ("b1 b2", "channels", []),
        ("b1 b2 b3", "channels", ["b3", "b3", "b3", "b2", *["b2 b3"] * 5]),
        ("b3 b4 b4@64", "sub-blocks", ["", "b4", "b4", "b4", "b4", "b4", "", "", ""]),
        # Where all is other in every model, marks would say nothing.
        ("b0 b1 b2", "resolution", []),
        ("b1 b2 b3", "macs", []),
    ],
)
def test_marked_is_what_changes_from_the_model_before(words: str, aspects: str, expected: list[str]) -> None:
    rows = compared(words, aspects).tables[-1].rows
    marked = [" ".join(sorted(row.marked)) for row in rows]
    assert marked == (expected or [""] * len(rows))


@pytest.mark.parametrize(("aspects", "is_said"), [("channels", True), ("resolution", False)])
def test_growth_is_explained_where_it_is_shown(aspects: str, is_said: bool) -> None:
    assert ("Growth: B2 as a multiple of B0." in " ".join(compared("b0 b1 b2", aspects).notes)) is is_said


@pytest.mark.parametrize(
    ("aspect", "part", "has_ratio"),
    [("channels", "Stem", True), ("macs", "Total", True), ("kernel", "Block 3", False), ("model", "Dropout", False)],
)
def test_a_ratio_stands_where_it_says_something(aspect: str, part: str, has_ratio: bool) -> None:
    table = compared("b0 v2-s", aspect).tables[-1]
    keys = [column.key for column in table.columns]
    (row,) = [row for row in table.rows if part in row.values]
    assert ("ratio" in keys and row.values[keys.index("ratio")] is not None) is has_ratio


def decoder_around_b0() -> Network:
    return mine(with_decoder())


@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_around_a_variant_comes_first(is_first: bool) -> None:
    pair = [decoder_around_b0(), network_of("b0")]
    document = compare(pair if is_first else pair[::-1])
    assert document.lead.startswith(
        "mine.keras contains EfficientNet-B0 with differences: without final layers and classifier, "
        "a decoder of 9 layers, 1 layer beside it"
    )


@pytest.mark.parametrize(("is_first", "kernels"), [(True, "7×7 → 3×3"), (False, "3×3 → 7×7")])
def test_sentence_and_table_go_from_the_first_to_the_second(is_first: bool, kernels: str) -> None:
    pair = [mine(with_layer(with_decoder(), "block2b_dwconv", kernel=(7, 7))), network_of("b0")]
    document = compare(pair if is_first else pair[::-1])
    assert document.lead.endswith(f"depthwise kernel {kernels} (2b).")
    table = next(table for table in document.tables if table.title == "Differences")
    assert f"depthwise kernel {kernels}" in {row.values[1] for row in table.rows}


def test_a_variant_without_its_classifier_is_that_variant() -> None:
    classifier = [layer.name for layer in anatomy_of("b0").classifier.layers]  # type: ignore[union-attr]
    cut = mine(without_layers(graph_of("b0"), classifier))
    assert (
        compare([network_of("b0"), cut]).lead == "mine.keras is EfficientNet-B0 with differences: without classifier."
    )


@pytest.mark.parametrize(
    ("words", "aspects", "only_differences", "sentence"),
    [
        ("", "channels", False, "nothing to compare"),
        ("", "channels", True, "nothing to compare"),
        ("b0", "channels", True, "one model alone"),
        ("b0", "chanels", False, "unknown aspect 'chanels', did you mean 'channels'"),
    ],
)
def test_what_cannot_be_compared(words: str, aspects: str, only_differences: bool, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        compared(words, aspects, only_differences=only_differences)


TWO_MODELS = """\
B1 and B2
B1 and B2 have the same graph; they differ in channels, resolution and dropout
rates.

Differences
Place                    Difference                           Changes
────────────────────────────────────────────────────────────────────────────────
53 convolutions, 3a to   channels 40 → 48 in 3a, other        weights do not fit
the final layers         values elsewhere
17 places, 3b to 7b      squeeze-excite width 10 → 12 in 3b,  weights do not fit
                         other values elsewhere
the input                resolution 240×240 → 260×260         cost
the classifier           dropout rate 0.2 → 0.3               training only

Output channels
#  Part             B1     B2  Ratio
────────────────────────────────────
4  Block 3          40     48  ×1.20
5  Block 4          80     88  ×1.10
6  Block 5         112    120  ×1.07
7  Block 6         192    208  ×1.08
8  Block 7         320    352  ×1.10
9  Final layers  1,280  1,408  ×1.10
The same in both: Stem = 32 · Block 1 = 16 · Block 2 = 24

Sub-blocks
The same in both: Block 1 = 2 · Block 2 = 3 · Block 3 = 3 · Block 4 = 4
Block 5 = 4 · Block 6 = 5 · Block 7 = 2 · Total = 23
Sub-blocks are the repeats of a stage, the paper's “#Layers”.
"""

EIGHT_AT_140 = """\
MACs
#  Part               B0       B1       B2       B3       B4       B5       B6       B7   Growth
────────────────────────────────────────────────────────────────────────────────────────────────
1  Stem          10.84 M  12.44 M  14.60 M  24.30 M  46.79 M  67.37 M  105.4 M  155.5 M   ×14.35
2  Block 1       10.04 M  17.28 M  20.28 M  47.52 M  85.78 M  164.7 M  342.9 M  590.4 M   ×58.83
"""

EIGHT_AT_80 = """\
MACs
#  Part               B0       B1       B2       B3       B4
────────────────────────────────────────────────────────────
1  Stem          10.84 M  12.44 M  14.60 M  24.30 M  46.79 M
2  Block 1       10.04 M  17.28 M  20.28 M  47.52 M  85.78 M
"""

EIGHT_AT_80_GOES_ON = """\

   Total         385.8 M  686.8 M  993.6 M  1.827 G  4.394 G
   Growth          ×1.00    ×1.78    ×2.58    ×4.74   ×11.39

#  Part               B5       B6       B7   Growth
───────────────────────────────────────────────────
1  Stem          67.37 M  105.4 M  155.5 M   ×14.35
"""


def test_two_models_at_80() -> None:
    assert text(compared("b1 b2", "channels sub-blocks"), 80) == TWO_MODELS


def test_eight_models_fit_140_columns_and_wrap_at_80() -> None:
    document = compared("all", "macs")
    assert EIGHT_AT_140 in text(document, 140)
    assert EIGHT_AT_80 in text(document, 80)
    assert EIGHT_AT_80_GOES_ON in text(document, 80)


@pytest.mark.parametrize("width", [40, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = text(compared("all", " ".join(choices())), width).splitlines()
    assert max(map(len, lines)) <= width


def test_what_was_cut_off_is_said_in_a_sentence() -> None:
    cut = Network(extractor("block4b_dwconv"))
    assert compare([network_of("b0"), cut]).lead.endswith(
        "features is EfficientNet-B0 with differences: without everything after the depthwise convolution of 4b: "
        "blocks 5 to 7, final layers and classifier, sub-blocks 3 → 1 (block 4)."
    )


def with_exit(enlarged: bool) -> LayerGraph:
    """B0 with a second way out: a classifier of its own, or a decoder of one step."""
    graph = graph_of("b0")
    if enlarged:
        more = (
            Layer("larger", "upsampling", "UpSampling2D", ("top_activation",), (14, 14, 1280), stride=(2, 2)),
            Layer("end", "concatenate", "Concatenate", ("larger", "block5c_add"), (14, 14, 1392)),
        )
    else:
        more = (
            Layer("pooled", "global_average_pooling", "GlobalAveragePooling2D", ("block3b_add",), (40,)),
            Layer("end", "dense", "Dense", ("pooled",), (5,), 205, 205, filters=5, use_bias=True),
        )
    return replace(graph, layers=(*graph.layers, *more), outputs=("predictions", "end"), target=None)


@pytest.mark.parametrize(("enlarged", "said"), [(True, "a decoder of 2 layers"), (False, "2 layers after it")])
def test_a_decoder_enlarges_what_it_joins(enlarged: bool, said: str) -> None:
    sentence = judge([network_of("b0"), Network(with_exit(enlarged))]).sentence
    assert said in sentence
    assert ("decoder" in sentence) is enlarged
