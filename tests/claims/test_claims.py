"""Every verdict as it is recorded, and every check turned round by a graph made to turn it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from inspect import isfunction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import FAMILY, SOURCES, V2_DROPOUT
from effnet_inspect.choices import SOURCE_NAMES
from effnet_inspect.claims import CLAIMS, article, check_all, choose, keras_docs, targets_of
from effnet_inspect.claims import claim as claim_module
from effnet_inspect.claims.claim import Checked, Claim, Finding, Verdict, check
from effnet_inspect.errors import UnknownChoice
from effnet_inspect.graph import LayerGraph, Shape
from effnet_inspect.structure.network import Network
from tests.claims.edits import Edit, NothingToEdit, before, beside, changed, in_turn, instead, without
from tests.graphs import graph_of, network_of

HOLDS, IF, NOT = Verdict.HOLDS, Verdict.HOLDS_IF, Verdict.DOES_NOT_HOLD


def finding_of(claim: Claim, edits: Mapping[str, Edit] | None = None) -> Finding:
    """What checking the claim finds, with the graphs of some targets (`*` for the others) edited."""
    edits = edits or {}
    models = {}
    for target in claim.targets:
        edit = edits.get(target, edits.get("*"))
        models[target] = Network(edit(graph_of(target)) if edit else graph_of(target))
    return check(claim, models).finding


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_the_verdict_is_the_recorded_one(claim: Claim) -> None:
    finding = finding_of(claim)
    assert finding.verdict is claim.recorded, finding.found
    assert bool(finding.condition) == (finding.verdict in (IF, Verdict.CANNOT_BE_CHECKED))


def checked_all() -> list[Checked]:
    return check_all(choose(), [network_of(target) for target in targets_of(choose())])


def test_what_disagrees_is_as_recorded() -> None:
    """`EFFNET_INSPECT_GOLDENS=write pytest tests/claims` records it anew."""
    now = {one.claim.statement.id: one.disagreeing for one in checked_all() if one.disagreeing}
    path = Path(claim_module.__file__).with_name("recorded.json")
    if os.environ.get("EFFNET_INSPECT_GOLDENS") == "write":
        path.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == now


def test_drift_is_noticed_where_the_verdict_stays() -> None:
    drifted = {"b4": changed("block7b_project_conv", filters=64), "b1": changed("predictions", parameters=more(10**6))}
    claim = CLAIMS["parameters"]
    models = {target: network_of(target) for target in FAMILY}
    one = check(claim, models | {target: Network(edit(graph_of(target))) for target, edit in drifted.items()})
    assert one.finding.verdict is claim.recorded
    assert not one.as_recorded
    assert one.drift == "What disagrees in parameters is not as recorded: All parameters: B1."


class Turned(NamedTuple):
    """Edits of the graphs, by target, and the verdict to which they turn a claim."""

    claim: str
    edits: dict[str, Edit]
    verdict: Verdict


def channels(before: int, after: int) -> Any:
    """Change the last axis of a shape."""

    def change(shape: Shape | None) -> Shape | None:
        return (*shape[:-1], after) if shape and shape[-1] == before else shape

    return change


def more(amount: float) -> Any:
    """Add to a number."""
    return lambda value: value + amount


TURNED = (
    Turned("layers", {"b0": without("normalization")}, NOT),
    Turned("layers", {"*": without("avg_pool|top_dropout|predictions")}, HOLDS),
    Turned("common-ends", {"b3": without("normalization")}, NOT),
    Turned("common-ends", {"b6": without("top_bn")}, NOT),
    Turned("common-ends", {"b2": changed("stem_conv", kernel=(5, 5))}, NOT),
    Turned("common-ends", {"b4": changed("stem_activation", activation="relu")}, NOT),
    Turned("common-ends", {"b5": changed("top_conv", use_bias=True)}, NOT),
    Turned("common-ends", {"b7": changed("stem_conv", stride=(2, 1))}, NOT),
    Turned("common-ends", {"*": instead("b0")}, HOLDS),
    Turned("seven-blocks", {"b0": without("block7.*")}, NOT),
    Turned("modules", {"b0": beside("identity", "Identity")}, NOT),
    Turned("module-1", {"*": without("block1._bn")}, NOT),
    Turned("module-1", {"*": without("block[2-7].*_expand_.*")}, HOLDS),
    Turned(
        "module-2",
        {
            "*": in_turn(
                changed("block[2-7]a_expand_conv", class_name="DepthwiseConv2D"),
                before("block[57]a_dwconv", "zero_padding", "ZeroPadding2D"),
            )
        },
        HOLDS,
    ),
    Turned("module-3", {"*": changed(".*_se_reshape", class_name="Rescaling")}, HOLDS),
    Turned("module-4", {"b0": without("block3a_project_bn")}, IF),
    Turned("module-5", {"b0": without("block2b_drop")}, IF),
    Turned("module-5", {"b0": changed("block3b_add", class_name="Concatenate")}, IF),
    Turned("sub-block-1", {"b3": without("block1a_bn")}, NOT),
    Turned("sub-block-2", {"b0": without("block4a_bn")}, NOT),
    Turned("sub-block-2", {"*": without("block.a_dwconv_pad")}, HOLDS),
    Turned("sub-block-3", {target: without("block1[b-z]_.*") for target in FAMILY[1:]}, HOLDS),
    Turned("sub-blocks", {"b0": without("block6d_.*")}, NOT),
    Turned("sub-blocks", {"b7": without("block7.*")}, NOT),
    Turned("sub-blocks-grow", {"b2": without("block6e_.*")}, NOT),
    Turned("sub-blocks-grow", {"b1": without("block6e_.*")}, HOLDS),
    Turned("b2-like-b1", {"b2": changed("block3b_dwconv", kernel=(3, 3))}, NOT),
    Turned("b2-like-b1", {"b2": without("block6e_.*")}, NOT),
    Turned("b2-like-b1", {"b2": instead("b1")}, HOLDS),
    Turned("kernel-sizes", {"b4": changed("block3._dwconv", kernel=(3, 3))}, NOT),
    Turned("kernel-sizes", {"b6": changed("block5._dwconv", kernel=(5, 3))}, NOT),
    Turned("kernel-sizes", {"b5": changed("block2b_dwconv", kernel=(5, 5))}, NOT),
    Turned("resolution", {"*": instead("b0")}, HOLDS),
    Turned("channels", {"b5": changed("block4.*", output_shape=channels(128, 136))}, NOT),
    Turned("channels", {"b1": changed("top_.*", output_shape=channels(1280, 1288))}, NOT),
    Turned("stages", {"b0": changed("block3._dwconv", kernel=(3, 3))}, NOT),
    Turned("stages", {"b0": without("block6d_.*")}, NOT),
    Turned("stages", {"b0": without("block7.*")}, NOT),
    Turned("squeeze-excite", {"b0": without("block2b_se_.*")}, NOT),
    Turned("squeeze-excite", {"b0": changed("block2b_se_reduce", filters=144)}, NOT),
    Turned("squeeze-excite", {"b1": changed("block2b_se_reduce", filters=None)}, NOT),
    Turned("compound-scaling", {target: instead("b2") for target in FAMILY[1:]}, HOLDS),
    Turned("scaled-from-b0", {"b3": without("block6f_.*")}, NOT),
    Turned("scaled-from-b0", {"b5": changed("block3b_dwconv", kernel=(3, 3))}, NOT),
    Turned("scaled-from-b0", {"b6": changed("block5c_activation", activation="relu")}, NOT),
    Turned("scaled-from-b0", {"b7": changed("block6a_bn", epsilon=0.1)}, NOT),
    Turned("scaled-from-b0", {"b4": changed("block4.*", output_shape=channels(112, 120))}, NOT),
    Turned("resolution-squared", {"b0@448": without("block[4-7].*")}, NOT),
    Turned("resolution-squared", {"b0@448": changed("stem_conv", kernel=(3, 2))}, NOT),
    Turned("resolution-squared", {"*": without(".*_se_.*|avg_pool|top_dropout|predictions")}, HOLDS),
    Turned("parameters", {"b2": changed("predictions", trainable_parameters=more(60_000))}, IF),
    Turned("smaller-than-gpipe", {"b7": without("block7d_.*")}, NOT),
    Turned("activation", {"b0": changed("stem_activation", activation="relu")}, NOT),
    Turned("activation", {"b3": changed("block4b_activation", activation="sigmoid")}, NOT),
    Turned("activation", {"b3": changed("top_activation", activation="sigmoid")}, NOT),
    Turned("dropout", {"b2": changed("top_dropout", rate=0.25)}, NOT),
    Turned("dropout", {"b7": without("top_dropout")}, NOT),
    Turned("stochastic-depth", {"b0": changed("block4b_drop", rate=0.2)}, NOT),
    Turned("stochastic-depth", {"*": changed("block.*_drop", rate=0.2)}, HOLDS),
    Turned("v2-stages", {"v2-s": changed("block4._dwconv2", kernel=(5, 5))}, NOT),
    Turned("v2-stages", {"v2-s": changed("block5._se_reduce", filters=more(8))}, NOT),
    Turned("v2-kernels", {"v2-m": changed("block6c_dwconv2", kernel=(5, 5))}, NOT),
    Turned("v2-last-stage", {"v2-s": changed("block6a_dwconv2", stride=(1, 1))}, NOT),
    Turned("v2-last-stage", {"*": instead("v2-s")}, HOLDS),
    Turned("keras-parameters", {"b0": changed("predictions", parameters=more(100_000))}, NOT),
    Turned("keras-exact", {"b6": changed("predictions", parameters=more(1))}, NOT),
    Turned("keras-depth", {"b0": without("block1a_bn")}, NOT),
    Turned("keras-v2-parameters", {"v2-l": without("block7g_.*")}, NOT),
    Turned("keras-v2-size", {"v2-s": changed("predictions", parameters=more(4_000_000))}, NOT),
    Turned("keras-size", {"b0": changed("predictions", parameters=more(2_000_000))}, IF),
    Turned("keras-resolution", {"b0": changed("input_layer.*", output_shape=(225, 225, 3))}, NOT),
    Turned("batch-normalization", {"b0": changed("block4b_bn", epsilon=1e-5)}, NOT),
    Turned("batch-normalization", {"b7": changed("top_bn", momentum=0.9)}, NOT),
    Turned("v2-batch-normalization", {"v2-l": changed("stem_bn", momentum=0.99)}, NOT),
    Turned("v2-dropout", {target: changed("top_dropout", rate=rate) for target, (rate,) in V2_DROPOUT.items()}, HOLDS),
    Turned("v2-drop-rates", {f"v2-b{number}": instead("v2-b0") for number in (1, 2, 3)}, HOLDS),
    Turned("lite-parameters", {"lite2": changed("predictions", trainable_parameters=more(100_000))}, NOT),
    Turned("keras-rescaling", {"b0": changed("rescaling.*", scale=(1 / 254,))}, NOT),
    Turned("keras-rescaling", {"v2-m": changed("rescaling.*", offset=(-127 / 128,))}, NOT),
    Turned("keras-rescaling", {"b5": without("rescaling.*")}, NOT),
    Turned("scaled-from-b0", {"b2": changed("block3b_se_reduce", filters=24)}, NOT),
    Turned("scaled-from-b0", {"b3": changed("input_layer.*", output_shape=(301, 301, 3))}, NOT),
    Turned("v2-kernels", {"v2-s": changed("block5b_project_conv", kernel=(3, 3))}, NOT),
    Turned("keras-preprocessing", {"b0": without("rescaling.*")}, NOT),
    Turned("keras-preprocessing", {"v2-s": changed("rescaling.*", scale=(1.0,), offset=(0.0,))}, NOT),
    Turned("keras-preprocessing", {"v2-b0": changed("rescaling.*", scale=(1 / 65535,))}, NOT),
    Turned("keras-preprocessing", {"b3": changed("rescaling.*", offset=(0.5,))}, NOT),
    Turned("keras-preprocessing", {"b0": before("rescaling.*", "identity", "Identity")}, NOT),
)


@pytest.mark.parametrize("turned", TURNED, ids=lambda turned: f"{turned.claim}: {turned.verdict.value}")
def test_a_changed_graph_turns_the_verdict(turned: Turned) -> None:
    claim = CLAIMS[turned.claim]
    finding = finding_of(claim, turned.edits)
    assert finding.verdict is turned.verdict, finding.found
    assert finding.verdict is not claim.recorded


class Reprinted(NamedTuple):
    """Other figures in print, and the verdict to which they turn a claim."""

    claim: str
    figures: dict[str, Any]
    instead: dict[str, Any]
    verdict: Verdict


REPRINTED = (
    Reprinted(
        "flops",
        published.PAPER_FLOPS,
        dict(zip(FAMILY, ("0.39", "0.69", "1.0", "1.8", "4.4", "10", "19", "38"), strict=True)),
        HOLDS,
    ),
    Reprinted("keras-imagenet", published.KERAS_IMAGENET_LAYERS, {"b0+imagenet": 237}, NOT),
    Reprinted("scaling-constants", published.PAPER_SCALING, {"depth": 1.4}, NOT),
    Reprinted("v2-flops", published.PAPER_V2_FLOPS, {"v2-s": "8.4", "v2-m": "25", "v2-l": "56"}, HOLDS),
    Reprinted("v2-flops", published.PAPER_V2_FLOPS, {"v2-s": "16.7", "v2-m": "49.2", "v2-l": "112"}, IF),
    Reprinted(
        "lite-flops",
        published.LITE_MADDS,
        dict(zip(published.FAMILY_LITE, ("0.385", "0.6", "0.9", "1", "3"), strict=True)),
        HOLDS,
    ),
    Reprinted("v2-parameters", published.PAPER_V2_PARAMETERS, {"v2-l": "119"}, HOLDS),
)


@pytest.mark.parametrize("row", REPRINTED, ids=lambda row: f"{row.claim}: {row.verdict.value}")
def test_other_figures_in_print_turn_the_verdict(monkeypatch: pytest.MonkeyPatch, row: Reprinted) -> None:
    for key, value in row.instead.items():
        monkeypatch.setitem(row.figures, key, value)
    assert finding_of(CLAIMS[row.claim]).verdict is row.verdict


def test_every_check_is_turned_by_something() -> None:
    checked = {key for key, claim in CLAIMS.items() if claim.recorded is not Verdict.CANNOT_BE_CHECKED}
    assert checked == {row.claim for row in (*TURNED, *REPRINTED)}


def test_most_claims_declare_their_check() -> None:
    """A function of its own is for what no kind of check fits."""
    checked = (claim for claim in CLAIMS.values() if claim.recorded is not Verdict.CANNOT_BE_CHECKED)
    own = {claim.statement.id for claim in checked if isfunction(claim.check)}
    assert own == {"b2-like-b1"}


def test_a_printed_figure_says_how_far_it_is_off() -> None:
    macs, apart = finding_of(CLAIMS["flops"]).evidence
    rows = {name: [cell.found for cell in cells] for name, cells in macs.rows}
    assert macs.columns == ("Published, B", "Computed, B", "Exact", "Difference, %")
    assert rows["B4"] == ["4.2", "4.4", 4_393_771_024, -4.4]
    assert not any(cell.agrees for _, cells in apart.rows for cell in cells if cell.is_judged)


def test_few_differences_are_named_and_many_are_counted() -> None:
    assert "V2-L (119, not 120) differs" in finding_of(CLAIMS["v2-parameters"]).found
    assert "layers on the longest path, all included: 0 of 8 agree" in finding_of(CLAIMS["keras-depth"]).found


def test_a_reading_after_the_one_that_agrees_is_not_tried() -> None:
    assert len(finding_of(CLAIMS["keras-v2-size"]).evidence) == 1


def test_a_rule_without_parts_is_not_kept() -> None:
    finding = finding_of(CLAIMS["stochastic-depth"], {"*": without("block.*_(add|drop)")})
    assert finding.verdict is NOT


def test_the_resolution_is_that_of_every_stage() -> None:
    """Equal inputs are not enough."""
    edits = {"*": instead("b0"), "b3": in_turn(instead("b0"), changed("block4.*", output_shape=(15, 15, 80)))}
    assert finding_of(CLAIMS["resolution"], edits).verdict is NOT


def test_where_b2_differs_is_named() -> None:
    finding = finding_of(CLAIMS["b2-like-b1"], {"b2": changed("block3b_dwconv", kernel=(3, 3))})
    assert finding.found == "3b: depthwise kernel 5×5 → 3×3"
    assert {target: names[0].split("_")[0] for target, names in finding.layers} == {"b1": "block3b", "b2": "block3b"}


def test_wrong_cells_are_marked_and_say_what_is_written() -> None:
    finding = finding_of(CLAIMS["channels"], {"b5": changed("top_.*", output_shape=channels(2048, 2056))})
    (evidence,) = finding.evidence
    wrong = [
        (name, index, cell) for name, cells in evidence.rows for index, cell in enumerate(cells) if not cell.agrees
    ]
    assert [(name, index, cell.found, cell.expected) for name, index, cell in wrong] == [("B5", 8, 2056, 2048)]


def test_a_missing_block_is_a_wrong_cell_with_nothing_found() -> None:
    (evidence,) = finding_of(CLAIMS["sub-blocks"], {"b7": without("block7.*")}).evidence
    assert [(cell.found, cell.expected) for cell in evidence.cells if not cell.agrees] == [(None, 4)]


def test_what_is_no_efficientnet_fails_the_claim_and_not_the_command() -> None:
    def bare(graph: LayerGraph) -> LayerGraph:
        return without("block.*|.*activation|top_.*")(graph)

    finding = finding_of(CLAIMS["seven-blocks"], {"b0": bare})
    assert finding.verdict is NOT
    assert finding.found == "B0: no MBConv sub-blocks"


def test_modules_as_built_are_counted_at_every_place() -> None:
    built = article.as_built(2, {"b0": network_of("b0")})
    assert {len(layers): [sub_block.name for _, sub_block, _ in places] for layers, places in built.items()} == {
        7: ["2a", "3a", "4a", "6a"],
        6: ["5a", "7a"],
    }


def test_the_ways_to_count_the_depth_differ() -> None:
    assert keras_docs.longest_path(graph_of("b0")) == 240


class TestChoosing:
    def test_all(self) -> None:
        assert len(choose()) == len(CLAIMS)
        assert {claim.statement.id for claim in choose()} == set(CLAIMS)

    def test_by_source(self) -> None:
        for source in SOURCES:
            assert {claim.statement.source for claim in choose(source)} == {source}

    def test_one(self) -> None:
        assert [claim.statement.id for claim in choose(claim="flops")] == ["flops"]
        assert [claim.statement.id for claim in choose("paper", "flops")] == ["flops"]

    def test_an_unknown_one_names_the_nearest(self) -> None:
        with pytest.raises(UnknownChoice, match="unknown claim 'flop', did you mean 'flops'"):
            choose(claim="flop")

    def test_one_of_another_source_is_unknown(self) -> None:
        with pytest.raises(UnknownChoice, match="unknown claim of the article 'flops'"):
            choose("article", "flops")

    def test_every_model_is_loaded_once(self) -> None:
        targets = targets_of(choose())
        assert len(targets) == len(set(targets))
        assert set(targets) == {target for claim in choose() for target in claim.targets}

    def test_the_sources_of_the_command_line_are_those_published(self) -> None:
        assert tuple(SOURCES) == SOURCE_NAMES


def test_checking_all_keeps_their_order() -> None:
    claims = choose("article")
    networks = [network_of(target) for target in targets_of(claims)]
    assert [one.claim for one in check_all(claims, networks)] == list(claims)


DAMAGES = (
    without("block[67].*"),
    without("block1[ab]_.*"),
    without("block2b_.*"),
    without("top_conv|top_bn|top_activation"),
    without("avg_pool|top_dropout|predictions"),
    without("rescaling.*|normalization"),
    changed("input_layer.*", output_shape=(None, None, 3)),
    changed(".*", output_shape=None),
    changed(".*_conv", kernel=(5, 5), stride=None),
    changed("block.*_bn", parameters=None, trainable_parameters=None),
)


@cache
def damaged(target: str, damage: Edit) -> Network | None:
    """None where the model has none of the layers that are to be damaged."""
    try:
        return Network(damage(graph_of(target)))
    except NothingToEdit:
        return None


@pytest.mark.parametrize("key", [key for key, claim in CLAIMS.items() if claim.targets])
def test_no_graph_makes_a_check_stumble(key: str) -> None:
    claim = CLAIMS[key]
    for damage in DAMAGES:
        for broken in {claim.targets[0], claim.targets[-1]}:
            models = {target: network_of(target) for target in claim.targets}
            if model := damaged(broken, damage):
                assert check(claim, {**models, broken: model}).finding.found
