"""What the commands that answer questions write as JSON, as types; `contracts` lists them with the others."""

from __future__ import annotations

from typing import TypedDict

from effnet_inspect.views.plain import PlainShape


class LevelData(TypedDict):
    """One level, P1 to P5: `layer` ends the last sub-block of its stride, `expanded_layer` is in front of the next.

    `blocks` are the numbers of the blocks of this stride.
    """

    level: str
    stride: int
    shape: PlainShape
    channels: int | None
    receptive_field: PlainShape
    sub_block: str | None
    blocks: list[int]
    layer: str
    expanded_layer: str | None
    expanded_shape: PlainShape


class PresentTapData(TypedDict):
    """A layer whose output the model uses outside the backbone.

    `joint` is where it first meets other features, `enlargement` how many times as high it is there. `recommended` is
    the style in which it is the layer to take, `fpn` or `unet`.
    """

    layer: str
    level: str | None
    shape: PlainShape
    users: list[str]
    is_output: bool
    joint: str | None
    enlargement: float | None
    recommended: str | None


class _Code(TypedDict, total=False):
    code: str


class TapsData(_Code):
    """`taps --format json`; `code` are the lines that `--code` asks for."""

    format: int
    target: str
    taps: list[LevelData]
    class_activation_layer: str | None
    present: list[PresentTapData]


class PaddingData(TypedDict):
    """What a strided layer has around its input: `[[top, bottom], [left, right]]`, null where it is unknown."""

    layer: str
    kernel: list[int]
    input: PlainShape
    margins: list[list[int]] | None


class SizeData(TypedDict):
    """One input size: `[height, width]`, like all sizes here.

    `chain` are the maps of the levels, null where unknown; `closes` is null where it cannot be told. `breaks_at` are
    the maps, the deepest first, that a decoder which enlarges by the strides does not meet. `next` are the nearest
    sizes below and above that fit, one number where they are square; null where none is near.
    """

    input: list[int]
    chain: list[list[int] | None]
    closes: bool | None
    breaks_at: list[list[int]]
    next: list[int | list[int] | None]
    macs: int | None
    activations: int | None
    padding: list[PaddingData]


class DilatedData(TypedDict):
    """A layer whose stride or dilation is another where the output stride is held; `was` is its stride as built."""

    layer: str
    place: str
    stride: int
    was: int
    dilation: int


class OutputStrideData(TypedDict):
    """The network with an output stride that is asked for."""

    stride: int
    sizes: list[SizeData]
    layers: list[DilatedData]


class _OutputStride(TypedDict, total=False):
    output_stride: OutputStrideData


class SizesData(_OutputStride):
    """`sizes --format json`; `fixed` is true for a file that takes one size only. `levels` name the maps of a chain."""

    format: int
    target: str
    fixed: bool
    levels: list[str]
    sizes: list[SizeData]


class CutData(TypedDict):
    """What a border cuts: a `sub-block` or a `residual connection`, and how many of its layers lie on either side."""

    what: str
    place: str
    frozen_layers: int
    trained_layers: int


class FrozenPartData(TypedDict):
    """A sub-block, or a part without any; the indices are those in `model.layers`."""

    name: str
    stage: str
    first_index: int | None
    last_index: int | None
    layers: list[str]
    parameters: int
    trainable_parameters: int
    trainable_from_here: int


class FreezeData(_Code):
    """`freeze --format json`; what belongs to a border is null without one.

    Trainable parameters are without those of batch normalisation, unless `batch_normalization_trains`. `nested_in` are
    the nested models, the outermost first, whose `layers` the indices count.
    """

    format: int
    target: str
    border: str | None
    trainable_parameters: int | None
    frozen_parameters: int | None
    first_trainable_index: int | None
    first_trainable_layer: str | None
    cuts: list[CutData]
    nearest_clean_border: str | None
    batch_normalization_trains: bool
    nested_in: list[str]
    parts: list[FrozenPartData]


class InferenceData(TypedDict):
    """A forward pass, in bytes; `peak_layer` runs when the most activations are alive."""

    peak_activation_bytes: int
    peak_layer: str
    weight_bytes: int
    moved_bytes: int
    macs: int
    macs_per_byte: float | None
    moved_bytes_by_kind: dict[str, int]


class TrainingData(TypedDict):
    """Training, in bytes. `total_bytes` has the weights too; `largest_batch` is null where no memory is given."""

    activation_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    total_bytes: int
    largest_batch: int | None


class PartCostData(TypedDict):
    """One stage, in bytes; `activation_bytes` are kept for training."""

    part: str
    weight_bytes: int
    peak_activation_bytes: int
    moved_bytes: int
    macs: int
    activation_bytes: int


class ModelCostData(TypedDict):
    """One model. The figures are lower bounds where `exact` is false."""

    target: str
    batch: int
    exact: bool
    inference: InferenceData
    training: TrainingData
    parts: list[PartCostData]


class CostData(TypedDict):
    """`cost --format json`; all figures are of the whole batch."""

    format: int
    dtype: str
    optimizer: str
    memory_bytes: int | None
    models: list[ModelCostData]


class ResultData(TypedDict):
    """A network of the paper's table of results; accuracies in percent, as published.

    `sizes` are counted from the graph of an EfficientNet, or published of one of its peers: `beside` is the target of
    the EfficientNet that it is compared with, and the ratios are to that. The earlier accuracies are those of an
    earlier version of the table.
    """

    model: str
    beside: str
    top1: float
    top5: float | None
    earlier_top1: float | None
    earlier_top5: float | None
    parameters: int
    parameters_ratio: float
    macs: int | None
    macs_ratio: float | None
    sizes: str


class ResultsData(TypedDict):
    """`variants --results --format json`; `source` is where the accuracies are published."""

    format: int
    source: str
    results: list[ResultData]
