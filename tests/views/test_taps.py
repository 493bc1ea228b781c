"""`taps`: how it looks, and what it says of models that are tapped already."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.document import Document
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.taps import TapsOptions, taps
from tests.goldens import assert_golden
from tests.graphs import network_of, with_decoder


def tapped() -> Document:
    return taps(Network(with_decoder()))


VIEWS: dict[str, Any] = {
    "b0": lambda: taps(network_of("b0")),
    "v2-b0-unet": lambda: taps(network_of("v2-b0"), TapsOptions(style="unet", levels=(3, 5))),
    "decoder": tapped,
}


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", VIEWS)
def test_how_it_looks(name: str, width: int) -> None:
    text = FORMATS["terminal"].render(VIEWS[name](), Options(width=width)).decode()
    assert_golden(f"taps-{name}-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_every_level_in_the_data_that_is_asked_for() -> None:
    data = taps(network_of("b0"), TapsOptions(levels=(2, 5))).data
    assert [level["level"] for level in data["taps"]] == ["P2", "P3", "P4", "P5"]
    assert data["taps"][0] == {
        "level": "P2",
        "stride": 4,
        "shape": [56, 56, 24],
        "channels": 24,
        "receptive_field": [19, 19],
        "sub_block": "2b",
        "blocks": [2],
        "layer": "block2b_add",
        "expanded_layer": "block3a_expand_activation",
        "expanded_shape": [56, 56, 144],
    }
    assert (data["class_activation_layer"], data["present"]) == ("top_activation", [])


def test_other_taps_than_the_recommended_are_named() -> None:
    graph = network_of("b0").graph
    side = Layer("side", "activation", "ReLU", ("block4a_bn",), graph["block4a_bn"].output_shape)
    document = taps(Network(LayerGraph("odd", (*graph.layers, side))))
    assert document.lead == "The model taps this network already, at other layers than those below: block4a_bn."


def test_code_stands_alone_for_people_and_beside_the_data_for_programs() -> None:
    document = taps(network_of("b0"), TapsOptions(code=True))
    assert FORMATS["terminal"].render(document).decode() == document.code == document.data["code"]
    assert "\nlevel,stride" in "\n" + FORMATS["csv"].render(document).decode()
    for form, around in {
        "markdown": "```python\nimport keras\n",
        "html": "<pre>import keras\n",
        "latex": "]\nimport keras\n",
    }.items():
        assert around in FORMATS[form].render(document).decode()  # type: ignore[index]


def test_what_has_no_levels() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(20,))
    dense = Layer("dense", "dense", "Dense", ("image",), (2,), filters=2)
    with pytest.raises(UsageError, match="tiny has no layers to tap"):
        taps(Network(LayerGraph("tiny", (image, dense))))
