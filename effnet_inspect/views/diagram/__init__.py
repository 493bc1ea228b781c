"""`diagram`: one network drawn. Each view is a sibling here; VIEWS chooses among them."""

from __future__ import annotations

from collections.abc import Callable

from effnet_inspect.anatomy import Anatomy
from effnet_inspect.drawing import Diagram
from effnet_inspect.errors import UsageError
from effnet_inspect.measures import Measures
from effnet_inspect.views.diagram.architecture import architecture
from effnet_inspect.views.diagram.block import block
from effnet_inspect.views.diagram.layers import layers
from effnet_inspect.views.diagram.modules import modules
from effnet_inspect.views.diagram.poster import poster
from effnet_inspect.views.diagram.stem import stem
from effnet_inspect.views.diagram.sub_blocks import sub_blocks

VIEWS: dict[str, Callable[[Anatomy, Measures], Diagram]] = {
    "architecture": architecture,
    "sub-blocks": sub_blocks,
    "modules": modules,
    "stem": stem,
    "layers": layers,
    "poster": poster,
}
"""The views that draw a whole network; `block` draws one of its blocks."""


def diagram(
    anatomy: Anatomy,
    measures: Measures,
    *,
    view: str = "architecture",
    block_number: int | None = None,
    expand: bool = False,
) -> Diagram:
    """Draw a view of a network.

    Args:
        anatomy: of the graph that `measures` are of.
        measures: of the graph.
        view: one of VIEWS, or `block`.
        block_number: which block, for the view `block`, which needs one.
        expand: in the view `architecture`, draw every sub-block instead of ×N.

    Raises:
        UsageError: where there is no such block, or the view has no use for what was asked.
    """
    if expand and view != "architecture":
        raise UsageError(f"--expand goes with the view 'architecture', not with {view!r}")
    if view == "block":
        count = len(anatomy.blocks)
        if block_number is None:
            raise UsageError(f"the view 'block' needs --block, a number from 1 to {count}")
        if not 1 <= block_number <= count:
            raise UsageError(f"there is no block {block_number}: {anatomy.graph.name} has the blocks 1 to {count}")
        return block(anatomy, measures, block_number)
    if block_number is not None:
        raise UsageError(f"the view {view!r} draws the whole network; --block goes with --view block")
    if expand:
        return architecture(anatomy, measures, expand=True)
    return VIEWS[view](anatomy, measures)
