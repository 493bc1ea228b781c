"""A network from its input to its output as a row of places: stem, sub-blocks, and what is around them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from effnet_inspect.graph import Layer, Shape
from effnet_inspect.plotting import Axis
from effnet_inspect.structure.anatomy import Block, Stage
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.network import Network
from effnet_inspect.views.marks import mark_of, meanings


class Place(NamedTuple):
    """A sub-block, or a part without any; `number` is its place in the network, `stage` what it belongs to.

    `mark` stands for that stage on an axis.
    """

    number: int
    name: str
    stage: str
    mark: str
    layers: tuple[Layer, ...]
    output_shape: Shape | None

    @property
    def title(self) -> str:
        """Within a sentence: `sub-block 4b`, `the final layers`, `part of 5c`."""
        if self.stage.startswith("Block "):
            return f"sub-block {self.name}"
        words = self.stage[0].lower() + self.stage[1:]
        return words if words.startswith("part of") or words[-1:].isdigit() else f"the {words}"


def places(stages: Sequence[Stage]) -> list[Place]:
    """All places of the stages, in the order of the data."""
    found: list[tuple[str, str, str, tuple[Layer, ...], Shape | None]] = []
    for stage in stages:
        if isinstance(stage, Block):
            found += [
                (each.name, stage.title, mark_of(stage), each.layers, each.output_shape) for each in stage.sub_blocks
            ]
        elif stage.layers:
            found.append((name_of(stage), stage.title, mark_of(stage), stage.layers, stage.output_shape))
    return [Place(number, *each) for number, each in enumerate(found)]


def titles_of(networks: Sequence[Network]) -> list[str]:
    """The networks' titles; numbers tell those apart that have one title.

    >>> from effnet_inspect.sources import load
    >>> titles_of([Network(load("b0")), Network(load("b1")), Network(load("b0"))])
    ['B0 (1)', 'B1', 'B0 (2)']
    """
    titles = [network.title for network in networks]
    return [
        f"{title} ({titles[:at].count(title) + 1})" if titles.count(title) > 1 else title
        for at, title in enumerate(titles)
    ]


def depth_axis(rows: Sequence[Sequence[Place]]) -> Axis:
    """Along the depth: stages by their marks where all rows have the same, else numbers of places."""
    if not _is_shared(rows):
        if {row[0].name for row in rows if row} <= {"stem"}:
            return Axis("Sub-blocks from the input; 0 is the stem")
        return Axis("Sub-blocks and other parts, counted from the input")
    marks = []
    stages = [(key, [place.number for place in group]) for key, group in groupby(rows[0], _stage_and_mark)]
    for (_, mark), numbers in stages:
        marks.append((sum(numbers) / len(numbers), mark))
    return Axis(", ".join(meanings([key for key, _ in stages])), marks=tuple(marks))


def _stage_and_mark(place: Place) -> tuple[str, str]:
    return place.stage, place.mark


def _is_shared(rows: Sequence[Sequence[Place]]) -> bool:
    """Whether all rows have the same stages in the same places."""
    return len({tuple(map(_stage_and_mark, row)) for row in rows}) == 1


def borders(rows: Sequence[Sequence[Place]]) -> tuple[float, ...]:
    """Where one stage ends and the next begins, where that is the same in all rows."""
    if not _is_shared(rows):
        return ()
    return tuple(place.number - 0.5 for before, place in pairwise(rows[0]) if place.stage != before.stage)
