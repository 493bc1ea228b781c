"""What the reference implementations state, of EfficientNet, EfficientNetV2 and EfficientNet-Lite."""

from __future__ import annotations

import math

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import FAMILY, FAMILY_LITE, FAMILY_V2
from effnet_inspect.claims.claim import DOES_NOT_HOLD, HOLDS, HOLDS_IF, claim
from effnet_inspect.claims.kinds import Table, by_model, figures, for_every
from effnet_inspect.claims.papers import FLOPS, LARGEST_RATE, PARAMETERS, RISING, residuals, top_dropout
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network


def _normalizations(network: Network) -> list[Layer]:
    return [layer for layer in network.graph if layer.operation == "batch_normalization"]


def batch_normalization(momentum: float, epsilon: float) -> Table:
    """Whether every batch normalisation has these."""
    return for_every(
        "batch normalisations",
        _normalizations,
        f"momentum {momentum} and epsilon {epsilon}",
        lambda layer: (layer.momentum, layer.epsilon) == (momentum, epsilon),
    )


def _end_of_line(network: Network) -> float:
    return round(max((line for _, line, _ in residuals(network)), default=0.0), 4)


DROP_RATES = for_every(
    "drop rates",
    residuals,
    RISING,
    lambda residual: math.isclose(*residual[:2], abs_tol=1e-6),
    layers=lambda residual: residual[2],
    more={**LARGEST_RATE, "Largest on the line": _end_of_line},
)
DROPOUT = by_model("Rate of the Dropout before the classifier", ("Rate",), top_dropout, published.V2_DROPOUT)
CLAIMS = (
    claim("batch-normalization", FAMILY, HOLDS, "summary b0 --format json", batch_normalization(0.99, 0.001)),
    claim("v2-batch-normalization", FAMILY_V2, HOLDS, "summary v2-s --format json", batch_normalization(0.9, 0.001)),
    claim("v2-drop-rates", FAMILY_V2, DOES_NOT_HOLD, "summary v2-b3 --format json", DROP_RATES),
    claim("v2-dropout", FAMILY_V2, DOES_NOT_HOLD, "compare v2-b0..v2-l", DROPOUT),
    claim(
        "lite-parameters",
        FAMILY_LITE,
        HOLDS_IF,
        "summary lite0",
        figures(published.LITE_PARAMETERS, *PARAMETERS, unit="M"),
    ),
    claim("lite-flops", FAMILY_LITE, DOES_NOT_HOLD, "summary lite0", figures(published.LITE_MADDS, FLOPS[0], unit="B")),
)
