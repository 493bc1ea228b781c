"""Files of weights of every kind: what is read of them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from effnet_inspect.checkpoints import Array, read_checkpoint
from effnet_inspect.errors import SourceError
from tests.checkpoints.files import Groups, kept, weights_h5, write_pytorch, write_safetensors, write_weights_h5

MODULE = (
    Array("conv.weight", (2, 3, 1, 1), "float32"),
    Array("conv.bias", (2,), "float32"),
    Array("norm.weight", (2,), "float32"),
    Array("norm.bias", (2,), "float32"),
    Array("norm.running_mean", (2,), "float32"),
    Array("norm.running_var", (2,), "float32"),
    Array("norm.num_batches_tracked", (), "int64"),
)

LAYERS: Groups = {
    "layers": {
        "conv2d_12": ("stem_conv", [(3, 3, 3, 32)]),
        "depthwise_conv2d": ("block1a_dwconv", [(3, 3, 32, 1), (32,)]),
        "batch_normalization": ("stem_bn", [(32,), (32,), (32,), (32,)]),
        "my_layer_1": ("mine", [(5,)]),
    },
    "optimizer": {"adam": ("adam", [(7,)])},
}
NAMED = {
    "stem_conv/kernel": (3, 3, 3, 32),
    "block1a_dwconv/kernel": (3, 3, 32, 1),
    "block1a_dwconv/bias": (32,),
    "stem_bn/gamma": (32,),
    "stem_bn/beta": (32,),
    "stem_bn/moving_mean": (32,),
    "stem_bn/moving_variance": (32,),
    "layers/my_layer_1/vars/0": (5,),
    "optimizer/adam/vars/0": (7,),
}


def test_a_state_dictionary_within_what_training_saves(tmp_path: Path) -> None:
    found = read_checkpoint(kept("torch-2.13.pt", tmp_path))
    inside = [each._replace(name=f"state_dict.module.{each.name}") for each in MODULE]
    assert found.kind == "PyTorch archive"
    assert found.arrays == (*inside, Array("best", (4,), "float16"))


def test_a_file_of_before_pytorch_1_6(tmp_path: Path) -> None:
    found = read_checkpoint(kept("torch-2.13-legacy.pt", tmp_path))
    assert (found.kind, found.arrays) == ("PyTorch pickle", MODULE)


def test_safetensors(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "model.safetensors", {"conv.weight": (2, 3, 1, 1), "count": ()}, "BF16")
    found = read_checkpoint(path)
    assert found.arrays == (Array("conv.weight", (2, 3, 1, 1), "bfloat16"), Array("count", (), "bfloat16"))
    assert (found.kind, found.size) == ("safetensors file", path.stat().st_size)


def test_keras_3_names_layers_in_attributes(tmp_path: Path) -> None:
    write_weights_h5(tmp_path / "model.weights.h5", LAYERS)
    found = read_checkpoint(tmp_path / "model.weights.h5")
    assert {each.name: each.shape for each in found.arrays} == NAMED


@pytest.mark.parametrize("name", ["²", "٣", "①", "9" * 400, "-1", "1.0"])
def test_what_is_named_by_no_number_has_its_path(name: str, tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "model.weights.h5"
    with h5py.File(path, "w") as file:
        for each in ("0", name):
            file[f"layers/dense/vars/{each}"] = [0.0, 1.0]
    found = read_checkpoint(path)
    assert {each.name for each in found.arrays} == {f"layers/dense/vars/{each}" for each in ("0", name)}


def test_a_keras_archive(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", weights_h5(LAYERS))
    found = read_checkpoint(path)
    assert {each.name: each.shape for each in found.arrays} == NAMED
    assert found.kind == "Keras archive"


OLD = {
    "stem_conv/stem_conv/kernel:0": "stem_conv/kernel",
    "block1a_dwconv/block1a_dwconv/depthwise_kernel:0": "block1a_dwconv/kernel",
    "efficientnetb0/top_bn/gamma:0": "top_bn/gamma",
    "model_weights/top_bn/top_bn/beta": "top_bn/beta",
    "optimizer_weights/adam/iteration:0": "optimizer_weights/adam/iteration:0",
    "alone": "alone",
}


@pytest.mark.parametrize(("path", "name"), OLD.items())
def test_names_before_keras_3(path: str, name: str, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.create_dataset(path, (3, 4), "float16")
    assert read_checkpoint(tmp_path / "old.h5").arrays == (Array(name, (3, 4), "float16"),)


NESTED: Groups = {
    "layers": {"dense": ("cats", [(8, 3), (3,)])},
    "layers/functional/layers": {
        "conv2d": ("stem_conv", [(3, 3, 3, 32)]),
        "conv2d_10": ("top_conv", [(1, 1, 8, 8)]),
        "conv2d_2": ("block1a_project_conv", [(1, 1, 32, 8)]),
    },
    "layers/functional_1/layers/sequential/layers": {"dense": ("inner", [(2, 2)])},
    "layers/mb_conv_block": {
        "conv1": ("block2a_expand_conv", [(1, 1, 8, 48)]),
        "bn1": ("block2a_expand_bn", [(48,), (48,), (48,), (48,)]),
    },
}
INNER = {"layers/functional": "backbone", "layers/functional_1": "head", "layers/mb_conv_block": "block2a_"}


def test_models_in_models_are_in_the_names_and_in_the_places(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "model.weights.h5"
    write_weights_h5(path, NESTED)
    with h5py.File(path, "a") as file:
        for group, name in INNER.items():
            file.create_group(f"{group}/vars").attrs["name"] = name
    found = read_checkpoint(path)
    assert {each.name for each in found.arrays} == {
        *("cats/kernel", "cats/bias", "head/inner/kernel"),
        *(f"backbone/{name}/kernel" for name in ("stem_conv", "block1a_project_conv", "top_conv")),
        "block2a_/block2a_expand_conv/kernel",
        *(f"block2a_/block2a_expand_bn/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")),
    }
    assert found.order == "classes"
    assert {layer.name: layer.place for layer in found.layers} == {
        "cats": (("dense", 0),),
        "backbone/stem_conv": (("model", 0), ("conv2d", 0)),
        "backbone/block1a_project_conv": (("model", 0), ("conv2d", 2)),
        "backbone/top_conv": (("model", 0), ("conv2d", 10)),
        "head/inner": (("model", 1), ("model", 0), ("dense", 0)),
        "block2a_/block2a_expand_conv": None,
        "block2a_/block2a_expand_bn": None,
    }


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize("within", ["", "model_weights/"])
def test_layers_before_keras_3_are_in_their_order(within: str, pieces: bool, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    layers = {
        "zero": ["zero/kernel:0", "zero/bias:0"],
        "activation": [],
        "backbone": ["stem_conv/kernel:0", "a_bn/gamma:0", "a_bn/moving_mean:0"],
        "first": ["first_1/depthwise_kernel:0"],
    }
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        top = file.require_group(within) if within else file
        top.attrs["backend"] = b"tensorflow"
        names = [name.encode() for name in layers]
        parts = {"layer_names0": names[:2], "layer_names1": names[2:]} if pieces else {"layer_names": names}
        for attribute, part in parts.items():
            top.attrs[attribute] = part
        for name, arrays in layers.items():
            top.create_group(name).attrs["weight_names"] = [each.encode() for each in arrays]
            for each in arrays:
                top.create_dataset(f"{name}/{each}", (3,))
        file.create_dataset("optimizer_weights/adam/iteration:0", ())
    found = read_checkpoint(path)
    assert found.order == "layers"
    assert [(layer.name, [each.name for each in layer.arrays]) for layer in found.layers] == [
        ("zero", ["zero/kernel", "zero/bias"]),
        ("backbone", ["backbone/stem_conv/kernel", "backbone/a_bn/gamma", "backbone/a_bn/moving_mean"]),
        ("first", ["first/kernel"]),
    ]
    assert found.arrays[-1].name == "optimizer_weights/adam/iteration:0"


def test_one_long_text_as_each_of_many_names_takes_no_memory(tmp_path: Path) -> None:
    """A file of ten megabytes would be thirty gigabytes of names."""
    h5py = pytest.importorskip("h5py")
    path, length, count = tmp_path / "model.h5", 10_000_000, 3000
    with h5py.File(path, "w") as file:
        file.create_dataset("stem_conv/stem_conv/kernel", (3, 3, 3, 32))
        file.attrs["long"] = "x" * length
        file.attrs.create("layer_names", ["layer"] * count, dtype=h5py.string_dtype())
    content = path.read_bytes()
    long, short = (
        re.search(re.escape(size.to_bytes(4, "little")) + rb"(?=.{6}\0\0.{4})", content, re.DOTALL)
        for size in (length, len("layer"))
    )
    assert long
    assert short
    reference = content[long.start() : long.start() + 16]
    at = short.start()
    path.write_bytes(content[:at] + reference * count + content[at + 16 * count :])
    with pytest.raises(SourceError, match=r"model\.h5 is damaged"):
        read_checkpoint(path)


FAILING: dict[str, tuple[bytes, str]] = {
    "empty.pt": (b"", "empty.pt is empty, and no file of weights"),
    "text.pt": (b"weights", "is not a file of weights of a known kind; those are: Keras archive"),
    "cut.safetensors": (b"\xff\x00\x00\x00\x00\x00\x00\x00{", "ends within its header"),
    "long.safetensors": (b"\xff\xff\xff\xff\xff\xff\xff\x7f{", "header of long.safetensors is larger than 16 MiB"),
    "cut.h5": (b"\x89HDF\r\n\x1a\n", "cut.h5 is damaged"),
    "cut.keras": (b"PK\x03\x04", "cut.keras is damaged"),
    "cut.pth": (b"PK\x03\x04", "cut.pth is damaged"),
    "cut.bin": (b"\x80\x02}", "cut.bin is damaged: its pickle"),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_is_damaged_is_one_sentence(name: str, tmp_path: Path) -> None:
    content, said = FAILING[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read_checkpoint(tmp_path / name)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ('{"a":' * 100_000, "not JSON that can be read"),
        ("[]", "not a file of weights"),
        ('{"a": {"dtype": "F32"}}', "'a' in it has no shape"),
        ('{"a": {"dtype": "F32", "shape": [-1]}}', "'a' in it has no shape"),
        ('{"a": {"dtype": "F32", "shape": [true]}}', "'a' in it has no shape"),
        ('{"a": {"dtype": "F32", "shape": [1e400]}}', "'a' in it has no shape"),
        ('{"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}}', "17 axes of 'a'"),
        ("{}", "holds no weights"),
    ],
)
def test_headers_that_are_none(header: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode())
    with pytest.raises(SourceError, match=said):
        read_checkpoint(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "not a regular file"), (tmp_path / "no.pt", "there is no file")):
        with pytest.raises(SourceError, match=said):
            read_checkpoint(path)


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    for name, said in (("photos.pt", "without weights in it"), ("photos.keras", "holds no weights")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("photo.jpg", b"")
        with pytest.raises(SourceError, match=said):
            read_checkpoint(tmp_path / name)


@pytest.mark.parametrize("name", ["model.pt", "model.keras"])
def test_an_archive_with_names_that_are_no_text(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("é/data.pkl", b"")
    written = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(written.replace("é".encode(), b"\xff\xfe"))
    with pytest.raises(SourceError, match="cannot be read: it is damaged"):
        read_checkpoint(tmp_path / name)


def test_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "linked.weights.h5", "w") as file:
        file["layers"] = h5py.ExternalLink(str(tmp_path / "elsewhere.h5"), "/")
    with pytest.raises(SourceError, match="link to another file, which is not opened"):
        read_checkpoint(tmp_path / "linked.weights.h5")


def test_names_are_fit_to_be_shown(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "model.safetensors", {"a\x1b[31m": (1,)})
    assert read_checkpoint(path).arrays[0].name == "a\ufffd[31m"


def test_a_packed_archive_of_weights_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", b"0" * 1000)
    with pytest.raises(SourceError, match="is packed, and is not unpacked"):
        read_checkpoint(path)


def test_a_pickle_that_unpacks_to_more_than_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("effnet_inspect.limits.PICKLE_BYTES", 100)
    path = write_pytorch(tmp_path / "model.pt", b"\x80\x02" + b"0" * 200)
    with pytest.raises(SourceError, match="take more than 0 MiB"):
        read_checkpoint(path)
