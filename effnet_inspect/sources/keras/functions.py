"""Functions that a model calls on tensors, by their name in Keras; TensorFlow's names are turned into these."""

from __future__ import annotations

from collections.abc import Callable

from effnet_inspect.graph import Shape
from effnet_inspect.sources.keras.images import IMAGE_LAYERS, reshaped
from effnet_inspect.sources.keras.others import matrices
from effnet_inspect.sources.keras.packages import ACTIVATIONS
from effnet_inspect.sources.keras.rows import OPAQUE_FUNCTION, Attributes, Config, LayerClass, counted, named
from effnet_inspect.sources.keras.values import finite


def _mean_over_positions(config: Config, input_shape: Shape | None) -> Attributes:
    if not input_shape:
        return {}
    return {"output_shape": (1, 1, input_shape[-1]) if config.get("keepdims") else (input_shape[-1],)}


def _reshaped(config: Config, input_shape: Shape | None) -> Attributes:
    stated = config.get("newshape", config.get("shape"))  # as Keras calls it, and TensorFlow
    return reshaped({"target_shape": stated[1:]}, input_shape) if isinstance(stated, list) else {}


def _scaled(factor: Callable[[float], float]) -> Callable[[Config, Shape | None], Attributes]:
    return lambda config, input_shape: {"scale": (factor(finite(config["constant"])),), "offset": (0.0,)}


def _shifted(sign: int) -> Callable[[Config, Shape | None], Attributes]:
    return lambda config, input_shape: {"scale": (1.0,), "offset": (sign * finite(config["constant"]),)}


ACTIVATION_FUNCTIONS: dict[str, LayerClass] = {
    **{name: LayerClass("activation", named(function)) for name, function in ACTIVATIONS.items()},
    "softmax": LayerClass("activation", named("softmax")),
}

FUNCTIONS_OF_ONE: dict[str, LayerClass] = {
    **ACTIVATION_FUNCTIONS,
    "multiply": LayerClass("rescaling", _scaled(lambda constant: constant)),
    "truedivide": LayerClass("rescaling", _scaled(lambda constant: 1 / constant)),
    "add": LayerClass("rescaling", _shifted(1)),
    "subtract": LayerClass("rescaling", _shifted(-1)),
    "mean": LayerClass("global_average_pooling", _mean_over_positions),
    "reshape": LayerClass("reshape", _reshaped),
    "cast": LayerClass("identity"),
    "identity": LayerClass("identity"),
}
"""Functions called on one tensor, or on a tensor and a number (`constant`), by their name in Keras."""

FUNCTIONS_OF_MORE: dict[str, LayerClass] = {
    "multiply": LayerClass("multiply"),
    "add": LayerClass("add"),
    "subtract": LayerClass("subtract"),
    "maximum": LayerClass("maximum"),
    "concatenate": IMAGE_LAYERS["Concatenate"],
    "matmul": counted("matrix_product", matrices),
}
"""Functions called on several tensors."""

TENSORFLOW_NAMES = {
    "mul": "multiply",
    "truediv": "truedivide",
    "divide": "truedivide",
    "sub": "subtract",
    "reduce_mean": "mean",
    "concat": "concatenate",
}
"""What TensorFlow calls functions that Keras calls otherwise."""


def function(name: str, config: Config, tensors: int) -> LayerClass:
    """How a call of a function on so many tensors reads, by the function's name in Keras or in TensorFlow."""
    name = TENSORFLOW_NAMES.get(name, name)
    found = (FUNCTIONS_OF_ONE if tensors == 1 else FUNCTIONS_OF_MORE).get(name, OPAQUE_FUNCTION)
    if found.operation == "global_average_pooling" and config.get("axis") not in ([1, 2], [-3, -2]):
        return OPAQUE_FUNCTION
    if found.operation == "rescaling" and not config.get("constant"):
        return OPAQUE_FUNCTION
    return found
