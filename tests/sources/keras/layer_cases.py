"""Models of one layer, several for each class of `keras.layers`, each with its MACs written out by hand."""

from __future__ import annotations

from typing import Any, NamedTuple

Shape = tuple[int | None, ...]


class Made(NamedTuple):
    """A layer that is an argument of another."""

    class_name: str
    arguments: dict[str, Any]


class Case(NamedTuple):
    """One layer: its class and arguments, the shapes of what it takes, and the MACs of one call, None where unknown.

    `inputs` are given one by one, those of `named` by name; as a list where `as_list`. `afterwards` is a method of the
    layer that is called when it is built, with its argument.
    """

    class_name: str
    arguments: dict[str, Any]
    inputs: tuple[Shape, ...]
    macs: int | None = 0
    named: dict[str, Shape] = {}  # noqa: RUF012 - never changed
    as_list: bool = False
    dtype: str = "float32"
    call: dict[str, Any] = {}  # noqa: RUF012 - never changed
    afterwards: tuple[str, Any] | None = None

    @property
    def title(self) -> str:
        """What tells it from the other cases."""
        arguments = ", ".join(f"{key}={_short(value)}" for key, value in {**self.arguments, **self.call}.items())
        then = f", then {' '.join(map(str, self.afterwards))}" if self.afterwards else ""
        return f"{self.class_name}({arguments}) of {[*self.inputs, *self.named.items()]}{then}"


def _short(value: Any) -> str:
    return f"{value.class_name}{value.arguments}" if isinstance(value, Made) else str(value)


ROW, IMAGE, VOLUME = (10, 6), (9, 8, 6), (7, 8, 9, 4)
FILM = (5, 9, 8, 3)
CONV = {"filters": 4, "kernel_size": 3}


def of(class_name: str, *arguments: dict[str, Any], inputs: tuple[Shape, ...] = (IMAGE,), **more: Any) -> list[Case]:
    """The same class with different arguments, none of them with products."""
    return [Case(class_name, each, inputs, **more) for each in arguments or ({},)]


