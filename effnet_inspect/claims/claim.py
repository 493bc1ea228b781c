"""What a claim is, what checking one finds, and the means that all checks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from itertools import zip_longest

from effnet_inspect.anatomy import Anatomy, Block, Part
from effnet_inspect.claims.chains import Chains
from effnet_inspect.document import Column, Kind, Value
from effnet_inspect.errors import NotAnEfficientNet
from effnet_inspect.graph import LayerGraph
from effnet_inspect.network import Network
from effnet_inspect.words import series


class Verdict(str, Enum):
    """What the graph says to a claim."""

    HOLDS = "holds"
    HOLDS_IF = "holds if"
    DOES_NOT_HOLD = "does not hold"
    ANSWERED = "answered"
    CANNOT_BE_CHECKED = "cannot be checked"

    @staticmethod
    def of(agrees: bool) -> Verdict:
        """Whether it holds, where there is nothing between yes and no."""
        return Verdict.HOLDS if agrees else Verdict.DOES_NOT_HOLD


class Model(Network):
    """A network that claims are about."""

    @property
    def title(self) -> str:
        """The model's name without what all have in common: `B0`."""
        return self.graph.name.removeprefix("EfficientNet").removeprefix("-")

    @property
    def resolution(self) -> int | None:
        """Height of the input, in pixels."""
        shape = self.anatomy.input_shape
        return shape[0] if shape else None

    @property
    def repeats(self) -> tuple[int, ...]:
        """Sub-blocks of each block."""
        return tuple(len(block.sub_blocks) for block in self.anatomy.blocks)

    @property
    def stages(self) -> tuple[Part | Block, ...]:
        """Stem, blocks and final layers: the network without its classifier."""
        row = (self.anatomy.stem, *self.anatomy.blocks, self.anatomy.head)
        return tuple(stage for stage in row if stage is not None)

    @property
    def channels(self) -> tuple[int | None, ...]:
        """Output channels of the stem, of each block and of the final layers."""
        return tuple(stage.output_shape[-1] if stage.output_shape else None for stage in self.stages)


Models = Mapping[str, Model]
"""The models that a claim is about, by target."""


def models_of(graphs: Iterable[LayerGraph]) -> dict[str, Model]:
    """The models of graphs, by the target each was asked for by."""
    return {graph.target: Model(graph) for graph in graphs}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value found; where it does not agree with what is written, `expected` says what is written."""

    found: Value
    expected: Value = None
    agrees: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """Cells in named rows and columns; `corner` says what the rows are."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    corner: str = "Model"

    @property
    def agrees(self) -> bool:
        """Whether every cell does."""
        return not self.wrong

    @property
    def wrong(self) -> int:
        """How many cells do not agree."""
        return sum(not cell.agrees for cell in self.cells)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for _, cells in self.rows for cell in cells)


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check.

    Attributes:
        verdict: what the graph says.
        expected: what is written, in short.
        found: what the graph has, in short.
        condition: under which the claim holds, for HOLDS_IF; why not, for CANNOT_BE_CHECKED.
        evidence: the cells behind the verdict.
        layers: the layers concerned, `(target, layer names)`.
        chains: rows of layers as drawn and as built, for a picture.
    """

    verdict: Verdict
    expected: str
    found: str
    condition: str = ""
    evidence: tuple[Evidence, ...] = ()
    layers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    chains: tuple[Chains, ...] = ()


Check = Callable[[Models], Finding]


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of a source, in our own words, and how it is held against the graph.

    `targets` are the models the check needs; `recorded` is the verdict it has with the Keras this package was
    made with; `command` shows the same thing to the reader. `has_picture` tells that the finding has chains.
    """

    id: str
    statement: str
    source: str
    place: str
    targets: tuple[str, ...]
    recorded: Verdict
    check: Check
    command: str
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim and what checking it found."""

    claim: Claim
    finding: Finding

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the recorded one."""
        return self.finding.verdict is self.claim.recorded


def check(claim: Claim, models: Models) -> Checked:
    """Check one claim; a model in which no EfficientNet is found makes it fail, and says so."""
    try:
        finding = claim.check({target: models[target] for target in claim.targets})
    except NotAnEfficientNet as error:
        finding = Finding(Verdict.DOES_NOT_HOLD, "an EfficientNet", str(error))
    return Checked(claim, finding)


def row_of(name: str, found: Sequence[Value], expected: Sequence[Value]) -> tuple[str, tuple[Cell, ...]]:
    """A row in which every found value should be the one written; where either is missing, they disagree."""
    return name, tuple(Cell(has, says, has == says) for has, says in zip_longest(found, expected))


def columns_of(titles: Iterable[str], kind: Kind = "count") -> tuple[Column, ...]:
    """Columns of one kind with these titles."""
    return tuple(Column(title.lower().replace(" ", "_"), title, kind) for title in titles)


def block_columns(count: int) -> tuple[Column, ...]:
    """A narrow column for each block, titled by its number."""
    return tuple(Column(f"block_{number}", str(number), "count") for number in range(1, count + 1))


def same_in_print(value: float, printed: str) -> bool:
    """Whether a number rounds to the printed one, to as many decimals as are printed.

    >>> same_in_print(0.3858, "0.39"), same_in_print(4.394, "4.2"), same_in_print(0.9936, "1.0")
    (True, False, True)
    """
    return as_printed(value, printed) == printed


def as_printed(value: float, printed: str) -> str:
    """A number with as many decimals as `printed` has.

    >>> as_printed(7.856, "7.8"), as_printed(66.66, "66")
    ('7.9', '67')
    """
    return str(Decimal(repr(value)).quantize(Decimal(printed), ROUND_HALF_UP))


def in_print(value: float, printed: str) -> Cell:
    """A number with as many decimals as are printed, and whether that is what is printed."""
    return Cell(as_printed(value, printed), printed, same_in_print(value, printed))


def off_by(printed: str, scale: int, found: int) -> Cell:
    """By which share a printed number is off; empty where nothing was found."""
    return Cell(float(printed) * scale / found - 1 if found else None)


def convolutions_of(part: Part) -> str:
    """The convolutions of a stem or of final layers, as the papers write them: `Conv3x3`."""
    kernels = [layer.kernel for layer in part.layers if layer.operation == "convolution" and layer.kernel]
    return series(f"Conv{height}x{width}" for height, width in kernels)


CLASSIFIER_WORDS = {"global_average_pooling": "Pooling", "dense": "FC"}


def final_operator(anatomy: Anatomy) -> str:
    """The last stage as the papers write it: `Conv1x1 & Pooling & FC`."""
    operations = {layer.operation for layer in anatomy.classifier.layers} if anatomy.classifier else set()
    words = [word for operation, word in CLASSIFIER_WORDS.items() if operation in operations]
    return " & ".join([*([convolutions_of(anatomy.head)] if anatomy.head else []), *words])


NO_ACCURACY = "an accuracy belongs to trained weights and to a data set, a graph has neither"


def no_weights(what: str, expected: str, models: Models, evidence: tuple[Evidence, ...] = ()) -> Finding:
    """What no check can tell from a graph without weights; the evidence is what is written."""
    return Finding(
        Verdict.CANNOT_BE_CHECKED,
        expected=expected,
        found="no weights are here: models are built without them, and nothing is downloaded",
        condition=what,
        evidence=evidence,
    )
