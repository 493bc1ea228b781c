"""Keras' layers for any tensors: normalisations along any axes, products, embeddings, rearrangements, encodings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from effnet_inspect.graph import Shape, elements
from effnet_inspect.graph.operations import concatenated, matrix_product
from effnet_inspect.sources.keras.rows import (
    Attributes,
    Config,
    Counted,
    LayerClass,
    Shapes,
    axes_of,
    counted,
    named,
    unchanged,
)
from effnet_inspect.sources.keras.values import finite, whole
from effnet_inspect.sources.keras.windows import total

UNKNOWN = Counted(None, None, None, None)


def _first(inputs: Shapes) -> Shape | None:
    return inputs[0] if inputs else None


def _along_axes(config: Config, shape: Shape, usual: Any = -1) -> int | None:
    """How many numbers a weight has that lies along the axes of the configuration."""
    axis = config.get("axis", usual)
    return elements([shape[at] for at in sorted(axes_of(axis, len(shape)))])


def _learned(config: Config) -> int:
    return bool(config.get("scale", True)) + bool(config.get("center", True))


def batch_normalization(config: Config, inputs: Shapes) -> Counted:
    """Of the axis stated; its statistics are not trained."""
    shape = _first(inputs)
    size = _along_axes(config, shape) if shape else None
    return Counted(shape, elements((2 + _learned(config), size)), frozen=elements((2, size)))


def layer_normalization(config: Config, inputs: Shapes) -> Counted:
    """Over any axes; scaled by the root mean square alone, it has a scale and no offset."""
    shape = _first(inputs)
    size = _along_axes(config, shape) if shape else None
    return Counted(shape, elements((1 if config.get("rms_scaling") else _learned(config), size)))


def group_normalization(config: Config, inputs: Shapes) -> Counted:
    """Of the groups of any axis."""
    shape = _first(inputs)
    return Counted(shape, elements((_learned(config), _along_axes(config, shape) if shape else None)))


def _root_mean_square(config: Config, inputs: Shapes) -> Counted:
    shape = _first(inputs)
    return Counted(shape, _along_axes(config, shape) if shape else None)


def input_normalization(config: Config, inputs: Shapes) -> Counted:
    """Mean and variance along any axes, or one of each, and how many inputs they are from."""
    shape = _first(inputs)
    if config.get("mean") is not None:
        return Counted(shape)
    size = 1 if config.get("axis", -1) is None else _along_axes(config, shape) if shape else None
    held = total(elements((2, size)), 1)
    return Counted(shape, held, frozen=held)


def _leaky_per_position(config: Config, inputs: Shapes) -> Counted:
    """A slope for every number of the input, shared along some axes."""
    shape = _first(inputs)
    if not shape:
        return Counted(None, None, 0, 0)
    shared = axes_of(config.get("shared_axes") or (), len(shape))
    return Counted(shape, elements([1 if axis in shared else size for axis, size in enumerate(shape)]))


def dense(config: Config, inputs: Shapes) -> Counted:
    """Of the last axis, whatever it is."""
    shape, units = _first(inputs), whole(config["units"])
    if not shape:
        return UNKNOWN
    weights = elements((shape[-1], units))
    biases = units if config.get("use_bias", True) else 0
    return Counted((*shape[:-1], units), total(weights, biases), elements((*shape, units)))


def _einsum(config: Config, inputs: Shapes) -> Counted:
    """A product of the input and a kernel; `...` stands for axes that stay as they are."""
    shape = _first(inputs)
    if shape is None:
        return UNKNOWN
    operands, result = str(config["equation"]).replace(" ", "").split("->")
    of_input, of_kernel = operands.split(",")
    kept = "".join(chr(0x100 + at) for at in range(len(shape) + 1 - len(of_input.replace("...", ""))))
    of_input, letters = of_input.replace("...", kept), result.replace("...", kept)
    sizes: dict[str, int | None] = dict(zip(of_input[1:], shape, strict=True))
    stated = config["output_shape"]
    stated = list(stated) if isinstance(stated, (list, tuple)) else [stated]
    new = [letter for letter in result.replace("...", "") if letter != of_input[0]]
    if result.startswith("..."):
        new, stated = new[::-1], stated[::-1]
    for letter, size in zip(new, stated, strict=False):
        if letter not in sizes and size is not None:
            sizes[letter] = whole(size)
    made = tuple(sizes.get(letter) for letter in letters[1:])
    weights = elements([sizes.get(letter) for letter in of_kernel])
    biases = elements([sizes.get(letter) for letter in config["bias_axes"]]) if config.get("bias_axes") else 0
    macs = elements([sizes.get(letter) for letter in dict.fromkeys(of_input[1:] + of_kernel)])
    return Counted(made, total(weights, biases), macs)


def _dot(config: Config, inputs: Shapes) -> Counted:
    """A product of two inputs, each along one axis."""
    if len(inputs) != 2 or inputs[0] is None or inputs[1] is None:
        return Counted(None, 0, None)
    axes = config["axes"]
    first, second = axes if isinstance(axes, (list, tuple)) else (axes, axes)
    (left,), (right,) = axes_of(first, len(inputs[0])), axes_of(second, len(inputs[1]))
    summed = inputs[0][left]
    made = (*_without(inputs[0], left), *_without(inputs[1], right))
    return Counted(made or (1,), 0, elements((*made, summed)))


def matrices(config: Config, inputs: Shapes) -> Counted:
    """A product of two inputs along their last axes, as `matmul` makes it."""
    if len(inputs) != 2:
        return Counted(None, 0, None)
    shape, macs = matrix_product(*inputs)
    return Counted(shape, 0, macs)


def _without(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def concatenation(config: Config, inputs: Shapes) -> Counted:
    """Of any axis; of that of the batch, one input has the shape that it has."""
    shape, axis = _first(inputs), config.get("axis", -1)
    if not isinstance(axis, int) or not shape or any(each is None or len(each) != len(shape) for each in inputs):
        return Counted(None)
    if axis in (0, -len(shape) - 1):
        return Counted(shape)
    (at,) = axes_of(axis, len(shape))
    fit = all(_fit(_without(each, at), _without(shape, at)) for each in inputs if each is not None)
    return Counted(concatenated(inputs, at) if fit else None)


def _fit(shape: Shape, other: Shape) -> bool:
    return all(None in pair or pair[0] == pair[1] for pair in zip(shape, other, strict=True))


def _embedding(config: Config, inputs: Shapes) -> Counted:
    shape, width = _first(inputs), whole(config["output_dim"])
    weights = whole(config["input_dim"]) * width
    return Counted(None if shape is None else (*shape, width), weights)


def _reversible_embedding(config: Config, inputs: Shapes) -> Counted:
    """Called in reverse, it is a product with the same weights, or with others."""
    forwards = _embedding(config, inputs)
    weights = elements((forwards.parameters, 1 if config.get("tie_weights", True) else 2))
    shape = _first(inputs)
    if not config.get("reverse"):
        return Counted(forwards.shape, weights)
    words = whole(config["input_dim"])
    if not shape:
        return Counted(None, weights, None)
    return Counted((*shape[:-1], words), weights, elements((*shape, words)))


def _permuted(config: Config, inputs: Shapes) -> Counted:
    shape = _first(inputs)
    return Counted(None if shape is None else tuple(shape[at] for at in axes_of(config["dims"], len(shape))))


def _repeated(config: Config, inputs: Shapes) -> Counted:
    shape = _first(inputs)
    return Counted(None if shape is None else (whole(config["n"]), *shape))


def _encoded(depth: Callable[[Config], int | None], usual: str) -> Callable[[Config, Shapes], Counted]:
    """Numbers or words as numbers, or as rows of `depth` positions."""

    def of_inputs(config: Config, inputs: Shapes) -> Counted:
        shape, mode = _first(inputs), config.get("output_mode") or usual
        if mode == "int" or shape is None:
            return Counted(shape)
        is_last_replaced = shape[-1:] == (1,) if mode == "one_hot" else len(shape) == 1
        size = depth(config)
        return Counted((*shape[:-1], size) if size is not None and is_last_replaced else None)

    return of_inputs


def _tokens(config: Config) -> int | None:
    return whole(config["num_tokens"])


def _bins(config: Config) -> int | None:
    return whole(config["num_bins"])


def _intervals(config: Config) -> int | None:
    boundaries = config.get("bin_boundaries")
    return len(boundaries) + 1 if boundaries else None


def _vocabulary(config: Config) -> int | None:
    is_padded = config.get("pad_to_max_tokens") and config.get("max_tokens")
    return whole(config["max_tokens"]) if is_padded else None


def _text(config: Config, inputs: Shapes) -> Counted:
    """As numbers, a text has as many as is stated, or any number."""
    length = config.get("output_sequence_length")
    if config.get("output_mode", "int") == "int":
        return Counted((None if length is None else whole(length),))
    depth = _vocabulary(config)
    return Counted(None if depth is None else (depth,))


def _dropout(config: Config, input_shape: Shape | None) -> Attributes:
    return {"rate": finite(config.get("rate", 0.0))}


OTHER_LAYERS: Mapping[str, LayerClass] = {
    "UnitNormalization": counted("other_normalization", unchanged),
    "RMSNormalization": counted("other_normalization", _root_mean_square),
    "PReLU": counted("activation", _leaky_per_position, named("prelu")),
    "EinsumDense": counted("matrix_product", _einsum),
    "Dot": counted("matrix_product", _dot),
    "Embedding": counted("embedding", _embedding),
    "ReversibleEmbedding": counted("embedding", _reversible_embedding),
    "Permute": counted("rearrangement", _permuted),
    "RepeatVector": counted("rearrangement", _repeated),
    "Minimum": LayerClass("minimum"),
    "Masking": LayerClass("identity"),
    "ActivityRegularization": LayerClass("identity"),
    "AlphaDropout": LayerClass("dropout", _dropout),
    "SpatialDropout1D": LayerClass("dropout", _dropout),
    "SpatialDropout3D": LayerClass("dropout", _dropout),
    "ThresholdedReLU": LayerClass("activation", named("thresholded_relu")),
    "CategoryEncoding": counted("encoding", _encoded(_tokens, "multi_hot")),
    "Hashing": counted("encoding", _encoded(_bins, "int")),
    "HashedCrossing": counted("encoding", _encoded(_bins, "int")),
    "Discretization": counted("encoding", _encoded(_intervals, "int")),
    "IntegerLookup": counted("encoding", _encoded(_vocabulary, "int")),
    "StringLookup": counted("encoding", _encoded(_vocabulary, "int")),
    "TextVectorization": counted("encoding", _text),
    "MelSpectrogram": LayerClass("opaque", holds_weights=False),
    "Lambda": LayerClass("opaque", holds_weights=False),
    **{
        name: LayerClass("augmentation")
        for name in (
            "AugMix",
            "AutoContrast",
            "ContrastLimitedAdaptiveHistogramEqualization",
            "CutMix",
            "Equalization",
            "MixUp",
            "RandAugment",
            "RandomColorDegeneration",
            "RandomColorJitter",
            "RandomElasticTransform",
            "RandomErasing",
            "RandomGaussianBlur",
            "RandomGrayscale",
            "RandomHue",
            "RandomInvert",
            "RandomPerspective",
            "RandomPosterization",
            "RandomSaturation",
            "RandomSharpness",
            "RandomShear",
            "Solarization",
        )
    },
}
