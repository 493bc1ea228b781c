"""Taps: the published layers in both styles, whatever the names, the size and what is around."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from effnet_inspect.analysis.taps import Level, Taps, find_taps
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.graphs import extractor, graph_of, network_of, rename, with_decoder, without_layers, without_stem

pytestmark = pytest.mark.one_python

FPN = ("block1a_project_bn", "block2b_add", "block3b_add", "block5c_add", "block7a_project_bn")
UNET = (*(f"block{name}_expand_activation" for name in ("2a", "3a", "4a", "6a")), "top_activation")


def taps_of(target: str) -> Taps:
    return find_taps(network_of(target))


def named(levels: tuple[Level, ...]) -> dict[str, tuple[str, str | None]]:
    return {level.name: (level.layer.name, level.expanded.name if level.expanded else None) for level in levels}


@pytest.mark.parametrize("target", ["b0", "b0@448", "lite0"])
def test_the_layers_of_b0(target: str) -> None:
    assert named(taps_of(target).levels) == dict(
        zip(("P1", "P2", "P3", "P4", "P5"), zip(FPN, UNET, strict=True), strict=True)
    )


@pytest.mark.parametrize(
    ("target", "sub_blocks", "blocks"),
    [
        ("b0", ("1a", "2b", "3b", "5c", "7a"), ((1,), (2,), (3,), (4, 5), (6, 7))),
        ("b7", ("1d", "2g", "3g", "5j", "7d"), ((1,), (2,), (3,), (4, 5), (6, 7))),
        ("v2-s", ("1b", "2d", "3d", "5i", "6o"), ((1,), (2,), (3,), (4, 5), (6,))),
        ("v2-l", ("1d", "2g", "3g", "5s", "7g"), ((1,), (2,), (3,), (4, 5), (6, 7))),
        ("lite0", ("1a", "2b", "3b", "5c", "7a"), ((1,), (2,), (3,), (4, 5), (6, 7))),
    ],
)
def test_a_level_ends_with_the_last_sub_block_of_its_stride(
    target: str, sub_blocks: tuple[str, ...], blocks: tuple[tuple[int, ...], ...]
) -> None:
    levels = taps_of(target).levels
    assert tuple(level.sub_block for level in levels) == sub_blocks
    assert tuple(level.blocks for level in levels) == blocks
    assert [level.stride for level in levels] == [2, 4, 8, 16, 32]


def test_shapes_at_another_size() -> None:
    levels = taps_of("b0@448").levels
    assert [level.layer.output_shape for level in levels[1:]] == [
        *((112, 112, 24), (56, 56, 40), (28, 28, 112)),
        (14, 14, 320),
    ]


def test_a_fused_reduction_has_nothing_expanded_before_it() -> None:
    assert [level.expanded is None for level in taps_of("v2-b0").levels] == [True, True, False, False, False]


def test_names_mean_nothing() -> None:
    graph = graph_of("b0")
    names = {layer.name: f"n{at}" for at, layer in enumerate(graph)}
    found = find_taps(Network(rename(graph, names)))
    back = {new: old for old, new in names.items()}
    assert [back[level.layer.name] for level in found.levels] == list(FPN)
    assert [back[level.expanded.name] for level in found.levels if level.expanded] == list(UNET)
    assert found.class_activation is not None
    assert back[found.class_activation.name] == "top_activation"


def test_a_u_net_has_its_taps() -> None:
    present = {tap.layer.name: tap for tap in find_taps(Network(with_decoder())).present}
    assert {name: (tap.level, tap.enlargement, tap.recommended) for name, tap in present.items()} == {
        "block3a_expand_activation": (2, 1.0, "unet"),
        "block4a_expand_activation": (3, 1.0, "unet"),
        "block6a_expand_activation": (4, 1.0, "unet"),
        "block7a_project_bn": (5, 2.0, "fpn"),
    }
    first = present["block6a_expand_activation"]
    assert ([user.name for user in first.users], first.joint and first.joint.name) == (["joined_0"], "joined_0")
    assert not first.is_output
    assert taps_of("b0").present == ()


def test_a_network_that_begins_behind_the_stem_counts_from_there() -> None:
    levels = find_taps(Network(without_stem())).levels
    assert [(level.name, level.stride) for level in levels] == [
        ("P0", 1),
        ("P1", 2),
        ("P2", 4),
        ("P3", 8),
        ("P4", 16),
    ]


def test_a_network_cut_behind_an_expansion_ends_there() -> None:
    last = find_taps(Network(without_layers_behind("block6a_expand_activation"))).levels[-1]
    assert (last.name, last.expanded and last.expanded.name) == ("P4", "block6a_expand_activation")


def without_layers_behind(name: str) -> LayerGraph:
    graph = graph_of("b0")
    return without_layers(graph, graph.descendants([name]))


@pytest.mark.parametrize(
    ("name", "last", "tapped"),
    [
        ("nested-twice", "features/efficientnetb0/block7a_project_bn", 0),
        ("preprocessed", "efficientnetb0/block7a_project_bn", 0),
        ("unet", "block7a_project_bn", 5),
        ("fpn", "block6h_add", 3),
        ("resnet50", "conv5_block3_out", 0),
    ],
)
def test_models_of_users(name: str, last: str, tapped: int, models: Path) -> None:
    found = find_taps(load(str(models / f"{name}.json")))
    assert [level.name for level in found.levels] == ["P1", "P2", "P3", "P4", "P5"]
    assert found.levels[-1].layer.name == last
    assert len(found.present) == tapped
    assert all(tap.recommended for tap in found.present)


def test_what_has_no_map_has_no_levels(models: Path) -> None:
    assert find_taps(load(str(models / "perceptron.json"))) == Taps((), None, ())


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("block4b_dwconv", "block4b_dwconv"),
        ("block6a_dwconv", "block6a_dwconv"),
        ("block6a_expand_activation", "block6a_expand_activation"),
        ("block5c_add", "block5c_add"),
        ("top_activation", "top_activation"),
    ],
)
def test_wherever_a_network_is_cut_its_last_map_shows_what_a_class_is_told_by(last: str, expected: str) -> None:
    found = find_taps(Network(extractor(last))).class_activation
    assert found is not None
    assert found.name == expected


def with_branches(deep: int) -> LayerGraph:
    """A pyramid of pooled branches on the last map, of which one is `deep` layers long, joined, enlarged, and met."""
    graph = graph_of("b0")
    last = "block7a_project_bn"
    layers = [Layer("side", "activation", "ReLU", (last,), (7, 7, 320))]
    for number in range(deep):
        layers.append(Layer(f"deep{number}", "activation", "ReLU", (layers[-1].name if number else last,), (7, 7, 320)))
    layers += [
        Layer("own", "concatenate", "Concatenate", ("side", layers[-1].name), (7, 7, 640)),
        Layer("larger", "upsampling", "UpSampling2D", ("own",), (14, 14, 640), stride=(2, 2)),
        Layer("met", "concatenate", "Concatenate", ("larger", "block5c_add"), (14, 14, 752)),
    ]
    return replace(graph, layers=(*graph.layers, *layers), outputs=("predictions", "met"))


@pytest.mark.parametrize("deep", [1, 2, 5])
def test_branches_of_one_tap_are_no_other_features(deep: int) -> None:
    joined = {tap.layer.name: tap for tap in find_taps(Network(with_branches(deep))).present}
    last = joined["block7a_project_bn"]
    assert (last.joint and last.joint.name, last.enlargement) == ("met", 2)
