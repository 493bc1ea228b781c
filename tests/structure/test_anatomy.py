"""The anatomy against the published tables, against names, and against specifications it must give back."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer, LayerGraph, OperationName
from effnet_inspect.structure.anatomy import Anatomy, Block, Module, SubBlock
from effnet_inspect.structure.dissection import dissect
from tests import family, synthetic
from tests.family import FAMILY
from tests.graphs import anatomy_of, graph_of, rename, with_layer, without_layers, without_stem
from tests.structure.edits import insert_after, layer_of, with_edits
from tests.synthetic import Specification, Stage

UNHURRIED = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def classes(layers: tuple[Layer, ...]) -> tuple[str, ...]:
    return tuple(layer.class_name for layer in layers)


def described(anatomy: Anatomy) -> list[object]:
    """Everything an anatomy says, without the layers' names."""
    return [
        (
            each.name,
            each.kind,
            each.operator,
            each.kernel,
            each.stride,
            each.expansion,
            each.squeeze_excite,
            each.residual,
            each.drop_rate,
            each.input_shape,
            each.output_shape,
            [(module.number, classes(module.layers)) for module in each.modules],
        )
        for each in anatomy.sub_blocks
    ] + [
        (part.name, classes(part.layers), part.input_shape, part.output_shape)
        for part in anatomy.stages
        if not isinstance(part, Block)
    ]


@pytest.mark.parametrize("variant", FAMILY)
class TestPublishedVariants:
    def test_blocks(self, variant: str) -> None:
        member, anatomy = FAMILY[variant], anatomy_of(variant)
        blocks = anatomy.blocks
        assert tuple(len(block.sub_blocks) for block in blocks) == member.repeats
        assert tuple(block.output_shape[-1] for block in blocks if block.output_shape) == member.channels
        assert tuple(block.first.kernel for block in blocks) == tuple((each, each) for each in family.KERNELS)
        assert tuple(block.first.stride for block in blocks) == tuple((each, each) for each in family.STRIDES)
        assert tuple(block.first.expansion for block in blocks) == family.EXPANSIONS
        assert [block.number for block in blocks] == [1, 2, 3, 4, 5, 6, 7]
        assert anatomy.is_whole
        assert anatomy.remarks == ()
        assert (anatomy.backbone, anatomy.backbones) == (1, 1)

    def test_stem_head_and_classifier(self, variant: str) -> None:
        member, anatomy = FAMILY[variant], anatomy_of(variant)
        assert anatomy.head is not None
        assert anatomy.classifier is not None
        assert classes(anatomy.stem.layers) == family.STEM_CLASSES
        assert classes(anatomy.head.layers) == family.HEAD_CLASSES
        assert classes(anatomy.classifier.layers) == family.CLASSIFIER_CLASSES
        assert anatomy.stem.input_shape == (member.resolution, member.resolution, 3)
        assert anatomy.stem.output_shape is not None
        assert anatomy.stem.output_shape[-1] == member.stem
        assert anatomy.head.output_shape is not None
        assert anatomy.head.output_shape[-1] == member.head
        assert anatomy.classifier.output_shape == (family.CLASSES,)

    def test_layers(self, variant: str) -> None:
        member, anatomy = FAMILY[variant], anatomy_of(variant)
        assert len(anatomy.graph) == member.layers[0]
        assert anatomy.classifier is not None
        assert len(anatomy.graph) - len(anatomy.classifier.layers) == member.layers[1]
        repeats = member.repeats
        assert member.layers[1] == 20 + 14 * 4 + 13 * 2 + 15 * (sum(repeats[1:]) - 6) + 12 * (repeats[0] - 1)

    def test_every_layer_is_in_exactly_one_place(self, variant: str) -> None:
        anatomy = anatomy_of(variant)
        of_stages = [layer.name for stage in anatomy.stages for layer in stage.layers]
        of_modules = [layer.name for each in anatomy.sub_blocks for module in each.modules for layer in module.layers]
        of_others = [layer.name for stage in anatomy.stages if not isinstance(stage, Block) for layer in stage.layers]
        names = sorted(layer.name for layer in anatomy.graph)
        assert sorted(of_stages) == names
        assert sorted(of_modules + of_others) == names

    def test_sub_blocks(self, variant: str) -> None:
        for each in anatomy_of(variant).sub_blocks:
            opens = each.position == 0
            assert each.kind == (3 if not opens else 1 if each.block == 1 else 2)
            assert each.residual is not opens
            assert (each.drop_rate is None) is opens
            assert each.input_shape is not None
            assert each.squeeze_excite == max(1, int(each.input_shape[-1] * 0.25))  # type: ignore[operator]
            assert each.stride == ((family.STRIDES[each.block - 1],) * 2 if opens else (1, 1))
            assert each.operator == ("MBConv1" if each.block == 1 else "MBConv6")
            assert not each.fused

    def test_modules(self, variant: str) -> None:
        for each in anatomy_of(variant).sub_blocks:
            found = [(module.number, classes(module.layers)) for module in each.modules]
            assert found == [(int(key.split()[0]), family.MODULE_CLASSES[key]) for key in expected_modules(each)]

    def test_shapes_join(self, variant: str) -> None:
        anatomy = anatomy_of(variant)
        chain = [part for part in anatomy.stages if part is not anatomy.classifier]
        for before, after in pairwise(chain):
            assert before.output_shape == after.input_shape
        for before_sub, after_sub in pairwise(anatomy.sub_blocks):
            assert before_sub.output_shape == after_sub.input_shape

    def test_drop_rates_rise_evenly_to_a_fifth(self, variant: str) -> None:
        sub_blocks = anatomy_of(variant).sub_blocks
        for index, each in enumerate(sub_blocks):
            if each.drop_rate is not None:
                assert each.drop_rate == pytest.approx(0.2 * index / len(sub_blocks))

    def test_names_agree(self, variant: str) -> None:
        """Keras' names were not used, and say the same."""
        anatomy = anatomy_of(variant)
        for each in anatomy.sub_blocks:
            assert {layer.name.split("_")[0] for layer in each.layers} == {f"block{each.name}"}
        assert {layer.name for layer in anatomy.stem.layers if "stem" in layer.name} == {
            "stem_conv_pad",
            "stem_conv",
            "stem_bn",
            "stem_activation",
        }
        assert anatomy.head is not None
        assert [layer.name for layer in anatomy.head.layers] == ["top_conv", "top_bn", "top_activation"]
        assert not any(
            re.match("block|stem|top_conv", layer.name) for layer in (anatomy.classifier or anatomy.stem).layers
        )

    def test_renamed_and_shuffled_is_the_same(self, variant: str) -> None:
        graph = graph_of(variant)
        assert described(dissect(disguised(graph, seed=7))) == described(anatomy_of(variant))


