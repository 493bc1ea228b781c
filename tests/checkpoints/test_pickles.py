"""Pickles in files of weights: nothing is called, whatever they name."""

from __future__ import annotations

import io
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect import limits
from effnet_inspect.checkpoints import read_checkpoint
from effnet_inspect.checkpoints.pickles import read_pickle
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
    if b"_codecs" in content:
        with pytest.raises(SourceError, match="it needs _codecs"):
            read_pickle(io.BytesIO(content), "model.pt")
    else:
        assert read_pickle(io.BytesIO(content), "model.pt") == value


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
