"""The grammar of a target: what a person may write for a variant or a scaling, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.catalog.blueprints import plan
from effnet_inspect.catalog.targets import FileTarget, VariantTarget, expand_targets, parse_target
from effnet_inspect.catalog.variants import VARIANTS, scaled_variant
from effnet_inspect.errors import UsageError

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
    "es": "es",
    "EfficientNet-EdgeTPU-S": "es",
    "efficientnet_el": "el",
    "edgetpu-m@300": "em@300",
    "ResNet50": "ResNet50",
    "mobilenetv3large@320": "MobileNetV3Large@320",
    "Xception@299x310": "Xception@299x310",
    "v2-s@384": "v2-s",
    "lite4@512x256": "lite4@512x256",
    "EfficientNetB0+imagenet": "b0+imagenet",
    "v2-s+imagenet@384x384": "v2-s+imagenet",
    "w1.2-d1.4": "w1.2-d1.4",
    "W1.20-D1.40@300": "w1.2-d1.4@300",
    "w1-d1@224": "w1-d1",
    "w2-d3.1@600": "w2-d3.1@600",
    "w1e0-d.5": "w1-d0.5",
}

REFUSED = {
    "b9": "unknown variant 'b9'",
    "": "unknown variant ''",
    "b8+imagenet": "'b8+imagenet' names no network: +imagenet goes behind a variant of which Keras has weights",
    "b0+weights": "'b0+weights' names no network",
    "v2-s+imagenet@128": "v2-s+imagenet is of 384 pixels only",
    "b3+imagenet@300x301": "for no other size; b3@300x301 is the variant itself at that size",
    "b0+imagenet@8": "the resolution 8 in 'b0+imagenet@8' is out of range",
    "v2-": "unknown variant 'v2-'",
    "ResNet5": "unknown variant 'ResNet5', did you mean 'ResNet50'? Choose from: b0, b1,",
    "ResNet50@8": "the resolution 8 in 'ResNet50@8' is out of range",
    "w0-d1": "the width coefficient 0 is out of range",
    "w1-d0": "the depth coefficient 0 is out of range",
    "w-1-d1": "the width coefficient -1 is out of range",
    "w1-d-2": "the depth coefficient -2 is out of range",
    "wnan-d1": "the width coefficient nan is out of range",
    "w1-dinf": "the depth coefficient inf is out of range",
    "w1-d1e9": "the depth coefficient 1e+09 is out of range",
    "w1e999-d1": "the width coefficient inf is out of range",
    "w1.2.3-d1": "the width coefficient '1.2.3' is not a number",
    "mine.onnx@8": "the resolution 8 in 'mine.onnx@8' is out of range",
    "mine.onnx@big": "'big' in 'mine.onnx@big' is not a resolution; write mine.onnx@512 or @384x512, in pixels",
    "at@home/mine.onnx@": "write at@home/mine.onnx@512 or",
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


@pytest.mark.parametrize(
    ("text", "title", "short"),
    [
        ("b3", "EfficientNet-B3", "B3"),
        ("l2", "EfficientNet-L2", "L2"),
        ("v2-s@512", "EfficientNetV2-S", "V2-S@512"),
        ("lite4@64x96", "EfficientNet-Lite4", "Lite4@64x96"),
        ("b0+imagenet", "EfficientNet-B0 as for weights of ImageNet", "B0+imagenet"),
        ("w1.2-d1.4", "EfficientNet of width 1.2 and depth 1.4", "w1.2-d1.4"),
        ("w1.2-d1.4@300", "EfficientNet of width 1.2 and depth 1.4", "w1.2-d1.4@300"),
        ("there/mine.keras", "mine.keras", "mine.keras"),
        ("saved/", "saved", "saved"),
        ("there/mine.onnx@512", "mine.onnx", "mine.onnx@512"),
        ("saved/@384x512", "saved", "saved@384x512"),
        ("mine.models:b0", "mine.models:b0", "mine.models:b0"),
    ],
)
def test_titles(text: str, title: str, short: str) -> None:
    target = parse_target(text)
    assert (target.title, target.short_title) == (title, short)


SIZED = {
    "mine.onnx@512": FileTarget("mine.onnx", (512, 512)),
    "there/mine.keras@384x512": FileTarget("there/mine.keras", (384, 512)),
    "./b0@224": FileTarget("./b0", (224, 224)),
    "b0@224.onnx": FileTarget("b0@224.onnx"),
    "b0@224.onnx@96": FileTarget("b0@224.onnx", (96, 96)),
    "me@home/mine.onnx": FileTarget("me@home/mine.onnx"),
    "there/me@home": FileTarget("there/me@home"),
}


@pytest.mark.parametrize(("text", "expected"), SIZED.items())
def test_a_file_may_be_read_at_a_size(text: str, expected: FileTarget) -> None:
    target = parse_target(text)
    assert (target, target.text) == (expected, text)


def test_a_path_that_is_there_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.onnx@512").touch()
    Path("folder").mkdir()
    assert parse_target("mine.onnx@512") == FileTarget("mine.onnx@512")
    assert parse_target(f"{tmp_path}/mine.onnx@512") == FileTarget(f"{tmp_path}/mine.onnx@512")
    assert parse_target("mine.onnx@512@224") == FileTarget("mine.onnx@512", (224, 224))
    assert parse_target("folder@224") == FileTarget("folder", (224, 224))


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
    channels: int | None = planned.stem
    for each in planned.sub_blocks:
        assert each.residual is (each.stride == (1, 1) and each.filters == channels)
        channels = each.filters
    widths = [planned.stem, *(each.filters or 0 for each in planned.sub_blocks), planned.head]
    assert [width % 8 for width in widths] == [0] * len(widths)
    assert len({each.block for each in planned.sub_blocks}) == 7


@given(st.text(max_size=20))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert parse_target(text).text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["b1"], "b1"),
        (["b1..b7"], "b1 b2 b3 b4 b5 b6 b7"),
        (["all"], "b0 b1 b2 b3 b4 b5 b6 b7"),
        (["ALL@512"], "b0@512 b1@512 b2@512 b3@512 b4@512 b5@512 b6@512 b7@512"),
        (["B1..EfficientNetB3", "b0"], "b1 b2 b3 b0"),
        (["b3..b1"], "b3 b2 b1"),
        (["b2..b2"], "b2"),
        (["v2-s..v2-l", "lite0..lite1"], "v2-s v2-m v2-l lite0 lite1"),
        (["b0..b2@64x96"], "b0@64x96 b1@64x96 b2@64x96"),
        (["b3", "b3@512", "b3"], "b3 b3@512 b3"),
        ([], ""),
    ],
)
def test_words_become_targets(words: list[str], expected: str) -> None:
    assert " ".join(target.text for target in expand_targets(words)) == expected


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("b1..b9", "'b9'"),
        ("x9..b1", "'x9'"),
        ("b1..", "'b1..'"),
        ("b0..b3@9", "out of range"),
        ("b0..v2-s", "different families"),
        ("w1-d1..w2-d2", "different families"),
    ],
)
def test_what_names_nothing(word: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        expand_targets([word])
