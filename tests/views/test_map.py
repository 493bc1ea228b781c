"""Names side by side, and the program that converts weights by them."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.choices import CodeBase
from effnet_inspect.conventions import CONVENTIONS, named
from effnet_inspect.conventions.convention import Axes
from effnet_inspect.conventions.correspondence import correspondences
from effnet_inspect.errors import UsageError
from effnet_inspect.views.map import converter, name_map
from tests.conventions.listings import listed
from tests.graphs import network_of

PAIRS: tuple[tuple[str, CodeBase, CodeBase, str, str, Axes | None], ...] = (
    ("b0", "keras", "timm", "block2a_dwconv/kernel", "blocks.1.0.conv_dw.weight", (2, 3, 0, 1)),
    ("b0", "timm", "keras", "blocks.1.0.conv_dw.weight", "block2a_dwconv/kernel", (2, 3, 0, 1)),
    ("b0", "timm", "keras", "classifier.weight", "predictions/kernel", (1, 0)),
    ("b1", "timm", "torchvision", "blocks.0.1.conv_pw.weight", "features.1.1.block.2.0.weight", None),
    ("b0", "torchvision", "keras", "features.8.0.weight", "top_conv/kernel", (2, 3, 1, 0)),
    ("b0", "keras", "efficientnet-pytorch", "block3a_se_reduce/kernel", "_blocks.3._se_reduce.weight", (3, 2, 0, 1)),
    ("b0", "keras", "transformers", "stem_bn/gamma", "efficientnet.embeddings.batchnorm.weight", None),
    ("b0", "qubvel", "keras", "probs/bias", "predictions/bias", None),
    ("v2-s", "keras", "torchvision", "block1a_project_conv/kernel", "features.1.0.block.0.0.weight", (3, 2, 0, 1)),
    ("v2-s", "keras", "timm", "block4a_dwconv2/kernel", "blocks.3.0.conv_dw.weight", (2, 3, 0, 1)),
)


@pytest.mark.parametrize(("target", "first", "second", "here", "there", "moved"), PAIRS)
def test_a_pair(target: str, first: CodeBase, second: CodeBase, here: str, there: str, moved: Axes | None) -> None:
    network = network_of(target)
    pairs = {
        each.first.name: each
        for each in correspondences(network, CONVENTIONS[first], CONVENTIONS[second])
        if each.first
    }
    found = pairs[here]
    assert found.first is not None
    assert found.second is not None
    assert (found.second.name, found.transpose) == (there, moved)
    before = found.first.shape or ()
    assert found.second.shape == (tuple(before[axis] for axis in moved) if moved else before)


def numpy_arrays(shapes: dict[str, Any]) -> dict[str, Any]:
    numpy = pytest.importorskip("numpy")
    made = numpy.random.default_rng(16)
    return {name: made.random(shape, dtype=numpy.float32) for name, shape in shapes.items()}


def program(target: str, first: CodeBase, second: CodeBase) -> dict[str, Any]:
    """The names that a converter defines."""
    text = converter(network_of(target), CONVENTIONS[first], CONVENTIONS[second])
    defined: dict[str, Any] = {}
    exec(compile(text, "convert.py", "exec"), defined)
    return defined


@pytest.mark.parametrize("second", ["timm", "torchvision", "efficientnet-pytorch", "transformers"])
def test_random_weights_there_and_back_are_the_same_bytes(second: CodeBase) -> None:
    numpy = pytest.importorskip("numpy")
    defined = program("b1", "keras", second)
    own = numpy_arrays(named(network_of("b1"), CONVENTIONS["keras"]).shapes)
    there = defined["convert"](own)
    counters = {name for name in listed(f"{second}-b1") if name.endswith("num_batches_tracked")}
    saved = {name: shape for name, shape in listed(f"{second}-b1").items() if name not in counters}
    assert {name: value.shape for name, value in there.items()} == saved
    assert all(value.flags["C_CONTIGUOUS"] for value in there.values())
    back = defined["convert_back"](there)
    assert own.keys() - back.keys() == {f"normalization/{name}" for name in ("mean", "variance", "count")}
    assert all(back[name].tobytes() == own[name].tobytes() for name in back)
    kernel = own["block2a_dwconv/kernel"]
    moved = there[{here: name for here, name, _ in defined["ARRAYS"]}["block2a_dwconv/kernel"]]
    assert all(
        moved[channel, 0, row, column] == kernel[row, column, channel, 0]
        for channel, row, column in ((0, 0, 0), (5, 1, 2), (95, 2, 1))
    )
    assert numpy.array_equal(moved[:, 0], kernel[:, :, :, 0].transpose(2, 0, 1))


def test_a_convolution_is_computed_alike_in_both() -> None:
    """One output of a pointwise convolution by hand, from Keras' kernel and from the converted one."""
    own = numpy_arrays(named(network_of("b0"), CONVENTIONS["keras"]).shapes)
    there = program("b0", "keras", "timm")["convert"](own)
    pixels = numpy_arrays({"pixel": (320,)})["pixel"]
    in_keras = pixels @ own["top_conv/kernel"][0, 0]
    in_timm = there["conv_head.weight"][:, :, 0, 0] @ pixels
    assert abs(in_keras - in_timm).max() < 1e-3


