"""What a claim is, and what checking one finds: plain values, free of how they are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from effnet_inspect.catalog.statements import STATEMENTS, Statement
from effnet_inspect.claims.alignment import LayerAlignment
from effnet_inspect.document import Value
from effnet_inspect.structure.network import Network
from effnet_inspect.words import abbreviate, join_and


class Verdict(str, Enum):
    """What the graph says to a claim."""

    HOLDS = "holds"
    HOLDS_IF = "holds with a condition"
    DOES_NOT_HOLD = "does not hold"
    ANSWERED = "answered"
    CANNOT_BE_CHECKED = "cannot be checked"


HOLDS, HOLDS_IF, DOES_NOT_HOLD, ANSWERED, CANNOT_BE_CHECKED = Verdict

Models = Mapping[str, Network]
"""The models that a claim is about, by target."""


class Cell(NamedTuple):
    """One value computed; a judged one has what it is `expected` to be, and whether it agrees with that."""

    found: Value
    expected: Value = None
    agrees: bool = True

    @property
    def is_judged(self) -> bool:
        """Whether the verdict depends on it; other cells are there for the reader."""
        return self.expected is not None or not self.agrees


Row = tuple[str, tuple[Cell, ...]]

LISTED = 4
"""So many cells that differ are named in a sentence; more are counted."""


def format_plain(value: Value) -> str:
    """A value in a sentence.

    >>> format_plain(66658687), format_plain("8.4"), format_plain(None), format_plain((15, 20))
    ('66,658,687', '8.4', 'none', '15x20')
    """
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


class Evidence(NamedTuple):
    """Cells in named rows and titled columns; `corner` says what the rows are, `reference` what is expected.

    An empty reference tells that the expected values stand in a column of their own.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    corner: str = "Model"
    reference: str = "published"

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for _, cells in self.rows for cell in cells)

    @property
    def agrees(self) -> bool:
        """Whether every cell does; a table without rows does not."""
        return bool(self.rows) and all(cell.agrees for cell in self.cells)

    @property
    def summary(self) -> str:
        """How many judged cells agree, and which do not where they are few."""
        judged = [cell for cell in self.cells if cell.is_judged]
        column = ", {}" if len(judged) > len(self.rows) else ""
        wrong = [
            f"{name}{column.format(title)} ({format_plain(cell.found)}, not {format_plain(cell.expected)})"
            for name, cells in self.rows
            for title, cell in zip(self.columns, cells, strict=False)
            if not cell.agrees
        ]
        if not wrong:
            return f"all {len(judged)} agree" if len(judged) > 1 else f"{format_plain(judged[0].found)} agrees"
        if len(wrong) > LISTED:
            return f"{len(judged) - len(wrong)} of {len(judged)} agree"
        return f"{join_and(wrong)} {'differ' if len(wrong) > 1 else 'differs'}"


Concerned = tuple[str, tuple[str, ...]]
"""Layers that a finding is about: the target of their model, and their names."""


class Finding(NamedTuple):
    """The outcome of a check: what is published and what the graph has, in short, and the cells behind the verdict.

    `condition` is that under which the claim holds, for HOLDS_IF; why not, for CANNOT_BE_CHECKED. `alignments` are
    rows of layers as drawn and as built, for a picture.
    """

    verdict: Verdict
    expected: str
    found: str
    condition: str = ""
    evidence: tuple[Evidence, ...] = ()
    layers: tuple[Concerned, ...] = ()
    alignments: tuple[LayerAlignment, ...] = ()


Check = Callable[[Models], Finding]


class Claim(NamedTuple):
    """A statement, and how it is checked.

    `targets` are the models the check needs; `recorded` is the verdict it has with the Keras this package was made
    with; `see` is the command that shows the same thing. `has_picture` tells that the finding has alignments.
    """

    statement: Statement
    targets: tuple[str, ...]
    recorded: Verdict
    see: str
    check: Check
    has_picture: bool = False


RECORDED: dict[str, Disagreeing] = json.loads(Path(__file__).with_name("recorded.json").read_text("utf-8"))
"""What disagrees with what is published, by claim, with the Keras this package was made with."""


def claim(statement: str, *rest: Any, **more: Any) -> Claim:
    """The claim of a statement, by its name."""
    return Claim(STATEMENTS[statement], *rest, **more)


Disagreeing = dict[str, dict[str, Value]]
"""The cells that do not agree with what is published: by the row, with its table's title, and by the column."""


class Checked(NamedTuple):
    """A claim and what checking it found."""

    claim: Claim
    finding: Finding

    @property
    def disagreeing(self) -> Disagreeing:
        """What does not agree, by which drift is noticed where the verdict stays the same."""
        disagreeing: Disagreeing = {}
        for table in self.finding.evidence:
            for name, cells in table.rows:
                titled = zip(table.columns, cells, strict=False)
                if wrong := {title: cell.found for title, cell in titled if not cell.agrees}:
                    disagreeing[f"{table.title}: {name}"] = wrong
        return disagreeing

    @property
    def drift(self) -> str:
        """What is not as recorded, in a sentence; empty where all is."""
        name, found, recorded = self.claim.statement.id, self.finding.verdict, self.claim.recorded
        if found is not recorded:
            return f"The verdict on {name} is “{found.value}”; recorded for it is “{recorded.value}”."
        now, before = self.disagreeing, RECORDED.get(name, {})
        places = [place for place in {**before, **now} if now.get(place) != before.get(place)]
        return f"What disagrees in {name} is not as recorded: {abbreviate(places)}." if places else ""

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the recorded one, and what disagrees too."""
        return not self.drift


def check(claim: Claim, models: Models) -> Checked:
    """Check one claim; a model in which no EfficientNet is found makes it fail, and says so."""
    taken = {target: models[target] for target in claim.targets}
    if others := [network.title for network in taken.values() if not network.anatomy.blocks]:
        return Checked(claim, Finding(DOES_NOT_HOLD, "an EfficientNet", f"{join_and(others)}: no MBConv sub-blocks"))
    return Checked(claim, claim.check(taken))
