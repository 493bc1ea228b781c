"""`plot`: figures with axes, and the one of compound scaling. Each kind is a sibling here; KINDS chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from effnet_inspect.catalog.published import FAMILY, FAMILY_V2
from effnet_inspect.catalog.variants import SCALED
from effnet_inspect.choices import PLOT_NAMES, PlotName
from effnet_inspect.structure.network import Network
from effnet_inspect.views.plot.accuracy import accuracy
from effnet_inspect.views.plot.cost import cost
from effnet_inspect.views.plot.made import Made, PlotOptions
from effnet_inspect.views.plot.receptive_field import receptive_field
from effnet_inspect.views.plot.scaling import scaling

KINDS: dict[PlotName, Callable[[Sequence[Network], PlotOptions], Made]] = {
    "accuracy": accuracy,
    "scaling": scaling,
    "cost": cost,
    "receptive-field": receptive_field,
}
USUAL: dict[PlotName, tuple[str, ...]] = {
    "accuracy": (*FAMILY, *FAMILY_V2),
    "scaling": tuple(SCALED),
    "cost": ("b0",),
    "receptive-field": ("b0",),
}
"""The targets of each kind, where none are named."""
assert tuple(KINDS) == tuple(USUAL) == PLOT_NAMES

__all__ = ["KINDS", "USUAL", "Made", "PlotOptions"]
