"""What the weights in an HDF5 file say of a layer: how many there are, and which of them are trained."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
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


def external_link(file: Any, elsewhere: Path) -> None:
    import h5py

    file.create_group("model_weights")["layer"] = h5py.ExternalLink(str(elsewhere), "/")


def external_root(file: Any, elsewhere: Path) -> None:
    import h5py

    file["model_weights"] = h5py.ExternalLink(str(elsewhere), "/")


def virtual_dataset(file: Any, elsewhere: Path) -> None:
    import h5py

    layout = h5py.VirtualLayout((4,), "f4", maxshape=(None,))
    layout[:] = h5py.VirtualSource(str(elsewhere), "data", (4,), maxshape=(None,))[:]
    file.create_group("model_weights/layer").create_virtual_dataset("kernel", layout)


def external_numbers(file: Any, elsewhere: Path) -> None:
    numbers = [(str(elsewhere), 0, 16)]
    file.create_dataset("model_weights/layer/kernel", (4,), "f4", external=numbers)


def deep_groups(file: Any, elsewhere: Path) -> None:
    file.create_group("model_weights/" + "x/" * 40)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (external_link, "'layer' in it is a link to another file, which is not opened"),
        (external_root, "'model_weights' in it is a link to another file, which is not opened"),
        (virtual_dataset, "the numbers of 'kernel' in it are kept in another file, which is not opened"),
        (external_numbers, "the numbers of 'kernel' in it are kept in another file, which is not opened"),
        (deep_groups, "its groups are nested more than 32 deep"),
    ],
)
def test_no_other_file_is_opened(make: Callable[[Any, Path], None], says: str, tmp_path: Path) -> None:
    """The other file is a pipe that nobody writes into: opening it would wait for ever."""
    h5py = pytest.importorskip("h5py")
    os.mkfifo(tmp_path / "pipe")
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = "{}"
        make(file, tmp_path / "pipe")
    with pytest.raises(SourceError, match=says):
        read_model_config(tmp_path / "model.h5")


def test_what_is_linked_within_the_file_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = "{}"
        kernel = file.create_dataset("model_weights/layer/kernel", (3, 4))
        file["model_weights/layer/again"] = kernel
        file["model_weights/layer/circle"] = file["model_weights"]
        file["model_weights/layer/soft"] = h5py.SoftLink("/model_weights/layer/kernel")
    assert read_model_config(tmp_path / "model.h5")[1] == {"layer": (12, 12)}
    monkeypatch.setattr(limits, "GROUPS", 2)
    with pytest.raises(SourceError, match="groups and weights"):
        read_model_config(tmp_path / "model.h5")
