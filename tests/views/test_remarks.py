"""What the source and the structure leave open is said by every command that shows one network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from effnet_inspect.document import Document
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.freeze import freeze
from effnet_inspect.views.plot import PlotOptions
from effnet_inspect.views.plot.receptive_field import receptive_field
from effnet_inspect.views.sizes import sizes
from effnet_inspect.views.summary import summary
from effnet_inspect.views.taps import TapsOptions, taps
from tests.graphs import graph_of, network_of, with_layer
from tests.views.diagram.test_backbones import twins


@pytest.mark.parametrize("view", [summary, taps, freeze, sizes, lambda network: compare([network])])
def test_remarks_stand_under_every_answer(view: Callable[[Network], Document]) -> None:
    network = Network(replace(twins(), remarks=("The file states no names.",)))
    said = " ".join(view(network).notes)
    assert "The file states no names." in said
    assert "There are 2 backbones: 1 is EfficientNet-B0" in said


FIELD = "The local receptive field cannot be determined from block4a_se_excite on."


@pytest.mark.parametrize(
    ("view", "is_said"),
    [
        (summary, True),
        (taps, True),
        (lambda network: taps(network, TapsOptions(style="unet")), False),
        (lambda network: taps(network, TapsOptions(levels=(2, 3))), False),
        (lambda network: compare([network], CompareOptions(("receptive-field",))), True),
        (lambda network: compare([network]), False),
        (lambda network: receptive_field([network], PlotOptions()).document, True),
    ],
)
def test_a_field_that_is_missing_is_accounted_for(view: Callable[[Network], Document], is_said: bool) -> None:
    def said(network: Network) -> bool:
        document = view(network)
        return any(
            FIELD in note for note in (*document.notes, *(note for each in document.tables for note in each.notes))
        )

    blind = Network(with_layer(graph_of("b0"), "block4a_se_excite", operation="opaque", class_name="Riddle"))
    assert said(blind) is is_said
    assert not said(network_of("b0"))
