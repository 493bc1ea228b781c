"""How fast it is: `python -m tests.benchmarks [ROUNDS]` compares whole processes with what they cannot do without.

The processes of a pair run in turn, so that a busy moment of the machine slows both; what is compared is the ratio of
the medians. Exits with 1 if a target is missed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from tests import synthetic

PYTHON = sys.executable
OURS = (PYTHON, "-c", "import sys; from effnet_inspect.cli import main; sys.exit(main())")
"""What the installed command runs."""

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


class Cost(NamedTuple):
    """Of one process and its children: wall-clock time and processor time in seconds, peak memory in MB."""

    wall: float
    processor: float
    memory: float


class Pair(NamedTuple):
    """A command, its floor, and at most how many times the floor's cost it may have."""

    title: str
    ours: tuple[str, ...]
    floor: tuple[str, ...]
    time: float | None
    memory: float | None = None
    costly: bool = False
    exit_code: int = 0


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
    Pair("summary b7", (*OURS, "summary", "b7"), (PYTHON, "-c", FLOOR), 1.6),
    Pair("summary b0@96, cached", (*OURS, "summary", "b0@96"), (PYTHON, "-c", FLOOR), 1.6),
    Pair("variants", (*OURS, "variants"), (PYTHON, "-c", FLOOR), 7.0),
    Pair("compare all", (*OURS, "compare", "all"), (PYTHON, "-c", FLOOR), 5.5),
    Pair("--help", (*OURS, "--help"), (PYTHON, "-c", "import click"), 1.3),
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

NOT_INHERITED = frozenset({"EFFNET_INSPECT_CACHE", "PYTHONDONTWRITEBYTECODE"})
"""Environment variables that would change what is measured: an installed package is compiled."""

DEPTHS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
LINEAR = 1.3
"""At most how many times as long a layer may take in the deepest network as in the shallowest."""


class FailedError(Exception):
    """A process ended as it should not."""


LAUNCHER = """
import os, sys, time
folder, *command = sys.argv[1:]
os.chdir(folder)
nothing = os.open(os.devnull, os.O_WRONLY)
started = time.perf_counter()
actions = [(os.POSIX_SPAWN_DUP2, nothing, 1), (os.POSIX_SPAWN_DUP2, nothing, 2)]
process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
_, status, usage = os.wait4(process, 0)
wall = time.perf_counter() - started
print(os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
"""
"""Starts a process and measures it. The peak of a process is never less than that of the one which started it."""


def run(command: tuple[str, ...], environment: dict[str, str], exit_code: int = 0) -> Cost:
    """The cost of one process, in the folder HOME.

    Raises:
        FailedError: if it ends with another exit code: what fails is not measured.
    """
    launched = (PYTHON, "-I", "-S", "-c", LAUNCHER, environment["HOME"], *command)
    done = subprocess.run(launched, env=environment, capture_output=True, text=True, check=True)
    code, *costs = done.stdout.split()
    if int(code) != exit_code:
        raise FailedError(f"it ended with exit code {code}")
    return Cost(*map(float, costs))


def compare(pair: Pair, rounds: int, environment: dict[str, str]) -> bool:
    """Measure one pair, print its costs, and return whether it meets its targets."""
    ours, floor = [], []
    try:
        # Once without measuring, so that everything is compiled and cached.
        run(pair.floor, environment)
        run(pair.ours, environment, pair.exit_code)
        for _ in range(rounds):
            floor.append(run(pair.floor, environment))
            ours.append(run(pair.ours, environment, pair.exit_code))
    except FailedError as error:
        print(f"{pair.title:20} not measured: {error}")
        return pair.time is None
    good = True
    for name, allowed in (("wall", pair.time), ("processor", None), ("memory", pair.memory)):
        middle, low = (statistics.median(getattr(cost, name) for cost in costs) for costs in (ours, floor))
        unit = "MB" if name == "memory" else "s"
        target = f"at most {allowed:g}x" if allowed else ""
        held = allowed is None or middle / low <= allowed
        good = good and held
        mark = "" if allowed is None else "ok" if held else "MISSED"
        costs = f"{middle:8.3f} {unit:2} / {low:8.3f} {unit:2} = {middle / low:5.2f}x"
        print(f"{pair.title:20} {name:10} {costs}  {target:13} {mark}")
    return good


def imports(environment: dict[str, str]) -> None:
    """Print what `summary b7` spends on importing, by package; the rest is the start of Python and the work itself."""
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
    for package, microseconds in spent.most_common():
        print(f"{'summary b7, imports':20} {package:16} {microseconds / 1e3:8.1f} ms")


def grow() -> bool:
    """Analyse networks of growing depth; the time per layer should stay the same."""
    each = []
    for depth in DEPTHS:
        graph = synthetic.lay_out(synthetic.scaled(1.0, depth, 224))
        best = float("inf")
        for _ in range(5):
            started = time.process_time()
            network = Network(graph)
            assert network.anatomy.blocks
            for key in MEASURES:
                network.measures.column(key)
            best = min(best, time.process_time() - started)
        each.append(best / len(graph))
        size = f"depth {depth:4g} {len(graph):6,} layers"
        print(f"{'anatomy and measures':20} {size} {best * 1e3:8.1f} ms {each[-1] * 1e6:6.1f} us a layer")
    good = each[-1] <= LINEAR * each[0]
    print(f"{'':20} per layer {each[-1] / each[0]:.2f}x  at most {LINEAR}x  {'ok' if good else 'MISSED'}")
    return good


def main(rounds: int) -> int:
    """Run all benchmarks; 0 if all targets are met."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED} | {
            "HOME": folder,
            "XDG_CACHE_HOME": str(Path(folder) / "cache"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
        }
        run((*OURS, "summary", "b0@96"), environment)
        imports(environment)
        good = [compare(pair, max(3, rounds // 4) if pair.costly else rounds, environment) for pair in PAIRS]
    return not all([*good, grow()])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