def expected_modules(each: SubBlock) -> tuple[str, str, str]:
    if each.kind == 2:
        return ("2 with stride" if each.stride != (1, 1) else "2", "3", "4")
    opening = "1" if each.expansion == 1 else "1 after an expansion"
    return (opening, "3", "4" if each.kind == 1 else "5")


def disguised(graph: LayerGraph, seed: int) -> LayerGraph:
    """The same graph with meaningless names, its layers in any order."""
    chance = random.Random(seed)
    names = [f"x{number}" for number in range(len(graph))]
    chance.shuffle(names)
    renamed = rename(graph, dict(zip((layer.name for layer in graph), names, strict=True)))
    layers = list(renamed.layers)
    chance.shuffle(layers)
    return LayerGraph(graph.name, tuple(layers), renamed.outputs, graph.target)


def assert_gives_back(specification: Specification, graph: LayerGraph) -> None:
    anatomy = dissect(graph)
    assert len(graph) == synthetic.layers_in(specification)
    assert [
        Stage(
            block.first.kernel[0],
            block.first.stride[0],
            round(block.first.expansion),
            (block.output_shape or (0,))[-1] or 0,
            len(block.sub_blocks),
        )
        for block in anatomy.blocks
    ] == list(specification.stages)
    assert anatomy.stem.output_shape is not None
    assert anatomy.stem.output_shape[-1] == specification.stem
    assert anatomy.head is not None
    assert anatomy.head.output_shape is not None
    assert anatomy.head.output_shape[-1] == specification.head
    assert anatomy.classifier is not None
    assert anatomy.is_whole
    inputs = specification.stem
    for block, stage in zip(anatomy.blocks, specification.stages, strict=True):
        for position, each in enumerate(block.sub_blocks):
            assert each.residual is synthetic.has_residual(stage, position, inputs)
            assert each.squeeze_excite == max(1, inputs // 4)
            inputs = stage.channels


@pytest.mark.parametrize("variant", FAMILY)
def test_the_synthetic_graph_is_the_one_keras_builds(variant: str) -> None:
    """What the properties below stand on."""
    member = FAMILY[variant]
    stages = tuple(
        Stage(*row)
        for row in zip(family.KERNELS, family.STRIDES, family.EXPANSIONS, member.channels, member.repeats, strict=True)
    )
    made = synthetic.lay_out(Specification(member.stem, stages, member.head, member.resolution, member.resolution))
    real = graph_of(variant)
    facts = "operation class_name output_shape parameters trainable_parameters kernel stride margins filters groups"
    for ours, keras in zip(made, real, strict=True):
        assert [getattr(ours, name) for name in facts.split()] == [getattr(keras, name) for name in facts.split()]


@UNHURRIED
@given(
    width=st.floats(0.1, 4.5),
    depth=st.floats(0.1, 6.0),
    resolution=st.integers(32, 1000),
    seed=st.integers(0, 1000),
)
def test_compound_scaling_is_given_back(width: float, depth: float, resolution: int, seed: int) -> None:
    specification = synthetic.scaled(width, depth, resolution)
    assert_gives_back(specification, disguised(synthetic.lay_out(specification), seed))


@pytest.mark.parametrize("width", [0.1, 0.2, 0.25])
def test_small_widths_where_first_sub_blocks_add_their_input(width: float) -> None:
    specification = synthetic.scaled(width, 1.0, 64)
    anatomy = dissect(synthetic.lay_out(specification))
    assert_gives_back(specification, anatomy.graph)
    assert any(block.first.residual for block in anatomy.blocks)
    assert {block.first.kind for block in anatomy.blocks} == {1, 2}


stages = st.builds(
    Stage,
    kernel=st.sampled_from([3, 5, 7]),
    stride=st.sampled_from([1, 2]),
    expansion=st.sampled_from([1, 2, 4, 6]),
    channels=st.integers(1, 40).map(lambda eighths: 8 * eighths),
    repeats=st.integers(1, 5),
)


def can_be_told_apart(rows: list[Stage]) -> bool:
    """Two neighbours alike in everything, without a stride between them, are one block to anybody."""
    return all(
        after.stride > 1 or after[0] != before[0] or after[2:4] != before[2:4] for before, after in pairwise(rows)
    )


@UNHURRIED
@given(
    rows=st.lists(stages, min_size=2, max_size=9).filter(can_be_told_apart),
    stem=st.integers(1, 20).map(lambda eighths: 8 * eighths),
    height=st.integers(32, 700),
    width=st.integers(32, 700),
    drop_rate=st.sampled_from([0.0, 0.2]),
)
def test_any_specification_is_given_back(
    rows: list[Stage], stem: int, height: int, width: int, drop_rate: float
) -> None:
    specification = Specification(stem, tuple(rows), 64, height, width, drop_rate)
    assert_gives_back(specification, synthetic.lay_out(specification))


def test_neighbours_alike_in_everything_are_one_block_and_names_are_a_hint() -> None:
    row = Stage(3, 1, 6, 24, 2)
    specification = Specification(16, (Stage(3, 1, 1, 16, 1), row._replace(stride=2), row), 64, 64, 64)
    graph = synthetic.lay_out(specification)
    merged = dissect(graph)
    assert [len(block.sub_blocks) for block in merged.blocks] == [1, 4]
    assert merged.remarks == ()
    # Keras counts on from `z` in the order of ASCII.
    for letters in ("ab", "yz", "{|", "}~"):
        names = {
            layer.name: f"block{2 + position // 2}{letters[position % 2]}_{layer.name}"
            for position, each in enumerate(merged.blocks[1].sub_blocks)
            for layer in each.layers
        }
        (remark,) = dissect(rename(graph, names)).remarks
        assert remark.startswith("Block 2 is ambiguous: all its sub-blocks are alike, but ")
        assert remark.endswith(" put the start of a block before 2c.")


@pytest.mark.parametrize(
    "operations",
    [("dropout",), ("rescaling", "normalization"), ("zero_padding",), ("batch_normalization",), ("reshape",)],
)
def test_other_spellings_of_the_same_network(operations: tuple[str, ...]) -> None:
    """Other implementations fold, fuse or leave out what Keras writes as layers."""
    graph = graph_of("b1")
    anatomy = dissect(without_layers(graph, {layer.name for layer in graph if layer.operation in operations}))
    assert tuple(len(block.sub_blocks) for block in anatomy.blocks) == FAMILY["b1"].repeats
    assert all(each.residual is (each.position > 0) for each in anatomy.sub_blocks)
    assert anatomy.is_whole


def test_what_computes_the_weights_of_a_convolution_belongs_to_its_sub_block() -> None:
    sub_block = anatomy_of("b0").sub_blocks[6]
    graph, _ = with_edits(graph_of("b0"), [("computed weights", sub_block)])
    (found,) = (each for each in dissect(graph).sub_blocks if each.name == sub_block.name)
    names = ("new_4b_pooled", "new_4b_dense", "new_4b_arranged")
    (item,) = (each for each in found.items if each.kind == "weights")
    assert (item.landmark, tuple(layer.name for layer in item.layers)) == ("region", names)
    opening = found.module("depthwise")
    assert opening
    assert tuple(layer.name for layer in opening.layers[:3]) == names
    assert dissect(graph).is_whole


def test_what_stands_between_sub_blocks_is_of_the_one_before() -> None:
    graph, _ = with_edits(graph_of("b0"), [("mark behind", anatomy_of("b0").sub_blocks[6])])
    between = {each.name: [layer.name for layer in each.between] for each in dissect(graph).sub_blocks if each.between}
    assert between == {"4b": ["new_4b_0"]}


def test_the_stride_of_a_stage_is_that_of_all_its_windows() -> None:
    pool = Layer("pool", "max_pooling", "MaxPooling2D", kernel=(3, 3), stride=(2, 1))
    graph = insert_after(graph_of("b0"), "stem_activation", pool)
    anatomy = dissect(with_layer(with_layer(graph, "block2a_dwconv", stride=(2, 1)), "top_conv", stride=None))
    assert anatomy.stem.stride == (4, 2)
    assert [block.stride for block in anatomy.blocks[:3]] == [(1, 1), (2, 1), (2, 2)]
    assert anatomy.head is not None
    assert anatomy.head.stride == (1, 1)


@pytest.mark.parametrize(
    ("module", "number", "label"),
    [
        (Module("depthwise", ()), 1, "Module 1"),
        (Module("first_projection", ()), 4, "Module 4"),
        (Module("squeeze_excite", (), "squeeze-excite"), 3, "Module 3"),
        (Module("squeeze_excite", (), "spatial gate"), None, "Spatial gate"),
        (Module("fused", ()), None, "Fused convolution"),
        (Module("between", ()), None, "Added"),
    ],
)
def test_a_module_has_the_articles_number_or_is_called_what_it_is(
    module: Module, number: int | None, label: str
) -> None:
    assert (module.number, module.label) == (number, label)


def extended(graph: LayerGraph, *layers: Layer) -> LayerGraph:
    return LayerGraph(graph.name, (*graph.layers, *layers))


def test_what_is_around_the_backbone() -> None:
    graph = graph_of("b0")
    tapped = extended(
        graph,
        Layer("side", "convolution", "Conv2D", ("block3a_expand_activation",), kernel=(1, 1), groups=1, filters=8),
        Layer("lonely_input", "input", "InputLayer"),
        Layer("lonely", "activation", "ReLU", ("lonely_input",)),
    )
    anatomy = dissect(tapped)
    assert not anatomy.is_whole
    assert anatomy.after is not None
    assert [layer.name for layer in anatomy.after.layers] == ["side"]
    assert anatomy.other_branches is not None
    assert {layer.name for layer in anatomy.other_branches.layers} == {"lonely_input", "lonely"}
    assert anatomy.before is None
    assert described(anatomy)[:16] == described(anatomy_of("b0"))[:16]


def two_backbones() -> LayerGraph:
    first, second = graph_of("b0"), graph_of("b1")
    return LayerGraph(
        "two",
        (
            *rename(first, {layer.name: f"first/{layer.name}" for layer in first}).layers,
            *rename(second, {layer.name: f"second/{layer.name}" for layer in second}).layers,
        ),
    )


def test_several_backbones() -> None:
    graph = two_backbones()
    sizes = {tuple(len(block.sub_blocks) for block in dissect(graph, number).blocks) for number in (1, 2)}
    assert sizes == {FAMILY["b0"].repeats, FAMILY["b1"].repeats}
    with pytest.raises(UsageError, match="there is no backbone 3: two holds 2 EfficientNet backbones"):
        dissect(graph, 3)
    with pytest.raises(UsageError, match="there is no backbone 0"):
        dissect(graph, 0)


def test_a_cut_network_keeps_what_is_there() -> None:
    graph = graph_of("b0")
    kept = graph.ancestors(["block5a_expand_conv"])
    cut = LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept))
    anatomy = dissect(cut)
    assert [len(block.sub_blocks) for block in anatomy.blocks] == [1, 2, 2, 3]
    assert anatomy.head is None
    assert anatomy.classifier is None


