"""How the code bases name an EfficientNet's weights: one module each, and the table of all."""

from __future__ import annotations

from effnet_inspect.catalog.targets import FileTarget, PythonTarget
from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions.convention import Convention, Named
from effnet_inspect.conventions.efficientnet_pytorch import EFFICIENTNET_PYTORCH
from effnet_inspect.conventions.keras import KERAS, QUBVEL
from effnet_inspect.conventions.slots import slots_of
from effnet_inspect.conventions.timm import TIMM
from effnet_inspect.conventions.torchvision import TORCHVISION
from effnet_inspect.conventions.transformers import TRANSFORMERS
from effnet_inspect.structure.network import Network

CONVENTIONS: dict[CodeBase, Convention] = {
    row.key: row for row in (KERAS, TIMM, TORCHVISION, EFFICIENTNET_PYTORCH, TRANSFORMERS, QUBVEL)
}
"""Name on the command line -> the code base."""


KERAS_NAMES = ("keras", "qubvel")
"""The code bases whose names a model of Keras has."""

OTHER_FORMATS = (".onnx", ".tflite", ".lite")
"""Files whose layers are not called what they are called in code."""


def named(network: Network, convention: Convention, *, own_names: bool | None = None) -> Named:
    """The arrays of a network under the names of a code base.

    Args:
        network: any.
        convention: the code base.
        own_names: whether the graph's own names of layers are taken; without it those of a model of the user's in Keras
            are, where the code base is in Keras too.
    """
    if own_names is None:
        own_names = convention.key in KERAS_NAMES and is_of_the_user(network)
    return Named(convention, slots_of(network.anatomy), is_v2=_is_v2(network), own_names=own_names)


def has_networks_like(convention: Convention, network: Network) -> bool:
    """Whether the code base has networks of this family."""
    variant = network.variant or network.identity.variant
    return variant is None or not convention.families or variant.family in convention.families


def is_of_the_user(network: Network) -> bool:
    """Whether it is a model of the user's in Keras, whose layers may be called anything."""
    target = network.graph.target
    return isinstance(target, PythonTarget) or (
        isinstance(target, FileTarget) and not target.path.lower().endswith(OTHER_FORMATS)
    )


def _is_v2(network: Network) -> bool:
    variant = network.variant or network.identity.variant
    return variant is not None and variant.family == "v2"
