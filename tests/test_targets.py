"""The grammar of a target: what a person may write for a variant or a scaling, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.blueprints import plan
from effnet_inspect.errors import UsageError
from effnet_inspect.variants import VARIANTS, VariantTarget, parse_target, scaled_variant

SPELLINGS = {
    "b0": "b0",
    "EfficientNetB8": "b8",
    "EfficientNet-L2": "l2",
    "efficientnet_l2": "l2",
    "v2-s": "v2-s",
    "v2s": "v2-s",
    "V2 S": "v2-s",
    "EfficientNetV2S": "v2-s",
    "efficientnetv2-s": "v2-s",
    "efficientnet_v2_m": "v2-m",
    "EfficientNetV2-XL": "v2-xl",
    "efficientnetv2-b0": "v2-b0",
    "v2b3": "v2-b3",
    "lite0": "lite0",
    "lite-4": "lite4",
    "efficientnet-lite0": "lite0",
    "EfficientNetLite2": "lite2",
    "v2-s@384": "v2-s",
    "lite4@512x256": "lite4@512x256",
    "w1.2-d1.4": "w1.2-d1.4",
    "W1.20-D1.40@300": "w1.2-d1.4@300",
    "w1-d1@224": "w1-d1",
    "w2-d3.1@600": "w2-d3.1@600",
    "w1e0-d.5": "w1-d0.5",
}

REFUSED = {
    "b9": "unknown variant 'b9'",
    "": "unknown variant ''",
    "v2-": "unknown variant 'v2-'",
    "w0-d1": "the width coefficient 0 is out of range",
    "w1-d0": "the depth coefficient 0 is out of range",
    "w-1-d1": "the width coefficient -1 is out of range",
    "w1-d-2": "the depth coefficient -2 is out of range",
    "wnan-d1": "the width coefficient nan is out of range",
    "w1-dinf": "the depth coefficient inf is out of range",
    "w1-d1e9": "the depth coefficient 1e+09 is out of range",
    "w1e999-d1": "the width coefficient inf is out of range",
    "w1.2.3-d1": "the width coefficient '1.2.3' is no number",
    "w1-d1@8": "the resolution 8 in 'w1-d1@8' is out of range",
}


@pytest.mark.parametrize(("written", "meant"), SPELLINGS.items())
def test_spellings(written: str, meant: str) -> None:
    assert parse_target(written).text == meant


@pytest.mark.parametrize(("written", "sentence"), REFUSED.items())
def test_refused(written: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_target(written)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("key", VARIANTS)
def test_the_text_of_a_target_names_it(key: str) -> None:
    target = parse_target(f"{VARIANTS[key].title}@{VARIANTS[key].resolution}")
    assert target.text == key
    assert parse_target(target.text) == target


@given(st.floats(0.01, 32), st.floats(0.01, 32), st.integers(32, 65_536))
def test_a_scaling_is_read_back(width: float, depth: float, side: int) -> None:
    variant = scaled_variant(width, depth)
    target = parse_target(f"{variant.key}@{side}")
    assert isinstance(target, VariantTarget)
    assert (target.variant, target.resolution) == (variant, (side, side))
    assert parse_target(target.text) == target


@given(st.floats(0.01, 32), st.floats(0.01, 32))
def test_a_plan_is_a_chain(width: float, depth: float) -> None:
    planned = plan(scaled_variant(width, depth))
    channels = planned.stem
    for each in planned.sub_blocks:
        assert each.filters_in == channels
        channels = each.filters
    assert [each.position for each in planned.sub_blocks if each.position == 0] == [0] * 7
    assert all(filters % 8 == 0 for filters in (planned.stem, channels, planned.head))


@given(st.text(max_size=20))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert parse_target(text).text