CONVOLUTIONS = [
    Case("Conv1D", CONV, (ROW,), 8 * 3 * 6 * 4),
    Case("Conv1D", {**CONV, "strides": 2, "padding": "same", "use_bias": False}, (ROW,), 5 * 3 * 6 * 4),
    Case("Conv1D", {**CONV, "dilation_rate": 2, "padding": "causal"}, (ROW,), 10 * 3 * 6 * 4),
    Case("Conv1D", {**CONV, "strides": 3, "padding": "causal", "groups": 2}, (ROW,), 4 * 3 * 3 * 4),
    Case("Conv1D", {**CONV, "data_format": "channels_first"}, ((6, 10),), 8 * 3 * 6 * 4),
    Case("Conv1D", CONV, ((None, 6),), None),
    Case("Conv2D", {**CONV, "groups": 2, "strides": 2}, (IMAGE,), 4 * 3 * 9 * 3 * 4),
    Case("Conv2D", {**CONV, "dilation_rate": 2, "padding": "same"}, (IMAGE,), 72 * 9 * 6 * 4),
    Case("Conv2D", {**CONV, "data_format": "channels_first"}, ((6, 9, 8),), 7 * 6 * 9 * 6 * 4),
    Case("Conv3D", CONV, (VOLUME,), 5 * 6 * 7 * 27 * 4 * 4),
    Case("Conv3D", {"filters": 4, "kernel_size": (1, 2, 3), "strides": (1, 2, 3)}, (VOLUME,), 7 * 4 * 3 * 6 * 16),
    Case("Conv3D", {**CONV, "padding": "same", "strides": 2, "groups": 2}, (VOLUME,), 4 * 4 * 5 * 27 * 2 * 4),
    Case("Conv3D", {**CONV, "dilation_rate": 2, "data_format": "channels_first"}, ((4, 7, 8, 9),), 60 * 27 * 16),
    Case("Conv1DTranspose", {**CONV, "strides": 2}, (ROW,), 10 * 3 * 6 * 4),
    Case("Conv1DTranspose", {**CONV, "strides": 2, "padding": "same"}, (ROW,), 10 * 3 * 6 * 4),
    Case("Conv1DTranspose", {**CONV, "strides": 3, "output_padding": 1}, (ROW,), 10 * 3 * 6 * 4),
    Case("Conv1DTranspose", {**CONV, "dilation_rate": 2}, (ROW,), 10 * 3 * 6 * 4),
    Case("Conv2DTranspose", {**CONV, "strides": 2, "use_bias": False}, (IMAGE,), 72 * 9 * 6 * 4),
    Case("Conv3DTranspose", {**CONV, "strides": 2}, (VOLUME,), 7 * 8 * 9 * 27 * 4 * 4),
    Case("Conv3DTranspose", {**CONV, "strides": (1, 2, 3), "padding": "same"}, (VOLUME,), 7 * 8 * 9 * 27 * 4 * 4),
    Case("DepthwiseConv1D", {"kernel_size": 3}, (ROW,), 8 * 3 * 6),
    Case("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2, "strides": 2}, (ROW,), 4 * 3 * 12),
    Case("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, (IMAGE,), 72 * 9 * 12),
    Case("DepthwiseConv2D", {"kernel_size": (2, 3), "strides": 2, "use_bias": False}, (IMAGE,), 4 * 3 * 6 * 6),
    Case("SeparableConv1D", {**CONV, "padding": "same"}, (ROW,), 10 * (3 * 6 + 6 * 4)),
    Case("SeparableConv1D", {**CONV, "depth_multiplier": 2, "strides": 2}, (ROW,), 4 * (3 * 12 + 12 * 4)),
    Case("SeparableConv2D", CONV, (IMAGE,), 7 * 6 * (9 * 6 + 6 * 4)),
    Case("SeparableConv2D", {**CONV, "strides": 2, "padding": "same"}, (IMAGE,), 5 * 4 * (9 * 6 + 6 * 4)),
    Case("SeparableConv2D", {**CONV, "depth_multiplier": 3, "dilation_rate": 2}, (IMAGE,), 20 * (9 * 18 + 18 * 4)),
    Case("SeparableConv2D", {**CONV, "use_bias": False}, (IMAGE,), 7 * 6 * (9 * 6 + 6 * 4)),
    Case("SeparableConv2D", {**CONV, "data_format": "channels_first"}, ((6, 9, 8),), 42 * (9 * 6 + 6 * 4)),
]

POOLINGS = [
    case
    for kind in ("Average", "Max")
    for case in (
        *of(f"{kind}Pooling1D", {"pool_size": 2}, {"pool_size": 3, "strides": 2, "padding": "same"}, inputs=(ROW,)),
        *of(f"{kind}Pooling1D", {"pool_size": 2, "data_format": "channels_first"}, inputs=((6, 10),)),
        *of(f"{kind}Pooling2D", {"pool_size": 2}, {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}),
        *of(f"{kind}Pooling2D", {"pool_size": 3, "data_format": "channels_first"}, inputs=((6, 9, 8),)),
        *of(
            f"{kind}Pooling3D",
            {"pool_size": 2},
            {"pool_size": (1, 2, 3), "strides": 2, "padding": "same"},
            inputs=(VOLUME,),
        ),
        *of(f"Global{kind}Pooling1D", {}, {"keepdims": True}, inputs=(ROW,)),
        *of(f"Global{kind}Pooling1D", {"data_format": "channels_first"}, inputs=((6, 10),)),
        *of(f"Global{kind}Pooling2D", {}, {"keepdims": True}),
        *of(f"Global{kind}Pooling3D", {}, {"keepdims": True}, inputs=(VOLUME,)),
        *of(f"Global{kind}Pooling3D", {"keepdims": True, "data_format": "channels_first"}, inputs=(VOLUME,)),
        *of(f"Adaptive{kind}Pooling1D", {"output_size": 3}, inputs=(ROW,)),
        *of(f"Adaptive{kind}Pooling2D", {"output_size": 3}, {"output_size": (2, 4)}),
        *of(f"Adaptive{kind}Pooling2D", {"output_size": (2, 4), "data_format": "channels_first"}),
        *of(f"Adaptive{kind}Pooling3D", {"output_size": 2}, inputs=(VOLUME,)),
    )
]

SHAPES = [
    *of("ZeroPadding1D", {}, {"padding": (1, 2)}, inputs=(ROW,)),
    *of("ZeroPadding2D", {}, {"padding": (1, 2)}, {"padding": ((1, 2), (0, 3))}),
    *of("ZeroPadding3D", {}, {"padding": (1, 2, 3)}, {"padding": ((0, 1), (1, 2), (3, 0))}, inputs=(VOLUME,)),
    *of("ZeroPadding3D", {"padding": (1, 2, 3), "data_format": "channels_first"}, inputs=(VOLUME,)),
    *of("Cropping1D", {}, {"cropping": (1, 2)}, inputs=(ROW,)),
    *of("Cropping2D", {"cropping": (1, 2)}, {"cropping": ((1, 2), (0, 3))}),
    *of("Cropping3D", {}, {"cropping": ((0, 1), (1, 2), (3, 0))}, inputs=(VOLUME,)),
    *of("UpSampling1D", {}, {"size": 3}, inputs=(ROW,)),
    *of("UpSampling2D", {}, {"size": (2, 3), "interpolation": "bilinear"}),
    *of("UpSampling3D", {}, {"size": (1, 2, 3)}, inputs=(VOLUME,)),
    *of("Permute", {"dims": (3, 1, 2)}, {"dims": (2, 1, 3)}),
    *of("RepeatVector", {"n": 4}, inputs=((6,),)),
    *of("Reshape", {"target_shape": (72, 6)}, {"target_shape": (-1,)}, {"target_shape": (6, -1, 3)}),
    *of("Flatten", {}),
    *of("Resizing", {"height": 5, "width": 4}, {"height": 5, "width": 4, "crop_to_aspect_ratio": True}),
    *of("Resizing", {"height": 5, "width": 4, "pad_to_aspect_ratio": True}),
    *of("CenterCrop", {"height": 5, "width": 4}),
    *of("RandomCrop", {"height": 5, "width": 4}),
    *of("Concatenate", {}, {"axis": 1}, {"axis": -2}, {"axis": 3}, inputs=(IMAGE, IMAGE), as_list=True),
    *of("Concatenate", {"axis": 1}, {}, inputs=(ROW, ROW, ROW), as_list=True),
]

NORMALIZATIONS = [
    *of("BatchNormalization", {}, {"axis": 1}, {"axis": 2, "scale": False}, {"center": False}),
    *of("BatchNormalization", {}, {"axis": 1}, inputs=(VOLUME,)),
    *of("LayerNormalization", {}, {"axis": (1, 2)}, {"axis": [1, 2, 3], "center": False}, {"axis": 1, "scale": False}),
    *of("LayerNormalization", {"axis": -2}, inputs=(ROW,)),
    *of("GroupNormalization", {"groups": 3}, {"groups": -1, "scale": False}, {"groups": 3, "axis": 1}),
    *of("RMSNormalization", {}, {"axis": 1}, {"axis": [1, 3]}),
    *of("UnitNormalization", {}, {"axis": 1}),
    *of("Normalization", {}, {"axis": None}, {"axis": 1}, {"axis": (1, 3)}, {"mean": 1.0, "variance": 2.0}),
]

SIMPLE = [
    *of("Activation", {"activation": "relu"}),
    *of("ActivityRegularization", {"l1": 0.1}),
    *of("ELU", {}),
    *of("LeakyReLU", {}),
    *of("PReLU", {}, {"shared_axes": [1, 2]}, {"shared_axes": [1]}),
    *of("PReLU", {}, inputs=(ROW,)),
    *of("ReLU", {}, {"max_value": 6.0}),
    *of("Softmax", {}, {"axis": 1}),
    *of("Identity", {}),
    *of("Masking", {}, inputs=(ROW,)),
    *of("Rescaling", {"scale": 0.5}),
    *of("InputLayer", {"shape": (4, 3)}, inputs=()),
    *of("Dropout", {"rate": 0.5}),
    *of("AlphaDropout", {"rate": 0.5}),
    *of("GaussianDropout", {"rate": 0.5}),
    *of("GaussianNoise", {"stddev": 0.5}),
    *of("SpatialDropout1D", {"rate": 0.5}, inputs=(ROW,)),
    *of("SpatialDropout2D", {"rate": 0.5}),
    *of("SpatialDropout3D", {"rate": 0.5}, inputs=(VOLUME,)),
    *(
        case
        for joint in ("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Average")
        for case in (
            *of(joint, {}, inputs=(IMAGE, IMAGE), as_list=True),
            *of(joint, {}, inputs=(IMAGE, (1, 1, 6)), as_list=True),
        )
    ),
]

PRODUCTS = [
    Case("Dense", {"units": 4}, ((6,),), 6 * 4),
    Case("Dense", {"units": 4, "use_bias": False}, (ROW,), 10 * 6 * 4),
    Case("Dense", {"units": 4}, (VOLUME,), 7 * 8 * 9 * 4 * 4),
    Case("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "c"}, ((6,),), 6 * 4),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 4)}, (ROW,), 10 * 6 * 4),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"}, (ROW,), 10 * 6 * 4),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"}, ((8, 8, 6),), 64 * 6 * 4),
    Case("EinsumDense", {"equation": "abc,bde->ade", "output_shape": (3, 2)}, (ROW,), 10 * 6 * 3 * 2),
    Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 3, 2), "bias_axes": "de"}, (ROW,), 360),
    Case("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": 4}, (ROW,), 10 * 6 * 4),
    Case("Dot", {"axes": 1}, ((6,), (6,)), 6, as_list=True),
    Case("Dot", {"axes": (2, 1)}, (ROW, (6, 3)), 10 * 6 * 3, as_list=True),
    Case("Dot", {"axes": -1, "normalize": True}, (ROW, (4, 6)), 10 * 4 * 6, as_list=True),
    Case("Embedding", {"input_dim": 7, "output_dim": 4}, ((10,),), dtype="int32"),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 4}, ((10,),), dtype="int32"),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 4, "tie_weights": False}, ((10,),), dtype="int32"),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 4}, ((10, 4),), 10 * 4 * 7, call={"reverse": True}),
]

HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
MEMORY = (7, 5)

ATTENTIONS = [
    Case("MultiHeadAttention", HEADS, (ROW, ROW), 4 * 10 * 6 * 6 + 2 * 10 * 10 * 6),
    Case(
        "MultiHeadAttention",
        {**HEADS, "value_dim": 4, "use_bias": False},
        (ROW, MEMORY),
        10 * 6 * 6 + 7 * 5 * 6 + 7 * 5 * 8 + 10 * 7 * (6 + 8) + 10 * 8 * 6,
    ),
    Case(
        "MultiHeadAttention",
        {**HEADS, "output_shape": 9},
        (ROW, MEMORY, (7, 8)),
        10 * 6 * 6 + 7 * 8 * 6 + 7 * 5 * 6 + 2 * 10 * 7 * 6 + 10 * 6 * 9,
    ),
    Case(
        "MultiHeadAttention",
        HEADS,
        (ROW,),
        10 * 6 * 6 + 7 * 8 * 6 + 7 * 5 * 6 + 2 * 10 * 7 * 6 + 10 * 6 * 6,
        named={"key": (7, 8), "value": MEMORY},
    ),
    Case(
        "MultiHeadAttention",
        {**HEADS, "attention_axes": (2,)},
        ((9, 8, 6), (9, 8, 6)),
        4 * 72 * 6 * 6 + 2 * 9 * 8 * 8 * 6,
    ),
    Case("MultiHeadAttention", HEADS, ((9, 8, 6), (9, 8, 6)), 4 * 72 * 6 * 6 + 2 * 72 * 72 * 6),
    Case("MultiHeadAttention", {**HEADS, "use_gate": True}, (ROW, ROW), 5 * 10 * 6 * 6 + 2 * 10 * 10 * 6),
    Case(
        "GroupQueryAttention",
        GROUPS,
        (ROW, (7, 6)),
        10 * 6 * 12 + 2 * 7 * 6 * 6 + 2 * 10 * 7 * 12 + 10 * 12 * 6,
    ),
    Case(
        "GroupQueryAttention",
        {**GROUPS, "use_bias": False},
        (ROW, (7, 6), (7, 6)),
        10 * 6 * 12 + 2 * 7 * 6 * 6 + 2 * 10 * 7 * 12 + 10 * 12 * 6,
    ),
    Case("Attention", {}, (ROW, (7, 6)), 10 * 7 * 6 + 10 * 7 * 6, as_list=True),
    Case("Attention", {"use_scale": True}, (ROW, MEMORY, (7, 6)), 10 * 7 * 6 + 10 * 7 * 5, as_list=True),
    Case("Attention", {"score_mode": "concat", "use_scale": True}, (ROW, (7, 6)), 10 * 7 * 6, as_list=True),
    Case("AdditiveAttention", {}, (ROW, (7, 6)), 10 * 7 * 6, as_list=True),
    Case("AdditiveAttention", {"use_scale": False}, (ROW, MEMORY, (7, 6)), 10 * 7 * 5, as_list=True),
]

