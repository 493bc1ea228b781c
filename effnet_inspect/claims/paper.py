"""The statements of the paper that introduced the family, arXiv 1905.11946."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from effnet_inspect.catalog.published import (
    FAMILY,
    PAPER_ACTIVATION,
    PAPER_DROPOUT,
    PAPER_FIRST_ACCURACY,
    PAPER_FLOPS,
    PAPER_GPIPE_PARAMETERS,
    PAPER_GPIPE_RATIO,
    PAPER_PARAMETERS,
    PAPER_STAGES,
    PAPER_SURVIVAL,
    PUBLISHED_ACCURACY,
)
from effnet_inspect.claims.claim import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, HOLDS_IF, Cell, Claim, Entry, Evidence
from effnet_inspect.claims.kinds import (
    NO_ACCURACY,
    Count,
    ForEvery,
    NotCheckable,
    PrintedFigures,
    Rule,
    Table,
    by_model,
    first_column,
    total,
)
from effnet_inspect.claims.scaling import SCALED_FROM_B0, compound_scaling, resolution_squared, scaling_constants
from effnet_inspect.claims.stages import by_stage
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

entry = partial(Entry, "paper")
SCALING = "section 3.1, with the coefficients of the released code"

ALL_PARAMETERS = Count("All parameters", total("parameters"))
PARAMETERS = (
    ALL_PARAMETERS,
    Count("Trainable parameters", total("trainable_parameters"), "only the trainable parameters are counted"),
)
APART = "a multiplication and an addition are counted apart"
FLOPS = (
    Count("Multiply-accumulates", total("macs")),
    Count("Multiplications and additions", lambda network: 2 * network.totals["macs"], APART),
)
"""What the papers may mean by FLOPs, of one image."""
SMALLER = Count(
    f"{PAPER_GPIPE_PARAMETERS:,} parameters of GPipe, as published, divided by the model's",
    lambda network: PAPER_GPIPE_PARAMETERS / network.totals["parameters"],
)


def activations(network: Network) -> Iterator[Layer]:
    """Every activation of the backbone; the sigmoid that gates a squeeze-excite and the final softmax are no such."""
    layers = (layer for stage in network.backbone_stages for layer in stage.layers)
    return (layer for layer in layers if layer.activation not in (None, "sigmoid"))


def dropout_rate(network: Network) -> tuple[float | None]:
    """The rate of the first Dropout before the classifier's dense layer."""
    layers = network.anatomy.classifier.layers if network.anatomy.classifier else ()
    return (next((layer.rate for layer in layers if layer.operation == "dropout"), None),)


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
        (target.upper(), tuple(map(Cell, (*PUBLISHED_ACCURACY[target][:2], *PAPER_FIRST_ACCURACY[target]))))
        for target in FAMILY
    ),
)

