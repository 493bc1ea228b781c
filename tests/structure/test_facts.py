"""Facts in words."""

from __future__ import annotations

import pytest

from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.facts import format_fact, name_of
from tests.graphs import anatomy_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "with"),
        (False, "without"),
        ((), "nothing"),
        ((3, 5), "3×5"),
        (((0, 1), (2, 3)), "0+1 and 2+3"),
        ((0.25, 1 / 255), "0.25 and 0.00392157"),
        (("4a", "6b"), "4a and 6b"),
        (0.001, "0.001"),
        (20.0, "20"),
        (0.0, "0"),
        (1e-6, "0.000001"),
        (2.5e-7, "2.5e-07"),
        (1280, "1,280"),
        ("silu", "swish"),
        ("relu", "relu"),
    ],
)
def test_a_value_in_words(value: object, text: str) -> None:
    assert format_fact(value) == text


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("b0", ["stem", *(f"block {number}" for number in range(1, 8)), "head", "classifier"]),
        ("ResNet50", [*(f"stage {number}" for number in range(1, 7)), "classifier"]),
    ],
)
def test_what_stages_are_called_as_places(target: str, names: list[str]) -> None:
    stages = anatomy_of(target).stages
    assert [name_of(stage) for stage in stages] == names
    numbered = [stage for stage in stages if isinstance(stage, Section) and stage.is_numbered]
    assert [name_of(stage) for stage in numbered] == [name for name in names if not name.startswith(("block", "class"))]
