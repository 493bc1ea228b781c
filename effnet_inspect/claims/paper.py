"""The statements of the paper that introduced the family, arXiv 1905.11946."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import FAMILY, PAPER_DROPOUT, PAPER_GPIPE_PARAMETERS, PAPER_SURVIVAL
from effnet_inspect.claims import scaling
from effnet_inspect.claims.claim import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, HOLDS_IF, Cell, Entry, Evidence
from effnet_inspect.claims.kinds import (
    NO_ACCURACY,
    Count,
    Reading,
    Table,
    by_model,
    first_column,
    for_every,
    not_checkable,
    printed_figures,
)
from effnet_inspect.claims.stages import by_stage
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

entry = partial(Entry, "paper")
SCALING = "section 3.1, with the coefficients of the released code"


def total(key: str, times: int = 1) -> Callable[[Network], int]:
    """What computes a model's sum of a measure, or a multiple of it."""
    return lambda network: times * network.totals[key]


ALL_PARAMETERS = Count("All parameters", total("parameters"))
TRAINABLE = Count("Trainable parameters", total("trainable_parameters"), "only the trainable parameters are counted")
APART = "a multiplication and an addition are counted apart"
FLOPS = (Count("Multiply-accumulates", total("macs")), Count("Multiplications and additions", total("macs", 2), APART))
"""What the papers may mean by FLOPs, of one image."""
SMALLER = Count(
    f"{PAPER_GPIPE_PARAMETERS:,} parameters of GPipe, as published, divided by the model's",
    lambda network: PAPER_GPIPE_PARAMETERS / network.totals["parameters"],
)


def has_squeeze_excite(sub_block: SubBlock) -> bool:
    """Whether it is an MBConv in which fewer channels than it has gate them."""
    gate = sub_block.module("squeeze_excite")
    return not sub_block.fused and gate is not None and (sub_block.squeeze_excite or 0) < (gate.layers[0].channels or 0)


def activations(network: Network) -> Iterator[Layer]:
    """Every activation of the backbone; the sigmoid that gates a squeeze-excite and the final softmax are no such."""
    layers = (layer for stage in network.backbone_stages for layer in stage.layers)
    return (layer for layer in layers if layer.activation not in (None, "sigmoid"))


def dropout(network: Network) -> tuple[float | None]:
    """The rate of the Dropout before the classifier's dense layer."""
    return (network.anatomy.dropout_rate,)


DROPOUT = "Rate of the Dropout before the classifier"
STEP = (PAPER_DROPOUT["b7"] - PAPER_DROPOUT["b0"]) / (len(FAMILY) - 1)
LINE = {target: (PAPER_DROPOUT["b0"] + STEP * index,) for index, target in enumerate(FAMILY)}
ROUNDED_LINE = {target: (round(rate, 1),) for target, (rate,) in LINE.items()}

DROP_RATE = round(1 - PAPER_SURVIVAL, 10)
RISING = f"{DROP_RATE:g} · index / number of sub-blocks"
ENDS = f"{PAPER_SURVIVAL} is where the line ends: the drop rate is {RISING}"
Residual = tuple[SubBlock, float]


def residuals(network: Network) -> list[Residual]:
    """The sub-blocks with a residual connection, each with its index as a share of all sub-blocks."""
    sub_blocks = network.anatomy.sub_blocks
    return [(each, index / len(sub_blocks)) for index, each in enumerate(sub_blocks) if each.residual]


def is_on_the_line(residual: Residual) -> bool:
    """Whether a drop rate is as large as its place makes it."""
    return math.isclose(residual[0].drop_rate or 0.0, DROP_RATE * residual[1], abs_tol=1e-6)


ACCURACIES = Evidence(
    "Published in version 5 and before it, in percent",
    ("Top-1", "Top-5", "Top-1 before", "Top-5 before"),
    tuple(
        (target.upper(), tuple(map(Cell, (*published.PUBLISHED_ACCURACY[target][:2], *before))))
        for target, before in published.PAPER_FIRST_ACCURACY.items()
    ),
)

