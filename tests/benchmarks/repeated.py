"""What commands cost again and again, beside what they cannot do without, and where the rest goes.

The processes of a pair run in turn, so that a busy moment of the machine slows both; what is compared is the ratio of
the medians.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.benchmarks.processes import OURS, PYTHON, Cost, FailedError, empty_home, run

FLOOR = """
import io, sys
import click
from rich import box
from rich.console import Console
from rich.table import Table

table = Table(box=box.SIMPLE_HEAD)
for column in range(17):
    table.add_column(str(column), no_wrap=True)
for row in range(11):
    table.add_row(*["1,234"] * 17)
stream = io.StringIO()
Console(file=stream, width=10_000).print(table)
sys.stdout.write(stream.getvalue())
"""
"""A script that imports click and rich and prints a table as large as `summary b7`."""


class Pair(NamedTuple):
    """A command, its floor, and at most how many times the floor's cost it may have."""

    title: str
    ours: tuple[str, ...]
    floor: tuple[str, ...]
    time: float | None
    memory: float | None = None
    costly: bool = False
    exit_code: int = 0

    @property
    def is_recorded(self) -> bool:
        """Whether it is written down: what a mistake costs, and what Keras does, is not."""
        return not self.costly and not self.exit_code


PLOT_MODEL = """
import keras
with keras.StatelessScope(initialize_variables=False):
    model = keras.applications.EfficientNetB7(weights=None)
assert keras.utils.plot_model(model, "b7.svg", show_shapes=True, show_layer_names=True) is not None
"""
"""What Keras draws of the same network; it needs pydot and a system's Graphviz, which this project does not."""

MISTAKES = (
    "summary b99",
    "diagram b99",
    "compare b1 b99",
    "variants --max-macs x",
    "verify --source x",
    "cache b99",
)
"""Usage errors of every command, each found by another part of it."""

LATE_MISTAKES = ("compare b0 --by x", "verify --claim x")
"""Usage errors whose answer lists what is defined where it is measured or checked, which has to be imported."""

PAIRS = (
    Pair("summary b7", (*OURS, "summary", "b7"), (PYTHON, "-c", FLOOR), 2.0),
    Pair("summary b0@96, cached", (*OURS, "summary", "b0@96"), (PYTHON, "-c", FLOOR), 1.6),
    Pair("variants", (*OURS, "variants"), (PYTHON, "-c", FLOOR), 5.5),
    Pair("compare all", (*OURS, "compare", "all"), (PYTHON, "-c", FLOOR), 4.5),
    Pair("--help", (*OURS, "--help"), (PYTHON, "-c", "import click"), 1.2),
    *(
        Pair(mistake, (*OURS, *mistake.split()), (PYTHON, "-c", "import click"), 1.3, exit_code=2)
        for mistake in MISTAKES
    ),
    *(
        Pair(mistake, (*OURS, *mistake.split()), (PYTHON, "-c", "import click"), 2.2, exit_code=2)
        for mistake in LATE_MISTAKES
    ),
    Pair("diagram b7", (*OURS, "diagram", "b7", "--out", "b7.svg"), (PYTHON, "-c", FLOOR), 4.0),
    Pair("all layers of b7", (*OURS, "diagram", "b7", "--view", "layers"), (PYTHON, "-c", FLOOR), 15.0),
    Pair(
        "summary b7, first",
        (*OURS, "summary", "b7", "--no-cache"),
        (PYTHON, "-c", "import tensorflow"),
        1.5,
        1.1,
        costly=True,
    ),
    Pair("Keras' plot_model", (PYTHON, "-c", PLOT_MODEL), (PYTHON, "-c", FLOOR), None, costly=True),
)


class Measured(NamedTuple):
    """The medians of a pair, or why there are none."""

    ours: Cost | None
    floor: Cost | None
    failure: str = ""


