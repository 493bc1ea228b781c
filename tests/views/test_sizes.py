"""`sizes`: how it looks, and what it says of models of one size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.sizes import SizesOptions, sizes
from tests.goldens import assert_golden
from tests.graphs import graph_of, network_of

VIEWS: dict[str, Any] = {
    "b5": ("b5", SizesOptions()),
    "b0-several": ("b0", SizesOptions(((224, 224), (225, 300), (20, 20)))),
    "b0-held": ("b0", SizesOptions(output_stride=16)),
}


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", VIEWS)
def test_how_it_looks(name: str, width: int) -> None:
    target, options = VIEWS[name]
    text = FORMATS["terminal"].render(sizes(network_of(target), options), Options(width=width)).decode()
    assert_golden(f"sizes-{name}-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_the_data_of_b5() -> None:
    data = sizes(network_of("b5")).data
    (size,) = data["sizes"]
    assert data["levels"] == ["P1", "P2", "P3", "P4", "P5"]
    assert size["input"] == [456, 456]
    assert size["chain"] == [[228, 228], [114, 114], [57, 57], [29, 29], [15, 15]]
    assert (size["closes"], size["breaks_at"], size["next"]) == (False, [[29, 29], [57, 57]], [448, 480])
    assert "output_stride" not in data


def test_a_file_of_one_size_says_so() -> None:
    network = Network(replace(graph_of("b0"), target=FileTarget("mine.json"), name="mine.json"))
    other, own = (sizes(network, SizesOptions((size,))) for size in ((256, 256), (224, 224)))
    assert other.data["fixed"] is True
    assert [note for note in other.notes if note.startswith("mine.json takes 224×224 only")]
    assert not any("only" in note for note in own.notes)
    assert sizes(network_of("b0"), SizesOptions(((256, 256),))).data["fixed"] is False


def test_an_open_size_must_be_named() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(None, None, 3))
    conv = Layer(
        "conv", "convolution", "Conv2D", ("image",), (None, None, 8), kernel=(3, 3), stride=(2, 2), padding="same",
        filters=8, groups=1,
    )  # fmt: skip
    network = Network(LayerGraph("open", (image, conv)))
    with pytest.raises(UsageError, match="open leaves the size of its images open: name sizes"):
        sizes(network)
    assert sizes(network, SizesOptions(((64, 64),))).data["sizes"][0]["chain"] == [[32, 32]]


def test_what_has_no_maps_has_no_sizes() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(20,))
    with pytest.raises(UsageError, match="tiny has no levels"):
        sizes(Network(LayerGraph("tiny", (image,))), SizesOptions(((64, 64),)))


def windows(*kernels: int, padding: str = "same") -> Network:
    """Strided convolutions on an image of 64 pixels."""
    layers = [Layer("image", "input", "InputLayer", output_shape=(64, 64, 3))]
    for index, kernel in enumerate(kernels, start=1):
        side = 64 >> index
        layers.append(
            Layer(f"half_{index}", "convolution", "Conv2D", (layers[-1].name,), (side, side, 8), 9,
                  kernel=(kernel, kernel), stride=(2, 2), padding=padding, filters=8, groups=1)
        )  # fmt: skip
    return Network(LayerGraph("windows", tuple(layers)))


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (lambda: network_of("b0"), ["Keras' builders pad", "PyTorch's own padding"]),
        (lambda: windows(3, 3), ["PyTorch's own padding"]),
        (lambda: windows(2, 2), []),
    ],
    ids=["by parity", "uneven", "even"],
)
def test_what_pads_as_is_said_is_what_there_is(network: Callable[[], Network], expected: list[str]) -> None:
    table = sizes(network()).tables[-1]
    notes = " ".join(column.note for column in table.columns)
    assert [words for words in ("Keras' builders pad", "PyTorch's own padding") if words in notes] == expected


ONE_POSITION = (
    "A side below {} pixels leaves the smallest map one position along it, made of padding for the most part{}"
)


@pytest.mark.parametrize(
    ("network", "size", "expected"),
    [
        (lambda: network_of("b0"), (20, 400), ONE_POSITION.format(32, "; keras.applications takes no less than 32.")),
        (lambda: windows(3, 3, 3), (4, 64), ONE_POSITION.format(8, ".")),
        (lambda: windows(3, 3, 3), (8, 64), ""),
    ],
)  # fmt: skip
def test_small_sizes_leave_one_position(network: Callable[[], Network], size: tuple[int, int], expected: str) -> None:
    notes = [note for note in sizes(network(), SizesOptions((size,))).notes if "one position" in note]
    assert notes == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("asked", "lead"),
    [
        ((224, 256), "2 of 2 sizes fit a decoder: 224 and 256."),
        ((224, 230), "1 of 2 sizes fits a decoder: 224."),
        ((226, 230), "None of the 2 sizes fits a decoder."),
        ((17,), "17 does not fit a decoder: at P3, 2·2 = 4 ≠ 3. The next size that fits is 32."),
    ],
)
def test_sizes_are_counted_in_words(asked: tuple[int, ...], lead: str) -> None:
    options = SizesOptions(tuple((side, side) for side in asked))
    assert sizes(network_of("b0"), options).lead == lead
