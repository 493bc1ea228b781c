"""What the source and the structure leave open is said by every command that shows one network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from effnet_inspect.document import Document
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import compare
from effnet_inspect.views.freeze import freeze
from effnet_inspect.views.sizes import sizes
from effnet_inspect.views.summary import summary
from effnet_inspect.views.taps import taps
from tests.views.diagram.test_backbones import twins


@pytest.mark.parametrize("view", [summary, taps, freeze, sizes, lambda network: compare([network])])
def test_remarks_stand_under_every_answer(view: Callable[[Network], Document]) -> None:
    network = Network(replace(twins(), remarks=("The file states no names.",)))
    said = " ".join(view(network).notes)
    assert "The file states no names." in said
    assert "There are 2 backbones: 1 is EfficientNet-B0" in said
