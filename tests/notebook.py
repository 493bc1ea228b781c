"""The example notebook: written cell by cell, executed by a kernel, kept in `sample_output/` with what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

SECONDS = 120
"""A kernel may take at most for a cell."""

CELLS = (
    "# EfficientNet in a notebook\n\nNetworks, tables and figures show themselves, in light and in dark notebooks.",
    "import effnet_inspect\n\nnetwork = effnet_inspect.load('b0')\nnetwork",
    "A model that is in memory already is read as it is: `effnet_inspect.load(model)`, of Keras or PyTorch.",
    "effnet_inspect.diagram(network, block=4)",
    "effnet_inspect.compare(network, 'b1', by=['layers', 'macs'])",
    "effnet_inspect.taps('b0@512', style='fpn', code=True)",
)
"""Texts begin with a capital or a mark of Markdown, code does not."""


def executed() -> Any:
    """The notebook with all outputs, without what differs from run to run."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [_cell(number, source) for number, source in enumerate(CELLS)]
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3").execute()
    for cell in notebook.cells:
        cell.metadata = {}
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return notebook


def _cell(number: int, source: str) -> Any:
    is_text = source[0].isupper() or source[0] == "#"
    cell = nbformat.v4.new_markdown_cell(source) if is_text else nbformat.v4.new_code_cell(source)
    cell.id = f"cell-{number}"
    return cell


def write_notebook(path: Path) -> None:
    """Execute it, and write it down."""
    nbformat.write(executed(), path)
