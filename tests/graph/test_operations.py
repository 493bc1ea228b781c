"""The rules of single operations, on shapes small enough to count on paper. Whole models: `sources/test_build.py`."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from effnet_inspect.graph import Layer, OperationName, Shape
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.sources.keras.layers import KERAS_LAYERS


def layer(operation: OperationName, **attributes: Any) -> Layer:
    return Layer("x", operation, "X", **attributes)


IMAGE = (7, 8, 3)
OPEN: Shape = (None, 8, 3)
WINDOW: dict[str, Any] = {"kernel": (3, 3), "stride": (2, 2), "filters": 4, "groups": 1, "padding": "valid"}

SHAPES: list[tuple[OperationName, dict[str, Any], tuple[Shape | None, ...], Shape | None]] = [
    ("convolution", WINDOW, (IMAGE,), (3, 3, 4)),
    ("convolution", WINDOW | {"padding": "same"}, (IMAGE,), (4, 4, 4)),
    ("convolution", WINDOW | {"padding": "same"}, (OPEN,), (None, 4, 4)),
    ("convolution", WINDOW | {"stride": (1, 1), "dilation": (2, 2)}, (IMAGE,), (3, 4, 4)),
    ("convolution", WINDOW | {"margins": ((0, 1), (1, 1))}, (IMAGE,), (3, 4, 4)),
    ("convolution", WINDOW, (None,), None),
    ("convolution", WINDOW | {"kernel": None}, (IMAGE,), None),
    ("depthwise_convolution", WINDOW | {"filters": 3, "groups": 3}, (IMAGE,), (3, 3, 3)),
    ("transposed_convolution", WINDOW | {"padding": "same"}, (IMAGE,), (14, 16, 4)),
    ("transposed_convolution", WINDOW, (IMAGE,), (15, 17, 4)),
    ("transposed_convolution", WINDOW | {"stride": (1, 1), "dilation": (2, 2)}, (IMAGE,), (11, 12, 4)),
    ("transposed_convolution", WINDOW | {"kernel": (1, 1)}, (IMAGE,), (14, 16, 4)),
    ("transposed_convolution", WINDOW | {"kernel": (2, 5)}, (IMAGE,), (14, 19, 4)),
    ("max_pooling", WINDOW, (IMAGE,), (3, 3, 3)),
    ("average_pooling", WINDOW | {"padding": "same"}, (IMAGE,), (4, 4, 3)),
    ("zero_padding", {"margins": ((0, 1), (2, 2))}, (IMAGE,), (8, 12, 3)),
    ("zero_padding", {"margins": ((0, 1), (2, 2))}, (OPEN,), (None, 12, 3)),
    ("cropping", {"margins": ((0, 1), (2, 2))}, (IMAGE,), (6, 4, 3)),
    ("upsampling", {"stride": (2, 3)}, (IMAGE,), (14, 24, 3)),
    ("global_average_pooling", {}, (IMAGE,), (3,)),
    ("global_average_pooling", {"output_shape": (1, 1, 3)}, (IMAGE,), (1, 1, 3)),
    ("flatten", {}, (IMAGE,), (168,)),
    ("flatten", {}, (OPEN,), (None,)),
    ("dense", {"filters": 5}, ((10,),), (5,)),
    ("dense", {"filters": 5}, (IMAGE,), (7, 8, 5)),
    ("add", {}, (IMAGE, IMAGE), IMAGE),
    ("multiply", {}, (IMAGE, (1, 1, 3)), IMAGE),
    ("multiply", {}, ((1, 1, 3), OPEN), OPEN),
    ("add", {}, (IMAGE, None), None),
    ("add", {}, (IMAGE, (3,)), IMAGE),
    ("add", {}, ((3,), IMAGE), IMAGE),
    ("multiply", {}, ((1, 1, 3), (7, 1, 1)), (7, 1, 3)),
    ("multiply", {}, ((1, 1, 1), (1, 1, 1)), (1, 1, 1)),
    ("multiply", {}, ((None, 1, 3), (1, 1, 1)), (None, 1, 3)),
    ("multiply", {}, ((1, 1, 1), (None, 1, 3)), (None, 1, 3)),
    ("concatenate", {}, (IMAGE, (7, 8, 5)), (7, 8, 8)),
    ("concatenate", {}, (IMAGE, (7, 8, None)), (7, 8, None)),
    ("concatenate", {}, (IMAGE, None), None),
    ("concatenate", {}, (IMAGE, (5,)), None),
    ("concatenate", {}, ((2,), (5,), (1,)), (8,)),
    ("activation", {}, (IMAGE,), IMAGE),
    ("batch_normalization", {}, (IMAGE,), IMAGE),
    ("reshape", {"output_shape": (1, 1, 3)}, ((3,),), (1, 1, 3)),
    ("opaque", {}, (IMAGE,), None),
    ("opaque", {"output_shape": (2,)}, (IMAGE,), (2,)),
]


@pytest.mark.parametrize(("operation", "attributes", "inputs", "expected"), SHAPES)
def test_output_shapes(
    operation: OperationName, attributes: dict[str, Any], inputs: tuple[Shape | None, ...], expected: Shape | None
) -> None:
    assert OPERATIONS[operation].output_shape(layer(operation, **attributes), inputs) == expected


COUNTS: list[tuple[OperationName, dict[str, Any], tuple[Shape | None, ...], tuple[int, int] | None, int | None]] = [
    ("convolution", WINDOW | {"output_shape": (3, 3, 4)}, (IMAGE,), (108, 108), 972),
    ("convolution", WINDOW | {"output_shape": (3, 3, 4), "use_bias": True}, (IMAGE,), (112, 112), 972),
    ("convolution", WINDOW | {"output_shape": (None, 3, 4)}, (OPEN,), (108, 108), None),
    ("convolution", WINDOW, (None,), None, None),
    ("convolution", WINDOW | {"kernel": (5, 1), "output_shape": (2, 4, 4)}, (IMAGE,), (60, 60), 480),
    (
        "convolution",
        WINDOW | {"groups": 2, "output_shape": (3, 3, 4)},
        ((7, 8, 6),),
        (108, 108),
        972,
    ),
    (
        "depthwise_convolution",
        WINDOW | {"filters": 3, "groups": 3, "output_shape": (3, 3, 3)},
        (IMAGE,),
        (27, 27),
        243,
    ),
    ("transposed_convolution", WINDOW | {"output_shape": (15, 17, 4)}, (IMAGE,), (108, 108), 6048),
    ("dense", {"filters": 5, "use_bias": True, "output_shape": (5,)}, ((10,),), (55, 55), 50),
    ("batch_normalization", {"use_bias": True, "use_scale": True}, (IMAGE,), (12, 6), 0),
    ("batch_normalization", {"use_bias": True, "use_scale": False}, (IMAGE,), (9, 3), 0),
    ("normalization", {}, (IMAGE,), (7, 0), 0),
    ("layer_normalization", {"use_bias": True, "use_scale": True}, (IMAGE,), (6, 6), 0),
    ("layer_normalization", {"use_bias": False, "use_scale": True}, (IMAGE,), (3, 3), 0),
    ("activation", {}, (IMAGE,), (0, 0), 0),
    ("opaque", {}, (IMAGE,), None, None),
]


@pytest.mark.parametrize(("operation", "attributes", "inputs", "parameters", "macs"), COUNTS)
def test_parameters_and_macs(
    operation: OperationName,
    attributes: dict[str, Any],
    inputs: tuple[Shape | None, ...],
    parameters: tuple[int, int] | None,
    macs: int | None,
) -> None:
    rule, row = OPERATIONS[operation], layer(operation, **attributes)
    assert rule.parameters(row, inputs) == parameters
    assert rule.macs(row, inputs) == macs


def test_every_operation_a_source_can_name_has_its_rules() -> None:
    assert {row.operation for row in KERAS_LAYERS.values()} <= set(OPERATIONS)
    assert set(OPERATIONS) == set(get_args(OperationName))
    assert [name for name, row in OPERATIONS.items() if name != row.name or not row.title] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_unknown_inputs_are_no_error(operation: OperationName) -> None:
    rule, bare = OPERATIONS[operation], layer(operation)
    for inputs in ((), (None,), (None, None)):
        assert rule.output_shape(bare, inputs) is None
        rule.parameters(bare, inputs)
        rule.macs(bare, inputs)
