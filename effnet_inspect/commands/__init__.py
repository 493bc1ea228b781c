"""The commands, one module each: its options and a few lines. The table is all that `--help` needs to load."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS: dict[str, str] = {
    "summary": "Show one model as a table.",
    "diagram": "Draw one model.",
    "compare": "Compare models, in words and tables.",
    "variants": "List known variants, optionally filtered.",
    "verify": "Check published statements against built models.",
    "cache": "Show or empty the cache of built graphs.",
}
"""Command -> what it does. Each is `command` in the module of its name."""


def load_command(name: str) -> click.Command:
    """The command with this name, which is one of COMMANDS."""
    command: click.Command = import_module(f"{__name__}.{name}").command
    return command
