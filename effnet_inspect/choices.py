"""The words by which a user chooses what is shown, in the library and on the command line."""

from __future__ import annotations

from typing import Literal, get_args

Level = Literal["block", "sub-block", "module", "layer"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""How deep the rows of a summary go."""

PresetName = Literal["paper"]
PRESET_NAMES: tuple[PresetName, ...] = get_args(PresetName)
"""Tables that are known from elsewhere."""

ViewName = Literal["architecture", "sub-blocks", "modules", "stem", "block", "layers", "poster"]
VIEW_NAMES: tuple[ViewName, ...] = get_args(ViewName)
"""What a diagram shows."""

SourceName = Literal["article", "paper", "paper-v2", "reference", "keras-docs"]
SOURCE_NAMES: tuple[SourceName, ...] = get_args(SourceName)
"""Who published the statements that are checked; `catalog.published` says what each stands for."""

CodeBase = Literal["keras", "timm", "torchvision", "efficientnet-pytorch", "transformers", "qubvel"]
CODE_BASES: tuple[CodeBase, ...] = get_args(CodeBase)
"""Whose names of weights are known; each has its row in `conventions.CONVENTIONS`."""

TableFormat = Literal["terminal", "json", "csv", "markdown", "html", "latex"]
DiagramFormat = Literal["svg", "png", "pdf", "dot"]
FormatName = TableFormat | DiagramFormat
TABLE_FORMATS: tuple[FormatName, ...] = get_args(TableFormat)
DIAGRAM_FORMATS: tuple[FormatName, ...] = get_args(DiagramFormat)
"""How tables and figures are written; each has its row in `renderers.FORMATS`."""

ThemeName = Literal["light", "dark"]
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)
"""The colours of a figure."""
