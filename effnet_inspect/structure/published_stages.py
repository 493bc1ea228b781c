"""A network's stages as the papers' tables print them: stage, operator, resolution, channels and layers.

What the papers call the layers of a stage are sub-blocks here, and its resolution is that of its input.
"""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.structure.anatomy import Block, Stage, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

CLASSIFIER_WORDS = {"global_average_pooling": "Pooling", "dense": "FC"}


class PublishedStage(NamedTuple):
    """What the papers' tables state of a stage; `resolution` is one side of its input, in pixels."""

    operator: str
    resolution: int | None
    stride: int | None
    channels: int | None
    layers: int


def published_stage(network: Network, stage: Stage, with_ratio: bool = False) -> PublishedStage:
    """A stage in the papers' words; `with_ratio` adds the ratio of squeeze-excite, as the paper on V2 does."""
    return PublishedStage(
        _operator(network, stage, with_ratio),
        stage.input_shape[0] if stage.input_shape else None,
        stage.stride[0] if isinstance(stage, Block) or stage is network.anatomy.stem else None,
        stage.output_shape[-1] if stage.output_shape else None,
        len(stage.sub_blocks) if isinstance(stage, Block) else 1,
    )


def _operator(network: Network, stage: Stage, with_ratio: bool) -> str:
    """What a stage does; a block's operators are those of all its sub-blocks."""
    if isinstance(stage, Block):
        return join_and(dict.fromkeys(_sub_block_operator(each, with_ratio) for each in stage.sub_blocks), " / ")
    operations: set[str] = set()
    if network.anatomy.classifier and stage is network.anatomy.head:
        operations = {layer.operation for layer in network.anatomy.classifier.layers}
    words = [f"Conv{layer.kernel[0]}x{layer.kernel[1]}" for layer in stage.convolutions if layer.kernel]
    return " & ".join([*words, *(word for operation, word in CLASSIFIER_WORDS.items() if operation in operations)])


def _sub_block_operator(sub_block: SubBlock, with_ratio: bool) -> str:
    text = f"{sub_block.operator}, k{sub_block.kernel[0]}x{sub_block.kernel[1]}"
    channels, squeezed = sub_block.input_shape and sub_block.input_shape[-1], sub_block.squeeze_excite
    return f"{text}, SE{squeezed / channels:g}" if with_ratio and squeezed and channels else text
