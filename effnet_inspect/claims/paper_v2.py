"""The statements of the paper on EfficientNetV2, arXiv 2104.00298."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

from effnet_inspect.catalog.published import PAPER_FAMILY_V2, PAPER_V2_FLOPS, PAPER_V2_PARAMETERS, PAPER_V2_STAGES
from effnet_inspect.claims.claim import DOES_NOT_HOLD, HOLDS, HOLDS_IF, Entry
from effnet_inspect.claims.kinds import Reading, Table, for_every, printed_figures
from effnet_inspect.claims.paper import ALL_PARAMETERS, FLOPS
from effnet_inspect.claims.stages import by_stage
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and, join_comma

entry = partial(Entry, "paper-v2")


def has_strided_end(network: Network) -> bool:
    """Whether the last block has a larger stride than 1."""
    return network.anatomy.blocks[-1].first.stride[0] > 1


CLAIMS = (
    entry("v2-stages", "table 4", ("v2-s",), HOLDS, "summary v2-s").says(
        "EfficientNetV2-S in eight stages: operator, stride, channels and layers of each.",
        Table(
            "Stages of EfficientNetV2-S",
            ("Operator", "Stride", "Channels", "Layers"),
            by_stage(attrgetter("with_ratio", "stride", "channels", "layers"), PAPER_V2_STAGES, first=0),
            f"{len(PAPER_V2_STAGES)} stages with operator, stride, channels and layers",
            corner="Stage",
        ),
    ),
    entry("v2-kernels", "section 3.3", PAPER_FAMILY_V2, HOLDS, "summary v2-m").says(
        "V2 has small kernels: 3x3 in every MBConv and Fused-MBConv.",
        for_every(
            "sub-blocks",
            lambda network: network.anatomy.sub_blocks,
            lambda sub_block: (layer for layer in sub_block.layers if layer.kernel == sub_block.kernel),
            "kernels of 3x3",
            Reading("Kernel size 3", lambda sub_block: sub_block.kernel == (3, 3)),
        ),
    ),
    entry("v2-last-stage", "section 3.3", PAPER_FAMILY_V2, HOLDS_IF, "summary v2-l").says(
        "V2 does without the last stage of stride 1 of the original EfficientNet.",
        for_every(
            "last blocks",
            lambda network: (network,),
            lambda network: network.anatomy.blocks[-1].first.layers,
            "no last block of stride 1",
            Reading("No last block of stride 1", has_strided_end),
            Reading(
                "None in V2-S, one in the others",
                lambda network: has_strided_end(network) == (network.key == "v2-s"),
                "only V2-S is meant: V2-M and V2-L have such a block",
            ),
            more={
                "Blocks": lambda network: len(network.repeats),
                "Strides": lambda network: join_comma(block.first.stride[0] for block in network.anatomy.blocks),
            },
        ),
    ),
    entry("v2-parameters", "table 7", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-l").says(
        f"Parameters of V2-S, V2-M and V2-L: {join_and(PAPER_V2_PARAMETERS.values())} million.",
        printed_figures(PAPER_V2_PARAMETERS, ALL_PARAMETERS, unit="M", scale=10**6),
    ),
    entry("v2-flops", "table 7", PAPER_FAMILY_V2, DOES_NOT_HOLD, "summary v2-s").says(
        f"FLOPs of V2-S, V2-M and V2-L: {join_and(PAPER_V2_FLOPS.values())} billion.",
        printed_figures(PAPER_V2_FLOPS, *FLOPS, unit="B", scale=10**9),
    ),
)
