"""Which variant a row of sub-blocks is nearest to, and how the two rows correspond."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.catalog.blueprints import SubBlockDesign, plan
from effnet_inspect.catalog.relatives import RELATIVES
from effnet_inspect.catalog.variants import VARIANTS, scaled_variant
from effnet_inspect.structure.nearest import Nearest, Traits, nearest_variants, relative_named

Row = list[SubBlockDesign]


def planned(key: str) -> Row:
    return list(plan(VARIANTS[key]).sub_blocks)


def nearest(row: Row, activation: str | None = None) -> tuple[Nearest, ...]:
    return nearest_variants(row, Traits(tuple(each.squeeze_excite is not None for each in row), activation))


@pytest.mark.parametrize("key", VARIANTS)
def test_a_plan_is_its_own(key: str) -> None:
    found = nearest(planned(key), plan(VARIANTS[key]).blueprint.activation_function)
    assert [each.variant.key for each in found] == [key]
    assert (found[0].similarity, found[0].is_exact, found[0].is_complete) == (1.0, True, True)
    assert found[0].next_planned is None


@pytest.mark.parametrize(
    ("length", "keys", "following"),
    [
        (16, ["b0"], None),
        (11, ["b0"], "6a"),
        (5, ["b0"], "4a"),
    ],
)
def test_a_beginning(length: int, keys: list[str], following: str | None) -> None:
    found = nearest(planned("b0")[:length], "silu")
    assert [each.variant.key for each in found] == keys
    assert (found[0].next_planned and found[0].next_planned.name) == following


def test_beginnings_that_several_share() -> None:
    assert [each.variant.key for each in nearest(planned("b1")[:5], "silu")] == ["b1", "b2"]


def test_too_little_is_no_beginning() -> None:
    assert not any(each.is_exact for each in nearest(planned("b0")[:3], "silu"))


@pytest.mark.parametrize(
    ("key", "has_attention", "activation", "expected"),
    [
        # The row decides before the activation does: one decision that leaves all weights as they are.
        ("b0", True, "relu6", "b0"),
        ("b0", False, "relu6", "lite0"),
        ("b0", False, "silu", "lite0"),
        ("b0", False, "gelu", "lite0"),
        ("b1", True, "relu6", "b1"),
        ("b1", False, "silu", "b1"),
        ("b4", False, "silu", "b4"),
        ("b4", False, "relu", "b4"),
        ("v2-s", False, "silu", "v2-s"),
        ("v2-s", False, "relu", "v2-s"),
        ("lite0", False, "silu", "lite0"),
        ("lite0", True, "silu", "b0"),
        ("lite1", False, "silu", "lite1"),
        ("lite4", False, "hard_silu", "lite4"),
    ],
)
def test_what_is_changed_least_is_nearest(key: str, has_attention: bool, activation: str, expected: str) -> None:
    row = [replace(each, squeeze_excite=8 if has_attention else None) for each in planned(key)]
    (found,) = nearest(row, activation)
    assert (found.variant.key, found.is_variant) == (expected, True)


def test_one_decision_chooses_the_nearest_and_makes_nothing_nearer() -> None:
    bare = [replace(each, squeeze_excite=None) for each in planned("b4")]
    (found,) = nearest(bare, "relu")
    assert found.variant.key == "b4"
    assert found.distance == pytest.approx(0.5 + 0.6)
    assert found.cost == pytest.approx(1.0 + 0.05 * len(bare))


WEIGHTS: tuple[tuple[dict[str, object], float], ...] = (
    ({"fused": True}, 0.4),
    ({"kernel": (7, 7)}, 0.3),
    ({"stride": (2, 2)}, 0.35),
    ({"squeeze_excite": None}, 0.05),
    ({"expansion": 4}, 0.05),
    ({"expansion": 2}, 0.05),
    ({"expansion": 1}, 0.1),
    ({"filters": 80}, 0.1 * math.log(2)),
    ({"filters": 20}, 0.1 * math.log(2)),
    ({"filters": 400}, 0.1),
    ({"filters": None}, 0),
    ({"kernel": (7, 7), "residual": False}, 0.4),
)
"""What somebody changes in the second sub-block of B0's third block, and how far away that takes the network."""


