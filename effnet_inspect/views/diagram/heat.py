"""Heat: every box of a figure coloured by its share of a measure, in steps that a print in grey keeps in order.

The steps end at round numbers, the last one at the largest share that there is in the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from effnet_inspect.analysis.cost import moved_bytes, sum_of
from effnet_inspect.choices import HeatName
from effnet_inspect.document import Kind
from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram
from effnet_inspect.drawing.canvas import MARGIN, Canvas, caption_extent, text_width, wrapped
from effnet_inspect.drawing.page import LABEL, SMALLEST, TEXT, Page
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.measures import MEASURES, Total
from effnet_inspect.structure.network import Network
from effnet_inspect.words import abbreviate

STEPS: tuple[BoxRole, ...] = ("heat-1", "heat-2", "heat-3", "heat-4", "heat-5", "heat-6", "heat-7")
"""From the least to the most."""

NOT_HEATED: dict[BoxRole, BoxRole] = {"rule": "rule", "bar": "rule"}
"""What boxes that stand for no layers become; the others become plain."""

ROUND = (5.0, 3.0, 2.0, 1.0)
"""Where steps end, times powers of ten: each about twice as high as the next."""
CELL = 30.0
CELL_HEIGHT = 8.5
APART = 12.0
CLEARANCE = 3.0
"""Below a scale beside a heading."""
LEAST_WRITTEN = 0.0005
BESIDE = 3.0
"""Room that a label keeps on each side of its box."""


class Heat:
    """How much of the whole network's sum of one measure its layers take."""

    def __init__(self, network: Network, name: HeatName) -> None:
        self.noun, self.kind, self.values, total = _SOURCES[name](network)
        self.total, self.unknown = total.value, total.missing

    def share(self, layers: Collection[str]) -> float | None:
        """Their part of the whole, from 0 to 1; None where it is unknown for any, or there is no whole."""
        values = [self.values[name] for name in layers]
        if not self.total or None in values:
            return None
        return sum(value or 0 for value in values) / self.total

    def text(self, layers: Iterable[Layer]) -> str:
        """`12.3%`, as boxes have it; `<0.1%` of what would be written as nothing."""
        return self.text_of(self.share([layer.name for layer in layers]))

    @staticmethod
    def text_of(share: float | None) -> str:
        """The same for a share."""
        if share is not None and 0 < share < LEAST_WRITTEN:
            return "<0.1%"
        return "?" if share is None else format_value(share, "share")


class _Source(NamedTuple):
    noun: str
    kind: Kind
    values: Mapping[str, int | None]
    total: Total


def _measured(key: str) -> Callable[[Network], _Source]:
    def source(network: Network) -> _Source:
        measure = MEASURES[key]
        kind = measure.rounded or measure.kind
        return _Source(measure.noun, kind, network.measures.column(key), network.totals.total(key))

    return source


def _bytes(network: Network) -> _Source:
    moved = moved_bytes(network)
    values = {name: each.exact for name, each in moved.items()}
    return _Source("bytes moved", "bytes", values, sum_of(moved.values()))


_SOURCES: dict[HeatName, Callable[[Network], _Source]] = {
    "macs": _measured("macs"),
    "parameters": _measured("parameters"),
    "activations": _measured("activations"),
    "bytes": _bytes,
}


def bounds_below(largest: float) -> list[float]:
    """Where the steps end, the last but one first below the largest share.

    >>> bounds_below(0.238)
    [0.01, 0.02, 0.03, 0.05, 0.1, 0.2]
    """
    found: list[float] = []
    power = 0
    while len(found) < len(STEPS) - 1:
        ends = [round(each * 10.0**-power, power + 1) for each in ROUND]
        found += [end for end in ends if end < largest]
        power += 1
    return found[: len(STEPS) - 1][::-1]


class HeatedFigure(NamedTuple):
    """What is to be coloured: how it is drawn for a page, dense or not, and the heat of each network in it.

    Where there are several, the keys of their boxes begin with their numbers. `joins` says whether boxes may stand for
    several things.
    """

    draw: Callable[[Page, bool], Diagram]
    heats: Sequence[Heat]
    joins: bool = False

    def on(self, page: Page, dense: bool) -> Diagram:
        """In the colours of heat, where there is any, with their scale."""
        figure = self.draw(page, dense)
        if not self.heats:
            return figure
        shown = heated(figure, self.heats, dense=dense, joins=self.joins)
        if page.has_room_for(figure) and not page.has_room_for(shown):
            more = shown.height - figure.height
            lower = page._replace(height=page.height and page.height - more, limit=page.limit and page.limit - more)
            shown = heated(self.draw(lower, dense), self.heats, dense=dense, joins=self.joins)
        return shown