def test_a_network_of_inverted_residuals_without_squeeze_excite_is_no_variant() -> None:
    def strip(graph: LayerGraph) -> LayerGraph:
        gates = {layer.name: layer.inputs[0] for layer in graph if layer.operation == "multiply"}
        layers = [
            layer._replace(inputs=tuple(gates.get(name, name) for name in layer.inputs))
            for layer in graph
            if layer.name not in gates
        ]
        needed = LayerGraph("x", tuple(layers)).ancestors([graph.outputs[0]]) | {graph.outputs[0]}
        return LayerGraph(graph.name, tuple(layer for layer in layers if layer.name in needed))

    mobile = Specification(
        32, tuple(Stage(3, stride, 6, 16 + 8 * row, 2) for row, stride in enumerate((1, 2, 2, 2))), 64, 96, 96
    )
    anatomy = dissect(strip(synthetic.lay_out(mobile)))
    assert [len(block.sub_blocks) for block in anatomy.blocks] == [2, 2, 2, 2]
    assert not any(each.is_variant for each in anatomy.nearest)
    lite = dissect(strip(graph_of("b0")))
    assert tuple(len(block.sub_blocks) for block in lite.blocks) == FAMILY["b0"].repeats
    assert all(each.squeeze_excite is None for each in lite.sub_blocks)


