"""What no graph may bring along, wherever it comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.sources.gate import KINDS, Unfit, admitted, fit
from tests.graphs import graph_of

UNFIT: dict[str, tuple[Any, ...]] = {
    "operation": ("nonsense", [1], None),
    "class_name": (3, None),
    "output_shape": ("text", (-1, 0, None), (1.5, "a"), (True,), (1,) * 17, (2**31 + 1,), (2**31,) * 3, [7, 7]),
    "parameters": ("x", -1, 10**4000, 1.0, True),
    "trainable_parameters": ("x",),
    "kernel": ((3,), 3, (3, 3, 3), (0, 3), ("3", "3")),
    "stride": ((1,),),
    "dilation": ((None, 1),),
    "padding": (3,),
    "margins": ((1, 1), ((1,), (1,)), (((1, 1),),)),
    "filters": (-1, 2**40),
    "groups": (0,),
    "use_bias": (1, "yes"),
    "use_scale": (0,),
    "activation": ([],),
    "rate": ("x", float("nan")),
    "epsilon": (float("inf"),),
    "momentum": (True,),
    "scale": (1.0, ("x",), (float("nan"),)),
    "offset": ([1.0],),
    "precision": (16,),
    "multiplier": (-1,),
    "macs": ("x",),
    "steps": (2.5,),
    "settings": ((("a",),), "a", ((1, 2),)),
}


def test_every_attribute_is_tried() -> None:
    assert set(UNFIT) == set(KINDS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in UNFIT.items() for value in values])
def test_a_value_of_another_kind_is_unfit(name: str, value: Any) -> None:
    with pytest.raises(Unfit, match=f"the value of {name} "):
        fit({name: value})


def test_an_ordinary_graph_passes_as_it_is() -> None:
    graph = graph_of("b0")
    assert admitted(graph) is graph


def small(*layers: Layer, **more: Any) -> LayerGraph:
    return LayerGraph("small", layers, **more)


def test_names_can_be_shown_and_are_still_different() -> None:
    dirty = small(
        Layer("", "input", "Input"),
        Layer("a\n", "activation", " ", ("",), activation="\x1b[2J"),
        Layer("a\x1b", "add", "Add\u202e", ("a\n", ""), padding="\ud800", settings=(("\0", "x"),)),
        Layer("a�:2", "identity", "x" * 600, ("a\x1b",), shares_weights_with="a\n"),
        outputs=("a\x1b", "a�:2"),
    )
    graph = admitted(replace(dirty, name="two\nlines", remarks=("a\nremark",)))
    assert [layer.name for layer in graph] == ["(no name)", "a�", "a�:2", "a�:2:2"]
    assert [layer.inputs for layer in graph] == [(), ("(no name)",), ("a�", "(no name)"), ("a�:2",)]
    assert [layer.class_name for layer in graph][:3] == ["Input", "(no name)", "Add�"]
    assert len(graph["a�:2:2"].class_name) == limits.NAME
    assert [layer.shares_weights_with for layer in graph] == [None, None, None, "a�"]
    assert (graph["a�"].activation, graph["a�:2"].padding, graph["a�:2"].settings) == ("�[2J", "�", (("�", "x"),))
    assert (graph.name, graph.outputs, graph.remarks) == ("two�lines", ("a�:2", "a�:2:2"), ("a�remark",))


@pytest.mark.parametrize(
    ("limit", "graph", "says"),
    [
        ("LAYERS", small(Layer("a", "input", "I"), Layer("b", "add", "A", ("a",))), "there are 2 layers, and 1 are"),
        ("REFERENCES", small(Layer("a", "input", "I"), Layer("b", "add", "A", ("a", "a"))), "2 references"),
    ],
)
def test_more_than_can_be_shown(limit: str, graph: LayerGraph, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert admitted(graph) is graph
    monkeypatch.setattr(limits, limit, 1)
    with pytest.raises(SourceError, match=says):
        admitted(graph)


def test_the_sentence_names_the_layer() -> None:
    with pytest.raises(SourceError, match="the layer 'b�' cannot be shown: the value of parameters is not from 0 to"):
        admitted(small(Layer("b\n", "dense", "Dense", parameters=10**30)))
