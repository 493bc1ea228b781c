"""What a layer, or something that somebody added, is called, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, Protocol

from effnet_inspect.graph import Layer, Vocabulary
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.structure.regions import REARRANGING
from effnet_inspect.structure.roles import Item
from effnet_inspect.words import join_and

Changes = Literal["outputs", "training", "nothing"]
"""What something added changes."""


MOST_KINDS = 4
"""How many kinds of layers are counted by name."""


class Called:
    """What layers are called where they come from, in words, and the same in ours.

    Layers of one vocabulary are alike where they are called the same: classes that do the same in our words may still
    differ. Those of two vocabularies are alike where they are the same in ours.
    """

    def __init__(self, words: str, meaning: str, vocabulary: Vocabulary | None) -> None:
        self.words = words
        self.meaning = meaning
        self.vocabulary = vocabulary

    def __str__(self) -> str:
        return self.words

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Called):
            return NotImplemented
        is_translated = None not in (self.vocabulary, other.vocabulary) and self.vocabulary != other.vocabulary
        return self.meaning == other.meaning if is_translated else self.words == other.words

    def __hash__(self) -> int:
        return hash(self.meaning)


def counted(words: Sequence[str]) -> str:
    """Many layers by what there is most of: `9 layers (3 Conv2D, 2 Add, …)`; `words` describe one layer each."""
    kinds = Counter(each.split(" ")[0] for each in words).most_common(MOST_KINDS)
    more = ", …" * (sum(count for _, count in kinds) < len(words))
    return f"{len(words)} layers ({', '.join(f'{count} {kind}' for kind, count in kinds)}{more})"


def named(item: Item, describe: Describe) -> str:
    """What is added, in words; of an attention its kind and what it holds."""
    layers = telling(item.layers)
    if item.attention:
        return f"{item.attention} ({join_and(describe(layer, with_width=False) for layer in layers)})"
    return join_and(map(describe, layers))


def telling(layers: Sequence[Layer]) -> Sequence[Layer]:
    """Those that do more than arrange numbers; all where none does."""
    return [layer for layer in layers if layer.operation not in REARRANGING and not does_nothing(layer)] or layers


def changes_of(layer: Layer) -> Changes:
    """What a layer changes that somebody added."""
    if layer.operation in ("dropout", "augmentation"):
        return "training"
    is_linear = layer.operation == "activation" and layer.activation is None
    return "nothing" if is_linear or layer.operation == "identity" else "outputs"


class Describe(Protocol):
    """Words for one layer."""

    def __call__(self, layer: Layer, *, with_width: bool = True) -> str: ...


def described(layer: Layer, *, with_width: bool = True) -> str:
    """`Conv2D 7×7 to 1 channel, sigmoid`, `SpatialDropout2D 0.1`, `Multiply`."""
    return _described(layer, layer.class_name, with_width)


def meant(layer: Layer, *, with_width: bool = True) -> str:
    """The same in our words, where there are any: `convolution 7×7 to 1 channel, sigmoid`, `dropout 0.1`."""
    wrapper, bracket, _ = layer.class_name.rpartition("(")
    title = layer.class_name if layer.operation == "opaque" else OPERATIONS[layer.operation].title
    return _described(layer, wrapper + bracket + title, with_width)


def _described(layer: Layer, words: str, with_width: bool) -> str:
    if layer.operation == "depthwise_convolution" and layer.parameters == 0 and not layer.shares_weights_with:
        words = f"blur pooling ({words})"
    if layer.kernel:
        words += " " + "×".join(map(str, layer.kernel))
    if layer.filters and layer.operation != "depthwise_convolution" and (with_width or layer.filters == 1):
        words += f" to {layer.filters} channel{'s' * (layer.filters != 1)}"
    if layer.operation == "activation":
        return f"{words} ({layer.activation or 'linear'})"
    if layer.rate is not None:
        words += f" {layer.rate:g}"
    return f"{words}, {layer.activation}" if layer.activation else words


def does_nothing(layer: Layer) -> bool:
    """Whether it changes nothing, at inference or in training, and is no mark that somebody set on purpose."""
    return layer.operation == "input" or (layer.operation == "dropout" and layer.rate == 0)
