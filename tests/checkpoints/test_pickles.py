"""Pickles in files of weights: nothing is called, whatever they name."""

from __future__ import annotations

import argparse
import datetime
import decimal
import fractions
import io
import os
import pickle
import types
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from effnet_inspect import limits
from effnet_inspect.checkpoints import Array, read_checkpoint
from effnet_inspect.checkpoints.pickles import Setting, Tensor, read_pickle
from effnet_inspect.errors import SourceError
from tests.checkpoints.files import Calls, kept, pickled, write_pytorch

PLAIN: tuple[Any, ...] = (
    {"epoch": 3, "rate": 0.1, "name": "b0", "nested": {"list": [1, 2.5, None, True, False], "tuple": (1, (2, 3), ())}},
    OrderedDict(a=1, b=[]),
    {"big": 2**70, "negative": -(2**33), "bytes": b"x"},
    [],
)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("value", PLAIN)
def test_plain_values_are_what_python_reads(value: Any, protocol: int) -> None:
    content = pickle.dumps(value, protocol=protocol)
    found = read_pickle(io.BytesIO(content), "model.pt")
    if b"_codecs" in content:
        assert isinstance(found.pop("bytes"), Setting)
        assert found == {key: item for key, item in value.items() if key != "bytes"}
    else:
        assert found == value


