"""The stages of a network as the papers' tables write them: stem, blocks, final layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from effnet_inspect.claims.kinds import Rows, row_of
from effnet_inspect.document import Value
from effnet_inspect.structure.anatomy import Block, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

CLASSIFIER_WORDS = {"global_average_pooling": "Pooling", "dense": "FC"}


class StageRow(NamedTuple):
    """One stage; a block's operators are those of all its sub-blocks, with the squeeze-excite ratio and without."""

    with_ratio: str
    operator: str
    stride: int | None
    resolution: int | None
    channels: int | None
    layers: int


def stages_of(network: Network) -> Iterator[StageRow]:
    """The stages, the stem first; `resolution` is that of the input."""
    classifier = network.anatomy.classifier
    operations = {layer.operation for layer in classifier.layers} if classifier else set()
    final = [word for operation, word in CLASSIFIER_WORDS.items() if operation in operations]
    for stage, channels in zip(network.backbone_stages, network.channels, strict=True):
        resolution = stage.input_shape[0] if stage.input_shape else None
        if isinstance(stage, Block):
            columns = zip(*map(_operators, stage.sub_blocks), strict=True)
            with_ratio, plain = (join_and(dict.fromkeys(column), " / ") for column in columns)
            yield StageRow(with_ratio, plain, stage.first.stride[0], resolution, channels, len(stage.sub_blocks))
        else:
            is_stem = stage is network.anatomy.stem
            words = [f"Conv{layer.kernel[0]}x{layer.kernel[1]}" for layer in stage.convolutions if layer.kernel]
            strides = [layer.stride[0] for layer in stage.convolutions if layer.stride and is_stem]
            operator = " & ".join(words if is_stem else [*words, *final])
            yield StageRow(operator, operator, strides[-1] if strides else None, resolution, channels, 1)


def _operators(sub_block: SubBlock) -> tuple[str, str]:
    text = f"{sub_block.operator}, k{sub_block.kernel[0]}x{sub_block.kernel[1]}"
    channels, squeezed = sub_block.input_shape and sub_block.input_shape[-1], sub_block.squeeze_excite
    return f"{text}, SE{squeezed / channels:g}" if squeezed and channels else text, text


def by_stage(values: Callable[[StageRow], Sequence[Value]], published: Sequence[Sequence[Value]], first: int) -> Rows:
    """A row for each stage of the only model, against the published rows; the first stage has the number `first`."""
    return lambda models: (
        row_of(f"Stage {number}", *pair)
        for model in models.values()
        for number, pair in enumerate(zip_longest(map(values, stages_of(model)), published, fillvalue=()), start=first)
    )
