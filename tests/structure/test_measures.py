"""Parameters, MACs, activations and receptive fields against countings of their own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effnet_inspect.graph import Layer, LayerGraph, OperationName, Pair
from effnet_inspect.structure.measures import MEASURES, Measures, measures_shown_in
from tests import family, synthetic
from tests.family import FAMILY
from tests.graphs import anatomy_of, graph_of, measures_of


@pytest.mark.parametrize("variant", FAMILY)
def test_totals(variant: str) -> None:
    member, totals = FAMILY[variant], measures_of(variant).totals()
    counted = family.cost(member)
    assert totals["parameters"] == member.parameters[0] == counted.parameters
    assert totals["macs"] == counted.macs
    assert round(totals["macs"] / 1e9, 4) == member.giga_macs
    assert totals["macs"] == family.EXACT_MACS.get(variant, totals["macs"])
    assert totals["layers"] == member.layers[0]
    assert totals["weights_bytes"] == 4 * totals["parameters"]
    assert totals["activation_bytes"] == 4 * totals["activations"]
    assert (totals.total("parameters").missing, totals.total("macs").missing, totals.total("activations").missing) == (
        (),
        (),
        (),
    )


@pytest.mark.parametrize("variant", FAMILY)
def test_parts_sum_to_wholes(variant: str) -> None:
    anatomy, measures = anatomy_of(variant), measures_of(variant)

    def sums(*groups: tuple[Layer, ...]) -> tuple[int, ...]:
        totals = [measures.totals(group) for group in groups]
        return tuple(
            sum(each[measure.key] for each in totals) for measure in MEASURES.values() if measure.combine == "sum"
        )

    assert sums(anatomy.graph.layers) == sums(*(stage.layers for stage in anatomy.stages))
    for block in anatomy.blocks:
        assert sums(block.layers) == sums(*(each.layers for each in block.sub_blocks))
        for each in block.sub_blocks:
            assert sums(each.layers) == sums(*(module.layers for module in each.modules))
    without_top = measures.totals(
        layer for stage in anatomy.stages if stage is not anatomy.classifier for layer in stage.layers
    )
    assert without_top["parameters"] == FAMILY[variant].parameters[1]


@pytest.mark.parametrize("variant", FAMILY)
def test_what_does_not_train_is_half_of_every_normalisation(variant: str) -> None:
    normalized = sum(
        2 * (layer.channels or 0) for layer in graph_of(variant) if layer.operation == "batch_normalization"
    )
    totals = measures_of(variant).totals()
    assert totals["parameters"] - totals["trainable_parameters"] == normalized + 7


@pytest.mark.parametrize("target", ["b0@32", "b0@33", "b0@225x321"])
def test_parameters_do_not_depend_on_the_resolution_and_macs_do(target: str) -> None:
    totals = measures_of(target).totals()
    height, _, width = target.partition("@")[2].partition("x")
    assert totals["parameters"] == FAMILY["b0"].parameters[0]
    assert totals["macs"] == family.cost(FAMILY["b0"], int(height), int(width or height)).macs


@settings(max_examples=25)
@given(width=st.floats(0.2, 3.0), depth=st.floats(0.2, 4.0), resolution=st.integers(32, 800))
def test_any_scaling_costs_what_its_specification_costs(width: float, depth: float, resolution: int) -> None:
    specification = synthetic.scaled(width, depth, resolution)
    member = FAMILY["b0"]._replace(
        resolution=resolution,
        repeats=tuple(stage.repeats for stage in specification.stages),
        stem=specification.stem,
        channels=tuple(stage.channels for stage in specification.stages),
        head=specification.head,
    )
    totals = Measures(synthetic.lay_out(specification)).totals()
    assert (totals["parameters"], totals["macs"]) == family.cost(member)


@pytest.mark.parametrize("variant", FAMILY)
def test_local_receptive_fields_and_strides(variant: str) -> None:
    """Worked out by the textbook's recurrence from kernels and strides alone."""
    anatomy, measures = anatomy_of(variant), measures_of(variant)
    field, apart = 3, 2
    for block, repeats in enumerate(FAMILY[variant].repeats):
        for position in range(repeats):
            field += (family.KERNELS[block] - 1) * apart
            apart *= 1 if position else family.STRIDES[block]
        layers = anatomy.blocks[block].layers
        assert measures.at_end(layers, "receptive_field") == (field, field)
        assert measures.at_end(layers, "effective_stride") == (apart, apart)
    assert apart == 32


