"""Factors, offsets and weights: what normalisation and biases are taken apart into, and what they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.graph.patterns import Step
from effnet_inspect.sources.messages import shared_in_part
from effnet_inspect.sources.passes.draft import SCALE, SHIFT, Constant, Draft, Edit

WEIGHTED = frozenset({"convolution", "depthwise_convolution", "transposed_convolution", "dense"})

WITHOUT_PARAMETERS = frozenset({"rescaling", "dropout"})


def _operation(name: str) -> Step:
    return Step(lambda layer: layer.operation == name)


def _takes_a_bias(layer: Layer) -> bool:
    has_weights = layer.operation in WEIGHTED or layer.operation == "batch_normalization"
    return has_weights and layer.use_bias is False and layer.activation is None


def _has_a_factor_alone(layer: Layer) -> bool:
    return layer.operation == "rescaling" and layer.offset is None


def _has_one_offset_alone(layer: Layer) -> bool:
    return layer.operation == "rescaling" and layer.scale is None and len(layer.offset or ()) == 1


FACTOR_THEN_NOISE = Step(lambda layer: _has_a_factor_alone(layer) and layer.scale is not None) + Step(
    lambda layer: layer.operation == "dropout" and layer.rate is None
)
WEIGHTS_THEN_SHIFT = Step(_takes_a_bias) + _operation(SHIFT)
SCALE_AND_SHIFT = _operation(SCALE) + _operation(SHIFT) | _operation(SCALE) | _operation(SHIFT)
NORMALIZED_BY_GROUPS = (
    _operation("reshape") + _operation("group_normalization") + _operation("reshape") + SCALE_AND_SHIFT.optional()
)
SHIFT_THEN_SCALE = _operation(SHIFT) + _operation(SCALE)
FACTOR_THEN_OFFSET = Step(_has_a_factor_alone) + Step(_has_one_offset_alone)


def _behind_weights(graph: LayerGraph) -> set[str]:
    weighted = [layer.name for layer in graph if layer.operation in WEIGHTED]
    return graph.descendants(weighted) | set(weighted)


def neutral_numbers(draft: Draft) -> Draft:
    """A product with 1 and a sum with 0 are identities."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation == "rescaling" and (layer.scale, layer.offset) in (((1.0,), None), (None, (0.0,))):
            edit.change(layer, operation="identity", scale=None, offset=None)
    return edit.done()


def dropouts_by_noise(draft: Draft) -> Draft:
    """`x / keep * noise` is dropout at the rate `1 - keep`: stochastic depth in a model exported for training."""
    edit = Edit(draft)
    for factor, noise in draft.matches(FACTOR_THEN_NOISE):
        keep = 1 / factor.scale[0] if factor.scale and factor.scale[0] else 0.0
        if 0 < keep <= 1:
            edit.join((factor, noise), operation="dropout", rate=1 - keep, scale=None)
    return edit.done()


def biases(draft: Draft) -> Draft:
    """An offset for each channel right behind weights is their bias, unless others use the weights without it."""
    edit = Edit(draft)
    pairs = list(draft.matches(WEIGHTS_THEN_SHIFT))
    uses = Counter(_sources(draft, layer) for layer in draft.graph)
    uses_together = Counter(_sources(draft, *pair) for pair in pairs)
    for pair in pairs:
        if uses[_sources(draft, pair[0])] == uses_together[_sources(draft, *pair)] or not _sources(draft, pair[0]):
            edit.join(pair, use_bias=True)
    return edit.done()


def _sources(draft: Draft, *layers: Layer) -> tuple[str, ...]:
    return tuple(source for layer in layers for each in _weights(draft, layer) for source in each.sources)


def _weights(draft: Draft, layer: Layer) -> list[Constant]:
    """The constants that are parameters of a layer."""
    if layer.operation in WITHOUT_PARAMETERS:
        return []
    return [each for each in draft.constants_of(layer) if each.trainable is not None and each.sources]


def group_normalizations(draft: Draft) -> Draft:
    """Groups as channels, normalised one by one, and channels again, with a factor and an offset for each of them."""
    edit = Edit(draft)
    for layers in draft.matches(NORMALIZED_BY_GROUPS):
        into, normalization, back, *learned = layers
        (before,) = draft.graph.producers(into)
        scales = [each.numbers() for each in draft.constants_of(normalization)]
        neutral = all(numbers is None or set(numbers) in ({0.0}, {1.0}) for numbers in scales)
        if neutral and _are_equal(before.output_shape, back.output_shape):
            for layer in layers[:3]:
                edit.change(layer, constants=())
            edit.join(
                layers,
                operation="group_normalization",
                groups=normalization.groups,
                epsilon=normalization.epsilon,
                use_scale=SCALE in {layer.operation for layer in learned},
                use_bias=SHIFT in {layer.operation for layer in learned},
                output_shape=before.output_shape,
            )
    return edit.done()


