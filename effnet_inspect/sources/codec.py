"""LayerGraph <-> bytes, for the cache and for the process that builds: compact JSON, one row a layer.

Decoding trusts nothing: whatever is not exactly what `encode` writes is a `ValueError`.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from typing import Any

from effnet_inspect.errors import GraphError
from effnet_inspect.graph import Layer, LayerGraph

SCHEMA = 1
"""Raised whenever the vocabulary of operations or the reading of models changes what a graph says."""

FIELDS = tuple(field.name for field in fields(Layer))


def encode(graph: LayerGraph) -> bytes:
    """One line: a checksum and the graph."""
    rows = [[getattr(layer, name) for name in FIELDS] for layer in graph.layers]
    body = {
        "schema": SCHEMA,
        "fields": FIELDS,
        "name": graph.name,
        "target": graph.target,
        "outputs": graph.outputs,
        "layers": rows,
    }
    text = json.dumps(body, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def decode(data: bytes) -> LayerGraph:
    """The graph that `encode` wrote.

    Raises:
        ValueError: where the data are damaged or of another schema.
    """
    checksum, _, text = data.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        raise ValueError("the checksum does not fit")
    body: dict[str, Any] = json.loads(text)
    if body.get("schema") != SCHEMA or tuple(body["fields"]) != FIELDS:
        raise ValueError("the graph was written by another version")
    try:
        layers = tuple(Layer(*map(_frozen, row)) for row in body["layers"])
        return LayerGraph(body["name"], layers, tuple(body["outputs"]), body["target"])
    except (TypeError, KeyError, GraphError) as error:
        raise ValueError(str(error)) from error


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
