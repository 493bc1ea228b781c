"""An ONNX file -> LayerGraph: exports of Keras, timm, torchvision, efficientnet-pytorch and others.

All shapes come out channels last and without the batch axis. Where batch normalisation was folded into the
convolutions it stays folded: the graph is shown as it is in the file.
"""

from __future__ import annotations

from pathlib import Path

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.onnx_file import read_graph
from effnet_inspect.sources.onnx_operators import OPERATORS
from effnet_inspect.sources.onnx_reader import Reader


def read_onnx(path: str | Path) -> LayerGraph:
    """Read the graph of an ONNX file; its weights are not loaded and nothing in it is run.

    Weights kept in a file beside it are not needed. The graph is named like the file.

    Raises:
        SourceError: where onnx is not installed, or the file cannot be read as ONNX.
        GraphError: where its nodes do not form a graph.
    """
    path = Path(path)
    graph = read_graph(path)
    try:
        layers, outputs = Reader(graph, OPERATORS).read()
    except SourceError as error:
        raise SourceError(f"{path.name}: {error}") from error
    if not layers:
        raise SourceError(f"{path.name} holds no layers: nothing in it depends on an input")
    return LayerGraph(path.name, layers, outputs, str(path))
