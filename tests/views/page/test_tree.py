"""Networks as one tree: everything is in it once, and what corresponds stands side by side."""

from __future__ import annotations

import pytest

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.views.page.tree import COLOURED_BY, Tree, tree_of
from effnet_inspect.webpage import Cell, TreePart
from tests.graphs import graph_of, network_of, rename, with_decoder, with_layer, without_layers, without_stem


def two_backbones() -> LayerGraph:
    """B0 and B1 on one image, and what adds their classes."""
    first, second = (
        rename(graph, {layer.name: f"{prefix}/{layer.name}" for layer in graph})
        for prefix, graph in (("one", graph_of("b0@224")), ("two", graph_of("b1@224")))
    )
    image = next(layer for layer in first if layer.operation == "input")
    other = next(layer for layer in second if layer.operation == "input")
    taking = [
        layer._replace(inputs=tuple(image.name if name == other.name else name for name in layer.inputs))
        for layer in second
        if layer is not other
    ]
    total = Layer("total", "add", "Add", (first.outputs[0], second.outputs[0]), (1000,))
    return LayerGraph("two", (*first, *taking, total))


def plain_network() -> LayerGraph:
    """No EfficientNet: two resolutions."""
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    conv = Layer("conv", "convolution", "Conv2D", ("image",), (4, 4, 16), 432, 432, kernel=(3, 3), stride=(2, 2),
                 filters=16, groups=1)  # fmt: skip
    return LayerGraph("plain", (image, conv))


NETWORKS = {
    "b0": lambda: graph_of("b0"),
    "v2-s": lambda: graph_of("v2-s"),
    "a decoder": with_decoder,
    "no stem": without_stem,
    "two backbones": two_backbones,
    "no EfficientNet": plain_network,
}


def cells_of(tree: Tree, kind: str, model: int = 0) -> list[tuple[TreePart, Cell]]:
    return [(part, cell) for part in tree.parts if part.kind == kind and (cell := part.cells[model])]


@pytest.mark.parametrize("name", NETWORKS)
class TestOneNetwork:
    def test_every_layer_is_there_once_with_its_inputs(self, name: str) -> None:
        graph = NETWORKS[name]()
        tree = tree_of([Network(graph)])
        layers = {cell.note: cell for _, cell in cells_of(tree, "layer")}
        assert sorted(cell.note for _, cell in cells_of(tree, "layer")) == sorted(layer.name for layer in graph)
        for layer in graph:
            taken = [tree.parts[number].cells[0] for number in layers[layer.name].inputs]
            assert [cell.note for cell in taken if cell] == list(dict.fromkeys(layer.inputs))

    def test_a_part_costs_what_is_in_it_costs(self, name: str) -> None:
        network = Network(NETWORKS[name]())
        tree = tree_of([network])
        inside: dict[int | None, list[Cell]] = {}
        for part in tree.parts:
            inside.setdefault(part.parent, []).extend(filter(None, part.cells))
        for number, own in inside.items():
            sums = tuple(sum(cell.amounts[at] or 0 for cell in own) for at in range(len(COLOURED_BY)))
            if number is None:
                assert sums == tuple(network.totals[key] for key in COLOURED_BY)
            else:
                cell = tree.parts[number].cells[0]
                assert cell is not None
                assert sums == cell.amounts

    def test_a_part_stands_behind_the_one_that_it_is_in_and_has_a_name_of_its_own(self, name: str) -> None:
        tree = tree_of([Network(NETWORKS[name]())])
        assert all(part.parent is None or part.parent < number for number, part in enumerate(tree.parts))
        assert len({part.anchor for part in tree.parts}) == len(tree.parts)

    def test_every_stage_has_one_place(self, name: str) -> None:
        tree = tree_of([Network(NETWORKS[name]())])
        placed = [number for line in tree.lines for column in line.columns for number in column]
        placed += [number for line in tree.lines for number, _ in line.below]
        assert sorted(placed) == [number for number, part in enumerate(tree.parts) if part.parent is None]

    def test_every_layer_is_one_step_along_the_depth(self, name: str) -> None:
        graph = NETWORKS[name]()
        tree = tree_of([Network(graph)])
        facts = [dict(cell.facts) for number in tree.steps if (cell := tree.parts[number].cells[0])]
        assert sum(int(each["Layers"].replace(",", "")) for each in facts) == len(graph)


