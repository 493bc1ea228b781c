"""How the code bases name an EfficientNet's weights: one module each, and the table of all."""

from __future__ import annotations

from effnet_inspect.conventions.convention import Convention, Named
from effnet_inspect.conventions.efficientnet_pytorch import EFFICIENTNET_PYTORCH
from effnet_inspect.conventions.keras import KERAS, QUBVEL
from effnet_inspect.conventions.slots import slots_of
from effnet_inspect.conventions.timm import TIMM
from effnet_inspect.conventions.torchvision import TORCHVISION
from effnet_inspect.conventions.transformers import TRANSFORMERS
from effnet_inspect.structure.network import Network

CONVENTIONS: dict[str, Convention] = {
    row.key: row for row in (KERAS, TIMM, TORCHVISION, EFFICIENTNET_PYTORCH, TRANSFORMERS, QUBVEL)
}
"""Name on the command line -> the code base."""


def named(network: Network, convention: Convention, *, own_names: bool = False) -> Named:
    """The arrays of a network under the names of a code base; with `own_names` of layers, under those of its graph."""
    return Named(convention, slots_of(network.anatomy), is_v2=_is_v2(network), own_names=own_names)


def _is_v2(network: Network) -> bool:
    variant = network.variant or network.identity.variant
    return variant is not None and variant.family == "v2"
