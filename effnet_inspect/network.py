"""A graph with what is found in it, found once and when it is first asked for."""

from __future__ import annotations

from functools import cached_property

from effnet_inspect.anatomy import Anatomy, dissect
from effnet_inspect.graph import LayerGraph
from effnet_inspect.measures import Measures


class Network:
    """A graph with its anatomy and measures."""

    def __init__(self, graph: LayerGraph) -> None:
        self.graph = graph

    @cached_property
    def anatomy(self) -> Anatomy:
        """The graph's anatomy; raises NotAnEfficientNet where it has none."""
        return dissect(self.graph)

    @cached_property
    def measures(self) -> Measures:
        """The graph's measures."""
        return Measures(self.graph)
