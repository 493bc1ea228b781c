"""How the code bases name an EfficientNet's weights: one module each, and the table of all."""

from __future__ import annotations

from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions.convention import Convention, Named
from effnet_inspect.conventions.efficientnet_pytorch import EFFICIENTNET_PYTORCH
from effnet_inspect.conventions.keras import KERAS, KERAS_HUB, QUBVEL
from effnet_inspect.conventions.slots import Slot, slots_of
from effnet_inspect.conventions.tensorflow import TENSORFLOW
from effnet_inspect.conventions.timm import TIMM
from effnet_inspect.conventions.torchvision import TORCHVISION
from effnet_inspect.conventions.transformers import TRANSFORMERS
from effnet_inspect.structure.network import Network

CONVENTIONS: dict[CodeBase, Convention] = {
    row.key: row
    for row in (KERAS, TIMM, TORCHVISION, EFFICIENTNET_PYTORCH, TRANSFORMERS, QUBVEL, KERAS_HUB, TENSORFLOW)
}
"""Name on the command line -> the code base."""


def named(network: Network, convention: Convention, *, own_names: bool | None = None) -> Named:
    """The arrays of a network under the names of a code base.

    Args:
        network: any.
        convention: the code base.
        own_names: whether the graph's own names of layers are taken; without it those of a model of the user's are,
            for the code base to whose names they are the nearest, and Keras where a model in Keras is near to none.
    """
    slots = slots_of(network.anatomy)
    if own_names is None:
        own_names = _has_own_names(network, convention, slots)
    if convention.with_fused and any(slot.place and slot.place.form in ("fused", "single") for slot in slots):
        convention = convention.with_fused
    return Named(convention, slots, is_v2=_is_v2(network), own_names=own_names)


def has_networks_like(convention: Convention, network: Network) -> bool:
    """Whether the code base has networks of this family."""
    variant = network.variant or network.identity.variant
    return variant is None or not convention.families or variant.family in convention.families


def code_base_of(network: Network) -> Convention | None:
    """The code base to whose names those of a model of the user's are the nearest; None where they are nobody's."""
    return _nearest(network, slots_of(network.anatomy))


def _has_own_names(network: Network, convention: Convention, slots: tuple[Slot, ...]) -> bool:
    framework = network.framework
    if framework is None or framework != convention.framework:
        return False
    nearest = _nearest(network, slots) or (KERAS if framework == "keras" else None)
    return nearest is not None and nearest.key == convention.key


def _nearest(network: Network, slots: tuple[Slot, ...]) -> Convention | None:
    framework = network.framework
    rows = [row for row in CONVENTIONS.values() if row.framework == framework]
    own = {name for slot in slots for name in (slot.layer, slot.layer.rsplit("/", 1)[-1])}
    alike = {row.key: len(own.intersection(named(network, row, own_names=False).layers)) for row in rows}
    best = max(rows, key=lambda row: alike[row.key], default=None)
    return best if best and alike[best.key] else None


def _is_v2(network: Network) -> bool:
    variant = network.variant or network.identity.variant
    return variant is not None and variant.family == "v2"
