"""A graph with all that is found in it, found once and when it is first asked for: what every view takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal

from effnet_inspect.catalog.published import PUBLISHED_ACCURACY, Accuracy
from effnet_inspect.catalog.targets import BuiltTarget, VariantTarget
from effnet_inspect.catalog.variants import Variant
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.anatomy import Anatomy, Block, Section, Stage, StageKey
from effnet_inspect.structure.difference import Change, differences
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.fact_reader import facts_of
from effnet_inspect.structure.facts import NetworkFacts, Place, name_of
from effnet_inspect.structure.identity import Identity, identify
from effnet_inspect.structure.measures import Measures, Totals

ANY_SIZE = "any size"
"""What a model takes that leaves height and width open."""


class Network:
    """One backbone in a graph, with what is around it.

    >>> from effnet_inspect.sources import load
    >>> network = Network(load("b3@512"))
    >>> network.title, network.totals["parameters"], [len(block.sub_blocks) for block in network.anatomy.blocks]
    ('B3@512', 12320535, [2, 3, 3, 5, 5, 6, 2])
    """

    def __init__(self, graph: LayerGraph, backbone: int | None = None, *, leaves_size_open: bool = False) -> None:
        """Args:
        graph: any graph.
        backbone: which EfficientNet in it, from 1, where it holds several; the first without it.
        leaves_size_open: whether the model takes images of any size, whatever the graph's shapes hold for.
        """
        self.graph = graph
        self._leaves_size_open = leaves_size_open
        self.backbone = backbone or 1
        self.is_backbone_chosen = backbone is not None

    @cached_property
    def anatomy(self) -> Anatomy:
        """Stem, blocks, sub-blocks, modules and what is around them.

        Raises:
            UsageError: where there are fewer backbones than asked for.
        """
        return dissect(self.graph, self.backbone)

    @cached_property
    def measures(self) -> Measures:
        """What each layer costs and sees."""
        return Measures(self.graph)

    @cached_property
    def totals(self) -> Totals:
        """The sums over the whole graph."""
        return self.measures.totals()

    def totals_of(self, stage: Stage) -> Totals:
        """The sums over one stage."""
        return self._stage_totals[stage.key]

    @cached_property
    def _stage_totals(self) -> dict[StageKey, Totals]:
        return {stage.key: self.measures.totals(stage.layers) for stage in self.anatomy.stages}

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what the source and the structure leave open."""
        return (*self.graph.remarks, *self.anatomy.remarks)

    @property
    def key(self) -> str:
        """The name for programs: the target, or the graph's name where it has none."""
        return self.graph.target.text if self.graph.target else self.graph.name

    @property
    def name(self) -> str:
        """The name for people: `EfficientNet-B3`, `mine.keras`."""
        return self.graph.name

    @property
    def title(self) -> str:
        """The name for people, short: `B3`, `B3@512`, `mine.keras`."""
        return self.graph.target.short_title if self.graph.target else self.graph.name

    @property
    def variant(self) -> Variant | None:
        """The variant that was asked for, at whatever resolution; None for a model of the user's own."""
        return self.graph.target.variant if isinstance(self.graph.target, VariantTarget) else None

    @cached_property
    def framework(self) -> Literal["keras", "pytorch"] | None:
        """What a model of the user's is in; None for a published variant, and where it may be any."""
        vocabulary = self.graph.vocabulary
        is_published = isinstance(self.graph.target, BuiltTarget)
        return None if is_published or vocabulary not in ("keras", "pytorch") else vocabulary

    @property
    def published_accuracy(self) -> Accuracy | None:
        """What has been published of the variant that was asked for; only at the resolution of that publication."""
        target = self.graph.target
        is_published = isinstance(target, VariantTarget) and target.is_published
        return PUBLISHED_ACCURACY.get(self.key) if is_published else None

    @cached_property
    def identity(self) -> Identity:
        """Which published variant this is, judged by its structure, and what is changed in it."""
        return identify(self.anatomy, self.facts)

    @property
    def is_what_it_is_called(self) -> bool:
        """Whether the variant that was asked for is what this is, so that its identity says nothing new."""
        identity = self.identity
        return self.variant is not None and identity.is_exact and self.variant == identity.variant

    @cached_property
    def facts(self) -> NetworkFacts:
        """What two networks are compared by."""
        return facts_of(self.anatomy)

    @cached_property
    def stages(self) -> dict[StageKey, Stage]:
        """The stages by their keys."""
        return {stage.key: stage for stage in self.anatomy.stages}

    def layers_at(self, place: Place) -> tuple[Layer, ...]:
        """The layers at a place where networks differ; none where this one has nothing there."""
        sub_blocks = {each.name: each for each in self.anatomy.sub_blocks}
        stages = {name_of(stage): stage for stage in self.anatomy.stages}
        found = sub_blocks.get(place.sub_block or "") or stages.get(place.stage)
        return found.layers if found else ()

    @property
    def backbone_stages(self) -> tuple[Stage, ...]:
        """Stem, blocks and final layers: the network without its classifier and what is around it."""
        row = (self.anatomy.stem, *self.anatomy.blocks, *self.anatomy.resolution_stages, self.anatomy.head)
        return tuple(stage for stage in row if stage is not None and (stage.layers or self.anatomy.blocks))

    @property
    def stages_in_depth(self) -> tuple[Stage, ...]:
        """The same, with what there is of a sub-block at which a network is cut."""
        anatomy, row = self.anatomy, self.backbone_stages
        end = -1 if anatomy.head in row else len(row)
        return (*row[:end], *([anatomy.part] if anatomy.part else []), *row[end:])

    @property
    def leaves_size_open(self) -> bool:
        """Whether it is a model of the user's that takes images of any size."""
        target, shape = self.graph.target, self.anatomy.input_shape
        is_built = isinstance(target, BuiltTarget)
        is_sized = target is not None and not is_built and target.resolution is not None
        return self._leaves_size_open or is_sized or (shape is not None and len(shape) == 3 and None in shape[:2])

    @cached_property
    def all_backbones(self) -> tuple[Network, ...]:
        """Every EfficientNet in the graph in turn; this network alone where there are no several."""
        if self.anatomy.backbones < 2:
            return (self,)
        return tuple(Network(self.graph, number) for number in range(1, self.anatomy.backbones + 1))

    @property
    def is_size_assumed(self) -> bool:
        """Whether the size of its images is one that neither it nor the user says."""
        target = self.graph.target
        is_sized = isinstance(target, BuiltTarget) or (target is not None and target.resolution is not None)
        return self.leaves_size_open and not is_sized

    @property
    def repeats(self) -> tuple[int, ...]:
        """Sub-blocks of each block."""
        return tuple(len(block.sub_blocks) for block in self.anatomy.blocks)

    @property
    def channels(self) -> tuple[int | None, ...]:
        """Output channels of the stem, of each block and of the final layers."""
        return tuple(stage.output_shape[-1] if stage.output_shape else None for stage in self.backbone_stages)

    @property
    def resolution(self) -> int | None:
        """Height of the input, in pixels."""
        shape = self.anatomy.input_shape
        return shape[0] if shape else None

    @property
    def unknown_classes(self) -> tuple[str, ...]:
        """The classes of layers of which nothing is known but their names."""
        return tuple(dict.fromkeys(layer.class_name for layer in self.graph if layer.operation == "opaque"))

    @property
    def precisions(self) -> tuple[str, ...]:
        """The types of the weights, the commonest first."""
        counts: Counter[str] = Counter()
        for layer in self.graph:
            stored = "float32" if (layer.precision or "mixed").startswith("mixed") else str(layer.precision)
            counts[stored] += layer.parameters or 0
        return tuple(name for name, count in counts.most_common() if count) or ("float32",)

    @property
    def layers_without_classifier(self) -> int:
        """How many layers there are without those of the classifier."""
        return len(self.graph) - (len(self.anatomy.classifier.layers) if self.anatomy.classifier else 0)


