"""What a whole process costs, from the start of Python on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PYTHON = sys.executable
OURS = (PYTHON, "-c", "import sys; from effnet_inspect.cli import main; sys.exit(main())")
"""What the installed command runs."""

NOT_INHERITED = frozenset({"EFFNET_INSPECT_CACHE", "PYTHONDONTWRITEBYTECODE"})
"""Environment variables that would change what is measured: an installed package is compiled."""


class Cost(NamedTuple):
    """Of one process and its children: wall-clock time and processor time in seconds, peak memory in MB."""

    wall: float
    processor: float
    memory: float


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


@contextmanager
def empty_home() -> Iterator[dict[str, str]]:
    """The environment of somebody who has not used this project yet, with compiled files in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        yield {name: value for name, value in os.environ.items() if name not in NOT_INHERITED} | {
            "HOME": folder,
            "XDG_CACHE_HOME": str(Path(folder) / "cache"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
        }
