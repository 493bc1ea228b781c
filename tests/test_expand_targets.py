from __future__ import annotations

import pytest

from effnet_inspect.errors import UsageError
from effnet_inspect.variants import expand_targets


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
        ("b0..v2-s", "no one family"),
        ("w1-d1..w2-d2", "no one family"),
    ],
)
def test_what_names_nothing(word: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        expand_targets([word])