LSTM = Made("LSTM", {"units": 4})
RECURRENT = [
    Case("SimpleRNN", {"units": 4}, (ROW,), 10 * (6 + 4) * 4),
    Case("SimpleRNN", {"units": 4, "return_sequences": True, "use_bias": False}, (ROW,), 10 * (6 + 4) * 4),
    Case("LSTM", {"units": 4}, (ROW,), 10 * 4 * (6 + 4) * 4),
    Case("LSTM", {"units": 4, "return_sequences": True, "use_bias": False}, (ROW,), 10 * 4 * (6 + 4) * 4),
    Case("LSTM", {"units": 4, "return_state": True}, (ROW,), 10 * 4 * (6 + 4) * 4),
    Case("LSTM", {"units": 4}, ((None, 6),), None),
    Case("GRU", {"units": 4}, (ROW,), 10 * 3 * (6 + 4) * 4),
    Case("GRU", {"units": 4, "reset_after": False, "return_sequences": True}, (ROW,), 10 * 3 * (6 + 4) * 4),
    Case("GRU", {"units": 4, "use_bias": False}, (ROW,), 10 * 3 * (6 + 4) * 4),
    Case("RNN", {"cell": Made("GRUCell", {"units": 4})}, (ROW,), 10 * 3 * (6 + 4) * 4),
    Case("RNN", {"cell": Made("SimpleRNNCell", {"units": 4}), "return_sequences": True}, (ROW,), 10 * (6 + 4) * 4),
    Case(
        "RNN",
        {"cell": [Made("LSTMCell", {"units": 4}), Made("LSTMCell", {"units": 3})]},
        (ROW,),
        10 * 4 * (10 * 4 + 7 * 3),
    ),
    Case(
        "RNN",
        {"cell": Made("StackedRNNCells", {"cells": [Made("LSTMCell", {"units": 4}), Made("GRUCell", {"units": 3})]})},
        (ROW,),
        10 * (4 * 10 * 4 + 3 * 7 * 3),
    ),
    Case("Bidirectional", {"layer": LSTM}, (ROW,), 2 * 10 * 4 * (6 + 4) * 4),
    Case("Bidirectional", {"layer": LSTM, "merge_mode": "sum"}, (ROW,), 2 * 10 * 4 * (6 + 4) * 4),
    Case(
        "Bidirectional",
        {
            "layer": Made("GRU", {"units": 4, "return_sequences": True}),
            "backward_layer": Made("LSTM", {"units": 4, "return_sequences": True, "go_backwards": True}),
        },
        (ROW,),
        10 * (3 + 4) * (6 + 4) * 4,
    ),
    Case("ConvLSTM1D", CONV, ((5, 9, 3),), 5 * 7 * 3 * (3 + 4) * 16),
    Case("ConvLSTM2D", CONV, (FILM,), 5 * 7 * 6 * 9 * (3 + 4) * 16),
    Case(
        "ConvLSTM2D",
        {**CONV, "return_sequences": True, "padding": "same", "strides": 2, "use_bias": False},
        (FILM,),
        5 * 5 * 4 * 9 * (3 + 4) * 16,
    ),
    Case("ConvLSTM2D", {**CONV, "data_format": "channels_first"}, ((5, 3, 9, 8),), 5 * 7 * 6 * 9 * 7 * 16),
    Case("ConvLSTM3D", CONV, ((5, 7, 8, 9, 3),), 5 * 5 * 6 * 7 * 27 * (3 + 4) * 16),
]