def test_a_network_of_another_kind_is_none() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    dense = Layer("dense", "dense", "Dense", ("image",), filters=3)
    anatomy = dissect(LayerGraph("plain", (image, dense)))
    assert (anatomy.blocks, anatomy.backbones, anatomy.nearest) == ((), 0, ())
    assert [stage.title for stage in anatomy.stages] == ["Stage 1", "Classifier"]
    assert [stage.key for stage in anatomy.stages] == [("stage", 1), ("classifier", 0)]


def test_the_image_is_found_among_several_inputs() -> None:
    graph = graph_of("b0")
    table = Layer("table", "input", "InputLayer", output_shape=(10,))
    joined = Layer("joined", "concatenate", "Concatenate", ("table", "predictions"), (1010,))
    anatomy = dissect(LayerGraph("two inputs", (table, *graph.layers, joined), ("joined",)))
    assert anatomy.graph.layers[0].name == "table"
    assert anatomy.input_shape == (224, 224, 3)


def test_the_expansion_of_a_cut_sub_block_is_no_final_layer() -> None:
    graph = graph_of("b0")
    for end, layers in (
        ("expand_conv", 1),
        ("expand_bn", 2),
        ("expand_activation", 3),
        ("bn", 5),
        ("se_excite", 11),
        ("project_conv", 12),
    ):
        kept = graph.ancestors([f"block4b_{end}"]) | {f"block4b_{end}"}
        anatomy = dissect(LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept)))
        assert (anatomy.head, anatomy.after) == (None, None)
        assert anatomy.sub_blocks[-1].name == "4a"
        assert anatomy.part is not None
        assert (anatomy.part.title, len(anatomy.part.layers)) == ("Part of 4b", layers)


