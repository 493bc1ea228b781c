"""What people change in an EfficientNet: kinds of edits of a graph, each with the differences that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.roles import ItemKind, Landmark
from tests.graphs import with_layer, without_layers

Difference = tuple[str, Landmark, ItemKind, str]
"""Place, landmark and kind of the item, and attribute."""


class NotHere(Exception):
    """The sub-block has nothing that the edit is about."""


class Edit(NamedTuple):
    """A kind of edit: what it makes of a graph, and which attributes of which items then differ."""

    apply: Callable[[LayerGraph, SubBlock], LayerGraph]
    differences: tuple[tuple[Landmark, ItemKind, str], ...]


def layer_of(sub_block: SubBlock, landmark: Landmark, kind: ItemKind) -> Layer:
    """The layer of an item."""
    found = [item.layer for item in sub_block.items if (item.landmark, item.kind) == (landmark, kind)]
    if not found:
        raise NotHere
    return found[0]


def insert_after(graph: LayerGraph, name: str, *layers: Layer) -> LayerGraph:
    """The graph with a row of layers behind one: what took its output takes that of the last; empty inputs are set."""
    row: list[Layer] = []
    before = name
    for layer in layers:
        inputs = tuple(each or before for each in layer.inputs) if layer.inputs else (before,)
        row.append(layer._replace(inputs=inputs, output_shape=layer.output_shape or graph[name].output_shape))
        before = layer.name

    def moved(layer: Layer) -> Layer:
        return layer._replace(inputs=tuple(before if each == name else each for each in layer.inputs))

    outputs = tuple(before if each == name else each for each in graph.outputs)
    return replace(graph, layers=(*map(moved, graph), *row), outputs=outputs)


def changed(landmark: Landmark, kind: ItemKind, **attributes: object) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """Other attributes of one layer; a function is applied to the layer."""

    def apply(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
        layer = layer_of(sub_block, landmark, kind)
        values = {name: value(layer) if callable(value) else value for name, value in attributes.items()}
        return with_layer(graph, layer.name, **values)

    return apply


def with_unit_stride(
    apply: Callable[[LayerGraph, SubBlock], LayerGraph],
) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """The edit, where zeros around the image follow the kernel."""

    def checked(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
        if sub_block.stride != (1, 1):
            raise NotHere
        return apply(graph, sub_block)

    return checked


def removed(landmark: Landmark, kind: ItemKind) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """A layer less."""
    return lambda graph, sub_block: without_layers(graph, {layer_of(sub_block, landmark, kind).name})


def inserted(
    landmark: Landmark, kind: ItemKind, *row: Callable[[str], Layer]
) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """Layers more, behind one; each is made from the sub-block's name."""

    def apply(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
        behind = layer_of(sub_block, landmark, kind).name
        return insert_after(graph, behind, *(make(f"new_{sub_block.name}_{at}") for at, make in enumerate(row)))

    return apply


def activation(function: str | None = "relu") -> Callable[[str], Layer]:
    """An activation."""
    return lambda name: Layer(name, "activation", "Activation", activation=function)


def normalization(name: str) -> Layer:
    """A batch normalisation."""
    return Layer(name, "batch_normalization", "BatchNormalization", epsilon=0.001, use_bias=True, use_scale=True)


def depthwise(name: str) -> Layer:
    """A depthwise convolution."""
    return Layer(name, "depthwise_convolution", "DepthwiseConv2D", kernel=(3, 3), stride=(1, 1), padding="same")


def shuffle(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """Channels in another order, as between convolutions of groups: there, across, and back."""
    behind = layer_of(sub_block, "depthwise", "activation")
    rows, columns, channels = (side or 0 for side in behind.output_shape or (0, 0, 0))
    name = f"new_{sub_block.name}"
    return insert_after(
        graph,
        behind.name,
        Layer(f"{name}_apart", "reshape", "Reshape", output_shape=(rows, columns, 2, channels // 2)),
        Layer(f"{name}_across", "rearrangement", "Permute", output_shape=(rows, columns, channels // 2, 2)),
        Layer(f"{name}_together", "reshape", "Reshape", output_shape=(rows, columns, channels)),
    )


def at_the_end(*row: Callable[[str], Layer]) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """Layers between a sub-block and the next one."""

    def apply(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
        layers = [make(f"new_{sub_block.name}_{at}") for at, make in enumerate(row)]
        return insert_after(graph, sub_block.layers[-1].name, *layers)

    return apply


def convolution_behind(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """A convolution behind a sub-block that neither widens nor narrows; among fused sub-blocks it would be one."""
    if sub_block.fused:
        raise NotHere
    name, filters = f"new_{sub_block.name}", sub_block.filters
    layer = Layer(
        name, "convolution", "Conv2D", kernel=(3, 3), stride=(1, 1), padding="same", filters=filters, groups=1
    )
    return insert_after(graph, sub_block.layers[-1].name, layer)


def depthwise_behind(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """A depthwise convolution behind a sub-block, alone; among fused sub-blocks it would be one of its own."""
    if sub_block.fused:
        raise NotHere
    last = sub_block.layers[-1]
    layer = depthwise(f"new_{sub_block.name}")._replace(filters=sub_block.filters, groups=sub_block.filters)
    return insert_after(graph, last.name, layer)


def computed_weights(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """Weights of a depthwise convolution that follow from what enters the sub-block."""
    convolution = layer_of(sub_block, "depthwise", "convolution")
    (entry,), name = sub_block.layers[0].inputs, f"new_{sub_block.name}"
    numbers = 9 * (convolution.filters or 0)
    pooled = Layer(
        f"{name}_pooled", "global_average_pooling", "GlobalAveragePooling2D", (entry,), (graph[entry].channels,)
    )
    dense = Layer(f"{name}_dense", "dense", "Dense", (pooled.name,), (numbers,), filters=numbers)
    arranged = Layer(
        f"{name}_arranged", "reshape", "Reshape", (dense.name,), (3, 3, convolution.filters, 1), parameters=0
    )
    graph = replace(graph, layers=(*graph, pooled, dense, arranged))
    return with_layer(graph, convolution.name, inputs=(*convolution.inputs, arranged.name))


def spatial_gate(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """A gate of one channel behind a sub-block."""
    return gate_behind(graph, sub_block, sub_block.layers[-1])


def spatial_gate_before(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """A gate of one channel before its squeeze-excite."""
    if not sub_block.squeeze_excite:
        raise NotHere
    return gate_behind(graph, sub_block, layer_of(sub_block, "depthwise", "activation"))


def gate_behind(graph: LayerGraph, sub_block: SubBlock, last: Layer) -> LayerGraph:
    """A gate of one channel behind a layer of a sub-block."""
    name = f"new_{sub_block.name}"
    sides = (last.output_shape or (None, None))[:2]
    gate = Layer(
        f"{name}_map", "convolution", "Conv2D", (last.name,), (*sides, 1), kernel=(7, 7), stride=(1, 1),
        padding="same", filters=1, groups=1, activation="sigmoid",
    )  # fmt: skip
    product = Layer(f"{name}_gate", "multiply", "Multiply", (last.name, gate.name))
    return insert_after(graph, last.name, gate, product)


def changed_attention(graph: LayerGraph, sub_block: SubBlock, **attributes: object) -> LayerGraph:
    """Other attributes of what closes the squeeze-excite."""
    items = [item for item in sub_block.items if item.attention == "squeeze-excite"]
    if not items:
        raise NotHere
    return with_layer(graph, items[0].layer.name, **attributes)


def without_squeeze_excite(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """The sub-block without its squeeze-excite."""
    items = [item for item in sub_block.items if item.attention == "squeeze-excite"]
    if not items:
        raise NotHere
    inside = {layer.name for layer in items[0].layers}
    entry = next(name for name in items[0].layer.inputs if name not in inside)
    layers = tuple(
        layer._replace(inputs=tuple(entry if name == items[0].layer.name else name for name in layer.inputs))
        for layer in graph
        if layer.name not in inside
    )
    return replace(graph, layers=layers)


def squeeze_excite_layer(position: int, **attributes: object) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """Other attributes of one of a squeeze-excite's two convolutions."""

    def apply(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
        layers = [layer for item in sub_block.items if item.attention for layer in item.layers if layer.filters]
        if not layers:
            raise NotHere
        return with_layer(graph, layers[position].name, **attributes)

    return apply


def squeeze_excite_pooling(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """The largest number of each channel in place of the mean."""
    pools = [
        layer for item in sub_block.items if item.attention for layer in item.layers if "pooling" in layer.operation
    ]
    if not pools:
        raise NotHere
    return with_layer(graph, pools[0].name, operation="global_max_pooling")


def squeeze_excite_normalized(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """A normalisation behind the first convolution of a squeeze-excite."""
    layers = [layer for item in sub_block.items if item.attention for layer in item.layers if layer.filters]
    if not layers:
        raise NotHere
    return insert_after(graph, layers[0].name, normalization(f"new_{sub_block.name}"))


def squeeze_excite_deepened(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """A convolution more between those of a squeeze-excite."""
    layers = [layer for item in sub_block.items if item.attention for layer in item.layers if layer.filters]
    if not layers:
        raise NotHere
    return insert_after(graph, layers[0].name, layers[0]._replace(name=f"new_{sub_block.name}", inputs=()))


def without_residual(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """The sub-block without its residual connection, and the dropout of that."""
    joint = layer_of(sub_block, "residual", "joint")
    inside = {layer.name for layer in sub_block.layers}
    main = next(name for name in joint.inputs if name in inside)
    gone = {joint.name, *(item.layer.name for item in sub_block.items if item.kind == "dropout")}
    return without_layers(with_layer(graph, joint.name, inputs=(main,)), gone)


def swapped(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
    """Activation before normalisation, after the expansion."""
    convolution = layer_of(sub_block, "expansion", "convolution")
    first, second = (layer_of(sub_block, "expansion", kind) for kind in ("normalization", "activation"))
    after = graph.consumers(second.name)
    graph = with_layer(graph, second.name, inputs=(convolution.name,))
    graph = with_layer(graph, first.name, inputs=(second.name,))
    for layer in after:
        inputs = tuple(first.name if name == second.name else name for name in layer.inputs)
        graph = with_layer(graph, layer.name, inputs=inputs)
    return graph


def only_repeated(
    apply: Callable[[LayerGraph, SubBlock], LayerGraph], *, residual: bool
) -> Callable[[LayerGraph, SubBlock], LayerGraph]:
    """The edit, where the sub-block has a residual connection, or has none."""

    def checked(graph: LayerGraph, sub_block: SubBlock) -> LayerGraph:
        if sub_block.residual is not residual:
            raise NotHere
        return apply(graph, sub_block)

    return checked


def wider(layer: Layer) -> tuple[int, int]:
    """A kernel that no sub-block has."""
    return (9, 9)


EDITS: dict[str, Edit] = {
    "kernel": Edit(
        with_unit_stride(changed("depthwise", "convolution", kernel=wider)), (("depthwise", "convolution", "kernel"),)
    ),
    "fused kernel": Edit(
        with_unit_stride(changed("fused", "convolution", kernel=wider)), (("fused", "convolution", "kernel"),)
    ),
    "dilation": Edit(
        with_unit_stride(changed("depthwise", "convolution", dilation=(2, 2))),
        (("depthwise", "convolution", "dilation"),),
    ),
    "computed weights": Edit(computed_weights, (("depthwise", "convolution", "weights"),)),
    "no normalisation": Edit(removed("depthwise", "normalization"), (("depthwise", "normalization", "presence"),)),
    "group normalisation": Edit(
        changed("projection", "normalization", operation="group_normalization", groups=8),
        (("projection", "normalization", "normalization"),),
    ),
    "second normalisation": Edit(
        inserted("projection", "normalization", normalization), (("projection", "added", "added"),)
    ),
    "another order": Edit(swapped, (("expansion", "normalization", "order"),)),
    "scaled shortcut": Edit(
        at_the_end(lambda name: Layer(name, "rescaling", "Rescaling", scale=(0.5,), offset=(0.0,))),
        (("between", "added", "added"),),
    ),
    "another activation": Edit(
        changed("expansion", "activation", activation="elu"), (("expansion", "activation", "activation"),)
    ),
    "no activation": Edit(removed("depthwise", "activation"), (("depthwise", "activation", "presence"),)),
    "activated projection": Edit(
        inserted("projection", "normalization", activation()), (("projection", "activation", "presence"),)
    ),
    "activated sum": Edit(
        only_repeated(at_the_end(activation()), residual=True), (("residual", "activation", "presence"),)
    ),
    "normalised sum": Edit(
        only_repeated(at_the_end(normalization), residual=True), (("residual", "normalization", "presence"),)
    ),
    "bias": Edit(changed("expansion", "convolution", use_bias=True), (("expansion", "convolution", "bias"),)),
    "second depthwise convolution": Edit(
        inserted("depthwise", "activation", depthwise, normalization), (("depthwise", "added", "added"),)
    ),
    "dropout inside": Edit(
        inserted("depthwise", "activation", lambda name: Layer(name, "dropout", "Dropout", rate=0.1)),
        (("depthwise", "added", "added"),),
    ),
    "no squeeze-excite": Edit(without_squeeze_excite, (("attention", "attention", "presence"),)),
    "squeeze-excite width": Edit(squeeze_excite_layer(0, filters=3), (("attention", "attention", "width"),)),
    "squeeze-excite activation": Edit(
        squeeze_excite_layer(0, activation="elu"), (("attention", "attention", "activation"),)
    ),
    "squeeze-excite gate": Edit(
        squeeze_excite_layer(1, activation="hard_sigmoid"), (("attention", "attention", "gate"),)
    ),
    "squeeze-excite pooling": Edit(squeeze_excite_pooling, (("attention", "attention", "pooling"),)),
    "squeeze-excite normalised": Edit(squeeze_excite_normalized, (("attention", "attention", "extra"),)),
    "squeeze-excite deepened": Edit(squeeze_excite_deepened, (("attention", "attention", "extra"),)),
    "squeeze-excite without bias": Edit(squeeze_excite_layer(0, use_bias=False), (("attention", "attention", "bias"),)),
    "squeeze-excite's gate without bias": Edit(
        squeeze_excite_layer(1, use_bias=False), (("attention", "attention", "gate_bias"),)
    ),
    "squeeze-excite in groups": Edit(squeeze_excite_layer(0, groups=2), (("attention", "attention", "groups"),)),
    "squeeze-excite's gate in groups": Edit(squeeze_excite_layer(1, groups=2), (("attention", "attention", "groups"),)),
    "squeeze-excite's gate in half precision": Edit(
        squeeze_excite_layer(1, precision="float16"), (("attention", "attention", "precision"),)
    ),
    "squeeze-excite's gate shared": Edit(
        squeeze_excite_layer(1, shares_weights_with="stem_conv"), (("attention", "attention", "shared"),)
    ),
    "squeeze-excite's gate frozen": Edit(
        squeeze_excite_layer(1, trainable_parameters=0), (("attention", "attention", "gate_trainable"),)
    ),
    "squeeze-excite frozen": Edit(
        squeeze_excite_layer(0, trainable_parameters=0), (("attention", "attention", "trainable"),)
    ),
    "squeeze-excite added": Edit(
        lambda graph, sub_block: changed_attention(graph, sub_block, operation="add"),
        (("attention", "attention", "joins"),),
    ),
    "no residual": Edit(without_residual, (("residual", "joint", "presence"), ("residual", "dropout", "presence"))),
    "concatenation": Edit(
        changed("residual", "joint", operation="concatenate", class_name="Concatenate"),
        (("residual", "joint", "joint"),),
    ),
    "drop rate": Edit(changed("residual", "dropout", rate=0.7), (("residual", "dropout", "rate"),)),
    "no drop": Edit(removed("residual", "dropout"), (("residual", "dropout", "presence"),)),
    "epsilon": Edit(changed("projection", "normalization", epsilon=0.5), (("projection", "normalization", "epsilon"),)),
    "momentum": Edit(
        changed("projection", "normalization", momentum=0.5), (("projection", "normalization", "momentum"),)
    ),
    "frozen": Edit(
        changed("projection", "convolution", trainable_parameters=0), (("projection", "convolution", "trainable"),)
    ),
    "mark behind": Edit(
        at_the_end(lambda name: Layer(name, "activation", "Activation")), (("between", "added", "added"),)
    ),
    "noise behind": Edit(
        at_the_end(lambda name: Layer(name, "augmentation", "GaussianNoise")), (("between", "added", "added"),)
    ),
    "convolution behind": Edit(convolution_behind, (("between", "added", "added"),)),
    "depthwise convolution behind": Edit(depthwise_behind, (("between", "added", "added"),)),
    "expansion over nine positions": Edit(
        changed("expansion", "convolution", kernel=(3, 3), padding="same"), (("expansion", "convolution", "kernel"),)
    ),
    "shuffled channels": Edit(shuffle, (("depthwise", "added", "added"),)),
    "gate behind": Edit(spatial_gate, (("between", "added", "added"),)),
    "gate before the squeeze-excite": Edit(spatial_gate_before, (("attention", "attention", "presence"),)),
}
"""By name."""


def with_edits(graph: LayerGraph, edits: Sequence[tuple[str, SubBlock]]) -> tuple[LayerGraph, set[Difference]]:
    """A graph with edits applied to its sub-blocks, and the differences that they make.

    Raises:
        NotHere: where a sub-block has nothing that an edit is about.
    """
    expected: set[Difference] = set()
    for name, sub_block in edits:
        graph = EDITS[name].apply(graph, sub_block)
        expected |= {(sub_block.name, *difference) for difference in EDITS[name].differences}
    return graph, expected
