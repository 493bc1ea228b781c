"""Inspect, measure, compare and draw the architecture of any EfficientNet, from its real layer graph.

>>> import effnet_inspect
>>> network = effnet_inspect.load("b0")
>>> block = network.anatomy.blocks[3]
>>> block.first.operator, block.first.kernel, block.output_shape
('MBConv6', (3, 3), (14, 14, 80))
>>> network.measures.totals(block.layers)["macs"]
43555200
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from effnet_inspect.errors import EffnetInspectError
    from effnet_inspect.graph import Layer, LayerGraph
    from effnet_inspect.library import (
        Network,
        chart,
        compare,
        converter,
        cost,
        diagram,
        freeze,
        load,
        name_map,
        page,
        plot,
        sizes,
        summary,
        taps,
        variants,
        verify,
        weights,
    )
    from effnet_inspect.results import Figure, PlotReport, Report, WalkThrough
    from effnet_inspect.structure.anatomy import Anatomy

_MODULES = {
    "Anatomy": "structure.anatomy",
    "EffnetInspectError": "errors",
    "Figure": "results",
    "Layer": "graph",
    "LayerGraph": "graph",
    "Network": "library",
    "PlotReport": "results",
    "Report": "results",
    "WalkThrough": "results",
    "chart": "library",
    "compare": "library",
    "cost": "library",
    "converter": "library",
    "diagram": "library",
    "freeze": "library",
    "load": "library",
    "sizes": "library",
    "name_map": "library",
    "plot": "library",
    "page": "library",
    "summary": "library",
    "taps": "library",
    "variants": "library",
    "verify": "library",
    "weights": "library",
}
"""Public name -> the module that defines it."""

__all__ = [
    "Anatomy",
    "EffnetInspectError",
    "Figure",
    "Layer",
    "LayerGraph",
    "Network",
    "PlotReport",
    "Report",
    "WalkThrough",
    "__version__",
    "chart",
    "compare",
    "converter",
    "cost",
    "diagram",
    "freeze",
    "load",
    "name_map",
    "page",
    "plot",
    "sizes",
    "summary",
    "taps",
    "variants",
    "verify",
    "weights",
]


def __dir__() -> list[str]:
    """The public names, which a shell completes though they are not imported yet."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import the library's parts when they are asked for: the command line answers `--help` without them."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
