"""The words by which a user chooses what is shown, in the library and on the command line."""

from __future__ import annotations

from typing import Literal, get_args

Level = Literal["block", "sub-block", "module", "layer"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""How deep the rows of a summary go."""

PresetName = Literal["paper"]
PRESET_NAMES: tuple[PresetName, ...] = get_args(PresetName)
"""Tables that are known from elsewhere."""

ViewName = Literal["architecture", "sub-blocks", "modules", "stem", "block", "mbconv", "shape", "layers", "poster"]
VIEW_NAMES: tuple[ViewName, ...] = get_args(ViewName)
"""What a diagram shows."""

ComparisonViewName = Literal["growth", "shape", "diff"]
COMPARISON_VIEW_NAMES: tuple[ComparisonViewName, ...] = get_args(ComparisonViewName)
"""What a figure of several networks shows."""

HeatName = Literal["macs", "parameters", "activations", "bytes"]
HEAT_NAMES: tuple[HeatName, ...] = get_args(HeatName)
"""By whose share the boxes of a figure are coloured."""

SourceName = Literal["article", "paper", "paper-v2", "reference", "keras-docs"]
SOURCE_NAMES: tuple[SourceName, ...] = get_args(SourceName)
"""Who published the statements that are checked; `catalog.published` says what each stands for."""

CodeBase = Literal[
    "keras", "timm", "torchvision", "efficientnet-pytorch", "transformers", "qubvel", "keras-hub", "tensorflow"
]
CODE_BASES: tuple[CodeBase, ...] = get_args(CodeBase)
"""Whose names of weights are known; each has its row in `conventions.CONVENTIONS`."""

PlotName = Literal["accuracy", "scaling", "cost", "receptive-field"]
PLOT_NAMES: tuple[PlotName, ...] = get_args(PlotName)
"""What a plot shows."""

SizeName = Literal["parameters", "macs", "resolution", "layers"]
SIZE_NAMES: tuple[SizeName, ...] = get_args(SizeName)
"""Against what the accuracy is plotted."""

TableFormat = Literal["terminal", "json", "csv", "markdown", "html", "latex"]
DiagramFormat = Literal["svg", "png", "pdf", "dot", "tikz"]
FormatName = TableFormat | DiagramFormat
TABLE_FORMATS: tuple[FormatName, ...] = get_args(TableFormat)
DIAGRAM_FORMATS: tuple[FormatName, ...] = get_args(DiagramFormat)
"""How tables and figures are written; each has its row in `renderers.FORMATS`."""

PLOT_FORMATS: tuple[FormatName, ...] = ("svg", "png", "pdf")
"""How plots are drawn; what consists of boxes can be had in all of DIAGRAM_FORMATS."""

ThemeName = Literal["light", "dark", "auto"]
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)
"""The colours of a figure; `auto` are those that the reader of an SVG prefers, and light in other formats."""

TapStyle = Literal["fpn", "unet"]
TAP_STYLES: tuple[TapStyle, ...] = get_args(TapStyle)
"""Which layer of a level is taken: what ends its last sub-block, or the expanded one in front of the next reduction."""

FrameworkName = Literal["keras", "timm", "torchvision"]
FRAMEWORKS: tuple[FrameworkName, ...] = get_args(FrameworkName)
"""For whom lines of code are written."""

OUTPUT_STRIDES = (16, 8)
"""To which the stride of an encoder for segmentation is held."""

DtypeName = Literal["float32", "mixed_float16", "float16", "bfloat16"]
DTYPE_NAMES: tuple[DtypeName, ...] = get_args(DtypeName)
"""In what a network is computed; mixed ones keep their weights in float32."""

OptimizerName = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)
"""By what a network is trained."""

FitName = Literal["screen", "slide", "a4", "a4-landscape", "a3", "a3-landscape", "column", "two-columns"]
FIT_NAMES: tuple[FitName, ...] = get_args(FitName)
"""What a figure is laid out for; `drawing.page` says how large each is."""

LabelStyle = Literal["article", "paper"]
LABEL_STYLES: tuple[LabelStyle, ...] = get_args(LabelStyle)
"""Whose words stand first in a figure's boxes."""
