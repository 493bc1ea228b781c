"""An ONNX file -> LayerGraph: exports of Keras, timm, torchvision, efficientnet-pytorch and others.

All shapes come out channels last and without the batch axis. Where batch normalisation was folded into the
convolutions it stays folded: the graph is shown as it is in the file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.exports import graph_of_operators
from effnet_inspect.sources.onnx.file import read_graph
from effnet_inspect.sources.onnx.reader import Reader
from effnet_inspect.words import pluralize


def read_onnx(target: FileTarget) -> LayerGraph:
    """Read the graph of an ONNX file; its weights are not loaded and nothing in it is run.

    Weights kept in a file beside it are not needed. The graph is named like the file.

    Raises:
        SourceError: where onnx is not installed, or the file cannot be read as ONNX.
        GraphError: where its nodes do not form a graph.
    """
    path = Path(target.path)
    reader = Reader(read_graph(path), target)
    graph = graph_of_operators(reader, "onnx", path.name, target, keeps_first_name=True)
    unsure = [name for name in reader.unsure if name in graph and (graph[name].channels or 0) % LEAST_BLOCK == 0]
    return replace(graph, remarks=(_unsure(len(unsure)),)) if unsure else graph


LEAST_BLOCK = 8


def _unsure(number: int) -> str:
    return (
        f"{pluralize(number, 'convolution')} may be counted with up to 15 channels too many: channels are stored in "
        "blocks here, and no bias but zero tells where the last block ends."
    )
