"""What the tables of stages settle is what the published networks have."""

from __future__ import annotations

import pytest

from effnet_inspect.catalog.blueprints import plan
from effnet_inspect.structure.facts import Facts, Key
from effnet_inspect.structure.planned import planned_facts
from effnet_inspect.structure.roles import ItemKind
from tests.graphs import network_of, variant_target

SETTLED: dict[ItemKind, tuple[str, ...]] = {
    "operator": ("operator", "expansion"),
    "convolution": (*("kernel", "stride", "dilation", "bias", "filters", "weights", "shared", "groups", "padding"),),
    "normalization": ("normalization", "scale", "offset"),
    "activation": ("activation",),
    "attention": (
        *(
            "attention",
            "joins",
            "pooling",
            "width",
            "inner_activation",
            "gate",
            "bias",
            "gate_bias",
            "extra",
            "groups",
            "shared",
        ),
    ),
    "dropout": ("rate",),
    "joint": ("joint", "summands"),
    "pooling": ("pooling",),
}
"""What is settled of each kind of item."""

LEFT_OPEN = (Key("classifier", "dropout"), Key("classifier", "dense"), Key("stem", "preprocessing"))
"""Items that the tables say nothing of."""


def settled(items: dict[Key, Facts]) -> dict[Key, Facts]:
    """What the tables settle of what a network has."""
    return {
        key: {name: facts[name] for name in SETTLED[key.kind] if name in facts}
        for key, facts in items.items()
        if key._replace(number=0) not in LEFT_OPEN
    }


@pytest.mark.parametrize("target", ["b0", "b3", "v2-b0", "v2-s", "lite0", "es"])
def test_a_plan_settles_what_the_published_network_has(target: str) -> None:
    planned, found = planned_facts(plan(variant_target(target).variant)), network_of(target).facts
    assert planned.image == {"channels": found.image["channels"]}
    assert [[place.place for place in block] for block in planned.blocks] == [
        [place.place for place in block] for block in found.blocks
    ]
    for own, there in zip(planned.blocks, found.blocks, strict=True):
        for one, other in zip(own, there, strict=True):
            assert one.items == settled(other.items), one.place
    assert list(planned.sections) == ["stem", "head", "classifier"]
    for name, section in planned.sections.items():
        assert section.place == found.sections[name].place
        assert {key: facts for key, facts in section.items.items() if facts} == settled(found.sections[name].items)
