"""Which positions of the input the positions of a layer see, along one axis.

A layer's positions are numbered from 0, negative ones lie before its edge: what is seen is not cut at the edges of the
input, as the field's term "receptive field" has it. Squeeze-excite and the statistics of a normalisation, which are
global, are left aside.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.graph.operations import OPERATIONS, Sees, same_margins

LONGEST_PERIOD = 4096
"""Resizing by many odd factors makes what neighbours see so irregular that it is not followed any further."""

Span = tuple[int, int]


class Reach(NamedTuple):
    """What the positions of a layer see: the first and the last position of the input, one span for each neighbour.

    Behind the last neighbour the row begins again, `advance` input positions further on. A span is None where nothing
    of the input is seen. Where `advance` is 0, all positions see the same.

    >>> halved = Reach(((-1, 1),), 2)
    >>> halved.size, halved.stride, halved.at(10)
    (3, 2.0, (19, 21))
    """

    spans: tuple[Span | None, ...]
    advance: int

    @property
    def size(self) -> int | None:
        """Positions of the input that the position which sees most sees, from the first to the last; None for none."""
        return max((last - first + 1 for first, last in filter(None, self.spans)), default=None)

    @property
    def stride(self) -> float | None:
        """Positions of the input between neighbours, on average; None where all see the same."""
        return self.advance / len(self.spans) or None

    def at(self, position: int) -> Span | None:
        """What one position sees."""
        row, index = divmod(position, len(self.spans))
        span = self.spans[index]
        return span and (span[0] + row * self.advance, span[1] + row * self.advance)

    def through(self, taps: Callable[[int], Iterable[int]], period: int = 1, steps: int = 1) -> Reach | None:
        """What a layer behind this one sees, whose position `o` takes the positions `taps(o)` of this one.

        `taps` moves `steps` on when `o` does so by `period`. None where it would be too long to write down.

        >>> Reach(((0, 0),), 1).through(lambda o: (2 * o - 1, 2 * o, 2 * o + 1), 1, 2)
        Reach(spans=((-1, 1),), advance=2)
        """
        times = len(self.spans) // math.gcd(len(self.spans), steps) if self.advance else 1
        if period * times > LONGEST_PERIOD:
            return None
        advance = steps * times * self.advance // len(self.spans)
        return _shortest(tuple(_union(map(self.at, taps(o))) for o in range(period * times)), advance)


ITSELF = Reach(((0, 0),), 1)
NOTHING = Reach((None,), 0)

Field = tuple[Reach, Reach]
"""Along the height and along the width."""


def _union(spans: Iterable[Span | None]) -> Span | None:
    seen = [span for span in spans if span]
    return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else None


def _shortest(spans: tuple[Span | None, ...], advance: int) -> Reach:
    """The same, with a row that is no repetition of a shorter one."""
    for length in range(1, len(spans)):
        shorter = Reach(spans[:length], advance * length // len(spans))
        if advance * length % len(spans) == 0 and all(shorter.at(o) == span for o, span in enumerate(spans)):
            return shorter
    return Reach(spans, advance)


def joined(reaches: Sequence[Reach]) -> Reach | None:
    """What is seen by one of them at least; None where they drift apart, so that it depends on the place.

    >>> joined((Reach(((-1, 1),), 1), Reach(((0, 3),), 1), NOTHING))
    Reach(spans=((-1, 3),), advance=1)
    """
    seeing = [reach for reach in reaches if any(reach.spans)]
    if fixed := [reach for reach in seeing if not reach.advance]:
        return Reach((_union(reach.spans[0] for reach in fixed),), 0)
    if len({reach.stride for reach in seeing}) > 1:
        return None
    if len(seeing) < 2:
        return seeing[0] if seeing else NOTHING
    length = math.lcm(*(len(reach.spans) for reach in seeing))
    if length > LONGEST_PERIOD:
        return None
    advance = seeing[0].advance * length // len(seeing[0].spans)
    return _shortest(tuple(_union(reach.at(o) for reach in seeing) for o in range(length)), advance)


class Step(NamedTuple):
    """A layer along one axis, 0 or 1; `size` positions come in and `after` go out, each None where unknown."""

    layer: Layer
    axis: int
    size: int | None
    after: int | None

    def of(self, pair: tuple[int, int] | None, otherwise: int = 1) -> int:
        """The value of one of the layer's pairs for this axis."""
        return pair[self.axis] if pair else otherwise

    @property
    def margin(self) -> int:
        """What the layer adds before the first position."""
        return self.layer.margins[self.axis][0] if self.layer.margins else 0


