"""Converted weights compute the same, where Keras and the packages in PyTorch are installed together."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

import effnet_inspect
from effnet_inspect.choices import CodeBase
from tests.command_line import run_with_keras

pytestmark = pytest.mark.one_python

TOLERANCE = 1e-4
"""Of outputs about as large as 1, after fifty normalisations in another order of adding."""


def _efficientnet_pytorch() -> Any:
    from efficientnet_pytorch import EfficientNet

    # Its padding is made for the size of the images.
    return EfficientNet.from_name("efficientnet-b0", image_size=64)


def _transformers() -> Any:
    from transformers import EfficientNetConfig, EfficientNetForImageClassification

    return EfficientNetForImageClassification(
        EfficientNetConfig(width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280, num_labels=1000)
    )


PACKAGES = {"efficientnet-pytorch": _efficientnet_pytorch, "transformers": _transformers}


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Weights, images and outputs of a model in Keras."""
    pytest.importorskip("torch")
    numpy = pytest.importorskip("numpy")
    path = tmp_path_factory.mktemp("outputs") / "b0.npz"
    run_with_keras("tests.conventions.keras_outputs", path)
    with numpy.load(path) as file:
        return dict(file)


@pytest.mark.parametrize("code_base", PACKAGES)
def test_the_same_images_give_the_same_outputs(code_base: CodeBase, computed: dict[str, Any]) -> None:
    if find_spec(code_base.replace("-", "_")) is None:
        pytest.skip(f"{code_base} is not installed")
    import numpy
    import torch

    defined: dict[str, Any] = {}
    exec(compile(effnet_inspect.converter("b0", to=code_base), "convert.py", "exec"), defined)
    module = PACKAGES[code_base]()
    state = {name: torch.from_numpy(array) for name, array in defined["convert"](computed).items()}
    missing = module.load_state_dict(state, strict=False).missing_keys
    assert all(name.endswith("num_batches_tracked") for name in missing)
    images = torch.from_numpy(computed["images"].transpose(0, 3, 1, 2) / 255)
    with torch.no_grad():
        found = module.eval()(images)
    outputs = getattr(found, "logits", found).numpy()
    assert numpy.abs(computed["outputs"]).max() > 0.1
    assert numpy.allclose(outputs, computed["outputs"], rtol=TOLERANCE, atol=TOLERANCE)