CLAIMS = (
    Claim(
        entry("stages", "table 1", ("b0",), HOLDS, "summary b0"),
        "EfficientNet-B0 in nine stages: operator, input resolution, output channels and layers of each.",
        Table(
            "Stages of EfficientNet-B0",
            ("Operator", "Input resolution", "Channels", "Layers"),
            by_stage(lambda row: (row.operators[0], row.resolution, row.channels, row.layers), PAPER_STAGES, first=1),
            f"{len(PAPER_STAGES)} stages with operator, input resolution, channels and layers",
            corner="Stage",
        ),
    ),
    Claim(
        entry("squeeze-excite", "section 4", FAMILY, HOLDS, "summary b0 --level module"),
        "The building block is MBConv with squeeze-and-excitation.",
        ForEvery(
            "sub-blocks",
            lambda network: network.anatomy.sub_blocks,
            (Rule("MBConv with squeeze-excite", lambda each: each.squeeze_excite is not None and not each.fused),),
            "squeeze-excite in every MBConv",
            lambda sub_block: sub_block.layers,
        ),
    ),
    Claim(
        entry("scaling-constants", "equation 3 and section 4", (), HOLDS, "verify --claim scaling-constants"),
        "alpha = 1.2, beta = 1.1, gamma = 1.15, with alpha · beta² · gamma² about 2.",
        scaling_constants,
    ),
    Claim(
        entry("compound-scaling", "section 4, step 2", FAMILY, DOES_NOT_HOLD, "verify --claim compound-scaling"),
        "B1 to B7 are B0 scaled by alpha, beta and gamma to the power of one phi each.",
        compound_scaling,
    ),
    Claim(
        entry("scaled-from-b0", SCALING, FAMILY, HOLDS_IF, "verify --claim scaled-from-b0"),
        "Only depth, width and resolution are scaled: every model has the layers of B0, more of them and wider.",
        SCALED_FROM_B0,
    ),
    Claim(
        entry("resolution-squared", "section 3.3", ("b0", "b0@448"), HOLDS, "summary b0@448"),
        "The operations grow with the square of the resolution: doubling it makes them four times as many.",
        resolution_squared,
    ),
    Claim(
        entry("parameters", "table 2", FAMILY, DOES_NOT_HOLD, "summary b1"),
        f"Parameters of B0 to B7: {join_and(PAPER_PARAMETERS.values())} million.",
        PrintedFigures(PAPER_PARAMETERS, PARAMETERS, "M", 10**6),
    ),
    Claim(
        entry("flops", "table 2", FAMILY, DOES_NOT_HOLD, "summary b4"),
        f"FLOPs of B0 to B7: {join_and(PAPER_FLOPS.values())} billion.",
        PrintedFigures(PAPER_FLOPS, FLOPS, "B", 10**9),
    ),
    Claim(
        entry("smaller-than-gpipe", "abstract and table 2", ("b7",), HOLDS, "summary b7"),
        "EfficientNet-B7 is 8.4 times smaller than GPipe.",
        PrintedFigures({"b7": PAPER_GPIPE_RATIO}, (SMALLER,), "times"),
    ),
    Claim(
        entry("activation", "section 5.2", FAMILY, HOLDS, "summary b0 --level layer --format json"),
        "The activation function is SiLU (Swish-1).",
        ForEvery(
            "activations",
            activations,
            (Rule("SiLU, apart from the sigmoid of squeeze-excite", lambda each: each.activation == PAPER_ACTIVATION),),
            "SiLU (Swish-1)",
            lambda layer: (layer,),
        ),
    ),
    Claim(
        entry("dropout", "section 5.2", FAMILY, HOLDS_IF, "verify --claim dropout"),
        "The dropout ratio rises linearly from 0.2 for B0 to 0.5 for B7.",
        Table(
            "Rate of the Dropout before the classifier",
            ("Rate",),
            by_model(dropout_rate, LINE),
            f"linear from {PAPER_DROPOUT['b0']} to {PAPER_DROPOUT['b7']}",
            first_column,
            {"the rates are rounded to one decimal": by_model(dropout_rate, ROUNDED_LINE)},
            reference="on the line",
        ),
    ),
    Claim(
        entry("stochastic-depth", "section 5.2", FAMILY, HOLDS_IF, "summary b0 --format json"),
        "Stochastic depth has the survival probability 0.8.",
        ForEvery(
            "residual sub-blocks",
            residuals,
            (
                Rule(f"Drop rate {DROP_RATE:g}", lambda residual: residual[0].drop_rate == DROP_RATE),
                Rule(f"Drop rate {RISING}", is_on_the_line, ENDS),
            ),
            f"survival probability {PAPER_SURVIVAL}, a drop rate of {DROP_RATE:g}",
            lambda residual: (layer for layer in residual[0].layers if layer.operation == "add"),
            ("Largest drop rate",),
            lambda network: (max((each.drop_rate or 0.0 for each, _ in residuals(network)), default=0.0),),
        ),
    ),
    Claim(
        entry("accuracy", "table 2", (), CANNOT_BE_CHECKED, "variants"),
        "Top-1 accuracy on ImageNet from 77.1 % (B0) to 84.3 % (B7); 76.3 to 84.4 % in the earlier version that "
        "the article shows.",
        NotCheckable(NO_ACCURACY, "77.1 to 84.3 % (version 5)", (ACCURACIES,)),
    ),
)
