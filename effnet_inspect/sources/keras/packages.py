"""Layers that are not Keras' own, told by their names: what published packages and users call what they define.

Most files of such models state no package (Keras 2 writes the name of the class alone), so that a rule for names is
all there is. A name says little of what holds weights; only layers that hold none are told by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from effnet_inspect.graph import Shape
from effnet_inspect.sources.keras.rows import Attributes, Config, LayerClass, named

DROPOUTS = ("Dropout", "DropConnect", "DropPath", "StochasticDepth")
"""How the names of layers end that leave out numbers, or whole branches, while training."""

RATES = ("rate", "drop_connect_rate", "drop_rate", "dropout_rate", "drop_path_rate", "drop_prob", "prob", "p")
SURVIVAL_RATES = ("survival_probability", "survival_prob", "survival_rate", "keep_prob", "keep_probability")

ACTIVATIONS: Mapping[str, str] = {
    "swish": "silu",
    "silu": "silu",
    "sigmoid": "sigmoid",
    "hswish": "hard_silu",
    "hardswish": "hard_silu",
    "hardsilu": "hard_silu",
    "hsigmoid": "hard_sigmoid",
    "hardsigmoid": "hard_sigmoid",
    "relu": "relu",
    "relu6": "relu6",
    "gelu": "gelu",
    "mish": "mish",
    "elu": "elu",
    "selu": "selu",
    "celu": "celu",
    "tanh": "tanh",
    "softplus": "softplus",
    "softsign": "softsign",
}
"""Names of activations without capitals and underscores, as classes of layers have them."""


def dropout_rate(config: Config) -> float | None:
    """What a dropout of any package leaves out; None where its configuration states no such share."""
    for keys, complement in ((RATES, False), (SURVIVAL_RATES, True)):
        for key in keys:
            value = config.get(key)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
                return round(1 - value, 12) if complement else float(value)
    return None


def _rate(config: Config, input_shape: Shape | None) -> Attributes:
    return {"rate": dropout_rate(config)}


def foreign_class(class_name: str, config: Config, tensors: int) -> LayerClass | None:
    """How a layer that is not Keras' own reads by its name; None where the name does not say it.

    >>> foreign_class("FixedDropout", {"rate": 0.2}, 1).operation, foreign_class("HSwish", {}, 1).operation
    ('dropout', 'activation')
    >>> foreign_class("Addons>StochasticDepth", {"survival_probability": 0.8}, 2) is None
    True
    """
    if tensors != 1:
        return None
    own = class_name.split(">")[-1]
    if own.endswith(DROPOUTS) and dropout_rate(config) is not None:
        return LayerClass("dropout", _rate)
    plain = own.lower().replace("_", "")
    for ending in ("layer", "activation"):
        plain = plain.removesuffix(ending)
    return LayerClass("activation", named(ACTIVATIONS[plain])) if plain in ACTIVATIONS else None