@pytest.mark.parametrize(("repeats", "is_missed"), [(1, False), (2, True)])
def test_a_sum_is_missed_where_other_sub_blocks_have_one(repeats: int, is_missed: bool) -> None:
    stages = (Stage(3, 1, 1, 16, 1), Stage(3, 2, 4, 24, 1), Stage(7, 2, 4, 56, repeats), Stage(3, 1, 4, 56, 1))
    graph = synthetic.lay_out(Specification(32, stages, 64, 64, 64))
    last = layer_of(dissect(graph).sub_blocks[-1], "projection", "normalization")
    kept = graph.ancestors([last.name]) | {last.name}
    anatomy = dissect(LayerGraph("cut", tuple(layer for layer in graph if layer.name in kept)))
    assert len(anatomy.sub_blocks) == 4
    assert (anatomy.part is not None) is is_missed


def test_what_is_taken_from_inside_is_told() -> None:
    graph = graph_of("b0")
    tapped = LayerGraph("tapped", graph.layers, ("block3b_add", *graph.outputs))
    decoded = LayerGraph(
        "decoded", (*graph.layers, Layer("up", "upsampling", "UpSampling2D", ("block2b_add",), stride=(2, 2)))
    )
    assert anatomy_of("b0").taps == ()
    assert [layer.name for layer in dissect(tapped).taps] == ["block3b_add"]
    assert [layer.name for layer in dissect(decoded).taps] == ["block2b_add"]
    inside_the_head = LayerGraph("head", graph.layers, ("top_bn", *graph.outputs))
    assert [layer.name for layer in dissect(inside_the_head).taps] == ["top_bn"]


