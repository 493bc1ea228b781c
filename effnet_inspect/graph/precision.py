"""In what types weights are stored, and how many bytes they take."""

from __future__ import annotations

from effnet_inspect.graph import Layer

PRECISIONS: dict[str, int] = {
    "float64": 8,
    "float32": 4,
    "mixed_float16": 4,
    "mixed_bfloat16": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8": 1,
    "int8": 1,
    "uint8": 1,
}
"""Bytes of a weight by the precision of its layer; mixed ones compute in half precision, and keep float32."""

QUANTIZED = frozenset({"int8", "uint8", "float8"})
"""Precisions of the kernel alone: bias and scale stay float32."""

COUNT_BYTES = 4
"""Of the number of images that an input normalisation has seen: an integer in any precision."""


def weights_in_bytes(layer: Layer) -> int | None:
    """Size of a layer's weights in its precision; None where their number is unknown.

    >>> weights_in_bytes(Layer("d", "dense", "Dense", parameters=25, filters=5, use_bias=True, precision="int8"))
    55
    """
    if layer.parameters is None:
        return None
    size = PRECISIONS.get(layer.precision or "float32", PRECISIONS["float32"])
    if layer.operation == "normalization" and layer.parameters:
        return (layer.parameters - 1) * size + COUNT_BYTES
    if layer.precision in QUANTIZED and layer.filters:
        beside = min(layer.filters * (2 if layer.use_bias else 1), layer.parameters)
        return (layer.parameters - beside) * size + beside * PRECISIONS["float32"]
    return layer.parameters * size
