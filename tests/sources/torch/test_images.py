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


def test_without_a_convolution_images_have_colours() -> None:
    from effnet_inspect.sources.torch.images import images_of

    assert images_of(torch.nn.Flatten(), None).channels == 3
