"""The images that a module takes, by what it says itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"image_size": 300}, (300, 300)),
        ({"img_size": (96, 128)}, (96, 128)),
        ({"pretrained_cfg": {"input_size": (3, 260, 240)}, "image_size": None}, (260, 240)),
        ({"_global_params": SimpleNamespace(image_size=528)}, (528, 528)),
        ({"default_cfg": {"input_size": "large"}}, None),
        ({"input_size": 40}, None),
        ({"image_size": 0}, None),
    ],
)
def test_the_size_is_what_the_module_states(attributes: dict[str, Any], expected: tuple[int, int] | None) -> None:
    from effnet_inspect.sources.torch.images import USUAL_SIDE, Images, images_of

    model = torch.nn.Sequential(torch.nn.Conv2d(4, 8, 3, groups=2))
    vars(model).update(attributes)
    usual = (USUAL_SIDE, USUAL_SIDE)
    assert images_of(model, None) == Images(expected or usual, 4, expected is None)
    assert images_of(model, (64, 32)) == Images((64, 32), 4, False)


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [("Conv2d", {"groups": 2}, 4), ("ConvTranspose2d", {"groups": 2}, 4), ("ConvTranspose2d", {"stride": 2}, 4)],
)
def test_channels_are_those_that_a_convolution_takes(kind: str, arguments: dict[str, int], expected: int) -> None:
    from effnet_inspect.sources.torch.images import images_of

    first = getattr(torch.nn, kind)(4, 8, 3, **arguments)
    assert images_of(torch.nn.Sequential(first, torch.nn.Conv2d(8, 2, 3)), None).channels == expected


def test_channels_of_an_own_convolution_are_those_of_its_weights() -> None:
    from effnet_inspect.sources.torch.images import images_of

    own = torch.nn.Module()
    own.weight = torch.nn.Parameter(torch.zeros(8, 2, 3, 3))
    own.groups = 3
    assert images_of(own, None).channels == 6


def test_without_a_convolution_images_have_colours() -> None:
    from effnet_inspect.sources.torch.images import images_of

    assert images_of(torch.nn.Flatten(), None).channels == 3
