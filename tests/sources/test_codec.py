"""Graphs to bytes and back, and bytes that are no graph."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.catalog.targets import FileTarget, Target, parse_target
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.sources.codec import decode, encode
from tests.family import FAMILY
from tests.graphs import graph_of

GRAPH = LayerGraph(
    "small",
    (
        Layer("image", "input", "InputLayer", output_shape=(None, 8, 3)),
        Layer("a", "zero_padding", "ZeroPadding2D", ("image",), margins=((0, 1), (1, 1))),
        Layer("b", "convolution", "Conv2D", ("a",), (4, 4, 2), None, None, kernel=(3, 3), use_bias=False, rate=0.1),
        Layer("c", "convolution", "Conv2D", ("a",), (4, 4, 2), 0, 0, kernel=(3, 3), shares_weights_with="b"),
        Layer("ü", "add", "Add", ("b", "c"), scale=(1 / 255, 2.0), epsilon=1e-3),
    ),
    ("ü", "b"),
    FileTarget("a file.json"),
    ("A sentence.", "Größe?"),
)


@pytest.mark.parametrize("graph", [GRAPH, *(pytest.param(key, id=key) for key in FAMILY)])
def test_round_trip(graph: LayerGraph | str) -> None:
    graph = graph_of(graph) if isinstance(graph, str) else graph
    data = encode(graph)
    again = decode(data)
    assert again == graph
    assert (again.name, again.target, again.outputs) == (graph.name, graph.target, graph.outputs)
    assert again.remarks == graph.remarks
    assert encode(again) == data
    assert data.count(b"\n") == 1


TARGETS = [
    *(
        "b0",
        "v2-s",
        "lite4",
        "b0+imagenet",
        "b1+imagenet",
        "b3@512",
        "b3@384x512",
        "w1.2-d1.4",
        "w1-d0.5@64x96",
        "ResNet50",
        "ResNet50@96",
    ),
    *("mine.keras", "b3@mine.json", "./b0", "folder/ü:x.h5", "mine.onnx@96x64", "package.module:attribute.of.it"),
    "package.module:attribute@96x64",
    None,
]


@pytest.mark.parametrize("text", TARGETS)
def test_every_kind_of_target_comes_back(text: str | None) -> None:
    target = None if text is None else parse_target(text)
    again = decode(encode(replace(GRAPH, target=target))).target
    assert (type(again), again) == (type(target), target)


def test_the_targets_are_of_every_kind() -> None:
    kinds = {type(parse_target(text)) for text in TARGETS if text}
    assert kinds == set(get_args(Target))


def signed(body: object) -> bytes:
    text = json.dumps(body).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def body(**changes: Any) -> dict[str, Any]:
    own: dict[str, Any] = json.loads(encode(GRAPH).partition(b" ")[2])
    return {**own, **changes}


def test_signing_is_what_encode_does() -> None:
    assert decode(signed(body())) == GRAPH


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"x",
        b"00000000 {}",
        signed(None),
        signed([]),
        signed({}),
        signed("x"),
        signed(body(schema=0)),
        signed(body(fields=["kernel"])),
        signed(body(kinds=[])),
        signed(body(kinds=[[1]])),
        signed(body(layers=None)),
        signed(body(layers=[["a", [], None, 10**6]])),
        signed(body(layers=[["a", ["nobody"], None, 0]])),
        signed(body(layers=[["a", [], None, 0], ["a", [], None, 0]])),
        signed(body(layers=[])),
        signed(body(layers=[[["a"], [], None, 0]])),
        signed(body(outputs=["nobody"])),
        signed(body(target="b0")),
        signed(body(target=["variant", "b99", 224, 224])),
        signed(body(target=["variant", "b0", 224])),
        signed(body(target=["file"])),
        signed(body(target=["python", "a"])),
        signed(body(target=["none"])),
        signed(body(target=[])),
        b"%08x [" % zlib.crc32(b"["),
        b"%08x \xff" % zlib.crc32(b"\xff"),
    ],
)
def test_what_encode_never_wrote(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(data)


@given(st.data())
def test_any_damage_is_noticed(data: st.DataObject) -> None:
    whole = encode(GRAPH).rstrip(b"\n")
    position = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[position] and value != ord("\n")))
    with pytest.raises(ValueError, match=r"."):
        decode(whole[:position] + bytes([byte]) + whole[position + 1 :])
    with pytest.raises(ValueError, match=r"."):
        decode(whole[:position])
