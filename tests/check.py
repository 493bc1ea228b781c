"""The project's check command: `python -m tests.check` runs the linters and then the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

LINTERS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
)
TESTS = (("pytest",),)


def main(arguments: list[str]) -> int:
    """Run every command, then fail if one of them did; `--without-tests` leaves the tests out."""
    commands = LINTERS + (() if "--without-tests" in arguments else TESTS)
    failed = []
    for command in commands:
        print(f"$ {' '.join(command)}", flush=True)
        executable = Path(sys.executable).parent / command[0]
        if subprocess.run([str(executable), *command[1:]], cwd=ROOT).returncode:
            failed.append(" ".join(command))
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
