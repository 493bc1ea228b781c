"""Each pass on graphs of a few layers: what goes in, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy
import pytest

from effnet_inspect.graph import Layer, LayerGraph, OperationName, Pair
from effnet_inspect.sources.passes import EXPORTS, Constant, Draft, normalize, normalize_export
from effnet_inspect.sources.passes.activations import bounds, gated_activations, hard_activations
from effnet_inspect.sources.passes.arrangements import (
    flat_poolings,
    identities,
    moves,
    rows_of_reshapes,
    unneeded_reshapes,
    whole_poolings,
)
from effnet_inspect.sources.passes.draft import MOVE, SCALE, SHIFT, UNBLOCK
from effnet_inspect.sources.passes.optimizations import padded_channels, sums_inside
from effnet_inspect.sources.passes.weights import (
    batch_normalizations,
    biases,
    dropouts_by_noise,
    group_normalizations,
    input_normalizations,
    neutral_numbers,
    parameters,
    rescalings,
    rows_of_rescalings,
)
from effnet_inspect.sources.passes.windows import window

IMAGE = (8, 6, 4)


def layer(name: str, operation: OperationName, *inputs: str, **attributes: Any) -> Layer:
    return Layer(name, operation, name.title(), inputs, **attributes)


def chain(*operations: OperationName | dict[str, Any]) -> list[Layer]:
    """An image `x`, and layers `a`, `b`, `c` ... in a row, each an operation or the attributes with it."""
    layers = [layer("x", "input", output_shape=IMAGE)]
    for name, each in zip("abcdefgh", operations, strict=False):
        attributes = dict(each) if isinstance(each, dict) else {"operation": each}
        layers.append(layer(name, attributes.pop("operation"), layers[-1].name, **attributes))
    return layers


def draft(layers: Sequence[Layer], outputs: tuple[str, ...] = (), **constants: Constant) -> Draft:
    held = {name: (constant,) for name, constant in constants.items()}
    return Draft(LayerGraph("small", tuple(layers), outputs), held, keeps_first_name=True)


def vector(source: str = "v", size: int = 4, trainable: bool = True) -> Constant:
    return Constant((size,), sources=(source,), trainable=trainable)


def kernel(source: str = "k") -> Constant:
    return Constant((4, 4, 1, 1), sources=(source,), trainable=True)


def number(value: float) -> Constant:
    return Constant((), numpy.array(value, dtype=object))


def op(operation: str, **attributes: Any) -> dict[str, Any]:
    return {"operation": operation, **attributes}


def activation(name: str) -> dict[str, Any]:
    return op("activation", activation=name)


def shaped(operation: str, *shape: int) -> dict[str, Any]:
    return op(operation, output_shape=shape)


SIGMOID = layer("gate", "activation", "x", activation="sigmoid")
X = layer("x", "input", output_shape=IMAGE)
CONVOLVED = op("convolution", use_bias=False)

RAISING = op("rescaling", scale=(1.0,), offset=(3.0,))

CASES: dict[str, tuple[Callable[[Draft], Draft], Draft, list[str]]] = {
    "x * sigmoid(x)": (
        gated_activations,
        draft([X, SIGMOID, layer("m", "multiply", "x", "gate")]),
        ["x", "m:silu(x)"],
    ),
    "sigmoid(x) * x, and a layer behind it": (
        gated_activations,
        draft([X, SIGMOID, layer("m", "multiply", "gate", "x"), layer("y", "identity", "m")]),
        ["x", "m:silu(x)", "y(m)"],
    ),
    "x * hard_sigmoid(x)": (
        gated_activations,
        draft([X, layer("h", "activation", "x", activation="hard_sigmoid"), layer("m", "multiply", "x", "h")]),
        ["x", "m:hard_silu(x)"],
    ),
    "relu6(x + 3) / 6": (
        hard_activations,
        draft(chain(RAISING, activation("relu6"), op("rescaling", scale=(0.16666667,)))),
        ["x", "c:hard_sigmoid(x)"],
    ),
    "x * relu6(x + 3) / 6": (
        hard_activations,
        draft(
            [
                *chain(RAISING, activation("relu6")),
                layer("m", "multiply", "x", "b"),
                layer("d", "rescaling", "m", scale=(1 / 6,), offset=(0.0,)),
            ]
        ),
        ["x", "d:hard_silu(x)"],
    ),
    "relu6(x + 3) / 5": (
        hard_activations,
        draft(chain(RAISING, activation("relu6"), op("rescaling", scale=(0.2,)))),
        ["x", "a(x)", "b:relu6(a)", "c(b)"],
    ),
    "a gate that others take": (
        gated_activations,
        draft([X, SIGMOID, layer("m", "multiply", "x", "gate"), layer("s", "add", "m", "gate")]),
        ["x", "gate:sigmoid(x)", "m(x,gate)", "s(m,gate)"],
    ),
    "a gate that is an output": (
        gated_activations,
        draft([X, SIGMOID, layer("m", "multiply", "x", "gate")], ("m", "gate")),
        ["x", "gate:sigmoid(x)", "m(x,gate)"],
    ),
    "a gate of something else": (
        gated_activations,
        draft([X, SIGMOID, layer("r", "identity", "x"), layer("m", "multiply", "r", "gate")]),
        ["x", "r(x)", "gate:sigmoid(x)", "m(r,gate)"],
    ),
    "min(relu(x), 6)": (
        bounds,
        draft(chain(activation("relu"), activation("at_most")), b=number(6.0)),
        ["x", "b:relu6(x)"],
    ),
    "min(x, 6)": (bounds, draft(chain(activation("at_most")), a=number(6.0)), ["x", "a:clip(x)"]),
    "identities in a row, at the end": (identities, draft(chain("identity", "identity")), ["x"]),
    "an identity between": (identities, draft(chain("identity", "dropout")), ["x", "b(x)"]),
    "a convolution with weights that adds": (
        sums_inside,
        draft([*chain(CONVOLVED), layer("c", "convolution", "a", "x", activation="relu")], c=kernel()),
        ["x", "a(x)", "c(a)", "c:sum(c,x)", "c:activation:relu(c:sum)"],
    ),
    "a convolution with computed weights": (
        sums_inside,
        draft([*chain(CONVOLVED), layer("c", "convolution", "a", "x")]),
        ["x", "a(x)", "c(a,x)"],
    ),
    "channels that fill up a block": (
        padded_channels,
        draft(chain(shaped("convolution", 8, 6, 8), shaped("activation", 8, 6, 8), shaped(UNBLOCK, 8, 6, 5))),
        ["x", "a(x)=8,6,5", "b(a)=8,6,5"],
    ),
    "groups and back": (
        group_normalizations,
        draft(chain("reshape", op("group_normalization", groups=2), "reshape", SCALE, SHIFT), d=vector()),
        ["x", "e(x)=8,6,4"],
    ),
    "groups and back to something else": (
        group_normalizations,
        draft(chain("reshape", op("group_normalization", groups=2), shaped("reshape", 6, 8, 4))),
        ["x", "a(x)", "b(a)", "c(b)=6,8,4"],
    ),
    "a window over the whole map": (
        whole_poolings,
        draft(chain(op("average_pooling", kernel=(8, 6), output_shape=(1, 1, 4)))),
        ["x", "a(x)=1,1,4"],
    ),
    "a pooling and its flatten": (
        flat_poolings,
        draft(chain(shaped("global_average_pooling", 1, 1, 4), shaped("flatten", 4))),
        ["x", "a(x)=4"],
    ),
    "a pooling and another reshape": (
        flat_poolings,
        draft(chain(shaped("global_average_pooling", 1, 1, 4), shaped("reshape", 2, 2))),
        ["x", "a(x)=1,1,4", "b(a)=2,2"],
    ),
    "reshapes in a row": (
        rows_of_reshapes,
        draft(chain(shaped("reshape", 192), shaped("reshape", 2, 96), shaped("flatten", 192))),
        ["x", "c(x)=192"],
    ),
    "a reshape that others take": (
        rows_of_reshapes,
        draft([*chain(shaped("reshape", 192), shaped("reshape", 2, 96)), layer("s", "add", "a", "b")]),
        ["x", "a(x)=192", "b(a)=2,96", "s(a,b)"],
    ),
    "a reshape to the same": (unneeded_reshapes, draft(chain(shaped("reshape", *IMAGE), "dropout")), ["x", "b(x)"]),
    "what moves": (moves, draft(chain(shaped(MOVE, 8, 4, 6))), ["x", "a(x)=8,4,6"]),
    "a product with one": (neutral_numbers, draft(chain(op("rescaling", scale=(1.0,)))), ["x", "a(x)"]),
    "a convolution and its bias": (
        biases,
        draft(chain(CONVOLVED, SHIFT), a=kernel(), b=vector()),
        ["x", "a(x)"],
    ),
    "a convolution that has a bias": (
        biases,
        draft(chain(op("convolution", use_bias=True), SHIFT), a=kernel(), b=vector()),
        ["x", "a(x)", "b(a)"],
    ),
    "a matrix product and its bias": (
        biases,
        draft(chain(op("dense", use_bias=False), SHIFT), a=vector("k"), b=vector()),
        ["x", "a(x)"],
    ),
    "a kernel that others use without the bias": (
        biases,
        draft(chain(CONVOLVED, SHIFT, CONVOLVED), a=kernel(), b=vector(), c=kernel()),
        ["x", "a(x)", "b(a)", "c(b)"],
    ),
    "a factor and an offset behind weights": (
        batch_normalizations,
        draft(chain(CONVOLVED, SCALE, SHIFT), b=vector(), c=vector()),
        ["x", "a(x)", "b(a)"],
    ),
    "a factor behind weights": (
        batch_normalizations,
        draft(chain(CONVOLVED, SCALE), b=vector()),
        ["x", "a(x)", "b(a)"],
    ),
    "an offset and a factor of the input": (
        input_normalizations,
        draft(chain(SHIFT, SCALE), a=vector("s"), b=vector("f")),
        ["x", "a(x)"],
    ),
    "a factor of the input": (rescalings, draft(chain(SCALE), a=vector()), ["x", "a(x)"]),
    "a factor and one offset": (
        rows_of_rescalings,
        draft(chain(op("rescaling", scale=(0.5,)), op("rescaling", offset=(-1.0,)))),
        ["x", "b(x)"],
    ),
    "two offsets": (
        rows_of_rescalings,
        draft(chain(op("rescaling", offset=(0.5,)), op("rescaling", offset=(-1.0,)))),
        ["x", "a(x)", "b(a)"],
    ),
    "division and noise": (
        dropouts_by_noise,
        draft(chain(op("rescaling", scale=(1.25,)), "dropout")),
        ["x", "b(x)"],
    ),
}
"""What is written -> the pass, the draft, and the layers as `name:activation(inputs)=shape`."""


def told(each: Layer) -> str:
    name = f"{each.name}:{each.activation}" if each.activation else each.name
    inputs = f"({','.join(each.inputs)})" if each.inputs else ""
    shape = f"={','.join(map(str, each.output_shape))}" if each.output_shape and each.inputs else ""
    return name + inputs + shape


@pytest.mark.parametrize("name", CASES)
def test_layers_join_where_they_are_one(name: str) -> None:
    change, before, expected = CASES[name]
    assert [told(each) for each in change(before).graph] == expected


CHANGED: dict[str, tuple[str, dict[str, Any]]] = {
    "x * sigmoid(x)": ("m", {"operation": "activation", "class_name": "Gate+M"}),
    "a convolution and its bias": ("a", {"operation": "convolution", "use_bias": True}),
    "a matrix product and its bias": ("a", {"operation": "dense", "use_bias": True}),
    "a factor and an offset behind weights": (
        "b",
        {"operation": "batch_normalization", "use_scale": True, "use_bias": True},
    ),
    "a factor behind weights": ("b", {"operation": "batch_normalization", "use_scale": True, "use_bias": False}),
    "an offset and a factor of the input": ("a", {"operation": "normalization", "scale": None, "offset": None}),
    "a factor of the input": ("a", {"operation": "rescaling"}),
    "a factor and one offset": ("b", {"operation": "rescaling", "scale": (0.5,), "offset": (-1.0,)}),
    "division and noise": ("b", {"operation": "dropout", "rate": pytest.approx(0.2), "scale": None}),
    "a product with one": ("a", {"operation": "identity", "scale": None}),
    "what moves": ("a", {"operation": "reshape"}),
    "a convolution with weights that adds": ("c", {"operation": "convolution", "activation": None}),
    "channels that fill up a block": ("a", {"operation": "convolution", "filters": 5}),
    "groups and back": ("e", {"operation": "group_normalization", "groups": 2, "use_scale": True, "use_bias": True}),
    "a window over the whole map": ("a", {"operation": "global_average_pooling", "kernel": None}),
}


@pytest.mark.parametrize("name", CHANGED)
def test_joined_layers_say_what_they_do(name: str) -> None:
    change, before, _ = CASES[name]
    row, expected = CHANGED[name]
    found = change(before).graph[row]
    assert {key: getattr(found, key) for key in expected} == expected


@pytest.mark.parametrize("change", EXPORTS)
def test_nothing_to_do_is_no_change(change: Callable[[Draft], Draft]) -> None:
    before = draft(chain(op("convolution", use_bias=True), activation("relu"), "add"))
    assert change(before) is before


def counted(before: Draft) -> list[tuple[int | None, int | None, str | None]]:
    found = parameters(before).graph.layers[1:]
    return [(each.parameters, each.trainable_parameters, each.shares_weights_with) for each in found]


def test_parameters_are_those_of_the_constants() -> None:
    assert counted(draft(chain(CONVOLVED), a=kernel())) == [(16, 16, None)]
    assert counted(draft(chain("normalization"), a=vector(trainable=False))) == [(4, 0, None)]
    assert counted(draft(chain("rescaling"), a=vector())) == [(0, 0, None)]
    assert counted(draft(chain("opaque"), a=Constant(sources=("u",), trainable=True))) == [(None, None, None)]


def test_only_what_has_a_kernel_shares_weights() -> None:
    assert counted(draft(chain(CONVOLVED, CONVOLVED), a=kernel(), b=kernel())) == [(16, 16, None), (0, 0, "a")]
    normalizations = chain("batch_normalization", "dropout", "batch_normalization")
    assert counted(draft(normalizations, a=vector(), c=vector())) == [(4, 4, None), (0, 0, None), (4, 4, None)]


def test_weights_that_have_names_of_their_own_are_shared_by_them() -> None:
    normalizations = chain("batch_normalization", "dropout", "batch_normalization")
    known = {"v": vector(), "w": vector("w", trainable=False)}
    named = replace(draft(normalizations, a=vector(), c=vector()), weights=known)
    assert counted(named) == [(4, 4, None), (0, 0, None), (0, 0, "a")]
    both = Constant((4,), sources=("v", "w"))
    in_part = replace(draft(normalizations, a=vector(), c=both), weights=known)
    assert counted(in_part)[2] == (4, 0, None)
    said = "Some weights of c are those of other layers too, and are counted there only."
    assert (parameters(named).graph.remarks, parameters(in_part).graph.remarks) == ((), (said,))


@pytest.mark.parametrize(
    ("stride", "margins", "expected"),
    [
        ((1, 1), ((0, 0), (0, 0)), {"padding": "valid"}),
        ((1, 1), ((1, 1), (1, 1)), {"padding": "same"}),
        ((2, 2), ((0, 1), (0, 1)), {"padding": "same"}),
        ((2, 2), ((1, 1), (1, 1)), {"padding": "valid", "margins": ((1, 1), (1, 1))}),
    ],
)
def test_margins_that_are_those_of_same_are_called_so(stride: Pair, margins: tuple[Pair, Pair], expected: Any) -> None:
    found = window(kernel=(3, 3), stride=stride, dilation=(1, 1), sides=(8, 6), margins=margins)
    assert found == {"kernel": (3, 3), "stride": stride, "dilation": (1, 1), **expected}


def test_a_whole_row_of_single_operators() -> None:
    layers = chain(SHIFT, SCALE, CONVOLVED, SCALE, SHIFT, "identity")
    before = draft(layers, a=vector("s"), b=vector("f"), c=kernel(), d=vector("g"), e=vector("h"))
    graph = normalize_export(before)
    assert [(each.name, each.operation, each.parameters, each.trainable_parameters) for each in graph] == [
        ("x", "input", 0, 0),
        ("a", "normalization", 8, 0),
        ("c", "convolution", 16, 16),
        ("d", "batch_normalization", 8, 8),
    ]
    assert graph.outputs == ("d",)


def test_every_source_names_a_joined_layer_by_what_gives_its_output() -> None:
    shared = layer("again", "activation", "m", activation="sigmoid", shares_weights_with="gate")
    graph = normalize(LayerGraph("small", (X, SIGMOID, layer("m", "multiply", "x", "gate"), shared)))
    assert [told(each) for each in graph] == ["x", "m:silu(x)", "again:sigmoid(m)"]
    assert graph["again"].shares_weights_with is None
