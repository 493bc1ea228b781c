"""What each layer of a sub-block is there for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.dominators import Step
from effnet_inspect.structure.roles import AttentionKind, attention_kind, is_attention, reached_in
from tests.graphs import anatomy_of, graph_of
from tests.structure.edits import insert_after

ENTRY = Layer("entry", "activation", "Activation", output_shape=(14, 14, 480), activation="silu")
GATE = Layer("gate", "multiply", "Multiply", ("entry", "last"), (14, 14, 480))


def pooled(operation: str = "global_average_pooling", shape: tuple[int, ...] = (480,)) -> Layer:
    return Layer("pooled", operation, "Pooling", ("entry",), shape)  # type: ignore[arg-type]


def mixed(filters: int, activation: str) -> Layer:
    return Layer(
        "mixed", "convolution", "Conv2D", ("pooled",), (1, 1, filters), kernel=(1, 1), groups=1, filters=filters,
        activation=activation,
    )  # fmt: skip


def dense(units: int) -> Layer:
    return Layer("dense", "dense", "Dense", ("pooled",), (units,), filters=units)


MAP = Layer(
    "map", "convolution", "Conv2D", ("entry",), (14, 14, 1), kernel=(7, 7), groups=1, filters=1, activation="sigmoid"
)

KINDS: tuple[tuple[tuple[Layer, ...], AttentionKind], ...] = (
    ((pooled(), mixed(20, "silu"), mixed(480, "sigmoid")), "squeeze-excite"),
    ((pooled("opaque", (1, 1, 480)), mixed(20, "silu"), mixed(480, "sigmoid")), "squeeze-excite"),
    (
        (pooled(), pooled("global_max_pooling"), mixed(20, "relu"), mixed(480, "sigmoid")),
        "channel attention",
    ),
    ((pooled(), Layer("row", "opaque", "Conv1D", ("pooled",), (480, 1), parameters=5)), "efficient channel attention"),
    ((pooled(), dense(20), dense(480)), "squeeze-excite"),
    ((MAP,), "spatial gate"),
    ((Layer("soft", "activation", "Softmax", ("entry",), activation="softmax"), mixed(480, "silu")), "global context"),
    ((pooled(), Layer("same", "activation", "Activation", ("pooled",), activation="sigmoid")), "attention"),
)


@pytest.mark.parametrize(("branch", "kind"), KINDS, ids=[f"{kind} {index}" for index, (_, kind) in enumerate(KINDS)])
def test_kinds_of_attention(branch: tuple[Layer, ...], kind: AttentionKind) -> None:
    step = Step(ENTRY, GATE, (*branch, GATE))
    assert is_attention(step)
    assert attention_kind(step) == kind


def test_what_is_no_attention() -> None:
    """A row of layers, an activation of its own that multiplies its input, and a sum that is not of all positions."""
    own = Layer("own", "activation", "Activation", ("entry",), activation="tanh")
    alone = [own._replace(operation=operation) for operation in ("activation", "rescaling", "identity", "dropout")]
    total = Layer("total", "add", "Add", ("entry", "last"), (14, 14, 480))
    for step in (Step(ENTRY, ENTRY, (ENTRY,)), Step(ENTRY, total, (MAP, total))):
        assert not is_attention(step)
    for layer in alone:
        assert not is_attention(Step(ENTRY, GATE, (layer, GATE))), layer.operation


@pytest.mark.parametrize("target", ["b0", "v2-b0", "lite0"])
def test_every_layer_of_a_sub_block_is_in_one_item(target: str) -> None:
    for sub_block in anatomy_of(target).sub_blocks:
        items = [layer.name for item in sub_block.items for layer in item.layers]
        assert sorted(items) == sorted(layer.name for layer in sub_block.layers)
        assert not any(item.kind == "added" for item in sub_block.items)


def test_what_a_part_ends_after() -> None:
    layers = {layer.name.removeprefix("block6a_"): layer for layer in anatomy_of("b0").sub_blocks[11].layers}
    row = list(layers.values())
    ends = {name: reached_in(row[: row.index(layers[name]) + 1]) for name in layers}
    assert ends == {
        **dict.fromkeys(("expand_conv", "expand_bn", "expand_activation", "dwconv_pad"), "expansion"),
        **dict.fromkeys(("dwconv", "bn", "activation", "se_squeeze", "se_reshape"), "depthwise convolution"),
        **dict.fromkeys(("se_reduce", "se_expand"), "projection"),  # nothing tells them from one yet
        "se_excite": "attention",
        **dict.fromkeys(("project_conv", "project_bn"), "projection"),
    }
    assert reached_in([layers["se_excite"], layers["dwconv"]]) == "attention"


def added_behind(target: str, name: str, operation: OperationName) -> LayerGraph:
    graph = graph_of(target)
    return insert_after(graph, name, Layer("new", operation, "Own", output_shape=graph[name].output_shape))


def added_within(target: str, entry: str, taker: str) -> LayerGraph:
    """A layer that only the main path of a residual connection takes."""
    graph = graph_of(target)
    layers = [each._replace(inputs=("new",)) if each.name == taker else each for each in graph]
    new = Layer("new", "rescaling", "Own", (entry,), graph[entry].output_shape)
    return LayerGraph(graph.name, (*layers, new), graph.outputs)


def gated_behind(target: str, name: str) -> LayerGraph:
    graph = graph_of(target)
    sides = (graph[name].output_shape or ())[:2]
    gate = Layer(
        "new", "convolution", "Conv2D", (name,), (*sides, 1), kernel=(7, 7), stride=(1, 1), filters=1, groups=1,
        activation="sigmoid",
    )  # fmt: skip
    return insert_after(graph, name, gate, Layer("product", "multiply", "Multiply", (name, "new")))


@pytest.mark.parametrize(
    ("edit", "sub_block", "landmark", "kind"),
    [
        (lambda: added_behind("b0", "block2a_dwconv_pad", "rescaling"), "2a", "entry", "added"),
        (lambda: added_within("b1", "block1a_project_bn", "block1b_dwconv"), "1b", "entry", "added"),
        (lambda: added_behind("b0", "block2a_expand_activation", "rescaling"), "2a", "expansion", "added"),
        (lambda: added_behind("b0", "block4b_bn", "rescaling"), "4b", "depthwise", "added"),
        (lambda: added_behind("b0", "block4b_bn", "opaque"), "4b", "depthwise", "activation"),
        (lambda: added_behind("b0", "block4b_project_bn", "opaque"), "4b", "projection", "added"),
        (lambda: added_behind("b0", "block1a_project_bn", "rescaling"), "1a", "between", "added"),
        (lambda: gated_behind("b0", "block4b_project_bn"), "4b", "projection", "attention"),
    ],
)
def test_what_somebody_added_has_its_place(
    edit: Callable[[], LayerGraph], sub_block: str, landmark: str, kind: str
) -> None:
    (found,) = (each for each in dissect(edit()).sub_blocks if each.name == sub_block)
    items = [item for item in found.items if any(layer.name == "new" for layer in item.layers)]
    assert [(item.landmark, item.kind) for item in items] == [(landmark, kind)]
