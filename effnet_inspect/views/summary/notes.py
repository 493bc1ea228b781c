"""What is said below a summary of how images are prepared, and of what does not train."""

from __future__ import annotations

from collections.abc import Iterator

from effnet_inspect.analysis.preprocessing import Step, expects_bytes, preprocessing_of
from effnet_inspect.graph.trainable import can_train, is_frozen
from effnet_inspect.structure.network import Network
from effnet_inspect.words import abbreviate, join_and


def preprocessing_notes(network: Network) -> Iterator[str]:
    """One sentence; none of a network that takes no image."""
    steps = preprocessing_of(network)
    if steps is None:
        return
    if not steps:
        yield "No preprocessing inside the model: scale and normalise images before it, as it was trained."
        return
    expected = ["expects pixels 0..255"] if expects_bytes(steps) else []
    yield f"Preprocessing inside the model: {join_and([*expected, *map(_described, steps)])}."


def _described(step: Step) -> str:
    if step.is_imagenets:
        return "normalises by ImageNet's mean and deviation"
    if step.scale is None and step.offset is None:
        return "normalises by the mean and variance in its weights"
    if any(len(set(values or ())) > 1 for values in (step.scale, step.offset)):
        verbs = [verb for verb, values in (("scales", step.scale), ("shifts", step.offset)) if values]
        return f"{join_and(verbs)} each channel"
    words = []
    if step.scale and step.scale[0] != 1:
        words.append(f"rescales by {_factor(step.scale[0])}")
    if step.offset and step.offset[0]:
        words.append(f"adds {step.offset[0]:g}")
    return join_and(words) or "changes nothing"


def _factor(scale: float) -> str:
    """As a fraction of one where that is shorter.

    >>> _factor(1 / 255), _factor(1 / 127.5), _factor(2.0)
    ('1/255', '1/127.5', '2')
    """
    inverse = round(1 / scale, 4) if scale else 0
    is_round = bool(scale) and abs(scale) < 1 and 2 * inverse == int(2 * inverse)
    return f"1/{inverse:g}" if is_round else f"{scale:g}"


def frozen_notes(network: Network) -> Iterator[str]:
    """Which parts do not train, though they could."""
    frozen = [layer for layer in network.graph if is_frozen(layer)]
    if not frozen:
        return
    able = sum(can_train(layer) > 0 for layer in network.graph)
    names = {layer.name for layer in frozen}
    stages = [
        stage.title
        for stage in network.anatomy.stages
        if any(map(can_train, stage.layers)) and all(each.name in names for each in stage.layers if can_train(each))
    ]
    where = f": {join_and(stages)}" if stages else f": {abbreviate([layer.name for layer in frozen])}"
    whole = " whole" if stages else ""
    yield f"Frozen: {len(frozen):,} of {able:,} layers that could train do not{where}{whole}."
