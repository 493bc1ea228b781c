"""The statements of the papers that introduced EfficientNet, arXiv 1905.11946, and EfficientNetV2, arXiv 2104.00298."""

from __future__ import annotations

import math
from functools import partial

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import FAMILY, PAPER_ACTIVATION, PAPER_DROPOUT, PAPER_FAMILY_V2, PAPER_SURVIVAL
from effnet_inspect.claims import paper_checks as checks
from effnet_inspect.claims.claim import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, HOLDS_IF, Entry
from effnet_inspect.claims.kinds import Reading, Table, figures, first_column, for_every, unchecked
from effnet_inspect.words import join_and, join_comma

entry = partial(Entry, "paper")
entry_v2 = partial(Entry, "paper-v2")
SCALING = "section 3.1, with the coefficients of the released code"

CLAIMS = (
    entry("stages", "table 1", ("b0",), HOLDS, "summary b0").says(
        "EfficientNet-B0 in nine stages: operator, input resolution, output channels and layers (sub-blocks) of each.",
        checks.stage_table(
            "EfficientNet-B0", ("Operator", "Input resolution", "Channels", "Layers"), published.PAPER_STAGES, first=1
        ),
    ),
    entry("squeeze-excite", "section 4", FAMILY, HOLDS, "summary b0 --level module").says(
        "The building block is MBConv with squeeze-and-excitation.",
        for_every(
            "sub-blocks",
            lambda network: network.anatomy.sub_blocks,
            lambda sub_block: sub_block.layers,
            "squeeze-excite in every MBConv",
            Reading("MBConv with squeeze-excite", checks.is_squeezed_mbconv),
        ),
    ),
    entry("scaling-constants", "equation 3 and section 4", (), HOLDS, "verify --claim scaling-constants").says(
        "alpha = 1.2, beta = 1.1, gamma = 1.15, with alpha · beta² · gamma² about 2.", checks.scaling_constants
    ),
    entry("compound-scaling", "section 4, step 2", FAMILY, DOES_NOT_HOLD, "verify --claim compound-scaling").says(
        "B1 to B7 are B0 scaled by alpha, beta and gamma to the power of one phi each.", checks.COMPOUND_SCALING
    ),
    entry("scaled-from-b0", SCALING, FAMILY, HOLDS_IF, "verify --claim scaled-from-b0").says(
        "Only depth, width and resolution are scaled: every model has the layers of B0, more of them and wider.",
        checks.SCALED_FROM_B0,
    ),
    entry("resolution-squared", "section 3.3", ("b0", "b0@448"), HOLDS, "summary b0@448").says(
        "The operations grow with the square of the resolution: doubling it makes them four times as many.",
        checks.resolution_squared,
    ),
    entry("parameters", "table 2", FAMILY, DOES_NOT_HOLD, "summary b1").says(
        f"Parameters of B0 to B7: {join_and(published.PAPER_PARAMETERS.values())} million.",
        figures(published.PAPER_PARAMETERS, checks.ALL_PARAMETERS, checks.TRAINABLE, unit="M", scale=10**6),
    ),
    entry("flops", "table 2", FAMILY, DOES_NOT_HOLD, "summary b4").says(
        f"FLOPs of B0 to B7: {join_and(published.PAPER_FLOPS.values())} billion.",
        figures(published.PAPER_FLOPS, *checks.FLOPS, unit="B", scale=10**9),
    ),
    entry("smaller-than-gpipe", "abstract and table 2", ("b7",), HOLDS, "summary b7").says(
        "EfficientNet-B7 is 8.4 times smaller than GPipe.",
        figures({"b7": published.PAPER_GPIPE_RATIO}, checks.SMALLER, unit="times"),
    ),
    entry("activation", "section 5.2", FAMILY, HOLDS, "summary b0 --level layer --format json").says(
        "The activation function is SiLU (Swish-1).",
        for_every(
            "activations",
            checks.activations,
            lambda layer: (layer,),
            "SiLU (Swish-1)",
            Reading(
                "SiLU, apart from the sigmoid of squeeze-excite", lambda layer: layer.activation == PAPER_ACTIVATION
            ),
        ),
    ),
    entry("dropout", "section 5.2", FAMILY, HOLDS_IF, "verify --claim dropout").says(
        "The dropout ratio rises linearly from 0.2 for B0 to 0.5 for B7.",
        Table(
            checks.DROPOUT,
            ("Rate",),
            checks.rates_against(checks.LINE),
            f"linear from {PAPER_DROPOUT['b0']} to {PAPER_DROPOUT['b7']}",
            first_column,
            (
                Reading(
                    checks.DROPOUT, checks.rates_against(checks.ROUNDED_LINE), "the rates are rounded to one decimal"
                ),
            ),
            reference="on the line",
        ),
    ),
    entry("stochastic-depth", "section 5.2", FAMILY, HOLDS_IF, "summary b0 --format json").says(
        "Stochastic depth has the survival probability 0.8.",
        for_every(
            "residual sub-blocks",
            checks.residuals,
            lambda residual: residual[2],
            f"survival probability {PAPER_SURVIVAL}, a drop rate of {checks.DROP_RATE:g}",
            Reading(f"Drop rate {checks.DROP_RATE:g}", lambda residual: residual[0] == checks.DROP_RATE),
            Reading(
                f"Drop rate {checks.RISING}",
                lambda residual: math.isclose(*residual[:2], abs_tol=1e-6),
                f"{PAPER_SURVIVAL} is where the line ends: the drop rate is {checks.RISING}",
            ),
            more={
                "Largest drop rate": lambda network: max(each.drop_rate or 0.0 for each in network.anatomy.sub_blocks)
            },
        ),
    ),
    entry("accuracy", "table 2", (), CANNOT_BE_CHECKED, "variants").says(
        "Top-1 accuracy on ImageNet from 77.1 % (B0) to 84.3 % (B7); 76.3 to 84.4 % in the earlier version that "
        "the article shows.",
        unchecked("77.1 to 84.3 % (version 5)", checks.ACCURACIES),
    ),
    entry_v2("v2-stages", "table 4", ("v2-s",), HOLDS, "summary v2-s").says(
        "EfficientNetV2-S in eight stages: operator, stride, channels and layers (sub-blocks) of each.",
        checks.stage_table(
            "EfficientNetV2-S",
            ("Operator", "Stride", "Channels", "Layers"),
            published.PAPER_V2_STAGES,
            first=0,
            with_ratio=True,
        ),
    ),
    entry_v2("v2-kernels", "section 3.3", PAPER_FAMILY_V2, HOLDS, "summary v2-m").says(
        "V2 has small kernels: 3x3 in every MBConv and Fused-MBConv.",
        for_every(
            "sub-blocks",
            lambda network: network.anatomy.sub_blocks,
            lambda sub_block: (layer for layer in sub_block.layers if layer.kernel == sub_block.kernel),
            "kernels of 3x3",
            Reading("Kernel size 3", lambda sub_block: sub_block.kernel == (3, 3)),
        ),
    ),
    entry_v2("v2-last-stage", "section 3.3", PAPER_FAMILY_V2, HOLDS_IF, "summary v2-l").says(
        "V2 does without the last stage of stride 1 of the original EfficientNet.",
        for_every(
            "last blocks",
            lambda network: (network,),
            lambda network: network.anatomy.blocks[-1].first.layers,
            "no last block of stride 1",
            Reading("No last block of stride 1", lambda network: network.anatomy.blocks[-1].first.stride != (1, 1)),
            Reading(
                "None in V2-S, one in the others",
                lambda network: (network.anatomy.blocks[-1].first.stride == (1, 1)) == (network.key != "v2-s"),
                "only V2-S is meant: V2-M and V2-L have such a block",
            ),
            more={
                "Blocks": lambda network: len(network.repeats),
                "Strides": lambda network: join_comma(block.first.stride[0] for block in network.anatomy.blocks),
            },
        ),
    ),
    entry_v2("v2-parameters", "table 7", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-l").says(
        f"Parameters of V2-S, V2-M and V2-L: {join_and(published.PAPER_V2_PARAMETERS.values())} million.",
        figures(published.PAPER_V2_PARAMETERS, checks.ALL_PARAMETERS, unit="M", scale=10**6),
    ),
    entry_v2("v2-flops", "table 7", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-s").says(
        f"FLOPs of V2-S, V2-M and V2-L: {join_and(published.PAPER_V2_FLOPS.values())} billion.",
        figures(published.PAPER_V2_FLOPS, *checks.FLOPS, unit="B", scale=10**9),
    ),
)
