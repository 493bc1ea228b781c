"""The figures of `compare`; FIGURES chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from effnet_inspect.choices import COMPARISON_VIEW_NAMES, ComparisonViewName
from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.page import PAGES, Page, fill
from effnet_inspect.errors import UsageError
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare.chart import growth
from effnet_inspect.views.compare.diff import diff
from effnet_inspect.views.compare.verdict import judge, matching_backbones
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.views.diagram.shape import shapes


def shape(networks: Sequence[Network], page: Page = PAGES["screen"]) -> Diagram:
    """Draw the silhouettes of networks at one scale."""
    chosen, said = matching_backbones(networks)
    sentences = [*said, *(judge(chosen).sentences if len(chosen) > 1 else ())]

    def draw(own: Page, dense: bool) -> Diagram:
        return shapes(chosen, Look(own.width).on(own, dense), sentences)

    return fill(page, draw)


FIGURES: dict[ComparisonViewName, Callable[[Sequence[Network], Page], Diagram]] = {
    "growth": growth,
    "shape": shape,
    "diff": diff,
}
assert tuple(FIGURES) == COMPARISON_VIEW_NAMES


def figure(networks: Sequence[Network], view: ComparisonViewName, page: Page = PAGES["screen"]) -> Diagram:
    """Draw networks.

    Raises:
        UsageError: where there is no network, or the view is not one of so many or of such networks.
    """
    if not networks:
        raise UsageError("there is nothing to compare: name one model or more")
    return FIGURES[view](networks, page)
