"""`diagram`: one network drawn. Each view is a sibling here; VIEWS chooses among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from effnet_inspect.choices import VIEW_NAMES, HeatName, LabelStyle, ViewName
from effnet_inspect.drawing import Diagram
from effnet_inspect.drawing.page import PAGES, Draw, Page, fill
from effnet_inspect.errors import UsageError
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.backbones import whole_architecture
from effnet_inspect.views.diagram.block import block
from effnet_inspect.views.diagram.heat import Heat, HeatedFigure
from effnet_inspect.views.diagram.layers import layers
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.views.diagram.mbconv import mbconv
from effnet_inspect.views.diagram.modules import modules
from effnet_inspect.views.diagram.poster import poster
from effnet_inspect.views.diagram.shape import shape
from effnet_inspect.views.diagram.stem import stem
from effnet_inspect.views.diagram.sub_blocks import sub_blocks
from effnet_inspect.views.summary import block_of
from effnet_inspect.words import join_and


class DiagramOptions(NamedTuple):
    """What is drawn of a network.

    `view` is one of VIEWS; without it the architecture, or the view `block` where a block is named. `block` is the
    number of the block to draw. `expand` draws every sub-block in the architecture and in a block instead of ×N.
    `page` is what the figure is laid out for, `labels` whose words its boxes say first. With `heat` boxes are coloured
    by their share of that.
    """

    view: ViewName | None = None
    block: int | None = None
    expand: bool = False
    page: Page = PAGES["screen"]
    labels: LabelStyle = "article"
    heat: HeatName | None = None

    @property
    def chosen(self) -> ViewName:
        """The view to draw."""
        return self.view or ("architecture" if self.block is None else "block")


VIEWS: dict[ViewName, Callable[[Network, DiagramOptions, Look], Diagram]] = {
    "architecture": lambda network, options, look: whole_architecture(network, look, expand=options.expand),
    "sub-blocks": lambda network, options, look: sub_blocks(network, look),
    "modules": lambda network, options, look: modules(network, look),
    "stem": lambda network, options, look: stem(network, look),
    "block": lambda network, options, look: block(
        network, block_of(network, options.block or 0), look, expand=options.expand
    ),
    "mbconv": lambda network, options, look: mbconv(network, look),
    "shape": lambda network, options, look: shape(network, look),
    "layers": lambda network, options, look: layers(network, look),
    "poster": lambda network, options, look: poster(network, look),
}
EXPANDABLE: tuple[ViewName, ...] = ("architecture", "block")
ONE_BY_ONE: tuple[ViewName, ...] = ("shape", "layers")
"""The views whose boxes stand for one thing each."""
OF_ANY_NETWORK: tuple[ViewName, ...] = ("architecture", "shape")
"""The views that need no sub-blocks."""
assert tuple(VIEWS) == VIEW_NAMES


def diagram(network: Network, options: DiagramOptions | None = None) -> Diagram:
    """Draw a view of a network.

    Raises:
        UsageError: where there is no such block, or the view has no use for what was asked.
    """
    options = options or DiagramOptions()
    return fill(options.page, drawing(network, options))


def drawing(network: Network, options: DiagramOptions) -> Draw:
    """What draws a view of a network for any page.

    Raises:
        UsageError: where there is no such block, or the view has no use for what was asked.
    """
    view = options.chosen
    if not network.anatomy.blocks and view not in OF_ANY_NETWORK:
        raise UsageError(f"{network.name} has no MBConv sub-blocks; --view {join_and(OF_ANY_NETWORK, ' or ')} draws it")
    if options.expand and view not in EXPANDABLE:
        raise UsageError(f"--expand goes with the views 'architecture' and 'block', not with {view!r}")
    if view == "block" and options.block is None:
        raise UsageError(f"the view 'block' needs --block, a number from 1 to {len(network.anatomy.blocks)}")
    if view != "block" and options.block is not None:
        raise UsageError(f"the view {view!r} draws the whole network; --block goes with --view block")
    heat = Heat(network, options.heat) if options.heat else None
    look = Look(options.page.width, options.labels, heat=heat)
    return HeatedFigure(
        lambda page, dense: VIEWS[view](network, options, look.on(page, dense)),
        [heat] if heat else [],
        joins=view not in ONE_BY_ONE and not options.expand,
    ).on
