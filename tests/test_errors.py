"""The nearest choice, and the sentence it goes into."""

from __future__ import annotations

import pytest

from effnet_inspect.errors import (
    ClaimError,
    EffnetInspectError,
    GraphError,
    RenderError,
    SourceError,
    UnknownChoice,
    UsageError,
    nearest,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("blok", "block"), ("LAYER", "layer"), ("sub_block", "sub-block"), ("xyz", None), ("", None)],
)
def test_nearest(value: str, expected: str | None) -> None:
    assert nearest(value, ("block", "sub-block", "module", "layer")) == expected


def test_the_sentence_names_the_word_and_the_choices() -> None:
    assert str(UnknownChoice("level", "zzz", ("block", "layer"))) == "unknown level 'zzz'. Choose from: block, layer."


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EffnetInspectError, 1),
        (GraphError, 1),
        (SourceError, 1),
        (RenderError, 1),
        (UsageError, 2),
        (UnknownChoice, 2),
        (ClaimError, 3),
    ],
)
def test_exit_codes(error: type[EffnetInspectError], code: int) -> None:
    assert error.exit_code == code
