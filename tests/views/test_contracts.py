"""What the commands write as JSON is what their contracts state, key by key and type by type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from effnet_inspect.analysis.cost import Conditions
from effnet_inspect.analysis.freezing import Choice
from effnet_inspect.claims import check_all, choose, targets_of
from effnet_inspect.conventions import CONVENTIONS
from effnet_inspect.conventions.fit import fit
from effnet_inspect.conventions.recognition import recognize
from effnet_inspect.document import Document
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import FORMATS
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.compare.aspects import choices
from effnet_inspect.views.contracts import CONTRACTS, MeasuredData, PartData, SummaryData
from effnet_inspect.views.cost import cost
from effnet_inspect.views.freeze import freeze
from effnet_inspect.views.map import name_map
from effnet_inspect.views.plot import KINDS, PlotOptions
from effnet_inspect.views.results import results
from effnet_inspect.views.sizes import SizesOptions, sizes
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.taps import TapsOptions, taps
from effnet_inspect.views.variants import variants
from effnet_inspect.views.verify import claims_overview
from effnet_inspect.views.weights import weights
from tests.checkpoints.files import arrays_of
from tests.conventions.weights import checkpoint_of
from tests.graphs import graph_of, network_of, with_decoder, without_stem


def faults(value: Any, stated: Any, place: str = "") -> Iterator[str]:
    """Where a JSON value is not of the type that is stated, a sentence each."""
    if stated is Any:
        return
    if is_typeddict(stated):
        hints = get_type_hints(stated)
        allowed = {*hints, *(MEASURES if has_measures(stated) else ())}
        if not isinstance(value, dict) or not stated.__required_keys__ <= value.keys() <= allowed:
            yield f"{place} has the keys {[*value] if isinstance(value, dict) else value}, not {[*hints]}"
            return
        for key in hints.keys() & value.keys():
            yield from faults(value[key], hints[key], f"{place}.{key}")
    elif get_origin(stated) is Literal:
        if value not in get_args(stated):
            yield f"{place} is {value!r}, none of {get_args(stated)}"
    elif get_origin(stated) in (Union, UnionType):
        if all(any(faults(value, each)) for each in get_args(stated)):
            yield f"{place} is {value!r}, none of {stated}"
    elif get_origin(stated) is list:
        if not isinstance(value, list):
            yield f"{place} is {value!r}, no list"
            return
        for index, each in enumerate(value):
            yield from faults(each, get_args(stated)[0], f"{place}[{index}]")
    elif get_origin(stated) is dict:
        if not isinstance(value, dict):
            yield f"{place} is {value!r}, no object"
            return
        for key, each in value.items():
            yield from faults(each, get_args(stated)[1], f"{place}.{key}")
    elif type(value) is not (NoneType if stated is None else stated) and not (stated is float and type(value) is int):
        yield f"{place} is {value!r}, no {stated}"


def has_measures(stated: Any) -> bool:
    """Whether a contract has the measures: a further measure is a further key."""
    return get_type_hints(MeasuredData).keys() <= get_type_hints(stated).keys()


def with_a_riddle() -> LayerGraph:
    graph = graph_of("b0")
    riddle = Layer("riddle", "opaque", "Riddle", ("predictions",), parameters=None, trainable_parameters=None)
    return LayerGraph("riddle", (*graph.layers, riddle))


def networks() -> list[Network]:
    made = [Network(make()) for make in (with_decoder, without_stem, with_a_riddle)]
    return [network_of("b0"), network_of("v2-s"), *made]


def verified() -> Document:
    claims = choose("article")
    return claims_overview(check_all(claims, [network_of(target) for target in targets_of(claims)]))


def weights_of_all_kinds() -> Iterator[Document]:
    for arrays in (arrays_of("b0", "timm", classes=5), arrays_of("w1.7-d1", "keras"), {"optimizer.a": (1,), "b": ()}):
        checkpoint = checkpoint_of({**arrays, "decoder.weight": (3,)})
        found = recognize(checkpoint)
        yield weights(checkpoint, found)
        yield weights(checkpoint, found, fit(found, network_of("b1")))


WRITTEN: dict[str, Callable[[], list[Document]]] = {
    "summary": lambda: [
        summary(network, options)
        for network in networks()
        for options in (SummaryOptions(), SummaryOptions(counts=True), SummaryOptions(find="op:conv"))
    ],
    "compare": lambda: [
        compare(networks(), CompareOptions(choices())),
        compare([network_of("b1"), network_of("b2")]),
        compare([network_of("b0")]),
    ],
    "variants": lambda: [variants([network_of(target) for target in ("b0", "v2-s", "lite0")])],
    "variants --results": lambda: [results([network_of(target) for target in ("b0", "b7", "lite0")])],
    "plot accuracy": lambda: [KINDS["accuracy"]([network_of(t) for t in ("b0", "l2")], PlotOptions()).document],
    "plot scaling": lambda: [KINDS["scaling"](networks(), PlotOptions()).document],
    "plot cost": lambda: [KINDS["cost"](networks(), PlotOptions()).document],
    "plot receptive-field": lambda: [KINDS["receptive-field"](networks(), PlotOptions()).document],
    "verify": lambda: [verified()],
    "cost": lambda: [cost(networks()), cost([network_of("b0")], Conditions(8, memory=11e9))],
    "freeze": lambda: [
        *map(freeze, networks()),
        freeze(network_of("b0"), Choice(layers=25)),
        freeze(network_of("b0"), Choice(start="6a"), code=True),
    ],
    "sizes": lambda: [
        sizes(network_of("b0"), SizesOptions(((225, 300), (20, 20), (224, 224)), 8)),
        *(sizes(network, SizesOptions(((224, 224),))) for network in networks()),
    ],
    "taps": lambda: [*map(taps, networks()), taps(network_of("b0"), TapsOptions(code=True))],
    "weights": lambda: [*weights_of_all_kinds()],
    "map": lambda: [name_map(network, CONVENTIONS["keras"], CONVENTIONS["torchvision"]) for network in networks()],
}


@pytest.mark.parametrize("command", CONTRACTS)
def test_what_is_written_is_what_is_stated(command: str) -> None:
    for document in WRITTEN[command]():
        written = json.loads(FORMATS["json"].render(document))
        assert list(faults(written, CONTRACTS[command], command)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"format": "1"}, ".format is '1', no <class 'int'>"),
        ({"format": True}, ".format is True, no <class 'int'>"),
        ({"more": 1}, " has the keys"),
        ({"stem": None}, ".stem has the keys None"),
        ({"head": 7}, ".head is 7, none of"),
        ({"blocks": None}, ".blocks is None, no list"),
        ({"remarks": [1]}, ".remarks[0] is 1, no <class 'str'>"),
    ],
)
def test_a_fault_is_found(change: dict[str, Any], fault: str) -> None:
    whole = json.loads(FORMATS["json"].render(summary(network_of("b0"))))
    (found,) = faults({**whole, **change}, SummaryData)
    assert found.startswith(fault)


def test_a_missing_key_is_found_and_a_further_measure_is_none() -> None:
    part = json.loads(FORMATS["json"].render(summary(network_of("b0"))))["stem"]
    assert list(faults(part, PartData)) == []
    (found,) = faults({key: value for key, value in part.items() if key != "macs"}, PartData)
    assert found.startswith(" has the keys")
    assert list(faults({**part, "receptive_field": 1}, PartData)) == []
