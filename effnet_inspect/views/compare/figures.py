"""The figures of `compare`; FIGURES chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from effnet_inspect.choices import COMPARISON_VIEW_NAMES, ComparisonViewName, HeatName
from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.page import PAGES, Draw, Page, fill
from effnet_inspect.errors import UsageError
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.chart import growth
from effnet_inspect.views.compare.diff import diff
from effnet_inspect.views.compare.verdict import judge, matching_backbones
from effnet_inspect.views.diagram.heat import Heat, HeatedFigure
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.views.diagram.shape import shapes, silhouettes_of
from effnet_inspect.words import join_and


def _growth(networks: Sequence[Network], heat: HeatName | None) -> Draw:
    return _heated(networks, heat, lambda chosen: partial(growth, chosen))


def _shape(networks: Sequence[Network], heat: HeatName | None) -> Draw:
    """The silhouettes of networks at one scale."""
    return _heated(networks, heat, lambda chosen: partial(shapes, silhouettes_of(chosen)))


def _heated(
    networks: Sequence[Network],
    heat: HeatName | None,
    drawing_of: Callable[[Sequence[Network]], Callable[[Look, Sequence[str]], Diagram]],
) -> Draw:
    chosen, said = matching_backbones(networks)
    sentences = [*said, *(judge(chosen).sentences if len(chosen) > 1 else ())]
    heats = [Heat(network, heat) for network in chosen] if heat else []
    # With any heat colours stand for shares, and are not told as those of parts.
    draw, look = drawing_of(chosen), Look(PAGES["screen"].width, heat=heats[0] if heats else None)
    return HeatedFigure(lambda own, dense: draw(look.on(own, dense), sentences), heats).on


def _diff(networks: Sequence[Network], heat: HeatName | None) -> Draw:
    if heat:
        raise UsageError(
            "--heat colours boxes by their share, and in --view diff their colours say what differs; "
            f"use --view {join_and(HEATED, ' or ')}"
        )
    return diff(networks)


FIGURES: dict[ComparisonViewName, Callable[[Sequence[Network], HeatName | None], Draw]] = {
    "growth": _growth,
    "shape": _shape,
    "diff": _diff,
}
HEATED: tuple[ComparisonViewName, ...] = ("growth", "shape")
assert tuple(FIGURES) == COMPARISON_VIEW_NAMES


def figure(
    networks: Sequence[Network],
    view: ComparisonViewName,
    page: Page = PAGES["screen"],
    heat: HeatName | None = None,
) -> Diagram:
    """Draw networks.

    Raises:
        UsageError: where there is no network, or the view is not one of so many or of such networks, or has no heat.
    """
    return fill(page, drawing(networks, view, heat))


def drawing(networks: Sequence[Network], view: ComparisonViewName, heat: HeatName | None) -> Draw:
    """What draws networks for any page.

    Raises:
        UsageError: as `figure`.
    """
    if not networks:
        raise UsageError("there is nothing to compare: name one model or more")
    return FIGURES[view](networks, heat)