def _median(costs: list[Cost]) -> Cost:
    return Cost(*map(statistics.median, zip(*costs, strict=True)))


def measured(pair: Pair, rounds: int, environment: dict[str, str]) -> Measured:
    """Run both commands of a pair in turn, once without measuring, so that everything is compiled and cached."""
    ours, floor = [], []
    try:
        run(pair.floor, environment)
        run(pair.ours, environment, pair.exit_code)
        for _ in range(rounds):
            floor.append(run(pair.floor, environment))
            ours.append(run(pair.ours, environment, pair.exit_code))
    except FailedError as error:
        return Measured(None, None, str(error))
    return Measured(_median(ours), _median(floor))


STEPS = """
import json, time
marks = [("importing click and rich", time.perf_counter())]
import click
from rich import box
from rich.console import Console
from rich.table import Table
marks.append(("importing effnet-inspect", time.perf_counter()))
import effnet_inspect.cli, effnet_inspect.commands.summary, effnet_inspect.library, effnet_inspect.views.summary
import effnet_inspect.renderers.terminal, effnet_inspect.sources.shipped
marks.append(("reading the graph", time.perf_counter()))
network = effnet_inspect.library.load("b7")
marks.append(("stem, blocks, sub-blocks, modules", time.perf_counter()))
network.anatomy
marks.append(("parameters, MACs, activations, receptive field", time.perf_counter()))
[network.measures.column(key) for key in ("layers", "parameters", "macs", "activations", "receptive_field")]
marks.append(("which variant it is, and what is changed", time.perf_counter()))
network.identity
marks.append(("the table", time.perf_counter()))
effnet_inspect.library.summary(network).to_text(200)
marks.append(("", time.perf_counter()))
print(json.dumps([(name, then - now) for (name, now), (_, then) in zip(marks, marks[1:])]))
"""
"""What `summary b7` does, one after the other, and how long each takes."""


def steps(rounds: int, environment: dict[str, str]) -> dict[str, float]:
    """The steps of `summary b7`, and the median of the seconds that each takes."""
    rows: dict[str, list[float]] = {}
    for _ in range(rounds + 1):
        command = [PYTHON, "-c", STEPS]
        done = subprocess.run(
            command, cwd=environment["HOME"], env=environment, capture_output=True, text=True, check=True
        )
        for name, seconds in json.loads(done.stdout):
            rows.setdefault(name, []).append(seconds)
    return {name: statistics.median(seconds[1:]) for name, seconds in rows.items()}


def imports(environment: dict[str, str]) -> dict[str, float]:
    """The seconds that `summary b7` spends on importing, by package, the most first."""
    done = subprocess.run(
        [PYTHON, "-X", "importtime", *OURS[1:], "summary", "b7"],
        cwd=environment["HOME"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    spent: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        own, _, name = (cell.strip() for cell in line.removeprefix("import time:").split("|"))
        package = name.partition(".")[0]
        if own.isdigit():  # the first line names the columns
            spent["Python's own" if package in sys.stdlib_module_names else package] += int(own)
    return {package: microseconds / 1e6 for package, microseconds in spent.most_common()}


def tables(rounds: int) -> Iterator[str]:
    """Lines of Markdown: commands beside their floors, and the steps of a summary."""
    yield "| command | of its floor | MB |"
    yield "| --- | ---: | ---: |"
    with empty_home() as environment:
        for pair in PAIRS:
            costs = measured(pair, rounds, environment) if pair.is_recorded else None
            if costs and costs.ours and costs.floor:
                ratio = costs.ours.wall / costs.floor.wall
                yield f"| {pair.title} | {ratio:.2f}x | {costs.ours.memory:.0f} |"
        yield ""
        yield "| step of `summary b7`, after the start of Python | share of the time |"
        yield "| --- | ---: |"
        spent = steps(rounds, environment)
        for name, seconds in spent.items():
            yield f"| {name} | {seconds / sum(spent.values()):.0%} |"
