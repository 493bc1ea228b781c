"""The commands, one module each: its options and a few lines. The table is all that `--help` needs to load."""

from __future__ import annotations

from importlib import import_module

import click

GROUPS: dict[str, dict[str, str]] = {
    "Look": {
        "summary": "Show one model as a table.",
        "diagram": "Draw one model.",
        "plot": "Plot accuracy, scaling, cost or receptive field.",
        "page": "Write a page to walk through, of one model or of several.",
    },
    "Compare": {"compare": "Compare models, in words and tables."},
    "Answer": {
        "variants": "List known variants, optionally filtered: which one fits?",
        "taps": "Show which layers feed a decoder or a class-activation map.",
        "sizes": "Show which input sizes fit a decoder, and what they cost.",
        "freeze": "Show what to unfreeze for fine-tuning, and what a border cuts.",
        "cost": "Show memory and memory traffic, for inference and training.",
        "map": "Show what code bases call the weights of a model.",
    },
    "Check": {
        "verify": "Check published statements against built models.",
        "weights": "Say what a file of weights is of, and whether it fits a model.",
    },
    "Housekeeping": {"cache": "Show or empty the cache of built graphs."},
}
"""What one does with commands -> command -> what it does. Each is `command` in the module of its name."""

COMMANDS: dict[str, str] = {name: does for commands in GROUPS.values() for name, does in commands.items()}
"""Command -> what it does."""


def load_command(name: str) -> click.Command:
    """The command with this name, which is one of COMMANDS."""
    command: click.Command = import_module(f"{__name__}.{name}").command
    return command
