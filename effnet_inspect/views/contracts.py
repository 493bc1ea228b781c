"""What the commands write as JSON: the documented contracts, as types.

Shapes are `[height, width, channels]`, with null where a size is unknown.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from effnet_inspect.views.answer_contracts import CostData, FreezeData, ResultsData, SizesData, TapsData
from effnet_inspect.views.plain import PlainShape
from effnet_inspect.views.plot_contracts import AccuracyPlotData, CostPlotData, FieldPlotData, ScalingPlotData


class MeasuredData(TypedDict):
    """The measures that add up. A sum is a lower bound where the model's `exact` is false."""

    layers: int
    parameters: int
    trainable_parameters: int
    macs: int
    activations: int
    weights_bytes: int
    activation_bytes: int


class BuiltByData(TypedDict):
    """The releases that built a model, and where it was kept since; null for a model that was built just now.

    `resized_from` is the target that was built where the model follows from it, at another input size; else null.
    """

    keras: str
    tensorflow: str
    kept_in: Literal["package", "cache"] | None
    resized_from: str | None


class ModelData(MeasuredData):
    """The whole model. `exact` is false where parameters or MACs are lower bounds; `built_by` is null for files."""

    name: str
    target: str
    input_shape: PlainShape
    layers_without_classifier: int
    backbone: int
    backbones: int
    exact: bool
    built_by: BuiltByData | None


class PartData(MeasuredData):
    """A part of a model, and the tensors that enter and leave it."""

    input_shape: PlainShape
    output_shape: PlainShape


class OperatorData(TypedDict):
    """An MBConv or Fused-MBConv. A kernel or a stride is one number where it is square."""

    operator: str
    kernel: int | list[int]
    stride: int | list[int]
    expansion: int | float
    squeeze_excite: int | None


class ModuleData(TypedDict):
    """One of the article's modules; `layers` are names, `number` is null for what the article does not know."""

    role: str
    number: int | None
    title: str
    layers: list[str]


class SubBlockData(OperatorData, PartData):
    """A sub-block; `kind` is the article's, 1 to 3."""

    name: str
    kind: int
    residual: bool
    drop_rate: float | None
    modules: list[ModuleData]


class BlockData(OperatorData, PartData):
    """A block; operator, kernel, stride, expansion and squeeze-excite are those of its first sub-block."""

    number: int
    receptive_field: PlainShape
    sub_blocks: list[SubBlockData]


class TapData(TypedDict):
    """An intermediate feature that is used outside the backbone."""

    layer: str
    shape: PlainShape
    stride: list[float] | None


_FromTo = TypedDict("_FromTo", {"from": Any, "to": Any})
"""`from` is a word of Python, so that no class can have it as a key."""


class ChangeData(_FromTo):
    """One change of a published variant, at one place: a sub-block such as `4b`, or a section.

    `item` is what is changed, in words, and `what` its attribute; `from` is null where something is added, `to` where
    something is missing.
    """

    place: str
    item: str
    what: str


class IdentityData(TypedDict):
    """Which published variant the model is nearest to, and what is changed in it.

    `exact` is true where the model is that variant as far as it goes; `similarity` is the share of its sub-blocks that
    are the variant's. `variants` are all that it may be called, changed or not: several where it ends before they part,
    none where it is another network; `relative` names that one where it is known. `up_to` is `classifier`, `head` or
    the number of a block.
    """

    nearest: str | None
    exact: bool
    similarity: float
    changes: list[ChangeData]
    variants: list[str]
    relative: str | None
    up_to: str
    whole_blocks: bool
    classes: int | None


class PreprocessingData(TypedDict):
    """A layer before the first convolution that multiplies by `scale` and adds `offset`, for all channels or for each.

    Both are null where the model keeps them in its weights.
    """

    layer: str
    scale: list[float] | None
    offset: list[float] | None


class HitData(TypedDict):
    """A layer that `--find` has found; `place` is where it is, from the outside: `["Block 4", "4b", "Module 2"]`."""

    layer: str
    place: list[str]
    operation: str
    class_name: str
    kernel: PlainShape
    stride: PlainShape
    shape: PlainShape
    parameters: int | None
    macs: int | None
    takes: list[str]
    taken_by: list[str]


class _Surroundings(TypedDict, total=False):
    counts: dict[str, int | None]
    found: list[HitData]
    part: PartData
    stages: list[PartData]
    before: PartData
    after: PartData
    other_branches: PartData


class SummaryData(_Surroundings):
    """`summary --format json`, whatever `--level` and `--block` say; `--counts` and `--find` add theirs.

    `frozen` names the layers whose parameters could train and do not.
    """

    format: int
    model: ModelData
    stem: PartData
    blocks: list[BlockData]
    head: PartData | None
    classifier: PartData | None
    taps: list[TapData]
    preprocessing: list[PreprocessingData]
    frozen: list[str]
    remarks: list[str]
    identity: IdentityData


class RowData(TypedDict):
    """One row of an aspect: the number of the stage, null for what has none, and a value for every model."""

    stage: int | None
    part: str
    values: list[Any]


class _Total(TypedDict, total=False):
    total: list[Any]


class AspectData(_Total):
    """One aspect; `total` where the stages' values add up."""

    rows: list[RowData]


class DifferenceData(_FromTo):
    """One difference between two models, in all its places; `from` and `to` are those of the first place.

    `effect` is what it changes: `outputs`, `weights` (the outputs, and weights do not fit), `cost`, `training` or
    `nothing`.
    """

    models: list[str]
    places: list[str]
    item: str
    what: str
    effect: str
    sentence: str


