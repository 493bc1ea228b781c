"""How Keras loads files of weights: what is said of it against what `keras_loading.py` has seen Keras do."""

from __future__ import annotations

import json
import tarfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import effnet_inspect
from effnet_inspect.checkpoints import read_checkpoint
from effnet_inspect.conventions.fit import Fit, fit
from effnet_inspect.conventions.keras_order import in_keras_order
from effnet_inspect.conventions.loading import Way
from effnet_inspect.conventions.recognition import Recognition, recognize
from effnet_inspect.structure.network import Network
from tests.conventions.keras_loading import ARCHIVE


class Outcome(NamedTuple):
    """What a call of `load_weights` did: the sentence that Keras raised, and how many of all arrays it changed."""

    file: str
    into: str
    call: str
    raised: str
    changed: int
    arrays: int


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models, the files of their weights, and what came of loading them."""
    path = tmp_path_factory.mktemp("loading")
    with tarfile.open(ARCHIVE) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            assert content is not None
            (path / entry.name).write_bytes(content.read())
    return path


@cache
def model(path: Path) -> Network:
    return effnet_inspect.load(str(path))


@cache
def weights(path: Path) -> Recognition:
    return recognize(read_checkpoint(path))


def outcomes(folder: Path) -> list[Outcome]:
    return [Outcome(*each) for each in json.loads((folder / "outcomes.json").read_text())]


def fitted(folder: Path, file: str, into: str) -> Fit:
    found = fit(weights(folder / file), model(folder / f"{into}.json"))
    assert not (found.fits and found.advice)
    return found


def way_of(found: Fit, call: str) -> Way:
    return next(way for way in found.ways if ("by_name" in way.call) is call.startswith("by name"))


def test_every_call_succeeds_where_it_is_said_to(folder: Path) -> None:
    every = outcomes(folder)
    assert len(every) > 500
    wrong = []
    for each in every:
        way = way_of(fitted(folder, each.file, each.into), each.call)
        if "skipping" not in each.call:
            succeeded = not each.raised and each.changed == each.arrays
            if way.loads is not succeeded:
                wrong.append((each, way.trouble))
        elif (way.skipping is None) is not bool(each.raised) or way.skipping not in (None, each.changed):
            wrong.append((each, str(way.skipping)))
    assert not wrong


def test_a_plain_call_decides_whether_weights_fit(folder: Path) -> None:
    plain = [each for each in outcomes(folder) if each.call == "plain"]
    fitting = {(each.file, each.into) for each in plain if fitted(folder, each.file, each.into).fits}
    assert fitting == {(each.file, each.into) for each in plain if not each.raised and each.changed == each.arrays}
    assert len(fitting) > len({each.into for each in plain})


SAID = {
    "nested.weights.h5 into flat": (
        "Keras finds nothing for 59 layers: ",
        "The file is of a model in which the network is one layer, 'small': build that model",
    ),
    "features.weights.h5 into nested": (
        "Keras finds nothing for 60 layers: ",
        "The file is of the network alone, which is one layer of the model: model.get_layer('small').load_weights",
    ),
    "another classifier.h5 into flat with 4 classes": (
        "Keras stops at predictions, for which it takes cats of the file: 320×4 in the model, 320×10 in the file",
        "Load all but the classifier and train that: ",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_the_matter_and_what_to_do(case: str, folder: Path) -> None:
    trouble, advice = SAID[case]
    found = fitted(folder, *case.split(" into "))
    assert found.ways[0].trouble.startswith(trouble)
    assert found.advice[0].startswith(advice)


def test_layers_are_in_keras_order() -> None:
    """Those farthest from the outputs first; of those equally far, that which is met first from the outputs."""
    inputs = {"in": [], "b": ["in"], "long": ["b"], "a": ["in"], "add": ["a", "long"], "out": ["add"]}
    assert in_keras_order(inputs, ["out"], {}) == ["in", "b", "a", "long", "add", "out"]
    assert in_keras_order({**inputs, "add": ["long", "a"]}, ["out"], {}) == ["in", "b", "long", "a", "add", "out"]
    twice = {**inputs, "long:1": ["out"]}
    assert in_keras_order(twice, ["long:1"], {"long:1": "long"}) == ["in", "b", "long", "a", "add", "out"]