def with_inputs(*shapes: tuple[int, ...]) -> Anatomy:
    """B0 whose image is the product of several inputs, in this order, or comes from nowhere."""
    inputs = [Layer(f"input {number}", "input", "InputLayer", (), shape) for number, shape in enumerate(shapes)]
    operation: OperationName = "multiply" if inputs else "opaque"
    product = Layer("product", operation, "Product", tuple(each.name for each in inputs), (224, 224, 3))
    rescaling, *others = graph_of("b0").layers[1:]
    row = (*inputs, product, rescaling._replace(inputs=("product",)), *others)
    return dissect(LayerGraph("several inputs", row))


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((224, 224, 3),), (224, 224, 3)),
        (((3,), (224, 224, 3)), (224, 224, 3)),
        (((224, 224, 3), (224, 224, 1)), (224, 224, 3)),
        (((224, 224, 1), (224, 224, 3), (3,)), (224, 224, 1)),
        (((3,), (1,)), (3,)),
        ((), (224, 224, 3)),
    ],
)
def test_the_input_is_the_first_that_is_like_an_image(shapes: Any, expected: tuple[int, ...]) -> None:
    assert with_inputs(*shapes).input_shape == expected


def test_the_dropout_rate_is_that_of_the_last_one() -> None:
    graph = graph_of("b0")
    second = Layer("second", "dropout", "Dropout", ("top_dropout",), (1280,), rate=0.4)
    doubled = with_layer(replace(graph, layers=(*graph.layers, second)), "predictions", inputs=("second",))
    rates = [anatomy_of("b0").dropout_rate, dissect(doubled).dropout_rate]
    assert rates == [0.2, 0.4]
    assert dissect(without_layers(graph, {"top_dropout"})).dropout_rate is None


def test_what_leads_to_a_network_without_a_stem_is_before_it() -> None:
    graph = without_stem()
    anatomy = dissect(graph)
    assert anatomy.stem.layers == ()
    assert anatomy.stem.input_shape == anatomy.stem.output_shape == anatomy.input_shape == (112, 112, 32)
    assert anatomy.before is not None
    assert [layer.name for layer in anatomy.before.layers] == [graph.layers[0].name]
    assert anatomy.other_branches is None


