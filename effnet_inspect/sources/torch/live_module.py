"""A live PyTorch module -> LayerGraph: by the program of its operators, at the size of its images.

The program is made with tensors that have a shape and no numbers: nothing is computed, and no weight is copied.
"""

from __future__ import annotations

from typing import Any

from effnet_inspect.catalog.targets import PythonTarget, Target
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.exports import graph_of_operators
from effnet_inspect.sources.torch.program import Program


def read_module(model: Any, *, name: str = "", target: Target | None = None) -> LayerGraph:
    """Read a live PyTorch module as it works at inference.

    Raises:
        SourceError: where PyTorch cannot export it; says in which module it stopped.
    """
    from effnet_inspect.sources.torch.live_program import program_of_module

    resolution = target.resolution if isinstance(target, PythonTarget) else None
    return graph_of(program_of_module(model, resolution), name or type(model).__name__, target)


def graph_of(program: Program, name: str, target: Target | None) -> LayerGraph:
    """The graph of a program, in the vocabulary.

    Raises:
        SourceError: where nothing in it depends on an input.
    """
    from effnet_inspect.sources.torch.reader import Reader

    reader = Reader(program)
    return graph_of_operators(
        reader, "pytorch", name, target, keeps_first_name=True, weights=reader.weights, remarks=program.remarks
    )