def test_a_decoder_stands_under_what_it_taps() -> None:
    (line,) = tree_of([Network(with_decoder())]).lines
    assert [column for _, column in line.below] == sorted((column for _, column in line.below), reverse=True)
    assert len(line.below) == 3


def test_several_backbones_have_a_line_each() -> None:
    network = Network(two_backbones())
    tree = tree_of([network])
    titles = [line.title for line in tree.lines if line.title]
    assert titles == ["Backbone 1: EfficientNet-B0", "Backbone 2: EfficientNet-B1"]
    assert {part.anchor for part in tree.parts} >= {"1:4b", "2:4d"}


def test_a_layer_that_is_called_as_a_part_gives_way() -> None:
    graph = rename(graph_of("b0"), {"block4b_dwconv": "4b", "block4b_bn": "stem"})
    anchors = {part.anchor: part.title for part in tree_of([Network(graph)]).parts}
    assert anchors["4b"] == "4b · Sub-block 3"
    assert anchors["layer/4b"] == "DepthwiseConv2D k3×3"
    assert anchors["layer/stem"] == "BatchNormalization"


def cell_at(tree: Tree, anchor: str, model: int = 0) -> Cell:
    cell = next(part.cells[model] for part in tree.parts if part.anchor == anchor)
    assert cell is not None
    return cell


def test_what_is_said_of_a_layer() -> None:
    cell = cell_at(tree_of([network_of("b0")]), "block4b_dwconv")
    facts = dict(cell.facts)
    assert facts["Operation"] == "depthwise convolution"
    assert (facts["Input"], facts["Output"]) == ("14×14×480", "14×14×480")
    assert facts["MACs"] == f"{14 * 14 * 480 * 9:,} (0.2%)"
    assert facts["In Keras"] == "model.layers[92]"
    names = dict(cell.names)
    assert names["timm"] == "blocks.3.1.conv_dw"
    assert names["torchvision"] == "features.4.1.block.1.0"


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [("4b", "blocks.3.1"), ("4", "blocks.3"), ("block4b_bn", "blocks.3.1.bn2"), ("4b.1", None), ("head", None)],
)
def test_another_code_base_names_a_part_where_it_has_that_part(anchor: str, expected: str | None) -> None:
    assert dict(cell_at(tree_of([network_of("b0")]), anchor).names).get("timm") == expected


class TestSeveralNetworks:
    def test_a_network_is_the_same_as_itself(self) -> None:
        tree = tree_of([network_of("b0"), Network(rename(graph_of("b0"), {"stem_conv": "other"}))])
        assert all(part.same for part in tree.parts)
        assert tree.first_difference is None

    def test_one_difference_is_found_and_no_other(self) -> None:
        changed = Network(with_layer(graph_of("b0"), "block4b_dwconv", kernel=(5, 5)))
        tree = tree_of([network_of("b0"), changed])
        other = [part.anchor for part in tree.parts if not part.same]
        assert other == ["4", "4b", "4b.1", "block4b_dwconv"]
        assert tree.first_difference is not None
        assert tree.parts[tree.first_difference].anchor == "4b"
        assert ("Differs in", "depthwise kernel 3×3 → 5×5") in cell_at(tree, "4b", 1).facts

    def test_what_one_lacks_has_no_cell(self) -> None:
        names = {"block4b_drop"}
        tree = tree_of([network_of("b0"), Network(without_layers(graph_of("b0"), names))])
        lacking = [part.anchor for part in tree.parts if None in part.cells]
        assert lacking == ["block4b_drop"]

    def test_repeats_stand_behind_one_another(self) -> None:
        tree = tree_of([network_of("b0"), network_of("b1")])
        rows = [[cell and cell.title[:2] for cell in part.cells] for part in tree.parts if part.kind == "sub-block"]
        assert rows[:5] == [["1a", "1a"], [None, "1b"], ["2a", "2a"], ["2b", "2b"], [None, "2c"]]
        assert all(part.same for part in tree.parts if part.anchor in ("stem", "1a", "head"))

    def test_another_resolution_alone_makes_no_part_another(self) -> None:
        tree = tree_of([network_of("b0"), network_of("b0@448")])
        assert tree.first_difference is None
        assert cell_at(tree, "4b", 1).leaving == "28×28×80"