def _same(reach: Reach, step: Step) -> Reach | None:
    """Where the number of positions changes there is no telling which is which."""
    return None if None not in (step.size, step.after) and step.size != step.after else reach


def _window(reach: Reach, step: Step) -> Reach | None:
    if step.layer.kernel is None:
        return None
    kernel, stride, dilation = step.of(step.layer.kernel), step.of(step.layer.stride), step.of(step.layer.dilation)
    before = step.margin
    if step.layer.padding == "same" and not step.layer.margins:
        reached = (kernel - 1) * dilation + 1
        # Where the size is unknown the stride is taken to divide it.
        before = (same_margins(step.size, reached, stride) or (max(reached - stride, 0) // 2, 0))[0]
    if kernel == stride == 1 and not before:
        return reach
    if len(reach.spans) == 1:
        ends = (0, (kernel - 1) * dilation)
        return reach.through(lambda o: (o * stride - before + end for end in ends), 1, stride)
    return reach.through(lambda o: (o * stride - before + tap * dilation for tap in range(kernel)), 1, stride)


def _transposed(reach: Reach, step: Step) -> Reach | None:
    if step.layer.kernel is None:
        return None
    kernel, stride, dilation = step.of(step.layer.kernel), step.of(step.layer.stride), step.of(step.layer.dilation)
    cut = step.margin
    if step.layer.padding == "same" and not step.layer.margins:
        # The margins of the convolution that this one reverses.
        longer = (kernel - 1) * dilation + 1 - stride
        if step.size is not None and step.after is not None:
            longer += step.size * stride - step.after
        cut = max(longer, 0) // 2

    def taps(o: int) -> Iterable[int]:
        ends = (o + cut - tap * dilation for tap in range(kernel))
        return (end // stride for end in ends if end % stride == 0)

    return reach.through(taps, stride, 1)


AROUND = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}
"""Interpolations, and how many positions on either side they take where the new one lies between two."""

ROUNDINGS: dict[str, Callable[[int, int], int]] = {
    "floor": lambda place, whole: place // whole,
    "ceil": lambda place, whole: -(-place // whole),
    "round_prefer_floor": lambda place, whole: -((whole // 2 - place) // whole),
    "round_prefer_ceil": lambda place, whole: (place + whole // 2) // whole,
}
"""Which position is nearest to a place, both in parts of an even number to a position; the last one is Keras' way."""


def _resampled(reach: Reach, step: Step) -> Reach | None:
    """The new positions lie evenly among the old ones: centre upon centre, or first upon first where so is stated."""
    settings: Mapping[str, object] = {name: json.loads(value) for name, value in step.layer.settings or ()}
    interpolation = settings.get("interpolation")
    if step.layer.operation == "upsampling":
        size, after = 1, step.of(step.layer.stride)
        interpolation = interpolation or "nearest"
    elif step.size is None or step.after is None:
        return None
    else:
        size, after = step.size, step.after
    if size == after:
        return reach
    adapts = any(settings.get(name) for name in ("antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio"))
    is_known = interpolation == "nearest" or interpolation in AROUND
    rounded = ROUNDINGS.get(str(settings.get("rounding", "round_prefer_ceil")))
    coordinates = settings.get("coordinates", "half_pixel")
    if adapts or not is_known or not rounded or coordinates not in ("half_pixel", "asymmetric"):
        return None
    shared = math.gcd(size, after)
    steps, period = size // shared, after // shared
    around = AROUND.get(str(interpolation), 0)

    def taps(o: int) -> Iterable[int]:
        place = 2 * o * steps if coordinates == "asymmetric" else (2 * o + 1) * steps - period
        if not around:
            return (rounded(place, 2 * period),)
        before, between = divmod(place, 2 * period)
        return (before - around + 1, before + around) if between else (before,)

    return reach.through(taps, period, steps)


def _padded(reach: Reach, step: Step) -> Reach | None:
    return reach.through(lambda o: (o - step.margin,)) if step.layer.margins else None


def _cropped(reach: Reach, step: Step) -> Reach | None:
    return reach.through(lambda o: (o + step.margin,)) if step.layer.margins else None


def _unknown(reach: Reach, step: Step) -> Reach | None:
    return None


RULES: dict[Sees, Callable[[Reach, Step], Reach | None]] = {
    "the same": _same,
    "a window": _window,
    "windows of others": _transposed,
    "neighbours": _resampled,
    "a shifted one": _padded,
    "a cropped one": _cropped,
    "unknown": _unknown,
}


def _everything(reach: Reach, size: int | None, sides: int | None) -> Reach | None:
    """What all positions see together, of the input itself."""
    if size is None or sides is None:
        return None
    length = len(reach.spans)
    seen = _union(map(reach.at, (*range(min(length, size)), *range(max(size - length, 0), size))))
    return Reach((seen and (max(seen[0], 0), min(seen[1], sides - 1)),), 0)


def _side(shape: Shape | None, axis: int) -> int | None:
    return shape[axis] if shape and len(shape) == 3 else None


def reaches(graph: LayerGraph) -> dict[str, Field | None]:
    """What every layer sees of the input, along its height and its width; None where that cannot be told."""
    images = [layer.output_shape for layer in graph if layer.is_model_input]
    sides = [max((size for shape in images if (size := _side(shape, axis))), default=None) for axis in (0, 1)]
    found: dict[str, Field | None] = {}
    for layer in graph:
        found[layer.name] = _field(layer, graph, [found[name] for name in layer.data_inputs], sides)
    return found


def _field(layer: Layer, graph: LayerGraph, taken: Sequence[Field | None], sides: Sequence[int | None]) -> Field | None:
    if not layer.inputs:
        is_image = layer.operation == "input" and (layer.output_shape is None or len(layer.output_shape) == 3)
        return (ITSELF, ITSELF) if is_image else (NOTHING, NOTHING)
    shapes = [graph[name].output_shape for name in layer.data_inputs]
    if OPERATIONS[layer.operation].sees == "the same" and shapes == [layer.output_shape] and layer.output_shape:
        return taken[0]
    if layer.operation == "multiply" and any(field and _moves(field) for field in taken):
        # What only weighs the channels is left aside, also where a map of unknown size was pooled for it.
        kept = [at for at, field in enumerate(taken) if (_moves(field) if field else not _is_vector(shapes[at]))]
        taken, shapes = [taken[at] for at in kept], [shapes[at] for at in kept]
    fields = [field for field in taken if field]
    if len(fields) < len(taken):
        return None
    height = _along(layer, 0, [field[0] for field in fields], shapes, sides[0])
    is_alike = sides[0] == sides[1] and all(map(_is_alike, fields)) and _is_square(layer, shapes)
    width = height if is_alike else _along(layer, 1, [field[1] for field in fields], shapes, sides[1])
    return None if height is None or width is None else (height, width)


def _is_alike(field: Field) -> bool:
    return field[0] is field[1]


def _is_square(layer: Layer, shapes: Sequence[Shape | None]) -> bool:
    """Whether a layer does to the width what it does to the height."""
    pairs = (layer.kernel, layer.stride, layer.dilation, layer.margins)
    maps = (shape for shape in (layer.output_shape, *shapes) if shape and len(shape) == 3)
    return all(pair is None or pair[0] == pair[1] for pair in pairs) and all(shape[0] == shape[1] for shape in maps)


def _is_vector(shape: Shape | None) -> bool:
    """Whether something has one position."""
    return shape is not None and all(side == 1 for side in shape[:-1])


def _moves(field: Field) -> bool:
    return any(reach.advance for reach in field)


def _along(
    layer: Layer, axis: int, taken: Sequence[Reach], shapes: Sequence[Shape | None], side: int | None
) -> Reach | None:
    sees = OPERATIONS[layer.operation].sees
    after = _side(layer.output_shape, axis)
    passed: list[Reach] = []
    for reach, shape in zip(taken, shapes, strict=True):
        size = _side(shape, axis)
        if not reach.advance:
            seen: Reach | None = reach  # all positions see the same: so does whatever is made of them
        elif sees == "everything" or (sees == "a new shape" and layer.output_shape and len(layer.output_shape) == 1):
            seen = _everything(reach, size, side)
        elif sees == "a new shape":
            kept = shape and layer.output_shape and shape[:2] == layer.output_shape[:2]
            seen = reach if kept else None
        elif sees == "the same" and size == 1 and after not in (1, None):
            seen = Reach((reach.at(0),), 0)
        else:
            seen = RULES[sees](reach, Step(layer, axis, size, after))
        if seen is None:
            return None
        passed.append(seen)
    return passed[0] if len(passed) == 1 else joined(passed)