WRAPPERS = [
    Case("TimeDistributed", {"layer": Made("Conv2D", CONV)}, (FILM,), 5 * 7 * 6 * 9 * 3 * 4),
    Case("TimeDistributed", {"layer": Made("Dense", {"units": 4})}, (ROW,), 10 * 6 * 4),
    Case("TimeDistributed", {"layer": Made("SeparableConv2D", CONV)}, (FILM,), 5 * 42 * (9 * 3 + 3 * 4)),
    Case("TimeDistributed", {"layer": Made("Conv2DTranspose", CONV)}, (FILM,), 5 * 72 * 9 * 3 * 4),
    Case("TimeDistributed", {"layer": Made("Conv1D", CONV)}, ((5, 10, 6),), 5 * 8 * 3 * 6 * 4),
    Case("TimeDistributed", {"layer": LSTM}, ((5, 10, 6),), 5 * 10 * 4 * (6 + 4) * 4),
    Case("TimeDistributed", {"layer": Made("BatchNormalization", {})}, (FILM,), 0),
    Case("TimeDistributed", {"layer": Made("GlobalAveragePooling2D", {})}, (FILM,), 0),
    Case("TimeDistributed", {"layer": Made("MaxPooling2D", {})}, (FILM,), 0),
    Case("TimeDistributed", {"layer": Made("Flatten", {})}, (FILM,), 0),
    Case(
        "TimeDistributed",
        {"layer": Made("TimeDistributed", {"layer": Made("Dense", {"units": 4})})},
        ((5, 10, 6),),
        5 * 10 * 6 * 4,
    ),
    Case("SpectralNormalization", {"layer": Made("Conv2D", CONV)}, (IMAGE,), 7 * 6 * 9 * 6 * 4),
    Case("SpectralNormalization", {"layer": Made("Dense", {"units": 4})}, (ROW,), 10 * 6 * 4),
    Case("SpectralNormalization", {"layer": Made("Conv2DTranspose", CONV)}, (IMAGE,), 72 * 9 * 6 * 4),
    Case("SpectralNormalization", {"layer": Made("Conv1D", CONV)}, (ROW,), 8 * 3 * 6 * 4),
    Case("SpectralNormalization", {"layer": Made("Embedding", {"input_dim": 7, "output_dim": 4})}, ((3,),)),
    Case("SpectralNormalization", {"layer": Made("DepthwiseConv2D", {"kernel_size": 3})}, (IMAGE,), 42 * 9 * 6),
]

