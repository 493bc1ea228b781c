"""Finding layers: every kind of word, and where hits are."""

from __future__ import annotations

import pytest

from effnet_inspect.analysis.finding import find, why_nothing
from effnet_inspect.errors import UsageError
from tests.graphs import network_of


def names(pattern: str, target: str = "b0") -> list[str]:
    return [hit.layer.name for hit in find(network_of(target), pattern)]


@pytest.mark.parametrize(
    ("pattern", "count", "first"),
    [
        ("*", 240, "input_layer"),
        ("*_dwconv", 16, "block1a_dwconv"),
        ("block4?_add", 2, "block4b_add"),
        ("op:depthwise", 16, "block1a_dwconv"),
        ("op:DepthwiseConv2D", 16, "block1a_dwconv"),
        ("op:batch_norm", 49, "stem_bn"),
        ("shape:7x7", 51, "block6a_dwconv"),
        ("shape:7x7x1280", 3, "top_conv"),
        ("shape:*x*x1280", 3, "top_conv"),
        ("shape:1000", 1, "predictions"),
        ("params:>400k", 2, "top_conv"),
        ("params:>=409600 params:<1M", 1, "top_conv"),
        ("params:409600", 1, "top_conv"),
        ("macs:>15M", 3, "block2a_expand_conv"),
        ("activations:=1000", 1, "predictions"),
        ("op:depthwise shape:14x14", 6, "block4a_dwconv"),
        ("nothing", 0, None),
    ],
)
def test_patterns(pattern: str, count: int, first: str | None) -> None:
    found = names(pattern)
    assert (len(found), found[0] if found else None) == (count, first)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("op:depthwize", "No layer is of a kind 'depthwize', did you mean 'op:DepthwiseConv2D'?"),
        ("op:Gelu!", "No layer is of a kind 'Gelu!'."),
        ("dwconv", "No layer is called 'dwconv'; '*dwconv*' finds it as a part of a name."),
        ("zzz op:add", "No layer is called 'zzz'."),
        ("shape:14 params:>1G", "No layer meets 'shape:14'. No layer meets 'params:>1G'."),
        ("op:add shape:7x7x1280", "No layer meets all of these at once."),
    ],
)
def test_why_nothing_is_found(pattern: str, says: str) -> None:
    assert names(pattern) == []
    assert why_nothing(network_of("b0"), pattern) == says


def test_where_a_hit_is() -> None:
    (hit,) = find(network_of("b0"), "block4b_dwconv")
    assert hit.place == ("Block 4", "4b", "Module 1")
    assert (hit.before, hit.after) == (("block4b_expand_activation",), ("block4b_bn",))
    assert find(network_of("b0"), "stem_conv")[0].place == ("Stem",)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "there is nothing to find"),
        ("size:7", "'size:7' means nothing here"),
        ("shape:x", "'shape:x' is no shape"),
        ("shape:²x14", "'shape:²x14' is no shape"),
        ("shape:14x٣", "'shape:14x٣' is no shape"),
        ("shape:14x" + "9" * 5000, "is no shape"),
        ("params:", "'params:' has no bound"),
        ("params:>x", "'x' is not a valid amount"),
    ],
)
def test_what_means_nothing(pattern: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        find(network_of("b0"), pattern)