def _are_equal(one: Shape | None, other: Shape | None) -> bool:
    """As far as both are known."""
    if one is None or other is None:
        return True
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(None in pair or pair[0] == pair[1] for pair in pairs)


def batch_normalizations(draft: Draft) -> Draft:
    """Behind weights, a factor and an offset for each channel are a batch normalisation worked out beforehand."""
    edit = Edit(draft)
    behind = _behind_weights(draft.graph)
    for layers in draft.matches(SCALE_AND_SHIFT):
        if layers[0].inputs[0] in behind:
            has = {layer.operation for layer in layers}
            edit.join(
                layers,
                operation="batch_normalization",
                use_scale=SCALE in has,
                use_bias=SHIFT in has,
                scale=None,
                offset=None,
            )
    return edit.done()


def input_normalizations(draft: Draft) -> Draft:
    """Before any weights, an offset and then a factor for each channel normalise the input by what data had."""
    edit = Edit(draft)
    for layers in draft.matches(SHIFT_THEN_SCALE):
        for layer in layers:
            fixed = tuple(replace(each, trainable=False) for each in draft.constants_of(layer))
            edit.change(layer, constants=fixed)
        edit.join(layers, operation="normalization", scale=None, offset=None)
    return edit.done()


def rescalings(draft: Draft) -> Draft:
    """Any other factor or offset for each channel is a rescaling, and none of its numbers is a parameter."""
    edit = Edit(draft)
    for layer in draft.graph:
        if layer.operation in (SCALE, SHIFT):
            edit.change(layer, operation="rescaling")
    return edit.done()


def rows_of_rescalings(draft: Draft) -> Draft:
    """A factor and then one offset are one rescaling."""
    edit = Edit(draft)
    for factor, offset in draft.matches(FACTOR_THEN_OFFSET):
        edit.join((factor, offset), offset=offset.offset)
    return edit.done()


def parameters(draft: Draft) -> Draft:
    """Count each layer's parameters, once where several layers have the same weights, and say how they are stored.

    A layer shares its weights whole or not at all. Exporters store equal vectors once, so that in a model fresh from
    its initialisers all biases and all normalisations of a width look shared: only layers with a kernel can share,
    and what follows a layer that does.
    """
    if draft.weights is not None:
        return _named_parameters(draft, draft.weights)
    edit = Edit(draft)
    owners: dict[tuple[str, ...], str] = {}
    sharing: set[str] = set()
    for layer in draft.graph:
        weights = _weights(draft, layer)
        if not weights:
            continue
        owner = owners.setdefault(tuple(source for each in weights for source in each.sources), layer.name)
        has_kernel = any(sum(size != 1 for size in each.shape or ()) > 1 for each in weights)
        if owner != layer.name and (has_kernel or layer.inputs[0] in sharing):
            sharing.add(layer.name)
            edit.change(layer, shares_weights_with=owner)
        else:
            trainable = [each for each in weights if each.trainable]
            edit.change(
                layer,
                parameters=_total(weights),
                trainable_parameters=_total(trainable),
                precision=max(weights, key=lambda each: each.size or 0).precision,
            )
    return edit.done()


def _named_parameters(draft: Draft, named: Mapping[str, Constant]) -> Draft:
    """Count each weight at the first layer that takes it; those that share some of theirs are named in a remark."""
    edit = Edit(draft)
    owners: dict[str, str] = {}
    in_part: list[str] = []
    for layer in draft.graph:
        sources = dict.fromkeys(source for each in draft.constants_of(layer) for source in each.sources)
        taken = [source for source in sources if source in named]
        new = [named[source] for source in taken if source not in owners]
        in_part += [layer.name] if 0 < len(new) < len(taken) else []
        if new:
            edit.change(
                layer,
                parameters=_total(new),
                trainable_parameters=_total([each for each in new if each.trainable]),
                precision=max(new, key=lambda each: each.size or 0).precision,
            )
        elif taken:
            edit.change(layer, shares_weights_with=owners[taken[0]])
        for source in taken:
            owners.setdefault(source, layer.name)
    done = edit.done()
    if not in_part:
        return done
    return replace(done, graph=replace(done.graph, remarks=(*done.graph.remarks, shared_in_part(in_part))))


def _total(constants: Sequence[Constant]) -> int | None:
    """How many numbers the constants hold together; None where one does not say."""
    sizes = [each.size for each in constants]
    return None if None in sizes else sum(size for size in sizes if size is not None)