@pytest.mark.parametrize(
    ("find", "count"),
    [("4c", 19), ("stem", 5), ("block4c_", 19), ("blocks.3.2.", 19), ("running_mean", 49), ("none", 0)],
)
def test_find(find: str, count: int) -> None:
    found = name_map(network_of("b0"), CONVENTIONS["keras"], CONVENTIONS["timm"], find)
    assert len(found.data["variables"]) == count
    said = f"{count} arrays of that are shown." if count else f"No array has {find!r} in a name, or is in a sub-block"
    assert said in found.lead


def test_a_code_base_is_not_mapped_to_itself() -> None:
    with pytest.raises(UsageError, match="timm is on both sides: name another code base, to map from or to"):
        name_map(network_of("b0"), CONVENTIONS["timm"], CONVENTIONS["timm"])


def test_what_only_one_has_is_said() -> None:
    found = name_map(network_of("b0"), CONVENTIONS["keras"], CONVENTIONS["timm"])
    assert found.lead == "311 of 314 arrays are in both; the axes of 82 are in another order."
    assert found.notes[0] == "timm has no normalization/mean, normalization/variance, normalization/count."
    assert found.data["variables"][0] == {
        "from": {"name": "normalization/mean", "shape": [3]},
        "to": None,
        "transpose": None,
        "role": "normalization of pixels",
        "sub_block": None,
    }
    assert any("num_batches_tracked" in note for note in found.notes)


def test_a_title_cannot_end_the_text_that_it_is_in() -> None:
    network = network_of("b0")
    name = '"""\nraise SystemExit\n"""'
    hostile = type(network)(type(network.graph)(name, network.graph.layers))
    defined: dict[str, Any] = {}
    exec(compile(converter(hostile, CONVENTIONS["keras"], CONVENTIONS["timm"]), "convert.py", "exec"), defined)
    assert len(defined["ARRAYS"]) == 311


@pytest.mark.parametrize(
    ("first", "second", "who"),
    [
        ("keras", "timm", ["timm"]),
        ("timm", "keras", ["timm"]),
        ("timm", "torchvision", ["timm", "torchvision"]),
        ("keras", "qubvel", []),
    ],
)
def test_whoever_counts_batches_is_named(first: CodeBase, second: CodeBase, who: list[CodeBase]) -> None:
    notes = name_map(network_of("b0"), CONVENTIONS[first], CONVENTIONS[second]).notes
    counting = [note.partition(" has a ")[0] for note in notes if "counts batches" in note]
    assert counting == [CONVENTIONS[each].title for each in who]
