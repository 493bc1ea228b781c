"""What the commands write as JSON: the documented contracts, as types.

Shapes are `[height, width, channels]`, with null where a size is unknown.
"""

from __future__ import annotations

from typing import Any, TypedDict

PlainShape = list[int | None] | None


class MeasuredData(TypedDict):
    """The measures that add up. A sum is a lower bound where the model's `exact` is false."""

    layers: int
    parameters: int
    trainable_parameters: int
    macs: int
    activations: int
    weights_bytes: int
    activation_bytes: int


class ModelData(MeasuredData):
    """The whole model. `exact` is false where parameters or MACs are lower bounds."""

    name: str
    target: str
    input_shape: PlainShape
    layers_without_classifier: int
    backbone: int
    backbones: int
    exact: bool


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


class IdentityData(TypedDict):
    """A published variant that the model is: `up_to` is `classifier`, `head` or the number of a block."""

    key: str
    title: str
    up_to: str
    whole_blocks: bool
    classes: int | None
    deviations: list[str]


class _Surroundings(TypedDict, total=False):
    before: PartData
    after: PartData
    other_branches: PartData


class SummaryData(_Surroundings):
    """`summary --format json`, whatever `--level` and `--block` say."""

    format: int
    model: ModelData
    stem: PartData
    blocks: list[BlockData]
    head: PartData | None
    classifier: PartData | None
    taps: list[TapData]
    remarks: list[str]
    published: list[IdentityData]


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


class PlaceData(TypedDict):
    """Where one of two models first differs from the other, and what it has there."""

    model: str
    stage: str | None
    block: int | None
    sub_block: str | None
    module: int | None
    layer: str | None
    value: Any


class FirstDifferenceData(TypedDict):
    """The first place where two models differ."""

    attribute: str
    same_architecture: bool
    at: list[PlaceData]


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
    first_differences: list[FirstDifferenceData]


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


CONTRACTS: dict[str, type] = {
    "summary": SummaryData,
    "compare": CompareData,
    "variants": VariantsData,
    "verify": VerifyData,
}
"""What each command writes as JSON."""
