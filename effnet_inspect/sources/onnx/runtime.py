"""Operators that ONNX Runtime puts in place of ONNX' own: joined with what follows, in blocks, or on whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from effnet_inspect.graph import Layer
from effnet_inspect.sources.onnx.calls import Call
from effnet_inspect.sources.onnx.operators import ONNX_OPERATORS, Operator, Reader, convolution
from effnet_inspect.sources.passes import Constant
from effnet_inspect.sources.passes.draft import UNBLOCK

INTO_BLOCKS, OUT_OF_BLOCKS = "com.microsoft.nchwc.ReorderInput", "com.microsoft.nchwc.ReorderOutput"
CONVOLUTION_IN_BLOCKS = "com.microsoft.nchwc.Conv"

LARGEST_BLOCK = 16


def _blocked_convolution(call: Call) -> Layer | None:
    """One whose channels are laid out in blocks of 8 or 16.

    The last block is filled up with zeros, in the weights and in the biases. These tell how many filters there are,
    but for more biases than are read: wide layers are whole blocks in every EfficientNet.
    """
    layer = convolution(call)
    biases = call.operands[2] if call.has(2) else None
    zeros = biases.zeros_at_end if isinstance(biases, Constant) else None
    if layer is None or not zeros or not layer.filters:
        return layer
    block = LARGEST_BLOCK if layer.filters % LARGEST_BLOCK == 0 else LARGEST_BLOCK // 2
    return layer._replace(filters=layer.filters - zeros) if zeros < block else layer


def may_be_padded(call: Call) -> bool:
    """Whether nothing tells of a convolution in blocks where its last block ends: it has no biases, or all are zero."""
    biases = call.operands[2] if call.has(2) else None
    is_silent = not isinstance(biases, Constant) or biases.zeros_at_end == biases.size
    return call.node.kind == CONVOLUTION_IN_BLOCKS and is_silent


def _unblock(call: Call) -> Layer | None:
    """The end of channels in blocks; what fills up the last block is left out."""
    shape, channels = call.data.layer_shape, int(call.attributes.get("channels", 0))
    stated = (*shape[:2], channels) if shape is not None and len(shape) == 3 and channels > 0 else None
    return Layer("", UNBLOCK, call.node.kind, output_shape=stated)


class Likeness(NamedTuple):
    """An operator that is read as another one; see `Operator` for `takes`, and for `read`."""

    like: str
    takes: Sequence[int] = ()
    read: Reader | None = None

    def operator(self) -> Operator:
        """How it is read."""
        row = ONNX_OPERATORS[self.like]
        return row._replace(read=self.read or row.read, like=row.like or self.like, takes=self.takes)


LIKENESSES: dict[str, Likeness] = {
    "com.microsoft.FusedConv": Likeness("Conv"),
    "com.microsoft.FusedGemm": Likeness("Gemm"),
    "com.microsoft.FusedMatMul": Likeness("MatMul"),
    "com.microsoft.FusedMatMulActivation": Likeness("MatMul"),
    "com.microsoft.QuickGelu": Likeness("Swish"),
    **{f"com.microsoft.{name}": Likeness("Gelu") for name in ("Gelu", "FastGelu", "BiasGelu")},
    CONVOLUTION_IN_BLOCKS: Likeness("Conv", read=_blocked_convolution),
    **{
        f"com.microsoft.nchwc.{name}": Likeness(name)
        for name in ("MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "Upsample")
    },
    INTO_BLOCKS: Likeness("Identity"),
}
"""What ONNX Runtime has in place of ONNX' own operators, in files that it has optimised: joined with what follows, or
with the channels in blocks."""

QUANTIZED: dict[str, Likeness] = {
    "QLinearConv": Likeness("Conv", (0, 3, 8)),
    "QLinearMatMul": Likeness("MatMul", (0, 3)),
    "ConvInteger": Likeness("Conv", (0, 1)),
    "MatMulInteger": Likeness("MatMul", (0, 1)),
    "com.microsoft.QLinearConv": Likeness("Conv", (0, 3, 8)),
    "com.microsoft.QGemm": Likeness("Gemm", (0, 3, 6)),
    "com.microsoft.MatMulIntegerToFloat": Likeness("Gemm", (0, 1, 6)),
    "com.microsoft.DynamicQuantizeMatMul": Likeness("Gemm", (0, 1, 4)),
    **{f"com.microsoft.QLinear{kind}": Likeness(kind, (0, 3)) for kind in ("Add", "Mul")},
    **{
        f"com.microsoft.QLinear{kind}": Likeness(kind, (0,))
        for kind in ("Sigmoid", "LeakyRelu", "Softmax", "AveragePool", "ReduceMean")
    },
    "com.microsoft.QLinearGlobalAveragePool": Likeness("GlobalAveragePool", (0,)),
    "com.microsoft.QLinearConcat": Likeness("Concat", range(2, 512, 3)),
    "com.microsoft.NhwcMaxPool": Likeness("MaxPool"),
    **{f"com.microsoft.{kind}": Likeness(kind, (0,)) for kind in ("QuantizeLinear", "DequantizeLinear")},
}
"""What works on whole numbers, and which operands it has that are no scales and zero points."""

OPERATORS: dict[str, Operator] = {
    **ONNX_OPERATORS,
    **{kind: each.operator() for kind, each in (LIKENESSES | QUANTIZED).items()},
    OUT_OF_BLOCKS: Operator(_unblock),
}
"""Operator -> how it is read. Whatever is not here becomes an opaque layer."""
