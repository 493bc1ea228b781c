"""The order of `model.layers`; that it is Keras' own is held against Keras in `test_freezing`."""

from __future__ import annotations

from effnet_inspect.analysis.model_order import is_function, model_order
from effnet_inspect.graph import Layer, LayerGraph


def graph(*edges: tuple[str, tuple[str, ...]]) -> LayerGraph:
    return LayerGraph("made", tuple(Layer(name, "identity", "Identity", inputs) for name, inputs in edges))


def test_layers_beside_each_other_stand_by_their_depth() -> None:
    made = graph(("in", ()), ("a1", ("in",)), ("a2", ("a1",)), ("b", ("in",)), ("end", ("a2", "b")))
    assert [layer.name for layer in made] == ["in", "a1", "a2", "b", "end"]
    assert model_order(made) == ("in", "a1", "a2", "b", "end")
    other = graph(("in", ()), ("b", ("in",)), ("a1", ("in",)), ("a2", ("a1",)), ("end", ("b", "a2")))
    assert [layer.name for layer in other] == ["in", "b", "a1", "a2", "end"]
    assert model_order(other) == ("in", "a1", "b", "a2", "end")


def test_a_nested_model_is_one_name_outside_and_has_an_order_inside() -> None:
    made = graph(("in", ()), ("net/in", ("in",)), ("net/a", ("net/in",)), ("net/b", ("net/a",)), ("end", ("net/b",)))
    assert model_order(made) == ("in", "net", "end")
    assert model_order(made, ["net"]) == ("in", "a", "b")


def test_arithmetic_is_no_layer() -> None:
    layers = (
        Layer("in", "input", "InputLayer"),
        Layer("subtract", "rescaling", "Subtract", ("in",)),
        Layer("rescaling", "rescaling", "Rescaling", ("subtract",)),
    )
    assert [is_function(layer) for layer in layers] == [False, True, False]
    assert model_order(LayerGraph("made", layers)) == ("in", "rescaling")


def test_a_layer_may_be_called_as_the_nested_model_beside_it() -> None:
    made = graph(("in", ()), ("net", ("in",)), ("net/a", ("net",)), ("net/b", ("net/a",)), ("end", ("net/b",)))
    assert model_order(made, ["net"]) == ("a", "b")
