"""The words by which a user chooses what is shown, in the library and on the command line."""

from __future__ import annotations

from typing import Literal, get_args

Level = Literal["block", "sub-block", "module", "layer"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""How deep the rows of a summary go."""

ViewName = Literal["architecture", "sub-blocks", "modules", "stem", "block", "layers", "poster"]
VIEW_NAMES: tuple[ViewName, ...] = get_args(ViewName)
"""What a diagram shows."""
