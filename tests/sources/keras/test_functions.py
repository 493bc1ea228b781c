"""Calls of functions on tensors, by the names that Keras and TensorFlow give them and their arguments."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.graph import Shape
from effnet_inspect.sources.keras.functions import function

CALLS: tuple[tuple[str, dict[str, Any], Shape | None, str, dict[str, Any]], ...] = (
    ("reshape", {"newshape": [-1, 324, 192]}, (18, 18, 192), "reshape", {"output_shape": (324, 192)}),
    ("reshape", {"shape": [-1, 324, 192]}, (18, 18, 192), "reshape", {"output_shape": (324, 192)}),
    ("reshape", {"shape": [-1, 1, -1]}, (18, 18, 2), "reshape", {"output_shape": (1, 648)}),
    ("reshape", {"shape": {"class_name": "__tensor__"}}, (18, 18, 192), "reshape", {}),
    ("reshape", {}, (18, 18, 192), "reshape", {}),
    ("mean", {"axis": [1, 2]}, (7, 7, 8), "global_average_pooling", {"output_shape": (8,)}),
    ("reduce_mean", {"axis": [-3, -2], "keepdims": True}, (7, 7, 8), "global_average_pooling",
     {"output_shape": (1, 1, 8)}),
    ("mean", {"axis": [3]}, (7, 7, 8), "opaque", {}),
    ("truediv", {"constant": 255}, None, "rescaling", {"scale": (1 / 255,), "offset": (0.0,)}),
    ("sub", {"constant": 0.5}, None, "rescaling", {"scale": (1.0,), "offset": (-0.5,)}),
    ("mul", {}, None, "opaque", {}),
    ("einsum", {}, None, "opaque", {}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "config", "input_shape", "operation", "attributes"), CALLS)
def test_a_call_on_one_tensor(
    name: str, config: dict[str, Any], input_shape: Shape | None, operation: str, attributes: dict[str, Any]
) -> None:
    found = function(name, config, 1)
    assert found.operation == operation
    assert found.attributes(config, input_shape) == attributes