@pytest.mark.parametrize(("behind", "channels"), [("block1a_project_bn", 16), ("block2a_expand_bn", 96)])
def test_what_enters_behind_the_first_block_does_not_lead_to_the_network(behind: str, channels: int) -> None:
    graph = without_stem()
    photo = Layer("photo", "input", "InputLayer", output_shape=(112, 112, channels))
    graph = replace(graph, layers=(*graph, photo))
    anatomy = dissect(insert_after(graph, behind, Layer("sum", "add", "Add", ("", "photo"))))
    assert anatomy.before is not None
    assert [layer.name for layer in anatomy.before.layers] == [graph.layers[0].name]
    assert anatomy.other_branches is not None
    assert [layer.name for layer in anatomy.other_branches.layers] == ["photo"]
    assert anatomy.input_shape == (112, 112, 32)


NOT_LOOKED_INTO = (
    "Unknown layers: {names}. Where the model does not state the output shape of such a layer, it is unknown."
)


@pytest.mark.parametrize(
    ("class_names", "names"),
    [(["Riddle"], "Riddle"), (["Riddle", "Enigma", "Riddle"], "Enigma, Riddle ×2"), (["B", "B", "A"], "A, B ×2")],
)
def test_what_is_not_looked_into_is_counted_by_class(class_names: list[str], names: str) -> None:
    names_of_layers = ["predictions", *(f"x{number}" for number in range(len(class_names)))]
    more = [
        Layer(after, "opaque", class_name, (before,), (1000,))
        for (before, after), class_name in zip(pairwise(names_of_layers), class_names, strict=True)
    ]
    assert dissect(extended(graph_of("b0"), *more)).remarks == (NOT_LOOKED_INTO.format(names=names),)


def test_several_backbones_are_told_with_their_sub_blocks() -> None:
    graph = two_backbones()
    rows = [tuple(len(block.sub_blocks) for block in dissect(graph, number).blocks) for number in (1, 2)]
    held = "; ".join(
        f"{number} is EfficientNet-B{number - 1} with {','.join(map(str, row))} sub-blocks"
        for number, row in enumerate(rows, start=1)
    )
    for number in (1, 2):
        assert dissect(graph, number).remarks == (f"There are 2 backbones: {held}. This is backbone {number}.",)


def test_what_enters_a_nested_network_is_what_its_input_is_given() -> None:
    graph = graph_of("b0")
    for shape, seen in (((300, 300, 3), (300, 300, 3)), ((270_000,), (224, 224, 3))):
        image = Layer("image", "input", "InputLayer", (), shape)
        smaller = Layer("smaller", "resizing", "Resizing", ("image",), (224, 224, 3))
        nested = replace(graph, layers=(image, smaller, *graph.layers))
        anatomy = dissect(with_layer(nested, "input_layer", inputs=("smaller",)))
        assert anatomy.input_shape == seen
        assert anatomy.stem.input_shape == (224, 224, 3)
        assert anatomy.before is not None
        assert [layer.name for layer in anatomy.before.layers] == ["image", "smaller"]


def test_an_input_says_its_shape_where_nothing_is_known_of_what_it_is_given() -> None:
    graph = graph_of("b0")
    riddle = Layer("riddle", "opaque", "Riddle", ("image",))
    nested = replace(graph, layers=(Layer("image", "input", "InputLayer"), riddle, *graph.layers))
    assert dissect(with_layer(nested, "input_layer", inputs=("riddle",))).stem.input_shape == (224, 224, 3)


def conv(name: str, entry: str, side: int, filters: int, kernel: int = 1, **attributes: Any) -> Layer:
    size: dict[str, Any] = {"kernel": (kernel, kernel), "stride": (1, 1), "padding": "same", "filters": filters}
    return Layer(name, "convolution", "Conv2D", (entry,), (side, side, filters), groups=1, **size, **attributes)


