"""What a page to walk through says: the parts of networks as one tree, and the tables beside it, free of any markup.

Several networks share one tree: a part of it has a cell for every network, None in those that lack the part. Parts are
numbered by their place in `WebPage.parts`, where each stands behind the one that it is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from effnet_inspect.document import Table
from effnet_inspect.drawing import BoxRole

PartKind = Literal["stage", "sub-block", "module", "layer"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one network has at a part of the tree.

    `title` and `note` are the two lines of its box, `entering` and `leaving` the shapes of what comes in and goes out.
    `amounts` are its measures, in the order of `WebPage.measures`, None where one cannot be determined. `facts` are
    labelled values for people, `names` what other code bases call it, by the code base. `inputs` are the numbers of the
    layers that a layer takes its inputs from. `residual` tells that a residual connection goes around it. `arrives` and
    `departs` say what comes into the model at a stage, and what goes out there.
    """

    title: str
    note: str
    entering: str
    leaving: str
    amounts: tuple[int | None, ...]
    facts: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    inputs: tuple[int, ...] = ()
    residual: bool = False
    arrives: str = ""
    departs: str = ""


@dataclass(frozen=True, slots=True)
class TreePart:
    """A part of the tree: a stage, a sub-block, a module or a layer.

    `anchor` names it in the page's address, such as `4b`. `parent` is the number of the part that it is in, None for a
    stage. `role` colours it as in the figures. `same` tells that it is alike in all networks.
    """

    anchor: str
    kind: PartKind
    role: BoxRole
    parent: int | None
    cells: tuple[Cell | None, ...]
    same: bool = False

    @property
    def title(self) -> str:
        """As the first network that has it calls it."""
        return next(cell.title for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Line:
    """Stages side by side, in columns from left to right, a column from top to bottom, by their numbers.

    `below` are stages under it, each with the index of the column that it stands under: those of a decoder.
    """

    title: str
    columns: tuple[tuple[int, ...], ...]
    below: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Swatch:
    """What a colour of the figure stands for."""

    role: BoxRole
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class ModelHead:
    """A network on the page: its short title, its name, and what is said of the whole."""

    title: str
    name: str
    facts: tuple[tuple[str, str], ...]
    identity: str


@dataclass(frozen=True, slots=True)
class PageSection:
    """Tables under a heading; `anchors` link the rows of the first table to parts. `folds` lets tables be opened."""

    key: str
    title: str
    tables: tuple[Table, ...]
    lead: str = ""
    notes: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    folds: bool = False


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page about one network, or about several side by side.

    `lead` is the answer in a sentence: what a network is, or how several differ. `measures` are the titles of what the
    parts can be coloured by. `steps` are the numbers of the parts along the depth, sections and sub-blocks, for the
    chart of costs. `legend` names the colours of sub-blocks and modules. `first_difference` is the number of the first
    part that is not alike in all networks.
    """

    title: str
    lead: str
    models: tuple[ModelHead, ...]
    measures: tuple[str, ...]
    parts: tuple[TreePart, ...]
    lines: tuple[Line, ...]
    steps: tuple[int, ...]
    sections: tuple[PageSection, ...]
    legend: tuple[Swatch, ...] = ()
    notes: tuple[str, ...] = ()
    first_difference: int | None = None
