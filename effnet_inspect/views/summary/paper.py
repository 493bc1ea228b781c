"""The table of stages exactly as the papers print it."""

from __future__ import annotations

from effnet_inspect.document import Column, Row, Table
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.published_stages import published_stage

LAYERS = Column("layers", "#Layers", "count", note="#Layers: the sub-blocks of a stage, as the papers count.")
COLUMNS = (
    Column("stage", "Stage", "count"),
    Column("operator", "Operator"),
    Column("resolution", "Resolution", "size", note="Resolution: that of a stage's input, as in the paper."),
    Column("channels", "#Channels", "number"),
    LAYERS,
)
COLUMNS_V2 = (
    Column("stage", "Stage", "count"),
    Column("operator", "Operator"),
    Column("stride", "Stride", "size"),
    Column("channels", "#Channels", "number"),
    LAYERS,
)


def paper_table(network: Network) -> Table:
    """The stages as table 1 of the paper has them, or as table 4 of the one on V2 where this is a V2."""
    variant = network.identity.variant
    is_v2 = variant is not None and variant.family == "v2"
    columns = COLUMNS_V2 if is_v2 else COLUMNS
    rows = []
    for number, stage in enumerate(network.backbone_stages, start=0 if is_v2 else 1):
        printed = published_stage(network, stage, with_ratio=is_v2)
        values = {
            **printed._asdict(),
            "stage": number,
            "resolution": stage.input_shape[:2] if stage.input_shape else None,
        }
        rows.append(Row(tuple(values[column.key] for column in columns)))
    return Table("", columns, tuple(rows))
