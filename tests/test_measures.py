"""Parameters, MACs, activations and receptive fields against countings of their own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.measures import Measures
from tests import family, synthetic
from tests.conftest import anatomy_of, graph_of, measures_of
from tests.family import FAMILY


@pytest.mark.parametrize("variant", FAMILY)
def test_totals(variant: str) -> None:
    member, totals = FAMILY[variant], measures_of(variant).totals()
    counted = family.cost(member)
    assert totals.parameters == member.parameters[0] == counted.parameters
    assert totals.macs == counted.macs
    assert round(totals.macs / 1e9, 4) == member.giga_macs
    assert totals.macs == family.EXACT_MACS.get(variant, totals.macs)
    assert totals.layers == member.layers[0]
    assert totals.weights_bytes == 4 * totals.parameters
    assert totals.activation_bytes == 4 * totals.activations
    assert (totals.uncounted_parameters, totals.uncounted_macs, totals.uncounted_activations) == ((), (), ())


@pytest.mark.parametrize("variant", FAMILY)
def test_parts_sum_to_wholes(variant: str) -> None:
    anatomy, measures = anatomy_of(variant), measures_of(variant)

    def sums(*groups: tuple[Layer, ...]) -> tuple[int, ...]:
        totals = [measures.totals(group) for group in groups]
        return tuple(
            sum(getattr(each, name) for each in totals)
            for name in ("layers", "parameters", "trainable_parameters", "macs", "activations")
        )

    assert sums(anatomy.graph.layers) == sums(*(stage.layers for stage in anatomy.stages))
    for block in anatomy.blocks:
        assert sums(block.layers) == sums(*(each.layers for each in block.sub_blocks))
        for each in block.sub_blocks:
            assert sums(each.layers) == sums(*(module.layers for module in each.modules))
    without_top = measures.totals(
        layer for stage in anatomy.stages if stage is not anatomy.classifier for layer in stage.layers
    )
    assert without_top.parameters == FAMILY[variant].parameters[1]


@pytest.mark.parametrize("variant", FAMILY)
def test_what_does_not_train_is_half_of_every_normalisation(variant: str) -> None:
    normalized = sum(
        2 * (layer.channels or 0) for layer in graph_of(variant) if layer.operation == "batch_normalization"
    )
    totals = measures_of(variant).totals()
    assert totals.parameters - totals.trainable_parameters == normalized + 7


@pytest.mark.parametrize("target", ["b0@32", "b0@33", "b0@225x321"])
def test_parameters_do_not_depend_on_the_resolution_and_macs_do(target: str) -> None:
    totals = measures_of(target).totals()
    height, _, width = target.partition("@")[2].partition("x")
    assert totals.parameters == FAMILY["b0"].parameters[0]
    assert totals.macs == family.cost(FAMILY["b0"], int(height), int(width or height)).macs


@settings(deadline=None, max_examples=25)
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
    assert (totals.parameters, totals.macs) == family.cost(member)


@pytest.mark.parametrize("variant", FAMILY)
def test_local_receptive_fields_and_strides(variant: str) -> None:
    """Worked out by the textbook's recurrence from kernels and strides alone."""
    anatomy, measures = anatomy_of(variant), measures_of(variant)
    field, apart = 3, 2
    for block, repeats in enumerate(FAMILY[variant].repeats):
        for position in range(repeats):
            field += (family.KERNELS[block] - 1) * apart
            apart *= 1 if position else family.STRIDES[block]
        last = measures[anatomy.blocks[block].layers[-1].name]
        assert last.receptive_field == (field, field)
        assert last.effective_stride == (apart, apart)
    assert apart == 32


@pytest.mark.parametrize("variant", ["b0", "b7"])
def test_activations_are_the_elements_of_all_outputs(variant: str) -> None:
    elements = sum(math.prod(size or 0 for size in layer.output_shape or ()) for layer in graph_of(variant))
    assert measures_of(variant).totals().activations == elements


def test_what_cannot_be_counted_is_named() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(8, 8, 3))
    riddle = Layer("riddle", "opaque", "Riddle", ("image",), parameters=None, trainable_parameters=None)
    conv = Layer("conv", "convolution", "Conv2D", ("riddle",), (8, 8, 4), 112, 112, kernel=(3, 3), filters=4, groups=1)
    totals = Measures(LayerGraph("riddle", (image, riddle, conv))).totals()
    assert totals.uncounted_parameters == ("riddle",)
    assert totals.uncounted_macs == ("riddle", "conv")
    assert totals.uncounted_activations == ("riddle",)
    assert totals.parameters == 112


def test_an_unknown_size_leaves_macs_open() -> None:
    image = Layer("image", "input", "InputLayer", output_shape=(None, None, 3))
    conv = Layer("conv", "convolution", "Conv2D", ("image",), (None, None, 4), 112, 112, kernel=(3, 3), filters=4)
    measured = Measures(LayerGraph("open", (image, conv)))["conv"]
    assert measured.macs is None
    assert measured.activations is None
    assert measured.receptive_field == (3, 3)


def test_no_layers_cost_nothing() -> None:
    totals = measures_of("b0").totals(())
    assert (totals.layers, totals.parameters, totals.macs, totals.activations) == (0, 0, 0, 0)
