"""Which published variant a network is, and how far: its anatomy held against the plans of all variants.

No reference is built for it. What is compared is what the tables of stages settle: each sub-block's operator,
kernel, stride, expansion, width and squeeze-excite, the repeats, and the channels of stem and final layers. Whether
every single layer agrees is for `difference` to say, which takes the graphs of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from effnet_inspect.catalog.blueprints import Plan, SubBlockDesign, blueprint_of, plan, round_filters
from effnet_inspect.catalog.variants import VARIANTS, Variant
from effnet_inspect.structure.anatomy import Anatomy, SubBlock
from effnet_inspect.structure.signature import operator_signature
from effnet_inspect.words import join_and

LEAST_SUB_BLOCKS = 4
"""Fewer sub-blocks make no variant out of a network that is cut short: many begin alike."""

PUBLISHED_CLASSES = 1000

CRITERIA = "Variant identified from the sub-blocks' operators, kernels, strides, channels, squeeze-excite and repeats."


class Identity(NamedTuple):
    """A network is `variant`, up to and with the stage `up_to`: `classifier`, `head`, or the number of a block.

    `whole_blocks` is False where it is cut within its last block. `classes` are the units of its own
    classifier, None without one. `deviations` names what differs from the table though all sub-blocks stand where
    they should.
    """

    variant: Variant
    up_to: str
    whole_blocks: bool
    classes: int | None
    deviations: tuple[str, ...]

    @property
    def extent(self) -> str:
        """How far it goes: `up to the classifier, which has 5 classes`; empty where it is the whole network."""
        if self.up_to == "classifier":
            return (
                "" if self.classes == PUBLISHED_CLASSES else f"up to the classifier, which has {self.classes} classes"
            )
        if self.up_to == "head":
            return "up to the final layers, without its classifier"
        return f"up to {'' if self.whole_blocks else 'a part of '}block {self.up_to}"


def identify(anatomy: Anatomy) -> tuple[Identity, ...]:
    """The published variants that a network is, in whole or up to where it ends.

    None where it is of its own making; several where it ends before they part.
    """
    return tuple(each for variant in VARIANTS.values() for each in _identities(anatomy, variant))


def sentence(found: Sequence[Identity], *, is_whole: bool = True) -> str:
    """What `identify` has found, for people; `is_whole` tells whether the model is the network and nothing else.

    >>> sentence([Identity(VARIANTS["b3"], "classifier", True, 5, ())])
    'This is EfficientNet-B3 up to the classifier, which has 5 classes.'
    >>> sentence([Identity(VARIANTS["b4"], "head", True, None, ())], is_whole=False)
    'Contains EfficientNet-B4 up to the final layers, without its classifier.'
    """
    if not found:
        return "No published variant has these sub-blocks."
    first = found[0]
    extent = f" {first.extent}" if first.extent else ""
    if len(found) > 1:
        return f"This begins like {join_and(each.variant.title for each in found)},{extent}."
    except_for = f", except for its {join_and(first.deviations)}" if first.deviations else ""
    return f"{'This is' if is_whole else 'Contains'} {first.variant.title}{extent}{except_for}."


def _identities(anatomy: Anatomy, variant: Variant) -> Iterator[Identity]:
    own = anatomy.sub_blocks
    blueprint = blueprint_of(variant)
    # Most variants are out at the first width: only the others are worth a plan.
    if (own[0].output_shape or (0,))[-1] != round_filters(blueprint.stages[0].filters, variant.width, blueprint):
        return
    planned = plan(variant)
    if len(own) > len(planned.sub_blocks) or anatomy.stem.output_shape is None:
        return
    if len(own) < min(LEAST_SUB_BLOCKS, len(planned.sub_blocks)):
        return
    pairs = list(zip(own, planned.sub_blocks, strict=False))
    if not all(operator_signature(mine) == operator_signature(theirs) for mine, theirs in pairs):
        return
    if any((mine.squeeze_excite is None) != (theirs.squeeze_excite is None) for mine, theirs in pairs):
        return
    complete = len(own) == len(planned.sub_blocks)
    last = planned.sub_blocks[len(own) - 1]
    head = anatomy.head.layers[0].filters if complete and anatomy.head else None
    classifier = anatomy.classifier if head == planned.head else None
    units = [layer.filters for layer in classifier.layers if layer.operation == "dense"] if classifier else []
    yield Identity(
        variant=variant,
        up_to="classifier" if units else "head" if head == planned.head else str(last.block),
        whole_blocks=complete or planned.sub_blocks[len(own)].block != last.block,
        classes=units[-1] if units else None,
        deviations=tuple(_deviations(anatomy, planned, pairs, head)),
    )


def _deviations(
    anatomy: Anatomy, planned: Plan, pairs: list[tuple[SubBlock, SubBlockDesign]], head: int | None
) -> Iterator[str]:
    convolutions = anatomy.stem.convolutions
    if [(layer.kernel, layer.stride) for layer in convolutions] != [((3, 3), (2, 2))]:
        yield "stem"
    elif convolutions[0].filters != planned.stem:
        yield "stem's width"
    if any(mine.squeeze_excite != theirs.squeeze_excite for mine, theirs in pairs):
        yield "squeeze-excite widths"
    if any(mine.residual != theirs.residual for mine, theirs in pairs):
        yield "residuals"
    if head not in (None, planned.head):
        yield "final layers' width"
    units = [layer.filters for layer in anatomy.classifier.layers if layer.filters] if anatomy.classifier else []
    if len(units) > 1 and units[-1] == PUBLISHED_CLASSES:
        yield "hidden dense layers"
    backbone = (*anatomy.stem.layers, *(layer for block in anatomy.blocks for layer in block.layers))
    activations = {layer.activation for layer in (*backbone, *(anatomy.head.layers if anatomy.head else ()))}
    named = {"swish": "silu"}.get(planned.blueprint.activation, planned.blueprint.activation)
    if others := activations - {named, "sigmoid", None}:
        yield f"activation, {join_and(sorted(map(str, others)))}"
