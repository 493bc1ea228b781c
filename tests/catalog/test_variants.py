"""The published coefficients and the grammar of a target."""

from __future__ import annotations

import pytest

from effnet_inspect.catalog.targets import parse_target
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.errors import UsageError

COEFFICIENTS = {
    "b0": (1.0, 1.0, 224, 0.2),
    "b1": (1.0, 1.1, 240, 0.2),
    "b2": (1.1, 1.2, 260, 0.3),
    "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4),
    "b5": (1.6, 2.2, 456, 0.4),
    "b6": (1.8, 2.6, 528, 0.5),
    "b7": (2.0, 3.1, 600, 0.5),
}


@pytest.mark.parametrize("key", COEFFICIENTS)
def test_coefficients_are_the_published_ones(key: str) -> None:
    row = VARIANTS[key]
    assert (row.width, row.depth, row.resolution, row.dropout) == COEFFICIENTS[key]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b0", "b0"),
        ("B7", "b7"),
        (" b3 ", "b3"),
        ("efficientnet-b3", "b3"),
        ("EfficientNetB3", "b3"),
        ("efficientnet_b3", "b3"),
        ("EfficientNet B3", "b3"),
        ("b3@512", "b3@512"),
        ("B3@512x512", "b3@512"),
        ("b3@300", "b3"),
        ("b3@300x300", "b3"),
        ("b3@384x512", "b3@384x512"),
        ("b3@384×512", "b3@384x512"),
        ("b3@ 384X512 ", "b3@384x512"),
        ("b0@32", "b0@32"),
    ],
)
def test_spellings(text: str, expected: str) -> None:
    target = parse_target(text)
    assert target.text == expected
    assert parse_target(target.text) == target


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("b9", ("unknown variant 'b9'", "Choose from: b0, b1")),
        ("efficientnet-b", ("unknown variant",)),
        ("tf_efficientnet_b4_ns", ("did you mean 'b4'?",)),
        ("tf_efficientnetv2_s_in21ft1k", ("did you mean 'v2-s'?",)),
        ("timm_efficientnet_lite0.ra_in1k", ("did you mean 'lite0'?",)),
        ("efficientnet_es.ra_in1k", ("did you mean 'es'?",)),
        ("EfficientNetB33", ("did you mean 'b3'?",)),
        ("efficientnetv2_rw_t", ("unknown variant 'efficientnetv2_rw_t'. Choose",)),
        ("vit_base", ("unknown variant 'vit_base'. Choose",)),
        ("efficientnet", ("unknown variant 'efficientnet'. Choose",)),
        ("resnet51", ("unknown variant 'resnet51'", "did you mean 'ResNet50'?")),
        ("", ("unknown variant ''",)),
        ("@224", ("unknown variant ''",)),
        ("b0@31", ("the resolution 31 in 'b0@31' is out of range", "32 is the least")),
        ("b0@100000", ("out of range",)),
        ("b0@64x31", ("the resolution 31",)),
        ("b0@", ("'' in 'b0@' is not a resolution", "b0@512")),
        ("b0@-5", ("'-5' in 'b0@-5' is not a resolution",)),
        ("b0@1e3", ("not a resolution",)),
        ("b0@64x64x3", ("not a resolution",)),
        ("b0@" + "9" * 5000, ("not a resolution",)),
    ],
)
def test_what_means_nothing(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert all(word in str(caught.value) for word in words)
