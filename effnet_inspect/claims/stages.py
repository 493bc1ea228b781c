"""The stages of a network as the papers' tables write them: stem, blocks, final layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from effnet_inspect.claims.claim import row_of
from effnet_inspect.claims.kinds import Rows
from effnet_inspect.document import Value
from effnet_inspect.structure.anatomy import Section, SubBlock
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

CLASSIFIER_WORDS = {"global_average_pooling": "Pooling", "dense": "FC"}


class StageRow(NamedTuple):
    """One stage; a block's operators are those of all its sub-blocks, the second with the squeeze-excite ratio."""

    operators: tuple[str, str]
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
        if isinstance(stage, Section):
            words = [f"Conv{layer.kernel[0]}x{layer.kernel[1]}" for layer in stage.convolutions if layer.kernel]
            strides = [layer.stride[0] for layer in stage.layers if layer.stride and stage.name == "stem"]
            operator = " & ".join([*words, *(final if stage.name == "head" else [])])
            yield StageRow((operator, operator), strides[-1] if strides else None, resolution, channels, 1)
        else:
            columns = zip(*map(_operators, stage.sub_blocks), strict=True)
            plain, with_ratio = (join_and(dict.fromkeys(column), " / ") for column in columns)
            yield StageRow((plain, with_ratio), stage.first.stride[0], resolution, channels, len(stage.sub_blocks))


def _operators(sub_block: SubBlock) -> tuple[str, str]:
    text = f"{sub_block.operator}, k{sub_block.kernel[0]}x{sub_block.kernel[1]}"
    channels = sub_block.input_shape[-1] if sub_block.input_shape else None
    if sub_block.squeeze_excite is None or not channels:
        return text, text
    return text, f"{text}, SE{sub_block.squeeze_excite / channels:g}"


def by_stage(values: Callable[[StageRow], Sequence[Value]], published: Sequence[Sequence[Value]], first: int) -> Rows:
    """A row for each stage of the only model, against the published rows; the first stage has the number `first`."""
    return lambda models: (
        row_of(f"Stage {number}", *pair)
        for model in models.values()
        for number, pair in enumerate(zip_longest(map(values, stages_of(model)), published, fillvalue=()), start=first)
    )
