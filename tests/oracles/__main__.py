"""Runs the oracles, each in a virtual environment of its own, and writes `sample_output/oracles.md`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.environments import TORCH, make_environment
from tests.oracles.comparison import Comparison

PROJECT = Path(__file__).parents[2]
RESULT = PROJECT / "sample_output" / "oracles.md"
SCRIPTS = {
    "keras_layers": ((str(PROJECT),), ()),
    "torch_layers": ((*TORCH, "fvcore", "platformdirs", "click", "rich"), ("efficientnet-pytorch",)),
}
"""What each needs, with what that needs, and alone."""


def comparisons() -> Iterator[Comparison]:
    """All of all scripts."""
    for script, (needs, alone) in SCRIPTS.items():
        with tempfile.TemporaryDirectory() as folder:
            python = make_environment(Path(folder) / "environment", needs, alone)
            environment = {"PATH": str(python.parent), "PYTHONPATH": str(PROJECT), "TF_CPP_MIN_LOG_LEVEL": "3"}
            command = [str(python), "-m", f"{__package__}.{script}"]
            with subprocess.Popen(command, env=environment, cwd=folder, text=True, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    if line.startswith("{"):
                        fields = json.loads(line)
                        yield Comparison(**fields | {"differing": tuple(fields["differing"])})
            if process.returncode:
                raise SystemExit(f"{script} ended with exit code {process.returncode}")


def report(found: Sequence[Comparison]) -> Iterator[str]:
    """The table: a row for each figure of each oracle."""
    cells, agree = sum(each.cells for each in found), sum(each.agree for each in found)
    yield "# Figures of layers, held against other packages"
    yield ""
    yield f"{cells:,} figures of single layers compared, {agree:,} agree. `python -m tests.oracles` does it again."
    yield ""
    yield "| counted by | figure | networks | cells | agree |"
    yield "| --- | --- | --- | ---: | ---: |"
    groups: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for each in found:
        groups[each.oracle, each.figure].append(each)
    for (oracle, figure), row in groups.items():
        networks = f"{len(row)}, {row[0].network} to {row[-1].network}"
        yield f"| {oracle} | {figure} | {networks} | {sum(e.cells for e in row):,} | {sum(e.agree for e in row):,} |"
    if differing := [(each, text) for each in found for text in each.differing]:
        yield from ("", "## Not alike", "")
        yield from (f"* {each.oracle}, {each.network}, {each.figure}: {text}" for each, text in differing)


def main() -> int:
    """Write the table; 1 where a figure does not agree."""
    found = []
    for each in comparisons():
        print(f"{each.oracle:28} {each.network:20} {each.agree:5} of {each.cells:5}  {each.figure}", flush=True)
        found.append(each)
    RESULT.write_text("\n".join(report(found)) + "\n", encoding="utf-8")
    return int(any(each.agree < each.cells for each in found))


if __name__ == "__main__":
    sys.exit(main())
