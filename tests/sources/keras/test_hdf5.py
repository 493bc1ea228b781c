"""What the weights in an HDF5 file say of a layer: how many there are, and which of them are trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from effnet_inspect.sources.keras.hdf5 import read_model_config

HELD: list[tuple[dict[str, tuple[str, tuple[int, ...]]], tuple[int, int]]] = [
    ({"kernel:0": ("float32", (3, 4)), "bias:0": ("float32", (4,))}, (16, 16)),
    ({"gamma:0": ("float32", (4,)), "moving_mean:0": ("float32", (4,))}, (8, 4)),
    (
        {
            "kernel:0": ("float32", (3, 4)),
            "mask:0": ("float32", (3, 4)),
            "threshold:0": ("float32", ()),
            "pruning_step:0": ("int64", ()),
        },
        (26, 12),
    ),
    ({"kernel:0": ("float32", (3, 4)), "optimizer_step:0": ("int32", ()), "kernel_min:0": ("float32", ())}, (14, 12)),
    ({"kernel": ("float32", (3, 4)), "lora_a": ("float32", (3, 2)), "lora_b": ("float32", (2, 4))}, (26, 14)),
    ({"kernel": ("int8", (3, 4)), "kernel_scale": ("float32", (4,)), "bias": ("float32", (4,))}, (20, 4)),
    ({"kernel": ("float32", (3, 4)), "vector_u": ("float32", (1, 4))}, (16, 12)),
]


@pytest.mark.parametrize(("weights", "expected"), HELD)
def test_weights_that_are_not_trained(
    weights: dict[str, tuple[str, tuple[int, ...]]], expected: tuple[int, int], tmp_path: Path
) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = "{}"
        for name, (dtype, shape) in weights.items():
            file.create_dataset(f"model_weights/layer/layer/{name}", shape, dtype)
    _, parameters = read_model_config(tmp_path / "model.h5")
    assert parameters == {"layer": expected}