def weighing_decoder() -> list[Layer]:
    """Of two levels: what comes from below is enlarged, and weighed by what its tap says of all positions."""
    layers: list[Layer] = []
    last = "block7a_project_bn"
    for tap, side, filters in (("block5c_add", 14, 112), ("block3b_add", 28, 40)):
        gate, whole = (1, 1, filters), (side, side, filters)
        layers += [
            conv(f"{tap}/narrowed", last, side // 2, filters, 3),
            Layer(
                f"{tap}/up", "upsampling", "UpSampling2D", (f"{tap}/narrowed",), (side, side, filters), stride=(2, 2)
            ),
            Layer(f"{tap}/pooled", "global_average_pooling", "GlobalAveragePooling2D", (tap,), gate),
            conv(f"{tap}/gate", f"{tap}/pooled", 1, filters, activation="sigmoid"),
            Layer(f"{tap}/weighed", "multiply", "Multiply", (f"{tap}/up", f"{tap}/gate"), whole),
            Layer(f"{tap}/joined", "concatenate", "Concatenate", (f"{tap}/weighed", tap), (side, side, 2 * filters)),
            conv(f"{tap}/mixed", f"{tap}/joined", side, 64, 3),
        ]
        last = f"{tap}/mixed"
    return layers


def narrowing_decoder(*, doubles: bool) -> list[Layer]:
    """Its first convolution narrows what it takes, normalised and activated, before that is enlarged or put beside."""
    learned: dict[str, Any] = {"use_bias": True, "use_scale": True}
    layers = [
        conv("narrowed", "block7a_project_bn", 7, 80),
        Layer("normalized", "batch_normalization", "BatchNormalization", ("narrowed",), (7, 7, 80), **learned),
        Layer("activated", "activation", "ReLU", ("normalized",), (7, 7, 80), activation="relu"),
    ]
    if doubles:
        size: dict[str, Any] = {"kernel": (4, 4), "stride": (2, 2), "padding": "same", "filters": 112, "groups": 1}
        up = Layer("up", "transposed_convolution", "Conv2DTranspose", ("activated",), (14, 14, 112), **size)
        return [*layers, up, Layer("joined", "add", "Add", ("up", "block5c_add"), (14, 14, 112))]
    pooled = Layer("pooled", "max_pooling", "MaxPooling2D", ("block5c_add",), (7, 7, 112), kernel=(2, 2), stride=(2, 2))
    return [*layers, pooled, Layer("joined", "concatenate", "Concatenate", ("activated", "pooled"), (7, 7, 192))]


def level_decoder() -> list[Layer]:
    """Convolutions side by side on the last features, one of them as wide as those."""
    return [
        conv("level", "block7a_project_bn", 7, 320, activation="relu"),
        conv("looked", "block7a_project_bn", 7, 64, 3, activation="relu"),
        Layer("joined", "concatenate", "Concatenate", ("level", "looked"), (7, 7, 384)),
    ]


DECODERS = {
    "level": level_decoder(),
    "weighing": weighing_decoder(),
    "narrowing, then larger": narrowing_decoder(doubles=True),
    "narrowing, then beside": narrowing_decoder(doubles=False),
}


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_is_no_part_of_the_network_that_it_takes_from(name: str) -> None:
    graph = graph_of("b0")
    body = [layer for layer in graph if layer.name not in graph.descendants(["block7a_project_bn"])]
    anatomy = dissect(LayerGraph(name, (*body, *DECODERS[name])))
    assert [len(block.sub_blocks) for block in anatomy.blocks] == [1, 2, 2, 3, 3, 4, 1]
    assert anatomy.head is None


def test_a_narrow_convolution_before_a_classifier_is_final_layers() -> None:
    graph = graph_of("b0")
    body = [layer for layer in graph if layer.name not in graph.descendants(["block7a_project_bn"])]
    pooled = Layer("pooled", "global_average_pooling", "GlobalAveragePooling2D", ("activated",), (80,))
    anatomy = dissect(LayerGraph("narrow", (*body, *narrowing_decoder(doubles=True)[:3], pooled)))
    assert anatomy.head is not None
    assert [layer.name for layer in anatomy.head.layers] == ["narrowed", "normalized", "activated"]


def test_layers_that_are_applied_step_by_step_are_said() -> None:
    graph = graph_of("b0")
    films = replace(graph, layers=tuple(layer._replace(steps=8) for layer in graph))
    (remark,) = dissect(films).remarks
    assert "count for all 8 steps" in remark
    assert dissect(graph).remarks == ()