CLAIMS = (
    entry("stages", "table 1", ("b0",), HOLDS, "summary b0").says(
        "EfficientNet-B0 in nine stages: operator, input resolution, output channels and layers of each.",
        Table(
            "Stages of EfficientNet-B0",
            ("Operator", "Input resolution", "Channels", "Layers"),
            by_stage(attrgetter("operator", "resolution", "channels", "layers"), published.PAPER_STAGES, first=1),
            f"{len(published.PAPER_STAGES)} stages with operator, input resolution, channels and layers",
            corner="Stage",
        ),
    ),
    entry("squeeze-excite", "section 4", FAMILY, HOLDS, "summary b0 --level module").says(
        "The building block is MBConv with squeeze-and-excitation.",
        for_every(
            "sub-blocks",
            lambda network: network.anatomy.sub_blocks,
            lambda sub_block: sub_block.layers,
            "squeeze-excite in every MBConv",
            Reading("MBConv with squeeze-excite", has_squeeze_excite),
        ),
    ),
    entry("scaling-constants", "equation 3 and section 4", (), HOLDS, "verify --claim scaling-constants").says(
        "alpha = 1.2, beta = 1.1, gamma = 1.15, with alpha · beta² · gamma² about 2.", scaling.scaling_constants
    ),
    entry("compound-scaling", "section 4, step 2", FAMILY, DOES_NOT_HOLD, "verify --claim compound-scaling").says(
        "B1 to B7 are B0 scaled by alpha, beta and gamma to the power of one phi each.", scaling.COMPOUND_SCALING
    ),
    entry("scaled-from-b0", SCALING, FAMILY, HOLDS_IF, "verify --claim scaled-from-b0").says(
        "Only depth, width and resolution are scaled: every model has the layers of B0, more of them and wider.",
        scaling.SCALED_FROM_B0,
    ),
    entry("resolution-squared", "section 3.3", ("b0", "b0@448"), HOLDS, "summary b0@448").says(
        "The operations grow with the square of the resolution: doubling it makes them four times as many.",
        scaling.resolution_squared,
    ),
    entry("parameters", "table 2", FAMILY, DOES_NOT_HOLD, "summary b1").says(
        f"Parameters of B0 to B7: {join_and(published.PAPER_PARAMETERS.values())} million.",
        printed_figures(published.PAPER_PARAMETERS, ALL_PARAMETERS, TRAINABLE, unit="M", scale=10**6),
    ),
    entry("flops", "table 2", FAMILY, DOES_NOT_HOLD, "summary b4").says(
        f"FLOPs of B0 to B7: {join_and(published.PAPER_FLOPS.values())} billion.",
        printed_figures(published.PAPER_FLOPS, *FLOPS, unit="B", scale=10**9),
    ),
    entry("smaller-than-gpipe", "abstract and table 2", ("b7",), HOLDS, "summary b7").says(
        "EfficientNet-B7 is 8.4 times smaller than GPipe.",
        printed_figures({"b7": published.PAPER_GPIPE_RATIO}, SMALLER, unit="times"),
    ),
    entry("activation", "section 5.2", FAMILY, HOLDS, "summary b0 --level layer --format json").says(
        "The activation function is SiLU (Swish-1).",
        for_every(
            "activations",
            activations,
            lambda layer: (layer,),
            "SiLU (Swish-1)",
            Reading(
                "SiLU, apart from the sigmoid of squeeze-excite",
                lambda layer: layer.activation == published.PAPER_ACTIVATION,
            ),
        ),
    ),
    entry("dropout", "section 5.2", FAMILY, HOLDS_IF, "verify --claim dropout").says(
        "The dropout ratio rises linearly from 0.2 for B0 to 0.5 for B7.",
        Table(
            DROPOUT,
            ("Rate",),
            by_model(dropout, LINE),
            f"linear from {PAPER_DROPOUT['b0']} to {PAPER_DROPOUT['b7']}",
            first_column,
            (Reading(DROPOUT, by_model(dropout, ROUNDED_LINE), "the rates are rounded to one decimal"),),
            reference="on the line",
        ),
    ),
    entry("stochastic-depth", "section 5.2", FAMILY, HOLDS_IF, "summary b0 --format json").says(
        "Stochastic depth has the survival probability 0.8.",
        for_every(
            "residual sub-blocks",
            residuals,
            lambda residual: residual[0].layers[-1:],
            f"survival probability {PAPER_SURVIVAL}, a drop rate of {DROP_RATE:g}",
            Reading(f"Drop rate {DROP_RATE:g}", lambda residual: residual[0].drop_rate == DROP_RATE),
            Reading(f"Drop rate {RISING}", is_on_the_line, ENDS),
            more={
                "Largest drop rate": lambda network: max(each.drop_rate or 0.0 for each in network.anatomy.sub_blocks)
            },
        ),
    ),
    entry("accuracy", "table 2", (), CANNOT_BE_CHECKED, "variants").says(
        "Top-1 accuracy on ImageNet from 77.1 % (B0) to 84.3 % (B7); 76.3 to 84.4 % in the earlier version that "
        "the article shows.",
        not_checkable(NO_ACCURACY, "77.1 to 84.3 % (version 5)", ACCURACIES),
    ),
)