def hostile(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Pickles that do harm where Python reads them, and what is said of each."""
    made = str(folder / "made")
    self_named = b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R."
    return {
        "system": (pickled({"a": Calls(os.system, f"touch {made}")}), f"it needs {os.system.__module__}.system"),
        "exec": (pickled(Calls(exec, f"open({made!r}, 'w')")), r"it needs \w+.exec"),
        "eval": (self_named, "it needs builtins.eval"),
        "getattr": (pickled(Calls(getattr, {}, "clear")), r"it needs \w+.getattr"),
        "stack": (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.", "it needs os.system"),
        "instance": (b"(ios\nsystem\n.", "the instruction INST"),
        "new": (b"\x80\x02cos\nsystem\n)\x81.", "it needs os.system"),
        "registered": (b"\x80\x02\x82\x01.", "the instruction EXT1"),
        "called number": (b"\x80\x02K\x01)R.", "it calls something that is not a name"),
        "called type": (b"\x80\x02ctorch\nFloatStorage\n)R.", "it needs torch.FloatStorage"),
        "key": (b"\x80\x02}K\x01K\x02\x86K\x01s.", "keys that are no texts or numbers"),
        "long key": (b"\x80\x02}\x8a\x10" + b"\x7f" * 16 + b"K\x01s.", "keys that are no texts or numbers"),
        "no list": (b"\x80\x02}K\x01a.", "it adds to something that is no list"),
        "reference": (b"\x80\x02K\x01Q.", "refers to something that is not a tensor's storage"),
    }


@pytest.mark.parametrize("name", hostile(Path()))
def test_what_would_run_code_is_refused_by_name(name: str, tmp_path: Path) -> None:
    content, said = hostile(tmp_path)[name]
    for path in (write_pytorch(tmp_path / "model.pt", content), tmp_path / "old.pt"):
        if path.name == "old.pt":
            path.write_bytes(content if content.startswith(b"\x80") else b"\x80\x02" + content)
        with pytest.raises(SourceError, match=f"{said}.*no code in it was run"):
            read_checkpoint(path)
    assert not (tmp_path / "made").exists()


def test_a_whole_module_is_refused_by_its_class(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"it needs torch.nn.*Sequential, .*model.state_dict"):
        read_checkpoint(kept("torch-2.13-module.pt", tmp_path))


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x02", b"\x80\x02.", b"\x80\x02h\x05.", b"\x80\x02t.", b"\x80\x02}K\x01s."]
)
def test_damaged_pickles(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"model.pt is damaged"):
        read_pickle(io.BytesIO(content), "model.pt")


def test_what_refers_to_itself_over_and_over_ends() -> None:
    """Thirty lists, each of which holds the one before ten times, are 10**30 values."""
    value: list[Any] = []
    for _ in range(30):
        value = [value] * 10
    read_pickle(io.BytesIO(pickled(value)), "model.pt")


def test_so_many_values_are_not_gone_through(tmp_path: Path) -> None:
    value: list[Any] = []
    for _ in range(30):
        value = [value] * 10
    with pytest.raises(SourceError, match=f"{limits.ARRAYS:,} are the most"):
        read_checkpoint(write_pytorch(tmp_path / "model.pt", pickled(value)))
    itself: list[Any] = []
    itself.append(itself)
    with pytest.raises(SourceError, match="nested more than"):
        read_checkpoint(write_pytorch(tmp_path / "model.pt", pickled(itself)))


def test_a_memory_of_any_size_takes_no_memory() -> None:
    assert read_pickle(io.BytesIO(b"\x80\x02}r\xff\xff\xff\x7f."), "model.pt") == {}


def called(name: str, arguments: bytes) -> bytes:
    """The pickle of what something in a module gives for arguments: `torch._utils._rebuild_tensor`."""
    module, _, function = name.rpartition(".")
    return b"c" + module.encode() + b"\n" + function.encode() + b"\n" + arguments + b"R"


def stored(storage: str) -> bytes:
    """The pickle of a reference to a storage of a class."""
    return b"(X\x07\x00\x00\x00storagectorch\n" + storage.encode() + b"\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ"


SIZE = b"K\x02K\x03\x86"
STRIDE = b"K\x03K\x01\x86"
PLAIN_TENSOR = called(
    "torch._utils._rebuild_tensor_v2", b"(" + stored("FloatStorage") + b"K\x00" + SIZE + STRIDE + b"\x89}t"
)
TYPED = b"(" + stored("UntypedStorage") + b"K\x00" + SIZE + STRIDE + b"\x89}"

TENSORS: dict[str, tuple[bytes, str]] = {
    "float32": (PLAIN_TENSOR, "float32"),
    "float8": (called("torch._utils._rebuild_tensor_v3", TYPED + b"ctorch\nfloat8_e4m3fn\nt"), "float8_e4m3fn"),
    "uint16": (called("torch._utils._rebuild_tensor_v3", TYPED + b"ctorch\nuint16\nt"), "uint16"),
    "complex": (PLAIN_TENSOR.replace(b"FloatStorage", b"ComplexFloatStorage"), "complex64"),
    "quantised": (
        called(
            "torch._utils._rebuild_qtensor",
            b"(" + stored("QInt8Storage") + b"K\x00" + SIZE + STRIDE + b"(ctorch\nper_tensor_affine\nK\x01K\x00t\x89}t",
        ),
        "qint8",
    ),
    "parameter": (called("torch._utils._rebuild_parameter", b"(" + PLAIN_TENSOR + b"\x88}t"), "float32"),
    "parameter with attributes": (
        called("torch._utils._rebuild_parameter_with_state", b"(" + PLAIN_TENSOR + b"\x88}}t"),
        "float32",
    ),
    "of a subclass": (
        called(
            "torch._tensor._rebuild_from_type_v2",
            b"(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n("
            + (stored("HalfStorage") + b"K\x00" + SIZE + STRIDE + b"\x89}t}t"),
        ),
        "float16",
    ),
    "without numbers": (
        called("torch._utils._rebuild_meta_tensor_no_storage", b"(ctorch\nbfloat16\n" + SIZE + STRIDE + b"\x89t"),
        "bfloat16",
    ),
    "sparse": (
        called("torch._utils._rebuild_sparse_tensor", b"N(" + PLAIN_TENSOR + PLAIN_TENSOR + SIZE + b"\x88t\x86"),
        "float32",
    ),
}


@pytest.mark.parametrize("kind", TENSORS)
def test_every_kind_of_tensor(kind: str) -> None:
    content, dtype = TENSORS[kind]
    assert read_pickle(io.BytesIO(b"\x80\x02" + content + b"."), "model.pt") == Tensor((2, 3), dtype)


SETTINGS: tuple[Any, ...] = (
    argparse.Namespace(rate=0.1, size=[224, 224]),
    types.SimpleNamespace(rate=0.1),
    defaultdict(dict, {"a": {"b": 1}}),
    Counter("aab"),
    PurePosixPath("/data/images"),
    datetime.datetime(2024, 2, 29),
    datetime.timedelta(hours=3),
    decimal.Decimal("0.1"),
    fractions.Fraction(1, 3),
    frozenset({1, 2}),
    complex(1, 2),
    range(3),
)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("value", SETTINGS, ids=lambda value: type(value).__name__)
def test_settings_beside_the_weights_are_no_obstacle(value: Any, protocol: int, tmp_path: Path) -> None:
    beside = pickle.dumps({"settings": value, "epoch": 3}, protocol=protocol)
    read_pickle(io.BytesIO(beside), "model.pt")
    # The same in a file, with a tensor in it; a pickle of protocol 2 takes what later ones have, too.
    text = pickle.dumps(value, protocol=2)[2:-1]
    content = b"\x80\x02}(X\x01\x00\x00\x00a" + text + b"X\x01\x00\x00\x00b" + PLAIN_TENSOR + b"u."
    assert read_checkpoint(write_pytorch(tmp_path / "model.pt", content)).arrays == (Array("b", (2, 3), "float32"),)


def test_settings_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    content = pickled({"best": numpy.float64(0.5), "state": numpy.arange(3), "type": numpy.dtype("float32")})
    found = read_pickle(io.BytesIO(content), "model.pt")
    assert all(isinstance(each, Setting) for each in found.values())
    assert len(found) == 3


def test_what_is_made_of_settings_runs_nothing() -> None:
    """A name within the module of a setting is none, nor is a call of what a setting has given."""
    for content, said in (
        (b"\x80\x02cargparse\nFileType\nX\x01\x00\x00\x00w\x85R.", "it needs argparse.FileType"),
        (b"\x80\x02cnumpy\nload\nX\x01\x00\x00\x00x\x85R.", "it needs numpy.load"),
        (b"\x80\x02cargparse\nNamespace\n)R)R.", "it calls something that is not a name"),
        (b"\x80\x02ctorch\nTensor\n)R.", "it needs torch.Tensor"),
        (
            b"\x80\x02"
            + called("torch._tensor._rebuild_from_type_v2", b"(cos\nsystem\nNX\x01\x00\x00\x00x\x85}t")
            + b".",
            "it needs os.system",
        ),
    ):
        with pytest.raises(SourceError, match=said):
            read_pickle(io.BytesIO(content), "model.pt")
