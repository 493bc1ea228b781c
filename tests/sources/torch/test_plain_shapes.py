"""The shapes of frequent operators, against those that PyTorch tells."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")

from effnet_inspect.sources.torch.plain_shapes import RULES, plain_result  # noqa: E402


def tensor(*shape: int, dtype: Any = None) -> Any:
    return torch.empty(*shape, device="meta", dtype=dtype or torch.float32)


X, ROW, COLUMN = tensor(2, 8, 7, 9), tensor(9), tensor(1, 8, 1, 1)
CHANNELS = (tensor(8), tensor(8), tensor(8), tensor(8))

CALLS: dict[str, tuple[Any, ...]] = {
    "add.Tensor": (X, ROW),
    "sub.Tensor": (COLUMN, X),
    "mul.Tensor": (ROW, X),
    "div.Tensor_mode": (X, COLUMN, {"rounding_mode": "floor"}),
    "div.Scalar": (X, 2),
    "rsub.Scalar": (X, 1),
    "maximum": (X, X),
    "clamp": (X, 0, 6),
    "add_.Tensor": (X, COLUMN),
    "hardtanh_": (X, 0.0, 6.0),
    "gelu": (X, {"approximate": "tanh"}),
    "elu": (X,),
    "floor": (X,),
    "batch_norm": (X, *CHANNELS, False, 0.1, 1e-5, False),
    "batch_norm of features": (tensor(2, 8), None, None, *CHANNELS[:2], False, 0.1, 1e-5, False),
    "layer_norm": (X, [7, 9], tensor(7, 9), None),
    "dropout": (X, 0.5, True),
    "conv2d": (X, tensor(4, 8, 3, 3), tensor(4), [2, 1], [1, 2], [1, 2]),
    "conv2d by channel": (X, tensor(16, 1, 5, 5), None, [2, 2], [2, 2], [1, 1], 8),
    "conv2d.padding": (X, tensor(4, 8, 4, 3), None, [1, 1], "same", [2, 1]),
    "conv2d.padding of none": (X, tensor(4, 8, 4, 3), None, [1, 1], "valid"),
    "max_pool2d": (X, [3, 2], [2, 2], [1, 1]),
    "max_pool2d by its kernel": (X, [2]),
    "adaptive_avg_pool2d": (X, [1, 1]),
    "mean.dim": (X, [-1, 2], True),
    "mean.dim to features": (X, [2, 3]),
    "linear": (tensor(2, 5, 8), tensor(3, 8), tensor(3)),
    "linear of one": (tensor(8), tensor(3, 8)),
    "matmul": (tensor(2, 4, 8), tensor(2, 8, 5)),
    "cat": ([X, X, tensor(2, 3, 7, 9)], 1),
    "cat at the end": ([X, X], -1),
}
"""An operator, and what it takes, by position and then by name."""

LEFT: dict[str, tuple[Any, ...]] = {
    "add.Tensor": (X, tensor(8)),
    "add.Tensor of two precisions": (X, tensor(9, dtype=torch.float16)),
    "add.Tensor of whole numbers": (tensor(3, dtype=torch.int64), 2),
    "add_.Tensor": (COLUMN, X),
    "mul.Tensor by a complex number": (X, 2j),
    "conv2d": (X, tensor(4, 7, 3, 3)),
    "conv2d of one image": (tensor(8, 7, 9), tensor(4, 8, 3, 3)),
    "conv2d of too small ones": (X, tensor(4, 8, 11, 3)),
    "batch_norm": (X, *CHANNELS[:3], tensor(7), False, 0.1, 1e-5, False),
    "layer_norm": (X, [9, 7]),
    "mean": (X,),
    "mean.dim twice": (X, [1, 1]),
    "mean.dim in another precision": (X, [1], {"dtype": torch.float64}),
    "linear": (X, tensor(3, 8)),
    "max_pool2d": (X, [3, 3], [2, 2], [1, 1], [1, 1], True),
    "cat": ([X, tensor(2, 8, 7)], 1),
    "dropout": (X, 0.5, False),
    "add.out": (X, X, {"out": X}),
}


def asked(call: str, taken: tuple[Any, ...]) -> tuple[Any, Any]:
    """What is said of a call here, and what makes it."""
    kind, _, overload = call.partition(" ")[0].partition(".")
    function = getattr(getattr(torch.ops.aten, kind), overload or "default")
    named = taken[-1] if isinstance(taken[-1], dict) else {}
    placed = taken[: len(taken) - bool(named)]
    given = {each.name: each.default_value for each in function._schema.arguments}
    given.update(zip(given, placed, strict=False))
    given.update(named)
    return plain_result(kind, given), lambda: function(*placed, **named)


@pytest.mark.parametrize("call", CALLS)
def test_shapes_are_those_of_pytorch(call: str) -> None:
    said, made = asked(call, CALLS[call])
    expected = made()
    assert (said.shape, said.dtype, said.device) == (expected.shape, expected.dtype, expected.device)
    if call.partition(".")[0].endswith("_"):
        assert said is CALLS[call][0]


@pytest.mark.parametrize("call", LEFT)
def test_what_is_not_plain_is_left_to_pytorch(call: str) -> None:
    assert asked(call, LEFT[call])[0] is None


def test_every_rule_that_is_not_of_single_numbers_is_tested() -> None:
    of_numbers = RULES["add"]
    tested = {call.partition(" ")[0].partition(".")[0] for call in CALLS}
    of_one_kind = {"feature_dropout", "alpha_dropout"}
    assert {kind for kind, rule in RULES.items() if rule is not of_numbers} - of_one_kind <= tested


PAIRS = dict.fromkeys(("add", "sub", "mul", "div", "maximum", "minimum"), (X,))
OTHERS: dict[str, tuple[Any, ...]] = {**PAIRS, "rsub": (1,), "clamp": (0, 6), "clamp_min": (0,)}


@pytest.mark.parametrize("kind", sorted(kind for kind, rule in RULES.items() if rule is RULES["add"]))
def test_what_works_on_single_numbers_keeps_shape_and_precision(kind: str) -> None:
    given = getattr(torch.ops.aten, kind)(
        X.half(), *(each.half() if each is X else each for each in OTHERS.get(kind, ()))
    )
    assert (given.shape, given.dtype) == (X.shape, torch.float16)