def changes_between(first: Network, second: Network) -> list[Change]:
    """All differences between two networks, the worst first; a size that is assumed is none."""
    if first.is_size_assumed == second.is_size_assumed:
        return differences(first.facts, second.facts)
    return differences(*(_with_size_in_words(network) for network in (first, second)))


def _with_size_in_words(network: Network) -> NetworkFacts:
    facts, resolution = network.facts, network.facts.image.get("resolution")
    if not (network.is_size_assumed and resolution):
        return facts
    return facts._replace(image={**facts.image, "resolution": ANY_SIZE})


def stage_numbers(networks: Sequence[Network]) -> Iterator[tuple[int | None, StageKey]]:
    """Every stage that any of the networks has, in order, with its number.

    Stages are numbered as the papers do: the stem is 1, the first block 2, the final layers come last; what is not
    the backbone has no number.
    """
    blocks = max((block.number for network in networks for block in network.anatomy.blocks), default=0)
    stages = max(len(network.anatomy.resolution_stages) for network in networks)
    row: tuple[tuple[int | None, StageKey], ...] = (
        (None, ("before", 0)),
        (1, ("stem", 0)),
        *((number + 1, ("block", number)) for number in range(1, blocks + 1)),
        *((number, ("stage", number)) for number in range(1, stages + 1)),
        (None, ("part", 0)),
        (blocks + 2, ("head", 0)),
        (None, ("classifier", 0)),
        (None, ("after", 0)),
        (None, ("other_branches", 0)),
    )
    return ((number, key) for number, key in row if any(key in network.stages for network in networks))


__all__ = ["Block", "Network", "Section", "Stage", "StageKey", "changes_between", "stage_numbers"]
