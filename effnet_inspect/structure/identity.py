"""Which published variant a network is, how far, and what somebody changed in it.

No reference is built for it. The network is held against what the tables of stages settle: each sub-block's operator,
kernel, stride, expansion, width, squeeze-excite and residual connection, the repeats, stem and final layers. Whether
two networks agree in every number is for `difference` to say, which takes the graphs of both.
"""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.catalog.variants import Variant
from effnet_inspect.structure.anatomy import Anatomy
from effnet_inspect.structure.difference import Change, differences
from effnet_inspect.structure.facts import Fact, Facts, Key, NetworkFacts
from effnet_inspect.structure.nearest import LEAST_SUB_BLOCKS, Nearest
from effnet_inspect.structure.phrases import phrase
from effnet_inspect.structure.planned import planned_facts
from effnet_inspect.structure.roles import reached_in
from effnet_inspect.words import join_and, pluralize

PUBLISHED_CLASSES = 1000

CRITERIA = "Variant identified from the sub-blocks' operators, kernels, strides, channels, squeeze-excite and repeats."

LEAST_SHARE = 0.3
LEAST_LIKENESS_NAMED = 0.65
"""From which share of equal sub-blocks, or which likeness, on the nearest variant is named."""

MOST_CHANGES = 6
"""How many changes a sentence names."""

SETTLED_SECTIONS = ("stem", "head", "classifier")
"""The sections that the tables settle."""


class Identity(NamedTuple):
    """What a network is.

    `nearest` are the variants that it equals up to where it ends, or the one that it is nearest to; none for a network
    without MBConv sub-blocks. `up_to` is `classifier`, `head`, or the number of a block; `whole_blocks` is False where
    it is cut within its last block, `cut_after` what it has of the next sub-block: `the expansion of 6a`. `classes` are
    the units of its own classifier, None without one. `changes` are the differences from the table. `relative` names
    another published network of MBConv sub-blocks. `hidden` are the classes of layers that may hold a network of their
    own, and cannot be looked into.
    """

    nearest: tuple[Nearest, ...]
    up_to: str
    whole_blocks: bool
    cut_after: str
    classes: int | None
    changes: tuple[Change, ...]
    sub_blocks: int
    relative: str | None = None
    hidden: tuple[str, ...] = ()

    @property
    def variant(self) -> Variant | None:
        """The variant that it is, changed or not; None where it is another network, or ends before variants part."""
        found = [each.variant for each in self.nearest if each.is_variant]
        return found[0] if len(found) == 1 or self.same_as else None

    @property
    def same_as(self) -> tuple[Variant, ...]:
        """Published variants that are the same network up to the classifier as one of somebody's own scaling."""
        return tuple(each.variant for each in self.nearest[1:] if each.is_complete)

    @property
    def is_exact(self) -> bool:
        """Whether it is a variant, as far as it goes, and nothing is changed."""
        return self.variant is not None and not self.changes

    @property
    def similarity(self) -> float:
        """The share of sub-blocks that are those of the nearest variant; 0 where none is near."""
        return self.nearest[0].similarity if self.nearest else 0.0

    @property
    def extent(self) -> str:
        """How far it goes: `up to the classifier, which has 5 classes`; empty where it is the whole network."""
        if self.up_to == "classifier" and not self.cut_after:
            is_published = self.classes == PUBLISHED_CLASSES
            return "" if is_published else f"up to the classifier, which has {pluralize(self.classes or 0, 'class')}"
        reached = self._reached
        return f"{reached}, with a classifier of {pluralize(self.classes, 'class')}" if self.classes else reached

    @property
    def _reached(self) -> str:
        """How far it goes without a classifier."""
        if self.cut_after:
            return f"cut after {self.cut_after}"
        if self.up_to == "head":
            return "up to the final layers" + ("" if self.classes else ", without its classifier")
        return f"up to {'' if self.whole_blocks else 'a part of '}block {self.up_to}"


def identify(anatomy: Anatomy, facts: NetworkFacts) -> Identity:
    """What a network is."""
    found = anatomy.nearest
    reached = found[0] if found else None
    is_complete = reached is not None and _is_complete(anatomy, reached)
    head = anatomy.head if is_complete else None
    classifier = anatomy.classifier
    units = [layer.filters for layer in classifier.layers if layer.operation == "dense"] if classifier else []
    is_whole_block = not reached or is_complete or not reached.next_planned or not reached.next_planned.position
    return Identity(
        nearest=found,
        up_to="classifier"
        if head and units
        else "head"
        if head
        else str(anatomy.blocks[-1].number if anatomy.blocks else 0),
        whole_blocks=is_whole_block,
        cut_after=f"the {reached_in(anatomy.part.layers)} of {anatomy.part.of}" if anatomy.part else "",
        classes=units[-1] if units else None,
        changes=tuple(_changes(facts, reached, is_complete)) if reached and reached.is_variant else (),
        sub_blocks=len(anatomy.sub_blocks),
        relative=anatomy.relative,
        hidden=_hidden(anatomy),
    )


def _hidden(anatomy: Anatomy) -> tuple[str, ...]:
    """The classes of unknown layers that have weights, or may have."""
    unknown = [layer for layer in anatomy.graph if layer.operation == "opaque" and layer.parameters != 0]
    return tuple(dict.fromkeys(layer.class_name for layer in unknown))