@pytest.mark.parametrize("variant", ["b0", "b7"])
def test_activations_are_the_elements_of_all_outputs(variant: str) -> None:
    elements = sum(math.prod(size or 0 for size in layer.output_shape or ()) for layer in graph_of(variant))
    assert measures_of(variant).totals()["activations"] == elements


def test_what_cannot_be_counted_is_named() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    riddle = Layer("riddle", "opaque", "Riddle", ("image",), parameters=None, trainable_parameters=None)
    conv = Layer("conv", "convolution", "Conv2D", ("riddle",), (8, 8, 4), 112, 112, kernel=(3, 3), filters=4, groups=1)
    totals = Measures(LayerGraph("riddle", (image, riddle, conv))).totals()
    assert totals.total("parameters").missing == ("riddle",)
    assert totals.total("macs").missing == ("riddle", "conv")
    assert totals.total("activations").missing == ("riddle",)
    assert totals["parameters"] == 112


def test_an_unknown_size_leaves_macs_open() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(None, None, 3))
    conv = Layer("conv", "convolution", "Conv2D", ("image",), (None, None, 4), 112, 112, kernel=(3, 3), filters=4)
    measures = Measures(LayerGraph("open", (image, conv)))
    values = [measures.of(conv, key) for key in ("macs", "activations", "activation_bytes", "receptive_field")]
    assert values == [None, None, None, (3, 3)]


CONVOLVED = Layer(
    "conv", "convolution", "Conv2D", ("image",), (4, 6, 5), 140, 135, kernel=(3, 3), stride=(2, 1), padding="same",
    filters=5, groups=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (
            CONVOLVED,
            {
                "layers": 1,
                "parameters": 140,
                "trainable_parameters": 135,
                "macs": 4 * 6 * 5 * 27,
                "activations": 120,
                "weights_bytes": 560,
                "activation_bytes": 480,
                "effective_stride": (2, 1),
                "receptive_field": (3, 3),
            },
        ),
        (
            CONVOLVED._replace(steps=8, precision="float16"),
            {
                "layers": 1,
                "parameters": 140,
                "macs": 8 * 4 * 6 * 5 * 27,
                "activations": 960,
                "weights_bytes": 280,
                "activation_bytes": 3840,
            },
        ),
        (
            CONVOLVED._replace(steps=None, parameters=None),
            {
                "layers": 1,
                "parameters": None,
                "macs": None,
                "activations": None,
                "weights_bytes": None,
                "activation_bytes": None,
            },
        ),
    ],
    ids=["one image", "eight frames", "unknown"],
)
def test_measures_of_a_layer(layer: Layer, expected: dict[str, object]) -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 6, 3))
    measures = Measures(LayerGraph("small", (image, layer)))
    found = {key: measures.of(layer, key) for key in expected}
    assert found == expected
    assert {key: type(value) for key, value in found.items()} == {key: type(value) for key, value in expected.items()}
    assert measures.at_end((image, layer), "activations") == expected["activations"]
    assert measures.at_end((), "activations") is None
    assert measures.totals((layer, layer)).exact("layers") == 2


def test_no_layers_cost_nothing() -> None:
    totals = measures_of("b0").totals(())
    assert (totals["layers"], totals["parameters"], totals["macs"], totals["activations"]) == (0, 0, 0, 0)


