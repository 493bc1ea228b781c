"""A network from its input to its output as a row of places: stem, sub-blocks, and what is around them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from effnet_inspect.graph import Layer, Shape
from effnet_inspect.plotting import Axis
from effnet_inspect.structure.anatomy import Block, Stage
from effnet_inspect.structure.facts import name_of
from effnet_inspect.structure.network import Network


class Place(NamedTuple):
    """A sub-block, or a part without any; `number` is its place in the network, `stage` what it belongs to."""

    number: int
    name: str
    stage: str
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
    found: list[tuple[str, str, tuple[Layer, ...], Shape | None]] = []
    for stage in stages:
        if isinstance(stage, Block):
            found += [(each.name, stage.title, each.layers, each.output_shape) for each in stage.sub_blocks]
        elif stage.layers:
            found.append((name_of(stage), stage.title, stage.layers, stage.output_shape))
    return [Place(number, *each) for number, each in enumerate(found)]


def depth_axis(networks: Sequence[Network], rows: Sequence[Sequence[Place]]) -> Axis:
    """Along the depth: stages by name where there is one network, numbers of places where there are several."""
    if len(networks) > 1:
        if {row[0].name for row in rows if row} <= {"stem"}:
            return Axis("Sub-blocks from the input; 0 is the stem", short="Sub-blocks; 0 is the stem")
        title = "Sub-blocks and other parts"
        return Axis(f"{title}, counted from the input", short=title)
    marks = []
    stages = list(dict.fromkeys(place.stage for place in rows[0]))
    for stage in stages:
        numbers = [place.number for place in rows[0] if place.stage == stage]
        marks.append((sum(numbers) / len(numbers), stage.removeprefix("Block ")))
    before = list(takewhile(lambda stage: not stage.startswith("Block "), stages))
    if len(before) == len(stages):
        title = short = "Parts in the order of the data"
    else:
        words = ", ".join([*before, "blocks by number"]).capitalize()
        rest = "" if stages[-1].startswith("Block ") else ", and what follows"
        title, short = f"{words}{rest}; a step for each sub-block", "Parts in order; blocks by number"
    return Axis(title, marks=tuple(marks), short=short)


def borders(networks: Sequence[Network], rows: Sequence[Sequence[Place]]) -> tuple[float, ...]:
    """Where one stage ends and the next begins, where there is one network."""
    if len(networks) > 1:
        return ()
    row = rows[0]
    return tuple(place.number - 0.5 for before, place in pairwise(row) if place.stage != before.stage)