def _is_complete(anatomy: Anatomy, reached: Nearest) -> bool:
    """Whether a network ends as the variant does: what lacks before its final layers was taken out, and not cut off."""
    has_head = anatomy.head is not None and anatomy.head.layers[0].filters == reached.plan.head
    planned = reached.next_planned
    ends_in_last_block = bool(planned and planned.position and planned.block == reached.plan.sub_blocks[-1].block)
    return reached.is_complete or has_head or (anatomy.head is not None and ends_in_last_block)


def sentence(found: Identity, *, is_whole: bool = True) -> str:
    """What `identify` has found, for people; `is_whole` tells whether the model is the network and nothing else."""
    if not found.sub_blocks and found.hidden:
        return (
            f"No MBConv sub-blocks are seen here, but {join_and(found.hidden)} cannot be looked into: name the model "
            "in it in code, as package.module:attribute, or export the whole to ONNX."
        )
    if not found.sub_blocks:
        return "This is no EfficientNet: it has no MBConv sub-blocks. A stage is what has one resolution."
    if not found.nearest and not found.relative and found.sub_blocks < LEAST_SUB_BLOCKS:
        return f"This has {pluralize(found.sub_blocks, 'MBConv sub-block')}: too few to tell of which network."
    if not found.nearest:
        name = f"{found.relative}, " if found.relative else ""
        return f"This is {name}an MBConv network, no EfficientNet."
    first = found.nearest[0]
    if not first.is_variant and first.similarity < LEAST_SHARE and first.likeness < LEAST_LIKENESS_NAMED:
        return "This is an MBConv network, no EfficientNet."
    if not first.is_variant:
        share = f"{first.similarity * 100:.0f} %"
        return f"This is an MBConv network, nearest {first.variant.title} ({share} of its sub-blocks equal)."
    extent = f" {found.extent}" if found.extent else ""
    if len(found.nearest) > 1 and not found.same_as:
        return f"This begins like {join_and(each.variant.title for each in found.nearest)},{extent}."
    opening = "This is" if is_whole else "Contains"
    if not found.changes:
        same = f", the same network as {join_and(each.title for each in found.same_as)}" if found.same_as else ""
        return f"{opening} {first.variant.title}{extent}{same}."
    named = [phrase(change, found.sub_blocks) for change in found.changes[:MOST_CHANGES]]
    if more := len(found.changes) - len(named):
        named.append(f"{more} more")
    changes = f"{pluralize(len(found.changes), 'change')}: {'; '.join(named)}"
    return f"{opening} {first.variant.title}{extent}{',' if extent else ''} with {changes}."


def _changes(facts: NetworkFacts, reached: Nearest, is_complete: bool) -> list[Change]:
    """What is other than in the table, but for what only training or spelling knows."""
    planned = _cut_like(facts, planned_facts(reached.plan), is_complete)
    settled = _settled(facts)
    common = [name for name in SETTLED_SECTIONS if name in planned.sections and (name != "head" or is_complete)]
    found = differences(planned, settled, sections=common)
    # Where nothing is normalised all of it was folded into the convolutions; where only some is missing, it is missing.
    told = {"added", *(["folded"] if _normalizes(settled) else [])}
    return [change for change in found if change.attribute in told or change.effect not in ("training", "nothing")]


def _normalizes(facts: NetworkFacts) -> bool:
    """Whether some convolution has a normalisation behind it."""
    places = (*facts.sections.values(), *(place for block in facts.blocks for place in block))
    return any(key.kind == "normalization" for place in places for key in place.items)


def _cut_like(facts: NetworkFacts, planned: NetworkFacts, is_complete: bool) -> NetworkFacts:
    """The planned network, up to where the other ends: an extent is no change."""
    blocks = planned.blocks if is_complete else planned.blocks[: len(facts.blocks)]
    if not is_complete and blocks and len(facts.blocks[-1]) < len(blocks[-1]):
        blocks = (*blocks[:-1], blocks[-1][: len(facts.blocks[-1])])
    # A stem cannot be cut off by ending earlier.
    sections = {name: there for name, there in planned.sections.items() if name in facts.sections or name == "stem"}
    units = facts.sections["classifier"].items.get(Key("classifier", "dense")) if "classifier" in sections else None
    if units and units.get("units") != PUBLISHED_CLASSES:
        # A classifier of one's own is no change of the published one.
        del sections["classifier"]
    return planned._replace(blocks=blocks, sections=sections)


def _settled(facts: NetworkFacts) -> NetworkFacts:
    """The facts that the tables settle: how much a strided convolution pads is each framework's own way."""

    def without_margins(own: Facts) -> Facts:
        if not _is_margins(own.get("padding")):
            return own
        return {name: value for name, value in own.items() if name != "padding"}

    def items(there: dict[Key, Facts]) -> dict[Key, Facts]:
        return {key: without_margins(own) for key, own in there.items() if key.kind not in ("preprocessing", "dropout")}

    sections = {
        name: there._replace(items=items(there.items)) for name, there in facts.sections.items() if name != "part"
    }
    blocks = tuple(tuple(each._replace(items=items(each.items)) for each in block) for block in facts.blocks)
    return facts._replace(sections=sections, blocks=blocks)


def _is_margins(value: Fact) -> bool:
    return isinstance(value, tuple)