def chain(*layers: Layer) -> Measures:
    """The measures of an image and layers behind it, each of which takes what the one before gives."""
    image = Layer("image", "input", "InputLayer", output_shape=(96, 96, 3))
    row = [image]
    for number, layer in enumerate(layers):
        row.append(layer._replace(name=f"x{number}", inputs=(row[-1].name,)))
    return Measures(LayerGraph("chain", tuple(row)))


def window(
    operation: OperationName = "convolution", kernel: Pair = (3, 3), stride: Pair = (1, 1), dilation: Pair | None = None
) -> Layer:
    return Layer("", operation, "X", kernel=kernel, stride=stride, dilation=dilation)


def enlarging(height: int, width: int) -> Layer:
    return Layer("", "upsampling", "UpSampling2D", stride=(height, width))


NESTED = Layer("", "input", "InputLayer")
DOWN = window(stride=(2, 2))


def interpolating(interpolation: str) -> Layer:
    return enlarging(2, 2)._replace(settings=(("interpolation", f'"{interpolation}"'),))


FIELDS: dict[str, tuple[tuple[Layer, ...], Pair | None, tuple[float, float] | None]] = {
    # The field grows by (kernel - 1) * dilation * the distance of neighbours before; the distance by the stride. What
    # enlarges gives neighbours that see the same, or not: the output that sees most counts.
    "nothing": ((), (1, 1), (1, 1)),
    "one window": ((window(),), (3, 3), (1, 1)),
    "a stride counts for what follows": ((DOWN, DOWN, window()), (3 + 2 * 2 + 2 * 4,) * 2, (4, 4)),
    "dilation": ((window(dilation=(2, 3)),), (5, 7), (1, 1)),
    "dilation behind a stride": ((DOWN, window(dilation=(2, 3))), (3 + 2 * 2 * 2, 3 + 2 * 3 * 2), (2, 2)),
    "a kernel that is not square": ((window(kernel=(1, 7)), window(kernel=(5, 1))), (5, 7), (1, 1)),
    "a stride that is not square": ((window(stride=(1, 2)), window(stride=(2, 2)), window()),
                                    (3 + 2 * 1 + 2 * 2, 3 + 2 * 2 + 2 * 4), (2, 4)),
    "all of it": ((window(kernel=(3, 5), stride=(2, 1), dilation=(1, 2)), window(kernel=(7, 1), dilation=(3, 1))),
                  (3 + 6 * 3 * 2, 9), (2, 1)),
    "upsampling": ((DOWN, enlarging(2, 2), window()), (5, 5), (1, 1)),
    "upsampling that is not square": ((DOWN, DOWN, enlarging(4, 2), window()), (3 + 4 + 4, 3 + 4 + 4), (1, 2)),
    "upsampling of the image": ((enlarging(2, 4), window(kernel=(5, 5))), (1 + 4 // 2, 1 + 4 // 4), (0.5, 0.25)),
    "a transposed convolution enlarges": ((DOWN, window("transposed_convolution", stride=(2, 2)), window()),
                                          (7, 7), (1, 1)),
    "max pooling": ((window("max_pooling", stride=(2, 2)), window("max_pooling")), (7, 7), (2, 2)),
    "average pooling": ((window("average_pooling", stride=(2, 2)), window("average_pooling")), (7, 7), (2, 2)),
    "depthwise": ((window("depthwise_convolution", (5, 5), (2, 2)), window()), (9, 9), (2, 2)),
    "the input of a nested network": ((DOWN, NESTED, window()), (7, 7), (2, 2)),
    "what has no window": ((DOWN, Layer("", "activation", "ReLU"), window()), (7, 7), (2, 2)),
    "a transposed convolution": ((window("transposed_convolution"),), (3, 3), (1, 1)),
    "a transposed convolution of stride 2": ((window("transposed_convolution", stride=(2, 2)),), (2, 2), (0.5, 0.5)),
    "transposed 4x4 of stride 2": ((window("transposed_convolution", (4, 4), (2, 2)),), (2, 2), (0.5, 0.5)),
    "behind a stride": ((DOWN, window("transposed_convolution", (4, 4), (2, 2)), window()), (7, 7), (1, 1)),
    "gaps are seen by nobody": ((window("transposed_convolution", (1, 1), (2, 2)),), (1, 1), (0.5, 0.5)),
    "bilinear upsampling": ((DOWN, interpolating("bilinear")), (5, 5), (1, 1)),
    "bicubic upsampling": ((interpolating("bicubic"),), (4, 4), (0.5, 0.5)),
    "separable": ((window("separable_convolution", (5, 5), (2, 2)), window()), (9, 9), (2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_field_and_stride(name: str) -> None:
    layers, field, apart = FIELDS[name]
    measures = chain(*layers)
    last = measures.graph.layers[-1]
    assert (measures.of(last, "receptive_field"), measures.of(last, "effective_stride")) == (field, apart)


@pytest.mark.parametrize("inputs", [("tall", "wide"), ("wide", "tall")])
def test_where_ways_join_the_wider_one_counts(inputs: tuple[str, str]) -> None:
    tall, wide, join = window(kernel=(9, 1)), window(kernel=(1, 5)), Layer("join", "add", "Add", inputs)
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    ways = [each._replace(name=name, inputs=("image",)) for each, name in ((tall, "tall"), (wide, "wide"))]
    assert Measures(LayerGraph("ways", (image, *ways, join))).of(join, "receptive_field") == (9, 5)


def test_what_no_input_leads_to_has_no_field() -> None:
    constant = Layer("constant", "opaque", "Constant")
    conv = window()._replace(name="conv", inputs=("constant",))
    measures = Measures(LayerGraph("constant", (constant, conv)))
    assert (measures.of(conv, "receptive_field"), measures.of(conv, "effective_stride")) == (None, None)


@pytest.mark.parametrize(
    ("count", "named"),
    [(1, "x0"), (5, "x0, x1, x2, x3, x4"), (7, "x0, x1, x2, x3, x4 and 2 more")],
)
def test_a_lower_bound_names_what_it_lacks(count: int, named: str) -> None:
    riddle = Layer("", "opaque", "Riddle", output_shape=(8, 8, 3), parameters=None, trainable_parameters=None)
    assert chain(*[riddle] * count).totals().lower_bounds == tuple(
        f"The {noun} of {named} cannot be determined, so the sums are lower bounds." for noun in ("parameters", "MACs")
    )


def test_where_the_field_is_lost_is_said_in_the_order_of_the_data() -> None:
    riddles = [Layer(name, "opaque", "Riddle", ("image",), (8, 8, 3)) for name in "abc"]
    behind = [Layer(f"{riddle.name}2", "activation", "ReLU", (riddle.name,), (8, 8, 3)) for riddle in riddles]
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    measures = Measures(LayerGraph("riddles", (image, *riddles, *behind)))
    said = ("The local receptive field cannot be determined from a, b, c on.",)
    assert measures.unseen(measures.graph) == measures.unseen(behind) == said


def test_a_measure_of_a_group_is_a_sum_or_what_is_there_at_its_end() -> None:
    measures = chain(DOWN, window())
    layers = measures.graph.layers
    combined = {key: measures.combined(MEASURES[key], layers) for key in ("layers", "receptive_field")}
    assert combined == {"layers": 3, "receptive_field": (7, 7)}
    assert measures.combined(MEASURES["receptive_field"], layers[:2]) == (3, 3)
    assert measures.combined(MEASURES["layers"], layers[:2]) == 2


def test_measures_are_shown_where_they_say() -> None:
    places = {place for measure in MEASURES.values() for place in measure.shown_in}
    for place in places:
        shown = measures_shown_in(place)
        assert shown == tuple(measure for measure in MEASURES.values() if measure in shown)
        assert all((place in measure.shown_in) == (measure in shown) for measure in MEASURES.values())
