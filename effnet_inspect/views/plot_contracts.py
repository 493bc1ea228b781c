"""What `plot` writes as JSON, as types: every point, the figures exact; `contracts` lists them with the others."""

from __future__ import annotations

from typing import Literal, TypedDict

from effnet_inspect.views.plain import PlainShape


class AccuracyPointData(TypedDict):
    """A model: accuracy in percent as `source` states it. `sizes` are counted from its graph, or published."""

    model: str
    target: str | None
    series: str
    parameters: int | None
    macs: int | None
    resolution: int | None
    layers: int | None
    top1: float
    top5: float | None
    sizes: str
    source: str


class AccuracyPlotData(TypedDict):
    """`plot accuracy`; `x` is the key of what is on the x axis."""

    format: int
    kind: Literal["accuracy"]
    x: str
    points: list[AccuracyPointData]


class StagePointData(TypedDict):
    """A stage: its width in channels, the height of its input and output in pixels, and how many sub-blocks it has."""

    model: str
    target: str
    stage: str
    channels: int | None
    resolution_in: int | None
    resolution_out: int | None
    sub_blocks: int


class ScalingPlotData(TypedDict):
    """`plot scaling`."""

    format: int
    kind: Literal["scaling"]
    points: list[StagePointData]


class CostPointData(TypedDict):
    """A sub-block or a part without any, for one image in float32; `number` counts them from the input."""

    model: str
    number: int
    stage: str
    place: str
    parameters: int | None
    macs: int | None
    activations: int | None
    bytes_moved: int | None


class CostPlotData(TypedDict):
    """`plot cost`."""

    format: int
    kind: Literal["cost"]
    points: list[CostPointData]


class FieldPointData(TypedDict):
    """What an output of a sub-block sees of the image, and the map it is on: `[height, width]`."""

    model: str
    number: int
    stage: str
    place: str
    receptive_field: PlainShape
    resolution: PlainShape


class FieldPlotData(TypedDict):
    """`plot receptive-field`."""

    format: int
    kind: Literal["receptive-field"]
    points: list[FieldPointData]
