"""Cost: liveness on graphs that can be counted by hand, published figures, and what batch and type change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.analysis.cost import DTYPES, SLOTS, Conditions, cost_of
from effnet_inspect.choices import DtypeName, OptimizerName
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from tests.graphs import graph_of, network_of

MEBIBYTE = 2**20
IMAGE = Layer("image", "input", "InputLayer", output_shape=(4, 4, 1))
"""16 numbers, 64 bytes."""


def layer(name: str, *inputs: str, operation: str = "activation", shape: tuple[int, ...] = (4, 4, 1)) -> Layer:
    return Layer(name, operation, "X", inputs, shape)  # type: ignore[arg-type]


def cost(*layers: Layer, outputs: tuple[str, ...] = ()) -> tuple[int, str, int, int]:
    found = cost_of(Network(LayerGraph("made", (IMAGE, *layers), outputs)))
    return (found.peak, found.peak_layer, found.moved, found.kept)


@pytest.mark.parametrize(
    ("layers", "outputs", "expected"),
    [
        ((layer("a", "image"), layer("b", "a")), (), (128, "a", 256, 192)),
        ((layer("a", "image"), layer("b", "a"), layer("c", "b", "image", operation="add")), (), (192, "b", 448, 256)),
        ((layer("a", "image"), layer("b", "a"), layer("c", "b")), ("a", "c"), (192, "c", 384, 256)),
        ((layer("a", "image"), layer("b", "a", operation="dropout"), layer("c", "b")), (), (128, "a", 256, 256)),
        (
            (layer("a", "image"), layer("b", "a", operation="reshape", shape=(16,)), layer("c", "b", shape=(16,))),
            (),
            (128, "a", 256, 192),
        ),
    ],
    ids=["chain", "residual", "an output stays", "dropout makes nothing at inference", "reshaping makes nothing"],
)
def test_counted_by_hand(
    layers: tuple[Layer, ...], outputs: tuple[str, ...], expected: tuple[int, str, int, int]
) -> None:
    assert cost(*layers, outputs=outputs) == expected


@pytest.mark.parametrize(
    ("target", "moved", "intensity"),
    [
        ("b0", 230e6, 1.68),
        ("b3", 778e6, 2.35),
        ("lite0", 198e6, 1.94),
        ("v2-b0", 161e6, 4.46),
        ("ResNet50", 421e6, 9.16),
    ],
)
def test_bytes_moved(target: str, moved: float, intensity: float) -> None:
    found = cost_of(Network(graph_of(target)))
    assert found.moved == pytest.approx(moved, rel=5e-3)
    assert found.macs_per_byte == pytest.approx(intensity, abs=0.01)
    assert sum(found.by_kind.values()) == found.moved == sum(part.moved for part in found.parts)
    assert max(part.peak for part in found.parts) == found.peak


def test_two_thirds_of_b0_are_moved_without_a_convolution() -> None:
    found = cost_of(network_of("b0"))
    light = sum(
        found.by_kind[kind] for kind in ("normalisation", "activation", "squeeze-excite", "padding", "addition")
    )
    assert light / found.moved == pytest.approx(0.68, abs=0.005)


def test_all_outputs_of_b4() -> None:
    found = cost_of(network_of("b4"))
    assert found.kept / MEBIBYTE == pytest.approx(687, abs=0.5)
    assert found.kept == sum(part.kept for part in found.parts)


def frozen(kept: str) -> Network:
    """Four convolutions of 64 bytes each in a row, behind one another a reshape; those of the letter `f` are frozen."""
    layers, before = [IMAGE], "image"
    for number, letter in enumerate(kept):
        layers += [
            Layer(f"c{number}", "convolution", "X", (before,), (4, 4, 1), kernel=(1, 1), use_bias=False, filters=1,
                  parameters=1, trainable_parameters=int(letter == "t")),
            Layer(f"r{number}", "reshape", "X", (f"c{number}",), (4, 4, 1)),
        ]  # fmt: skip
        before = f"r{number}"
    return Network(LayerGraph("made", tuple(layers)))


@pytest.mark.parametrize(
    ("row", "tensors", "not_kept"),
    [
        ("tttt", 5, 0),
        ("ftff", 4, 1),  # the image is needed by nobody, what the first one gives by the second
        ("ffft", 2, 5),
        ("tfff", 5, 0),
        ("ffff", 0, 9),
    ],
)
def test_what_no_gradient_needs_is_not_kept(row: str, tensors: int, not_kept: int) -> None:
    found = cost_of(frozen(row), Conditions(memory=1e6))
    assert (found.kept, found.not_kept) == (tensors * 64, not_kept)
    assert sum(part.kept for part in found.parts) == found.kept
    trained = row.count("t")
    held = max(found.kept, found.peak)
    assert found.training == 4 * 4 + held + 4 * trained * 3
    assert found.largest_batch == (1e6 - 4 * 4 - 4 * trained * 3) // held


@given(st.integers(1, 64), st.sampled_from(list(DTYPES)), st.sampled_from(list(SLOTS)), st.floats(0, 1e11))
def test_what_conditions_change(batch: int, dtype: DtypeName, optimizer: OptimizerName, memory: float) -> None:
    one = cost_of(network_of("b0"))
    found = cost_of(network_of("b0"), Conditions(batch, dtype, optimizer, memory))
    kinds = DTYPES[dtype]
    assert found.peak == one.peak * batch * kinds.activation // 4
    assert found.kept == one.kept * batch * kinds.activation // 4
    assert found.weights == one.weights * kinds.weight // 4
    assert found.gradients == 5_288_548 * kinds.weight
    assert found.optimizer == found.gradients * SLOTS[optimizer]
    assert found.training == found.weights + found.kept + found.gradients + found.optimizer
    assert found.macs == one.macs * batch
    fixed, each = found.training - found.kept, found.kept // batch
    assert found.largest_batch is not None
    if found.largest_batch:
        assert fixed + found.largest_batch * each <= memory
    assert fixed + (found.largest_batch + 1) * each > memory


SIZES = "are of unknown size: peak, moved, kept and total are at least what is shown"
PARAMETERS = "cannot be determined: weights, moved, gradients, optimizer and total are at least what is shown"
RATIOS = "Shares are of the bytes that are known; MACs per byte are told where both are."


@pytest.mark.parametrize(
    ("attributes", "memory", "said"),
    [
        ({"parameters": 0}, None, [f"The outputs of odd {SIZES}.", "The MACs of odd cannot be determined"]),
        ({"parameters": 0}, 1e9, [f"The outputs of odd {SIZES}, and the largest batch at most."]),
        (
            {"parameters": None, "output_shape": (7, 7, 8), "operation": "dense", "filters": 8},
            1e9,
            [f"The parameters of odd {PARAMETERS}, and the largest batch at most."],
        ),
        (
            {"parameters": 8, "output_shape": (7, 7, 8)},
            None,
            ["The MACs of odd cannot be determined: MACs are at least what is shown."],
        ),
    ],
)
def test_every_lower_bound_is_said_to_be_one(attributes: dict[str, Any], memory: float | None, said: list[str]) -> None:
    graph = graph_of("b0")
    odd = Layer("odd", "opaque", "Odd", ("top_activation",))._replace(**attributes)
    network = Network(LayerGraph("odd", (*graph.layers, odd)))
    found = cost_of(network, Conditions(memory=memory))
    assert [each[: len(text)] for each, text in zip(found.lower_bounds, said, strict=False)] == said
    assert found.lower_bounds[-1] == RATIOS
    assert (found.is_exact, found.macs_per_byte) == (False, None)
    holding = [stage.title for stage in network.anatomy.stages if "odd" in {layer.name for layer in stage.layers}]
    assert [part.title for part in found.parts if part.macs_per_byte is None] == holding


def test_what_is_known_whole_needs_no_words() -> None:
    found = cost_of(network_of("b0"), Conditions(memory=1e9))
    assert (found.is_exact, found.lower_bounds) == (True, ())


def test_shared_weights_are_read_at_each_call() -> None:
    """A convolution of 10 parameters, 40 bytes, called twice on 16 numbers."""
    own = layer("own", "image", operation="convolution")._replace(parameters=10)
    again = own._replace(name="again", inputs=("own",), parameters=0, shares_weights_with="own")
    found = cost_of(Network(LayerGraph("made", (IMAGE, own, again))))
    assert (found.moved, found.weights) == (2 * (64 + 64 + 40), 40)


def test_kinds_are_those_of_all_backbones() -> None:
    one = cost_of(network_of("b0")).by_kind
    graph = graph_of("b0")
    second = tuple(
        each._replace(name=f"second/{each.name}", inputs=tuple(f"second/{name}" for name in each.inputs))
        for each in graph
    )
    both = cost_of(Network(LayerGraph("two", (*graph.layers, *second)))).by_kind
    assert both == {kind: 2 * moved for kind, moved in one.items()}
    assert one["squeeze-excite"]
    assert not one["attention"]
