"""Preprocessing: what the variants and other networks do to an image before their first convolution."""

from __future__ import annotations

from pathlib import Path

import pytest

from effnet_inspect.analysis.preprocessing import expects_bytes, preprocessing_of
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.graphs import network_of, without_stem

pytestmark = pytest.mark.one_python


@pytest.mark.parametrize(
    ("target", "names", "takes_bytes"),
    [
        ("b0", ["rescaling", "normalization"], True),
        ("v2-b0", ["rescaling", "normalization"], True),
        ("v2-s", ["rescaling"], True),
        ("lite0", ["rescaling"], True),
        ("ResNet50", [], False),
    ],
)
def test_steps(target: str, names: list[str], takes_bytes: bool) -> None:
    steps = preprocessing_of(load(target))
    assert steps is not None
    assert [step.layer.name for step in steps] == names
    assert expects_bytes(steps) is takes_bytes


def test_what_is_imagenets() -> None:
    steps = {target: preprocessing_of(network_of(target)) or () for target in ("b0", "v2-b0")}
    assert [step.is_imagenets for step in steps["v2-b0"]] == [False, True]
    assert [step.is_imagenets for step in steps["b0"]] == [False, False]
    assert steps["b0"][1].scale is None, "it is in the weights"


def test_arithmetic_before_a_nested_model_counts(models: Path) -> None:
    steps = preprocessing_of(load(str(models / "preprocessed.json"))) or ()
    assert [step.layer.class_name for step in steps] == ["TrueDivide", "Subtract", "Rescaling", "Normalization"]
    assert not expects_bytes(steps), "it rescales twice"


def test_what_takes_no_image() -> None:
    assert preprocessing_of(Network(without_stem())) is None