def heated(figure: Diagram, heats: Sequence[Heat], *, dense: bool, joins: bool) -> Diagram:
    """The figure in the colours of heat, with a scale beside its heading where that leaves room, and else below.

    A dense figure does not say that boxes may stand for several things.
    """

    def heat_of(box: Box) -> Heat:
        return heats[int(box.key.split()[0])] if len(heats) > 1 and box.layers else heats[0]

    shares = {box.key: heat_of(box).share(box.layers) for box in figure.boxes if box.layers}
    bounds = bounds_below(max((share for share in shares.values() if share), default=1.0))
    scale = _scale(shares.values(), bounds, heats, figure.width - 2 * MARGIN)
    canvas = Canvas(figure.name)
    coloured = tuple(_heated(box, shares, bounds, heat_of(box)) for box in figure.boxes)
    canvas.place(replace(figure, boxes=coloured), 0, 0, "")
    left, bottom = figure.width - MARGIN - scale.width, figure.height
    if _is_free(figure, left - APART, MARGIN + scale.height + CLEARANCE):
        canvas.place(scale, left, MARGIN, "")
    else:
        canvas.place(scale, MARGIN, bottom, "")
        bottom += scale.height + MARGIN
    for line in () if dense else _lines(heats, joins, figure.width - 2 * MARGIN):
        canvas.caption(Caption(line, MARGIN, bottom + SMALLEST / 2, SMALLEST, "faint", anchor="left"))
        bottom += SMALLEST * 1.5
    boxes, captions = tuple(canvas.boxes.values()), tuple(canvas.captions)
    return replace(figure, height=bottom if dense else bottom + MARGIN / 2, boxes=boxes, captions=captions)


def _is_free(figure: Diagram, left: float, bottom: float) -> bool:
    """Whether nothing stands right of `left` and above `bottom`."""
    corners = [
        *((box.x + box.width, box.y) for box in figure.boxes),
        *((frame.x + frame.width, frame.y) for frame in figure.frames),
        *((right, top) for _, top, right, _ in map(caption_extent, figure.captions)),
        *((max(x for x, _ in path.points), min(y for _, y in path.points)) for path in figure.paths),
    ]
    return not any(right > left and top < bottom for right, top in corners)


def _heated(box: Box, shares: Mapping[str, float | None], bounds: list[float], heat: Heat) -> Box:
    if not box.layers:
        return replace(box, role=NOT_HEATED.get(box.role, "plain"))
    share = shares[box.key]
    words = "an unknown part" if share is None else format_value(share, "share")
    written = f"{box.label} {heat.text_of(share)}"
    # A box of one line, such as that of a sum, has no line for its share, and room beside its name.
    has_room = share and not box.note and "\n" not in box.label and "%" not in box.label
    fits = has_room and text_width(written, box.size, bold=True) <= box.width - 2 * BESIDE and box.size <= box.height
    label = written if fits else box.label
    return replace(box, role=_step(share, bounds), label=label, tooltip=f"{box.tooltip}\n{words} of the {heat.noun}")


def _step(share: float | None, bounds: list[float]) -> BoxRole:
    return STEPS[sum(share > bound for bound in bounds)] if share else "plain"


def _scale(shares: Collection[float | None], bounds: list[float], heats: Sequence[Heat], room: float) -> Diagram:
    """The colours of the steps with where they end, in at most `room` points."""
    canvas = Canvas("scale")
    first = heats[0]
    title = f"Share of the {first.noun}"
    known = f"of {'at least ' * bool(first.unknown)}{format_value(first.total, first.kind)} in all"
    whole = known if len(heats) == 1 else "of each model's own sum"
    canvas.caption(Caption(title, 0, 0, LABEL, "ink", bold=True, anchor="left"))
    canvas.caption(Caption(whole, text_width(title, LABEL, bold=True) + 4, 0, TEXT, "faint", anchor="left"))
    y = LABEL - 1
    level = y + CELL_HEIGHT + SMALLEST
    cell = min(CELL, (room - CELL - APART) / len(STEPS))
    for index, role in enumerate(STEPS):
        canvas.box(Box(f"heat {index + 1}", index * cell, y, cell, CELL_HEIGHT, role, square=True))
    for index, bound in enumerate(bounds, start=1):
        canvas.caption(Caption(f"{bound * 100:g}%", index * cell, level, SMALLEST, "ink"))
    if any(not share for share in shares):
        left = len(STEPS) * cell + APART
        canvas.box(Box("heat none", left, y, cell, CELL_HEIGHT, "plain"))
        words = "none" if all(share is not None for share in shares) else "none or ?"
        canvas.caption(Caption(words, left + cell / 2, level, SMALLEST, "ink"))
    return canvas.diagram(margin=0)


def _lines(heats: Sequence[Heat], joins: bool, room: float) -> Iterator[str]:
    sentences = []
    if joins:
        sentences.append("A box that stands for several things has the share of all of them together.")
    unknown = list(dict.fromkeys(name for heat in heats for name in heat.unknown))
    if unknown:
        sentences.append(f"Unknown: what {abbreviate(unknown, 3)} take.")
    for sentence in sentences:
        yield from wrapped(sentence.split(), room, SMALLEST)