@pytest.mark.parametrize(("changed", "cost"), WEIGHTS)
def test_what_each_change_of_one_sub_block_weighs(changed: dict[str, object], cost: float) -> None:
    row = planned("b0")
    row[4] = replace(row[4], **changed)  # type: ignore[arg-type]
    (found,) = nearest(row, "silu")
    assert found.cost == pytest.approx(cost)
    assert found.likeness == pytest.approx(1 - cost / 16)


@given(
    key=st.sampled_from(["b0", "b2", "b4", "v2-s", "lite1"]),
    index=st.integers(1, 14),
    edit=st.sampled_from(["kernel", "squeeze_excite", "residual", "expansion", "filters"]),
)
def test_one_edit_shifts_nothing(key: str, index: int, edit: str) -> None:
    row = planned(key)
    values = {"kernel": (9, 9), "squeeze_excite": None, "residual": False, "expansion": 2.5, "filters": 999}
    row[index] = replace(row[index], **{edit: values[edit]})  # type: ignore[arg-type]
    (found,) = nearest(row, plan(VARIANTS[key]).blueprint.activation_function)
    assert (found.variant.key, found.is_variant) == (key, True)
    assert [(pair.own, pair.planned) for pair in found.pairs] == [(at, at) for at in range(len(row))]


@pytest.mark.parametrize("at", [2, 5, 9, 14])
def test_a_missing_or_an_extra_sub_block_shifts_only_itself(at: int) -> None:
    row = planned("b3")
    (shorter,) = nearest(row[:at] + row[at + 1 :], "silu")
    assert shorter.variant.key == "b3"
    assert [pair.own is None for pair in shorter.pairs].count(True) == 1
    (longer,) = nearest([*row[:at], row[at], *row[at:]], "silu")
    assert longer.variant.key == "b3"
    assert [pair.planned is None for pair in longer.pairs].count(True) == 1


def test_a_scaling_that_was_asked_for_comes_first() -> None:
    variant = scaled_variant(1.0, 1.0)
    row = list(plan(variant).sub_blocks)
    traits = Traits(tuple(True for _ in row), "silu")
    assert [each.variant.key for each in nearest_variants(row, traits, variant)] == [variant.key, "b0"]


def relative(name: str, width: float) -> Row:
    """The sub-blocks of another network, all channels times `width` and rounded to eights."""
    row: Row = []
    before = 32
    for number, each in enumerate(RELATIVES[name], start=1):
        for position in range(each.repeats):
            filters = max(8, int(each.filters * width + 4) // 8 * 8)
            stride = 1 if position else each.stride
            row.append(
                SubBlockDesign(
                    number, position, False, (each.kernel,) * 2, (stride,) * 2, each.expansion, filters,
                    8 if each.squeeze_excite else None, stride == 1 and before == filters, None,
                )
            )  # fmt: skip
            before = filters
    return row


@pytest.mark.parametrize("width", [0.5, 1.0, 1.4])
@pytest.mark.parametrize("name", RELATIVES)
def test_relatives_are_told_by_name_at_any_width(name: str, width: float) -> None:
    assert relative_named(relative(name, width)) == name


@pytest.mark.parametrize("name", RELATIVES)
@pytest.mark.parametrize("activation", ["relu", "relu6", "hard_silu"])
def test_a_relative_is_no_variant_even_when_it_is_changed(name: str, activation: str) -> None:
    row = relative(name, 1.0)
    row[4] = replace(row[4], kernel=(9, 9))
    assert relative_named(row) is None
    assert not any(each.is_variant for each in nearest(row, activation))


@pytest.mark.parametrize("key", VARIANTS)
def test_no_variant_is_a_relative(key: str) -> None:
    assert relative_named(planned(key)) is None
