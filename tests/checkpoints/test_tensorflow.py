"""Checkpoints of TensorFlow: what is read of them, whoever wrote them."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import pytest

from effnet_inspect import limits
from effnet_inspect.checkpoints import Array, read_checkpoint
from effnet_inspect.checkpoints.tensorflow import MAGIC_NUMBER
from effnet_inspect.checkpoints.tensorflow import OBJECTS as OBJECTS_KEY
from effnet_inspect.errors import SourceError
from tests.checkpoints.files import DATA, entry, kept, varint, write_index

GRAPH = (
    Array("efficientnet-b0/stem/conv2d/kernel", (3, 3, 3, 4), "float32"),
    Array("efficientnet-b0/stem/conv2d/kernel/ExponentialMovingAverage", (3, 3, 3, 4), "float32"),
    Array("global_step", (), "int64"),
    Array("half", (2,), "bfloat16"),
)

OBJECTS = {
    "sequential/stem_conv/kernel": (3, 3, 3, 4),
    "sequential/stem_bn/gamma": (4,),
    "sequential/stem_bn/beta": (4,),
    "sequential/stem_bn/moving_mean": (4,),
    "sequential/stem_bn/moving_variance": (4,),
}


def kept_checkpoint(name: str, folder: Path) -> Path:
    """An index that TensorFlow wrote, its numbers beside it."""
    for path in DATA.glob(f"{name}.*.gz"):
        kept(path.name.removesuffix(".gz"), folder)
    return folder / f"{name}.index"


@pytest.mark.parametrize("named_by", [".index", ".data-00000-of-00001", ""])
def test_scopes_of_a_graph(named_by: str, tmp_path: Path) -> None:
    index = kept_checkpoint("tensorflow-2.21-graph", tmp_path)
    found = read_checkpoint(index.with_name(index.stem + named_by))
    assert (found.name, found.kind, found.arrays) == (index.name, "TensorFlow checkpoint", GRAPH)
    assert found.order is None
    assert found.size == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_objects_have_the_names_of_their_variables(tmp_path: Path) -> None:
    found = read_checkpoint(kept_checkpoint("tensorflow-2.21-objects", tmp_path))
    assert {each.name: each.shape for each in found.arrays} == OBJECTS
    assert found.order == "objects"


def test_without_the_numbers_objects_have_their_keys(tmp_path: Path) -> None:
    index = kept_checkpoint("tensorflow-2.21-objects", tmp_path)
    next(tmp_path.glob("*.data-*")).unlink()
    names = [each.name for each in read_checkpoint(index).arrays]
    assert len(names) == len(OBJECTS)
    assert all(name.startswith("model/") and "/.ATTRIBUTES/" in name for name in names)


def test_the_folder_of_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "saved" / "variables").mkdir(parents=True)
    index = kept_checkpoint("tensorflow-2.21-graph", tmp_path)
    (tmp_path / "saved" / "variables" / "variables.index").write_bytes(index.read_bytes())
    assert read_checkpoint(tmp_path / "saved").arrays == GRAPH


def test_many_blocks_and_keys_that_begin_alike(tmp_path: Path) -> None:
    blocks = [[(b"%d/%d" % (block, at), entry((block, at))) for at in range(20)] for block in range(30)]
    found = read_checkpoint(write_index(tmp_path / "model.index", [[(b"", b"")], *blocks]))
    assert found.arrays == tuple(
        Array(f"{block}/{at}", (block, at), "float32") for block in range(30) for at in range(20)
    )


NO_INDEX = "it is no index of a checkpoint of TensorFlow"
ONE = [[(b"a", entry((3,)))]]


def with_place(place: bytes) -> bytes:
    """A table that says that its index is at a place."""
    return bytes(20) + (varint(0) + varint(0) + place).ljust(40, b"\0") + MAGIC_NUMBER


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NO_INDEX),
    "text": (b"weights" * 20, NO_INDEX),
    "footer alone": (bytes(40) + MAGIC_NUMBER, NO_INDEX),
    "elsewhere": (with_place(varint(2**62) + varint(2**62)), NO_INDEX),
    "before its begin": (with_place(varint(0) + varint(2)), NO_INDEX),
    "numbers without an end": (with_place(b"\xff" * 20), NO_INDEX),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_index(name: str, tmp_path: Path) -> None:
    content, said = HOSTILE[name]
    (tmp_path / "model.index").write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read_checkpoint(tmp_path / "model.index")


VALUES: dict[str, tuple[bytes, str]] = {
    "shape": (entry([1] * 17), "17 axes of an array"),
    "size": (entry([2**40]), "positions along an axis"),
    "negative": (entry([2**64 - 1]), "positions along an axis"),
    "no message": (b"\xff\xff", NO_INDEX),
    "long field": (b"\x12\xff\xff\xff\x7f", NO_INDEX),
}


@pytest.mark.parametrize("name", VALUES)
def test_arrays_that_are_none(name: str, tmp_path: Path) -> None:
    value, said = VALUES[name]
    with pytest.raises(SourceError, match=said):
        read_checkpoint(write_index(tmp_path / "model.index", [[(b"a", value)]]))


def test_packed_blocks_are_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=NO_INDEX):
        read_checkpoint(write_index(tmp_path / "model.index", ONE, packed=1))


def test_one_block_over_and_over_is_not_read_over_and_over(tmp_path: Path) -> None:
    block = [(b"%d" % at, entry((3,))) for at in range(1000)]
    with pytest.raises(SourceError, match=NO_INDEX):
        read_checkpoint(write_index(tmp_path / "model.index", [block], times=1000))


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="characters in a name"):
        read_checkpoint(write_index(tmp_path / "model.index", [[(b"a" * (limits.NAME + 1), entry((3,)))]]))
    monkeypatch.setattr("effnet_inspect.limits.ARRAYS", 5)
    with pytest.raises(SourceError, match="arrays, and 5 are the most"):
        read_checkpoint(write_index(tmp_path / "model.index", [[(b"%d" % at, entry((3,))) for at in range(6)]]))
    monkeypatch.setattr("effnet_inspect.limits.HEADER_BYTES", 10)
    with pytest.raises(SourceError, match="larger than 0 MiB"):
        read_checkpoint(write_index(tmp_path / "model.index", ONE))


BOUNDED: dict[str, tuple[str, int, list[list[tuple[bytes, bytes]]], str]] = {
    "arrays": ("ARRAYS", 5, [[(b"%d" % at, entry((3,)))] for at in range(6)], "6 arrays, and 5 are the most"),
    "fields": ("FIELDS", 30, [[(b"%d" % at, entry((3,) * 3))] for at in range(4)], "index .* more than 30 parts"),
}
"""A bound, to what it is set, blocks of which each keeps within it and all together do not, and what is said."""


@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_hold_for_the_whole_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound, most, blocks, said = BOUNDED[name]
    path = write_index(tmp_path / "model.index", blocks[:2])
    monkeypatch.setattr(f"effnet_inspect.limits.{bound}", most)
    assert len(read_checkpoint(path).arrays) == 2
    path = write_index(tmp_path / "model.index", blocks)
    with pytest.raises(SourceError, match=said):
        read_checkpoint(path)


def table(block: bytes) -> bytes:
    """Of one block without its end."""
    block += bytes(4)
    place = varint(0) + varint(len(block))
    index = varint(0) + varint(1) + varint(len(place)) + b"0" + place + bytes(4)
    places = varint(0) + varint(0) + varint(len(block) + 5) + varint(len(index))
    return block + bytes(5) + index + bytes(5) + places.ljust(40, b"\0") + MAGIC_NUMBER


def test_what_names_have_in_common_counts_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = entry((3,))
    first = varint(0) + varint(400) + varint(len(value)) + b"a" * 400 + value
    others = (varint(397) + varint(3) + varint(len(value)) + b"%03d" % at + value for at in range(30))
    path = tmp_path / "model.index"
    path.write_bytes(table(first + b"".join(others)))
    assert len(read_checkpoint(path).arrays) == 31
    monkeypatch.setattr("effnet_inspect.limits.HEADER_BYTES", 2_000)
    with pytest.raises(SourceError, match="there are 2,400 characters in all names"):
        read_checkpoint(path)


LARGE = (2**31, 2**62, 2**63, 2**64 - 1)


def with_length(key: int, value: int) -> bytes:
    """A table of one entry, which says how long its key and its value are."""
    return table(varint(0) + varint(key) + varint(value) + b"a" + entry((3,)))


@pytest.mark.parametrize("value", [*LARGE, 2**64, 2**69])
def test_lengths_are_of_what_is_there(value: int, tmp_path: Path) -> None:
    path = tmp_path / "model.index"
    for content in (
        with_length(1, value),
        with_place(varint(value) + varint(8)),
        with_place(varint(8) + varint(value)),
    ):
        path.write_bytes(content)
        with pytest.raises(SourceError, match=NO_INDEX):
            read_checkpoint(path)
    path.write_bytes(with_length(1, len(entry((3,)))))
    assert read_checkpoint(path).arrays == (Array("a", (3,), "float32"),)


TEXT = b"\x08\x07"
"""What an index says of a text, up to where it is."""

TEXTS: dict[str, tuple[bytes, bytes, str]] = {
    "cut off": (b"\x20\x00\x28" + varint(101), bytes(100), "shorter than model.index says"),
    **{
        f"at {value:,}": (b"\x20" + varint(value) + b"\x28\x01", bytes(100), "shorter than model.index says")
        for value in LARGE
    },
    "longer than itself": (b"\x20\x00\x28\x14", varint(2**40) + bytes(100), "not where model.index says"),
    "without an end": (b"\x20\x00\x28\x14", b"\xff" * 100, "not where model.index says"),
    "no message": (b"\x20\x00\x28\x14", varint(4) + bytes(4) + b"\xff" * 91, "not where model.index says"),
}
"""Where the text on objects is, what is in the file with the numbers, and what is said of that."""


@pytest.mark.parametrize("name", TEXTS)
def test_a_damaged_file_with_numbers_is_named(name: str, tmp_path: Path) -> None:
    place, content, said = TEXTS[name]
    (tmp_path / "model.data-00000-of-00001").write_bytes(content)
    path = write_index(tmp_path / "model.index", [[(OBJECTS_KEY.encode(), TEXT + place), (b"a", entry((3,)))]])
    with pytest.raises(SourceError, match=rf"the file model\.data-00000-of-00001 is damaged: .*{said}"):
        read_checkpoint(path)


def test_every_end_that_is_cut_off_is_one_sentence(tmp_path: Path) -> None:
    whole = gzip.decompress((DATA / "tensorflow-2.21-graph.index.gz").read_bytes())
    for count in range(1, len(whole), 7):
        (tmp_path / "model.index").write_bytes(whole[:-count])
        with pytest.raises(SourceError):
            read_checkpoint(tmp_path / "model.index")


def test_every_byte_that_is_changed_is_read_or_one_sentence(tmp_path: Path) -> None:
    whole = gzip.decompress((DATA / "tensorflow-2.21-graph.index.gz").read_bytes())
    for at in range(len(whole)):
        for value in (0x00, 0x7F, 0xFF):
            (tmp_path / "model.index").write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            with suppress(SourceError):
                read_checkpoint(tmp_path / "model.index")
