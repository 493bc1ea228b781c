"""LayerGraph <-> bytes, for the cache and for the process that builds: compact JSON.

A network repeats itself: what layers have in common, all but their name and inputs, is written once and
referred to by number. Decoding trusts nothing: whatever is not exactly what `encode` writes is a `ValueError`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Literal, get_args

from effnet_inspect.catalog.targets import BuilderTarget, FileTarget, PythonTarget, Target, VariantTarget
from effnet_inspect.catalog.variants import variant_named
from effnet_inspect.errors import EffnetInspectError
from effnet_inspect.graph import BuiltBy, Layer, LayerGraph, Vocabulary
from effnet_inspect.sources.gate import COMMON, OWN, admitted, fit

SCHEMA = 15
"""Raised whenever the vocabulary of operations or the reading of models changes what a graph says."""


_PLACES = tuple(map(Layer._fields.index, OWN))


def encode(graph: LayerGraph) -> bytes:
    """One line: a checksum and the graph."""
    own, common = attrgetter(*OWN), attrgetter(*COMMON)
    kinds: dict[tuple[Any, ...], int] = {}
    layers = [(*own(layer), kinds.setdefault(common(layer), len(kinds))) for layer in graph.layers]
    body = {
        "schema": SCHEMA,
        "fields": COMMON,
        "name": graph.name,
        "target": _plain_target(graph.target),
        "outputs": graph.outputs,
        "remarks": graph.remarks,
        "vocabulary": graph.vocabulary,
        "built_by": graph.built_by and (graph.built_by.keras, graph.built_by.tensorflow),
        "kinds": list(kinds),
        "layers": layers,
    }
    text = json.dumps(body, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def decode(data: bytes, kept_in: Literal["package", "cache"] | None = None) -> LayerGraph:
    """The graph that `encode` wrote; `kept_in` says where it was kept, of which only the package is trusted.

    Raises:
        ValueError: where the data are damaged or of another schema.
    """
    checksum, _, text = data.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        raise ValueError("the checksum does not fit")
    try:
        body: dict[str, Any] = json.loads(text)
        if body["schema"] != SCHEMA or tuple(body["fields"]) != COMMON:
            raise ValueError("the graph was written by another version")
        kinds = [dict(zip(COMMON, _frozen(kind), strict=True)) for kind in body["kinds"]]
        is_trusted = kept_in == "package"
        if not is_trusted and any(fit(kind) != kind for kind in kinds):
            raise ValueError("it holds text that cannot be shown")
        values = [list(Layer(name="", inputs=(), shares_weights_with=None, **kind)) for kind in kinds]
        layers = tuple(
            [_layer(values[kind], name, tuple(inputs), owner) for name, inputs, owner, kind in body["layers"]]
        )
        if any(kind < 0 for _, _, _, kind in body["layers"]):
            raise ValueError("a layer refers to no kind of layers")
        outputs, remarks = tuple(body["outputs"]), tuple(body["remarks"])
        releases = body["built_by"]
        built_by = BuiltBy(str(releases[0]), str(releases[1]), kept_in) if releases else None
        vocabulary = body["vocabulary"]
        if vocabulary is not None and vocabulary not in get_args(Vocabulary):
            raise ValueError("it has names of nobody's")
        graph = LayerGraph(body["name"], layers, outputs, _target(body["target"]), remarks, built_by, vocabulary)
        if not is_trusted and admitted(graph) is not graph:
            raise ValueError("it holds text that cannot be shown")
        return graph
    except (TypeError, KeyError, IndexError, AttributeError, OverflowError, EffnetInspectError) as error:
        raise ValueError(f"the graph cannot be read: {error!r}") from error


def _layer(common: list[Any], *own: Any) -> Layer:
    """A layer of what it has in common with others and what is its own: as a row, which is the fastest way."""
    values = common.copy()
    for place, value in zip(_PLACES, own, strict=True):
        values[place] = value
    return Layer._make(values)


def _plain_target(target: Target | None) -> list[Any] | None:
    if target is None:
        return None
    if isinstance(target, VariantTarget):
        return ["variant", target.variant.key, *target.resolution, target.for_weights]
    if isinstance(target, BuilderTarget):
        return ["builder", target.builder, target.resolution]
    if isinstance(target, FileTarget):
        return ["file", target.path, target.resolution]
    return ["python", target.module, target.attribute, target.resolution]


_TARGETS: dict[str, Callable[..., Target]] = {
    "variant": lambda key, height, width, for_weights: VariantTarget(
        variant_named(key), (height, width), for_weights is True
    ),
    "builder": lambda builder, sides: BuilderTarget(builder, (sides[0], sides[1]) if sides else None),
    "file": lambda path, sides: FileTarget(path, (sides[0], sides[1]) if sides else None),
    "python": lambda module, attribute, sides: PythonTarget(module, attribute, (sides[0], sides[1]) if sides else None),
}


def _target(plain: Any) -> Target | None:
    return None if plain is None else _TARGETS[plain[0]](*plain[1:])


def _frozen(value: list[Any]) -> tuple[Any, ...]:
    return tuple([_frozen(each) if each.__class__ is list else each for each in value])
