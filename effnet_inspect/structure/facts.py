"""What networks are compared by, and a network with a published plan: facts, place by place and item by item."""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.catalog.blueprints import SubBlockDesign
from effnet_inspect.structure.anatomy import Block, Stage
from effnet_inspect.structure.roles import ItemKind, Landmark
from effnet_inspect.words import join_and

Fact = object
"""A value of an attribute; an attribute that is missing is unknown, and differs from nothing."""


class Settings:
    """Settings of a class; they differ from those of the same class alone, and in names that both have."""

    def __init__(self, class_name: str, values: dict[str, str]) -> None:
        self.class_name = class_name
        self.values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and not self.apart_from(other)

    def __hash__(self) -> int:
        return hash(self.class_name)

    def apart_from(self, other: Settings) -> dict[str, tuple[str, str]]:
        """The settings that differ, with both values."""
        if self.class_name != other.class_name:
            return {}
        shared = self.values.keys() & other.values.keys()
        return {
            name: (self.values[name], other.values[name])
            for name in sorted(shared)
            if self.values[name] != other.values[name]
        }


class Key(NamedTuple):
    """What names an item within its place; `number` counts equal ones."""

    landmark: Landmark
    kind: ItemKind
    number: int = 0


class Place(NamedTuple):
    """Where an item is: a stage, and the sub-block in it."""

    stage: str
    sub_block: str | None = None

    @property
    def name(self) -> str:
        """`4b`, or the stage."""
        return self.sub_block or self.stage


Facts = dict[str, Fact]

DEPTHWISE = "one a channel"
"""The groups of a depthwise convolution."""


class PlaceFacts(NamedTuple):
    """All items of one place, in the order of the data."""

    place: Place
    items: dict[Key, Facts]


class NetworkFacts(NamedTuple):
    """A network as facts: the image, its sections by name, the sub-blocks of each block, none of a missing one."""

    image: Facts
    sections: dict[str, PlaceFacts]
    blocks: tuple[tuple[PlaceFacts, ...], ...]


def name_of(stage: Stage) -> str:
    """What a stage is called as a place."""
    is_numbered = isinstance(stage, Block) or stage.name == "stage"
    return stage.title.lower() if is_numbered else str(stage.key[0])


def known(**facts: Fact) -> Facts:
    """Facts without those that are unknown."""
    return {name: value for name, value in facts.items() if value is not None}


def operator_facts(design: SubBlockDesign) -> Facts:
    """The operator of a planned sub-block, or of one found; without an expansion there is no ratio to speak of."""
    expands = design.expansion != 1
    return {"operator": "Fused-MBConv" if design.fused else "MBConv"} | known(
        expansion=round(design.expansion, 2) if expands else None
    )


NAMES: dict[Fact, str] = {"silu": "swish", "hard_silu": "hard swish", "hard_sigmoid": "hard sigmoid"}
"""What the field calls activations."""


def format_fact(value: Fact) -> str:
    """A value in words: `3×3`, `with`, `none`."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "with" if value else "without"
    if isinstance(value, tuple):
        if value and all(isinstance(each, int) for each in value):
            return "×".join(map(str, value))
        if value and all(isinstance(each, tuple) for each in value):
            return " and ".join("+".join(map(str, each)) for each in value)
        return join_and(f"{each:g}" if isinstance(each, float) else each for each in value) if value else "nothing"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) >= 1e-6 or value == 0 else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else NAMES.get(value, str(value))
