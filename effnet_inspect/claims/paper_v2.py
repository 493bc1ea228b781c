"""The statements of the paper on EfficientNetV2, arXiv 2104.00298."""

from __future__ import annotations

from functools import partial

from effnet_inspect.catalog.published import (
    PAPER_FAMILY_V2,
    PAPER_V2_FLOPS,
    PAPER_V2_KERNEL,
    PAPER_V2_PARAMETERS,
    PAPER_V2_STAGES,
)
from effnet_inspect.claims.claim import DOES_NOT_HOLD, HOLDS, HOLDS_IF, Claim, Entry
from effnet_inspect.claims.kinds import ForEvery, PrintedFigures, Rule, Table
from effnet_inspect.claims.paper import ALL_PARAMETERS, FLOPS
from effnet_inspect.claims.stages import StageRow, by_stage
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and, join_comma

entry = partial(Entry, "paper-v2")
KERNEL = (PAPER_V2_KERNEL, PAPER_V2_KERNEL)
ONLY_V2_S = "only V2-S is meant: V2-M and V2-L have such a block"


def row_of_stage(row: StageRow) -> tuple[str, int | None, int | None, int]:
    """What the paper's table states of a stage."""
    return row.operators[1], row.stride, row.channels, row.layers


def has_strided_end(network: Network) -> bool:
    """Whether the last block has a larger stride than 1."""
    return network.anatomy.blocks[-1].first.stride[0] > 1


def is_as_in_v2_s(network: Network) -> bool:
    """Whether the last block has a larger stride than 1 in V2-S, and the stride 1 in the others."""
    return has_strided_end(network) == (network.key == "v2-s")


CLAIMS = (
    Claim(
        entry("v2-stages", "table 4", ("v2-s",), HOLDS, "summary v2-s"),
        "EfficientNetV2-S in eight stages: operator, stride, channels and layers of each.",
        Table(
            "Stages of EfficientNetV2-S",
            ("Operator", "Stride", "Channels", "Layers"),
            by_stage(row_of_stage, PAPER_V2_STAGES, first=0),
            f"{len(PAPER_V2_STAGES)} stages with operator, stride, channels and layers",
            corner="Stage",
        ),
    ),
    Claim(
        entry("v2-kernels", "section 3.3", PAPER_FAMILY_V2, HOLDS, "summary v2-m"),
        "V2 has small kernels, of 3x3, and makes up for them with more layers.",
        ForEvery(
            "sub-blocks",
            lambda network: network.anatomy.sub_blocks,
            (Rule(f"Kernel size {PAPER_V2_KERNEL}", lambda sub_block: sub_block.kernel == KERNEL),),
            f"kernels of {PAPER_V2_KERNEL}x{PAPER_V2_KERNEL}",
            lambda sub_block: (layer for layer in sub_block.layers if layer.kernel == sub_block.kernel),
        ),
    ),
    Claim(
        entry("v2-last-stage", "section 3.3", PAPER_FAMILY_V2, HOLDS_IF, "summary v2-l"),
        "V2 does without the last stage of stride 1 of the original EfficientNet.",
        ForEvery(
            "last blocks",
            lambda network: (network,),
            (
                Rule("No last block of stride 1", has_strided_end),
                Rule("None in V2-S, one in the others", is_as_in_v2_s, ONLY_V2_S),
            ),
            "no last block of stride 1",
            lambda network: network.anatomy.blocks[-1].first.layers,
            ("Blocks", "Strides"),
            lambda each: (len(each.repeats), join_comma(block.first.stride[0] for block in each.anatomy.blocks)),
        ),
    ),
    Claim(
        entry("v2-parameters", "table 7", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-l"),
        f"Parameters of V2-S, V2-M and V2-L: {join_and(PAPER_V2_PARAMETERS.values())} million.",
        PrintedFigures(PAPER_V2_PARAMETERS, (ALL_PARAMETERS,), "M", 10**6),
    ),
    Claim(
        entry("v2-flops", "table 7", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-s"),
        f"FLOPs of V2-S, V2-M and V2-L: {join_and(PAPER_V2_FLOPS.values())} billion.",
        PrintedFigures(PAPER_V2_FLOPS, FLOPS, "B", 10**9),
    ),
)