CODES = {"num_tokens": 5}
PREPROCESSING = [
    *(
        case
        for name in (
            "AutoContrast",
            "RandomGrayscale",
            "RandomFlip",
            "ContrastLimitedAdaptiveHistogramEqualization",
        )
        for case in of(name, {}, inputs=((9, 8, 3),))
    ),
    *(
        case
        for name in (
            "RandAugment",
            "AugMix",
            "CutMix",
            "MixUp",
            "RandomErasing",
            "RandomGaussianBlur",
            "RandomElasticTransform",
        )
        for case in of(name, {}, inputs=((9, 8, 3),))
    ),
    *(
        case
        for name in (
            "RandomBrightness",
            "RandomColorDegeneration",
            "RandomContrast",
            "RandomHue",
            "RandomInvert",
            "RandomPerspective",
            "RandomPosterization",
            "RandomRotation",
            "RandomSaturation",
            "RandomSharpness",
        )
        for case in of(name, {"factor": 4 if name == "RandomPosterization" else 0.1}, inputs=((9, 8, 3),))
    ),
    *of("RandomColorJitter", {"brightness_factor": 0.1}, inputs=((9, 8, 3),)),
    *of("RandomShear", {"x_factor": 0.1}, inputs=((9, 8, 3),)),
    *of("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}, inputs=((9, 8, 3),)),
    *of("RandomZoom", {"height_factor": 0.1}, inputs=((9, 8, 3),)),
    *of("Solarization", {}, inputs=((9, 8, 3),)),
    *of("CategoryEncoding", CODES, {**CODES, "output_mode": "multi_hot"}, inputs=((3,),), dtype="int32"),
    *of("CategoryEncoding", {**CODES, "output_mode": "one_hot"}, inputs=((1,),), dtype="int32"),
    *of("Discretization", {"bin_boundaries": [0.0, 1.0]}, inputs=((3,),)),
    *of("Hashing", {"num_bins": 5}, inputs=((3,),), dtype="int32"),
    *of("HashedCrossing", {"num_bins": 5}, inputs=((1,), (1,)), as_list=True, dtype="int32"),
    *of("IntegerLookup", {"vocabulary": [1, 2, 3]}, inputs=((3,),), dtype="int64"),
    *of("StringLookup", {"vocabulary": ["a", "b"]}, inputs=((3,),), dtype="string"),
    *of("TextVectorization", {"vocabulary": ["a", "b"]}, inputs=((1,),), dtype="string"),
    *of("TextVectorization", {"vocabulary": ["a"], "output_sequence_length": 7}, inputs=((1,),), dtype="string"),
]

LORA, INT8 = ("enable_lora", 2), ("quantize", "int8")
WORDS = {"input_dim": 7, "output_dim": 4}
EINSUM = {"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "c"}
ADAPTED = [
    Case("Dense", {"units": 4}, ((8,),), 8 * 4, afterwards=LORA),
    Case("Dense", {"units": 4, "use_bias": False}, ((8,),), 8 * 4, afterwards=LORA),
    Case("Conv2D", CONV, (IMAGE,), 7 * 6 * 9 * 6 * 4, afterwards=LORA),
    Case("Conv1D", CONV, (ROW,), 8 * 3 * 6 * 4, afterwards=LORA),
    Case("Embedding", WORDS, ((10,),), dtype="int32", afterwards=LORA),
    Case("Dense", {"units": 4}, ((8,),), 8 * 4, afterwards=INT8),
    Case("Embedding", WORDS, ((10,),), dtype="int32", afterwards=INT8),
]

UNKNOWN = [
    Case("EinsumDense", EINSUM, ((6,),), 6 * 4, afterwards=LORA),
    Case("EinsumDense", EINSUM, ((6,),), 6 * 4, afterwards=INT8),
    Case("Dense", {"units": 4}, ((8,),), 8 * 4, afterwards=("quantize", "int4")),
    Case("Dense", {"units": 4}, ((8,),), 8 * 4, afterwards=("quantize", "float8")),
    Case("Lambda", {"function": "relu"}, (IMAGE,), None),
    Case("MelSpectrogram", {"sampling_rate": 8000}, ((4000,),), None),
    Case("STFTSpectrogram", {"frame_length": 16, "frame_step": 8, "window": None}, ((100, 1),), None),
    Case("Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"}, ((3,),)),
    Case("CategoryEncoding", {**CODES, "output_mode": "one_hot"}, ((3,),), dtype="int32"),
    Case("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "multi_hot"}, ((3,),), dtype="string"),
]
"""Of these the shape, the parameters or the MACs are unknown, but none of them is wrong."""

EXACT = [
    *CONVOLUTIONS,
    *POOLINGS,
    *SHAPES,
    *NORMALIZATIONS,
    *SIMPLE,
    *PRODUCTS,
    *ATTENTIONS,
    *RECURRENT,
    *WRAPPERS,
    *PREPROCESSING,
    *ADAPTED,
]

CASES = {case.title: case for case in (*EXACT, *UNKNOWN)}

EXCEPTED = {
    "Input": "a function",
    "InputSpec": "no layer",
    "Layer": "computes nothing itself",
    "Wrapper": "computes nothing itself",
    "SimpleRNNCell": "takes states beside its input; is a case of RNN",
    "LSTMCell": "takes states beside its input; is a case of RNN",
    "GRUCell": "takes states beside its input; is a case of RNN",
    "StackedRNNCells": "takes states beside its input; is a case of RNN",
    "FlaxLayer": "of another framework",
    "JaxLayer": "of another framework",
    "TorchModuleWrapper": "of another framework",
    "TFSMLayer": "of another framework",
    "Equalization": "Keras makes a cycle of it",
    "MaxNumBoundingBoxes": "takes boxes, not tensors",
    "Pipeline": "a row of layers, which is laid open like a model",
}
"""Names in `keras.layers` that no model of one layer can be made of, and why."""
