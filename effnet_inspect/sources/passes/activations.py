"""Activations that are written as several layers."""

from __future__ import annotations

from functools import reduce
from operator import add

from effnet_inspect.graph import Layer
from effnet_inspect.graph.patterns import Branch, Join, Step
from effnet_inspect.sources.passes.draft import AT_MOST, Draft, Edit

GATES = {("sigmoid",): "silu", ("hard_sigmoid",): "hard_silu", ("softplus", "tanh"): "mish"}
"""Activations in a row -> what `x` times their result is called."""


def _is_product(layer: Layer) -> bool:
    return layer.operation == "multiply" and len(layer.inputs) == 2


def _is_activation(name: str) -> Step:
    return Step(lambda layer: layer.operation == "activation" and layer.activation == name)


GATED = {name: Branch(reduce(add, map(_is_activation, row)), Join(_is_product)) for row, name in GATES.items()}


def _is_linear(scale: float, offset: float) -> Step:
    """A layer that computes `scale * x + offset`, as its framework rounds it."""

    def accepts(layer: Layer) -> bool:
        if layer.operation != "rescaling":
            return False
        pairs = ((layer.scale or (1.0,), scale), (layer.offset or (0.0,), offset))
        return all(abs(value - wanted) < ROUNDING for values, wanted in pairs for value in values)

    return Step(accepts)


ROUNDING = 1e-4

RAISED = _is_linear(1, 3) + _is_activation("relu6")
HARD_SIGMOID = RAISED + _is_linear(1 / 6, 0)
HARD_SILU = Branch(RAISED, Join(_is_product)) + _is_linear(1 / 6, 0)

BOUNDED = _is_activation("relu") + _is_activation(AT_MOST) | _is_activation(AT_MOST)


def hard_activations(draft: Draft) -> Draft:
    """`relu6(x + 3) / 6` is a hard sigmoid; `x * relu6(x + 3) / 6`, in this order, a hard SiLU."""
    for name, pattern in {"hard_sigmoid": HARD_SIGMOID, "hard_silu": HARD_SILU}.items():
        edit = Edit(draft)
        for layers in draft.matches(pattern):
            edit.join(layers, operation="activation", activation=name, scale=None, offset=None)
        draft = edit.done()
    return draft


def gated_activations(draft: Draft) -> Draft:
    """`x * sigmoid(x)` is one SiLU, `x * hard_sigmoid(x)` one hard SiLU, `x * tanh(softplus(x))` one Mish."""
    for name, pattern in GATED.items():
        edit = Edit(draft)
        for layers in draft.matches(pattern):
            edit.join(layers, activation=name)
        draft = edit.done()
    return draft


def bounds(draft: Draft) -> Draft:
    """`min(relu(x), 6)` is ReLU6, and likewise with other numbers; any other bound from above clips."""
    edit = Edit(draft)
    for layers in draft.matches(BOUNDED):
        (number,) = draft.constants_of(layers[-1])[0].numbers() or (0,)
        edit.join(layers, activation=f"relu{number:g}" if len(layers) > 1 else "clip")
    return edit.done()
