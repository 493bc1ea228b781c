"""Inspect, measure, compare and draw the architecture of any EfficientNet, from its real layer graph.

>>> import effnet_inspect
>>> graph = effnet_inspect.load("b0")
>>> anatomy = effnet_inspect.dissect(graph)
>>> [len(block.sub_blocks) for block in anatomy.blocks]
[1, 2, 2, 3, 3, 4, 1]
>>> effnet_inspect.Measures(graph).totals().parameters
5330571
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from effnet_inspect.anatomy import Anatomy, dissect
    from effnet_inspect.errors import EffnetInspectError
    from effnet_inspect.graph import Layer, LayerGraph
    from effnet_inspect.measures import Measures
    from effnet_inspect.sources import load

__all__ = [
    "Anatomy",
    "EffnetInspectError",
    "Layer",
    "LayerGraph",
    "Measures",
    "__version__",
    "dissect",
    "load",
]

_HOMES = {
    "Anatomy": "anatomy",
    "dissect": "anatomy",
    "EffnetInspectError": "errors",
    "Layer": "graph",
    "LayerGraph": "graph",
    "Measures": "measures",
    "load": "sources",
}


def __getattr__(name: str) -> Any:
    """Import the library's parts when they are asked for: the command line answers `--help` without them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
