"""Configurations written by hand: both of Keras' ways to write edges, nesting, sharing, and what is broken."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from effnet_inspect.errors import EffnetInspectError, GraphError, SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.limits import NESTING
from effnet_inspect.sources.gate import admitted
from effnet_inspect.sources.keras.config import read_config
from effnet_inspect.sources.keras.overrides import LiveOverrides
from effnet_inspect.structure.measures import Measures

Entry = dict[str, Any]


def tensor(name: str, call: int = 0, output: int = 0) -> Entry:
    """An edge as Keras 3 writes it."""
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, call, output]}}


def entry(class_name: str, name: str, *sources: str, **config: Any) -> Entry:
    """A layer in a functional model of Keras 3, called once."""
    calls = [{"args": [[tensor(source) for source in sources]], "kwargs": {}}] if sources else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": calls}


def functional(*entries: Entry, inputs: tuple[str, ...] = ("image",), outputs: tuple[str, ...] = ()) -> Entry:
    return {
        "class_name": "Functional",
        "config": {
            "name": "model",
            "layers": list(entries),
            "input_layers": [[name, 0, 0] for name in inputs],
            "output_layers": [[name, 0, 0] for name in outputs or (entries[-1]["name"],)],
        },
    }


def image(name: str = "image", *shape: int | None) -> Entry:
    return entry("InputLayer", name, batch_shape=[None, *(shape or (8, 8, 3))])


CONV: Entry = {"filters": 4, "kernel_size": [3, 3], "padding": "same", "use_bias": True}


def test_keras_3() -> None:
    graph = read_config(
        functional(image(), entry("Conv2D", "conv", "image", **CONV), entry("Add", "sum", "conv", "conv"))
    )
    assert [(layer.name, layer.operation, layer.output_shape, layer.parameters) for layer in graph] == [
        ("image", "input", (8, 8, 3), 0),
        ("conv", "convolution", (8, 8, 4), 112),
        ("sum", "add", (8, 8, 4), 0),
    ]
    assert graph["sum"].inputs == ("conv", "conv")
    assert graph.name == "model"


def test_keras_2() -> None:
    def called(class_name: str, name: str, *sources: str, **config: Any) -> Entry:
        calls = [[[source, 0, 0, {}] for source in sources]] if sources else []
        return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": calls}

    graph = read_config(
        functional(
            called("InputLayer", "image", batch_input_shape=[None, 8, 8, 3]),
            called("Conv2D", "conv", "image", **CONV),
            called("Activation", "act", "conv", activation="swish"),
            called("Multiply", "gate", "act", "conv"),
        )
    )
    assert graph["gate"].inputs == ("act", "conv")
    assert graph["act"].activation == "silu"
    assert graph["gate"].output_shape == (8, 8, 4)


def test_sequential() -> None:
    layers = [
        {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [None, 8, 8, 3], **CONV}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        {"class_name": "Dense", "config": {"name": "out", "units": 2}},
    ]
    for config in (layers, {"name": "row", "layers": layers}):
        graph = read_config({"class_name": "Sequential", "config": config})
        assert [(layer.name, layer.output_shape, layer.parameters) for layer in graph] == [
            ("input", (8, 8, 3), 0),
            ("conv", (8, 8, 4), 112),
            ("flat", (256,), 0),
            ("out", (2,), 514),
        ]


def test_layers_in_a_row_need_no_names() -> None:
    own = {"class_name": "Own", "config": {"filters": 3}}
    row = [{"class_name": "ReLU", "config": {"name": "Own_1"}}, own, {"class_name": "ReLU", "config": {}}, own, own]
    config = {"class_name": "Sequential", "config": {"name": "row", "layers": row}}
    assert [layer.name for layer in read_config(config)] == ["input", "Own_1", "Own", "ReLU", "Own_2", "Own_3"]


def nested(depth: int) -> Entry:
    model = functional(image(), entry("Conv2D", "conv", "image", **CONV))
    for level in range(depth):
        inside = {
            "class_name": "Functional",
            "name": f"inner{level}",
            "config": {**model["config"], "name": f"inner{level}"},
            "inbound_nodes": [{"args": [tensor("image")], "kwargs": {}}],
        }
        model = functional(image(), inside, entry("ReLU", "after", f"inner{level}"))
    return model


def test_nested_models_are_laid_open() -> None:
    graph = read_config(nested(2))
    assert [layer.name for layer in graph] == [
        "image",
        "inner1/image",
        "inner1/inner0/image",
        "inner1/inner0/conv",
        "inner1/after",
        "after",
    ]
    assert graph["inner1/inner0/conv"].output_shape == (8, 8, 4)
    assert graph.outputs == ("after",)


def test_names_that_look_alike_are_told_apart() -> None:
    """Keras counts repeats by letters, and so comes to control characters."""
    first, second = entry("Conv2D", "block\x80", "image", **CONV), entry("Conv2D", "block\x81", "block\x80", **CONV)
    graph = admitted(read_config(functional(image(), first, second)))
    assert [(layer.name, layer.inputs) for layer in graph][1:] == [
        ("block\ufffd", ("image",)),
        ("block\ufffd:2", ("block\ufffd",)),
    ]


def test_nesting_has_an_end() -> None:
    assert len(read_config(nested(NESTING))) == 2 * NESTING + 2
    with pytest.raises(SourceError, match="nested more than"):
        read_config(nested(NESTING + 1))


def test_shared_weights_are_counted_once() -> None:
    shared = entry("Conv2D", "conv", "image", **CONV)
    shared["inbound_nodes"].append({"args": [tensor("other")], "kwargs": {}})
    total = entry("Add", "sum")
    total["inbound_nodes"] = [{"args": [[tensor("conv"), tensor("conv", 1)]], "kwargs": {}}]
    graph = read_config(functional(image(), image("other"), shared, total, inputs=("image", "other")))
    assert graph["sum"].inputs == ("conv", "conv:1")
    assert graph["conv:1"].shares_weights_with == "conv"
    assert sum(layer.parameters or 0 for layer in graph) == 112


def test_frozen_layers_train_nothing() -> None:
    graph = read_config(functional(image(), entry("Conv2D", "conv", "image", **CONV, trainable=False)))
    assert (graph["conv"].parameters, graph["conv"].trainable_parameters) == (112, 0)


def test_channels_first_is_turned() -> None:
    graph = read_config(
        functional(image("image", 3, 8, 9), entry("Conv2D", "conv", "image", **CONV, data_format="channels_first"))
    )
    assert graph["image"].output_shape == (8, 9, 3)
    assert graph["conv"].output_shape == (8, 9, 4)
    assert graph["conv"].parameters == 112


def test_in_channels_first_the_channels_are_axis_1() -> None:
    graph = read_config(
        functional(
            image("image", 3, 8, 9),
            entry("Conv2D", "conv", "image", **CONV, data_format="channels_first"),
            entry("BatchNormalization", "norm", "conv", axis=[1]),
            entry("BatchNormalization", "rows", "conv", axis=2),
            entry("Concatenate", "join", "norm", "image", axis=1),
            entry("Concatenate", "columns", "norm", "rows", axis=-1),
            entry("Concatenate", "wrong", "norm", "image", axis=-1),
            outputs=("join", "columns", "wrong"),
        )
    )
    assert (graph["norm"].operation, graph["norm"].parameters) == ("batch_normalization", 16)
    assert (graph["rows"].operation, graph["rows"].parameters) == ("other_normalization", 32)
    assert (graph["join"].operation, graph["join"].output_shape) == ("concatenate", (8, 9, 7))
    assert (graph["columns"].operation, graph["columns"].output_shape) == ("rearrangement", (8, 18, 4))
    assert graph["wrong"].output_shape is None
    assert graph["columns"].parameters == 0


def test_facts_are_stronger_than_rules() -> None:
    overrides = LiveOverrides({"conv": (7, 5)}, {"conv": (1, 2, 3)})
    graph = read_config(functional(image(), entry("Conv2D", "conv", "image", **CONV)), overrides=overrides)
    conv = graph["conv"]
    assert (conv.parameters, conv.trainable_parameters, conv.output_shape) == (7, 5, (1, 2, 3))


@pytest.mark.parametrize("where", [{"registered_name": "mine>Conv2D"}, {"module": "mine.layers"}])
def test_somebody_elses_class_of_the_same_name_is_opaque(where: dict[str, str]) -> None:
    graph = read_config(functional(image(), {**entry("Conv2D", "conv", "image", **CONV), **where}))
    assert (graph["conv"].operation, graph["conv"].class_name) == ("opaque", "Conv2D")
    assert graph["conv"].parameters is None


def test_an_unknown_class_is_opaque_and_a_function_has_no_weights() -> None:
    graph = read_config(functional(image(), entry("Mystery", "x", "image"), entry("Lambda", "y", "x")))
    assert (graph["x"].operation, graph["x"].parameters) == ("opaque", None)
    assert (graph["y"].operation, graph["y"].parameters) == ("opaque", 0)


def test_the_shape_of_what_is_unknown_is_not_that_of_its_input() -> None:
    layers = entry("Mystery", "x", "image"), entry("ReLU", "y", "x"), entry("Dense", "z", "y", units=3)
    graph = read_config(functional(image(), *layers))
    assert [layer.output_shape for layer in graph] == [(8, 8, 3), None, None, None]
    assert graph["z"].parameters is None


def test_a_row_of_more_axes_and_what_is_joined_along_the_batch() -> None:
    graph = read_config(
        functional(
            image(),
            entry("Conv1D", "rows", "image", filters=4, kernel_size=3),
            entry("Concatenate", "both", "image", "image", axis=0),
            outputs=("rows", "both"),
        )
    )
    measures = Measures(graph)
    rows = graph["rows"]
    assert (rows.output_shape, rows.parameters, measures.of(rows, "macs")) == (None, 40, None)
    assert graph["both"].output_shape == (8, 8, 3)


def test_a_later_output_has_a_shape_of_its_own() -> None:
    def state(shape: list[int | None] | None) -> Entry:
        given = tensor("memory", 0, 1)
        given["config"]["shape"] = shape
        called = [{"args": [given], "kwargs": {}}]
        return {**entry("Dense", "dense", units=2), "inbound_nodes": called}

    memory = entry("LSTM", "memory", "image", units=4, return_sequences=True, return_state=True)
    for shape, expected in (([None, 4], (2,)), (None, None)):
        graph = read_config(functional(image("image", 10, 6), memory, state(shape)))
        assert graph["memory"].output_shape == (10, 4)
        assert graph["dense"].output_shape == expected


def per_frame(*frames: int | None) -> LayerGraph:
    """A small network for every frame, then a classifier of all of them."""
    row = [
        {"class_name": "InputLayer", "config": {"name": "frame", "batch_shape": [None, 8, 8, 3]}},
        {"class_name": "Conv2D", "config": {"name": "conv", **CONV}},
        {"class_name": "GlobalAveragePooling2D", "config": {"name": "pool"}},
    ]
    inner = {"class_name": "Sequential", "config": {"name": "row", "layers": row}}
    layer = inner
    for _ in frames[1:]:
        layer = {"class_name": "TimeDistributed", "config": {"name": "inside", "layer": layer}}
    return read_config(
        functional(
            image("image", *frames, 8, 8, 3),
            entry("TimeDistributed", "each", "image", layer=layer),
            entry("Flatten", "flat", "each"),
            entry("Dense", "out", "flat", units=2),
        )
    )


def test_a_network_for_every_frame_costs_as_often() -> None:
    graph = per_frame(5)
    measures = Measures(graph)
    assert [(layer.name, layer.output_shape, layer.steps, measures.of(layer, "macs")) for layer in graph] == [
        ("image", (5, 8, 8, 3), 1, 0),
        ("each/frame", (8, 8, 3), 5, 0),
        ("each/conv", (8, 8, 4), 5, 5 * 64 * 27 * 4),
        ("each/pool", (4,), 5, 0),
        ("each", (5, 4), 1, 0),
        ("flat", (20,), 1, 0),
        ("out", (2,), 1, 40),
    ]
    assert measures.of(graph["each/conv"], "activations") == 5 * 8 * 8 * 4
    assert graph["each/conv"].parameters == 112
    assert graph["each"].class_name == "TimeDistributed"


def test_frames_of_frames_and_any_number_of_them() -> None:
    twice = per_frame(5, 6)
    assert (twice["each/conv"].steps, twice["each"].output_shape) == (30, (5, 6, 4))
    any_number = per_frame(None)
    assert any_number["each/conv"].steps is None
    assert Measures(any_number).of(any_number["each/conv"], "macs") is None
    assert any_number["each/conv"].parameters == 112


def test_frames_with_the_channels_first() -> None:
    inner = {"class_name": "Conv2D", "config": {"name": "c", **CONV, "data_format": "channels_first"}}
    first = entry("Conv2D", "first", "other", **CONV, data_format="channels_first")
    each = entry("TimeDistributed", "each", "image", layer=inner)
    graph = read_config(
        functional(
            image("image", 5, 3, 8, 9),
            image("other", 3, 8, 9),
            first,
            each,
            inputs=("image", "other"),
            outputs=("each", "first"),
        )
    )
    assert (graph["each"].output_shape, graph["each"].parameters) == ((5, 4, 8, 9), 112)
    assert Measures(graph).of(graph["each"], "macs") == 5 * 72 * 27 * 4


@pytest.mark.parametrize(
    "wrapper", ["PruneLowMagnitude", "ClusterWeights", "QuantizeWrapperV2", "tfmot>QuantizeAnnotate", "Mine"]
)
def test_a_layer_in_a_wrapper_is_read_as_itself(wrapper: str) -> None:
    inner = {"class_name": "Conv2D", "config": {"name": "conv", **CONV}}
    graph = read_config(
        functional(
            image(),
            entry(wrapper, "outer", "image", layer=inner, trainable=True),
            entry(wrapper, "again", "outer", layer={"class_name": wrapper, "config": {"layer": inner}}),
            entry(wrapper, "frozen", "again", layer=inner, trainable=False),
        )
    )
    name = wrapper.split(">")[-1]
    outer = graph["outer"]
    assert (outer.operation, outer.class_name, outer.parameters) == ("convolution", f"{name}(Conv2D)", 112)
    assert (outer.kernel, outer.output_shape) == ((3, 3), (8, 8, 4))
    assert graph["again"].class_name == f"{name}({name}(Conv2D))"
    assert (graph["frozen"].parameters, graph["frozen"].trainable_parameters) == (148, 0)


FOREIGN: list[tuple[str, dict[str, Any], str, str | float | None]] = [
    ("FixedDropout", {"rate": 0.2}, "dropout", 0.2),
    ("DropConnect", {"drop_connect_rate": 0.1}, "dropout", 0.1),
    ("DropPath", {"drop_prob": 0.3}, "dropout", 0.3),
    ("MyStochasticDepth", {"survival_probability": 0.8}, "dropout", 0.2),
    ("Custom>FixedDropout", {"rate": 0.2}, "dropout", 0.2),
    ("FixedDropout", {}, "opaque", None),
    ("FixedDropout", {"rate": "much"}, "opaque", None),
    ("Swish", {}, "activation", "silu"),
    ("SwishLayer", {}, "activation", "silu"),
    ("HSwish", {}, "activation", "hard_silu"),
    ("Hard_Sigmoid", {}, "activation", "hard_sigmoid"),
    ("Mish", {}, "activation", "mish"),
    ("Custom>GELU", {}, "activation", "gelu"),
    ("Swishing", {}, "opaque", None),
]


@pytest.mark.parametrize("where", [{}, {"module": "mine.layers", "registered_name": "mine>X"}])
@pytest.mark.parametrize(("class_name", "config", "operation", "value"), FOREIGN)
def test_layers_that_packages_define_for_themselves(
    class_name: str, config: dict[str, Any], operation: str, value: str | float | None, where: dict[str, str]
) -> None:
    graph = read_config(functional(image(), {**entry(class_name, "x", "image", **config), **where}))
    found = graph["x"]
    assert (found.operation, found.activation or found.rate) == (operation, value)
    assert found.output_shape == (None if operation == "opaque" else (8, 8, 3))


def test_a_foreign_dropout_of_two_tensors_is_a_joint_of_its_own() -> None:
    graph = read_config(functional(image(), entry("StochasticDepth", "x", "image", "image", survival_probability=0.8)))
    assert (graph["x"].operation, graph["x"].output_shape) == ("opaque", None)


def test_no_receptive_field_is_told_behind_what_no_window_describes() -> None:
    graph = read_config(
        functional(
            image(),
            entry("Conv2D", "conv", "image", **CONV),
            entry("Permute", "turned", "conv", dims=[2, 1, 3]),
            entry("Add", "sum", "conv", "turned"),
            entry("SeparableConv2D", "separable", "conv", filters=2, kernel_size=5, strides=2),
            entry("MaxPooling2D", "pool", "separable"),
            outputs=("sum", "pool"),
        )
    )
    measures = Measures(graph)
    told = {layer.name: measures.of(layer, "receptive_field") for layer in graph}
    assert told == {
        "image": (1, 1),
        "conv": (3, 3),
        "turned": None,
        "sum": None,
        "separable": (7, 7),
        "pool": (9, 9),
    }
    assert measures.of(graph["turned"], "effective_stride") is None


GOOD = functional(image(), entry("Conv2D", "conv", "image", **CONV))

BROKEN: list[tuple[str, object]] = [
    ("this is not a configuration", None),
    ("this is not a configuration", []),
    ("this is not a configuration", {}),
    ("this is not a configuration", "x"),
    ("its class Mine states hyperparameters", {"class_name": "Mine", "config": {}}),
    ("has no layers", {"class_name": "Sequential", "config": {"name": "x", "layers": []}}),
    ("cannot be read", functional(image(), entry("Conv2D", "conv", "nobody", **CONV))),
    ("cannot be read", functional(image(), entry("Conv2D", "conv", "image"))),
    ("cannot be read", functional(image(), entry("Conv2D", "conv", "image", **{**CONV, "filters": "many"}))),
    ("cannot be read", functional(image(), outputs=("nobody",))),
    ("cycle", functional(image(), entry("ReLU", "a", "b"), entry("ReLU", "b", "a"))),
]


@pytest.mark.parametrize(("words", "config"), BROKEN)
def test_broken_configurations(words: str, config: object) -> None:
    with pytest.raises(SourceError, match=words):
        read_config(config)


JUNK: list[Any] = [None, 0, -1, "x", [], {}, [[]], 1e400, True]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything inside a configuration."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, item in inner for deeper in places(item, (*path, key)))]


@pytest.mark.parametrize("path", [path for path in places(GOOD) if path])
def test_junk_anywhere_is_read_or_refused_in_a_sentence(path: tuple[Any, ...]) -> None:
    for junk in JUNK:
        config = copy.deepcopy(GOOD)
        target: Any = config
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = junk
        try:
            read_config(config)
        except (SourceError, GraphError) as error:
            assert isinstance(error, EffnetInspectError)  # noqa: PT017 - reading it may also succeed