class GroupData(TypedDict):
    """Models that are more alike than all of them are."""

    level: str
    models: list[str]
    differ: list[str]


class VerdictData(TypedDict):
    """How alike the models are: `same network`, `same graph`, `same blocks` or `different`."""

    level: str
    differ: list[str]
    sentence: str
    groups: list[GroupData]
    differences: list[DifferenceData]


class CompareData(TypedDict):
    """`compare --format json`; `verdict` is null for a single model."""

    format: int
    models: list[str]
    exact: list[bool]
    verdict: VerdictData | None
    aspects: dict[str, AspectData]


class AccuracyData(TypedDict):
    """ImageNet accuracy in percent, as `source` states it; `more_data` where more images were used to train."""

    top1: float
    top5: float | None
    more_data: bool
    source: str


class VariantData(MeasuredData):
    """One variant: published coefficients and accuracy, and what its graph has."""

    title: str
    target: str
    family: str
    width: float
    depth: float
    resolution: int
    dropout: float | None
    sub_blocks: int
    published: AccuracyData | None


class VariantsData(TypedDict):
    """`variants --format json`."""

    format: int
    variants: list[VariantData]


class CellData(TypedDict):
    """One value of the evidence."""

    found: Any
    expected: Any
    agrees: bool


class EvidenceRowData(TypedDict):
    """One row of the evidence."""

    name: str
    cells: list[CellData]


class EvidenceData(TypedDict):
    """A table behind a verdict."""

    title: str
    columns: list[str]
    rows: list[EvidenceRowData]


class LayersData(TypedDict):
    """Layers of one model."""

    model: str
    names: list[str]


class BuiltData(TypedDict):
    """One way in which a row of layers is built, and where."""

    where: str
    layers: list[str]


class AlignmentData(TypedDict):
    """A row of layers as a source draws it, and as it is built."""

    title: str
    drawn: list[str]
    built: list[BuiltData]


class ClaimData(TypedDict):
    """One claim and what checking it found; `recorded` is the verdict expected with this release."""

    id: str
    statement: str
    source: str
    place: str
    models: list[str]
    verdict: str
    recorded: str
    as_recorded: bool
    expected: str
    found: str
    condition: str | None
    layers: list[LayersData]
    evidence: list[EvidenceData]
    alignments: list[AlignmentData]
    command: str


class VerifyData(TypedDict):
    """`verify --format json`."""

    format: int
    counts: dict[str, int]
    as_recorded: bool
    claims: list[ClaimData]


class ExtraData(TypedDict):
    """Arrays in a file of weights that are not the network's, by what their names begin with."""

    name: str
    arrays: int
    what: str


class MissingData(TypedDict):
    """An array that a model has and a file of weights has not."""

    name: str
    model_shape: PlainShape
    reason: str


class UnexpectedData(TypedDict):
    """An array that a file of weights has and a model has not."""

    name: str
    file_shape: PlainShape
    reason: str


class MismatchedData(TypedDict):
    """An array that has another shape in a file of weights than in a model; both as the file's code base has them."""

    name: str
    file_shape: PlainShape
    model_shape: PlainShape
    reason: str


class WayData(TypedDict):
    """A way to load weights; `call` is empty where the framework has none, `trouble` where it loads the whole model."""

    call: str
    by: str
    loads: bool
    arrays: int
    trouble: str


class IntoData(TypedDict):
    """Whether a model is loaded from a file as it is, by the first of the `ways`; `matched` counts arrays that fit."""

    target: str
    fits: bool
    matched: int
    missing: list[MissingData]
    unexpected: list[UnexpectedData]
    mismatched: list[MismatchedData]
    ways: list[WayData]
    advice: list[str]


class WeightsData(TypedDict):
    """`weights --format json`.

    `up_to` is `classifier`, `head` or the number of the last whole block. It and `code_base` are null where the names
    are those of no code base, `variant` also where the shapes are those of no published one.
    `parameters` counts the numbers in the network's arrays, `dtype` is the type of most numbers in the file. All names
    of the network begin with `prefix`. `into` is null where no model was named.
    """

    format: int
    file: str
    kind: str
    bytes: int
    code_base: str | None
    variant: str | None
    changed: bool
    up_to: str | None
    input_channels: int | None
    classes: int | None
    arrays: int
    parameters: int
    dtype: str
    prefix: str
    extra: list[ExtraData]
    into: IntoData | None


class NamedArrayData(TypedDict):
    """An array as a code base names it, and with its order of axes."""

    name: str
    shape: PlainShape


VariableData = TypedDict(
    "VariableData",
    {
        "from": NamedArrayData | None,
        "to": NamedArrayData | None,
        "transpose": list[int] | None,
        "role": str,
        "sub_block": str | None,
    },
)
VariableData.__doc__ = """An array in two code bases, null in one that has none, and the transpose between them."""


MapData = TypedDict("MapData", {"format": int, "from": str, "to": str, "variables": list[VariableData]})
MapData.__doc__ = """`map --format json`."""


CONTRACTS: dict[str, type] = {
    "summary": SummaryData,
    "compare": CompareData,
    "variants": VariantsData,
    "variants --results": ResultsData,
    "verify": VerifyData,
    "taps": TapsData,
    "sizes": SizesData,
    "freeze": FreezeData,
    "cost": CostData,
    "weights": WeightsData,
    "map": MapData,
    "plot accuracy": AccuracyPlotData,
    "plot scaling": ScalingPlotData,
    "plot cost": CostPlotData,
    "plot receptive-field": FieldPlotData,
}
"""What each command writes as JSON."""
